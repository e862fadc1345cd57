"""Black at its bounds, on tables whose answer is arithmetic and on essence that libav decodes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverqc.meters.black import METER
from deliverqc.meters.runs import runs
from deliverqc.signals.picture.accumulator import PictureAccumulator, quantiles
from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal
from deliverqc.timebase import Span
from tests.meters.picture.tables import picture_table


def _signal(codes: list[int], **changes: object) -> PictureSignal:
    """Frames of one flat code each."""
    table = np.repeat(np.array(codes, dtype=np.uint16)[:, None], len(LUMA_QUANTILES), axis=1)
    return picture_table(len(codes), **({"luma_quantiles": table} | changes))


def _spans(signal: PictureSignal, **settings: float) -> tuple[Span, ...]:
    return METER.measure(signal, METER.resolve(settings)).facts["picture.black.spans"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("code", "is_black"), [(64, True), (72, True), (73, False), (0, True), (940, False)])
def test_one_percent_of_luma_at_10_bits_is_code_72(code: int, is_black: bool) -> None:
    # 64 + 1 % of 876 = 72.76
    assert bool(_spans(_signal([code]))) is is_black


@pytest.mark.parametrize(("code", "is_black"), [(18, True), (19, False)])
def test_one_percent_of_luma_at_8_bits_is_code_18(code: int, is_black: bool) -> None:
    signal = _signal([code], bit_depth_bits=8, black_code=16, white_code=235)
    assert bool(_spans(signal)) is is_black


def test_black_running_to_end_of_essence_is_closed() -> None:
    assert _spans(_signal([500, 64, 64])) == (Span(1, 3),)


def test_all_black_is_one_span() -> None:
    assert _spans(_signal([64] * 5)) == (Span(0, 5),)


def test_no_frame_gives_no_span() -> None:
    assert _spans(_signal([])) == ()


@pytest.mark.parametrize(("length", "count"), [(4, 0), (5, 1), (6, 1)])
def test_runs_shorter_than_the_setting_are_left_out(length: int, count: int) -> None:
    assert len(_spans(_signal([500] + [64] * length + [500]), min_duration_frames=5)) == count


def test_unknown_setting_is_named() -> None:
    with pytest.raises(ValueError, match="no setting 'luma'"):
        METER.resolve({"luma": 1})


@pytest.mark.parametrize("value", [51, "dark", True, -8])
def test_setting_out_of_its_range_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="luma_max_percent"):
        METER.resolve({"luma_max_percent": value})


@given(st.lists(st.booleans(), max_size=40))
def test_runs_are_maximal_and_hold_just_the_true_rows(flags: list[bool]) -> None:
    found = runs(np.array(flags, dtype=bool))
    inside = {row for span in found for row in range(span.start, span.end)}
    assert inside == {row for row, flag in enumerate(flags) if flag}
    assert all(before.end < after.start for before, after in pairwise(found))


@given(st.lists(st.integers(0, 255), min_size=1, max_size=200))
def test_quantile_is_the_smallest_code_that_its_share_does_not_exceed(pixels: list[int]) -> None:
    codes = quantiles(np.bincount(pixels, minlength=256).astype(np.int64), LUMA_QUANTILES)
    for share, code in zip(LUMA_QUANTILES, codes, strict=True):
        needed = max(1, share * len(pixels) - 1e-6)
        assert sum(pixel <= code for pixel in pixels) >= needed
        assert sum(pixel < code for pixel in pixels) < needed


@pytest.mark.parametrize(
    ("name", "depth", "white"),
    [
        ("yuv420p", 8, 235),
        ("yuv422p10le", 10, 940),
        ("yuva444p12le", 12, 3760),
        ("yuyv422", 8, 235),
        ("p010le", 10, 940),
        ("gbrp", 8, 255),
        ("gray10le", 10, 1023),
    ],
)
def test_white_of_every_sampling_structure_reads_as_white(name: str, depth: int, white: int) -> None:
    source = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 255, dtype=np.uint8), format="rgb24")
    accumulator = PictureAccumulator(frame_rate=Fraction(25))
    accumulator.feed(source.reformat(format=name), 0.0)
    signal = accumulator.finish()
    assert signal is not None
    assert (signal.bit_depth_bits, int(signal.luma_quantiles[0, -1])) == (depth, white)


def test_a_corner_of_less_than_the_remaining_share_leaves_a_frame_black() -> None:
    for lit, is_black in ((2, True), (3, False)):  # of 2,304 pixels 0.1 % is 2.3
        picture = np.full((48, 48), 16, dtype=np.uint8)
        picture[0, :lit] = 235
        accumulator = PictureAccumulator(frame_rate=Fraction(25))
        accumulator.feed(av.VideoFrame.from_ndarray(picture, format="gray"), 0.0)
        signal = accumulator.finish()
        assert signal is not None
        assert bool(_spans(signal)) is is_black
