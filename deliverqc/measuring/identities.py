"""Compares what the track files of a composition say of themselves with its documents: their ids, the language tags
of both, and essence descriptors; reads no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts
from deliverqc.measuring.descriptors import descriptor_facts
from deliverqc.packages.model import AUX, SOUND, TEXT_KINDS, LanguageTag, Track

if TYPE_CHECKING:
    from deliverqc.measuring.compositions import PackagedComposition
    from deliverqc.measuring.package_text import PackagedText
    from deliverqc.probing.wrappers.mxf_identity import TrackFileIdentity

_WIDE = "is written in UTF-16; RFC 5646 Spoken Language has one byte a character"


def identity_facts(packaged: PackagedComposition) -> Facts:
    """Faults in ids and language tags. Where a track file cannot be read, only the faults that others show are known;
    timed text outside MXF has no such headers."""
    found = list(_identified(packaged))
    is_known = all(identity is not None for _, identity in found)
    is_heard = all(identity is not None for track, identity in found if track.kind in (SOUND, AUX))
    is_heard = is_heard and all(text.document is not None for text in packaged.texts.values())
    facts: Facts = {}
    ids = list(_mismatched(found))
    if ids or is_known:
        facts["package.composition.mismatched_ids"] = ids
    tags = list(_invalid_tags(packaged))
    if tags or is_heard:
        facts["package.invalid_language_tags"] = tags
    return facts | descriptor_facts(packaged)


def _identified(packaged: PackagedComposition) -> Iterator[tuple[Track, TrackFileIdentity | None]]:
    """Each use of a track file that has to be MXF, with its identity; None where that cannot be read."""
    for track in packaged.composition.tracks:
        path = packaged.package.file_of(track)
        if track.kind not in TEXT_KINDS or path is None or path.suffix.lower() == ".mxf":
            yield track, None if path is None else packaged.identities.get(path)


def _mismatched(found: list[tuple[Track, TrackFileIdentity | None]]) -> Iterator[dict[str, Any]]:
    for track, identity in found:
        if identity is not None and track.identity.key not in identity.asset_ids:
            actual = ", ".join(f"urn:uuid:{one}" for one in identity.asset_ids)
            yield {"id": track.identity.text, "reel": track.reel, "kind": track.kind, "actual": actual or None}


def _invalid_tags(packaged: PackagedComposition) -> Iterator[dict[str, Any]]:
    from deliverqc.language_tags import fault_of  # the registry takes 3 ms to read

    tags: list[tuple[LanguageTag, str | None]] = [(tag, None) for tag in packaged.package.language_tags]
    names = _names(packaged)
    for path, identity in packaged.identities.items():
        for language in () if identity is None else identity.languages:
            tag = LanguageTag(text=language.text, file=names[path], line=None)
            tags.append((tag, None if language.is_single_byte else _WIDE))
    for path, text in packaged.texts.items():
        tags += [(LanguageTag(text=one, file=names[path], line=None), None) for one in _text_tags(text)]
    for tag, fault in dict.fromkeys(tags):
        fault = fault or fault_of(tag.text)
        if fault is not None:
            yield {"tag": tag.text, "file": tag.file, "line": tag.line, "fault": fault}


def _text_tags(text: PackagedText) -> Iterator[str]:
    """Language tags of a text: of its descriptor, and of XML of ST 428-7, since Interop has names of languages."""
    if text.track_file is not None:
        yield from text.track_file.languages
    document = text.document
    if document is not None and document.format == "dcst" and document.language:
        yield document.language


def _names(packaged: PackagedComposition) -> Mapping[Path, str]:
    """What the asset map calls each track file."""
    assets = (packaged.package.mapped(track.identity.key) for track in packaged.composition.tracks)
    return {
        asset.file: packaged.package.name_of(asset) for asset in assets if asset is not None and asset.file is not None
    }
