"""Holds the essence descriptors of an IMF composition to those of its track files, and the resources of each virtual
track to each other (SMPTE ST 2067-2); reads no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts
from deliverqc.packages.descriptors import (
    LENGTH,
    closest,
    dark_items,
    described_in_file,
    disagreements,
    unread_items,
)
from deliverqc.packages.model import AUX, OTHER, PICTURE, SOUND, Described, Track, key_of
from deliverqc.packages.picture_items import picture_item_errors
from deliverqc.packages.sound_labels import (
    PLUG_INS,
    PLUG_INS_OF_SOUND,
    group_languages,
    label_errors,
    languages,
    level_errors,
    plug_in_errors,
    soundfields,
)

if TYPE_CHECKING:
    from deliverqc.measuring.compositions import PackagedComposition

_LIST = "EssenceDescriptor"
_STEREO, _SURROUND = 2, 6
_MOST_DESCRIPTORS = 20
"""House choice: a track file of IMF has one."""

_LONGEST = 200
"""Characters of a value that are shown: more than a list of mastering primaries has."""
_ALIKE = frozenset(
    (
        "StoredWidth", "StoredHeight", "FrameLayout", "SampleRate", "PixelLayout", "ColorPrimaries",
        "TransferCharacteristic", "PictureCompression", "ComponentMaxRef", "ComponentMinRef", "BlackRefLevel",
        "WhiteRefLevel", "ColorRange", "ColorSiting", "ComponentDepth", "HorizontalSubsampling",
        "VerticalSubsampling", "CodingEquations", "AudioSampleRate", "QuantizationBits", "ChannelCount",
        "NamespaceURI",
    )
)  # fmt: skip
_ALIKE_IN_SUBS = {
    "JPEG2000SubDescriptor": ("Xsiz", "Ysiz", "Csiz", "J2CLayout", "PictureComponentSizing"),
    "ACESPictureSubDescriptor": (
        "ACESAuthoringInformation", "ACESMasteringDisplayPrimaries", "ACESMasteringDisplayWhitePointChromaticity",
        "ACESMasteringDisplayMaximumLuminance", "ACESMasteringDisplayMinimumLuminance",
    ),
}  # fmt: skip
"""Items in which the resources of a virtual track agree: those of ST 2067-2:2016 section 6.2 as Netflix Photon selects
them (ACES: ST 2067-50), and the number of channels, which is our reading."""

_SELECTED = _ALIKE.union(*_ALIKE_IN_SUBS.values())
_NOT_IN_RGBA = "CodingEquations"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Use:
    """A use of a track file: its descriptor in the composition, and the one in the file that is closest to it; None
    where there is none. `is_read`: the file is there and its headers were read. `conforms_to`:
    labels of specifications that it states."""

    track: Track
    document: Described | None
    file: Described | None
    is_read: bool
    conforms_to: tuple[bytes, ...] = ()


def descriptor_facts(packaged: PackagedComposition) -> Facts:
    """Facts of an IMF composition; none of a DCP. A list is missing where something of it could not be compared, unless
    it has entries all the same."""
    if not packaged.composition.is_imf:
        return {}
    uses = list(_uses(packaged))
    unread = list(_uncompared(uses))
    facts: Facts = {"package.composition.uncompared_descriptor_items": unread}
    is_heard = all(use.is_read for use in uses if use.track.kind in (SOUND, AUX, OTHER))
    is_known = all(use.is_read for use in uses) and not any(entry["is_in_composition"] for entry in unread)
    is_alike_known = all(use.document or use.file for use in uses) and not any(
        entry["item"].rpartition(".")[2] in _SELECTED for entry in unread
    )
    is_seen = all(use.file or use.document for use in uses if use.track.kind in (PICTURE, OTHER))
    is_spoken = all(use.file or use.document for use in uses if use.track.kind in (SOUND, AUX, OTHER))
    lists = {
        "descriptor_disagreements": (_disagreeing(uses), is_known),
        "inhomogeneous_tracks": (_inhomogeneous(uses), is_alike_known),
        "audio_label_errors": (_mislabelled(uses), is_heard),
        "mixed_language_tracks": (_mixed(uses), is_spoken),
        "picture_item_errors": (_pictured(uses), is_seen),
        "plug_in_errors": (_plugged(packaged, uses), is_heard and all(map(_is_known_element, uses))),
    }
    for name, (entries, is_complete) in lists.items():
        found = list(entries)
        if found or is_complete:
            facts[f"package.composition.{name}"] = found
    return facts | {"package.composition.tracks": list(_tracks(uses))} | _sound_facts(uses)


def _is_known_element(use: _Use) -> bool:
    return use.track.kind != OTHER or use.track.element in PLUG_INS


def _sound_facts(uses: list[_Use]) -> Facts:
    """Languages and sizes of the virtual tracks of sound; missing where one of them is not known."""
    heard = [use for use in uses if use.track.kind == SOUND or use.track.element in PLUG_INS_OF_SOUND]
    known = [(use.track, one) for use in heard if (one := use.file or use.document) is not None]
    if len(known) < len(heard) or any(use.track.kind == OTHER and use.track.element not in PLUG_INS for use in uses):
        return {}
    channels: dict[str, set[int]] = {}
    for track, one in known:
        if track.kind == SOUND:
            count = one.values.get("ChannelCount", "")
            channels.setdefault(track.sequence, set()).add(int(count) if count.isdecimal() else 0)
    return {
        "package.composition.sound_languages": sorted({tag for _, one in known for tag in languages(one)}),
        "package.composition.stereo_track_count": sum(counts == {_STEREO} for counts in channels.values()),
        "package.composition.surround_track_count": sum(min(counts) >= _SURROUND for counts in channels.values()),
    }


def _uses(packaged: PackagedComposition) -> Iterator[_Use]:
    """Each use of a track file with an essence descriptor of its own, once."""
    composition, seen = packaged.composition, set()
    for track in composition.tracks:
        key = (track.sequence, track.identity.key, key_of(track.source_encoding or ""))
        if key in seen:
            continue
        seen.add(key)
        document = composition.descriptors.get(key[2])
        path = packaged.package.file_of(track)
        identity = None if path is None else packaged.identities.get(path)
        held = [] if identity is None else [described_in_file(one) for one in identity.descriptors[:_MOST_DESCRIPTORS]]
        file = next(iter(held), None) if document is None else closest(document, held)
        yield _Use(
            track=track,
            document=document,
            file=file,
            is_read=identity is not None,
            conforms_to=() if identity is None else identity.conforms_to,
        )


def _named(track: Track) -> dict[str, Any]:
    return {"id": track.identity.text, "reel": track.reel, "kind": track.kind}


def _disagreeing(uses: list[_Use]) -> Iterator[dict[str, Any]]:
    files: dict[str, set[str]] = {}
    for use in uses:
        files.setdefault(key_of(use.track.source_encoding or ""), set()).add(use.track.identity.key)
    for use in uses:
        encoding = key_of(use.track.source_encoding or "")
        if use.document is None:
            yield _named(use.track) | {"item": _LIST, "composition": None, "track_file": _name(use.file)}
        elif use.file is None and use.is_read:
            yield _named(use.track) | {"item": _LIST, "composition": use.document.name, "track_file": None}
        elif use.file is not None:
            shared = frozenset((LENGTH,)) if len(files[encoding]) > 1 else frozenset()
            for one in disagreements(use.document, use.file, shared):
                ours, theirs = _shown(one.composition), _shown(one.track_file)
                entry = {"item": one.item, "composition": ours, "track_file": theirs}
                yield _named(use.track) | entry


def _shown(value: str | None) -> str | None:
    return value if value is None or len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def _name(one: Described | None) -> str | None:
    return None if one is None else one.name


def _uncompared(uses: list[_Use]) -> Iterator[dict[str, Any]]:
    for use in uses:
        if use.document is not None:
            for item in dict.fromkeys(unread_items(use.document, use.file)):
                yield _named(use.track) | {"item": item, "is_in_composition": True}
        for item in () if use.file is None else dark_items(use.file):
            yield _named(use.track) | {"item": item, "is_in_composition": False}


def _selected(one: Described) -> dict[str, str | None]:
    """The items in which resources agree. CodingEquations says nothing of R'G'B' (ST 2067-21)."""
    values: dict[str, str | None] = {_LIST: one.name}
    values |= {
        name: value
        for name, value in one.values.items()
        if name in _ALIKE and not (name == _NOT_IN_RGBA and one.name == "RGBADescriptor")
    }
    for sub in one.subs:
        names = _ALIKE_IN_SUBS.get(sub.name, ())
        values |= {f"{sub.name}.{name}": sub.values.get(name) for name in names}
    return values


def _inhomogeneous(uses: list[_Use]) -> Iterator[dict[str, Any]]:
    """Items of a resource that differ from those of the first one in its virtual track, in the composition or in the
    track files."""
    firsts: dict[tuple[str, str], dict[str, str | None]] = {}
    for use in uses:
        found: dict[str, dict[str, Any]] = {}
        for source, one in (("composition", use.document), ("track file", use.file)):
            if one is None:
                continue
            own = _selected(one)
            first = firsts.setdefault((use.track.sequence, source), own)
            for item in dict.fromkeys([*first, *own]):
                if first.get(item) != own.get(item) and item not in one.unread:
                    found.setdefault(
                        item, {"item": item, "first": _shown(first.get(item)), "actual": _shown(own.get(item))}
                    )
        yield from (_named(use.track) | entry for entry in found.values())


def _mixed(uses: list[_Use]) -> Iterator[dict[str, Any]]:
    """Resources of audio in other languages than the first of their virtual track that states one."""
    firsts: dict[str, tuple[str, ...]] = {}
    for use in uses:
        one = use.file or use.document
        if one is not None and (use.track.kind == SOUND or use.track.element in PLUG_INS_OF_SOUND):
            own = group_languages(one)
            first = firsts.setdefault(use.track.sequence, own) if own else own
            if own != first:
                yield _named(use.track) | {"first": ", ".join(first), "actual": ", ".join(own)}


def _mislabelled(uses: list[_Use]) -> Iterator[dict[str, Any]]:
    for use in uses:
        for label, message in () if use.file is None else label_errors(use.file):
            yield _named(use.track) | {"label": label, "message": message}


def _pictured(uses: list[_Use]) -> Iterator[dict[str, Any]]:
    for use in uses:
        one = use.file or use.document
        for message in () if one is None or use.track.kind != PICTURE else picture_item_errors(one):
            yield _named(use.track) | {"message": message}


def _plugged(packaged: PackagedComposition, uses: list[_Use]) -> Iterator[dict[str, Any]]:
    for use in uses:
        if use.file is not None:
            for message in plug_in_errors(use.track, use.file, packaged.composition.edit_rate):
                yield _named(use.track) | {"message": message}
            for message in level_errors(use.track, use.conforms_to) if use.is_read else ():
                yield _named(use.track) | {"message": message}


def _tracks(uses: list[_Use]) -> Iterator[dict[str, Any]]:
    """Virtual tracks, in order. What their sound says is missing where neither track file nor descriptor is there."""
    grouped: dict[str, list[_Use]] = {}
    for use in uses:
        grouped.setdefault(use.track.sequence, []).append(use)
    for sequence, members in grouped.items():
        first = members[0].track
        entry: dict[str, Any] = {"id": sequence, "element": first.element, "kind": first.kind}
        described = [use.file or use.document for use in members]
        known = [one for one in described if one is not None]
        if len(known) == len(described):
            entry |= _heard(known)
        yield entry


def _heard(known: list[Described]) -> Mapping[str, list[str]]:
    return {
        "languages": sorted({tag for one in known for tag in languages(one)}),
        "soundfields": sorted({symbol for one in known for symbol in soundfields(one)}),
    }
