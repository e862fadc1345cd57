"""Tells formats of timed text apart by how a file begins."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STL = re.compile(rb"^.{3}STL\d\d\.\d\d", re.DOTALL)  # EBU Tech 3264: code page number, disk format code
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)([^>]*)", re.DOTALL)
_PASSED_OVER = re.compile(r"^(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*+)?>)+", re.DOTALL)
_TIMES = re.compile(
    r"^[^\S\n]{0,99}-?\d{1,9}:\d{1,9}(?::\d{1,9})?[,.:]\d{1,9}\s{0,99}-{1,2}>\s{0,99}-?\d{1,9}:\d", re.MULTILINE
)
_ROOTS = {"DCSubtitle": "dcsubtitle", "SubtitleReel": "dcst"}


def text_format(head: bytes) -> str | None:
    """The format of a file that begins with `head`; None where it is no timed text."""
    if _STL.match(head):
        return "ebu_stl"
    text, _, _ = unmarked(head)
    text = text.lstrip("\0")
    if text.startswith("WEBVTT"):
        return "webvtt"
    if text.startswith("Scenarist_SCC"):
        return "scc"
    if text.startswith("File Format=MacCaption_MCC"):
        return "mcc"
    if text.lstrip().startswith("<"):
        return _of_xml(text)
    return "srt" if _TIMES.search(text[:4096]) else None


def unmarked(data: bytes) -> tuple[str, str | None, bool]:
    """Text, the encoding that its byte order mark or its zeros give (None: neither), and whether it has such a mark.
    Bytes that the encoding has no character for become U+FFFD."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace"), name, True
    evens, odds = data[:64:2], data[1:64:2]
    if 2 * odds.count(0) > len(odds) > 4 * evens.count(0):
        return data.decode("utf-16-le", "replace"), "utf-16-le", False
    if 2 * evens.count(0) > len(evens) > 4 * odds.count(0):
        return data.decode("utf-16-be", "replace"), "utf-16-be", False
    return data.decode("utf-8", "replace"), None, False


def _of_xml(text: str) -> str | None:
    root = _ROOT.match(_PASSED_OVER.sub("", text))
    if root is None:
        return None
    if root[1] == "tt" and ("ttml" in root[2] or "ttaf1" in root[2]):
        return "ttml"
    return _ROOTS.get(root[1])
