"""`deliverqc exit-codes`: what each exit code means."""

from __future__ import annotations

import click

from deliverqc.cli.output import show

EXIT_CODES = (
    (0, "pass", "every binding clause that applies was measured and met"),
    (1, "fail", "at least one binding clause is broken"),
    (2, "usage", "a path, option, spec or plug-in cannot be worked with; nothing was judged"),
    (3, "incomplete", "nothing is broken, but something binding was not measured"),
    (
        4,
        "unreadable",
        "a master cannot be read: not media, no permission, or reading it crashes, hangs or needs too much memory",
    ),
    (5, "internal", "deliverqc did not get to the end: a fault of its own or of a plug-in"),
    (130, "interrupted", "Ctrl-C"),
)


@click.command("exit-codes", short_help="Say what each exit code means.")
def command() -> int:
    """Say what each exit code means; a batch takes the worst, in the order 130 5 4 2 1 3 0."""
    show("\n".join(f"{code:>3}  {word:<11}  {meaning}" for code, word, meaning in EXIT_CODES))
    return 0
