"""What a report format is; knows no document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Render = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A report format: its name, the suffixes of files that get it, what makes it, and what it is for."""

    name: str
    suffixes: tuple[str, ...]
    render: Render
    meaning: str
