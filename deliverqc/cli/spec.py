"""`deliverqc spec`: what specs there are, what one demands, and whether one is sound."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.errors import UsageError
from deliverqc.spec.model import INTEGRITY_ID, Clause, Family, Spec
from deliverqc.spec.problem import Severity


@click.group("spec", short_help="List, show, lint and test specs.")
def command() -> None:
    """List, show, lint and test delivery specs."""


@command.command("list")
@click.option("--kind", metavar="KIND", help="Only specs of this kind: streaming, broadcast, theatrical, audio …")
@click.option("--publisher", metavar="NAME", help="Only specs whose publisher's name holds this.")
@options.spec_path_option
def list_specs(kind: str | None, publisher: str | None, spec_paths: Sequence[str]) -> int:
    """Show every spec and family with its kind, edition, count of clauses and title."""
    library = options.library_from(spec_paths)
    specs = [
        spec
        for spec in library.all()
        if (kind is None or spec.kind == kind)
        and (publisher is None or publisher.lower() in (spec.publisher or "").lower())
    ]
    rows = [
        (
            spec.id,
            spec.kind or "-",
            spec.edition,
            f"{len(own_clauses(spec))} clauses, {len(spec.manual)} manual",
            spec.title,
        )
        for spec in sorted(specs, key=lambda one: one.id)
    ]
    if kind is None and publisher is None:
        rows += [(family.id, "family", "-", ", ".join(family.specs), family.title) for family in library.families()]
    show(_table(rows))
    return 0


@command.command("show")
@click.argument("name", metavar="SPEC")
@click.option("--resolved", is_flag=True, help="Write the plain JSON Schema with every clause in it.")
@options.spec_path_option
def show_spec(name: str, resolved: bool, spec_paths: Sequence[str]) -> int:
    """Show what a spec demands: each clause with its level and source, and what a person must judge."""
    library = options.library_from(spec_paths)
    chosen = library.resolve(name)
    if isinstance(chosen, Family):
        if resolved:
            raise UsageError(f"{name} is a family. Name one of its specs: {', '.join(chosen.specs)}", code="not-a-spec")
        show(f"{chosen.id}: {chosen.title}\nThe first of these that fits a master is used: {', '.join(chosen.specs)}")
        return 0
    show(json.dumps(chosen.document, indent=2, ensure_ascii=False) if resolved else _readable(chosen))
    return 0


@command.command("lint")
@click.argument("names", nargs=-1, metavar="SPEC...")
@options.spec_path_option
def lint_specs(names: Sequence[str], spec_paths: Sequence[str]) -> int:
    """Find what would make a spec pass in silence; all shipped specs where none is named. Exit code 2 on an error."""
    library = options.library_from(spec_paths)
    lines, is_broken = [], False
    for name in names or [spec.id for spec in library.all()]:
        problems = library.problems(name, shipped=not names)
        is_broken |= any(problem.severity is Severity.ERROR for problem in problems)
        lines += [f"{name}: {problem.severity}: {problem.pointer}: {problem.message}" for problem in problems]
        if not problems:
            lines.append(f"{name}: ok")
    show("\n".join(lines))
    return 2 if is_broken else 0


@command.command("test")
@click.argument("names", nargs=-1, metavar="SPEC...")
@options.spec_path_option
def test_specs(names: Sequence[str], spec_paths: Sequence[str]) -> int:
    """Prove each clause by facts that pass and facts that fail; all shipped specs where none is named. Exit code 2 on a
    gap.

    Examples stand in `examples/<id>.json`, beside the spec or one folder up.
    """
    from deliverqc.spec.examples import check_examples

    library = options.library_from(spec_paths)
    lines, is_broken = [], False
    for spec in [library.load(name) for name in names] or library.all():
        problems = check_examples(spec, options.read_json(_examples_path(spec), what="the examples"))
        is_broken |= bool(problems)
        lines += [f"{spec.id}: {problem.pointer}: {problem.message}" for problem in problems]
        if not problems:
            lines.append(f"{spec.id}: {len(own_clauses(spec))} clauses proved")
    show("\n".join(lines))
    return 2 if is_broken else 0


def _examples_path(spec: Spec) -> Path:
    folder = Path(spec.origin).parent
    name = f"examples/{spec.id}.json"
    beside, above = folder / name, folder.parent / name
    return above if above.exists() and not beside.exists() else beside


def own_clauses(spec: Spec) -> list[Clause]:
    """The clauses of a spec without those of integrity, which every spec has."""
    return [clause for clause in spec.clauses if not clause.is_integrity or spec.id == INTEGRITY_ID]


def _readable(spec: Spec) -> str:
    lines = [
        f"{spec.id} {spec.edition} (revision {spec.revision}): {spec.title}",
        f"{spec.publisher}, {spec.kind}, read on {spec.read_on}, confidence {spec.confidence}"
        + (", advisory" if spec.advisory else ""),
        "An unofficial reading: a pass covers the clauses listed, not acceptance.",
    ]
    for clause in own_clauses(spec):
        lines += [
            "",
            f"{clause.level.upper():<6} {clause.id}: {clause.title}",
            f"       source: {_source(clause.source)}",
        ]
        lines += [f"       {word}: {text}" for word, text in (("why", clause.why), ("remedy", clause.remedy)) if text]
    if spec.manual:
        lines += ["", "For a person to judge:"]
        lines += [
            f"  {item['id']}: {item['title']}" + (f" (waits for {item['x-awaits']})" if "x-awaits" in item else "")
            for item in spec.manual
        ]
    return "\n".join(lines)


def _source(source: Any) -> str:  # noqa: ANN401  the JSON of x-source
    words = [str(source[key]) for key in ("document", "edition", "section") if source.get(key)]
    confidence = source.get("confidence")
    return ", ".join(words) + (f" (confidence {confidence})" if confidence else "")


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) for row in rows
    )
