"""Turns the timed text of a composition into facts: its tracks, with events at their place in the composition, and
what in its documents, track files and playlist does not agree; opens no file and judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts
from deliverqc.measuring.text_clock import PictureClock
from deliverqc.packages.model import CLOSED_CAPTION, PICTURE, SUBTITLE, TEXT_KINDS, Composition, Track, key_of
from deliverqc.packages.uses import named, placed, seconds
from deliverqc.timebase import format_rate

if TYPE_CHECKING:
    from pathlib import Path

    from deliverqc.measuring.compositions import PackagedComposition
    from deliverqc.measuring.package_text import PackagedText, Resource
    from deliverqc.timed_text.model import Document, Event

_UTF8 = "utf-8"
_ROLES = {
    "ForcedNarrativeSequence": "forced",
    "HearingImpairedCaptionsSequence": "caption",
    "CommentarySequence": "subtitle",
}
_KIND_ROLES = {SUBTITLE: "subtitle", CLOSED_CAPTION: "closed_caption"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Use:
    """A use of a text in a composition. `start`: where it begins, None where that is not known. `text`: None where
    its file is not there."""

    track: Track
    start: Fraction | None
    text: PackagedText | None
    path: Path | None
    name: str | None
    virtual: tuple[str, str]

    @property
    def document(self) -> Document | None:
        return None if self.text is None else self.text.document


def package_text_facts(packaged: PackagedComposition) -> Facts:
    """Facts of timed text; none of a composition without any. Lists of what is wrong are missing where a text could
    not be read, unless they have entries all the same."""
    uses = list(_uses(packaged))
    if not uses:
        return {}
    tracks = _continued([(use, _track(use, packaged.composition)) for use in uses])
    facts: Facts = {"timed_text.track_count": len(uses), "timed_text.tracks": tracks}
    is_known = all(use.document is not None for use in uses)
    for name, faults_of in _FAULTS.items():
        found = [named(use.track) | {"message": one} for use in uses if use.text is not None for one in faults_of(use)]
        if name == "language":
            found += list(_other_languages(uses))
        if found or is_known:
            facts[f"package.composition.timed_text_{name}_faults"] = found
    return facts


def unreadable_texts(packaged: PackagedComposition) -> Iterator[dict[str, Any]]:
    """Uses of text whose file is damaged, or is no text."""
    for use in _uses(packaged):
        if use.text is not None and use.text.is_refused:
            yield named(use.track) | {"message": use.text.unread or ""}


def _uses(packaged: PackagedComposition) -> Iterator[_Use]:
    package, composition = packaged.package, packaged.composition
    counts: dict[tuple[int, str], int] = {}
    for track, start in placed(composition):
        if track.kind not in TEXT_KINDS:
            continue
        path, mapped = package.file_of(track), package.mapped(track.identity.key)
        place = counts.get((track.reel, track.kind), 0)
        counts[(track.reel, track.kind)] = place + 1
        yield _Use(
            track=track,
            start=start,
            text=None if path is None else packaged.texts.get(path),
            path=path,
            name=None if mapped is None else package.name_of(mapped),
            virtual=(track.kind, track.sequence if composition.is_imf else str(place)),
        )


def _track(use: _Use, composition: Composition) -> Facts:
    """The members of `timed_text.tracks[]` of one use."""
    text, document, track = use.text, use.document, use.track
    role = _ROLES.get(track.element) or _KIND_ROLES[track.kind]
    length = track.duration_s
    where: Facts = {
        "asset_id": track.identity.text,
        "composition_reel": track.reel,
        "composition_language": track.language,
    }
    if text is not None:
        where |= _of_asset(text)
    if text is None or document is None or use.start is None or length is None or _is_too_often(document, track):
        return {
            "codec": "unknown" if document is None else document.format,
            "source": "package",
            "is_read": False,
            "index": None,
            "file": use.name,
            "role": role,
            **where,
        }
    from deliverqc.measuring.timed_text import track_facts  # imports the decoders

    placed_document, cut = _placed(document, track, use.start, length)
    facts = track_facts(
        placed_document,
        source="package",
        file=use.name,
        role=role,
        size_bytes=text.xml_bytes,
        picture=_picture(composition, track),
    )
    return facts | where | _of_document(document, text) | {"cut_events": cut}


def _is_too_often(document: Document, track: Track) -> bool:
    """Whether repeats make more events of a document than are read of one."""
    from deliverqc.timed_text.model import MOST_EVENTS

    return track.repeat_count * len(document.events) > MOST_EVENTS


def _picture(composition: Composition, text: Track) -> PictureClock | None:
    """The picture that the text belongs to, by the playlist; where there is none, its own rate counts."""
    pictures = [one for one in composition.tracks if one.kind == PICTURE]
    rate = next((one.edit_rate for one in pictures if one.edit_rate), text.edit_rate)
    if rate is None:
        return None
    lengths = [one.duration_s for one in pictures]
    known = [length for length in lengths if length is not None]
    is_known = bool(known) and len(known) == len(lengths)
    return PictureClock(frame_rate=rate, duration_s=sum(known, Fraction(0)) if is_known else None)


def _placed(document: Document, track: Track, start: Fraction, length: Fraction) -> tuple[Document, list[Facts]]:
    """The document on the clock of the composition, with the events that the playlist shows, cut to the part that is
    used; and those of which at least half an edit unit is cut, by their times in that part. Ticks of 4 ms are not
    frames, so less than that may be rounding."""
    repeats = max(1, track.repeat_count) if document.events else 1
    once = length / track.repeat_count if track.repeat_count else length
    entry = (track.entry_point or 0) / track.edit_rate if track.edit_rate else Fraction(0)
    origin = (document.start_s or Fraction(0)) + entry
    near = 1 / (2 * track.edit_rate) if track.edit_rate else Fraction(0)
    shown: list[Event] = []
    cut: list[Facts] = []
    for event in document.events:
        begin = event.begin_s - origin
        end = None if event.end_s is None else event.end_s - origin
        if begin <= -near or begin >= once or (end is not None and end >= once + near):
            cut.append(_cut(event, begin, end, once))
    for repeat in range(repeats):
        at = start + repeat * once
        for event in document.events:
            begin = event.begin_s - origin
            end = None if event.end_s is None else event.end_s - origin
            if begin < once and (begin >= 0 or end is None or end > 0):
                stop = None if end is None else min(end, once) + at
                shown.append(replace(event, begin_s=max(begin, Fraction(0)) + at, end_s=stop))
    return replace(document, events=tuple(shown), start_s=Fraction(0)), cut


def _cut(event: Event, begin: Fraction, end: Fraction | None, length: Fraction) -> Facts:
    return {
        "event": event.number,
        "line": event.line,
        "start_s": seconds(begin),
        "end_s": None if end is None else seconds(end),
        "used_s": seconds(length),
    }


def _of_asset(text: PackagedText) -> Facts:
    """What is known of an asset whether or not its text is read."""
    facts: Facts = {"is_mxf": text.track_file is not None, "asset_size_bytes": text.asset_bytes}
    held = text.track_file
    if held is not None:
        facts |= {
            "resource_id": held.resource_id,
            "container_duration": held.duration,
            "container_edit_rate": None if held.edit_rate is None else format_rate(held.edit_rate),
            "namespace_uri": held.namespace,
            "ucs_encoding": held.encoding,
            "descriptor_languages": list(held.languages),
        }
    return facts


def _of_document(document: Document, text: PackagedText) -> Facts:
    """What the document states of itself, and the fonts and images that it loads."""
    stated = document.start_s
    facts: Facts = {
        "start_time_s": None if stated is None else seconds(stated),
        "issue_date": document.issue_date,
        "namespaces": list(document.namespaces),
    }
    if document.start_s is not None and document.events:
        facts["start_hour"] = int(document.start_s // 3600)
    if text.fonts is not None:
        facts["fonts"] = [{"name": one.name, "file": one.file, "size_bytes": _size(one)} for one in text.fonts]
        facts["font_size_bytes"] = _font_bytes(text, text.fonts)
    if text.images is not None:
        facts["images"] = [_image(one) for one in text.images]
    return facts


def _font_bytes(text: PackagedText, loaded: Sequence[Resource]) -> int:
    """Of all fonts in a track file, used or not; of a text outside MXF, of those that it loads."""
    if text.track_file is None:
        return sum({one.file: _size(one) or 0 for one in loaded}.values())
    fonts = (one for one in text.track_file.resources if one.kind == "font" or "font" in (one.media_type or ""))
    return sum(one.size_bytes or 0 for one in fonts)


def _size(resource: Resource) -> int | None:
    return None if resource.found is None else resource.found.size_bytes


def _image(resource: Resource) -> Facts:
    found = resource.found
    return {
        "name": resource.name,
        "size_bytes": _size(resource),
        "width_px": None if found is None else found.width_px,
        "height_px": None if found is None else found.height_px,
    }


def _continued(tracks: Sequence[tuple[_Use, Facts]]) -> list[Facts]:
    """The tracks, the first event of each with the gap from what the same virtual track showed before."""
    last: dict[tuple[str, str], float | None] = {}
    for use, facts in tracks:
        events = facts.get("events", [])
        before = last.get(use.virtual)
        if events and before is not None:
            first = min(event["start_s"] for event in events)
            for event in events:
                if event["start_s"] == first and event["gap_before_s"] is None:
                    _follow(event, before, use.track.edit_rate)
        ends = [event["end_s"] for event in events]
        if ends:
            last[use.virtual] = None if None in ends else max(ends)
        elif facts.get("is_read") is False:
            last[use.virtual] = None
    return [facts for _, facts in tracks]


def _follow(event: Facts, before: float, rate: Fraction | None) -> None:
    event["gap_before_s"] = round(event["start_s"] - before, 6)
    if rate is not None and event.get("start_frame") is not None:
        event["gap_before_frames"] = round(event["gap_before_s"] * rate)


def _other_languages(uses: Sequence[_Use]) -> Iterator[dict[str, Any]]:
    """Subtitles of a reel in another language than those of the first reel that states one (RDD 52 section 7.2.2)."""
    firsts: dict[tuple[str, str], str] = {}
    for use in uses:
        language = None if use.document is None else use.document.language
        if use.track.kind != SUBTITLE or not language:
            continue
        first = firsts.setdefault(use.virtual, language)
        if first.lower() != language.lower():
            yield named(use.track) | {"message": f"is in {language}, and the first reel in {first}"}


def _language_faults(use: _Use) -> Iterator[str]:
    """Tags in text and playlist of different languages. Interop has names of languages, which are not compared."""
    document, stated = use.document, use.track.language
    if document is None or document.format != "dcst" or not document.language or not stated:
        return
    if document.language.split("-")[0].lower() != stated.split("-")[0].lower():
        yield f"is in {document.language} by its XML, and in {stated} by the composition"


def _id_faults(use: _Use) -> Iterator[str]:
    """RDD 52 section 10.4; of Interop the id in the playlist and that in the XML, as ClairMeta compares them."""
    document, held = use.document, None if use.text is None else use.text.track_file
    if document is None or document.format not in ("dcst", "dcsubtitle"):
        return
    asset, own = use.track.identity.key, key_of(document.id or "")
    if held is None:
        if document.format == "dcsubtitle" and asset != own:
            yield f"has the SubtitleID {document.id}, and is {use.track.identity.text} in the composition"
        return
    if held.resource_id is None:
        yield "has no ResourceID in its descriptor"
    elif held.resource_id != own:
        yield f"has the ResourceID {held.resource_id}, and the Id {document.id} in its XML"
    if asset in (held.resource_id, own):
        yield f"has the id {asset} for the track file and for its text"


def _duration_faults(use: _Use) -> Iterator[str]:
    """RDD 52 section 10.4.3; in other compositions the part that is used has to be in the track file."""
    held, track = None if use.text is None else use.text.track_file, use.track
    if held is None or track.duration is None:
        return
    if held.duration is None:
        yield "has no ContainerDuration in its descriptor"
    elif track.source_encoding is None and held.duration != track.duration:
        yield f"has a ContainerDuration of {held.duration}, and a Duration of {track.duration} in the composition"
    elif track.end is not None and held.duration < track.end:
        yield f"has a ContainerDuration of {held.duration}, and is used up to {track.end}"


def _rate_faults(use: _Use) -> Iterator[str]:
    document, held, rate = use.document, None if use.text is None else use.text.track_file, use.track.edit_rate
    if rate is None:
        return
    if held is not None and held.edit_rate not in (None, rate):
        yield f"has the sample rate {held.edit_rate}, and the edit rate {rate} in the composition"
    if document is not None and document.format == "dcst" and document.edit_rate not in (None, rate):
        yield f"has the EditRate {document.edit_rate} in its XML, and {rate} in the composition"


def _reel_faults(use: _Use) -> Iterator[str]:
    document = use.document
    if document is not None and document.reel is not None and document.reel != use.track.reel + 1:
        yield f"says reel {document.reel}, and is used in reel {use.track.reel + 1}"


def _resource_faults(use: _Use) -> Iterator[str]:
    text = use.text
    for what, kind, held in () if text is None else (("font", "font", text.fonts), ("image", "png", text.images)):
        for one in held or ():
            if one.found is None:
                yield f"lacks the {what} {one.file or one.name}"
            elif one.found.kind != kind:
                yield f"has the {what} {one.file or one.name}, which is not {'a font' if kind == 'font' else 'a PNG'}"


def _descriptor_faults(use: _Use) -> Iterator[str]:
    """ST 429-5: the descriptor has a sample rate, the encoding UTF-8 and the namespace of the root."""
    document, held = use.document, None if use.text is None else use.text.track_file
    if held is None or document is None:
        return
    if held.edit_rate is None:
        yield "has no SampleRate in its descriptor"
    if (held.encoding or "").lower() != _UTF8:
        yield f"has the UCSEncoding {held.encoding or '(none)'}; UTF-8 is required"
    if document.encoding not in (None, _UTF8):
        yield f"has XML in {document.encoding}; UTF-8 is required"
    if document.format == "dcst" and held.namespace not in document.namespaces:
        yield f"has the NamespaceURI {held.namespace or '(none)'}, which its XML does not have"
    elif document.format == "ttml":
        yield from _profile_fault(document, held.namespace)


def _profile_fault(document: Document, namespace: str | None) -> Iterator[str]:
    stated = (namespace or "").rpartition("/")[2]
    profile = document.profile or ""
    if namespace is None:
        yield "has no NamespaceURI in its descriptor"
    elif "/imsc" in namespace and profile.startswith("imsc") and stated in ("text", "image"):
        yield from (
            ()
            if profile.endswith(stated)
            else (f"has the NamespaceURI {namespace}, and text of the profile {profile}",)
        )


_FAULTS: Mapping[str, Callable[[_Use], Iterator[str]]] = {
    "id": _id_faults,
    "duration": _duration_faults,
    "rate": _rate_faults,
    "reel": _reel_faults,
    "language": _language_faults,
    "resource": _resource_faults,
    "descriptor": _descriptor_faults,
}
