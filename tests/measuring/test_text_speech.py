"""Offset and drift of events laid out against starts of speech: the answer is the arithmetic of the layout."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from deliverqc.measuring.text_speech import SpeechDistance, speech_distance

Times = NDArray[np.float64]
_NOTHING = SpeechDistance()
_NTSC = Fraction(1001, 1000)


def _laid_out(
    seed: int, minutes: float, count: int, *, on_speech: float = 0.6, astray: float = 0.2
) -> tuple[Times, Times]:
    """Starts of events and of speech. Sentences come at random, speech pauses within some; most events start with a
    sentence, some within it, some anywhere."""
    random, length_s = np.random.default_rng(seed), minutes * 60
    sentences = np.cumsum(random.gamma(2.0, length_s / count / 2, count))
    speech = [sentences] + [at + random.uniform(0.3, 3.0, random.poisson(0.6)) for at in sentences]
    kind = random.random(count)
    events = np.where(
        kind < astray,
        random.uniform(0, length_s, count),
        sentences + np.where(kind < astray + on_speech, random.normal(0, 0.12, count), random.uniform(0.5, 3.0, count)),
    )
    return np.sort(events), np.sort(np.concatenate(speech))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "rate",
    [Fraction(1), _NTSC, 1 / _NTSC, Fraction(25, 24), Fraction(24, 25), Fraction(25) / Fraction(24000, 1001)],
    ids=str,
)
def test_offset_and_drift_of_a_feature(rate: Fraction, seed: int) -> None:
    events, speech = _laid_out(seed, 110, 1_300)
    found = speech_distance(events * float(rate) + 1.7, speech)
    assert found.drift_s_per_hour == pytest.approx(float(rate - 1) * 3600, abs=0.05)
    assert found.offset_s == pytest.approx(1.7 + float(rate - 1) * events[0], abs=0.05)


def test_a_drift_that_no_rate_explains_is_measured() -> None:
    events, speech = _laid_out(3, 90, 1_000)
    found = speech_distance(events * (1 + 2.0 / 3600) - 0.8, speech)
    assert found.drift_s_per_hour == pytest.approx(2.0, abs=0.06)
    assert found.offset_s == pytest.approx(-0.8, abs=0.06)


def test_drop_frame_taken_for_non_drop_shows_within_ten_minutes() -> None:
    events, speech = _laid_out(4, 10, 150, on_speech=0.9, astray=0.05)
    found = speech_distance(events * float(_NTSC), speech)
    assert found.drift_s_per_hour == pytest.approx(3.6, abs=0.7)


def test_a_short_programme_has_an_offset_and_no_drift() -> None:
    events, speech = _laid_out(5, 5, 80)
    found = speech_distance(events - 2.5, speech)
    assert found.offset_s == pytest.approx(-2.5, abs=0.15)
    assert found.drift_s_per_hour is None


@pytest.mark.parametrize(("minutes", "count"), [(110, 1_300), (10, 60), (3, 40)])
def test_text_of_another_programme_gives_nothing(minutes: int, count: int) -> None:
    for seed in range(8):
        events, speech = _laid_out(seed, minutes, count)[0], _laid_out(seed + 100, minutes, count)[1]
        assert speech_distance(events, speech) == _NOTHING


@pytest.mark.parametrize(("events", "speech"), [(0, 0), (0, 500), (19, 500), (500, 19)])
def test_few_events_or_little_speech_give_nothing(events: int, speech: int) -> None:
    times = np.cumsum(np.random.default_rng(1).uniform(1, 5, 500))
    assert speech_distance(times[:events], times[:speech]) == _NOTHING
    assert speech_distance(times[:20], times[:500]).offset_s == pytest.approx(0, abs=0.05)


def test_even_intervals_leave_open_which_phrase_is_meant() -> None:
    times = np.arange(100) * 7.0
    assert speech_distance(times + 3.0, times) == _NOTHING


def test_the_order_and_repeats_of_events_do_not_matter() -> None:
    events, speech = _laid_out(6, 30, 300)
    shuffled = np.random.default_rng(1).permutation(np.concatenate((events, events)))
    assert speech_distance(shuffled, speech[::-1]) == speech_distance(events, speech)


def test_an_offset_of_half_a_minute_is_found_and_one_of_an_hour_is_not() -> None:
    events, speech = _laid_out(7, 40, 500)
    assert speech_distance(events + 31.0, speech).offset_s == pytest.approx(31.0, abs=0.1)
    assert speech_distance(events + 3600.0, speech) == _NOTHING


@pytest.mark.parametrize("rate", [Fraction(1), _NTSC, Fraction(24, 25)], ids=str)
def test_speech_of_fifteen_seconds_in_two_minutes_is_enough_for_a_feature(rate: Fraction) -> None:
    events, speech = _laid_out(8, 110, 1_300)
    heard = speech[(speech < 240) | (speech % 120 < 15)]
    found = speech_distance(events * float(rate) + 0.4, heard)
    assert found.drift_s_per_hour == pytest.approx(float(rate - 1) * 3600, abs=0.2)
    assert found.offset_s == pytest.approx(0.4 + float(rate - 1) * events[0], abs=0.1)
    assert speech_distance(_laid_out(9, 110, 1_300)[0], heard) == _NOTHING


def test_tens_of_thousands_of_events_are_thinned_out() -> None:
    events, speech = _laid_out(10, 110, 1_300)
    many = np.sort(np.concatenate([events + at for at in np.arange(30) * 1e-3]))
    assert len(many) == 39_000
    assert speech_distance(many, speech).offset_s == pytest.approx(0.0, abs=0.1)
