"""The HTML report in a real browser: filters, network silence, hostile strings, phone width and print."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deliverqc.reports import render
from tests.reports import samples

sync_api = pytest.importorskip("playwright.sync_api")

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, named by CHROMIUM or found on PATH."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium is installed, and CHROMIUM names none")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a sample as a file; the page gains `requests`, `dialogs` and `complaints`, which list what it did."""
    contexts = []

    def opened(sample: str, *, width: int = 1280, scripts: bool = True, scheme: str = "light") -> Any:
        path = tmp_path / f"{sample}.html"
        path.write_text(render(samples.SAMPLES[sample](), "html"), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=scripts, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.requests, page.dialogs, page.complaints = [], [], []

        def guard(route: Any) -> None:
            if route.request.url == path.as_uri():
                route.continue_()
            else:
                page.requests.append(route.request.url)
                route.abort()

        page.route("**/*", guard)
        page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


def shown_rows(page: Any) -> list[str]:
    rows = page.locator(".all tbody tr").all()
    return [row.locator("code").inner_text() for row in rows if row.is_visible()]


def test_filters_by_outcome_level_and_words_leave_the_rows_that_match(show: Open) -> None:
    page = show("failing")
    assert len(shown_rows(page)) == 9
    page.get_by_label("Outcome").select_option("fail")
    assert shown_rows(page) == ["integrated-loudness", "black-in-programme", "loudness-range"]
    assert page.locator("output").inner_text() == "3 of 9 shown"
    page.get_by_label("Level").select_option("should")
    assert shown_rows(page) == ["loudness-range"]
    page.get_by_label("Level").select_option("")
    page.get_by_label("Search").fill("black LONGER")
    assert shown_rows(page) == ["black-in-programme"]
    page.get_by_label("Search").fill("range_lu")
    assert shown_rows(page) == ["loudness-range"]
    page.get_by_label("Search").fill("no such words")
    assert shown_rows(page) == []


def test_one_filter_works_on_every_master_of_a_batch(show: Open) -> None:
    page = show("batch")
    page.get_by_label("Outcome").first.select_option("fail")
    assert set(shown_rows(page)) == {"integrated-loudness"}
    assert len(shown_rows(page)) == 5
    assert page.get_by_label("Outcome").last.input_value() == "fail"


def test_without_scripts_the_whole_table_is_there_and_no_dead_filter(show: Open) -> None:
    page = show("failing", scripts=False)
    assert len(shown_rows(page)) == 9
    assert not page.locator(".filters").is_visible()


@pytest.mark.parametrize("sample", ["failing", "hostile", "batch", "many_findings", "captioned"])
def test_the_page_asks_the_network_for_nothing_and_breaks_no_policy_of_its_own(show: Open, sample: str) -> None:
    page = show(sample)
    page.wait_for_load_state("networkidle")
    assert page.requests == []
    assert page.complaints == []


def test_the_guard_of_these_tests_sees_a_request_and_the_policy_of_the_page_stops_it_before_that(show: Open) -> None:
    page = show("failing")
    page.evaluate("new Image().src = 'https://example.invalid/a.png'")
    page.evaluate("fetch('https://example.invalid/b').catch(() => 0)")
    assert page.requests == []
    assert any("Content Security Policy" in complaint for complaint in page.complaints)
    page.goto("about:blank")
    page.evaluate(
        "new Promise(done => { const i = new Image(); i.onerror = done; i.src = 'https://example.invalid/c.png' })"
    )
    assert page.requests == ["https://example.invalid/c.png"]


def test_a_hostile_tag_is_shown_and_never_runs(show: Open) -> None:
    page = show("hostile")
    for part in page.locator("details").all():
        part.evaluate("part => { part.open = true }")
    page.get_by_label("Search").fill("<script>")
    assert page.evaluate("window.executed") is None
    assert page.dialogs == []
    assert page.locator("script").count() == 1
    assert page.get_by_text("<script>window.executed=1;alert(1)</script>").first.is_visible()


@pytest.mark.parametrize(
    "sample", ["passing", "failing", "incomplete", "unrecognised", "batch", "hostile", "many_findings", "captioned"]
)
def test_the_page_never_scrolls_sideways(show: Open, sample: str) -> None:
    page = show(sample)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_every_clause_and_what_is_folded_even_under_a_filter_and_without_scripts(show: Open) -> None:
    page = show("failing")
    page.get_by_label("Outcome").select_option("pass")
    assert len(shown_rows(page)) == 3
    page.emulate_media(media="print")
    assert len(shown_rows(page)) == 9
    assert not page.locator(".filters").is_visible()
    still = show("passing", scripts=False)
    folded = still.locator(".all").get_by_text("Change the gain of the whole mix")
    assert not folded.is_visible()
    still.emulate_media(media="print")
    assert folded.is_visible()


@pytest.mark.parametrize(("width", "folded"), [(1280, False), (390, True)])
def test_level_and_source_of_a_clause_stand_once_beside_it_or_folded_on_a_phone(
    show: Open, width: int, folded: bool
) -> None:
    page = show("failing", width=width)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    row = page.locator(".all tbody tr").first
    assert row.locator("td.wide").first.is_visible() is not folded
    assert row.locator(".narrow").first.is_visible() is folded


@pytest.mark.parametrize("media", ["screen", "print"])
def test_the_dark_scheme_darkens_the_screen_and_never_the_paper(show: Open, media: str) -> None:
    page = show("failing", scheme="dark")
    page.emulate_media(media=media)
    red = int(page.evaluate("getComputedStyle(document.body).backgroundColor").removeprefix("rgb(").split(",")[0])
    assert (red < 64) == (media == "screen")


def test_a_reader_with_a_keyboard_and_a_screen_reader_finds_table_heads_and_names(show: Open) -> None:
    page = show("failing")
    heads = page.locator(".all thead th").all_inner_texts()
    assert heads == ["Outcome", "Clause", "Level", "Source"]
    assert page.get_by_role("img", name="integrated -22.76 LUFS").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_timeline_of_text_is_read_by_keyboard_pointer_and_link(show: Open) -> None:
    page = show("captioned")
    track = page.locator(".text-track").first
    timeline, readout = track.locator(".timeline"), track.locator(".readout")
    timeline.focus()
    page.keyboard.press("End")
    assert "It stays" in readout.inner_text()
    page.keyboard.press("Shift+ArrowLeft")
    assert timeline.get_attribute("aria-valuetext").startswith("Event 5 1 finding, (image)")
    page.keyboard.press("Shift+ArrowLeft")
    assert "<script>window.executed=1</script>" in readout.inner_text()
    bars = track.locator("rect.event")
    bars.nth(1).hover()
    assert "Where have you been?" in readout.inner_text()
    page.mouse.move(0, 0)
    assert "not a command" in readout.inner_text()
    bars.nth(2).click()
    page.mouse.move(0, 0)
    assert "Over there." in readout.inner_text()
    page.keyboard.press("Enter")
    assert track.locator("tbody tr").nth(2).is_visible()
    page.locator(".to-event").nth(2).click()
    arabic = page.locator(".text-track").nth(1)
    assert arabic.locator("tbody tr").first.is_visible()
    assert samples.ARABIC in arabic.locator(".readout").inner_text()
    assert page.evaluate("window.executed") is None


def test_without_scripts_a_bar_leads_to_its_event_and_no_control_is_dead(show: Open) -> None:
    page = show("captioned", scripts=False)
    track = page.locator(".text-track").first
    assert not track.locator(".readout").is_visible()
    assert track.locator(".timeline").get_attribute("role") is None
    track.locator("rect.event").nth(1).click()
    assert track.locator("tbody tr").nth(1).is_visible()


def test_marks_on_letters_do_not_paint_over_what_is_next_to_them(show: Open) -> None:
    page = show("captioned")
    for cell in page.locator(".said").all():
        assert cell.evaluate("cell => getComputedStyle(cell).contain") == "paint"
