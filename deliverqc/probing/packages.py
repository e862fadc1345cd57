"""Tells the folder of an IMF or DCP package from a folder of files; reads no package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

ASSET_MAP_NAMES = ("assetmap", "assetmap.xml")
"""Names of the asset map in lower case: Interop DCPs have no extension, SMPTE ST 429-9 packages have .xml."""


def asset_map_among(names: Iterable[str]) -> str | None:
    """The name of the asset map among the names of a folder; None where the folder is no package."""
    return next((name for name in sorted(names) if name.lower() in ASSET_MAP_NAMES), None)


def asset_map_of(folder: Path) -> Path | None:
    """The asset map of the package in `folder`; None for a file, and where there is none."""
    try:
        found = asset_map_among(path.name for path in folder.iterdir()) if folder.is_dir() else None
    except OSError:
        return None
    return None if found is None else folder / found
