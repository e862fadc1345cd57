"""Names of the TTML family: namespaces, the elements that may be inside each other, and profiles by what a document
states. Reads no times and no styles."""

from __future__ import annotations

import re

from lxml import etree

TT = "http://www.w3.org/ns/ttml"
TTP = f"{{{TT}#parameter}}"
TTS = f"{{{TT}#styling}}"
TTM = f"{{{TT}#metadata}}"
ITTP = "{http://www.w3.org/ns/ttml/profile/imsc1#parameter}"
ITTS = "{http://www.w3.org/ns/ttml/profile/imsc1#styling}"
EBUTTS = "{urn:ebu:tt:style}"
EBUTTM = "{urn:ebu:tt:metadata}"
XML = "{http://www.w3.org/XML/1998/namespace}"
STYLING = (TTS, ITTS, EBUTTS)

_OLD = re.compile(r"\{http://www\.w3\.org/\d{4}/\d\d/ttaf1(#[a-z-]+)?\}")
_OLD_STYLING = {"#style": "#styling", "#style-extension": "#styling"}
_SMPTE = re.compile(r"\{https?://www\.smpte-ra\.org/(?:schemas/2052-1|23b|ns/2052-1)[^}]*\}")

IN_METADATA = frozenset(("agent", "actor", "name", "title", "desc", "copyright", "item"))
_METADATA = frozenset(("metadata",))
_ANIMATION = frozenset(("set", "animate"))
_TEXT = _METADATA | _ANIMATION | {"span", "br", "image", "region", "audio"}
CHILDREN: dict[str, frozenset[str]] = {
    "tt": frozenset(("head", "body")),
    "head": _METADATA | {"styling", "layout", "resources", "animation", "profile"},
    "styling": _METADATA | {"style", "initial"},
    "layout": _METADATA | {"region"},
    "region": _METADATA | _ANIMATION | {"style"},
    "animation": _METADATA | _ANIMATION,
    "set": _METADATA,
    "animate": _METADATA,
    "style": _METADATA,
    "initial": _METADATA,
    "body": _METADATA | _ANIMATION | {"div", "region", "audio"},
    "div": _METADATA | _ANIMATION | {"div", "p", "image", "region", "audio"},
    "p": _TEXT,
    "span": _TEXT,
    "br": _METADATA | _ANIMATION,
}
"""Elements of TTML2 section 8 to 13 that may be in each other (TTML1 has fewer of them); an element that is not a key
is not looked into."""

_PROFILES = (
    (re.compile(r"/ttml/profile/imsc1\.2/(text|image)$"), "imsc1_2_{}"),
    (re.compile(r"/ttml/profile/imsc1\.1/(text|image)$"), "imsc1_1_{}"),
    (re.compile(r"/ttml/profile/imsc1/(text|image)$"), "imsc1_{}"),
    (re.compile(r"^urn:ebu:tt:distribution:"), "ebu_tt_d"),
    (re.compile(r"/profile/sdp-us$"), "sdp_us"),
    (re.compile(r"decellc\.org/.*cff.*(text|image)"), "cff_{}"),
    (re.compile(r"smpte-ra\.org/.*2052-1/.*smpte-tt"), "smpte_tt"),
    (re.compile(r"^(?:urn:ebu:tt:exchange:|v?1\.[0-9])"), "ebu_tt"),
)
"""Designators by the narrowest first: IMSC 1, 1.1 and 1.2 section 4, EBU Tech 3380 and 3350, SDP-US, Common File
Format, SMPTE ST 2052-1."""


def is_old(root: etree._Element) -> bool:
    """Whether the document has the namespace of a draft (DFXP), which `modernise` replaces."""
    return _OLD.match(root.tag) is not None


def modernise(root: etree._Element) -> None:
    """Give elements and attributes of a draft of TTML the names that they have in TTML1, in place."""
    for element in root.iter("*"):
        element.tag = _modern(element.tag)
        for name in [name for name in element.attrib if _OLD.match(name)]:
            element.attrib[_modern(name)] = element.attrib.pop(name)


def _modern(name: str) -> str:
    match = _OLD.match(name)
    if match is None:
        return name
    part = match[1] or ""
    return f"{{{TT}{_OLD_STYLING.get(part, part)}}}{name[match.end() :]}"


def smpte_name(name: str) -> str | None:
    """Local name of an element or attribute of SMPTE-TT (ST 2052-1 of 2010, 2013 and later); None for others."""
    match = _SMPTE.match(name)
    return None if match is None else name[match.end() :]


def designators(root: etree._Element) -> list[str]:
    """What the document says that it conforms to: `ttp:profile`, `ttp:contentProfiles`, profile elements, and
    `ebuttm:conformsToStandard`."""
    stated = [root.get(f"{TTP}profile", ""), *_listed(root.get(f"{TTP}contentProfiles", ""))]
    head = root.find(f"{{{TT}}}head")
    if head is not None:
        for element in head.iter(f"{TTP}profile", f"{{{TT}}}profile"):
            stated.append(element.get("use", element.get(f"{TTP}use", "")))
        stated += [element.text or "" for element in head.iter(f"{EBUTTM}conformsToStandard")]
    return [one.strip() for one in stated if one.strip()]


def _listed(value: str) -> list[str]:
    match = re.fullmatch(r"\s*(?:all|any)\((.*)\)\s*", value, re.DOTALL)
    return (match[1] if match else value).split()


def profile_of(root: etree._Element, stated: list[str], *, was_old: bool) -> str:
    """The profile of `PROFILES`: the narrowest that is stated, else what the names in the document show."""
    for pattern, name in _PROFILES:
        for one in stated:
            match = pattern.search(one)
            if match:
                return name.format(*match.groups())
    if was_old:
        return "dfxp"
    if any(element.tag.startswith(EBUTTM) for element in root.iterfind(f"{{{TT}}}head/{{{TT}}}metadata/*")):
        return "ebu_tt"
    if _uses_smpte(root):
        return "smpte_tt"
    is_second = root.get(f"{TTP}version") == "2" or root.get(f"{TTP}contentProfiles") is not None
    return "ttml2" if is_second else "ttml1"


def _uses_smpte(root: etree._Element) -> bool:
    """Whether anything is in a namespace of SMPTE-TT; many files declare one and do not use it."""
    return any(
        smpte_name(name) is not None for element in root.iter("*") for name in (element.tag, *element.attrib.keys())
    )
