"""Timed text of the material in XML and EBU STL, that inside MXF too, and what came of reading it."""

from __future__ import annotations

import re
from pathlib import Path

from deliverqc.timed_text.detecting import text_format
from deliverqc.timed_text.model import TextError
from deliverqc.timed_text.reading import read_bytes

_DOCUMENT = re.compile(rb"<\?xml.*?</(?:\w+:)?(?:SubtitleReel|tt)>", re.DOTALL)


def text_of(path: Path) -> bytes:
    """The file, or the document that an MXF file holds."""
    data = path.read_bytes()
    if path.suffix != ".mxf":
        return data
    match = _DOCUMENT.search(data)
    return match[0] if match else b""


def outcome(path: Path) -> str:
    """`clean`, the codes of faults, or `refused` and the code."""
    data = text_of(path)
    found = text_format(data[:65536])
    if found is None:
        return "unknown"
    try:
        documents = read_bytes(data, found, path.name)
    except TextError as error:
        return f"refused {error.code}"
    return " ".join(sorted({fault.code for one in documents for fault in one.faults})) or "clean"
