"""Holds a TTML document to the rules of its standards that concern the whole tree: what may be inside what, ids and
references, values of styles, and what IMSC and EBU-TT-D ask beyond TTML. Reads no events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from deliverqc.timed_text.model import Event
from deliverqc.timed_text.ttml_events import background_image
from deliverqc.timed_text.ttml_names import CHILDREN, STYLING, TT, TTP, TTS, XML
from deliverqc.timed_text.ttml_styles import Region, Styles, is_style_value
from deliverqc.timed_text.ttml_times import Clock
from deliverqc.timed_text.xml_text import XML_SPACES, Faults, quoted

_TT = f"{{{TT}}}"
_ONCE = {"tt": ("head", "body"), "head": ("styling", "layout")}
_HOLDS_TEXT = ("p", "span", "metadata")
_WITHOUT_TEXT = frozenset(("tt", "head", "styling", "layout", "region", "body", "div", "br"))
_NCNAME = re.compile(r"[^\W\d][\w.\-\u00b7\u0300-\u036f\u203f\u2040]*")
"""Namespaces in XML section 3, without the rarest letters; xml:id is one (xml:id Version 1.0, section 4)."""
_LANGUAGE = re.compile(r"(?:[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)?", re.ASCII)
"""The form of xml:lang (XML Schema part 2, language); empty: none."""
_PIXELS = re.compile(r"\dpx\b")
_CLOSE = 0.01
"""Percent: positions are written with a few digits. House choice: a fifth of a pixel of 1080p."""


_TIMING = frozenset(("begin", "end", "dur"))
_PLACED = frozenset(("region", "style", "condition", "animate"))
_CONTENT = _TIMING | _PLACED | {"timeContainer"}
_PLAIN: dict[str, frozenset[str]] = {
    "tt": frozenset(("condition",)),
    "head": frozenset(("condition",)),
    "styling": frozenset(("condition",)),
    "style": frozenset(("style", "condition")),
    "layout": frozenset(("condition",)),
    "region": (_CONTENT | {"type"}) - {"region"},
    "body": _CONTENT,
    "div": _CONTENT,
    "p": _CONTENT,
    "span": _CONTENT,
    "br": frozenset(("style", "condition", "animate")),
}
"""Attributes without a namespace of the elements that make events (TTML2, its schema). A misspelt `begin` is none."""

_PARAMETERS = frozenset(
    f"{TTP}{name}" for name in ("profile", "features", "feature", "extensions", "extension", "combine")
)
"""Elements in the namespace of parameters (TTML1 section 6.1); that of styling has none."""

Values = Mapping[tuple[str, str], int | None]
"""Styling attributes but for those of <tt>, each with each of its values, and the first line that has it."""


def check_tree(root: etree._Element, styles: Styles, faults: Faults) -> Values:
    """Faults of structure, ids, references to styles, and values of styles; gives the values that occur."""
    ids: set[str] = set()
    known: set[str] = set()
    values: dict[tuple[str, str], int | None] = {}
    for element in root.iter("*"):
        plain = None
        if element.tag.startswith(_TT):
            _check_place(element, faults)
            plain = _PLAIN.get(element.tag[len(_TT) :])
        elif element.tag.startswith((TTS, TTP, XML)) and element.tag not in _PARAMETERS:
            message = f"<{_prefixed(element.tag)}> is not an element of TTML, so what is in it is never shown"
            faults.add("element-out-of-place", message, element.sourceline)
        for name, value in element.items():
            if name == f"{XML}id":
                if not _NCNAME.fullmatch(value):
                    message = f"the id {quoted(value)} is not a name: it begins with a letter and has no colon or space"
                    faults.add("bad-id", message, element.sourceline)
                if value in ids:
                    faults.add("duplicate-id", f"the id {quoted(value)} is used twice", element.sourceline)
                ids.add(value)
            elif name == f"{XML}lang" and not _LANGUAGE.fullmatch(value):
                message = f"xml:lang is {quoted(value)}, which is not a language tag as en or pt-BR"
                faults.add("bad-language", message, element.sourceline)
            elif name == "style" and value not in known:
                known.add(value)
                _check_references(element, value, styles, faults)
            elif name.startswith(STYLING) and (name, value) not in values and element is not root:
                values[name, value] = element.sourceline
                if not is_style_value(name, value):
                    message = f"{_short(name)} is {quoted(value)}, which is not a value that it can have"
                    faults.add("bad-style-value", message, element.sourceline)
            elif plain is not None and name not in plain and name[0] != "{":
                message = (
                    f"<{element.tag[len(_TT) :]}> does not have the attribute {quoted(name)}; players pass over it"
                )
                faults.add("attribute-not-allowed", message, element.sourceline)
    return values


def _check_place(element: etree._Element, faults: Faults) -> None:
    """Whether what is right in an element of TTML may be in it."""
    name = element.tag[len(_TT) :]
    allowed = CHILDREN.get(name)
    if allowed is None or (not len(element) and name not in _WITHOUT_TEXT):
        return
    if name in _WITHOUT_TEXT:
        _check_text(element, name, faults)
    once = _ONCE.get(name, ())
    seen: set[str] = set()
    for child in element.iterchildren(f"{_TT}*"):
        inner = child.tag[len(_TT) :]
        if inner not in allowed or inner in seen:
            why = "twice" if inner in seen else f"in <{name}>, where it may not be"
            faults.add("element-out-of-place", f"<{inner}> is {why}", child.sourceline)
        if inner in once:
            seen.add(inner)
        if inner == "head" and "body" in seen:
            faults.add("element-out-of-place", "<head> is after <body>", child.sourceline)
        if (name, inner) == ("layout", "region") and not child.get(f"{XML}id"):
            faults.add("id-missing", "<region> has no xml:id, so nothing can use it", child.sourceline)


def _check_text(element: etree._Element, name: str, faults: Faults) -> None:
    texts = (element.text, *(child.tail for child in element.iterchildren()))
    if any(one and one.strip(XML_SPACES) for one in texts):
        message = f"there is text right in <{name}>, where it is never shown"
        faults.add("text-out-of-place", message, element.sourceline)


def _check_references(element: etree._Element, value: str, styles: Styles, faults: Faults) -> None:
    for one in dict.fromkeys(value.split()):
        if one not in styles.by_id:
            faults.add("unknown-style", f"there is not a style {quoted(one)} in the head", element.sourceline)


def _prefixed(name: str) -> str:
    prefix = "ttp" if name.startswith(TTP) else "tts" if name.startswith(TTS) else "xml"
    return f"{prefix}:{name.rpartition('}')[2]}"


def _short(name: str) -> str:
    prefix = "tts" if name.startswith(TTS) else "itts" if "imsc1" in name else "ebutts"
    return f"{prefix}:{name.rpartition('}')[2]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was read of one document, for the rules of its profile."""

    root: etree._Element
    profile: str
    encoding: str
    clock: Clock
    used: frozenset[str]
    regions: Mapping[str, Region]
    events: tuple[Event, ...]
    values: Values


def check_profile(reading: Reading, faults: Faults) -> None:
    """What the profile demands beyond TTML, and the frame rate, without which frames have no time."""
    line = reading.root.sourceline
    clock = reading.clock
    if "frames" in reading.used and not clock.has_rate:
        message = "times count frames, and ttp:frameRate does not say how many a second has"
        faults.add("frame-rate-missing", message, line)
    if reading.profile.startswith("imsc"):
        _check_imsc(reading, faults)
    elif reading.profile == "ebu_tt_d":
        _check_ebu_tt_d(reading, faults)


def _check_imsc(reading: Reading, faults: Faults) -> None:
    """IMSC 1.0.1, 1.1 and 1.2, sections 6 to 8, where they ask more than TTML does."""
    root, clock, line = reading.root, reading.clock, reading.root.sourceline
    if reading.encoding not in ("utf-8", "ascii"):
        faults.add("encoding-not-utf-8", f"IMSC is written in UTF-8; this file is {reading.encoding}", 1)
    if clock.time_base != "media":
        faults.add("time-base-not-allowed", f"IMSC has the time base media; this file has {clock.time_base}", line)
    if "ticks" in reading.used and not clock.has_ticks:
        faults.add("tick-rate-missing", "times count ticks, and ttp:tickRate does not say how many a second has", line)
    _check_extent(root, reading.values, faults)
    for region in reading.regions.values():
        _check_region(region, faults)
    if reading.profile.endswith("text"):
        for event in reading.events:
            if event.is_image:
                message = "an image in a document of the text profile of IMSC"
                faults.add("image-in-text-profile", message, event.line, event.number)
    else:
        for event in reading.events:
            if event.lines:
                message = "text in a document of the image profile of IMSC"
                faults.add("text-in-image-profile", message, event.line, event.number)


def _check_extent(root: etree._Element, values: Values, faults: Faults) -> None:
    extent = root.get(f"{TTS}extent")
    if extent is None:
        name, line = next(((key[0], line) for key, line in values.items() if _PIXELS.search(key[1])), ("", None))
        if name:
            message = f"{_short(name)} is in pixels, and tts:extent of <tt> does not say of how many"
            faults.add("root-extent-missing", message, line)
    elif extent not in ("auto", "contain") and not re.fullmatch(r"\d+px\s+\d+px", extent):
        message = f"tts:extent of <tt> is {quoted(extent)}; it is two whole numbers of pixels, as 1920px 1080px"
        faults.add("root-extent-not-px", message, root.sourceline)


def _check_region(region: Region, faults: Faults) -> None:
    box = region.box
    if box is None:
        return
    if min(box.left, box.top) < -_CLOSE or max(box.right, box.bottom) > 100 + _CLOSE:
        message = (
            f"region {quoted(region.name)} goes beyond the picture: {box.left:.6g} to {box.right:.6g} % across, "
            f"{box.top:.6g} to {box.bottom:.6g} % down"
        )
        faults.add("region-beyond-root", message, region.element.sourceline)


def _check_ebu_tt_d(reading: Reading, faults: Faults) -> None:
    """EBU Tech 3380, sections 3.2 and 3.3: media time, clock times without frames, begin and end on p and span."""
    root, clock = reading.root, reading.clock
    if clock.time_base != "media":
        message = f"EBU-TT-D has the time base media; this file has {clock.time_base}"
        faults.add("time-base-not-allowed", message, root.sourceline)
    if reading.used & {"frames", "offset", "ticks"}:
        message = "EBU-TT-D counts times as 00:01:02.500; this file counts frames, ticks or offsets"
        faults.add("time-form-not-allowed", message, root.sourceline)
    for element in root.iter(f"{_TT}*"):
        name = element.tag[len(_TT) :]
        if "dur" in element.attrib or (
            name in ("body", "div", "br", "region") and ("begin" in element.attrib or "end" in element.attrib)
        ):
            message = f"<{name}> has times that EBU-TT-D does not give it: begin and end are on p or span"
            faults.add("attribute-not-allowed", message, element.sourceline)
        elif background_image(element) is not None:
            faults.add("attribute-not-allowed", "EBU-TT-D has no images", element.sourceline)
    for region in reading.regions.values():
        _check_region(region, faults)
