"""Every sample of a timecode track is read: one that does not go on from the one before is a jump."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from pathlib import Path

import pytest

from deliverqc.probing import probe
from deliverqc.probing.reading import StatedTimecode
from deliverqc.probing.timecodes import read_timecode
from deliverqc.probing.wrappers.timecode_tracks import read_numbers, with_samples
from deliverqc.timebase import Timecode, Timeline
from tests.probing.recipes import Picture, make

_HOUR = 25 * 3600
_STATED = StatedTimecode(source="tmcd", start=0, rate=Fraction(25))


@pytest.mark.parametrize("sample_bytes", [4, 8])
def test_samples_are_read_from_all_chunks(sample_bytes: int) -> None:
    numbers = [90_000, 90_050, 180_000]
    data = b"".join(number.to_bytes(sample_bytes, "big") for number in numbers)
    places = [0, 2 * sample_bytes]
    read = read_numbers(io.BytesIO(data), places, [(1, 2), (2, 1)], count=3, sample_bytes=sample_bytes)
    assert read == numbers


def test_a_negative_frame_number_is_shown_as_one() -> None:
    data = (-50).to_bytes(4, "big", signed=True)
    (number,) = read_numbers(io.BytesIO(data), [0], [(1, 1)], count=1, sample_bytes=4, is_signed=True)
    found = read_timecode(StatedTimecode(source="tmcd", start=number, rate=Fraction(25)), Fraction(25))
    assert (found.address, found.faults, found.stated) == (None, ("beyond_24_hours",), "frame -50, 25/1")


@pytest.mark.parametrize(
    ("numbers", "jumps"),
    [
        ([_HOUR, _HOUR + 50], ()),
        ([_HOUR, 2 * _HOUR], ((Fraction(2), 2 * _HOUR),)),
        ([_HOUR, _HOUR + 51], ((Fraction(2), _HOUR + 51),)),
        ([24 * _HOUR - 50, 0], ()),
        ([_HOUR, _HOUR + 50, _HOUR], ((Fraction(4), _HOUR),)),
    ],
)
def test_a_sample_that_does_not_go_on_is_a_jump(numbers: list[int], jumps: tuple[tuple[Fraction, int], ...]) -> None:
    found = with_samples(_STATED, numbers, [(3, 50)], ticks_per_s=25, skipped=0)
    assert (found.start, found.moved_by, found.jumps) == (numbers[0], 0, jumps)


def test_an_edit_that_starts_behind_a_jump_starts_in_its_sample() -> None:
    found = with_samples(_STATED, [_HOUR, 2 * _HOUR], [(2, 50)], ticks_per_s=25, skipped=60)
    assert (found.start, found.moved_by, found.jumps) == (2 * _HOUR, 10, ())


def test_what_is_behind_a_jump_carries_the_timecode_of_the_file() -> None:
    second = Timecode.parse("02:00:00:00", Fraction(25))
    first = Timecode.parse("01:00:00:00", Fraction(25))
    timeline = Timeline(frame_rate=Fraction(25), frame_count=200, start=first, jumps=((Fraction(2), second),))
    seen = [timeline.timecode_at(Fraction(frame, 25)) for frame in (0, 49, 50, 60)]
    assert seen == ["01:00:00:00", "01:00:01:24", "02:00:00:00", "02:00:00:10"]


@pytest.mark.parametrize(
    ("counted", "picture", "faults"),
    [
        (Fraction(25), Fraction(25), ()),
        (Fraction(25), Fraction(50), ()),
        (Fraction(30), Fraction(30000, 1001), ()),
        (Fraction(25), Fraction(24000, 1001), ("not_the_pictures_rate",)),
        (Fraction(30000, 1001), Fraction(25), ("not_the_pictures_rate",)),
        (Fraction(25), None, ()),
    ],
)
def test_a_timecode_counts_the_frames_of_the_picture(
    counted: Fraction, picture: Fraction | None, faults: tuple[str, ...]
) -> None:
    stated = StatedTimecode(source="tmcd", start=90_000, rate=counted)
    assert read_timecode(stated, picture).faults == faults


def test_a_jump_in_a_file_is_a_fault_of_its_timecode(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Picture(frames=100, timecode="01:00:00:00"))
    data = bytearray(path.read_bytes())
    end = len(data)
    data += struct.pack(">I4sII", 16, b"mdat", _HOUR, 2 * _HOUR)
    track = data.rfind(b"tmcd", 0, data.rfind(b"stts"))
    for kind, body in (
        (b"stts", struct.pack(">IIII", 0, 1, 2, 0)),
        (b"stsz", struct.pack(">III", 0, 4, 2)),
        (b"stco", struct.pack(">III", 0, 1, end + 8)),
    ):
        place = data.find(kind, track) + 4
        old = bytes(data[place : place + len(body)])
        data[place : place + len(body)] = body[:12] + old[12:] if kind == b"stts" else body
    place = data.find(b"stts", track) + 4
    ticks = struct.unpack_from(">I", data, place + 12)[0] // 2
    struct.pack_into(">I", data, place + 12, ticks)
    place = data.find(b"stsc", track) + 4
    struct.pack_into(">I", data, place + 12, 2)
    path.write_bytes(data)
    found = probe(path)
    assert [fault["fault"] for fault in found.facts["wrapper.timecode_faults"]] == ["jumps"]
    assert [(at, str(timecode)) for at, timecode in found.jumps] == [(Fraction(2), "02:00:00:00")]
