"""Captions as Caption Inspector reads them in the same stream: text, channel, rows, and time within one frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import av
import pytest

from deliverqc.signals.headers.captions import payloads_in
from deliverqc.timed_text.cc_data import CaptionDecoder
from deliverqc.timed_text.mcc import read
from deliverqc.timed_text.model import Document
from tests.material import material

_STREAM = "caption_inspector/test/media/BigBuckBunny_256x144-24fps"
_FRAME_S = 1001 / 24000 + 0.001  # dumps count whole milliseconds
_LINE = re.compile(r"^(\d\d):(\d\d):(\d\d),(\d\d\d) - (.*)$")
_TOKEN = re.compile(r'\{([^}]*)\}|"([^"]*)(?:"|$)')
_EXTENDED, _SPECIAL = re.compile(r"R\d+:[A-Z][a-z]+"), re.compile(r"R\d+:C\d+:UL")
"""How the dumps of line 21 show extended and special characters: as rows that the stream does not give."""

_STALE = '{NUL} "F"'
"""A letter that no packet holds, where the dump reads on behind the end of one that comes a pair short (23.106 s)."""

Caption = tuple[float, float | None, list[str]]


def _tokens(dump: str) -> Iterator[tuple[float, str, bool]]:
    """Time, word, and whether it is text, of each token of a dump."""
    for line in dump.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        hours, minutes, seconds, thousandths = (int(match[place]) for place in range(1, 5))
        at = 3600 * hours + 60 * minutes + seconds + thousandths / 1000
        for code, text in _TOKEN.findall(match[5]):
            yield at, code or text, not code


def _line_21(dump: str) -> list[Caption]:
    """The captions that the codes of a dump display: rows by number, `?` for an extended character."""
    rows: dict[int, str] = {}
    shown: list[Caption] = []
    row, before = 0, ""
    for at, word, is_text in _tokens(dump):
        is_again, before = word == before and not is_text, "" if is_text else word
        if is_text:
            rows[row] = rows.get(row, "") + word
        elif is_again:
            before = ""
        elif _EXTENDED.fullmatch(word):
            rows[row] = rows.get(row, "")[:-1] + "?"
        elif _SPECIAL.fullmatch(word):
            rows[row] = rows.get(row, "") + "?"
        elif word.startswith("R") and ":" in word:
            row = int(word[1:].split(":")[0])
        elif word in ("EDM", "EOC"):
            if shown and shown[-1][1] is None:
                shown[-1] = (shown[-1][0], at, shown[-1][2])
            if word == "EOC" and rows:
                shown.append((at, None, [text.strip() for _, text in sorted(rows.items())]))
                rows = {}
    return shown


def _windows(dump: str) -> list[Caption]:
    """The windows that the commands of a dump display."""
    windows: dict[int, dict[int, str]] = {}
    shown: list[Caption] = []
    current, row, visible = -1, 0, set[int]()
    for at, word, is_text in _tokens(dump):
        command, _, rest = word.partition(":")
        if is_text or command == "P16":
            if current in windows:
                letters = word if is_text else chr(int(rest, 16))
                windows[current][row] = windows[current].get(row, "") + letters
        elif command.startswith("DF"):
            current, row = int(command[2:]), 0
            windows.setdefault(current, {})
        elif command == "SPL":
            row = int(rest[1:].split("-")[0])
        elif command in ("HDW", "TGW", "DLW"):
            named = {7 - place for place, bit in enumerate(rest) if bit == "1"} & set(windows)
            ended = named & visible
            if ended and shown[-1][1] is None:
                shown[-1] = (shown[-1][0], at, shown[-1][2])
            visible -= named
            if command == "TGW":
                for number in sorted(named - ended):
                    visible.add(number)
                    shown.append((at, None, [text.strip() for _, text in sorted(windows[number].items())]))
            if command == "DLW":
                windows = {number: rows for number, rows in windows.items() if number not in named}
    return shown


@cache
def _documents(source: str) -> dict[str | None, Document]:
    if source == "mcc":
        path = material(f"{_STREAM}.mcc")
        return {one.service: one for one in read(path.read_bytes(), path.name)}
    decoder = CaptionDecoder()
    with av.open(str(material(f"{_STREAM}.ts"))) as container:
        packets = sorted(
            (packet.pts * packet.time_base, bytes(packet)) for packet in container.demux(video=0) if packet.size
        )
    for at, data in packets:
        for _, triplets in payloads_in(data, is_mpeg2=False):
            decoder.feed(at - packets[0][0], triplets)
    return {one.service: one for one in decoder.documents()}


_DUMPS = {"cc1": "C1.608", "cc3": "C3.608"} | {f"service_{number}": f"S{number}.708" for number in range(1, 7)}


@pytest.mark.parametrize("source", ["ts", "mcc"])
@pytest.mark.parametrize("service", _DUMPS)
def test_captions_are_those_of_the_dump(service: str, source: str) -> None:
    dump = material(f"{_STREAM}-{_DUMPS[service]}").read_text(encoding="utf-8").replace(_STALE, "")
    expected = (_line_21 if service.startswith("cc") else _windows)(dump)
    events = _documents(source)[service].events
    assert len(events) == len(expected) >= 11
    for event, (begins, ends, lines) in zip(events, expected, strict=True):
        assert [_without_extended(line, theirs) for line, theirs in zip(event.lines, lines, strict=True)] == lines
        assert float(event.begin_s) == pytest.approx(begins, abs=_FRAME_S)
        if ends is not None:
            assert float(event.end_s or 0) == pytest.approx(ends, abs=_FRAME_S)


def _without_extended(ours: str, theirs: str) -> str:
    """Our line with `?` where theirs has one in place of an accented letter."""
    return "".join("?" if mark == "?" and not one.isascii() else one for one, mark in zip(ours, theirs, strict=False))


def test_the_file_and_the_stream_hold_the_same_captions() -> None:
    assert list(_documents("ts")) == list(_documents("mcc")) == list(_DUMPS)
    for service, document in _documents("mcc").items():
        assert [event.lines for event in document.events] == [event.lines for event in _documents("ts")[service].events]
