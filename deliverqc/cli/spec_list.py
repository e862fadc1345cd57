"""`deliverqc spec list`: what specs and families there are; reads no masters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from deliverqc.cli import options
from deliverqc.cli.output import say, show
from deliverqc.speclang.model import Family, Spec
from deliverqc.speclib.words import bracketed_limits

_FAMILY = "family"


@click.command("list", short_help="List specs and families.")
@click.option("--kind", metavar="KIND", help="Only this kind: streaming, broadcast, theatrical, audio, family …")
@click.option("--publisher", metavar="NAME", help="Only specs whose publisher's name holds this.")
@click.option(
    "--search", metavar="TEXT", help="Only those with every word of TEXT in id, title, publisher, aliases or clauses."
)
@click.option(
    "--stale",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Only specs whose document was last read more than so many days ago, oldest first.",
)
@options.spec_path_option
def command(
    kind: str | None, publisher: str | None, search: str | None, stale: int | None, spec_paths: Sequence[str]
) -> int:
    """Show every spec with its kind, edition, confidence, clauses and title, and every family.

    Filters add up. A family is shown where it fits them itself, or one of its specs does.
    """
    library = options.library_from(spec_paths)
    everything = library.all()
    specs = [
        spec
        for spec in everything
        if (kind is None or spec.kind == kind)
        and (publisher is None or publisher.casefold() in (spec.publisher or "").casefold())
        and _holds(search, _words_of(spec))
        and (stale is None or is_stale(spec, stale, date.today()))
    ]
    if stale is not None:
        show(_stale_text(specs, stale))
        return 0
    ids = {spec.id for spec in specs}
    families = [
        family
        for family in library.families()
        if (kind in (None, _FAMILY) and publisher is None and _holds(search, [family.id, family.title]))
        or ids & set(family.specs)
    ]
    if not specs and not families:
        say(_what_to_try(everything, kind, publisher, search))
        return 0
    show(_table([*map(_row, specs), *map(_family_row, families)]))
    return 0


def is_stale(spec: Spec, days: int, today: date) -> bool:
    """Whether the document of a spec was last read more than `days` ago, or nobody says when."""
    return spec.read_on is None or (today - date.fromisoformat(spec.read_on)).days > days


def _stale_text(specs: Sequence[Spec], days: int) -> str:
    """What is to be read again, oldest first."""
    if not specs:
        return f"Every document was read within {days} days."
    ordered = sorted(specs, key=lambda spec: (spec.read_on or "", spec.id))
    width = max(len(spec.id) for spec in ordered)
    rows = ((spec.read_on or "never", spec.id, spec.edition, spec.publisher or "-") for spec in ordered)
    return "\n".join(f"{day:<10}  {name:<{width}}  {edition}  {publisher}" for day, name, edition, publisher in rows)


def _words_of(spec: Spec) -> list[str]:
    clauses = [word for clause in spec.own_clauses for word in (clause.id, clause.title)]
    return [spec.id, spec.title, spec.publisher or "", *spec.aliases, *clauses]


def _holds(search: str | None, texts: Sequence[str]) -> bool:
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in (search or "").casefold().split())


def _what_to_try(specs: Sequence[Spec], kind: str | None, publisher: str | None, search: str | None) -> str:
    asked = [f"{name} {value!r}" for name, value in (("kind", kind), ("publisher", publisher)) if value is not None]
    asked += [f"the words {search!r}"] if search is not None else []
    hints = []
    if kind is not None:
        kinds = sorted({spec.kind for spec in specs if spec.kind} | {_FAMILY})
        hints.append(f"Kinds are {', '.join(kinds)}.")
    if publisher is not None:
        hints.append(f"Publishers are {', '.join(sorted({spec.publisher for spec in specs if spec.publisher}))}.")
    if search is not None:
        hints.append("Try one word, or a part of one.")
    return f"No spec has {' and '.join(asked)}. {' '.join(hints)} `deliverqc spec list` without filters lists all."


def _row(spec: Spec) -> tuple[str, ...]:
    waiting = f", {len(spec.awaited_clauses)} awaiting" if spec.awaited_clauses else ""
    counts = f"{_number(len(spec.measured_clauses), 'clause')}, {len(spec.manual)} manual{waiting}"
    return spec.id, spec.kind or "-", spec.edition, spec.confidence or "-", counts, spec.title + bracketed_limits(spec)


def _family_row(family: Family) -> tuple[str, ...]:
    title = f"{family.title}: the first that fits of {', '.join(family.specs)}"
    return family.id, _FAMILY, "-", "-", _number(len(family.specs), "spec"), title


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]) for row in rows
    )
