"""Text of subtitles in every report: named, shortened, in its place, and harmless."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lxml import html as parser

from deliverqc.reports import FORMATS, captions, media, plot, render
from deliverqc.reports.quoting import event_words, isolated, isolated_rows, legible
from tests.reports import samples
from tests.reports.strict import require_described

LINES = [name for name in FORMATS if name not in ("html", "json")]


@pytest.fixture(scope="module")
def page() -> Any:
    return parser.document_fromstring(render(samples.captioned(), "html"))


@pytest.fixture
def subject() -> Any:
    return captions.in_lines(samples.captioned())["masters"][0]["subjects"][0]


def said(element: Any) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("name", LINES)
def test_a_finding_names_event_line_time_and_text(name: str) -> None:
    report = " ".join(render(samples.captioned(), name).replace("%2C", ",").split())
    for words in (
        "timed-text track 1 (ar.srt, ar), event 2, line 6, at +00:00:02.000, “\u2068قال Netflix / ثم ذهب\u2069”",
        "timed-text track 0 (en.srt, en), event 5, line 15, at +00:00:10.000 to +00:00:12.000 (2.000 s), (image)",
        "event 3 starts while another one of its region is shown",
        "event 3, line 9, at +00:00:03.500 to +00:00:05.000 (1.500 s), “- Over there. - Since when?”",
    ):
        assert words in report
    assert "- Since when?”)" not in report


@pytest.mark.parametrize("name", ["text", "markdown", "junit"])
def test_text_is_cut_at_sixty_characters_and_a_speed_says_what_is_counted(name: str) -> None:
    report = " ".join(render(samples.captioned(), name).split())
    assert re.search(r"“::error::not a command / \\?#\\?# not a heading / (<|&lt;)script(>|&gt;)window.…”", report)
    assert "wwww" not in report
    assert "80.0 characters/s" in report
    assert "at most 20 characters/s" in report


@pytest.mark.parametrize("name", [*LINES, "html"])
def test_no_text_controls_a_terminal_or_turns_the_line_that_it_is_in(name: str) -> None:
    document = samples.captioned()
    for finding in (one for clause in clauses(document) for one in clause["findings"] if one.get("event")):
        finding["event"]["text"] = "a\u202eb\u2067c\x1b[31m\nd \U000e0041"
    report = render(document, name)
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066\u2067\ufeff\U000e0041]", report
    )
    for line in report.splitlines():
        assert not re.search("[\u2068\u2069]", re.sub("\u2068[^\u2068\u2069]*\u2069", "", line))


def test_an_isolate_that_is_wrapped_is_closed_and_opened_again_on_each_row() -> None:
    rows = ["at “\u2068one", "    two", "    three\u2069” end", "    four"]
    assert isolated_rows(rows) == [
        "at “\u2068one\u2069",
        "    \u2068two\u2069",
        "    \u2068three\u2069” end",
        "    four",
    ]


def clauses(document: Any) -> Any:
    return [
        clause
        for master in document["masters"]
        for subject in master["subjects"]
        for verdict in subject["verdicts"]
        for clause in verdict["clauses"]
    ]


@pytest.mark.parametrize("name", LINES)
def test_a_document_without_the_event_of_a_finding_still_renders(name: str) -> None:
    document = samples.captioned()
    for finding in (one for clause in clauses(document) for one in clause["findings"]):
        finding.pop("event", None)
    assert "event 5, line 15" in render(document, name)


def test_a_finding_whose_track_is_unknown_has_its_text_and_no_link() -> None:
    document = samples.captioned()
    for finding in (one for clause in clauses(document) for one in clause["findings"]):
        del finding["where"]["track"]
    tree = parser.document_fromstring(render(document, "html"))
    assert "Faster than anybody / can read: 80 a second" in said(tree)
    assert not tree.xpath("//a[@class='to-event']")


def test_the_document_is_described_and_comes_back() -> None:
    document = samples.captioned()
    require_described(document)
    assert json.loads(render(document, "json")) == document


def test_the_page_lists_every_event_once_with_its_lines_apart_and_its_language(page: Any) -> None:
    rows = page.xpath("//figure[contains(@class, 'text-track')]//tbody/tr")
    assert [row.get("id") for row in rows] == [
        *(f"text-0-0-{number}" for number in range(1, 7)),
        *("text-0-1-1", "text-0-1-2", "text-0-2-1", "text-0-2-2"),
    ]
    cells = {row.get("id"): row[2] for row in rows}
    assert [said(line) for line in cells["text-0-1-2"].xpath("bdi")] == ["قال Netflix", "ثم ذهب"]
    assert [cells[f"text-0-{track}-1"].get("lang") for track in range(3)] == ["en", "ar", "ja"]
    assert said(cells["text-0-0-5"]) == "(image)"
    assert cells["text-0-0-4"].xpath("bdi")[2].text.startswith("<script>window.executed=1</script> | `x` \u25cc\u0301Z")
    assert not page.xpath("//figure[contains(@class, 'text-track')]//script")
    note = page.xpath("//article[@id='master-1']//p[@class='note']/a/@href")
    assert note == ["#text-0"]


def test_every_link_of_a_bar_and_of_a_finding_leads_to_a_row(page: Any) -> None:
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    links = page.xpath("//figure[contains(@class, 'text-track')]//a/@href | //a[@class='to-event']/@href")
    assert len(links) == 10 + 2 * 6
    assert {link[1:] for link in links} <= set(ids)


def test_a_language_that_is_no_tag_is_no_attribute() -> None:
    document = samples.captioned()
    document["masters"][0]["subjects"][0]["evidence"]["captions"][0]["language"] = 'en" onload="x'
    tree = parser.document_fromstring(render(document, "html"))
    assert not tree.xpath("//@onload")
    assert not tree.xpath("//tr[@id='text-0-0-1']/td/@lang")


def test_bars_stand_where_their_times_say_on_the_axis_of_all_drawings(subject: Any) -> None:
    axis = plot.time_axis(subject)
    assert (axis.start_s, axis.end_s) == (0.0, pytest.approx(15.0))
    english, arabic, _ = captions.text_tracks(subject)
    per_second = plot.WIDTH / 15
    for event, start, length in zip(english.events, (1, 2, 3.5, 6, 10), (0.5, 2, 1.5, 3, 2), strict=False):
        assert (event.left, event.width) == (
            pytest.approx(start * per_second, abs=0.2),
            pytest.approx(length * per_second, abs=0.2),
        )
    assert english.events[5].width == 3
    assert [event.top // captions.LANE_HEIGHT for event in english.events] == [0, 0, 1, 0, 0, 0]
    assert (english.height, arabic.height) == (2 * captions.LANE_HEIGHT, captions.LANE_HEIGHT)
    drawn = {drawing.track: drawing for drawing in plot.plots(subject)}
    first = re.match(r"M([\d.]+) 500V([\d.]+)H([\d.]+)V500Z", drawn[0].paths[0][1])
    assert first is not None
    assert [float(one) for one in first.groups()] == pytest.approx(
        [per_second, 500 * (1 - 80 / 100), 1.5 * per_second], abs=0.2
    )
    assert all(drawing.times == english.times for drawing in drawn.values())


def test_text_far_outside_of_picture_and_audio_does_not_squeeze_them(subject: Any) -> None:
    events = subject["evidence"]["captions"][0]["events"]
    events[0] |= {"start_s": -9e8, "end_s": -8e8}
    events[5] |= {"start_s": 3.6e8, "end_s": 3.6e8 + 1}
    axis = plot.time_axis(subject)
    assert (axis.start_s, axis.end_s) == (pytest.approx(-7.5), pytest.approx(22.5))
    english = captions.text_tracks(subject)[0]
    assert (english.events[0].left, english.events[5].left) == (0, plot.WIDTH - 3)
    subject["evidence"]["curves"] = []
    assert len(plot.time_axis(subject).labels()) <= 5


@pytest.mark.parametrize("name", LINES)
def test_a_value_from_the_file_that_runs_right_to_left_is_isolated_too(name: str) -> None:
    document = samples.captioned()
    clause = next(one for one in clauses(document) if one["id"] == "text-reads")
    clause["findings"][0]["message"] = "<شرح> is not a tag; required text that keeps to its format"
    assert re.search("\u2068[^\u2069]+ is not a tag\u2069", render(document, name))


def test_the_speed_is_drawn_with_the_bound_that_it_breaks_and_its_own_findings(subject: Any) -> None:
    drawn = {drawing.track: drawing for drawing in plot.plots(subject)}
    assert drawn[0].wanted == ((500 * (1 - 20 / 100),), "required at most 20 characters/s")
    assert len(drawn[0].marks) == 2 * 2
    assert drawn[2].wanted is None
    assert drawn[0].title == "Reading speed, timed-text track 0 (en.srt, en)"


def test_a_finding_that_two_specs_share_counts_once(subject: Any) -> None:
    english, arabic, japanese = captions.text_tracks(subject)
    assert [event.finding_count for event in english.events] == [1, 0, 1, 1, 1, 0]
    assert [event.finding_count for event in arabic.events] == [1, 1]
    assert [event.finding_count for event in japanese.events] == [0, 0]


def test_events_that_are_left_out_are_counted_and_their_findings_have_no_link() -> None:
    document = samples.captioned()
    listed = document["masters"][0]["subjects"][0]["evidence"]["captions"][0]
    listed |= {"left_out": 1, "events": listed["events"][1:]}
    tree = parser.document_fromstring(render(document, "html"))
    assert "1 of 6 events is not shown here." in said(tree)
    assert "#text-0-0-1" not in tree.xpath("//@href")
    assert "Faster than anybody" in said(tree)


def test_a_subject_without_findings_verdicts_or_curves_still_has_its_timeline() -> None:
    events = [{"number": 1, "start_s": 0.0, "end_s": 0.0, "start_timecode": None, "text": ["x"], "is_image": False}]
    track = {"track": 0, "name": None, "format": "srt", "role": None, "language": None, "event_count": 1, "left_out": 0}
    made = {"evidence": {"captions": [track | {"events": events}]}, "verdicts": []}
    (drawing,) = captions.text_tracks(made)
    assert drawing.events[0].width == 3
    assert drawing.title == "timed-text track 0"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("e\u0301 ", "e\u0301 "),
        ("\u0301x", "\u25cc\u0301x"),
        (" \u0301x", " \u25cc\u0301x"),
        ("a" + 4 * "\u0363", "a" + 4 * "\u0363"),
        ("a" + 50 * "\u0363" + "b\u0363", "a" + 4 * "\u0363" + "…b\u0363"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("กี่ครั้ง", "กี่ครั้ง"),
        ("हिन्दी", "हिन्दी"),
        ("👩\u200d👩\u200d👧\ufe0f", "👩\u200d👩\u200d👧\ufe0f"),
    ],
    ids=["plain", "accent", "alone", "after-space", "four", "fifty", "hebrew", "thai", "hindi", "emoji"],
)
def test_heaps_of_marks_are_cut_and_what_languages_write_is_not(text: str, shown: str) -> None:
    assert legible(text) == shown


@pytest.mark.parametrize(
    ("text", "is_isolated"),
    [("Netflix (2026)", False), ("日本語", False), ("שלום", True), ("مرحبا", True), ("a ١٢", True)],
    ids=["latin", "japanese", "hebrew", "arabic", "arabic-digits"],
)
def test_text_that_runs_right_to_left_is_isolated(text: str, is_isolated: bool) -> None:
    assert isolated(text) == (f"\u2068{text}\u2069" if is_isolated else text)


def test_isolates_close_where_text_is_cut() -> None:
    finding = {"event": {"text": "م" * 100, "is_image": False}}
    assert event_words(finding) == f"“\u2068{'م' * 59}…\u2069”"


def test_the_table_of_tracks_shows_what_any_of_them_has() -> None:
    unread = {"codec": "mov_text", "language": "de"}
    (table,) = media.text_tables({"timed_text.tracks": [unread, unread | {"language": None}]})
    assert table.heads == ("Track", "Coding", "Language")
    assert table.rows == (("0", "mov_text", "de"), ("1", "mov_text", "none"))
    read = samples.captioned()["masters"][0]["subjects"][0]["verdicts"][0]["facts"]
    (table,) = media.text_tables(read)
    assert table.heads == ("Track", "File", "Format", "Language", "Events", "First event", "End of the last event")
    assert table.rows[1] == ("1", "ar.srt", "srt", "ar", "2", "1.000 s", "4.000 s")
    assert media.text_tables({"timed_text.tracks": []}) == []
