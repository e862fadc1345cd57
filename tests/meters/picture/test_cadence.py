"""Patterns of repeated and blended frames and fields, and pictures that have none."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deliverqc.meters.cadence import METER as CADENCE
from fixtures.ffmpeg import make
from fixtures.pictures import Picture, flat, interlaced, moving, telecined, texture
from tests.meters.picture.measuring import read, table_of_file, table_of_pictures
from tests.meters.picture.tables import picture_table

_MEMBERS = ("period_frames", "repeated_frames", "repeated_fields", "lesser_steps")


def _found(pictures: list[Picture], **settings: Any) -> list[tuple[int, int, tuple[float, ...]]]:
    spans = read(CADENCE, table_of_pictures(pictures), **settings)["picture.cadence.spans"]
    return [(span.start, span.end, tuple(dict(span.members)[name] for name in _MEMBERS)) for span in spans]


def _repeated(counts: list[int], total: int) -> list[Picture]:
    """Moving pictures, of which the n-th is shown `counts[n]` times, again and again up to `total` frames."""
    pictures: list[Picture] = []
    number = 0
    while len(pictures) < total:
        pictures += [texture(4 * number)] * counts[number % len(counts)]
        number += 1
    return pictures[:total]


def test_film_in_2_3_pulldown_repeats_two_fields_in_five_frames() -> None:
    (found,) = _found(telecined(32))
    assert found[2] == (5, 0, 2, 0)
    assert found[0] <= 2
    assert found[1] == 40


@pytest.mark.parametrize(
    ("counts", "members"),
    [
        ([1, 1, 1, 2], (5, 1, 0, 0)),
        ([2, 3], (5, 3, 0, 0)),
        ([2], (2, 1, 0, 0)),
        ([3], (3, 2, 0, 0)),
        ([1, 1, 1, 1, 2], (6, 1, 0, 0)),
        ([1] * 23 + [2], (25, 1, 0, 0)),
    ],
)
def test_repeats_that_come_back_are_a_cadence(counts: list[int], members: tuple[float, ...]) -> None:
    (found,) = _found(_repeated(counts, 130))
    assert found[2] == members
    assert found[1] - found[0] >= 120


def test_fields_that_were_blended_away_leave_lesser_steps() -> None:
    film = [texture(9 * number) for number in range(41)]
    blended: list[Picture] = []
    for a, b, c, d in zip(film[0::4], film[1::4], film[2::4], film[3::4], strict=False):
        blended += [a, b, (b + c) / 2, (c + d) / 2, d]
    (found,) = _found(blended)
    assert found[2] == (5, 0, 0, 3)  # half, |d - b| / 2 and half, where others are whole
    assert found[1] - found[0] >= 45


def _steps(film: int, shown: int, count: int) -> list[float]:
    """Steps between frames that blend `film` pictures into `shown` ones, by linear interpolation in time."""
    at = np.arange(count + 1) * film / shown
    return list(np.abs(np.diff(at)) * (0.6 + 0.4 * np.abs(np.cos(np.pi * at[1:]))))


@pytest.mark.parametrize(("shown", "periods", "count"), [(30, 8, 1), (30, 7, 0), (25, 7, 1), (25, 6, 0)])
def test_lesser_steps_have_to_come_back_often_enough(shown: int, periods: int, count: int) -> None:
    period = 5 if shown == 30 else 25
    change = np.array(_steps(24, shown, periods * period)) * 20
    field_difference = np.repeat(np.concatenate(([np.nan], change))[:, None], 2, axis=1).astype(np.float32)
    spans = read(CADENCE, picture_table(len(change) + 1, field_difference=field_difference))["picture.cadence.spans"]
    assert len(spans) == count
    for span in spans:
        assert dict(span.members)["period_frames"] == period


def test_runs_of_lesser_steps_that_meet_are_one_span() -> None:
    change = np.array(_steps(24, 30, 100)) * 20
    change[48:52] *= 3.0
    field_difference = np.repeat(np.concatenate(([np.nan], change))[:, None], 2, axis=1).astype(np.float32)
    facts = read(CADENCE, picture_table(101, field_difference=field_difference))
    spans = facts["picture.cadence.spans"]
    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert facts["picture.cadence.percent"] <= 100


def test_every_second_frame_between_its_neighbours_has_a_lesser_step_where_motion_is_uneven() -> None:
    film = [texture(9 * number + 4 * (number % 2), lines=5 * number) for number in range(20)]
    assert _found(film) == []


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_motion_without_a_pattern_has_no_cadence(first: str) -> None:
    assert _found(moving(60)) == []
    assert _found(interlaced(60, first=first)) == []
    assert _found([flat(100)] * 60) == []
    assert _found([flat(20 + 3 * number) for number in range(60)]) == []  # a fade is a blend in every frame


def test_repeats_here_and_there_are_no_cadence() -> None:
    random = np.random.default_rng(3)
    pictures = [texture(4 * number) for number in range(60) for _ in range(1 + int(random.integers(0, 5) == 0))]
    assert _found(pictures) == []


def test_noise_has_no_cadence() -> None:
    random = np.random.default_rng(4)
    assert _found([texture(0) + np.round(random.normal(0, 3, texture().shape)) for _ in range(80)]) == []


@pytest.mark.parametrize(("periods", "count"), [(4, 1), (5, 0)])
def test_a_pattern_has_to_come_back_often_enough(periods: int, count: int) -> None:
    pictures = _repeated([1, 1, 1, 2], 22) + [texture(90 + 4 * number) for number in range(40)]
    found = _found(pictures, min_periods=periods)
    assert len(found) == count


@pytest.mark.parametrize(("frames", "count"), [(24, 1), (26, 0)])
def test_a_run_has_to_be_long_enough(frames: int, count: int) -> None:
    pictures = _repeated([2], 24) + [texture(90 + 4 * number) for number in range(40)]
    assert len(_found(pictures, min_frames=frames)) == count


def test_a_still_inside_the_pattern_costs_no_more_than_itself() -> None:
    film = telecined(48)
    held = film[:30] + [film[29]] * 10 + film[30:]
    assert sum(end - start for start, end, _ in _found(held)) >= len(film) - 4


@pytest.mark.parametrize(
    ("filters", "members"),
    [("telecine=pattern=23", (5, 0, 2, 0)), ("fps=60000/1001", (5, 3, 0, 0)), ("fps=30000/1001", (5, 1, 0, 0))],
)
@pytest.mark.parametrize("codec", ["prores -profile:v 2 -pix_fmt yuv422p10le", "libx264 -crf 18 -pix_fmt yuv420p"])
def test_what_ffmpeg_pulls_down_is_found_behind_codecs(
    filters: str, members: tuple[float, ...], codec: str, tmp_path: Path
) -> None:
    path = make(
        tmp_path / "film.mov",
        f"-f lavfi -i mandelbrot=s=160x90:r=24000/1001 -t 5 -vf scroll=h=0.0125:v=0.0166667,{filters} -c:v {codec}",
    )
    facts = read(CADENCE, table_of_file(path))
    assert facts["picture.cadence.percent"] > 85
    assert {tuple(dict(span.members)[name] for name in _MEMBERS) for span in facts["picture.cadence.spans"]} == {
        members
    }


@pytest.mark.parametrize(("rate", "period"), [("30000/1001", 5), ("25", 25)])
def test_what_ffmpeg_converts_by_blends_is_found(rate: str, period: int, tmp_path: Path) -> None:
    path = make(
        tmp_path / "blended.mov",
        "-f lavfi -i mandelbrot=s=160x90:r=24000/1001 -t 8 "
        f"-vf scroll=h=0.0125:v=0.0166667,minterpolate=mi_mode=blend:fps={rate}:scd=none "
        "-c:v libx264 -crf 18 -pix_fmt yuv420p",
    )
    facts = read(CADENCE, table_of_file(path))
    assert facts["picture.cadence.percent"] > 70
    assert {dict(span.members)["period_frames"] for span in facts["picture.cadence.spans"]} == {period}


@pytest.mark.parametrize("rate", ["24000/1001", "25", "50"])
def test_what_was_never_converted_has_no_cadence_behind_codecs(rate: str, tmp_path: Path) -> None:
    path = make(
        tmp_path / "native.mov",
        f"-f lavfi -i mandelbrot=s=160x90:r={rate} -t 4 -vf scroll=h=0.0125:v=0.0166667 "
        "-c:v libx264 -crf 18 -pix_fmt yuv420p",
    )
    assert read(CADENCE, table_of_file(path))["picture.cadence.spans"] == ()
