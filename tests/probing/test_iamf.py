"""IAMF: substreams are parts of a mix that a player renders, so no mix is measured and none passes or is suspected."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.facts.groups import form_groups
from deliverqc.probing.structure import read_structure
from tests.material import material

_FOLDER = "androidx_media/media/mp4"


def _tracks(*counts: int, substreams: int) -> dict[str, Any]:
    """Sound tracks of so many channels at 48 kHz, of which the last are substreams."""
    labels = {1: ["M"], 2: ["L", "R"]}
    return {
        "sound.tracks": [
            {
                "channel_count": count,
                "channel_labels": labels[count],
                "sample_rate_hz": 48000,
                "is_substream": number >= len(counts) - substreams,
            }
            for number, count in enumerate(counts)
        ]
    }


def test_substreams_are_one_group_without_a_layout() -> None:
    groups = [group.to_facts() for group in form_groups(_tracks(2, 2, 1, 1, substreams=4))]
    assert [(group["formed_by"], group["tracks"], "layout" in group) for group in groups] == [
        ("substreams", [0, 1, 2, 3], False)
    ]


def test_a_stereo_track_next_to_substreams_is_a_mix() -> None:
    groups = form_groups(_tracks(2, 2, 1, substreams=2))
    assert [(group.layout, group.tracks) for group in groups] == [("2.0", (0,)), (None, (1, 2))]


def test_no_setting_makes_a_mix_of_substreams() -> None:
    groups = form_groups(_tracks(2, 2, 1, 1, substreams=4), {"layouts": "5.1"})
    assert [group.layout for group in groups] == [None]
    assert [group.layout for group in form_groups(_tracks(2, 2, 1, 1, substreams=0), {"layouts": "5.1"})] != [None]


@pytest.mark.parametrize("name", ["sample_iamf.mp4", "sample_fragmented_iamf.mp4", "5p1_iamf_opus.mp4"])
def test_an_iamf_master_is_neither_suspected_nor_passed(name: str) -> None:
    document = deliverqc.check(material(f"{_FOLDER}/{name}"), "ebu-r128-programme").to_document()
    (subject,) = document["masters"][0]["subjects"]
    (verdict,) = subject["verdicts"]
    clauses = {clause["id"]: clause for clause in verdict["clauses"]}
    for name in ("integrated-loudness", "true-peak", "audio-not-silent"):
        assert clauses[name]["outcome"] == "not_measured"
        assert "IAMF mix that the player renders" in clauses[name]["note"]
    assert verdict["decision"] == "incomplete"
    assert "fail" not in [clause["outcome"] for clause in subject["noticed"]]


def test_an_ordinary_mp4_holds_no_substreams() -> None:
    facts = deliverqc.probe(material(f"{_FOLDER}/sample.mp4")).facts
    assert [track["is_substream"] for track in facts["sound.tracks"]] == [False]


def test_a_bare_iamf_sequence_is_recognised_by_its_header(tmp_path: Path) -> None:
    for code, holds in ((b"iamf", True), (b"iamg", False)):
        path = tmp_path / f"{code.decode()}.iamf"
        path.write_bytes(struct.pack("BB4sBB", 0xF8, 6, code, 0, 0) + bytes(64))
        assert read_structure(path, path.stat().st_size).holds_iamf is holds
