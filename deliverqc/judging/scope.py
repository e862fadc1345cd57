"""Whether a spec is the right one for a subject, and what a subject does not have at all; evaluates no clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deliverqc.speclang.model import RECOGNISED_ID, WHOLE_ID, Choice, Clause, Spec, Unit
from deliverqc.verdict import ClauseOutcome, Finding, Level

ONE_FILE_OF: Mapping[Unit, str] = {
    Unit.PACKAGE: "this is one track file of a package: give the folder",
    Unit.SET: "this is one file of a set: give the whole set",
}
"""Why one file is not enough for a spec for packages or sets."""


_BETWEEN_TRACKS = ("cross_check.track_", "decode.sound_")
"""Facts that are null where there is only one track to compare."""

_HELD_AS_DATA = "sound.iab."
"""Facts of immersive audio, which a DCP holds in a data track."""

_TRACKS: Mapping[str, str] = {"picture.": "picture", "sound.": "audio"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """An essence that the subject does not have: what breaks a clause on it has one cause."""

    words: str
    prefixes: tuple[str, ...]
    required: str

    @property
    def finding(self) -> Finding:
        """What is reported in place of all that follows from it."""
        fact = f"{self.prefixes[0]}track_count"
        return Finding(
            fact=fact,
            actual=0,
            expected=self.required,
            unit=None,
            message=self.words,
        )

    def causes(self, clause: ClauseOutcome) -> bool:
        """Whether all that breaks a failing clause is about the essence that is not there."""
        return bool(clause.findings) and all(
            (one.fact.startswith(self.prefixes) and not one.fact.startswith(_HELD_AS_DATA))
            or (one.actual is None and one.fact.startswith(_BETWEEN_TRACKS))
            for one in clause.findings
        )


_NEXT_TO_MEDIA = ("wrapper", "in_band", "sidecar")
TEXT_ALONE = "the master is a file of text: there is no picture and no audio"


def has_read_text(facts: Mapping[str, Any]) -> bool:
    """Whether the master is text that was read: a file or an asset of it, not a track of a wrapper of media, nor a file
    next to it."""
    tracks = facts.get("timed_text.tracks")
    return isinstance(tracks, list) and any(
        isinstance(one, Mapping) and one.get("is_read") is True and one.get("source") not in _NEXT_TO_MEDIA
        for one in tracks
    )


def may_have_read_text(facts: Mapping[str, Any]) -> bool:
    """Whether the text of a track was read, could not be, or may have been: a fact that is missing leaves that open
    where there are tracks of text."""
    tracks = facts.get("timed_text.tracks")
    if not isinstance(tracks, list):
        count = facts.get("timed_text.track_count")
        if facts.get("timed_text.sidecars"):
            return True
        return isinstance(count, int) and count > 0
    return any(
        not isinstance(one, Mapping) or one.get("is_read") is not False or one.get("error") is not None
        for one in tracks
    )


def is_text_alone(facts: Mapping[str, Any]) -> bool:
    """Whether the subject is text that was read, and nothing else."""
    return all(facts.get(f"{prefix}track_count") == 0 for prefix in _TRACKS) and has_read_text(facts)


def absence_of(facts: Mapping[str, Any]) -> Absence | None:
    """The essence that the facts say is not there: audio, picture or both."""
    absent = tuple(prefix for prefix in _TRACKS if facts.get(f"{prefix}track_count") == 0)
    if not absent:
        return None
    words = f"there is no {' and no '.join(_TRACKS[one] for one in absent)} track"
    required = f"at least one {_TRACKS[absent[0]]} track"
    if is_text_alone(facts) and all(one.get("shown_event_count") == 0 for one in facts["timed_text.tracks"]):
        words = f"{words}, and the text shows nothing"
        required = "text that is on screen"
    return Absence(words=words, prefixes=absent, required=required)


def recognised_clause(spec: Spec) -> Clause:
    """The clause that a master is of the kind that the spec, named by its id, is for."""
    return Clause(
        id=RECOGNISED_ID,
        title=f"This is the kind of master that {spec.title} is for",
        level=Level.SHALL,
        source={"document": spec.title, "edition": spec.edition},
        schema={},
        spec_id=spec.id,
        remedy="Check that this is the right file and the right spec: `deliverqc spec show` says what it is for.",
    )


def whole_clause(spec: Spec) -> Clause:
    """The clause that the whole package or set is judged, not one file of it."""
    return Clause(
        id=WHOLE_ID,
        title="The whole package is checked" if spec.unit is Unit.PACKAGE else "The whole set is checked",
        level=Level.SHALL,
        source={"document": spec.title, "edition": spec.edition},
        schema={},
        spec_id=spec.id,
        remedy="Check the folder that holds the whole delivery.",
    )


def recognised_in_family(choice: Choice, facts: Mapping[str, Any]) -> tuple[Clause, Finding]:
    """The clause that a master is a deliverable of a family, and the finding that it is none."""
    accepted = "; ".join(choice.deliverables)
    clause = Clause(
        id=RECOGNISED_ID,
        title=f"It is a deliverable that {choice.family.title} accepts",
        level=Level.SHALL,
        source={"document": choice.family.title},
        schema={},
        spec_id=choice.family.id,
        remedy=choice.family.when_none_fits,
    )
    message = f"none of its deliverables fits ({accepted}). {choice.family.when_none_fits}"
    finding = Finding(
        fact="wrapper.format", actual=facts.get("wrapper.format"), expected=accepted, unit=None, message=message
    )
    return clause, finding
