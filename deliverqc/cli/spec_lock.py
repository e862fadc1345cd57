"""`deliverqc spec lock`: pins specs, so that `check --locked` refuses what changed; reads no masters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.output import say, write_whole
from deliverqc.speclib.locking import LOCK_FILE, lock_text


@click.command("lock", short_help="Pin specs for check --locked.")
@click.argument("names", nargs=-1, required=True, metavar="SPEC...")
@click.option(
    "--output",
    "-o",
    default=LOCK_FILE,
    show_default=True,
    metavar="FILE",
    help="Where the lock goes.",
)
@options.spec_path_option
def command(names: Sequence[str], output: str, spec_paths: Sequence[str]) -> int:
    """Pin specs and families by id, edition, revision and SHA-256, with what they extend, the members of families, and
    the clauses that deliverqc adds to every spec.

    SPEC is an id, a spec file, or a folder: everything in it. `deliverqc check --locked` then refuses what is not
    pinned, or has changed since.
    """
    library = options.library_from([*spec_paths, *options.folders_in(names)])
    chosen = [one for name in names for one in options.resolved(library, name)]
    write_whole(Path(output), lock_text(library, chosen))
    say(f"Wrote {output}. Commit it, and check with --locked.")
    return 0
