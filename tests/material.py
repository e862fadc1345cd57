"""Where tests find real masters and published schemas; knows nothing of what is in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from tests.slices import is_drawn


def _folder(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set")
    folder = Path(value)
    if not folder.is_dir():
        pytest.fail(f"{variable} names {folder}, which is not a folder")
    return folder


def material(path: str = "") -> Path:
    """A file or folder of the material; skips the test where no material is named, fails it where the file is
    missing."""
    return _present(_folder("DELIVERQC_MATERIAL") / path)


def schemas(name: str) -> Path:
    """A published schema; skips the test where none are named, fails it where the file is missing."""
    return _present(_folder("DELIVERQC_SCHEMAS") / name)


def _present(path: Path) -> Path:
    if not path.exists():
        pytest.fail(f"{path} is missing")
    return path


def file_names(is_meant: Callable[[Path], bool], *, always: Collection[str] = ()) -> list[str]:
    """Names of the files of the material that a test runs over: a slice, and those of `always`. One empty name where
    no material is named, so that the test is there to be skipped.
    """
    folder = os.environ.get("DELIVERQC_MATERIAL")
    if not folder or not Path(folder).is_dir():
        return [""]
    root = Path(folder)
    names = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and is_meant(path))
    return sorted(name for name in names if name in always or is_drawn(name))
