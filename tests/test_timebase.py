"""Timecode against SMPTE ST 12-1's own arithmetic, and spans in time."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverqc.timebase import (
    STANDARD_RATE_TOLERANCE,
    STANDARD_RATES,
    Span,
    Timecode,
    Timeline,
    format_elapsed,
    format_rate,
    frames_in_a_day,
    nearest_standard_rate,
    nominal_rate,
    parse_rate,
)

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]
DROP_RATES = [Fraction(30000, 1001), Fraction(60000, 1001)]


@pytest.mark.parametrize("rate", RATES)
@given(data=st.data())
def test_timecode_round_trips_at_every_rate(rate: Fraction, data: st.DataObject) -> None:
    drop = rate in DROP_RATES and data.draw(st.booleans())
    dropped = 24 * 54 * nominal_rate(rate) // 15 if drop else 0
    frame = data.draw(st.integers(0, 24 * 3600 * nominal_rate(rate) - dropped - 1))
    timecode = Timecode(frame, rate, drop)
    assert Timecode.parse(str(timecode), rate) == timecode


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (1799, "00:00:59;29"),
        (1800, "00:01:00;02"),
        (17981, "00:09:59;29"),
        (17982, "00:10:00;00"),
        (107892, "01:00:00;00"),
    ],
)
def test_drop_frame_leaves_out_two_numbers_a_minute_but_every_tenth(frame: int, text: str) -> None:
    # SMPTE ST 12-1: 17,982 frames in ten minutes, 107,892 in an hour at 30000/1001
    assert str(Timecode(frame, Fraction(30000, 1001), True)) == text


def test_dropped_address_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves out"):
        Timecode.parse("00:01:00;00", Fraction(30000, 1001))


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30), Fraction(60)])
def test_drop_frame_exists_only_at_two_rates(rate: Fraction) -> None:
    with pytest.raises(ValueError, match="drop-frame"):
        Timecode(0, rate, True)


@pytest.mark.parametrize(
    "text", ["", "1:00:00:00", "24:00:00:00", "00:60:00:00", "00:00:00:25", "aa:bb:cc:dd", "-1:00:00:00"]
)
def test_what_is_no_address_at_25_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"timecode|address"):
        Timecode.parse(text, Fraction(25))


def test_timecode_wraps_at_midnight() -> None:
    assert str(Timecode.parse("23:59:59:24", Fraction(25)) + 1) == "00:00:00:00"


def test_23976_counts_24_frame_numbers_a_second() -> None:
    assert str(Timecode(24 * 3600, Fraction(24000, 1001))) == "01:00:00:00"


@pytest.mark.parametrize("text", ["0/1", "-25/1", "25/0", "x"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_rate(text)


def test_rates_are_written_as_exact_rationals() -> None:
    assert format_rate(Fraction(25)) == "25/1"
    assert parse_rate("24000/1001") == Fraction(24000, 1001)


def test_elapsed_time_cannot_be_taken_for_a_timecode() -> None:
    assert format_elapsed(3661.5) == "+01:01:01.500"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-0.04, "-00:00:00.040"), (-1.0, "-00:00:01.000"), (-3661.5, "-01:01:01.500"), (-0.0004, "+00:00:00.000")],
)
def test_what_comes_before_the_first_frame_is_written_with_a_minus(seconds: float, shown: str) -> None:
    assert format_elapsed(seconds) == shown


@pytest.mark.parametrize(
    ("start_s", "end_s", "frames", "timecodes"),
    [
        (Fraction(-4, 100), Fraction(4, 100), (-1, 1), ("00:59:59:24", "01:00:00:01")),
        (Fraction(-1, 100), Fraction(0), (-1, 0), ("00:59:59:24", "01:00:00:00")),
        (Fraction(-5, 100), Fraction(-1, 100), (-2, 0), ("00:59:59:23", "00:59:59:24")),
    ],
)
def test_sound_before_the_first_frame_has_the_frames_and_timecodes_before_it(
    start_s: Fraction, end_s: Fraction, frames: tuple[int, int], timecodes: tuple[str, str]
) -> None:
    length = int((end_s - start_s) * 48000)
    described = _timeline().sound_span(Span(0, length), sample_rate_hz=48000, sample_count=96000, offset_s=start_s)
    assert (described["start_frame"], described["end_frame"]) == frames
    assert (described["start_timecode"], described["end_timecode"]) == timecodes


def test_timecode_before_midnight_is_of_the_day_before() -> None:
    midnight = Timecode(0, Fraction(25))
    assert str(midnight + -50) == "23:59:58:00"
    assert str(Timecode(0, Fraction(30000, 1001), is_drop_frame=True) + -1) == "23:59:59;29"


def test_a_frame_before_a_part_has_the_time_before_it() -> None:
    timeline = _timeline(frame_count=3, frame_starts_s=[1.0, 1.5, 5.0], first_frame=25)
    assert timeline.frame_time(24) == Fraction(96, 100)


def _timeline(**changes: object) -> Timeline:
    start = Timecode.parse("01:00:00:00", Fraction(25))
    return Timeline(**{"frame_rate": Fraction(25), "frame_count": 100, "start": start, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("span", "region"),
    [(Span(0, 1), "head"), (Span(99, 100), "tail"), (Span(0, 100), "whole"), (Span(1, 99), "interior")],
)
def test_region_says_which_ends_a_span_holds(span: Span, region: str) -> None:
    assert _timeline().picture_span(span)["region"] == region


def test_span_is_half_open_in_frames_seconds_and_timecode() -> None:
    described = _timeline().picture_span(Span(25, 50))
    assert (described["duration_frames"], described["start_s"], described["end_s"]) == (25, 1.0, 2.0)
    assert (described["start_timecode"], described["end_timecode"]) == ("01:00:01:00", "01:00:02:00")


def test_without_a_start_timecode_none_is_invented() -> None:
    described = _timeline(start=None).picture_span(Span(0, 1))
    assert described["start_timecode"] is None
    assert described["end_timecode"] is None


def test_timecode_at_half_the_frame_rate_advances_every_second_frame() -> None:
    start = Timecode.parse("10:00:00:00", Fraction(25))
    timeline = Timeline(frame_rate=Fraction(50), frame_count=200, start=start)
    assert timeline.picture_span(Span(100, 101))["start_timecode"] == "10:00:02:00"


def test_frames_that_come_unevenly_keep_their_own_times() -> None:
    timeline = _timeline(frame_count=3, frame_starts_s=[0.0, 1.0, 5.0])
    described = timeline.picture_span(Span(1, 3))
    assert (described["start_s"], described["end_s"]) == (1.0, 5.04)


def test_sound_span_without_picture_has_no_frames() -> None:
    timeline = Timeline(frame_rate=None, frame_count=None, start=None)
    described = timeline.sound_span(Span(48000, 96000), sample_rate_hz=48000, sample_count=96000)
    assert (described["start_frame"], described["duration_frames"]) == (None, None)
    assert (described["start_s"], described["region"]) == (1.0, "tail")


def test_sound_span_covers_every_frame_that_it_touches() -> None:
    described = _timeline().sound_span(Span(480, 49000), sample_rate_hz=48000, sample_count=96000)
    assert (described["start_frame"], described["end_frame"]) == (0, 26)


@pytest.mark.parametrize(
    ("rate", "nearest"),
    [
        (Fraction(2997, 100), Fraction(30000, 1001)),
        (Fraction(5994, 100), Fraction(60000, 1001)),
        (Fraction(2398, 100), Fraction(24000, 1001)),
        (Fraction(2397, 100), Fraction(24000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (Fraction(1_000_000, 33367), Fraction(30000, 1001)),
        (Fraction(90000, 3754), Fraction(24000, 1001)),
        (Fraction(24), Fraction(24)),
        (Fraction(30), Fraction(30)),
        (Fraction(17), None),
        (Fraction(24000 + 12, 1001), None),
    ],
)
def test_a_rate_in_other_words_finds_its_standard_rate(rate: Fraction | float, nearest: Fraction | None) -> None:
    assert nearest_standard_rate(rate) == nearest


@pytest.mark.parametrize("rate", STANDARD_RATES)
def test_the_tolerance_of_a_standard_rate_is_kept_to_its_bound(rate: Fraction) -> None:
    for sign in (1, -1):
        assert nearest_standard_rate(rate * (1 + sign * STANDARD_RATE_TOLERANCE)) == rate
        assert nearest_standard_rate(rate * (1 + sign * (STANDARD_RATE_TOLERANCE + Fraction(1, 10**6)))) is None


@pytest.mark.parametrize(("rate", "drops"), [(rate, False) for rate in RATES] + [(rate, True) for rate in DROP_RATES])
def test_a_day_ends_at_its_last_address(rate: Fraction, drops: bool) -> None:
    last = Timecode(frames_in_a_day(rate, is_drop_frame=drops) - 1, rate, drops)
    assert str(last).startswith("23:59:59")
    assert str(last).endswith(str(nominal_rate(rate) - 1))
    assert Timecode.parse(str(last), rate) == last


@pytest.mark.parametrize(
    ("picture", "timecode"),
    [
        (Fraction(2997, 100), Fraction(30000, 1001)),
        (Fraction(2398, 100), Fraction(24000, 1001)),
        (Fraction(2397, 100), Fraction(24000, 1001)),
        (Fraction(1_000_000, 41708), Fraction(24000, 1001)),
        (Fraction(1_000_000, 33367), Fraction(30000, 1001)),
    ],
)
@given(frame=st.integers(0, 10**6))
def test_timecode_goes_with_the_frames_of_a_picture_that_is_only_near_its_rate(
    picture: Fraction, timecode: Fraction, frame: int
) -> None:
    start = Timecode.parse("01:00:00:00", timecode)
    timeline = Timeline(frame_rate=picture, frame_count=10**6, start=start)
    assert timeline.picture_span(Span(frame, frame + 1))["start_timecode"] == str(start + frame)
