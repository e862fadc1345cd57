"""How far up an LFE channel reaches, beside noise whose spectrum is known by arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from deliverqc.api import check
from deliverqc.meters import lfe
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.on_demand.spectrum import columns
from deliverqc.signals.tables import SoundSignal
from fixtures.ffmpeg import make

Samples = NDArray[np.float32]
_RATE_HZ = 16_000


def _noise(
    seconds: float, gain: Callable[[NDArray[np.float64]], NDArray[np.float64]], rate_hz: int = _RATE_HZ
) -> Samples:
    """White noise at -20 dBFS behind a filter of that gain at each frequency, (1, n); the highest is left as it is."""
    count = round(seconds * rate_hz)
    lines = np.fft.rfft(np.random.default_rng(7).standard_normal(count))
    sound = np.fft.irfft(lines * gain(np.fft.rfftfreq(count, 1.0 / rate_hz)), count)
    return (0.1 * sound / sound.std())[None].astype(np.float32)


def _below(edge_hz: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda hz: ((hz >= 20.0) & (hz < edge_hz)).astype(np.float64)


def _butterworth(order: int, pink: float = 0.0) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """A low-pass at 120 Hz of 6 dB an octave an order; `pink` 1: over noise that falls 3 dB an octave from 20 Hz on."""
    return lambda hz: (hz >= 20.0) * np.maximum(hz, 1.0) ** (-pink / 2.0) / np.sqrt(1.0 + (hz / 120.0) ** (2 * order))


def _signal(samples: Samples, labels: Sequence[str], rate_hz: int = _RATE_HZ, portion: int = 0) -> SoundSignal:
    reader = columns(rate_hz, len(samples))
    accumulator = SoundAccumulator(rate_hz, len(samples), reader.feed)
    step = portion or samples.shape[1] or 1
    for start in range(0, samples.shape[1], step):
        accumulator.feed(samples[:, start : start + step])
    filled = accumulator.finish()
    extended = {f"spectrum.{name}": column for name, column in reader.finish(len(filled.energy)).items()}
    return replace(filled, labels=tuple(labels), extended=extended)


def _facts(samples: Samples, labels: Sequence[str] = ("LFE",), rate_hz: int = _RATE_HZ) -> Mapping[str, Any]:
    reading = lfe.METER.measure(_signal(samples, labels, rate_hz), lfe.METER.resolve({}))
    return {name.removeprefix("lfe."): value for name, value in reading.facts.items()}


@pytest.mark.parametrize("edge_hz", [80.0, 120.0, 250.0, 1000.0, 6000.0])
def test_noise_that_ends_at_a_frequency_reaches_up_to_it(edge_hz: float) -> None:
    sought = 20.0 + 0.999 * (edge_hz - 20.0)
    assert _facts(_noise(4.0, _below(edge_hz)))["bandwidth_hz"] == pytest.approx(sought, rel=0.05)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_the_sample_rate_is_no_matter(rate_hz: int) -> None:
    samples = _noise(2.0, _below(400.0), rate_hz)
    assert _facts(samples, rate_hz=rate_hz)["bandwidth_hz"] == pytest.approx(399.6, rel=0.05)


@pytest.mark.parametrize(
    ("order", "pink", "expected_hz"),
    [(4, 0.0, 249.0), (4, 1.0, 206.0), (2, 0.0, 850.0), (2, 1.0, 415.0)],
)
def test_noise_behind_a_low_pass_reads_what_its_slope_gives(order: int, pink: float, expected_hz: float) -> None:
    hz = np.arange(20.0, 8000.0, 0.1)
    power = _butterworth(order, pink)(hz) ** 2
    from_top = np.cumsum(power[::-1])[::-1] / power.sum()
    arithmetic = float(hz[np.flatnonzero(from_top >= 0.001)[-1]])
    assert arithmetic == pytest.approx(expected_hz, rel=0.02)
    assert _facts(_noise(8.0, _butterworth(order, pink)))["bandwidth_hz"] == pytest.approx(arithmetic, rel=0.05)


def test_one_scene_of_full_band_sound_is_found_with_its_place() -> None:
    samples = _noise(40.0, _below(100.0))
    scene = slice(20 * _RATE_HZ, 25 * _RATE_HZ)
    samples[:, scene] = _noise(5.0, lambda hz: hz >= 20.0)
    around = slice(10 * _RATE_HZ, 36 * _RATE_HZ)
    samples[:, around] *= np.float32(10.0 ** (-35.0 / 20.0))
    facts = _facts(samples)
    assert facts["bandwidth_hz"] > 5000.0
    assert 10.0 < facts["bandwidth_at_s"] <= 24.0
    samples[:, around] *= np.float32(10.0 ** (-10.0 / 20.0))
    assert _facts(samples)["bandwidth_hz"] < 500.0  # 45 dB below the loudest is what a low-pass may leave


def test_steps_and_offset_do_not_make_a_low_sound_reach_up() -> None:
    time = np.arange(12 * _RATE_HZ) / _RATE_HZ
    rumble = (0.3 * np.sin(2.0 * np.pi * 40.0 * time)).astype(np.float32)
    rumble[: 5 * _RATE_HZ // 2] = 0.0
    rumble[round(7.013 * _RATE_HZ) :] = 0.0
    assert _facts(rumble[None])["bandwidth_hz"] < 100.0
    high = _noise(12.0, lambda hz: (hz > 2000.0) & (hz < 3000.0)) + np.float32(0.5)
    assert _facts(high)["bandwidth_hz"] == pytest.approx(3000.0, rel=0.05)


def test_the_channel_that_reaches_furthest_counts_among_several() -> None:
    samples = np.concatenate((_noise(3.0, _below(100.0)), _noise(3.0, _below(500.0)), _noise(3.0, _below(5000.0))))
    assert _facts(samples, ("LFE1", "LFE2", "C"))["bandwidth_hz"] == pytest.approx(500.0, rel=0.05)


@pytest.mark.parametrize("level", [0.0, 10.0 ** (-75.0 / 20.0)])
def test_a_silent_channel_has_no_bandwidth(level: float) -> None:
    samples = np.float32(level / 0.1) * _noise(3.0, lambda hz: hz >= 0.0)
    assert _facts(samples) == {"bandwidth_hz": None, "bandwidth_at_s": None}


@pytest.mark.parametrize("lasts_s", [0.04, 1.5])
def test_line_up_tone_and_pops_are_left_out(lasts_s: float) -> None:
    samples = _noise(14.0, _below(100.0))
    samples[:, : 4 * _RATE_HZ] = 0.0
    time = np.arange(round(lasts_s * _RATE_HZ)) / _RATE_HZ
    samples[0, round(1.2 * _RATE_HZ) :][: len(time)] = 0.1 * np.sin(2.0 * np.pi * 1000.0 * time)
    assert _facts(samples)["bandwidth_hz"] < 110.0
    assert _facts(samples[:, : 3 * _RATE_HZ])["bandwidth_hz"] is None


def test_a_mix_without_the_channel_has_none_and_an_unknown_mix_is_not_measured() -> None:
    samples = np.repeat(_noise(2.0, _below(100.0)), 2, axis=0)
    assert _facts(samples, ("L", "R")) == {"bandwidth_hz": None, "bandwidth_at_s": None}
    assert _facts(samples, ("", "")) == {}
    assert _facts(samples[:1, : _RATE_HZ - 1]) == {}
    assert _facts(samples[:1, :_RATE_HZ])["bandwidth_hz"] is not None


def test_the_spectrum_holds_the_energy_and_does_not_depend_on_portions() -> None:
    samples = _noise(4.0, lambda hz: hz >= 0.0)
    samples[:, :_RATE_HZ] = samples[:, -_RATE_HZ:] = 0.0
    whole = _signal(samples, ("LFE",))
    energy = whole.extended["spectrum.energy"]
    assert energy.sum() == pytest.approx(float((samples.astype(np.float64) ** 2).sum()), rel=1e-5)
    parted = _signal(samples, ("LFE",), portion=1_237)
    assert np.array_equal(energy, parted.extended["spectrum.energy"])


@pytest.mark.parametrize(("filtered", "outcome"), [(True, "pass"), (False, "fail")])
def test_an_unfiltered_lfe_fails_a_spec_that_demands_a_low_pass(filtered: bool, outcome: str, tmp_path: Path) -> None:
    path = tmp_path / "mix.wav"
    slope = "lowpass=f=120:p=2,lowpass=f=120:p=2" if filtered else "anull"
    make(
        path,
        "-f lavfi -i anoisesrc=d=3:r=48000:a=0.3:c=pink:s=5 -filter_complex "
        f"[0]asplit=3[a][b][c];[a]{slope}[lfe];[b]pan=3.0|c0=c0|c1=c0|c2=c0[front];[c]pan=stereo|c0=c0|c1=c0[rear];"
        "[front][lfe][rear]join=inputs=3:channel_layout=5.1:map=0.0-FL|0.1-FR|0.2-FC|1.0-LFE|2.0-BL|2.1-BR[out] "
        "-map [out] -c:a pcm_s24le",
    )
    document = check(path, "amazon-mgm-studios")
    (verdict,) = document["masters"][0]["subjects"][0]["verdicts"]
    assert next(one for one in verdict["clauses"] if one["id"] == "lfe-low-pass")["outcome"] == outcome


def test_a_second_of_the_spectrum_depends_on_itself_and_the_one_before() -> None:
    blocks = _noise(4.0, lambda hz: hz >= 0.0).reshape(1, 4, _RATE_HZ)
    whole, late = columns(_RATE_HZ, 1), columns(_RATE_HZ, 1)
    for second in range(4):
        whole.feed(blocks[:, second])
    for second in (2, 3):
        late.feed(blocks[:, second])
    assert np.array_equal(whole.finish(400)["energy"][300:], late.finish(200)["energy"][100:])
