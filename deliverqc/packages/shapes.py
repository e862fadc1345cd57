"""The elements of package documents, by their standards: names, order, number and the form of their values; reads no
document.

Written from the standards' tables and not from their schemas, which state the same for XML in general. Left open are
elements of other namespaces, which every standard allows for extensions, and what other facts judge: hashes and sizes
of packing lists, ids, language tags, and the rates and lengths of tracks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_AM, _IAM = "http://www.smpte-ra.org/schemas/429-9/2007/AM", "http://www.digicine.com/PROTO-ASDCP-AM-20040311#"
_PKL, _IPKL = "http://www.smpte-ra.org/schemas/429-8/2007/PKL", "http://www.digicine.com/PROTO-ASDCP-PKL-20040311#"
_CPL, _ICPL = "http://www.smpte-ra.org/schemas/429-7/2006/CPL", "http://www.digicine.com/PROTO-ASDCP-CPL-20040511#"
_IMF = ("http://www.smpte-ra.org/schemas/2067-3/2013", "http://www.smpte-ra.org/schemas/2067-3/2016")
_IMF_PKL = "http://www.smpte-ra.org/schemas/2067-2/2016/PKL"

_TRACK = "Id AnnotationText? EditRate IntrinsicDuration EntryPoint?=count Duration?=count KeyId?=uuid Hash?=base64"
_SIGNED = "Signer?=open ds:Signature?=open"
_SHAPES: Mapping[str, str] = {
    "map": "Id AnnotationText? Creator VolumeCount=positive IssueDate=moment Issuer AssetList@mapped",
    "interop-map": "Id AnnotationText? VolumeCount=positive IssueDate=moment Issuer Creator AssetList@interop-mapped",
    "interop-mapped": "Asset+@interop-mapped-asset",
    "interop-mapped-asset": "Id AnnotationText? PackingList? ChunkList@chunks",
    "mapped": "Asset+@mapped-asset",
    "mapped-asset": "Id AnnotationText? PackingList?=flag ChunkList@chunks",
    "chunks": "Chunk+@chunk",
    "chunk": "Path VolumeIndex?=positive Offset?=count Length?=positive",
    "volume": "Index=positive",
    "list": "Id AnnotationText? IconId?=uuid IssueDate=moment Issuer Creator GroupId?=uuid AssetList@listed " + _SIGNED,
    "listed": "Asset+@listed-asset",
    "listed-asset": "Id AnnotationText? Hash Size Type=type OriginalFileName?",
    "interop-listed": "Asset+@interop-listed-asset",
    "interop-list": "Id AnnotationText? IconId?=uuid IssueDate=moment Issuer Creator GroupId?=uuid "
    "AssetList@interop-listed " + _SIGNED,
    "interop-listed-asset": "Id AnnotationText? Hash? Size Type=type OriginalFileName?",
    "imf-listed": "Asset+@imf-listed-asset",
    "imf-list": "Id AnnotationText? IconId?=uuid IssueDate=moment Issuer Creator GroupId?=uuid AssetList@imf-listed "
    + _SIGNED,
    "imf-listed-asset": "Id AnnotationText? Hash Size Type=type OriginalFileName? HashAlgorithm=open",
    "playlist": "Id AnnotationText? IconId?=uuid IssueDate=moment Issuer? Creator? ContentTitleText ContentKind "
    "ContentVersion@version RatingList@ratings ReelList@reels " + _SIGNED,
    "interop-playlist": "Id AnnotationText? IconId?=uuid IssueDate=moment Issuer Creator ContentTitleText ContentKind "
    "ContentVersion?@interop-version RatingList@ratings ReelList@interop-reels " + _SIGNED,
    "version": "Id LabelText",
    "interop-version": "Id? LabelText",
    "ratings": "Rating*@rating",
    "rating": "Agency Label",
    "reels": "Reel+@reel",
    "reel": "Id AnnotationText? AssetList@reel-assets",
    "reel-assets": "MainMarkers?@markers MainPicture?@picture MainSound?@track MainSubtitle?@track",
    "interop-reels": "Reel+@interop-reel",
    "interop-reel": "Id AnnotationText? AssetList@interop-reel-assets",
    "interop-reel-assets": "MainMarkers?@markers MainPicture?@interop-picture MainSound?@track MainSubtitle?@track "
    "ProjectorData*=open",
    "track": _TRACK + " Language?",
    "picture": _TRACK + " FrameRate=rational ScreenAspectRatio=rational",
    "interop-picture": _TRACK + " FrameRate=rational ScreenAspectRatio=decimal",
    "metadata": "Id=uuid AnnotationText? EditRate=rational IntrinsicDuration=count EntryPoint?=count Duration?=count "
    "meta:FullContentTitleText meta:ReleaseTerritory? meta:VersionNumber? meta:Chain? meta:Distributor? meta:Facility? "
    "meta:AlternateContentVersionList?=open meta:Luminance? meta:MainSoundConfiguration "
    "meta:MainSoundSampleRate=rational meta:MainPictureStoredArea@area meta:MainPictureActiveArea@area "
    "meta:MainSubtitleLanguageList? meta:ExtensionMetadataList?@extensions",
    "area": "Width=positive Height=positive",
    "extensions": "ExtensionMetadata*@extension",
    "extension": "Name PropertyList?@properties",
    "properties": "Property+@property",
    "property": "Name Value",
    "markers": "Id=uuid AnnotationText? EditRate=rational IntrinsicDuration=count EntryPoint?=count Duration?=count "
    "MarkerList@marker-list",
    "marker-list": "Marker*@marker",
    "marker": "Label AnnotationText? Offset=count",
    "imf-playlist": "Id Annotation? IssueDate=moment Issuer? Creator? ContentOriginator? ContentTitle ContentKind? "
    "ContentVersionList?@imf-versions EssenceDescriptorList?@descriptors CompositionTimecode?@timecode "
    "EditRate=rational TotalRunningTime?=running LocaleList?@locales ExtensionProperties?=open SegmentList@segments "
    + _SIGNED,
    "imf-versions": "ContentVersion+@version",
    "descriptors": "EssenceDescriptor+@descriptor",
    "descriptor": "Id=uuid",
    "timecode": "TimecodeDropFrame=flag TimecodeRate=positive TimecodeStartAddress=timecode",
    "locales": "Locale+@locale",
    "locale": "Annotation? LanguageList?@languages RegionList?@regions ContentMaturityRatingList?=open",
    "languages": "Language+",
    "regions": "Region+",
    "segments": "Segment+@segment",
    "segment": "Id Annotation? SequenceList@sequences",
    "sequences": "MarkerSequence?@sequence",
    "sequence": "Id=uuid TrackId=uuid ResourceList@resources",
    "resources": "Resource+@resource",
    "resource": "Id=uuid Annotation? EditRate? IntrinsicDuration EntryPoint?=count SourceDuration?=count "
    "RepeatCount?=positive SourceEncoding?=uuid TrackFileId? KeyId?=uuid Hash?=base64 HashAlgorithm?=open "
    "Marker*@imf-marker",
    "imf-marker": "Annotation? Label Offset=count",
}
"""What an element holds, in order: a name, `?` for at most one, `+` for one or more, `*` for any number, then `@` and
its own shape, or `=` and the form of its value; `=open` for what is not looked into. `ds:` is the namespace of XML
Signature, `meta:` that of ST 429-16; others are of the namespace of what they are in."""

PREFIXES = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "meta": "http://www.smpte-ra.org/schemas/429-16/2014/CPL-Metadata",
}
EXTENSIONS = {("reel-assets", PREFIXES["meta"], "CompositionMetadataAsset"): "metadata"}
"""Shapes of elements of other namespaces, by the shape that they are in."""

_ROOTS = {
    (_AM, "AssetMap"): "map",
    (_IAM, "AssetMap"): "interop-map",
    (_AM, "VolumeIndex"): "volume",
    (_IAM, "VolumeIndex"): "volume",
    (_PKL, "PackingList"): "list",
    (_IPKL, "PackingList"): "interop-list",
    (_IMF_PKL, "PackingList"): "imf-list",
    (_CPL, "CompositionPlaylist"): "playlist",
    (_ICPL, "CompositionPlaylist"): "interop-playlist",
    **{(one, "CompositionPlaylist"): "imf-playlist" for one in _IMF},
}
_FORMS: Mapping[str, tuple[str, str]] = {
    "uuid": ("urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "urn:uuid: and a UUID"),
    "moment": (
        r"-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:[0-5]\d)?",
        "a date and time such as 2026-01-01T00:00:00+00:00",
    ),
    "rational": (r"[1-9]\d*\s+[1-9]\d*", "two whole numbers such as 24 1"),
    "decimal": (r"\d+(\.\d*)?", "a number such as 1.85"),
    "count": (r"\+?0*\d{1,18}", "a whole number from 0 (18 digits at most)"),
    "positive": (r"\+?0*[1-9]\d{0,17}", "a whole number from 1 (18 digits at most)"),
    "base64": (r"([A-Za-z0-9+/]\s*){4,}(=\s*){0,2}", "base64"),
    "type": (r"[\w.+-]+/[\w.+-]+\s*(;.*)?", "a media type such as text/xml"),
    "flag": ("true|false|1|0", "true or false"),
    "running": (r"\d\d:[0-5]\d:[0-5]\d", "hh:mm:ss"),
    "timecode": (r"[0-2]\d([:/;,.+-][0-5]\d){3}", "a timecode"),
}
_OPEN = "open"
_ITEM = re.compile(r"((?P<prefix>\w+):)?(?P<name>\w+)(?P<count>[?*+]?)(@(?P<shape>[\w-]+)|=(?P<form>\w+))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One kind of child. `namespace`: None for that of its parent. `shape`: of what it holds; without one it holds a
    value. `form`: of its value; None where any will do. `is_open`: it is not looked into."""

    name: str
    namespace: str | None
    is_required: bool
    is_repeated: bool
    shape: str | None
    form: str | None
    is_open: bool


@cache
def shape(name: str) -> tuple[Item, ...]:
    """What an element of that shape holds, in order."""
    items = []
    for word in _SHAPES[name].split():
        found = _ITEM.fullmatch(word)
        if found is None:
            raise ValueError(f"shape {name}: {word}")
        items.append(
            Item(
                name=found["name"],
                namespace=PREFIXES[found["prefix"]] if found["prefix"] else None,
                is_required=found["count"] in ("", "+"),
                is_repeated=found["count"] in ("*", "+"),
                shape=found["shape"],
                form=found["form"] if found["form"] != _OPEN else None,
                is_open=found["form"] == _OPEN,
            )
        )
    return tuple(items)


def shape_of_root(namespace: str | None, name: str) -> str | None:
    """The shape of a document; None where its standard is not known."""
    return _ROOTS.get((namespace or "", name))


def form_fault(form: str, words: str) -> str | None:
    """What a value should be, where it is something else."""
    pattern, meaning = _FORMS[form]
    return None if re.fullmatch(pattern, words, re.ASCII) else meaning
