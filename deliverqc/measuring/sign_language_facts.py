"""Says what the sign-language video in the audio channels of a DCP is like; opens no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts
from deliverqc.packages.descriptors import described_in_file
from deliverqc.packages.model import SOUND
from deliverqc.probing.sign_language import CHANNEL, SignLanguageVideo, read_sign_language

if TYPE_CHECKING:
    from deliverqc.measuring.compositions import PackagedComposition
    from deliverqc.probing.wrappers.mxf_identity import TrackFileIdentity

_FACT = "package.composition.sign_language_videos"
_SYMBOLS = ("SLVS", "CHSLVS")
"""Tag symbol of the channel (MCA), in capitals."""

_NONE, _UNREAD = "none", "unread"


def read_videos(packaged: PackagedComposition) -> Mapping[Path, SignLanguageVideo | None]:
    """What the audio files of a DCP with channels enough carry; a file that cannot be read is left out."""
    found: dict[Path, SignLanguageVideo | None] = {}
    for track, file in () if packaged.composition.is_imf else packaged.uses(SOUND):
        path = packaged.package.file_of(track)
        if path is None or file is None or file.probed is None or path in found or track.is_encrypted:
            continue
        channel = _channel(packaged.identities.get(path))
        if (file.probed.facts.get("sound.channel_count") or 0) > channel:
            try:
                found[path] = read_sign_language(path, channel)
            except (OSError, ValueError):
                continue
    return found


def sign_language_facts(packaged: PackagedComposition) -> Facts:
    """The video of each use of an audio file that has one, or whose label promises one; None where there is none, and
    no fact where a file was not looked into."""
    videos = packaged.sign_language
    if videos is None or packaged.composition.is_imf:
        return {}
    entries: list[dict[str, Any]] = []
    for track, file in packaged.uses(SOUND):
        path = packaged.package.file_of(track)
        count = None if file is None or file.probed is None else file.probed.facts.get("sound.channel_count")
        identity = None if path is None else packaged.identities.get(path)
        if path is None or count is None or (count > _channel(identity) and path not in videos):
            return {}
        named = {"id": track.identity.text, "reel": track.reel, "kind": track.kind}
        entries += [
            named | members for members in _members(videos.get(path), is_labelled=_labelled(identity) is not None)
        ]
    return {_FACT: entries or None}


def _members(video: SignLanguageVideo | None, *, is_labelled: bool) -> Iterator[dict[str, Any]]:
    if video is None:
        if is_labelled:
            yield {"codec": _NONE}
        return
    members: dict[str, Any] = {
        "codec": video.codec or _UNREAD,
        "max_bit_rate_bps": video.max_bit_rate_bps,
        "unread_block_count": video.unread_count,
    }
    if video.codec is not None:
        rate, form = video.frame_rate, video.pixel_format or ""
        members |= {
            "width_px": video.width_px,
            "height_px": video.height_px,
            "frame_rate": None if rate is None else f"{rate.numerator}/{rate.denominator}",
            "chroma_subsampling": "4:2:0" if form.startswith("yuv420p") else f"other:{form}",
        }
    yield members


def _channel(identity: TrackFileIdentity | None) -> int:
    labelled = _labelled(identity)
    return CHANNEL if labelled is None else labelled


def _labelled(identity: TrackFileIdentity | None) -> int | None:
    """The channel whose label says sign-language video, from 0."""
    for descriptor in () if identity is None else identity.descriptors:
        for sub in described_in_file(descriptor).subs:
            number = sub.values.get("MCAChannelID", "")
            if sub.values.get("MCATagSymbol", "").upper() in _SYMBOLS and number.isdecimal() and int(number):
                return int(number) - 1
    return None
