"""`deliverqc spec new`: a draft of a spec, from another spec or from a master that was accepted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from deliverqc.cli import options
from deliverqc.cli.facts import measured
from deliverqc.cli.output import require_writable, say, show, write_whole
from deliverqc.errors import UsageError
from deliverqc.judging.judge import judge
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclib.drafts import require_new_id, sheet_on, spec_like
from deliverqc.verdict import Decision


@click.command("new", short_help="Draft a spec from another one, or from an accepted master.")
@click.argument("spec_id", metavar="ID")
@click.option("--from", "base", metavar="SPEC", help="A show's own sheet on top of this spec.")
@click.option(
    "--replace", "replaced", multiple=True, metavar="CLAUSE", help="With --from: copy this clause to edit it."
)
@click.option("--drop", "dropped", multiple=True, metavar="CLAUSE", help="With --from: leave this clause out.")
@click.option(
    "--like", metavar="MASTER|FACTS.json", help="The facts of an accepted master, or what `deliverqc facts` printed."
)
@click.option("--output", "-o", metavar="FILE", help="Where to write it; on stdout without. An existing file is kept.")
@options.no_cache_option
@options.spec_path_option
def command(
    spec_id: str,
    base: str | None,
    replaced: Sequence[str],
    dropped: Sequence[str],
    like: str | None,
    output: str | None,
    no_cache: bool,
    spec_paths: Sequence[str],
) -> int:
    """Draft a spec called ID: it lints clean as it is, and says what to fill in.

    --like takes codec, profile, size, rate, scan, colour, sound layout, rate, bits and loudness of a master that was
    accepted. Its clauses say what that master measured, not what the platform demands.
    """
    if (base is None) is (like is None) or (like is not None and (replaced or dropped)):
        raise UsageError("name either --from SPEC, with --replace and --drop, or --like MASTER", code="bad-combination")
    library = options.library_from(spec_paths)
    require_new_id(spec_id, library)
    target = Path(output) if output else None
    if target is not None:
        _require_new_file(target)
    if like is None:
        document = sheet_on(library.load(str(base)), spec_id, replaced=replaced, dropped=dropped)
    else:
        document = _like(Path(like), spec_id, library, no_cache=no_cache)
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if target is None:
        show(text)
        return 0
    write_whole(target, text)
    say(f"wrote {target}. Fill it in, then: deliverqc spec lint {target}")
    return 0


def _require_new_file(target: Path) -> None:
    if target.exists():
        raise UsageError(f"{target} exists and is kept. Name another file.", code="file-exists")
    if target.suffix != ".json":
        raise UsageError(f"{target}: a spec file ends in .json, or it is not found by its path.", code="bad-output")
    require_writable(target)


def _like(path: Path, spec_id: str, library: SpecLibrary, *, no_cache: bool) -> dict[str, Any]:
    name, settings, facts = _measured(path, no_cache=no_cache)
    registry = library.integrity.registry
    document = spec_like(facts, spec_id, name, registry=registry, settings=settings)
    verdict = judge(library.from_document(document, f"the draft {spec_id}"), facts, as_of=date.today())
    if verdict.decision is not Decision.PASS:
        say(f"{name} itself is judged {verdict.decision} by it: {verdict.reason}")
    return document


def _measured(path: Path, *, no_cache: bool) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
    """Name, settings and facts of the one subject."""
    if path.suffix == ".json":
        document = options.read_json(path, what="the facts file")
    elif not path.is_file():
        raise UsageError(
            f"--like {path} is no file. Check the spelling; a folder is no one master.", code="missing-path"
        )
    else:
        document = measured(path, None, options.store_from(no_cache=no_cache))
    if not isinstance(document, dict):
        raise UsageError(f"{path} holds no facts: it is no JSON object", code="not-facts")
    if "subjects" not in document:
        return path.name, {}, document
    subjects = document["subjects"]
    one = subjects[0] if isinstance(subjects, list) and len(subjects) == 1 else None
    if not isinstance(one, dict) or not isinstance(one.get("facts"), dict):
        raise UsageError(f"{path} does not hold the facts of exactly one subject; name one master", code="not-facts")
    return str(one.get("title") or path.name), one.get("settings") or {}, one["facts"]
