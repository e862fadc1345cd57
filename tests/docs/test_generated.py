"""Generated pages and schemas are what their command writes."""

from __future__ import annotations

from docs.generate import generated


def test_every_generated_file_is_up_to_date() -> None:
    stale = [path.name for path, text in generated().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `python -m docs.generate`, and commit them"
