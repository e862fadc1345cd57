"""Meters of plug-ins, held to the names that are theirs; knows nothing of what they measure.

A plug-in's facts are named under `x.<vendor>.`, those of a group meter under `sound.groups[].x.<vendor>.`; a meter or
fact whose name is taken is refused. deliverqc itself never names a fact under `x.`, so that an update
never takes a name away.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import ModuleType

from deliverqc.facts.assemble import GROUP_PREFIX
from deliverqc.facts.model import Fact, Kind, span_members
from deliverqc.meters.model import Meter, Reads, Setting
from deliverqc.plug_ins import Group, PlugIn, cause_of, guarded, load_plug_ins
from deliverqc.signals.on_demand import PICTURE_EXTENSIONS, SOUND_EXTENSIONS

_METER_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FACT_NAME = re.compile(r"x\.[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*(\[\])?)*\.[a-z][a-z0-9_]*")
_RESERVED = ("groups", "programme")
"""Keys of x-settings that are no meter: how channels are grouped, and where the programme lies."""


def plug_in_meters(shipped: Mapping[str, Meter]) -> dict[str, Meter]:
    """The meters of installed plug-ins by name, in the order of their entry points. PlugInError names a plug-in that
    fails to load, or that breaks a rule."""
    found: dict[str, Meter] = {}
    owners: dict[str, PlugIn] = {}
    for plug_in, given in load_plug_ins(Group.METERS):
        meter = getattr(given, "METER", None) if isinstance(given, ModuleType) else given
        if not isinstance(meter, Meter):
            raise plug_in.refusal(f"it gives {_shown(given)} where a deliverqc Meter is required")
        with guarded(plug_in.refusal):
            fault = next(_faults(meter, shipped, found, owners), None)
        if fault is not None:
            raise plug_in.refusal(fault)
        owners |= {fact.name: plug_in for fact in meter.facts}
        found[meter.name] = replace(meter, plug_in=plug_in)
    return found


def _faults(
    meter: Meter, shipped: Mapping[str, Meter], others: Mapping[str, Meter], owners: Mapping[str, PlugIn]
) -> Iterator[str]:
    """What is wrong with the meter, the most basic first."""
    yield from _misshapen(meter)
    if not _METER_NAME.fullmatch(meter.name):
        yield f"the meter's name {meter.name!r} is not lower-case letters, digits and underscores"
    if meter.name in shipped or meter.name in _RESERVED:
        yield f"deliverqc already has a meter {meter.name!r}; begin the name with the vendor, such as acme_{meter.name}"
    if meter.name in others:
        yield f"{others[meter.name].plug_in} has the meter name {meter.name!r} too"
    yield from _foreign_facts(meter, owners)
    try:
        meter.resolve({setting.name: setting.default for setting in meter.settings})
    except ValueError as fault:
        yield f"the default of a setting is not allowed: {fault}"
    if meter.extension is not None:
        known = PICTURE_EXTENSIONS if meter.reads is Reads.PICTURE else SOUND_EXTENSIONS
        if meter.extension not in known:
            yield f"there are no columns {meter.extension!r}; a meter on the {meter.reads} can read: {', '.join(known)}"
    try:
        pickle.dumps(meter)
    except Exception as fault:  # noqa: BLE001  whatever an object of a plug-in raises, and the refusal names it
        yield f"`measure` has to be a function of a module, so that worker processes find it ({cause_of(fault)})"


def _misshapen(meter: Meter) -> Iterator[str]:
    """Members that are not of the type that `Meter` documents."""
    is_version = isinstance(meter.version, int) and not isinstance(meter.version, bool) and meter.version >= 1
    shapes = (
        ("name", isinstance(meter.name, str)),
        ("version", is_version),
        ("reads", isinstance(meter.reads, Reads)),
        ("facts", _is_tuple_of(meter.facts, Fact) and bool(meter.facts)),
        ("measure", callable(meter.measure)),
        ("settings", _is_tuple_of(meter.settings, Setting)),
        ("extension", meter.extension is None or isinstance(meter.extension, str)),
    )
    for member, is_sound in shapes:
        if not is_sound:
            yield f"`{member}` of its meter is {_shown(getattr(meter, member))}; see Meter in deliverqc.meters.model"


def _foreign_facts(meter: Meter, owners: Mapping[str, PlugIn]) -> Iterator[str]:
    prefix = GROUP_PREFIX if meter.reads is Reads.GROUP else ""
    kinds = {fact.name: fact.kind for fact in meter.facts}
    if len(kinds) != len(meter.facts):
        yield f"the meter {meter.name} names a fact twice"
    giver = f"meter:{meter.name}"
    for fact in meter.facts:
        if not fact.name.startswith(prefix) or not _FACT_NAME.fullmatch(fact.name.removeprefix(prefix)):
            yield f"the fact {fact.name!r} must be named {prefix}x.<vendor>.<name>"
        if fact.name in owners:
            yield f"{owners[fact.name]} has the fact {fact.name!r} too"
        if fact.given_by != (giver,):
            yield f'given_by of the fact {fact.name!r} is {fact.given_by!r}; write ("{giver}",)'
        if not isinstance(fact.kind, Kind) or not fact.meaning:
            yield f"the fact {fact.name!r} needs a Kind and a meaning"
        holder = fact.name.rpartition("[].")[0]
        if holder + "[]." != prefix and holder and kinds.get(holder) not in (Kind.LIST, Kind.SPANS):
            yield f"the fact {fact.name!r} is a member of {holder}, which is not a list of this meter"
        if fact.kind is Kind.SPANS:
            members = span_members(fact.name, given_by=fact.given_by, of_sound=meter.reads is Reads.GROUP)
            if any(member.name not in kinds for member in members):
                yield f"the spans {fact.name!r} have no members; add *span_members({fact.name!r}, …)"


def _is_tuple_of(value: object, kind: type) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, kind) for one in value)


def _shown(value: object) -> str:
    return (
        f"the module {value.__name__} without METER"
        if isinstance(value, ModuleType)
        else f"an object of type {type(value).__name__}"
    )
