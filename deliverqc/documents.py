"""The published JSON documents as frozen, typed values; knows how to read them and nothing of how they are made.

An attribute is named after the member of the JSON object, `document["decision"]` gives that member as plain JSON, and
`to_document()` gives the whole object. Members that this version does not know have no attribute and are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from deliverqc.errors import UsageError
from deliverqc.verdict import SCHEMA_VERSION, Decision, FailOn, Level, Outcome

Entry = TypeVar("Entry")


class _Kept(Protocol):
    """What keeps the JSON object that it was read from."""

    @property
    def _document(self) -> Mapping[str, Any]: ...


def _member(self: _Kept, key: str) -> Any:  # noqa: ANN401
    """The member `key` as plain JSON; KeyError where there is none. Do not change it: `to_document()` gives a copy."""
    return self._document[key]


def _member_or(self: _Kept, key: str, default: Any = None) -> Any:  # noqa: ANN401
    """The member `key` as plain JSON, or `default` where there is none."""
    return self._document.get(key, default)


def _has(self: _Kept, key: object) -> bool:
    """Whether the JSON object has the member `key`."""
    return key in self._document


def _names(self: _Kept) -> Iterator[str]:
    """The names of the members, in their order."""
    return iter(self._document)


def _copy(self: _Kept) -> dict[str, Any]:
    """The JSON object, as a copy that is yours to change."""
    return plain_object(self._document)


def plain_object(value: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `value` as JSON holds it: tuples become lists, words of closed sets strings.

    ValueError or TypeError where JSON has nothing for a value in it; NaN and infinities are such.
    """
    copied: dict[str, Any] = json.loads(json.dumps(value, allow_nan=False))
    return copied


_WORDS: Mapping[Any, str] = {
    dict: "a JSON object",
    list: "a list",
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceEntry:
    """Where a clause was read, and how sure we are of our reading."""

    document: str | None = None
    edition: str | None = None
    section: str | None = None
    url: str | None = None
    confidence: str | None = None
    read_on: str | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedEntry:
    """The document's own figure, where the bound of a clause differs from it: `words` for a reader, `fact` whose bound
    it is."""

    value: Any
    unit: str | None = None
    tolerance: float | str | None = None
    why: str | None = None
    fact: str | None = None
    words: str | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class FixEntry:
    """How a master can be corrected without a new export; `is_lossless`: the essence stays as it is, bit for bit."""

    how: str
    is_lossless: bool
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class LostReaderEntry:
    """A reader that gave up on a master: the facts that only it gives are missing."""

    reader: str
    reason: str
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverEntry:
    """An exception that was granted for a failing clause. `also` are further ones for the same clause."""

    reason: str
    who: str
    until: str
    clause: str | None = None
    fingerprints: tuple[str, ...] = ()
    range: Mapping[str, float] | None = None
    state: Literal["applied", "partial", "barred", "expired"] | None = None
    uncovered_findings: int | None = None
    also: tuple[WaiverEntry, ...] = ()
    kind: Literal["creative_intent", "best_possible", "platform_agreed", "checked_elsewhere"] | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class TextEventEntry:
    """One event of a track of text: its number in the order of the file, from 1, its times after the first frame, and
    its text, which is shortened. `end_s` is None where no end is stated, `start_timecode` where there is none.
    `characters_per_second` is its reading speed, and is stated in evidence only."""

    number: int
    start_s: float
    end_s: float | None
    start_timecode: str | None
    text: str
    is_image: bool
    characters_per_second: float | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingEntry:
    """One place where the facts break a clause.

    `actual` is the value as in the facts, `expected` is in words, `stated` the document's own
    figure where that is another. `where` names track, group or channel, from 0; `span`
    is the span concerned, as in the facts. `event` is the event of a track of text that it is about.
    """

    fact: str
    actual: Any
    expected: str
    unit: str | None
    message: str
    where: Mapping[str, int | str | None]
    span: Mapping[str, Any] | None
    fingerprint: str
    stated: str | None = None
    event: TextEventEntry | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseEntry:
    """How one clause came out. `note` and `missing_facts` say why it was not measured or does not apply.
    `finding_count` says how many findings there were, where only the most telling are kept."""

    id: str
    title: str
    level: Level
    outcome: Outcome
    source: SourceEntry
    why: str | None
    remedy: str | None
    severity: str | None
    note: str | None
    waiver: WaiverEntry | None
    missing_facts: tuple[str, ...]
    findings: tuple[FindingEntry, ...]
    basis: Literal["demanded", "our_extension", "our_reading"] | None = None
    stated: StatedEntry | None = None
    fixable: FixEntry | None = None
    finding_count: int | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class ManualEntry:
    """What no program can judge: an item to sign off by hand. `awaits` names the meter that could judge it one day."""

    id: str
    title: str
    source: SourceEntry
    why: str | None = None
    remedy: str | None = None
    awaits: str | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecEntry:
    """The spec that a verdict is about."""

    id: str
    edition: str
    revision: int
    title: str
    publisher: str | None = None
    read_on: str | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedEntry:
    """A spec of a family that does not fit the master, by id, and why."""

    spec: str
    reason: str
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class FamilyEntry:
    """The family that was asked for, and why the spec was chosen from it."""

    id: str
    title: str
    reason: str
    tried: tuple[TriedEntry, ...]
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvenanceEntry:
    """How the facts came about: settings and version of each meter, and the libraries that read the master.

    `settings` is None where the facts came without them.
    """

    spec_sha256: str | None
    facts_sha256: str
    settings: Mapping[str, Mapping[str, Any]] | None
    meters: Mapping[str, int]
    libraries: Mapping[str, str]
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class OldReadingEntry:
    """A document that was read more than a year before the day of the check, `days` before it."""

    document: str
    edition: str | None = None
    read_on: str
    days: int
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictEntry:
    """The verdict of one spec on one subject.

    `spec` is None where nothing in the family fits, and `family` is None where a spec was asked for by itself.
    `advisory`: the spec only recommends. `reason` says in one sentence why the decision is what it is. `counts` has
    the number of clauses by outcome. `scope` has the matters that alone are judged ("loudness"), nothing where a pass
    means the deliverable. `old_readings` has the documents of the spec that were read more than a year before the day
    of the check. `fact_counts` has the lengths of the lists in `facts` that are not kept whole.
    """

    spec: SpecEntry | None
    family: FamilyEntry | None
    decision: Decision
    advisory: bool
    reason: str
    counts: Mapping[str, int]
    facts: Mapping[str, Any] = field(repr=False)
    provenance: ProvenanceEntry = field(repr=False)
    clauses: tuple[ClauseEntry, ...]
    manual: tuple[ManualEntry, ...]
    fact_counts: Mapping[str, int] | None = None
    scope: tuple[str, ...] = ()
    old_readings: tuple[OldReadingEntry, ...] = ()
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveEntry:
    """The lowest and highest value of each step of a measurement; None where there is none.

    `group` is the channel group, from 0, or None for the picture and for text; `track` is the track of text, from 0.
    """

    name: str
    unit: str
    group: int | None
    start_s: float
    step_s: float
    min: tuple[float | None, ...]
    max: tuple[float | None, ...]
    track: int | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class StillEntry:
    """One frame as a JPEG in base64."""

    frame: int
    timecode: str | None
    role: str
    jpeg_base64: str
    fingerprint: str | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptionsEntry:
    """A track of text that was read, with its events in the order of the file. `track` is its place in the facts, from
    0; `name` is its file or its service of captions. `left_out` is how many of its `event_count` events are not
    listed: all findings keep theirs as far as there is space."""

    track: int
    name: str | None
    format: str
    role: str | None
    language: str | None
    event_count: int
    left_out: int
    events: tuple[TextEventEntry, ...]
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceEntry:
    """Lets a reader see a finding; decides nothing."""

    curves: tuple[CurveEntry, ...] = ()
    stills: tuple[StillEntry, ...] = ()
    captions: tuple[CaptionsEntry, ...] = ()
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectEntry:
    """What was judged in a master, with one verdict for each spec."""

    id: str
    kind: Literal["file", "composition", "set"]
    title: str
    decision: Decision
    evidence: EvidenceEntry = field(repr=False)
    verdicts: tuple[VerdictEntry, ...]
    noticed: tuple[ClauseEntry, ...] = ()
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorEntry:
    """Why a master could not be read. `code` is a stable word."""

    code: str
    message: str
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class MasterEntry:
    """One master. `error` is None where the master could be read. The tier `headers` means that nothing was decoded.
    `sidecars`: files of text that were judged with it, each with its `file`, `role` and `error`."""

    path: str
    name: str
    size_bytes: int | None
    sha256: str | None
    tier: Literal["headers", "full"]
    decision: Decision
    error: ErrorEntry | None
    subjects: tuple[SubjectEntry, ...]
    hashes: Mapping[str, str] | None = None
    readers_lost: tuple[LostReaderEntry, ...] = ()
    sidecars: tuple[Mapping[str, Any], ...] = ()
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestEntry:
    """What was asked for, beyond masters and specs. `range` is the part that was measured; None for the whole.
    `frame_rate` was given for image sequences that state none, `programme` are its parts where they were given.
    `composition` is the one of a package that was asked for, `companions` are the packages given with
    `--with`, `texts` the files of text, each with its `role` and `path`; `has_sidecars` is false where those next to
    the master were left out, `is_hashed` where hashes were left out. `lock_sha256` is that of the lock that the specs
    were held to; None where there was none."""

    fail_on: FailOn
    as_of: str
    only: tuple[str, ...]
    skip: tuple[str, ...]
    expectations: Mapping[str, Any]
    waivers_sha256: str | None
    lock_sha256: str | None = None
    range: str | None = None
    frame_rate: str | None = None
    programme: tuple[str, ...] = ()
    composition: str | None = None
    companions: tuple[str, ...] = ()
    texts: tuple[Mapping[str, str], ...] = ()
    has_sidecars: bool = True
    is_hashed: bool = True
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictDocument:
    """Everything that a check found: what `deliverqc check --format json` prints."""

    schema_version: int
    tool: Mapping[str, str]
    decision: Decision
    request: RequestEntry
    masters: tuple[MasterEntry, ...]
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> VerdictDocument:
        """Read a JSON verdict that was kept. UsageError where it is not one of this schema_version."""
        return _document(cls, document, what="a verdict document", code="not-a-verdict", command="check --format json")


@dataclass(frozen=True, kw_only=True, slots=True)
class FactsMasterEntry:
    """The master that facts were measured on. `range` is the part that was measured; None for the whole."""

    path: str
    name: str
    size_bytes: int | None
    tier: Literal["headers", "full"]
    range: Mapping[str, Any] | None = None
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class FactsSubjectEntry:
    """The facts of one subject by registered name, and the settings of each meter. A missing fact was not measured."""

    id: str
    kind: Literal["file", "composition", "set"]
    title: str
    settings: Mapping[str, Mapping[str, Any]] | None = field(repr=False)
    facts: Mapping[str, Any]
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy


@dataclass(frozen=True, kw_only=True, slots=True)
class FactsDocument:
    """What was measured on a master: what `deliverqc facts` prints and `judge` takes."""

    schema_version: int
    master: FactsMasterEntry
    subjects: tuple[FactsSubjectEntry, ...]
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> FactsDocument:
        """Read facts that were kept. UsageError where they are not a facts document of this schema_version."""
        return _document(cls, document, what="a facts document", code="not-facts", command="facts")


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbedFacts:
    """What the headers of a master say: `facts` by registered name. A missing fact is not in the headers."""

    facts: Mapping[str, Any]
    _document: Mapping[str, Any] = field(repr=False)

    __getitem__, __contains__, __iter__ = _member, _has, _names
    get, to_document = _member_or, _copy

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> ProbedFacts:
        """Keep a copy of `facts`."""
        copied = plain_object(facts)
        return cls(facts=copied, _document=copied)


def _document(kind: type[Entry], document: Mapping[str, Any], *, what: str, code: str, command: str) -> Entry:
    try:
        if not isinstance(document, Mapping):
            raise ValueError(f"it is a {type(document).__name__}, not a JSON object")
        version = document.get("schema_version")
        if version != SCHEMA_VERSION:
            raise ValueError(f"its schema_version is {version!r}")
        return _entry(kind, plain_object(document), "")
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"This is not {what} of schema_version {SCHEMA_VERSION}: {error}. "
            f"Make it again with `deliverqc {command}`.",
            code=code,
        ) from error


def _entry(kind: type[Entry], document: Mapping[str, Any], place: str) -> Entry:
    """The JSON object as `kind` has it. ValueError names the first member that is missing or of another type."""
    values: dict[str, Any] = {"_document": document}
    dataclass_of: Any = kind
    for name, (annotation, is_required) in _annotations(dataclass_of).items():
        inside = f"{place}.{name}".lstrip(".")
        if name in document:
            values[name] = _typed(annotation, document[name], inside)
        elif is_required:
            raise ValueError(f"{inside} is missing")
    return kind(**values)


@cache
def _annotations(kind: Any) -> Mapping[str, tuple[Any, bool]]:  # noqa: ANN401
    """The annotation of each member, and whether it is always there."""
    hints = get_type_hints(kind)
    return {one.name: (hints[one.name], one.default is MISSING) for one in fields(kind) if one.name != "_document"}


def _typed(annotation: Any, value: Any, place: str) -> Any:  # noqa: ANN401
    """A JSON value as the annotation has it."""
    if annotation is Any:
        return value
    if get_origin(annotation) in (Union, UnionType):
        arms = [one for one in get_args(annotation) if one is not NoneType]
        if value is None and len(arms) < len(get_args(annotation)):
            return None
        for one in arms[:-1]:
            with suppress(ValueError):
                return _typed(one, value, place)
        annotation = arms[-1]
    origin = get_origin(annotation)
    if origin is tuple:
        (item, _) = get_args(annotation)
        return tuple(_typed(item, one, f"{place}[{number}]") for number, one in enumerate(_as(list, value, place)))
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _entry(annotation, _as(dict, value, place), place)
    if origin is Literal or (origin is None and issubclass(annotation, StrEnum)):
        words = get_args(annotation) or tuple(annotation)
        if value not in words:
            raise ValueError(f"{place} is {value!r}, which is not one of {', '.join(words)}")
        return value if origin is Literal else annotation(value)
    if annotation is float and isinstance(value, int):
        return value
    return _as(dict if origin is not None else annotation, value, place)


def _as(kind: type[Entry], value: Any, place: str) -> Entry:  # noqa: ANN401
    if not isinstance(value, kind):
        raise ValueError(f"{place} is {value!r:.60}, which is not {_WORDS[kind]}")
    return value
