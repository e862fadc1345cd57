"""Masters measured in parts: the joined tables are those of the single pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverqc.measuring import measure, plan_of
from deliverqc.meters import core_meters
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
from deliverqc.signals.parts import decode_in_parts, divide, joined, parts_at
from deliverqc.signals.plan import Plan
from deliverqc.signals.tables import Signals
from fixtures.ffmpeg import make

_FRAMES = 90

_PICTURE = (
    "-f lavfi -i \"testsrc2=s=192x108:r={rate},drawbox=w=iw:h=ih:c=black:t=fill:enable='between(n,20,44)',"
    "setpts='if(between(N,60,70),PTS,PTS)'\""
)
_SOUND = (
    "-f lavfi -i \"aevalsrc='0.4*sin(997*2*PI*t)*between(mod(t,1.3),0,0.9)|0.3*sin(400*2*PI*t)*between(t,0.8,2.2)':s=48000\""
)

RECIPES = {
    "mov": (".mov", "25", "-c:v prores_ks -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s24le -timecode 01:00:00:00"),
    "mov at 29.97": (".mov", "30000/1001", "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le"),
    "mxf": (".mxf", "25", "-c:v jpeg2000 -pix_fmt yuv422p10le -c:a pcm_s24le"),
    "mxf at 29.97": (".mxf", "30000/1001", "-c:v jpeg2000 -pix_fmt yuv422p10le -c:a pcm_s24le"),
    "picture alone": (".mov", "24", "-an -c:v prores_ks -profile:v 0 -pix_fmt yuv422p10le"),
}


@pytest.fixture(scope="module", params=list(RECIPES))
def master(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan, Signals]:
    """Three seconds and more of moving bars with black inside, two channels of interrupted tones, and their signals."""
    extension, rate, codecs = RECIPES[request.param]
    path = tmp_path_factory.mktemp("parts") / f"master{extension}"
    make(path, f"{_PICTURE.format(rate=rate)} {_SOUND} -frames:v {_FRAMES} -shortest {codecs}")
    plan = plan_of(probe(path))
    return path, plan, decode(path, plan)


def _assert_same(one: Any, other: Any, name: str = "signals") -> None:
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, name
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), name
    elif hasattr(one, "__dataclass_fields__"):
        for member in fields(one):
            _assert_same(getattr(one, member.name), getattr(other, member.name), f"{name}.{member.name}")
    elif isinstance(one, tuple) and one and hasattr(one[0], "__dataclass_fields__"):
        assert len(one) == len(other), name
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            _assert_same(left, right, f"{name}[{number}]")
    else:
        assert one == other, name


def _in_parts(path: Path, plan: Plan, joins: Sequence[int]) -> Signals:
    return joined([decode(path, replace(plan, part=part)) for part in parts_at(path, plan, joins)])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(joins=st.sets(st.integers(1, _FRAMES - 1), min_size=1, max_size=4).map(sorted))
def test_joined_parts_are_the_single_pass_wherever_the_joins_lie(
    master: tuple[Path, Plan, Signals], joins: list[int]
) -> None:
    path, plan, whole = master
    found = _in_parts(path, plan, joins)
    _assert_same(found, whole)
    probed = probe(path)
    read = [measure(probed, signals, settings={}, wanted=core_meters()).facts for signals in (whole, found)]
    assert read[0] == read[1]


@pytest.mark.parametrize("joins", [[1], [2], [3], [_FRAMES - 1], [24, 25, 26], [20, 45], [30, 31]])
def test_joins_at_the_edges_of_seconds_and_of_black_leave_no_trace(
    master: tuple[Path, Plan, Signals], joins: list[int]
) -> None:
    path, plan, whole = master
    _assert_same(_in_parts(path, plan, joins), whole)
