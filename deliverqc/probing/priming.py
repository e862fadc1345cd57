"""The priming of audio tracks as facts: what the wrapper or the head of the coding states; reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from deliverqc.facts.model import Facts
from deliverqc.probing.wrappers.priming import Priming

PRIMED = ("aac", "mp3", "opus", "vorbis", "ac3", "eac3", "mp2")
"""Codings whose encoders put samples before the sound."""

PRIMING_FACTS = ("priming_samples", "priming_source", "padding_samples")

_PADDING_UNREAD = ("codec_delay", "opus_head")
"""The last blocks of Matroska and the last page of Ogg say how much is padding, and are not read for it."""

_ALWAYS_PRIMED = ("aac", "mp3")
_OPUS_RATE_HZ = 48_000  # of its pre-skip, whatever the source was (RFC 7845 section 5.1)
_OPUS_HEAD = b"OpusHead"
_FORMATS = ("mov", "mp4")


def opus_priming(extradata: bytes | None) -> Priming | None:
    """The pre-skip that the identification header of Opus states (RFC 7845 section 5.1)."""
    if extradata is None or not extradata.startswith(_OPUS_HEAD) or len(extradata) < 12:
        return None
    skipped = int.from_bytes(extradata[10:12], "little")
    return Priming(source="opus_head", start=Fraction(skipped), unit_s=Fraction(1, _OPUS_RATE_HZ))


def priming_facts(track: Facts, stated: Mapping[int, Priming] | None, key: int, opus: Priming | None) -> Facts:
    """Priming of one track with its source and its padding; nothing where the wrapper is one that is not searched.
    What the wrapper states counts before the head of the coding, since players follow it."""
    if track.get("codec") not in PRIMED:
        found = None
    elif stated is None and opus is None:
        return {}
    else:
        found = (stated or {}).get(key) or opus
    rate = track.get("sample_rate_hz")
    if found is None:
        return {"priming_samples": None, "priming_source": None, "padding_samples": None}
    if not rate:
        return {}
    samples, padding = found.samples(rate)
    facts: Facts = {"priming_samples": samples, "priming_source": found.source}
    return facts if found.source in _PADDING_UNREAD else facts | {"padding_samples": padding}


def unstated_priming(wrapper_format: object, picture_count: int, tracks: Iterable[Facts]) -> Facts:
    """Tracks of AAC or MP3 beside a picture in MOV or MP4 whose priming nothing states; nothing where that was not
    looked for."""
    if wrapper_format not in _FORMATS or not picture_count:
        return {"cross_check.unstated_priming_tracks": None}
    primed = [(order, track) for order, track in enumerate(tracks) if track.get("codec") in _ALWAYS_PRIMED]
    if any("priming_samples" not in track for _, track in primed):
        return {}
    unstated = [
        {"order": order, "priming_codec": track["codec"]} for order, track in primed if track["priming_samples"] is None
    ]
    return {"cross_check.unstated_priming_tracks": unstated}
