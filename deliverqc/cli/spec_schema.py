"""`deliverqc spec schema`: the dialect of spec files, for editors; reads no specs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from deliverqc.cli.output import require_writable, say, show, write_whole
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.lint import DIALECT_FILE


@click.command("schema", short_help="Write the JSON Schema that editors complete and check specs by.")
@click.option("--output", "-o", metavar="FILE", help=f"Where to write it, such as {DIALECT_FILE.name}; else on stdout.")
def command(output: str | None) -> int:
    """Write the JSON Schema of spec files. An editor that is pointed at it completes keywords and facts, tells what
    each means, and marks mistakes; `spec lint` sees more, since it knows facts and meters.
    """
    text = _with_facts()
    if output is None:
        show(text)
        return 0
    target = Path(output)
    require_writable(target)
    write_whole(target, text)
    say(f'wrote {target}. Point an editor at it, or write "$schema": "./{target.name}" in a spec next to it')
    return 0


def _with_facts() -> str:
    """The dialect, in which the short form of a clause names every fact that is installed here."""
    dialect = json.loads(DIALECT_FILE.read_text(encoding="utf-8"))
    dialect["$defs"]["demand"]["properties"] = {
        name: {"description": f"{fact.meaning}{f' ({fact.unit})' if fact.unit else ''}", "$ref": "#/$defs/demanded"}
        for name, fact in spec_library().registry.facts.items()
    }
    return json.dumps(dialect, indent=1, ensure_ascii=False)
