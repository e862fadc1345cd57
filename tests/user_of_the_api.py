"""A user's own program: every function and class of the public API, as a user writes it. mypy and pyright read it, and
a test runs it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import deliverqc
from deliverqc import (
    CaptionsEntry,
    Clause,
    ClauseEntry,
    CurveEntry,
    Decision,
    DeliverqcError,
    ErrorEntry,
    EvidenceEntry,
    FactsDocument,
    FactsMasterEntry,
    FactsSubjectEntry,
    FailOn,
    Family,
    FamilyEntry,
    FindingEntry,
    FixEntry,
    InternalError,
    Level,
    LostReaderEntry,
    ManualEntry,
    MasterEntry,
    MasterError,
    OldReadingEntry,
    Outcome,
    PathText,
    PlugInError,
    ProbedFacts,
    Progress,
    ProvenanceEntry,
    RequestEntry,
    SourceEntry,
    Spec,
    SpecChoice,
    SpecEntry,
    SpecError,
    StatedEntry,
    StillEntry,
    Store,
    SubjectEntry,
    TextEventEntry,
    TriedEntry,
    UsageError,
    VerdictDocument,
    VerdictEntry,
    Waiver,
    WaiverEntry,
    WaiverKind,
)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def show_progress(stage: str, done_s: float, total_s: float | None) -> None:
    share = "" if not total_s else f" {done_s / total_s:.0%}"
    sys.stderr.write(f"\r{stage}{share}")


def house_family() -> Family:
    return Family(
        id="house", title="House", specs=("ebu-r128-programme", "netflix-licensed-prores"), when_none_fits="ProRes."
    )


def check(path: PathText, choices: list[SpecChoice], folder: Path) -> VerdictDocument:
    progress: Progress = show_progress
    black = "netflix-licensed-prores:interior-black"
    kind = WaiverKind.CREATIVE_INTENT
    waivers = [Waiver(clause=black, reason="intended", who="the client", until=date(2030, 1, 1), kind=kind)]
    return deliverqc.check(
        path,
        choices,
        tier="full",
        is_all=False,
        expectations={"picture.frame_rate": "24000/1001"},
        waivers=waivers,
        fail_on=FailOn.SHALL,
        as_of=date(2026, 1, 1),
        spec_path=[folder],
        store=Store(folder=folder / "store"),
        progress=progress,
    )


def show(document: VerdictDocument) -> None:
    decision: Decision = document.decision
    request: RequestEntry = document.request
    tool: Mapping[str, str] = document.tool
    say(f"{decision} by {tool['name']}, on {request.as_of}, failing on {request.fail_on}, part {request.range}")
    for master in document.masters:
        show_master(master)
    anything: Any = document["masters"][0]["subjects"]
    say(f"{len(anything)} subjects, {document.get('no such member', 'nothing')}, {'decision' in document}")
    say(", ".join(document))


def show_master(master: MasterEntry) -> None:
    error: ErrorEntry | None = master.error
    if error is not None:
        say(f"{master.name}: {error.code}: {error.message}")
    lost: tuple[LostReaderEntry, ...] = master.readers_lost
    for one in lost:
        say(f"{master.name} was read without {one.reader}: {one.reason}")
    for subject in master.subjects:
        show_subject(subject)


def show_subject(subject: SubjectEntry) -> None:
    evidence: EvidenceEntry = subject.evidence
    curves: tuple[CurveEntry, ...] = evidence.curves
    stills: tuple[StillEntry, ...] = evidence.stills
    captions: tuple[CaptionsEntry, ...] = evidence.captions
    events: list[TextEventEntry] = [event for track in captions for event in track.events]
    say(f"{sum(track.left_out for track in captions)} left out; {', '.join(event.text for event in events)}")
    lowest = min((value for curve in curves for value in curve.min if value is not None), default=None)
    say(f"{subject.title}: {len(curves)} curves from {lowest}, {sum(len(still.jpeg_base64) for still in stills)} bytes")
    for verdict in subject.verdicts:
        old: tuple[OldReadingEntry, ...] = verdict.old_readings
        say("".join(f"{one.document} {one.edition} {one.read_on} {one.days + 0}" for one in old))
        show_verdict(verdict)


def show_verdict(verdict: VerdictEntry) -> None:
    spec: SpecEntry | None = verdict.spec
    family: FamilyEntry | None = verdict.family
    if family is not None:
        tried: tuple[TriedEntry, ...] = family.tried
        say(f"{family.id}: {family.reason}; not {', '.join(f'{one.spec}: {one.reason}' for one in tried)}")
    provenance: ProvenanceEntry = verdict.provenance
    say(f"{spec.id if spec is not None else 'no spec'}: {verdict.reason} Facts {provenance.facts_sha256}")
    say(f"{verdict.counts[Outcome.FAIL]} fail of {verdict.facts['file.name']}")
    for clause in verdict.clauses:
        if clause.outcome is Outcome.FAIL or clause.waiver is not None:
            show_clause(clause)
    manual: tuple[ManualEntry, ...] = verdict.manual
    say("; ".join(f"{item.title} ({item.source.document})" for item in manual))


def show_clause(clause: ClauseEntry) -> None:
    source: SourceEntry = clause.source
    waiver: WaiverEntry | None = clause.waiver
    granted = f", waived by {waiver.who}" if waiver is not None else ""
    say(f"  {clause.id} ({clause.level}): {source.document}, section {source.section}{granted}")
    stated: StatedEntry | None = clause.stated
    if stated is not None:
        say(f"    the document has {stated.value} {stated.unit or ''}")
    fix: FixEntry | None = clause.fixable
    if fix is not None:
        say(f"    {fix.how}{', without loss' if fix.is_lossless else ''}")
    findings: tuple[FindingEntry, ...] = clause.findings
    for finding in findings:
        say(f"    {finding.fact} is {finding.actual} {finding.unit or ''}; required: {finding.expected}")


def show_facts(facts: FactsDocument, probed: ProbedFacts) -> None:
    master: FactsMasterEntry = facts.master
    subject: FactsSubjectEntry = facts.subjects[0]
    say(f"{master.name}, {master.tier}: {len(subject.facts)} facts, {len(probed.facts)} of them from headers")
    say(f"{probed['wrapper.format']} {probed.get('picture.codec')}")


def show_spec(spec: Spec) -> None:
    clauses: tuple[Clause, ...] = spec.own_clauses
    say(f"{spec.full_id}: {', '.join(clause.id for clause in clauses)}")


def reason_of(error: DeliverqcError) -> str:
    match error:
        case PlugInError():
            return f"a plug-in: {error.message}"
        case SpecError():
            return f"the spec: {error.message}"
        case UsageError():
            return f"the question: {error.message}"
        case MasterError():
            return f"the master: {error.message}"
        case InternalError():
            return f"deliverqc: {error.message}"
        case _:
            return f"{error.code}, exit code {error.exit_code}"


def main(path: Path, folder: Path) -> VerdictDocument:
    spec = deliverqc.load_spec("ebu-r128-programme", spec_path=[str(folder)])
    show_spec(spec)
    document = check(path, [spec, "netflix", house_family()], folder)
    show(document)

    facts = deliverqc.measure(path, spec, tier="headers")
    show_facts(facts, deliverqc.probe(path))
    kept: dict[str, Any] = facts.to_document()
    show(deliverqc.judge(kept, spec))
    show(deliverqc.judge(FactsDocument.from_document(kept), spec, fail_on=Level.SHOULD))

    for format_ in ("text", "html"):
        text: str = deliverqc.render(VerdictDocument.from_document(document.to_document()), format_)
        (folder / f"report.{format_}").write_text(text, encoding="utf-8")
    for name in ("no-such-spec", "netflix"):
        try:
            deliverqc.check(folder / "no such file.mov", name)
        except DeliverqcError as error:
            say(reason_of(error))
    return document


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
