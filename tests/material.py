"""Where tests find real masters and published schemas; knows nothing of what is in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


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
