"""AS-11 metadata and structure of a real MXF file, judged clause by clause."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campaigns.as11 import loudness_by_ffmpeg
from deliverqc import api
from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.measuring.registry import spec_library
from deliverqc.probing import probe
from fixtures.as11 import as11_master
from fixtures.ffmpeg import make
from fixtures.mxf import (
    CORE,
    SEGMENTATION,
    TRACK_NUMBER,
    UK_DPP,
    as_the_shim_asks,
    core,
    part,
    text,
    uk_dpp,
    with_metadata,
)

_SHAPE = (
    "-f lavfi -i testsrc=s=128x96:r=25:d=1 -f lavfi -i sine=d=1:r=48000 -map 0:v -map 1:a -map 1:a -map 1:a -map 1:a"
)
_ALWAYS_HERE = (
    "internal-essence", "random-index-pack", "frame-wrapping", "track-mapping", "wave-mapping",
    "descriptive-metadata-tracks", "timecode-edit-rate", "pse-maker", "audio-description", "conditional-fields",
    "kag-size", "track-numbers", "shim-name", "picture-ratio",
)  # fmt: skip


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = make(tmp_path_factory.mktemp("as11") / "x.mxf", f"{_SHAPE} -c:v mpeg2video -c:a pcm_s24le")
    names = {core(4): text("UK DPP HD"), core(5): b"\x1d", core(7): b"\0", core(10): b"\1\1"}  # R 123 4c
    dpp = {
        uk_dpp(0x09): struct.pack(">ii", 16, 9), uk_dpp(0x0D): b"\0", uk_dpp(0x0E): text("HardingFPA"),
        uk_dpp(0x0F): text("3.4"), uk_dpp(0x19): b"\1", uk_dpp(0x1A): b"\0", uk_dpp(0x1E): b"\1",
    }  # fmt: skip
    tracks = [[(25, CORE, names)], [(25, UK_DPP, dpp)], [(5, None, {}), (20, SEGMENTATION, part(1, 1))]]
    with_metadata(path, tracks)
    as_the_shim_asks(path)
    return path


def _truths(path: Path) -> dict[str, Truth]:
    facts = probe(path).facts
    clauses: list[dict[str, Any]] = spec_library().load("dpp-as11-hd").document["allOf"]
    found = {clause["$anchor"]: clause for clause in clauses}
    return {name: evaluate(found[name], facts).truth for name in (*_ALWAYS_HERE, "index-table", "header-fill")}


def test_metadata_and_structure_of_the_shim_pass(master: Path) -> None:
    truths = _truths(master)
    assert {name for name in _ALWAYS_HERE if truths[name] is not Truth.TRUE} == set()
    assert truths["index-table"] is Truth.FALSE  # ffmpeg writes the index behind the essence
    assert truths["header-fill"] is Truth.FALSE  # and 512 bytes of fill at most


@pytest.mark.parametrize(
    ("broken", "change"),
    [
        ({"pse-maker"}, lambda data: data.replace(text("3.4"), text(" \0 "))),
        ({"random-index-pack"}, lambda data: data[: -int.from_bytes(data[-4:], "big")]),
        ({"shim-name"}, lambda data: data.replace(text("UK DPP HD"), text("UK DPP SD"))),
        (
            {"frame-wrapping"},
            lambda data: data.replace(
                bytes.fromhex("0d01030102060300"), bytes.fromhex("0d01030102060400")
            ),
        ),
        ({"track-numbers"}, lambda data: data.replace(TRACK_NUMBER + b"\0\0\0\3", TRACK_NUMBER + b"\0\0\0\4")),
    ],
    ids=["pse version", "index pack", "shim", "clip wrapping", "numbers"],
)  # fmt: skip
def test_one_fault_breaks_its_clause_and_no_other(
    master: Path, tmp_path: Path, broken: set[str], change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "x.mxf"
    path.write_bytes(change(master.read_bytes()))
    truths = _truths(path)
    assert {name for name in _ALWAYS_HERE if truths[name] is Truth.FALSE} == broken


_AVC_INTRA_100 = {
    "picture.codec": "h264",
    "picture.codec_profile": "high_4:2:2_intra",
    "picture.bit_depth_bits": 10,
    "picture.width_px": 1920,
    "picture.height_px": 1080,
    "picture.active_format_code": 10,
    "picture.frame_sizes": [{"size_bytes": 568832}],
    "wrapper.mxf_index_before_essence": True,
    "wrapper.mxf_body_partitions": [{"duration_s": 35.0, "is_indexed_before_next": False, "is_last": True}],
    "wrapper.mxf_essence_labels": [
        "urn:smpte:ul:060e2b34.0401010a.0d010301.02106001",
        "urn:smpte:ul:060e2b34.04010101.0d010301.02060100",
    ],
}
"""What the made master has not: it is a small XDCAM file, whose index ffmpeg writes behind the essence."""
_OTHER_FORM = {"avc-intra-100", "picture-size", "active-format", "index-table", "coded-frame-size"}


def _not_in_order(facts: dict[str, Any], spec: str) -> tuple[str, set[str]]:
    verdict = api.judge(facts, spec).masters[0].subjects[0].verdicts[0]
    deciding = [clause for clause in verdict.clauses if clause.level == "shall"]
    return verdict.decision, {one.id for one in deciding if one.outcome not in ("pass", "not_applicable")}


def test_layout_and_programme_are_judged_in_a_made_master(tmp_path: Path) -> None:
    path = as11_master(
        tmp_path / "m.mxf",
        "xdcam_hd422",
        size="320x180",
        parts_s=(2, 2),
        break_s=1,
        programme_dbfs=-22.2,
        has_clock=False,
    )
    layout = {"start-timecode", "programme-start", "bars-and-tone", "line-up", "silence-before-programme"}
    facts = api.measure(path, "dpp-as11-hd").subjects[0].facts
    verdict = api.judge(dict(facts), "dpp-as11-hd").masters[0].subjects[0].verdicts[0]
    outcomes = {clause.id: clause.outcome.value for clause in verdict.clauses}
    assert {name: outcomes[name] for name in layout} == dict.fromkeys(layout, "pass")
    assert outcomes["integrated-loudness"] == "fail" and outcomes["clock"] == "fail"
    assert _not_in_order(dict(facts), "dpp-as11-hd") == ("fail", {*_OTHER_FORM, "integrated-loudness"})
    assert facts["programme.found_by"] == "as11_segmentation"
    assert [(part["start_s"], part["end_s"]) for part in facts["programme.spans"]] == [(30.0, 32.0), (33.0, 35.0)]
    ours = facts["sound.groups"][0]["programme.loudness.integrated_lufs"]
    assert ours == pytest.approx(loudness_by_ffmpeg(path, (2, 2), 1), abs=0.1)
    in_form = dict(facts) | _AVC_INTRA_100
    assert _not_in_order(in_form, "dpp-programme") == ("fail", {"integrated-loudness"})
    assert _not_in_order(in_form, "dpp-programme-live") == ("pass", set())
    at_23 = [{**mix, "programme.loudness.integrated_lufs": ours - 0.8} for mix in facts["sound.groups"][:1]]
    in_form["sound.groups"] = [*at_23, *facts["sound.groups"][1:]]
    assert _not_in_order(in_form, "dpp-as11-hd") == _not_in_order(in_form, "dpp-programme") == ("pass", set())
