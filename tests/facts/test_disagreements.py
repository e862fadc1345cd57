"""What counts as a disagreement between layers and between readers, and what does not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from deliverqc.facts.cross_check import (
    TwoReaders,
    declared_light,
    layer_disagreements,
    reader_disagreements,
    track_differences,
)
from deliverqc.probing.mediainfo import interpret


def _layers(name: str, wrapper: Any, bitstream: Any, **facts: Any) -> list[str]:
    stated = {f"picture.wrapper.{name}": wrapper, f"picture.bitstream.{name}": bitstream}
    others = {f"picture.{key}": value for key, value in facts.items()}
    return [found["fact"] for found in layer_disagreements(stated | others)]


@pytest.mark.parametrize(
    ("name", "wrapper", "bitstream"),
    [
        ("frame_rate", "25/1", "24000/1001"),
        ("frame_rate", "24/1", "24000/1001"),
        ("frame_rate", "50/1", "25/1"),
        ("width_px", 1920, 1440),
        ("height_px", 1080, 540),
        ("scan", "progressive", "interlaced"),
        ("color_primaries", "bt470bg", "smpte170m"),
        ("color_transfer", "bt709", "smpte2084"),
        ("color_range", "limited", "full"),
    ],
)
def test_different_statements_disagree(name: str, wrapper: Any, bitstream: Any) -> None:
    assert _layers(name, wrapper, bitstream) == [f"picture.{name}"]


@pytest.mark.parametrize(
    ("name", "wrapper", "bitstream", "facts"),
    [
        ("color_primaries", None, "bt709", {}),
        ("color_primaries", "bt709", None, {}),
        ("color_transfer", "bt709", "bt2020-10", {}),
        ("color_matrix", "bt470bg", "smpte170m", {}),
        ("frame_rate", "25/1", "50/1", {"scan": "interlaced"}),
        ("height_px", 1080, 540, {"scan": "interlaced"}),
        ("frame_rate", "2997/125", "24000/1001", {"frame_rate_mode": "variable"}),
        ("color_transfer", "other:urn:smpte:ul:060e2b34.04010106.0e060401.01010605", "bt709", {}),
    ],
)
def test_silence_and_equal_meanings_agree(name: str, wrapper: Any, bitstream: Any, facts: dict[str, Any]) -> None:
    assert _layers(name, wrapper, bitstream, **facts) == []


def _readers(ours: dict[str, Any], theirs: dict[str, Any], layers: tuple[dict[str, Any], ...] = ()) -> list[str]:
    track = TwoReaders(prefix="picture.tracks[].", number=0, container=ours, mediainfo=theirs, layers=layers)
    return [found["fact"].rpartition(".")[2] for found in reader_disagreements([track], {})]


def test_readers_that_name_another_coding_disagree() -> None:
    assert _readers({"codec": "h264"}, {"codec": "hevc"}) == ["codec"]
    assert _readers({"codec": "h264"}, {"codec": "other:xyz"}) == []


def test_a_rate_rounded_to_three_decimals_is_the_same_rate() -> None:
    assert _readers({"frame_rate": Fraction(24000, 1001)}, {"frame_rate": Fraction(23976, 1000)}) == []
    assert _readers({"frame_rate": Fraction(24000, 1001)}, {"frame_rate": Fraction(24)}) == ["frame_rate"]


def test_durations_agree_within_a_frame() -> None:
    rate = Fraction(10)
    assert _readers({"duration_s": Fraction(10), "frame_rate": rate}, {"duration_s": Fraction("10.1")}) == []
    assert _readers({"duration_s": Fraction(10), "frame_rate": rate}, {"duration_s": Fraction("10.11")}) == [
        "duration_s"
    ]


def test_a_reader_that_follows_the_other_layer_is_no_disagreement_of_readers() -> None:
    assert _readers({"width_px": 1440}, {"width_px": 1920}, ({"width_px": 1920}, {"width_px": 1440})) == []


def test_counts_of_tracks_are_compared() -> None:
    (found,) = reader_disagreements([], {"sound.track_count": (2, 1), "picture.track_count": (1, 1)})
    assert found["fact"] == "sound.track_count"
    assert found["values"] == {"container": 2, "mediainfo": 1}


def test_differences_of_tracks_span_the_extremes() -> None:
    tracks = [
        {"duration_s": 10.0, "start_s": 0.0},
        {"duration_s": 9.5, "start_s": -0.02},
        {"duration_s": None, "start_s": 0.0},
    ]
    facts = {"sound.tracks": tracks, "picture.duration_s": 10.04, "picture.start_s": 0.0}
    differences = track_differences(facts)
    assert differences["cross_check.track_duration_difference_s"] == pytest.approx(0.54)
    assert differences["cross_check.track_start_difference_s"] == pytest.approx(0.02)


GENERAL = {"@type": "General", "Format": "MXF"}


def test_as_11_metadata_is_read_from_mediainfo() -> None:
    core = {"@type": "Other", "Type": "Metadata", "Format": "AS-11 Core"}
    core["extra"] = {"ShimName": "UK DPP HD", "ShimVersion": "1.1", "AudioTrackLayout": "EBU R 48: 2a"}  # type: ignore[assignment]
    dpp = {"@type": "Other", "Type": "Metadata", "Format": "AS-11 UKDPP"}
    dpp["extra"] = {"PictureRatio": "16:9", "FpaPass": "Yes", "AudioLoudnessStandard": "EBU R 128"}  # type: ignore[assignment]
    reading = interpret([GENERAL, core, dpp])
    assert reading is not None
    facts = {name.removeprefix("wrapper.as11_"): value for name, value in reading.general.items() if "as11" in name}
    assert facts == {
        "shim_name": "UK DPP HD",
        "shim_version": "1.1",
        "audio_track_layout": "EBU R 48: 2a",
        "picture_ratio": "16:9",
        "pse_pass": "yes",
        "loudness_standard": "ebu_r_128",
    }


def test_dolby_vision_stands_at_its_place_among_the_hdr_formats() -> None:
    video = {"@type": "Video", "Format": "HEVC", "HDR_Format": "SMPTE ST 2086 / Dolby Vision"}
    video |= {"HDR_Format_Profile": " / dvhe.08", "HDR_Format_Level": " / 06"}
    reading = interpret([GENERAL, video])
    assert reading is not None
    facts = reading.pictures[0].facts
    assert (facts["dolby_vision.profile"], facts["dolby_vision.level"]) == (8, 6)


def test_several_rates_in_one_field_are_no_rate() -> None:
    reading = interpret(
        [GENERAL, {"@type": "Audio", "Format": "AAC", "SamplingRate": "48000 / 24000", "Channels": "2"}]
    )
    assert reading is not None
    assert "sample_rate_hz" not in reading.sounds[0].facts


def test_a_file_that_mediainfo_does_not_know_has_no_reading() -> None:
    assert interpret([{"@type": "General", "FileSize": "10"}]) is None


@pytest.mark.parametrize(
    ("max_cll", "max_fall", "excess"),
    [
        (1000, 400, 0),
        (400, 400, 0),
        (400, 401, 1),
        (400, 1000, 600),
        (None, 400, None),
        (400, None, None),
        (0, 9, None),
    ],
)
def test_a_mean_above_the_brightest_pixel_is_an_excess(
    max_cll: int | None, max_fall: int | None, excess: int | None
) -> None:
    facts = {"picture.hdr.max_cll_cd_m2": max_cll, "picture.hdr.max_fall_cd_m2": max_fall}
    assert declared_light(facts) == {"cross_check.hdr.max_fall_above_max_cll_cd_m2": excess}


@pytest.mark.parametrize(("listed", "lines"), [("180", 180), ("4294967116", 180), ("0", None)])
def test_lines_that_are_stored_from_top_to_bottom_are_counted_without_their_sign(
    listed: str, lines: int | None
) -> None:
    reading = interpret([GENERAL, {"@type": "Video", "Format": "RGB", "Height": listed}])
    assert reading is not None
    assert reading.pictures[0].facts.get("height_px") == lines
