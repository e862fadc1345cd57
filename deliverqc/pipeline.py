"""The flow, one way: probe, decode once, meters, facts, judge, evidence; it prints nothing and reads no options."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc.entries import master_entry, provenance, subject_entry
from deliverqc.errors import DeliverqcError
from deliverqc.judging.judge import judge, judge_unrecognised
from deliverqc.measuring.curves import curve as published
from deliverqc.measuring.measure import Measured, measure
from deliverqc.measuring.obtain import Progress, obtain_signals
from deliverqc.measuring.planning import SHOWN, extensions_of, meters_of
from deliverqc.measuring.ranges import Range, measured_part
from deliverqc.meters import core_meters, meters
from deliverqc.probing import Probed, probe
from deliverqc.request import Request, Tier
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Family, Spec
from deliverqc.speclib.families import choose
from deliverqc.verdict import SCHEMA_VERSION, Verdict

if TYPE_CHECKING:
    from deliverqc.signals.store import Store
    from deliverqc.signals.tables import Signals

_FILE = "file"
"""Id of the subject of a master that is one file."""


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
    subject = {"id": _FILE, "kind": "file", "title": path.name}
    curves = _curves(measured for _, measured in judged)
    entry = subject_entry(subject, [verdict for verdict, _ in judged], curves)
    return master_entry(path, request.tier, subjects=[entry])


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
            {"id": _FILE, "kind": "file", "title": path.name, "settings": measured.settings, "facts": measured.facts}
        ],
    }


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
                subject=_FILE,
                waivers=request.waivers,
                fail_on=request.fail_on,
                as_of=request.as_of,
                part=_part(request),
                provenance=provenance(measured, probed.versions),
            )
            return verdict, measured
        spec = choice.spec
    measured = measure(probed, signals, settings=spec.settings, wanted=_asked(spec, request))
    verdict = judge(
        spec,
        measured.facts,
        subject=_FILE,
        only=request.only,
        skip=request.skip,
        expectations=request.expectations,
        waivers=request.waivers,
        fail_on=request.fail_on,
        as_of=request.as_of,
        part=_part(request),
        family=family,
        provenance=provenance(measured, probed.versions),
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


def _curves(measured: Iterable[Measured]) -> list[dict[str, Any]]:

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
