"""Runs one meter over one signal and publishes what it reads; a plug-in's meter under guard, since its code is not
ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from deliverqc.facts.assemble import SoundClock, assemble_reading
from deliverqc.facts.document import check_document
from deliverqc.facts.model import Fact, Facts
from deliverqc.measuring.curves import curve as thinned
from deliverqc.meters.model import Curve, Meter, Reading
from deliverqc.plug_ins import PlugIn, guarded
from deliverqc.signals.tables import PictureSignal, SoundSignal
from deliverqc.timebase import Timeline


def run_meter(
    meter: Meter,
    signal: PictureSignal | SoundSignal,
    settings: Mapping[str, Any],
    *,
    known: Mapping[str, Fact],
    prefix: str,
    timeline: Timeline,
    sound: SoundClock | None = None,
) -> tuple[Facts, tuple[Curve, ...]]:
    """The published facts and the curves of one meter; `prefix` as in `assemble_reading`.

    InternalError names a plug-in that raises, or whose reading is not what its meter announces.
    """
    if meter.plug_in is None:
        reading = meter.measure(signal, settings)
        return assemble_reading(reading.facts, known, prefix=prefix, timeline=timeline, sound=sound), reading.curves
    plug_in = meter.plug_in
    doing = f"measuring an audio group with {meter.name}" if prefix else f"measuring the picture with {meter.name}"
    with guarded(lambda cause: plug_in.failure(doing, cause)):
        reading = meter.measure(_read_only(signal), dict(settings))
    _require_own(meter, plug_in, reading, doing, prefix)
    with guarded(lambda cause: plug_in.failure(doing, cause)):
        facts = assemble_reading(reading.facts, known, prefix=prefix, timeline=timeline, sound=sound)
        json.dumps(facts, allow_nan=False)
        for one in reading.curves:
            thinned(one.name, one.unit, None, 0.0, one.step_s, one.values)
    for complaint in check_document(facts, known, prefix=prefix):
        raise plug_in.failure(doing, complaint)
    return facts, tuple(reading.curves)


def _require_own(meter: Meter, plug_in: PlugIn, reading: object, doing: str, prefix: str) -> None:
    """Refuse a reading that speaks of facts or curves of others: it could stand in for what deliverqc measured."""
    if not isinstance(reading, Reading) or not isinstance(reading.facts, Mapping):
        raise plug_in.failure(
            doing, f"it gives an object of type {type(reading).__name__} where a Reading of facts is required"
        )
    own = {fact.name for fact in meter.facts}
    for name in reading.facts:
        if f"{prefix}{name}" not in own:
            raise plug_in.failure(doing, f"it gives the fact {name!r}, which its meter does not declare")
    for one in reading.curves:
        if not isinstance(one, Curve) or not str(one.name).startswith("x."):
            raise plug_in.failure(doing, f"its curve {getattr(one, 'name', one)!r} is not named x.<vendor>.<name>")


def _read_only(signal: PictureSignal | SoundSignal) -> PictureSignal | SoundSignal:
    """The same table through views that refuse to be written to: the next meter reads it too."""
    views: dict[str, Any] = {}
    for member in fields(signal):
        value = getattr(signal, member.name)
        if member.name == "extended":
            views["extended"] = {name: _view(column) for name, column in value.items()}
        elif isinstance(value, np.ndarray):
            views[member.name] = _view(value)
    return replace(signal, **views)


def _view(column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    view = column.view()
    view.flags.writeable = False
    return view
