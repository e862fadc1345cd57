"""Captions in band: carriers and services, as the standards, ffprobe and MediaInfo tell them."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from deliverqc import measure
from deliverqc.measuring.caption_facts import caption_facts
from deliverqc.signals.ancillary import joined_captions
from deliverqc.signals.headers.captions import (
    A53,
    CARRIERS,
    CC1,
    CC2,
    CC4,
    DTVCC,
    NOT_LOOKED_AT,
    SERVICES,
    XDS,
    captions_in,
)
from deliverqc.signals.headers.captions import ancillary_captions as ancillary
from deliverqc.signals.tables import DecodeLog, Signals
from fixtures.ffmpeg import make
from tests.material import material

_NULL = (0xFC, 0x80, 0x80)
_RESUME_CC1, _RESUME_CC2 = (0xFC, 0x94, 0x20), (0xFC, 0x1C, 0x20)  # CTA-608: 14 20 and 1C 20, odd parity
_RESUME_CC4, _PROGRAMME_NAME = (0xFD, 0x9D, 0x20), (0xFD, 0x01, 0x83)
_SERVICE_1, _NULL_BLOCK = (0xFF, 0x02, 0x21), (0xFF, 0x02, 0x00)  # CTA-708: size code 2; service 1 with one byte
_USER_DATA = b"\0\0\1\xb2"

CC_DATA: dict[str, tuple[Sequence[tuple[int, ...]], int]] = {
    "padding": ([_NULL, (0xFD, 0x80, 0x80), (0xFA, 0, 0)], 0),
    "captions on channel 1": ([_NULL, _RESUME_CC1], A53 | CC1),
    "captions on channel 2": ([_RESUME_CC2], A53 | CC2),
    "captions on channel 4": ([_RESUME_CC4], A53 | CC4),
    "the programme's name": ([_PROGRAMME_NAME], A53 | XDS),
    "letters alone": ([(0xFC, 0xC8, 0xE5)], A53),
    "service 1": ([_NULL, _SERVICE_1], A53 | DTVCC),
    "a packet without a service": ([_NULL_BLOCK], 0),
    "pairs that are not valid": ([(0xF8, 0x94, 0x20), (0xFB, 0x02, 0x21)], 0),
}


def cc_data(triplets: Sequence[tuple[int, ...]]) -> bytes:
    """CTA-708 section 4.4."""
    return bytes([0x40 | len(triplets), 0xFF]) + b"".join(map(bytes, triplets)) + b"\xff"


@pytest.mark.parametrize("name", CC_DATA)
def test_services_are_told_by_what_is_no_padding(name: str) -> None:
    triplets, expected = CC_DATA[name]
    atsc, directv = b"GA94\x03" + cc_data(triplets), b"\x03" + cc_data(triplets)
    for message in (b"\xb5\x00\x31" + atsc, b"\xb5\x00\x2f" + directv):
        assert captions_in(b"\0\0\1\x06\x04\x30" + message + b"\x80", is_mpeg2=False) == expected
    for message in (atsc, b"\xb5\x00\x2f" + directv):
        assert captions_in(_USER_DATA + message + b"\0\0\1\1", is_mpeg2=True) == expected


def test_what_only_looks_like_captions_is_none() -> None:
    assert captions_in(b"\xb5\x00\x2f\x03\x44\xff\x12\x34\x56" + bytes(40), is_mpeg2=False) == 0
    assert captions_in(b"text GA94\x03" + cc_data([_RESUME_CC1]), is_mpeg2=False) == 0
    assert captions_in(_USER_DATA + b"DTG1\x41\xfa" + bytes(40), is_mpeg2=True) == 0


def _scte20(pairs: Sequence[tuple[int, int, int]]) -> bytes:
    """ANSI/SCTE 20 section 5: field, and two bytes with their bits reversed."""
    bits = f"{len(pairs):05b}"
    for field, first, second in pairs:
        bits += f"00{field:02b}01011{f'{first:08b}'[::-1]}{f'{second:08b}'[::-1]}1"
    bits += "0" * (-len(bits) % 8)
    return b"\x03\x81" + int(bits, 2).to_bytes(len(bits) // 8, "big")


_DVD = b"CC\x01\xf8\x82" + bytes([0xFF, 0x94, 0x20, 0xFE, 0x80, 0x80])
_USER = {
    "a53": (b"GA94\x03" + cc_data([_NULL, _RESUME_CC1]), ["cc1"]),
    "scte20": (_scte20([(1, 0x94, 0x20), (2, 0x9D, 0x20)]), ["cc1", "cc4"]),
    "dvd": (_DVD, ["cc1"]),
}


def _mpeg2(path: Path, user_data: bytes, *, ancillary: Sequence[bytes] = (), kind: str = "mpeg") -> Path:
    """Ten small frames of MPEG-2, with user data in front of the slices of each from the fifth on."""
    with av.open(str(path), "w", format=kind) as container:
        stream: Any = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        data: Any = container.add_data_stream("smpte_436m_anc") if ancillary else None
        if data is not None:
            data.time_base = Fraction(1, 25)
        container.start_encoding()
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 40 + 9 * number, np.uint8), format="yuv420p")
            frame.pts = number
            for packet in stream.encode(frame):
                container.mux(_with_user_data(packet, user_data if number > 4 else b""))
            if data is not None:
                container.mux(_stamped(av.Packet(ancillary[number % len(ancillary)]), data, number))
        container.mux(stream.encode(None))
    return path


def _stamped(packet: Any, stream: Any, number: int) -> Any:
    packet.stream, packet.time_base = stream, Fraction(1, 25)
    packet.pts = packet.dts = number
    packet.duration = 1
    return packet


def _with_user_data(packet: Any, user_data: bytes) -> Any:
    if not user_data:
        return packet
    data = bytes(packet)
    at = data.find(b"\0\0\1\1")
    changed = av.Packet(data[:at] + _USER_DATA + user_data + data[at:])
    changed.stream, changed.time_base = packet.stream, packet.time_base
    changed.pts, changed.dts, changed.duration = packet.pts, packet.dts, packet.duration
    changed.is_keyframe = packet.is_keyframe
    return changed


def _facts(path: Path) -> Any:
    return measure(path).subjects[0].facts


def _in_band(path: Path) -> tuple[Any, Any]:
    facts = _facts(path)
    return facts.get("timed_text.in_band.carriers"), facts.get("timed_text.in_band.services")


@pytest.mark.parametrize("carrier", _USER)
def test_user_data_of_mpeg_2_is_read(carrier: str) -> None:
    user_data, services = _USER[carrier]
    assert _words_of(captions_in(_USER_DATA + user_data + b"\0\0\1\1", is_mpeg2=True)) == {carrier, *services}


def _words_of(bits: int) -> set[str]:
    return {name for name, bit in {**CARRIERS, **SERVICES}.items() if bits & bit}


def test_user_data_of_late_frames_is_found_in_the_file(tmp_path: Path) -> None:
    assert _in_band(_mpeg2(tmp_path / "made.mpg", _USER["a53"][0])) == (["a53"], ["cc1"])


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is the peer")
@pytest.mark.parametrize("carrier", _USER)
def test_ffprobe_finds_captions_in_the_same_user_data(carrier: str, tmp_path: Path) -> None:
    path = _mpeg2(tmp_path / "made.mpg", _USER[carrier][0])
    asked = ["ffprobe", "-v", "error", "-show_entries", "frame_side_data=side_data_type", "-of", "json", str(path)]
    told = subprocess.run(asked, capture_output=True, check=True, text=True).stdout
    assert "Closed Captions" in json.dumps(json.loads(told))


def test_a_file_without_captions_says_so(tmp_path: Path) -> None:
    assert _in_band(_mpeg2(tmp_path / "made.mpg", b"")) == ([], [])


def _words(did: int, sdid: int, words: bytes) -> bytes:
    return bytes([did, sdid, len(words)]) + words + b"\0"


def _frame(*packets: bytes, coding: int = 4) -> bytes:
    """Ancillary data packets of one frame (SMPTE ST 436-1 section 7), in eight bits, or in ten with coding 7."""
    made = struct.pack(">H", len(packets))
    for words in packets:
        data = words + bytes(-len(words) % 4)
        if coding == 7:
            padded = words + bytes(-len(words) % 3)
            threes = (padded[at : at + 3] for at in range(0, len(padded), 3))
            data = b"".join(struct.pack(">I", one[0] << 22 | one[1] << 12 | one[2] << 2) for one in threes)
        made += struct.pack(">HBBHII", 9, 1, coding, len(words), len(data), 1) + data
    return made


_CDP_DATA = bytes([0x72, 0xE2]) + bytes(_NULL) + bytes(_RESUME_CC1)  # ST 334-2: two triplets
_CDP = _words(0x61, 0x01, b"\x96\x69\x14\x3f\x43\0\0" + _CDP_DATA)
_CDP_WITH_TIMECODE = _words(0x61, 0x01, b"\x96\x69\x19\x3f\xc3\0\0" + b"\x71\xc0\x80\x80\x80" + _CDP_DATA)
_EMPTY_CDP = _words(0x61, 0x01, b"\x96\x69\x14\x3f\x43\0\0" + bytes([0x72, 0xE1]) + bytes(_NULL))
_LINE_21 = _words(0x61, 0x02, bytes([0x8C, 0x94, 0x20]))
_OP47 = _words(0x43, 0x02, b"\x51\x15\x32\x02" + bytes([0x95, 0, 0, 0, 0]) + b"\x55\x55\x27" + bytes(42) + b"\x74\0\0")
_EMPTY_OP47 = _words(0x43, 0x02, b"\x51\x15\x0c\x02" + bytes(5) + b"\x74\0\0\x12")
_AFD = _words(0x41, 0x05, bytes([0x54, 0, 0, 0, 0, 0, 0, 0]))

ANCILLARY = {
    "caption distribution packet": (_frame(_AFD, _CDP), {"st334", "cc1"}),
    "with a timecode": (_frame(_CDP_WITH_TIMECODE), {"st334", "cc1"}),
    "in ten bits": (_frame(_CDP, coding=7), {"st334", "cc1"}),
    "line 21": (_frame(_LINE_21), {"st334", "cc1"}),
    "teletext": (_frame(_OP47), {"op47", "teletext"}),
    "padding and format": (_frame(_AFD, _EMPTY_CDP, _EMPTY_OP47), set()),
    "none": (_frame(), set()),
    "two components in one": (_frame(_AFD, coding=6), None),
    "cut": (_frame(_AFD, _CDP)[:-9], None),
}


@pytest.mark.parametrize("name", ANCILLARY)
def test_ancillary_data_packets_tell_carrier_and_services(name: str) -> None:
    data, expected = ANCILLARY[name]
    assert (ancillary(data) if expected is None else _words_of(ancillary(data))) == (
        NOT_LOOKED_AT if expected is None else expected
    )


@pytest.mark.parametrize(("name", "expected"), [("line 21", (["st334"], ["cc1"])), ("cut", (None, None))])
def test_ancillary_data_of_mxf_is_read_in_every_frame(name: str, expected: Any, tmp_path: Path) -> None:
    others = [_frame()] * 4  # the fifth frame is the one
    path = _mpeg2(tmp_path / "made.mxf", b"", ancillary=[*others, ANCILLARY[name][0]], kind="mxf")
    assert _in_band(path) == expected
    if expected[1]:
        (found,) = _facts(path)["timed_text.caption_services"]
        assert (found["carrier"], found["service"], found["first_s"]) == ("st436_vanc", "cc1", 0.16)


def test_vbi_lines_of_mxf_leave_it_open(tmp_path: Path) -> None:
    path = _mpeg2(tmp_path / "made.mxf", b"", ancillary=[_frame()], kind="mxf")
    vanc, vbi = (bytes.fromhex(f"0d010301020{kind}0000") for kind in "ed")
    path.write_bytes(path.read_bytes().replace(vanc, vbi))
    facts = _facts(path)
    assert facts["timed_text.carrier_tracks"] == ["st436_vbi"]
    assert "timed_text.in_band.carriers" not in facts


def test_parts_are_joined() -> None:
    assert [joined_captions(parts) for parts in ([0, CC1], [None, CC1], [0, None], [0, 0])] == [CC1, CC1, None, 0]
    assert ancillary(b"") == 0
    assert ancillary(struct.pack(">H", 1)) == NOT_LOOKED_AT


def test_caption_tracks_of_quicktime_are_carriers(tmp_path: Path) -> None:
    captions = tmp_path / "made.scc"
    captions.write_text("Scenarist_SCC V1.0\n\n00:00:00:10\t9420 9420 9470 9470 c8e5 942f 942f\n", encoding="utf-8")
    picture = "-f lavfi -i testsrc2=s=64x48:r=30:d=0.5"
    path = make(tmp_path / "made.mov", f"{picture} -i {captions} -map 0 -map 1 -c:v png -c:s copy")
    for entry, carrier in (("c608", "cea_608"), ("c708", "cea_708")):
        path.write_bytes(path.read_bytes().replace(b"c608", entry.encode()))
        facts = _facts(path)
        assert facts["timed_text.carrier_tracks"] == [carrier]
        assert facts["timed_text.in_band.carriers"] == [f"{carrier}_track"]
        assert facts["timed_text.in_band.services"] == ["cc1"]


def test_captions_of_a_real_stream_are_those_that_mediainfo_lists() -> None:
    """MediaInfo: EIA-608 in CC1 and CC3, EIA-708 in six services, from 31 s on."""
    path = material("caption_inspector/test/media/BigBuckBunny_256x144-24fps.ts")
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    found = 0
    for packet in packets:
        found |= captions_in(packet, is_mpeg2=False)
    assert _words_of(found) == {"a53", "cc1", "cc3", "dtvcc"}


def test_no_signals_of_a_picture_leave_it_open() -> None:
    log = DecodeLog(
        errors=(),
        warnings=(),
        frame_count=None,
        missing_frame_count=None,
        undecodable=(),
        ancillary_captions=0,
        caption_tracks=(),
    )
    signals = Signals(picture=None, sounds=(), log=log)
    stated = {"timed_text.carrier_tracks": [], "picture.track_count": 1}
    assert "timed_text.in_band.carriers" not in caption_facts(stated, signals)
    assert caption_facts(stated | {"picture.track_count": 0}, signals)["timed_text.in_band.carriers"] == []
