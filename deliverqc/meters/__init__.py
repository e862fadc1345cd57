"""Meters: pure functions from signals and settings to readings, one file each; plug-ins add more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from deliverqc.meters.model import Meter
from deliverqc.plug_ins import Group, installed

_MODULES = (
    "active",
    "black",
    "flat",
    "cadence",
    "duplicate",
    "flash",
    "alpha",
    "single_colour",
    "media_offline",
    "photosensitivity",
    "freeze",
    "leader",
    "levels",
    "rgb_levels",
    "light_level",
    "gamut",
    "dolby_vision",
    "defects",
    "significant_bits",
    "loudness",
    "leq_m",
    "dialogue",
    "silence",
    "dropout",
    "clicks",
    "clipping",
    "dc_offset",
    "rms",
    "lfe",
    "phase",
    "channel_order",
    "scan",
    "tone",
)
"""The module of every meter that deliverqc ships, in the order of the facts in docs/facts.md."""


def core_meters() -> frozenset[str]:
    """Names of the shipped meters over the columns that every decode fills."""
    return frozenset(name for name, meter in meters().items() if meter.extension is None and meter.plug_in is None)


@cache
def meters() -> Mapping[str, Meter]:
    """Every meter by name, those of plug-ins last. A module or plug-in that fails to import is fatal: a meter that
    silently does not run would be a silent pass."""
    shipped: dict[str, Meter] = {}
    for module in _MODULES:
        meter = import_module(f"{__name__}.{module}").METER
        shipped[meter.name] = meter
    if not installed(Group.METERS):
        return MappingProxyType(shipped)
    from deliverqc.meters.vendors import plug_in_meters  # 4 ms that most installations need not spend

    return MappingProxyType(shipped | plug_in_meters(shipped))
