"""What a fact is; knows nothing of where one comes from or what a spec makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from deliverqc.facts.vocabulary import PROGRAMME_REGION

Facts = dict[str, Any]
"""The flat facts document of one subject: registered names to JSON values. A missing key was not measured."""

PLUG_IN_PREFIX = "x."
"""How the names of plug-ins' facts begin, in the subject and in a channel group; no fact of deliverqc's own does."""


class Layer(StrEnum):
    """Where a fact lives, in the words of the EBU QC layers."""

    WRAPPER = "wrapper"
    BITSTREAM = "bitstream"
    BASEBAND = "baseband"
    CROSS_CHECK = "cross_check"
    PACKAGE = "package"


class Kind(StrEnum):
    """The JSON shape of a fact's value."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    RATE = "rate"  # an exact rational in a string: "24000/1001"
    TIMECODE = "timecode"  # hh:mm:ss:ff, with ; before the frames where drop-frame
    LIST = "list"  # of objects, whose members are facts named with []
    STRINGS = "strings"  # a list of strings
    INTEGERS = "integers"  # a list of integers
    SPANS = "spans"  # a list of spans, whose members are SPAN_MEMBERS
    OBJECT = "object"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One named value: the registry's row.

    `name` holds the unit (`_s`, `_px`, `_lufs`); a member of a list is named `list[].member`. `resolution` is the
    step to which a number is rounded once, at the source. `null_means` says what it is that was looked for and not
    found; None where the fact is never null. `given_by` names the probes and meters, the trusted one first.
    `vocabulary` is the closed list of values.
    """

    name: str
    kind: Kind
    layer: Layer
    meaning: str
    given_by: tuple[str, ...]
    unit: str | None = None
    resolution: float | None = None
    null_means: str | None = None
    vocabulary: Sequence[str] | None = None

    @property
    def is_of_plug_in(self) -> bool:
        return self.name.removeprefix("sound.groups[].").startswith(PLUG_IN_PREFIX)

    @property
    def is_nullable(self) -> bool:
        return self.null_means is not None


class Configurable(Protocol):
    """What a spec can choose settings of: a meter."""

    def resolve(self, chosen: Mapping[str, Any]) -> Mapping[str, Any]:
        """Every setting with its value, `chosen` over the defaults; ValueError names what is unknown or not allowed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """All that a spec can speak of: every fact by name, in a stable order, and the meters by name."""

    facts: Mapping[str, Fact]
    meters: Mapping[str, Configurable]


def span_members(
    name: str, *, given_by: tuple[str, ...], layer: Layer = Layer.BASEBAND, of_sound: bool = False
) -> tuple[Fact, ...]:
    """Facts for the members of one list of spans `name` (design: half-open, frames are the truth, seconds derived)."""

    def member(
        suffix: str,
        kind: Kind,
        meaning: str,
        unit: str | None = None,
        null_means: str | None = None,
        values: Sequence[str] | None = None,
    ) -> Fact:
        return Fact(
            name=f"{name}[].{suffix}",
            kind=kind,
            layer=layer,
            meaning=meaning,
            given_by=given_by,
            unit=unit,
            resolution=1e-6 if kind is Kind.NUMBER else None,
            null_means=null_means,
            vocabulary=values,
        )

    no_picture = "the subject has no picture"
    frames = no_picture if of_sound else None
    no_timecode = "the wrapper carries no timecode that can be counted"
    members = [
        member("start_frame", Kind.INTEGER, "first frame of the span", "frames", frames),
        member("end_frame", Kind.INTEGER, "first frame after the span", "frames", frames),
        member("duration_frames", Kind.INTEGER, "length of the span", "frames", frames),
        member("start_s", Kind.NUMBER, "start, after the first frame or sample", "s"),
        member("end_s", Kind.NUMBER, "end, after the first frame or sample", "s"),
        member("duration_s", Kind.NUMBER, "length of the span", "s"),
        member("start_timecode", Kind.TIMECODE, "timecode of the start", None, no_timecode),
        member("end_timecode", Kind.TIMECODE, "timecode of the end", None, no_timecode),
        member("region", Kind.STRING, "head, tail, whole or interior"),
        member(
            "programme_region",
            Kind.STRING,
            "where it lies in the programme: head (it holds the first frame), tail (the last), interior or outside",
            values=PROGRAMME_REGION,
        ),
        member("channel", Kind.STRING, "the channel that the span is about", None, "the span is about all channels"),
    ]
    if of_sound:
        members += [
            member("start_sample", Kind.INTEGER, "first sample of the span", "samples"),
            member("end_sample", Kind.INTEGER, "first sample after the span", "samples"),
            member("duration_samples", Kind.INTEGER, "length of the span", "samples"),
        ]
    return tuple(members)
