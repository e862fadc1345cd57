"""Says which track files a composition uses, where and which part of them, as facts; opens no file but for its size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from deliverqc.packages.model import Composition, MappedAsset, Package, Track


def uses(package: Package, composition: Composition) -> list[dict[str, Any]]:
    """Each use of a track file, in order, with the hash that the composition states, else the first packing list."""
    hashes: dict[str, str] = {}
    for holder in (package, *package.originals):
        for asset in (asset for one in holder.packing_lists for asset in one.assets):
            hashes.setdefault(asset.identity.key, asset.sha1)
    return [_use(package, track, start, hashes) for track, start in placed(composition)]


def placed(composition: Composition) -> Iterator[tuple[Track, Fraction | None]]:
    """Each use of a track file with where it begins in the composition; None behind a length that is not stated."""
    begin: Fraction | None = Fraction(0)
    for reel in composition.reels:
        ends: dict[str, Fraction | None] = {}
        for track in reel.tracks:
            start = ends.get(track.sequence, begin)
            yield track, start
            length = track.duration_s
            ends[track.sequence] = None if start is None or length is None else start + length
        known = [end for end in ends.values() if end is not None]
        begin = max(known) if known and len(known) == len(ends) else None


def _use(package: Package, track: Track, start: Fraction | None, hashes: Mapping[str, str]) -> dict[str, Any]:
    mapped = package.mapped(track.identity.key)
    return named(track) | {
        "path": None if mapped is None else package.name_of(mapped),
        "size_bytes": None if mapped is None else size_of(mapped),
        "sha1": track.sha1 or hashes.get(track.identity.key) or None,
        "start_s": None if start is None else seconds(start),
        "edit_rate": rate_words(track.edit_rate),
        "entry_point": track.entry_point,
        "duration": track.duration,
        "intrinsic_duration": track.intrinsic_duration,
        "repeat_count": track.repeat_count,
    }


def named(track: Track) -> dict[str, Any]:
    return {"id": track.identity.text, "reel": track.reel, "kind": track.kind}


def rate_words(rate: Fraction | None) -> str | None:
    return None if rate is None else f"{rate.numerator}/{rate.denominator}"


def seconds(value: Fraction) -> float:
    return round(float(value), 6)


def size_of(mapped: MappedAsset) -> int | None:
    try:
        return mapped.file.stat().st_size if mapped.file is not None and mapped.is_there else None
    except OSError:
        return None
