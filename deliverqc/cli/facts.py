"""`deliverqc facts`: every fact of a master, as one JSON document."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deliverqc.batch.discover import discover
from deliverqc.cli import options
from deliverqc.cli.check import workers_ahead
from deliverqc.cli.output import say, show
from deliverqc.cli.progress import bars
from deliverqc.errors import INTERNAL_CODES, InternalError, MasterError, UsageError
from deliverqc.frame_files import frames_at
from deliverqc.measuring.ranges import Range
from deliverqc.pipeline import facts_document
from deliverqc.probing.packages import asset_map_of
from deliverqc.request import Tier, rate_from
from deliverqc.speclang.model import Spec

if TYPE_CHECKING:
    from deliverqc.batch.run import Worker
    from deliverqc.signals.store import Store


@click.command("facts", short_help="Print every fact of a master.")
@click.argument("path", metavar="PATH")
@click.option("--spec", metavar="SPEC", help="Measure under this spec's settings.")
@options.tier_option
@options.all_option
@options.range_option
@options.programme_option
@options.frame_rate_option
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Parts that an intra-only master is measured in.",
)
@options.with_option
@options.no_sidecars_option
@options.no_cache_option
@options.spec_path_option
def command(
    path: str,
    spec: str | None,
    tier: str,
    is_all: bool,
    range_: str | None,
    programme: Sequence[str],
    frame_rate: str | None,
    jobs: int,
    companions: Sequence[str],
    no_sidecars: bool,
    no_cache: bool,
    spec_paths: Sequence[str],
) -> int:
    """Print the facts of a master as JSON: what `deliverqc judge` takes, and what clauses of a spec are written
    over."""
    master = Path(path)
    is_sequence = _is_one_sequence(master)
    if not master.exists() and not is_sequence:
        raise UsageError(f"{path} does not exist. Check the spelling, or the folder you are in.", code="missing-path")
    if master.is_dir() and not is_sequence and asset_map_of(master) is None:
        raise UsageError(f"{path} is a folder. Name one master.", code="nothing-to-check")
    given = options.companions_from(companions, [master])
    asked = Range.parse(range_) if range_ else None
    rate = rate_from(frame_rate) if frame_rate else None
    parts_given = [Range.parse(part, "--programme") for part in programme]
    with workers_ahead([master], Tier(tier)) as ahead:
        chosen = options.library_from(spec_paths).load(spec) if spec else None
        if Tier(tier) is Tier.HEADERS:
            document = facts_document(
                master,
                chosen,
                Tier.HEADERS,
                is_all=is_all,
                asked=asked,
                jobs=jobs,
                notice=say,
                frame_rate=rate,
                companions=given.originals,
                texts=given.texts,
                has_sidecars=not no_sidecars,
            )
        else:
            store = options.store_from(no_cache=no_cache)
            document = measured(
                master,
                chosen,
                store,
                ahead,
                is_all=is_all,
                asked=asked,
                parts=jobs,
                frame_rate=rate,
                programme=parts_given,
                companions=given.originals,
                texts=given.texts,
                has_sidecars=not no_sidecars,
            )
    show(json.dumps(document, indent=2, allow_nan=False))
    return 0


def _is_one_sequence(path: Path) -> bool:
    """Whether the path stands for an image sequence: of a folder, where nothing else in it is a master."""
    frames = frames_at(path)
    return frames is not None and (not path.is_dir() or discover([path]) == [frames.path])


def measured(
    master: Path,
    spec: Spec | None,
    store: Store | None,
    ahead: Sequence[Worker] = (),
    *,
    is_all: bool = False,
    asked: Range | None = None,
    parts: int = 1,
    frame_rate: Fraction | None = None,
    programme: Sequence[Range] = (),
    companions: Sequence[Path] = (),
    texts: Sequence[tuple[str, Path]] = (),
    has_sidecars: bool = True,
) -> dict[str, Any]:
    """The facts document, from a worker: a library that crashes on the master costs the worker only."""
    from deliverqc.batch.run import FactsJob, memory_share, run  # multiprocessing costs 40 ms, as in `check`

    job = FactsJob(
        spec=spec,
        tier=Tier.FULL,
        store=store,
        memory_bytes=memory_share(1),
        is_all=is_all,
        asked=asked,
        frame_rate=frame_rate,
        programme=tuple(programme),
        companions=tuple(companions),
        texts=tuple(texts),
        has_sidecars=has_sidecars,
        parts=parts,
        shows_faults=bool(os.environ.get("DELIVERQC_DEBUG")),
    )
    with bars(1) as drawn:
        for step in run([master], job, jobs=1, ahead=ahead):
            if step.refusal is not None:
                raise step.refusal
            if step.entry is not None:
                return _without_error(step.entry)
            if step.notice is not None:
                say(step.notice)
            else:
                drawn.tell(0, master.name, step.stage, step.done_s, step.total_s)
    raise InternalError(f"{master} was not measured to the end", code="internal-fault")


def _without_error(document: dict[str, Any]) -> dict[str, Any]:
    """The facts document; the error that stands in its place where its worker was lost, or failed."""
    error = document.get("error")
    if error is None:
        return document
    kind = InternalError if error["code"] in INTERNAL_CODES else MasterError
    raise kind(error["message"], code=error["code"])
