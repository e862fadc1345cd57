"""Columns that are filled in pieces and kept in a temporary file once they are large; knows no column.

Small arrays that stay keep the memory between them from being used again, and a table that grows with the master is
read column by column at the end: so what is large is written to a file without a name, and mapped. A page of it is in
memory only while somebody reads it (`let_go`). Where no file can be written, all stays in memory.
"""

from __future__ import annotations

import mmap
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_HELD_BYTES = 2_000_000
"""House choice: below this a file costs more than it saves."""

_ALIGNED_BYTES = 4096


class Packs:
    """Collects rows of columns of the given types, and of the `shapes` that a row of each has, in packs of
    `rows_a_pack` rows. `finish` gives them once."""

    def __init__(self, kinds: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]], rows_a_pack: int) -> None:
        self._kinds = kinds
        self._shapes = shapes
        self._rows_a_pack = rows_a_pack
        self._bytes = {
            name: int(np.prod((rows_a_pack, *shapes[name]))) * np.dtype(kind).itemsize for name, kind in kinds.items()
        }
        self._held: list[dict[str, NDArray[Any]]] = []
        self._pack: dict[str, NDArray[Any]] = {}
        self._file: IO[bytes] | None = None
        self._is_filed = True
        self._filed_count = 0
        self._place = 0
        self._count = 0

    def next(self, count: int) -> Mapping[str, NDArray[Any]]:
        """Room for the next `count` rows of every column, which the caller fills; `count` divides the size of a
        pack."""
        if not self._pack or self._place == self._rows_a_pack:
            self._begin()
        first, self._place = self._place, self._place + count
        self._count += count
        return {name: column[first : self._place] for name, column in self._pack.items()}

    def finish(self, row_count: int | None = None) -> dict[str, NDArray[Any]]:
        """The columns with their first `row_count` rows (None: all), each (rows, ...); of no use for more rows."""
        rows = self._count if row_count is None else min(row_count, self._count)
        columns = filed((name, self._column(name, rows)) for name in self._kinds)
        self._held.clear()
        self._pack = {}
        if self._file is not None:
            self._file.close()
        return columns

    def _begin(self) -> None:
        if self._pack:
            self._held.append(self._pack)
            if self._is_filed and len(self._held) * sum(self._bytes.values()) > _HELD_BYTES:
                self._file_held()
        self._place = 0
        self._pack = {
            name: np.empty((self._rows_a_pack, *self._shapes[name]), dtype=kind) for name, kind in self._kinds.items()
        }

    def _file_held(self) -> None:
        """Move the packs to the file, or leave all further ones in memory where that fails."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - stays open until the columns are whole
                weakref.finalize(self, self._file.close)
            self._file.seek(self._filed_count * sum(self._bytes.values()))
            for pack in self._held:
                for array in pack.values():
                    self._file.write(array.data)
            self._file.flush()
        except OSError:
            self._is_filed = False
            return
        self._filed_count += len(self._held)
        self._held.clear()

    def _column(self, name: str, rows: int) -> NDArray[Any]:
        column = np.empty((rows, *self._shapes[name]), dtype=self._kinds[name])
        for number, pack in enumerate(self._packs_of(name)):
            part = column[number * self._rows_a_pack :][: self._rows_a_pack]
            part[...] = pack[: len(part)]
        return column

    def _packs_of(self, name: str) -> Iterator[NDArray[Any]]:
        names = list(self._bytes)
        before = sum(self._bytes[one] for one in names[: names.index(name)])
        for number in range(self._filed_count if self._file is not None else 0):
            assert self._file is not None
            self._file.seek(number * sum(self._bytes.values()) + before)
            flat = np.frombuffer(self._file.read(self._bytes[name]), dtype=self._kinds[name])
            yield flat.reshape(self._rows_a_pack, *self._shapes[name])
        yield from (pack[name] for pack in [*self._held, self._pack] if pack)


def filed(columns: Iterable[tuple[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """The columns by name: in memory while they are small, and from then on mapped from a file, to be read only. They
    are taken one at a time."""
    kept: dict[str, NDArray[Any]] = {}
    held: list[str] = []
    for name, column in columns:
        kept[name] = column
        if column.size:
            held.append(name)
        if sum(kept[one].nbytes for one in held) > _HELD_BYTES:
            kept |= _mapped({one: kept[one] for one in held})
            held.clear()
    return kept


def _mapped(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    places: dict[str, int] = {}
    try:
        with tempfile.TemporaryFile() as file:
            for name, column in columns.items():
                places[name] = file.tell()
                file.write(np.ascontiguousarray(column).data)
                file.write(bytes(-file.tell() % _ALIGNED_BYTES))
            file.flush()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return dict(columns)
    return {
        name: np.frombuffer(mapped, dtype=column.dtype, count=column.size, offset=places[name]).reshape(column.shape)
        for name, column in columns.items()
    }


def let_go(*tables: object) -> None:
    """Let go of the memory of what is mapped in the arrays or tables; it is read again from the file where needed."""
    maps = {id(found): found for table in tables for array in _arrays(table) if (found := _map_of(array)) is not None}
    for found in maps.values():
        if hasattr(mmap, "MADV_DONTNEED"):
            found.madvise(mmap.MADV_DONTNEED)


def _arrays(table: object) -> Iterator[NDArray[Any]]:
    if isinstance(table, np.ndarray):
        yield table
    elif isinstance(table, Mapping):
        for value in table.values():
            yield from _arrays(value)
    elif isinstance(table, tuple):
        for value in table:
            yield from _arrays(value)
    elif is_dataclass(table):
        for member in fields(table):
            yield from _arrays(getattr(table, member.name))


def _map_of(array: object) -> mmap.mmap | None:
    while isinstance(array, np.ndarray):
        array = array.base
    if isinstance(array, memoryview):
        array = array.obj
    return array if isinstance(array, mmap.mmap) else None
