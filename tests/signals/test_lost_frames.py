"""A frame that is lost is reported at its place, and what follows keeps its frame numbers and timecodes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from deliverqc.pipeline import facts_document
from deliverqc.request import Tier
from deliverqc.signals.gaps import frame_at, frame_numbers
from deliverqc.timebase import Span, Timecode, Timeline
from fixtures.ffmpeg import make
from tests.meters.picture.tables import picture_table

_BLACK = (20, 26)
_PICTURE = (
    "-f lavfi -i testsrc2=s=64x48:r=24000/1001 -frames:v 32 -timecode 01:00:00:00 "
    "-vf noise=alls=30:allf=t,drawbox=c=black:t=fill:enable=between(n\\\\,20\\\\,25)"
)
_CODINGS = {
    "prores.mov": "-c:v prores",
    "mpeg2.mkv": "-c:v mpeg2video -bf 2 -g 6",
    "mpeg2.mxf": "-c:v mpeg2video -bf 2 -g 6",
    "h264.mp4": "-c:v libx264 -bf 2 -g 6 -pix_fmt yuv420p",
    "dnxhr.mov": "-s 256x120 -c:v dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p",
    "jpeg2000.mov": "-c:v libopenjpeg -pix_fmt yuv422p10",
    "ffv1.mkv": "-c:v ffv1 -g 1 -slicecrc 1",
}


@pytest.fixture(scope="module")
def whole_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("whole")

    def made(name: str) -> Path:
        return folder / name if (folder / name).exists() else make(folder / name, f"{_PICTURE} {_CODINGS[name]}")

    return made


def _packet(path: Path, frame: int) -> bytes:
    """The packet of that frame, in the order in which frames are shown."""
    with av.open(str(path)) as container:
        packets = sorted((packet.pts, bytes(packet)) for packet in container.demux(video=0) if packet.size)
    return packets[frame][1]


def _facts(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = facts_document(path, None, Tier.FULL)["subjects"][0]["facts"]
    return facts


def _timecode(frame: int) -> str:
    return str(Timecode.parse("01:00:00:00", Fraction(24000, 1001)) + frame)


@pytest.mark.parametrize(("name", "lost"), [*((name, 11) for name in _CODINGS), ("prores.mov", 0), ("mpeg2.mkv", 0)])
def test_a_zeroed_frame_is_damage_at_its_place_and_moves_nothing(
    name: str, lost: int, whole_of: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = whole_of(name)
    data, held = whole.read_bytes(), _packet(whole, lost)
    place = data.index(held)
    zeroed = tmp_path / name
    zeroed.write_bytes(data[:place] + bytes(len(held)) + data[place + len(held) :])
    facts = _facts(zeroed)
    error = facts["decode.errors"][0]
    assert (error["frame"], error["start_timecode"]) == (lost, _timecode(lost))
    (black,) = facts["picture.black.spans"]
    assert (black["start_frame"], black["end_frame"], black["duration_frames"]) == (*_BLACK, _BLACK[1] - _BLACK[0])
    assert (black["start_timecode"], black["end_timecode"]) == (_timecode(_BLACK[0]), _timecode(_BLACK[1]))
    assert black["start_s"] == pytest.approx(_BLACK[0] * 1001 / 24000, abs=1e-3)


@pytest.mark.parametrize("name", ["prores.mov", "h264.mp4"])
def test_a_frame_without_a_packet_is_a_gap_at_its_place_and_moves_nothing(
    name: str, whole_of: Callable[[str], Path], tmp_path: Path
) -> None:
    whole, cut = whole_of(name), tmp_path / name
    without = _packet(whole, 11)
    with av.open(str(whole)) as source, av.open(str(cut), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None and bytes(packet) != without:
                packet.stream = stream
                target.mux(packet)
    facts = _facts(cut)
    assert [gap["frame"] for gap in facts["decode.time_gaps"]] == [11]
    assert [(span["start_frame"], span["end_frame"]) for span in facts["picture.black.spans"]] == [_BLACK]


def test_rows_are_numbered_over_what_was_lost_whatever_the_average_rate_says() -> None:
    kept = [number for number in range(100) if number not in (30, 60, 61)]
    for unit in (1e-9, 1e-3):
        start_s = np.round(np.array(kept) * 1001 / 60000 / unit) * unit
        table = picture_table(97, start_s=start_s, frame_rate=Fraction(97 * 60000, 100 * 1001))
        numbers = frame_numbers(table)
        assert numbers.tolist() == kept
        assert [frame_at(table, numbers, number * 1001 / 60000) for number in (29, 30, 31, 61, 99)] == [
            29,
            30,
            31,
            61,
            99,
        ]


def test_frames_at_no_constant_distance_are_counted() -> None:
    table = picture_table(100, start_s=np.cumsum(np.tile([0.04, 0.08], 50)) - 0.04)
    assert frame_numbers(table).tolist() == list(range(100))


def test_a_span_ends_before_the_frame_that_was_lost_behind_it() -> None:
    timeline = Timeline(
        frame_rate=Fraction(25),
        frame_count=4,
        start=Timecode.parse("10:00:00:00", Fraction(25)),
        frame_starts_s=[0.0, 0.04, 0.16, 0.2],
        frame_numbers=[0, 1, 4, 5],
    )
    before, over = timeline.picture_span(Span(1, 2)), timeline.picture_span(Span(1, 3))
    assert (before["end_frame"], before["end_s"], before["end_timecode"]) == (2, 0.08, "10:00:00:02")
    assert (over["start_frame"], over["end_frame"], over["end_s"], over["region"]) == (1, 5, 0.2, "interior")


def test_a_frame_stamped_in_milliseconds_keeps_its_timecode() -> None:
    rate = Fraction(24000, 1001)
    timeline = Timeline(frame_rate=rate, frame_count=100, start=Timecode.parse("01:00:00:00", rate))
    for frame in range(100):
        stamp = Fraction(round(frame / rate * 1000), 1000)
        assert timeline.timecode_of_frame(stamp) == _timecode(frame)
