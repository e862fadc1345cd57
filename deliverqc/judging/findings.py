"""Puts breaches of a clause into findings with words a newcomer understands; decides nothing and knows no file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deliverqc.judging.describe import TYPE_WORDS, Registry, describe, noun, value_words
from deliverqc.judging.kleene import Breach, Place
from deliverqc.judging.text_findings import (
    TEXT_ERROR,
    cut_event_words,
    event_span,
    event_words,
    is_in_text,
    quoted,
    statement,
    text_where,
    track_words,
)
from deliverqc.package_words import package_place, package_words
from deliverqc.speclang.model import Clause, Schema, member_name
from deliverqc.speclang.stated import bounds_of
from deliverqc.timebase import format_elapsed
from deliverqc.verdict import DIFFERENCES, Finding, difference_words, item_words, with_unit

_CHANNELS = "sound.groups[].channels"
_POSITION = re.compile(r"(\d+)\.(\d+)")
_TRACKS = {"sound": "sound track", "picture": "picture track", "timed_text": "timed-text track"}
_CHANGED = "file.changed_during_check"
_WITHIN = "an event within the part that is used"
"""A fact whose meaning is a whole sentence."""

_SPAN_KEYS = ("start_frame", "end_frame", "duration_frames", "start_s", "end_s", "duration_s")


def findings_of(breaches: Iterable[Breach], registry: Registry) -> tuple[Finding, ...]:
    """One finding for each value that breaks a clause, in the order of the facts; a value that breaks it twice is told
    once.
    """
    told: dict[tuple[str, tuple[tuple[str, int], ...]], Finding] = {}
    for breach in breaches:
        place, finding = _finding(breach, registry)
        told.setdefault((place.name, place.where), finding)
    return tuple(told.values())


def as_stated(findings: tuple[Finding, ...], clause: Clause) -> tuple[Finding, ...]:
    """The findings of a clause with the document's own figure, where they break the bound that it explains."""
    figure = clause.stated
    if figure is None or figure.fact is None:
        return findings
    broken = {
        describe(part, figure.fact, {})
        for bounds in bounds_of(clause.schema).get(figure.fact, ())
        for part in (bounds, *({key: bound} for key, bound in bounds.items()))
    }
    return tuple(
        replace(one, stated=figure.words) if one.fact == figure.fact and one.expected in broken else one
        for one in findings
    )


def null_finding(place: Place, schema: Schema, registry: Registry) -> Finding:
    """The finding for a fact that was looked for and is not there, where the clause says that this fails it."""
    wanted = _wanted_at(schema, place.name) or {}
    expected = describe(wanted, place.name, registry) if wanted else "stated"
    return _made(place, None, expected, registry)


def _finding(breach: Breach, registry: Registry) -> tuple[Place, Finding]:
    place, broken = breach.place, breach.broken
    if broken.get("maxItems") == 0:
        return place, _unwanted_item(breach, registry)
    if "contains" in broken:
        members = {one.name for one, _ in breach.read}
        actual = [value for _, value in breach.read] if len(members) == 1 else breach.value
        return place, _made(place, actual, describe(broken, place.name, registry), registry, breach.read)
    if breach.read:
        expected = describe(broken, place.name, registry)
        if len(breach.read) == 1:
            only, value = breach.read[0]
            return only, _made(only, value, describe(_about(broken, place, only), only.name, registry), registry)
        return breach.read[0][0], _made_of_several(breach, expected, registry)
    telling = broken if "type" not in broken and breach.value is not None else _leaf_part(breach.schema)
    return place, _made(place, breach.value, describe(telling, place.name, registry), registry)


def _about(broken: Mapping[str, Any], place: Place, only: Place) -> Mapping[str, Any]:
    """A compound over an object that speaks of one member only, as the same compound over that member."""
    if only.name == place.name:
        return broken

    def moved(schema: Schema) -> Schema:
        inner = _wanted_at(schema, only.name, place.name)
        return {"type": list(TYPE_WORDS)} if inner is None else inner

    return {
        keyword: [moved(one) for one in value] if isinstance(value, list) else moved(value)
        for keyword, value in broken.items()
    }


def _wanted_at(schema: Schema, name: str, at: str = "") -> Mapping[str, Any] | None:
    """What a schema for the value called `at` says of the value called `name`; None where it says nothing."""
    if not isinstance(schema, Mapping):
        return None
    if at == name:
        return schema
    candidates = [(inner, member_name(at, key)) for key, inner in schema.get("properties", {}).items()]
    candidates += [(schema[keyword], f"{at}[]") for keyword in ("items", "contains") if keyword in schema]
    candidates += [(one, at) for keyword in ("allOf", "anyOf", "oneOf") for one in schema.get(keyword, ())]
    candidates += [(schema[keyword], at) for keyword in ("then", "else", "not") if keyword in schema]
    for inner, inner_name in candidates:
        if name == inner_name or name.startswith((f"{inner_name}.", f"{inner_name}[]")) or not inner_name:
            found = _wanted_at(inner, name, inner_name)
            if found is not None:
                return found
    return None


def _leaf_part(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is said of the value itself; the type only where nothing else tells it."""
    return {
        keyword: value
        for keyword, value in schema.items()
        if keyword not in ("required", "properties", "items", "if", "then", "else")
    }


def _unwanted_item(breach: Breach, registry: Registry) -> Finding:
    place, name = breach.place, breach.place.name.removesuffix("[]")
    of_package = package_words(name, breach.value) if isinstance(breach.value, Mapping) else None
    if of_package is not None:
        made = replace(
            _made(place, breach.value, of_package[1], registry), fact=name, where=package_place(breach.value)
        )
        return replace(made, message=f"{of_package[0]}; required {of_package[1]}")
    if is_in_text(place.name) and isinstance(breach.value, Mapping) and "message" in breach.value:
        made = replace(_made(place, breach.value, "none", registry), fact=name)
        required = "text that keeps to its format"
        said = str(breach.value["message"]).removesuffix(".")
        return replace(made, expected=required, message=f"{said}; required {required}")
    cut = cut_event_words(breach.value) if isinstance(breach.value, Mapping) else None
    if cut is not None:
        made = replace(_made(place, breach.value, "none", registry), fact=name)
        return replace(made, expected=_WITHIN, message=f"{cut}; required {_WITHIN}")
    known = item_words(breach.value) if isinstance(breach.value, Mapping) else None
    span = span_of(breach.value)
    if known is not None:
        made = replace(_made(place, breach.value, "none", registry), fact=name)
        if span is None:
            return made
        return replace(made, message=f"{known[0]}, {_span_words(span)}; required {known[1]}")
    what = value_words(breach.value) if span is None else f"{_span_words(span)}{_remarks(breach.value)}"
    message = f"{noun(name, registry)}{_of(Place(name, place.where[:-1]))}: {what}; required none"
    return replace(_made(place, breach.value, "none", registry), fact=name, message=message, unit=None)


def _remarks(item: Mapping[str, Any]) -> str:
    """What a list item says beside its place in time: a decoder's message and the track."""
    if all(key in item for key in _SPAN_KEYS):
        return ""
    rest = {key: value for key, value in item.items() if key not in ("frame", "start_s", "start_timecode")}
    return f" ({value_words(rest)})" if rest else ""


def _made_of_several(breach: Breach, expected: str, registry: Registry) -> Finding:
    first = breach.read[0][0]
    told = ", ".join(_statement(place, value, registry) for place, value in breach.read)
    values = {_short(place.name, registry, breach.read): value for place, value in breach.read}
    finding = _made(first, values, expected, registry)
    return replace(finding, message=f"{told}; required {expected}", unit=None)


def _short(name: str, registry: Registry, read: Sequence[tuple[Place, Any]]) -> str:
    alike = [place for place, _ in read if noun(place.name, registry) == noun(name, registry)]
    return name if len(alike) > 1 else noun(name, registry)


def _made(
    place: Place,
    actual: Any,  # noqa: ANN401
    expected: str,
    registry: Registry,
    read: Sequence[tuple[Place, Any]] = (),
) -> Finding:
    fact = registry.get(place.name)
    span = span_of(place.item)
    where: dict[str, Any] = dict(place.where)
    if place.item is not None and is_in_text(place.name):
        where = text_where(place.name, where, place.item)
    if span is not None and span.get("channel") is not None:
        where["channel"] = span["channel"]
    if place.item is not None and place.item.get("track") is not None:
        where.setdefault("track", place.item["track"])
    if place.name.endswith(".channels[]") and isinstance(actual, str):
        where["channel"] = actual  # a list of labels: its index is not a channel
    told = item_words(place.item) if place.item is not None and place.name.count("[]") == 1 else None
    if told is not None and place.item is not None:
        track = place.item.get("track")
        return Finding(
            fact=place.name,
            actual=dict(place.item),
            expected=told[1],
            unit=None,
            message=f"{told[0]}; required {told[1]}",
            where={} if track is None else {"track": track},
            span=span,
        )
    order = _channel_order(place, actual) or _of_event(place, actual)
    unit = fact.unit if fact is not None else None
    if order is not None:
        said, expected = order[0], order[1] or expected
    elif place.name in DIFFERENCES and isinstance(actual, int | float):
        said = difference_words(place.name, actual)
    elif place.name.endswith("[]") and isinstance(actual, int | float) and fact is None:
        listed = registry.get(place.name.removesuffix("[]"))
        unit = listed.unit if listed is not None else None
        said = f"{noun(place.name.removesuffix('[]'), registry)} include {with_unit(value_words(actual), unit)}"
    else:
        said = _statement(place, actual, registry)
    if read:
        said = f"{noun(place.name, registry)}{_of(place)}: {', '.join(_statement(*one, registry) for one in read)}"
    elif isinstance(actual, list) and order is None:
        said = f"{noun(place.name, registry)}{_of(place)}: {value_words(actual)}"
    about = _item_words(place)
    return Finding(
        fact=place.name,
        actual=actual,
        expected=expected,
        unit=unit,
        message=said if place.name == _CHANGED and actual is True else f"{said}{about}; required {expected}",
        where=where,
        span=span,
    )


def _of_event(place: Place, actual: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """What is said of an event, a character, a track of text or text that cannot be read, and required; None where
    the fact says it."""
    if place.name == TEXT_ERROR and isinstance(actual, str):
        return actual.removesuffix("."), "text that can be read"
    if place.item is not None and place.name.count("[]") == 1:
        return track_words(place.name, actual, place.item, dict(place.where).get("track", 0))
    return statement(place.name, actual, place.item) if place.item is not None and is_in_text(place.name) else None


def _channel_order(place: Place, actual: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """The order in which the channels of a mix are stored, and that of its layout, by loudspeakers; None where the two
    are the same, so that only their places differ, or where `actual` is not the places of the channels of a mix."""
    labels = place.item.get("channel_labels") if place.item is not None else None
    if place.name != _CHANNELS or not isinstance(actual, list) or not isinstance(labels, list):
        return None
    places = [_POSITION.fullmatch(one) for one in actual if isinstance(one, str)]
    if len(places) != len(labels) or not all(places) or not all(labels):
        return None
    keys = [(int(found[1]), int(found[2])) for found in places if found is not None]
    stored = [label for _, label in sorted(zip(keys, labels, strict=True))]
    if stored == labels:
        return None
    return f"channel order{_of(place)} is {' '.join(stored)}", " ".join(labels)


def _statement(place: Place, value: Any, registry: Registry) -> str:  # noqa: ANN401
    if place.name == _CHANGED and value is True:
        return noun(place.name, registry)
    fact = registry.get(place.name)
    subject = f"{noun(place.name, registry)}{_of(place)}"
    if value is None:
        reason = f" ({fact.null_means})" if fact is not None and fact.null_means else ""
        return f"{subject} is not there{reason}"
    unit = f" {fact.unit}" if fact is not None and fact.unit and not isinstance(value, list | bool) else ""
    return f"{subject} is {value_words(value)}{unit}"


def _of(place: Place) -> str:
    """Which group, track or span, counted from 0 as in the facts."""
    told = []
    is_event = place.item is not None and is_in_text(place.name) and "number" in place.item
    for kind, index in place.where:
        if kind == "track":
            told.append(f"{_TRACKS.get(place.name.split('.', 1)[0], 'track')} {index}")
        elif kind == "span":
            continue
        elif kind == "event" and is_event:
            told.insert(0, event_words(place.item or {}))
        else:
            told.append(f"{kind.replace('_', ' ')} {index}")
    span = span_of(place.item)
    if span is not None and not is_event:
        told.insert(0, _span_words(span))
    return f" of {' of '.join(told)}" if told else ""


def _item_words(place: Place) -> str:
    """What else is known of a list item that has no place in time and is no track or group."""
    kinds = {kind for kind, _ in place.where}
    if place.item is not None and is_in_text(place.name):
        return quoted(place.item)
    if place.item is None or kinds & {"track", "group", "span"} or span_of(place.item) is not None:
        return ""
    member = place.name.rsplit("[].", 1)[-1]
    rest = {key: value for key, value in place.item.items() if key != member and value is not None}
    return f" ({value_words(rest)})" if rest else ""


def span_of(item: Any) -> Mapping[str, Any] | None:  # noqa: ANN401
    """The span that a list item is, or that a decoder's remark with a time points at; None where it has no place in
    time.
    """
    if not isinstance(item, Mapping):
        return None
    if (event := event_span(item)) is not None:
        return event
    if all(key in item for key in _SPAN_KEYS):
        return item
    start = item.get("start_s")
    if "start_timecode" not in item or not isinstance(start, int | float) or isinstance(start, bool):
        return None
    frame, count = item.get("frame"), item.get("count", 1)
    return {
        "start_frame": frame,
        "end_frame": None if frame is None else frame + count,
        "duration_frames": None if frame is None else count,
        "start_s": start,
        "end_s": start,
        "duration_s": 0.0,
        "start_timecode": item.get("start_timecode"),
        "end_timecode": item.get("start_timecode"),
        "region": None,
        "channel": None,
    }


def _span_words(span: Mapping[str, Any]) -> str:
    edges = [span.get(f"{edge}_timecode") or format_elapsed(span[f"{edge}_s"]) for edge in ("start", "end")]
    if edges[0] == edges[1]:
        return f"the place at {edges[0]}"
    return f"the span {edges[0]} to {edges[1]} ({value_words(span['duration_s'])} s)"


def with_fingerprints(findings: Sequence[Finding], *, clause: str, subject: str) -> tuple[Finding, ...]:
    """Give each finding the hash that survives a shift in time.

    It is made of clause, fact, subject, track or group, the ordinal among equal findings in time order, duration and
    expectation.
    """
    order = sorted(range(len(findings)), key=lambda i: (_start(findings[i]), i))
    ordinals: dict[str, int] = {}
    prints: dict[int, str] = {}
    for i in order:
        finding = findings[i]
        places = {kind: finding.where.get(kind) for kind in ("track", "group", "channel", "reel", "segment", "asset")}
        same = [clause, finding.fact, subject, places, _duration(finding.span), finding.expected]
        key = json.dumps(same, sort_keys=True, ensure_ascii=False)
        ordinals[key] = ordinals.get(key, -1) + 1
        prints[i] = hashlib.sha256(f"{key}\n{ordinals[key]}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return tuple(replace(finding, fingerprint=prints[i]) for i, finding in enumerate(findings))


def _start(finding: Finding) -> float:
    return float(finding.span["start_s"]) if finding.span is not None else -1.0


def _duration(span: Mapping[str, Any] | None) -> Any:  # noqa: ANN401
    """Samples where there are some: the frames that a sound span touches may change when it moves."""
    if span is None:
        return None
    return next(
        (span[key] for key in ("duration_samples", "duration_frames", "duration_s") if span.get(key) is not None), None
    )
