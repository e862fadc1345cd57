"""From a probed master to its facts: the signals of the one decode, the meters over them, and what they read; knows no
verdict and prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc.errors import UsageError
from deliverqc.facts.assemble import GROUP_PREFIX, SoundClock, assemble_reading
from deliverqc.facts.channel_pairs import channel_pairs
from deliverqc.facts.cross_check import light_differences
from deliverqc.facts.groups import Group, form_groups
from deliverqc.facts.model import Facts
from deliverqc.facts.probed import registry
from deliverqc.measuring.decode_facts import decode_facts
from deliverqc.meters import meters
from deliverqc.meters.model import Curve, Reads
from deliverqc.probing import Probed
from deliverqc.speclang.model import Spec
from deliverqc.timebase import Timeline

if TYPE_CHECKING:
    from deliverqc.measuring.ranges import Range
    from deliverqc.signals.plan import Plan
    from deliverqc.signals.store import Store
    from deliverqc.signals.tables import Part, Signals, SoundSignal

Progress = Callable[[str, float, float | None], None]
"""Told the stage, the seconds of essence done, and the seconds in all where they are known."""

Settings = Mapping[str, Mapping[str, Any]]

SHOWN = frozenset({"loudness"})
"""Meters that run on every full check, because every report shows what they read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The facts of one subject under one set of settings (None: not known), and the curves that let a reader see
    them."""

    facts: Facts
    settings: Mapping[str, Mapping[str, Any]] | None
    curves: tuple[tuple[int | None, float, Curve], ...] = ()


def extensions_of(wanted: Iterable[str]) -> frozenset[str]:
    """The columns on demand that the `wanted` meters read."""
    return frozenset(found for name in wanted if (found := meters()[name].extension) is not None)


def plan_of(probed: Probed, extensions: Iterable[str] = ()) -> Plan:
    """What has to be decoded of a probed master, with those columns on demand."""
    from deliverqc.signals.on_demand import Colorimetry
    from deliverqc.signals.plan import Plan

    return Plan(
        picture_index=probed.picture_index,
        picture_indexes=tuple(track["index"] for track in probed.facts.get("picture.tracks", ())),
        sound_indexes=probed.sound_indexes,
        frame_rate=probed.frame_rate,
        promised_frame_count=probed.promised_frame_count,
        is_truncated=bool(probed.facts.get("decode.missing_byte_count")),
        pairs=channel_pairs(probed.facts),
        extensions=tuple(sorted(extensions)),
        colorimetry=Colorimetry(
            primaries=probed.facts.get("picture.color_primaries"),
            transfer=probed.facts.get("picture.color_transfer"),
            matrix=probed.facts.get("picture.color_matrix"),
            mastering_max_cd_m2=(probed.facts.get("picture.hdr.mastering_display") or {}).get("max_cd_m2"),
        ),
    )


def obtain_signals(
    path: Path,
    probed: Probed,
    *,
    store: Store | None,
    progress: Progress | None,
    extensions: frozenset[str] = frozenset(),
    asked: Range | None = None,
    jobs: int = 1,
) -> Signals:
    """The signals of `path` with `extensions`: from the store where it holds them, else by decoding once and storing.

    Stored signals without some of the `extensions` are made again, with those that they have; the stage says so. Only
    the part that is `asked` for is decoded, and not stored; the whole by as many as `jobs` processes. UsageError where
    such a part cannot be told.
    """
    from deliverqc.signals import decode, parts
    from deliverqc.signals import store as stores

    total = probed.facts.get("wrapper.duration_s")
    if asked is not None:
        plan = _plan_of_part(path, probed, extensions, asked)
        return decode.decode(path, plan, _telling(progress, f"decode {asked}", None))

    made_by = f"tables {decode.SIGNALS_VERSION}, libav {probed.versions['libav']}"
    key = stores.signals_key(path, made_by=made_by) if store is not None else ""
    stage = "decode"
    if store is not None and (stored := store.load(key)) is not None:
        if extensions <= stored.extensions:
            return stored
        stage = f"decode again for {', '.join(sorted(extensions - stored.extensions))}"
        extensions |= stored.extensions
    plan = plan_of(probed, extensions)
    signals = parts.decode_in_parts(path, plan, jobs, _telling(progress, stage, total))
    if store is not None:
        store.save(key, signals)
    return signals


def _telling(progress: Progress | None, stage: str, total: float | None) -> Callable[[float], None] | None:
    return None if progress is None else lambda done: progress(stage, done, total)


def _plan_of_part(path: Path, probed: Probed, extensions: Iterable[str], asked: Range) -> Plan:
    """The frames that begin in the range, and the whole seconds of sound that hold it."""
    from deliverqc.signals.parts import first_frames
    from deliverqc.signals.tables import Part

    plan = plan_of(probed, extensions)
    start, end = asked.in_seconds(probed.frame_rate, probed.start)
    origins = first_frames(path, plan)
    if origins is None:
        message = f"a part of {path} cannot be measured: when its tracks begin cannot be told. Leave --range out."
        raise UsageError(message, code="range-unmeasurable")
    rate = probed.frame_rate or Fraction(1)
    part = Part(
        first_frame=-int(-start * rate // 1),
        end_frame=None if end is None else -int(-end * rate // 1),
        first_second=int(start),
        end_second=None if end is None else -int(-end // 1),
        origins=origins,
        is_exact=False,
    )
    return replace(plan, part=part)


def measured_part(signals: Signals) -> dict[str, Any] | None:
    """What of the master the signals are of, as documents tell it; None for the whole. An end of None is its end."""
    if signals.part is None:
        return None
    part = signals.part
    return {
        "start_frame": None if signals.picture is None else part.first_frame,
        "end_frame": None if signals.picture is None else part.end_frame,
        "sound_start_s": part.first_second,
        "sound_end_s": part.end_second,
    }


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
        facts |= decode_facts(signals, timeline)
        for name in sorted(wanted):
            meter, chosen = meters()[name], resolved[name]
            if meter.extension is not None and meter.extension not in signals.extensions:
                continue
            if meter.reads is Reads.PICTURE:
                if signals.picture is not None:
                    reading = meter.measure(signals.picture, chosen)
                    facts |= assemble_reading(reading.facts, prefix="", timeline=timeline)
                    begins = float(timeline.frame_time(timeline.first_frame)) if timeline.first_frame else 0.0
                    curves += [(None, begins, curve) for curve in reading.curves]
                continue
            for number, (group, entry) in enumerate(zip(groups, entries, strict=True)):
                sound = _group_signal(signals, group)
                if sound is None:
                    continue
                reading = meter.measure(sound, chosen)
                clock = SoundClock(
                    sample_rate_hz=sound.sample_rate_hz,
                    sample_count=_bound(sound.first_sample + sound.sample_count, signals.part, "end_second"),
                    offset_s=sound.offset_s,
                    first_sample=sound.first_sample,
                )
                entry |= assemble_reading(reading.facts, prefix=GROUP_PREFIX, timeline=timeline, sound=clock)
                begins = float(sound.offset_s + Fraction(sound.first_sample, sound.sample_rate_hz))
                curves += [(number, begins, curve) for curve in reading.curves]
    facts["sound.groups"] = entries
    facts |= light_differences(facts)
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


def _timeline(probed: Probed, signals: Signals) -> Timeline:
    picture = signals.picture
    if picture is None:
        return Timeline(frame_rate=probed.frame_rate, frame_count=None, start=probed.start)
    import numpy as np

    steady = (picture.first_frame + np.arange(picture.frame_count)) / float(picture.frame_rate)
    is_steady = bool(np.all(np.abs(picture.start_s - steady) < 0.5 / float(picture.frame_rate)))
    if not is_steady and signals.part is not None:
        message = "frames do not come at one distance: which ones lie in --range cannot be told. Leave it out."
        raise UsageError(message, code="range-unmeasurable")
    return Timeline(
        frame_rate=picture.frame_rate,
        frame_count=_bound(picture.first_frame + picture.frame_count, signals.part, "end_frame"),
        start=probed.start,
        frame_starts_s=None if is_steady else picture.start_s.tolist(),
        first_frame=picture.first_frame,
    )


def _bound(end: int, part: Part | None, name: str) -> int:
    """Where the tail of the master is, as far as it is known: beyond a part that ends before the master does."""
    return end if part is None or getattr(part, name) is None else end + 1


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

    def extended(name: str) -> Any:  # noqa: ANN401
        columns = [(sound, sound.extended[name][:, channel]) for sound, channel in parts]
        table = np.zeros((rows, len(parts), *columns[0][1].shape[1:]), dtype=columns[0][1].dtype)
        for position, (sound, values) in enumerate(columns):
            table[: sound.row_count, position] = values
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
        first_sample=parts[0][0].first_sample,
        extended={name: extended(name) for name in parts[0][0].extended},
    )
