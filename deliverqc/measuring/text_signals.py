"""Takes from the signals what timed text is held to: shot changes, and when somebody begins to speak; knows no text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from deliverqc.facts.groups import SUBSTREAMS, Group
from deliverqc.facts.languages import NO_LANGUAGE, language_of
from deliverqc.measuring.shot_changes import ShotChanges, shot_changes
from deliverqc.measuring.timelines import start_of, timeline_of
from deliverqc.meters import dialogue
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import ROWS_PER_SECOND

if TYPE_CHECKING:
    from deliverqc.probing import Probed
    from deliverqc.signals.tables import Signals

_SPEECH = dialogue.METER.extension
VOICE = "voice"
"""The columns by which speech is looked for where there is text; without them, those of dialogue."""

UNREAD = -1.0
"""Of those columns: nobody listened."""


def shots_of(probed: Probed, signals: Signals) -> ShotChanges | None:
    """The shot changes of the picture; None where there is none, or where its frames do not come steadily."""
    if signals.picture is None or any(name.startswith("picture") for name in signals.log.undecodable):
        return None
    timeline = timeline_of(probed, signals)
    is_steady = timeline.frame_starts_s is None and timeline.frame_numbers is None
    return shot_changes(signals.picture) if is_steady and signals.picture.first_frame == 0 else None


def starts_of_speech(signals: Signals, groups: Sequence[Group]) -> Callable[[str | None], Sequence[float] | None]:
    """When speech starts in the mix of a language: in the first one in that language, else in the first that is not
    music and effects. None where
    nobody asked for speech, or it was not measured; empty where there is no audio."""

    @cache
    def of_group(number: int) -> Sequence[float] | None:
        return _starts(signals, groups[number])

    def of_language(language: str | None) -> Sequence[float] | None:
        if not groups:
            return () if not signals.sounds and not signals.log.undecodable else None
        spoken = language_of(language)
        heard = [language_of(group.language) for group in groups]
        if spoken in heard:
            return of_group(heard.index(spoken))
        return of_group(next((at for at, one in enumerate(heard) if one != NO_LANGUAGE), 0))

    return of_language


def _starts(signals: Signals, group: Group) -> Sequence[float] | None:
    column = next((f"{name}.probability" for name in (VOICE, _SPEECH) if name in signals.extensions), None)
    if column is None or group.formed_by == SUBSTREAMS:
        return None
    places = [
        place
        for place, label in zip(group.channels, group.labels, strict=True)
        if group.layout is None or not label.startswith("LFE")
    ]
    tables = signals.sounds
    if not places or any(
        track >= len(tables) or channel >= tables[track].k_energy.shape[1] for track, channel in places
    ):
        return None
    probability = np.full(max(tables[track].row_count for track, _ in places), UNREAD, dtype=np.float32)
    for track, channel in places:
        heard = tables[track].extended[column][:, channel]
        np.maximum(probability[: len(heard)], heard, out=probability[: len(heard)])
    begin_s = start_of(tables[places[0][0]])
    found = runs(dialogue.speech(probability, dialogue.METER.resolve({})))
    is_begun = (one.start for one in found if one.start and probability[one.start - 1] != UNREAD)
    return [begin_s + start / ROWS_PER_SECOND for start in is_begun]
