"""Reads a file of timed text by the format that its content has, whatever its name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from deliverqc.timed_text.detecting import text_format
from deliverqc.timed_text.model import MOST_BYTES, Document, TextError

TEXT_EXTENSIONS = frozenset(("srt", "vtt", "webvtt", "ttml", "dfxp", "itt", "xml", "stl", "scc", "mcc"))
"""Of files that may be timed text; those that hold something else are not taken for it."""

_HEAD_BYTES = 64 * 1024

_READERS = {
    "srt": "srt",
    "webvtt": "webvtt",
    "ttml": "ttml",
    "ebu_stl": "ebu_stl",
    "scc": "scc",
    "mcc": "mcc",
    "dcsubtitle": "dcsubtitle",
    "dcst": "dcsubtitle",
}
"""Module with `read(data: bytes, name: str) -> tuple[Document, ...]` of each format: one document, or one a service."""


def text_format_of(path: Path) -> str | None:
    """The format of the file at `path`; None where it is no timed text. OSError where it cannot be opened."""
    with path.open("rb") as file:
        return text_format(file.read(_HEAD_BYTES))


def read_text(path: Path) -> tuple[Document, ...]:
    """The documents in the file at `path`: one, or one a service where it holds captions of several. TextError where it
    cannot be read, or is no timed text. OSError where it cannot be opened."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        found = text_format(head)
        if found is None:
            message = (
                f"{path.name} is not timed text of a format that deliverqc reads. Check that it is the right file."
            )
            raise TextError(message, code="not-timed-text")
        if size > MOST_BYTES:
            message = f"{path.name} has {size:,} bytes; text is read up to {MOST_BYTES:,}. Check what fills the file."
            raise TextError(message, code="text-too-large")
        data = head + file.read()
    return read_bytes(data, found, path.name)


def read_bytes(data: bytes, found: str, name: str) -> tuple[Document, ...]:
    """The documents in `data`, of which `found` is the format; `name` is how errors call it."""
    documents: tuple[Document, ...] = import_module(f"deliverqc.timed_text.{_READERS[found]}").read(data, name)
    return documents
