"""Reads the metadata of Broadcast Wave files: bext (EBU Tech 3285 and its Supplements), iXML, and the format chunk's
tag; decodes nothing.

Every size is taken as a claim: it moves a file position and never sets aside memory beyond a bound of ours.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.probing.reading import StatedTimecode
from deliverqc.probing.wrappers.bounds import TooMuchError
from deliverqc.timebase import format_rate

_FORMS = (b"RIFF", b"RF64", b"BW64")
_MAXIMUM_CHUNKS = 10_000
_MAXIMUM_IXML_BYTES = 4 * 1024 * 1024  # house choice: a hundred times what recorders and workstations write
_BEXT_BYTES = 602
_NAME = re.compile(rb"[A-Za-z0-9_ .-]{4}")
_PADDING_NAMES = (b"JUNK", b"FLLR", b"PAD ", b"junk", b"filr")
_UNSTATED_LOUDNESS = 0x7FFF  # EBU Tech 3285 v2, section 2.4: a value that is not used
_WITH_LOUDNESS_VERSION = 2
_LOUDNESS = (
    "wrapper.bwf_integrated_lufs",
    "wrapper.bwf_loudness_range_lu",
    "wrapper.bwf_max_true_peak_dbtp",
    "wrapper.bwf_max_momentary_lufs",
    "wrapper.bwf_max_short_term_lufs",
)
_WAVE_FORMATS = {1: "pcm", 3: "ieee_float", 0xFFFE: "extensible"}
_DATE, _TIME = re.compile(r"\d{4}.\d{2}.\d{2}"), re.compile(r"\d{2}.\d{2}.\d{2}")
_ELEMENT = r"<{0}>\s*([^<]*?)\s*</{0}>"
_FLAGS = {"DF": True, "NDF": False}


@dataclass(kw_only=True, slots=True)
class BroadcastWave:
    """`facts`: by their registered names, what is not stated left out. `timecodes`: the start that bext states, counted
    at the rate that iXML states. `elements`: beds and objects by ADM, None without ADM or where it cannot be
    read (`has_unread_elements`)."""

    facts: Facts = field(default_factory=dict)
    timecodes: tuple[StatedTimecode, ...] = ()
    elements: list[Facts] | None = None
    has_unread_elements: bool = False


def read_broadcast_wave(file: BinaryIO, size: int) -> BroadcastWave:
    """Read the chunks of a WAVE file, those behind the audio too; empty for any other file."""
    facts: Facts = {}
    behind: list[str] | None = None
    rate_hz = 0
    model: dict[bytes, tuple[int, int]] = {}
    for kind, payload, length in _chunks(file, size):
        file.seek(payload)
        if kind == b"data":
            behind = [] if behind is None else behind
        elif behind is not None and kind not in _PADDING_NAMES and kind.decode("latin-1").strip() not in behind:
            behind.append(kind.decode("latin-1").strip())
        if kind == b"fmt " and length >= 16:
            tag, _, rate_hz = struct.unpack("<HHI", file.read(8).ljust(8, b"\0"))
            facts["wrapper.wave_format"] = _WAVE_FORMATS.get(tag, f"other:0x{tag:04x}")
        elif kind == b"bext" and length >= _BEXT_BYTES - 256:
            facts |= _bext(file.read(_BEXT_BYTES).ljust(_BEXT_BYTES, b"\0"))
        elif kind in (b"chna", b"axml"):
            model[kind] = (payload, length)
        elif kind == b"iXML":
            facts |= _ixml(file.read(min(length, _MAXIMUM_IXML_BYTES)))
    if behind is not None:
        facts["wrapper.chunks_behind_audio"] = behind
    facts = {name: value for name, value in facts.items() if value is not None}
    elements = _elements(file, model)
    return BroadcastWave(
        facts=facts,
        timecodes=tuple(_timecodes(facts, rate_hz)),
        elements=elements if elements or b"chna" in model else None,
        has_unread_elements=elements is None,
    )


def _elements(file: BinaryIO, model: dict[bytes, tuple[int, int]]) -> list[Facts] | None:
    """Beds and objects by the chunks of ADM; None where these cannot be read."""
    if not model:
        return []
    from deliverqc.probing.wrappers.adm import read_elements  # few files hold ADM

    return read_elements(file, model)


def _chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and length of each chunk; in RF64 the data chunk's length is that of the ds64 chunk."""
    file.seek(0)
    start = file.read(12)
    if start[:4] not in _FORMS or start[8:] != b"WAVE":
        return
    place, long_size = 12, 0
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(place)
        header = file.read(8)
        if len(header) < 8 or not _NAME.fullmatch(header[:4]):
            return
        kind, length = struct.unpack("<4sI", header)
        if kind == b"ds64":
            long_size = int.from_bytes(file.read(16)[8:], "little")
        if kind == b"data" and length == 0xFFFFFFFF and long_size:
            length = long_size
        yield kind, place + 8, min(length, size - place - 8)
        place += 8 + length + length % 2
    raise TooMuchError(f"it has more than {_MAXIMUM_CHUNKS:,} chunks in a row")


def _bext(data: bytes) -> Facts:
    """The fixed part of a bext chunk (EBU Tech 3285 v2, section 2.3)."""
    date, time = (data[start:stop].split(b"\0")[0].decode("latin-1") for start, stop in ((320, 330), (330, 338)))
    low, high, version = struct.unpack_from("<IIH", data, 338)
    facts: Facts = {
        "wrapper.bwf_time_reference_samples": high << 32 | low,
        "wrapper.bwf_version": version,
        "wrapper.bwf_origination_date": date if _DATE.fullmatch(date) else None,
        "wrapper.bwf_origination_time": time if _TIME.fullmatch(time) else None,
    }
    values = struct.unpack_from("<5h", data, 412)
    if version >= _WITH_LOUDNESS_VERSION and any(values):
        facts |= {
            name: value / 100 for name, value in zip(_LOUDNESS, values, strict=True) if value != _UNSTATED_LOUDNESS
        }
    return facts


def _ixml(data: bytes) -> Facts:
    """What an iXML document states of time (iXML specification 1.5, SPEED); no entity is resolved."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    text = data.decode(encoding, errors="replace")

    def element(name: str) -> str | None:
        match = re.search(_ELEMENT.format(name), text)
        return match[1] if match and match[1] else None

    high, low = (_whole(element(f"TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_{half}")) for half in ("HI", "LO"))
    rate = _rate(element("TIMECODE_RATE"))
    return {
        "wrapper.ixml_start_samples": None if low is None else (high or 0) << 32 | low,
        "wrapper.ixml_sample_rate_hz": _whole(element("FILE_SAMPLE_RATE")) or None,
        "wrapper.ixml_timecode_rate": None if rate is None else format_rate(rate),
        "wrapper.ixml_drop_frame": _FLAGS.get(element("TIMECODE_FLAG") or ""),
    }


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 12 else None


def _rate(text: str | None) -> Fraction | None:
    """`24000/1001`, or a whole number alone."""
    numerator, _, denominator = (text or "").partition("/")
    over, under = _whole(numerator), _whole(denominator or "1")
    return Fraction(over, under) if over and under else None


def _timecodes(facts: Facts, rate_hz: int) -> Iterator[StatedTimecode]:
    start = facts.get("wrapper.bwf_time_reference_samples")
    if start is None or not rate_hz:
        return
    rate = _rate(facts.get("wrapper.ixml_timecode_rate"))
    flag = facts.get("wrapper.ixml_drop_frame")
    first = start + 1 if rate else start  # where a frame begins between two samples, writers give the one before it
    number = int(Fraction(first, rate_hz) * (rate or 1))
    yield StatedTimecode(source="bext", start=number, rate=rate, is_drop_frame=flag if rate else None)
