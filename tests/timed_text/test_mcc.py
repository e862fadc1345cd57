"""MCC by the rules of ST 334-2 and of its own header, as ffmpeg expands it, and every fault by a change to a clean
file."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import av
import pytest

from deliverqc.timebase import Timecode
from deliverqc.timed_text.cdp import PacketReader, triplets_in
from deliverqc.timed_text.mcc import _Count, read
from deliverqc.timed_text.model import TextError
from deliverqc.timed_text.reading import read_bytes
from tests.material import material
from tests.timed_text.test_line_21 import words

_UUID = "6CA25733-0FEE-434E-A427-010F80EDC284"
_COUNTS = {1: 25, 4: 20, 7: 10}
_TEXT = words("{ENM}{RCL}{1470}Hello{EDM}{EOC}")


def cdp(number: int, pairs: list[tuple[int, int]], *, rate: int = 4, sections: bytes = b"", flags: int = 0x43) -> bytes:
    """A caption distribution packet (ST 334-2 section 5)."""
    count = _COUNTS[rate]
    triplets = b"".join(bytes((0xFC, *pair)) for pair in pairs) + b"\xfa\0\0" * (count - len(pairs))
    counter = number.to_bytes(2, "big")
    body = bytes((0x72, 0xE0 | count)) + triplets + sections + b"\x74" + counter
    head = b"\x96\x69" + bytes((7 + len(body) + 1, rate << 4 | 0x0F, flags)) + counter
    return head + body + bytes((-sum(head + body) & 0xFF,))


def ancillary_packet(words_: bytes, *, kind: bytes = b"\x61\x01") -> bytes:
    data = kind + bytes((len(words_),)) + words_
    return data + bytes((sum(data) & 0xFF,))


Packet = Callable[[int, list[tuple[int, int]]], bytes]


def mcc(packet: Packet = cdp, *, rate: str = "30DF", version: str = "1.0", frames: int = 30) -> str:
    """A pair of the text in every frame from the tenth on."""
    head = f"File Format=MacCaption_MCC V{version}\n\n// a comment\n\nUUID={_UUID}\nTime Code Rate={rate}\n\n"
    lines = []
    for number in range(frames):
        place = number - 10
        pairs = _TEXT[place : place + 1] if place >= 0 else []
        lines.append(f"01:00:00:{number:02}\t{ancillary_packet(packet(number, pairs)).hex().upper()}")
    return head + "\n".join(lines) + "\n"


_CLEAN = mcc()
_RATES = {
    "30DF": (mcc(), Fraction(30000, 1001), "drop_ntsc", Fraction(3600 * 30 - 108)),
    "30 by the packets": (mcc(rate="30"), Fraction(30000, 1001), "non_drop", Fraction(3600 * 30)),
    "24 by the packets": (
        mcc(lambda number, pairs: cdp(number, pairs, rate=1), rate="24", frames=24),
        Fraction(24000, 1001),
        "non_drop",
        Fraction(3600 * 24),
    ),
}


@pytest.mark.parametrize("name", _RATES)
def test_times_are_exact(name: str) -> None:
    text, rate, drop, start = _RATES[name]
    (document,) = read(text.encode(), "a.mcc")
    assert (document.format, document.service, document.frame_rate, document.drop_mode) == ("mcc", "cc1", rate, drop)
    (event,) = document.events
    assert (event.lines, event.begin_s) == (("Hello",), (start + 10 + 11) / rate)
    assert not document.faults


def test_ffmpeg_expands_the_same_data() -> None:
    """libav's demuxer gives the triplets of each line; ours come through the packets that it hands on."""
    path = material("caption_inspector/test/media/BigBuckBunny_256x144-24fps.mcc")
    with av.open(str(path)) as container:
        theirs = [bytes(packet) for packet in container.demux() if packet.size]
    from deliverqc.timed_text import mcc as reader

    rows = path.read_text(encoding="utf-8").splitlines()
    ours = [triplets_in(line.data[3:]) for line in reader._lines(rows, "1.0", reader.FaultList())]
    assert ours == theirs
    assert len(ours) > 600


_SERVICES = b"\x73\xf2" + b"\xe0eng\x7e\x3f\xff" + b"\xe1spa\xc2\x3f\xff"


def test_languages_are_those_of_the_packets() -> None:
    text = mcc(lambda number, pairs: cdp(number, pairs, sections=_SERVICES, flags=0x63))
    (document,) = read_bytes(text.encode(), "mcc", "a.mcc")
    assert (document.language, document.faults) == ("eng", ())


def _cdp(**change: object) -> Packet:
    """Packets of which one, the fifth, is changed by a function of its bytes, or all by settings."""

    def made(number: int, pairs: list[tuple[int, int]]) -> bytes:
        data = cdp(number, pairs, **{key: value for key, value in change.items() if key != "fifth"})  # type: ignore[arg-type]
        fifth = change.get("fifth")
        return fifth(data) if callable(fifth) and number == 4 else data

    return made


def _summed(data: bytes) -> bytes:
    return data[:-1] + bytes((-sum(data[:-1]) & 0xFF,))


def _short(data: bytes) -> bytes:
    """The packet without its last triplet."""
    shorter = data[:2] + bytes((data[2] - 3,)) + data[3:8] + bytes((data[8] - 1,)) + data[9:-7] + data[-4:]
    return _summed(shorter)


FAULTS = {
    "nothing": (_CLEAN, set()),
    "no packets between": (mcc(frames=24), set()),
    "a checksum of a packet": (mcc(_cdp(fifth=lambda data: data[:-1] + bytes((data[-1] ^ 1,)))), {"cdp-checksum"}),
    "a length of a packet": (
        mcc(_cdp(fifth=lambda data: _summed(data[:2] + bytes((data[2] + 1,)) + data[3:]))),
        {"cdp-length"},
    ),
    "a counter that jumps": (mcc(lambda number, pairs: cdp(number + (number > 4), pairs)), {"cdp-sequence"}),
    "a counter at the end": (
        mcc(_cdp(fifth=lambda data: _summed(data[:-2] + bytes((data[-2] ^ 1,)) + data[-1:]))),
        {"cdp-footer"},
    ),
    "too few triplets": (mcc(lambda number, pairs: _short(cdp(number, pairs))), {"cc-count"}),
    "a section that is not stated": (mcc(_cdp(sections=_SERVICES)), {"cdp-flags"}),
    "a section that is not there": (mcc(_cdp(flags=0xC3)), {"cdp-flags"}),
    "another rate": (mcc(_cdp(rate=7)), {"cdp-frame-rate"}),
    "a rate that is none": (
        mcc(_cdp(fifth=lambda data: _summed(data[:3] + b"\xff" + data[4:]))),
        {"cdp-frame-rate"},
    ),
    "another packet": (mcc(_cdp(fifth=lambda data: b"\x00" + data[1:])), {"not-a-cdp", "cdp-sequence"}),
    "a length of ancillary data": (_CLEAN.replace("\n01:00:00:05", "00\n01:00:00:05"), {"anc-length"}),
    "an odd digit": (_CLEAN.replace("\n01:00:00:05", "0\n01:00:00:05"), {"odd-bytes", "cdp-sequence"}),
    "another letter": (_CLEAN.replace("\n01:00:00:05", "Y\n01:00:00:05"), {"bad-word", "cdp-sequence"}),
    "an earlier time": (_CLEAN.replace("\n01:00:00:05", "\n01:00:00:02"), {"times-out-of-order"}),
    "a time that is none": (_CLEAN.replace("\n01:00:00:05", "\n01:00:61:02"), {"bad-timecode"}),
    "a dropped number": (_CLEAN.replace("\n01:00:00:05", "\n01:01:00:00"), {"bad-timecode"}),
    "a line without data": (_CLEAN + "01:00:01:00\n", {"unreadable-line"}),
    "a UUID that is none": (_CLEAN.replace(_UUID, "6CA25733"), {"bad-uuid"}),
    "a rate of version 2": (
        mcc(_cdp(rate=7), rate="60DF"),
        {"rate-beyond-version"},
    ),
    "a field of version 2": (_CLEAN.replace(":05\t", ":05.0\t"), {"field-beyond-version"}),
    "a parity bit": (
        mcc(lambda number, pairs: cdp(number, [(0x48, 0x65)] if number == 16 else pairs)),
        {"parity-error"},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_by_a_change(name: str) -> None:
    text, expected = FAULTS[name]
    assert {fault.code for one in read(text.encode(), "a.mcc") for fault in one.faults} == expected


def test_a_checksum_of_ancillary_data_is_checked() -> None:
    rows = _CLEAN.splitlines()
    rows[-1] = rows[-1][:-2] + f"{int(rows[-1][-2:], 16) ^ 1:02X}"
    (document,) = read("\n".join(rows).encode(), "a.mcc")
    assert [(fault.code, fault.line) for fault in document.faults] == [("anc-checksum", len(rows))]


@pytest.mark.parametrize(("hours", "expected"), [(1, set()), (2, {"cdp-timecode"})])
def test_timecodes_in_packets_are_those_of_their_lines(hours: int, expected: set[str]) -> None:
    def packet(number: int, pairs: list[tuple[int, int]]) -> bytes:
        data = cdp(number, pairs, flags=0xC3)
        decimal = number // 10 << 4 | number % 10
        timecode = bytes((0x71, 0xC0 | hours, 0x80, 0x80, 0x80 | decimal))
        return _summed(data[:2] + bytes((data[2] + 5,)) + data[3:7] + timecode + data[7:])

    assert {fault.code for one in read(mcc(packet).encode(), "a.mcc") for fault in one.faults} == expected


REFUSED = {
    "another version": (_CLEAN.replace("V1.0", "V3.0"), "missing-header"),
    "no rate": (_CLEAN.replace("Time Code Rate", "Rate"), "missing-rate"),
    "another rate": (_CLEAN.replace("=30DF", "=29.97"), "bad-rate"),
    "drop-frame at 24": (_CLEAN.replace("=30DF", "=24DF"), "bad-rate"),
    "no line that can be read": (_CLEAN.replace("\t", " "), "no-captions"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    text, code = REFUSED[name]
    with pytest.raises(TextError, match=r"a\.mcc") as caught:
        read(text.encode(), "a.mcc")
    assert caught.value.code == code


def test_version_2_and_line_21_are_read() -> None:
    lines = [
        f"00:00:01:{number:02}.0,9\t{ancillary_packet(bytes((0x8C, *pair)), kind=bytes((0x61, 2))).hex()}"
        for number, pair in enumerate(_TEXT)
    ]
    text = f"File Format=MacCaption_MCC V2.0\n\nUUID={_UUID}\nTime Code Rate=30\n\n" + "\n".join(lines)
    (document,) = read(text.encode(), "a.mcc")
    assert ([event.lines for event in document.events], document.faults) == ([("Hello",)], ())
    assert (document.frame_rate, document.service) == (Fraction(30), "cc1")


def _packet(number: int, footer: int | None = None, *, damage: int = 0) -> bytes:
    """A packet of padding at 30 fps: counter, and checksum by SMPTE ST 334-2 section 5.6."""
    body = b"\x72\xf4" + b"\xfc\x80\x80" + 19 * b"\xfa\x00\x00"
    words = b"\x96\x69" + bytes((7 + len(body) + 4, 0x4F, 0x43)) + number.to_bytes(2, "big") + body
    words += b"\x74" + (number if footer is None else footer).to_bytes(2, "big")
    return words + bytes((-sum(words) + damage & 0xFF,))


@pytest.mark.parametrize(
    ("second", "codes"),
    [
        (_packet(2), []),
        (_packet(3), ["cdp-sequence"]),
        (_packet(2, 7), ["cdp-footer"]),
        (_packet(2, damage=1), ["cdp-checksum"]),
    ],
    ids=["good", "sequence", "footer", "checksum"],
)
def test_a_packet_like_the_one_before_is_held_to_its_own_counters_and_checksum(second: bytes, codes: list[str]) -> None:
    reader = PacketReader()
    first = reader.read(_packet(1))
    packet = reader.read(second)
    assert first is not None and packet is not None and packet.triplets == first.triplets
    assert [one.code for one in reader.faults.faults()] == codes


@pytest.mark.parametrize(("rate", "is_drop"), [(Fraction(30000, 1001), True), (Fraction(24), False)], ids=["df", "24"])
def test_every_line_has_the_frame_of_its_timecode(rate: Fraction, is_drop: bool) -> None:
    count = _Count(rate=rate, is_drop=is_drop, base=round(rate))
    for frame in (0, 1, 29, 30, 1798, 1799, 1800, 1801, 3597, 3598, 17981, 17982, 107892):
        text = str(Timecode(frame, rate, is_drop)).replace(";", ":")
        assert count.frame(text) == count.frame(text) == frame
    for wrong in ("00:01:00:00" if is_drop else "00:00:01:24", "00:00:00:30", "00:60:00:00"):
        with pytest.raises(ValueError, match="00"):
            count.frame(wrong)
