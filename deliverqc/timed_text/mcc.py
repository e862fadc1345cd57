"""Reads MacCaption files (MCC 1.0 and 2.0): timecodes, and the ancillary data packet of each, which holds a caption
distribution packet. Knows no picture.

The rate is that of the header, and 1000/1001 of it where the packets say so. What an ancillary packet holds besides
captions is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

from deliverqc.timebase import Timecode, nominal_rate
from deliverqc.timed_text.caption_faults import FaultList, hold_to_ascii, is_plain
from deliverqc.timed_text.caption_screen import refuse_too_many
from deliverqc.timed_text.cc_data import CaptionDecoder
from deliverqc.timed_text.cdp import RATES, Packet, PacketReader
from deliverqc.timed_text.detecting import unmarked
from deliverqc.timed_text.model import MOST_BYTES, Document, TextError

_HEADER = re.compile(r"File Format=MacCaption_MCC V([12]\.0)")
_TIME = re.compile(r"(\d\d:\d\d:\d\d)([:;])(\d\d)(?:\.([01])(?:,\d+)?)?")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_RATE = re.compile(r"(24|25|30|50|60)(DF)?")
_METADATA = re.compile(r"[A-Za-z][^=\t]*=")
_RATE_KEY = "Time Code Rate"
_SLOWED = Fraction(1000, 1001)
_CDP_IDENTITY, _LINE_21_IDENTITY = b"\x61\x01", b"\x61\x02"
_MOST_EXPANDED = 600
"""Bytes of an ancillary packet: 255 words, its header and its checksum take less than half."""
_SECONDS_KEPT = 60
_MOST_LINES = 24 * 3600 * 60
_FRAMES_ABREAST = 2
"""House choice, of a caption packet's own timecode, which encoders write a frame early or late."""

_ALIASES = {
    **{letter: "FA0000" * count for count, letter in enumerate("GHIJKLMNO", 1)},
    "P": "FB8080",
    "Q": "FC8080",
    "R": "FD8080",
    "S": "9669",
    "T": "6101",
    "U": "E1000000",
    "Z": "00",
}
"""Abbreviations that every file lists in its own comments."""
_EXPANDED = {ord(letter): digits for letter, digits in _ALIASES.items()}


class _Line(NamedTuple):
    number: int
    time: str
    mark: str
    data: bytes


def read(data: bytes, name: str) -> tuple[Document, ...]:
    """One document for each service that the file holds, one without a service where it holds none. TextError where it
    does not begin as MCC does, has no rate, or no line that can be read."""
    if len(data) > MOST_BYTES:
        message = f"{name} has {len(data):,} bytes; text is read up to {MOST_BYTES:,}. Check what fills the file."
        raise TextError(message, code="text-too-large")
    text, encoding, has_bom = unmarked(data)
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    header = _HEADER.fullmatch(rows[0].strip())
    if header is None:
        message = f"{name}, line 1: MCC is read as version 1.0 and 2.0; this is “{ascii(rows[0].strip()[:60])[1:-1]}”."
        raise TextError(message, code="missing-header", line=1)
    faults = FaultList()
    hold_to_ascii(encoding, "MCC", faults)
    nominal, is_drop = _stated_rate(rows, header[1], name, faults)
    lines = list(_lines(rows, header[1], faults))
    if not lines and any(_is_of_data(row) for row in rows[1:]):
        raise TextError(f"{name}: no line has a timecode and data. Export it as MCC again.", code="no-captions")
    if len(lines) > _MOST_LINES:
        message = f"{name} has more lines than a day has frames. Check what fills the file."
        raise TextError(message, code="text-too-large")
    packets = _packets(lines, faults)
    rate = _exact_rate(nominal, is_drop, packets, faults)
    found = _decoded(packets, rate, is_drop, faults) or (Document(format="mcc", events=()),)
    refuse_too_many(found, name)
    languages = {key: word for _, packet in packets for key, word in packet.languages.items()}
    return tuple(
        replace(
            document,
            encoding=encoding or "utf-8",
            has_bom=has_bom,
            time_base="smpte",
            frame_rate=rate,
            drop_mode="drop_ntsc" if is_drop else "non_drop",
            language=languages.get(document.service or ""),
            faults=(faults.faults() if not place else ()) + document.faults,
        )
        for place, document in enumerate(found)
    )


def _is_of_data(row: str) -> bool:
    return row[:1].isdigit() or (bool(row.strip()) and not row.startswith("//") and not _METADATA.match(row))


def _stated_rate(rows: list[str], version: str, name: str, faults: FaultList) -> tuple[int, bool]:
    """Frames in a timecode second, and whether it is drop-frame."""
    stated: tuple[int, str] | None = None
    for number, row in enumerate(rows[1:], 2):
        if "=" not in row:
            continue
        key, _, value = row.partition("=")
        if key.strip() == "UUID" and not _UUID.fullmatch(value.strip()):
            faults.add("bad-uuid", "The UUID does not have the form of one", line=number)
        if key.strip() == _RATE_KEY and stated is None:
            stated = number, value.strip()
    if stated is None:
        raise TextError(f"{name} has no “{_RATE_KEY}=” line. Export it as MCC again.", code="missing-rate")
    match = _RATE.fullmatch(stated[1])
    if match is None or (match[2] and match[1] not in ("30", "60")):
        rate = ascii(stated[1][:20])[1:-1]
        message = f"{name}, line {stated[0]}: {rate} is not a rate of MCC (24, 25, 30, 30DF, 50, 60, 60DF)."
        raise TextError(message, code="bad-rate", line=stated[0])
    if version == "1.0" and stated[1] == "60DF":
        faults.add("rate-beyond-version", "60DF takes MCC 2.0, and the file states 1.0", line=stated[0])
    return int(match[1]), bool(match[2])


def _lines(rows: list[str], version: str, faults: FaultList) -> Iterator[_Line]:
    for number, row in enumerate(rows[1:], 2):
        if not _is_of_data(row):
            continue
        if not is_plain(row):
            message = "The line has control characters, or others than ASCII"
            faults.add("not-ascii", message, line=number)
        time, tab, digits = row.rstrip().partition("\t")
        match = _TIME.fullmatch(time)
        if not tab or match is None:
            faults.add("unreadable-line", "The line has no timecode, tab and data", line=number)
            continue
        if match[4] is not None and version == "1.0":
            faults.add("field-beyond-version", "A field behind the timecode takes MCC 2.0", line=number)
        data = _expanded(digits.strip(), number, faults)
        if data:
            yield _Line(number, f"{match[1]}:{match[3]}", match[2], data)


def _expanded(digits: str, number: int, faults: FaultList) -> bytes:
    if len(digits) > _MOST_EXPANDED:
        faults.add("too-much-data", "The line holds more than an ancillary data packet can", line=number)
        return b""
    spelled = digits.translate(_EXPANDED)
    try:
        return bytes.fromhex(spelled)
    except ValueError:
        is_hex = re.fullmatch(r"[0-9A-Fa-f]+", spelled) is not None
        code = "odd-bytes" if is_hex else "bad-word"
        what = "an odd number of hex digits" if is_hex else "characters that stand for no bytes"
        faults.add(code, f"The line has {what}; it is not read", line=number)
        return b""


def _packets(lines: Iterable[_Line], faults: FaultList) -> list[tuple[_Line, Packet]]:
    """The caption distribution packets of the lines that hold one."""
    reader, found = PacketReader(faults=faults), []
    for line in lines:
        identity, words = line.data[:2], line.data[3:-1]
        if identity == _LINE_21_IDENTITY and len(words) >= 3:
            head = 0xFC if words[0] & 0x80 else 0xFD  # ST 334-1 section 5: the field, and the line in it
            found.append((line, Packet(triplets=bytes((head, *words[1:3])), rate_code=0)))
        elif identity == _CDP_IDENTITY:
            if len(line.data) < 4:
                faults.add("anc-length", "The ancillary data packet is cut", line=line.number)
                continue
            if len(words) != line.data[2]:
                message = f"The ancillary data packet states {line.data[2]} words and has {len(words)}"
                faults.add("anc-length", message, line=line.number)
                words = line.data[3 : 3 + line.data[2]]
            elif sum(line.data[:-1]) & 0xFF != line.data[-1]:
                faults.add("anc-checksum", "The checksum of the ancillary data packet is wrong", line=line.number)
            packet = reader.read(words, line=line.number)
            if packet is not None:
                found.append((line, packet))
    return found


def _exact_rate(nominal: int, is_drop: bool, packets: Iterable[tuple[_Line, Packet]], faults: FaultList) -> Fraction:
    """The rate that the packets state, where it counts as the header does; else that of the header."""
    stated = {packet.rate_code: line for line, packet in packets if packet.rate_code in RATES}
    rates = {RATES[code] for code in stated}
    if len(rates) > 1:
        faults.add("cdp-frame-rate", "The packets state several frame rates")
    fitting = {rate for rate in rates if round(rate) == nominal and (not is_drop or rate.denominator != 1)}
    if rates - fitting:
        others = ", ".join(f"{float(rate):.5g}" for rate in sorted(rates - fitting))
        faults.add("cdp-frame-rate", f"The packets state {others} frames per second, the header {nominal}")
    if is_drop:
        return nominal * _SLOWED
    return min(fitting) if fitting else Fraction(nominal)


def _decoded(
    packets: Iterable[tuple[_Line, Packet]], rate: Fraction, is_drop: bool, faults: FaultList
) -> tuple[Document, ...]:
    decoder, count, last = CaptionDecoder(), _Count(rate=rate, is_drop=is_drop, base=nominal_rate(rate)), -1
    for line, packet in packets:
        try:
            frame = count.frame(line.time)
        except ValueError:
            message = f"{line.time} does not exist at this rate; the line is not read"
            faults.add("bad-timecode", message, line=line.number)
            continue
        if line.mark == ";" and not is_drop:
            faults.add("mixed-drop-mode", "The timecode is drop-frame and the header's rate is not", line=line.number)
        if frame < last:
            faults.add("times-out-of-order", "The timecode is earlier than that of a line before", line=line.number)
        last = max(last, frame)
        time = None if packet.timecode is None else Timecode(frame, rate, is_drop)
        if packet.timecode is not None and time is not None and _frames_apart(packet.timecode, time) > _FRAMES_ABREAST:
            message = "The timecode within the packet is another than that of its line"
            faults.add("cdp-timecode", message, line=line.number)
        if not decoder.is_padding(packet.triplets):
            decoder.feed(last / rate, packet.triplets, line=line.number)
    return decoder.documents(line_21="mcc", dtvcc="mcc")


@dataclass(kw_only=True, slots=True)
class _Count:
    """Counts the frames of timecodes; the seconds of one minute are worked out once each, since most lines share
    theirs."""

    rate: Fraction
    is_drop: bool
    base: int
    _seconds: dict[str, int] = field(default_factory=dict)

    def frame(self, time: str) -> int:
        """Of hh:mm:ss:ff; ValueError where there is no such address."""
        second, number = time[:8], int(time[9:])
        begins = self._seconds.get(second)
        if begins is not None and number < self.base:
            return begins + number
        frame = Timecode.parse(time, self.rate, is_drop_frame=self.is_drop).frame
        if second[6:] != "00":
            if len(self._seconds) >= _SECONDS_KEPT:
                self._seconds.clear()
            self._seconds[second] = frame - number
        return frame


def _frames_apart(stated: tuple[int, int, int, int], time: Timecode) -> int:
    """Between the timecode in a packet and that of its line; frames above 30 a second are counted in pairs there."""
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;]", str(time)))
    base = round(time.rate)
    own = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    pair = 2 if base > 30 else 1
    return abs(((stated[0] * 60 + stated[1]) * 60 + stated[2]) * base + stated[3] * pair - own)
