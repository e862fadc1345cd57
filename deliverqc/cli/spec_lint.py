"""`deliverqc spec lint` and `spec test`: whether specs are sound and their examples prove it; reads no masters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.errors import SpecError
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.problem import Severity
from deliverqc.speclib.examples import check_examples
from deliverqc.speclib.folders import examples_path, orphans, read_folder


@click.command("lint", short_help="Find what would make a spec pass in silence.")
@click.argument("names", nargs=-1, metavar="SPEC...")
@options.spec_path_option
def lint(names: Sequence[str], spec_paths: Sequence[str]) -> int:
    """Find what would make a spec pass in silence; all specs, old revisions too, where none is named. Exit code 2 on an
    error.

    SPEC is an id, a spec file, or a folder: all specs and families in it.
    """
    library = options.library_from([*spec_paths, *options.folders_in(names)])
    lines, is_broken = [], False
    for name in _each(names) or library.names():
        problems = library.problems(name, shipped=not names)
        is_broken |= any(problem.severity is Severity.ERROR for problem in problems)
        lines += [
            f"{name}: {problem.severity}: {problem.pointer}: {problem.message} [{problem.code}]" for problem in problems
        ]
        if not problems:
            lines.append(f"{name}: ok")
    more, has_broken_family = _about_folders(library, names)
    show("\n".join([*lines, *more]))
    return 2 if is_broken or has_broken_family else 0


@click.command("test", short_help="Prove each clause by its examples.")
@click.argument("names", nargs=-1, metavar="SPEC...")
@options.spec_path_option
def test(names: Sequence[str], spec_paths: Sequence[str]) -> int:
    """Prove each clause by facts that pass and facts that fail; all specs and their old revisions where none is named.
    Exit code 2 on a gap.

    SPEC is an id, a spec file, or a folder: all specs and families in it. Examples are in `examples/<id>.json`, next to
    the spec or a folder or two up; those of an old revision in `examples/<id>@<edition>.rN.json`.
    """
    library = options.library_from([*spec_paths, *options.folders_in(names)])
    lines, is_broken, specs = [], False, []
    for name in _each(names) or library.names():
        spec = library.load(name)
        specs.append(spec)
        problems = check_examples(spec, options.read_json(examples_path(spec), what="the examples"))
        is_broken |= bool(problems)
        lines += [f"{name}: {problem.pointer}: {problem.message}" for problem in problems]
        if not problems:
            lines.append(f"{name}: {len(spec.measured_clauses)} clauses proved")
    examples = [path for folder in options.folders_in(names) for path in read_folder(Path(folder)).examples]
    lost = [f"{path}: no spec here has these examples" for path in orphans(examples, specs)]
    more, has_broken_family = _about_folders(library, names)
    show("\n".join([*lines, *lost, *more]))
    return 2 if is_broken or lost or has_broken_family else 0


def _each(names: Sequence[str]) -> list[str]:
    """The names, each folder as the specs in it."""
    return [
        one for name in names for one in (map(str, read_folder(Path(name)).specs) if Path(name).is_dir() else [name])
    ]


def _about_folders(library: SpecLibrary, names: Sequence[str]) -> tuple[list[str], bool]:
    """A line for each family in the folders and each JSON file that was left out, and whether a family is broken."""
    lines, is_broken = [], False
    for folder in map(read_folder, map(Path, options.folders_in(names))):
        for path in folder.families:
            try:
                members = library.members(library.load_family(str(path)))
                lines.append(f"{path}: a family of {len(members)}, all within reach")
            except SpecError as error:
                lines.append(f"{path}: {error.message}")
                is_broken = True
        lines += [f'{path}: left out; it has no "x-spec"' for path in folder.others]
    return lines, is_broken
