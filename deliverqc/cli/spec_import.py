"""`deliverqc spec import`: a MediaConch policy or an IMF Delivery Schema document as a spec of deliverqc's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deliverqc.cli.output import say, show, write_whole
from deliverqc.errors import UsageError
from deliverqc.interchange import read_foreign

if TYPE_CHECKING:
    from deliverqc.interchange.compose import Imported, Part


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="SPEC.json", help="Write the spec here, and its examples beside it.")
@click.option("--id", "spec_id", metavar="ID", help="The id of the spec; else its title makes one.")
def command(file: str, output: str | None, spec_id: str | None) -> int:
    """Make a spec of a MediaConch policy or an IMF Delivery Schema document.

    What cannot be a clause becomes an item to sign off by hand, and is listed with the reason. Where a file holds
    several deliverables, name a folder with --output.
    """
    found = read_foreign(Path(file), spec_id=spec_id)
    if len(found) > 1 and (output is None or Path(output).suffix == ".json"):
        raise UsageError(
            f"{file} holds {len(found)} deliverables, each a spec of its own. Name a folder: -o specs/", code="several"
        )
    for one in found:
        _tell(one)
    if output is None:
        show(_text(found[0].document))
    elif len(found) > 1 or Path(output).is_dir():
        for one in found:
            _write(one, Path(output) / f"{one.id}.json")
    else:
        _write(found[0], Path(output))
    return 0


def _tell(imported: Imported) -> None:
    for part_id, part in imported.manual:
        for demand in part.demands:
            say(f"{imported.id}: line {demand.line}: not a clause ({part_id}): {demand.words}: {part.reason}")
    told = [_placed(imported.clauses, "clause"), _placed(imported.manual, "manual item")]
    say(f"{imported.id}: {_counted(imported.demand_count, 'rule')}: {', '.join(told)}")


def _placed(parts: Sequence[tuple[str, Part]], noun: str) -> str:
    return f"{sum(len(part.demands) for _, part in parts)} in {_counted(len(parts), noun)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _write(imported: Imported, path: Path) -> None:
    if path.suffix != ".json":
        raise UsageError(f"{path} would not be found as a spec. Write a name that ends in .json.", code="not-json")
    examples = path.parent / "examples" / f"{imported.id}.json"
    wanted = {path: imported.document, **({examples: imported.examples} if imported.examples else {})}
    for place in wanted:
        if place.exists():
            raise UsageError(f"{place} exists and may hold work of yours. Remove it, or choose another.", code="exists")
    for place, document in wanted.items():
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the folder {place.parent} cannot be made: {error.strerror}. Choose another place.", code="no-folder"
            ) from error
        write_whole(place, _text(document))
        say(f"wrote {place}")


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
