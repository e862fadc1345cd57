"""Hard cuts at frames that are known: pictures made by hand, and a film of which ffmpeg says where it is cut."""

from __future__ import annotations

import subprocess
from fractions import Fraction

import numpy as np
import pytest

from deliverqc.measuring.shot_changes import ShotChanges, shot_changes
from fixtures.ffmpeg import ffmpeg_program
from fixtures.pictures import Picture, frame_of
from tests.material import material
from tests.meters.picture.measuring import table_of, table_of_file

_HEIGHT, _WIDTH, _PAN = 36, 64, 1


def _shot(seed: int, frames: int, *, low: float = 20, high: float = 230) -> list[Picture]:
    """A camera that pans over blocks of random grey, softened, so that a frame resembles the next one."""
    blocks = np.random.default_rng(seed).uniform(low, high, (6, 40))
    scene = np.kron(blocks, np.ones((6, 8)))
    for _ in range(6):
        scene = (scene + np.roll(scene, 1, 1) + np.roll(scene, -1, 1)) / 3
    return [scene[:_HEIGHT, at : at + _WIDTH] for at in range(0, _PAN * frames, _PAN)]


def _found(pictures: list[Picture], pixel_format: str = "yuv422p10le") -> ShotChanges:
    return shot_changes(table_of((frame_of(one, pixel_format) for one in pictures), Fraction(24)))


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le", "yuv444p12le"])
def test_every_hard_cut_is_found_to_the_frame(pixel_format: str) -> None:
    lengths = (30, 12, 25, 7, 40)
    pictures = [one for seed, frames in enumerate(lengths) for one in _shot(seed, frames)]
    assert _found(pictures, pixel_format) == ShotChanges(frames=(30, 42, 67, 74), doubtful=())


def test_a_cut_out_of_black_or_of_a_still_counts() -> None:
    black, still = [np.full((_HEIGHT, _WIDTH), 16.0)] * 20, _shot(1, 1) * 20
    assert _found(black + still + _shot(2, 20)).frames == (20, 40)


def test_slow_dissolves_and_fades_are_no_cuts() -> None:
    one, other = _shot(1, 36), _shot(2, 36)
    dissolve = [a + (b - a) * at / 35 for at, (a, b) in enumerate(zip(one, other, strict=True))]
    fade = [16 + (a - 16) * (35 - at) / 35 for at, a in enumerate(_shot(3, 36))]
    assert _found(dissolve) == _found(fade) == ShotChanges(frames=(), doubtful=())


@pytest.mark.parametrize("length", [1, 3])
def test_a_flash_is_doubtful_at_both_ends(length: int) -> None:
    pictures = _shot(1, 1) * 40
    for frame in range(20, 20 + length):
        pictures[frame] = np.full((_HEIGHT, _WIDTH), 235.0)
    assert _found(pictures) == ShotChanges(frames=(), doubtful=(20, 20 + length))


def test_a_cut_between_dark_shots_is_doubtful() -> None:
    found = _found(_shot(1, 20, low=16, high=30) + _shot(2, 20, low=16, high=30))
    assert found == ShotChanges(frames=(), doubtful=(20,))


def test_a_cut_between_two_fields_is_doubtful() -> None:
    first, second = _shot(1, 20), _shot(2, 21)
    woven = first[-1].copy()
    woven[1::2] = second[0][1::2]
    found = _found([*first, woven, *second[1:]])
    assert found.frames == () and {20, 21} <= set(found.doubtful)


def test_what_changes_violently_in_every_frame_is_doubtful() -> None:
    noise = np.random.default_rng(1)
    pictures = [noise.uniform(16, 235, (_HEIGHT, _WIDTH)) for _ in range(12)]
    found = _found(pictures)
    assert found.frames == () and set(found.doubtful) >= set(range(1, 12))


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_a_short_picture_has_no_cut(frames: int) -> None:
    assert _found(_shot(1, 1) * frames) == ShotChanges(frames=(), doubtful=())


def test_distances_are_signed_frames_from_the_nearest_change() -> None:
    changes = ShotChanges(frames=(48, 96), doubtful=())
    assert [changes.distance(frame) for frame in (0, 45, 48, 72, 73, 99)] == [-48, -3, 0, 24, -23, 3]
    assert ShotChanges(frames=(), doubtful=()).distance(7) is None


@pytest.mark.parametrize("frame", [58, 60, 62, 53])
def test_a_doubtful_frame_that_is_as_near_leaves_the_distance_open(frame: int) -> None:
    changes = ShotChanges(frames=(48,), doubtful=(58,))
    with pytest.raises(LookupError, match="58"):
        changes.distance(frame)
    assert changes.distance(52) == 4


def test_cuts_of_a_film_are_those_that_ffmpeg_finds() -> None:
    path = material("caption_inspector/test/media/BigBuckBunny_160x90-24fps.mov")
    command = [ffmpeg_program(), "-hide_banner", "-i", str(path), "-an", "-vf", "scdet=t=10", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    times = [float(line.split("lavfi.scd.time: ")[1].split()[0]) for line in told.splitlines() if "scd.time" in line]
    assert len(times) == 3
    assert shot_changes(table_of_file(path)).frames == tuple(round(24 * time) for time in times)
