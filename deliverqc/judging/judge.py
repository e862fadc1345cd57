"""Judges facts by a spec, clause by clause, and decides; it sees facts and specs only, never a file, a signal or a
clock.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.facts.model import Fact
from deliverqc.judging.decision import decide, is_binding, left_to_a_person, reason_of
from deliverqc.judging.describe import noun
from deliverqc.judging.expectations import NOT_TOLD, Expectation, expectations_of
from deliverqc.judging.findings import as_stated, findings_of, null_finding, with_fingerprints
from deliverqc.judging.kleene import Answer, NullNames, Place, Truth, evaluate
from deliverqc.judging.old_readings import old_readings
from deliverqc.judging.scope import (
    ONE_FILE_OF,
    TEXT_ALONE,
    absence_of,
    is_text_alone,
    may_have_read_text,
    recognised_clause,
    recognised_in_family,
    whole_clause,
)
from deliverqc.judging.text_findings import why_text_is_missing, with_events
from deliverqc.judging.waivers import Waiver, apply_waivers, bar, cover_unmeasured
from deliverqc.speclang.matters import scope_of
from deliverqc.speclang.model import (
    ESSENCE_CLAUSES,
    INTEGRITY_ID,
    MEDIA_CLAUSES,
    PACKAGE_CLAUSES,
    TEXT_CLAUSES,
    TRACKS_CLAUSE,
    Basis,
    Choice,
    Clause,
    NullRule,
    Spec,
    Unit,
    constrained_names,
    member_name,
)
from deliverqc.verdict import (
    NOT_YET,
    ClauseOutcome,
    Decision,
    FailOn,
    Finding,
    Level,
    Outcome,
    Verdict,
)

LEFT_OUT = "left out on request"
AS_ORDERED = "the order expects it"
COMPOSITION = "composition"
TRACK_FILE = "a track file of a package may be black or silent; it is noticed"

_OF_PACKAGE = "package."
_OF_COMPOSITION = "package.composition.id"
_UNRESOLVED = "package.composition.unresolved_assets"
_MISSING_ASSETS, _NEEDS_ORIGINAL = "package.composition.missing_assets", "package.composition.needs_original"
_NO_PROBE = ("decode", "file", "package", "hashes", "track_files", "sidecar")
_MEASURED = "decode.warnings"
"""A fact that every decode gives: where it is there, the full tier was run."""

_DEEPEST_FACTS = 20  # no registered fact is nested more than a few levels


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """What one verdict is given on and under, beside the clauses."""

    spec_id: str
    facts: Mapping[str, Any]
    registry: Mapping[str, Fact]
    only: Sequence[str]
    skip: Sequence[str]
    waivers: Sequence[Waiver]
    as_of: date
    subject: str
    part: str | None


def judge(
    spec: Spec,
    facts: Mapping[str, Any],
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    expectations: Mapping[str, Any] | None = None,
    waivers: Sequence[Waiver] = (),
    fail_on: FailOn | Level = FailOn.SHALL,
    as_of: date,
    family: Mapping[str, Any] | None = None,
    provenance: Mapping[str, Any] | None = None,
    subject: str = "file",
    kind: str = "file",
    part: str | None = None,
) -> Verdict:
    """The verdict of one spec on the facts of one subject.

    `only`, `skip` and `waivers` name clauses as `spec:clause` or by their bare id; names of other specs are passed
    over, so call `require_clauses` first. `subject` is the subject's id, which fingerprints are made of, and `kind`
    what it is (file, composition, set). Where only a `part` was measured, it can show a fault of its own and nothing
    about the rest. UsageError where an
    expectation or a number in the facts cannot be worked with.
    """
    _require_finite(facts, "")
    case = _Case(
        spec_id=spec.id,
        facts=facts,
        registry=spec.registry,
        only=only,
        skip=skip,
        waivers=waivers,
        as_of=as_of,
        subject=subject,
        part=part,
    )
    ordered = expectations_of(spec, expectations or {})
    outcomes = [
        *_of_scope(spec, kind, case),
        *(_of_clause(clause, spec, kind, ordered, case) for clause in _of_kind(spec.clauses, kind, facts)),
    ]
    for expectation in ordered:
        if expectation.is_told:
            outcomes.append(_outcome(expectation.clause, case))
        else:
            outcomes.append(_made(expectation.clause, Outcome.NOT_MEASURED, note=NOT_TOLD))
    outcomes = _absence_once(outcomes, case)
    measured = {clause.id for clause in spec.measured_clauses}
    has_binding = is_binding([one for one in outcomes if one.id in measured], advisory=spec.advisory)
    recommended = measured if spec.advisory else ()
    decision, reason = decide(outcomes, fail_on=fail_on, has_binding=has_binding, recommended=recommended)
    if decision is Decision.PASS:
        reason += left_to_a_person(spec.manual)
    return Verdict(
        spec=spec.to_entry(),
        family=family,
        decision=decision,
        advisory=spec.advisory,
        clauses=tuple(outcomes),
        manual=tuple({key.removeprefix("x-"): value for key, value in item.items()} for item in spec.manual),
        facts=facts,
        provenance=_provenance(spec, facts) | dict(provenance or {}),
        reason=reason_of(reason, part=part),
        scope=scope_of(spec),
        old_readings=old_readings(spec, as_of),
    )


def judge_unrecognised(
    choice: Choice,
    integrity: Spec,
    facts: Mapping[str, Any],
    *,
    waivers: Sequence[Waiver] = (),
    fail_on: FailOn | Level = FailOn.SHALL,
    as_of: date,
    provenance: Mapping[str, Any] | None = None,
    subject: str = "file",
    kind: str = "file",
    part: str | None = None,
) -> Verdict:
    """The verdict where no spec of a family fits: `deliverable-recognised` fails, and the integrity clauses are judged.

    Where facts are missing without which that cannot be said, the clause is not measured.
    """
    _require_finite(facts, "")
    family = choice.family
    case = _Case(
        spec_id=family.id,
        facts=facts,
        registry=integrity.registry,
        only=(),
        skip=(),
        waivers=waivers,
        as_of=as_of,
        subject=subject,
        part=part,
    )
    clauses = _of_kind(integrity.clauses, kind, facts)
    outcomes = [_recognised(choice, case), *(_outcome(clause, case) for clause in clauses)]
    decision, reason = decide(outcomes, fail_on=fail_on, has_binding=False)
    return Verdict(
        spec=None,
        family=choice.to_document(),
        decision=decision,
        advisory=False,
        clauses=tuple(outcomes),
        manual=(),
        facts=facts,
        provenance=_provenance(None, facts) | dict(provenance or {}),
        reason=reason_of(reason, part=part),
    )


def _of_kind(clauses: Iterable[Clause], kind: str, facts: Mapping[str, Any]) -> tuple[Clause, ...]:
    """The clauses without those of integrity that are about packages, where the subject is not one of a package, and
    about text, where it is known that none was read."""
    is_of_package = kind == COMPOSITION or any(name.startswith(_OF_PACKAGE) for name in facts)
    left_out = (*(() if is_of_package else PACKAGE_CLAUSES), *(() if may_have_read_text(facts) else TEXT_CLAUSES))
    return tuple(one for one in clauses if not (one.is_integrity and one.id in left_out))


def _of_scope(spec: Spec, kind: str, case: _Case) -> Iterator[ClauseOutcome]:
    """What keeps a spec from being the right one for a subject: it is another kind of master, or a part of one."""
    if spec.applies is not None:
        answer = evaluate(spec.applies, case.facts)
        clause = recognised_clause(spec)
        if answer.truth is Truth.FALSE:
            findings = findings_of(answer.breaches, case.registry)
            yield _waived(_made(clause, Outcome.FAIL, findings=findings), clause, case)
        elif answer.truth is Truth.UNKNOWN:
            yield _not_measured(clause, answer.missing, case)
    if spec.unit is not Unit.FILE and kind == "file":
        yield _made(whole_clause(spec), Outcome.NOT_MEASURED, note=ONE_FILE_OF[spec.unit])


def _of_clause(clause: Clause, spec: Spec, kind: str, ordered: Sequence[Expectation], case: _Case) -> ClauseOutcome:
    if clause.id in ESSENCE_CLAUSES and clause.is_integrity and spec.id != INTEGRITY_ID:
        if spec.unit is Unit.PACKAGE and kind == "file":
            return _made(clause, Outcome.NOT_APPLICABLE, note=TRACK_FILE)
        if any(one.fact == ESSENCE_CLAUSES[clause.id] and one.value is True for one in ordered):
            return _made(clause, Outcome.NOT_APPLICABLE, note=AS_ORDERED)
    if clause.id == TRACKS_CLAUSE and clause.is_integrity and not spec.essence.may_be_text_alone:
        case = replace(case, facts={**case.facts, "timed_text.tracks": []})
    return _outcome(clause, case)


def _absence_once(outcomes: Sequence[ClauseOutcome], case: _Case) -> list[ClauseOutcome]:
    """Where a master has no audio or no picture at all, one clause fails for it and the others do not apply."""
    merged = list(outcomes)
    absence = absence_of(case.facts)
    if absence is None:
        return merged
    those = [i for i, one in enumerate(merged) if one.outcome is Outcome.FAIL and absence.causes(one)]
    those.sort(key=lambda i: merged[i].level is not Level.SHALL)
    for i in those[:1]:
        clause = f"{case.spec_id}:{merged[i].id}"
        found = with_fingerprints([absence.finding], clause=clause, subject=case.subject)
        merged[i] = replace(merged[i], findings=found)
    for i in those[1:]:
        note = f"{absence.words}: see {merged[those[0]].id}"
        merged[i] = replace(merged[i], outcome=Outcome.NOT_APPLICABLE, findings=(), note=note)
    return merged


def _names(references: Iterable[str], clause: Clause, case: _Case) -> bool:
    wanted = {clause.id, f"{case.spec_id}:{clause.id}"}
    if clause.is_integrity:
        wanted.add(f"{INTEGRITY_ID}:{clause.id}")
    return any(reference in wanted for reference in references)


def _outcome(clause: Clause, case: _Case) -> ClauseOutcome:
    if clause.is_integrity and clause.id in MEDIA_CLAUSES and is_text_alone(case.facts):
        return _made(clause, Outcome.NOT_APPLICABLE, note=TEXT_ALONE)
    is_left_out = (bool(case.only) and not _names(case.only, clause, case)) or _names(case.skip, clause, case)
    if is_left_out and not clause.is_integrity:
        return _made(clause, Outcome.NOT_MEASURED, note=LEFT_OUT)
    if clause.awaits is not None:
        return _awaited(clause, clause.awaits, case)
    result = _evaluated(clause, case)
    if case.part is not None:
        result = _of_part(result, clause, case)
    if result.outcome is Outcome.FAIL:
        return _waived(result, clause, case)
    if result.outcome is Outcome.NOT_MEASURED:
        return replace(result, waiver=bar(_granted(clause, case), as_of=case.as_of))
    return result


def _awaited(clause: Clause, awaited: str, case: _Case) -> ClauseOutcome:
    """A demand whose fact nothing measures: not measured, unless its condition is false or it was checked elsewhere."""
    if _root_condition(clause.schema, case.facts).truth is Truth.FALSE:
        return _made(clause, Outcome.NOT_APPLICABLE, note="its condition is not met")
    is_covered, shown = cover_unmeasured(_granted(clause, case), as_of=case.as_of)
    outcome = Outcome.WAIVED if is_covered else Outcome.NOT_MEASURED
    return replace(_made(clause, outcome, note=NOT_YET, missing=(awaited,)), waiver=shown)


def _granted(clause: Clause, case: _Case) -> list[Waiver]:
    return [waiver for waiver in case.waivers if _names([waiver.clause], clause, case)]


def _of_part(result: ClauseOutcome, clause: Clause, case: _Case) -> ClauseOutcome:
    """What a part that was measured says of the whole: nothing, unless a span in it, or a header, breaks the clause."""
    names = [name for name in clause.facts() if name in case.registry]
    measured = {name for name in names if any(_is_essence(giver) for giver in case.registry[name].given_by)}
    if not measured or result.outcome not in (Outcome.PASS, Outcome.FAIL):
        return result
    if any(finding.span is not None or finding.fact not in measured for finding in result.findings):
        return result
    shown = "holds" if result.outcome is Outcome.PASS else "does not hold"
    return _made(clause, Outcome.NOT_MEASURED, note=f"only {case.part} was measured; over it the clause {shown}")


def _is_essence(giver: str) -> bool:
    return giver == "decode" or giver.startswith("meter:")


def _waived(result: ClauseOutcome, clause: Clause, case: _Case) -> ClauseOutcome:
    findings = with_fingerprints(result.findings, clause=f"{case.spec_id}:{clause.id}", subject=case.subject)
    findings = with_events(findings, case.facts)
    is_waived, shown = apply_waivers(findings, _granted(clause, case), as_of=case.as_of)
    outcome = Outcome.WAIVED if is_waived else Outcome.FAIL
    return replace(result, outcome=outcome, findings=findings, waiver=shown)


def _evaluated(clause: Clause, case: _Case) -> ClauseOutcome:
    facts, schema = case.facts, clause.schema
    answer = evaluate(schema, facts, nulls=_open_nulls(clause, case.registry))
    condition = _root_condition(schema, facts)
    if condition.truth is Truth.FALSE and not answer.nulls and _holds_otherwise(schema, facts, answer):
        return _made(clause, Outcome.NOT_APPLICABLE, note="its condition is not met")
    if answer.truth is Truth.TRUE and condition.truth is Truth.UNKNOWN:
        return _not_measured(clause, condition.missing, case)
    if answer.truth is Truth.TRUE:
        return _made(clause, Outcome.PASS)
    if answer.truth is Truth.FALSE:
        told = evaluate(schema, facts) if clause.null_rule is NullRule.FAIL else answer
        return _made(clause, Outcome.FAIL, findings=findings_of(told.breaches, case.registry))
    if answer.nulls:
        return _of_null(clause, answer, case)
    return _not_measured(clause, answer.missing, case)


def _open_nulls(clause: Clause, registry: Mapping[str, Fact]) -> NullNames:
    if clause.null_rule is None:
        return NullNames()
    nullable = frozenset(name for name in clause.facts() if name in registry and registry[name].is_nullable)
    return NullNames(constrained=nullable, required=nullable - frozenset(constrained_names(clause.schema)))


def _root_condition(schema: Mapping[str, Any], facts: Mapping[str, Any]) -> Answer:
    """Of the root `if` on which it hangs whether the clause applies: one without `else`; true where there is none."""
    return evaluate(schema["if"] if "else" not in schema and "if" in schema else True, facts)


def _holds_otherwise(schema: Mapping[str, Any], facts: Mapping[str, Any], answer: Answer) -> bool:
    """Whether nothing beside the root `if` is false or can turn out so.

    `required` alone cannot: a fact that is missing now can only turn out to be there.
    """
    if answer.truth is not Truth.UNKNOWN:
        return answer.truth is Truth.TRUE
    rest = {keyword: value for keyword, value in schema.items() if keyword not in ("if", "then", "required")}
    return evaluate(rest, facts).truth is Truth.TRUE


def _of_null(clause: Clause, answer: Answer, case: _Case) -> ClauseOutcome:
    """The outcome where only facts that were looked for and are not there keep the clause from being decided."""
    if clause.null_rule is NullRule.NOT_APPLICABLE:
        if answer.missing:
            return _not_measured(clause, answer.missing, case)
        return _made(clause, Outcome.NOT_APPLICABLE, note=_null_note(answer.nulls, case.registry))
    plain = evaluate(clause.schema, case.facts)
    if plain.truth is Truth.FALSE:
        return _made(clause, Outcome.FAIL, findings=findings_of(plain.breaches, case.registry))
    missing = plain.missing or answer.missing
    if missing:
        return _not_measured(clause, missing, case)
    findings = tuple(null_finding(place, clause.schema, case.registry) for place in answer.nulls)
    return _made(clause, Outcome.FAIL, findings=findings)


def _null_note(nulls: Iterable[Place], registry: Mapping[str, Fact]) -> str:
    told = {f"{noun(place.name, registry)} is not there ({registry[place.name].null_means})": None for place in nulls}
    return ", ".join(told)


def _not_measured(clause: Clause, missing: Iterable[str], case: _Case) -> ClauseOutcome:
    names = tuple(dict.fromkeys(missing))
    note = (
        _of_coded(names, case.facts)
        or _of_substreams(names, case.facts)
        or _of_split_mix(names, case.facts)
        or _of_unknown_layout(names, case.facts)
        or _of_sequence(names, case)
        or why_text_is_missing(names, case.facts)
        or _of_composition(names, case.facts)
        or _what_would_measure(names, case)
    )
    return _made(clause, Outcome.NOT_MEASURED, note=note, missing=names)


def _of_coded(missing: Iterable[str], facts: Mapping[str, Any]) -> str | None:
    """Why audio was not measured: it is coded in place of PCM samples, so that there is no mix to hear."""
    tracks = facts.get("sound.tracks")
    if not isinstance(tracks, list) or not any(name.startswith(("sound.groups", "sound.is_")) for name in missing):
        return None
    for number, track in enumerate(tracks):
        if isinstance(track, Mapping) and track.get("coded_channels") and track.get("codec"):
            return (
                f"sound track {number} holds {track['codec']} in place of PCM samples (SMPTE ST 337), which is not "
                "measured"
            )
    return None


def _of_substreams(missing: Iterable[str], facts: Mapping[str, Any]) -> str | None:
    """Why an immersive mix was not measured: what is in the file are the parts that a player renders it from."""
    tracks = facts.get("sound.tracks")
    if not isinstance(tracks, list) or not any(name.startswith(("sound.groups", "sound.is_")) for name in missing):
        return None
    count = sum(isinstance(track, Mapping) and track.get("is_substream") is True for track in tracks)
    if not count:
        return None
    parts = "its one substream" if count == 1 else f"its {count} substreams"
    return f"the audio is an IAMF mix that the player renders from {parts}: measure a render of it"


def _of_split_mix(missing: Iterable[str], facts: Mapping[str, Any]) -> str | None:
    """Why a mono file that is part of a mix has no loudness: another file of the mix could not be measured."""
    files = facts.get("sound.mix_files")
    if not isinstance(files, list) or not any(name.startswith("sound.groups[].") for name in missing):
        return None
    return (
        f"one of {len(files)} mono files of one mix ({', '.join(map(str, files))}): loudness is that of the whole mix, "
        "which could not be measured"
    )


def _of_unknown_layout(missing: Iterable[str], facts: Mapping[str, Any]) -> str | None:
    """Why the mixes of a master that was measured have no loudness: what their channels are is not known."""
    groups = facts.get("sound.groups")
    is_about_loudness = any(name.startswith("sound.groups[].loudness.") for name in missing)
    if not is_about_loudness or _MEASURED not in facts or not isinstance(groups, list):
        return None
    unknown = [group for group in groups if isinstance(group, Mapping) and group.get("layout", "") is None]
    if not unknown:
        return None
    count = sum(len(group.get("channels", ())) for group in unknown)
    return (
        f"the layout of {count} channels is unknown, so that their weights in a loudness are: label them in the export"
    )


def _of_sequence(missing: Sequence[str], case: _Case) -> str | None:
    """Why an image sequence was not measured: its frames are no video, or nobody says how many of them are a second."""
    facts, registry = case.facts, case.registry
    if facts.get("sequence.file_format") is None:
        return None
    if any(name.startswith("picture.frame_rate") for name in missing):
        return "an image sequence has no frame rate of its own, and these frames do not state one"
    if "cross_check.probe_disagreements" in missing:
        return "one reader reads the headers of an image sequence, so that there is nothing to compare"
    is_of_meter = any(registry[one].given_by[0].startswith("meter:") for one in missing if one in registry)
    if not is_of_meter or _MEASURED not in facts:
        return None
    if facts.get("sequence.is_display_referred") is False:
        return "the frames hold film densities, logarithmic or linear light, on which this is not measured"
    if "picture.frame_rate" not in facts and "picture.black.is_throughout" not in facts:
        return "the frames do not state a frame rate: give it with --frame-rate"
    return None


def _of_composition(missing: Iterable[str], facts: Mapping[str, Any]) -> str | None:
    """Why a composition was not measured: a track file is not there, or what its reels hold was not put together."""
    names = list(missing)
    is_of_essence = not all(name.startswith(_OF_PACKAGE) for name in names)
    if facts.get(_NEEDS_ORIGINAL) is True and (is_of_essence or _MISSING_ASSETS in names):
        count = len(facts.get(_UNRESOLVED) or ())
        return (
            f"{count} of its assets {'is' if count == 1 else 'are'} not in the package: a version file (VF) or "
            "supplemental needs its original (OV). Give it with --with"
        )
    if _OF_COMPOSITION not in facts or not is_of_essence:
        return None
    lists = ("package.asset_map.missing_files", _UNRESOLVED)
    if any(facts.get(name) for name in (*lists, "package.composition.unreadable_files")):
        return "a track file of the composition is not there, or cannot be opened"
    if _MEASURED not in facts:
        return None
    return "it is not measured across the track files of a composition"


def _what_would_measure(names: Iterable[str], case: _Case) -> str:
    registry = case.registry
    givers = dict.fromkeys(registry[name].given_by[0] for name in names if name in registry)
    named = [giver.removeprefix("meter:") for giver in givers if giver.startswith("meter:")]
    if case.part is not None and (named or "decode" in givers):
        return f"only {case.part} was measured, and this is measured over the whole master"
    if _MEASURED in case.facts and (named or "decode" in givers):
        by = [f"the meter {name}" for name in named] + (["the decode"] if "decode" in givers else [])
        return f"{' and '.join(by)} could not measure it in this master"
    told = [f"the full tier, which runs the meter {name}" for name in named]
    told += ["the full tier, which decodes the essence"] if "decode" in givers else []
    told += ["a check of the file itself"] if "file" in givers else []
    told += ["the package that this file is a part of"] if {"package", "track_files"} & set(givers) else []
    told += ["the file of metadata next to the master, with its name and .xml"] if "sidecar" in givers else []
    told += ["the full tier, which hashes every file (without --no-hash)"] if "hashes" in givers else []
    told += [f"the {giver} probe" for giver in givers if giver not in _NO_PROBE and not giver.startswith("meter:")]
    return f"it takes {', and '.join(told)}" if told else "the facts are missing"


def _made(
    clause: Clause,
    outcome: Outcome,
    *,
    note: str | None = None,
    missing: tuple[str, ...] = (),
    findings: tuple[Finding, ...] = (),
) -> ClauseOutcome:
    return ClauseOutcome(
        id=clause.id,
        title=clause.title,
        level=clause.level,
        outcome=outcome,
        source=clause.source,
        why=clause.why,
        remedy=clause.remedy,
        severity=clause.severity,
        basis=None if clause.basis is Basis.DEMANDED else f"our_{clause.basis}",
        stated=clause.stated.to_document() if clause.stated is not None else None,
        note=note,
        missing_facts=missing,
        findings=as_stated(findings, clause),
    )


def _recognised(choice: Choice, case: _Case) -> ClauseOutcome:
    clause, finding = recognised_in_family(choice, case.facts)
    if choice.missing:
        return _not_measured(clause, choice.missing, case)
    return _waived(_made(clause, Outcome.FAIL, findings=(finding,)), clause, case)


def _provenance(spec: Spec | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    canonical = json.dumps(facts, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return {
        "spec_sha256": spec.sha256 if spec is not None else None,
        "facts_sha256": hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest(),
        "settings": None,
        "meters": {},
        "libraries": {},
    }


def _require_finite(value: Any, name: str, depth: int = 0) -> None:  # noqa: ANN401
    if depth > _DEEPEST_FACTS:
        raise UsageError(f"the fact {name} is nested too deeply to be one", code="facts-invalid")
    if isinstance(value, float):
        if math.isfinite(value):
            return
        message = f"the fact {name} is {value}, which is no JSON number; it must be finite or null"
        raise UsageError(message, code="facts-invalid")
    if isinstance(value, (dict, Mapping)):
        for key, inner in value.items():
            if not (isinstance(inner, _ALWAYS_FINITE) or (isinstance(inner, float) and math.isfinite(inner))):
                _require_finite(inner, member_name(name, str(key)), depth + 1)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            if not (isinstance(inner, _ALWAYS_FINITE) or (isinstance(inner, float) and math.isfinite(inner))):
                _require_finite(inner, f"{name}[]", depth + 1)


_ALWAYS_FINITE = (str, int, type(None))
