"""Which matters a spec judges, as it states them or as its clauses show; judges no facts and reads no files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from deliverqc.speclang.model import Clause, Essence, Spec
from deliverqc.verdict import MATTERS, OTHER, Level

DELIVERY = "delivery"
"""The scope of a spec that judges the whole of a deliverable; alone in its list."""

SCOPES = (DELIVERY, *(one for one in MATTERS if one != OTHER))
"""What `x-spec.scope` may hold."""

_BY_PREFIX: tuple[tuple[str, str], ...] = (
    ("wrapper.start_timecode", "layout"),
    ("wrapper.drop_frame", "layout"),
    ("wrapper.timecode", "layout"),
    ("wrapper.duration", "layout"),
    ("wrapper.", "wrapper"),
    ("package.", "package"),
    ("programme.", "layout"),
    ("timed_text.", "timed_text"),
    ("picture.photosensitivity.", "photosensitivity"),
    ("picture.levels.", "levels"),
    ("picture.black.", "layout"),
    ("picture.freeze.", "layout"),
    ("picture.leader.", "layout"),
    ("picture.frame_count", "layout"),
    ("picture.", "picture"),
    ("cross_check.silent_black", "layout"),
    ("cross_check.track_header_reshapes", "picture"),
    ("cross_check.track_", "sync"),
    ("cross_check.sync_points", "sync"),
    ("cross_check.sound_lead_s", "sync"),
    ("cross_check.dialnorm_", "loudness"),
    ("cross_check.bwf_loudness_", "loudness"),
    ("cross_check.hdr.", "picture"),
    ("cross_check.as11_missing_parts", "layout"),
    ("cross_check.declared_areas", "picture"),
    ("cross_check.active_format.", "picture"),
    ("cross_check.jpeg2000", "picture"),
    ("sound.groups[].leq_m", "loudness"),
    ("sound.groups[].programme.loudness.", "loudness"),
    ("sound.groups[].loudness.", "loudness"),
    ("sound.groups[].silence.", "layout"),
    ("sound.", "audio"),
    ("file.", "file"),
)
"""The matter of a fact by how its name begins; the first that fits."""

_SPECIFIC: Mapping[str, frozenset[str]] = {
    "audio": frozenset({"loudness"}),
    "picture": frozenset({"levels", "photosensitivity", "sync"}),
    OTHER: frozenset(MATTERS) - {OTHER},
}
"""Matters of which a plain fact of the same essence, such as the layout of a mix, only says of what it is judged."""

_OF_ESSENCE: Mapping[str, frozenset[str]] = {
    "picture": frozenset({"picture"}),
    "audio": frozenset({"audio", "loudness"}),
    "timed_text": frozenset({"timed_text"}),
}
_AROUND = frozenset({"wrapper", "package"})


def matter_of(fact: str) -> str:
    """The matter that a fact belongs to, by its name; OTHER where it is of none, as a plug-in's facts are."""
    return next((matter for prefix, matter in _BY_PREFIX if fact.startswith(prefix)), OTHER)


def matters_of(clause: Clause) -> frozenset[str]:
    """The matters that a clause judges."""
    names = clause.facts() | ({clause.awaits} if clause.awaits else frozenset())
    found = {matter_of(name) for name in names}
    return frozenset(one for one in found if not _SPECIFIC.get(one, frozenset()) & found)


def judged(spec: Spec) -> tuple[str, ...]:
    """The matters on which some clause of the spec counts, in the order of reports."""
    return in_order(chain.from_iterable(matters_of(one) for one in _counting(spec)))


def _counting(spec: Spec) -> list[Clause]:
    """The clauses on which a pass rests: those that decide, or all where the spec only recommends."""
    return [one for one in spec.own_clauses if one.level is Level.SHALL or spec.advisory]


def in_order(matters: Iterable[str]) -> tuple[str, ...]:
    """The matters, each once, in the order of reports."""
    found = set(matters)
    return tuple(one for one in MATTERS if one in found)


def scope_of(spec: Spec) -> tuple[str, ...]:
    """The matters to which a pass of the spec is limited; empty where it means the deliverable.

    What the spec states counts as far as its clauses judge it. Where it states nothing, or the whole of a delivery, and
    they are too few to mean one, they show it themselves, so that no spec passes for more than it judges.
    """
    if spec.scope in ((), (DELIVERY,)):
        return judged(spec) if any(True for _ in gaps(spec)) else ()
    found = judged(spec)
    return in_order(set(spec.scope) & set(found)) or found


def fewest(essence: Essence) -> int:
    """How many clauses must decide before a pass can mean the deliverable: two for each essence that it holds. House
    choice, because one clause says only what codes an essence, or only how loud it is; no document gives a number.
    """
    return 2 * len(essence.holds)


def gaps(spec: Spec) -> Iterator[str]:
    """What a spec lacks, in words, for its pass to mean the whole deliverable; nothing where it lacks nothing.

    A demand that awaits its fact counts: it keeps the verdict from passing. Timed text counts where nothing else is
    held: most packages hold none.
    """
    deciding, found = _counting(spec), set(judged(spec))
    least = fewest(spec.essence)
    if len(deciding) < least:
        yield f"{len(deciding)} deciding clause{'' if len(deciding) == 1 else 's'} of at least {least}"
    if not found & _AROUND:
        yield "no deciding clause on the wrapper or package"
    needed = spec.essence.holds - {"timed_text"} or spec.essence.holds
    for essence in (one for one in _OF_ESSENCE if one in needed):
        if not found & _OF_ESSENCE[essence]:
            yield f"no deciding clause on {essence.replace('_', ' ')}"
