"""Asks ttconv, the reader of the W3C's editors, about the styles and the structure of a TTML document. What it logs
becomes faults where we found none of the kind; times, references and languages are ours alone (`ttml_times`)."""

from __future__ import annotations

import copy
import logging
import re
import threading

from lxml import etree

from deliverqc.timed_text.ttml_names import TT, TTP, TTS, XML
from deliverqc.timed_text.ttml_styles import OURS
from deliverqc.timed_text.xml_text import Faults

MOST_SHAPES = 200
"""House choice: ttconv takes a tenth of a millisecond for a paragraph. Paragraphs of the same elements and attributes,
times and ids apart, are shown to it once, and of longer lists the first."""

_P = f"{{{TT}}}p"
_TIMING = ("begin", "end", "dur", "timeContainer", f"{XML}id")
_NOT_SHOWN = frozenset(_TIMING[:-1]) | OURS | {f"{TTS}textEmphasis"}
"""Times, and the properties that `ttml_styles` holds to TTML2: ttconv 1.2.3 knows some values of IMSC only, and takes a
quoted character of an emphasis for an error."""

_CODES = (
    (re.compile(r"^Error reading style property (\w+)"), "bad-style-value"),
    (re.compile(r"Children of|^<set> element is out of order|^Set parent"), "element-out-of-place"),
    (re.compile(r"[Ss]yntax|^Bad |^bad |must use|does not use|must be integer|denominator"), "bad-parameter"),
)
_PIXELS = re.compile(r"\d+px\s+\d+px", re.ASCII)
"""The only size of the root that it knows; TTML2 has others."""

_UNNAMED = "second-reader"
"""What has no code of its own, an exception for one: it says something only where nothing else explains it."""

_OURS = re.compile(
    r"^(?:xml:lang not specified|Element references unknown region|non exist.nt style id|Style id not present|"
    r"Duplicate style id|All regions must have an id|Unexpected child of layout|More than one|Multiple |"
    r"Unknown property)"
)
"""Lines on what `ttml_rules` and `ttml_events` judge themselves, with the line in the file."""


class _Listener(logging.Handler):
    """Gathers what ttconv logs in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:
            self.lines.append(record.getMessage())


def ask(root: etree._Element, faults: Faults, *, is_imsc: bool) -> None:
    """Add what ttconv finds wrong with the document under `root`, which is left as it is. That it fails counts where
    the document is IMSC, which is all that it means to read."""
    lines, failure = _said_by_ttconv(_shapes(root))
    for line in dict.fromkeys([*lines, failure] if failure and is_imsc else lines):
        if _OURS.search(line):
            continue
        code = next((code for pattern, code in _CODES if pattern.search(line)), _UNNAMED)
        known = (code,) if code != _UNNAMED else tuple(one for _, one in _CODES)
        if not any(faults.has(one) for one in known):
            faults.add(code, f"ttconv: {line.strip()[:200]}")


def _said_by_ttconv(root: etree._Element) -> tuple[list[str], str | None]:
    """What ttconv logs, and how it failed; None where it did not."""
    from ttconv.imsc.reader import to_model  # 0.03 s, for TTML only

    logger = logging.getLogger("ttconv")
    logger.setLevel(logging.WARNING)
    listener = _Listener()
    logger.addHandler(listener)
    failure = None
    try:
        if to_model(root.getroottree()) is None:
            failure = "cannot read this document"
    except RecursionError:
        pass  # a chain of styles that is longer than it can follow is no fault of the file
    except Exception as error:  # noqa: BLE001 - a library that fails on a file says something of the file
        failure = f"cannot read this document: {error}"
    finally:
        logger.removeHandler(listener)
    return listener.lines, failure


def _shapes(root: etree._Element) -> etree._Element:
    """A copy without times, in which each shape of a paragraph is there once."""
    copied = copy.deepcopy(root)
    for name in ("timeBase", "dropMode"):
        copied.attrib.pop(f"{TTP}{name}", None)  # ttconv has no clock and no PAL drop-frame
    seen: set[object] = set()
    for element in list(copied.iter(_P)):
        shape = _shape(element)
        if shape in seen or len(seen) >= MOST_SHAPES:
            element.getparent().remove(element)
        seen.add(shape)
    size = copied.get(f"{TTS}extent", "")
    for element in copied.iter("*"):
        for name, value in element.items():
            if name in _NOT_SHOWN or value in ("inherit", "initial"):
                del element.attrib[name]
    if _PIXELS.fullmatch(size):
        copied.set(f"{TTS}extent", size)
    return copied


def _shape(element: etree._Element) -> object:
    return tuple(
        (one.tag, tuple((name, value) for name, value in one.items() if name not in _TIMING))
        for one in element.iter("*")
    )
