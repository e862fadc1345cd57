"""Reads the title of a composition by the Digital Cinema Naming Convention of ISDCF (9.7, 12 fields); reads no file.

The codes are those of the registries of ISDCF (CC BY 4.0, read 2026-11-27). Studio and facility codes are not looked
up, because they are added daily. The length of the film title and hyphens in it are left aside, because the pages of
the convention differ from each other there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from deliverqc.facts.model import Facts
from deliverqc.language_tags import fault_of
from deliverqc.packages.model import Composition

TITLE, CONTENT, ASPECT, LANGUAGE, TERRITORY, AUDIO = (
    "film_title",
    "content_type",
    "aspect_ratio",
    "language",
    "territory",
    "audio_type",
)
RESOLUTION, STUDIO, DATE, FACILITY, STANDARD, PACKAGE = (
    "resolution",
    "studio",
    "date",
    "facility",
    "standard",
    "package_type",
)

CONTENT_KINDS: Mapping[str, str] = {
    "FTR": "feature",
    "TLR": "trailer",
    "TSR": "teaser",
    "TST": "test",
    "RTG": "rating",
    "ADV": "advertisement",
    "SHR": "short",
    "XSN": "transitional",
    "PSA": "psa",
    "POL": "policy",
    "CLP": "clip",
    "PRO": "promo",
    "STR": "stereocard",
    "EPS": "episode",
    "HLT": "highlights",
    "EVT": "event",
}
"""Content types to values of ContentKind, by the registry."""

CHANNELS: Mapping[str, int] = {"10": 1, "20": 2, "21": 3, "51": 6, "71": 8}
"""Audio types to the channels that they need."""

IMMERSIVE_DATA = ("IAB", "ATMOS")
"""Audio types whose essence is a track file of auxiliary data."""

NO_LANGUAGE = "XX"
CAPTIONS = ("CCAP", "OCAP", "OPNCAP")
_IMMERSIVE = (*IMMERSIVE_DATA, "AURO", "DTSX")
_MORE_AUDIO = ("HI", "VI", "SL", "DBOX", *CAPTIONS)
_WIDE_TERRITORIES = ("ANT", "CIS", "CUW", "INT", "LAS", "NAM", "UK", "UKI", "ZK")
"""Territories of the registry that are not regions of ISO 3166-1."""

_NULL = "NULL"
"""For a field that does not apply (home page of the convention)."""

_LEAST_FIELDS = 6  # house choice: with fewer the title does not follow the convention at all
_MOST_VALUES = 40  # house choice: bounds the time that a title can take
_MOST_SHOWN = 200
_MISSING, _UNFIT, _SURPLUS = 2.0, 3.0, 2.0

_SUBFIELD = r"[A-Za-z0-9]+"
_MODIFIERS = re.compile(rf"[A-Z]{{3}}(-{_SUBFIELD})*")
_LANGUAGES = re.compile(r"[A-Z]{2,4}(-([A-Z]{2,6}|[a-z]{2,4})){1,5}")
_TERRITORIES = re.compile(r"[A-Z]{2,4}(-[A-Za-z0-9+]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class NameFault:
    """What is wrong with one field; `value` is None where the field is not there."""

    field: str
    value: str | None
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """A title by its fields. `fields`: those that are well formed, NULL left out; none where the title does not follow
    the convention at all."""

    fields: Mapping[str, str]
    errors: tuple[NameFault, ...]

    def parts(self, field: str) -> tuple[str, ...]:
        """The subfields of a field; none where it is not there or not well formed."""
        return tuple(self.fields[field].split("-")) if field in self.fields else ()


def naming_facts(composition: Composition) -> Facts:
    """What is wrong with the title by the naming convention, which is for DCPs alone."""
    if composition.is_imf:
        return {}
    return {
        "package.composition.name_errors": [
            {"field": one.field, "value": one.value, "message": one.message}
            for one in read_name(composition.title).errors
        ]
    }


@lru_cache(maxsize=64)
def read_name(title: str) -> Name:
    """The fields of a title, each at its likeliest place, so that a field that is left out shifts no other."""
    values = title.strip().split("_")
    places, surplus = _placed(values) if len(values) <= _MOST_VALUES else ({}, [])
    fitting = {field: value for field, value in places.items() if _JUDGES[field](value) is None}
    if len(fitting) < _LEAST_FIELDS:
        message = f"has {len(fitting)} of the {len(_FIELDS)} fields of the naming convention"
        return Name(fields={}, errors=(NameFault(field=TITLE, value=title[:_MOST_SHOWN], message=message),))
    errors = [*_field_errors(places), *surplus]
    fields = {field: value for field, value in fitting.items() if value != _NULL}
    found = Name(fields=fields, errors=tuple(errors))
    return Name(fields=fields, errors=(*errors, *_contradictions(found)))


def _field_errors(places: Mapping[str, str]) -> Iterator[NameFault]:
    for field in _FIELDS:
        if field in places:
            message = _JUDGES[field](places[field])
            if message is not None:
                yield NameFault(field=field, value=places[field], message=message)
        elif field != PACKAGE:  # OV may be left out
            yield NameFault(field=field, value=None, message="is missing; write NULL where it does not apply")


def _contradictions(name: Name) -> Iterator[NameFault]:
    """Fields that are well formed and go against a rule of the convention or each other."""
    content, aspect = name.parts(CONTENT), name.parts(ASPECT)
    if "Final" in content:
        message = "Final is not for titles; it is the status of the version number"
        yield NameFault(field=CONTENT, value=name.fields[CONTENT], message=message)
    if "RedBand" in content and content[0] not in ("TLR", "TSR"):
        yield NameFault(field=CONTENT, value=name.fields[CONTENT], message="RedBand is for trailers")
    if len(aspect) > 1 and content[:1] == ("TLR",):
        message = "a trailer never has the aspect ratio of its image"
        yield NameFault(field=ASPECT, value=name.fields[ASPECT], message=message)
    if STANDARD in name.fields and CONTENT in name.fields and ("3D" in content) != ("3D" in name.parts(STANDARD)):
        message = "3D is in both the content type and the standard, or in neither"
        yield NameFault(field=STANDARD, value=name.fields[STANDARD], message=message)


def _placed(values: list[str]) -> tuple[dict[str, str], list[NameFault]]:
    """Each value at a field, in order, where together they fit best, and values that are at none."""
    costs = _costs(values)
    places: dict[str, str] = {}
    surplus: list[NameFault] = []
    value, field = 1, 1
    places[TITLE] = values[0]
    while value < len(values) or field < len(_FIELDS):
        step = costs[value][field][1]
        if step == "fit":
            places[_FIELDS[field]] = values[value]
        elif step == "surplus":
            message = "is not a field of the naming convention here"
            surplus.append(NameFault(field=_FIELDS[field - 1], value=values[value], message=message))
        value += step in ("fit", "surplus")
        field += step in ("fit", "missing")
    return places, surplus


def _costs(values: list[str]) -> list[list[tuple[float, str]]]:
    """Cost and first step of the best way to place the values from one on at the fields from one on."""
    costs = [[(0.0, "")] * (len(_FIELDS) + 1) for _ in range(len(values) + 1)]
    for value in range(len(values), 0, -1):
        for field in range(len(_FIELDS), 0, -1):
            ways = []
            if value < len(values) and field < len(_FIELDS):
                ways.append((costs[value + 1][field + 1][0] + _misfit(_FIELDS[field], values[value]), "fit"))
            if field < len(_FIELDS):
                ways.append((costs[value][field + 1][0] + _MISSING, "missing"))
            if value < len(values):
                ways.append((costs[value + 1][field][0] + _SURPLUS, "surplus"))
            costs[value][field] = min(ways) if ways else (0.0, "")
    return costs


def _misfit(field: str, value: str) -> float:
    if _JUDGES[field](value) is not None:
        return _UNFIT
    return 0.1 if field in (TERRITORY, STUDIO, FACILITY) else 0.0


def _of_title(value: str) -> str | None:
    return None if re.fullmatch(r"[A-Za-z0-9+-]+", value) else "has characters other than letters, digits and hyphens"


def _of_content(value: str) -> str | None:
    code = value.split("-")[0]
    if code not in CONTENT_KINDS:
        return f"is not a content type: {', '.join(CONTENT_KINDS)}"
    return None if _MODIFIERS.fullmatch(value) else "has a modifier that is empty or not of letters and digits"


def _of_aspect(value: str) -> str | None:
    return None if re.fullmatch(r"[FSC](-[0-9]{2,3})?", value) else "is not F, S or C, with the image's ratio as F-133"


def _of_language(value: str) -> str | None:
    if not _LANGUAGES.fullmatch(value):
        return "is not the language of the audio and that of the subtitles (XX for none): EN-FR, EN-XX-CCAP"
    for one in value.split("-"):
        if one.upper() not in (NO_LANGUAGE, *CAPTIONS) and len(one) == 2 and fault_of(one):
            return f"has {one}, which is not a language"
    return None


def _of_territory(value: str) -> str | None:
    if not _TERRITORIES.fullmatch(value):
        return "is not a territory with its rating: US-13, DE, INT-TD"
    code = value.split("-")[0]
    is_known = code in _WIDE_TERRITORIES or (len(code) == 2 and not fault_of(f"und-{code}"))
    return None if is_known else f"has {code}, which is not a territory"


def _of_audio(value: str) -> str | None:
    codes = audio_codes(value)
    unknown = [one for one in codes if not _is_audio(one)]
    if unknown:
        return f"has {unknown[0] or 'an empty part'}, which is not an audio type"
    is_named = any(one in CHANNELS or one in _IMMERSIVE or one == "MOS" for one in codes)
    return None if is_named else f"names no audio format: {', '.join((*CHANNELS, 'MOS', *_IMMERSIVE))}"


def audio_codes(value: str) -> tuple[str, ...]:
    """The parts of an audio type in capitals; DTS-X and D-BOX are one part."""
    return tuple(value.upper().replace("DTS-X", "DTSX").replace("D-BOX", "DBOX").split("-"))


def _is_audio(code: str) -> bool:
    """A code of the registry, or the language of the audio, which older names have."""
    return code in CHANNELS or code in (*_IMMERSIVE, *_MORE_AUDIO, "MOS") or bool(re.fullmatch(r"[A-Z]{2,4}", code))


def _of_resolution(value: str) -> str | None:
    return None if value in ("2K", "4K") else "is not 2K or 4K"


def _of_code(value: str) -> str | None:
    return None if re.fullmatch(r"[A-Z0-9]{2,4}", value) else "is not a code of 2 to 4 capitals and digits"


def _of_date(value: str) -> str | None:
    if not re.fullmatch(r"[0-9]{8}", value):
        return "is not a date as YYYYMMDD"
    try:
        date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return "is not a day of the calendar"
    return None


def _of_standard(value: str) -> str | None:
    return None if re.fullmatch(r"(SMPTE|IOP)(-3D)?", value) else "is not SMPTE or IOP, with -3D for 3D"


def _of_package(value: str) -> str | None:
    return None if re.fullmatch(r"OV|VF(-[0-9]+)?", value) else "is not OV, VF or VF with a number: VF-2"


def _or_null(judge: Callable[[str], str | None]) -> Callable[[str], str | None]:
    return lambda value: None if value == _NULL else judge(value)


_JUDGES: Mapping[str, Callable[[str], str | None]] = {
    TITLE: _of_title,
    CONTENT: _or_null(_of_content),
    ASPECT: _or_null(_of_aspect),
    LANGUAGE: _or_null(_of_language),
    TERRITORY: _or_null(_of_territory),
    AUDIO: _or_null(_of_audio),
    RESOLUTION: _or_null(_of_resolution),
    STUDIO: _or_null(_of_code),
    DATE: _or_null(_of_date),
    FACILITY: _or_null(_of_code),
    STANDARD: _or_null(_of_standard),
    PACKAGE: _or_null(_of_package),
}
_FIELDS = tuple(_JUDGES)
