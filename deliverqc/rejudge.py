"""Judges facts that were measured before, here or elsewhere; opens no master."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliverqc.entries import entry_of, provenance, subject_entry, verdict_document
from deliverqc.errors import UsageError
from deliverqc.facts.dated import dated
from deliverqc.facts.model import Facts
from deliverqc.facts.programme import SETTING as PROGRAMME
from deliverqc.facts.programme import resolve_programme, without_programme
from deliverqc.judging.judge import judge
from deliverqc.judging.noticed import noticed_in
from deliverqc.measuring.measure import Measured
from deliverqc.measuring.planning import meters_of
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.meters import meters
from deliverqc.meters.model import Reads
from deliverqc.request import Request, Tier
from deliverqc.speclang.model import Spec
from deliverqc.verdict import SCHEMA_VERSION, Verdict


def judge_document(document: Mapping[str, Any], specs: Sequence[Spec], request: Request) -> dict[str, Any]:
    """The verdict document for facts that were measured before, here or elsewhere.

    `document` is what `deliverqc facts` prints, or a bare object of facts. A meter whose settings differ from the
    spec's did not measure what the spec asks: its facts count as missing. A bare object has no settings and is judged
    as given. UsageError for anything else.
    """
    subjects = _subjects_of(document)
    master = document.get("master") if "subjects" in document else None
    part = _part_of_document(master)
    entries = [_entry(subject, specs, request, part) for subject in subjects]
    known = master if isinstance(master, Mapping) else {}
    stated = {
        "path": str(known.get("path", "facts")),
        "name": str(known.get("name", "facts")),
        "size_bytes": known.get("size_bytes"),
        "tier": known.get("tier", Tier.FULL.value),
    }
    return verdict_document([entry_of(stated, subjects=entries)], request)


def _entry(subject: Mapping[str, Any], specs: Sequence[Spec], request: Request, part: str | None) -> dict[str, Any]:
    verdicts = [_judge_subject(subject, spec, request, part) for spec in specs]
    common_sense = spec_library().common_sense
    noticed = noticed_in(
        _facts_under(subject, common_sense),
        common_sense,
        verdicts,
        as_of=request.as_of,
        subject=subject["id"],
        kind=subject["kind"],
        part=part,
    )
    return subject_entry(subject, verdicts, noticed, fail_on=request.fail_on, facts=subject["facts"])


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
    facts = dated(_facts_under(subject, spec), request.as_of)
    return judge(
        spec,
        facts,
        subject=subject["id"],
        kind=subject["kind"],
        only=request.only,
        skip=request.skip,
        expectations=request.expectations,
        waivers=request.waivers,
        fail_on=request.fail_on,
        as_of=request.as_of,
        part=part,
        family=None,
        provenance=provenance(Measured(facts=facts, settings=subject["settings"]), {}),
    )


def _facts_under(subject: Mapping[str, Any], spec: Spec) -> Facts:
    """The facts of a subject that were measured under the settings of `spec`; all, where no settings are known."""
    settings, facts = subject["settings"], dict(subject["facts"])
    if settings is None:
        return facts
    differing = {
        name for name in meters_of(spec) if settings.get(name) != meters()[name].resolve(spec.settings.get(name, {}))
    }
    facts = _without(facts, {f"meter:{name}" for name in differing})
    if settings.get("groups", {}) != spec.settings.get("groups", {}):
        facts.pop("sound.groups", None)
        facts = _without(facts, {f"meter:{meter.name}" for meter in meters().values() if meter.reads is Reads.GROUP})
    programme = settings.get(PROGRAMME, {})
    if "parts" not in programme and programme != resolve_programme(spec.settings.get(PROGRAMME, {})):
        return without_programme(facts)
    return facts


def _without(facts: Mapping[str, Any], givers: set[str]) -> Facts:
    """The facts less those that the `givers` give, alone or with others."""
    table = registry().facts

    def is_kept(name: str) -> bool:
        return name not in table or givers.isdisjoint(table[name].given_by)

    kept: Facts = {}
    for name, value in facts.items():
        if not is_kept(name):
            continue
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            value = [{key: item[key] for key in item if is_kept(f"{name}[].{key}")} for item in value]
        kept[name] = value
    return kept
