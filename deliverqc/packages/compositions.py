"""Reads composition playlists: DCP (SMPTE ST 429-7, Interop PROTO-ASDCP-CPL) and, as far as their timelines go, IMF (ST
2067-3); resolves no asset."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from deliverqc.packages.descriptors import read_descriptors
from deliverqc.packages.documents import identity, moment, rate, whole
from deliverqc.packages.model import (
    AUX,
    CLOSED_CAPTION,
    OTHER,
    PICTURE,
    SOUND,
    SUBTITLE,
    Composition,
    Fault,
    Identity,
    Marker,
    Reel,
    Track,
)
from deliverqc.packages.references import reference_faults, timecode_faults
from deliverqc.safe_xml import child, children, local, namespace, text

_KINDS = {
    "MainPicture": PICTURE,
    "MainStereoscopicPicture": PICTURE,
    "MainSound": SOUND,
    "MainSubtitle": SUBTITLE,
    "MainCaption": SUBTITLE,
    "OpenCaption": SUBTITLE,
    "ClosedSubtitle": CLOSED_CAPTION,
    "MainClosedCaption": CLOSED_CAPTION,
    "ClosedCaption": CLOSED_CAPTION,
    "AuxData": AUX,
    "MainImageSequence": PICTURE,
    "MainAudioSequence": SOUND,
    "SubtitlesSequence": SUBTITLE,
    "HearingImpairedCaptionsSequence": CLOSED_CAPTION,
    "VisuallyImpairedTextSequence": SUBTITLE,
    "ForcedNarrativeSequence": SUBTITLE,
    "CommentarySequence": SUBTITLE,
    "KaraokeSequence": SUBTITLE,
    "IABSequence": AUX,
    "ISXDSequence": AUX,
}
"""Elements of reels and segments to kinds of tracks; immersive audio is auxiliary data in both."""

_MARKERS = ("MainMarkers", "MarkerSequence")
_METADATA = "CompositionMetadataAsset"
_METADATA_NAMESPACES = "http://www.smpte-ra.org/schemas/429-16/"
_APPLICATION_SCOPE = "http://isdcf.com/ns/cplmd/app"
_DOLBY_VISION = "http://www.dolby.com/schemas/2014/EDR-Metadata"
"""Scope of what switches a projector to Dolby Vision, as libdcp writes it and ClairMeta reads it."""

_PROFILE = "DCP Constraints Profile"
_NUMBERS = ("EntryPoint", "RepeatCount")
"""Numbers of a track that may be absent; without those that may not, its duration is not known."""

Read = tuple[Composition, tuple[Fault, ...], tuple[Identity, ...]]


def read_composition(root: etree._Element, name: str) -> Read:
    """A composition, what is wrong with it, and the ids that it gives."""
    own = identity(root, name)
    is_imf = child(root, "SegmentList") is not None
    elements = list(children(child(root, "SegmentList" if is_imf else "ReelList"), "Segment" if is_imf else "Reel"))
    default = text(root, "EditRate")
    reels, markers = [], []
    for number, element in enumerate(elements):
        uses = list(_resources(element, default) if is_imf else _assets(element))
        tracks = tuple(_track(one, name, number) for one in uses if one.kind is not None)
        reels.append(Reel(number=number, identity=identity(element, name), tracks=tracks))
        markers += [mark for one in uses if one.kind is None for mark in _markers(one.element, number)]
    metadata = next((one for one in _metadata_assets(elements)), None)
    found = Composition(
        file_name=name,
        identity=own,
        namespace=namespace(root),
        title=text(root, "ContentTitleText") or text(root, "ContentTitle") or "",
        annotation_text=text(root, "AnnotationText") or text(root, "Annotation"),
        content_kind=None if child(root, "ContentKind") is None else (text(root, "ContentKind") or "").lower(),
        content_kind_scope=_scope(child(root, "ContentKind")),
        signature=None,
        reels=tuple(reels),
        markers=tuple(markers),
        version_number=whole(text(metadata, "VersionNumber")),
        constraints_profile=_profile(metadata),
        sound_configuration=text(metadata, "MainSoundConfiguration"),
        active_width_px=whole(text(metadata, "MainPictureActiveArea", "Width")),
        active_height_px=whole(text(metadata, "MainPictureActiveArea", "Height")),
        is_imf=is_imf,
        applications=tuple((text(root, "ExtensionProperties", "ApplicationIdentification") or "").split()),
        edit_rate=rate(default),
        descriptors=read_descriptors(root) if is_imf else {},
        max_cll=text(root, "ExtensionProperties", "MaxCLL"),
        max_fall=text(root, "ExtensionProperties", "MaxFALL"),
        locale_languages=tuple(_locale_languages(root)),
        reference_faults=reference_faults(root, name),
        timecode_faults=timecode_faults(root, name),
        issued=moment(text(root, "IssueDate")),
        is_dolby_vision=any(one.get("scope") == _DOLBY_VISION for one in _extensions(metadata)),
    )
    identities = (own, *(reel.identity for reel in reels if reel.identity), *(one.identity for one in found.tracks))
    return found, tuple(_faults(found, root, name)), identities


def _scope(element: etree._Element | None) -> str | None:
    return None if element is None else element.get("scope")


class _Use:
    """An element that uses a track file, or holds markers where `kind` is None. `sequence`: id of its virtual track."""

    __slots__ = ("default", "element", "is_imf", "kind", "name", "sequence")

    def __init__(
        self, element: etree._Element, kind: str | None, sequence: str, default: str | None, *, is_imf: bool
    ) -> None:
        self.element, self.kind, self.sequence, self.default, self.is_imf = element, kind, sequence, default, is_imf
        self.name = local(element)


def _assets(reel: etree._Element) -> Iterator[_Use]:
    for number, one in enumerate(children(child(reel, "AssetList"))):
        name = local(one)
        if name in _MARKERS:
            yield _Use(one, None, "", None, is_imf=False)
        elif name != _METADATA:
            yield _Use(one, _KINDS.get(name, OTHER), str(number), None, is_imf=False)


def _resources(segment: etree._Element, default: str | None) -> Iterator[_Use]:
    for sequence in children(child(segment, "SequenceList")):
        name = local(sequence)
        for one in children(child(sequence, "ResourceList"), "Resource"):
            kind = None if name in _MARKERS else _KINDS.get(name, OTHER)
            use = _Use(one, kind, text(sequence, "TrackId") or name, default, is_imf=True)
            use.name = name
            yield use


def _track(use: _Use, name: str, reel: int) -> Track:
    element = use.element
    intrinsic = whole(text(element, "IntrinsicDuration"))
    entry = whole(text(element, "EntryPoint"))
    stated = text(element, "SourceDuration" if use.is_imf else "Duration")
    left = None if intrinsic is None else max(intrinsic - (entry or 0), 0)
    repeats = whole(text(element, "RepeatCount"))
    return Track(
        element=use.name,
        kind=use.kind or OTHER,
        identity=identity(element, name, "TrackFileId" if use.is_imf else "Id"),
        reel=reel,
        sequence=use.sequence,
        edit_rate=rate(text(element, "EditRate") or use.default),
        intrinsic_duration=intrinsic,
        entry_point=entry,
        duration=left if stated is None else whole(stated),
        repeat_count=1 if repeats is None else repeats,
        sha1=text(element, "Hash"),
        is_encrypted=child(element, "KeyId") is not None,
        source_encoding=text(element, "SourceEncoding"),
        language=text(element, "Language") or None,
        unread=tuple(one for one in _NUMBERS if (words := text(element, one)) is not None and whole(words) is None),
    )


def _markers(element: etree._Element, reel: int) -> Iterator[Marker]:
    """Markers of a DCP's MarkerList, or of an IMF marker resource."""
    holder = child(element, "MarkerList")
    length = whole(text(element, "IntrinsicDuration"))
    for one in children(element if holder is None else holder, "Marker"):
        offset = whole(text(one, "Offset"))
        yield Marker(label=text(one, "Label") or "", reel=reel, offset=offset, duration=length)


def _metadata_assets(reels: list[etree._Element]) -> Iterator[etree._Element]:
    for reel in reels:
        for one in children(child(reel, "AssetList"), _METADATA):
            if (namespace(one) or "").startswith(_METADATA_NAMESPACES):
                yield one


def _extensions(metadata: etree._Element | None) -> Iterator[etree._Element]:
    yield from children(child(metadata, "ExtensionMetadataList"), "ExtensionMetadata")


def _locale_languages(root: etree._Element) -> Iterator[str]:
    for locale in children(child(root, "LocaleList"), "Locale"):
        yield from ((one.text or "").strip() for one in children(child(locale, "LanguageList"), "Language"))


def _profile(metadata: etree._Element | None) -> str | None:
    """The DCP Constraints Profile of the Application metadata (RDD 52 section 8.6.3)."""
    for one in _extensions(metadata):
        if one.get("scope") != _APPLICATION_SCOPE or text(one, "Name") != "Application":
            continue
        for item in children(child(one, "PropertyList"), "Property"):
            if text(item, "Name") == _PROFILE:
                return text(item, "Value")
    return None


def _faults(found: Composition, root: etree._Element, name: str) -> Iterator[Fault]:
    """Elements without which a timeline cannot be followed, and that are not there or say nothing."""
    if not found.identity.text:
        yield Fault(file=name, line=root.sourceline, message="the composition has no Id")
    if not found.reels:
        yield Fault(file=name, line=root.sourceline, message="the composition has no reel and no segment")
    for reel in found.reels:
        if not reel.tracks:
            line = None if reel.identity is None else reel.identity.line
            yield Fault(file=name, line=line, message=f"reel {reel.number + 1} has no track")
    for track in found.tracks:
        missing = []
        if not track.identity.text:
            missing.append("Id")
        if track.edit_rate is None:
            missing.append("EditRate")
        if not track.intrinsic_duration:
            missing.append("IntrinsicDuration")
        if not track.duration:
            missing.append("SourceDuration" if found.is_imf else "Duration")
        missing += track.unread if track.repeat_count else ["RepeatCount"]
        if missing:
            message = f"{track.element} in reel {track.reel + 1} has no usable {', '.join(missing)}"
            yield Fault(file=name, line=track.identity.line, message=message)
