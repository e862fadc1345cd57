"""Reads WebVTT by the rules of W3C WebVTT: parses as section 6.1 says, so that the cues are those that a player has,
and reports where the file breaks the syntax of section 4 though a player goes on. Knows no picture and no spec.

The end of the file counts as the blank line that the syntax asks for there, as in W3C's own checker. `X-TIMESTAMP-MAP`
of HLS (RFC 8216, section 3.5) may follow the first line; times stay as written. Where a cue without a region is in the
picture depends on the player's font, so only cues in a region have a box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from deliverqc.timed_text.colors import hex_color
from deliverqc.timed_text.faults import Faults, refuse_too_many_events
from deliverqc.timed_text.model import Document, Event, TextError
from deliverqc.timed_text.plain_text import plain_text
from deliverqc.timed_text.webvtt_cue_text import cue_text, default_colors
from deliverqc.timed_text.webvtt_settings import Region, region, settings

_TIME = r"(?:(\d{1,9}):)?(\d\d):(\d\d)\.(\d{3})(?!\d)"
_TIMES = re.compile(rf"([ \t\f]*+){_TIME}([ \t\f]*+)-->([ \t\f]*+){_TIME}", re.ASCII)
_TIMESTAMP_MAP = re.compile(
    r"X-TIMESTAMP-MAP=(?:LOCAL:{0},MPEGTS:\d+|MPEGTS:\d+,LOCAL:{0})\s*".format(r"(?:\d{2,9}:)?[0-5]\d:[0-5]\d\.\d{3}"),
    re.ASCII,
)
_LANGUAGE_OF_HEADER = re.compile(r"Language:\s*([A-Za-z][A-Za-z0-9-]{0,34})\s*$", re.ASCII)
_SELECTOR = re.compile(r"::cue(?![-\w])(?:\(([^()]{0,99})\))?")
_COLOR = re.compile(r"(?:^|[;{\s])color\s*+:\s*+([^;}]{1,64})")
_NOT_CSS = re.compile(r"/\*.*?(?:\*/|$)|\"[^\"\n]*+\"?|'[^'\n]*+'?", re.DOTALL)


@dataclass(kw_only=True, slots=True)
class _Block:
    """Lines up to a blank one: `first` is the index of the first, `times` of the one with the arrow, `end` of the one
    after the last. `text` is what the parser gathers: of a cue its payload, else all lines but the arrow's."""

    first: int
    times: int | None = None
    text: list[str] = field(default_factory=list)
    label: str = ""
    found: re.Match[str] | None = None
    is_cut: bool = False


class _Parser:
    """The state of the parser algorithm: the lines, the place, and the regions, styles and cues so far."""

    def __init__(self, lines: list[str], name: str, faults: Faults) -> None:
        self.lines, self.name, self.faults = lines, name, faults
        self.place = 1
        self.language: str | None = None
        self.regions: dict[str, Region] = {}
        self.class_colors = default_colors()
        self.has_cue = False
        self.number, self.latest = 0, 0
        self.labels: set[str] = set()

    def header(self) -> None:
        """Passes over what follows the first line directly: the syntax allows nothing there."""
        named = False
        while self.place < len(self.lines) and (line := self.lines[self.place]) != "":
            if "-->" in line:
                if not named:
                    self.fault("missing-blank-line", "No blank line divides the first cue from the header.", self.place)
                return
            if line.startswith("X-TIMESTAMP-MAP"):
                if not _TIMESTAMP_MAP.fullmatch(line):
                    self.fault("bad-timestamp-map", f"{line[:60]!r} is not a map of times of HLS.", self.place)
            elif not named:
                named = True
                self.fault("text-in-header", "The line after WEBVTT is not blank.", self.place)
            if found := _LANGUAGE_OF_HEADER.match(line):
                self.language = found[1]
            self.place += 1

    def events(self) -> Iterator[Event]:
        lines = self.lines
        while True:
            while self.place < len(lines) and lines[self.place] == "":
                self.place += 1
            if self.place >= len(lines):
                return
            block = self._collect()
            if block.found is not None:
                yield self._cue(block, block.found)
            elif block.times is not None:
                message = f"A line of times cannot be read, so its cue is lost: {lines[block.times].strip()[:60]!r}."
                self.fault("bad-time-line", message, block.times)
            else:
                self._other(block)
            if block.is_cut:
                self.fault("missing-blank-line", "No blank line divides the cue from what is above it.", self.place)

    def fault(self, code: str, message: str, index: int) -> None:
        self.faults.add(code, message, index + 1)

    def _collect(self) -> _Block:
        """Section 6.1, "collect a WebVTT block", not in the header."""
        lines = self.lines
        block = _Block(first=self.place)
        while self.place < len(lines) and (line := lines[self.place]) != "":
            if "-->" not in line:
                block.text.append(line)
            elif block.times is None and self.place - block.first < 2:
                block.times = self.place
                block.found = _times(line)
                if block.found is not None:
                    block.label = "\n".join(block.text)
                    block.text = []
                    self.has_cue = True
            else:
                # an arrow in line 2 after one in line 1, or later, begins the next block
                block.is_cut = True
                break
            self.place += 1
        return block

    def _other(self, block: _Block) -> None:
        first, rest = block.text[0], "\n".join(block.text[1:])
        kind = first.rstrip(" \t\f")
        if first == "NOTE" or first.startswith(("NOTE ", "NOTE\t")):
            return
        if kind not in ("STYLE", "REGION"):
            self.fault("stray-text", f"Text without times, which players pass over: {first[:40]!r}.", block.first)
        elif self.has_cue:
            self.fault(
                f"{kind.lower()}-after-cue", f"{kind} comes after the first cue: players pass over it.", block.first
            )
        elif kind == "STYLE":
            self._style(rest, block.first)
        else:
            self._region(rest, block.first)

    def _region(self, text: str, index: int) -> None:
        found = region(text, lambda code, message: self.fault(code, message, index))
        if found is None:
            return
        if found.name in self.regions:
            self.fault("duplicate-region", f"Two regions have the id {found.name[:40]!r}.", index)
        self.regions[found.name] = found

    def _style(self, text: str, index: int) -> None:
        """Takes the colours of classes from the style sheet, and checks that its braces close."""
        text = _NOT_CSS.sub(" ", text)
        depth = lowest = 0
        for brace in re.findall(r"[{}]", text):
            depth += 1 if brace == "{" else -1
            lowest = min(lowest, depth)
        if depth or lowest:
            self.fault("bad-style", "The braces of the style sheet do not close.", index)
        for rule in text.split("}"):
            selectors, _, body = rule.rpartition("{")
            color = hex_color(found[1]) if (found := _COLOR.search(body)) else None
            if color is None:
                continue
            for selector in _SELECTOR.findall(selectors.rpartition("{")[2]):
                _, dot, label = selector.strip().rpartition(".")
                self.class_colors[label if dot else f"<{label}>"] = color

    def _cue(self, block: _Block, found: re.Match[str]) -> Event:
        assert block.times is not None
        self.number += 1
        refuse_too_many_events(self.number, self.name, block.times + 1)
        fault = partial(self._cue_fault, block.times + 1)
        begin, end = _milliseconds(found, 2), _milliseconds(found, 8)
        rest = found.string[found.end() :]
        self._check_times(found, begin, end, rest, fault)
        self._check_label(block, fault)
        placed = settings(rest, self.regions, fault)
        shown = cue_text("\n".join(block.text), begin, end, fault, self.class_colors)
        return Event(
            number=self.number,
            begin_s=Fraction(begin, 1000),
            end_s=Fraction(end, 1000),
            lines=shown.lines,
            label=block.label or None,
            line=block.times + 1,
            region=placed.region.name if placed.region else None,
            box=placed.region.box() if placed.region else None,
            vertical=placed.vertical(),
            align=placed.align,
            is_italic=shown.is_italic,
            colors=shown.colors,
            language=shown.language,
            ruby=shown.ruby,
        )

    def _cue_fault(self, line: int, code: str, message: str) -> None:
        self.faults.add(code, message, line, self.number)

    def _check_label(self, block: _Block, fault: partial[None]) -> None:
        if block.label in self.labels:
            fault("duplicate-id", f"Two cues have the id {block.label[:40]!r}.")
        if block.label:
            self.labels.add(block.label)

    def _check_times(self, found: re.Match[str], begin: int, end: int, rest: str, fault: partial[None]) -> None:
        if found[1] or not found[6] or not found[7] or "\f" in found[0] or rest[:1] not in ("", " ", "\t"):
            fault("bad-spacing", "The line of times is spaced as in 00:00:01.000 --> 00:00:02.500 line:0.")
        if len(found[2] or "00") < 2 or len(found[8] or "00") < 2:
            fault("irregular-time", "Hours have at least two digits.")
        if end < begin:
            fault("end-before-begin", "The cue ends before it begins.")
        elif end == begin:
            fault("zero-duration", "The cue ends when it begins: it is never shown.")
        if begin < self.latest:
            fault("times-go-backwards", "The cue begins before one above it.")
        self.latest = max(self.latest, begin)


def read(data: bytes, name: str) -> tuple[Document, ...]:
    """The one document in `data`. TextError where it is too large, has too many cues, is not UTF-8 by its mark, or does
    not begin as section 4.1 demands."""
    faults = Faults()
    text = plain_text(data, name, faults)
    if text.encoding is not None and text.encoding.startswith("utf-") and text.encoding != "utf-8":
        message = (
            f"{name} is {text.encoding.upper()}. WebVTT is UTF-8 only (W3C WebVTT, section 4.1): save it as UTF-8."
        )
        raise TextError(message, code="not-utf-8", line=1)
    lines = text.lines
    if not lines or (lines[0] != "WEBVTT" and not lines[0].startswith(("WEBVTT ", "WEBVTT\t"))):
        message = f"{name}, line 1: WebVTT begins with the word WEBVTT in a line of its own or before a space."
        raise TextError(message, code="no-signature", line=1)
    parser = _Parser(_without_nul(lines, faults), name, faults)
    parser.header()
    events = tuple(parser.events())
    document = Document(
        format="webvtt",
        events=events,
        faults=faults.found(),
        encoding=text.encoding,
        has_bom=text.has_bom,
        language=parser.language,
        time_base="media",
    )
    return (document,)


def styles_of(header: str, faults: Faults) -> tuple[Mapping[str, Region], Mapping[str, str], str | None]:
    """Regions, colours of classes and the language that the head of a track states ahead of its cues."""
    parser = _Parser(header.replace("\r\n", "\n").split("\n"), "the head of the track", faults)
    parser.header()
    for _ in parser.events():
        pass
    return parser.regions, parser.class_colors, parser.language


def _without_nul(lines: list[str], faults: Faults) -> list[str]:
    whole = "\n".join(lines)
    if "\0" not in whole:
        return lines
    line = whole.count("\n", 0, whole.index("\0")) + 1
    faults.add("nul-character", "The text has NUL bytes, which players show as U+FFFD.", line)
    return whole.replace("\0", "\ufffd").split("\n")


def _times(line: str) -> re.Match[str] | None:
    """Section 6.3: the match of the two times, None where a parser gives the cue up."""
    found = _TIMES.match(line)
    if found is None or found[3] > "59" or found[4] > "59" or found[9] > "59" or found[10] > "59":
        return None
    return found


def _milliseconds(found: re.Match[str], group: int) -> int:
    minutes = int(found[group] or 0) * 60 + int(found[group + 1])
    return (minutes * 60 + int(found[group + 2])) * 1000 + int(found[group + 3])
