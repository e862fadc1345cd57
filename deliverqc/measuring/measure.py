"""Puts the facts of a subject together, from its headers and its signals; knows no verdict and runs no meter itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deliverqc.facts.active_area import active_format, measured_areas
from deliverqc.facts.assemble import round_facts
from deliverqc.facts.cross_check import light_differences, stated_loudness_difference
from deliverqc.facts.groups import form_groups, whole_silence
from deliverqc.facts.model import Facts
from deliverqc.facts.programme import SETTING as PROGRAMME
from deliverqc.facts.programme import resolve_programme, with_regions
from deliverqc.measuring.dynamic_metadata import within_reach
from deliverqc.measuring.registry import registry
from deliverqc.meters import meters
from deliverqc.probing import Probed

if TYPE_CHECKING:
    from deliverqc.facts.groups import Group
    from deliverqc.measuring.ranges import Range
    from deliverqc.measuring.readings import Drawn
    from deliverqc.measuring.split_mixes import SplitMix
    from deliverqc.signals.tables import Signals

Settings = Mapping[str, Mapping[str, Any]]


_PLACE_IN_FILE: Facts = {"tracks": [0], "channels": ["0.0"]}
"""Where a mono file holds its channel of a mix that several files are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The facts of one subject under one set of settings (None: not known), and the curves that let a reader see
    them."""

    facts: Facts
    settings: Mapping[str, Mapping[str, Any]] | None
    curves: tuple[Drawn, ...] = ()


def measure(
    probed: Probed,
    signals: Signals | None,
    *,
    settings: Settings,
    wanted: frozenset[str],
    mix: SplitMix | None = None,
    programme: Sequence[Range] = (),
) -> Measured:
    """Run the `wanted` meters over the signals and put all facts of the subject together. Of a mono file that is part
    of a split `mix`, the channel group is the whole mix. `programme`: its parts, where they are given. UsageError where
    they are not in the master. InternalError names a plug-in whose meter fails."""
    facts: Facts = dict(probed.facts)
    groups = form_groups(facts, settings.get("groups", {}))
    entries = [group.to_facts() for group in groups]
    if mix is not None:
        groups = [mix.group]
        entries = [mix.group.to_facts() | _PLACE_IN_FILE]
    resolved: dict[str, Mapping[str, Any]] = {
        name: meters()[name].resolve(settings.get(name, {})) for name in sorted(wanted)
    }
    if settings.get("groups"):
        resolved["groups"] = dict(settings["groups"])
    resolved[PROGRAMME] = resolve_programme(settings.get(PROGRAMME, {}))
    curves: Sequence[Drawn] = ()
    if signals is not None:
        from deliverqc.measuring.readings import read_signals  # 8 ms that a headers run does not have

        whole = signals if mix is None else mix.signals
        read, of_groups, curves = read_signals(
            probed, signals, groups, settings=resolved, wanted=wanted, mixed=whole, given=programme
        )
        facts = within_reach(facts | read)
        facts["sound.mix_files"] = None if mix is None else mix.names
        if mix is not None:
            of_groups = [_without_pairs(one) for one in of_groups]
        entries = [entry | more for entry, more in zip(entries, of_groups, strict=True)]
    facts["sound.groups"] = entries
    facts |= whole_silence(facts)
    if signals is not None and signals.part is None:
        facts |= _of_whole(facts, probed, signals, groups, resolved)
    if "timed_text.tracks" in facts:
        from deliverqc.measuring.text_comparison import compared_text  # a text file on its own has nothing to compare

        facts |= compared_text(facts, probed, signals, groups)
    if programme:
        resolved[PROGRAMME] = {"parts": [str(part) for part in programme]}
    facts |= round_facts(active_format(facts) | measured_areas(facts), registry().facts)
    facts |= light_differences(facts) | stated_loudness_difference(facts)
    parts = facts.get("programme.spans")
    if parts:
        facts = with_regions(facts, registry().facts, [(part["start_s"], part["end_s"]) for part in parts])
    return Measured(facts=facts, settings=resolved, curves=tuple(curves))


def _of_whole(facts: Facts, probed: Probed, signals: Signals, groups: Sequence[Group], resolved: Settings) -> Facts:
    """Facts that only a whole master has: of headers of audio, of immersive audio, and of picture and audio at once."""
    from deliverqc.measuring.caption_facts import caption_facts
    from deliverqc.measuring.immersive_audio_facts import iab_facts, objects_with_peaks
    from deliverqc.measuring.silent_black import silent_black_facts
    from deliverqc.measuring.sound_headers import dialnorm_differences, with_headers
    from deliverqc.measuring.sync_points import sync_facts
    from deliverqc.measuring.timelines import timeline_of

    if "sound.tracks" in facts:
        facts = facts | {"sound.tracks": with_headers(facts["sound.tracks"], signals.log)}
    facts = facts | caption_facts(facts, signals) | iab_facts(facts, signals) | objects_with_peaks(facts, signals)
    facts = facts | dialnorm_differences(facts, signals.log)
    timeline, known = timeline_of(probed, signals), registry().facts
    facts = facts | silent_black_facts(signals, groups, facts, timeline, resolved, known)
    return facts | sync_facts(signals, groups, facts, timeline, known)


def _without_pairs(facts: Facts) -> Facts:
    """What is measured of a mix of several files: two of its channels were never compared sample by sample."""
    return {name: value for name, value in facts.items() if not name.startswith("phase.")}
