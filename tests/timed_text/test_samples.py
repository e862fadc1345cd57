"""Text in the samples of wrappers: bytes put together by the formats' own documents, read as what they show."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest

from deliverqc.timed_text.model import Document, TextError
from deliverqc.timed_text.samples import Sample, read_samples

_TT = '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><body><div>{}</div></body></tt>'


def _read(coding: str, *data: bytes, header: bytes = b"") -> Document:
    """Samples of a second each, one after another."""
    samples = [Sample(begin_s=Fraction(at), end_s=Fraction(at + 1), data=one) for at, one in enumerate(data)]
    return read_samples(coding, header, samples, "track 1")


def _lines(document: Document) -> list[tuple[str, ...]]:
    return [event.lines for event in document.events]


def _codes(document: Document) -> list[str]:
    return [fault.code for fault in document.faults]


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def _tx3g(text: bytes, *boxes: bytes) -> bytes:
    return struct.pack(">H", len(text)) + text + b"".join(boxes)


def _header(flags: int = 0, face: int = 0) -> bytes:
    """A sample description of 3GPP TS 26.245 from its display flags on: centred, red."""
    return struct.pack(">IbbI4h", flags, 1, -1, 0, 0, 0, 0, 0) + struct.pack(">HHHBBI", 0, 0, 1, face, 18, 0xFF0000FF)


def test_text_of_mp4() -> None:
    style = struct.pack(">HHHHBBI", 1, 0, 2, 1, 2, 18, 0x00FF00FF)
    found = _read("tx3g", _tx3g(b"a\nb", _box(b"styl", style)), _tx3g("é".encode("utf-16")), header=_header())
    assert _lines(found) == [("a", "b"), ("é",)]
    assert [(one.is_italic, one.colors, one.align) for one in found.events] == [
        (True, ("#ff0000", "#00ff00"), "center"),
        (False, ("#ff0000",), "center"),
    ]
    assert (found.is_forced, found.time_base, found.faults) == (False, "media", ())
    assert [(one.begin_s, one.end_s) for one in found.events] == [(0, 1), (1, 2)]


def test_forced_text_of_mp4() -> None:
    assert _read("tx3g", _tx3g(b"a"), header=_header(0x80000000)).is_forced
    some = _read("tx3g", _tx3g(b"a", _box(b"frcd", b"")), _tx3g(b"b"), header=_header(0x40000000))
    assert [one.is_forced for one in some.events] == [True, False]
    assert not some.is_forced


def test_text_of_quicktime() -> None:
    header = struct.pack(">Ii6x8x8xHH3x3H", 0, -1, 0, 2, 0xFFFF, 0, 0)
    record = struct.pack(">IHHHBxH3H", 0, 10, 8, 1, 2, 12, 0, 0xFFFF, 0)
    unicode_, styled = _box(b"encd", b"\0\0\1\0"), _box(b"styl", b"\0\1" + record)
    found = _read("qt_text", _tx3g("é".encode(), unicode_), _tx3g(b"caf\x8e", styled), header=header)
    assert _lines(found) == [("é",), ("café",)]
    assert [(one.align, one.is_italic, one.colors) for one in found.events] == [
        ("right", True, ("#ff0000",)),
        ("right", True, ("#ff0000", "#00ff00")),
    ]
    assert (found.format, found.faults) == ("tx3g", ())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad-sample"),
        (b"\0", "bad-sample"),
        (b"\0\x09abc", "bad-sample"),
        (_tx3g(b"abc") + b"\0\0\0\x20styl", "bad-sample"),
        (_tx3g(b"abc") + b"\0\0\0\0\0\0\0\0", "bad-sample"),
        (_tx3g(b"\xff\xfa"), "undecodable-bytes"),
    ],
    ids=["empty", "one-byte", "short", "cut-box", "box-of-nothing", "bytes"],
)
def test_samples_of_mp4_that_are_damaged(data: bytes, code: str) -> None:
    assert _codes(_read("tx3g", data, header=_header())) == [code]
    assert _codes(_read("tx3g", data)) == [code]


_STYLES = b"""[Script Info]
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Italic, Alignment
Style: Default,Arial,16,&H00FFFFFF,0,2
Style: Top,Times,16,&H000000FF,-1,8
[Events]
"""


def test_substation_text_and_its_styles() -> None:
    found = _read(
        "ass",
        rb"0,0,Default,,0,0,0,,Hello, {\i1}you{\i0}\Nsecond\hline",
        rb"1,0,Top,,0,0,0,,{\an4\c&H00FF00&\fnVerdana}there",
        rb"2,0,None,,0,0,0,,{\p1}m 0 0 l 9 9{\p0}",
        rb"3,0,Default,,0,0,0,,{\p1}m 0 0{\p0}text{comment}",
        header=_STYLES,
    )
    assert _lines(found) == [("Hello, you", "second\u00a0line"), ("there",), (), ("text",)]
    first, second, third, fourth = found.events
    assert (first.vertical, first.align, first.is_italic, first.fonts) == ("bottom", "center", True, ("Arial",))
    assert (second.vertical, second.align, second.is_italic) == ("center", "left", True)
    assert (second.colors, second.fonts) == (("#ff0000", "#00ff00"), ("Times", "Verdana"))
    assert (third.is_image, fourth.is_image, found.faults) == (True, False, ())


def test_an_event_of_substation_that_is_lost_is_a_fault() -> None:
    found = _read("ass", b"0,0,Default,only", b"1,0,Default,,0,0,0,,kept")
    assert (_lines(found), _codes(found)) == ([("kept",)], ["bad-event"])


def test_subrip_of_matroska() -> None:
    found = _read("srt", "1,5 <i>é</i>\r\n\r\nsecond".encode(), b"caf\xe9", b"end\0\xde\xad", b"padded\0\0")
    assert _lines(found) == [("1,5 é", "", "second"), ("café",), ("end",), ("padded",)]
    assert sorted(_codes(found)) == ["bytes-after-nul", "not-utf-8"]
    assert found.encoding == "windows-1252"


def test_what_looks_like_another_event_stays_text() -> None:
    found = _read("srt", b"a\n\n2\n00:00:01,000 --> 00:00:02,000\nb")
    assert len(found.events) == 1 and "-->" in "".join(found.events[0].lines)


def test_webvtt_of_webm() -> None:
    header = (
        b"WEBVTT\n\nSTYLE\n::cue(.loud) { color: red }\n\nREGION\nid:top\nviewportanchor:0%,10%\nregionanchor:0%,0%\n"
    )
    found = _read(
        "webvtt",
        b"one\nregion:top\n<c.loud>Hi</c> <00:00:09.000>there",
        b"\nline:0\nthere &amp; <b>here",
        header=header,
    )
    assert _lines(found) == [("Hi there",), ("there & here",)]
    assert [(one.label, one.region, one.vertical) for one in found.events] == [
        ("one", "top", "top"),
        (None, None, "top"),
    ]
    assert found.events[0].colors == ("#ff0000",)
    assert _codes(found) == ["unclosed-tag"]


def test_webvtt_of_mp4_joins_a_cue_that_lasts() -> None:
    first, second = (
        _box(b"vttc", _box(b"vsid", number) + _box(b"sttg", b"line:0 region:x") + _box(b"payl", text))
        for number, text in ((b"\0\0\0\1", b"one"), (b"\0\0\0\2", b"two"))
    )
    found = _read("wvtt", first, first + second, second, _box(b"vtte", b""), second)
    assert [(one.lines, one.begin_s, one.end_s) for one in found.events] == [
        (("one",), 0, 2),
        (("two",), 1, 3),
        (("two",), 4, 5),
    ]
    assert (found.events[0].vertical, found.faults) == ("top", ())


@pytest.mark.parametrize(
    "data", [b"abc", _box(b"free", b""), _box(b"vttc", b"\0\0\0\x30payl")], ids=["cut", "box", "cue"]
)
def test_samples_of_webvtt_that_are_damaged(data: bytes) -> None:
    assert _codes(_read("wvtt", data)) == ["bad-sample"]


def test_ttml_of_mp4_is_shown_within_its_samples() -> None:
    one, two = '<p begin="0.5s" end="1.5s">a</p>', '<p begin="1.5s" end="9s">b</p>'
    found = _read("stpp", _TT.format(one).encode(), _TT.format(one + two).encode())
    assert [(event.lines, event.begin_s, event.end_s) for event in found.events] == [
        (("a",), Fraction(1, 2), Fraction(3, 2)),
        (("b",), Fraction(3, 2), 2),
    ]
    assert (found.language, found.time_base, _codes(found)) == ("en", "media", [])


def test_ttml_outside_of_its_sample_is_a_fault() -> None:
    hour = '<p begin="01:00:00" end="01:00:01">never</p>'
    found = _read("stpp", _TT.format(hour).encode())
    assert (found.events, _codes(found)) == ((), ["outside-sample"])
    assert "3600" in found.faults[0].message


def test_twice_the_same_event_stays_two() -> None:
    assert len(_read("stpp", _TT.format(2 * '<p begin="0s" end="1s">a</p>').encode()).events) == 2


def test_a_sample_that_is_no_ttml_refuses_the_track() -> None:
    with pytest.raises(TextError, match="track 1, sample 2"):
        _read("stpp", _TT.format("").encode(), b"<html/>")
    with pytest.raises(TextError, match="track 1, sample 1"):
        _read("stpp", b"not xml")


@pytest.mark.parametrize("coding", ["srt", "webvtt", "wvtt", "tx3g", "ass", "stpp"])
def test_a_track_without_samples_has_no_events(coding: str) -> None:
    assert _read(coding).events == ()
