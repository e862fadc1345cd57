"""Tables do not depend on the number of threads that read their rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.decode import decode
from deliverqc.signals.on_demand import PICTURE_EXTENSIONS
from deliverqc.signals.parts import joined, parts_at
from deliverqc.signals.picture import accumulator, in_order
from deliverqc.signals.plan import Plan
from deliverqc.signals.tables import Part, PictureSignal, Signals
from fixtures.ffmpeg import make

_MOVING = "-f lavfi -i testsrc2=s={size}:r=25,noise=alls=25:allf=t -frames:v 14"
RECIPES = {
    "8 bits, packed.mov": ("98x54", "-c:v rawvideo -pix_fmt uyvy422"),
    "8 bits, reordered.mp4": ("96x64", "-c:v libx264 -pix_fmt yuv420p -bf 2"),
    "10 bits, interlaced.mov": ("96x64", "-c:v v210 -pix_fmt yuv422p10le -flags +ildct -field_order tt"),
    "10 bits, odd.mkv": ("97x55", "-c:v ffv1 -pix_fmt yuv420p10le"),
    "12 bits.mkv": ("96x64", "-c:v ffv1 -pix_fmt yuv444p12le"),
    "16 bits, RGB.mkv": ("96x64", "-c:v ffv1 -pix_fmt rgb48le"),
    "16 bits, grey.mkv": ("96x64", "-c:v ffv1 -pix_fmt gray16le"),
}
_PQ = Colorimetry(primaries="bt2020", transfer="smpte2084", matrix="bt2020nc", mastering_max_cd_m2=1000.0)


def _plan(path: Path, colorimetry: Colorimetry | None = None) -> Plan:
    plan = plan_of(probe(path), frozenset(PICTURE_EXTENSIONS))
    return plan if colorimetry is None else replace(plan, colorimetry=colorimetry)


def _columns(picture: PictureSignal | None) -> dict[str, Any]:
    assert picture is not None
    own = {one.name: getattr(picture, one.name) for one in fields(picture) if one.name != "extended"}
    return own | dict(picture.extended)


def _assert_same(one: Signals, other: Signals) -> None:
    ours, theirs = _columns(one.picture), _columns(other.picture)
    assert ours.keys() == theirs.keys()
    for name, column in ours.items():
        if isinstance(column, np.ndarray):
            assert column.dtype == theirs[name].dtype
            assert np.array_equal(column, theirs[name], equal_nan=column.dtype.kind == "f"), name
        else:
            assert column == theirs[name], name
    assert one.log == other.log


def _assert_threads_change_nothing(path: Path, plan: Plan) -> Signals:
    alone = decode(path, plan, threads=1)
    _assert_same(decode(path, plan, threads=4), alone)
    return alone


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_column_of_every_essence(name: str, tmp_path: Path) -> None:
    size, codec = RECIPES[name]
    path = make(tmp_path / name, f"{_MOVING.format(size=size)} {codec}")
    colorimetry = _PQ if name.startswith(("10 bits, odd", "12 bits")) else Colorimetry(transfer="bt709")
    assert _assert_threads_change_nothing(path, _plan(path, colorimetry)).log.frame_count == 14


def test_a_change_of_size_midway(tmp_path: Path) -> None:
    for number, size in enumerate(("96x64", "128x72")):
        make(tmp_path / f"{number}.h264", f"{_MOVING.format(size=size)} -c:v libx264 -pix_fmt yuv420p")
    path = tmp_path / "changes.h264"
    path.write_bytes(b"".join((tmp_path / f"{number}.h264").read_bytes() for number in range(2)))
    signals = _assert_threads_change_nothing(path, _plan(path))
    assert {change.what for change in signals.log.changes} >= {"width_px", "height_px"}
    assert signals.picture is not None
    assert np.isnan(signals.picture.plane_difference[14]).all()


def test_damage_is_decoded_again_and_told_in_the_same_words(tmp_path: Path) -> None:
    path = make(tmp_path / "damaged.mov", f"{_MOVING.format(size='96x64')} -c:v prores -pix_fmt yuv422p10le")
    content = bytearray(path.read_bytes())
    place = content.index(b"icpf", len(content) // 3)
    content[place + 40 : place + 200] = b"\xff" * 160
    path.write_bytes(content)
    assert _assert_threads_change_nothing(path, _plan(path)).log.errors


def test_an_image_sequence(tmp_path: Path) -> None:
    make(tmp_path / "f.%04d.dpx", f"{_MOVING.format(size='96x64')} -pix_fmt gbrp10be -start_number 1")
    (tmp_path / "f.0007.dpx").unlink()
    path = tmp_path / "f.%04d.dpx"
    signals = _assert_threads_change_nothing(path, _plan(path))
    assert signals.log.missing_frame_count == 1


def test_parts_and_a_range(tmp_path: Path) -> None:
    path = make(tmp_path / "parts.mov", f"{_MOVING.format(size='96x64')} -c:v prores -pix_fmt yuv422p10le")
    extensions = tuple(name for name in PICTURE_EXTENSIONS if name != "photosensitivity")
    plan = replace(_plan(path), extensions=extensions)
    parts = [decode(path, replace(plan, part=part), threads=3) for part in parts_at(path, plan, [5])]
    whole = decode(path, plan, threads=1)
    assert _columns(joined(parts).picture).keys() == _columns(whole.picture).keys()
    _assert_same(joined(parts), whole)
    origins = parts_at(path, plan, [5])[0].origins
    part = Part(first_frame=4, end_frame=9, first_second=0, end_second=1, origins=origins, is_exact=False)
    _assert_threads_change_nothing(path, replace(plan, part=part))


@pytest.mark.parametrize("threads", [1, 4])
def test_what_reading_a_frame_raises_ends_the_decode(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path / "fault.mkv", f"{_MOVING.format(size='96x64')} -c:v ffv1 -pix_fmt yuv420p")
    calls = iter(range(100))
    of_bars = accumulator.bars

    def bars(*arguments: Any) -> Any:
        if next(calls) == 6:
            raise ValueError("of a frame")
        return of_bars(*arguments)

    monkeypatch.setattr(accumulator, "bars", bars)
    before = cv2.getNumThreads()
    with pytest.raises(ValueError, match="of a frame"):
        decode(path, _plan(path), threads=threads)
    assert cv2.getNumThreads() == before


def test_an_interruption_ends_the_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "stopped.mkv", f"{_MOVING.format(size='96x64')} -c:v ffv1 -pix_fmt yuv420p")
    made: list[in_order.InOrder] = []

    def kept(make_one: Callable[..., in_order.InOrder]) -> Callable[..., in_order.InOrder]:
        return lambda *arguments: made.append(make_one(*arguments)) or made[-1]  # type: ignore[func-returns-value]

    monkeypatch.setattr(accumulator, "InOrder", kept(in_order.InOrder))
    told: list[float] = []

    def interrupt(done_s: float) -> None:
        told.append(done_s)
        if len(told) == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode(path, _plan(path), interrupt, threads=3)
    with pytest.raises(RuntimeError):
        made[0].put(lambda: None, lambda _: None)
