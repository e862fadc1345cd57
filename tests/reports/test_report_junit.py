"""Truths about the JUnit report: the schema of CI servers takes it, and red is where the decision is not a pass."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from deliverqc.reports import outline, render
from tests.material import schemas
from tests.reports import samples


def suites(document: dict[str, Any]) -> list[etree._Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return list(etree.fromstring(render(document, "junit").encode(), parser))


def cases(document: dict[str, Any]) -> dict[str, etree._Element | None]:
    """The one element inside each test case, by the name of the case."""
    return {case.get("name"): next(iter(case), None) for suite in suites(document) for case in suite.iter("testcase")}


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_the_published_schema_takes_every_report(sample: str) -> None:
    schema = etree.XMLSchema(etree.parse(schemas("junit-10.xsd")))
    schema.assertValid(etree.fromstring(render(samples.SMALL[sample](), "junit").encode()))


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_a_suite_is_red_exactly_where_its_decision_is_not_a_pass(sample: str) -> None:
    document = samples.SMALL[sample]()
    red = [bool(suite.findall(".//failure") or suite.findall(".//error")) for suite in suites(document)]
    decisions = [line.decision for line in outline.lines(document)] or [document["decision"]]
    assert red == [decision != "pass" for decision in decisions]


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_the_totals_of_a_suite_are_those_of_its_cases(sample: str) -> None:
    for suite in suites(samples.SMALL[sample]()):
        counted = {
            "tests": len(suite.findall("testcase")),
            "failures": len(suite.findall("testcase/failure")),
            "errors": len(suite.findall("testcase/error")),
            "skipped": len(suite.findall("testcase/skipped")),
        }
        assert {name: int(suite.get(name)) for name in counted} == counted


def test_every_clause_is_a_case_named_by_its_id_under_its_spec() -> None:
    (suite,) = suites(samples.failing())
    assert [case.get("name") for case in suite.iter("testcase")][:3] == [
        "essence-decodes",
        "essence-complete",
        "integrated-loudness",
    ]
    names = [case.get("classname") for case in suite.iter("testcase")]
    assert set(names[:-2]) == {"ebu-r128-programme"} and set(names[-2:]) == {"deliverqc-common-sense"}


def test_each_outcome_has_its_element() -> None:
    found = {name: None if element is None else element.tag for name, element in cases(samples.failing()).items()}
    assert found == {
        "essence-decodes": None,
        "essence-complete": None,
        "integrated-loudness": "failure",
        "true-peak": None,
        "black-in-programme": "failure",
        "silence": "skipped",
        "loudness-range": "skipped",
        "expected-original-language": "skipped",
        "file-name": "skipped",
        "no-dead-channel": "skipped",
        "same-left-and-right": "skipped",
    }


def test_what_binds_and_was_not_measured_is_an_error_and_advice_that_was_not_is_skipped() -> None:
    found = cases(samples.incomplete())
    assert found["essence-decodes"].get("type") == "not_measured"
    assert found["essence-decodes"].tag == "error"
    assert found["decoder-warnings"].tag == "skipped"


def test_advice_that_is_not_followed_is_a_failure_where_should_decides() -> None:
    document = samples.failing()
    document["request"]["fail_on"] = "should"
    assert cases(document)["loudness-range"].tag == "failure"


def test_an_incomplete_decision_that_no_clause_shows_is_a_case_of_its_own() -> None:
    decision = cases(samples.nothing_binding())["decision"]
    assert (decision.tag, decision.get("message")) == ("error", "Nothing binding was judged.")


def test_a_master_that_cannot_be_read_is_an_error_with_its_code() -> None:
    assert cases(samples.unreadable())["readable"].get("type") == "not-media"


def test_a_skipped_case_says_why() -> None:
    found = cases(samples.failing())
    assert "granted by J. Ames" in found["silence"].get("message")
    assert found["loudness-range"].get("message").startswith("should, fails: ")
    assert "the wrapper is not a mix stem" in found["file-name"].get("message")


def test_hostile_strings_come_out_of_the_xml_as_they_went_in_but_harmless() -> None:
    (suite,) = suites(samples.hostile())
    assert "\\x1b[31mred\\u202egpj.mov]]>|`<b>" in suite.get("name")
    assert "<script>window.executed=1" in suite.find(".//failure").text
