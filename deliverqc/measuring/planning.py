"""What has to be decoded and which meters have to run, from the specs that ask; decodes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from deliverqc.facts.channel_pairs import channel_pairs
from deliverqc.facts.model import Facts
from deliverqc.measuring.registry import registry
from deliverqc.meters import meters
from deliverqc.probing import Probed
from deliverqc.speclang.model import Spec

if TYPE_CHECKING:
    from deliverqc.signals.plan import Plan

SHOWN = frozenset({"loudness", "black"})
"""Meters that run on every full check, whether a clause asks or not: every report shows loudness, and whether there is
picture and sound at all is asked of every master."""

_METER = "meter:"
_VOICE = "voice"
_ALONE = "file"
_OF_CAPTIONS = frozenset({"cea_608", "cea_708", "st436_vanc"})
_FEWEST_EVENTS = 20
"""With fewer, nothing can be said: deliverqc/measuring/text_speech.py."""


def meters_of(spec: Spec) -> frozenset[str]:
    """The meters whose facts the clauses and expectations of `spec` read."""
    table = registry().facts
    names = {name for clause in spec.clauses for name in clause.facts()}
    return frozenset(
        giver.removeprefix(_METER)
        for name in names
        if name in table
        for giver in table[name].given_by
        if giver.startswith(_METER)
    )


def extensions_of(wanted: Iterable[str]) -> frozenset[str]:
    """The columns on demand that the `wanted` meters read."""
    return frozenset(found for name in wanted if (found := meters()[name].extension) is not None)


def heard_for_text(facts: Facts) -> frozenset[str]:
    """The columns on demand that show whether text keeps time with speech, where a master has text that can."""
    tracks = facts.get("timed_text.tracks", ())
    is_long = any(track.get("source") != _ALONE and track.get("event_count", 0) >= _FEWEST_EVENTS for track in tracks)
    may_hold = not _OF_CAPTIONS.isdisjoint(facts.get("timed_text.carrier_tracks", ()))
    return frozenset({_VOICE}) if (is_long or may_hold) and facts.get("sound.tracks") else frozenset()


def _color_range(facts: Facts) -> str | None:
    """The range of the codes, which the decoder tells best unless it has it from a header of its own (AVC-Intra)."""
    if facts.get("picture.codec") != "h264":
        return None
    return facts.get("picture.color_range") or "limited"


def plan_of(probed: Probed, extensions: Iterable[str] = ()) -> Plan:
    """What has to be decoded of a probed master, with those columns on demand."""
    from deliverqc.signals.columns import Colorimetry  # with the plan 2 ms, and a headers run decodes nothing
    from deliverqc.signals.plan import Plan

    return Plan(
        picture_index=probed.picture_index,
        picture_indexes=tuple(track["index"] for track in probed.facts.get("picture.tracks", ())),
        sound_indexes=probed.sound_indexes,
        frame_rate=probed.frame_rate,
        promised_frame_count=probed.promised_frame_count,
        is_truncated=probed.frames is None and _is_truncated(probed.facts),
        pairs=channel_pairs(probed.facts),
        extensions=tuple(sorted(extensions)),
        shown_lines=probed.shown_lines,
        coded=frozenset(
            (number, channel)
            for number, track in enumerate(probed.facts.get("sound.tracks", ()))
            for channel in track.get("coded_channels") or ()
        ),
        color_range=_color_range(probed.facts),
        frames=probed.frames,
        may_hold_iab=may_hold_iab(probed.facts),
        caption_tracks=probed.caption_tracks,
        text_tracks=probed.text_tracks,
        colorimetry=Colorimetry(
            primaries=probed.facts.get("picture.color_primaries"),
            transfer=probed.facts.get("picture.color_transfer"),
            matrix=probed.facts.get("picture.color_matrix"),
            mastering_max_cd_m2=(probed.facts.get("picture.hdr.mastering_display") or {}).get("max_cd_m2"),
        ),
    )


def may_hold_iab(facts: Facts) -> bool:
    """Whether an MXF file is one of immersive audio: its sound is, or it shows neither picture nor sound, as track
    files of SMPTE ST 429-18, which hold it as data."""
    codings = [track.get("codec") for track in facts.get("sound.tracks", ())]
    is_data = not codings and facts.get("picture.track_count") == 0
    return facts.get("wrapper.format") == "mxf" and (is_data or "iab" in codings)


def _is_truncated(facts: Facts) -> bool:
    """Bytes are missing, or the writer never closed the file: then a last packet that is not whole is no damage."""
    return bool(facts.get("decode.missing_byte_count")) or facts.get("wrapper.is_closed") is False
