"""SubRip as players read it, with libav and ttconv as second opinions; and every fault by one mutation."""

from __future__ import annotations

import codecs
from fractions import Fraction
from io import StringIO

import pytest

from deliverqc.timed_text import srt
from deliverqc.timed_text.model import Document, TextError
from tests.material import material
from tests.timed_text.peers import libav_events

CLEAN = """1
00:00:01,000 --> 00:00:02,500
First

2
00:00:03,000 --> 00:00:04,000
{\\an8}<i>Second</i> & <font color="#ff8000">third</font>
- 5 < 6 {sic}

3
00:00:05,000 --> 00:00:06,000 X1:100 X2:200 Y1:010 Y2:020
<b>Last</b>
"""


def _read(text: str | bytes) -> Document:
    (document,) = srt.read(text if isinstance(text, bytes) else text.encode(), "x.srt")
    return document


def _codes(text: str | bytes) -> set[str]:
    return {fault.code for fault in _read(text).faults}


def test_a_clean_file_has_no_fault_and_its_words() -> None:
    document = _read(CLEAN)
    assert (document.faults, document.encoding, document.has_bom) == ((), "utf-8", False)
    first, second, third = document.events
    assert (first.label, first.line, first.begin_s, first.end_s) == ("1", 2, 1, Fraction(5, 2))
    assert (first.lines, first.vertical, first.align) == (("First",), "bottom", "center")
    assert second.lines == ("Second & third", "- 5 < 6 {sic}")
    assert (second.vertical, second.align, second.colors, second.is_italic) == ("top", "center", ("#ff8000",), True)
    assert (third.number, third.lines, third.box) == (3, ("Last",), None)


@pytest.mark.parametrize(
    ("tag", "vertical", "align"),
    [(f"an{row * 3 + column + 1}", vertical, align)
     for row, vertical in enumerate(("bottom", "center", "top"))
     for column, align in enumerate(("left", "center", "right"))]
    + [("a1", "bottom", "left"), ("a6", "top", "center"), ("a11", "center", "right")],
)  # fmt: skip
def test_positions_are_those_of_a_keypad_and_of_old_substation(tag: str, vertical: str, align: str) -> None:
    event = _read(CLEAN.replace("an8", tag)).events[1]
    assert (event.vertical, event.align) == (vertical, align)


_MUTATIONS = [
    ("\n2\n", "\n\n", "missing-counter"),
    ("\n2\n", "\n1\n", "counter-not-increasing"),
    ("\n2\n", "\ntwo\n", "counter-not-a-number"),
    ("\n2\n", "\n2\n\n", "blank-line-after-counter"),
    ("First\n\n2", "First\n2", "missing-blank-line"),
    ("1\n00:00:01", "Title\n\n1\n00:00:01", "text-without-times"),
    ("00:00:03,000 --> 00:00:04,000\n", "", "text-without-times"),
    ("<b>Last</b>\n", "<b>Last</b>\n\n4\n", "text-without-times"),
    ("First", "First\n\nmore", "blank-line-in-text"),
    ("\n2\n00:00:03,000 --", "", "time-in-text"),
    ("03,000 -->", "03,000 --\n", "text-without-times"),
    ("First", "\nFirst", "blank-line-in-text"),
    ("03,000", "03.000", "period-in-time"),
    ("04,000", "04.000", "period-in-time"),
    ("00:00:03,000", "0:00:03,000", "irregular-time"),
    ("03,000", "03,00", "irregular-time"),
    ("03,000", "03:000", "irregular-time"),
    ("03,000 --> ", "03,000-->", "irregular-time"),
    ("03,000 -->", "03,000  -->", "irregular-time"),
    ("00:00:06,000", "100:00:06,000", "hours-over-99"),
    ("00:00:06,000", "00:00:60,000", "time-out-of-range"),
    ("00:00:03,000", "-00:00:03,000", "negative-time times-go-backwards"),
    ("00:00:01,000", "-00:00:01,000", "negative-time"),
    ("04,000", "02,999", "end-before-begin"),
    ("04,000", "03,000", "zero-duration"),
    ("00:00:03,000", "00:00:00,500", "times-go-backwards"),
    ("03,000 -->", "03,000 ->", "bad-time-line"),
    ("03,000 -->", "03,000 →", "bad-time-line"),
    ("03,000 -->", "03,000 --", "bad-time-line"),
    ("03,000 -->", "x3,000 -->", "bad-time-line"),
    ("00:00:04,000", "", "bad-time-line"),
    ("00:00:04,000", "00:00:04,000 line:0", "text-after-times"),
    ("00:00:04,000", "00:00:04,000" + 300 * " " + "x", "text-after-times"),
    ("X2:200", "X2:099", "bad-coordinates"),
    ("X2:200 ", "", "text-after-times"),
    ("</i>", "", "unclosed-tag"),
    ("<i>", "", "unexpected-end-tag"),
    ("<i>", "<i style>", "broken-tag"),
    ("</b>", "</ b>", "broken-tag unclosed-tag"),
    ("</b>", "</b", "broken-tag unclosed-tag"),
    ("<b>", "<b><bold>", "unknown-tag"),
    ("\\an8", "\\an0", "unknown-tag"),
    ("\\an8", "\\fad(1,2)", "unknown-tag"),
    ("#ff8000", "#ff800", "unknown-color"),
    ("color=", "colour=", "unknown-tag"),
    ("color=", "color", "broken-tag"),
    ("First", "Fi\0rst", "nul-character"),
    ("First", "Fi\x1brst", "control-character"),
]


@pytest.mark.parametrize(("old", "new", "codes"), _MUTATIONS)
def test_each_mutation_gives_its_fault_and_no_other(old: str, new: str, codes: str) -> None:
    assert CLEAN.count(old) >= 1
    assert _codes(CLEAN.replace(old, new, 1)) == set(codes.split())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("First", ""),
        ("First", "10:30 -> 11:00"),
        ("First", "1984"),
        ("First", "First\n\u00a0\nmore"),
        ("First", "\u202eFirst\u2028"),
        ("\n3\n", "\n13\n"),
        ("02,500\n", "02,500  \n"),
        ("04,000\n", "04,000\t\n"),
        ("</i>", "</I>"),
        ("<b>Last</b>", "{b}Last{/b}"),
        ('"#ff8000"', "Orange"),
        ("\\an8", "\\pos(100,20)"),
        ("First\n\n", "First\n\n\n \n"),
        ("\n", "\r\n"),
        ("\n", "\r"),
    ],
)
def test_what_every_player_reads_is_no_fault(old: str, new: str) -> None:
    assert old in CLEAN
    text = CLEAN.replace(old, new, -1 if old == "\n" else 1)
    assert _codes(text) == set()
    assert len(_read(text).events) == 3


def test_an_event_without_text_is_kept() -> None:
    events = _read(CLEAN.replace("First", "<i></i>")).events
    assert (len(events), events[0].lines) == (3, ())


@pytest.mark.parametrize(
    ("data", "encoding", "has_bom", "codes"),
    [
        (CLEAN.encode("utf-8-sig"), "utf-8", True, set()),
        (codecs.BOM_UTF16_LE + CLEAN.encode("utf-16-le"), "utf-16-le", True, set()),
        (codecs.BOM_UTF16_BE + CLEAN.encode("utf-16-be"), "utf-16-be", True, set()),
        (CLEAN.encode("utf-16-le"), "utf-16-le", False, {"unmarked-utf-16"}),
        (CLEAN.encode("utf-32"), "utf-32-le", True, {"not-utf-8"}),
        (CLEAN.replace("First", "Füße").encode("cp1252"), "windows-1252", False, {"not-utf-8"}),
        (CLEAN.replace("First", "Füße").encode("cp1252").replace(b"\xfc", b"\x81"), None, False, {"not-utf-8"}),
        (CLEAN.replace("First", "Füße, größer").encode() + b"\xc3", "utf-8", False, {"undecodable-bytes"}),
        (CLEAN.replace("First", "\ufffd").encode(), "utf-8", False, set()),
        (CLEAN.replace("\n", "\r\r\n").encode(), "utf-8", False, {"doubled-carriage-return"}),
    ],
    ids=["bom", "utf-16-le", "utf-16-be", "no-mark", "utf-32", "cp1252", "unknown", "bad", "replacement", "cr-cr-lf"],
)
def test_an_encoding_is_as_far_as_bytes_tell(data: bytes, encoding: str | None, has_bom: bool, codes: set[str]) -> None:
    document = _read(data)
    assert (document.encoding, document.has_bom, {fault.code for fault in document.faults}) == (
        encoding,
        has_bom,
        codes,
    )
    assert len(document.events) == 3


def test_text_without_a_line_of_times_is_refused() -> None:
    with pytest.raises(TextError, match=r"^x\.srt has no line of times") as refused:
        _read("1\nHello\n")
    assert (refused.value.code, refused.value.line) == ("no-times", 1)
    assert _read("\n").events == ()


def test_a_lost_event_is_neither_text_nor_silence() -> None:
    document = _read(CLEAN.replace("03,000 -->", "03,000 ->"))
    assert [event.lines for event in document.events] == [("First",), ("Last",)]
    assert [(fault.code, fault.line) for fault in document.faults] == [("bad-time-line", 6)]


@pytest.mark.parametrize("name", ["pycaption/examples/example.srt", "ttconv/src/test/resources/srt/alignment.srt"])
def test_times_of_real_files_are_those_of_ttconv_and_libav(name: str) -> None:
    reader = pytest.importorskip("ttconv.srt.reader")
    data = material(name).read_bytes()
    document = _read(data)
    assert document.faults == ()
    shown = [(event.begin_s, event.end_s) for event in document.events if event.lines]
    model = reader.to_model(StringIO(data.decode()))
    theirs = [element for element in model.get_body().dfs_iterator() if type(element).__name__ == "P"]
    times = [(element.get_begin(), element.get_end()) for element in theirs]  # binary fractions
    assert [tuple(Fraction(round(1000 * time), 1000) for time in pair) for pair in times] == shown
    assert libav_events(data, "srt") == shown


def test_files_of_the_material_are_accepted_but_for_a_tag_of_another_program() -> None:
    assert _codes(material("file_scraper/tests/data/text_plain/valid__subrip_srt_file.srt").read_bytes()) == set()
    # <bold> is what ttconv calls an extended tag: SubRip writes <b>, and players show the other as text
    assert _codes(material("ttconv/src/test/resources/srt/extended-tags.srt").read_bytes()) == {"unknown-tag"}
