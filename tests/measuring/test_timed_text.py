"""Facts of a document made by hand: counts, gaps and distances are worked out here, not taken from our output."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from deliverqc.facts import probed_timed_text as words
from deliverqc.facts.assemble import round_facts
from deliverqc.facts.document import check_document
from deliverqc.facts.model import Facts
from deliverqc.measuring.registry import registry
from deliverqc.measuring.text_clock import PictureClock
from deliverqc.measuring.timed_text import MOST_TEXT, track_facts
from deliverqc.timebase import Timecode
from deliverqc.timed_text.model import FORMATS, PROFILES, Box, Document, Event, Font, TextFault
from tests.text_documents import document, event

_FILM = Fraction(24)
_PICTURE = PictureClock(frame_rate=_FILM, duration_s=Fraction(20), start=Timecode.parse("01:00:00:00", _FILM))


def facts_of(text: Document, **more: Any) -> Facts:
    """The facts of a track, held to the registry: every name, kind, word and rounding."""
    track = track_facts(text, **{"source": "file"} | more)
    facts = {"timed_text.tracks": [track]}
    assert check_document(facts, registry().facts) == []
    assert round_facts(facts, registry().facts) == facts
    return track


def events_of(*events: Event, **more: Any) -> list[Facts]:
    about = {name: more.pop(name) for name in list(more) if name in Document.__slots__}
    listed: list[Facts] = facts_of(document(*events, **about), **more)["events"]
    return listed


def members(events: list[Facts], name: str) -> list[Any]:
    return [one[name] for one in events]


def test_formats_and_profiles_are_those_of_the_readers() -> None:
    assert (words.TEXT_FORMAT, set(words.TEXT_PROFILE)) == (FORMATS, set(PROFILES))


def test_what_the_document_states_is_published() -> None:
    stated = {"format": "ttml", "profile": "ttml1", "encoding": "utf-16-le", "has_bom": True, "language": "en-GB"}
    more = {
        "time_base": "smpte",
        "drop_mode": "non_drop",
        "title": "A title",
        "reel": 2,
        "display_type": "MainSubtitle",
    }
    track = facts_of(
        document(
            event(1, 2, "a", colors=("#ff0000", "#ffffff")),
            event(3, 4, "b", colors=("#ffffff",)),
            frame_rate=Fraction(24000, 1001),
            edit_rate=Fraction(24),
            id="urn:uuid:1",
            fonts=(Font(name="F", file="f.ttf", size_bytes=None),),
            faults=(TextFault(code="odd", message="Odd", line=3),),
            parity_error_count=0,
            **stated,
            **more,
        ),
        file="a.xml",
        size_bytes=812,
    )
    assert {**stated, **more}.items() <= track.items()
    assert (track["frame_rate"], track["frame_rate_hz"], track["edit_rate"]) == ("24000/1001", 23.976024, "24/1")
    assert (track["source"], track["file"], track["size_bytes"], track["is_read"]) == ("file", "a.xml", 812, True)
    assert track["colors"] == ["#ff0000", "#ffffff"]
    assert track["fonts"] == [{"name": "F", "file": "f.ttf", "size_bytes": None}]
    assert track["errors"] == [{"code": "odd", "message": "Odd", "line": 3, "event": None}]


@pytest.mark.parametrize(
    ("about", "role", "expected"),
    [
        ({}, None, None),
        ({"is_forced": True}, None, "forced"),
        ({"is_closed_caption": True}, None, "closed_caption"),
        ({"is_forced": True}, "subtitle", "subtitle"),
    ],
    ids=["none", "forced", "captions", "given"],
)
def test_the_role_is_given_or_stated(about: dict[str, bool], role: str | None, expected: str | None) -> None:
    assert facts_of(document(**about), role=role)["role"] == expected


def test_reading_speed_is_characters_and_words_by_time_on_screen() -> None:
    (one,) = events_of(event(1, Fraction(7, 2), "Twelve chars", "and\u0301 5"))
    assert (one["line_count"], one["max_line_characters"], one["character_count"]) == (2, 12, 18)
    assert (one["characters_per_second"], one["words_per_minute"]) == (7.2, 96.0)


@pytest.mark.parametrize("end", [None, 5, 4])
def test_without_time_on_screen_there_is_no_reading_speed(end: int | None) -> None:
    (one,) = events_of(event(5, end, "text"))
    assert (one["characters_per_second"], one["words_per_minute"]) == (None, None)
    assert one["duration_s"] == (None if end is None else end - 5)


def test_the_width_of_a_line_counts_half_of_what_is_not_full_width() -> None:
    """By Netflix's Korean guide: 16 a line, where Latin letters, spaces and punctuation count 0.5."""
    (one,) = events_of(event(1, 2, "DVD \ub300\uc5ec\uc810, \uc5b4\ub514?", "\ub124"))
    assert (one["max_line_characters"], one["max_line_full_widths"]) == (12, 8.5)


def test_of_an_image_only_its_place_is_known() -> None:
    (one,) = events_of(event(1, 2, is_image=True, box=Box(left=10, top=80, right=90, bottom=93.128)))
    assert not {"line_count", "character_count", "characters_per_second", "max_line_characters"} & one.keys()
    assert "max_line_full_widths" not in one
    assert (one["is_image"], one["is_empty"], one["bottom_percent"]) == (True, False, 93.13)


@pytest.mark.parametrize(
    ("lines", "is_empty"),
    [((), True), (("",), True), ((" \u200b", "\u00a0"), True), (("a",), False), (("", "-"), False)],
    ids=["none", "empty", "spaces", "letter", "dash"],
)
def test_an_event_is_empty_where_it_shows_nothing(lines: tuple[str, ...], is_empty: bool) -> None:
    assert events_of(event(1, 2, *lines))[0]["is_empty"] is is_empty


def test_gaps_run_from_the_end_of_what_was_shown_before() -> None:
    events = events_of(event(0, 2, "a"), event(3, 4, "b"), event(Fraction(7, 2), 5, "c"), event(10, 11, "d"))
    assert members(events, "gap_before_s") == [None, 1.0, -0.5, 5.0]


def test_gaps_follow_time_and_not_the_order_of_the_file() -> None:
    assert members(events_of(event(6, 7, "b"), event(0, 2, "a")), "gap_before_s") == [4.0, None]


def test_an_event_is_out_of_order_where_one_above_it_starts_later() -> None:
    events = events_of(event(0, 2, "a"), event(6, 7, "b"), event(4, 5, "c"), event(5, 6, "d"), event(6, 8, "e"))
    assert members(events, "is_in_order") == [True, True, False, False, True]


def test_a_long_event_overlaps_all_that_start_before_it_ends() -> None:
    events = events_of(event(0, 10, "a"), event(1, 2, "b"), event(5, 6, "c"), event(5, 6, "d"))
    assert members(events, "gap_before_s") == [None, -9.0, -5.0, -5.0]
    assert members(events, "concurrent_count") == [1, 2, 3, 3]
    assert members(events, "is_overlapping") == [False, True, True, True]


def test_events_of_one_time_are_shown_together() -> None:
    events = events_of(event(0, 2, "a"), event(3, 5, "b"), event(3, 5, "c"), event(6, 7, "d"))
    assert members(events, "gap_before_s") == [None, 1.0, 1.0, 1.0]
    assert members(events, "concurrent_count") == [1, 2, 2, 1]
    assert not any(members(events, "is_overlapping"))


def test_events_of_two_regions_may_overlap() -> None:
    events = events_of(
        event(0, 4, "a", region="top"), event(1, 3, "b", region="bottom"), event(2, 5, "c", region="top")
    )
    assert members(events, "is_overlapping") == [False, False, True]


def test_an_event_without_end_leaves_the_next_gap_unknown() -> None:
    events = events_of(event(0, None, "a"), event(3, 4, "b"), event(6, 7, "c"))
    assert members(events, "gap_before_s") == [None, None, 2.0]
    assert members(events, "concurrent_count") == [1, 1, 1]


def test_frames_are_those_of_the_picture_and_else_of_the_document() -> None:
    pair = (event(1, 2, "a"), event(Fraction(2083, 1000), 3, "b"))
    (_, second) = events_of(*pair, picture=_PICTURE)
    assert (second["start_frame"], second["end_frame"]) == (50, 72)
    assert (second["duration_frames"], second["gap_before_frames"]) == (22, 2)
    assert "gap_before_frames" not in events_of(*pair)[1]
    assert events_of(*pair, time_base="smpte", frame_rate=Fraction(25))[1]["gap_before_frames"] == 2


def test_times_and_timecodes_are_those_of_the_picture() -> None:
    text = document(event(3605, 3607, "a"), time_base="smpte", frame_rate=_FILM, drop_mode="non_drop")
    track = facts_of(text, picture=_PICTURE)
    assert (track["clock_start_s"], track["clock_start_from"]) == (3600.0, "picture")
    assert (track["first_event_s"], track["last_event_end_s"], track["duration_s"]) == (5.0, 7.0, 7.0)
    (one,) = track["events"]
    assert (one["start_s"], one["start_timecode"], one["end_timecode"]) == (5.0, "01:00:05:00", "01:00:07:00")
    assert track["first_event_timecode"] == "01:00:05:00"


def test_without_picture_timecodes_are_those_of_the_document() -> None:
    (one,) = events_of(event(3600, 3601, "a"), time_base="smpte", frame_rate=Fraction(25), start_s=Fraction(3600))
    assert (one["start_s"], one["start_timecode"]) == (0.0, "01:00:00:00")
    assert events_of(event(1, 2, "a"))[0]["start_timecode"] is None


@pytest.mark.parametrize(
    ("end", "beyond"), [(20, 0.0), (Fraction(20001, 1000), 0.001), (25, 5.0), (None, 0.0)], ids=str
)
def test_how_far_text_runs_beyond_the_picture(end: Fraction | None, beyond: float) -> None:
    assert facts_of(document(event(1, end, "a")), picture=_PICTURE)["beyond_picture_s"] == beyond


def test_beyond_the_picture_is_null_without_picture_and_missing_without_its_length() -> None:
    text = document(event(1, 2, "a"))
    assert facts_of(text)["beyond_picture_s"] is None
    assert "beyond_picture_s" not in facts_of(text, picture=PictureClock(frame_rate=_FILM, duration_s=None))


def test_a_caption_is_as_late_as_its_reader_says() -> None:
    events = events_of(event(1, 2, "a", late_s=Fraction(1, 2), load_s=Fraction(1)), event(5, 6, "c"))
    assert members(events, "load_late_s") == [0.5, None]


def test_rows_that_roll_up_do_not_overlap() -> None:
    events = events_of(
        event(1, 5, "a", mode="roll_up"), event(2, 7, "b", mode="roll_up"), event(3, 8, "c", mode="pop_on")
    )
    assert members(events, "is_overlapping") == [False, False, True]


def test_every_character_is_listed_once_with_its_first_event() -> None:
    track = facts_of(document(event(1, 2, "be\u0301"), event(3, 4, "\u00e9\u202e", "b")))
    assert track["characters"] == [
        {"character": "b", "code_point": "U+0062", "count": 2, "first_event": 1},
        {"character": "\u00e9", "code_point": "U+00E9", "count": 2, "first_event": 1},
        {"character": "\u202e", "code_point": "U+202E", "count": 1, "first_event": 2},
    ]
    assert track["character_count"] == 4


def test_long_text_is_shortened_and_its_characters_are_all_counted() -> None:
    (one,) = events_of(event(1, 2, "x" * 1000))
    assert (len(one["text"]), one["text"][-1], one["character_count"]) == (MOST_TEXT, "\u2026", 1000)


def test_a_document_without_events_has_nulls_and_no_places() -> None:
    track = facts_of(document())
    nulls = (
        "first_event_s",
        "last_event_end_s",
        "first_event_timecode",
        "duration_s",
        "start_hour",
        "beyond_picture_s",
    )
    assert [track[name] for name in nulls] == [None] * len(nulls)
    assert (track["event_count"], track["events"], track["characters"]) == (0, [], [])


def test_a_start_hour_that_nothing_shows_is_missing() -> None:
    assert "start_hour" not in facts_of(document(event(5000, 5001, "a")))


def test_events_on_screen_last_show_something_and_start_with_a_picture() -> None:
    inside, outside = Box(left=10, top=80, right=90, bottom=90), Box(left=110, top=80, right=190, bottom=90)
    events = (
        event(1, 2, "a", box=inside),
        event(1, None, "without an end"),
        event(1, 2, is_image=True),
        event(1, 1, "no time"),
        event(1, 2, "\u00a0"),
        event(1, 2, box=inside),
        event(1, 2, "beside the frame", box=outside),
        event(59, 61, "over the end"),
        event(60, 61, "after the end"),
        event(-2, 0, "before the start"),
    )
    assert facts_of(document(*events))["shown_event_count"] == 6
    picture = PictureClock(frame_rate=Fraction(25), duration_s=Fraction(60), start=None)
    assert facts_of(document(*events, start_s=Fraction(0)), picture=picture)["shown_event_count"] == 4
