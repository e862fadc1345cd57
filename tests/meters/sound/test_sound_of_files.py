"""Sound facts of whole files, through the decode: across tracks, through the store, and on a tone of the EBU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from deliverqc.pipeline import facts_document
from deliverqc.request import Tier
from deliverqc.signals.store import Store
from fixtures import sounds
from tests.material import material
from tests.meters.loudness.measuring import Samples

RATE_HZ = 48_000


def _write_mono_tracks(path: Path, samples: Samples, *, packet: int = 4_800) -> None:
    """A MOV with one 24-bit mono track for each channel, interleaved every `packet` samples."""
    codes = (np.clip(samples.astype(np.float64), -1.0, 1.0 - 2.0**-23) * 2.0**31).astype(np.int32)
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("pcm_s24le", rate=RATE_HZ, layout="mono") for _ in codes]
        for start in range(0, samples.shape[1], packet):
            for stream, track in zip(streams, codes, strict=True):
                frame = av.AudioFrame.from_ndarray(track[None, start : start + packet], format="s32", layout="mono")
                frame.sample_rate, frame.pts = RATE_HZ, start
                for one in stream.encode(frame):
                    container.mux(one)
        for stream in streams:
            for one in stream.encode(None):
                container.mux(one)


def _groups(path: Path, store: Store | None = None) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = facts_document(path, None, Tier.FULL, store=store)["subjects"][0]["facts"][
        "sound.groups"
    ]
    return groups


def test_phase_of_two_mono_tracks_is_measured_across_them(tmp_path: Path) -> None:
    path = tmp_path / "mono.mov"
    _write_mono_tracks(path, sounds.partly_reversed(12.0, start_s=0.0, end_s=12.0))
    store = Store(folder=tmp_path / "store")
    first, again = _groups(path, store), _groups(path, store)
    (group,) = first
    assert group["layout"] == "2.0"
    assert group["phase.mean_correlation"] == -1.0
    assert group["phase.mono_sum_db"] == -40.0
    assert [(span["region"], span["end_s"]) for span in group["phase.reversed_spans"]] == [("whole", 12.0)]
    assert again == first


def test_faults_of_one_mono_track_are_told_of_its_channel(tmp_path: Path) -> None:
    samples = sounds.with_gap(sounds.noise(6.0), start=RATE_HZ, end=RATE_HZ + 960, channels=[0])
    samples[1, 3 * RATE_HZ : 3 * RATE_HZ + 20] = 1.0
    samples[1] += np.float32(0.01)
    path = tmp_path / "faulty.mov"
    _write_mono_tracks(path, samples)
    (group,) = _groups(path)
    assert [(span["channel"], span["start_s"], span["end_s"]) for span in group["dropout.spans"]] == [("L", 1.0, 1.02)]
    assert [(span["channel"], span["start_sample"]) for span in group["clipping.spans"]] == [("R", 3 * RATE_HZ)]
    assert group["clipping.longest_run_samples"] == 20
    assert group["dc_offset.max_channel"] == "R"
    assert group["dc_offset.max_percent"] == pytest.approx(1.0, abs=0.1)
    assert group["phase.identical_pairs"] == []
    assert group["silence.first_sound_at_s"] == 0.0 and group["silence.last_sound_at_s"] == 6.0


def test_one_mono_sound_on_two_tracks_is_an_identical_pair(tmp_path: Path) -> None:
    path = tmp_path / "dual.mov"
    _write_mono_tracks(path, np.repeat(sounds.noise(3.0, channels=1), 2, axis=0))
    (group,) = _groups(path)
    assert group["phase.identical_pairs"] == ["L/R"]
    assert group["phase.mean_correlation"] == 1.0


def test_tone_of_the_ebu_is_one_khz_at_the_level_of_its_test() -> None:
    folder = material("ebu_loudness_set_v05")
    (path,) = folder.rglob("seq-3341-10-1-24bit.wav")
    (group,) = _groups(path)
    told = [(span["channel"], span["level_dbfs"], span["frequency_hz"]) for span in group["tone.spans"]]
    assert told == [("L", -23.0, 1000.0), ("R", -23.0, 1000.0)]
