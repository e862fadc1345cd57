"""Says what was found of a package and of one of its compositions, as facts; opens no file but for its size."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from deliverqc.facts.model import Facts
from deliverqc.packages.content_kinds import is_registered
from deliverqc.packages.imf import imf_facts
from deliverqc.packages.markers import marker_facts
from deliverqc.packages.model import (
    CLOSED_CAPTION,
    PICTURE,
    SOUND,
    SUBTITLE,
    TEXT_KINDS,
    Composition,
    ListedAsset,
    MappedAsset,
    Package,
    Reel,
    Track,
)
from deliverqc.packages.naming import naming_facts
from deliverqc.packages.originals import companions, may_be_elsewhere
from deliverqc.packages.signature_facts import signature_facts
from deliverqc.packages.standards import standard_of
from deliverqc.packages.timelines import timeline_difference_facts
from deliverqc.packages.uses import named, rate_words, seconds, size_of, uses

Hashes = Mapping[Path, str | None]

_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_HASHED_KINDS = (PICTURE, SOUND, *TEXT_KINDS)


def package_facts(package: Package, hashes: Hashes | None) -> Facts:
    """Facts of the whole package. `hashes`: of its files, as `hash_files` gives them; None where they were not read,
    which leaves what compares them missing."""
    facts: Facts = {
        "package.unknown_namespaces": list(package.unknown_namespaces),
        "package.duplicate_ids": list(_duplicates(package)),
        "package.invalid_uuids": [
            {"id": one.text, "file": one.file, "line": one.line}
            for one in package.identities
            if not _UUID.fullmatch(one.text)
        ],
        "package.compositions": [
            {"id": one.identity.text, "file": one.file_name, "title": one.title} for one in package.compositions
        ],
        "package.companions": companions(package),
        "package.volume_index.file_name": package.volume_index_name,
        "package.packing_lists": [
            {
                "id": one.identity.text,
                "file": one.file_name,
                "namespace": one.namespace,
                "annotation_text": one.annotation_text,
                "asset_count": len(one.assets),
            }
            for one in package.packing_lists
        ],
    }
    if package.faults or not package.unknown_namespaces:
        facts["package.schema_errors"] = [
            {"file": fault.file, "line": fault.line, "message": fault.message} for fault in package.faults
        ]
    if package.foreign is not None:
        facts["package.foreign_files"] = [{"path": path} for path in package.foreign]
    return facts | _asset_map_facts(package) | _packing_list_facts(package) | _hash_facts(package, hashes)


def listed_files(package: Package) -> tuple[Path, ...]:
    """Every file that the asset map leads to and that is there, and those of originals that its compositions use."""
    return tuple(dict.fromkeys(one.file for one in _mapped(package) if one.is_there and one.file is not None))


def _mapped(package: Package) -> Iterator[MappedAsset]:
    """Assets of the asset map, and those of originals that its compositions use."""
    yield from package.asset_map.assets
    yield from (asset for _, asset in package.borrowed())


def _asset_map_facts(package: Package) -> Facts:
    mapped = package.asset_map
    every = list(_mapped(package))
    return {
        "package.asset_map.file_name": mapped.file_name,
        "package.asset_map.namespace": mapped.namespace,
        "package.asset_map.volume_count": mapped.volume_count,
        "package.asset_map.missing_files": [
            {"id": one.identity.text, "path": package.name_of(one)}
            for one in every
            if one.refusal is None and not one.is_there
        ],
        "package.asset_map.refused_paths": [
            {"id": one.identity.text, "path": package.name_of(one), "reason": one.refusal}
            for one in every
            if one.refusal is not None
        ],
        "package.asset_map.mismatched_ids": list(_mismatched_documents(package)),
        "package.asset_map.wrong_chunks": [
            {"id": one.identity.text, "path": package.name_of(one), "fault": fault}
            for one in every
            for fault in _chunk_faults(one)
        ],
    }


def _mismatched_documents(package: Package) -> Iterator[dict[str, str]]:
    """Packing lists and compositions that have another Id than the asset map; one without an Id is a schema error."""
    mapped: dict[str, MappedAsset] = {}
    for asset in package.asset_map.assets:
        mapped.setdefault(asset.path, asset)
    documents = [(one.file_name, one.identity) for one in package.packing_lists]
    documents += [(one.file_name, one.identity) for one in package.compositions]
    for name, own in documents:
        asset = mapped[name]
        if own.text and own.key != asset.identity.key:
            yield {"id": asset.identity.text, "path": asset.path, "actual": own.text}


def _chunk_faults(mapped: MappedAsset) -> Iterator[str]:
    yield from mapped.chunk_faults
    size = size_of(mapped)
    if size is not None and mapped.length_bytes is not None and size != mapped.length_bytes:
        yield f"Length is {mapped.length_bytes}, and the file has {size} bytes"


def _listed(package: Package) -> Iterator[tuple[str, ListedAsset, MappedAsset | None]]:
    """Each asset of each packing list, with its file name and its place in the asset map; of the packing lists of
    originals those that its compositions use."""
    mapped = package.asset_map.by_key
    for one in package.packing_lists:
        for asset in one.assets:
            yield one.file_name, asset, mapped.get(asset.identity.key)
    for original in package.originals:
        used = {asset.identity.key: asset for holder, asset in package.borrowed() if holder is original}
        for one in original.packing_lists:
            for asset in one.assets:
                if asset.identity.key in used:
                    yield f"{original.folder.name}/{one.file_name}", asset, used[asset.identity.key]


def _packing_list_facts(package: Package) -> Facts:
    unmapped, faulty, sizes = [], [], []
    playlists = {one.file_name for one in package.compositions}
    for name, asset, mapped in _listed(package):
        text = asset.identity.text
        faulty += [{"id": text, "file": name, "fault": fault} for fault in asset.faults]
        if mapped is None:
            unmapped.append({"id": text, "file": name})
            continue
        faulty += [{"id": text, "file": name, "fault": fault} for fault in _type_faults(playlists, asset, mapped)]
        size = size_of(mapped)
        if size is not None and asset.size_bytes is not None and size != asset.size_bytes:
            sizes.append(
                {"id": text, "path": package.name_of(mapped), "actual_bytes": size, "expected_bytes": asset.size_bytes}
            )
    return {
        "package.packing_list.unlisted_compositions": list(_unlisted_compositions(package)),
        "package.packing_list.unmapped_assets": unmapped,
        "package.packing_list.faulty_entries": faulty,
        "package.packing_list.wrong_sizes": sizes,
    }


def _type_faults(playlists: Container[str], asset: ListedAsset, mapped: MappedAsset) -> Iterator[str]:
    """Where a composition is not listed as XML, or an MXF file not as MXF, in whatever words: readers (libdcp) choose
    by the type how to open a file. An empty one is a schema error. `playlists`: paths of compositions."""
    kind = "xml" if mapped.path in playlists else "mxf" if mapped.path.lower().endswith(".mxf") else ""
    if asset.type and kind not in asset.type.lower():
        yield f"Type is {asset.type[:40]!r}, and {mapped.path} is {kind.upper()}"


def _unlisted_compositions(package: Package) -> Iterator[dict[str, str]]:
    """Compositions, by the ids of the asset map, of which no packing list of the package has the hash."""
    listed = {asset.identity.key for one in package.packing_lists for asset in one.assets}
    mapped = {asset.path: asset.identity for asset in reversed(package.asset_map.assets)}
    for one in package.compositions:
        if mapped[one.file_name].key not in listed:
            yield {"id": mapped[one.file_name].text, "path": one.file_name}


def _hash_facts(package: Package, hashes: Hashes | None) -> Facts:
    """Missing where files were not hashed, or a packing list uses an algorithm that is not computed."""
    if hashes is None or not all(asset.is_sha1 for _, asset, _ in _listed(package)):
        return {}
    wrong = [
        {
            "id": asset.identity.text,
            "path": package.name_of(mapped),
            "actual": hashes.get(mapped.file),
            "expected": asset.sha1,
        }
        for _, asset, mapped in _listed(package)
        if mapped is not None and mapped.is_there and mapped.file is not None and hashes.get(mapped.file) != asset.sha1
    ]
    return {"package.packing_list.wrong_hashes": wrong}


def _duplicates(package: Package) -> Iterator[dict[str, str]]:
    lists = [(package.asset_map.file_name, [one.identity for one in package.asset_map.assets])]
    lists += [(one.file_name, [asset.identity for asset in one.assets]) for one in package.packing_lists]
    lists += [(one.file_name, [reel.identity for reel in one.reels if reel.identity]) for one in package.compositions]
    for name, identities in lists:
        counts = Counter(one.key for one in identities)
        texts = {one.key: one.text for one in identities}
        yield from ({"id": texts[key], "file": name} for key, count in counts.items() if count > 1)


def composition_facts(package: Package, composition: Composition, hashes: Hashes | None) -> Facts:
    """Facts of one composition of the package, those of the documents that it shares included."""
    namespaces = [package.asset_map.namespace, *(one.namespace for one in package.packing_lists), composition.namespace]
    standard = standard_of(namespaces)
    annotation = composition.annotation_text
    facts: Facts = {
        "package.composition.id": composition.identity.text,
        "package.composition.file": composition.file_name,
        "package.composition.namespace": composition.namespace,
        "package.composition.title": composition.title,
        "package.composition.annotation_text": annotation,
        "package.composition.annotation_is_title": None if annotation is None else annotation == composition.title,
        "package.composition.content_kind": composition.content_kind or "",
        "package.composition.content_kind_scope": composition.content_kind_scope,
        "package.composition.is_content_kind_registered": is_registered(composition),
        "package.packing_list.annotation_is_title": _list_annotation_is_title(package, composition),
        "package.composition.sound_configuration": composition.sound_configuration,
        "package.composition.version_number": composition.version_number,
        "package.composition.constraints_profile": composition.constraints_profile,
        "package.composition.assets": uses(package, composition),
    }
    if standard is not None:
        facts["package.standard"] = standard
    if not composition.is_imf:
        facts["package.composition.is_dolby_vision"] = composition.is_dolby_vision
    lengths = [track.duration_s for track in composition.tracks if track.kind == PICTURE]
    known = [length for length in lengths if length is not None]
    if known and len(known) == len(lengths):
        facts["package.composition.longest_picture_s"] = seconds(max(known))
    facts |= signature_facts([composition.signature, *(one.signature for one in package.packing_lists)])
    facts |= (
        imf_facts(composition) | _timeline_facts(composition) | _text_facts(composition) | marker_facts(composition)
    )
    return facts | naming_facts(composition) | _reference_facts(package, composition, hashes)


def _list_annotation_is_title(package: Package, composition: Composition) -> bool | None:
    if len(package.compositions) != 1 or not package.packing_lists:
        return None
    return all(one.annotation_text == composition.title for one in package.packing_lists)


def _sequences(reel: Reel) -> list[tuple[Track, Fraction | None]]:
    """The virtual tracks of a reel, each by its first resource, and how long they are; None where one does not say."""
    firsts: dict[str, Track] = {}
    lengths: dict[str, Fraction | None] = {}
    for track in reel.tracks:
        own, before = track.duration_s, lengths.get(track.sequence, Fraction(0))
        firsts.setdefault(track.sequence, track)
        lengths[track.sequence] = None if own is None or before is None else before + own
    return [(firsts[key], lengths[key]) for key in firsts]


def _timeline_facts(composition: Composition) -> Facts:
    """Facts of lengths are missing where a track does not state its own: a schema error says so."""
    facts: Facts = {
        "package.composition.edit_rates": list(
            dict.fromkeys(rate_words(track.edit_rate) for track in composition.tracks if track.edit_rate)
        ),
        "package.composition.reels_without_picture": [
            {"id": "" if reel.identity is None else reel.identity.text, "reel": reel.number}
            for reel in composition.reels
            if all(track.kind != PICTURE for track in reel.tracks)
        ],
        "package.composition.overrun_assets": [
            named(track) | {"end": track.end, "intrinsic_duration": track.intrinsic_duration}
            for track in composition.tracks
            if track.end is not None and track.intrinsic_duration is not None and track.end > track.intrinsic_duration
        ],
    }
    sequences = [_sequences(reel) for reel in composition.reels]
    known = [[length for _, length in reel if length is not None] for reel in sequences]
    if not known or any(
        not lengths or len(lengths) < len(reel) for lengths, reel in zip(known, sequences, strict=True)
    ):
        return facts
    unequal = []
    for reel, lengths in zip(sequences, known, strict=True):
        first = _first_length(reel)
        unequal += [
            named(track) | {"duration_s": seconds(length), "reel_s": seconds(first)}
            for (track, _), length in zip(reel, lengths, strict=True)
            if length != first
        ]
    return facts | {
        "package.composition.unequal_reels": unequal,
        "package.composition.duration_s": seconds(sum((max(lengths) for lengths in known), Fraction(0))),
        "package.composition.shortest_reel_s": seconds(min(min(lengths) for lengths in known)),
        "package.composition.reels": [
            {
                "duration_s": seconds(max(lengths)),
                "subtitle_count": _count(reel, SUBTITLE),
                "closed_caption_count": _count(reel, CLOSED_CAPTION),
            }
            for reel, lengths in zip(composition.reels, known, strict=True)
        ],
    }


def _first_length(reel: list[tuple[Track, Fraction | None]]) -> Fraction:
    """The length that the others are held to: that of the picture, else of the first track."""
    ordered = sorted(reel, key=lambda one: one[0].kind != PICTURE)
    return ordered[0][1] or Fraction(0)


def _count(reel: Reel, kind: str) -> int:
    return len({track.sequence for track in reel.tracks if track.kind == kind})


def _share(count: int, total: int) -> str:
    return "none" if not count else "all" if count == total else "some"


def _text_facts(composition: Composition) -> Facts:
    texts = [track for track in composition.tracks if track.kind in TEXT_KINDS]
    subtitled = sum(_count(reel, SUBTITLE) > 0 for reel in composition.reels)
    return {
        "package.composition.timed_text_count": len(texts),
        "package.composition.closed_caption_count": sum(track.kind == CLOSED_CAPTION for track in texts),
        "package.composition.subtitled_reels": _share(subtitled, len(composition.reels)),
        "package.composition.closed_caption_counts": sorted(
            {_count(reel, CLOSED_CAPTION) for reel in composition.reels}
        ),
        "package.composition.timed_text_entry_faults": [
            named(track) | {"entry_point": track.entry_point} for track in texts if track.entry_point != 0
        ],
    }


def _reference_facts(package: Package, composition: Composition, hashes: Hashes | None) -> Facts:
    listed = {asset.identity.key for _, asset, _ in _listed(package)}
    tracks = list(composition.tracks)
    bearers = [track for track in tracks if track.kind in _HASHED_KINDS]
    facts: Facts = {
        "package.composition.unresolved_assets": [
            named(track) for track in tracks if package.holder_of(track.identity.key) is None
        ],
        "package.composition.unlisted_assets": [
            named(track)
            for track in tracks
            if track.identity.key not in listed and package.holder_of(track.identity.key) is not None
        ],
        "package.composition.assets_without_hash": [named(track) for track in bearers if not track.sha1],
        "package.composition.encrypted_assets_without_hash": [
            named(track) for track in tracks if track.is_encrypted and not track.sha1
        ],
        "package.composition.encryption": _share(sum(track.is_encrypted for track in bearers), len(bearers)),
    }
    facts |= _completeness(package, composition)
    if composition.is_imf:
        facts["package.composition.sound_inserts"] = list(_sound_inserts(package, composition))
        facts |= timeline_difference_facts(package, composition)
    if hashes is not None:
        facts["package.composition.wrong_hashes"] = list(_wrong_hashes(package, tracks, hashes))
    return facts


def _completeness(package: Package, composition: Composition) -> Facts:
    """Assets that have to be found and are not. Where all that is unresolved may be in an original that was not given,
    it is not known what is missing, and the list is not there."""
    unresolved = [track for track in composition.tracks if package.holder_of(track.identity.key) is None]
    faults = [track for track in unresolved if not may_be_elsewhere(package, composition, track)]
    facts: Facts = {"package.composition.needs_original": len(faults) < len(unresolved)}
    if faults or not unresolved:
        facts["package.composition.missing_assets"] = [named(track) for track in faults]
    return facts


def _sound_inserts(package: Package, composition: Composition) -> Iterator[dict[str, Any]]:
    """Sound of this package in virtual tracks whose other sound is elsewhere."""
    own = package.asset_map.by_key
    partly = {track.sequence for track in composition.tracks if track.kind == SOUND and track.identity.key not in own}
    for track in composition.tracks:
        if track.kind == SOUND and track.sequence in partly and track.identity.key in own:
            yield named(track)


def _wrong_hashes(package: Package, tracks: Iterable[Track], hashes: Hashes) -> Iterator[dict[str, Any]]:
    """Of tracks whose file is there. What is not a SHA-1 at all is wrong too."""
    for track in tracks:
        file = package.file_of(track)
        if track.sha1 and file is not None and hashes.get(file) != track.sha1:
            yield named(track) | {"actual": hashes.get(file), "expected": track.sha1}
