"""Formats are told apart by their first bytes, as their standards give them."""

import codecs

import pytest

from deliverqc.timed_text.detecting import text_format

_TT = '<?xml version="1.0"?>\n<!-- <tt> -->\n<tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xml:lang="en">'
_SRT = "1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"WEBVTT\n\n", "webvtt"),
        (codecs.BOM_UTF8 + b"WEBVTT - title\n", "webvtt"),
        (b"Scenarist_SCC V1.0\n\n01:00:00:00\t9420", "scc"),
        (b"File Format=MacCaption_MCC V1.0\n", "mcc"),
        (b"850STL25.01", "ebu_stl"),
        (_TT.encode(), "ttml"),
        (codecs.BOM_UTF16_LE + _TT.encode("utf-16-le"), "ttml"),
        (b'<DCSubtitle Version="1.0">', "dcsubtitle"),
        (b'<dcst:SubtitleReel xmlns:dcst="http://www.smpte-ra.org/schemas/428-7/2014/DCST">', "dcst"),
        (_SRT.encode(), "srt"),
        (codecs.BOM_UTF16_BE + _SRT.encode("utf-16-be"), "srt"),
        (_SRT.encode("utf-16-le"), "srt"),
        (b"<html><body>", None),
        (b"<tt>no namespace</tt>", None),
        (b"", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"Dear client,\nthe master follows.\n", None),
    ],
)
def test_a_format_is_known_by_how_the_file_begins(head: bytes, expected: str | None) -> None:
    assert text_format(head) == expected
