"""A composition of a package told from its facts: title, length, timeline, markers, languages, and what was not looked
at; knows no format and judges nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deliverqc.reports import wording
from deliverqc.reports.media import Table
from deliverqc.timebase import format_elapsed

_MOST_ROWS = 100
"""House choice: a feature has about twenty reels of two or three files."""

_HEADS = ("Track", "File", "Size", "Used", "Starts at", "SHA-1")
_TEXT_HEADS = ("Role", "Language", "Format", "Subtitles", "First at", "Last ends at", "Fonts", "File")
_UNREAD = "not read"
_UNNAMED = "not in the package"
_WORDS = (
    ("Standard", "package.standard"),
    ("Application", "package.composition.applications"),
    ("Content kind", "package.composition.content_kind"),
    ("Version", "package.composition.version_number"),
    ("Audio configuration", "package.composition.sound_configuration"),
    ("Audio languages", "package.composition.sound_languages"),
    ("Languages of the release", "package.composition.locale_languages"),
)
_ENCRYPTION = {"all": "all files", "some": "some files", "none": "none"}


def composition_line(facts: Mapping[str, Any]) -> str:
    """Title, length, rate and reels of a composition in one line; empty for another subject."""
    if "package.composition.id" not in facts:
        return ""
    rates, reels = facts.get("package.composition.edit_rates"), facts.get("package.composition.reels")
    told = [
        str(facts.get("package.composition.title") or facts["package.composition.id"]),
        _clock(facts.get("package.composition.duration_s")),
        f"at {', '.join(map(str, rates))}" if isinstance(rates, list) and rates else "",
        wording.counted(len(reels), "reel") if isinstance(reels, list) else "",
    ]
    return ", ".join(part for part in told if part)


def composition_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the package says of the composition, label and value; nothing for another subject."""
    if "package.composition.id" not in facts:
        return []
    rows = [(label, _words(facts.get(name))) for label, name in _WORDS]
    rows.append(("Encryption", _ENCRYPTION.get(str(facts.get("package.composition.encryption")), "")))
    signed = facts.get("package.is_signed")
    rows.append(("Signature", {True: "signed", False: "not signed"}.get(signed, "") if signed is not None else ""))
    return [(label, value) for label, value in rows if value]


def composition_tables(facts: Mapping[str, Any]) -> Iterator[Table]:
    """The timeline of the files that a composition uses, its virtual tracks and its markers; nothing for another
    subject."""
    part = "Segment" if facts.get("package.standard") == "imf" else "Reel"
    assets = _listed(facts, "package.composition.assets")
    if assets:
        names, hashes = _track_names(assets), _Hashes(facts)
        yield _table(
            "Files of the composition", (part, *_HEADS), [_row(*one, hashes) for one in zip(assets, names, strict=True)]
        )
    tracks = _listed(facts, "package.composition.tracks")
    if tracks:
        heads = ("Virtual track", "Sequence", "Languages", "Soundfields")
        each = [(str(number + 1), str(one.get("element", "")), *_labels(one)) for number, one in enumerate(tracks)]
        yield _table("Virtual tracks", heads, each)
    texts = [one for one in _listed(facts, "timed_text.tracks") if one.get("source") == "package"]
    if texts:
        yield _table("Timed text", (part, *_TEXT_HEADS), [_text_row(one) for one in texts])
    markers = _listed(facts, "package.composition.markers")
    if markers:
        rows = [(str(one.get("label") or "no label"), _reel(one), _offset(one)) for one in markers]
        yield _table("Markers", ("Marker", part, "Offset in edit units"), rows)


def composition_gaps(facts: Mapping[str, Any]) -> list[str]:
    """What of a composition was not looked at, and why, in a sentence each."""
    assets = _listed(facts, "package.composition.assets")
    if not assets:
        return []
    return list(_gaps(facts, assets))


def _gaps(facts: Mapping[str, Any], assets: list[Mapping[str, Any]]) -> Iterator[str]:
    absent = sum(asset.get("size_bytes") is None for asset in assets)
    if facts.get("package.composition.needs_original"):
        yield "Files that the composition takes from another package were not measured: give that package with --with."
    elif absent:
        yield f"{wording.counted(absent, 'file').capitalize()} of the composition could not be measured: not there."
    if "package.packing_list.wrong_hashes" not in facts:
        yield "Hashes were not compared: files were not hashed, or a packing list has another algorithm than SHA-1."
    if facts.get("package.composition.encryption") in ("all", "some"):
        yield "Encrypted files were not decoded: there is no key."
    if any(asset.get("kind") in ("subtitle", "closed_caption") for asset in assets) and not _is_text_read(facts):
        yield "What timed text says was not measured: a file of it is encrypted, damaged or not there."
    if any(asset.get("kind") == "aux" for asset in assets):
        yield "Immersive audio and other auxiliary data were not decoded: their headers were read."
    if any((asset.get("repeat_count") or 1) > 1 or asset.get("entry_point") for asset in assets):
        yield "Of files that are used in part, meters' readings are not shown: they are of the whole file."


class _Hashes:
    """What became of each asset's hash."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        lists = ("package.packing_list.wrong_hashes", "package.composition.wrong_hashes")
        self._is_read = lists[0] in facts
        self._wrong = {str(entry.get("id")) for name in lists for entry in _listed(facts, name)}

    def words(self, asset: Mapping[str, Any]) -> str:
        stated = asset.get("sha1")
        if asset.get("size_bytes") is None:
            return f"not compared, {stated}" if stated else "none"
        if str(asset.get("id")) in self._wrong:
            return f"wrong, {stated} is required"
        if not stated:
            return "none"
        return f"{'matches' if self._is_read else 'not compared'}, {stated}"


def _row(asset: Mapping[str, Any], track: str, hashes: _Hashes) -> tuple[str, ...]:
    size = asset.get("size_bytes")
    return (
        _reel(asset),
        track,
        str(asset.get("path") or f"{_UNNAMED} ({asset.get('id')})"),
        wording.size_words(size) if isinstance(size, int) else "not there",
        _used(asset),
        _clock(asset.get("start_s")) or "not known",
        hashes.words(asset),
    )


def _is_text_read(facts: Mapping[str, Any]) -> bool:
    tracks = _listed(facts, "timed_text.tracks")
    return bool(tracks) and all(one.get("is_read") for one in tracks)


def _text_row(track: Mapping[str, Any]) -> tuple[str, ...]:
    reel = track.get("composition_reel")
    fonts, count = track.get("font_size_bytes"), track.get("event_count")
    language = track.get("language") or track.get("composition_language")
    is_read = bool(track.get("is_read"))
    return (
        str(reel + 1) if isinstance(reel, int) else "",
        str(track.get("role") or "").replace("_", " "),
        str(language or "not stated"),
        str(track.get("profile") or track.get("format") or _UNREAD),
        str(count) if is_read and isinstance(count, int) else _UNREAD,
        _clock(track.get("first_event_s")),
        _clock(track.get("last_event_end_s")),
        wording.size_words(fonts) if isinstance(fonts, int) and fonts else "",
        str(track.get("file") or _UNNAMED),
    )


def _used(asset: Mapping[str, Any]) -> str:
    """Which edit units of the track file are used, of how many."""
    duration, start, whole = asset.get("duration"), asset.get("entry_point") or 0, asset.get("intrinsic_duration")
    if not isinstance(duration, int) or not isinstance(whole, int):
        return "not stated"
    repeats = asset.get("repeat_count") or 1
    times = f", {repeats} times" if repeats > 1 else ""
    return f"{duration} of {whole}{f' from {start}' if start else ''} at {asset.get('edit_rate')}{times}"


def _track_names(assets: list[Mapping[str, Any]]) -> list[str]:
    """Kind of each use. In a reel with several uses of a kind that begin together, they are numbered."""
    together = Counter((one.get("reel"), one.get("kind"), one.get("start_s")) for one in assets)
    seen: Counter[tuple[Any, Any, Any]] = Counter()
    names = []
    for one in assets:
        key = one.get("reel"), one.get("kind"), one.get("start_s")
        seen[key] += 1
        kind = str(one.get("kind", "")).replace("_", " ")
        names.append(f"{kind} {seen[key]}" if together[key] > 1 else kind)
    return names


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    more = f", the first {_MOST_ROWS} of {len(rows)}" if len(rows) > _MOST_ROWS else ""
    return Table(title=f"{title}{more}", heads=heads, rows=tuple(rows[:_MOST_ROWS]))


def _labels(track: Mapping[str, Any]) -> tuple[str, str]:
    found = [track.get(name) for name in ("languages", "soundfields")]
    first, second = ("not measured" if one is None else _words(one) or "none" for one in found)
    return first, second


def _reel(entry: Mapping[str, Any]) -> str:
    reel = entry.get("reel")
    return str(reel + 1) if isinstance(reel, int) else ""


def _offset(marker: Mapping[str, Any]) -> str:
    return str(marker["offset"]) if marker.get("offset") is not None else "not a number"


def _clock(seconds: object) -> str:
    return format_elapsed(seconds).lstrip("+") if isinstance(seconds, int | float) else ""


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _listed(facts: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    entries = facts.get(name)
    return [one for one in entries if isinstance(one, Mapping)] if isinstance(entries, list) else []
