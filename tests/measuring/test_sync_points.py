"""Lead of the sound where a flash and a pop show it: masters whose lead is arithmetic, and what is no such pair."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import deliverqc
from deliverqc.facts.groups import Group
from deliverqc.measuring.registry import registry
from deliverqc.measuring.sync_points import sync_facts
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.tables import DecodeLog, Signals
from deliverqc.timebase import Timeline
from fixtures.ffmpeg import make
from fixtures.pictures import Picture, frame_of
from tests.meters.picture.measuring import table_of

Samples = NDArray[np.float64]
_RATE_HZ = 48_000
_LOG = DecodeLog(errors=(), warnings=(), frame_count=None, missing_frame_count=None, undecodable=())


def _screen(code: float) -> Picture:
    return np.full((18, 32), code)


def _pictures(
    frames: int, flashes: Sequence[int], *, lasts: int = 1, dark: float = 16, lit: float = 235
) -> list[Picture]:
    """Dark frames with flashes that begin with those frames."""
    is_lit = {flash + i for flash in flashes for i in range(lasts)}
    return [_screen(lit if frame in is_lit else dark) for frame in range(frames)]


def _countdown(frames: int, two: int) -> list[Picture]:
    """A clock hand that turns on grey, one frame of a figure on white, and black."""
    hand, figure = _screen(100), _screen(180)
    figure[4:14, 12:20] = 40
    pictures = []
    for frame in range(frames):
        turned = hand.copy()
        turned[:, frame % 32] = 130
        pictures.append(turned if frame < two else figure if frame == two else _screen(16))
    return pictures


def _sound(
    seconds: float, pops_s: Sequence[float], *, lasts_s: float = 0.04, hz: float = 1000.0, level: float = 0.1
) -> Samples:
    sound = np.zeros(round(seconds * _RATE_HZ))
    for pop_s in pops_s:
        start = round(pop_s * _RATE_HZ)
        time = np.arange(round(lasts_s * _RATE_HZ)) / _RATE_HZ
        sound[start : start + len(time)] = level * np.cos(2.0 * np.pi * hz * time)
    return sound


def _facts(
    pictures: Sequence[Picture],
    channels: Sequence[Samples],
    *,
    rate: Fraction = Fraction(25),
    offset_s: Fraction = Fraction(0),
) -> dict[str, Any]:
    picture = table_of((frame_of(one, "yuv420p") for one in pictures), rate)
    accumulator = SoundAccumulator(_RATE_HZ, len(channels))
    accumulator.feed(np.array(channels))
    sound = accumulator.finish()
    object.__setattr__(sound, "offset_s", offset_s)
    group = Group(
        layout=None,
        labels=("",) * len(channels),
        channels=tuple((0, number) for number in range(len(channels))),
        language=None,
        formed_by="layout",
        sample_rate_hz=_RATE_HZ,
    )
    signals = Signals(picture=picture, sounds=(sound,), log=_LOG)
    timeline = Timeline(frame_rate=rate, frame_count=picture.frame_count, start=None)
    known = {"picture.track_count": 1, "sound.tracks": [{}]}
    return sync_facts(signals, [group], known, timeline, registry().facts)


def _leads(facts: dict[str, Any]) -> list[float]:
    return [point["lead_s"] for point in facts["cross_check.sync_points"]]


@pytest.mark.parametrize("lead_s", [-0.4, -0.06, -0.01234, 0.0, 0.005, 0.0401, 0.4])
def test_the_lead_is_the_flash_less_the_pop(lead_s: float) -> None:
    facts = _facts(_pictures(75, [50]), [_sound(3.0, [2.0 - lead_s])])
    assert facts["cross_check.sound_lead_s"] == pytest.approx(lead_s, abs=2e-5)
    (point,) = facts["cross_check.sync_points"]
    assert (point["start_frame"], point["end_frame"], point["start_s"], point["group"]) == (50, 51, 2.0, 0)


@pytest.mark.parametrize(
    ("rate", "lasts_s", "hz"),
    [
        (Fraction(24000, 1001), 0.0417, 1000.0),
        (Fraction(30), 1 / 30, 997.0),
        (Fraction(50), 0.02, 1000.0),
        (Fraction(60), 1 / 60, 1000.0),
        (Fraction(25), 0.08, 440.0),
        (Fraction(25), 0.16, 5000.0),
    ],
)
@pytest.mark.parametrize("start_s", [1.5, 1.5037, 1.5081])
def test_pops_of_any_frame_rate_length_and_pitch_are_read(
    rate: Fraction, lasts_s: float, hz: float, start_s: float
) -> None:
    pictures = _pictures(round(3 * rate), [round(Fraction(3, 2) * rate)])
    facts = _facts(pictures, [_sound(3.0, [start_s], lasts_s=lasts_s, hz=hz)], rate=rate)
    shown_s = float(round(Fraction(3, 2) * rate) / rate)
    assert facts["cross_check.sound_lead_s"] == pytest.approx(shown_s - start_s, abs=3e-5)


def test_over_noise_the_onset_is_right_within_a_quarter_of_a_period() -> None:
    sound = _sound(3.0, [1.9762]) + 3e-4 * np.random.default_rng(3).standard_normal(3 * _RATE_HZ)
    assert _facts(_pictures(75, [50]), [sound])["cross_check.sound_lead_s"] == pytest.approx(0.0238, abs=2.5e-4)


def test_the_two_of_a_countdown_is_read_with_its_pop() -> None:
    facts = _facts(_countdown(100, 50), [_sound(4.0, [1.98])])
    assert facts["cross_check.sound_lead_s"] == pytest.approx(0.02, abs=2e-5)
    assert facts["cross_check.sync_points"][0]["start_frame"] == 50


def test_a_pattern_that_repeats_gives_a_point_each_and_the_worst_of_them() -> None:
    sound = _sound(6.0, [0.99, 1.99, 2.99, 4.03, 4.99])
    facts = _facts(_pictures(150, [25, 50, 75, 100, 125], lasts=3), [sound])
    assert _leads(facts) == pytest.approx([0.01, 0.01, 0.01, -0.03, 0.01], abs=2e-5)
    assert facts["cross_check.sound_lead_s"] == pytest.approx(-0.03, abs=2e-5)


def test_a_flash_over_a_picture_that_moves_a_little_counts() -> None:
    pictures = _pictures(75, [50], dark=90, lit=180)
    for number, picture in enumerate(pictures):
        picture[2, number % 32] = 150.0
    assert _leads(_facts(pictures, [_sound(3.0, [2.0])])) == pytest.approx([0.0], abs=2e-5)


def test_channels_that_begin_together_are_one_point_and_others_are_told_apart() -> None:
    early, late = _sound(3.0, [1.98]), _sound(3.0, [2.03])
    facts = _facts(_pictures(75, [50]), [early, early, late])
    assert [(point["channel"], point["lead_s"]) for point in facts["cross_check.sync_points"]] == [
        ("0", pytest.approx(0.02, abs=2e-5)),
        ("2", pytest.approx(-0.03, abs=2e-5)),
    ]


def test_sound_that_begins_later_in_the_wrapper_is_counted() -> None:
    facts = _facts(_pictures(75, [50]), [_sound(3.0, [1.9])], offset_s=Fraction(3, 20))
    assert facts["cross_check.sound_lead_s"] == pytest.approx(-0.05, abs=2e-5)


def _clap(at_s: float) -> Samples:
    random = np.random.default_rng(5)
    sound, start = np.zeros(3 * _RATE_HZ), round(at_s * _RATE_HZ)
    sound[start : start + 4800] = 0.5 * random.standard_normal(4800) * np.exp(-np.arange(4800) / 400.0)
    return sound


def _burst(at_s: float) -> Samples:
    sound, start = np.zeros(3 * _RATE_HZ), round(at_s * _RATE_HZ)
    sound[start : start + 960] = 0.1 * np.random.default_rng(6).standard_normal(960)
    return sound


_FLASH = _pictures(75, [50])
_MUSIC = 0.05 * np.sin(2.0 * np.pi * 300.0 * np.arange(3 * _RATE_HZ) / _RATE_HZ)
_NO_POINT = {
    "too far apart": (_FLASH, [_sound(3.0, [1.45])]),
    "two pops": (_FLASH, [_sound(3.0, [1.7, 2.2])]),
    "two flashes": (_pictures(75, [45, 55]), [_sound(3.0, [2.0])]),
    "a long tone": (_FLASH, [_sound(3.0, [2.0], lasts_s=0.4)]),
    "a click": (_FLASH, [_sound(3.0, [2.0], lasts_s=0.001)]),
    "a clap": (_FLASH, [_clap(2.0)]),
    "a burst of noise": (_FLASH, [_burst(2.0)]),
    "another channel sounds": (_FLASH, [_sound(3.0, [2.0]), _MUSIC]),
    "a cut": ([_screen(16)] * 50 + [_screen(235)] * 25, [_sound(3.0, [2.0])]),
    "a shot of half a second": (_pictures(75, [50], lasts=12), [_sound(3.0, [2.0])]),
    "a picture that moves": (
        [
            np.roll(np.repeat(np.arange(16.0, 208.0, 6.0)[None], 18, axis=0), frame * (frame != 50), axis=1)
            for frame in range(75)
        ],
        [_sound(3.0, [2.0])],
    ),
    "no flash": ([_screen(16)] * 75, [_sound(3.0, [2.0])]),
    "no pop": (_FLASH, [np.zeros(3 * _RATE_HZ)]),
}


@pytest.mark.parametrize("case", list(_NO_POINT))
def test_what_is_no_pair_gives_no_point(case: str) -> None:
    facts = _facts(*_NO_POINT[case])
    assert facts == {"cross_check.sync_points": [], "cross_check.sound_lead_s": None}


def test_what_was_not_measured_gives_no_facts_and_what_is_not_there_gives_none() -> None:
    timeline = Timeline(frame_rate=Fraction(25), frame_count=1, start=None)
    signals = Signals(picture=None, sounds=(), log=_LOG)
    nothing = {"cross_check.sync_points": [], "cross_check.sound_lead_s": None}
    for facts, expected in (
        ({"picture.track_count": 0, "sound.tracks": [{}]}, nothing),
        ({"picture.track_count": 1, "sound.tracks": []}, nothing),
        ({"picture.track_count": 1, "sound.tracks": [{}]}, {}),
        ({}, {}),
    ):
        assert sync_facts(signals, [], facts, timeline, registry().facts) == expected


@pytest.mark.parametrize(("late_s", "outcome"), [(0.05, "pass"), (0.07, "fail")])
def test_a_coded_master_is_judged_by_its_flashes_and_beeps(late_s: float, outcome: str, tmp_path: Path) -> None:
    path = make(
        tmp_path / "sync.mp4",
        "-f lavfi -i \"color=black:s=64x36:r=25:d=3,drawbox=c=white:t=fill:enable='lt(mod(t+0.48,1),0.04)'\" "
        f"-f lavfi -i \"aevalsrc='0.2*sin(2*PI*1000*t)*lt(mod(t+0.48-{late_s},1),0.04)':s=48000:d=3\" "
        "-c:v libx264 -pix_fmt yuv420p -c:a aac -b:a 192k",
    )
    document = deliverqc.check(path, "ebu-r37")
    (verdict,) = document["masters"][0]["subjects"][0]["verdicts"]
    assert verdict["facts"]["cross_check.sound_lead_s"] == pytest.approx(-late_s, abs=5e-4)
    assert next(one for one in verdict["clauses"] if one["id"] == "overall")["outcome"] == outcome
