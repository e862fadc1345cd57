"""`deliverqc spec lint` and `spec test`: whether specs are sound and their examples prove it; reads no masters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.speclang.model import Spec
from deliverqc.speclang.problem import Severity
from deliverqc.speclib.examples import check_examples


@click.command("lint", short_help="Find what would make a spec pass in silence.")
@click.argument("names", nargs=-1, metavar="SPEC...")
@options.spec_path_option
def lint(names: Sequence[str], spec_paths: Sequence[str]) -> int:
    """Find what would make a spec pass in silence; all specs, old revisions too, where none is named. Exit code 2 on an
    error.
    """
    library = options.library_from(spec_paths)
    lines, is_broken = [], False
    for name in names or library.names():
        problems = library.problems(name, shipped=not names)
        is_broken |= any(problem.severity is Severity.ERROR for problem in problems)
        lines += [
            f"{name}: {problem.severity}: {problem.pointer}: {problem.message} [{problem.code}]" for problem in problems
        ]
        if not problems:
            lines.append(f"{name}: ok")
    show("\n".join(lines))
    return 2 if is_broken else 0


@click.command("test", short_help="Prove each clause by its examples.")
@click.argument("names", nargs=-1, metavar="SPEC...")
@options.spec_path_option
def test(names: Sequence[str], spec_paths: Sequence[str]) -> int:
    """Prove each clause by facts that pass and facts that fail; all specs and their old revisions where none is named.
    Exit code 2 on a gap.

    Examples stand in `examples/<id>.json`, beside the spec or a folder or two up; those of an old revision in
    `examples/<id>@<edition>.rN.json`.
    """
    library = options.library_from(spec_paths)
    lines, is_broken = [], False
    for name in names or library.names():
        spec = library.load(name)
        problems = check_examples(spec, options.read_json(_examples_path(spec), what="the examples"))
        is_broken |= bool(problems)
        lines += [f"{name}: {problem.pointer}: {problem.message}" for problem in problems]
        if not problems:
            lines.append(f"{name}: {len(spec.measured_clauses)} clauses proved")
    show("\n".join(lines))
    return 2 if is_broken else 0


def _examples_path(spec: Spec) -> Path:
    """The examples of exactly this revision, else those of its id, in the nearest folder that has them."""
    folder = Path(spec.origin).parent
    exact = re.sub(r"[^\w@. -]", "_", spec.full_id)
    places = [folder, *list(folder.parents)[:2]]
    candidates = [place / "examples" / f"{name}.json" for name in (exact, spec.id) for place in places]
    return next((path for path in candidates if path.exists()), candidates[len(places)])
