"""RPUs of frames: clips of dovi_tool, as they are and with NAL units taken out, and what ffprobe tells of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deliverqc.meters.dolby_vision import METER
from deliverqc.pipeline import facts_document
from deliverqc.request import Tier
from deliverqc.timebase import Span
from fixtures.ffmpeg import make
from tests.material import material
from tests.meters.colour.measuring import frame_of, table_of, table_of_file
from tests.meters.picture.measuring import read
from tests.meters.picture.tables import picture_table

_CLIPS = "dovi_tool/assets/hevc_tests"
_RPU_NAL, _START = 62, b"\x00\x00\x01"


def _read(path: Path) -> dict[str, Any]:
    found = read(METER, table_of_file(path, "dolby_vision"))
    return {name.removeprefix("picture.dolby_vision."): value for name, value in found.items()}


def _nal_units(stream: bytes) -> Iterator[bytes]:
    """The NAL units of an HEVC byte stream (ITU-T H.265 Annex B), each with its start code."""
    start = stream.index(_START)
    while start >= 0:
        following = stream.find(_START, start + 3)
        yield stream[start : following if following >= 0 else len(stream)]
        start = following


def _kind(unit: bytes) -> int:
    return unit[3] >> 1 & 63


def _without_rpus(source: Path, target: Path, numbers: Sequence[int]) -> Path:
    """A copy of a byte stream without the RPUs of these numbers, in order of decoding."""
    kept, seen = [], 0
    for unit in _nal_units(source.read_bytes()):
        is_rpu = _kind(unit) == _RPU_NAL
        if not (is_rpu and seen in numbers):
            kept.append(unit)
        seen += is_rpu
    target.write_bytes(b"".join(kept))
    return target


def _frames_without_rpu_by_ffprobe(path: Path) -> list[int]:
    program = shutil.which("ffprobe")
    if program is None:
        pytest.skip("no ffprobe on PATH")
    command = [program, "-v", "error", "-select_streams", "v:0", "-show_frames", "-of", "default"]
    told = subprocess.run([*command, str(path)], capture_output=True, check=True, text=True).stdout
    frames = told.split("[FRAME]")[1:]
    return [number for number, frame in enumerate(frames) if "Dolby Vision RPU Data" not in frame]


@pytest.mark.parametrize(
    "clip",
    ["regular.mkv", "regular.hevc", "regular_inject_annexb.hevc", "regular_start_code_4_muxed_el.hevc"],
)
def test_clips_with_an_rpu_on_every_frame_are_whole(clip: str) -> None:
    # two sequences end inside these clips, and decoders do not see the RPUs that come with the ends
    found = _read(material(f"{_CLIPS}/{clip}"))
    assert found == {"rpu_count": 259, "frames_without_rpu_count": 0, "frames_without_rpu.spans": ()}


@pytest.mark.parametrize("clip", ["regular_demux_bl_annexb.hevc", "no_aud_bl.hevc"])
def test_base_layers_alone_are_no_dolby_vision(clip: str) -> None:
    found = _read(material(f"{_CLIPS}/{clip}"))
    assert found == {"rpu_count": 0, "frames_without_rpu_count": None, "frames_without_rpu.spans": None}


@pytest.mark.parametrize("numbers", [[0], [100], [40, 41, 42], [258]])
def test_frames_whose_rpu_was_taken_out_are_those_that_ffprobe_tells(numbers: list[int], tmp_path: Path) -> None:
    whole = material(f"{_CLIPS}/regular_start_code_4_muxed_el_removed_eos.hevc")
    path = _without_rpus(whole, tmp_path / "stripped.hevc", numbers)
    found = _read(path)
    told = [frame for span in found["frames_without_rpu.spans"] for frame in range(span.start, span.end)]
    assert len(told) == len(numbers) == found["frames_without_rpu_count"]
    assert told == _frames_without_rpu_by_ffprobe(path)
    assert found["rpu_count"] == 259 - len(numbers)


@pytest.mark.parametrize("number", [248, 249, 250, 258])
def test_rpu_beside_the_end_of_a_sequence_is_missed_alone(number: int, tmp_path: Path) -> None:
    found = _read(_without_rpus(material(f"{_CLIPS}/regular.hevc"), tmp_path / "stripped.hevc", [number]))
    assert (found["rpu_count"], found["frames_without_rpu_count"]) == (258, 1)


def test_rpu_taken_from_one_frame_of_a_made_clip_is_missed_there(tmp_path: Path) -> None:
    plain = make(
        tmp_path / "plain.hevc",
        "-f lavfi -i testsrc2=s=320x180:r=25:d=0.4 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast "
        "-x265-params log-level=none:bframes=0:slices=1",
    )
    rpu = next(unit for unit in _nal_units(material(f"{_CLIPS}/regular.hevc").read_bytes()) if _kind(unit) == _RPU_NAL)
    units = list(_nal_units(plain.read_bytes()))
    assert [_kind(unit) for unit in units].count(_RPU_NAL) == 0
    with_rpus = b"".join(unit + rpu if _kind(unit) < 32 else unit for unit in units)  # 0 to 31 are slices
    whole, stripped = tmp_path / "whole.hevc", tmp_path / "stripped.hevc"
    whole.write_bytes(with_rpus)
    _without_rpus(whole, stripped, [3, 8, 9])
    assert _read(whole)["frames_without_rpu.spans"] == ()
    assert _read(stripped)["frames_without_rpu.spans"] == (Span(3, 4), Span(8, 10))
    assert _read(plain)["rpu_count"] == 0
    for wrapper in ("mp4", "ts"):
        wrapped = make(tmp_path / f"wrapped.{wrapper}", f"-f hevc -i {stripped} -c copy")
        assert _read(wrapped) == _read(stripped), wrapper


def test_profile_and_rpus_of_a_muxed_clip_are_facts() -> None:
    facts = facts_document(material(f"{_CLIPS}/regular.mkv"), None, Tier.FULL, is_all=True)["subjects"][0]["facts"]
    assert (facts["picture.dolby_vision.profile"], facts["picture.dolby_vision.rpu_count"]) == (8, 259)
    assert facts["picture.dolby_vision.frames_without_rpu.spans"] == []


def test_what_a_decoder_parsed_counts_only_where_it_passes_on_no_rpu() -> None:
    parsed = np.array([1, 1, 0, 1], dtype=np.uint8)
    for rpu, missing in (([0, 0, 0, 0], (Span(2, 3),)), ([1, 0, 0, 0], (Span(1, 4),))):
        columns = {"dolby_vision.rpu": np.array(rpu, dtype=np.uint8), "dolby_vision.parsed": parsed}
        found = read(METER, picture_table(4, extended=columns))
        assert found["picture.dolby_vision.frames_without_rpu.spans"] == missing


def test_essence_without_metadata_has_none() -> None:
    found = read(METER, table_of([frame_of("yuv420p10le", (16, 16), 500, 512, 512)], "dolby_vision"))
    assert found["picture.dolby_vision.rpu_count"] == 0
    assert found["picture.dolby_vision.frames_without_rpu_count"] is None
