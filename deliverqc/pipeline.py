"""The flow, one way: probe, decode once, meters, facts, judge, evidence; it prints nothing and reads no options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc.entries import master_entry, provenance, subject_entry
from deliverqc.errors import DeliverqcError, UsageError
from deliverqc.facts.dated import dated
from deliverqc.facts.model import Facts
from deliverqc.file_state import FileState, file_state, is_changed
from deliverqc.frame_files import frames_at
from deliverqc.judging.judge import judge, judge_unrecognised
from deliverqc.judging.noticed import noticed_in
from deliverqc.measuring.curves import curve as published
from deliverqc.measuring.measure import Measured, measure
from deliverqc.measuring.obtain import Notice, Obtain, Progress, obtain_signals
from deliverqc.measuring.planning import SHOWN, extensions_of, heard_for_text, meters_of
from deliverqc.measuring.ranges import Range, measured_part
from deliverqc.measuring.sidecars import sidecar_facts
from deliverqc.measuring.text_sidecars import find_sidecars
from deliverqc.meters import core_meters, meters
from deliverqc.probing import Probed, probe
from deliverqc.probing.packages import asset_map_of, original_maps
from deliverqc.request import Request, Tier
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Family, Spec
from deliverqc.speclib.families import choose
from deliverqc.verdict import SCHEMA_VERSION, ClauseOutcome, Verdict

if TYPE_CHECKING:
    from deliverqc.measuring.compositions import PackagedComposition
    from deliverqc.measuring.split_mixes import SplitMix
    from deliverqc.measuring.text_sidecars import Sidecar
    from deliverqc.signals.store import Store
    from deliverqc.signals.tables import Signals

_FILE = "file"
"""Id and kind of the subject of a master that is one file."""

_COMPOSITION = "composition"
"""Kind of the subjects of a package."""


def check_master(
    path: Path,
    specs: Sequence[Spec | Family],
    library: SpecLibrary,
    request: Request,
    *,
    store: Store | None = None,
    progress: Progress | None = None,
    notice: Notice | None = None,
    jobs: int = 1,
    threads: int | None = None,
    given: Sequence[Path] = (),
) -> dict[str, Any]:
    """The entry of `path` in the verdict document; `given` are the masters that are checked with it.

    A master that cannot be read gives an entry with `error`, not an exception.
    """
    asset_map = asset_map_of(path)
    if asset_map is not None:
        _refuse_texts(path, request.texts)
        obtain = partial(obtain_signals, store=store, progress=progress, notice=notice, jobs=jobs, threads=threads)
        return _check_package(asset_map, specs, library, request, obtain, progress)
    path = _master_path(path)
    before = file_state(path)
    try:
        probed = probed_master(path, request.sequence_rate)
        sidecars = _sidecars_of(path, probed, request.texts, is_sought=request.has_sidecars)
        probed = _with_text_tracks(probed, None, sidecars)
        _tell_untimed(probed, request.tier, notice)
        signals = mix = None
        if _is_decoded(path, probed, request.tier, request.range):
            needed = extensions_of(_wanted(specs, library, probed.facts, request))
            needed |= heard_for_text(probed.facts) if request.range is None else frozenset()
            signals = obtain_signals(
                path,
                probed,
                store=store,
                progress=progress,
                notice=notice,
                extensions=needed,
                asked=request.range,
                jobs=jobs,
                threads=threads,
            )
            mix = _mix_of(path, signals, given, store=store, progress=progress, asked=request.range)
            probed = _with_numbered(path, probed, signals)
            probed = _with_text_tracks(probed, signals, sidecars)
        probed = _compared(path, probed, before)
        judged = []
        for spec in specs:
            judged.append(_judge_one(spec, library, probed, signals, request, mix))
            if progress is not None:
                progress("judge", 0.0, None)
        noticed = _noticed(library.common_sense, probed, signals, request, [verdict for verdict, _ in judged], mix)
    except DeliverqcError as error:
        if error.exit_code == 2:
            raise
        changed = _changed_error(path, before)
        return master_entry(path, request.tier, error=changed or {"code": error.code, "message": error.message})
    except Exception:
        changed = _changed_error(path, before)
        if changed is None:
            raise
        return master_entry(path, request.tier, error=changed)
    subject = {"id": _FILE, "kind": "file", "title": path.name}
    curves = _curves(measured for _, measured in judged)
    verdicts = [verdict for verdict, _ in judged]
    facts = judged[0][1].facts if judged else None
    entry = subject_entry(subject, verdicts, noticed, fail_on=request.fail_on, curves=curves, facts=facts)
    return master_entry(
        path,
        request.tier,
        subjects=[entry],
        readers_lost=probed.readers_lost,
        sidecars=probed.facts["timed_text.sidecars"],
    )


def _master_path(path: Path) -> Path:
    """The path itself, or the pattern of the image sequence that it stands for."""
    frames = frames_at(path)
    return path if frames is None else frames.path


def probed_master(path: Path, frame_rate: Fraction | None = None) -> Probed:
    """What `probe` gives, and of a file of text its facts, of media those of metadata next to it."""
    probed = probe(path) if frame_rate is None else probe(path, frame_rate)
    if probed.documents is None:
        return replace(probed, facts=probed.facts | sidecar_facts(path, probed.facts))
    from deliverqc.measuring.timed_text import with_text  # 5 ms that media do not have

    return with_text(probed)


def _sidecars_of(
    path: Path, probed: Probed, given: Sequence[tuple[str, Path]], *, is_sought: bool
) -> tuple[Sidecar, ...]:
    """The files of text that belong to a master; a file of text has none. UsageError where some are given for one."""
    if probed.documents is None:
        return find_sidecars(path, probed.facts, given, is_sought=is_sought)
    _refuse_texts(path, given)
    return ()


def _refuse_texts(path: Path, given: Sequence[tuple[str, Path]]) -> None:
    if given:
        message = (
            f"--with {given[0][0]}={given[0][1]} belongs to a file of picture or audio, and {path.name} is not one."
        )
        raise UsageError(f"{message} Leave it out.", code="text-of-another")


def _with_text_tracks(probed: Probed, signals: Signals | None, sidecars: Sequence[Sidecar]) -> Probed:
    """What was probed, with the tracks of text that were read; of a file of text it has them."""
    if probed.documents is not None:
        return probed
    if not sidecars and signals is None:
        return replace(probed, facts=probed.facts | {"timed_text.sidecars": []})
    from deliverqc.measuring.text_tracks import with_text_tracks  # 5 ms that a headers run does not have

    return with_text_tracks(probed, signals, sidecars)


def _tell_untimed(probed: Probed, tier: Tier, notice: Notice | None) -> None:
    """Say what is missing to measure an image sequence in time."""
    is_untimed = probed.frames is not None and probed.frame_rate is None
    if notice is not None and probed.frames is not None and is_untimed and tier is Tier.FULL:
        notice(
            f"{probed.frames.pattern}: the frames do not state a frame rate, so black, freeze and the like are not "
            "measured. Give it with --frame-rate, such as --frame-rate 24."
        )


def _check_package(
    asset_map: Path,
    specs: Sequence[Spec | Family],
    library: SpecLibrary,
    request: Request,
    obtain: Obtain,
    progress: Progress | None,
) -> dict[str, Any]:
    """The entry of a package: one master, of which each composition is a subject with verdicts of its own."""
    from deliverqc.measuring.packages import read_compositions

    path = asset_map.parent
    _refuse_range(path, request.range)

    def wanted(headers: Facts) -> frozenset[str]:
        return _wanted(specs, library, headers, request)

    entries = []
    lost: dict[tuple[str, str], None] = {}
    try:
        for packaged in read_compositions(
            asset_map,
            wanted,
            obtain if request.tier is Tier.FULL else None,
            asked=request.composition,
            originals=original_maps(request.companions),
            is_hashed=request.is_hashed and request.tier is Tier.FULL,
            progress=progress,
        ):
            entries.append(_composition_entry(packaged, specs, library, request))
            lost |= dict.fromkeys(packaged.readers_lost)
    except DeliverqcError as error:
        if error.exit_code == 2:
            raise
        return master_entry(path, request.tier, error={"code": error.code, "message": error.message})
    return master_entry(path, request.tier, subjects=entries, readers_lost=sorted(lost))


def _composition_entry(
    packaged: PackagedComposition, specs: Sequence[Spec | Family], library: SpecLibrary, request: Request
) -> dict[str, Any]:
    from deliverqc.measuring.compositions import header_facts, measure_composition  # as above

    headers = header_facts(packaged)
    verdicts, curved = [], []
    for spec in specs:
        meant = choose(spec, library, headers).spec if isinstance(spec, Family) else spec
        settings = {} if meant is None else meant.settings
        measured = measure_composition(packaged, settings=settings, wanted=_asked(meant, request))
        about = {"subject": packaged.id, "kind": _COMPOSITION}
        verdicts.append(_judged(spec, library, measured, packaged.versions, request, chosen_by=headers, **about))
        curved.append(measured)
    common = library.common_sense
    measured = measure_composition(packaged, settings=common.settings, wanted=SHOWN | meters_of(common))
    noticed = noticed_in(measured.facts, common, verdicts, as_of=request.as_of, subject=packaged.id, kind=_COMPOSITION)
    subject = {"id": packaged.id, "kind": _COMPOSITION, "title": packaged.title}
    facts = curved[0].facts if curved else None
    return subject_entry(subject, verdicts, noticed, fail_on=request.fail_on, curves=_curves(curved), facts=facts)


def facts_document(
    path: Path,
    spec: Spec | None,
    tier: Tier,
    *,
    is_all: bool = False,
    asked: Range | None = None,
    jobs: int = 1,
    threads: int | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
    notice: Notice | None = None,
    frame_rate: Fraction | None = None,
    programme: Sequence[Range] = (),
    companions: Sequence[Path] = (),
    texts: Sequence[tuple[str, Path]] = (),
    has_sidecars: bool = True,
) -> dict[str, Any]:
    """What `deliverqc facts` prints: the facts of the master under the spec's settings, or under the meters' own.

    Measured are the core set and what the spec asks, or everything where `is_all`; of the whole, or of the
    part that is `asked` for. `frame_rate` times an image sequence whose frames do not state a rate. `programme`: its
    parts, where they are given. Of a package each composition is a subject, and assets that it lacks are looked for in
    its `companions`. `texts` and `has_sidecars` as in a request.
    """
    asset_map = asset_map_of(path)
    if asset_map is not None:
        _refuse_texts(path, texts)
        obtain = partial(obtain_signals, store=store, progress=progress, notice=notice, jobs=jobs, threads=threads)
        originals = original_maps(companions)
        return _package_facts(
            asset_map, spec, tier, obtain, originals=originals, is_all=is_all, asked=asked, progress=progress
        )
    path = _master_path(path)
    before = file_state(path)
    probed = probed_master(path, frame_rate)
    sidecars = _sidecars_of(path, probed, texts, is_sought=has_sidecars)
    probed = _with_text_tracks(probed, None, sidecars)
    _tell_untimed(probed, tier, notice)
    wanted = _measured_for(spec, is_all=is_all)
    signals = mix = None
    if _is_decoded(path, probed, tier, asked):
        signals = obtain_signals(
            path,
            probed,
            store=store,
            progress=progress,
            notice=notice,
            extensions=extensions_of(wanted) | (heard_for_text(probed.facts) if asked is None else frozenset()),
            asked=asked,
            jobs=jobs,
            threads=threads,
        )
        mix = _mix_of(path, signals, (), store=store, progress=progress, asked=asked)
        probed = _with_numbered(path, probed, signals)
        probed = _with_text_tracks(probed, signals, sidecars)
    probed = _compared(path, probed, before)
    measured = measure(
        probed, signals, settings=spec.settings if spec else {}, wanted=wanted, mix=mix, programme=programme
    )
    found = None if signals is None else measured_part(signals)
    part = {} if found is None else {"range": {"asked": str(asked), **found}}
    return {
        "schema_version": SCHEMA_VERSION,
        "master": {
            "path": str(path),
            "name": path.name,
            "size_bytes": probed.facts["file.size_bytes"],
            "tier": tier.value,
        }
        | part,
        "subjects": [
            {"id": _FILE, "kind": "file", "title": path.name, "settings": measured.settings, "facts": measured.facts}
        ],
    }


def _measured_for(spec: Spec | None, *, is_all: bool) -> frozenset[str]:
    """The meters whose facts are printed."""
    return core_meters() | (meters_of(spec) if spec else frozenset()) | frozenset(meters() if is_all else ())


def _package_facts(
    asset_map: Path,
    spec: Spec | None,
    tier: Tier,
    obtain: Obtain,
    *,
    originals: Sequence[Path],
    is_all: bool,
    asked: Range | None,
    progress: Progress | None,
) -> dict[str, Any]:
    from deliverqc.measuring.compositions import measure_composition  # lxml, which other masters do not need
    from deliverqc.measuring.packages import read_compositions

    path, is_full = asset_map.parent, tier is Tier.FULL
    _refuse_range(path, asked)
    wanted = _measured_for(spec, is_all=is_all)
    subjects, size = [], 0
    for packaged in read_compositions(
        asset_map,
        lambda _: wanted,
        obtain if is_full else None,
        originals=originals,
        is_hashed=is_full,
        progress=progress,
    ):
        measured = measure_composition(packaged, settings=spec.settings if spec else {}, wanted=wanted)
        size = max(size, measured.facts["file.size_bytes"])
        about = {"id": packaged.id, "kind": _COMPOSITION, "title": packaged.title}
        subjects.append(about | {"settings": measured.settings, "facts": measured.facts})
    stated = {"path": str(path), "name": path.name, "size_bytes": size, "tier": tier.value}
    return {"schema_version": SCHEMA_VERSION, "master": stated, "subjects": subjects}


def _refuse_range(path: Path, asked: Range | None) -> None:
    if asked is not None:
        raise UsageError(
            f"{path.name} is a package, and a range is for single files. Leave --range out.", code="range-of-package"
        )


def _is_decoded(path: Path, probed: Probed, tier: Tier, asked: Range | None) -> bool:
    """Whether there is essence to decode, and the tier asks for it. UsageError for a range of a file of text."""
    if probed.documents is not None and asked is not None:
        message = f"{path.name} is a file of text, and a range is for picture and audio. Leave --range out."
        raise UsageError(message, code="range-of-text")
    return tier is Tier.FULL and probed.documents is None


def _compared(path: Path, probed: Probed, before: FileState | None) -> Probed:
    """What was probed, and whether the file changed since `before`: called when nothing is left to be read of it."""
    return replace(probed, facts=probed.facts | {"file.changed_during_check": is_changed(path, before)})


def _changed_error(path: Path, before: FileState | None) -> dict[str, str] | None:
    """The error of a file that changed under a reader, which may have stumbled over anything; None where it did not."""
    if before is None or not is_changed(path, before):
        return None
    message = (
        f"{path.name} could not be read: the file changed while it was checked. Wait until the export or the copy is "
        "finished, then check again."
    )
    return {"code": "changed-during-check", "message": message}


def _mix_of(
    path: Path,
    signals: Signals,
    given: Sequence[Path],
    *,
    store: Store | None,
    progress: Progress | None,
    asked: Range | None,
) -> SplitMix | None:
    """The mix of several mono files that `path` is a part of, with the signals of all; None where it stands alone."""
    from deliverqc.measuring.split_mixes import split_mix  # 2 ms that a headers run does not have

    def of_another(other: Path) -> Signals:
        probed = probe(other)
        return obtain_signals(other, probed, store=store, progress=progress, extensions=signals.extensions, asked=asked)

    return split_mix(path, signals, given, of_another)


def _with_numbered(path: Path, probed: Probed, signals: Signals) -> Probed:
    from deliverqc.measuring.split_mixes import numbered_siblings  # as above

    return replace(probed, facts=probed.facts | {"sound.numbered_files": numbered_siblings(path, signals)})


def _judge_one(
    spec: Spec | Family,
    library: SpecLibrary,
    probed: Probed,
    signals: Signals | None,
    request: Request,
    mix: SplitMix | None,
) -> tuple[Verdict, Measured]:
    meant = choose(spec, library, probed.facts).spec if isinstance(spec, Family) else spec
    settings = {} if meant is None else meant.settings
    measured = measure(
        probed, signals, settings=settings, wanted=_asked(meant, request), mix=mix, programme=request.programme
    )
    return _judged(spec, library, measured, probed.versions, request, chosen_by=probed.facts), measured


def _judged(
    spec: Spec | Family,
    library: SpecLibrary,
    measured: Measured,
    versions: Mapping[str, str],
    request: Request,
    *,
    chosen_by: Mapping[str, Any],
    subject: str = _FILE,
    kind: str = _FILE,
) -> Verdict:
    """The verdict of a spec, or of the spec of a family that fits the facts that it is `chosen_by`."""
    measured = replace(measured, facts=dated(measured.facts, request.as_of))
    about = provenance(measured, versions)
    family = None
    if isinstance(spec, Family):
        choice = choose(spec, library, chosen_by)
        family = choice.to_document()
        if choice.spec is None:
            return judge_unrecognised(
                choice,
                library.integrity,
                measured.facts,
                subject=subject,
                kind=kind,
                waivers=request.waivers,
                fail_on=request.fail_on,
                as_of=request.as_of,
                part=_part(request),
                provenance=about,
            )
        spec = choice.spec
    return judge(
        spec,
        measured.facts,
        subject=subject,
        kind=kind,
        only=request.only,
        skip=request.skip,
        expectations=request.expectations,
        waivers=request.waivers,
        fail_on=request.fail_on,
        as_of=request.as_of,
        part=_part(request),
        family=family,
        provenance=about,
    )


def _noticed(
    common_sense: Spec,
    probed: Probed,
    signals: Signals | None,
    request: Request,
    verdicts: Sequence[Verdict],
    mix: SplitMix | None,
) -> tuple[ClauseOutcome, ...]:
    """What common sense notices, measured by the meters' own defaults whatever the specs choose."""
    wanted = SHOWN | meters_of(common_sense)
    measured = measure(
        probed, signals, settings=common_sense.settings, wanted=wanted, mix=mix, programme=request.programme
    )
    return noticed_in(measured.facts, common_sense, verdicts, as_of=request.as_of, subject=_FILE, part=_part(request))


def _part(request: Request) -> str | None:
    return None if request.range is None else str(request.range)


def _asked(spec: Spec | None, request: Request) -> frozenset[str]:
    """The meters that run for one spec: those that it asks for and those that every report shows, or all."""
    return frozenset(meters()) if request.is_all else SHOWN | (meters_of(spec) if spec is not None else frozenset())


def _wanted(specs: Sequence[Spec | Family], library: SpecLibrary, facts: Facts, request: Request) -> frozenset[str]:
    """The meters that any of the specs needs, of a family the one that fits."""
    chosen = [choose(one, library, facts).spec if isinstance(one, Family) else one for one in specs]
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
