"""Rules of Interop DCSubtitle (CineCanvas) and of SMPTE ST 428-7 that one element shows by itself: what a document
states of itself, and in which order, fonts, and places. Reads no events."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from lxml import etree

from deliverqc.safe_xml import children, local
from deliverqc.timed_text.xml_text import Faults, quoted

_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(
    r"-?\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_VERSIONS = ("1.0", "1.1")
_WHOLE = re.compile(r"(?=\d{1,6}$)0*[1-9]\d*", re.ASCII)
_YES_OR_NO = frozenset(("yes", "no"))
_FONT_WORDS = {
    "Italic": _YES_OR_NO,
    "Underline": _YES_OR_NO,
    "Underlined": _YES_OR_NO,
    "Script": frozenset(("normal", "super", "sub")),
    "Weight": frozenset(("normal", "bold")),
    "Effect": frozenset(("none", "border", "shadow")),
}
_PLACE_WORDS = {
    "valign": frozenset(("top", "center", "bottom")),
    "halign": frozenset(("left", "center", "right")),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """`order`: elements that the root may have, in their order where it is binding; `required` and `repeated` of
    them."""

    name: str
    order: tuple[str, ...]
    required: tuple[str, ...]
    repeated: frozenset[str]
    is_ordered: bool


INTEROP = Dialect(
    name="Interop",
    order=("SubtitleID", "MovieTitle", "ReelNumber", "Language", "LoadFont", "Font", "Subtitle"),
    required=("SubtitleID", "MovieTitle", "ReelNumber", "Language"),
    repeated=frozenset(("LoadFont", "Font", "Subtitle")),
    is_ordered=True,
)
"""TI CineCanvas "Subtitle specification (XML file format)" 1.1, section 2."""

SMPTE = Dialect(
    name="ST 428-7",
    order=("Id", "ContentTitleText", "AnnotationText", "IssueDate", "ReelNumber", "Language")
    + ("EditRate", "TimeCodeRate", "StartTime", "DisplayType", "LoadFont")
    + ("LoadVariableZ", "SubtitleList"),
    required=("Id", "ContentTitleText", "IssueDate", "EditRate", "TimeCodeRate", "SubtitleList"),
    repeated=frozenset(("LoadFont", "LoadVariableZ")),
    is_ordered=True,
)
"""SMPTE ST 428-7:2014, table 1, and ST 428-12 on depth."""


def check_document(root: etree._Element, dialect: Dialect, faults: Faults) -> None:
    """Faults of what stands right in the root."""
    version = root.get("Version")
    if dialect is INTEROP and version is not None and version not in _VERSIONS:
        message = f"Version of <DCSubtitle> is {quoted(version)}; it is 1.0 or 1.1"
        faults.add("bad-attribute", message, root.sourceline)
    last = 0
    seen: set[str] = set()
    for element in children(root):
        name = local(element)
        if name not in dialect.order:
            faults.add("element-out-of-place", f"{dialect.name} does not have <{name}> here", element.sourceline)
            continue
        place = dialect.order.index("Font" if name == "Subtitle" else name)  # Interop has them in any order
        if (place < last and dialect.is_ordered) or (name in seen and name not in dialect.repeated):
            why = "there twice" if name in seen and name not in dialect.repeated else "out of order"
            faults.add("element-out-of-place", f"<{name}> is {why}", element.sourceline)
        last = max(last, place)
        seen.add(name)
        _check_value(name, (element.text or "").strip(), dialect, element.sourceline, faults)
        if name == "LoadFont":
            _check_load_font(element, faults)
    for name in dialect.required:
        if name not in seen:
            faults.add("element-missing", f"{dialect.name} requires <{name}>, which is not there", root.sourceline)
    fonts = Counter(_id(element) for element in children(root, "LoadFont"))
    for name in sorted(one for one, count in fonts.items() if one and count > 1):
        faults.add("duplicate-id", f"two fonts are loaded as {quoted(name)}", root.sourceline)


def _check_value(name: str, value: str, dialect: Dialect, line: int | None, faults: Faults) -> None:
    """Values that have a form of their own."""
    if name in ("Id", "SubtitleID"):
        is_urn = value.startswith("urn:uuid:")
        if not _UUID.fullmatch(value) or (dialect is SMPTE and not is_urn):
            shape = "urn:uuid: and a UUID" if dialect is SMPTE else "a UUID"
            faults.add("bad-id", f"<{name}> is {quoted(value)}; it is {shape}", line)
    elif name == "IssueDate" and not _DATE.fullmatch(value):
        faults.add(
            "bad-issue-date", f"<IssueDate> is {quoted(value)}; it is written as 2026-01-31T12:00:00+00:00", line
        )
    elif name == "ReelNumber" and not (_WHOLE.fullmatch(value) or (dialect is INTEROP and value == "0")):
        faults.add("bad-reel-number", f"<ReelNumber> is {quoted(value)}; it is a whole number from 1 on", line)
    elif name == "EditRate" and not re.fullmatch(r"[1-9]\d{0,8}\s+[1-9]\d{0,8}", value, re.ASCII):
        faults.add("bad-edit-rate", f"<EditRate> is {quoted(value)}; it is two whole numbers, as 24 1", line)
    elif name == "Language" and dialect is SMPTE and not _TAG.fullmatch(value):
        faults.add("bad-language", f"<Language> is {quoted(value)}; it is a language tag, as fr or de-AT", line)


def _check_load_font(element: etree._Element, faults: Faults) -> None:
    if not _id(element):
        faults.add("attribute-missing", "<LoadFont> has no ID, so no text can use it", element.sourceline)
    source = element.get("URI") or (element.text or "").strip()
    if source and not re.fullmatch(r"[!-~]+", source):
        faults.add(
            "bad-id", f"<LoadFont> is {quoted(source)}, which has characters that no URI has", element.sourceline
        )
    if not source:
        faults.add("attribute-missing", "<LoadFont> does not say which font it loads", element.sourceline)


def check_font(element: etree._Element, dialect: Dialect, loaded: Collection[str], faults: Faults) -> None:
    """Faults of a `Font`: an id that was not loaded, and values that it cannot have."""
    line = element.sourceline
    name = _id(element)
    if name is not None and name not in loaded:
        faults.add("unknown-font", f"the font {quoted(name)} is used and not loaded with <LoadFont>", line)
    for attribute, words in _FONT_WORDS.items():
        value = element.get(attribute)
        if value is not None and value not in words:
            message = f"{attribute} of <Font> is {quoted(value)}; it is one of {', '.join(sorted(words))}"
            faults.add("bad-attribute", message, line)
    for attribute in ("Color", "EffectColor"):
        value = element.get(attribute)
        if value is not None and not re.fullmatch(r"[0-9A-Fa-f]{8}", value):
            message = f"{attribute} of <Font> is {quoted(value)}; it is eight hexadecimal digits, as FFFFFFFF"
            faults.add("bad-attribute", message, line)
    size = element.get("Size")
    if size is not None and not _WHOLE.fullmatch(size):
        faults.add("bad-attribute", f"Size of <Font> is {quoted(size)}; it is a whole number from 1 on", line)
    for attribute in ("AspectAdjust", "Spacing"):
        value = element.get(attribute)
        number = value[:-2] if value is not None and attribute == "Spacing" and value.endswith("em") else value
        if number is not None and not _NUMBER.fullmatch(number):
            faults.add("bad-attribute", f"{attribute} of <Font> is {quoted(number)}; it is a number", line)


def check_place(element: etree._Element, dialect: Dialect, faults: Faults, event: int) -> None:
    """Faults of where a `Text` or an `Image` is put, and of what an image names."""
    name, line = local(element), element.sourceline
    for key, value in element.items():
        lower = key.lower()
        words = _PLACE_WORDS.get(lower)
        if words is not None and value not in words:
            message = f"{key} of <{name}> is {quoted(value)}; it is one of {', '.join(sorted(words))}"
            faults.add("bad-attribute", message, line, event)
        elif lower in ("vposition", "hposition"):
            _check_position(element, key, value, faults, event)
    if name == "Image":
        source = (element.text or "").strip()
        if not source:
            faults.add("empty-image", "<Image> does not say which image it shows", line, event)
        elif dialect is SMPTE and not _UUID.fullmatch(source):
            faults.add("bad-id", f"<Image> is {quoted(source)}; it is urn:uuid: and a UUID", line, event)


def _check_position(element: etree._Element, key: str, value: str, faults: Faults, event: int) -> None:
    """ST 428-7 section 6.6, CineCanvas section 2.11: percent of the picture's height or width from the edge or the
    middle."""
    name, line = local(element), element.sourceline
    if not _NUMBER.fullmatch(value):
        faults.add("bad-attribute", f"{key} of <{name}> is {quoted(value)}; it is a number", line, event)
    elif not -100 <= float(value) <= 100:
        message = f"{key} of <{name}> is {quoted(value)}: that is beyond the picture"
        faults.add("position-beyond-picture", message, line, event)


def _id(element: etree._Element) -> str | None:
    found: str | None = element.get("ID") or element.get("Id")
    return found
