"""Rows of a picture table packed into columns as they come; knows no frame and no meaning.

A row of numpy's or Python's small objects takes ten times the memory of its columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.packs import Packs

_ROWS_AT_ONCE = 250  # memory is taken for so many


class Rows:
    """Collects rows of columns of the given types; the first row says what shape they have."""

    def __init__(self, kinds: Mapping[str, Any]) -> None:
        self._kinds = kinds
        self._packs: Packs | None = None

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row, which has a value for every column."""
        if self._packs is None:
            self._packs = Packs(self._kinds, {name: np.shape(row[name]) for name in self._kinds}, _ROWS_AT_ONCE)
        for name, column in self._packs.next(1).items():
            column[0] = row[name]

    def finish(self) -> dict[str, NDArray[Any]]:
        """The columns, each (rows, ...); no longer of use for more rows."""
        if self._packs is None:
            return {name: np.empty(0, dtype=kind) for name, kind in self._kinds.items()}
        return self._packs.finish()
