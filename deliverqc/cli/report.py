"""`deliverqc report`: another report from a verdict that was kept as JSON."""

from __future__ import annotations

from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.output import require_writable, say, write_whole
from deliverqc.errors import UsageError
from deliverqc.reports import format_for_path, render
from deliverqc.verdict import SCHEMA_VERSION


@click.command("report", short_help="Render a kept JSON verdict as another report.")
@click.argument("verdict", metavar="VERDICT.json")
@click.option("--to", "target", required=True, metavar="FILE", help="What to write; the format is taken from the file's name.")
def command(verdict: str, target: str) -> int:
    """Render a verdict that `deliverqc check --format json` printed, without the master."""
    path, name = Path(target), format_for_path(target)
    require_writable(path)
    document = options.read_json(Path(verdict), what="the verdict")
    if not isinstance(document, dict) or document.get("schema_version") != SCHEMA_VERSION or "masters" not in document:
        raise UsageError(f"{verdict} is not a verdict document of schema_version {SCHEMA_VERSION}. Make one with `deliverqc check --format json`.", code="not-a-verdict")
    try:
        text = render(document, name)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{verdict} is not a whole verdict document ({type(error).__name__}: {error}). Make it again with `deliverqc check --format json`.",
            code="not-a-verdict",
        ) from error
    write_whole(path, text)
    say(f"wrote {path}")
    return 0
