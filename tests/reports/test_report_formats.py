"""What holds for every format: it is pure, harmless, complete and found by its suffix."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc.errors import UsageError
from deliverqc.reports import FORMATS, format_for_path, render
from tests.reports import samples
from tests.reports.regenerate import FOLDER, goldens

EVERY = [(sample, name) for sample in samples.SAMPLES for name in FORMATS]


def test_the_formats_are_the_six_that_are_documented_and_each_says_what_it_is_for() -> None:
    assert tuple(FORMATS) == ("text", "json", "html", "junit", "github", "markdown")
    assert all(known.meaning for known in FORMATS.values())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/verdict.json", "json"),
        ("a.html", "html"),
        ("a.HTM", "html"),
        ("a.xml", "junit"),
        ("a.junit.xml", "junit"),
        ("summary.md", "markdown"),
        ("a.mov.txt", "text"),
    ],
)
def test_a_suffix_chooses_the_format(path: str, name: str) -> None:
    assert format_for_path(path) == name


@pytest.mark.parametrize("path", ["report.pdf", "report", ".json"])
def test_an_unknown_suffix_is_a_usage_error_that_lists_the_known_ones(path: str) -> None:
    with pytest.raises(UsageError) as caught:
        format_for_path(path)
    assert all(suffix in caught.value.message for known in FORMATS.values() for suffix in known.suffixes)


def test_an_unknown_format_is_a_usage_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="text, json, html, junit, github, markdown"):
        render(samples.passing(), "pdf")


@pytest.mark.parametrize(("sample", "name"), EVERY)
def test_rendering_twice_gives_the_same_and_leaves_the_document_alone(sample: str, name: str) -> None:
    document = samples.SMALL[sample]()
    before = copy.deepcopy(document)
    first = render(document, name)
    assert document == before
    assert render(document, name) == first
    assert first.endswith("\n")


@pytest.mark.parametrize(("sample", "name"), EVERY)
def test_no_format_lets_a_control_character_or_a_direction_mark_through(sample: str, name: str) -> None:
    shown = render(samples.SMALL[sample](), name)
    shown.encode("utf-8")
    shown = re.sub("\u2068([^\n\u2068\u2069]*)\u2069", r"\1", shown)  # ours: closed in the line in which they open
    harmful = {letter for letter in shown if unicodedata.category(letter) in ("Cc", "Cf", "Cs")} - {"\n"}
    assert harmful == set()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_names_the_decision_and_the_reason_and_claims_no_acceptance(name: str) -> None:
    shown = render(samples.failing(), name)
    assert "fail" in shown.lower()
    assert "2 of 6 binding clauses fail." in shown
    if name != "json":
        assert "not acceptance" in shown


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
@pytest.mark.parametrize("sample", ["nothing", "unreadable"])
def test_every_format_says_that_it_covers_no_acceptance_even_where_nothing_was_judged(sample: str, name: str) -> None:
    assert "not acceptance" in render(samples.SMALL[sample](), name)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_more_decimals_where_one_would_seem_to_meet_the_bound(name: str) -> None:
    shown = render(samples.failing(), name)
    assert "-22.76" in shown
    assert "-22.8 LUFS" not in shown.replace("from -23.2 to -22.8 LUFS", "")


@pytest.mark.parametrize("name", FORMATS)
def test_findings_of_one_clause_about_several_facts_name_their_facts(name: str) -> None:
    shown = render(samples.small_picture(), name).replace("\\", "")
    assert "picture.width_px" in shown
    if name != "github":
        assert "picture.height_px" in shown


@pytest.mark.parametrize("name", FORMATS)
def test_a_missing_fact_is_named_in_every_format(name: str) -> None:
    shown = render(samples.incomplete(), name).replace("\\", "")
    assert "decode.errors" in shown
    assert "the headers tier decodes nothing" in shown


@pytest.mark.parametrize(("path", "made_from"), goldens().items(), ids=lambda value: getattr(value, "name", ""))
def test_a_report_is_its_golden(path: Any, made_from: tuple[str, str]) -> None:
    sample, name = made_from
    shown = render(samples.SAMPLES[sample](), name)
    assert path.read_text(encoding="utf-8") == shown, "python -m tests.reports.regenerate, then read the difference"


def test_no_golden_is_left_over_from_a_format_or_sample_that_is_gone() -> None:
    assert set(FOLDER.iterdir()) == set(goldens())


def test_asking_for_text_loads_no_template_engine_and_nothing_that_measures() -> None:
    program = (
        "import sys, json; from deliverqc.reports import render; render(json.load(sys.stdin), 'text'); "
        "print(sorted({'jinja2', 'numpy', 'av', 'cv2', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(samples.failing()), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(max_examples=30)
@given(st.dictionaries(st.text(), _JSON))
def test_json_reads_back_as_the_same_document_in_the_same_order(document: dict[str, Any]) -> None:
    read = json.loads(render(document, "json"))
    assert read == document
    assert list(read) == list(document)


def test_json_refuses_a_value_that_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        render({"a": [float("nan")]}, "json")


def test_json_keeps_a_curve_on_one_line_and_a_name_that_is_not_utf_8() -> None:
    assert '"min": [1.0, null, 2.0]' in render({"min": [1.0, None, 2.0]}, "json")
    assert json.loads(render({"name": "\udcff\x1b"}, "json"))["name"] == "\udcff\x1b"


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_that_gave_up_is_named_in_every_format(name: str) -> None:
    document = samples.incomplete()
    (lost,) = document["masters"][0]["readers_lost"]
    shown = " ".join(render(document, name).replace("\\", "").split())
    assert lost["reason"] in shown
