"""Tells the folder of an IMF or DCP package from a folder of files; reads no package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from deliverqc.errors import UsageError

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


def original_maps(folders: Iterable[Path]) -> tuple[Path, ...]:
    """The asset maps of packages that are given with another one; UsageError for a folder that is no package."""
    found = []
    for folder in folders:
        if not folder.exists():
            raise UsageError(f"--with {folder} does not exist. Check the spelling.", code="missing-path")
        asset_map = asset_map_of(folder)
        if asset_map is None:
            raise UsageError(
                f"--with {folder} is not a package: it has no asset map. Name the folder of the original.",
                code="not-a-package",
            )
        found.append(asset_map)
    return tuple(dict.fromkeys(found))
