"""Writes the generated pages and schemas of a checkout anew: python -m docs.generate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from deliverqc.facts import document
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.load import LINTED_FILE, linted_digests, shipped_folder
from deliverqc.speclib import catalogue

_DOCS = Path(__file__).parent


@cache
def generated() -> Mapping[Path, str]:
    """Every generated file and the text that it is to hold."""
    facts = {name: fact for name, fact in registry().facts.items() if not fact.is_of_plug_in}
    return {
        document.SCHEMA_FILE: document.render_schema(facts),
        _DOCS / "facts.md": document.render_page(facts),
        _DOCS / "catalogue.md": catalogue.render_page(spec_library()),
        shipped_folder() / LINTED_FILE: linted_digests(shipped_folder(), registry()),
    }


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
