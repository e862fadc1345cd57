"""Runs meters over the signals of a master, whole or by channel group; knows no verdict and forms no group."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from deliverqc.facts.assemble import GROUP_PREFIX, round_facts
from deliverqc.facts.groups import Group
from deliverqc.facts.model import Facts
from deliverqc.facts.programme import SETTING as PROGRAMME
from deliverqc.measuring.decode_facts import decode_facts
from deliverqc.measuring.jpeg2000_facts import jpeg2000_facts
from deliverqc.measuring.mixes import mix_signal
from deliverqc.measuring.one_meter import run_meter
from deliverqc.measuring.packet_facts import packet_facts
from deliverqc.measuring.picture_changes import picture_change_facts
from deliverqc.measuring.programme import find_programme, missing_parts, programme_facts_of, programme_loudness
from deliverqc.measuring.ranges import Range
from deliverqc.measuring.registry import registry
from deliverqc.measuring.timelines import clock_of, start_of, timeline_of
from deliverqc.meters import meters
from deliverqc.meters.model import Curve, Reads
from deliverqc.probing import Probed
from deliverqc.signals.packs import let_go
from deliverqc.signals.tables import Signals, SoundSignal

_OF_ANY_CODES = frozenset(["duplicate", "freeze", "significant_bits"])
"""Meters of the picture that compare codes with each other, and need not know what light they stand for."""

Drawn = tuple[int | None, float, Curve]
"""A curve, with the number of its channel group (None: the picture) and where it begins, in seconds."""


_OF_ANY_RATE = frozenset(["significant_bits"])
"""Those whose facts have no place in time."""


def _meaningful(probed: Probed, wanted: Collection[str]) -> Collection[str]:
    """The meters among the `wanted` whose readings of the picture mean something: not all do of an image sequence that
    holds no video, or whose rate nobody states."""
    if probed.frames is not None and probed.frame_rate is None:
        return _OF_ANY_RATE.intersection(wanted)
    return _OF_ANY_CODES.intersection(wanted) if probed.facts.get("sequence.is_display_referred") is False else wanted


def read_signals(
    probed: Probed,
    signals: Signals,
    groups: Sequence[Group],
    *,
    settings: Mapping[str, Mapping[str, Any]],
    wanted: Collection[str],
    mixed: Signals | None,
    given: Sequence[Range] = (),
) -> tuple[Facts, list[Facts], list[Drawn]]:
    """The facts of the subject, those of every group, and the curves, as the `wanted` meters read them under resolved
    `settings`. `mixed` holds the tables of the groups; None where they could not be measured. `given` are
    the parts of the programme, where they are given: UsageError where they are not in the master.
    InternalError names a plug-in whose meter fails."""
    timeline, known = timeline_of(probed, signals), registry().facts
    of_packets = packet_facts(signals, timeline) | jpeg2000_facts(signals, timeline, probed.facts)
    facts = decode_facts(signals, timeline, probed) | round_facts(of_packets, known)
    facts |= picture_change_facts(signals, timeline, probed)
    entries: list[Facts] = [{} for _ in groups]
    programme = find_programme(probed, signals, timeline, settings[PROGRAMME], given)
    facts |= missing_parts(probed, signals, timeline, known)
    if programme is not None:
        facts |= programme_facts_of(programme, timeline, known)
    curves: list[Drawn] = []
    mixes: dict[int, SoundSignal | None] = {}
    for name in sorted(wanted):
        meter, chosen = meters()[name], settings[name]
        if meter.extension is not None and meter.extension not in signals.extensions:
            continue
        if meter.reads is Reads.PICTURE:
            if signals.picture is not None and name in _meaningful(probed, wanted):
                read, drawn = run_meter(meter, signals.picture, chosen, known=known, prefix="", timeline=timeline)
                let_go(signals.picture)
                facts |= read
                begins = float(timeline.frame_time(timeline.first_frame)) if timeline.first_frame else 0.0
                curves += [(None, begins, curve) for curve in drawn]
            continue
        for number, (group, entry) in enumerate(zip(groups, entries, strict=True)):
            if number not in mixes:
                mixes[number] = None if mixed is None else mix_signal(mixed, group)
            sound = mixes[number]
            if sound is None:
                continue
            clock = clock_of(sound, signals.part)
            read, drawn = run_meter(
                meter, sound, chosen, known=known, prefix=GROUP_PREFIX, timeline=timeline, sound=clock
            )
            let_go(sound)
            entry |= read
            if name == "loudness" and programme is not None:
                entry |= programme_loudness(sound, programme, read, known, GROUP_PREFIX)
            curves += [(number, start_of(sound), curve) for curve in drawn]
    return facts, entries, curves
