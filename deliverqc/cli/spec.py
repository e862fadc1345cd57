"""`deliverqc spec`: the commands on specs, one module each; it does no work of its own."""

from __future__ import annotations

import click

from deliverqc.cli import (
    spec_diff,
    spec_import,
    spec_lint,
    spec_list,
    spec_lock,
    spec_match,
    spec_new,
    spec_schema,
    spec_show,
)


@click.group("spec", short_help="List, show, lint, test, lock, compare and draft specs.")
def command() -> None:
    """List, show, lint, test, compare and draft delivery specs."""


for _one in (
    spec_list.command,
    spec_show.command,
    spec_show.resolve,
    spec_lint.lint,
    spec_lint.test,
    spec_lock.command,
    spec_match.command,
    spec_diff.command,
    spec_new.command,
    spec_schema.command,
    spec_import.command,
):
    command.add_command(_one)
