"""A composition of a package told from its facts: title, length and the files that it uses; knows no format and judges
nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.reports import wording
from deliverqc.reports.media import Table
from deliverqc.timebase import format_elapsed

_MOST_ROWS = 100
"""House choice: a feature has about twenty reels of two or three files."""

_HEADS = ("Reel", "Track", "File", "Size", "Used")
_UNNAMED = "not in the package"


def composition_line(facts: Mapping[str, Any]) -> str:
    """Title, length, rate and reels of a composition in one line; empty for another subject."""
    if "package.composition.id" not in facts:
        return ""
    duration, rates = facts.get("package.composition.duration_s"), facts.get("package.composition.edit_rates")
    reels = facts.get("package.composition.reels")
    told = [
        str(facts.get("package.composition.title") or facts["package.composition.id"]),
        format_elapsed(duration).lstrip("+") if isinstance(duration, int | float) else "",
        f"at {', '.join(map(str, rates))}" if isinstance(rates, list) and rates else "",
        wording.counted(len(reels), "reel") if isinstance(reels, list) else "",
    ]
    return ", ".join(part for part in told if part)


def composition_tables(facts: Mapping[str, Any]) -> Iterator[Table]:
    """The files that a composition uses, in order; nothing for another subject."""
    assets = facts.get("package.composition.assets")
    if not isinstance(assets, list) or not assets:
        return
    rows = [_row(asset) for asset in assets[:_MOST_ROWS] if isinstance(asset, Mapping)]
    more = f", the first {_MOST_ROWS} of {len(assets)}" if len(assets) > _MOST_ROWS else ""
    yield Table(title=f"Files of the composition{more}", heads=_HEADS, rows=tuple(rows))


def _row(asset: Mapping[str, Any]) -> tuple[str, ...]:
    reel, size = asset.get("reel"), asset.get("size_bytes")
    return (
        str(reel + 1) if isinstance(reel, int) else "",
        str(asset.get("kind", "")).replace("_", " "),
        str(asset.get("path") or f"{_UNNAMED} ({asset.get('id')})"),
        wording.size_words(size) if isinstance(size, int) else "not there",
        _used(asset),
    )


def _used(asset: Mapping[str, Any]) -> str:
    """Which edit units of the track file are used, of how many."""
    duration, start, whole = asset.get("duration"), asset.get("entry_point") or 0, asset.get("intrinsic_duration")
    if not isinstance(duration, int) or not isinstance(whole, int):
        return "not stated"
    return f"{duration} of {whole}{f' from {start}' if start else ''} at {asset.get('edit_rate')}"
