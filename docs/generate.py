"""Writes the generated pages and schemas of a checkout anew: python -m docs.generate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from deliverqc.facts import document
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.load import LINTED_FILE, linted_digests, shipped_folder
from deliverqc.speclib import catalogue
from deliverqc.speclib.folders import read_folder
from deliverqc.speclib.locking import LOCK_FILE, lock_text

_DOCS = Path(__file__).parent
_PRIVATE = _DOCS / "spec-repository"


@cache
def generated() -> Mapping[Path, str]:
    """Every generated file and the text that it is to hold."""
    facts = {name: fact for name, fact in registry().facts.items() if not fact.is_of_plug_in}
    return {
        document.SCHEMA_FILE: document.render_schema(facts),
        _DOCS / "facts.md": document.render_page(facts),
        _DOCS / "catalogue.md": catalogue.render_page(spec_library()),
        _PRIVATE / LOCK_FILE: _lock_of(_PRIVATE / "specs"),
        shipped_folder() / LINTED_FILE: linted_digests(shipped_folder(), registry()),
    }


def _lock_of(folder: Path) -> str:
    """The lock of every spec and family in a folder, as `deliverqc spec lock` writes it."""
    library, found = spec_library([folder]), read_folder(folder)
    specs = [library.load(str(path)) for path in found.specs]
    return lock_text(library, [*specs, *(library.load_family(str(path)) for path in found.families)])


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
