"""Reads a package from its folder: the asset map, and every document that it leads to; hashes and decodes nothing."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from deliverqc.errors import MasterError
from deliverqc.packages.assets import MOST_ASSETS, read_asset_map
from deliverqc.packages.compositions import read_composition
from deliverqc.packages.documents import language_tags, leads_out, read_root, root_name, whole
from deliverqc.packages.model import Composition, Fault, Identity, LanguageTag, MappedAsset, Package, PackingList
from deliverqc.packages.packing_lists import read_packing_list
from deliverqc.packages.signatures import read_signature
from deliverqc.packages.standards import is_known
from deliverqc.packages.structure import structure_faults
from deliverqc.probing.packages import ASSET_MAP_NAMES
from deliverqc.safe_xml import local, text

_VOLUME_INDEXES = ("volindex", "volindex.xml")
"""Names of the volume index in lower case."""


def read_package(asset_map_path: Path, originals: Sequence[Path] = ()) -> Package:
    """The package of an asset map. MasterError where the asset map cannot be read, or no composition can.

    `originals`: asset maps of other packages, in which assets are looked for that this one lacks; MasterError where one
    cannot be read. They need no composition.
    """
    package = _read(asset_map_path)
    if not package.compositions:
        raise MasterError(_without_composition(asset_map_path.name, package.faults), code="no-composition")
    given = [_original(path) for path in originals if not _is_same(path, asset_map_path)]
    return replace(package, originals=tuple(given))


def _original(asset_map_path: Path) -> Package:
    try:
        return _read(asset_map_path)
    except MasterError as error:
        message = f"{asset_map_path.parent.name}, which was given with --with: {error.message}"
        raise MasterError(message, code=error.code) from error


def _is_same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve()


def _read(asset_map_path: Path) -> Package:
    folder, name = asset_map_path.parent, asset_map_path.name
    if leads_out(asset_map_path):
        raise MasterError(
            f"{name} is a link that leads out of the package. Copy the file itself into the folder.",
            code="asset-map-unreadable",
        )
    root = read_root(asset_map_path, name)
    if isinstance(root, Fault):
        raise MasterError(f"{name} {root.message}. Copy the package again.", code="asset-map-unreadable")
    if local(root) != "AssetMap":
        raise MasterError(f"{name} is not an asset map: its root is {local(root)}.", code="asset-map-unreadable")
    asset_map, map_faults, map_identities = read_asset_map(root, asset_map_path)
    faults: list[Fault] = [*map_faults, *structure_faults(root, name)]
    identities: list[Identity] = list(map_identities)
    tags: list[LanguageTag] = []
    packing_lists: list[PackingList] = []
    compositions: list[Composition] = []
    for asset, kind in _documents(asset_map.assets):
        faults += _flag_faults(asset, kind, name)
        document = read_root(asset.file, asset.path) if asset.file is not None else None
        if document is None or isinstance(document, Fault):
            faults += [document] if document is not None else []
            continue
        signature = read_signature(document, asset.file, asset.path)
        if kind == "PackingList":
            listed, more, ids = read_packing_list(document, asset.path)
            packing_lists.append(replace(listed, signature=signature))
        else:
            composed, more, ids = read_composition(document, asset.path)
            compositions.append(replace(composed, signature=signature))
        faults += [*more, *structure_faults(document, asset.path)]
        identities += ids
        tags += language_tags(document, asset.path)
    if not packing_lists:
        faults.append(Fault(file=name, line=None, message="leads to no packing list that can be read"))
    namespaces = [asset_map.namespace, *(one.namespace for one in packing_lists)]
    namespaces += [one.namespace for one in compositions]
    faults += [
        Fault(file=other, line=None, message=f"is a second asset map; {name} is read, and a server may take the other")
        for other in _others_of(folder, name, ASSET_MAP_NAMES)
    ]
    volume_index = _volume_index(folder)
    faults += _volume_index_faults(folder, volume_index, asset_map.volume_count)
    return Package(
        folder=folder,
        asset_map=asset_map,
        volume_index_name=volume_index,
        packing_lists=tuple(packing_lists),
        compositions=tuple(compositions),
        faults=tuple(faults),
        foreign=_foreign(folder, asset_map.assets, {name, volume_index or name}),
        identities=tuple(identities),
        language_tags=tuple(tags),
        unknown_namespaces=tuple(dict.fromkeys(one or "" for one in namespaces if not is_known(one))),
    )


def _documents(assets: Iterable[MappedAsset]) -> Iterator[tuple[MappedAsset, str]]:
    """Assets that are packing lists or compositions, each file once, with the name of their root."""
    seen = set()
    for asset in assets:
        if not asset.is_there or asset.file in seen or asset.file is None:
            continue
        found = root_name(asset.file)
        if asset.is_packing_list and found is None:
            found = "PackingList"  # it is flagged as one: why it cannot be read is a fault
        if found is None and asset.file.suffix.lower() == ".xml":
            found = "CompositionPlaylist"
        if found in ("PackingList", "CompositionPlaylist"):
            seen.add(asset.file)
            yield asset, found


def _flag_faults(asset: MappedAsset, kind: str, name: str) -> Iterator[Fault]:
    """Where the asset map flags another document than a packing list as one, or does not flag one: readers (libdcp,
    ClairMeta) find packing lists by the flag alone."""
    if asset.is_packing_list and kind != "PackingList":
        message = f"flags {asset.path} as a packing list, and it is a composition"
    elif kind == "PackingList" and not asset.is_packing_list:
        message = f"does not flag {asset.path} as a packing list"
    else:
        return
    yield Fault(file=name, line=asset.identity.line, message=message)


def _without_composition(name: str, faults: Iterable[Fault]) -> str:
    told = "; ".join(f"{fault.file} {fault.message}" for fault in list(faults)[:3])
    reason = told or f"{name} leads to none"
    return f"No composition playlist of this package can be read: {reason}. Copy the package again."


def _volume_index(folder: Path) -> str | None:
    return next(iter(_others_of(folder, None, _VOLUME_INDEXES)), None)


def _others_of(folder: Path, name: str | None, names: Collection[str]) -> list[str]:
    """Entries of the folder called so in any case, but the one of that `name`, in order."""
    try:
        return sorted(path.name for path in folder.iterdir() if path.name.lower() in names and path.name != name)
    except OSError:
        return []


def _volume_index_faults(folder: Path, name: str | None, volume_count: int | None) -> list[Fault]:
    if name is None:
        return []
    if leads_out(folder / name):
        return [Fault(file=name, line=None, message="is a link that leads out of the package")]
    root = read_root(folder / name, name)
    if isinstance(root, Fault):
        return [root]
    if local(root) != "VolumeIndex":
        return [Fault(file=name, line=root.sourceline, message=f"is not a volume index: its root is {local(root)}")]
    faults, index = structure_faults(root, name), whole(text(root, "Index"))
    if index and volume_count and index > volume_count:
        message = f"Index is {index}, and VolumeCount of the asset map is {volume_count}"
        faults.append(Fault(file=name, line=root.sourceline, message=message))
    return faults


def _foreign(folder: Path, assets: Iterable[MappedAsset], known: set[str]) -> tuple[str, ...] | None:
    """Files that neither the asset map names nor are it or the volume index, by their paths in the folder."""
    mapped = {os.path.normpath(asset.file) for asset in assets if asset.file is not None}
    mapped |= {os.path.normpath(folder / name) for name in known}
    found, count = [], 0
    for root, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            count += 1
            if count > 2 * MOST_ASSETS:
                return None
            path = Path(root, file)
            if os.path.normpath(path) not in mapped:
                found.append(str(path.relative_to(folder)))
    return tuple(found)
