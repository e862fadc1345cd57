"""The German public broadcasters' six MXF profiles: which one a master is judged by, and what an extension changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import Choice
from deliverqc.speclib.families import choose

_A_DAY = date(2026, 1, 1)
_TRACK = {"codec": "pcm", "bit_depth_bits": 24, "sample_rate_hz": 48000, "channel_count": 1, "mxf_mapping": "aes3"}
_XDCAM_1080I = {
    "picture.track_count": 1,
    "wrapper.format": "mxf",
    "picture.codec": "mpeg2video",
    "picture.codec_profile": "4:2:2",
    "picture.codec_level": "High",
    "picture.bit_depth_bits": 8,
    "picture.chroma_subsampling": "4:2:2",
    "picture.width_px": 1920,
    "picture.height_px": 1080,
    "picture.frame_rate": "25/1",
    "picture.scan": "interlaced",
    "picture.field_order": "tff",
    "picture.bit_rate_bps": 50_000_000,
    "picture.bit_rate_mode": "constant",
    "picture.gop.lengths": [{"length_frames": 12, "length_s": 0.48}],
    "picture.gop.max_b_frames": 2,
}
_AVC_1080I = _XDCAM_1080I | {
    "picture.codec": "h264",
    "picture.codec_profile": "high_4:2:2_intra",
    "picture.codec_level": "4.1",
    "picture.bit_depth_bits": 10,
    "picture.bit_rate_bps": None,
    "picture.frame_sizes": [{"size_bytes": 568832}],
}
_AVC_720P = _AVC_1080I | {
    "picture.width_px": 1280,
    "picture.height_px": 720,
    "picture.frame_rate": "50/1",
    "picture.scan": "progressive",
    "picture.field_order": None,
    "picture.frame_sizes": [{"size_bytes": 284672}],
}
_PROFILES = [
    ("ard-zdf-hdf01a", _XDCAM_1080I, 8),
    ("ard-zdf-hdf01b", _XDCAM_1080I, 16),
    ("ard-zdf-hdf02a", _AVC_1080I, 8),
    ("ard-zdf-hdf02b", _AVC_1080I, 16),
    ("ard-zdf-hdf03a", _AVC_720P, 8),
    ("ard-zdf-hdf03b", _AVC_720P, 16),
]


def _with_tracks(picture: dict[str, Any], count: int) -> dict[str, Any]:
    return picture | {"sound.track_count": count, "sound.tracks": [_TRACK] * count}


def _chosen(facts: dict[str, Any]) -> Choice:
    library = spec_library()
    return choose(library.load_family("ard-zdf-hdf"), library, facts)


def _failing(spec_id: str, facts: dict[str, Any]) -> set[str]:
    verdict = judge(spec_library().load(spec_id), facts, as_of=_A_DAY)
    return {clause.id for clause in verdict.clauses if clause.outcome == "fail"}


def _deciding(spec_id: str) -> set[str]:
    return {clause.id for clause in spec_library().load(spec_id).measured_clauses}


@pytest.mark.parametrize(("spec_id", "picture", "tracks"), _PROFILES)
def test_a_master_of_each_profile_is_judged_by_it_and_breaks_nothing(
    spec_id: str, picture: dict[str, Any], tracks: int
) -> None:
    facts = _with_tracks(picture, tracks)
    chosen = _chosen(facts).spec
    assert chosen is not None and chosen.id == spec_id
    verdict = judge(chosen, facts, as_of=_A_DAY)
    outcomes = {clause.id: clause.outcome for clause in verdict.clauses if clause.id in _deciding(spec_id)}
    assert {*outcomes.values()} <= {"pass", "not_applicable"}
    assert outcomes["sound-track-count"] == "pass" and outcomes["raster"] == "pass"


@pytest.mark.parametrize(("picture", "nearest"), [(_XDCAM_1080I, "ard-zdf-hdf01a"), (_AVC_720P, "ard-zdf-hdf03a")])
@pytest.mark.parametrize("tracks", [1, 4, 7])
def test_too_few_tracks_fail_the_profile_and_do_not_hide_it(picture: dict[str, Any], nearest: str, tracks: int) -> None:
    facts = _with_tracks(picture, tracks)
    chosen = _chosen(facts).spec
    assert chosen is not None and chosen.id == nearest
    assert _failing(nearest, facts) == {"sound-track-count"}


def test_a_master_of_another_codec_fits_no_profile_and_hears_which_there_are() -> None:
    choice = _chosen(_with_tracks(_XDCAM_1080I | {"picture.codec": "prores"}, 8))
    assert choice.spec is None and len(choice.deliverables) == 6
    assert "HDF01" in choice.reason


@pytest.mark.parametrize(
    ("spec_id", "picture", "broken"),
    [
        ("ard-zdf-hdf03b", _AVC_1080I, {"raster"}),
        ("ard-zdf-hdf02b", _AVC_720P, {"raster"}),
        ("ard-zdf-hdf03b", _AVC_720P | {"picture.codec_profile": "high_4:2:2"}, {"intra-profile"}),
        ("ard-zdf-hdf01b", _AVC_1080I, {"mpeg2-422-high"}),
        ("ard-zdf-hdf01b", _XDCAM_1080I | {"picture.bit_rate_bps": 35_000_000}, {"bit-rate"}),
    ],
)
def test_what_a_profile_extends_still_binds(spec_id: str, picture: dict[str, Any], broken: set[str]) -> None:
    assert _failing(spec_id, _with_tracks(picture, 16)) - {"deliverable-recognised"} == broken
