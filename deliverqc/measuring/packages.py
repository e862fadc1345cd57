"""Reads a package to the end: its documents, the hashes of its files, and the essence of its track files, each file
once; judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from deliverqc.errors import DeliverqcError, UsageError
from deliverqc.facts.model import Facts
from deliverqc.file_state import FileState, file_state, is_changed
from deliverqc.measuring.compositions import (
    PackagedComposition,
    TrackFile,
    decoded_files,
    header_facts,
    track_files,
    with_identity_facts,
)
from deliverqc.measuring.obtain import Obtain
from deliverqc.measuring.package_text import read_package_texts
from deliverqc.measuring.planning import extensions_of
from deliverqc.measuring.sign_language_facts import read_videos
from deliverqc.packages import (
    Composition,
    Package,
    composition_facts,
    hash_files,
    listed_files,
    package_facts,
    read_package,
)
from deliverqc.packages.model import key_of
from deliverqc.probing import probe
from deliverqc.probing.mediainfo_many import ManyFiles
from deliverqc.probing.wrappers.mxf_identity import read_identity

if TYPE_CHECKING:
    from deliverqc.measuring.obtain import Progress
    from deliverqc.measuring.package_text import PackagedText
    from deliverqc.probing.wrappers.mxf_identity import TrackFileIdentity


def read_compositions(
    asset_map: Path,
    wanted: Callable[[Facts], frozenset[str]],
    obtain: Obtain | None,
    *,
    asked: str | None = None,
    originals: Sequence[Path] = (),
    is_hashed: bool = True,
    progress: Progress | None = None,
) -> Iterator[PackagedComposition]:
    """The compositions of a package, or the one that is `asked` for by id or title, each with the track files that it
    uses. `wanted` says which meters run, from what headers say. `obtain` decodes; None where nothing is decoded.
    `originals`: asset maps of packages in which assets are looked for that this one lacks.

    MasterError where no composition can be read, UsageError where none is the one that is asked for.
    """
    with ManyFiles() as mediainfo:
        mediainfo.begin()  # starting takes as long as reading the documents
        package = read_package(asset_map, originals)
        chosen = _chosen(package, asked)
        files = listed_files(package)
        before = {file: file_state(file) for file in (asset_map, *originals, *files)}
        hashes = hash_files(files, progress) if is_hashed else None
        decoded = [decoded_files(package, composition) for composition in chosen]
        read = _all_opened(chain(*decoded), mediainfo, progress)
    shared = package_facts(package, hashes)
    identities: dict[Path, TrackFileIdentity | None] = {}
    texts: dict[Path, PackagedText] = {}
    for composition, paths in zip(chosen, decoded, strict=True):
        used = track_files(package, composition)
        identities |= {path: _identity(path, read.get(path)) for path in used if path not in identities}
        texts |= (own := read_package_texts(package, composition, texts))
        found = with_identity_facts(
            PackagedComposition(
                package=package,
                composition=composition,
                facts=shared | composition_facts(package, composition, hashes),
                files={path: read[path] for path in paths},
                identities={path: identities[path] for path in used},
                is_changed=False,
                texts=own,
            )
        )
        if obtain is not None:
            extensions = extensions_of(wanted(header_facts(found)))
            for path in paths:
                read[path] = _decoded(path, read[path], obtain, extensions)
            found = replace(found, sign_language=read_videos(found))
        yield replace(found, files={path: read[path] for path in paths}, is_changed=_is_changed(before))


def _chosen(package: Package, asked: str | None) -> tuple[Composition, ...]:
    if asked is None:
        return package.compositions
    found = tuple(one for one in package.compositions if key_of(asked) == one.identity.key or asked == one.title)
    if not found:
        held = "; ".join(f"{one.title} ({one.identity.text})" for one in package.compositions)
        raise UsageError(
            f"{package.folder.name} has no composition {asked}. It has: {held}.", code="no-such-composition"
        )
    return found


def _all_opened(paths: Iterable[Path], mediainfo: ManyFiles, progress: Progress | None) -> dict[Path, TrackFile]:
    """Each file by its headers, once."""
    once = tuple(dict.fromkeys(paths))
    mediainfo.expect(once)
    read: dict[Path, TrackFile] = {}
    for number, path in enumerate(once, start=1):
        read[path] = opened(path, mediainfo)
        if progress is not None:
            progress("read", float(number), float(len(once)))
    return read


def opened(path: Path, mediainfo: ManyFiles) -> TrackFile:
    try:
        probed = probe(path, mediainfo=mediainfo)
    except DeliverqcError as error:
        return TrackFile(probed=None, unread=error.message)
    if probed.documents is not None:
        return TrackFile(probed=None, unread=f"{path.name} is a file of text, and not a track file.")
    return TrackFile(probed=probed)


def _identity(path: Path, file: TrackFile | None) -> TrackFileIdentity | None:
    """What probing read of the header; of a file that was not probed, or could not be, it is read here."""
    known = None if file is None or file.probed is None else file.probed.identity
    return read_identity(path) if known is None else known


def _decoded(path: Path, file: TrackFile, obtain: Obtain, extensions: frozenset[str]) -> TrackFile:
    """The file with its signals; those that were read before serve again where they have what is asked."""
    if file.probed is None or (file.signals is not None and extensions <= file.signals.extensions):
        return file
    try:
        return replace(file, signals=obtain(path, file.probed, extensions=extensions))
    except DeliverqcError as error:
        if error.exit_code == 2:
            raise
        return TrackFile(probed=None, unread=error.message)


def _is_changed(before: dict[Path, FileState | None]) -> bool:
    return any(is_changed(path, state) for path, state in before.items())
