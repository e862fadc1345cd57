"""Groups of pictures, sizes of coded frames and bit rate, as the packets of the main picture track show them."""

from __future__ import annotations

import json
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deliverqc.measuring.measure import measure
from deliverqc.measuring.obtain import obtain_signals
from deliverqc.measuring.packet_facts import packet_facts
from deliverqc.probing import probe
from deliverqc.signals.headers.avc import AvcReader
from deliverqc.signals.headers.model import KINDS, NOT_STATED
from deliverqc.signals.tables import DecodeLog, PacketSignal, Signals
from deliverqc.timebase import Timeline
from fixtures.ffmpeg import make

_PICTURE = "-f lavfi -i testsrc2=s=96x64:r=25"
_X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
_PARAMS = "scenecut=0:b-adapt=0:keyint=12:min-keyint=12:bframes=2"


def _facts(path: Path) -> dict[str, Any]:
    probed = probe(path)
    signals = obtain_signals(path, probed, store=None, progress=None)
    return dict(measure(probed, signals, settings={}, wanted=frozenset()).facts)


def _peer(path: Path) -> list[dict[str, Any]]:
    """Packets and frames by ffprobe: size of each packet, in the order of the file, and the kinds of the frames."""
    shown = "packet=size,flags:frame=pict_type,key_frame"
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", shown, "-of", "json", str(path)]
    found: dict[str, list[dict[str, Any]]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found["packets_and_frames"]


@pytest.mark.parametrize(
    ("name", "coding", "open_count", "lengths", "without_sets"),
    [
        ("closed.mp4", f"{_X264} -x264-params {_PARAMS}", 0, [(1, 1), (12, 3)], 4),
        ("closed.ts", f"{_X264} -x264-params {_PARAMS}", 0, [(1, 1), (12, 3)], 0),
        ("open.mp4", f"{_X264} -x264-params {_PARAMS}:open-gop=1", 3, None, 4),
        ("open.mxf", "-c:v mpeg2video -g 12 -bf 2 -sc_threshold 1000000000", 3, None, 0),
        ("closed.mpg", "-c:v mpeg2video -g 12 -bf 0 -flags +cgop -sc_threshold 1000000000", 0, [(1, 1), (12, 3)], 0),
        (
            "open.mkv",
            f"-c:v libx265 -preset ultrafast -x265-params {_PARAMS}:open-gop=1:log-level=none",
            3,
            None,
            4,
        ),
        ("keys.webm", "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -g 12", 0, [(1, 1), (12, 3)], None),
    ],
)
def test_groups_of_pictures(
    name: str,
    coding: str,
    open_count: int,
    lengths: list[tuple[int, int]] | None,
    without_sets: int | None,
    tmp_path: Path,
) -> None:
    path = make(tmp_path / name, f"{_PICTURE} -frames:v 37 {coding}")
    facts = _facts(path)
    found = [(entry["length_frames"], entry["gop_count"]) for entry in facts["picture.gop.lengths"]]
    assert sum(frames * count for frames, count in found) == 37
    keys = sum(int(entry.get("key_frame", 0)) for entry in _peer(path))
    assert sum(count for _, count in found) == keys
    if lengths is not None:
        assert found == lengths
        assert [entry["frame"] for entry in facts["picture.gop.lengths"]] == [36, 0]
        assert [entry["length_s"] for entry in facts["picture.gop.lengths"]] == [0.04, 0.48]
    assert facts["picture.gop.open_count"] == open_count
    assert facts["picture.gop.without_parameter_sets_count"] == without_sets


@pytest.mark.parametrize("coding", [f"{_X264} -x264-params {_PARAMS}", "-c:v mpeg2video -g 12 -bf 2"])
def test_runs_of_b_frames_and_sizes_are_those_that_ffprobe_reads(coding: str, tmp_path: Path) -> None:
    path = make(tmp_path / "master.mov", f"{_PICTURE} -frames:v 37 {coding}")
    facts, peer = _facts(path), _peer(path)
    kinds = "".join(entry["pict_type"] for entry in peer if "pict_type" in entry)
    assert facts["picture.gop.max_b_frames"] == max(len(run) for run in kinds.replace("I", "P").split("P")) == 2
    sizes = sorted({int(entry["size"]) for entry in peer if "size" in entry})
    listed = [entry["size_bytes"] for entry in facts["picture.frame_sizes"]]
    assert listed == (sizes if len(sizes) <= 20 else sizes[:10] + sizes[-10:])


@pytest.mark.parametrize(
    ("name", "coding", "mode"),
    [
        ("cbr.mpg", "-c:v mpeg2video -g 12 -bf 2 -b:v 2M -minrate 2M -maxrate 2M -bufsize 500k -f vob", "constant"),
        ("vbr.mpg", "-c:v mpeg2video -g 12 -bf 2 -q:v 3 -f vob", "variable"),
        ("crf.mp4", f"{_X264} -vf fade=out:st=1:d=0.04", "variable"),
        ("short.mp4", _X264, None),
        ("hrd.mp4", f"{_X264} -b:v 1M -maxrate 1M -bufsize 500k -nal-hrd cbr", "constant"),
        ("vbv.mp4", f"{_X264} -b:v 1M -maxrate 1M -bufsize 500k -nal-hrd vbr", "variable"),
        ("dv.dv", "-s 720x576 -c:v dvvideo -pix_fmt yuv420p", "constant"),
        ("prores.mov", "-c:v prores_ks -profile:v 0", "variable"),
    ],
)
def test_bit_rate_mode(name: str, coding: str, mode: str | None, tmp_path: Path) -> None:
    path = make(tmp_path / name, f"{_PICTURE} -t 2 {coding}")
    assert _facts(path).get("picture.bit_rate_mode") == mode


def test_a_rate_that_is_said_to_be_constant_and_is_not_is_variable(tmp_path: Path) -> None:
    path = make(
        tmp_path / "cbr.m2v", f"{_PICTURE} -t 2 -c:v mpeg2video -g 12 -b:v 2M -minrate 2M -maxrate 2M -bufsize 500k"
    )
    data = path.read_bytes()
    at = data.find(b"\x00\x00\x01\xb3")
    rate = (int.from_bytes(data[at + 8 : at + 11], "big") >> 6) * 4
    damaged = data
    while at >= 0:
        words = int.from_bytes(damaged[at + 8 : at + 11], "big") & 0x3F | rate << 6
        damaged = damaged[: at + 8] + words.to_bytes(3, "big") + damaged[at + 11 :]
        at = damaged.find(b"\x00\x00\x01\xb3", at + 4)
    path.write_bytes(damaged)
    assert _facts(path)["picture.bit_rate_mode"] == "variable"


@pytest.mark.parametrize(
    ("coding", "entropy", "fixed"),
    [
        (f"{_X264} -x264-params cabac=1:force-cfr=1", "cabac", True),
        (f"{_X264} -x264-params cabac=0:force-cfr=1", "cavlc", True),
        (f"{_X264} -x264-params cabac=0:force-cfr=0", "cavlc", False),
        ("-c:v mpeg2video", None, None),
    ],
)
def test_what_parameter_sets_of_h264_say(coding: str, entropy: str | None, fixed: bool | None, tmp_path: Path) -> None:
    facts = _facts(make(tmp_path / "master.mkv", f"{_PICTURE} -frames:v 5 {coding}"))
    assert facts["picture.entropy_coding"] == entropy
    assert facts["picture.bitstream.fixed_frame_rate"] is fixed


@pytest.mark.parametrize(
    ("name", "coding", "count"),
    [
        ("double.mp4", f"{_X264} -x264-params pic-struct=1", 0),
        ("prores.mov", "-c:v prores_ks -profile:v 0", 0),
        ("whole.mxf", "-c:v mpeg2video", 0),
    ],
)
def test_no_pulldown_flags(name: str, coding: str, count: int, tmp_path: Path) -> None:
    assert _facts(make(tmp_path / name, f"{_PICTURE} -frames:v 10 {coding}"))["picture.pulldown_flag_count"] == count


def test_pulldown_flags_are_counted(tmp_path: Path) -> None:
    path = make(tmp_path / "flags.m2v", f"{_PICTURE} -frames:v 10 -c:v mpeg2video -g 5 -bf 0")
    data = bytearray(path.read_bytes())
    at, flagged = data.find(b"\x00\x00\x01\xb5"), 0
    while at >= 0:
        if data[at + 4] >> 4 == 8 and flagged < 4:
            data[at + 7] |= 2
            flagged += 1
        at = data.find(b"\x00\x00\x01\xb5", at + 4)
    path.write_bytes(data)
    assert flagged == 4
    assert _facts(path)["picture.pulldown_flag_count"] == 4


def test_where_no_sequence_parameters_are_read_no_pulldown_flag_is_denied() -> None:
    picture = b"\x00\x00\x01\x65\xb8"
    assert AvcReader().read(picture).pulldown == NOT_STATED
    assert AvcReader().read(b"\x00\x00\x01\x67\x64" + picture).pulldown == NOT_STATED


def test_the_group_that_lasts_longest_is_listed_whatever_its_frames() -> None:
    """Of forty lengths the 21st has two frames ten seconds apart, as a variable rate allows."""
    stamps, access, now = [], [], 0.0
    for length in range(1, 41):
        for frame in range(length):
            stamps.append(now)
            access.append(1 if frame == 0 else 0)
            now += 10.0 if (length, frame) == (21, 3) else 0.04
    columns = {name: np.full(len(stamps), NOT_STATED, dtype=kind) for name, kind in KINDS.items()}
    columns["access"] = np.array(access, dtype=np.int8)
    table = PacketSignal(
        size_bytes=np.arange(1, len(stamps) + 1, dtype=np.uint32), start_s=np.array(stamps), extended=columns
    )
    log = DecodeLog(errors=(), warnings=(), frame_count=len(stamps), missing_frame_count=None, undecodable=())
    timeline = Timeline(frame_rate=Fraction(25), frame_count=len(stamps), start=None)
    facts = packet_facts(Signals(picture=None, sounds=(), log=log, packets=table), timeline)
    lengths = facts["picture.gop.lengths"]
    assert len(lengths) == 21
    assert max(entry["length_s"] for entry in lengths) == pytest.approx(20 * 0.04 + 10)


def test_the_compression_id_of_dnxhd(tmp_path: Path) -> None:
    coding = "-c:v dnxhd -b:v 120M -pix_fmt yuv422p"
    path = make(tmp_path / "dnx.mov", f"-f lavfi -i testsrc2=s=1920x1080:r=25 -frames:v 2 {coding}")
    facts = _facts(path)
    assert facts["picture.dnxhd_compression_id"] == 1237  # SMPTE ST 2019-1: 1080p, 8 bits, 120 Mb/s at 25
    (size,) = facts["picture.frame_sizes"]
    assert (size["size_bytes"], size["frame"], size["frame_count"]) == (606208, 0, 2)  # ST 2019-1, table of 1237
