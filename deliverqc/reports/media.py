"""A master told from its facts, as a client reads it: wrapper, picture, sound; knows no format and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deliverqc.reports import wording
from deliverqc.timebase import format_elapsed

_NOT_STATED = "not stated"
_TIMECODE_FAULTS = {
    "drop_frame_at_this_rate": "drop-frame timecode does not exist at this rate",
    "jumps": "the timecode jumps",
    "not_the_pictures_rate": "the timecode does not count at the frame rate of the picture",
    "beyond_24_hours": "outside the 24 hours of a day",
    "no_such_address": "this rate has no such address",
    "not_a_timecode": "not of the form hh:mm:ss:ff",
    "rate_unknown": "the rate at which it counts is not known",
}

_WHOLE_LOUDNESS, _PROGRAMME_LOUDNESS = "loudness.integrated_lufs", "programme.loudness.integrated_lufs"
_FOUND_BY = {
    "as11_segmentation": "by the AS-11 segmentation",
    "start_timecode": "by its start timecode",
    "after_leader": "after the leader",
    "given": "as given",
}

_GROUP_COLUMNS = (
    ("Layout", "layout", None),
    ("Language", "language", None),
    ("Integrated", _WHOLE_LOUDNESS, "LUFS"),
    ("Of the programme", _PROGRAMME_LOUDNESS, "LUFS"),
    ("Short-term, max.", "loudness.max_short_term_lufs", "LUFS"),
    ("True peak, max.", "loudness.max_true_peak_dbtp", "dBTP"),
    ("Range", "loudness.range_lu", "LU"),
)
_TRACK_COLUMNS = (
    ("Coding", "codec", None),
    ("Sampling rate", "sample_rate_hz", "Hz"),
    ("Depth", "bit_depth_bits", "bit"),
    ("Channels", "channel_count", None),
    ("Layout", "layout", None),
    ("Language", "language", None),
)


_TEXT_COLUMNS = (
    ("File", "file", None),
    ("Service", "service", None),
    ("Format", "format", None),
    ("Coding", "codec", None),
    ("Profile", "profile", None),
    ("Language", "language", None),
    ("Role", "role", None),
    ("Events", "event_count", None),
    ("First event", "first_event_s", "s"),
    ("End of the last event", "last_event_end_s", "s"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows under column heads; the first column is the number of the track or group, from 0 as in the facts."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def wrapper_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the wrapper says, label and value; a fact that was not measured has no row."""
    drop_frame = {True: "drop-frame", False: "non-drop-frame", None: ""}[facts.get("wrapper.drop_frame")]
    faults = "; ".join(_timecode_fault(fault) for fault in facts.get("wrapper.timecode_faults") or ())
    start = _stated(facts, "wrapper.start_timecode") if faults else _told(facts, "wrapper.start_timecode")
    rows = [
        ("Format", _joined(_told(facts, "wrapper.format"), _stated(facts, "wrapper.mxf_operational_pattern"))),
        ("Duration", _elapsed(facts, "wrapper.duration_s")),
        ("Start timecode", _joined(start, drop_frame) if start else ""),
        ("Timecode fault", faults),
        ("Programme", _programme(facts)),
        ("Title", _told(facts, "wrapper.title")),
        ("Written by", _told(facts, "wrapper.writing_application")),
    ]
    return [(label, value) for label, value in rows if value]


def picture_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is known of the main picture track, label and value; a fact that was not measured has no row."""
    colour = [(name, _told(facts, f"picture.color_{name}")) for name in ("primaries", "transfer", "matrix")]
    rows = [
        ("Coding", _joined(*(_told(facts, f"picture.{name}") for name in ("codec", "codec_profile", "codec_level")))),
        ("Size", _size(facts)),
        ("Frame rate", _rate(facts)),
        ("Frames", _told(facts, "picture.frame_count")),
        ("Scan", _joined(_told(facts, "picture.scan"), _stated(facts, "picture.field_order"))),
        (
            "Sampling",
            _joined(_told(facts, "picture.chroma_subsampling"), _told(facts, "picture.bit_depth_bits", "bit")),
        ),
        ("Colour", ", ".join(f"{name} {value}" for name, value in colour if value)),
        ("Colour range", _told(facts, "picture.color_range")),
        ("MaxCLL", _stated(facts, "picture.hdr.max_cll_cd_m2", "cd/m²")),
        ("MaxFALL", _stated(facts, "picture.hdr.max_fall_cd_m2", "cd/m²")),
        ("Mastering display", _stated(facts, "picture.hdr.mastering_display")),
        ("Dolby Vision profile", _stated(facts, "picture.dolby_vision.profile")),
    ]
    return [(label, value) for label, value in rows if value]


def sound_tables(facts: Mapping[str, Any], expected: Mapping[tuple[str, int], str]) -> list[Table]:
    """Sound tracks and channel groups. `expected`: the broken expectation of a fact in a group, for honest decimals."""
    kinds = (("Sound tracks", "sound.tracks", _TRACK_COLUMNS), ("Channel groups", "sound.groups", _GROUP_COLUMNS))
    return [
        _table(title, name, facts[name], columns, expected) for title, name, columns in kinds if _is_table(facts, name)
    ]


def text_tables(facts: Mapping[str, Any]) -> list[Table]:
    """Tracks of timed text. What none of them has, and their coding where they have a format, is not shown."""
    name = "timed_text.tracks"
    if not _is_table(facts, name):
        return []
    tracks = facts[name]
    left_out = {"codec"} if all("format" in track for track in tracks) else set()
    columns = tuple(
        column
        for column in _TEXT_COLUMNS
        if column[1] not in left_out and any(track.get(column[1]) is not None for track in tracks)
    )
    return [_table("Timed-text tracks", name, tracks, columns, {})]


def broken_expectations(verdict: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    """What was wanted of each fact in a channel group that breaks a clause, by fact and group."""
    expected: dict[tuple[str, int], str] = {}
    for finding in (finding for clause in verdict["clauses"] for finding in clause["findings"]):
        group = finding["where"].get("group")
        if isinstance(group, int):
            place = finding["fact"], group
            expected[place] = f"{expected.get(place, '')} {finding['expected']}"
    return expected


def _table(
    title: str,
    name: str,
    members: list[Mapping[str, Any]],
    columns: tuple[tuple[str, str, str | None], ...],
    expected: Mapping[tuple[str, int], str],
) -> Table:
    present = [column for column in columns if _is_shown(column[1], members)]
    rows = tuple(
        (
            str(index),
            *(_cell(member, key, unit, expected.get((f"{name}[].{key}", index), "")) for _, key, unit in present),
        )
        for index, member in enumerate(members)
    )
    return Table(
        title=title, heads=(title.split()[-1].rstrip("s").capitalize(), *(head for head, _, _ in present)), rows=rows
    )


def _is_shown(key: str, members: list[Mapping[str, Any]]) -> bool:
    """Whether any member has the fact; loudness of a programme that is the whole master would be there twice."""
    if key == _PROGRAMME_LOUDNESS:
        return any(key in member and member[key] != member.get(_WHOLE_LOUDNESS) for member in members)
    return any(key in member for member in members)


def _programme(facts: Mapping[str, Any]) -> str:
    """Where the programme is and how it was found; nothing where it is the whole master, or was not looked for."""
    spans = facts.get("programme.spans")
    if "programme.spans" not in facts or (spans and len(spans) == 1 and spans[0].get("region") == "whole"):
        return ""
    if not spans:
        return "not found"
    places = ", ".join(wording.when_words({"span": span}) for span in spans)
    return f"{places}, {_FOUND_BY.get(facts['programme.found_by'], facts['programme.found_by'])}"


def _cell(member: Mapping[str, Any], key: str, unit: str | None, expected: str) -> str:
    if key not in member:
        return "not measured"
    return wording.value_words(member[key], expected=expected, unit=unit) if member[key] is not None else "none"


def _is_table(facts: Mapping[str, Any], name: str) -> bool:
    members = facts.get(name)
    return isinstance(members, list) and bool(members) and all(isinstance(member, Mapping) for member in members)


def _timecode_fault(fault: Mapping[str, Any]) -> str:
    return f"{fault['stated']} ({fault['source']}): {_TIMECODE_FAULTS[fault['fault']]}"


def _told(facts: Mapping[str, Any], name: str, unit: str | None = None) -> str:
    if name not in facts:
        return ""
    return _NOT_STATED if facts[name] is None else wording.value_words(facts[name], unit=unit)


def _stated(facts: Mapping[str, Any], name: str, unit: str | None = None) -> str:
    return "" if facts.get(name) is None else _told(facts, name, unit)


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in dict.fromkeys(parts) if part)


def _size(facts: Mapping[str, Any]) -> str:
    width, height = facts.get("picture.width_px"), facts.get("picture.height_px")
    if width is None or height is None:
        return ""
    pixel = facts.get("picture.pixel_aspect_ratio")
    return f"{width} × {height} px" + (f", pixels {pixel}" if pixel not in (None, "1/1") else "")


def _rate(facts: Mapping[str, Any]) -> str:
    exact, hertz = _told(facts, "picture.frame_rate"), facts.get("picture.frame_rate_hz")
    return f"{exact} ({wording.number(float(hertz), unit='Hz')} Hz)" if isinstance(hertz, int | float) else exact


def _elapsed(facts: Mapping[str, Any], name: str) -> str:
    seconds = facts.get(name)
    return format_elapsed(seconds).removeprefix("+") if isinstance(seconds, int | float) else _told(facts, name)
