"""Runs meters over the signals of a probed master and puts its facts together; knows no verdict and prints nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deliverqc.facts.assemble import GROUP_PREFIX
from deliverqc.facts.cross_check import light_differences
from deliverqc.facts.groups import form_groups
from deliverqc.facts.model import Facts
from deliverqc.measuring.decode_facts import decode_facts
from deliverqc.measuring.mixes import mix_signal
from deliverqc.measuring.one_meter import run_meter
from deliverqc.measuring.registry import registry
from deliverqc.measuring.timelines import clock_of, start_of, timeline_of
from deliverqc.meters import meters
from deliverqc.meters.model import Curve, Reads
from deliverqc.probing import Probed

if TYPE_CHECKING:
    from deliverqc.signals.tables import Signals

Settings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The facts of one subject under one set of settings (None: not known), and the curves that let a reader see
    them."""

    facts: Facts
    settings: Mapping[str, Mapping[str, Any]] | None
    curves: tuple[tuple[int | None, float, Curve], ...] = ()


def measure(probed: Probed, signals: Signals | None, *, settings: Settings, wanted: frozenset[str]) -> Measured:
    """Run the `wanted` meters over the signals and put all facts of the subject together. InternalError names a plug-in
    whose meter fails."""
    facts: Facts = dict(probed.facts)
    groups = form_groups(facts, settings.get("groups", {}))
    entries = [group.to_facts() for group in groups]
    resolved = {name: meters()[name].resolve(settings.get(name, {})) for name in sorted(wanted)}
    if settings.get("groups"):
        resolved["groups"] = dict(settings["groups"])
    curves: list[tuple[int | None, float, Curve]] = []
    known = registry().facts
    if signals is not None:
        timeline = timeline_of(probed, signals)
        facts |= decode_facts(signals, timeline)
        for name in sorted(wanted):
            meter, chosen = meters()[name], resolved[name]
            if meter.extension is not None and meter.extension not in signals.extensions:
                continue
            if meter.reads is Reads.PICTURE:
                if signals.picture is not None:
                    read, drawn = run_meter(meter, signals.picture, chosen, known=known, prefix="", timeline=timeline)
                    facts |= read
                    begins = float(timeline.frame_time(timeline.first_frame)) if timeline.first_frame else 0.0
                    curves += [(None, begins, curve) for curve in drawn]
                continue
            for number, (group, entry) in enumerate(zip(groups, entries, strict=True)):
                sound = mix_signal(signals, group)
                if sound is None:
                    continue
                clock = clock_of(sound, signals.part)
                read, drawn = run_meter(
                    meter, sound, chosen, known=known, prefix=GROUP_PREFIX, timeline=timeline, sound=clock
                )
                entry |= read
                begins = start_of(sound)
                curves += [(number, begins, curve) for curve in drawn]
    facts["sound.groups"] = entries
    facts |= light_differences(facts)
    return Measured(facts=facts, settings=resolved, curves=tuple(curves))
