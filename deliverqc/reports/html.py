"""The verdict as one HTML page that loads nothing and works without scripts; knows no browser and no web.

The page carries its style and script inside. Its content security policy names them by hash and allows nothing else, so
even a string that found a way out of its place could neither run nor load anything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from deliverqc.reports import captions, media, outline, plot, wording
from deliverqc.reports.compositions import composition_gaps, composition_line, composition_rows, composition_tables
from deliverqc.reports.quoting import event_text

FINDINGS_SHOWN = 200
"""Findings of one clause that the page shows; it says how many more the JSON report has."""

_TEMPLATES = Path(__file__).with_name("templates")


def html(document: Mapping[str, Any]) -> str:
    """A complete HTML 5 document."""
    document = wording.harmless(captions.in_lines(document))
    style, script = _inline("report.css"), _inline("report.js")
    lines = outline.lines(document)
    home = _homes(lines)
    drawings = {number: captions.text_tracks(lines[number].subject or {}) for number in set(home.values())}
    page: str = (
        _environment()
        .get_template("report.html.jinja")
        .render(
            document=document,
            lines=list(enumerate(lines)),
            worst=sorted(enumerate(lines), key=lambda pair: outline.rank(pair[1])),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
            disclaimers=outline.disclaimers(lines),
            limit=outline.qualifier_of_all(document["decision"], lines),
            home=home,
            drawings=drawings,
            anchors=_anchors(drawings),
        )
    )
    return f"{page}\n"


def _homes(lines: Sequence[outline.Line]) -> dict[int, int]:
    """Of each line whose subject has text, the first line of that subject: its text is shown once."""
    first: dict[int, int] = {}
    home: dict[int, int] = {}
    for number, line in enumerate(lines):
        if line.verdict is not None and line.subject is not None and line.subject["evidence"].get("captions"):
            home[number] = first.setdefault(id(line.subject), number)
    return home


def _anchors(drawings: Mapping[int, Sequence[captions.TextTrack]]) -> dict[tuple[int, int, int], str]:
    """The id of each event that is shown, by the line, the track and the number."""
    return {
        (number, drawing.track, event.number): f"text-{number}-{drawing.track}-{event.number}"
        for number, those in drawings.items()
        for drawing in those
        for event in drawing.events
    }


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


@cache
def _inline(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "measured": wording.measured,
        "wanted": wording.wanted,
        "when": wording.when_words,
        "where": wording.where_words,
        "source": wording.source_words,
        "level": wording.level_words,
        "stated": wording.stated_words,
        "waiver": wording.waiver_words,
        "counted": wording.counted,
        "size": wording.size_words,
        "link": _link,
        "bracketed": _bracketed,
        "plain": _plain,
        "jpeg": _jpeg,
        "event_text": event_text,
    }
    environment.globals |= {
        "shown_findings": FINDINGS_SHOWN,
        "composition_gaps": composition_gaps,
        "composition_line": composition_line,
        "composition_rows": composition_rows,
        "composition_tables": composition_tables,
        "finding_count": wording.finding_count,
        "tally": outline.tally,
        "failures": outline.failures,
        "with_outcome": outline.with_outcome,
        "not_measured": outline.not_measured,
        "gap_words": outline.gap_words,
        "limits": wording.limits,
        "old_readings": wording.old_readings,
        "notes": outline.notes,
        "is_observed": outline.is_observed,
        "is_about_several_facts": outline.is_about_several_facts,
        "counts_words": wording.counts_words,
        "same_expectation": _same_expectation,
        "searchable": _searchable,
        "media": media,
        "plots": plot.plots,
        "plot_size": (plot.WIDTH, plot.HEIGHT),
        "bar_height": captions.BAR_HEIGHT,
    }
    return environment


def _bracketed(words: str) -> str:
    return f" ({words})" if words else ""


def _link(url: object) -> str | None:
    """The address where a reader may safely follow it: http or https with a host. None for anything else."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _jpeg(encoded: str) -> str | None:
    """A data address of a JPEG; None where the bytes are none."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return f"data:image/jpeg;base64,{encoded}" if content.startswith(b"\xff\xd8\xff") else None


def _plain(value: Any) -> str:  # noqa: ANN401
    return json.dumps(value, ensure_ascii=False, indent=2)


def _same_expectation(clause: Mapping[str, Any]) -> str | None:
    """What every finding of the clause wants, or None where they want different things."""
    wants = {wording.wanted(finding) for finding in clause["findings"]}
    return wants.pop() if len(wants) == 1 else None


def _searchable(clause: Mapping[str, Any]) -> str:
    """What the search box looks through: id, title, document and facts of a clause, in lower case."""
    facts = sorted({finding["fact"] for finding in clause["findings"]})
    return " ".join(
        [clause["id"], clause["title"], wording.source_words(clause["source"]), *facts, *clause["missing_facts"]]
    ).lower()
