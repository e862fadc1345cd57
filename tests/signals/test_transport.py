"""PES packets of transport streams that a reader drops or cuts without a word. Truth: streams made packet by packet, by
ISO/IEC 13818-1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import pytest

from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
from deliverqc.signals.tables import Signals
from deliverqc.signals.transport import PesFault, _Reader, pes_faults
from fixtures.ffmpeg import make

_MAP_PID, _VIDEO, _SOUND, _CUES = 0x100, 0x101, 0x102, 0x103


def _crc(data: bytes) -> int:
    """Annex A, bit by bit."""
    held = 0xFFFFFFFF
    for byte in data:
        held ^= byte << 24
        for _ in range(8):
            held = (held << 1 ^ (0x04C11DB7 if held & 0x80000000 else 0)) & 0xFFFFFFFF
    return held


def _section(table: int, body: bytes) -> bytes:
    held = bytes([table, 0xB0, len(body) + 9]) + b"\0\1\xc1\0\0" + body
    return b"\0" + held + _crc(held).to_bytes(4, "big")


def _packet(
    pid: int, payload: bytes, counter: int, *, begins: bool = True, flags: int = 0, scrambled: int = 0
) -> bytes:
    """One packet, filled up by its adaptation field."""
    room = 184 - len(payload)
    head = bytes([0x47, begins << 6 | pid >> 8, pid & 255])
    if not room:
        return head + bytes([0x10 | counter & 15]) + payload
    field = bytes([room - 1]) + (bytes([flags]) + b"\xff" * (room - 2) if room > 1 else b"")
    return head + bytes([0x30 | counter & 15]) + field + payload


def _pes(stream: int, size: int = 300, *, is_stated: bool = True) -> bytes:
    length = (size + 3).to_bytes(2, "big") if is_stated else b"\0\0"
    return b"\0\0\1" + bytes([stream]) + length + b"\x80\0\0" + b"\x55" * size


def _packets(pid: int, pes: Sequence[bytes], *, flags: int = 0) -> list[bytes]:
    """The packets of one stream, in order."""
    found: list[bytes] = []
    for one in pes:
        for at in range(0, len(one), 184):
            found.append(_packet(pid, one[at : at + 184], len(found), begins=at == 0, flags=flags))
    return found


def _stream(video: list[bytes], sound: list[bytes], cues: int = 0x86) -> list[bytes]:
    association = _section(0, b"\0\1" + (0xE000 | _MAP_PID).to_bytes(2, "big"))
    entries = b"".join(
        bytes([kind]) + (0xE000 | pid).to_bytes(2, "big") + b"\xf0\0"
        for kind, pid in ((0x02, _VIDEO), (0x81, _SOUND), (cues, _CUES))
    )
    programme = _section(2, (0xE000 | _VIDEO).to_bytes(2, "big") + b"\xf0\0" + entries)
    maps = [_packet(0, association.ljust(184, b"\xff"), 0), _packet(_MAP_PID, programme.ljust(184, b"\xff"), 0)]
    return [*maps, *video, *sound, _packet(_CUES, b"\0\xfc\x30\x11".ljust(184, b"\xff"), 0)]


def _whole() -> list[bytes]:
    video = _packets(_VIDEO, [_pes(0xE0, 700, is_stated=False)] * 12)
    return _stream(video, _packets(_SOUND, [_pes(0xBD)] * 12))


def _faults(tmp_path: Path, packets: Sequence[bytes], before: int = 0) -> list[PesFault]:
    path = tmp_path / "s.ts"
    path.write_bytes(b"".join(bytes(before) + packet for packet in packets))
    return list(pes_faults(path))


def decoded(path: Path) -> Signals:
    return decode(path, plan_of(probe(path)))


@pytest.mark.parametrize("before", [0, 4])
def test_a_whole_stream_has_no_fault(tmp_path: Path, before: int) -> None:
    assert _faults(tmp_path, _whole(), before) == []


def _of(packets: list[bytes], pid: int, number: int) -> int:
    """The place in the list of the `number`th packet of that stream in which a PES packet begins."""
    held = [at for at, one in enumerate(packets) if one[1] & 0x40 and int.from_bytes(one[1:3], "big") & 0x1FFF == pid]
    return held[number]


def _changed(packets: list[bytes], at: int, old: bytes, new: bytes) -> None:
    packets[at] = packets[at].replace(old, new, 1)


_DAMAGE: dict[str, tuple[int, Callable[[list[bytes], int], None], str]] = {
    "no start code": (_SOUND, lambda held, at: _changed(held, at, b"\0\0\1\xbd", b"\0\x12\1\xbd"), "no start code"),
    "no start code of picture": (
        _VIDEO, lambda held, at: _changed(held, at, b"\0\0\1\xe0", b"\xff\0\1\xe0"), "no start code",
    ),
    "another stream": (_SOUND, lambda held, at: _changed(held, at, b"\0\0\1\xbd", b"\0\0\1\xbf"), "stream_id is 0xBF"),
    "padding that is none": (_SOUND, lambda held, at: _changed(held, at, b"\1\xbd", b"\1\xbe"), "stream_id is 0xBE"),
    "length too small": (
        _SOUND, lambda held, at: _changed(held, at, b"\xbd\x01\x2f", b"\xbd\x01\x2e"), "309 bytes of 308",
    ),
    "length too large": (
        _SOUND, lambda held, at: _changed(held, at, b"\xbd\x01\x2f", b"\xbd\x01\x3f"), "309 bytes of 325",
    ),
    "header": (_SOUND, lambda held, at: _changed(held, at, b"\x2f\x80", b"\x2f\x00"), "header is damaged"),
    "header of picture": (_VIDEO, lambda held, at: _changed(held, at, b"\0\x80", b"\0\xc0"), "header is damaged"),
    "length of the header": (
        _SOUND, lambda held, at: _changed(held, at, b"\xbd\0\x0d\x80\0\0", b"\xbd\0\x0d\x80\0\xff"), "longer than",
    ),
}  # fmt: skip


@pytest.mark.parametrize("number", [0, 5, -1])
@pytest.mark.parametrize("name", sorted(set(_DAMAGE) - {"length of the header"}))
@pytest.mark.parametrize("before", [0, 4])
def test_a_damaged_pes_packet_is_found_wherever_it_is(tmp_path: Path, name: str, number: int, before: int) -> None:
    pid, damage, message = _DAMAGE[name]
    packets = _whole()
    at = _of(packets, pid, number)
    damage(packets, at)
    if name.startswith("length") and number == -1:
        return  # the last one is settled by the end of the file, as libav does
    (fault,) = _faults(tmp_path, packets, before)
    assert (fault.pid, fault.place) == (pid, at * (188 + before) + before)
    assert message in fault.message


def test_a_header_longer_than_its_packet_is_found(tmp_path: Path) -> None:
    pid, damage, message = _DAMAGE["length of the header"]
    packets = _stream([], _packets(_SOUND, [_pes(0xBD, 10)] * 12))
    damage(packets, _of(packets, pid, 3))
    (fault,) = _faults(tmp_path, packets)
    assert message in fault.message


def test_sections_scrambled_packets_and_signalled_breaks_are_no_damage(tmp_path: Path) -> None:
    packets = _whole()
    for at in range(2, 14):
        packets[at] = packets[at][:3] + bytes([packets[at][3] | 0x80]) + b"\xa5" * 184
    assert _faults(tmp_path, packets) == []
    joined = _packets(_SOUND, [_pes(0xBD)] * 12)
    joined[9:10] = _packets(_SOUND, [_pes(0xBD, 100)], flags=0x80)
    assert _faults(tmp_path, _stream([], joined)) == []


@pytest.mark.parametrize("kind", [0x05, 0x0B, 0x17, 0x19, 0x82, 0x95, 0xC0])
def test_sections_of_every_stream_type_that_may_hold_them_are_no_damage(tmp_path: Path, kind: int) -> None:
    """ISO/IEC 13818-1 Table 2-34; SCTE 27 has 0x82, and ATSC A/90 0x95."""
    assert _faults(tmp_path, _stream([], _packets(_SOUND, [_pes(0xBD)] * 3), cues=kind)) == []


@pytest.mark.parametrize("kind", [0x02, 0x06, 0x1B])
def test_a_stream_that_has_no_start_code_at_all_is_damaged(tmp_path: Path, kind: int) -> None:
    (fault,) = _faults(tmp_path, _stream([], _packets(_SOUND, [_pes(0xBD)] * 3), cues=kind))
    assert fault.pid == _CUES and "no start code" in fault.message


def test_two_streams_that_were_joined_may_have_two_stream_identifiers(tmp_path: Path) -> None:
    joined = [_pes(0xC0)] * 6 + [_pes(0xC1)] * 6
    assert _faults(tmp_path, _stream([], _packets(_SOUND, joined))) == []
    joined[9] = _pes(0xC4)
    (fault,) = _faults(tmp_path, _stream([], _packets(_SOUND, joined)))
    assert "0xC4, and that of the stream is 0xC1" in fault.message


class _Counted(BytesIO):
    """A file that counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.count += len(found)
        return found


def test_bytes_between_packets_do_not_make_a_file_read_again_and_again() -> None:
    """As with headers of RTP, one in front of seven packets."""
    packets = _stream([], _packets(_SOUND, [_pes(0xBD)] * 4000))
    data = b"".join((b"\x80" * 12 if at > 400 and at % 7 == 0 else b"") + one for at, one in enumerate(packets))
    file = _Counted(data)
    _Reader().read(file, len(data))
    assert file.count < 20 * len(data)


def test_packets_of_a_stream_that_no_map_names_are_none_of_ours(tmp_path: Path) -> None:
    other = _packets(0x1F0, [_pes(0xC0)] * 4)
    other[2] = other[2].replace(b"\0\0\1\xc0", b"\x11\0\1\xc0")
    assert _faults(tmp_path, [*_whole(), *other]) == []


def test_a_byte_too_many_and_a_lost_sync_do_not_hide_what_follows(tmp_path: Path) -> None:
    packets = _whole() + _whole()[2:]
    at = _of(packets, _SOUND, -2)
    _changed(packets, at, b"\0\0\1\xbd", b"\0\0\2\xbd")
    packets[20] = b"\x48" + packets[20][1:]
    packets[30] += b"\x99"
    assert "no start code" in {fault.message.partition("it has ")[2][:13] for fault in _faults(tmp_path, packets)}


def test_a_packet_that_a_reader_drops_fails_the_master(tmp_path: Path) -> None:
    path = make(tmp_path / "m.ts", "-f lavfi -i anoisesrc=r=48000:d=0.6:a=0.1:seed=1 -c:a ac3 -b:a 64k -threads 1")
    assert not decoded(path).log.errors
    data = path.read_bytes()
    path.write_bytes(data[: (at := data.rindex(b"\0\0\1\xbd"))] + b"\0\0\2" + data[at + 3 :])
    (error,) = decoded(path).log.errors
    assert error.track == "sound 0" and "it has no start code, so that readers drop it" in error.message
