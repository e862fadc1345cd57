"""Reads the text of one WebVTT cue (W3C WebVTT, sections 4.2.2 and 6.4): what is shown, and where it breaks the syntax
though a player goes on. Knows no file and no settings."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.entities import html5

from deliverqc.timed_text.colors import hex_color
from deliverqc.timed_text.plain_text import shown_lines

_TOKEN = re.compile(r"[^<]++|<[^>]*+>?")
_REFERENCE = re.compile(r"&(?:#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)?")
_START = re.compile(r"([^\s.>]*+)((?:\.[^\s.>]*+)*+)([ \t\n\f][^>]*+)?", re.DOTALL)
_TIMESTAMP = re.compile(r"(?:(\d{2,9}):)?([0-5]\d):([0-5]\d)\.(\d{3})", re.ASCII)
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8}|[xi])(?:-[A-Za-z0-9]{1,8})*+", re.ASCII)
_SPANS = frozenset(("c", "i", "b", "u", "ruby", "rt", "v", "lang"))
_CLASS_COLORS = ("white", "lime", "cyan", "red", "yellow", "magenta", "blue", "black")

Fault = Callable[[str, str], None]
"""Takes a code and a sentence."""


@dataclass(kw_only=True, slots=True)
class CueText:
    """What is shown: `lines` without tags and without the small text of ruby, which is in `ruby`."""

    lines: tuple[str, ...] = ()
    ruby: tuple[str, ...] = ()
    is_italic: bool = False
    colors: tuple[str, ...] = ()
    language: str | None = None


def timestamp_ms(text: str) -> int | None:
    """The time that `text` is by the syntax of section 4.1, in milliseconds; None where it is none."""
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return None
    return ((int(found[1] or 0) * 60 + int(found[2])) * 60 + int(found[3])) * 1000 + int(found[4])


@dataclass(kw_only=True, slots=True)
class _Tree:
    """The spans that are open, and what was shown so far."""

    fault: Fault
    class_colors: Mapping[str, str]
    open: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    ruby: list[str] = field(default_factory=list)
    needs_rt: list[bool] = field(default_factory=list)
    colors: dict[str, None] = field(default_factory=dict)
    roots: int = 0
    ruby_texts: int = 0
    is_italic: bool = False
    language: str | None = None

    def string(self, text: str) -> None:
        if not self.open:
            self.roots += 1
        if "&" in text:
            text = unescaped(text, self.fault)
        if self.ruby_texts:
            self.ruby.append(text)
            return
        if self.needs_rt and self.open[-1] == "ruby":
            self.needs_rt[-1] |= bool(text.strip(" \t\n"))
        self.shown.append(text)

    def start(self, name: str, classes: str, annotation: str | None) -> None:
        if name not in _SPANS:
            self.fault("unknown-tag", f"<{name[:20]}> is not a tag of WebVTT; & and < in text are &amp; and &lt;.")
            return
        if "" in classes.split(".")[1:] or "&" in classes or "<" in classes:
            self.fault("bad-class", f"A class of <{name}> is empty or not a name.")
        self._check_annotation(name, annotation)
        if name == "rt":
            if not self.open or self.open[-1] != "ruby":
                self.fault("rt-outside-ruby", "<rt> is not directly within <ruby>: players pass over it.")
                return
            self.ruby_texts += 1
            self.needs_rt[-1] = False
        elif self.open and self.open[-1] == "ruby":
            self.needs_rt[-1] = True
        if name == "ruby":
            self.needs_rt.append(True)
        if not self.open:
            self.roots += 1
        self.open.append(name)
        self.is_italic |= name == "i"
        for part in (f"<{name}>", *classes.split(".")):
            if part in self.class_colors:
                self.colors[self.class_colors[part]] = None

    def _check_annotation(self, name: str, annotation: str | None) -> None:
        if name not in ("v", "lang"):
            if annotation is not None:
                self.fault("annotation-not-allowed", f"<{name}> holds more than its name and classes.")
            return
        value = " ".join(unescaped(annotation or "", self.fault).split())
        if not value:
            self.fault("missing-annotation", f"<{name}> names no {'voice' if name == 'v' else 'language'}.")
        elif name == "lang":
            if not _LANGUAGE.fullmatch(value):
                self.fault("bad-language", f"{value[:40]!r} is not a BCP 47 language tag.")
            self.language = self.language or value

    def end(self, name: str) -> None:
        top = self.open[-1] if self.open else None
        if name == "ruby" and top == "rt":
            self._close()
            top = "ruby"
        if name != top:
            self.fault("unexpected-end-tag", f"</{name[:20]}> does not close what is open.")
            return
        self._close()

    def _close(self) -> None:
        name = self.open.pop()
        if name == "rt":
            self.ruby_texts -= 1
        elif name == "ruby" and self.needs_rt.pop():
            self.fault("ruby-without-rt", "In <ruby> a base is not followed by its <rt>.")

    def close_all(self) -> None:
        """At the end of the cue only a voice that is all of it may be open."""
        for index, name in enumerate(self.open):
            if not (name == "v" and index == 0 and self.roots == 1):
                self.fault("unclosed-tag", f"<{name}> is not closed.")


def cue_text(text: str, begin_ms: int, end_ms: int, fault: Fault, class_colors: Mapping[str, str]) -> CueText:
    """What the payload `text` of a cue shows. `class_colors`: the colours, as #rrggbb, that
    classes give, tags (as "<b>"), and the style sheet to all text ("<>")."""
    everywhere = (class_colors["<>"],) if "<>" in class_colors else ()
    if "<" not in text and "&" not in text:
        return CueText(lines=shown_lines(text), colors=everywhere)
    tree = _Tree(fault=fault, class_colors=class_colors, colors=dict.fromkeys(everywhere))
    latest = begin_ms
    for token in _TOKEN.findall(text):
        if token[0] != "<":
            tree.string(token)
        elif token[-1] != ">":
            fault("broken-tag", f"A tag has no end: {token[:20]!r}. A < in text is written &lt;.")
        elif token[1] == "/":
            tree.end(token[2:-1])
        elif token[1] in "0123456789":
            latest = _timestamp(token[1:-1], latest, end_ms, tree)
        elif (found := _START.fullmatch(token[1:-1])) is not None:
            tree.start(found[1], found[2], found[3])
        else:
            fault("unknown-tag", f"{token[:20]!r} is not a tag of WebVTT.")
    tree.close_all()
    return CueText(
        lines=shown_lines("".join(tree.shown)),
        ruby=tuple(tree.ruby),
        is_italic=tree.is_italic,
        colors=tuple(tree.colors),
        language=tree.language,
    )


def _timestamp(text: str, latest: int, end_ms: int, tree: _Tree) -> int:
    if not tree.open:
        tree.roots += 1
    time = timestamp_ms(text)
    if time is None:
        tree.fault("bad-timestamp", f"<{text[:30]}> is not a time.")
        return latest
    if not latest < time < end_ms:
        tree.fault(
            "timestamp-out-of-order", f"<{text[:30]}> is not later than what comes before, or is not in the cue."
        )
    return max(latest, time)


def default_colors() -> dict[str, str]:
    """Of the class names that the standard defines (section 5.1)."""
    return {name: color for name in _CLASS_COLORS if (color := hex_color(name))}


def unescaped(text: str, fault: Fault) -> str:
    """`text` with HTML's character references replaced, as HTML defines them."""
    if "&" not in text:
        return text
    for reference in _REFERENCE.findall(text):
        if not _is_reference(reference):
            fault("bad-entity", f"{reference[:40]!r} is not a character reference; & is written &amp;.")
    return html.unescape(text)


def _is_reference(reference: str) -> bool:
    if reference[1:2] == "#":
        number = int(reference[3:-1], 16) if reference[2] in "xX" else int(reference[2:-1])
        return 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 and not 0x7F <= number < 0xA0
    return reference[1:] in html5
