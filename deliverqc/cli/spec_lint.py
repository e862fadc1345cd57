"""`deliverqc spec lint` and `spec test`: whether specs are sound and their examples prove it; reads no masters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.spec.model import Spec
from deliverqc.spec.problem import Severity


@click.command("lint", short_help="Find what would make a spec pass in silence.")
@click.argument("names", nargs=-1, metavar="SPEC...")
@options.spec_path_option
def lint(names: Sequence[str], spec_paths: Sequence[str]) -> int:
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


@click.command("test", short_help="Prove each clause by its examples.")
@click.argument("names", nargs=-1, metavar="SPEC...")
@options.spec_path_option
def test(names: Sequence[str], spec_paths: Sequence[str]) -> int:
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
            lines.append(f"{spec.id}: {len(spec.own_clauses)} clauses proved")
    show("\n".join(lines))
    return 2 if is_broken else 0


def _examples_path(spec: Spec) -> Path:
    folder = Path(spec.origin).parent
    name = f"examples/{spec.id}.json"
    beside, above = folder / name, folder.parent / name
    return above if above.exists() and not beside.exists() else beside
