"""Documents that are described once and cited by their id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deliverqc.measuring.registry import spec_library
from tests.spec_files import clause, document, write

SHEET = {"id": "sheet", "title": "The sheet", "edition": "2", "url": "https://example.org/sheet", "read_as": "primary"}


def citing(source: dict[str, Any], *documents: dict[str, Any]) -> dict[str, Any]:
    body = document(clause("it") | {"x-source": source})
    return body | {"x-documents": list(documents)}


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ({"document": "sheet"}, {"document": "The sheet", "edition": "2", "url": "https://example.org/sheet"}),
        (
            {"document": "sheet", "section": "3", "url": "https://example.org/3"},
            {"document": "The sheet", "edition": "2", "url": "https://example.org/3", "section": "3"},
        ),
        ({"document": "Another"}, {"document": "Another"}),
    ],
)
def test_a_source_has_what_its_document_says(tmp_path: Path, source: dict[str, Any], written: dict[str, Any]) -> None:
    spec = spec_library().load(str(write(tmp_path, citing(source, SHEET))))
    assert spec.own_clauses[0].source == written


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (citing({"document": "sheet", "edition": "3"}, SHEET), "restated-edition", "/allOf/0/x-source/edition"),
        (citing({"document": "Else"}, SHEET), "uncited-document", "/x-documents/0"),
        (citing({"document": "sheet"}, SHEET, SHEET | {"edition": "3"}), "taken-id", "/x-documents/1/id"),
        (citing({"document": "sheet"}, SHEET | {"id": "The Sheet"}), "misshapen-document", "/x-documents/0/id"),
        (citing({"document": "sheet"}, SHEET | {"read_on": "May"}), "misshapen-document", "/x-documents/0/read_on"),
        (citing({"document": "sheet"}, {**SHEET, "title": ""}), "untitled-document", "/x-documents/0"),
        (citing({"document": "sheet"}, SHEET | {"confidence": "low"}), "unsure-shall", "/allOf/0/x-level"),
        (
            citing({"document": "sheet", "confidence": "high"}, SHEET | {"read_as": "memory"}),
            "unread-source",
            "/allOf/0/x-source/confidence",
        ),
    ],
)
def test_what_is_wrong_with_documents_is_said(tmp_path: Path, body: dict[str, Any], code: str, place: str) -> None:
    problems = spec_library().problems(str(write(tmp_path, body)))
    assert (code, place) in [(problem.code, problem.pointer) for problem in problems]
