"""`deliverqc facts`: every fact of a master, as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.output import say, show
from deliverqc.cli.progress import bars
from deliverqc.errors import UsageError
from deliverqc.measuring.ranges import Range
from deliverqc.pipeline import facts_document
from deliverqc.request import Tier
from deliverqc.speclang.model import Spec


@click.command("facts", short_help="Print every fact of a master.")
@click.argument("path", metavar="PATH")
@click.option("--spec", metavar="SPEC", help="Measure under this spec's settings.")
@options.tier_option
@options.all_option
@options.range_option
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Parts that an intra-only master is measured in.",
)
@options.no_cache_option
@options.spec_path_option
def command(
    path: str,
    spec: str | None,
    tier: str,
    is_all: bool,
    range_: str | None,
    jobs: int,
    no_cache: bool,
    spec_paths: Sequence[str],
) -> int:
    """Print the facts of a master as JSON: what `deliverqc judge` takes, and what clauses of a spec are written
    over."""
    master = Path(path)
    if not master.exists():
        raise UsageError(f"{path} does not exist. Check the spelling, or the folder you are in.", code="missing-path")
    if master.is_dir():
        raise UsageError(f"{path} is a folder. Name one master.", code="nothing-to-check")
    chosen: Spec | None = options.library_from(spec_paths).load(spec) if spec else None
    with bars(1) as drawn:
        document = facts_document(
            master,
            chosen,
            Tier(tier),
            is_all=is_all,
            asked=Range.parse(range_) if range_ else None,
            jobs=jobs,
            store=options.store_from(no_cache=no_cache),
            notice=say,
            progress=lambda stage, done_s, total_s: drawn.tell(0, master.name, stage, done_s, total_s),
        )
    show(json.dumps(document, indent=2, allow_nan=False))
    return 0
