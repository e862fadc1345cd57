"""Columns in a temporary file are the columns that were put in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deliverqc
from deliverqc.signals import packs
from deliverqc.signals.packs import Packs, filed, let_go
from deliverqc.signals.picture.rows import Rows
from fixtures.ffmpeg import make

_KINDS: dict[str, type[np.generic]] = {"small": np.uint8, "wide": np.float64}
_SHAPES = {"small": (), "wide": (2, 3)}


def _filled(row_count: int, rows_a_pack: int = 4, count: int = 2) -> dict[str, Any]:
    collected = Packs(_KINDS, _SHAPES, rows_a_pack)
    for first in range(0, row_count, count):
        rows = np.arange(first, first + count)
        room = collected.next(count)
        room["small"][...] = rows
        room["wide"][...] = rows[:, None, None] / 7.0
    return collected.finish(row_count)


def _is_mapped(column: Any) -> bool:
    return not column.flags.writeable


@pytest.fixture
def in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "_HELD_BYTES", 0)


@pytest.mark.parametrize("row_count", [0, 1, 4, 5, 26])
@pytest.mark.parametrize("held_bytes", [0, 300, 10**6])
def test_columns_are_what_was_filled_wherever_they_are(
    monkeypatch: pytest.MonkeyPatch, row_count: int, held_bytes: int
) -> None:
    monkeypatch.setattr(packs, "_HELD_BYTES", held_bytes)
    columns = _filled(row_count)
    expected = np.arange(row_count)
    assert columns["small"].dtype == np.uint8 and np.array_equal(columns["small"], expected)
    assert np.array_equal(columns["wide"], np.broadcast_to(expected[:, None, None] / 7.0, (row_count, 2, 3)))
    assert _is_mapped(columns["wide"]) == ((held_bytes == 0 and row_count > 0) or (held_bytes == 300 and row_count > 5))


@pytest.mark.usefixtures("in_files")
def test_what_is_let_go_is_read_again() -> None:
    columns = _filled(26)
    total = float(columns["wide"].sum())
    let_go(columns, (columns["small"][3:],), None)
    assert float(columns["wide"].sum()) == total


@pytest.mark.usefixtures("in_files")
def test_rows_of_a_picture_are_in_order() -> None:
    rows = Rows({"one": np.float32})
    for number in range(1_003):
        rows.add({"one": [number, -number]})
    assert np.array_equal(rows.finish()["one"], np.stack((np.arange(1_003), -np.arange(1_003)), axis=1))
    assert Rows({"one": np.float32}).finish()["one"].shape == (0,)


@pytest.fixture(params=["no file", "full disk"])
def failing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    make_file: Callable[[], Any] = tempfile.TemporaryFile
    written = 0

    class _Full:
        def __init__(self) -> None:
            self._file = make_file()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

        def __enter__(self) -> _Full:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, data: Any) -> int:
            nonlocal written
            written += 1
            if written > 3:
                written = 0
                raise OSError("no space left on device")
            return int(self._file.write(data))

    def refuse() -> Any:
        if request.param == "no file":
            raise OSError("read-only file system")
        return _Full()

    monkeypatch.setattr(packs.tempfile, "TemporaryFile", refuse)
    yield


@pytest.mark.usefixtures("in_files", "failing")
def test_without_room_on_the_disk_columns_stay_in_memory() -> None:
    columns = _filled(26)
    assert np.array_equal(columns["small"], np.arange(26))
    assert columns["wide"].flags.writeable
    kept = filed([("one", np.arange(5))])
    assert np.array_equal(kept["one"], np.arange(5))


@pytest.mark.usefixtures("in_files")
def test_empty_columns_stay_in_memory() -> None:
    kept = filed([("one", np.arange(5)), ("none", np.zeros((5, 0), dtype=np.float32))])
    assert _is_mapped(kept["one"]) and kept["none"].shape == (5, 0)


def test_every_meter_reads_columns_in_files_as_it_does_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(
        tmp_path / "small.mov",
        "-f lavfi -i testsrc2=s=64x48:r=25 -f lavfi -i sine=f=440:r=48000 -f lavfi -i sine=f=300:r=48000 -t 3 "
        "-map 0:v -map 1:a -map 2:a -c:v prores_ks -pix_fmt yuv422p10le -c:a pcm_s16le",
    )
    in_memory = deliverqc.measure(path, is_all=True).to_document()
    monkeypatch.setattr(packs, "_HELD_BYTES", 0)
    assert deliverqc.measure(path, is_all=True).to_document() == in_memory
