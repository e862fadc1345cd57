"""The verdict document as JSON, in the document's own order; knows nothing of what stands in it.

Every character outside ASCII is escaped: a control character or a lone surrogate in a file name can then neither reach
a terminal nor fail to be written, and reading it back gives the same string. NaN and infinities raise ValueError.
"""

from __future__ import annotations

import json as standard
from collections.abc import Mapping
from typing import Any


def json(document: Mapping[str, Any]) -> str:
    """Indented by two, with a list of plain values on one line, so that a curve does not fill the screen."""
    return f"{_written(document, '')}\n"


def _written(value: Any, indent: str) -> str:  # noqa: ANN401
    if not isinstance(value, Mapping | list | tuple) or not value:
        return standard.dumps(value, allow_nan=False)
    deeper = f"{indent}  "
    if isinstance(value, Mapping):
        members = [f"{standard.dumps(str(name))}: {_written(member, deeper)}" for name, member in value.items()]
        return _enclosed("{", members, "}", indent)
    if not any(isinstance(member, Mapping | list | tuple) for member in value):
        return standard.dumps(value, allow_nan=False)
    return _enclosed("[", [_written(member, deeper) for member in value], "]", indent)


def _enclosed(opening: str, members: list[str], closing: str, indent: str) -> str:
    separator = f",\n{indent}  "
    return f"{opening}\n{indent}  {separator.join(members)}\n{indent}{closing}"
