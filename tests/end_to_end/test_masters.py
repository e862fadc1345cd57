"""The masters of demo and fixtures are what their recipes say, by MediaInfo, libav and ffmpeg's loudness filter."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pymediainfo import MediaInfo

from deliverqc import demo
from fixtures.ffmpeg import ffmpeg_program
from fixtures.masters import GOOD, mixes
from fixtures.mutations import MUTATIONS


@pytest.fixture
def good(good_master: Path) -> Path:
    return good_master


@pytest.fixture
def mutate(good: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: MUTATIONS[name](good, tmp_path / name)


def _track(path: Path, kind: str, number: int = 0) -> dict[str, Any]:
    return [track.to_data() for track in MediaInfo.parse(path).tracks if track.track_type == kind][number]


def _loudness(path: Path, track: int) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP, by ffmpeg's ebur128."""
    command = [ffmpeg_program(), "-nostdin", "-hide_banner", "-i", str(path), "-map", f"0:a:{track}"]
    command += ["-af", "ebur128=peak=true", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr.rpartition("Summary:")[2]
    values = [re.search(rf"{name}:\s+(-?[\d.]+)", told) for name in ("I", "Peak")]
    assert all(values), told
    integrated, peak = (float(value[1]) for value in values if value)
    return integrated, peak


def test_good_master_is_prores_422_hq_tagged_bt709_in_wrapper_and_bitstream(good: Path) -> None:
    picture = _track(good, "Video")
    assert (picture["format"], picture["format_profile"]) == ("ProRes", "422 HQ")
    assert (picture["width"], picture["height"], picture["pixel_aspect_ratio"]) == (1920, 1080, "1.000")
    assert (picture["framerate_num"], picture["framerate_den"], picture["frame_count"]) == ("24000", "1001", "96")
    assert picture["scan_type"] == "Progressive"
    for name in ("color_primaries", "transfer_characteristics", "matrix_coefficients"):
        assert picture[name] == "BT.709"
        assert f"{name}_original" not in picture
    assert _track(good, "Other")["time_code_of_first_frame"] == "01:00:00:00"


def test_good_master_has_a_labelled_surround_and_a_stereo_mix(good: Path) -> None:
    surround, stereo = _track(good, "Audio", 0), _track(good, "Audio", 1)
    assert (surround["channel_layout"], stereo["channel_layout"]) == ("L R C LFE Ls Rs", "L R")
    for track in (surround, stereo):
        assert (track["format"], track["sampling_rate"], track["bit_depth"]) == ("PCM", 48000, 24)


@pytest.mark.parametrize("track", [0, 1])
def test_good_master_reads_minus_23_lufs_by_ffmpeg(track: int, good: Path) -> None:
    integrated, peak = _loudness(good, track)
    assert integrated == pytest.approx(-23.0, abs=0.1)
    assert peak < -2.0


@pytest.mark.parametrize("layout", ["2.0", "5.1"])
def test_sound_is_as_loud_as_asked_by_arithmetic(layout: str) -> None:
    (mix,) = mixes(Fraction(4), layouts=(layout,), loudness_lufs=-20.0)
    weights = {"2.0": [1, 1], "5.1": [1, 1, 1, 0, 10**0.15, 10**0.15]}[layout]
    power = float(np.dot(weights, np.mean(mix.samples**2, axis=1)))
    assert 10 * np.log10(power) == pytest.approx(-20.0, abs=0.01)


def test_good_master_is_black_at_both_ends_and_moves_between(good: Path) -> None:
    with av.open(str(good)) as wrapper:
        luma = [frame.to_ndarray(format="gray10le") for frame in wrapper.decode(video=0)]
    highest = [int(plane.max()) for plane in luma]
    assert max(highest[:12] + highest[84:]) <= 66
    assert min(highest[12:84]) > 800
    assert all(np.any(now != after) for now, after in pairwise(luma[12:84]))


def test_good_master_decodes_without_a_word_of_ffmpeg(good: Path) -> None:
    command = [ffmpeg_program(), "-nostdin", "-v", "warning", "-xerror", "-i", str(good), "-map", "0:v", "-map", "0:a"]
    assert subprocess.run([*command, "-f", "null", "-"], capture_output=True, check=True).stderr == b""


@pytest.mark.parametrize(
    ("name", "wrapper", "bitstream"),
    [
        ("bt601_in_both", "BT.601 NTSC", None),
        ("bt601_in_wrapper", "BT.601 NTSC", "BT.709"),
        ("bt601_in_bitstream", "BT.709", "BT.601 NTSC"),
    ],
)
def test_mediainfo_sees_bt601_where_it_was_put(
    name: str, wrapper: str, bitstream: str | None, mutate: Callable[[str], Path]
) -> None:
    picture = _track(mutate(name), "Video")
    assert picture["color_primaries"] == wrapper
    assert picture.get("colour_primaries_original", picture.get("color_primaries_original")) == bitstream


def test_ten_frames_and_no_others_are_marked_corrupt_by_libav(mutate: Callable[[str], Path]) -> None:
    with av.open(str(mutate("ten_corrupted_frames"))) as wrapper:
        corrupt = [number for number, frame in enumerate(wrapper.decode(video=0)) if frame.is_corrupt]
    assert corrupt == list(range(20, 80, 6))


def test_cut_master_keeps_its_promise_of_frames_and_holds_fewer(mutate: Callable[[str], Path]) -> None:
    path = mutate("cut_with_index_in_front")
    assert int(_track(path, "Video")["frame_count"]) == GOOD.frame_count
    with av.open(str(path)) as wrapper:
        whole = [packet for packet in wrapper.demux(video=0) if packet.size and not packet.is_corrupt]
    assert 70 < len(whole) < GOOD.frame_count


def test_true_peak_is_over_while_loudness_stays(mutate: Callable[[str], Path]) -> None:
    integrated, peak = _loudness(mutate("true_peak_over"), 0)
    assert peak > -1.0
    assert integrated == pytest.approx(-23.0, abs=0.2)


@pytest.mark.parametrize("faulty", [False, True])
def test_making_a_demo_master_tells_its_progress(faulty: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOD", "FAULTY"):
        monkeypatch.setattr(demo, name, replace(getattr(demo, name), frame_count=4, black=((0, 1),)))
    told: list[tuple[int, int]] = []
    demo.make_demo_master(tmp_path / "demo.mov", faulty=faulty, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 4) for done in (1, 2, 3, 4)]


def test_faulty_demo_master_has_its_faults_and_the_good_one_has_none_of_them(demo_masters: Path) -> None:
    paths = {False: demo_masters / "good.mov", True: demo_masters / "faulty.mov"}
    primaries = {faulty: _track(path, "Video")["color_primaries"] for faulty, path in paths.items()}
    rates = {faulty: _track(path, "Audio")["sampling_rate"] for faulty, path in paths.items()}
    counts = {faulty: MediaInfo.parse(path).general_tracks[0].count_of_audio_streams for faulty, path in paths.items()}
    assert primaries == {False: "BT.709", True: "BT.601 NTSC"}
    assert rates == {False: 48000, True: 44100}
    assert counts == {False: "2", True: "1"}
    assert _loudness(paths[True], 0)[0] == pytest.approx(-17.0, abs=0.1)
