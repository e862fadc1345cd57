"""Puts the tracks of text of a master together: those of its wrapper, captions in band, and files next to it. Opens no
file and judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts
from deliverqc.measuring.text_clock import PictureClock
from deliverqc.probing import Probed
from deliverqc.timed_text.model import Document, TextError

if TYPE_CHECKING:
    from deliverqc.measuring.text_sidecars import Sidecar
    from deliverqc.signals.tables import Signals, TextSignal

_CAPTION_CODECS = ("eia-608", "eia-708", "eia_608", "eia_708", "cc_dec", "cea-608", "cea-708", "c608", "c708")
"""As libav, MediaInfo and sample entries name captions."""

_SIDECAR = "sidecar"

_TEXT_SERVICES = ("t1", "t2", "t3", "t4", "xds")


def with_text_tracks(probed: Probed, signals: Signals | None, sidecars: Sequence[Sidecar]) -> Probed:
    """What was probed of media, with every track of text whose text was read: of the wrapper and in band where
    `signals` hold them, and of `sidecars`, which may be among them already. Where a reader was lost and nobody knows
    which tracks the wrapper has, the list stays missing."""
    facts: Facts = {
        "timed_text.sidecars": [{"file": one.file, "role": one.role, "error": one.error} for one in sidecars]
    }
    tracks = probed.facts.get("timed_text.tracks")
    if isinstance(tracks, list):
        clock = _clock(probed, signals)
        own = [track for track in tracks if track["source"] != _SIDECAR]
        known = [track for track in tracks if track["source"] == _SIDECAR]
        listed = own if signals is None or signals.part is not None else _decoded(probed, own, signals, clock)
        if not known or clock != _clock(probed, None):
            known = [track for one in sidecars for track in _of_sidecar(one, clock)]
        listed = listed + known
        has_picture = probed.facts.get("picture.track_count") != 0
        facts["timed_text.tracks"] = [_measured(one) if clock is None and has_picture else one for one in listed]
    return replace(probed, facts=probed.facts | facts)


def _measured(track: Facts) -> Facts:
    """A track without what only the picture shows: there is one, and its rate is not known."""
    return {name: value for name, value in track.items() if name != "beyond_picture_s"}


def _clock(probed: Probed, signals: Signals | None) -> PictureClock | None:
    rate = probed.frame_rate
    if rate is None or (probed.picture_index is None and probed.frames is None):
        return None
    picture = None if signals is None or signals.part is not None else signals.picture
    if picture is not None and picture.frame_count:
        duration: Fraction | None = Fraction(float(picture.start_s[-1])).limit_denominator(10**6) + 1 / rate
    else:
        frames = probed.promised_frame_count
        duration = None if frames is None else frames / rate
    return PictureClock(frame_rate=rate, duration_s=duration, start=probed.start)


def _of_sidecar(sidecar: Sidecar, clock: PictureClock | None) -> list[Facts]:
    from deliverqc.measuring.timed_text import track_facts

    if sidecar.error is not None:
        return [_refused(sidecar)]
    found = []
    for document in sidecar.documents:
        track = track_facts(
            document,
            source=_SIDECAR,
            file=sidecar.file,
            role=sidecar.role,
            size_bytes=sidecar.size_bytes,
            picture=clock,
        )
        errors = [one | {"message": f"{sidecar.file}: {one['message']}"} for one in track["errors"]]
        found.append(track | {"language": track["language"] or sidecar.language, "errors": errors})
    return found


def _refused(sidecar: Sidecar) -> Facts:
    """A file that could not be read, of which everything but its name is open."""
    extension = PurePath(sidecar.file).suffix.lower().removeprefix(".") or "unknown"
    return {
        "codec": extension,
        "format": f"other:{extension}",
        "language": sidecar.language,
        "source": _SIDECAR,
        "is_read": False,
        "error": sidecar.error,
        "index": None,
        "file": sidecar.file,
        "role": sidecar.role,
    }


def _decoded(probed: Probed, tracks: Sequence[Facts], signals: Signals, clock: PictureClock | None) -> list[Facts]:
    """The tracks of the wrapper, those that were read with their text; then the captions in band."""
    texts = {one.index: one for one in signals.texts}
    lost = {index for index, _ in probed.text_tracks} - texts.keys()
    captions = _captions(signals, clock)
    is_complete = _has_every_caption(probed, signals)
    empty = _tracks_without_captions(signals)
    listed: list[Facts] = []
    for track in tracks:
        index = track.get("index")
        if isinstance(index, int) and index in lost:
            listed.append(track | {"error": f"Not all of text track {index} could be read: a packet is damaged."})
        elif isinstance(index, int) and index in texts:
            listed.append(_of_wrapper(track, texts[index], clock))
        elif track["codec"] not in _CAPTION_CODECS:
            listed.append(track)
        elif isinstance(index, int) and index in empty:
            listed.append(_of_empty(track, empty[index], clock))
        elif not any(_is_in(track, one, is_complete=is_complete) for one in captions):
            listed.append(track)
    return listed + captions


def _has_every_caption(probed: Probed, signals: Signals) -> bool:
    """Whether all that the pictures and the ancillary data carry of captions was read."""
    from deliverqc.measuring.caption_documents import is_read

    is_one_picture = probed.facts.get("picture.track_count") in (0, 1)
    return is_one_picture and is_read(signals) and signals.log.caption_tracks is not None


def _is_in(track: Facts, caption: Facts, *, is_complete: bool) -> bool:
    """Whether a service that was read is what a reader of the wrapper lists as a track: that of a track of its own by
    its position, and what is in the picture or in ancillary data where `is_complete`, since nobody says which it is."""
    if caption["carrier"] in ("cea_608", "cea_708"):
        return bool(caption["index"] == track.get("index"))
    return is_complete


def _captions(signals: Signals, clock: PictureClock | None) -> list[Facts]:
    if not signals.captions:
        return []
    from deliverqc.measuring.caption_documents import caption_documents
    from deliverqc.measuring.timed_text import track_facts

    found = []
    for one in caption_documents(signals):
        document = replace(one.document, time_base="media")
        track = track_facts(
            document,
            source="in_band",
            index=one.track_index,
            role=None if document.service in _TEXT_SERVICES else "closed_caption",
            picture=clock,
        )
        found.append(track | {"carrier": one.carrier, "start_hour": 0})
    return found


def _tracks_without_captions(signals: Signals) -> dict[int, str]:
    """Format of the tracks of captions that were read to the end and hold nothing."""
    return {
        one.index: one.carrier
        for one in signals.log.caption_tracks or ()
        if not one.services and one.carrier in ("cea_608", "cea_708") and not signals.log.errors
    }


def _of_empty(track: Facts, format_: str, clock: PictureClock | None) -> Facts:
    from deliverqc.measuring.timed_text import track_facts

    document = Document(format=format_, events=(), time_base="media", language=track.get("language"))
    read = track_facts(document, source="in_band", index=track["index"], role="closed_caption", picture=clock)
    return read | {"carrier": format_}


def _of_wrapper(track: Facts, signal: TextSignal, clock: PictureClock | None) -> Facts:
    """The track with its text; as its wrapper states it where that cannot be read."""
    from deliverqc.measuring.timed_text import track_facts
    from deliverqc.timed_text.samples import read_samples

    try:
        document = read_samples(signal.coding, signal.header.tobytes(), _samples(signal), f"track {signal.index}")
    except TextError as error:
        return track | {"error": error.message}
    read = track_facts(
        _shifted(document, signal.origin_s), source="wrapper", index=signal.index, role=signal.role, picture=clock
    )
    stated: dict[str, Any] = {"codec": track["codec"], "language": track.get("language") or document.language}
    return read | stated | {"start_hour": 0 if document.events else None}


def _samples(signal: TextSignal) -> list[Any]:
    from deliverqc.timed_text.samples import Sample

    data, place = signal.data.tobytes(), 0
    found = []
    rows = zip(signal.stamps.tolist(), signal.durations.tolist(), signal.sizes.tolist(), strict=True)
    for stamp, duration, size in rows:
        end = (stamp + duration) * signal.tick_s if duration else None
        found.append(Sample(begin_s=stamp * signal.tick_s, end_s=end, data=data[place : place + size]))
        place += size
    return found


def _shifted(document: Document, origin: Fraction) -> Document:
    """The document on the clock of the first picture."""
    if not origin:
        return document
    events = tuple(
        replace(one, begin_s=one.begin_s - origin, end_s=None if one.end_s is None else one.end_s - origin)
        for one in document.events
    )
    return replace(document, events=events)
