"""`deliverqc report`: another report from a verdict that was kept as JSON."""

from __future__ import annotations

from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.output import require_writable, say, write_whole
from deliverqc.reports import format_for_path, render
from deliverqc.reports.document import require_document


@click.command("report", short_help="Render a kept JSON verdict as another report.")
@click.argument("verdict", metavar="VERDICT.json")
@click.option(
    "--to", "target", required=True, metavar="FILE", help="What to write; the format is taken from the file's name."
)
def command(verdict: str, target: str) -> int:
    """Render a verdict that `deliverqc check --format json` printed, without the master."""
    path, name = Path(target), format_for_path(target)
    require_writable(path)
    document = options.read_json(Path(verdict), what="the verdict")
    require_document(document, verdict)
    text = render(document, name)
    write_whole(path, text)
    say(f"wrote {path}")
    return 0
