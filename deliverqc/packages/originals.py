"""Tells whether assets that a package lacks may be in another one: the original (OV) of a version file (VF), or of an
IMF supplemental; reads nothing."""

from __future__ import annotations

import re
from typing import Any

from deliverqc.packages.model import Composition, Package, Track

_ORIGINAL = re.compile(r"_OV(-[^_]*)?$", re.IGNORECASE)
"""Package type in a title by the naming convention of ISDCF, where it is the last field."""


def may_be_elsewhere(package: Package, composition: Composition, track: Track) -> bool:
    """Whether an asset that no asset map has may be in an original that was not given.

    It may not where originals were given, where a packing list of the package promises it, or where the title says that
    the composition is an original. Neither SMPTE ST 429-7 nor ST 2067-3 asks that a package holds all that its
    compositions use.
    """
    listed = {asset.identity.key for one in package.packing_lists for asset in one.assets}
    return not (package.originals or track.identity.key in listed or _ORIGINAL.search(composition.title.strip()))


def companions(package: Package) -> list[dict[str, Any]]:
    """The packages that were given with this one, and what they turn out to be."""
    held = [holder for holder, _ in package.borrowed()]
    counts = [sum(holder is one for holder in held) for one in package.originals]
    return [
        {"folder": one.folder.name, "role": "original" if count else "unused", "resolved_count": count}
        for one, count in zip(package.originals, counts, strict=True)
    ]
