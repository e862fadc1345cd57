"""Columns on demand as tables hold them, and what their readers are told of the picture's codes; knows no reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Colorimetry:
    """What the codes of the picture mean, by the names of ITU-T H.273, and the largest luminance of the mastering
    display (SMPTE ST 2086); None where neither wrapper nor bitstream says."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    mastering_max_cd_m2: float | None = None


def gather(readers: Mapping[str, Any], *arguments: int) -> dict[str, NDArray[Any]]:
    """The columns of all readers, named after their extensions."""
    return {
        f"{extension}.{name}": column
        for extension, reader in readers.items()
        for name, column in reader.finish(*arguments).items()
    }
