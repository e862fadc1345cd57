"""`deliverqc demo`: the whole job on masters that it makes itself."""

from __future__ import annotations

from pathlib import Path

import click

from deliverqc.cli import options
from deliverqc.cli.check import check_in_workers, exit_code, printed
from deliverqc.cli.output import require_writable, say, show, write_whole
from deliverqc.cli.progress import bars
from deliverqc.demo import make_demo_master
from deliverqc.entries import verdict_document
from deliverqc.errors import UsageError
from deliverqc.measuring.registry import spec_library
from deliverqc.reports import render
from deliverqc.request import Request

SPEC = "netflix"


@click.command("demo", short_help="Make two masters, check both and write a report.")
@click.option(
    "--folder", default="deliverqc-demo", show_default=True, metavar="DIR", help="Where the masters and the report go."
)
def command(folder: str) -> int:
    """Make a good and a faulty ProRes master of a few seconds, check both against netflix, and write an HTML report."""
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--folder {folder} cannot be made: {error.strerror}. Choose another place.", code="unwritable-folder"
        ) from error
    report = place / "report.html"
    require_writable(report)
    masters = [(place / "good.mov", False), (place / "faulty.mov", True)]
    library = spec_library()
    family, request = library.resolve(SPEC), Request()
    with bars(len(masters)) as drawn:
        for position, (master, is_faulty) in enumerate(masters):
            name = master.name
            try:
                make_demo_master(
                    master,
                    faulty=is_faulty,
                    progress=lambda done, total, at=position, of=name: drawn.tell(at, of, "making", done, total),  # type: ignore[misc]
                )
            except OSError as error:
                raise UsageError(
                    f"{master} cannot be written: {error.strerror}. Choose another --folder.", code="unwritable-folder"
                ) from error
            drawn.finish(position)
    paths, store = [master for master, _ in masters], options.store_from(no_cache=False)
    entries = check_in_workers(paths, [family], library, request, store, jobs=1, timeout=None, ahead=())
    document = verdict_document(entries, request)
    write_whole(report, render(document, "html"))
    show(printed(document, "text"))
    if any(entry["error"] is not None for entry in entries):
        return exit_code(document)
    say(f"\nOpen {report} in a browser. Next: deliverqc check YOUR_MASTER --spec {SPEC} --report report.html")
    return 0
