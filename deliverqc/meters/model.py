"""What a meter is: its name, settings, facts and function; knows nothing of specs, files or how a span is told in
timecode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.plug_ins import PlugIn

Settings = Mapping[str, Any]


class Reads(StrEnum):
    """The signal that a meter is a function of."""

    PICTURE = "picture"  # PictureSignal of the main picture track; facts are subject facts
    GROUP = "group"  # SoundSignal of one channel group; facts are members of sound.groups[]


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One setting of a meter: a number with a unit, or a closed choice. A value outside minimum..maximum or choices is
    refused."""

    name: str
    default: float | int | str
    unit: str | None
    meaning: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[float | int | str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """Evidence over time: values at start_s + i * step_s; NaN where there is none. Decides nothing."""

    name: str
    unit: str
    step_s: float
    values: Any  # numpy float array (points,)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a meter found. Keys of `facts` are full fact names for a picture meter, and names inside the group for a
    group meter.

    A list of spans is a tuple of `timebase.Span` (frames for picture, samples for sound); assembling gives them
    seconds, timecode and region. A number is as exact as it was computed: assembling rounds it to the registry's
    resolution.
    """

    facts: Mapping[str, Any]
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Meter:
    """One measurement. `version` rises whenever a reading can change.

    `measure(signal, settings)` is pure: `signal` is what `reads` says, and `settings` holds every setting. A meter with
    an `extension` runs only where the columns of that extension were filled (deliverqc/signals/on_demand): when a
    clause or `--all` asks for its facts. `plug_in` is filled in when a plug-in's meter is loaded.
    """

    name: str
    version: int
    reads: Reads
    facts: tuple[Fact, ...]
    measure: Callable[[Any, Settings], Reading]
    settings: tuple[Setting, ...] = field(default=())
    extension: str | None = None
    plug_in: PlugIn | None = None

    def resolve(self, chosen: Settings) -> dict[str, float | int | str]:
        """Merge `chosen` over the defaults; ValueError names an unknown setting or a value that is not allowed."""
        known = {setting.name: setting for setting in self.settings}
        for name, value in chosen.items():
            if name not in known:
                raise ValueError(f"the meter {self.name} has no setting {name!r}; it has: {', '.join(known) or 'none'}")
            _check(self.name, known[name], value)
        return {name: chosen.get(name, setting.default) for name, setting in known.items()}


def _check(meter: str, setting: Setting, value: object) -> None:
    if setting.choices is not None:
        if value not in setting.choices or isinstance(value, bool):
            allowed = ", ".join(str(choice) for choice in setting.choices)
            raise ValueError(f"{meter}.{setting.name} is {value!r}; it can be one of: {allowed}")
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{meter}.{setting.name} is {value!r}; it must be a number")
    low, high = setting.minimum, setting.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(
            f"{meter}.{setting.name} is {value!r}; it must lie from {low} to {high} {setting.unit or ''}".rstrip()
        )
