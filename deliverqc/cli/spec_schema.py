"""`deliverqc spec schema`: the dialect of spec files, for editors; reads no specs."""

from __future__ import annotations

from pathlib import Path

import click

from deliverqc.cli.output import require_writable, say, show, write_whole
from deliverqc.speclang.lint import DIALECT_FILE


@click.command("schema", short_help="Write the JSON Schema that editors complete and check specs by.")
@click.option("--output", "-o", metavar="FILE", help=f"Where to write it, such as {DIALECT_FILE.name}; else on stdout.")
def command(output: str | None) -> int:
    """Write the JSON Schema of spec files. An editor that is pointed at it completes keywords, tells what each means,
    and marks mistakes; `spec lint` sees more, since it knows facts and meters.
    """
    text = DIALECT_FILE.read_text(encoding="utf-8")
    if output is None:
        show(text)
        return 0
    target = Path(output)
    require_writable(target)
    write_whole(target, text)
    say(f'wrote {target}. Point an editor at it, or write "$schema": "./{target.name}" in a spec beside it')
    return 0
