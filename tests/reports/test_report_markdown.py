"""Truths about the Markdown report, read by a parser of Markdown."""

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from deliverqc.reports import render
from deliverqc.reports.markdown import MOST_BYTES
from tests.reports import samples


def tokens(document: dict[str, Any]) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(render(document, "markdown"))


def words(document: dict[str, Any]) -> list[str]:
    inline = [token for token in tokens(document) if token.type == "inline"]
    return ["".join(child.content for child in token.children or []) for token in inline]


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_the_table_has_four_cells_in_every_row_and_a_row_for_every_decision(sample: str) -> None:
    document = samples.SMALL[sample]()
    found = tokens(document)
    cells = sum(token.type == "td_open" for token in found)
    rows = sum(token.type == "tr_open" for token in found) - 1
    verdicts = sum(
        max(1, len(subject["verdicts"]))
        for one in document["masters"]
        for subject in one["subjects"] or [{"verdicts": []}]
    )
    assert (rows, cells) == ((verdicts, 4 * verdicts) if verdicts else (-1, 0))


def test_hostile_strings_are_words_and_nothing_else() -> None:
    found = tokens(samples.hostile())
    inner = [child for token in found for child in token.children or []]
    assert not [token for token in found if token.type in ("html_block", "code_block", "fence")]
    assert {child.content for child in inner if child.type == "html_inline"} == {"<sub>", "</sub>"}
    assert not [child for child in inner if child.type in ("link_open", "image", "code_inline", "em_open")]
    assert any(
        said == "a\\x1b[31mred\\u202egpj.mov]]>|`<b>@all\\x0a::error::x ##[error]y,z:%\\udcff.mov"
        for said in words(samples.hostile())
    )
    assert "@all" not in render(samples.hostile(), "markdown")


def test_failures_gaps_waivers_and_sign_off_items_each_have_a_heading_with_their_count() -> None:
    headings = [said for said in words(samples.failing()) if said.endswith(")") and said.split(" (")[0] in
                ("Fails", "Fails, but does not decide", "Not measured", "Waived", "To sign off by hand")]  # fmt: skip
    assert headings == [
        "Fails (2)",
        "Fails, but does not decide (1)",
        "Not measured (1)",
        "Waived (1)",
        "To sign off by hand (2)",
    ]


def test_a_summary_too_long_for_github_is_cut_at_a_line_and_says_so() -> None:
    bad = samples.failing()["masters"][0]
    rendered = render(samples.document([bad] * 1000), "markdown")
    assert MOST_BYTES - 8192 < len(rendered.encode()) <= MOST_BYTES
    assert "lines did not fit into 1 MiB" in rendered
    assert rendered.rstrip().endswith("not acceptance.</sub>")


def test_a_summary_of_very_many_findings_stays_short() -> None:
    assert "and 9,995 more" in render(samples.many_findings(), "markdown")
    assert len(render(samples.many_findings(), "markdown")) < 4_000
