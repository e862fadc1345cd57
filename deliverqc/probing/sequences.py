"""Reads the header of every frame of an image sequence and gives its facts; decodes nothing, and keeps the first header
and what others state otherwise.

A sequence has no frame rate of its own. Where the headers state none, none is a fact: a rate that is given with the
check places frames in time, and is not published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from deliverqc.errors import MasterError
from deliverqc.facts.model import Facts
from deliverqc.frame_files import FrameFiles
from deliverqc.probing.stills import read_still
from deliverqc.probing.stills.model import NotAStillError, Still
from deliverqc.timebase import Timecode, format_rate, nearest_standard_rate, nominal_rate

if TYPE_CHECKING:
    from deliverqc.probing.trust import Trusted

_MOST = 1000  # entries of a list: house choice
_MOST_CHANGES = 200
_HIGHEST_COUNTED = 30
"""Above this rate two frames share a timecode address (SMPTE ST 12-1 section 12), and jumps are not looked for."""
_OF_A_RATE = ("frame_rate", "frame_rate_hz", "nearest_standard_rate", "frame_rate_mode")
_NO_NAME = "pixel_format"


@dataclass(slots=True)
class Scan:
    """What the headers of all frames say. `faulty`: index of a frame and what is wrong with its file. `changes`: by
    fact and value, the index of the first frame with it and how many there are. `timecodes`: of the frame before."""

    first: Still | None = None
    first_index: int = 0
    size_bytes: int = 0
    missing_byte_count: int = 0
    faulty: list[tuple[int, str, str]] = field(default_factory=list)
    changes: dict[tuple[str, Any], tuple[int, int]] = field(default_factory=dict)
    jumps: list[tuple[int, str, str | None]] = field(default_factory=list)
    jump_count: int = 0
    is_all_display_referred: bool = True
    expected: tuple[int, Timecode] | None = None


def scan_headers(frames: FrameFiles, given_rate: Fraction | None) -> Scan:
    """Read every header. An OSError of the file system comes through."""
    scan = Scan()
    for number, name in frames.frames:
        index = number - frames.first
        path = frames.folder / name
        size = path.stat().st_size
        scan.size_bytes += size
        try:
            with path.open("rb") as file:
                still = read_still(file, size)
        except NotAStillError as error:
            _fault(scan, index, name, str(error))
            continue
        _compare(scan, index, name, still, size)
        _follow_timecode(scan, index, name, still, given_rate)
    return scan


def _fault(scan: Scan, index: int, name: str, fault: str) -> None:
    if len(scan.faulty) < _MOST:
        scan.faulty.append((index, name, fault))


def _compare(scan: Scan, index: int, name: str, still: Still, size: int) -> None:
    if still.end is not None and still.end > size:
        scan.missing_byte_count += still.end - size
        _fault(scan, index, name, f"it is cut: {size} of at least {still.end} bytes are there")
    elif still.is_unfinished:
        scan.missing_byte_count += 1
        _fault(scan, index, name, "its writer did not finish it")
    scan.is_all_display_referred = scan.is_all_display_referred and still.is_display_referred
    if scan.first is None:
        scan.first, scan.first_index = still, index
        return
    if still.look == scan.first.look:
        return
    then, now = dict(scan.first.look), dict(still.look)
    for fact in sorted(then.keys() | now.keys()):
        value = now.get(fact)
        if value == then.get(fact):
            continue
        key = (fact, _hashable(value))
        if key in scan.changes or len(scan.changes) < _MOST_CHANGES:
            begins, count = scan.changes.get(key, (index, 0))
            scan.changes[key] = (begins, count + 1)


def _hashable(value: Any) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, list):
        return tuple(value)
    return tuple(sorted(value.items())) if isinstance(value, Mapping) else value


def _follow_timecode(scan: Scan, index: int, name: str, still: Still, given_rate: Fraction | None) -> None:
    """Note where the timecode of a frame is not the next one after that of the frame before it."""
    rate = _counted_rate(still.frame_rate or given_rate)
    if rate is None or (scan.expected is None and scan.first is not still):
        return
    found = _parsed(still.timecode, rate)
    if scan.expected is not None:
        at, timecode = scan.expected
        due = timecode + (index - at)
        if found is None or found.frame != due.frame:
            scan.jump_count += 1
            if len(scan.jumps) < _MOST:
                scan.jumps.append((index, name, still.timecode))
    if found is not None:
        scan.expected = (index, found)


def _counted_rate(rate: Fraction | None) -> Fraction | None:
    standard = None if rate is None else nearest_standard_rate(rate) or rate
    return None if standard is None or nominal_rate(standard) > _HIGHEST_COUNTED else standard


def _parsed(text: str | None, rate: Fraction) -> Timecode | None:
    try:
        return None if text is None else Timecode.parse(text, rate)
    except ValueError:
        return None


def probe_frames(frames: FrameFiles, given_rate: Fraction | None) -> Trusted:
    """The facts of a sequence and what they say of its track. MasterError where no frame of it can be read."""
    from deliverqc.probing.trust import put_together  # with libav and the readers 80 ms

    scan = scan_headers(frames, given_rate)
    if scan.first is None:
        raise _nothing_readable(frames, scan)
    rate = scan.first.frame_rate
    file: Facts = {
        "file.name": frames.pattern,
        "file.extension": frames.path.suffix.lower().removeprefix("."),
        "file.size_bytes": scan.size_bytes,
    }
    container, beside, structure = _readings(frames, scan, rate or given_rate)
    trusted = put_together(container, beside, structure, file)
    facts = _without_invented(dict(trusted.facts), scan)
    facts |= _sequence_facts(frames, scan)
    missing = frames.span_count - len(frames.frames)
    facts["decode.missing_frame_count"] = missing + sum(fault.startswith("it is empty") for _, _, fault in scan.faulty)
    if rate is not None or given_rate is not None:
        facts["sequence.timecode_jumps"] = [
            {"file": name, "frame": index, "timecode": found} for index, name, found in scan.jumps
        ]
    return replace(trusted, facts=facts, frame_rate=rate or given_rate)


def _nothing_readable(frames: FrameFiles, scan: Scan) -> MasterError:
    _, name, fault = scan.faulty[0]
    which = f"No frame of {frames.pattern} can be read" if len(frames.frames) > 1 else f"{name} cannot be read"
    return MasterError(f"{which}: {name}: {fault}. Export or copy it again.", code="not-media")


def _readings(frames: FrameFiles, scan: Scan, timed_at: Fraction | None) -> tuple[Any, Any, Any]:
    """What the headers say in the shape that libav's, MediaInfo's and the walkers' readings have: the one reader of a
    still stands for all of them, so that what it does not find is null."""
    from deliverqc.probing.container import ContainerReading
    from deliverqc.probing.reading import Reading, TrackReading
    from deliverqc.probing.structure import Structure

    assert scan.first is not None
    first = scan.first
    stated = {name: value for name, value in first.picture.items() if value is not None}
    codec = stated.pop("codec")
    wrapper = dict(stated) | ({"frame_rate": first.frame_rate} if first.frame_rate is not None else {})
    track = TrackReading(
        index=0,
        identity=0,
        facts={**stated, "codec": codec, "frame_count": frames.span_count, "start_s": Fraction(0)}
        | ({"frame_rate": first.frame_rate} if first.frame_rate is not None else {}),
    )
    ours = Reading(general={"wrapper.format": "image_sequence"}, pictures=(track,), sounds=(), texts=())
    nothing = TrackReading(index=0, identity=0, facts={})
    return (
        ContainerReading(reading=ours, format_name="image_sequence", main_picture=0, indexed_frames={}),
        Reading(general={}, pictures=(nothing,), sounds=(), texts=()),
        Structure(
            family="stills",
            missing_byte_count=scan.missing_byte_count,
            shows_cut_end=False,  # no frame says how many there are
            keyed_by="index",
            pictures={0: wrapper},
            description_changes=tuple(_description_changes(scan)),
            timecodes=tuple(_timecodes(scan, timed_at)),
        ),
    )


def _timecodes(scan: Scan, timed_at: Fraction | None) -> Iterator[Any]:
    from deliverqc.probing.reading import StatedTimecode

    first = scan.first
    if first is None or first.timecode is None:
        return
    rate = _counted_rate(timed_at)
    jumps = []
    for index, _, text in scan.jumps:
        found = None if rate is None else _parsed(text, rate)
        if found is not None and timed_at is not None:
            jumps.append((index / timed_at, found.frame))
    source = "exr" if first.sequence["file_format"] == "openexr" else str(first.sequence["file_format"])
    moved = scan.first_index
    start: str | int = first.timecode
    if moved and rate is not None and (parsed := _parsed(first.timecode, rate)) is not None and parsed.frame >= moved:
        start = str(parsed + -moved)  # frames before it cannot be read
    yield StatedTimecode(source=source, start=start, rate=first.frame_rate or timed_at, jumps=tuple(jumps))


def _description_changes(scan: Scan) -> Iterator[Facts]:
    """What headers state of the picture other than the first one, as strings."""
    assert scan.first is not None
    then = dict(scan.first.look)
    for (fact, value), (index, _) in sorted(scan.changes.items(), key=lambda one: (one[1][0], one[0][0])):
        if fact.startswith("picture."):
            yield {
                "track": "picture 0",
                "fact": fact,
                "from": _words(then.get(fact)),
                "to": _words(value),
                "frame": index,
            }


def _words(value: Any) -> str | None:  # noqa: ANN401  any JSON value
    if value is None:
        return None
    if isinstance(value, Fraction):
        return format_rate(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _without_invented(facts: Facts, scan: Scan) -> Facts:
    """Leave out what a sequence cannot say: a rate that no header states, libav's name of the decoded pixels, and that
    two readers agree."""
    assert scan.first is not None
    left_out = (_NO_NAME, *(_OF_A_RATE if scan.first.frame_rate is None else ()))
    for name in left_out:
        facts.pop(f"picture.{name}", None)
    tracks = [
        {name: value for name, value in track.items() if name not in left_out} for track in facts["picture.tracks"]
    ]
    facts.pop("cross_check.probe_disagreements", None)
    return facts | {"picture.tracks": tracks}


def _sequence_facts(frames: FrameFiles, scan: Scan) -> Facts:
    assert scan.first is not None
    then, first = dict(scan.first.look), scan.first
    names = dict(frames.frames)
    facts: Facts = {
        "sequence.file_name_pattern": frames.pattern,
        "sequence.frame_count": len(frames.frames),
        "sequence.first_frame_number": frames.first,
        "sequence.last_frame_number": frames.last,
        "sequence.missing_frame_numbers": [
            {"first_number": begin, "last_number": end, "frame_count": end - begin + 1}
            for begin, end in frames.missing[:_MOST]
        ],
        "sequence.duplicate_files": [name for _, name in frames.doubles[:_MOST]],
        "sequence.irregular_names": list(frames.irregular[:_MOST]),
        "sequence.faulty_files": [{"file": name, "frame": i, "fault": fault} for i, name, fault in scan.faulty],
        "sequence.changes": [
            {
                "fact": fact,
                "from": _words(then.get(fact)),
                "to": _words(value),
                "file": names[frames.first + index],
                "frame": index,
                "frame_count": count,
            }
            for (fact, value), (index, count) in sorted(scan.changes.items(), key=lambda one: (one[1][0], one[0][0]))
        ],
        "sequence.is_display_referred": scan.is_all_display_referred,
        "sequence.start_timecode": first.timecode if scan.first_index == 0 else None,
    }
    return facts | {f"sequence.{name}": first.sequence.get(name) for name in _STATED_BY_FORMAT}


_STATED_BY_FORMAT = (
    "file_format",
    "byte_order",
    "sample_format",
    "components",
    "channels",
    "compression",
    "packing",
    "transfer",
    "colorimetry",
    "data_window_px",
    "display_window_px",
    "gamma",
    "has_icc_profile",
)
"""What headers of some formats state of the first frame; null where its format does not."""
