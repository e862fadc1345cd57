"""`deliverqc explain`: why a clause is there and what it asks; reads no masters."""

from __future__ import annotations

from collections.abc import Sequence

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.speclib.explain import explanation


@click.command("explain", short_help="Explain a clause: why, on which facts, how to mend, who else asks.")
@click.argument("clause", metavar="CLAUSE")
@click.option("--spec", metavar="SPEC", help="The spec or family that the clause is in, where CLAUSE does not name it.")
@options.spec_path_option
def command(clause: str, spec: str | None, spec_paths: Sequence[str]) -> int:
    """Explain what a report calls a clause: `spec:clause`, or its bare id where no two specs have it.

    Tells why it is there, its level, what it wants of which facts and what gives them, where it stands and how sure we
    are, how to mend a master, and which other specs ask for the same facts with what bounds. Expectations
    (`expected-…`) and manual items are explained too.
    """
    show(explanation(clause, options.library_from(spec_paths), within=spec))
    return 0
