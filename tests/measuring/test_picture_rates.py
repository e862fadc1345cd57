"""The bit rate of a composition's picture by arithmetic: bytes of a frame times eight times the rate."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deliverqc.measuring.compositions import PackagedComposition, TrackFile
from deliverqc.measuring.picture_rates import picture_rate
from deliverqc.packages import read_package
from deliverqc.packages.model import Reel
from fixtures.packages import make_dcp


def _decoded(sizes: list[int], order: list[int]) -> Any:
    packets = SimpleNamespace(size_bytes=np.array(sizes), start_s=np.array(order, dtype=float))
    return SimpleNamespace(probed=None, signals=SimpleNamespace(packets=packets))


def _packaged(tmp_path: Path, files: dict[str, TrackFile], reels: int = 1) -> PackagedComposition:
    package = read_package(make_dcp(tmp_path / "dcp", reels=reels).asset_map)
    composition = package.compositions[0]
    changed = []
    for reel in composition.reels:
        picture, sound = reel.tracks
        used = replace(picture, entry_point=1, duration=3, intrinsic_duration=5, repeat_count=2)
        changed.append(Reel(number=reel.number, identity=reel.identity, tracks=(used, sound)))
    return PackagedComposition(
        package=package,
        composition=replace(composition, reels=tuple(changed)),
        facts={},
        files={tmp_path / "dcp" / name: file for name, file in files.items()},
        is_changed=False,
    )


def test_the_rate_is_that_of_the_frames_that_are_used_in_the_order_of_showing(tmp_path: Path) -> None:
    file = _decoded([1000, 3000, 2000, 4000, 5000], [0, 2, 1, 3, 4])
    ((group, start, curve),) = picture_rate(_packaged(tmp_path, {"picture_0.mxf": file}))
    assert (group, start, curve.unit, curve.step_s) == (None, 0.0, "Mbit/s", pytest.approx(1 / 24))
    assert curve.values.tolist() == pytest.approx([size * 8 * 24 / 1e6 for size in (2000, 3000, 4000) * 2])


def test_a_file_that_was_not_decoded_leaves_a_gap_and_none_draws_nothing(tmp_path: Path) -> None:
    packaged = _packaged(tmp_path, {"picture_1.mxf": _decoded([9, 9, 9], [0, 1, 2])}, reels=2)
    ((_, _, curve),) = picture_rate(packaged)
    known = np.isfinite(curve.values)
    assert known.tolist() == [False] * 6 + [True, True, False] * 2
    assert picture_rate(replace(packaged, files={})) == ()
    picture, sound = packaged.composition.reels[0].tracks
    mixed = Reel(number=0, identity=None, tracks=(replace(picture, edit_rate=Fraction(25)), sound))
    other = replace(packaged.composition, reels=(mixed, packaged.composition.reels[1]))
    assert picture_rate(replace(packaged, composition=other)) == ()
