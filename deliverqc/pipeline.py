"""The flow, one way: probe, decode once, meters, facts, judge, evidence; it prints nothing and reads no options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc import __version__
from deliverqc.errors import DeliverqcError, UsageError
from deliverqc.facts.assemble import GROUP_PREFIX, SoundClock, assemble_reading
from deliverqc.facts.decoded import decode_facts
from deliverqc.facts.groups import Group, form_groups
from deliverqc.facts.model import Facts
from deliverqc.facts.pairs import channel_pairs
from deliverqc.facts.registry import registry
from deliverqc.judging.judge import judge, judge_unrecognised
from deliverqc.meters import meters
from deliverqc.meters.model import Curve, Reads
from deliverqc.probing import Probed, probe
from deliverqc.spec.family import choose
from deliverqc.spec.load import SpecLibrary
from deliverqc.spec.model import Family, Spec
from deliverqc.timebase import Timeline
from deliverqc.verdict import SCHEMA_VERSION, Decision, Level, Verdict, worst

if TYPE_CHECKING:
    from deliverqc.judging.waivers import Waiver
    from deliverqc.signals.store import Store
    from deliverqc.signals.tables import Signals, SoundSignal

Progress = Callable[[str, float, float | None], None]
"""Told the stage, the seconds of essence done, and the seconds in all where they are known."""

Settings = Mapping[str, Mapping[str, Any]]

SHOWN = frozenset({"loudness"})
"""Meters that run on every full check, because every report shows what they read."""


class Tier(StrEnum):
    """How far a master is looked into: its headers only, or every frame and sample."""

    HEADERS = "headers"
    FULL = "full"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked for, beyond masters and specs. `waivers_sha256` is None where no waivers were given."""

    tier: Tier = Tier.FULL
    fail_on: Level = Level.SHALL
    as_of: date = field(default_factory=date.today)
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    expectations: Mapping[str, Any] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    waivers_sha256: str | None = None

    def to_document(self) -> dict[str, Any]:
        """As it stands in the verdict document."""
        return {
            "fail_on": self.fail_on.value,
            "as_of": self.as_of.isoformat(),
            "only": list(self.only),
            "skip": list(self.skip),
            "expectations": dict(self.expectations),
            "waivers_sha256": self.waivers_sha256,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The facts of one subject under one set of settings (None: not known), and the curves that let a reader see
    them."""

    facts: Facts
    settings: Mapping[str, Mapping[str, Any]] | None
    curves: tuple[tuple[int | None, float, Curve], ...] = ()


def check_master(
    path: Path,
    specs: Sequence[Spec | Family],
    library: SpecLibrary,
    request: Request,
    *,
    store: Store | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The entry of `path` in the verdict document. A master that cannot be read gives an entry with `error`, not an
    exception."""
    try:
        probed = probe(path)
        signals = obtain_signals(path, probed, store=store, progress=progress) if request.tier is Tier.FULL else None
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
    store: Store | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """What `deliverqc facts` prints: every fact of the master under the spec's settings, or under the meters' own."""
    probed = probe(path)
    signals = obtain_signals(path, probed, store=store, progress=progress) if tier is Tier.FULL else None
    measured = measure(probed, signals, settings=spec.settings if spec else {}, wanted=frozenset(meters()))
    return {
        "schema_version": SCHEMA_VERSION,
        "master": {"path": str(path), "name": path.name, "size_bytes": path.stat().st_size, "tier": tier.value},
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
    entries = []
    for subject in subjects:
        verdicts = [_judge_subject(subject, spec, request) for spec in specs]
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


def _judge_subject(subject: Mapping[str, Any], spec: Spec, request: Request) -> Verdict:
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


def obtain_signals(path: Path, probed: Probed, *, store: Store | None, progress: Progress | None) -> Signals:
    """The signals of `path`: from the store where it holds them, else by decoding once and storing."""
    from deliverqc.signals import decode
    from deliverqc.signals import store as stores

    made_by = f"tables {decode.SIGNALS_VERSION}, libav {probed.versions['libav']}"
    key = stores.signals_key(path, made_by=made_by) if store is not None else ""
    if store is not None and (stored := store.load(key)) is not None:
        return stored
    plan = decode.Plan(
        picture_index=probed.picture_index,
        picture_indexes=tuple(track["index"] for track in probed.facts.get("picture.tracks", ())),
        sound_indexes=probed.sound_indexes,
        frame_rate=probed.frame_rate,
        promised_frame_count=probed.promised_frame_count,
        is_truncated=bool(probed.facts.get("decode.missing_byte_count")),
        pairs=channel_pairs(probed.facts),
    )
    total = probed.facts.get("wrapper.duration_s")
    signals = decode.decode(path, plan, None if progress is None else lambda done: progress("decode", done, total))
    if store is not None:
        store.save(key, signals)
    return signals


def measure(probed: Probed, signals: Signals | None, *, settings: Settings, wanted: frozenset[str]) -> Measured:
    """Run the `wanted` meters over the signals and put all facts of the subject together."""
    facts: Facts = dict(probed.facts)
    groups = form_groups(facts, settings.get("groups", {}))
    entries = [group.to_facts() for group in groups]
    resolved = {name: meters()[name].resolve(settings.get(name, {})) for name in sorted(wanted)}
    if settings.get("groups"):
        resolved["groups"] = dict(settings["groups"])
    curves: list[tuple[int | None, float, Curve]] = []
    if signals is not None:
        timeline = _timeline(probed, signals)
        facts |= decode_facts(signals.log, timeline)
        for name in sorted(wanted):
            meter, chosen = meters()[name], resolved[name]
            if meter.reads is Reads.PICTURE:
                if signals.picture is not None:
                    reading = meter.measure(signals.picture, chosen)
                    facts |= assemble_reading(reading.facts, prefix="", timeline=timeline)
                    curves += [(None, 0.0, curve) for curve in reading.curves]
                continue
            for number, (group, entry) in enumerate(zip(groups, entries, strict=True)):
                sound = _group_signal(signals, group)
                if sound is None:
                    continue
                reading = meter.measure(sound, chosen)
                clock = SoundClock(
                    sample_rate_hz=sound.sample_rate_hz, sample_count=sound.sample_count, offset_s=sound.offset_s
                )
                entry |= assemble_reading(reading.facts, prefix=GROUP_PREFIX, timeline=timeline, sound=clock)
                curves += [(number, float(sound.offset_s), curve) for curve in reading.curves]
    facts["sound.groups"] = entries
    return Measured(facts=facts, settings=resolved, curves=tuple(curves))


def meters_of(spec: Spec) -> frozenset[str]:
    """The meters whose facts the clauses and expectations of `spec` read."""
    table = registry()
    names = {name for clause in spec.clauses for name in clause.facts()}
    return frozenset(
        giver.removeprefix("meter:")
        for name in names
        if name in table
        for giver in table[name].given_by
        if giver.startswith("meter:")
    )


def _judge_one(
    spec: Spec | Family, library: SpecLibrary, probed: Probed, signals: Signals | None, request: Request
) -> tuple[Verdict, Measured]:
    family = None
    if isinstance(spec, Family):
        choice = choose(spec, library, probed.facts)
        family = choice.to_document()
        if choice.spec is None:
            measured = measure(probed, signals, settings={}, wanted=SHOWN)
            verdict = judge_unrecognised(
                choice,
                library.integrity,
                measured.facts,
                waivers=request.waivers,
                fail_on=request.fail_on,
                as_of=request.as_of,
                provenance=_provenance(measured, probed.versions),
            )
            return verdict, measured
        spec = choice.spec
    measured = measure(probed, signals, settings=spec.settings, wanted=meters_of(spec) | SHOWN)
    verdict = judge(
        spec,
        measured.facts,
        only=request.only,
        skip=request.skip,
        expectations=request.expectations,
        waivers=request.waivers,
        fail_on=request.fail_on,
        as_of=request.as_of,
        family=family,
        provenance=_provenance(measured, probed.versions),
    )
    return verdict, measured


def _provenance(measured: Measured, libraries: Mapping[str, str]) -> dict[str, Any]:
    """What the judge cannot know of itself: how the facts came about."""
    return {
        "settings": measured.settings,
        "meters": {name: meters()[name].version for name in measured.settings or () if name in meters()},
        "libraries": dict(libraries),
    }


def _timeline(probed: Probed, signals: Signals) -> Timeline:
    picture = signals.picture
    if picture is None:
        return Timeline(frame_rate=probed.frame_rate, frame_count=None, start=probed.start)
    import numpy as np

    steady = np.arange(picture.frame_count) / float(picture.frame_rate)
    is_steady = bool(np.all(np.abs(picture.start_s - steady) < 0.5 / float(picture.frame_rate)))
    return Timeline(
        frame_rate=picture.frame_rate,
        frame_count=picture.frame_count,
        start=probed.start,
        frame_starts_s=None if is_steady else picture.start_s.tolist(),
    )


def _group_signal(signals: Signals, group: Group) -> SoundSignal | None:
    """The table of one channel group, its channels in layout order; a channel that ends early is silent to the end."""
    import numpy as np

    from deliverqc.signals.tables import SoundSignal

    parts = []
    for track, channel in group.channels:
        if track >= len(signals.sounds) or channel >= signals.sounds[track].k_energy.shape[1]:
            return None
        parts.append((signals.sounds[track], channel))
    if not parts or any(sound.sample_rate_hz != parts[0][0].sample_rate_hz for sound, _ in parts):
        return None
    rows = max(sound.row_count for sound, _ in parts)

    def column(name: str) -> Any:  # noqa: ANN401  an array of the column's own type
        table = np.zeros((rows, len(parts)), dtype=getattr(parts[0][0], name).dtype)
        for position, (sound, channel) in enumerate(parts):
            table[: sound.row_count, position] = getattr(sound, name)[:, channel]
        return table

    pairs = [pair for pair in signals.pairs if pair.first in group.channels and pair.second in group.channels]
    differences = np.zeros((rows, len(pairs)), dtype=np.float32)
    for position, pair in enumerate(pairs):
        known = pair.difference_energy[:rows]
        differences[: len(known), position] = known

    return SoundSignal(
        sample_rate_hz=parts[0][0].sample_rate_hz,
        sample_count=max(sound.sample_count for sound, _ in parts),
        labels=group.labels if group.layout is not None else ("",) * len(parts),
        k_energy=column("k_energy"),
        sample_peak=column("sample_peak"),
        true_peak=column("true_peak"),
        energy=column("energy"),
        total=column("total"),
        next_product=column("next_product"),
        peak_run=column("peak_run"),
        peak_run_count=column("peak_run_count"),
        full_scale_count=column("full_scale_count"),
        pairs=tuple((group.channels.index(pair.first), group.channels.index(pair.second)) for pair in pairs),
        difference_energy=differences,
        offset_s=parts[0][0].offset_s,
    )


def _curves(measured: Iterable[Measured]) -> list[dict[str, Any]]:
    from deliverqc.evidence import curve as published

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
