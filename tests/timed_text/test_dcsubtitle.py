"""Subtitles of digital cinema are read as ST 428-7 and CineCanvas say, and break one rule at a time."""

from __future__ import annotations

from fractions import Fraction

import pytest

from deliverqc.timed_text import dcsubtitle
from deliverqc.timed_text.model import Document, TextError
from tests.timed_text.documents import DCST, INTEROP


def _read(text: str) -> Document:
    (document,) = dcsubtitle.read(text.encode(), "subs.xml")
    return document


def test_a_clean_document_of_st_428_7_is_read_whole() -> None:
    document = _read(DCST)
    first, second = document.events
    assert (document.format, document.faults, document.frame_rate) == ("dcst", (), 24)
    assert (document.title, document.reel, document.language) == ("The film", 2, "de-AT")
    assert (document.id, document.edit_rate) == ("urn:uuid:6382e2f3-8d75-441a-8324-4d0713549056", 24)
    assert (document.start_s, document.display_type) == (0, "MainSubtitle")
    assert (document.is_closed_caption, document.issue_date) == (False, "2026-01-28T20:47:47+00:00")
    assert document.namespaces == ("http://www.smpte-ra.org/schemas/428-7/2014/DCST",)
    assert [(font.name, font.size_bytes) for font in document.fonts] == [("sans", None)]
    assert (first.begin_s, first.end_s, first.label) == (Fraction(9, 2), 6, "1")
    assert first.lines == ("First and", "second line")
    assert (first.vertical, first.align, first.element_count) == ("bottom", "center", 2)
    assert (first.colors, first.fonts, first.is_italic) == (("#ffff00",), ("sans",), False)
    assert first.font_size_percent == pytest.approx(42 / 72 / 11 * 100, abs=0.001)
    assert (second.is_image, second.lines, second.vertical) == (True, (), "top")


def test_a_clean_interop_document_counts_ticks_of_4_ms() -> None:
    document = _read(INTEROP)
    first, second = document.events
    assert (document.format, document.faults, document.frame_rate, document.start_s) == ("dcsubtitle", (), None, 0)
    assert (first.begin_s, first.end_s) == (5 + Fraction(198, 250), 7 + Fraction(115, 250))
    assert (second.begin_s, second.end_s) == (Fraction(17, 2), Fraction(19, 2))
    assert first.lines == ("My jacket was red",)
    assert (first.vertical, second.vertical) == ("bottom", "top")
    assert [(font.name, font.file) for font in document.fonts] == [("sans", "arial.ttf")]


def test_ruby_is_kept_apart_and_texts_at_one_height_are_one_line() -> None:
    text = "<Text VAlign='top' VPosition='10'><Ruby><Rb>Base</Rb><Rt>note</Rt></Ruby> more</Text>"
    both = INTEROP.replace(
        '<Text VAlign="top" VPosition="10">Top</Text>', f"{text}<Text VAlign='top' VPosition='10'>!</Text>"
    )
    event = _read(both).events[1]
    assert (event.lines, event.ruby, event.element_count) == (("Base more!",), ("note",), 2)


_SMPTE_MUTATIONS = [
    ("element-missing", "  <IssueDate>2026-01-28T20:47:47+00:00</IssueDate>\n", ""),
    ("element-out-of-place", "<Language>de-AT</Language>", "<Language>de-AT</Language><Foo/>"),
    ("element-out-of-place", "<ReelNumber>2</ReelNumber>", "<ReelNumber>2</ReelNumber><ReelNumber>2</ReelNumber>"),
    ("element-out-of-place", "<SubtitleList>", "<SubtitleList><Text>stray</Text>"),
    ("bad-id", "<Id>urn:uuid:", "<Id>"),
    ("bad-id", ">urn:uuid:d621", ">\ufeffurn:uuid:d621"),
    ("bad-id", "urn:uuid:3433206d-", "image-"),
    ("bad-issue-date", "2026-01-28T", "28 January 2026 "),
    ("bad-reel-number", "<ReelNumber>2<", "<ReelNumber>two<"),
    ("bad-reel-number", "<ReelNumber>2<", "<ReelNumber>0<"),
    ("bad-attribute", 'Size="42"', 'Size="42.5"'),
    ("bad-edit-rate", "<EditRate>24 1<", "<EditRate>24<"),
    ("bad-language", "de-AT", "German (Austria)"),
    ("bad-time", 'TimeIn="00:00:04:12"', 'TimeIn="00:00:04.5"'),
    ("bad-time", "<StartTime>00:00:00:00<", "<StartTime>0<"),
    ("frame-beyond-rate", 'TimeIn="00:00:04:12"', 'TimeIn="00:00:04:24"'),
    ("end-before-begin", 'TimeOut="00:00:09:00"', 'TimeOut="00:00:06:23"'),
    ("attribute-missing", ' TimeOut="00:00:09:00"', ""),
    ("attribute-missing", '<LoadFont ID="sans">', '<LoadFont>urn:uuid:1</LoadFont><LoadFont ID="sans">'),
    ("unknown-font", '<Font ID="sans"', '<Font ID="serif"'),
    ("duplicate-id", "<LoadFont", '<LoadFont ID="sans">urn:uuid:1</LoadFont><LoadFont'),
    ("bad-attribute", 'Color="FFFFFF00"', 'Color="yellow"'),
    ("bad-attribute", 'Weight="normal"', 'Weight="heavy"'),
    ("bad-attribute", 'Valign="top"', 'Valign="upper"'),
    ("bad-attribute", 'Vposition="18"', 'Vposition="high"'),
    ("position-beyond-picture", 'Vposition="18"', 'Vposition="118"'),
    ("empty-text", "second line", ""),
    ("attribute-not-allowed", "FadeUpTime=", "FadeUpTim="),
    ("attribute-not-allowed", ' SpotNumber="2"', ' SpotNumber="2" xml:lang="de"'),
    ("attribute-not-allowed", 'Valign="top"', 'VAlign="top"'),
    ("text-out-of-place", "<SubtitleList>", "<SubtitleList>lost"),
    ("text-out-of-place", '<Font ID="sans" Color="FFFFFF00" Size="42" Weight="normal">', '<Font ID="sans">lost'),
    ("element-out-of-place", "<ReelNumber>2</ReelNumber>", "<ReelNumber>2<Id>1</Id></ReelNumber>"),
    ("attribute-not-allowed", "<ReelNumber>2", '<ReelNumber a="1">2'),
    ("element-out-of-place", "second line", "<Text>second line</Text>"),
    ("element-missing", '<Subtitle SpotNumber="2"', '<Subtitle TimeIn="00:00:06:12" TimeOut="00:00:06:20"/><Subtitle'),
    ("bad-time", 'TimeOut="00:00:09:00"', 'TimeOut="99:00:09:00"'),
    ("empty-image", "urn:uuid:3433206d-0a1b-49c2-b289-e1de61bf1862", ""),
]


@pytest.mark.parametrize(("code", "clean", "broken"), _SMPTE_MUTATIONS, ids=range(len(_SMPTE_MUTATIONS)))
def test_one_broken_rule_of_st_428_7_is_one_kind_of_fault(code: str, clean: str, broken: str) -> None:
    assert DCST.count(clean) == 1
    assert {fault.code for fault in _read(DCST.replace(clean, broken)).faults} == {code}


_INTEROP_MUTATIONS = [
    ("element-missing", "  <Language>French</Language>\n", ""),
    ("element-out-of-place", "</ReelNumber>", "</ReelNumber><Foo></Foo>"),
    ("bad-id", "cab5c268-", "x-"),
    ("bad-time", 'TimeOut="00:00:09:125"', 'TimeOut="9.5"'),
    ("frame-beyond-rate", 'TimeOut="00:00:09:125"', 'TimeOut="00:00:09:250"'),
    ("end-before-begin", 'TimeOut="00:00:09:125"', 'TimeOut="00:00:08:124"'),
    ("irregular-time", 'TimeOut="00:00:09:125"', 'TimeOut="00:00:09:12"'),
    ("unknown-font", '<Font Id="sans"', '<Font Id="serif"'),
    ("empty-text", ">Top<", "><"),
    ("attribute-not-allowed", ' SpotNumber="2"', ' SpotNumber="2" Timer="1"'),
    ("attribute-missing", ' SpotNumber="2"', ""),
    ("attribute-missing", ' Version="1.0"', ""),
    ("bad-id", 'URI="arial.ttf"', 'URI="arial .ttf"'),
    ("bad-attribute", ' Version="1.0"', ' Version="2"'),
    ("text-out-of-place", "  </Font>", "  lost</Font>"),
    (
        "element-out-of-place",
        "<ReelNumber>1</ReelNumber>\n  <Language>French</Language>",
        "<Language>French</Language><ReelNumber>1</ReelNumber>",
    ),
]


@pytest.mark.parametrize(("code", "clean", "broken"), _INTEROP_MUTATIONS, ids=range(len(_INTEROP_MUTATIONS)))
def test_one_broken_rule_of_interop_is_one_kind_of_fault(code: str, clean: str, broken: str) -> None:
    assert INTEROP.count(clean) == 1
    assert {fault.code for fault in _read(INTEROP.replace(clean, broken)).faults} == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (DCST.replace("428-7/2014", "428-7/1999"), "unknown-namespace"),
        (DCST.replace("<TimeCodeRate>24</TimeCodeRate>", ""), "time-code-rate-missing"),
        (DCST.replace("</SubtitleReel>", ""), "text-not-well-formed"),
    ],
    ids=["namespace", "rate", "cut"],
)
def test_what_cannot_be_read_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(TextError, match=r"^subs\.xml") as caught:
        _read(text)
    assert caught.value.code == code


def test_an_event_of_unknown_begin_is_left_out_and_reported() -> None:
    document = _read(DCST.replace('TimeIn="00:00:04:12"', ""))
    assert [fault.code for fault in document.faults] == ["attribute-missing"]
    assert [event.label for event in document.events] == ["2"]
