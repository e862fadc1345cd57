"""`deliverqc spec`: the commands on specs, one module each; it does no work of its own."""

from __future__ import annotations

import click

from deliverqc.cli import spec_diff, spec_lint, spec_list, spec_show


@click.group("spec", short_help="List, show, lint, test and compare specs.")
def command() -> None:
    """List, show, lint, test and compare delivery specs."""


for _one in (
    spec_list.command,
    spec_show.command,
    spec_lint.lint,
    spec_lint.test,
    spec_diff.command,
):
    command.add_command(_one)
