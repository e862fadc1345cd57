"""Time stamps that leave gaps or overlap, and sound that stands apart from the picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from deliverqc.pipeline import facts_document
from deliverqc.request import Tier
from deliverqc.signals.gaps import SoundGaps, lasting, picture_gaps
from fixtures.ffmpeg import make
from tests.meters.picture.tables import picture_table


@pytest.mark.parametrize(("late_s", "count"), [(0.0199, 0), (0.02, 1), (0.04, 1), (-0.0199, 0), (-0.02, 1)])
def test_a_frame_half_a_frame_off_is_a_gap(late_s: float, count: int) -> None:
    start_s = np.arange(100) / 25
    start_s[60:] += late_s
    gaps = picture_gaps(picture_table(100, start_s=start_s), "picture 0")
    assert len(gaps) == count
    for gap in gaps:
        assert (gap.frame, gap.start_s) == (60, pytest.approx(2.4))
        assert gap.gap_s == pytest.approx(late_s)


def test_pictures_at_no_constant_distance_have_no_gaps() -> None:
    start_s = np.cumsum(np.tile([0.04, 0.08], 50))
    assert picture_gaps(picture_table(100, start_s=start_s), "picture 0") == ()


@pytest.mark.parametrize(
    ("off_s", "count"), [(Fraction(2, 1000), 0), (Fraction(21, 10_000), 1), (-Fraction(3, 1000), 1)]
)
def test_sound_more_than_two_milliseconds_off_is_a_gap(off_s: Fraction, count: int) -> None:
    gaps = SoundGaps()
    at = Fraction(5)
    for number in range(10):
        gaps.see(at + (off_s if number >= 6 else 0), Fraction(1, 25), None)
        at += Fraction(1, 25)
    told = gaps.told("sound 0", Fraction(5))
    assert [(gap.start_s, gap.gap_s) for gap, _ in told] == [(0.24, float(off_s))] * count


@pytest.mark.parametrize(("first_picture_ms", "count"), [(80, 0), (78, 0), (77, 1), (0, 1)])
def test_gap_after_the_priming_of_sound_is_none_where_it_closes_before_the_picture_starts(
    first_picture_ms: int, count: int
) -> None:
    gaps = SoundGaps()
    gaps.see(Fraction(0), Fraction(20, 1000), None)
    gaps.see(Fraction(80, 1000), Fraction(20, 1000), None)
    assert len(gaps.told("sound 0", Fraction(first_picture_ms, 1000))) == count


@pytest.mark.parametrize(
    ("stamps_ms", "count"),
    [
        ((0, 32, 96, 96, 128), 0),  # one stamp a block late
        ((0, 32, 32, 96, 128), 0),  # one stamp a block early
        ((0, 32, 96, 128, 160), 1),  # a block that is lost
        ((0, 32, 96, 128, 128, 160), 2),  # taken back later on
        ((0, 32, 128, 96, 128), 2),  # off by more than a block
    ],
)
def test_stamp_of_one_block_that_the_next_takes_back_is_no_gap(stamps_ms: tuple[int, ...], count: int) -> None:
    gaps, block_s = SoundGaps(), Fraction(32, 1000)
    for stamp in stamps_ms:
        gaps.see(Fraction(stamp, 1000), block_s, None)
    assert len(lasting(gaps.told("sound 0", Fraction(0)), block_s)) == count


def _facts(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = facts_document(path, None, Tier.FULL)["subjects"][0]["facts"]
    return facts


def test_a_gap_in_both_tracks_of_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    whole = make(
        tmp_path / "whole.mkv",
        "-f lavfi -i testsrc2=s=64x48:r=25 -f lavfi -i sine=r=48000 -t 3 -c:v ffv1 -c:a pcm_s16le",
    )
    gapped = tmp_path / "gapped.mkv"
    with av.open(str(whole)) as source, av.open(str(gapped), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            late = float(packet.pts * packet.time_base) >= 1.999
            packet.stream = streams[packet.stream_index]
            packet.pts += 200 * late
            packet.dts += 200 * late
            target.mux(packet)
    gaps = _facts(gapped)["decode.time_gaps"]
    assert [(gap["track"], gap["frame"]) for gap in gaps] == [("picture 0", 50), ("sound 0", None)]
    for gap in gaps:
        assert gap["start_s"] == pytest.approx(2.0, abs=0.03)
        assert gap["gap_s"] == pytest.approx(0.2, abs=0.002)
    assert _facts(whole)["decode.time_gaps"] == []


@pytest.mark.parametrize(("delay_s", "length_s"), [(0.0, 2.0), (0.25, 2.0), (0.0, 2.5)])
def test_sound_is_told_where_it_starts_and_ends_against_the_picture(
    delay_s: float, length_s: float, tmp_path: Path
) -> None:
    path = make(
        tmp_path / "apart.mov",
        f"-f lavfi -i testsrc2=s=64x48:r=25:d=2 -itsoffset {delay_s} -f lavfi -i sine=r=48000:d={length_s} "
        "-map 0 -map 1 -c:v prores -c:a pcm_s24le",
    )
    facts = _facts(path)
    assert facts["decode.sound_start_difference_s"] == pytest.approx(delay_s, abs=1e-4)
    assert facts["decode.sound_end_difference_s"] == pytest.approx(delay_s + length_s - 2.0, abs=1e-4)


def test_without_picture_there_is_nothing_to_stand_apart_from(tmp_path: Path) -> None:
    facts = _facts(make(tmp_path / "sound.wav", "-f lavfi -i sine=r=48000:d=1"))
    assert facts["decode.sound_start_difference_s"] is None
    assert facts["decode.time_gaps"] == []
