"""Reads an IMF Delivery Schema document (IMF User Group, 2019): constraints on compositions; judges nothing.

Each deliverable is a spec of its own. A constraint is an element directly inside CompositionPlaylistConstraints or
inside a virtual track; what it demands of the essence becomes a clause, what it demands of the composition playlist is
left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lxml import etree

from deliverqc.errors import SpecError
from deliverqc.facts.vocabulary import SOUND_LAYOUT
from deliverqc.interchange.compose import Demand, Imported, Origin, Part, UnmappedError, compose, slug
from deliverqc.interchange.reading import children, line_of, name_of, text_of
from deliverqc.timebase import format_rate, parse_rate

_NAMESPACE = "{http://www.imfug.com/ns/delivery-schema/2019}"
ROOT = f"{_NAMESPACE}DeliverySpecificationList"
"""The root element of a document."""

_PACKAGE = "it is about the composition playlist, which a person must read"
_AWAITED = {
    "ApplicationIdentificationList": "package.application_identifications",
    "SegmentCardinality": "package.segment_count",
    "TimelineComplexity": "package.virtual_tracks",
    "MarkerList": "package.markers",
    "TimedTextSequenceType": "package.virtual_tracks",
    "NamespaceURI": "package.virtual_tracks",
    "RFC5646LanguageTagListConstraints": "package.virtual_tracks",
}
_PRORES = {
    "ProResPictureCoding422Proxy": "proxy",
    "ProResPictureCoding422LT": "lt",
    "ProResPictureCoding422": "422",
    "ProResPictureCoding422HQ": "422_hq",
    "ProResPictureCoding4444": "4444",
    "ProResPictureCoding4444XQ": "4444_xq",
}
_COLORIMETRY: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "COLOR.3": ("bt709", ("bt709",)),
        "COLOR.5": ("bt2020", ("bt2020-10", "bt2020-12")),
        "COLOR.6": ("smpte432", ("smpte2084",)),
        "COLOR.7": ("bt2020", ("smpte2084",)),
    }
)
"""Primaries and transfer characteristics of SMPTE ST 2067-21, Colorimetry; the others have parts of their own."""
_MATRIX = {"COLOR.3": "bt709", "COLOR.5": "bt2020nc", "COLOR.7": "bt2020nc"}
_LAYOUTS = {"sg51": ("5.1", None), "sg71": ("7.1", None), "sgST": ("2.0", ("L", "R")), "sgLtRt": ("2.0", ("Lt", "Rt"))}
"""Soundfield groups of SMPTE ST 2067-8: layout, and labels where the layout alone does not tell it."""

Wanted = dict[str, Any]


def read_deliverables(root: etree._Element, path: Path, spec_id: str | None) -> tuple[Imported, ...]:
    """One spec for each deliverable, in the document's order. SpecError where there is none."""
    found = list(root.iterfind(f"{_NAMESPACE}DeliverableList/{_NAMESPACE}Deliverable"))
    if not found:
        raise SpecError(
            f"{path}, line {root.sourceline}: there is no Deliverable in the DeliverableList. Import another document.",
            code="import-empty",
        )
    about = {name: text_of(root.find(_NAMESPACE + name)) for name in ("AnnotationText", "IssueDate", "Issuer")}
    specs: list[Imported] = []
    for number, deliverable in enumerate(found, start=1):
        label = text_of(deliverable.find(f"{_NAMESPACE}Label")) or f"{path.stem} {number}"
        chosen = spec_id if len(found) == 1 or spec_id is None else f"{spec_id}-{number}"
        if chosen is None and slug(label, "imported") in {one.id for one in specs}:
            chosen = f"{slug(label, 'imported')}-{number}"
        origin = Origin(
            format="IMF Delivery Schema",
            title=label,
            description=about["AnnotationText"] or None,
            edition=about["IssueDate"][:10] or "undated",
            publisher=about["Issuer"] or None,
        )
        parts = tuple(_parts(deliverable))
        if not parts:
            raise SpecError(
                f"{path}, line {deliverable.sourceline}: the deliverable {label!r} has no constraints. Remove it.",
                code="import-empty",
            )
        specs.append(compose(origin, parts, spec_id=chosen))
    return tuple(specs)


def _parts(deliverable: etree._Element) -> Iterator[Part]:
    for constraints in deliverable.iterfind(f"{_NAMESPACE}CompositionPlaylistConstraints"):
        tracks = constraints.find(f"{_NAMESPACE}VirtualTrackList")
        for element in children(constraints):
            if element is not tracks:
                yield _left("composition", element)
        listed = list(children(tracks)) if tracks is not None else []
        sounds = [track for track in listed if name_of(track) == "AudioVirtualTrack"]
        for track in listed:
            kind = _spaced(name_of(track).removesuffix("VirtualTrack")).lower()
            if next(children(track), None) is None:
                yield _left("composition", track)  # it demands that there is one
            elif kind == "image":
                yield from (_image(element, track) for element in children(track))
            elif kind == "audio":
                yield from _audio(track, sounds)
            else:
                yield from (_left(kind, element) for element in children(track))


def _demand(kind: str, element: etree._Element) -> Demand:
    """The constraint in words, with every value and attribute inside."""
    told = [
        f"{name_of(one)} {' '.join((*one.attrib.values(), (one.text or '').strip()))}".strip()
        for one in element.iterdescendants(etree.Element)
        if (one.text or "").strip() or one.attrib
    ]
    own = " ".join((*(str(value) for value in element.attrib.values()), (element.text or "").strip())).strip()
    words = f"{kind} {name_of(element)} {own}".strip()
    return Demand(words=f"{words}: {', '.join(told)}" if told else words, line=line_of(element))


def _left(kind: str, element: etree._Element, refusal: UnmappedError | None = None) -> Part:
    demand = _demand(kind, element)
    return Part(
        name=f"{kind} {_spaced(name_of(element))}",
        words=demand.words,
        demands=(demand,),
        section=f"{kind} {name_of(element)}",
        reason=refusal.reason if refusal is not None else _PACKAGE,
        awaits=None if refusal is not None else _AWAITED.get(name_of(element)),
    )


def _image(element: etree._Element, track: etree._Element) -> Part:
    left = _left("image", element)
    wanted = _IMAGE.get(name_of(element))
    if wanted is None:
        return left
    try:
        facts = wanted(element, text_of(track.find(f"{_NAMESPACE}ColorComponents")))
    except UnmappedError as refusal:
        return _left("image", element, refusal)
    return replace(left, schema=_object(facts), reason=None, awaits=None)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def _object(wanted: Wanted) -> dict[str, Any]:
    return {"required": list(wanted), "properties": wanted}


def _listed(element: etree._Element) -> list[str]:
    values = list(dict.fromkeys(text_of(child) for child in children(element)))
    if not values:
        raise UnmappedError("the list is empty")
    return values


def _whole_numbers(fact: str) -> Callable[[etree._Element, str], Wanted]:
    def wanted(element: etree._Element, components: str) -> Wanted:
        values = _listed(element)
        if not all(value.isascii() and value.isdigit() and len(value) < 9 for value in values):
            raise UnmappedError("it lists what is no whole number")
        return {fact: {"enum": [int(value) for value in values]}}

    return wanted


def _rates(element: etree._Element, components: str) -> Wanted:
    return {"picture.frame_rate": {"enum": [_rate(value) for value in _listed(element)]}}


def _rate(text: str) -> str:
    """A rational of the schema, `24000 1001`, as facts write it."""
    try:
        numerator, denominator = text.split()
        return format_rate(parse_rate(f"{numerator}/{denominator}"))
    except ValueError as error:
        raise UnmappedError(f"{text!r} is no rate") from error


def _encoding(element: etree._Element, components: str) -> Wanted:
    profile = _PRORES.get(text_of(element))
    if profile is None:
        raise UnmappedError("deliverqc has no fact for the profile and level of this coding")
    return {"picture.codec": {"const": "prores"}, "picture.codec_profile": {"const": profile}}


def _colorimetry(element: etree._Element, components: str) -> Wanted:
    name = text_of(element)
    if name not in _COLORIMETRY:
        raise UnmappedError(f"no facts mean exactly {name!r}")
    primaries, transfers = _COLORIMETRY[name]
    wanted: Wanted = {
        "picture.color_primaries": {"const": primaries},
        "picture.color_transfer": {"enum": list(transfers)},
    }
    if components == "YCbCr" and name in _MATRIX:
        wanted["picture.color_matrix"] = {"const": _MATRIX[name]}
    return wanted


def _sampling(element: etree._Element, components: str) -> Wanted:
    if components != "YCbCr" or text_of(element) not in ("4:2:2", "4:4:4"):
        raise UnmappedError("deliverqc has a sampling structure for Y'CbCr only")
    return {"picture.chroma_subsampling": {"const": text_of(element)}}


def _quantization(element: etree._Element, components: str) -> Wanted:
    ranges = {"QE.1": "limited", "QE.2": "full"}
    if components != "YCbCr" or text_of(element) not in ranges:
        raise UnmappedError("deliverqc has a sample range for Y'CbCr of QE.1 and QE.2 only")
    return {"picture.color_range": {"const": ranges[text_of(element)]}}


def _frame_structure(element: etree._Element, components: str) -> Wanted:
    scans = {"Interlaced": "interlaced", "Progressive": "progressive"}
    if text_of(element) not in scans:
        raise UnmappedError(f"{text_of(element)!r} is no frame structure of the schema")
    return {"picture.scan": {"const": scans[text_of(element)]}}


def _no_fact(element: etree._Element, components: str) -> Wanted:
    raise UnmappedError("deliverqc has no fact for it")


_IMAGE: Mapping[str, Callable[[etree._Element, str], Wanted]] = MappingProxyType(
    {
        "EssenceEncoding": _encoding,
        "Colorimetry": _colorimetry,
        "Sampling": _sampling,
        "Quantization": _quantization,
        "FrameStructure": _frame_structure,
        "Stereoscopy": _no_fact,
        "ColorComponents": _no_fact,
        "PixelBitDepthList": _whole_numbers("picture.bit_depth_bits"),
        "ImageFrameWidthList": _whole_numbers("picture.width_px"),
        "ImageFrameHeightList": _whole_numbers("picture.height_px"),
        "FrameRateList": _rates,
    }
)
_TOLD_OF_A_GROUP = ("SoundfieldGroupConfiguration", "AudioChannelMapping", "SampleRateList")


def _audio(track: etree._Element, sounds: list[etree._Element]) -> Iterator[Part]:
    """One clause for what the track demands of a channel group, and a manual item for each thing else."""
    told = [element for element in children(track) if name_of(element) in _TOLD_OF_A_GROUP]
    for element in children(track):
        if element in told:
            continue
        reason = {
            "EssenceEncoding": "deliverqc has no fact for how the sound is wrapped",
            "RFC5646SpokenLanguage": "language tags are kept as written, and are not compared by what they mean",
        }.get(name_of(element))
        yield _left("audio", element, None if reason is None else UnmappedError(reason))
    if not told:
        return
    try:
        schema = _group_schema(track, sounds)
    except UnmappedError as refusal:
        yield from (_left("audio", element, refusal) for element in told)
        return
    demands = tuple(_demand("audio", element) for element in told)
    words = "; ".join(demand.words for demand in demands)
    yield Part(
        name=f"audio {text_of(told[0])}", words=words, demands=demands, section="AudioVirtualTrack", schema=schema
    )


def _group_schema(track: etree._Element, sounds: list[etree._Element]) -> dict[str, Any]:
    wanted = _group(track)
    count = 0
    for other in sounds:
        if _is_optional(other):
            continue
        theirs = _group(other)
        if _excludes(wanted, theirs):
            continue
        if not all(theirs.get(fact) == value for fact, value in wanted.items()) and not all(
            wanted.get(fact) == value for fact, value in theirs.items()
        ):
            raise UnmappedError("one group of channels could stand for two tracks of the list")
        count += all(theirs.get(fact) == value for fact, value in wanted.items())
    several = {"minContains": count} if count > 1 else {}
    return _object({"sound.groups": {"type": "array", "contains": {"type": "object", **_object(wanted)}, **several}})


def _excludes(one: Wanted, two: Wanted) -> bool:
    """Whether no group is both: their layouts or labels differ."""
    shared = [fact for fact in ("layout", "channel_labels") if fact in one and fact in two]
    return any(one[fact] != two[fact] for fact in shared)


def _is_optional(track: etree._Element) -> bool:
    least = [
        text_of(cardinality.find(f"{_NAMESPACE}MinItem"))
        for cardinality in track.iterfind(
            f"{_NAMESPACE}TimelineComplexity/{_NAMESPACE}Sequence/{_NAMESPACE}Cardinality"
        )
    ]
    return "0" in least


def _group(track: etree._Element) -> Wanted:
    """What a track demands of a channel group; UnmappedError where it does not tell which group is meant."""
    if _is_optional(track):
        raise UnmappedError("the track may be left out, and nothing tells which group would be it")
    symbol = text_of(track.find(f"{_NAMESPACE}SoundfieldGroupConfiguration/{_NAMESPACE}MCATagSymbol"))
    if symbol not in _LAYOUTS:
        raise UnmappedError(f"no layout means exactly the soundfield group {symbol!r} (SMPTE ST 2067-8)")
    layout, labels = _LAYOUTS[symbol]
    wanted: Wanted = {"layout": {"const": layout}}
    mapping = track.find(f"{_NAMESPACE}AudioChannelMapping")
    stated = [text_of(child) for child in children(mapping)] if mapping is not None else []
    expected = labels or SOUND_LAYOUT[layout]
    if stated and stated != [f"ch{label}" for label in expected]:
        raise UnmappedError(f"its channels are not those of {symbol} in their order")
    if labels is not None or stated:
        wanted["channel_labels"] = {"const": list(expected)}
    rates = track.find(f"{_NAMESPACE}SampleRateList")
    if rates is not None:
        wanted["sample_rate_hz"] = {"enum": [_sample_rate(value) for value in _listed(rates)]}
    return wanted


def _sample_rate(text: str) -> int:
    numerator, _, denominator = _rate(text).partition("/")
    if denominator != "1":
        raise UnmappedError(f"{text!r} is no whole sample rate")
    return int(numerator)
