"""Turns the log of the one decode into facts, with what the headers state of it; opens no file and knows no spec."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from deliverqc.facts.assemble import round_facts
from deliverqc.facts.model import Facts
from deliverqc.facts.probed import probed_facts
from deliverqc.timebase import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deliverqc.probing import Probed
    from deliverqc.probing.reading import StatedLength
    from deliverqc.signals.tables import DecodeLog, Signals, TimeGap, TrackLength


_MOST_PACKETS_S = Fraction(1, 4)
"""Bound of what two packets may last: house choice, above those of any coding of sound and of pictures at 8 Hz."""
_FOUND_BY_SYNC = ("mpegts", "mpegps")
_STEADY = ("mpeg1video", "mpeg2video")
"""Codings whose pictures come at one distance (ISO/IEC 13818-2 section 6.3.3), in transport streams that record what
was sent; others may leave pictures out on purpose."""
_STAMP_S = Fraction(1, 1000)
"""How far time stamps may be off: house choice, a tenth of the shortest packet in use or less."""
_JOIN_S = 0.25
"""House choice: tracks that are joined go on within so much of each other, and losses are shorter."""


def decode_facts(signals: Signals, timeline: Timeline, probed: Probed | None = None) -> Facts:
    """The facts that a decode gives, with what the file states of its length (`probed`).

    `decode.errors` is missing where a track has no decoder here and no error was seen elsewhere: whether it is sound
    was not measured. Of a part of a master only what is wrong with it is a fact: counts, and that there is no error,
    can be told of the whole only.
    """
    log, is_whole = signals.log, signals.part is None
    facts: Facts = {
        "decode.warnings": [
            {"track": remark.track, "message": remark.message, "count": remark.count} for remark in log.warnings
        ],
    }
    errors: list[dict[str, Any]] = [
        {
            "track": remark.track,
            "message": remark.message,
            "frame": remark.frame,
            "start_s": seconds(remark.start_s, probed),
            "file": _file_of(remark.frame, probed),
            "start_timecode": None
            if seconds(remark.start_s, probed) is None
            else start_timecode(timeline, remark.start_s or 0.0, remark.frame),
            "count": remark.count,
        }
        for remark in log.errors
    ]
    gaps = [
        {
            "track": gap.track,
            "frame": gap.frame,
            "start_s": gap.start_s,
            "gap_s": gap.gap_s,
            "start_timecode": start_timecode(timeline, gap.start_s, gap.frame),
        }
        for gap in log.gaps
    ]
    if gaps or is_whole:
        facts["decode.time_gaps"] = gaps
    lost = [_missing_span(gap, frames, timeline) for gap, frames in _lost_in(log, probed)]
    if lost or is_whole:
        facts["decode.missing_spans"] = lost
    if is_whole:
        facts |= _sound_against_picture(signals)
        facts |= _lengths(signals, probed)
        if log.frame_count is not None or not any(name.startswith("picture") for name in log.undecodable):
            facts["decode.frame_count"] = log.frame_count
        if log.missing_frame_count is not None or probed is None or probed.frames is None:
            facts["decode.missing_frame_count"] = log.missing_frame_count
    if errors or (is_whole and not log.undecodable):
        facts["decode.errors"] = errors
    return round_facts(facts, probed_facts())


def is_untimed(probed: Probed | None) -> bool:
    """Whether frames have numbers and no times: an image sequence whose rate nobody states."""
    return probed is not None and probed.frames is not None and probed.frame_rate is None


def seconds(start_s: float | None, probed: Probed | None) -> float | None:
    """That time, or None where frames are untimed."""
    return None if is_untimed(probed) else start_s


def _file_of(frame: int | None, probed: Probed | None) -> str | None:
    """The file of a frame of an image sequence."""
    return None if frame is None or probed is None or probed.frames is None else probed.frames.name_of(frame)


def _lost_in(log: DecodeLog, probed: Probed | None) -> Iterator[tuple[TimeGap, int]]:
    """Gaps that packets leave which are not there, and how many: in a transport or programme stream, where a decoder
    finds packets by their first bytes, as long as a whole number of them, in one track alone and not signalled."""
    facts = probed.facts if probed is not None else {}
    if facts.get("wrapper.format") not in _FOUND_BY_SYNC:
        return
    is_steady = facts.get("picture.codec") in _STEADY or facts.get("picture.frame_rate_mode") == "constant"
    packets = {length.track: length.packet_s for length in log.lengths}
    for gap in log.gaps:
        packet_s = packets.get(gap.track, Fraction(0))
        if gap.frame is not None:
            rate = Fraction(facts.get("picture.frame_rate") or 0) if is_steady else Fraction(0)
            packet_s = 1 / rate if rate else Fraction(0)
        gap_s = Fraction(gap.gap_s).limit_denominator(1_000_000)
        frames = round(gap_s / packet_s) if packet_s else 0
        is_whole_number = frames > 0 and abs(gap_s - frames * packet_s) <= _STAMP_S
        if is_whole_number and not gap.is_signalled and not any(_is_jump(gap, other) for other in log.gaps):
            yield gap, frames


def _is_jump(gap: TimeGap, other: TimeGap) -> bool:
    """Whether the time of two tracks goes on later at one place, as where two recordings are joined."""
    return (
        gap.track != other.track
        and abs(gap.start_s - other.start_s) <= _JOIN_S
        and abs(gap.gap_s - other.gap_s) <= _JOIN_S
        and gap.gap_s > _JOIN_S
    )


def _missing_span(gap: TimeGap, frames: int, timeline: Timeline) -> dict[str, Any]:
    return {
        "track": gap.track,
        "frame": gap.frame,
        "start_s": gap.start_s,
        "duration_s": gap.gap_s,
        "packet_count": frames,
        "start_timecode": start_timecode(timeline, gap.start_s, gap.frame),
    }


def start_timecode(timeline: Timeline, start_s: float, frame: int | None) -> str | None:
    """Timecode at `start_s`, which is the beginning of a frame where one is known."""
    start = Fraction(start_s).limit_denominator(1_000_000)
    return timeline.timecode_at(start) if frame is None else timeline.timecode_of_frame(start)


def _lengths(signals: Signals, probed: Probed | None) -> Facts:
    """Stated lengths that are not there. Missing where a track that states one has no decoder here, as it is not
    read."""
    held = {length.track: length for length in signals.log.lengths}
    stated = probed.lengths if probed is not None else ()
    facts: Facts = {}
    missing: list[dict[str, Any]] = [
        {
            "track": length.name,
            "source": length.source,
            "stated_s": length.duration_s,
            "held_s": there,
            "missing_s": length.duration_s - there,
        }
        for length in stated
        if (there := _held(length, held)) is not None and length.duration_s - there > _tolerance(length, held)
    ]
    if missing or all(_held(length, held) is not None for length in stated):
        most = max((row["missing_s"] for row in missing), default=0 if stated else None)
        facts |= {"decode.missing_durations": missing, "decode.missing_duration_s": most}
    ends = [length.end_s for length in held.values() if length.end_s is not None]
    is_silent_about_its_end = probed is not None and probed.facts.get("wrapper.shows_cut_end") is False
    is_comparable = is_silent_about_its_end and len(ends) > 1
    facts["decode.end_difference_s"] = max(ends) - min(ends) if is_comparable else None
    return facts


def _held(stated: StatedLength, held: Mapping[str, TrackLength]) -> Fraction | None:
    """Seconds that are there of what is stated; of the whole file, up to the end of the track that ends last."""
    if stated.held_s is not None:
        return stated.held_s
    if stated.name is not None:
        return held[stated.name].held_s if stated.name in held else None
    of_all = [length for one in held.values() for length in (one.held_s, one.end_s) if length is not None]
    return max(of_all, default=None)


def _tolerance(stated: StatedLength, held: Mapping[str, TrackLength]) -> Fraction:
    if stated.tolerance_s is not None:
        return stated.tolerance_s
    tracks = [held[stated.name]] if stated.name is not None else list(held.values())
    return min(_MOST_PACKETS_S, max((2 * track.packet_s for track in tracks), default=Fraction(0)))


def _sound_against_picture(signals: Signals) -> Facts:
    """How far sound stands from the picture at either end, in the track that stands farthest."""
    picture, sounds = signals.picture, [sound for sound in signals.sounds if sound.sample_count]
    starts = ends = None
    if picture is not None and picture.frame_count and sounds:
        end_s = Fraction(float(picture.start_s[-1])).limit_denominator(1_000_000) + 1 / picture.frame_rate
        starts = [sound.offset_s for sound in sounds]
        ends = [sound.offset_s + Fraction(sound.sample_count, sound.sample_rate_hz) - end_s for sound in sounds]
    return {
        "decode.sound_start_difference_s": None if starts is None else max(starts, key=abs),
        "decode.sound_end_difference_s": None if ends is None else max(ends, key=abs),
    }
