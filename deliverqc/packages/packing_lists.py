"""Reads packing lists (SMPTE ST 429-8, ST 2067-2, Interop PROTO-ASDCP-PKL); compares nothing."""

from __future__ import annotations

import base64
import binascii

from lxml import etree

from deliverqc.packages.documents import identity, whole
from deliverqc.packages.model import Fault, Identity, ListedAsset, PackingList
from deliverqc.safe_xml import child, children, namespace, text

_SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
_SHA1_BYTES = 20


def read_packing_list(root: etree._Element, name: str) -> tuple[PackingList, tuple[Fault, ...], tuple[Identity, ...]]:
    """A packing list, what is wrong with it, and the ids that it gives."""
    assets = tuple(_asset(element, name) for element in children(child(root, "AssetList"), "Asset"))
    faults = [] if assets else [Fault(file=name, line=root.sourceline, message="lists no asset")]
    faults += [
        Fault(file=name, line=asset.identity.line, message="an asset has no Id")
        for asset in assets
        if not asset.identity.text
    ]
    own = identity(root, name)
    found = PackingList(
        file_name=name,
        identity=own,
        namespace=namespace(root),
        annotation_text=text(root, "AnnotationText"),
        signature=None,
        assets=assets,
    )
    return found, tuple(faults), (own, *(asset.identity for asset in assets))


def _asset(element: etree._Element, name: str) -> ListedAsset:
    written = text(element, "Hash") or ""
    size = whole(text(element, "Size"))
    algorithm = child(element, "HashAlgorithm")
    is_sha1 = algorithm is None or algorithm.get("Algorithm") == _SHA1
    faults = []
    if is_sha1 and not is_sha1_text(written):
        faults.append(f"Hash is not a SHA-1 in base64: {written[:40]!r}")
    if not size:
        faults.append(f"Size is not a number of bytes: {(text(element, 'Size') or '')[:40]!r}")
    return ListedAsset(
        identity=identity(element, name),
        sha1=written,
        size_bytes=size,
        is_sha1=is_sha1,
        faults=tuple(faults),
        type=text(element, "Type") or "",
    )


def is_sha1_text(words: str) -> bool:
    """Whether these are the twenty bytes of a SHA-1 in base64."""
    try:
        return len(base64.b64decode(words, validate=True)) == _SHA1_BYTES
    except (binascii.Error, ValueError):
        return False
