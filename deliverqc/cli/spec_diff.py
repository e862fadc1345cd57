"""`deliverqc spec diff`: what changed between two specs; reads no masters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.speclib.diff import Change, Comparison, Difference, compare
from deliverqc.speclib.words import source_words

_MACHINE_ONLY = "schema"  # the words of `wanted` say it for a reader


@click.command("diff", short_help="Tell what changed between two specs.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What is printed on stdout.",
)
@options.spec_path_option
def command(old: str, new: str, format_: str, spec_paths: Sequence[str]) -> int:
    """Tell what changed from OLD to NEW: ids, `id@edition`, `id@edition.rN` or files. Exit code 0, changed or not.

    \b
    tightened  nothing that failed the old clause passes the new one, or should became shall
    loosened   nothing that passed the old clause fails the new one, or shall became should
    changed    the demand is another, and neither of the two is shown: both sides are printed
    reworded   the same demand: title, source, reasons or remedy differ
    """
    library = options.library_from(spec_paths)
    comparison = compare(library.load(old), library.load(new), library.registry.meters)
    if format_ == "json":
        show(json.dumps(comparison.to_document(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        show("\n".join(_lines(comparison)))
    return 0


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"{comparison.old.full_id} to {comparison.new.full_id}"
    counts = [(sum(one.change is change for one in comparison.clauses), change) for change in Change]
    told = [f"{count} {change}" for count, change in counts if count]
    yield f"Clauses: {', '.join([*told, f'{comparison.unchanged} unchanged'])}"
    for change in Change:
        for one in comparison.clauses:
            if one.change is change:
                yield from ("", f"{change.upper():<10} {one.id}: {one.title}", *_field_lines(one))
    for heading, differences in (
        ("Settings of meters", comparison.settings),
        ("For a person to judge", comparison.manual),
        ("Known from the order alone", comparison.expects),
        ("About the spec", comparison.about),
    ):
        if differences:
            yield from ("", heading)
        for one in differences:
            yield from (f"  {one.change:<9} {one.id}", *_field_lines(one))


def _field_lines(difference: Difference) -> Iterator[str]:
    if difference.because:
        yield f"    {difference.because}"
    for name, (old, new) in difference.fields.items():
        if name == _MACHINE_ONLY:
            continue
        if difference.change in (Change.ADDED, Change.REMOVED):
            yield f"    {name:<8} {_words(new if difference.change is Change.ADDED else old)}"
        else:
            yield f"    {name:<8} was {_words(old)}"
            yield f"    {'':<8} is  {_words(new)}"


def _words(value: Any) -> str:  # noqa: ANN401  any JSON value
    if isinstance(value, dict) and "document" in value:
        more = [str(value[key]) for key in ("url", "read_on") if value.get(key)]
        return ", ".join([source_words(value), *more])
    if value is None:
        return "not stated"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
