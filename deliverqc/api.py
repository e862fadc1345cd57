"""The same as the command line, as typed functions; they print nothing, read no environment and exit nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deliverqc import pipeline, reports
from deliverqc.entries import verdict_document
from deliverqc.facts.model import Facts
from deliverqc.judging.references import require_clauses
from deliverqc.measuring.obtain import Progress
from deliverqc.measuring.registry import spec_library
from deliverqc.probing import probe as probe_file
from deliverqc.rejudge import judge_document
from deliverqc.request import Request, Tier
from deliverqc.speclang.model import Family, Spec
from deliverqc.verdict import Level

if TYPE_CHECKING:
    from deliverqc.judging.waivers import Waiver
    from deliverqc.signals.store import Store

PathText = str | PathLike[str]
SpecChoice = str | Spec | Family


def check(
    path: PathText,
    spec: SpecChoice | Sequence[SpecChoice],
    *,
    tier: Literal["headers", "full"] = "full",
    is_all: bool = False,
    expectations: Mapping[str, Any] | None = None,
    waivers: Sequence[Waiver] = (),
    fail_on: Literal["shall", "should"] = "shall",
    as_of: date | None = None,
    spec_path: Sequence[PathText] = (),
    store: Store | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Check one master against one spec or several: the verdict document, as `deliverqc check --format json` prints it.

    `spec` is an id, a family, a path to a spec file or what `load_spec` gave. SpecError when a spec cannot be used; a
    master that cannot be read is an entry with `error`. Without `store` nothing is kept between calls.
    """
    library = spec_library([Path(one) for one in spec_path])
    chosen = [spec] if isinstance(spec, str | Spec | Family) else list(spec)
    request = Request(
        tier=Tier(tier),
        is_all=is_all,
        fail_on=Level(fail_on),
        as_of=as_of or date.today(),
        expectations=expectations or {},
        waivers=tuple(waivers),
    )
    specs = [library.resolve(one) if isinstance(one, str) else one for one in chosen]
    in_use = [spec for one in specs for spec in (library.members(one) if isinstance(one, Family) else [one])]
    require_clauses(in_use, [waiver.clause for waiver in waivers], expectations=request.expectations)
    entry = pipeline.check_master(Path(path), specs, library, request, store=store, progress=progress)
    return verdict_document([entry], request)


def probe(path: PathText) -> Facts:
    """The facts that the headers of a master give, by registered name. MasterError when it cannot be read."""
    return probe_file(Path(path)).facts


def measure(
    path: PathText,
    spec: Spec | None = None,
    *,
    tier: Literal["headers", "full"] = "full",
    is_all: bool = False,
    store: Store | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The facts document of a master, measured under the settings of `spec` or the meters' own; with `is_all` by the
    meters on demand too. MasterError when unreadable."""
    return pipeline.facts_document(Path(path), spec, Tier(tier), is_all=is_all, store=store, progress=progress)


def judge(
    facts: Mapping[str, Any],
    spec: Spec,
    *,
    expectations: Mapping[str, Any] | None = None,
    waivers: Sequence[Waiver] = (),
    fail_on: Literal["shall", "should"] = "shall",
    as_of: date | None = None,
) -> dict[str, Any]:
    """The verdict document for a facts document, or for a bare object of facts, without any file. UsageError for
    anything else."""
    request = Request(
        fail_on=Level(fail_on), as_of=as_of or date.today(), expectations=expectations or {}, waivers=tuple(waivers)
    )
    require_clauses([spec], [waiver.clause for waiver in waivers], expectations=request.expectations)
    return judge_document(facts, [spec], request)


def load_spec(name: PathText, *, spec_path: Sequence[PathText] = ()) -> Spec:
    """The spec of that id, alias, `id@edition`, `id@edition.rN` or file. SpecError when it is unknown or broken."""
    return spec_library([Path(one) for one in spec_path]).load(str(name))


def render(document: Mapping[str, Any], format: str) -> str:  # noqa: A002  the word that the command line uses
    """A verdict document as text, json, html, junit, github or markdown."""
    return reports.render(document, format)
