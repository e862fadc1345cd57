"""Reads the JSON of spec files strictly; knows nothing of what is in them."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from deliverqc.errors import SpecError

_DEEPEST = 60  # the rules walk a document by recursion


def read_json(path: Path) -> Any:  # noqa: ANN401
    """Read a JSON file strictly: SpecError with line and column where it is broken, and for a key that is there twice
    or NaN.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SpecError(f"the spec file {path} cannot be read: {error.strerror}.", code="spec-unreadable") from error
    except UnicodeDecodeError as error:
        raise SpecError(
            f"the spec file {path} is not UTF-8 text (byte {error.start}). Save it as UTF-8.", code="spec-not-json"
        ) from error
    try:
        document = json.loads(text, object_pairs_hook=_without_twins, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise SpecError(
            f"{path}, line {error.lineno}, column {error.colno}: this is not JSON: {error.msg}. Fix it there.",
            code="spec-not-json",
        ) from error
    except _TwinError as error:
        lines = [
            i for i, line in enumerate(text.splitlines(), start=1) if re.search(rf'"{re.escape(error.key)}"\s*:', line)
        ]
        where = f" (the key stands on lines {', '.join(map(str, lines))})" if lines else ""
        raise SpecError(
            f"{path}: one object has the key {error.key!r} twice{where}. Keep one.", code="spec-not-json"
        ) from error
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{path}: this is not JSON: {error}. Fix it there.", code="spec-not-json") from error
    if isinstance(document, dict | list) and _is_deeper(document, _DEEPEST):
        raise SpecError(f"{path}: this is nested more than {_DEEPEST} levels deep; no spec is.", code="spec-not-json")
    return document


def _is_deeper(value: Any, levels: int) -> bool:  # noqa: ANN401
    holders = [value]
    for _ in range(levels):
        inner = [one for held in holders for one in (held.values() if isinstance(held, dict) else held)]
        holders = [one for one in inner if isinstance(one, dict | list)]
        if not holders:
            return False
    return True


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_constant(text)


class _TwinError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwinError(next(key for key in keys if keys.count(key) > 1))
    return whole


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")
