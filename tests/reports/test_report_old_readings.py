"""Reports say that a document was read more than a year ago, and say nothing else because of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from deliverqc.documents import VerdictDocument
from deliverqc.reports import FORMATS, render
from tests.reports import samples

SAID = "The reading is more than a year old: EBU R 128, edition 5.0 (2023), read on 2025-05-22 (549 days before)."


def plain(text: str) -> str:
    return " ".join(text.replace("\\", "").split())


def without(document: dict[str, Any]) -> dict[str, Any]:
    del document["masters"][0]["subjects"][0]["verdicts"][0]["old_readings"]
    return document


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
def test_a_report_says_that_the_reading_is_old(name: str) -> None:
    assert SAID in plain(render(samples.long_ago(), name))
    assert "more than a year" not in plain(render(samples.passing(), name))


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_the_decision_reads_as_without_it(name: str) -> None:
    shown, fresh = render(samples.long_ago(), name), render(without(samples.long_ago()), name)
    assert re.findall(r"PASS\b.*", shown) == re.findall(r"PASS\b.*", fresh)


def test_of_many_old_readings_the_oldest_are_named_and_the_rest_counted() -> None:
    document = samples.long_ago()
    verdict = document["masters"][0]["subjects"][0]["verdicts"][0]
    verdict["old_readings"] *= 5
    shown = plain(render(document, "text"))
    assert shown.count("read on 2025-05-22 (") == 3
    assert "and 2 more documents. Check whether they changed since." in shown


def test_the_document_has_them_as_a_member() -> None:
    read = VerdictDocument.from_document(json.loads(render(samples.long_ago(), "json")))
    (one,) = read.masters[0].subjects[0].verdicts[0].old_readings
    assert (one.document, one.read_on, one.days) == ("EBU R 128", "2025-05-22", 549)
