"""Decodes a file of plain text into lines, and says in which encoding it is as far as its bytes say."""

from __future__ import annotations

from dataclasses import dataclass

from deliverqc.timed_text.detecting import unmarked
from deliverqc.timed_text.faults import Faults
from deliverqc.timed_text.model import MOST_BYTES, TextError


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainText:
    """`lines` without their ends (CR, LF or CRLF; no other character ends a line), a last empty one left out.
    `encoding` is None where it cannot be told."""

    lines: list[str]
    encoding: str | None
    has_bom: bool


def plain_text(data: bytes, name: str, faults: Faults) -> PlainText:
    """The text in `data`: by its byte order mark, else UTF-16 by its zeros, else UTF-8, else Windows-1252, which is a
    fault. TextError where it is larger than is read."""
    if len(data) > MOST_BYTES:
        message = f"{name} has {len(data):,} bytes; text is read up to {MOST_BYTES:,}. Check what fills the file."
        raise TextError(message, code="text-too-large")
    text, stated, has_bom = unmarked(data)
    encoding: str | None = stated or "utf-8"
    if "\ufffd" in text:
        text, encoding = _with_bad_bytes(data, text, stated, faults)
    if stated is not None and not has_bom:
        faults.add("unmarked-utf-16", "The text is UTF-16 without a byte order mark. Save it as UTF-8.", 1)
    elif stated is not None and stated.startswith("utf-32"):
        faults.add("not-utf-8", "The text is UTF-32, which players do not read. Save it as UTF-8.", 1)
    if "\r\r\n" in text:
        text = text.replace("\r\r\n", "\n")
        faults.add("doubled-carriage-return", "Lines end in CR CR LF: line ends were converted twice.", 1)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return PlainText(lines=lines, encoding=encoding, has_bom=has_bom)


def _with_bad_bytes(data: bytes, text: str, stated: str | None, faults: Faults) -> tuple[str, str | None]:
    """Text that shows U+FFFD: as it is where the file itself holds that character; else decoded again."""
    try:
        data.decode(stated or "utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    else:
        return text, stated or "utf-8"
    bad = text.count("\ufffd")
    if stated is not None or len(text) - len(text.encode("ascii", "ignore")) > 2 * bad:
        encoding = stated or "utf-8"
        faults.add("undecodable-bytes", f"Bytes in {bad:,} places are not valid {encoding.upper()}.", line)
        return text, encoding
    text = data.decode("windows-1252", "replace")
    if "\ufffd" in text:
        guess = "It is not Windows-1252 either: the encoding is unknown."
    else:
        guess = "It is read as Windows-1252, which is a guess."
    faults.add("not-utf-8", f"The text is not valid UTF-8. {guess} Save it as UTF-8.", line)
    return text, None if "\ufffd" in text else "windows-1252"


def shown_lines(text: str) -> tuple[str, ...]:
    """The lines of `text` from the first to the last that show something; none where it is blank."""
    if not text or text.isspace():
        return ()
    lines = text.split("\n")
    if lines[0].strip() and lines[-1].strip():
        return tuple(lines)
    first = next(index for index, line in enumerate(lines) if line.strip())
    last = next(index for index in range(len(lines), 0, -1) if lines[index - 1].strip())
    return tuple(lines[first:last])
