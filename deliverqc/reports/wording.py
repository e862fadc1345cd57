"""How values, places and times read in every report; knows no format and no spec."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from deliverqc.package_words import package_words
from deliverqc.reports.quoting import quoted_name
from deliverqc.timebase import format_elapsed
from deliverqc.verdict import DIFFERENCES, difference_words, item_words, scope_words, with_unit

_NUMBER = re.compile(r"(?<![\w:/])(?<!\d\.)[-+−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb\ufffe"
    "\uffff\U000e0000-\U000e007f]"
)
_OF_TEXT = "timed_text.tracks[]"
_COUNTED_BY = {"characters_per_second": "characters/s", "words_per_minute": "words/min"}
_CHARACTER = f"{_OF_TEXT}.characters[].character"
_FINE_UNITS = ("s", "Hz")  # a millisecond and 23.976 matter; everything else starts at one decimal
_SPAN_MEMBERS = (
    *(
        f"{edge}_{unit}"
        for edge in ("start", "end", "duration")
        for unit in ("frame", "frames", "s", "sample", "samples")
    ),
    *("start_timecode", "end_timecode", "region", "programme_region", "channel", "frame"),
)
_STATEMENT = re.compile(r" is (true|false)\b")
_TRUTH = re.compile(r"\b(true|false)\b")
_PLACES = ("track", "group", "channel", "reel", "segment", "asset")
_MOST_DECIMALS = 12
_LONGEST_VALUE = 160

NO_VERDICT = "nothing was judged"
NO_ACCEPTANCE = "A pass covers the clauses listed, not acceptance."


def harmless(value: Any) -> Any:  # noqa: ANN401
    """A copy of a JSON value in which no string can move a cursor, turn the reading direction or break XML.

    Control characters, directional marks and lone surrogates (a file name that is not UTF-8) become words: `\\x1b`.
    """
    if isinstance(value, str):
        return _HARMFUL.sub(_escaped, value)
    if isinstance(value, Mapping):
        return {harmless(str(name)): harmless(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(member) for member in value]
    return value


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def bounds(expected: str) -> tuple[Decimal, ...]:
    """Every number in the words of an expectation: -23.2 and -22.8 in "from -23.2 to -22.8"."""
    return tuple(Decimal(number.replace("−", "-")) for number in _NUMBER.findall(expected))


def number(value: float, *, expected: str = "", unit: str | None = None) -> str:
    """Write a number with one decimal (three in seconds and hertz), and with more where that would mislead.

    It misleads where the shown value stands on another side of a bound in `expected` than the true one, and where it
    shows nothing but zeros for a value that is not zero. Whole numbers have no decimals.
    """
    if isinstance(value, int):
        return str(value)
    exact, limits = Decimal(repr(value)), bounds(expected)
    for decimals in range(3 if unit in _FINE_UNITS else 1, _MOST_DECIMALS):
        shown = round(exact, decimals)
        if bool(shown) == bool(exact) and all(shown.compare(limit) == exact.compare(limit) for limit in limits):
            return f"{shown if shown else abs(shown):f}"
    return repr(value)


def value_words(value: Any, *, expected: str = "", unit: str | None = None) -> str:  # noqa: ANN401
    """Write one JSON value for a reader, with its unit. `null` was looked for and is not there."""
    if value is None:
        return "none found"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return with_unit(number(value, expected=expected, unit=unit), unit)
    if isinstance(value, str):
        return f"{shortened(value) or '(empty)'} {unit or ''}".rstrip()
    if isinstance(value, list) and all(isinstance(member, str | int | float) for member in value):
        return shortened(", ".join(value_words(member, expected=expected) for member in value)) or "(empty list)"
    return shortened(json.dumps(value, ensure_ascii=False))


def shortened(text: str, longest: int = _LONGEST_VALUE) -> str:
    """The text, cut with an ellipsis where it is longer than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def measured(finding: Mapping[str, Any]) -> str:
    """What was measured, as exact as the expectation asks, with its unit: "-22.76 LUFS".

    A value that is not plain, or not there, is told in the judge's words, which say what it is or why it is missing.
    """
    actual, expected, message = finding["actual"], finding["expected"], _message(finding)
    if isinstance(actual, Mapping) and finding.get("event") and "concurrent_count" in actual:
        return f"event {finding['event']['number']}"
    known = item_words(actual) if isinstance(actual, Mapping) else None
    if known is not None:
        return shortened(known[0], 2 * _LONGEST_VALUE)
    if finding.get("fact") in DIFFERENCES and isinstance(actual, int | float):
        size = number(actual, expected=expected, unit=finding["unit"]).removeprefix("-")
        return difference_words(finding["fact"], actual, size)
    if isinstance(actual, Mapping) and finding["span"]:
        return _beside_the_span(actual)
    if message and finding.get("fact") == _CHARACTER:
        return shortened(message, 2 * _LONGEST_VALUE)
    is_absence = actual == 0 and str(finding.get("fact")).endswith("track_count")
    if isinstance(actual, bool) and message:
        return _STATEMENT.sub(lambda found: ": yes" if found[1] == "true" else ": no", message)
    if message and (actual is None or is_absence or isinstance(actual, Mapping | list)):
        return shortened(message, 2 * _LONGEST_VALUE)
    return value_words(actual, expected=expected, unit=_unit(finding))


def _unit(finding: Mapping[str, Any]) -> str | None:
    """The unit of the value, where a reader would ask what is counted by that."""
    unit: str | None = finding["unit"]
    return _COUNTED_BY.get(str(finding.get("fact")).rpartition(".")[2], unit)


def _message(finding: Mapping[str, Any]) -> str:
    """What the judge says was found, without what is required and without the text of the event, which are told
    apart."""
    said = str(finding["message"] or "").removesuffix(f"; required {finding['expected']}")
    event = finding.get("event")
    return said.removesuffix(f' ("{event["text"]}")') if event else said


def _beside_the_span(item: Mapping[str, Any]) -> str:
    """What a list item says beyond its place in time, which stands beside it."""
    told = [
        f"{name} {value_words(value)}"
        for name, value in item.items()
        if name not in _SPAN_MEMBERS and value is not None
    ]
    return shortened(", ".join(told)) or "found"


def wanted(finding: Mapping[str, Any]) -> str:
    """What the clause wants, with its unit where the expectation ends in a number: the document's own figure first."""
    if finding.get("stated"):
        return str(finding["stated"])
    expected, unit = finding["expected"], _unit(finding)
    if isinstance(finding.get("actual"), bool):
        return _TRUTH.sub(lambda found: "yes" if found[0] == "true" else "no", str(expected))
    if isinstance(finding.get("actual"), Mapping | list):
        return str(expected)  # a number of items, not a value with that unit
    return with_unit(str(expected), unit) if unit and expected and expected[-1].isdigit() else str(expected)


def where_words(finding: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Which track, group or channel, from 0 as in the facts: "group 0 (5.1, en)"; empty where it is about all.

    The number of a span in its list is left out, because its place in time says more; so is that of a plain value in a
    list, and a track that `measured` names.
    """
    actual = finding.get("actual")
    is_named = isinstance(actual, Mapping) and item_words(actual) is not None
    if isinstance(actual, Mapping) and package_words(str(finding.get("fact")), actual) is not None:
        return ""
    is_plain_item = str(finding.get("fact")).endswith("[]") and not isinstance(actual, Mapping | list)
    places = {
        kind: value
        for kind, value in finding["where"].items()
        if value is not None
        and kind != "span"
        and not (is_named and isinstance(value, str))
        and not (is_plain_item and kind not in _PLACES)
    }
    is_text = str(finding.get("fact")).startswith(_OF_TEXT)
    if is_text and isinstance(places.get("track"), int):
        places = {"timed_text_track": places["track"], **{kind: one for kind, one in places.items() if kind != "track"}}
    return ", ".join(
        f"{_KINDS.get(kind) or kind.replace('_', ' ')} {value}{_named(kind, value, facts)}"
        for kind, value in places.items()
    )


_KINDS = {"timed_text_track": "timed-text track"}


def text_track_words(name: object, language: object) -> str:
    """What a track of text is called beside its number: " (en.srt, en)"; empty where it has neither."""
    told = [quoted_name(str(one)) for one in (name, language) if one]
    return f" ({', '.join(told)})" if told else ""


def _named(kind: str, index: Any, facts: Mapping[str, Any]) -> str:  # noqa: ANN401
    tracks = facts.get("timed_text.tracks")
    if kind == "timed_text_track" and isinstance(tracks, list) and 0 <= index < len(tracks):
        track = tracks[index] if isinstance(tracks[index], Mapping) else {}
        return text_track_words(track.get("file") or track.get("service"), track.get("language"))
    groups = facts.get("sound.groups")
    if kind != "group" or not isinstance(groups, list) or not isinstance(index, int) or not 0 <= index < len(groups):
        return ""
    told = [str(groups[index][name]) for name in ("layout", "language") if groups[index].get(name)]
    return f" ({', '.join(told)})" if told else ""


def when_words(finding: Mapping[str, Any]) -> str:
    """Timecodes of the span, or elapsed time where the wrapper carries none; without a span, those of the start of the
    event that it is about. Empty where it has no place in time."""
    span = finding["span"]
    if not span:
        return _moment(finding.get("event") or {}, "start")
    start, end = _moment(span, "start"), _moment(span, "end")
    if not start:
        return ""
    until = f" to {end}" if end and end != start else ""
    return f"{start}{until}{_length(span)}"


def _moment(span: Mapping[str, Any], edge: str) -> str:
    timecode, seconds = span.get(f"{edge}_timecode"), span.get(f"{edge}_s")
    if timecode:
        return str(timecode)
    return format_elapsed(seconds) if isinstance(seconds, int | float) else ""


def _length(span: Mapping[str, Any]) -> str:
    frames, seconds, region = span.get("duration_frames"), span.get("duration_s"), span.get("region")
    told = [f"{frames} frame{'' if frames == 1 else 's'}"] if frames is not None else []
    told += [f"{number(float(seconds), unit='s')} s"] if seconds else []
    told += [str(region)] if region and region != "interior" else []
    return f" ({', '.join(told)})" if told else ""


def source_words(source: Mapping[str, Any]) -> str:
    """Document, edition, section and our confidence: "EBU R 128, edition 5.0, section 2 (confidence high)"."""
    told = [str(source["document"])] if source.get("document") else []
    told += [f"{name} {source[name]}" for name in ("edition", "section") if source.get(name)]
    confidence = f" (confidence {source['confidence']})" if source.get("confidence") else ""
    return f"{', '.join(told)}{confidence}".strip()


def spec_words(verdict: Mapping[str, Any]) -> str:
    """Name what a verdict was given against: "EBU R 128 programme 5.0 (ebu-r128-programme@5.0.r1)"."""
    spec, family = verdict["spec"], verdict["family"]
    if spec:
        return f"{spec['title']}, edition {spec['edition']} ({spec['id']}@{spec['edition']}.r{spec['revision']})"
    if family:
        return f"{family['title']} ({family['id']}): no deliverable recognised"
    return "no spec"


def qualifier(verdict: Mapping[str, Any]) -> str:
    """What limits a pass: "loudness only", "advisory"; empty where it means the deliverable."""
    told = [scope_words(verdict.get("scope") or ()), "advisory" if verdict["advisory"] else ""]
    return ", ".join(filter(None, told))


def limits(verdict: Mapping[str, Any]) -> list[str]:
    """What a reader must know of the spec whatever the decision is: its scope, and that it only recommends."""
    scope = scope_words(verdict.get("scope") or ())
    told = [f"This spec judges {scope}."] if scope else []
    return [*told, "The spec only recommends: its pass is advisory."] if verdict["advisory"] else told


_OLD_SHOWN = 3


def old_readings(verdict: Mapping[str, Any]) -> str:
    """What a reader must know where documents of the spec were read more than a year before the check; else empty."""
    found = verdict.get("old_readings") or ()
    told = [f"{_document(one)}, read on {one['read_on']} ({one['days']:,} days before)" for one in found[:_OLD_SHOWN]]
    if len(found) > _OLD_SHOWN:
        told.append(f"and {counted(len(found) - _OLD_SHOWN, 'more document')}")
    if not told:
        return ""
    it, is_older = ("they", "readings are") if len(found) > 1 else ("it", "reading is")
    return (
        f"The {is_older} more than a year old: {'; '.join(told)}. Check whether {it} changed since. "
        "This does not change the decision."
    )


def _document(one: Mapping[str, Any]) -> str:
    return f"{one['document']}, edition {one['edition']}" if one.get("edition") else str(one["document"])


def disclaimer(verdict: Mapping[str, Any] | None) -> str:
    """What every report says of every spec: whose reading it is, of what and when, and what a pass does not mean."""
    spec = (verdict and (verdict["spec"] or verdict["family"])) or {}
    edition = f", edition {spec['edition']}" if spec.get("edition") else ""
    read_on = f", read on {spec['read_on']}" if spec.get("read_on") else ""
    document = spec.get("title") or "a delivery specification"
    return f"An unofficial reading of {document}{edition}{read_on}. {NO_ACCEPTANCE}"


_BASES = {"our_extension": "our extension", "our_reading": "our reading"}


def level_words(clause: Mapping[str, Any]) -> str:
    """Level, the publisher's word for a breach, and what the demand rests on if not on the document's words alone:
    "shall, our reading"."""
    told = (clause["level"], clause["severity"], _BASES.get(str(clause.get("basis"))))
    return ", ".join(str(one) for one in told if one)


def stated_words(clause: Mapping[str, Any]) -> str | None:
    """The document's own figure, where no finding of the clause shows it; None where there is none."""
    stated = clause.get("stated")
    if not stated or any(finding.get("stated") for finding in clause["findings"]):
        return None
    return str(stated.get("words") or "") or None


_WAIVER_STATES = {
    "expired": "expired: ",
    "partial": "does not cover every finding: ",
    "barred": "cannot cover this: ",
}


def waiver_words(waiver: Mapping[str, Any] | None) -> str:
    """Who granted a waiver, why, until when, and whether it serves: one that does not is shown, never hidden."""
    if not waiver:
        return "no waiver is recorded"
    state = _WAIVER_STATES.get(str(waiver.get("state")), "")
    told = [f"{state}{waiver.get('reason') or 'no reason given'}"]
    told += [f"granted by {waiver['who']}"] if waiver.get("who") else []
    told += [f"until {waiver['until']}"] if waiver.get("until") else []
    return "; ".join([", ".join(told), *(waiver_words(other) for other in waiver.get("also", ()))])


def size_words(size_bytes: int | None) -> str:
    """A size in decimal units and in bytes: "1.24 GB (1,243,567,890 bytes)"."""
    if size_bytes is None:
        return "size unknown"
    for factor, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.2f} {unit} ({size_bytes:,} bytes)"
    return f"{size_bytes} bytes"


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 clause", "12,000 findings"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def counts_words(counts: Mapping[str, int]) -> str:
    """Every outcome that occurs, in words: "31 clauses: 28 pass, 2 fail, 1 not measured"."""
    told = [f"{count:,} {outcome.replace('_', ' ')}" for outcome, count in counts.items() if count]
    return f"{counted(sum(counts.values()), 'clause')}: {', '.join(told) or 'none'}"


def finding_count(clause: Mapping[str, Any]) -> int:
    """How many findings a clause has, those included that the document does not keep."""
    return int(clause.get("finding_count") or len(clause["findings"]))


def in_time_order(findings: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """At most `most` findings: the longest where they have durations, else the first; in the document's order."""
    lengths = [(finding["span"] or {}).get("duration_s") or 0 for finding in findings]
    chosen = sorted(range(len(findings)), key=lambda index: -lengths[index])[:most]
    return [findings[index] for index in sorted(chosen)]
