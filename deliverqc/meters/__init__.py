"""Meters: pure functions from signals and settings to readings, one file each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from deliverqc.meters.model import Meter


def core_meters() -> frozenset[str]:
    """Names of the meters over the columns that every decode fills."""
    return frozenset(name for name, meter in meters().items() if meter.extension is None)


@cache
def meters() -> Mapping[str, Meter]:
    """Every meter by name. A module that fails to import is fatal: a meter that silently does not run would be a silent
    pass."""
    from deliverqc.meters import (
        active,
        black,
        cadence,
        channel_order,
        clipping,
        dc_offset,
        defects,
        dialogue,
        dolby_vision,
        dropout,
        duplicate,
        flash,
        freeze,
        gamut,
        leader,
        leq_m,
        levels,
        light_level,
        loudness,
        phase,
        photosensitivity,
        rgb_levels,
        scan,
        silence,
        tone,
    )

    modules = (
        active,
        black,
        cadence,
        duplicate,
        flash,
        photosensitivity,
        freeze,
        leader,
        levels,
        rgb_levels,
        light_level,
        gamut,
        dolby_vision,
        defects,
        loudness,
        leq_m,
        dialogue,
        silence,
        dropout,
        clipping,
        dc_offset,
        phase,
        channel_order,
        scan,
        tone,
    )
    return MappingProxyType({module.METER.name: module.METER for module in modules})
