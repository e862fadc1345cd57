"""Headers that contradict themselves: in each master one field is changed, and the fault names its place. Truth: where
the fields are, by ISO/IEC 14496-12, QTFF and SMPTE ST 377-1."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from deliverqc.probing import probe
from deliverqc.probing.wrappers.box_faults import box_faults
from deliverqc.probing.wrappers.mxf_facts import read_statements
from deliverqc.probing.wrappers.mxf_header import read_header
from fixtures.ffmpeg import make

_SMALL = "-f lavfi -i testsrc2=s=64x64:r=25:d=0.2 -f lavfi -i sine=r=48000:d=0.2"


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("movie")
    return make(
        folder / "m.mov", f"{_SMALL} -c:v mpeg4 -bf 1 -c:a pcm_s16le -timecode 10:00:00:00 -threads 1"
    ).read_bytes()


@pytest.fixture(scope="module")
def mxf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("mxf")
    return make(folder / "m.mxf", f"{_SMALL} -c:v mpeg2video -c:a pcm_s16le -threads 1").read_bytes()


def _at(data: bytes, kind: bytes, number: int = 0) -> int:
    """Where the payload of a box of that kind begins, the first or a later one."""
    place = -1
    for _ in range(number + 1):
        place = data.index(kind, place + 1)
    return place + 4


def _with(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


def _faults(data: bytes) -> list[tuple[str, str]]:
    return [(fault.place, fault.message) for fault in box_faults(BytesIO(data), len(data))]


def _word(number: int) -> bytes:
    return struct.pack(">I", number)


_MOVIE_FAULTS: dict[str, tuple[Callable[[bytes], tuple[int, bytes]], str, str]] = {
    "time scale of the movie": (lambda d: (_at(d, b"mvhd") + 12, _word(0)), "mvhd", "time scale is 0"),
    "time scale of a track": (lambda d: (_at(d, b"mdhd") + 12, _word(0)), "track 1, mdhd", "time scale is 0"),
    "rows of stco": (lambda d: (_at(d, b"stco") + 4, _word(4377)), "track 1, stco", "4377 rows are stated"),
    "rows of stts": (lambda d: (_at(d, b"stts") + 4, _word(1 << 31)), "track 1, stts", "rows are stated"),
    "count in stts": (lambda d: (_at(d, b"stts") + 8, _word(77)), "track 1, stts", "are timed, and stsz states"),
    "count in stsz": (lambda d: (_at(d, b"stsz") + 8, _word(900)), "track 1, stsz", "900 sizes are stated"),
    "chunks in stsc": (lambda d: (_at(d, b"stsc") + 8, _word(3)), "track 1, stsc", "not in order"),
    "samples in stsc": (lambda d: (_at(d, b"stsc") + 12, _word(9)), "track 1, stsc", "and stsz states"),
    "description in stsc": (lambda d: (_at(d, b"stsc") + 16, _word(7)), "track 1, stsc", "that is not there"),
    "edits": (lambda d: (_at(d, b"elst") + 4, _word(50)), "track 1, elst", "50 edits are stated"),
    "edit at double speed": (lambda d: (_at(d, b"elst") + 16, _word(0x20000)), "track 1, elst", "at 2 times the speed"),
    "edit backwards": (lambda d: (_at(d, b"elst") + 16, _word(0xFFFF0000)), "track 1, elst", "at -1 times the speed"),
    "edit that holds": (lambda d: (_at(d, b"elst") + 16, _word(0)), "track 1, elst", "asks to hold one frame"),
    "speed of the movie": (lambda d: (_at(d, b"mvhd") + 20, _word(0x18000)), "mvhd", "1.5 times the speed"),
    "long movie": (lambda d: (_at(d, b"mvhd") + 16, _word(9000)), "mvhd", "9.000 s are stated, and the longest"),
    "sync sample": (lambda d: (_at(d, b"stss") + 8, _word(0)), "track 1, stss", "outside of the"),
    "descriptions": (lambda d: (_at(d, b"stsd") + 4, _word(2)), "track 1, stsd", "2 sample descriptions are stated"),
    "size of a description": (lambda d: (_at(d, b"stsd") + 8, _word(9999)), "track 1, mp4v", "after stsd"),
    "size of a box": (lambda d: (_at(d, b"stbl") - 8, _word(99999)), "track 1, stbl", "bytes after minf"),
    "name of a box": (lambda d: (_at(d, b"mdhd") - 4, b"mdhx"), "track 1, mdhd", "the box is missing"),
}


@pytest.mark.parametrize("duration", [0, 0xFFFFFFFF])
def test_a_movie_without_a_length_is_no_fault(movie: bytes, duration: int) -> None:
    assert _faults(_with(movie, _at(movie, b"mvhd") + 16, _word(duration))) == []


@pytest.mark.parametrize(("more_ms", "is_fault"), [(1000, False), (1001, True)])
def test_a_movie_may_be_a_second_longer_than_its_tracks(movie: bytes, more_ms: int, is_fault: bool) -> None:
    place = _at(movie, b"mvhd") + 16
    (length,) = struct.unpack_from(">I", movie, _at(movie, b"tkhd") + 20)
    longest = max(length, *(struct.unpack_from(">I", movie, _at(movie, b"tkhd", n) + 20)[0] for n in (1, 2)))
    assert bool(_faults(_with(movie, place, _word(longest + more_ms)))) is is_fault


def _timecode_entry(data: bytes) -> int:
    """Where the payload of the sample description of the timecode track begins."""
    return data.index(b"tmcd", data.rindex(b"stsd")) + 4


def test_a_whole_movie_has_no_fault(movie: bytes) -> None:
    assert _faults(movie) == []


@pytest.mark.parametrize("kind", [b"moov", b"trak", b"mdia", b"stbl"])
def test_boxes_in_themselves_are_not_followed(kind: bytes) -> None:
    count = 20_000
    inner = b"".join(struct.pack(">I4s", 8 * left, kind) for left in range(count, 0, -1))
    data = struct.pack(">I4s", len(inner) + 8, b"moov") + inner
    assert {place.rpartition(", ")[2] for place, _ in _faults(data)} <= {"tkhd", "mdhd", "stsd"}


@pytest.mark.parametrize("name", sorted(_MOVIE_FAULTS))
def test_a_field_of_a_movie_that_cannot_be_is_a_fault(movie: bytes, name: str) -> None:
    change, place, message = _MOVIE_FAULTS[name]
    found = _faults(_with(movie, *change(movie)))
    assert any(one == place and message in said for one, said in found), found


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (16, _word(0), "the time scale of the timecode is 0"),
        (20, _word(0), "the frame duration of the timecode is 0"),
        (24, b"\0", "the number of frames of the timecode is 0"),
    ],
)
def test_a_timecode_track_that_cannot_count_is_a_fault(movie: bytes, offset: int, value: bytes, message: str) -> None:
    damaged = _with(movie, _timecode_entry(movie) + offset, value)
    assert _faults(damaged) == [("track 3, tmcd", message)]


_BASE, _DROP = b"\x15\x02\x00\x02\x00\x19", b"\x15\x03\x00\x01"


def _mxf_faults(data: bytes) -> list[tuple[str, str]]:
    found = read_statements(BytesIO(data), len(data), read_header(BytesIO(data), len(data))).faults
    assert found is not None
    return [(fault.place, fault.message) for fault in found]


def _replaced(data: bytes, old: bytes, new: bytes, number: int) -> bytes:
    """The `number`th of `old`, from 0, is `new`: in the header partition the material package comes first."""
    place = -1
    for _ in range(number + 1):
        place = data.index(old, place + 1)
    return _with(data, place, new)


def test_a_whole_mxf_file_has_no_fault(mxf: bytes) -> None:
    assert _mxf_faults(mxf) == []


@pytest.mark.parametrize(("number", "package"), [(0, "material package"), (1, "source package")])
@pytest.mark.parametrize(
    ("item", "message"),
    [
        (b"\x15\x02\x00\x02\x00\x00", "the rounded timecode base is 0 frames per second"),
        (b"\x15\x02\x00\x02\x99\x19", "the rounded timecode base is 39193 frames per second"),
        (b"\x95\x02\x00\x02\x00\x19", "the rounded timecode base is missing"),
    ],
)
def test_a_timecode_component_without_a_rate_is_a_fault(
    mxf: bytes, number: int, package: str, item: bytes, message: str
) -> None:
    damaged = _replaced(mxf, _BASE, item, number)
    assert _mxf_faults(damaged) == [(f"{package}, timecode component", message)]


def test_tracks_without_an_edit_rate_are_faults(mxf: bytes) -> None:
    rate = b"\x4b\x01\x00\x08" + struct.pack(">II", 25, 1)
    damaged = _replaced(mxf, rate, rate[:4] + struct.pack(">II", 25, 0), 1)
    ((place, message),) = _mxf_faults(damaged)
    assert place.startswith("material package, track ") and message == "the edit rate is missing, zero or negative"


def test_references_that_lead_nowhere_are_faults(mxf: bytes) -> None:
    place = mxf.index(b"\x48\x03\x00\x10")
    damaged = _with(mxf, place + 4, b"\xee" * 16)
    assert ("track", "1 of the 1 sets that item 4803 refers to are not there") in _mxf_faults(damaged)


def test_an_item_longer_than_its_set_is_a_fault(mxf: bytes) -> None:
    damaged = _replaced(mxf, _DROP, b"\x15\x03\x01\x01", 0)
    assert ("timecode component", "an item ends after the set that holds it") in _mxf_faults(damaged)


def test_the_fact_lists_faults_and_is_null_where_headers_are_not_compared(movie: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.mov"
    path.write_bytes(_with(movie, _at(movie, b"stco", 1) + 4, _word(4377)))
    (row,) = probe(path).facts["wrapper.header_faults"]
    assert row["place"] == "track 2, stco"
    sounds = [make(tmp_path / name, "-f lavfi -i sine=r=48000:d=0.1") for name in ("s.wav", "s.aiff", "s.flac")]
    assert [probe(sound).facts["wrapper.header_faults"] for sound in sounds] == [[], None, None]


def test_more_sets_than_are_read_are_no_fault(mxf: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_statements(BytesIO(mxf), len(mxf), read_header(BytesIO(mxf), len(mxf))).faults == ()
    monkeypatch.setattr("deliverqc.probing.wrappers.mxf_klv._MAXIMUM_SETS", 10)
    assert read_statements(BytesIO(mxf), len(mxf), read_header(BytesIO(mxf), len(mxf))).faults is None
