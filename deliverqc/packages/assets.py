"""Reads the asset map of a package (SMPTE ST 429-9, Interop PROTO-ASDCP-AM) and follows its paths, never out of the
folder; opens no other file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from deliverqc.packages.documents import identity, whole
from deliverqc.packages.model import AssetMap, Fault, Identity, MappedAsset
from deliverqc.safe_xml import child, children, namespace, text

MOST_ASSETS = 100_000
"""House choice: no package has as many files, and each costs a look at the disk."""


def read_asset_map(root: etree._Element, path: Path) -> tuple[AssetMap, tuple[Fault, ...], tuple[Identity, ...]]:
    """The asset map, what is wrong with it, and the ids that it gives."""
    name = path.name
    faults: list[Fault] = []
    elements = list(children(child(root, "AssetList"), "Asset"))
    if not elements:
        faults.append(Fault(file=name, line=root.sourceline, message="lists no asset"))
    if len(elements) > MOST_ASSETS:
        message = f"lists {len(elements)} assets; the first {MOST_ASSETS} are looked at"
        faults.append(Fault(file=name, line=None, message=message))
    volume_count, home = whole(text(root, "VolumeCount")), path.parent.resolve()
    assets = tuple(_asset(element, path, home, volume_count) for element in elements[:MOST_ASSETS])
    faults += [
        Fault(file=name, line=asset.identity.line, message="an asset has no Id")
        for asset in assets
        if not asset.identity.text
    ]
    found = AssetMap(
        file_name=name,
        namespace=namespace(root),
        volume_count=volume_count,
        assets=assets,
    )
    return found, tuple(faults), (identity(root, name), *(asset.identity for asset in assets))


def _asset(element: etree._Element, path: Path, home: Path, volume_count: int | None) -> MappedAsset:
    chunks = list(children(child(element, "ChunkList"), "Chunk"))
    written = text(chunks[0], "Path") if chunks else None
    flag = text(element, "PackingList")
    file, refusal = _followed(path.parent, home, written or "", len(chunks))
    return MappedAsset(
        identity=identity(element, path.name),
        path=written or "",
        is_packing_list=flag is not None and flag.lower() in ("", "true", "1"),
        file=file,
        refusal=refusal,
        length_bytes=whole(text(chunks[0], "Length")) if chunks else None,
        chunk_faults=tuple(_chunk_faults(chunks[0], volume_count)) if chunks else (),
    )


def _chunk_faults(chunk: etree._Element, volume_count: int | None) -> Iterator[str]:
    """What ST 429-9 does not permit of the one chunk of an asset: a volume that the package does not have, an offset
    above 0."""
    volume, offset = whole(text(chunk, "VolumeIndex")), whole(text(chunk, "Offset"))
    if volume is not None and volume_count is not None and not 1 <= volume <= volume_count:
        yield f"VolumeIndex is {volume}, and VolumeCount {volume_count}"
    if offset:
        yield f"Offset is {offset}, not 0"


def _followed(folder: Path, home: Path, written: str, chunk_count: int) -> tuple[Path | None, str | None]:
    """Where a path leads; or None, and why it is not followed."""
    if chunk_count > 1:
        return None, f"is in {chunk_count} chunks, which are not put together"
    if not written:
        return None, "has no path"
    relative = written.removeprefix("file:///").removeprefix("file://")
    plain = Path(relative)
    if "\0" in relative or plain.is_absolute():
        return None, "is not a path inside the package"
    try:
        found = folder / plain
        if not found.exists() and "%" in relative:
            found = folder / unquote(relative)
        target = found.resolve()
        if not target.is_relative_to(home) or target == home:
            return None, "leads out of the package"
        if found.exists() and not found.is_file():
            return None, "is not a file"
    except (OSError, ValueError, RuntimeError):
        return None, "is not a path that can be followed"
    return found, None
