"""Reads the TTML family: TTML1 and TTML2, IMSC 1 to 1.2 (text and image), SMPTE-TT, EBU-TT, EBU-TT-D, DFXP, iTT and the
dialects of platforms. Knows no picture and no spec.

Each paragraph is an event, or several where parts of it are shown at times of their own; so is each image. Animation
(`set`, `animate`) is not followed: text is shown as long as its paragraph.
"""

from __future__ import annotations

from fractions import Fraction

from lxml import etree

from deliverqc.timed_text import second_opinion
from deliverqc.timed_text.model import Document, Event, Font, TextError
from deliverqc.timed_text.ttml_events import Walk
from deliverqc.timed_text.ttml_names import (
    EBUTTM,
    ITTP,
    TT,
    TTM,
    TTP,
    XML,
    designators,
    is_old,
    modernise,
    profile_of,
    smpte_name,
)
from deliverqc.timed_text.ttml_rules import Reading, check_profile, check_tree
from deliverqc.timed_text.ttml_styles import read_regions, read_styles
from deliverqc.timed_text.ttml_times import Clock, Times, read_clock
from deliverqc.timed_text.xml_text import Faults, XmlText, quoted, read_xml

_HEAD = f"{{{TT}}}head"
_BODY = f"{{{TT}}}body"


def read(data: bytes, name: str) -> tuple[Document, ...]:
    """The document in `data`. TextError where it is not XML, not TTML, or beyond the bounds of `xml_text`."""
    xml = read_xml(data, name)
    root = xml.root
    was_old = is_old(root)
    if was_old:
        modernise(root)
    if root.tag != f"{{{TT}}}tt":
        namespace = etree.QName(root).namespace
        message = (
            f"{name}, line {root.sourceline}: <{etree.QName(root).localname}> of the namespace "
            f"{quoted(namespace or '')} is not TTML. Export it as TTML or IMSC."
        )
        raise TextError(message, code="unknown-namespace", line=root.sourceline)
    return (_document(xml, name, was_old=was_old),)


def _document(xml: XmlText, name: str, *, was_old: bool) -> Document:
    root, faults = xml.root, Faults()
    profile = profile_of(root, designators(root), was_old=was_old)
    clock = read_clock(root, faults)
    times = Times(clock)
    start = _start(root, clock, times, faults)
    language = root.get(f"{XML}lang")
    if language is None:
        faults.add("language-missing", "<tt> has no xml:lang, which every TTML document states", root.sourceline)
    events = _judged(xml, name, profile, times, faults)
    forced = [event.is_forced for event in events]
    return Document(
        format="ttml",
        events=events,
        faults=faults.ordered(),
        profile=profile,
        encoding=xml.encoding,
        has_bom=xml.has_bom,
        language=language or None,
        time_base=clock.time_base,
        frame_rate=clock.effective_rate if clock.has_rate else None,
        drop_mode=clock.drop_mode if clock.time_base == "smpte" else None,
        start_s=start,
        is_forced=all(forced) if any(one is not None for one in forced) else None,
        is_closed_caption=True if "caption" in _roles(root) else None,
        title=_title(root),
        fonts=_fonts(root),
    )


def _judged(xml: XmlText, name: str, profile: str, times: Times, faults: Faults) -> tuple[Event, ...]:
    """The events, after which the whole tree, its profile and ttconv have added what is wrong."""
    root = xml.root
    styles = read_styles(root, faults)
    regions = read_regions(root, styles)
    walk = Walk(
        name=name,
        times=times,
        styles=styles,
        regions=regions,
        images=_images(root),
        faults=faults,
        language=root.get(f"{XML}lang"),
    )
    body = root.find(_BODY)
    if body is not None:
        walk.body(body, keeps_space=root.get(f"{XML}space") == "preserve")
    events = tuple(walk.events)
    values = check_tree(root, styles, faults)
    _check_areas(root, faults)
    reading = Reading(
        root=root,
        profile=profile,
        encoding=xml.encoding,
        clock=times.clock,
        used=frozenset(times.used),
        regions=regions,
        events=events,
        values=values,
    )
    check_profile(reading, faults)
    second_opinion.ask(root, faults, is_imsc=profile.startswith("imsc"))
    return events


def _images(root: etree._Element) -> frozenset[str]:
    """Ids of images that SMPTE-TT carries in the document itself."""
    return frozenset(
        element.get(f"{XML}id")
        for element in root.iter("*")
        if element.get(f"{XML}id") and smpte_name(element.tag) == "image"
    )


def _start(root: etree._Element, clock: Clock, times: Times, faults: Faults) -> Fraction | None:
    """Media time begins with the programme; EBU-TT states where another clock does."""
    for element in root.iterfind(f"{_HEAD}/{{{TT}}}metadata//{EBUTTM}documentStartOfProgramme"):
        text = (element.text or "").strip()
        found = times.read(text)
        if isinstance(found, Fraction):
            return found
        faults.add("bad-parameter", f"ebuttm:documentStartOfProgramme: {found[1]}", element.sourceline)
    return Fraction(0) if clock.time_base == "media" else None


def _roles(root: etree._Element) -> set[str]:
    body = root.find(_BODY)
    if body is None:
        return set()
    tops = [body, *body.iterfind(f"{{{TT}}}div")]
    return {role for element in tops for role in element.get(f"{TTM}role", "").split()}


def _title(root: etree._Element) -> str | None:
    for element in root.iterfind(f"{_HEAD}//{TTM}title"):
        return "".join(element.itertext()).strip() or None
    return None


def _fonts(root: etree._Element) -> tuple[Font, ...]:
    """Fonts that TTML2 loads."""
    found = []
    for element in root.iterfind(f"{_HEAD}/{{{TT}}}resources/{{{TT}}}font"):
        source = element.find(f"{{{TT}}}source")
        file = element.get("src") or (None if source is None else source.get("src"))
        found.append(Font(name=element.get("family") or element.get(f"{XML}id") or "", file=file, size_bytes=None))
    return tuple(found)


def _check_areas(root: etree._Element, faults: Faults) -> None:
    """Parameters of IMSC that say where on the picture the root is."""
    area = root.get(f"{ITTP}activeArea")
    if area is not None:
        parts = [part[:-1] for part in area.split() if part.endswith("%")]
        if len(parts) != 4 or len(area.split()) != 4 or not all(_is_share(part) for part in parts):
            message = f"ittp:activeArea is {quoted(area)}; it is four percentages from 0 to 100"
            faults.add("bad-parameter", message, root.sourceline)
    for key, label in (
        (f"{ITTP}aspectRatio", "ittp:aspectRatio"),
        (f"{TTP}displayAspectRatio", "ttp:displayAspectRatio"),
    ):
        value = root.get(key)
        if value is not None:
            parts = value.split()
            if len(parts) != 2 or not all(part.isascii() and part.isdigit() and part.strip("0") for part in parts):
                message = f"{label} is {quoted(value)}; it is two whole numbers above 0, as 16 9"
                faults.add("bad-parameter", message, root.sourceline)


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 100
    except ValueError:
        return False
