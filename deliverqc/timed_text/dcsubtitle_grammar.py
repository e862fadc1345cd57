"""Which elements and attributes Interop DCSubtitle and SMPTE ST 428-7 have in each other, and where text may be:
players pass over what is elsewhere. Reads no values and no events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from deliverqc.safe_xml import children, local, namespace
from deliverqc.timed_text.xml_text import XML_SPACES, Faults, quoted

_OF_SCHEMAS = "{http://www.w3.org/2001/XMLSchema-instance}"
"""Attributes that say where the schema is, which every document may have."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """One element: its attributes, which of them it must have, its children, each with the shape that it has there, and
    whether text in it is shown."""

    attributes: frozenset[str]
    required: frozenset[str] = frozenset()
    children: Mapping[str, str] | None = None
    holds_text: bool = False
    needs_child: bool = False


_FONT = frozenset(
    ["Script", "Effect", "Italic", "Weight", "Color", "EffectColor", "Size", "AspectAdjust", "Spacing", "EffectSize"]
)
_TIMES = frozenset(("TimeIn", "TimeOut"))
_FADES = frozenset(("FadeUpTime", "FadeDownTime"))
_RUBY_TEXT = frozenset(["Size", "Position", "Offset", "Spacing", "AspectAdjust"])
_NONE: frozenset[str] = frozenset()
_IN_TEXT = {"Font": "Font in Text", "Ruby": "Ruby", "Space": "Space", "HGroup": "HGroup", "Rotate": "Rotate"}


def _inline(font: frozenset[str], nested: Mapping[str, str]) -> dict[str, _Shape]:
    """What both dialects have in `Text`."""
    return {
        "Font in Text": _Shape(font, children=nested, holds_text=True),
        "Ruby": _Shape(_NONE, children={"Rb": "Rb", "Rt": "Rt"}),
        "Rb": _Shape(_NONE, holds_text=True),
        "Rt": _Shape(_RUBY_TEXT, holds_text=True),
        "Space": _Shape(frozenset(("Size",))),
        "HGroup": _Shape(_NONE, holds_text=True),
        "Rotate": _Shape(frozenset(("Direction",)), holds_text=True),
    }


_PLACE = frozenset(["Halign", "Hposition", "Valign", "Vposition", "Zposition", "VariableZ"])
_SMPTE_FONT = _FONT | {"ID", "Underline", "Feather"}
_SMPTE: dict[str, _Shape] = {
    "SubtitleReel": _Shape(frozenset(("IntrinsicPictureResolution",))),
    "LoadFont": _Shape(frozenset(("ID",)), holds_text=True),
    "SubtitleList": _Shape(_NONE, children={"Font": "Font", "Subtitle": "Subtitle"}),
    "Font": _Shape(_SMPTE_FONT, children={"Subtitle": "Subtitle"}),
    "Subtitle": _Shape(
        _TIMES | _FADES | {"SpotNumber"},
        children={"LoadVariableZ": "LoadVariableZ", "Text": "Text", "Image": "Image", "Font": "Font in Subtitle"},
        needs_child=True,
    ),
    "LoadVariableZ": _Shape(frozenset(("ID",)), frozenset(("ID",)), holds_text=True),
    "Font in Subtitle": _Shape(_SMPTE_FONT, children={"Text": "Text"}),
    "Image": _Shape(_PLACE, holds_text=True),
    "Text": _Shape(_PLACE | {"Direction"}, children=_IN_TEXT, holds_text=True),
} | _inline(_SMPTE_FONT, {})
"""The schema of SMPTE ST 428-7:2014, annex A; those of 2007 and 2010 have no depth."""

_INTEROP_PLACE = frozenset(["HAlign", "HPosition", "VAlign", "VPosition", "ZPosition"])
_INTEROP_FONT = _FONT | {"Id", "Underlined"}
_INTEROP_NESTED = {"Font": "Font in Subtitle", "Text": "Text", "Image": "Image"}
_INTEROP: dict[str, _Shape] = {
    "DCSubtitle": _Shape(frozenset(("Version",)), frozenset(("Version",))),
    "LoadFont": _Shape(frozenset(("Id", "URI"))),
    "Font": _Shape(_INTEROP_FONT, children={"Font": "Font", "Subtitle": "Subtitle"}),
    "Subtitle": _Shape(
        _TIMES | _FADES | {"SpotNumber"}, frozenset(("SpotNumber",)), children=_INTEROP_NESTED, needs_child=True
    ),
    "Font in Subtitle": _Shape(_INTEROP_FONT, children=_INTEROP_NESTED),
    "Image": _Shape(_INTEROP_PLACE, holds_text=True),
    "Text": _Shape(_INTEROP_PLACE | {"Direction"}, children=_IN_TEXT, holds_text=True),
} | _inline(_INTEROP_FONT, {"Font": "Font in Text"})
"""TI CineCanvas "Subtitle specification (XML file format)" 1.1, section 2, and the depth that 3D masters add to it."""


_PLAIN = {
    name: _Shape(frozenset(("language",)) if name in ("ContentTitleText", "AnnotationText") else _NONE, holds_text=True)
    for name in ("Id", "ContentTitleText", "AnnotationText", "IssueDate", "ReelNumber", "Language", "EditRate")
    + ("TimeCodeRate", "StartTime", "DisplayType", "SubtitleID", "MovieTitle")
}
"""Elements right in the root that hold text alone."""


def check_grammar(root: etree._Element, faults: Faults, *, is_interop: bool) -> None:
    """Faults of what is where it may not be. The order of what is right in the root is judged elsewhere."""
    shapes = _INTEROP if is_interop else _SMPTE
    _check(root, shapes[local(root)], faults)
    for element in children(root):
        name = local(element)
        if name in shapes:
            _walk(element, name, shapes, faults)
        elif name in _PLAIN:
            _walk(element, name, _PLAIN, faults)


def _walk(element: etree._Element, name: str, shapes: Mapping[str, _Shape], faults: Faults) -> None:
    shape = shapes[name]
    _check(element, shape, faults)
    inner_shapes = shape.children or {}
    inner_elements = list(children(element))
    for inner in inner_elements:
        found = inner_shapes.get(local(inner)) if namespace(inner) == namespace(element) else None
        if found is None:
            message = f"<{local(inner)}> is in <{local(element)}>, where it may not be"
            faults.add("element-out-of-place", message, inner.sourceline)
        else:
            _walk(inner, found, shapes, faults)
    if shape.needs_child and not any(local(one) in ("Text", "Image", "Font") for one in inner_elements):
        faults.add("element-missing", f"<{local(element)}> has neither text nor image", element.sourceline)


def _check(element: etree._Element, shape: _Shape, faults: Faults) -> None:
    """Faults of attributes, and of text that is never shown."""
    for name in element.attrib:
        if name not in shape.attributes and not name.startswith(_OF_SCHEMAS):
            shown = quoted(name.rpartition("}")[2])
            message = f"<{local(element)}> does not have the attribute {shown}; players pass over it"
            faults.add("attribute-not-allowed", message, element.sourceline)
    for name in sorted(shape.required - set(element.attrib)):
        faults.add("attribute-missing", f"<{local(element)}> has no {name}", element.sourceline)
    if shape.holds_text:
        return
    texts = (element.text, *(one.tail for one in element))
    if any(one and one.strip(XML_SPACES) for one in texts):
        message = f"there is text right in <{local(element)}>, where it is never shown"
        faults.add("text-out-of-place", message, element.sourceline)
