"""Truths about the HTML report that need no browser: what stands in it, and what its policy allows."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html as parser

import deliverqc.reports
from deliverqc.reports import plot, render
from tests.reports import samples

TEMPLATES = Path(deliverqc.reports.__file__).parent / "templates"


def page(document: dict[str, Any]) -> Any:
    return parser.document_fromstring(render(document, "html"))


def said(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_the_policy_allows_the_page_its_own_style_and_script_and_nothing_else() -> None:
    tree = page(samples.failing())
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        (content,) = tree.xpath(f"//{element}/text()")
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_nothing_in_the_page_names_a_resource_outside_it(sample: str) -> None:
    tree = page(samples.SMALL[sample]())
    resources = tree.xpath("//@src | //link/@href | //@srcset | //@style | //@*[starts-with(name(), 'on')]")
    assert all(address.startswith("data:image/jpeg;base64,") for address in resources)
    assert all(re.match(r"(https?://|#)", address) for address in tree.xpath("//a/@href"))


def test_a_source_is_a_link_only_to_the_web() -> None:
    assert not [address for address in page(samples.hostile()).xpath("//@href") if "javascript" in address.lower()]
    assert page(samples.hostile()).xpath("//*[@id='master-0-title-tag']") and not page(samples.hostile()).xpath(
        "//*[@id='master-0-title-tag']//a"
    )
    assert "https://tech.ebu.ch/publications/r128" in page(samples.failing()).xpath("//a/@href")


def test_every_clause_is_a_row_with_its_outcome_level_and_source() -> None:
    rows = page(samples.failing()).xpath("//table[@class='all']/tbody/tr")
    assert [(row.get("data-outcome"), row.get("data-level")) for row in rows][2:7] == [
        ("fail", "shall"),
        ("pass", "shall"),
        ("fail", "shall"),
        ("waived", "shall"),
        ("fail", "should"),
    ]
    assert all(row.xpath("th[@scope='row']") and said(row[0]) for row in rows)


def test_a_finding_says_measured_wanted_where_why_remedy_and_source() -> None:
    (card,) = page(samples.failing()).xpath("//*[@id='master-0-integrated-loudness']")
    rows = {said(row.find("dt")): said(row.find("dd")) for row in card.xpath(".//dl/div")}
    assert rows == {
        "Measured": "-22.76 LUFS",
        "Required": "from -23.2 to -22.8 LUFS",
        "Where": "group 0 (5.1, en)",
        "Fact": "sound.groups[].loudness.integrated_lufs",
        "Why": "Programmes that follow each other on air must not jump in loudness.",
        "Remedy": "Lower the whole mix by 0.24 dB; do not compress it.",
        "Source": "EBU R 128, edition 5.0 (2023), section recommendation (g) (confidence high)",
    }


def test_two_hundred_findings_of_a_clause_are_shown_and_the_rest_counted() -> None:
    rendered = render(samples.many_findings(), "html")
    tree = parser.document_fromstring(rendered)
    assert len(tree.xpath("//table[@class='findings']/tbody/tr")) == 200
    assert "The JSON report has 800 more. 10,000 findings in all." in said(tree)
    assert len(rendered) < 200_000


def test_a_batch_has_a_summary_worst_first_whose_links_lead_to_its_sections() -> None:
    tree = page(samples.batch())
    links = tree.xpath("//table[@class='summary']//a")
    assert links[0].text == "notes.mov"
    assert len(links) == 41
    for link in links:
        (section,) = tree.xpath(f"//article[@id='{link.get('href')[1:]}']")
        assert said(section.xpath(".//h2")[0]) == link.text


def test_ids_are_unique() -> None:
    ids = page(samples.batch()).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_sign_off_items_are_boxes_with_labels() -> None:
    tree = page(samples.passing())
    boxes = tree.xpath("//input[@type='checkbox']/@id")
    assert [said(tree.xpath(f"//label[@for='{box}']")[0]) for box in boxes] == [
        "No subtitles are burned into the picture "
        "EBU R 128, edition 5.0 (2023), section recommendation (g) (confidence high)",
        "Sound and lips are in sync throughout",
    ]


def test_provenance_names_spec_hashes_meters_and_libraries() -> None:
    words = said(page(samples.passing()).xpath("//section[@class='provenance']")[0])
    for part in (
        "ebu-r128-programme@5.0.r1",
        "5b1d0f0c9a7e",
        "c0ffee0c9a7e",
        "black 1",
        "libav 62.11.100",
        '"luma_max_percent": 1.0',
    ):
        assert part in words


def test_only_a_jpeg_becomes_a_picture() -> None:
    assert len(page(samples.failing()).xpath("//img")) == 1
    assert not page(samples.hostile()).xpath("//img")


def test_the_plot_draws_measured_loudness_and_the_bounds_that_it_breaks() -> None:
    (drawing,) = plot.plots(samples.failing()["masters"][0]["subjects"][0])
    assert drawing.measured is not None
    assert drawing.wanted is not None
    height, words = drawing.measured
    heights, wanted = drawing.wanted
    assert words == "integrated -22.76 LUFS"
    assert wanted == "required from -23.2 to -22.8 LUFS"
    assert height < heights[0] < heights[1]


def test_a_level_stands_in_the_plot_where_its_grid_line_says() -> None:
    subject = samples.failing()["masters"][0]["subjects"][0]
    subject["evidence"]["curves"] = [
        {
            "name": "c",
            "unit": "LUFS",
            "group": 0,
            "start_s": 0.0,
            "step_s": 1.0,
            "min": [-30.0, None, -18.0],
            "max": [-30.0, None, -18.0],
        }
    ]
    (drawing,) = plot.plots(subject)
    levels = {label: position / 100 * plot.HEIGHT for position, label in drawing.levels}
    first, second = drawing.paths[0][1].removesuffix("Z").split("ZM")
    assert [float(first.split()[-1]), float(second.split()[-1])] == pytest.approx(
        [levels["−30"], levels["−18"]], abs=0.1
    )
    assert [label for _, label in drawing.times] == ["0:00:01", "0:00:02"]


def test_a_curve_without_any_value_has_no_plot() -> None:
    subject = samples.failing()["masters"][0]["subjects"][0]
    subject["evidence"]["curves"] = [
        {"name": "c", "unit": "LUFS", "group": 0, "start_s": 0.0, "step_s": 1.0, "min": [None], "max": [None]}
    ]
    assert plot.plots(subject) == []


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2, section 1.4.3."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_letters_have_the_contrast_that_wcag_asks_for_in_light_dark_and_print() -> None:
    blocks = re.findall(r":root \{([^}]*)\}", (TEMPLATES / "report.css").read_text(encoding="utf-8"))
    assert len(blocks) == 3
    for block in blocks:
        palette = colours(block)
        for ink in ("ink", "soft", "link", "pass", "fail", "incomplete", "error", "quiet", "waived"):
            for paper in ("paper", "raised"):
                assert contrast(palette[ink], palette[paper]) >= 4.5, (ink, paper)
        for filled in ("fail", "error", "incomplete"):
            assert contrast(palette[filled], palette["on-badge"]) >= 4.5, filled
