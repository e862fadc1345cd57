"""`deliverqc spec match`: which deliverables a master could be, and what keeps it from each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from deliverqc.batch.discover import discover
from deliverqc.cli import options
from deliverqc.cli.check import check_in_workers, workers_ahead
from deliverqc.cli.output import say, show
from deliverqc.errors import INTERNAL_CODES, InternalError, MasterError, UsageError
from deliverqc.pipeline import check_master
from deliverqc.request import Request, Tier
from deliverqc.speclib.match import Match, matchable, matches

_MOST_OBSTACLES = 4


@click.command("match", short_help="Find the specs that a master could be for.")
@click.argument("path", metavar="MASTER")
@click.option(
    "--tier",
    type=click.Choice(["headers", "full"]),
    default="headers",
    show_default=True,
    help="headers: seconds, by what the file says of itself. full: every frame and sample as well.",
)
@click.option("--most", type=click.IntRange(min=1), default=10, show_default=True, help="How many specs are shown.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What is printed.",
)
@options.no_cache_option
@options.spec_path_option
def command(path: str, tier: str, most: int, format_: str, no_cache: bool, spec_paths: Sequence[str]) -> int:
    """Judge one master by every spec for its kind, and list them best first: what each finds against it.

    It is a search, no verdict: `deliverqc check MASTER --spec SPEC` gives one.
    """
    masters = discover([Path(path)])
    if len(masters) != 1:
        raise UsageError(f"{path} holds {len(masters)} masters. Name one.", code="not-one-master")
    library = options.library_from(spec_paths)
    specs, request = matchable(library.all()), Request(tier=Tier(tier))
    if request.tier is Tier.HEADERS:
        entry = check_master(masters[0], specs, library, request, notice=say)
    else:
        with workers_ahead(masters, request.tier) as ahead:
            store = options.store_from(no_cache=no_cache)
            (entry,) = check_in_workers(masters, specs, library, request, store, 1, None, ahead)
    if entry["error"] is not None:
        kind = InternalError if entry["error"]["code"] in INTERNAL_CODES else MasterError
        raise kind(entry["error"]["message"], code=entry["error"]["code"])
    found = {subject["title"]: matches(subject["verdicts"]) for subject in entry["subjects"]}
    if format_ == "json":
        show(json.dumps(_document(path, tier, found), indent=2, ensure_ascii=False))
    else:
        show("\n".join(_lines(found, len(specs), most, tier)))
    return 0


def _document(path: str, tier: str, found: dict[str, tuple[Match, ...]]) -> dict[str, Any]:
    subjects = [{"title": title, "matches": [one.to_document() for one in best]} for title, best in found.items()]
    return {"master": path, "tier": tier, "subjects": subjects}


def _lines(found: dict[str, tuple[Match, ...]], count: int, most: int, tier: str) -> list[str]:
    lines = []
    for title, best in found.items():
        lines += [f"{title}: {len(best)} of {count} specs are for this kind of master", ""]
        for one in best[:most]:
            lines += [f"{one.spec}: {one.title}", *(f"  {line}" for line in _words(one)), ""]
        if len(best) > most:
            lines += [f"{len(best) - most} more, with more against it: --most {len(best)}", ""]
    if tier == "headers":
        lines.append("By the headers alone. --tier full also measures picture and sound.")
    return lines


def _words(match: Match) -> list[str]:
    judged = f"{match.passed} deciding clauses pass, {match.unknown} are not measured"
    if not match.obstacles:
        return [f"nothing against it; {judged}"]
    lines = [f"{len(match.obstacles)} against it; {judged}"]
    for one in match.obstacles[:_MOST_OBSTACLES]:
        lines.append(f"FAIL {one.clause}: {one.found or one.title}")
    if len(match.obstacles) > _MOST_OBSTACLES:
        lines.append(f"and {len(match.obstacles) - _MOST_OBSTACLES} more")
    return lines
