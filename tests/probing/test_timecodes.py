"""Timecodes as files state them, and time bases as they occur."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from deliverqc.cli import main as command_line
from deliverqc.facts.document import check_document
from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import TIMECODE_FAULT
from deliverqc.measuring.registry import registry
from deliverqc.probing import probe
from deliverqc.probing.reading import StatedTimecode
from deliverqc.probing.timecodes import read_timecode
from deliverqc.reports.media import wrapper_rows
from deliverqc.timebase import Timecode
from tests.probing.recipes import Picture, make

NTSC, FILM = Fraction(30000, 1001), Fraction(24000, 1001)
_DAY_AT_24 = 24 * 3600 * 24


def _tmcd(frame: int, rate: Fraction | None, *, drops: bool = False, timescale: int | None = None) -> StatedTimecode:
    return StatedTimecode(source="tmcd", start=frame, rate=rate, is_drop_frame=drops, timescale=timescale)


@pytest.mark.parametrize(
    ("stated", "address", "counted_at", "faults"),
    [
        (_tmcd(107892, Fraction(2997, 100), drops=True), "01:00:00;00", NTSC, ()),
        (_tmcd(215784, Fraction(5994, 100), drops=True), "01:00:00;00", Fraction(60000, 1001), ()),
        (_tmcd(107892, Fraction(1_000_000, 33367), drops=True), "01:00:00;00", NTSC, ()),
        (_tmcd(86400, Fraction(2398, 100)), "01:00:00:00", FILM, ()),
        (_tmcd(86400, Fraction(24), drops=True), "01:00:00:00", Fraction(24), ("drop_frame_at_this_rate",)),
        (_tmcd(90000, Fraction(25), drops=True), "01:00:00:00", Fraction(25), ("drop_frame_at_this_rate",)),
        (_tmcd(1799, Fraction(30), drops=True), "00:00:59:29", Fraction(30), ("drop_frame_at_this_rate",)),
        (_tmcd(1800, Fraction(30), drops=True), None, Fraction(30), ("drop_frame_at_this_rate",)),
        (_tmcd(107892, Fraction(60), drops=True), None, Fraction(60), ("drop_frame_at_this_rate",)),
        (_tmcd(_DAY_AT_24 - 1, Fraction(24)), "23:59:59:23", Fraction(24), ()),
        (_tmcd(_DAY_AT_24, Fraction(24)), None, Fraction(24), ("beyond_24_hours",)),
        (_tmcd(2589407, NTSC, drops=True), "23:59:59;29", NTSC, ()),
        (_tmcd(2589408, NTSC, drops=True), None, NTSC, ("beyond_24_hours",)),
        (_tmcd(-5, NTSC), None, NTSC, ("beyond_24_hours",)),
        (
            _tmcd(_DAY_AT_24, Fraction(24), drops=True),
            None,
            Fraction(24),
            ("drop_frame_at_this_rate", "beyond_24_hours"),
        ),
        (_tmcd(86400, None), None, None, ("rate_unknown",)),
    ],
)
def test_a_frame_number_is_read_as_far_as_its_rate_lets_it(
    stated: StatedTimecode, address: str | None, counted_at: Fraction | None, faults: tuple[str, ...]
) -> None:
    read = read_timecode(stated, None)
    assert (read.address, read.rate, read.faults) == (address, counted_at, faults)
    assert (read.start is None) == (address is None)
    assert read.is_drop_frame is stated.is_drop_frame


@pytest.mark.parametrize(
    ("text", "rate", "address", "faults"),
    [
        ("01:00:00;00", NTSC, "01:00:00;00", ()),
        ("01:00:00;00", Fraction(2997, 100), "01:00:00;00", ()),
        ("01:00:00;00", Fraction(24), "01:00:00:00", ("drop_frame_at_this_rate",)),
        ("01:00:00;00", Fraction(30), "01:00:00:00", ("drop_frame_at_this_rate",)),
        ("00:01:00;00", NTSC, None, ("no_such_address",)),
        ("00:00:00:25", Fraction(25), None, ("no_such_address",)),
        ("00:60:00:00", Fraction(25), None, ("no_such_address",)),
        ("24:00:00:00", Fraction(25), None, ("beyond_24_hours",)),
        ("an hour", Fraction(25), None, ("not_a_timecode",)),
        ("01:00:00:00", None, "01:00:00:00", ("rate_unknown",)),
    ],
)
def test_an_address_as_text_is_read_at_the_rate_of_the_picture(
    text: str, rate: Fraction | None, address: str | None, faults: tuple[str, ...]
) -> None:
    read = read_timecode(StatedTimecode(source="tag", start=text), rate)
    assert (read.address, read.faults) == (address, faults)


def test_what_the_file_has_is_told_as_it_has_it() -> None:
    assert read_timecode(_tmcd(107892, Fraction(24), drops=True), None).stated == "frame 107892, 24/1, drop-frame"
    assert read_timecode(_tmcd(7, Fraction(2997, 100)), None).stated == "frame 7, 2997/100"
    assert read_timecode(_tmcd(7, None), None).stated == "frame 7, rate unknown"
    text = StatedTimecode(source="tag", start="01:00:00;00")
    assert read_timecode(text, Fraction(24)).stated == "01:00:00;00, picture at 24/1, drop-frame"


@pytest.mark.parametrize(
    ("stated", "picture_rate", "counted_at"),
    [
        (_tmcd(107892, Fraction(30), drops=True, timescale=600), NTSC, NTSC),
        (_tmcd(107892, Fraction(30), drops=True, timescale=600), Fraction(2997, 100), NTSC),
        (_tmcd(107892, Fraction(30), drops=True, timescale=30000), NTSC, Fraction(30)),
        (_tmcd(107892, Fraction(30), drops=True, timescale=600), Fraction(30), Fraction(30)),
        (_tmcd(107892, Fraction(30), drops=True, timescale=600), FILM, Fraction(30)),
        (_tmcd(107892, Fraction(2997, 100), drops=True, timescale=2997), Fraction(30), NTSC),
        (_tmcd(86400, Fraction(24), timescale=600), FILM, FILM),
        (_tmcd(86400, Fraction(24), timescale=24), FILM, FILM),
        (_tmcd(86400, Fraction(24), timescale=24000), FILM, Fraction(24)),
    ],
)
def test_a_rate_that_ticks_cannot_write_is_that_of_the_picture(
    stated: StatedTimecode, picture_rate: Fraction, counted_at: Fraction
) -> None:
    read = read_timecode(stated, picture_rate)
    assert read.rate == counted_at
    assert (read.faults == ()) == (counted_at == NTSC or not stated.is_drop_frame)


def test_a_start_that_an_edit_moves_over_midnight_is_no_fault() -> None:
    stated = StatedTimecode(source="tmcd", start=_DAY_AT_24 - 1, rate=Fraction(24), is_drop_frame=False, moved_by=2)
    read = read_timecode(stated, None)
    assert (read.address, read.faults) == ("00:00:00:01", ())


_TO_FLAGS = 16  # bytes from the four-character code of the entry to its flags, timescale and frame duration


def _set_tmcd(path: Path, *, drops: bool, timescale: int, ticks: int) -> Path:
    """Write flag and rate of the timecode track's sample entry anew (QTFF, timecode sample description)."""
    data = bytearray(path.read_bytes())
    entry = data.index(b"tmcd", data.rindex(b"stsd"))
    struct.pack_into(">III", data, entry + _TO_FLAGS, int(drops), timescale, ticks)
    path.write_bytes(data)
    return path


def _facts(path: Path) -> Facts:
    facts = probe(path).facts
    assert check_document(facts, registry().facts) == []
    return facts


@pytest.mark.parametrize(
    ("rate", "start", "options", "exact", "nearest"),
    [
        (Fraction(2997, 100), "01:00:00;00", {}, "2997/100", "30000/1001"),
        (Fraction(5994, 100), "01:00:00;00", {}, "2997/50", "60000/1001"),
        (Fraction(2398, 100), "01:00:00:00", {}, "1199/50", "24000/1001"),
        (NTSC, "00:59:59;28", {"video_track_timescale": "600"}, "30000/1001", "30000/1001"),
        (NTSC, "01:00:00;00", {"video_track_timescale": "90000"}, "30000/1001", "30000/1001"),
        (NTSC, "01:00:00;00", {"video_track_timescale": "1000000"}, "30000/1001", "30000/1001"),
        (FILM, "01:00:00:00", {"video_track_timescale": "600"}, "24000/1001", "24000/1001"),
        (FILM, "01:00:00:00", {"video_track_timescale": "90000"}, "24000/1001", "24000/1001"),
        (FILM, "01:00:00:00", {"video_track_timescale": "1000000"}, "24000/1001", "24000/1001"),
        (Fraction(17), "01:00:00:00", {}, "17/1", None),
    ],
)
def test_the_exact_rate_is_kept_and_the_nearest_standard_one_carries_timecode(
    tmp_path: Path, rate: Fraction, start: str, options: Mapping[str, str], exact: str, nearest: str | None
) -> None:
    recipe = Picture(size=(64, 64), rate=rate, frames=75, timecode=start)
    facts = _facts(make(tmp_path / "a.mov", recipe, **options))
    assert (facts["picture.frame_rate"], facts["picture.frame_rate_mode"]) == (exact, "constant")
    assert facts["picture.nearest_standard_rate"] == nearest
    assert facts["picture.tracks"][0]["nearest_standard_rate"] == nearest
    assert facts["wrapper.start_timecode"] == start
    assert facts["wrapper.drop_frame"] is (";" in start)
    assert facts["wrapper.timecodes"][0]["frame_rate"] == (nearest or exact)
    assert facts["wrapper.timecode_faults"] == []


@pytest.mark.parametrize(
    ("timescale", "ticks", "start"), [(24000, 1001, "01:00:00:00"), (24, 1, "01:00:00:00"), (30000, 1000, None)]
)
def test_a_timecode_track_that_flags_drop_frame_where_there_is_none_is_not_absent(
    tmp_path: Path, timescale: int, ticks: int, start: str | None
) -> None:
    master = make(tmp_path / "a.mov", Picture(rate=FILM, timecode="01:00:00:00"))
    facts = _facts(_set_tmcd(master, drops=True, timescale=timescale, ticks=ticks))
    rate = Fraction(timescale, ticks)
    stated = f"frame 86400, {rate.numerator}/{rate.denominator}, drop-frame"
    faults = ["drop_frame_at_this_rate", *(["not_the_pictures_rate"] if timescale == 30000 else [])]
    assert facts["wrapper.timecode_faults"] == [
        {"source": "tmcd", "stated": stated, "fault": fault} for fault in faults
    ]
    assert facts["wrapper.start_timecode"] == start
    assert facts["wrapper.drop_frame"] is True
    assert [entry["start"] for entry in facts["wrapper.timecodes"]] == [start]


def test_a_timecode_track_without_a_rate_counts_at_that_of_the_picture(tmp_path: Path) -> None:
    master = make(tmp_path / "a.mov", Picture(timecode="01:00:00:00"))
    facts = _facts(_set_tmcd(master, drops=False, timescale=0, ticks=0))
    assert facts["wrapper.start_timecode"] == "01:00:00:00"
    assert facts["wrapper.timecodes"][0]["frame_rate"] == "25/1"


def test_an_mxf_at_2997_over_100_keeps_its_drop_frame_timecode(tmp_path: Path) -> None:
    recipe = Picture(codec="mpeg2video", pixels="yuv420p", rate=NTSC, timecode="01:00:00;02")
    master = make(tmp_path / "a.mxf", recipe)
    data = master.read_bytes()
    master.write_bytes(data.replace(struct.pack(">II", 30000, 1001), struct.pack(">II", 2997, 100)))
    probed = probe(master)
    assert probed.facts["picture.wrapper.frame_rate"] == "2997/100"
    assert probed.facts["wrapper.start_timecode"] == "01:00:00;02"
    assert probed.start == Timecode.parse("01:00:00;02", NTSC)
    assert probed.facts["wrapper.timecode_faults"] == []


def test_the_command_line_tells_the_fault_of_a_timecode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    master = make(tmp_path / "a.mov", Picture(rate=Fraction(24), timecode="01:00:00:00"))
    _set_tmcd(master, drops=True, timescale=24, ticks=1)
    with pytest.raises(SystemExit) as ended:
        command_line(["facts", str(master)])
    assert ended.value.code == 0
    facts = json.loads(capsys.readouterr().out)["subjects"][0]["facts"]
    assert facts["wrapper.start_timecode"] == "01:00:00:00"
    assert facts["wrapper.timecode_faults"][0]["fault"] == "drop_frame_at_this_rate"


def test_a_report_shows_the_fault_and_never_says_that_there_is_no_timecode() -> None:
    for fault in TIMECODE_FAULT:
        faults = [{"source": "tmcd", "stated": "frame 107892, 30/1, drop-frame", "fault": fault}]
        facts = {"wrapper.start_timecode": None, "wrapper.drop_frame": True, "wrapper.timecode_faults": faults}
        rows = dict(wrapper_rows(facts))
        assert "Start timecode" not in rows
        assert rows["Timecode fault"].startswith("frame 107892, 30/1, drop-frame (tmcd): ")
