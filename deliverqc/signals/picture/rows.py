"""Rows packed into columns as they come; knows no frame and no meaning.

A row of numpy's or Python's small objects takes ten times the memory of its columns, and keeps large blocks around it
from being used again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE = 250  # memory is taken for so many


class Rows:
    """Collects rows of columns of the given types; the first row says what shape they have."""

    def __init__(self, kinds: Mapping[str, Any]) -> None:
        self._kinds = kinds
        self._packs: list[dict[str, NDArray[Any]]] = []
        self._count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row, which has a value for every column."""
        place = self._count % _ROWS_AT_ONCE
        if place == 0:
            shapes = {name: np.shape(row[name]) for name in self._kinds}
            pack = {name: np.empty((_ROWS_AT_ONCE, *shapes[name]), dtype=kind) for name, kind in self._kinds.items()}
            self._packs.append(pack)
        for name, column in self._packs[-1].items():
            column[place] = row[name]
        self._count += 1

    def finish(self) -> dict[str, NDArray[Any]]:
        """The columns, each (rows, ...); no longer of use for more rows."""
        columns: dict[str, NDArray[Any]] = {}
        for name, kind in self._kinds.items():
            packs = [pack.pop(name) for pack in self._packs]
            if packs:
                packs[-1] = packs[-1][: self._count - _ROWS_AT_ONCE * (len(packs) - 1)]
            columns[name] = np.concatenate(packs) if packs else np.empty(0, dtype=kind)
        return columns
