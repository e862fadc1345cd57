"""Programmes of transport streams, as ffprobe lists them and as the tables of the standards are laid out."""

from __future__ import annotations

import json
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from deliverqc.probing import probe
from deliverqc.probing.wrappers.program_tables import dvb_text, read_programs
from fixtures.ffmpeg import make
from tests.material import material

_PICTURES = "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -f lavfi -i sine=d=0.4 -f lavfi -i testsrc=s=96x64:r=25:d=0.4"
_CODED = "-map 0 -map 1 -map 2 -c:v mpeg2video -c:a mp2"
_TWO = "-program title=Alpha:program_num=7:st=0:st=1 -program title=Beta:program_num=9:st=2"
_PACKET = 188


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("two") / "two.ts", f"{_PICTURES} {_CODED} {_TWO}")


def _of_ffprobe(path: Path) -> list[tuple[Any, ...]]:
    asked = ["ffprobe", "-v", "error", "-show_programs", "-of", "json", str(path)]
    told = json.loads(subprocess.run(asked, capture_output=True, check=True, text=True).stdout)["programs"]
    return [
        (
            one["program_id"],
            one["pmt_pid"],
            one["tags"].get("service_name"),
            sorted(int(stream["id"], 16) for stream in one["streams"]),
        )
        for one in told
    ]


def _listed(facts: Any) -> list[tuple[Any, ...]]:
    names = ("number", "pmt_pid", "service_name", "stream_pids")
    return [tuple(one[name] for name in names) for one in facts["wrapper.programs"]]


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is the peer")
def test_programmes_are_those_that_ffprobe_lists(two: Path) -> None:
    real = material("androidx_media/media/ts/sample_with_sdt.ts")
    for path in (two, real):
        assert _listed(probe(path).facts) == _of_ffprobe(path)


def test_the_programme_of_the_main_picture_is_named(two: Path) -> None:
    facts = probe(two).facts
    assert facts["wrapper.program_count"] == facts["picture.track_count"] == 2
    held = [
        (one["picture_tracks"], one["sound_tracks"], one["holds_main_picture"]) for one in facts["wrapper.programs"]
    ]
    assert held == [([0], [0], False), ([1], [], True)]  # 96x64 is the larger picture
    assert facts["picture.width_px"] == 96


def test_stamped_and_corrected_packets_hold_the_same_programmes(two: Path) -> None:
    data = two.read_bytes()
    packets = [data[at : at + _PACKET] for at in range(0, len(data), _PACKET)]
    plain = read_programs(BytesIO(data), len(data), data[:65536])
    assert plain is not None and len(plain) == 2
    for made in (b"".join(bytes(4) + one for one in packets), b"".join(one + bytes(16) for one in packets)):
        assert read_programs(BytesIO(made), len(made), made[:65536]) == plain


def test_a_programme_whose_map_was_left_out_has_no_streams(two: Path, tmp_path: Path) -> None:
    data, pmt_pid = two.read_bytes(), probe(two).facts["wrapper.programs"][1]["pmt_pid"]
    packets = [data[at : at + _PACKET] for at in range(0, len(data), _PACKET)]
    kept = [one for one in packets if int.from_bytes(one[1:3], "big") & 0x1FFF != pmt_pid]
    path = tmp_path / "one.ts"
    path.write_bytes(b"".join(kept))
    facts = probe(path).facts
    assert [one["stream_pids"] is None for one in facts["wrapper.programs"]] == [False, True]
    assert facts["wrapper.program_count"] == 1


def test_damaged_tables_announce_nothing(two: Path, tmp_path: Path) -> None:
    data = bytearray(two.read_bytes())
    for at in range(0, len(data), _PACKET):
        if not int.from_bytes(data[at + 1 : at + 3], "big") & 0x1FFF:
            data[at + 14] ^= 0x55  # within the association section: its checksum is wrong then
    assert read_programs(BytesIO(data), len(data), bytes(data[:65536])) == ()
    path = tmp_path / "damaged.ts"
    path.write_bytes(data)
    assert "wrapper.programs" not in probe(path).facts


def test_other_formats_have_no_programmes(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mkv", "-f lavfi -i testsrc2=s=64x48:r=25:d=0.2 -c:v ffv1")).facts
    assert (facts["wrapper.programs"], facts["wrapper.program_count"]) == (None, None)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"Canal", "Canal"),
        (b"\xc2ecole", "\u00e9cole"),
        (b"\x05\xc7\xfd", "Çı"),
        (b"\x10\x00\x02\xb1", "\u0105"),
        (b"\x15" + "Одна".encode(), "Одна"),
        (b"\x11" + "テレビ".encode("utf-16-be"), "テレビ"),
        (b"A\x86B\x87", "AB"),
        (b"", ""),
    ],
)
def test_names_are_read_in_the_charset_that_they_state(data: bytes, expected: str) -> None:
    """ETSI EN 300 468 Annex A; ISO/IEC 6937 puts the accent first."""
    assert dvb_text(data) == expected
