"""The flow, one way: probe, decode once, meters, facts, judge, evidence; it prints nothing and reads no options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc import __version__
from deliverqc.errors import DeliverqcError, UsageError
from deliverqc.facts.model import Facts
from deliverqc.facts.probed import registry
from deliverqc.judging.judge import judge, judge_unrecognised
from deliverqc.measuring.measure import (
    SHOWN,
    Measured,
    Progress,
    extensions_of,
    measure,
    measured_part,
    meters_of,
    obtain_signals,
)
from deliverqc.measuring.ranges import Range
from deliverqc.meters import core_meters, meters
from deliverqc.probing import Probed, probe
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Family, Spec
from deliverqc.speclib.families import choose
from deliverqc.verdict import SCHEMA_VERSION, Decision, Level, Verdict, worst

if TYPE_CHECKING:
    from deliverqc.judging.waivers import Waiver
    from deliverqc.signals.store import Store
    from deliverqc.signals.tables import Signals


class Tier(StrEnum):
    """How far a master is looked into: its headers only, or every frame and sample."""

    HEADERS = "headers"
    FULL = "full"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked for, beyond masters and specs. `is_all`: every meter runs, whether a clause asks or not.
    `waivers_sha256` is None where no waivers were given. `range`: only that part is measured.
    """

    tier: Tier = Tier.FULL
    is_all: bool = False
    fail_on: Level = Level.SHALL
    as_of: date = field(default_factory=date.today)
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    expectations: Mapping[str, Any] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    waivers_sha256: str | None = None
    range: Range | None = None

    def to_document(self) -> dict[str, Any]:
        """As it stands in the verdict document."""
        return {
            "fail_on": self.fail_on.value,
            "as_of": self.as_of.isoformat(),
            "only": list(self.only),
            "skip": list(self.skip),
            "expectations": dict(self.expectations),
            "waivers_sha256": self.waivers_sha256,
            **({"range": str(self.range)} if self.range is not None else {}),
        }


def check_master(
    path: Path,
    specs: Sequence[Spec | Family],
    library: SpecLibrary,
    request: Request,
    *,
    store: Store | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
) -> dict[str, Any]:
    """The entry of `path` in the verdict document. A master that cannot be read gives an entry with `error`, not an
    exception."""
    try:
        probed = probe(path)
        signals = None
        if request.tier is Tier.FULL:
            needed = extensions_of(_wanted(specs, library, probed, request))
            signals = obtain_signals(
                path, probed, store=store, progress=progress, extensions=needed, asked=request.range, jobs=jobs
            )
        judged = [_judge_one(spec, library, probed, signals, request) for spec in specs]
    except DeliverqcError as error:
        if error.exit_code == 2:
            raise
        return master_entry(path, request.tier, error={"code": error.code, "message": error.message})
    verdicts = [verdict for verdict, _ in judged]
    subject = {
        "id": "file",
        "kind": "file",
        "title": path.name,
        "decision": worst(verdict.decision for verdict in verdicts).value,
        "evidence": {"curves": _curves(measured for _, measured in judged), "stills": []},
        "verdicts": [verdict.to_document() for verdict in verdicts],
    }
    return master_entry(path, request.tier, subjects=[subject])


def master_entry(
    path: Path,
    tier: Tier,
    *,
    error: Mapping[str, str] | None = None,
    subjects: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """One master in the verdict document, with its subjects or with the error that kept it from being read."""
    decision = Decision.ERROR if error else worst(Decision(subject["decision"]) for subject in subjects)
    try:
        size = path.stat().st_size
    except OSError:
        size = None
    return {
        "path": str(path),
        "name": path.name,
        "size_bytes": size,
        "sha256": None,
        "tier": tier.value,
        "decision": decision.value,
        "error": dict(error) if error else None,
        "subjects": list(subjects),
    }


def verdict_document(masters: Sequence[Mapping[str, Any]], request: Request) -> dict[str, Any]:
    """The published document (deliverqc/reports/verdict.schema.json)."""
    from deliverqc.probing.libraries import versions

    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "deliverqc", "version": __version__, **versions()},
        "decision": worst(Decision(master["decision"]) for master in masters).value,
        "request": request.to_document(),
        "masters": list(masters),
    }


def facts_document(
    path: Path,
    spec: Spec | None,
    tier: Tier,
    *,
    is_all: bool = False,
    asked: Range | None = None,
    jobs: int = 1,
    store: Store | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """What `deliverqc facts` prints: the facts of the master under the spec's settings, or under the meters' own.

    Measured are the core set and what the spec asks, or everything where `is_all`; of the whole, or of the
    part that is `asked` for.
    """
    probed = probe(path)
    wanted = core_meters() | (meters_of(spec) if spec else frozenset()) | frozenset(meters() if is_all else ())
    signals = None
    if tier is Tier.FULL:
        signals = obtain_signals(
            path, probed, store=store, progress=progress, extensions=extensions_of(wanted), asked=asked, jobs=jobs
        )
    measured = measure(probed, signals, settings=spec.settings if spec else {}, wanted=wanted)
    found = None if signals is None else measured_part(signals)
    part = {} if found is None else {"range": {"asked": str(asked), **found}}
    return {
        "schema_version": SCHEMA_VERSION,
        "master": {"path": str(path), "name": path.name, "size_bytes": path.stat().st_size, "tier": tier.value} | part,
        "subjects": [
            {"id": "file", "kind": "file", "title": path.name, "settings": measured.settings, "facts": measured.facts}
        ],
    }


def judge_document(document: Mapping[str, Any], specs: Sequence[Spec], request: Request) -> dict[str, Any]:
    """The verdict document for facts that were measured before, here or elsewhere.

    `document` is what `deliverqc facts` prints, or a bare object of facts. A meter whose settings differ from the
    spec's did not measure what the spec asks: its facts count as missing. A bare object has no settings and is judged
    as given. UsageError for anything else.
    """
    subjects = _subjects_of(document)
    master = document.get("master") if "subjects" in document else None
    part = _part_of_document(master)
    entries = []
    for subject in subjects:
        verdicts = [_judge_subject(subject, spec, request, part) for spec in specs]
        entries.append(
            {
                "id": subject["id"],
                "kind": subject["kind"],
                "title": subject["title"],
                "decision": worst(verdict.decision for verdict in verdicts).value,
                "evidence": {"curves": [], "stills": []},
                "verdicts": [verdict.to_document() for verdict in verdicts],
            }
        )
    known = master if isinstance(master, Mapping) else {}
    entry = {
        "path": str(known.get("path", "facts")),
        "name": str(known.get("name", "facts")),
        "size_bytes": known.get("size_bytes"),
        "sha256": None,
        "tier": known.get("tier", Tier.FULL.value),
        "decision": worst(Decision(one["decision"]) for one in entries).value,
        "error": None,
        "subjects": entries,
    }
    return verdict_document([entry], request)


def _part_of_document(master: Any) -> str | None:  # noqa: ANN401  whatever a document holds
    """The range that a facts document was measured over; None for the whole."""
    found = master.get("range") if isinstance(master, Mapping) else None
    return str(found.get("asked", "a part")) if isinstance(found, Mapping) else None


def _subjects_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not isinstance(document, Mapping):
        raise UsageError(
            "facts are a JSON object: what `deliverqc facts` prints, or an object of facts", code="not-facts"
        )
    if "subjects" not in document:
        return [{"id": "file", "kind": "file", "title": "facts", "settings": None, "facts": dict(document)}]
    if document.get("schema_version") != SCHEMA_VERSION:
        raise UsageError(
            f"the facts document has schema_version {document.get('schema_version')!r}; "
            f"this deliverqc reads {SCHEMA_VERSION}. Make it again with `deliverqc facts`",
            code="not-facts",
        )
    subjects = document["subjects"]
    wanted = ("id", "kind", "title", "settings", "facts")
    if not isinstance(subjects, list) or not all(
        isinstance(one, dict) and all(k in one for k in wanted) for one in subjects
    ):
        raise UsageError(f"every subject of a facts document has {', '.join(wanted)}", code="not-facts")
    return subjects


def _judge_subject(subject: Mapping[str, Any], spec: Spec, request: Request, part: str | None) -> Verdict:
    settings = subject["settings"]
    facts = subject["facts"]
    if settings is not None:
        differing = {
            name
            for name in meters_of(spec)
            if settings.get(name) != meters()[name].resolve(spec.settings.get(name, {}))
        }
        facts = _without(facts, {f"meter:{name}" for name in differing})
        if settings.get("groups", {}) != spec.settings.get("groups", {}):
            facts.pop("sound.groups", None)
    measured = Measured(facts=facts, settings=settings)
    return judge(
        spec,
        facts,
        only=request.only,
        skip=request.skip,
        expectations=request.expectations,
        waivers=request.waivers,
        fail_on=request.fail_on,
        as_of=request.as_of,
        part=part,
        family=None,
        provenance=_provenance(measured, {}),
    )


def _without(facts: Mapping[str, Any], givers: set[str]) -> Facts:
    """The facts less those that only the `givers` give."""
    table = registry()

    def is_kept(name: str) -> bool:
        return name not in table or not set(table[name].given_by) <= givers

    kept: Facts = {}
    for name, value in facts.items():
        if not is_kept(name):
            continue
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            value = [{key: item[key] for key in item if is_kept(f"{name}[].{key}")} for item in value]
        kept[name] = value
    return kept


def _judge_one(
    spec: Spec | Family, library: SpecLibrary, probed: Probed, signals: Signals | None, request: Request
) -> tuple[Verdict, Measured]:
    family = None
    if isinstance(spec, Family):
        choice = choose(spec, library, probed.facts)
        family = choice.to_document()
        if choice.spec is None:
            measured = measure(probed, signals, settings={}, wanted=_asked(None, request))
            verdict = judge_unrecognised(
                choice,
                library.integrity,
                measured.facts,
                waivers=request.waivers,
                fail_on=request.fail_on,
                as_of=request.as_of,
                part=_part(request),
                provenance=_provenance(measured, probed.versions),
            )
            return verdict, measured
        spec = choice.spec
    measured = measure(probed, signals, settings=spec.settings, wanted=_asked(spec, request))
    verdict = judge(
        spec,
        measured.facts,
        only=request.only,
        skip=request.skip,
        expectations=request.expectations,
        waivers=request.waivers,
        fail_on=request.fail_on,
        as_of=request.as_of,
        part=_part(request),
        family=family,
        provenance=_provenance(measured, probed.versions),
    )
    return verdict, measured


def _part(request: Request) -> str | None:
    return None if request.range is None else str(request.range)


def _asked(spec: Spec | None, request: Request) -> frozenset[str]:
    """The meters that run for one spec: those that it asks for and those that every report shows, or all."""
    return frozenset(meters()) if request.is_all else SHOWN | (meters_of(spec) if spec is not None else frozenset())


def _wanted(specs: Sequence[Spec | Family], library: SpecLibrary, probed: Probed, request: Request) -> frozenset[str]:
    """The meters that any of the specs needs, of a family the one that fits."""
    chosen = [choose(one, library, probed.facts).spec if isinstance(one, Family) else one for one in specs]
    return frozenset().union(*(_asked(spec, request) for spec in chosen))


def _provenance(measured: Measured, libraries: Mapping[str, str]) -> dict[str, Any]:
    """What the judge cannot know of itself: how the facts came about."""
    return {
        "settings": measured.settings,
        "meters": {name: meters()[name].version for name in measured.settings or () if name in meters()},
        "libraries": dict(libraries),
    }


def _curves(measured: Iterable[Measured]) -> list[dict[str, Any]]:
    from deliverqc.measuring.curves import curve as published

    found: dict[tuple[str, int | None], dict[str, Any]] = {}
    for one in measured:
        for group, start_s, curve in one.curves:
            if (curve.name, group) not in found:
                found[curve.name, group] = published(
                    name=curve.name,
                    unit=curve.unit,
                    group=group,
                    start_s=start_s,
                    step_s=curve.step_s,
                    values=curve.values,
                )
    return list(found.values())
