"""`deliverqc spec show` and `spec resolve`: what one spec demands, for a reader or as one plain schema; reads no
masters."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.errors import UsageError
from deliverqc.speclang.model import Family
from deliverqc.speclang.plain import plain_schema
from deliverqc.speclib.show import spec_text
from deliverqc.speclib.words import family_text


@click.command("show", short_help="Show what a spec requires.")
@click.argument("name", metavar="SPEC")
@click.option("--sources", is_flag=True, help="Add what each clause reads, and where it stands in its document.")
@options.spec_path_option
def command(name: str, sources: bool, spec_paths: Sequence[str]) -> int:
    """Show what a spec requires: one line a clause, by subject, then what the order must tell and what a person signs
    off.
    """
    library = options.library_from(spec_paths)
    chosen = library.resolve(name)
    if isinstance(chosen, Family):
        show(family_text(chosen, library))
    else:
        show(spec_text(chosen, library, with_sources=sources))
    return 0


@click.command("resolve", short_help="Write a spec as one plain JSON Schema.")
@click.argument("name", metavar="SPEC")
@options.spec_path_option
def resolve(name: str, spec_paths: Sequence[str]) -> int:
    """Write one plain JSON Schema (draft 2020-12) for any validator: what the spec extends, the integrity clauses and
    its short forms are written out in it.
    """
    chosen = options.library_from(spec_paths).resolve(name)
    if isinstance(chosen, Family):
        raise UsageError(f"{name} is a family. Name one of its specs: {', '.join(chosen.specs)}", code="not-a-spec")
    show(json.dumps(plain_schema(chosen), indent=2, ensure_ascii=False))
    return 0
