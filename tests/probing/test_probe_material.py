"""Every file of the material through the probe, held to the registry and to what another ffprobe says of it.

`ffprobe_differences.tsv` holds every difference with its reason; a row that no file needs is a failure too. What
ffprobe does not know (an unknown coding, a zero) is not compared, nor are durations in streams that state none and
leave both to guess.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
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
from tests.material import material

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
_LONGEST_PROBE_S = 10
_SHORTEST_SWEEP = 500


@cache
def _sweep() -> dict[str, Facts | MasterError]:
    """Facts or the refusal of every file that may be media; any other exception ends the test."""
    root = material()
    found: dict[str, Facts | MasterError] = {}
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.suffix in _NO_MEDIA:
            continue
        started = time.monotonic()
        try:
            found[path.relative_to(root).as_posix()] = probe(path).facts
        except MasterError as refusal:
            found[path.relative_to(root).as_posix()] = refusal
        assert time.monotonic() - started < _LONGEST_PROBE_S, path
    assert len(found) > _SHORTEST_SWEEP
    return found


def _probed() -> dict[str, Facts]:
    return {name: facts for name, facts in _sweep().items() if not isinstance(facts, MasterError)}


def test_every_file_gives_facts_or_a_master_error_with_its_name() -> None:
    for name, refusal in _sweep().items():
        if isinstance(refusal, MasterError):
            assert Path(name).name in refusal.message
            assert refusal.code in ("empty-file", "no-index", "no-tracks", "not-media", "not-openable")


def test_text_and_playlists_are_no_media() -> None:
    root = material()
    texts = [path for path in sorted(root.rglob("*")) if path.suffix in (".m3u8", ".md", ".xml", ".tsv")]
    assert len(texts) > 100
    for path in texts:
        if path.stat().st_size:
            with pytest.raises(MasterError) as refusal:
                probe(path)
            assert refusal.value.code == "not-media", path


def test_every_probed_fact_is_as_the_registry_says() -> None:
    complaints = {name: check_document(facts, registry().facts) for name, facts in _probed().items()}
    assert {name: found for name, found in complaints.items() if found} == {}


def test_every_sound_channel_belongs_to_exactly_one_group() -> None:
    for name, facts in _probed().items():
        grouped = sorted(place for group in form_groups(facts) for place in group.channels)
        tracks = enumerate(facts["sound.tracks"])
        assert grouped == [(i, c) for i, track in tracks for c in range(track.get("channel_count", 0))], name


def test_layers_disagree_in_just_the_files_known_for_it() -> None:
    disagreeing = {
        Path(name).name: sorted(
            found["fact"].removeprefix("picture.") for found in facts["cross_check.layer_disagreements"]
        )
        for name, facts in _probed().items()
        if facts["cross_check.layer_disagreements"]
    }
    assert disagreeing == {
        "hdv-1080p24.mov": ["frame_rate"],
        "hdv-720p60.mov": ["frame_rate"],
        "valid__mpeg2_mp3.avi": ["frame_rate"],
        "sample_gamma2.2.mp4": ["color_primaries", "color_transfer"],
        "sample_with_fake_auxiliary_tracks_interleaved_with_primary_video_tracks.mp4": ["height_px", "width_px"],
        "test444-test_12_444-libaom-av1.mp4": ["color_matrix", "color_range", "color_transfer"],
        "test444-test_12_444-libx265.mp4": ["color_matrix"],
        "test444-test_12_444-vp9.mp4": ["color_matrix", "color_range"],
        "video_colr_nclx_two_colr.mp4": ["color_transfer"],
    }


def test_a_quicktime_rate_of_25_is_told_from_the_23_976_of_its_essence() -> None:
    facts = _probed()["format_corpus/video/Quicktime/hdv-1080p24.mov"]
    assert facts["picture.wrapper.frame_rate"] == "25/1"
    assert facts["picture.bitstream.frame_rate"] == "24000/1001"
    assert facts["picture.frame_rate"] == "24000/1001"


def test_missing_bytes_are_counted_in_a_cut_matroska_file() -> None:
    facts = _probed()["file_scraper/tests/data/video_x-matroska/invalid_4_ffv1_missing_data.mkv"]
    assert facts["decode.missing_byte_count"] == 15
    assert _probed()["file_scraper/tests/data/video_x-matroska/valid_4_ffv1.mkv"]["decode.missing_byte_count"] == 0


def test_files_named_valid_miss_no_bytes() -> None:
    valid = {name: facts for name, facts in _probed().items() if Path(name).name.startswith("valid")}
    assert len(valid) >= 15
    assert {
        name: facts["decode.missing_byte_count"] for name, facts in valid.items() if facts["decode.missing_byte_count"]
    } == {}


def test_declared_hdr_is_read_from_the_essence() -> None:
    facts = next(facts for name, facts in _probed().items() if name.endswith("/regular.mkv"))
    assert facts["picture.hdr.max_cll_cd_m2"] == 1000
    assert facts["picture.hdr.max_fall_cd_m2"] == 400
    assert facts["picture.hdr.mastering_display"] == {"primaries": "bt2020", "min_cd_m2": 0.0001, "max_cd_m2": 1000.0}
    assert facts["picture.dolby_vision.profile"] == 8


def test_twelve_bits_of_jpeg_2000_are_told_from_the_sixteen_that_decode() -> None:
    name = "VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf"
    facts = next(facts for found, facts in _probed().items() if found.endswith(name))
    assert (facts["picture.codec"], facts["picture.bit_depth_bits"]) == ("jpeg2000", 12)


def test_embedded_captions_are_timed_text_tracks() -> None:
    found = [
        facts for name, facts in _probed().items() if name.startswith("caption_inspector/") and name.endswith(".ts")
    ]
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


def test_ffprobe_agrees_or_the_difference_is_explained() -> None:
    root = material()
    explained = {tuple(row.split("\t")[:4]) for row in DIFFERENCES.read_text(encoding="utf-8").splitlines()[1:]}
    found = set()
    for name, facts in _sweep().items():
        streams = _ffprobe(root / name)
        has_essence = bool(_of_kind(streams, "video") or _of_kind(streams, "audio"))
        if isinstance(facts, MasterError):
            if has_essence:
                found.add((name, "opened", facts.code, "yes"))
        elif not has_essence and (facts["picture.track_count"] or facts["sound.track_count"]):
            found.add((name, "opened", "yes", "no"))
        elif has_essence:
            pairs = _differences(facts, streams)
            found |= {(name, fact, str(ours), str(theirs)) for fact, (ours, theirs) in pairs.items()}
    assert sorted(found - explained) == []
    assert sorted(explained - found) == []


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
    facts = _probed()[f"format_corpus/video/Quicktime/{name}"]
    assert (facts["picture.scan"], facts["picture.field_order"]) == (scan, order)
