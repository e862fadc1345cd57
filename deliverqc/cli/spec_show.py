"""`deliverqc spec show`: what one spec demands, for a reader or as one plain schema; reads no masters."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.errors import UsageError
from deliverqc.speclang.model import Family
from deliverqc.speclang.plain import plain_schema
from deliverqc.speclib.words import family_text, spec_text


@click.command("show", short_help="Show what a spec demands.")
@click.argument("name", metavar="SPEC")
@click.option(
    "--resolved",
    is_flag=True,
    help="Write one plain JSON Schema (draft 2020-12): what it extends and the integrity clauses are in it.",
)
@options.spec_path_option
def command(name: str, resolved: bool, spec_paths: Sequence[str]) -> int:
    """Show what a spec demands: each clause with its level, source and facts, its settings, and what a person must
    judge.
    """
    library = options.library_from(spec_paths)
    chosen = library.resolve(name)
    if not isinstance(chosen, Family):
        show(json.dumps(plain_schema(chosen), indent=2, ensure_ascii=False) if resolved else spec_text(chosen, library))
        return 0
    if resolved:
        raise UsageError(f"{name} is a family. Name one of its specs: {', '.join(chosen.specs)}", code="not-a-spec")
    show(family_text(chosen, library))
    return 0
