"""Holds the tracks of timed text to the picture and the audio of their master: the one place where the two meet. It
reads no text, and knows no limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts
from deliverqc.measuring.text_languages import language_facts, without_forced

if TYPE_CHECKING:
    from deliverqc.facts.groups import Group
    from deliverqc.measuring.shot_changes import ShotChanges
    from deliverqc.probing import Probed
    from deliverqc.signals.tables import Signals

_TRACKS = "timed_text.tracks"
_EDGES = ("start", "end")
_SHOWN_ALONE = "file"

Track = Mapping[str, Any]
StartsOfSpeech = Callable[[str | None], Sequence[float] | None]
"""When speech starts in the audio of a language, in seconds after the first frame; None where it was not measured."""


def compared_text(facts: Facts, probed: Probed, signals: Signals | None, groups: Sequence[Group]) -> Facts:
    """`timed_text.tracks` of `facts` with what the picture and the audio say of each, and the languages that lack a
    forced narrative. Without `signals`, what headers show. Nothing of a file of text, which stands alone."""
    tracks = facts.get(_TRACKS)
    if tracks is None or any(track.get("source") == _SHOWN_ALONE for track in tracks):
        return {}
    sounds = facts.get("sound.tracks")
    compared = [{**track, **_of_headers(track, facts, sounds)} for track in tracks]
    if signals is not None and signals.part is None and any(track.get("events") for track in compared):
        from deliverqc.measuring.text_signals import shots_of, starts_of_speech  # numpy, which headers do not need

        shots, speech = shots_of(probed, signals), starts_of_speech(signals, groups)
        rate = None if signals.picture is None else float(signals.picture.frame_rate)
        compared = [with_speech(track, speech) for track in compared]
        if shots is not None and rate is not None:
            compared = [with_shots(track, shots, rate) for track in compared]
    return {_TRACKS: compared, **without_forced(compared, sounds)}


def _of_headers(track: Track, facts: Facts, sounds: Sequence[Track] | None) -> Facts:
    from deliverqc.measuring.text_on_picture import clock_facts  # 7 ms that masters without text do not have

    return clock_facts(track, facts) | language_facts(track, sounds)


def with_shots(track: Track, shots: ShotChanges, frame_rate_hz: float) -> Facts:
    """The track with the distance of each edge of its events from the nearest shot change; without it where the
    nearest one cannot be told."""
    if "events" not in track:
        return dict(track)
    return {**track, "events": [{**event, **_distances(event, shots, frame_rate_hz)} for event in track["events"]]}


def _distances(event: Track, shots: ShotChanges, frame_rate_hz: float) -> Facts:
    found: Facts = {}
    for edge in _EDGES:
        at = event.get(f"{edge}_s")
        try:
            found[f"{edge}_shot_change_frames"] = None if at is None else shots.distance(round(at * frame_rate_hz))
        except LookupError:
            continue
    return found


def with_speech(track: Track, starts: StartsOfSpeech) -> Facts:
    """The track with how far its events are from speech."""
    events = track.get("events")
    if events is None:
        return dict(track)
    speech = starts(track.get("language"))
    if speech is None:
        return dict(track)
    from deliverqc.measuring.text_speech import speech_distance  # as above

    distance = speech_distance(list(_starts(events)), speech)
    return {
        **track,
        **{name: None if value is None else round(value, 3) + 0.0 for name, value in asdict(distance).items()},
    }


def _starts(events: Iterable[Track]) -> Iterable[float]:
    return (event["start_s"] for event in events if not event["is_empty"])
