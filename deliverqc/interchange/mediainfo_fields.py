"""What a rule on a MediaInfo field asks of the facts: field, operator and text to schemas; knows no policy tree.

MediaConch compares two numbers as numbers and anything else letter by letter; a field that is not there meets nothing
but "must not exist". A text that MediaInfo never writes is therefore refused and not understood.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from deliverqc.facts import vocabulary as words
from deliverqc.interchange.compose import UnmappedError

EXISTS, ABSENT = "exists", "must not exist"
EQUAL, UNEQUAL = "=", "!="
ORDERINGS = (">", ">=", "<", "<=")
TEXT_OPERATORS = ("starts with", "must not start with", "contains", "must not contain")
OPERATORS = (EXISTS, ABSENT, EQUAL, UNEQUAL, *ORDERINGS, *TEXT_OPERATORS)

Wanted = Mapping[str, Mapping[str, Any]]
"""What is wanted of facts, by name: `{"width_px": {"const": 1920}}`."""

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_LONGEST_NUMBER = 18
_NEVER = "MediaInfo never writes {0!r} there, so that MediaConch {1} it whatever the master is"


class Presence(StrEnum):
    """When MediaInfo leaves a field out, seen from the fact."""

    UNLIKE = "unlike"  # of other masters than those whose fact is null
    ALIKE = "alike"  # where, and only where, the fact is null
    ALWAYS = "always"  # never, and the fact is never null


class Field(Protocol):
    """A MediaInfo field that deliverqc has facts for. `written` is how MediaInfo writes its numbers, as a pattern; None
    where it holds texts."""

    @property
    def written(self) -> str | None: ...

    def wanted(self, operator: str, text: str) -> Wanted:
        """What the comparison wants of the facts of the subject or of one track; UnmappedError with the reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """A field of texts: MediaInfo's text to the values of facts that mean exactly that, null included."""

    table: Mapping[str, Mapping[str, tuple[str | bool | None, ...]]]
    presence: Presence = Presence.UNLIKE
    written: str | None = None

    def wanted(self, operator: str, text: str) -> Wanted:
        if operator in ORDERINGS:
            raise UnmappedError("it puts texts into the order of their letters")
        if operator in TEXT_OPERATORS:
            raise UnmappedError("deliverqc has words of its own for this field, which have no parts")
        if operator in (EXISTS, ABSENT):
            return _presence(operator, self._only_fact(), "string", self.presence)
        values = self.table.get(text)
        if values is None:
            raise UnmappedError(f"no fact means exactly {text!r}{self._near(text)}")
        if operator == EQUAL:
            return {fact: _one_of(allowed) for fact, allowed in values.items()}
        if len(values) > 1 or any(None in allowed for allowed in values.values()):
            raise UnmappedError(f"{text!r} is told by several facts together, of which the contrary is not one clause")
        return {fact: {"type": _type_of(allowed), "not": _one_of(allowed)} for fact, allowed in values.items()}

    def _only_fact(self) -> str:
        names = {fact for values in self.table.values() for fact in values}
        if len(names) > 1:
            raise UnmappedError("whether the field is there is told by several facts together")
        return names.pop()

    def _near(self, text: str) -> str:
        alike = [known for known in self.table if known.lower() == text.lower()]
        return f" (MediaInfo writes {alike[0]!r}, and MediaConch compares letter by letter)" if alike else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """A field of whole numbers. `is_count`: MediaInfo leaves the field out for 0."""

    fact: str
    presence: Presence = Presence.UNLIKE
    is_count: bool = False
    written: str | None = r"0|[1-9]\d*"

    def wanted(self, operator: str, text: str) -> Wanted:
        if operator in TEXT_OPERATORS:
            raise UnmappedError("it compares the digits of a number as a text")
        least = 1 if self.is_count else None
        if operator == ABSENT and self.is_count:
            return {self.fact: {"const": 0}}
        if operator == EXISTS and self.is_count:
            return {self.fact: {"type": "integer", "minimum": 1}}
        if operator in (EXISTS, ABSENT):
            return _presence(operator, self.fact, "integer", self.presence)
        if operator in ORDERINGS:
            return {self.fact: {"type": "integer", **_whole_bounds(operator, _number(text), least)}}
        number = _number(text)
        if number != int(number) or number < (least or 0):
            raise _never(operator, text)
        if operator == EQUAL:
            return {self.fact: {"const": int(number)}}
        bound = {} if least is None else {"minimum": least}
        return {self.fact: {"type": "integer", **bound, "not": {"const": int(number)}}}


def _whole_bounds(operator: str, number: Decimal, least: int | None) -> dict[str, int]:
    bounds = {
        ">": {"minimum": math.floor(number) + 1},
        ">=": {"minimum": math.ceil(number)},
        "<": {"maximum": math.ceil(number) - 1},
        "<=": {"maximum": math.floor(number)},
    }[operator]
    if least is not None:
        bounds = {**bounds, "minimum": max(bounds.get("minimum", least), least)}
    if bounds.get("maximum", math.inf) < (least or 0):
        raise UnmappedError("no number that MediaInfo writes is so small, so the rule never holds")
    return bounds


@dataclass(frozen=True, kw_only=True, slots=True)
class Decimals:
    """A field that MediaInfo rounds to three decimals; the fact is rounded to `places`.

    `beside` is wanted too where two readers may mean different things by the number; where it is not `is_exact` they
    may differ by its last digit.
    """

    fact: str
    places: int
    presence: Presence = Presence.UNLIKE
    beside: Wanted = field(default_factory=dict)
    is_exact: bool = True
    written: str | None = r"(0|[1-9]\d*)\.\d{3}"

    def wanted(self, operator: str, text: str) -> Wanted:
        if operator in TEXT_OPERATORS:
            raise UnmappedError("it compares the digits of a number as a text")
        if operator in (EXISTS, ABSENT):
            return _presence(operator, self.fact, "number", self.presence)
        if operator in ORDERINGS:
            return {self.fact: {"type": "number", **self._bounds(operator, _number(text))}, **self.beside}
        if not self.is_exact:
            raise UnmappedError("two readers may differ by the last digit, so that deliverqc compares no equality")
        number = _number(text)
        if number < 0 or _onto_grid(number, ROUND_FLOOR) != number:
            raise _never(operator, text)
        equal = self._equal(number)
        if operator == EQUAL:
            return {self.fact: equal}
        return {self.fact: {"type": "number", "not": equal}, **self.beside}

    def _equal(self, number: Decimal) -> dict[str, Any]:
        if self.places == _PLACES:
            return {"const": float(number)}
        edges = {"exclusiveMinimum": float(number - _HALF), "exclusiveMaximum": float(number + _HALF)}
        return {"type": "number", **edges}

    def _bounds(self, operator: str, number: Decimal) -> dict[str, float]:
        """The bound that the rounded number meets if and only if MediaInfo's does."""
        below, above = _onto_grid(number, ROUND_FLOOR), _onto_grid(number, ROUND_CEILING)
        nearest = {">": below + _STEP, ">=": above, "<": above - _STEP, "<=": below}[operator]
        is_lower = operator in (">", ">=")
        if self.places == _PLACES:
            return {"minimum" if is_lower else "maximum": float(nearest)}
        if is_lower:
            return {"exclusiveMinimum": float(nearest - _HALF)}
        return {"exclusiveMaximum": float(nearest + _HALF)}


_PLACES = 3
_STEP, _HALF = Decimal("0.001"), Decimal("0.0005")


def _onto_grid(number: Decimal, rounding: str) -> Decimal:
    return number.quantize(_STEP, rounding=rounding)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileName:
    """The file's name without its extension, which is the fact `file.name` with it."""

    written: str | None = None

    def wanted(self, operator: str, text: str) -> Wanted:
        if operator in ORDERINGS:
            raise UnmappedError("it puts texts into the order of their letters")
        if operator in (EXISTS, ABSENT):
            raise UnmappedError("every file has a name, so that a clause on it could never fail or never hold")
        if not text or "/" in text or "\\" in text:
            raise _never(operator, text)
        part, after = re.escape(text), r"[\s\S]*\.[^.]*$"
        patterns = {
            EQUAL: rf"^{part}\.[^.]*$" if "." in text else rf"^{part}(\.[^.]*)?$",
            "starts with": rf"^{part}{after}" if "." in text else rf"^{part}",
            "contains": rf"{part}{after}" if "." in text else rf"{part}[\s\S]*\.|^[^.]*{part}[^.]*$",
        }
        holding = {UNEQUAL: EQUAL, "must not start with": "starts with", "must not contain": "contains"}
        schema = {"type": "string", "pattern": patterns[holding.get(operator, operator)]}
        return {"file.name": {"type": "string", "not": schema} if operator in holding else schema}


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """The file's extension with its capitals, which `file.extension` has not."""

    written: str | None = None

    def wanted(self, operator: str, text: str) -> Wanted:
        if operator != EQUAL:
            raise UnmappedError(f"deliverqc compares an extension by = only, and not by {operator!r}")
        if not text or "." in text or "/" in text:
            raise _never(operator, text)
        return {"file.name": {"type": "string", "pattern": rf"\.{re.escape(text)}$"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Patterns:
    """A field of texts, each of which the fact tells by a pattern; `table` is None where it tells every text as it
    stands."""

    fact: str
    table: Mapping[str, str] | None = None
    written: str | None = None

    def wanted(self, operator: str, text: str) -> Wanted:
        if operator != EQUAL:
            raise UnmappedError(f"deliverqc compares this field by = only, and not by {operator!r}")
        if self.table is None:
            return {self.fact: {"const": text}}
        if text not in self.table:
            raise UnmappedError(f"no fact means exactly {text!r}")
        return {self.fact: {"type": "string", "pattern": self.table[text]}}


def _presence(operator: str, fact: str, kind: str, presence: Presence) -> Wanted:
    if presence is Presence.UNLIKE:
        raise UnmappedError("MediaInfo and deliverqc do not leave it out of the same masters")
    if presence is Presence.ALWAYS and operator == ABSENT:
        raise UnmappedError("every such track has it, so that a clause on it could only fail")
    return {fact: {"type": kind if operator == EXISTS else "null"}}


def _number(text: str) -> Decimal:
    """A number as both of MediaConch's ways of comparing read it."""
    if len(text) > _LONGEST_NUMBER or _NUMBER.fullmatch(text) is None:
        raise UnmappedError(f"{text!r} is no plain number, and is compared as a text")
    return Decimal(text)


def _never(operator: str, text: str) -> UnmappedError:
    passes = operator in (UNEQUAL, "must not start with", "must not contain")
    return UnmappedError(_NEVER.format(text, "passes" if passes else "fails"))


def _one_of(values: tuple[str | bool | None, ...]) -> dict[str, Any]:
    return {"const": values[0]} if len(values) == 1 else {"enum": list(values)}


def _type_of(values: tuple[str | bool | None, ...]) -> str:
    return "boolean" if isinstance(values[0], bool) else "string"


def _spelt(vocabulary: words.Vocabulary, fact: str, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values that MediaInfo writes in exactly one way."""
    return {
        spellings[0]: {fact: (ours,)}
        for ours, (_, spellings) in vocabulary.spellings.items()
        if len(spellings) == 1 and ours not in without
    }


_BRANDS = ("isom", "iso2", "iso4", "iso5", "mp41", "mp42", "avc1", "qt  ", "M4A ", "M4V ")
"""Brands of files that MediaInfo calls MPEG-4; others name the format themselves."""
_CONSTANT: Wanted = {"frame_rate_mode": {"enum": ["constant", None]}}
"""Of a variable rate one reader has the mean and another the finest step."""
_PROFILES = ("Main", "High", "High 10", "High 4:2:2", "High 4:4:4 Predictive", "Main 10", "Constrained Baseline")

_AAC_PROFILES = ("lc", "he-aac", "he-aacv2", "main", "ssr", "ltp", "ld", "eld", None)
"""Without xhe-aac, which MediaInfo calls USAC."""

_GENERAL: Mapping[str, Field] = {
    "Format": Words(
        table={
            **_spelt(words.WRAPPER_FORMAT, "wrapper.format", without=("mov", "mp4")),
            "Wave": {"wrapper.format": ("wav", "rf64")},
            "MPEG-4": {"wrapper.format": ("mov", "mp4", "m4a"), "wrapper.brand": _BRANDS},
            "QuickTime": {"wrapper.format": ("mov",), "wrapper.brand": (None,)},
        }
    ),
    "Format_Profile": Words(
        table={
            "QuickTime": {"wrapper.brand": ("qt  ",)},
            "OP-1a": {"wrapper.mxf_operational_pattern": ("op1a",)},
            "OP-Atom": {"wrapper.mxf_operational_pattern": ("opatom",)},
        }
    ),
    "FileSize": Whole(fact="file.size_bytes"),
    "FileName": FileName(),
    "FileExtension": Extension(),
    "VideoCount": Whole(fact="picture.track_count", is_count=True),
    "AudioCount": Whole(fact="sound.track_count", is_count=True),
    "IsStreamable": Words(
        table={
            "Yes": {"wrapper.index_before_essence": (True,)},
            "No": {"wrapper.index_before_essence": (False,)},
        }
    ),
}
_VIDEO: Mapping[str, Field] = {
    "Format": Words(
        table={
            **_spelt(words.PICTURE_CODEC, "codec", without=("v210", "vp8", "vp9")),
            "MPEG Video": {"codec": ("mpeg1video", "mpeg2video")},
        },
        presence=Presence.ALWAYS,
    ),
    "Format_Profile": Words(
        table={
            **{name: {"codec_profile": (name.lower().replace(" ", "_"),)} for name in _PROFILES},
            **{
                spellings[0]: {"codec": ("prores",), "codec_profile": (ours,)}
                for ours, (_, spellings) in words.PRORES_PROFILE.spellings.items()
            },
        }
    ),
    "Width": Whole(fact="width_px", presence=Presence.ALWAYS),
    "Height": Whole(fact="height_px", presence=Presence.ALWAYS),
    "FrameRate": Decimals(fact="frame_rate_hz", places=3, beside=_CONSTANT),
    "Duration": Decimals(fact="duration_s", places=6, is_exact=False),
    "CodecID": Patterns(fact="codec_tag"),
    "ColorSpace": Patterns(fact="pixel_format", table={"YUV": "^(yuvj?4|uyvy422|yuyv422|nv1|nv2|p010|p210)"}),
    "FrameRate_Mode": Words(table=_spelt(words.FRAME_RATE_MODE, "frame_rate_mode")),
    "PixelAspectRatio": Decimals(fact="pixel_aspect_ratio_value", places=4),
    "DisplayAspectRatio": Decimals(fact="display_aspect_ratio_value", places=4),
    "ScanType": Words(table={"Progressive": {"scan": ("progressive",)}, "Interlaced": {"scan": ("interlaced",)}}),
    "ScanOrder": Words(table=_spelt(words.FIELD_ORDER, "field_order")),
    "BitDepth": Whole(fact="bit_depth_bits"),
    "ChromaSubsampling": Words(table=_spelt(words.CHROMA_SUBSAMPLING, "chroma_subsampling")),
    "colour_primaries": Words(
        table={
            **_spelt(words.COLOR_PRIMARIES, "color_primaries"),
            "BT.601 PAL": {"color_primaries": ("bt470bg",)},
        },
        presence=Presence.ALIKE,
    ),
    "transfer_characteristics": Words(table=_spelt(words.COLOR_TRANSFER, "color_transfer"), presence=Presence.ALIKE),
    "matrix_coefficients": Words(table=_spelt(words.COLOR_MATRIX, "color_matrix"), presence=Presence.ALIKE),
    "colour_range": Words(table=_spelt(words.COLOR_RANGE, "color_range")),
}
_AUDIO: Mapping[str, Field] = {
    "Format": Words(
        table={
            **_spelt(words.SOUND_CODEC, "codec", without=("aac", "alaw", "mulaw")),
            "AAC": {"codec": ("aac",), "codec_profile": _AAC_PROFILES},
            "MPEG Audio": {"codec": ("mp1", "mp2", "mp3")},
            "ADPCM": {"codec": ("adpcm", "alaw", "mulaw")},
        },
        presence=Presence.ALWAYS,
    ),
    "Channels": Whole(fact="channel_count"),
    "SamplingRate": Whole(fact="sample_rate_hz"),
    "BitDepth": Whole(fact="bit_depth_bits"),
}
FIELDS: Mapping[str, Mapping[str, Field]] = MappingProxyType({"General": _GENERAL, "Video": _VIDEO, "Audio": _AUDIO})
"""Fields by MediaInfo's kind of track and name. Those of General want facts of the subject, the others of one track."""

WITHIN: Mapping[tuple[str, str], Wanted] = MappingProxyType(
    {
        ("Video", "CodecID"): {"wrapper.format": {"enum": ["mov", "mp4", "m4a", "avi"]}},
        ("Video", "FrameRate_Mode"): {
            "wrapper.format": {"enum": ["mov", "mp4", "m4a", "mkv", "webm", "mxf", "mpegts"]}
        },
    }
)
"""What is wanted of the subject beside: elsewhere MediaInfo writes another text, or nothing, into the field."""

TROUBLE: Mapping[str, str] = MappingProxyType(
    {
        "Duration": "two readers count priming and padding of the sound differently, by some frames",
        "BitRate": "MediaInfo gives the rate that is stated, and deliverqc the mean of what is there",
        "OverallBitRate": "it hangs on a duration, which two readers count differently",
        "FrameCount": "MediaInfo counts what the header says, and deliverqc what edits leave of it",
        "Language": "language tags are kept as written, and MediaInfo writes them anew",
    }
)
"""Fields that deliverqc has a fact for, and why a rule on them is no clause nevertheless."""
