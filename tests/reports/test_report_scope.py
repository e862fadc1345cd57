"""Every report says what a pass is limited to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deliverqc.documents import VerdictDocument
from deliverqc.reports import FORMATS, render
from deliverqc.verdict import Decision
from tests.reports import samples

SAID = {
    "text": "PASS (loudness only)  mix.wav  against",
    "html": '<p class="banner pass"><b>pass (loudness only)</b>',
    "junit": "(ebu-r128-programme@5.0.r1): loudness only",
    "github": "title=PASS (loudness only)",
    "markdown": "| PASS (loudness only) | mix.wav |",
}


def together(*documents: dict[str, Any]) -> dict[str, Any]:
    return documents[0] | {"masters": [master for document in documents for master in document["masters"]]}


def limited(*scope: str) -> dict[str, Any]:
    document = samples.narrow()
    document["masters"][0]["subjects"][0]["verdicts"][0]["scope"] = list(scope)
    return document


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_a_pass_of_a_narrow_spec_says_so_in_every_format(name: str) -> None:
    assert SAID[name] in render(samples.narrow(), name)
    assert "only)" not in render(samples.passing(), name)


def test_the_document_has_the_scope_as_a_member() -> None:
    read = VerdictDocument.from_document(json.loads(render(samples.narrow(), "json")))
    assert read.masters[0].subjects[0].verdicts[0].scope == ("loudness",)
    assert VerdictDocument.from_document(samples.passing()).masters[0].subjects[0].verdicts[0].scope == ()


def test_a_fail_of_a_narrow_spec_does_not_read_as_a_partial_fail() -> None:
    document = samples.narrow()
    verdict = document["masters"][0]["subjects"][0]["verdicts"][0]
    for one in (document, document["masters"][0], document["masters"][0]["subjects"][0], verdict):
        one["decision"] = Decision.FAIL.value
    shown = render(document, "text")
    assert "FAIL  mix.wav" in shown
    assert "This spec judges loudness only." in shown


def test_a_pass_of_a_spec_that_only_recommends_is_marked_with_the_decision() -> None:
    assert "PASS (advisory)  upload.mp4" in render(samples.advisory(), "text")


@pytest.mark.parametrize(
    ("documents", "heading"),
    [
        ([samples.narrow(), samples.narrow()], "## deliverqc: PASS (loudness only)\n"),
        ([samples.narrow(), limited("sync")], "## deliverqc: PASS (each within its scope)\n"),
        ([samples.narrow(), samples.passing()], "## deliverqc: PASS\n"),
    ],
    ids=["the-same", "several", "one-is-whole"],
)
def test_several_verdicts_share_a_heading_only_where_all_are_limited(
    documents: list[dict[str, Any]], heading: str
) -> None:
    assert heading in render(together(*documents), "markdown")
