"""Masters measured in parts: the joined tables are those of the single pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverqc.measuring.measure import measure
from deliverqc.measuring.planning import plan_of
from deliverqc.meters import core_meters
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
from deliverqc.signals.parts import decode_in_parts, divide, joined, parts_at
from deliverqc.signals.plan import Plan
from deliverqc.signals.tables import Signals
from fixtures.ffmpeg import make

_FRAMES = 90

_PICTURE = "-f lavfi -i \"testsrc2=s=96x54:r={rate},drawbox=w=iw:h=ih:c=black:t=fill:enable='between(n,20,44)'\""
_LEFT, _RIGHT = "0.4*sin(997*2*PI*t)*between(mod(t,1.3),0,0.9)", "0.3*sin(400*2*PI*t)*between(t,0.8,2.2)"
_SOUND = f"-f lavfi -i \"aevalsrc='{_LEFT}|{_RIGHT}':s=48000\""

RECIPES = {
    "mov": (".mov", "25", "-c:v prores -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s24le -timecode 01:00:00:00"),
    "mov at 29.97": (".mov", "30000/1001", "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le"),
    "mxf": (".mxf", "25", "-s 48x28 -c:v jpeg2000 -pix_fmt yuv422p10le -c:a pcm_s24le"),
    "mxf at 29.97": (".mxf", "30000/1001", "-s 48x28 -c:v jpeg2000 -pix_fmt yuv422p10le -c:a pcm_s24le"),
    "picture alone": (".mov", "24", "-an -c:v prores -profile:v 0 -pix_fmt yuv422p10le"),
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
    elif isinstance(one, Mapping):
        assert list(one) == list(other), name
        for key, value in one.items():
            _assert_same(value, other[key], f"{name}[{key}]")
    else:
        assert one == other, name


def _in_parts(path: Path, plan: Plan, joins: Sequence[int]) -> Signals:
    return joined([decode(path, replace(plan, part=part)) for part in parts_at(path, plan, joins)])


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@pytest.mark.parametrize("joins", [[1], [3], [_FRAMES - 1], [24, 25, 26], [30, 31]])
def test_joins_at_the_edges_of_seconds_and_of_black_leave_no_trace(
    master: tuple[Path, Plan, Signals], joins: list[int]
) -> None:
    path, plan, whole = master
    _assert_same(_in_parts(path, plan, joins), whole)


@pytest.fixture(scope="module")
def long_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """520 frames at 25 frames per second, 64x36, with black from frame 240 to 280 and a tone."""
    path = tmp_path_factory.mktemp("long") / "long.mov"
    black = "drawbox=w=iw:h=ih:c=black:t=fill:enable='between(n,240,279)'"
    return make(
        path,
        f'-f lavfi -i "testsrc2=s=64x36:r=25,{black}" -f lavfi -i sine=f=1000:r=48000 -t 20.8 '
        "-c:v prores -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s24le -ac 2 -timecode 10:00:00:00",
    )


def test_processes_measure_what_one_does_and_tell_their_progress(long_master: Path) -> None:
    plan = plan_of(probe(long_master))
    told: list[float] = []
    found = decode_in_parts(long_master, plan, 2, told.append)
    assert len(divide(long_master, plan, 2)) == 2
    assert found.part is None
    _assert_same(found, decode(long_master, plan))
    assert told
    assert told == sorted(told)


def test_damage_is_told_as_in_a_single_pass(long_master: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mov"
    content = bytearray(long_master.read_bytes())
    place = content.index(b"icpf", len(content) // 3)
    content[place + 20 : place + 400] = bytes(380)
    damaged.write_bytes(content)
    plan = plan_of(probe(damaged))
    whole = decode(damaged, plan)
    assert whole.log.errors
    _assert_same(decode_in_parts(damaged, plan, 2), whole)


def test_only_what_stands_alone_is_divided(long_master: Path, tmp_path: Path) -> None:
    plan = plan_of(probe(long_master))
    assert divide(long_master, plan, 1) == []
    assert divide(long_master, replace(plan, is_truncated=True), 2) == []
    assert divide(long_master, replace(plan, promised_frame_count=499), 2) == []
    assert divide(long_master, replace(plan, picture_indexes=(0, 0)), 2) == []
    predicted = make(
        tmp_path / "predicted.mp4", "-f lavfi -i testsrc2=s=64x36:r=25 -t 21 -c:v libx264 -pix_fmt yuv420p"
    )
    assert divide(predicted, plan_of(probe(predicted)), 2) == []
