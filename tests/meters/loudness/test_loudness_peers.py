"""Our readings beside others: the EBU's own files with their published truth, and ffmpeg's ebur128."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fixtures import loudness_signals as made
from tests.material import material
from tests.meters.loudness.measuring import Samples, loudness_facts, read_wav

EBU_SET = "ebu_loudness_set_v05"


def _expanded(name: str) -> list[str]:
    """File names of a row: `{1..20}` and `15..18` stand for each number."""
    match = re.search(r"\{?(\d+)\.\.(\d+)\}?", name)
    if match is None:
        return [name]
    numbers = range(int(match[1]), int(match[2]) + 1)
    return [f"{name[: match.start()]}{number}{name[match.end() :]}" for number in numbers]


def _truth(folder: Path) -> Iterator[tuple[str, str, float, float, float]]:
    """File, quantity, lowest, expected and highest reading, one each file that the table speaks of."""
    for line in (folder / "TRUTH.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        names, stated, quantity, *_ = line.split("\t")
        expected = float(stated.split()[0])
        over, under = (0.2, 0.4) if "dBTP" in stated else (0.1, 0.1)
        for name in _expanded(names):
            yield name, quantity, expected - under, expected, expected + over


def _fact(quantity: str) -> str:
    for words, name in (("true peak", "max_true_peak_dbtp"), ("short-term", "max_short_term_lufs")):
        if words in quantity:
            return name
    return "integrated_lufs" if quantity.startswith("I") else "max_momentary_lufs"


def test_files_of_the_ebu_read_as_published() -> None:
    folder = material(EBU_SET)
    waves = {path.name: path for path in folder.rglob("*.wav")}
    read = 0
    for name, quantity, lowest, expected, highest in _truth(folder):
        if name not in waves or quantity == "momentary":
            continue
        samples, rate_hz = read_wav(waves[name])
        reading = loudness_facts(samples, rate_hz=rate_hz)[_fact(quantity)]
        assert lowest <= reading <= highest, f"{name}: {quantity} is {reading}, not {expected}"
        read += 1
    assert read >= 20


def _ffmpeg() -> str:
    try:
        from imageio_ffmpeg import get_ffmpeg_exe  # type: ignore[import-untyped]
    except ImportError:
        found = shutil.which("ffmpeg")
    else:
        found = get_ffmpeg_exe()
    if not found:
        pytest.skip("no ffmpeg is installed")
    return str(found)


def _ebur128(samples: Samples, rate_hz: int) -> dict[str, float]:
    """Integrated loudness, range and true peak from the summary that ffmpeg's ebur128 prints last."""
    command = [_ffmpeg(), "-hide_banner", "-nostats", "-f", "f32le", "-ar", str(rate_hz), "-ac", str(len(samples))]
    command += ["-i", "pipe:", "-af", "ebur128=peak=true", "-f", "null", "-"]
    raw = np.ascontiguousarray(samples.T, dtype="<f4").tobytes()
    done = subprocess.run(command, input=raw, capture_output=True, check=True)
    summary = done.stderr.decode(errors="replace").rsplit("Summary:", 1)[1]
    keys = {"integrated_lufs": "I", "range_lu": "LRA", "max_true_peak_dbtp": "Peak"}
    found = {name: re.search(rf"\b{key}:\s+(-?[\d.]+)", summary) for name, key in keys.items()}
    return {name: float(match[1]) for name, match in found.items() if match is not None}


LAYOUTS = {1: ("C",), 2: ("L", "R"), 6: made.LABELS_5_1}


@pytest.mark.parametrize("channels", sorted(LAYOUTS))
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_programme_reads_as_in_ffmpeg(channels: int, rate_hz: int) -> None:
    samples = made.speech_like(12.0, channels=channels, rate_hz=rate_hz)
    ours, theirs = loudness_facts(samples, labels=LAYOUTS[channels], rate_hz=rate_hz), _ebur128(samples, rate_hz)
    assert ours["integrated_lufs"] == pytest.approx(theirs["integrated_lufs"], abs=0.1)
    assert ours["range_lu"] == pytest.approx(theirs["range_lu"], abs=0.5)
    assert ours["max_true_peak_dbtp"] == pytest.approx(theirs["max_true_peak_dbtp"], abs=0.2)


def test_gated_programme_reads_as_in_ffmpeg() -> None:
    samples = made.tone([(4.0, -20.0), (6.0, -55.0), (3.0, None), (4.0, -35.0), (2.0, -18.0)])
    assert loudness_facts(samples)["integrated_lufs"] == pytest.approx(
        _ebur128(samples, made.RATE_HZ)["integrated_lufs"], abs=0.1
    )
