"""Reads EBU STL (EBU Tech 3264): the general subtitle information of 1024 bytes, and blocks of text and timing of 128.
Knows no picture and no spec.

Each subtitle is an event, its extension blocks joined. Comments and user data are none. Text of a cumulative set is an
event each, with the time of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from deliverqc.timed_text.ebu_stl_text import TABLES, UNUSED, FieldText, read_field
from deliverqc.timed_text.model import Document, Event, TextError
from deliverqc.timed_text.xml_text import Faults, hold_events

_HEADER_BYTES = 1024
_BLOCK_BYTES = 128
_RATES = {
    "STL23.01": Fraction(24000, 1001),
    "STL24.01": Fraction(24),
    "STL25.01": Fraction(25),
    "STL30.01": Fraction(30000, 1001),
    "STL50.01": Fraction(50),
}
"""Tech 3264 has 25 and 30, which counts NTSC pictures; the others are in use."""
_CODE_PAGES = frozenset(("437", "850", "860", "863", "865"))
_TELETEXT_ROWS = 23
_LAST_BLOCK, _USER_DATA = 0xFF, 0xFE
_MOST_EXTENSIONS = 0xEF
_ALIGNMENTS = {0: None, 1: "left", 2: "center", 3: "right"}
_FROM_01 = """sq br ca hr cy cs da de en es eo et eu fo fr fy ga gd gl is it se la lv lb lt hu mt nl no oc pl pt ro rm
sr sk sl fi sv tr nl wa"""
_FROM_45 = """zu vi uz ur uk th te tt ta tg sw srn so si sn sh ru qu ps pa fa pap or ne nd mr mo ms mg mk lo ko km kk kn
ja id hi he ha gn gu el ka ff prs cv zh my bg bn be bm az as hy ar am"""
_LANGUAGES = dict(
    zip(
        range(0x01, 0x2C),
        _FROM_01.split(),
        strict=True,
    )
) | dict(
    zip(
        (*range(0x45, 0x55), *range(0x56, 0x80)),
        _FROM_45.split(),
        strict=True,
    )
)
"""Tech 3264 appendix 3: language codes as language tags."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Header:
    """What the general subtitle information says. `row_count` is None where it is not stated."""

    rate: Fraction
    table: str
    is_teletext: bool
    display: str
    language: str | None
    title: str | None
    start_s: Fraction | None
    block_count: int | None
    subtitle_count: int | None
    row_count: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Block:
    """One block of text and timing, by the names of Tech 3264: `number` SN, `extension` EBN, `cumulative` CS, `row` VP,
    `alignment` JC, `is_comment` CF."""

    index: int
    group: int
    number: int
    extension: int
    cumulative: int
    begin: tuple[int, ...]
    end: tuple[int, ...]
    row: int
    alignment: int
    is_comment: bool
    text: bytes


def read(data: bytes, name: str) -> tuple[Document, ...]:
    """The document in `data`. TextError where it is shorter than its header, or where its frame rate or its code table
    is unknown, so that neither times nor text can be read."""
    faults = Faults()
    header = _header(data, name, faults)
    blocks = list(_blocks(data, faults))
    subtitles = list(_joined(blocks, faults))
    events: list[Event] = []
    for block in subtitles:
        if not block.is_comment:
            hold_events(len(events) + 1, name, None)
            event = _event(block, header, len(events) + 1, faults)
            if event is not None:
                if events and event.begin_s < events[-1].begin_s:
                    message = f"subtitle {block.number} begins before the one above it, so readers may leave one out"
                    faults.add("times-go-backwards", message, event=event.number)
                events.append(event)
    _check_counts(header, blocks, subtitles, faults)
    _check_cumulation(subtitles, faults)
    return (
        Document(
            format="ebu_stl",
            events=tuple(events),
            faults=tuple(faults.found),
            encoding=TABLES[header.table],
            language=header.language,
            time_base="smpte",
            frame_rate=header.rate,
            start_s=header.start_s,
            title=header.title,
            display_type=header.display,
        ),
    )


def _header(data: bytes, name: str, faults: Faults) -> _Header:
    if len(data) < _HEADER_BYTES:
        message = (
            f"{name} has {len(data)} bytes; the header of an EBU STL file alone has {_HEADER_BYTES}. Copy it again."
        )
        raise TextError(message, code="text-truncated")
    rate_code = _ascii(data, 3, 8)
    rate = _RATES.get(rate_code)
    if rate is None:
        message = (
            f"{name} has the disk format code {rate_code!r}, so its frame rate is not known. Export it as STL25.01."
        )
        raise TextError(message, code="bad-frame-rate")
    table = _ascii(data, 12, 2)
    if table not in TABLES:
        message = f"{name} has the character code table {table!r}, so its text cannot be read. Tables are 00 to 04."
        raise TextError(message, code="bad-code-table")
    page = _ascii(data, 0, 3)
    if page not in _CODE_PAGES:
        _bad(faults, "CPN", page, "437, 850, 860, 863 or 865")
    display = _ascii(data, 11, 1).strip()
    if display not in ("", "0", "1", "2"):
        _bad(faults, "DSC", display, "blank, 0, 1 or 2")
    for label, at in (("CD", 224), ("RD", 230)):
        if not _is_date(_ascii(data, at, 6)):
            _bad(faults, label, _ascii(data, at, 6), "a date as YYMMDD")
    start = _start(_ascii(data, 256, 8), rate, faults)
    title = data[16:48].decode(f"cp{page}" if page in _CODE_PAGES else "cp850", "replace").strip()
    return _Header(
        rate=rate,
        table=table,
        is_teletext=display in ("1", "2"),
        display={"0": "open", "1": "teletext_1", "2": "teletext_2"}.get(display, "undefined"),
        language=_language(_ascii(data, 14, 2), faults),
        title=title or None,
        start_s=start,
        block_count=_count(data, 238, 5, "TNB", faults),
        subtitle_count=_count(data, 243, 5, "TNS", faults),
        row_count=_count(data, 253, 2, "MNR", faults),
    )


def _ascii(data: bytes, at: int, length: int) -> str:
    return data[at : at + length].decode("ascii", "replace")


def _bad(faults: Faults, label: str, value: str, shape: str) -> None:
    faults.add("bad-header", f"{label} is {value!r}; it is {shape}")


def _is_date(text: str) -> bool:
    """A date as YYMMDD; blank and zeros are no date and state none."""
    return (
        text.strip(" 0\0") == ""
        or re.fullmatch(r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", text, re.ASCII) is not None
    )


def _count(data: bytes, at: int, length: int, label: str, faults: Faults) -> int | None:
    text = _ascii(data, at, length).strip(" \0")
    if re.fullmatch(r"\d+", text, re.ASCII):
        return int(text)
    _bad(faults, label, text, "a number")
    return None


def _language(code: str, faults: Faults) -> str | None:
    if code == "00":
        return None
    found = _LANGUAGES.get(int(code, 16)) if re.fullmatch(r"[0-9A-F]{2}", code) else None
    if found is None and code != "55":
        _bad(faults, "LC", code, "a language of Tech 3264 appendix 3")
    return found


def _start(text: str, rate: Fraction, faults: Faults) -> Fraction | None:
    if not text.strip(" \0"):
        return None
    if re.fullmatch(r"\d{8}", text, re.ASCII):
        found = _seconds(tuple(int(text[at : at + 2]) for at in (0, 2, 4, 6)), rate)
        if found is not None:
            return found
    _bad(faults, "TCP", text, "a timecode as HHMMSSFF")
    return None


def _seconds(parts: tuple[int, ...], rate: Fraction) -> Fraction | None:
    """A timecode in seconds; None where its numbers are none."""
    hours, minutes, seconds, frames = parts
    nominal = round(rate)
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= nominal:
        return None
    return ((hours * 3600 + minutes * 60 + seconds) * nominal + frames) / rate


def _blocks(data: bytes, faults: Faults) -> Iterator[_Block]:
    whole, rest = divmod(len(data) - _HEADER_BYTES, _BLOCK_BYTES)
    if rest:
        faults.add("partial-block", f"the last block has {rest} of {_BLOCK_BYTES} bytes: the file was cut or padded")
    for index in range(whole):
        at = _HEADER_BYTES + index * _BLOCK_BYTES
        block = data[at : at + _BLOCK_BYTES]
        yield _Block(
            index=index + 1,
            group=block[0],
            number=int.from_bytes(block[1:3], "little"),
            extension=block[3],
            cumulative=block[4],
            begin=tuple(block[5:9]),
            end=tuple(block[9:13]),
            row=block[13],
            alignment=block[14],
            is_comment=block[15] == 1,
            text=block[16:].rstrip(bytes((UNUSED,))),
        )


def _joined(blocks: list[_Block], faults: Faults) -> Iterator[_Block]:
    """Subtitles, each with the text of its extension blocks; user data is left out."""
    open_blocks: list[_Block] = []
    for block in blocks:
        if block.extension == _USER_DATA:
            continue
        if _MOST_EXTENSIONS < block.extension < _USER_DATA:
            message = f"block {block.index} has the extension number {block.extension}, which is reserved"
            faults.add("bad-extension", message)
            continue
        first = open_blocks[0] if open_blocks else block
        if (block.group, block.number) != (first.group, first.number):
            faults.add("bad-extension", f"subtitle {first.number} has no last block: its text may be cut")
            yield _merged(open_blocks)
            open_blocks = []
        if block.extension != _LAST_BLOCK and block.extension != len(open_blocks):
            message = (
                f"block {block.index} of subtitle {block.number} has number {block.extension}, not {len(open_blocks)}"
            )
            faults.add("bad-extension", message)
        open_blocks.append(block)
        if block.extension == _LAST_BLOCK:
            yield _merged(open_blocks)
            open_blocks = []
    if open_blocks:
        faults.add("bad-extension", f"subtitle {open_blocks[0].number} has no last block: its text may be cut")
        yield _merged(open_blocks)


def _merged(blocks: list[_Block]) -> _Block:
    first = blocks[0]
    return _Block(
        index=first.index,
        group=first.group,
        number=first.number,
        extension=_LAST_BLOCK,
        cumulative=first.cumulative,
        begin=first.begin,
        end=first.end,
        row=first.row,
        alignment=first.alignment,
        is_comment=first.is_comment,
        text=b"".join(block.text for block in blocks),
    )


def _event(block: _Block, header: _Header, number: int, faults: Faults) -> Event | None:
    """The event of a subtitle; None where its begin is not a timecode."""
    begin, end = _seconds(block.begin, header.rate), _seconds(block.end, header.rate)
    for label, parts, found in (("TCI", block.begin, begin), ("TCO", block.end, end)):
        if found is None:
            written = ":".join(f"{part:02}" for part in parts)
            faults.add(
                "bad-time", f"{label} of subtitle {block.number} is {written}, which is not a timecode", event=number
            )
    if begin is not None and end is not None and end < begin:
        faults.add("end-before-begin", f"subtitle {block.number} ends before it begins", event=number)
    text = read_field(block.text, header.table, is_teletext=header.is_teletext)
    _check_text(text, block, number, faults)
    _check_place(block, header, number, faults)
    if begin is None:
        return None
    return Event(
        number=number,
        begin_s=begin,
        end_s=end,
        lines=text.lines,
        label=str(block.number),
        vertical=_vertical(block, header, text),
        align=_ALIGNMENTS.get(block.alignment),
        is_italic=text.is_italic,
        colors=text.colors,
    )


def _check_text(text: FieldText, block: _Block, number: int, faults: Faults) -> None:
    for code in text.unknown:
        message = f"subtitle {block.number} has the byte {code:02X}, for which its code table has no character"
        faults.add("unknown-character", message, event=number)
    for code in text.reserved:
        message = f"subtitle {block.number} has the control code {code:02X}, which is reserved"
        faults.add("reserved-code", message, event=number)


def _check_place(block: _Block, header: _Header, number: int, faults: Faults) -> None:
    if block.alignment not in _ALIGNMENTS:
        message = f"JC of subtitle {block.number} is {block.alignment}; it is 0 to 3"
        faults.add("bad-justification", message, event=number)
    last = _rows(header)
    if block.row > last or (header.is_teletext and block.row == 0):
        message = (
            f"VP of subtitle {block.number} is row {block.row}; rows are {1 if header.is_teletext else 0} to {last}"
        )
        faults.add("bad-position", message, event=number)


def _rows(header: _Header) -> int:
    return _TELETEXT_ROWS if header.is_teletext else header.row_count or 99


def _vertical(block: _Block, header: _Header, text: FieldText) -> str | None:
    """The third of the picture in which the middle of the text is."""
    if not text.lines:
        return None
    height = (2 if text.is_double_height else 1) * len(text.lines)
    middle = (block.row + height / 2) / (_rows(header) + 1)
    return "top" if middle < 1 / 3 else "bottom" if middle > 2 / 3 else "center"


def _check_counts(header: _Header, blocks: list[_Block], subtitles: list[_Block], faults: Faults) -> None:
    """Totals of the header against what is there; comments may be counted or not."""
    if header.block_count is not None and header.block_count != len(blocks):
        faults.add("block-count", f"the header counts {header.block_count} blocks (TNB); the file has {len(blocks)}")
    shown = sum(not block.is_comment for block in subtitles)
    if header.subtitle_count is not None and header.subtitle_count not in (len(subtitles), shown):
        message = f"the header counts {header.subtitle_count} subtitles (TNS); the file has {len(subtitles)}"
        faults.add("subtitle-count", message)


def _check_cumulation(subtitles: list[_Block], faults: Faults) -> None:
    """Cumulative sets (CS) have a first, any intermediate and a last subtitle, in this order."""
    is_open = False
    for block in subtitles:
        if block.is_comment:
            continue
        status = block.cumulative
        if status > 3:
            faults.add("bad-cumulative-status", f"CS of subtitle {block.number} is {status}; it is 0 to 3")
        elif is_open != (status in (2, 3)):
            faults.add("bad-cumulative-status", f"subtitle {block.number} breaks a cumulative set: CS is {status}")
        is_open = status in (1, 2)
    if is_open:
        faults.add("bad-cumulative-status", "the last cumulative set has no end")
