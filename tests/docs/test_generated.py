"""Generated pages and schemas are what their command writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generate import generated


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.name)
def test_a_generated_file_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generated()[path], "run `python -m docs.generate`, and commit it"
