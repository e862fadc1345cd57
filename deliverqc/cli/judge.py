"""`deliverqc judge`: facts that were measured before against specs, without any master."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.check import exit_code, printed, request_from
from deliverqc.cli.output import show
from deliverqc.rejudge import judge_document
from deliverqc.speclib.locking import Lock


@click.command("judge", short_help="Judge facts that were measured before.")
@click.argument("facts", metavar="FACTS.json")
@click.option(
    "--spec",
    "specs",
    multiple=True,
    required=True,
    metavar="SPEC",
    help="Spec by id, or a spec file; several may be given.",
)
@options.format_option
@options.judging_options
@options.locked_option
@options.spec_path_option
def command(
    facts: str,
    specs: Sequence[str],
    format_: str,
    expects: Sequence[str],
    waivers: str | None,
    fail_on: str,
    only: Sequence[str],
    skip: Sequence[str],
    as_of: datetime | None,
    lock: Lock | None,
    spec_paths: Sequence[str],
) -> int:
    """Judge a document that `deliverqc facts` printed, or a bare JSON object of facts."""
    library = options.library_from(spec_paths)
    chosen = [library.load(spec) for spec in dict.fromkeys(specs)]
    request = request_from(library, chosen, "full", fail_on, as_of, only, skip, expects, waivers, lock)
    document = judge_document(options.read_json(Path(facts), what="the facts file"), chosen, request)
    show(printed(document, format_))
    return exit_code(document)
