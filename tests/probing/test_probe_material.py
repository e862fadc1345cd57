"""Files of the material through the probe, held to the registry and to what another ffprobe says of it.

`ffprobe_differences.tsv` holds every difference with its reason; a row that no file needs is a failure too. What
ffprobe does not know (an unknown coding, a zero) is not compared, nor are durations in streams that state none and
leave both to guess.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deliverqc.errors import MasterError
from deliverqc.facts import vocabulary as words
from deliverqc.facts.document import check_document
from deliverqc.facts.groups import form_groups
from deliverqc.facts.model import Facts
from deliverqc.measuring.registry import registry
from deliverqc.probing import probe
from deliverqc.timebase import parse_rate
from deliverqc.timed_text.reading import text_format_of
from tests.material import file_names, material

DIFFERENCES = Path(__file__).with_name("ffprobe_differences.tsv")
_NO_MEDIA = frozenset(
    [
        ".dump",
        ".md",
        ".tsv",
        ".html",
        ".py",
        ".ttml",
        ".xml",
        ".vtt",
        ".srt",
        ".scc",
        ".mcc",
        ".txt",
        ".json",
        ".stl",
        ".png",
        ".708",
        ".608",
        ".rst",
        ".ttf",
        ".csv",
        ".hdr",
        ".idx",
        ".sub",
        ".gitattributes",
    ]
)
_STATES_DURATION = ("mov", "mp4", "m4a", "mxf", "mkv", "webm", "wav", "rf64", "aiff", "avi", "flac")
_FIRST_PICTURES_UNREAD = {
    "bipbop_480wp_1001kbps-cenc-video-key1-init.mp4",
    "bipbop_cbcs_video_init.mp4",
    "bipbop_nonfragment_header.mp4",
    "sample_fragmented_uuid.mp4",
    "sample_with_sdt.ts",
    "short-cenc.mp4",
    "test_case_1185230.mp4",
    "zero_empty_stsc.mp4",
}
"""Damaged, encrypted, or an index without essence: what the bitstream says is not known, so layers are not compared."""

_LAYERS_DISAGREE = {
    "hdv-1080p24.mov": ["frame_rate"],
    "hdv-720p60.mov": ["frame_rate"],
    "valid__mpeg2_mp3.avi": ["frame_rate"],
    "sample_sef_slow_motion.mp4": ["pixel_aspect_ratio"],
    "sample_sef_super_slow_motion.mp4": ["pixel_aspect_ratio"],
    "sample_gamma2.2.mp4": ["color_primaries", "color_transfer"],
    "sample_with_fake_auxiliary_tracks_interleaved_with_primary_video_tracks.mp4": ["height_px", "width_px"],
    "test444-test_12_444-libaom-av1.mp4": ["color_matrix", "color_range", "color_transfer"],
    "test444-test_12_444-libx265.mp4": ["color_matrix"],
    "test444-test_12_444-vp9.mp4": ["color_matrix", "color_range"],
    "video_colr_nclx_two_colr.mp4": ["color_transfer"],
}
"""Files of which wrapper and bitstream are known to differ, and in what."""


@cache
def _explained() -> Mapping[str, Sequence[tuple[str, ...]]]:
    """Rows of the table by file: fact, our value, ffprobe's."""
    rows = [row.split("\t")[:4] for row in DIFFERENCES.read_text(encoding="utf-8").splitlines()[1:]]
    return {name: sorted(tuple(row[1:]) for row in rows if row[0] == name) for name, *_ in rows}


def _may_be_media(path: Path) -> bool:
    return path.suffix not in _NO_MEDIA


def _facts(name: str) -> Facts:
    return probe(material(name)).facts


def _named(name: str) -> str:
    """Where the file of that name is, under the folder of the material."""
    return next(path for path in material().rglob(name)).relative_to(material()).as_posix()


@pytest.mark.parametrize("name", file_names(_may_be_media, always=_explained()))
def test_a_real_file_gives_sound_facts_or_a_refusal_with_its_name(name: str) -> None:
    path = material(name)
    try:
        facts = probe(path).facts
    except MasterError as refusal:
        assert path.name in refusal.message
        assert refusal.code in ("empty-file", "no-index", "no-tracks", "not-media", "not-openable")
        assert _against_ffprobe(path, refusal) == _explained().get(name, [])
        return
    assert check_document(facts, registry().facts) == []
    grouped = sorted(place for group in form_groups(facts) for place in group.channels)
    tracks = enumerate(facts["sound.tracks"])
    assert grouped == [(i, c) for i, track in tracks for c in range(track.get("channel_count", 0))]
    assert ("cross_check.layer_disagreements" in facts) is (path.name not in _FIRST_PICTURES_UNREAD)
    layers = facts.get("cross_check.layer_disagreements", [])
    disagreeing = sorted(found["fact"].removeprefix("picture.") for found in layers)
    assert disagreeing == _LAYERS_DISAGREE.get(path.name, [])
    if path.name.startswith("valid"):
        assert not facts["decode.missing_byte_count"]
    assert _against_ffprobe(path, facts) == _explained().get(name, [])


def test_every_row_of_the_table_names_a_real_file() -> None:
    for name in _explained():
        assert material(name).is_file()


def _is_no_media(path: Path) -> bool:
    return path.suffix in (".m3u8", ".md", ".xml", ".tsv") and text_format_of(path) is None


@pytest.mark.parametrize("name", file_names(_is_no_media))
def test_text_and_playlists_are_no_media(name: str) -> None:
    path = material(name)
    if path.stat().st_size:
        with pytest.raises(MasterError) as refusal:
            probe(path)
        assert refusal.value.code == "not-media"


def test_a_quicktime_rate_of_25_is_told_from_the_23_976_of_its_essence() -> None:
    facts = _facts("format_corpus/video/Quicktime/hdv-1080p24.mov")
    assert facts["picture.wrapper.frame_rate"] == "25/1"
    assert facts["picture.bitstream.frame_rate"] == "24000/1001"
    assert facts["picture.frame_rate"] == "24000/1001"


def test_missing_bytes_are_counted_in_a_cut_matroska_file() -> None:
    facts = _facts("file_scraper/tests/data/video_x-matroska/invalid_4_ffv1_missing_data.mkv")
    assert facts["decode.missing_byte_count"] == 15
    assert _facts("file_scraper/tests/data/video_x-matroska/valid_4_ffv1.mkv")["decode.missing_byte_count"] == 0


def test_declared_hdr_is_read_from_the_essence() -> None:
    facts = _facts(_named("regular.mkv"))
    assert facts["picture.hdr.max_cll_cd_m2"] == 1000
    assert facts["picture.hdr.max_fall_cd_m2"] == 400
    assert facts["picture.hdr.mastering_display"] == {"primaries": "bt2020", "min_cd_m2": 0.0001, "max_cd_m2": 1000.0}
    assert facts["picture.dolby_vision.profile"] == 8


def test_twelve_bits_of_jpeg_2000_are_told_from_the_sixteen_that_decode() -> None:
    name = "VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf"
    facts = _facts(_named(name))
    assert (facts["picture.codec"], facts["picture.bit_depth_bits"]) == ("jpeg2000", 12)


def test_embedded_captions_are_timed_text_tracks() -> None:
    found = [probe(path).facts for path in sorted(material("caption_inspector").rglob("*.ts"))]
    assert found
    assert all(facts["timed_text.track_count"] == len(facts["timed_text.tracks"]) for facts in found)
    assert {"eia-608", "eia-708"} <= {track["codec"] for facts in found for track in facts["timed_text.tracks"]}


def _ffprobe(path: Path) -> list[dict[str, Any]]:
    program = shutil.which("ffprobe")
    if program is None:
        pytest.skip("no ffprobe on PATH to compare with")
    command = [program, "-v", "error", "-of", "json", "-show_streams", str(path)]
    output = subprocess.run(command, capture_output=True, timeout=60, check=False).stdout
    try:
        streams: list[dict[str, Any]] = json.loads(output or b"{}").get("streams", [])
    except ValueError:
        return []  # what ffprobe leaves behind when it dies half-way
    return [stream for stream in streams if not stream.get("disposition", {}).get("attached_pic")]


def _of_kind(streams: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [stream for stream in streams if stream.get("codec_type") == kind]


def _is_known(stream: dict[str, Any]) -> bool:
    return stream.get("codec_name", "unknown") != "unknown"


def _differences(facts: Facts, streams: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    pictures, sounds = _of_kind(streams, "video"), _of_kind(streams, "audio")
    found: dict[str, tuple[Any, Any]] = {
        "picture.track_count": (facts["picture.track_count"], len(pictures)),
        "sound.track_count": (facts["sound.track_count"], len(sounds)),
    }
    for number, (track, stream) in enumerate(zip(facts["picture.tracks"], pictures, strict=False)):
        if _is_known(stream) and stream["width"]:
            values = _picture_values(track, stream, facts["wrapper.format"])
            found |= {f"picture {number} {name}": pair for name, pair in values.items()}
    for number, (track, stream) in enumerate(zip(facts["sound.tracks"], sounds, strict=False)):
        if _is_known(stream) and stream["channels"]:
            values = _sound_values(track, stream, facts["wrapper.format"])
            found |= {f"sound {number} {name}": pair for name, pair in values.items()}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def _picture_values(track: Facts, stream: dict[str, Any], wrapper: str) -> dict[str, tuple[Any, Any]]:
    values = {
        "codec": (track["codec"], words.PICTURE_CODEC.from_libav(stream["codec_name"])),
        "width_px": (track.get("width_px"), stream["width"]),
        "height_px": (track.get("height_px"), stream["height"]),
        **_duration(track, stream, wrapper),
    }
    if stream["avg_frame_rate"] != "0/0" and track["frame_rate"] is not None:
        ours, theirs = parse_rate(track["frame_rate"]), Fraction(stream["avg_frame_rate"])
        is_rounding = abs(ours - theirs) <= ours / 5000
        values["frame_rate"] = (track["frame_rate"], track["frame_rate"] if is_rounding else stream["avg_frame_rate"])
    return values


def _sound_values(track: Facts, stream: dict[str, Any], wrapper: str) -> dict[str, tuple[Any, Any]]:
    name = stream["codec_name"]
    is_linear = name.startswith("pcm_") and name not in ("pcm_alaw", "pcm_mulaw")
    codec = "pcm" if is_linear else words.SOUND_CODEC.from_libav(name.removeprefix("pcm_"))
    return {
        "codec": (track["codec"], "adpcm" if name.startswith("adpcm") else codec),
        "sample_rate_hz": (track.get("sample_rate_hz"), int(stream["sample_rate"])),
        "channel_count": (track.get("channel_count"), stream["channels"]),
        **_duration(track, stream, wrapper),
    }


def _duration(track: Facts, stream: dict[str, Any], wrapper: str) -> dict[str, tuple[Any, Any]]:
    if wrapper not in _STATES_DURATION or "duration" not in stream or track["duration_s"] is None:
        return {}
    stated = round(float(stream["duration"]), 6)
    is_rounding = abs(stated - track["duration_s"]) <= 0.002
    return {"duration_s": (track["duration_s"], track["duration_s"] if is_rounding else stated)}


def _against_ffprobe(path: Path, ours: Facts | MasterError) -> list[tuple[str, ...]]:
    """Where we and ffprobe differ about a file: fact, our value, ffprobe's."""
    streams = _ffprobe(path)
    has_essence = bool(_of_kind(streams, "video") or _of_kind(streams, "audio"))
    if isinstance(ours, MasterError):
        return [("opened", ours.code, "yes")] if has_essence else []
    if not has_essence:
        return [("opened", "yes", "no")] if ours["picture.track_count"] or ours["sound.track_count"] else []
    pairs = _differences(ours, streams)
    return sorted((fact, str(one), str(other)) for fact, (one, other) in pairs.items())


@pytest.mark.parametrize(
    ("name", "scan", "order"),
    [
        ("apple-prores-422-proxy.mov", "progressive", None),
        ("apple-prores-422.mov", "progressive", None),
        ("dv-pal-interlaced.mov", "interlaced", "bff"),
        ("hdv-1080i50.mov", "interlaced", "tff"),
        ("hdv-1080p24.mov", "progressive", None),
        ("hdv-720p60.mov", "progressive", None),
    ],
)
def test_field_orders_of_what_quicktime_wrote_are_told(name: str, scan: str, order: str | None) -> None:
    facts = _facts(f"format_corpus/video/Quicktime/{name}")
    assert (facts["picture.scan"], facts["picture.field_order"]) == (scan, order)
