"""What the command line does, as typed functions; they print nothing, read no environment and exit nowhere.

Every function may be called from any thread. Masters are read one at a time in a process: `check`, `probe` and
`measure` wait for each other, because libav has one log for the whole process, and a decoder's complaint about one
master must not land in the verdict of another. To read several masters at once, use several processes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from deliverqc import pipeline, reports
from deliverqc.documents import FactsDocument, ProbedFacts, VerdictDocument, plain_object
from deliverqc.entries import verdict_document
from deliverqc.errors import UsageError
from deliverqc.judging.references import require_clauses
from deliverqc.measuring.obtain import Progress
from deliverqc.measuring.ranges import Range
from deliverqc.measuring.registry import spec_library
from deliverqc.rejudge import judge_document
from deliverqc.request import Companions, Request, Tier, rate_from
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Family, Spec
from deliverqc.speclib.locking import load_lock, require_locked
from deliverqc.verdict import FailOn, Level

if TYPE_CHECKING:
    from deliverqc.judging.waivers import Waiver
    from deliverqc.signals.store import Store

PathText = str | PathLike[str]
"""A path, as text or as a path object."""

SpecChoice = PathText | Spec | Family
"""A spec or a family: by id, by the path of its file, or itself."""

Word = TypeVar("Word", bound=StrEnum)

_ONE_AT_A_TIME = threading.Lock()
_THIS_THREAD = threading.local()


def check(
    path: PathText,
    spec: SpecChoice | Sequence[SpecChoice],
    *,
    tier: Literal["headers", "full"] = "full",
    is_all: bool = False,
    expectations: Mapping[str, Any] | None = None,
    waivers: Sequence[Waiver] = (),
    fail_on: FailOn | Level | Literal["shall", "should", "noticed"] = "shall",
    as_of: date | None = None,
    spec_path: Sequence[PathText] = (),
    store: Store | None = None,
    progress: Progress | None = None,
    frame_rate: str | None = None,
    programme: Sequence[str] = (),
    composition: str | None = None,
    with_: Sequence[PathText] = (),
    has_sidecars: bool = True,
    is_hashed: bool = True,
    locked: PathText | None = None,
) -> VerdictDocument:
    """Check one master against one spec or several: the verdict document, as `deliverqc check --format json` prints it.

    `spec` is the id of a spec or a family, the path of a spec file, or what `load_spec` gave. `as_of` is the day on
    which waivers are judged, today by default. Without `store` nothing is kept between calls. `progress` gets the
    stage, the seconds of essence done and the seconds in all, or None; it is called in the thread that called `check`.
    `frame_rate` (`"24"`, `"24000/1001"`) times an image sequence whose frames do not state a rate. `programme` says
    where the programme is, as `--programme` does: `["10:00:00:00-10:24:30:00"]`. Of a package `composition` picks one
    by id or title, `with_` names the folders of originals (the OV of a version file, the IMP of a supplemental),
    and of a file the text that belongs to it (`"caption=film.scc"`); without `has_sidecars` files of text that share
    its name are left out, and without `is_hashed` its files are not compared with their hashes. `locked` is the path
    of a lock that `deliverqc spec lock` wrote: SpecError where a spec is not as it pins it.

    A master that cannot be read is not an exception: its entry has `error`, and the decision is `error`. UsageError
    when there is no such file, or an expectation, waiver or word cannot be used; SpecError when a spec cannot,
    PlugInError when a plug-in cannot.

    Waits while another thread reads a master. See the module on threads.
    """
    request = _request(expectations, waivers, fail_on, as_of, tier=_word(Tier, tier, "tier"), is_all=is_all)
    given = Companions.parse(map(str, with_))
    request = replace(
        request,
        frame_rate=rate_from(frame_rate) if frame_rate else None,
        programme=_programme(programme),
        composition=composition,
        companions=given.originals,
        texts=given.texts,
        has_sidecars=has_sidecars,
        is_hashed=is_hashed,
    )
    library = spec_library([Path(one) for one in spec_path])
    chosen = list(spec) if isinstance(spec, Sequence) and not isinstance(spec, str) else [spec]
    specs = [one if isinstance(one, Spec | Family) else library.resolve(str(one)) for one in chosen]
    request = replace(request, lock_sha256=_held_to(locked, library, specs))
    in_use = [spec for one in specs for spec in (library.members(one) if isinstance(one, Family) else [one])]
    require_clauses(in_use, [waiver.clause for waiver in waivers], expectations=request.expectations)
    with _alone():
        entry = pipeline.check_master(Path(path), specs, library, request, store=store, progress=progress)
    return VerdictDocument.from_document(verdict_document([entry], request))


def probe(path: PathText) -> ProbedFacts:
    """The facts that the headers of a master give, by registered name; nothing is decoded.

    MasterError when the master cannot be read, UsageError when there is no such file. Waits while another thread reads
    a master.
    """
    with _alone():
        return ProbedFacts.from_facts(pipeline.probed_master(Path(path)).facts)


def measure(
    path: PathText,
    spec: PathText | Spec | None = None,
    *,
    tier: Literal["headers", "full"] = "full",
    is_all: bool = False,
    store: Store | None = None,
    progress: Progress | None = None,
    frame_rate: str | None = None,
    programme: Sequence[str] = (),
    with_: Sequence[PathText] = (),
    has_sidecars: bool = True,
) -> FactsDocument:
    """The facts document of a master, as `deliverqc facts` prints it: measured under the settings of `spec` or the
    meters' own; with `is_all` by the meters on demand too. `frame_rate`, `programme`, `with_` and `has_sidecars` as in
    `check`.

    `spec` is the id or file of a spec, or what `load_spec` gave; SpecError when it cannot be used. MasterError when the
    master cannot be read, UsageError when there is no such file. Waits while another thread reads a master.
    """
    depth = _word(Tier, tier, "tier")
    chosen = None if spec is None else _spec(spec)
    given = Companions.parse(map(str, with_))
    with _alone():
        document = pipeline.facts_document(
            Path(path),
            chosen,
            depth,
            is_all=is_all,
            store=store,
            progress=progress,
            frame_rate=rate_from(frame_rate) if frame_rate else None,
            programme=_programme(programme),
            companions=given.originals,
            texts=given.texts,
            has_sidecars=has_sidecars,
        )
    return FactsDocument.from_document(document)


def judge(
    facts: FactsDocument | ProbedFacts | Mapping[str, Any],
    spec: PathText | Spec,
    *,
    expectations: Mapping[str, Any] | None = None,
    waivers: Sequence[Waiver] = (),
    fail_on: FailOn | Level | Literal["shall", "should", "noticed"] = "shall",
    as_of: date | None = None,
    locked: PathText | None = None,
) -> VerdictDocument:
    """The verdict document for facts that were measured before, without any file.

    `facts` is what `measure` or `probe` gave, a facts document as JSON, or a bare object of facts. UsageError for
    anything else, or when an expectation, waiver or word cannot be used. `spec` is the id or file of a spec, or what
    `load_spec` gave; SpecError when it cannot be used, or is not as the lock at `locked` pins it. Never waits.
    """
    request = _request(expectations, waivers, fail_on, as_of)
    chosen = _spec(spec)
    request = replace(request, lock_sha256=_held_to(locked, spec_library(), [chosen]))
    require_clauses([chosen], [waiver.clause for waiver in waivers], expectations=request.expectations)
    given = facts.to_document() if isinstance(facts, FactsDocument | ProbedFacts) else facts
    return VerdictDocument.from_document(judge_document(_plain(given, "The facts", "not-facts"), [chosen], request))


def load_spec(name: PathText, *, spec_path: Sequence[PathText] = ()) -> Spec:
    """The spec of that id, alias, `id@edition`, `id@edition.rN` or file. SpecError when it is unknown or broken,
    PlugInError when a plug-in cannot be loaded. Never waits."""
    return spec_library([Path(one) for one in spec_path]).load(str(name))


def render(document: VerdictDocument | Mapping[str, Any], format: str) -> str:  # noqa: A002  the command line's word
    """A verdict document as text, json, html, junit, github or markdown, or in the format of a plug-in.

    `document` is what `check` or `judge` gave, or the same as JSON. UsageError when it is not a verdict document, or
    there is no such format; InternalError when the format of a plug-in fails. Never waits.
    """
    verdict = document if isinstance(document, VerdictDocument) else VerdictDocument.from_document(document)
    return reports.render(verdict.to_document(), format)


def _held_to(locked: PathText | None, library: SpecLibrary, specs: Sequence[Spec | Family]) -> str | None:
    """SHA-256 of the lock, when the specs are as it pins them; None where there is no lock."""
    if locked is None:
        return None
    lock = load_lock(Path(locked))
    require_locked(lock, library, specs)
    return lock.sha256


def _spec(spec: PathText | Spec) -> Spec:
    return spec if isinstance(spec, Spec) else load_spec(spec)


def _request(
    expectations: Mapping[str, Any] | None,
    waivers: Sequence[Waiver],
    fail_on: str,
    as_of: date | None,
    *,
    tier: Tier = Tier.FULL,
    is_all: bool = False,
) -> Request:
    return Request(
        tier=tier,
        is_all=is_all,
        fail_on=_word(FailOn, fail_on, "fail_on"),
        as_of=as_of or date.today(),
        expectations=_plain(expectations or {}, "The expectations", "not-expectations"),
        waivers=tuple(waivers),
    )


def _programme(parts: Sequence[str]) -> tuple[Range, ...]:
    return tuple(Range.parse(part, "--programme") for part in parts)


def _word(kind: type[Word], word: str, argument: str) -> Word:
    if word not in list(kind):
        raise UsageError(f"{argument} is {word!r}. Use one of: {', '.join(kind)}.", code="unknown-word")
    return kind(word)


def _plain(value: Mapping[str, Any], what: str, code: str) -> dict[str, Any]:
    """The value as plain JSON; UsageError where it is not a JSON object."""
    try:
        if not isinstance(value, Mapping):
            raise TypeError(f"{type(value).__name__} is not an object")
        return plain_object(dict(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{what} are not a JSON object: {error}.", code=code) from error


@contextmanager
def _alone() -> Iterator[None]:
    """Let one thread at a time read a master. UsageError where this thread is reading one already."""
    if getattr(_THIS_THREAD, "is_reading", False):
        raise UsageError(
            "A master is being read in this thread. Read the next one after it, not from its progress callback.",
            code="already-reading",
        )
    with _ONE_AT_A_TIME:
        _THIS_THREAD.is_reading = True
        try:
            yield
        finally:
            _THIS_THREAD.is_reading = False
