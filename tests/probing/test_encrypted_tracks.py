"""Tracks that are encrypted are named with their scheme, in every wrapper that marks them."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from deliverqc.probing import probe
from deliverqc.probing.wrappers.isobmff import read_boxes
from deliverqc.probing.wrappers.matroska import read_ebml
from deliverqc.probing.wrappers.mxf import read_mxf
from deliverqc.probing.wrappers.mxf_header import read_header
from fixtures.ffmpeg import make
from tests.material import material

_KEYS = "-encryption_scheme cenc-aes-ctr -encryption_key 000102030405060708090a0b0c0d0e0f"
_BOTH = "-f lavfi -i testsrc2=s=64x64:r=25 -f lavfi -i anoisesrc=a=0.3:r=48000:seed=1 -t 0.4"


def test_both_tracks_of_a_common_encryption_file_are_named(tmp_path: Path) -> None:
    made = make(
        tmp_path / "made.mp4",
        f"{_BOTH} -c:v libx264 -pix_fmt yuv420p -c:a aac {_KEYS} -encryption_kid 00112233445566778899aabbccddeeff",
    )
    assert probe(made).facts["wrapper.encrypted_tracks"] == [
        {"track": "picture 0", "scheme": "cenc"},
        {"track": "sound 0", "scheme": "cenc"},
    ]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_what_is_not_encrypted_names_no_track(suffix: str, tmp_path: Path) -> None:
    made = make(tmp_path / f"made.{suffix}", f"{_BOTH} -c:v mpeg2video -c:a mp2")
    assert probe(made).facts["wrapper.encrypted_tracks"] == []


def test_a_real_file_with_cbcs_names_it() -> None:
    path = material("mp4parse/mp4parse_capi/tests/av1-clearkey-cbcs-video.mp4")
    assert probe(path).facts["wrapper.encrypted_tracks"] == [{"track": "picture 0", "scheme": "cbcs"}]


def test_a_track_of_a_transport_stream_with_a_scrambled_packet_is_named(tmp_path: Path) -> None:
    made = make(tmp_path / "made.ts", f"{_BOTH} -c:v mpeg2video -c:a mp2")
    data = bytearray(made.read_bytes())
    audio = [at for at in range(0, len(data), 188) if data[at + 1] & 0x1F == 1 and data[at + 2] == 1]
    data[audio[1] + 3] |= 0x80
    made.write_bytes(data)
    assert probe(made).facts["wrapper.encrypted_tracks"] == [
        {"track": "sound 0", "scheme": "transport_scrambling_control"}
    ]


def test_a_programme_stream_with_a_scrambled_packet_names_every_track(tmp_path: Path) -> None:
    made = make(tmp_path / "made.vob", f"{_BOTH} -c:v mpeg2video -c:a mp2 -f vob")
    assert probe(made).facts["wrapper.encrypted_tracks"] == []
    data = bytearray(made.read_bytes())
    packs = [at for at in range(0, len(data) - 20, 2048) if data[at + 14 : at + 18] == b"\0\0\1\xe0"]
    data[packs[0] + 14 + 6] |= 0x10
    made.write_bytes(data)
    named = [row["track"] for row in probe(made).facts["wrapper.encrypted_tracks"]]
    assert named == ["picture 0", "sound 0"]


def test_a_protected_sample_entry_without_a_scheme_is_named_by_itself() -> None:
    def box(kind: bytes, payload: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(payload), kind) + payload

    handler = box(b"hdlr", bytes(8) + b"soun" + bytes(12))
    tables = box(b"minf", box(b"stbl", box(b"stsd", bytes(8) + box(b"drms", bytes(28)))))
    data = box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov", box(b"trak", box(b"mdia", handler + tables)))
    assert [track.encryption for track in read_boxes(io.BytesIO(data), len(data)).tracks] == ["drms"]


def test_matroska_names_the_algorithm_and_not_a_compression() -> None:
    def element(identity: str, payload: bytes) -> bytes:
        return bytes.fromhex(identity) + bytes([0x80 | len(payload)]) + payload

    for encoding, expected in (
        (element("5033", b"\x01") + element("5035", element("47e1", b"\x05")), {"sound 0": "aes"}),
        (element("5033", b"\x00"), {}),
    ):
        entry = element("83", b"\x02") + element("6d80", element("6240", encoding))
        tracks = element("1654ae6b", element("ae", entry))
        data = element("1a45dfa3", b"") + element("18538067", tracks)
        assert read_ebml(io.BytesIO(data), len(data)).encryptions == expected


def test_an_mxf_with_an_encrypted_container_is_encrypted() -> None:
    for label, expected in (("060e2b34040101070d010301020b0100", True), ("060e2b340401010a0d01030102010101", False)):
        pack = bytes(64) + bytes.fromhex("060e2b34040101010d01020101010900") + struct.pack(">II", 1, 16)
        key = bytes.fromhex("060e2b34020501010d01020101020400")
        data = key + bytes([len(pack) + 16]) + pack + bytes.fromhex(label)
        assert read_mxf(io.BytesIO(data), len(data), read_header(io.BytesIO(data), len(data))).is_encrypted is expected
