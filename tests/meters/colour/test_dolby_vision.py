"""RPUs of frames: clips of dovi_tool, as they are and with NAL units taken out, and what ffprobe tells of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from deliverqc.measuring.dynamic_metadata import within_reach
from deliverqc.measuring.planning import plan_of
from deliverqc.meters.dolby_vision import METER
from deliverqc.pipeline import facts_document
from deliverqc.probing import probe
from deliverqc.request import Tier
from deliverqc.signals.decode import decode
from deliverqc.signals.on_demand.dolby_vision import DolbyVisionColumns
from deliverqc.timebase import Span
from fixtures.ffmpeg import make
from fixtures.rpus import nal_unit, rpu
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
    assert found == {
        "rpu_count": 259,
        "frames_without_rpu_count": 0,
        "frames_without_rpu.spans": (),
        "cm_version": "4.0",
        "metadata_gaps": (),
        "metadata_overlaps": (),
        "level_1_spans": (),
        "level_1_missing_count": 0,
        "level_1_zero_count": 0,
    }


@pytest.mark.parametrize("clip", ["regular_demux_bl_annexb.hevc", "no_aud_bl.hevc"])
def test_base_layers_alone_are_no_dolby_vision(clip: str) -> None:
    found = _read(material(f"{_CLIPS}/{clip}"))
    assert found.pop("rpu_count") == 0
    assert set(found.values()) == {None}
    assert {"cm_version", "metadata_gaps", "level_1_spans"} <= set(found)


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
    assert _read(stripped)["metadata_gaps"] == (Span(3, 4), Span(8, 10))
    assert _read(plain)["rpu_count"] == 0
    for wrapper in ("mp4", "ts"):
        wrapped = make(tmp_path / f"wrapped.{wrapper}", f"-f hevc -i {stripped} -c copy")
        assert _read(wrapped) == _read(stripped), wrapper


def test_profile_and_rpus_of_a_muxed_clip_are_facts() -> None:
    facts = facts_document(material(f"{_CLIPS}/regular.mkv"), None, Tier.FULL, is_all=True)["subjects"][0]["facts"]
    assert (facts["picture.dolby_vision.profile"], facts["picture.dolby_vision.rpu_count"]) == (8, 259)
    assert facts["picture.dolby_vision.frames_without_rpu.spans"] == []


def _columns(**changes: Any) -> dict[str, Any]:
    """Columns of four frames with an RPU of version 4.0 and level 1."""
    columns = {
        "rpu": np.ones(4, dtype=np.uint8),
        "parsed": np.zeros(4, dtype=np.uint8),
        "count": np.ones(4, dtype=np.uint8),
        "cm": np.full(4, 40, dtype=np.uint8),
        "unread": np.zeros(4, dtype=np.uint8),
        "level_1": np.full((4, 3), 0.5, dtype=np.float32),
    }
    return {f"dolby_vision.{name}": np.array(value) for name, value in (columns | changes).items()}


def _measured(**changes: Any) -> dict[str, Any]:
    found = read(METER, picture_table(4, extended=_columns(**changes)))
    return {name.removeprefix("picture.dolby_vision."): value for name, value in found.items()}


def test_what_a_decoder_parsed_counts_only_where_it_passes_on_no_rpu() -> None:
    parsed, none = np.array([1, 1, 0, 1], dtype=np.uint8), np.zeros(4, dtype=np.uint8)
    for told, missing in (([0, 0, 0, 0], (Span(2, 3),)), ([1, 0, 0, 0], (Span(1, 4),))):
        found = _measured(rpu=told, parsed=parsed, count=none, cm=none)
        assert found["frames_without_rpu.spans"] == found["metadata_gaps"] == missing
        assert not {"cm_version", "level_1_spans"} & set(found), "what was not read says nothing"


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"cm": [29, 29, 29, 29]}, {"cm_version": "2.9"}),
        ({"cm": [29, 40, 40, 40]}, {"cm_version": "mixed"}),
        ({"cm": [40, 40, 255, 40]}, {"cm_version": "missing"}),
        ({"unread": [0, 1, 0, 0], "cm": [40, 255, 40, 40]}, {"cm_version": "missing", "level_1_spans": "missing"}),
        ({"count": [1, 0, 1, 2], "rpu": [1, 0, 1, 1], "cm": [29, 0, 29, 29]},
         {"cm_version": "2.9", "metadata_gaps": (Span(1, 2),), "metadata_overlaps": (Span(3, 4),)}),
        ({"level_1": [[0.5] * 3, [np.nan] * 3, [0.0] * 3, [0.0, 0.0, 0.1]]},
         {"level_1_spans": (Span(1, 3),), "level_1_missing_count": 1, "level_1_zero_count": 1}),
        ({"rpu": [0] * 4, "cm": [29] * 4}, {"cm_version": "2.9", "metadata_gaps": (), "rpu_count": 0}),
    ],
    ids=["2.9", "mixed", "version-unread", "damaged", "gap-and-overlap", "level-1", "documents"],
)  # fmt: skip
def test_metadata_of_four_frames(changes: dict[str, Any], facts: dict[str, Any]) -> None:
    found = _measured(**changes)
    assert {name: found.get(name, "missing") for name in facts} == facts


def test_level_1_of_zero_is_right_where_the_picture_is_black() -> None:
    black = picture_table(4, extended=_columns(level_1=np.zeros((4, 3), dtype=np.float32)))
    for code, count in ((64, 0), (72, 0), (73, 4)):  # 1 % of 876 codes are 8.76
        black.luma_quantiles[:] = code
        assert read(METER, black)["picture.dolby_vision.level_1_zero_count"] == count


def test_units_written_into_a_clip_say_what_was_written(tmp_path: Path) -> None:
    units = [rpu(), rpu(None), rpu((0, 0, 0)), rpu() + rpu(), rpu(levels_of_4_0=(254,)), b"", rpu()]
    carried = [
        nal_unit(rpu()) * 2 if len(unit) > 2 * len(rpu()) - 1 else nal_unit(unit) if unit else b"" for unit in units
    ]
    plain = make(
        tmp_path / "plain.hevc",
        "-f lavfi -i testsrc2=s=64x64:r=25:d=0.28 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast "
        "-x265-params log-level=none:bframes=0:slices=1",
    )
    waiting = iter(carried)
    path = tmp_path / "carried.hevc"
    path.write_bytes(
        b"".join(unit + next(waiting) if _kind(unit) < 32 else unit for unit in _nal_units(plain.read_bytes()))
    )
    found = _read(path)
    assert found["metadata_gaps"] == (Span(5, 6),)
    assert found["metadata_overlaps"] == (Span(3, 4),)
    assert found["cm_version"] == "mixed"
    assert found["level_1_spans"] == (Span(1, 3), Span(5, 6))
    assert (found["level_1_missing_count"], found["level_1_zero_count"]) == (2, 1)
    assert decode(path, plan_of(probe(path))).log.errors == (), "libav reads every unit and its checksum"


def test_essence_without_metadata_has_none() -> None:
    found = read(METER, table_of([frame_of("yuv420p10le", (16, 16), 500, 512, 512)], "dolby_vision"))
    assert found["picture.dolby_vision.rpu_count"] == 0
    assert found["picture.dolby_vision.frames_without_rpu_count"] is None


def test_h264_carries_its_units_too(tmp_path: Path) -> None:
    plain = make(
        tmp_path / "plain.264",
        "-f lavfi -i testsrc2=s=64x64:r=25:d=0.16 -pix_fmt yuv420p -c:v libx264 -preset ultrafast",
    )
    unit = nal_unit(rpu()).replace(b"\x7c\x01", b"\x7c", 1)  # type 28 in a header of one byte
    units = list(_nal_units(plain.read_bytes()))
    slices = [place for place, one in enumerate(units) if one[3] & 31 in range(1, 6)]
    path = tmp_path / "carried.264"
    path.write_bytes(b"".join(one + unit * (place in slices[1:]) for place, one in enumerate(units)))
    found = _read(path)
    assert (found["rpu_count"], found["metadata_gaps"]) == (3, (Span(0, 1),))
    assert (found["cm_version"], found["level_1_missing_count"]) == ("2.9", 1)
    assert _read(plain)["metadata_gaps"] is None


_TRACK_FILE = "photon/resources/TestIMP/PHDR/VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf"
_FRAME_KEY = bytes.fromhex("060e2b34010201050e09060701010103")
_FILL_KEY = bytes.fromhex("060e2b34010101020301021001000000")


def _documents(path: Path) -> dict[str, Any]:
    """What is read next to the pictures of an MXF file; no picture is decoded."""
    reader: Any = DolbyVisionColumns()
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            if packet.size:
                reader.see(packet)
                moment = SimpleNamespace(frame=SimpleNamespace(opaque=packet.opaque, side_data={}))
                reader.keep(reader.read(moment), moment)
    columns = {f"dolby_vision.{name}": values for name, values in reader.finish().items()}
    count = len(columns["dolby_vision.rpu"])
    found = read(METER, picture_table(count, extended=columns))
    return {name.removeprefix("picture.dolby_vision."): value for name, value in found.items()}


def _changed(path: Path, *, hidden: Sequence[int] = (), **replaced: bytes) -> Path:
    """A copy of the track file without the metadata of the `hidden` frames, and with other text."""
    data = material(_TRACK_FILE).read_bytes()
    parts = data.split(_FRAME_KEY)
    assert len(parts) == 25, "the file has 24 frames"
    keys = [_FILL_KEY if frame in hidden else _FRAME_KEY for frame in range(24)]
    data = b"".join(part + key for part, key in zip(parts[:-1], keys, strict=True)) + parts[-1]
    for old, new in replaced.items():
        data = data.replace(_TEXTS[old], new.ljust(len(_TEXTS[old])))
    path.write_bytes(data)
    return path


_TEXTS = {
    "version": b'version="2.0.5"',
    "level_1": b"0,0.209968,0.839872",
    "diagonal": b"<DiagonalSize>42</DiagonalSize>",
    "end": b"</DolbyVisionGlobalData>",
    "light": b"<Level6>\n<MaxCLL>0</MaxCLL>\n<MaxFALL>0</MaxFALL>\n</Level6>\n<PluginNode>\n",
}
_WITH_CM_VERSION = {"version": b'version="4.0.2"', "diagonal": b"<CMVersion>4 1</CMVersion>"}


def test_documents_of_an_image_track_file_are_its_metadata(tmp_path: Path) -> None:
    found = _documents(material(_TRACK_FILE))
    assert (found["cm_version"], found["metadata_gaps"], found["level_1_spans"]) == ("2.9", (), ())
    found = _documents(_changed(tmp_path / "gap.mxf", hidden=[0, 5, 6, 23], version=b'version="4.0.2"'))
    assert found["metadata_gaps"] == (Span(0, 1), Span(5, 7), Span(23, 24))
    assert (found["cm_version"], found["level_1_missing_count"]) == ("4.0", 4)
    found = _documents(_changed(tmp_path / "zero.mxf", level_1=b"0,0,0"))
    assert (found["level_1_spans"], found["level_1_zero_count"]) == ((Span(0, 24),), 24)
    found = _documents(_changed(tmp_path / "cut.mxf", level_1=b"0,0.2"))
    assert "level_1_spans" not in found
    found = _documents(_changed(tmp_path / "none.mxf", hidden=range(24)))
    assert (found["metadata_gaps"], found["cm_version"]) == (None, None)


@pytest.mark.parametrize(
    ("replaced", "version", "stated"),
    [
        ({}, "2.0.5", None),
        (_WITH_CM_VERSION, "4.0.2", "4 1"),
        ({**_WITH_CM_VERSION, "end": b""}, "missing", "missing"),
    ],
    ids=["2.9", "4.0", "cut"],
)
def test_document_of_the_title_states_its_version(
    replaced: dict[str, bytes], version: str, stated: str | None, tmp_path: Path
) -> None:
    facts = probe(_changed(tmp_path / "title.mxf", **replaced)).facts
    names = ("picture.dolby_vision.metadata_version", "picture.dolby_vision.cm_version_stated")
    assert tuple(facts.get(name, "missing") for name in names) == (version, stated)


@pytest.mark.parametrize(
    ("light", "levels"),
    [
        (None, (None, None)),
        (b"<Level6><MaxCLL>1000</MaxCLL><MaxFALL>412</MaxFALL></Level6><PluginNode>", (1000.0, 412.0)),
        (b"<Level6><MaxCLL>999.5</MaxCLL></Level6><PluginNode>", (999.5, None)),
        (b"<MaxCLL>1000</MaxCLL><MaxFALL>412</MaxFALL><PluginNode>", (None, None)),
    ],
    ids=["zero", "stated", "one", "outside-level-6"],
)
def test_document_of_the_title_states_light_levels(
    light: bytes | None, levels: tuple[float | None, float | None], tmp_path: Path
) -> None:
    facts = probe(_changed(tmp_path / "title.mxf", **({} if light is None else {"light": light}))).facts
    prefix = "picture.dolby_vision.max_"
    assert (facts[f"{prefix}cll_cd_m2"], facts[f"{prefix}fall_cd_m2"]) == levels


def test_a_file_without_such_a_track_states_no_version(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mov", "-f lavfi -i testsrc=s=64x64:d=0.04 -c:v prores_ks")).facts
    assert facts["picture.dolby_vision.metadata_version"] is None
    assert facts["picture.dolby_vision.cm_version_stated"] is None
    assert facts["picture.dolby_vision.max_cll_cd_m2"] is None


@pytest.mark.parametrize(
    ("facts", "is_known"),
    [
        ({"picture.track_count": 1, "wrapper.format": "mov"}, True),
        ({"picture.track_count": 2, "wrapper.format": "mp4"}, False),
        ({"picture.track_count": 1, "wrapper.format": "mxf", "wrapper.mxf_wrapping": "frame"}, True),
        ({"picture.track_count": 1, "wrapper.format": "mxf", "wrapper.mxf_wrapping": "clip",
          "picture.dolby_vision.metadata_version": None}, True),
        ({"picture.track_count": 1, "wrapper.format": "mxf", "wrapper.mxf_wrapping": "clip",
          "picture.dolby_vision.metadata_version": "2.0.5"}, False),
        ({"picture.track_count": 1, "wrapper.format": "mxf"}, False),
    ],
    ids=["mov", "two-tracks", "by-frame", "by-clip", "by-clip-with-metadata", "mxf-unread"],
)  # fmt: skip
def test_metadata_that_may_be_elsewhere_is_not_said_to_be_missing(facts: dict[str, Any], is_known: bool) -> None:
    none = dict.fromkeys(("picture.dolby_vision.cm_version", "picture.dolby_vision.metadata_gaps"))
    assert within_reach(facts | none) == (facts | none if is_known else facts)
    some = {"picture.dolby_vision.metadata_gaps": [], "picture.dolby_vision.cm_version": "4.0"}
    assert within_reach(facts | some) == facts | some
