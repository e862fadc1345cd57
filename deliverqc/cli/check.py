"""`deliverqc check`: masters against specs, with a verdict, reports and an exit code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deliverqc.batch.discover import discover
from deliverqc.cli import options
from deliverqc.cli.output import require_writable, say, show, wants_color, write_whole
from deliverqc.cli.progress import bars
from deliverqc.entries import verdict_document
from deliverqc.errors import INTERNAL_CODES, DeliverqcError, InternalError, UsageError
from deliverqc.judging.references import require_clauses
from deliverqc.judging.waivers import load_waivers
from deliverqc.measuring.ranges import Range
from deliverqc.pipeline import check_master
from deliverqc.probing.packages import asset_map_of
from deliverqc.reports import FORMATS, format_for_path, render
from deliverqc.request import Request, Tier, rate_from
from deliverqc.signals.store import Store
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Family, Spec
from deliverqc.speclib.locking import Lock, require_locked
from deliverqc.verdict import EXIT_CODES, Decision, FailOn, worst_exit_code

if TYPE_CHECKING:
    from deliverqc.batch.run import Worker

_SUFFIXES = [suffix for known in FORMATS.values() for suffix in known.suffixes]


@click.command("check", short_help="Check masters against specs.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--spec",
    "specs",
    multiple=True,
    required=True,
    metavar="SPEC",
    help="Spec or family by id, or a spec file; several may be given.",
)
@options.tier_option
@options.all_option
@options.range_option
@options.programme_option
@options.frame_rate_option
@options.format_option
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help=f"Also write a report; its format is taken from the file's name ({' '.join(_SUFFIXES)}).",
)
@options.judging_options
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of masters checked in parallel; a single intra-only one is measured in that many parts.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    callback=options.require_number,
    metavar="SECONDS",
    help="Give up a master that makes no progress for this long (120 by default).",
)
@click.option("--cpl", metavar="ID|TITLE", help="Check only this composition of a package.")
@options.with_option
@options.no_sidecars_option
@click.option("--no-hash", is_flag=True, help="Do not compare the files of a package with their hashes.")
@options.no_cache_option
@options.locked_option
@options.spec_path_option
def command(
    paths: Sequence[str],
    specs: Sequence[str],
    tier: str,
    is_all: bool,
    range_: str | None,
    programme: Sequence[str],
    frame_rate: str | None,
    format_: str,
    reports: Sequence[str],
    expects: Sequence[str],
    waivers: str | None,
    fail_on: str,
    only: Sequence[str],
    skip: Sequence[str],
    as_of: datetime | None,
    jobs: int,
    timeout: float | None,
    cpl: str | None,
    companions: Sequence[str],
    no_sidecars: bool,
    no_hash: bool,
    no_cache: bool,
    lock: Lock | None,
    spec_paths: Sequence[str],
) -> int:
    """Check masters against delivery specs, clause by clause.

    PATH is a file, an image sequence (a pattern such as shot.%04d.dpx, or one of its frames), the folder of a DCP or
    IMF package, or a folder that is searched for masters. The exit code is 0 for pass, 1 for fail, 3 for incomplete
    (see `deliverqc exit-codes`); a batch takes the worst.
    """
    targets = [(Path(report), format_for_path(report)) for report in reports]
    masters = discover(Path(path) for path in paths)
    if cpl is not None and all(asset_map_of(master) is None for master in masters):
        raise UsageError(
            f"--cpl {cpl} names a composition, and none of the masters is a package. Give the folder of the package.",
            code="no-such-composition",
        )
    given = options.companions_from(companions, masters)
    for target, _ in targets:
        require_writable(target)
        if any(target.exists() and master.exists() and target.samefile(master) for master in masters):
            raise UsageError(f"--report {target} is one of the masters. Name another file.", code="unwritable-report")
    with workers_ahead(masters, Tier(tier)) as ahead:
        library = options.library_from(spec_paths)
        chosen = [library.resolve(spec) for spec in dict.fromkeys(specs)]
        request = request_from(library, chosen, tier, fail_on, as_of, only, skip, expects, waivers, lock)
        request = replace(
            request,
            is_all=is_all,
            range=Range.parse(range_) if range_ else None,
            frame_rate=rate_from(frame_rate) if frame_rate else None,
            programme=tuple(Range.parse(part, "--programme") for part in programme),
            composition=cpl,
            companions=given.originals,
            texts=given.texts,
            has_sidecars=not no_sidecars,
            is_hashed=not no_hash,
        )
        store = options.store_from(no_cache=no_cache)
        if len(masters) == 1 and request.tier is Tier.HEADERS:
            entries = [check_master(masters[0], chosen, library, request, notice=say)]
        else:
            entries = check_in_workers(masters, chosen, library, request, store, jobs, timeout, ahead)
    document = verdict_document(entries, request)
    refused: DeliverqcError | None = None
    for target, name in targets:
        try:
            write_whole(target, render(document, name))
        except DeliverqcError as error:
            refused = error  # the verdict is shown all the same: the work is done
    show(printed(document, format_))
    if refused is not None:
        raise refused
    return exit_code(document)


def request_from(
    library: SpecLibrary,
    chosen: Sequence[Spec | Family],
    tier: str,
    fail_on: str,
    as_of: datetime | None,
    only: Sequence[str],
    skip: Sequence[str],
    expects: Sequence[str],
    waivers: str | None,
    lock: Lock | None,
) -> Request:
    """The request that the options make. UsageError where they contradict each other or name what does not exist, and
    where a spec is not as the lock pins it."""
    if lock is not None:
        require_locked(lock, library, chosen)
    both = set(only) & set(skip)
    if both:
        raise UsageError(
            f"--only and --skip both name {', '.join(sorted(both))}. Drop one of the two.", code="conflicting-options"
        )
    in_use = [spec for one in chosen for spec in (library.members(one) if isinstance(one, Family) else [one])]
    told = options.expectations_from(expects)
    granted = load_waivers(Path(waivers)) if waivers else ()
    require_clauses(in_use, [*only, *skip, *(waiver.clause for waiver in granted)], expectations=told)
    return Request(
        tier=Tier(tier),
        fail_on=FailOn(fail_on),
        as_of=options.day_from(as_of),
        only=tuple(only),
        skip=tuple(skip),
        expectations=told,
        waivers=tuple(granted),
        waivers_sha256=hashlib.sha256(Path(waivers).read_bytes()).hexdigest() if waivers else None,
        lock_sha256=lock.sha256 if lock is not None else None,
    )


def printed(document: dict[str, Any], format_: str) -> str:
    """The document as stdout is to show it: text takes the terminal's colour."""
    if format_ == "text":
        from deliverqc.reports.text import text  # 5 ms, better spent while MediaInfo reads than before it starts

        return text(document, color=wants_color())
    return render(document, format_)


def exit_code(document: dict[str, Any]) -> int:
    """The worst exit code over the masters of a verdict document."""
    codes = []
    for master in document["masters"]:
        error = master["error"]
        if error is not None and error["code"] in INTERNAL_CODES:
            codes.append(InternalError.exit_code)
        else:
            codes.append(EXIT_CODES[Decision(master["decision"])])
    return worst_exit_code(codes)


@contextmanager
def workers_ahead(masters: Sequence[Path], tier: Tier) -> Iterator[list[Worker]]:
    """A first worker that imports while specs are read here, where masters are decoded; killed at the end."""
    if tier is Tier.HEADERS:
        yield []
        return
    from deliverqc.batch.run import Worker  # multiprocessing costs 40 ms, which a headers run of one master has not

    worker = Worker()
    try:
        yield [worker]
    finally:
        worker.kill()


def check_in_workers(
    masters: Sequence[Path],
    chosen: Sequence[Spec | Family],
    library: SpecLibrary,
    request: Request,
    store: Store | None,
    jobs: int,
    timeout: float | None,
    ahead: Sequence[Worker],
) -> list[dict[str, Any]]:
    """The entries of the masters. UsageError where a single one cannot be asked what was asked."""
    from deliverqc.batch.run import SILENT_LIMIT_S, Job, memory_share, run  # as above

    job = Job(
        specs=chosen,
        library=library,
        request=request,
        store=store,
        memory_bytes=memory_share(jobs),
        given=tuple(masters),
        parts=jobs if len(masters) == 1 else 1,
        workers=min(jobs, len(masters)),
        shows_faults=bool(os.environ.get("DELIVERQC_DEBUG")),
    )
    entries: list[dict[str, Any] | None] = [None] * len(masters)
    with bars(len(masters)) as drawn:
        for step in run(masters, job, jobs=jobs, silent_limit_s=timeout or SILENT_LIMIT_S, ahead=ahead):
            if step.notice is not None:
                say(step.notice)
            elif step.entry is None:
                drawn.tell(step.position, masters[step.position].name, step.stage, step.done_s, step.total_s)
            elif step.refusal is not None and len(masters) == 1:
                raise step.refusal
            else:
                entries[step.position] = step.entry
                drawn.finish(step.position)
    return [entry for entry in entries if entry is not None]
