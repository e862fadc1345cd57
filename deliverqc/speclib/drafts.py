"""Drafts spec documents: a show's sheet on top of a spec, and a spec from the facts of a master that was accepted.

It writes no files and judges nothing; a draft is for a person to finish.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.facts.model import Fact
from deliverqc.speclang.lint import DRAFT, ID_PATTERN
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Spec, admits_null, constrained_names, names_in
from deliverqc.speclang.problem import nearest
from deliverqc.verdict import NOT_YET

LOUDNESS_TOLERANCE_LU = 0.5
"""Either side of the loudness that was measured. House choice, because delivery sheets allow from 0.2 to 2 LU."""

PEAK_STEP_DB = 0.5
"""A ceiling is the measured peak rounded up to this step. House choice: ceilings are written in whole or half dB."""

_FILL_IN = "Fill in: why the show differs."

_PLAIN: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("wrapper-format", "The wrapper", ("wrapper.format",)),
    ("picture-codec", "Picture coding", ("picture.codec", "picture.codec_profile")),
    ("picture-size", "Width and height of the picture", ("picture.width_px", "picture.height_px")),
    ("pixel-aspect", "Aspect of the pixels", ("picture.pixel_aspect_ratio",)),
    ("frame-rate", "Frames per second", ("picture.frame_rate", "picture.frame_rate_mode")),
    ("scan", "Scan", ("picture.scan", "picture.field_order")),
    ("sampling", "Bits and chroma of the picture", ("picture.bit_depth_bits", "picture.chroma_subsampling")),
    (
        "colour",
        "Colour tags",
        ("picture.color_primaries", "picture.color_transfer", "picture.color_matrix", "picture.color_range"),
    ),
    ("sound-track-count", "Sound tracks", ("sound.track_count",)),
)
"""Clauses on plain facts: id, start of the title, facts. A fact that the master does not state is left out."""


def require_new_id(spec_id: str, library: SpecLibrary) -> None:
    """UsageError where `spec_id` is no id, or one that a spec or family within reach has."""
    if ID_PATTERN.fullmatch(spec_id) is None:
        raise UsageError(
            f"{spec_id!r} is no id; write words of small letters and digits, joined by -, such as the-show",
            code="bad-id",
        )
    if spec_id in library.ids():
        raise UsageError(f"there is a spec {spec_id} already. Choose another id.", code="spec-exists")


def sheet_on(base: Spec, spec_id: str, *, replaced: Sequence[str] = (), dropped: Sequence[str] = ()) -> dict[str, Any]:
    """A show's own sheet that extends `base`, with a copy of each clause to replace and a reason to fill in for each.

    UsageError where one of the ids is no clause of `base`.
    """
    clauses = {clause["$anchor"]: clause for clause in base.document["allOf"]}
    own = [clause.id for clause in base.own_clauses]
    for clause_id in (*replaced, *dropped):
        if clause_id not in own:
            raise UsageError(f"{base.id} has no clause {clause_id!r}{nearest(clause_id, own)}", code="clause-unknown")
        if clause_id in replaced and clause_id not in clauses:
            raise UsageError(
                f"{base.id}:{clause_id} {NOT_YET}, so there is nothing to copy. Drop it, and write your own clause.",
                code="clause-unknown",
            )
    about = {"id": spec_id, "edition": "1", "revision": 1} | ({"kind": base.kind} if base.kind else {})
    sheet: dict[str, Any] = {
        "$schema": DRAFT,
        "title": f"{spec_id}, on top of {base.title}",
        "description": (
            "Fill in: the title, the edition of your sheet, and your own clauses in allOf (docs/writing-a-spec.md). "
            f"To change a clause of {base.id}, name it under replace with the reason and write it into allOf under the "
            "same id; to leave one out, name it under drop with the reason. "
            f"Its clauses: {', '.join(own)}. What each asks: deliverqc spec show {base.id}"
        ),
        "x-spec": about,
        "x-extends": {
            "spec": f"{base.id}@{base.edition}",
            "replace": [{"id": clause_id, "reason": _FILL_IN} for clause_id in replaced],
            "drop": [{"id": clause_id, "reason": _FILL_IN} for clause_id in dropped],
        },
    }
    return sheet | ({"allOf": [clauses[clause_id] for clause_id in replaced]} if replaced else {})


def spec_like(
    facts: Mapping[str, Any],
    spec_id: str,
    name: str,
    *,
    registry: Mapping[str, Fact],
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """A spec that the master with these facts meets: its format, picture, sound layout and loudness as clauses.

    `name` is how the master is called in every source; `settings` are those that the facts were measured under. What
    the master does not state, and what deliverqc has no word for, is left out. UsageError where nothing is left.
    """
    drafts = [*_plain(facts), *_sound_tracks(facts), *_layouts(facts), *_loudness(facts)]
    if not drafts:
        raise UsageError(
            f"{name} has no facts that a spec could be made of; name a master, or what `deliverqc facts` printed",
            code="not-facts",
        )
    groups = (settings or {}).get("groups")
    return {
        "$schema": DRAFT,
        "title": f"Like {name}",
        "description": (
            f"What was measured of one accepted master, {name}: the platform's own demands may be wider or narrower. "
            f"Loudness has a tolerance of {LOUDNESS_TOLERANCE_LU} LU either way; peaks are rounded up to "
            f"{PEAK_STEP_DB} dB. Both are house choices: mend them where you know better."
        ),
        "x-spec": {"id": spec_id, "edition": "1", "revision": 1},
        **({"x-settings": {"groups": dict(groups)}} if groups else {}),
        "allOf": [draft.to_clause(name, registry) for draft in drafts],
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    id: str
    title: str
    schema: Mapping[str, Any]

    def to_clause(self, name: str, registry: Mapping[str, Fact]) -> dict[str, Any]:
        nullable = {fact for fact in names_in(self.schema) if fact in registry and registry[fact].is_nullable}
        is_open = nullable & set(constrained_names(self.schema)) and not _takes_null(self.schema)
        return {
            "$anchor": self.id,
            "title": self.title,
            "x-level": "shall",
            "x-source": {"document": f"measured from a master that was accepted: {name}"},
            "x-why": f"{name} was accepted like this; whether another value would be is not known.",
            **({"x-null": "fail"} if is_open else {}),
            **self.schema,
        }


def _takes_null(schema: Mapping[str, Any]) -> bool:
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return admits_null(schema) or any(_takes_null(one) for one in inner)


def _is_usable(value: Any) -> bool:  # noqa: ANN401
    return value is not None and not (isinstance(value, str) and value.startswith("other:"))


def _demand(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": list(values), "properties": {name: {"const": value} for name, value in values.items()}}


def _plain(facts: Mapping[str, Any]) -> Iterator[_Draft]:
    for clause_id, title, names in _PLAIN:
        values = {name: facts[name] for name in names if _is_usable(facts.get(name))}
        if values:
            told = ", ".join(f"{name.rsplit('.', 1)[-1]} {value}" for name, value in values.items())
            yield _Draft(id=clause_id, title=f"{title} as in that master: {told}", schema=_demand(values))


def _items(facts: Mapping[str, Any], holder: str) -> list[Mapping[str, Any]]:
    found = facts.get(holder)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _sound_tracks(facts: Mapping[str, Any]) -> Iterator[_Draft]:
    tracks = _items(facts, "sound.tracks")
    wanted = {}
    for key in ("codec", "sample_rate_hz", "bit_depth_bits"):
        values = list(dict.fromkeys(track.get(key) for track in tracks))
        if values and all(map(_is_usable, values)):
            wanted[key] = values
    if wanted:
        told = ", ".join(f"{key} {' or '.join(map(str, values))}" for key, values in wanted.items())
        members = {key: {"const": one[0]} if len(one) == 1 else {"enum": one} for key, one in wanted.items()}
        each = {"type": "object", "required": list(members), "properties": members}
        yield _Draft(
            id="sound-coding",
            title=f"Coding of every sound track as in that master: {told}",
            schema=_list_of("sound.tracks", {"minItems": 1, "items": each}),
        )


def _layouts(facts: Mapping[str, Any]) -> Iterator[_Draft]:
    layouts = [group.get("layout") for group in _items(facts, "sound.groups")]
    if not layouts or not all(map(_is_usable, layouts)):
        return
    counted = [
        {
            "type": "array",
            "contains": {"type": "object", **_demand({"layout": layout})},
            "minContains": layouts.count(layout),
            "maxContains": layouts.count(layout),
        }
        for layout in dict.fromkeys(layouts)
    ]
    bounds = {"minItems": len(layouts), "maxItems": len(layouts)}
    yield _Draft(
        id="sound-layouts",
        title=f"The mixes are, in any order: {', '.join(map(str, layouts))}",
        schema=_list_of("sound.groups", {**bounds, "allOf": counted}),
    )


def _loudness(facts: Mapping[str, Any]) -> Iterator[_Draft]:
    integrated = _measured_of_groups(facts, "loudness.integrated_lufs")
    if integrated:
        low = round(min(integrated) - LOUDNESS_TOLERANCE_LU, 2)
        high = round(max(integrated) + LOUDNESS_TOLERANCE_LU, 2)
        yield _of_every_mix(
            facts,
            "integrated-loudness",
            f"Programme loudness of every mix is from {low} to {high} LUFS: as measured, ±{LOUDNESS_TOLERANCE_LU} LU",
            "loudness.integrated_lufs",
            {"minimum": low, "maximum": high},
        )
    peaks = _measured_of_groups(facts, "loudness.max_true_peak_dbtp")
    if peaks:
        ceiling = math.ceil(max(peaks) / PEAK_STEP_DB) * PEAK_STEP_DB
        yield _of_every_mix(
            facts,
            "true-peak",
            f"No true peak of any mix exceeds {ceiling} dBTP: as measured, rounded up to {PEAK_STEP_DB} dB",
            "loudness.max_true_peak_dbtp",
            {"maximum": ceiling},
        )


def _measured_of_groups(facts: Mapping[str, Any], member: str) -> list[float]:
    """The values of all mixes but the silent ones; none where one was not measured."""
    groups = _items(facts, "sound.groups")
    return (
        [group[member] for group in groups if group[member] is not None] if all(member in one for one in groups) else []
    )


def _of_every_mix(
    facts: Mapping[str, Any], clause_id: str, title: str, member: str, bounds: Mapping[str, float]
) -> _Draft:
    is_silent_allowed = any(group[member] is None for group in _items(facts, "sound.groups"))
    wanted = {"type": ["number", "null"] if is_silent_allowed else "number", **bounds}
    each = {"type": "object", "required": [member], "properties": {member: wanted}}
    return _Draft(id=clause_id, title=title, schema=_list_of("sound.groups", {"minItems": 1, "items": each}))


def _list_of(holder: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": [holder], "properties": {holder: {"type": "array", **schema}}}
