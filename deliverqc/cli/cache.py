"""`deliverqc cache`: what is kept of earlier runs, and how to be rid of it."""

from __future__ import annotations

import click

from deliverqc.cli import options
from deliverqc.cli.output import say, show
from deliverqc.signals.store import Store


@click.command("cache", short_help="Show or clear the measurements of earlier runs.")
@click.option("--clear", is_flag=True, help="Remove every stored table.")
def command(clear: bool) -> int:
    """Show where measurements are kept, how many and how large; a second spec on the same master needs no decode."""
    store = Store(folder=options.cache_folder())
    if clear:
        say(f"removed {store.clear()} tables from {store.folder}")
        return 0
    tables = store.tables()
    size = sum(size for _, size in tables) / 2**20
    show(f"{store.folder}\n{len(tables)} tables, {size:.1f} MiB of at most {store.limit_bytes / 2**20:.0f} MiB")
    return 0
