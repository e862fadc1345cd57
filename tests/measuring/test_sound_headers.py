"""What the frames of coded sound state, beside MediaInfo: dialnorm and its changes, constant and variable bit rates."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.measuring.registry import spec_library
from deliverqc.measuring.sound_headers import dialnorm_differences, with_headers
from deliverqc.signals.sound_headers import HeaderFollower
from deliverqc.signals.tables import DecodeLog, SoundHeaders
from fixtures.ffmpeg import make
from tests.material import material

_TONE = "-f lavfi -i sine=997:d=1:r={rate}"
_NOISE = "-f lavfi -i \"anoisesrc=d=2:r=44100:a=0.1:seed=1,volume='if(gt(t,1),0.05,1)':eval=frame\""

mediainfo_is_here = pytest.mark.skipif(shutil.which("mediainfo") is None, reason="MediaInfo is the peer")


def _facts(path: Path) -> dict[str, Any]:
    return dict(deliverqc.measure(str(path)).subjects[0].facts)


def _peer(path: Path) -> dict[str, Any]:
    said = subprocess.run(["mediainfo", "--Full", "--Output=JSON", path], capture_output=True, check=True).stdout
    return next(track for track in json.loads(said)["media"]["track"] if track["@type"] == "Audio")


@mediainfo_is_here
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("48.ac3", f"{_TONE.format(rate=48000)} -ac 2 -c:a ac3 -dialnorm -23"),
        ("44.ac3", f"{_TONE.format(rate=44100)} -ac 6 -c:a ac3 -dialnorm -31"),
        ("32.ac3", f"{_TONE.format(rate=32000)} -ac 1 -c:a ac3 -dialnorm -1"),
        ("surround.mp4", f"{_TONE.format(rate=48000)} -ac 6 -c:a eac3 -dialnorm -27"),
        ("mono.ts", f"{_TONE.format(rate=48000)} -ac 1 -c:a eac3 -dialnorm -16"),
    ],
    ids=["48-khz", "44-khz", "32-khz", "e-ac3", "e-ac3-mono"],
)
def test_dialnorm_of_every_frame_is_that_of_mediainfo(tmp_path: Path, name: str, arguments: str) -> None:
    path = make(tmp_path / name, arguments)
    track, stated = _facts(path)["sound.tracks"][0], _peer(path)["extra"]
    assert track["dialnorm_lufs"] == int(stated["dialnorm_Maximum"]) == int(stated["dialnorm_Minimum"])
    assert (track["dialnorm_count"], track["bit_rate_mode"]) == (1, "constant")


@mediainfo_is_here
@pytest.mark.parametrize("name", ["mediaarea_regression/AVI/AC-3/file1.avi", "androidx_media/media/mp4/sample_ac3.mp4"])
def test_dialnorm_of_real_files_is_that_of_mediainfo(name: str) -> None:
    path = material(name)
    track, peer = _facts(path)["sound.tracks"][0], _peer(path)
    assert track["dialnorm_lufs"] == int(peer["extra"]["dialnorm"])
    assert {"constant": "CBR", "variable": "VBR"}[track["bit_rate_mode"]] == peer["BitRate_Mode"]


@mediainfo_is_here
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cbr.mp3", "-c:a libmp3lame -b:a 192k"),
        ("vbr.mp3", "-c:a libmp3lame -q:a 4"),
        ("abr.mp3", "-c:a libmp3lame -abr 1 -b:a 160k"),
        ("cbr.mov", "-c:a libmp3lame -b:a 128k"),
        ("vbr.mkv", "-c:a libmp3lame -q:a 4 -write_xing 0"),
        ("pcm.wav", "-c:a pcm_s16le"),
        ("noise.flac", ""),
    ],
    ids=["cbr", "vbr", "abr", "cbr-mov", "vbr-mkv", "pcm", "flac"],
)
def test_the_bit_rate_mode_is_that_of_mediainfo(tmp_path: Path, name: str, arguments: str) -> None:
    path = make(tmp_path / name, f"{_NOISE} {arguments}")
    stated = _peer(path).get("BitRate_Mode", "VBR" if name.startswith("vbr") else None)
    assert {"constant": "CBR", "variable": "VBR"}[_facts(path)["sound.tracks"][0]["bit_rate_mode"]] == stated


def test_aac_says_nothing_of_its_bit_rate_and_has_no_dialnorm(tmp_path: Path) -> None:
    track = _facts(make(tmp_path / "sound.m4a", f"{_NOISE} -c:a aac"))["sound.tracks"][0]
    assert "bit_rate_mode" not in track
    assert track["dialnorm_lufs"] is None


def test_dialnorm_of_ac4_is_not_measured() -> None:
    facts = _facts(material("androidx_media/media/ts/sample_ac4.ts"))
    assert "dialnorm_lufs" not in facts["sound.tracks"][0]
    assert "cross_check.dialnorm_difference_lu" not in facts


def test_one_other_dialnorm_in_the_middle_counts(tmp_path: Path) -> None:
    parts = [
        make(tmp_path / f"{value}.ac3", f"{_TONE.format(rate=48000)} -ac 2 -c:a ac3 -dialnorm {value}").read_bytes()
        for value in (-21, -31)
    ]
    joined = tmp_path / "joined.ac3"
    joined.write_bytes(parts[0] + parts[1][: len(parts[1]) // 32] + parts[0])
    facts = _facts(joined)
    track = facts["sound.tracks"][0]
    assert (track["dialnorm_lufs"], track["dialnorm_count"]) == (-21, 2)
    loudness = facts["sound.groups"][0]["loudness.integrated_lufs"]
    assert facts["cross_check.dialnorm_difference_lu"] == pytest.approx(loudness + 31.0, abs=0.011)


@pytest.mark.parametrize("spec", ["ebu-r128-programme", "atsc-a85"])
def test_a_spec_asks_for_dialnorm_of_what_may_state_it_only(spec: str) -> None:
    clauses = {clause.id: clause.schema for clause in spec_library().load(spec).clauses}
    condition = clauses["loudness-metadata" if spec == "ebu-r128-programme" else "dialnorm"]["if"]
    truths = [
        evaluate(condition, {"sound.tracks": [{"codec": codec} for codec in codecs]}).truth
        for codecs in (["pcm"], ["pcm", "ac3"], ["ac4"], ["truehd"])
    ]
    assert truths == [Truth.FALSE, Truth.TRUE, Truth.TRUE, Truth.TRUE]


@pytest.mark.parametrize(("dialnorm", "outcome"), [(-21, "pass"), (-31, "fail")])
def test_ebu_r128_holds_dialnorm_to_the_measured_loudness(tmp_path: Path, dialnorm: int, outcome: str) -> None:
    path = make(tmp_path / "tone.ac3", f"{_TONE.format(rate=48000)} -ac 2 -c:a ac3 -dialnorm {dialnorm}")
    verdict = deliverqc.check(str(path), "ebu-r128-programme")["masters"][0]["subjects"][0]["verdicts"][0]
    assert {one["id"]: one["outcome"] for one in verdict["clauses"]}["loudness-metadata"] == outcome


@pytest.mark.parametrize(
    "packet", [b"", b"\x0b\x77", b"\x0b\x77" + b"\xff" * 30, b"\0" * 64], ids=["none", "short", "reserved", "zeros"]
)
def test_a_frame_that_cannot_be_read_leaves_the_track_unread(packet: bytes) -> None:
    follower = HeaderFollower()
    follower.see("ac3", packet)
    assert follower.told("sound 0") is None


_AC3 = bytes.fromhex("0b77000014405f80") + bytes(760)  # 48 kHz, 384 words, bsid 8
_E_AC3 = bytes.fromhex("0b77017f3f87c000") + bytes(760)  # independent substream 0 of 384 words, bsid 16
_DEPENDENT_E_AC3 = bytes.fromhex("0b77417f3f87c000") + bytes(760)
_CHANNEL, _PAIR, _FILL = b"\x01\x40", b"\x21\x10", b"\xde\x02"
"""The first bits of raw AAC frames: ISO/IEC 14496-3 Table 4.85."""


@pytest.mark.parametrize(
    ("decoder", "profile", "packets", "change"),
    [
        ("ac3", None, [_AC3, _AC3], None),
        ("ac3", None, [_AC3, _E_AC3, _E_AC3], "AC-3 becomes E-AC-3"),
        ("eac3", None, [_AC3 + _DEPENDENT_E_AC3] * 2, None),
        ("mp3float", None, [b"\xff\xfb\x94\x00", b"\xff\xfd\x94\x00"], "layer III becomes layer II"),
        ("aac", "LC", [_FILL, _PAIR, _FILL, _PAIR], None),
        ("aac", "LC", [_FILL, _PAIR, _CHANNEL], "a channel pair becomes a single channel"),
        ("aac", "HE-AACv2", [_CHANNEL, _CHANNEL], None),
        ("aac", "ELD", [_PAIR, _CHANNEL], None),
        ("aac", "LC", [b"\xff\xf1\x4c", b"\xff\xf1\x50"], None),
    ],
    ids=["ac3", "ac3-eac3", "core-and-extension", "layers", "stereo", "stereo-mono", "parametric", "eld", "adts"],
)
def test_a_coding_that_changes_in_a_track_is_reported_once(
    decoder: str, profile: str | None, packets: list[bytes], change: str | None
) -> None:
    follower = HeaderFollower(profile=profile)
    said = [follower.see(decoder, packet) for packet in packets]
    assert [one for one in said if one is not None] == ([] if change is None else [change])


def test_a_change_at_the_first_packet_of_a_part_is_seen_from_the_packet_before() -> None:
    follower = HeaderFollower(profile="LC")
    for before in (_PAIR, _FILL):
        follower.see_before("aac", before)
    assert follower.told("sound 0") is None
    assert follower.see("aac", _CHANNEL) == "a channel pair becomes a single channel"


def test_stereo_aac_that_becomes_mono_in_a_movie_is_damage(tmp_path: Path) -> None:
    """libav decodes on in stereo. The frames are those of an ADTS stream, whose headers the movie does not keep."""
    parts = [
        make(tmp_path / f"{count}.aac", f"{_TONE.format(rate=48000)} -ac {count} -c:a aac -t 0.3") for count in (2, 1)
    ]
    (tmp_path / "both.aac").write_bytes(b"".join(part.read_bytes() for part in parts))
    movie = make(tmp_path / "a.mov", f"-i {tmp_path / 'both.aac'} -c copy")
    messages = [error["message"] for error in _facts(movie)["decode.errors"]]
    assert messages == ["the sound changes its coding: a channel pair becomes a single channel"]


def test_reserved_dialnorm_is_taken_for_the_lowest() -> None:
    frame = bytes.fromhex("0b7700001440400000") + bytes(759)  # 48 kHz, 384 words, 2/0, dialnorm 0
    follower = HeaderFollower()
    follower.see("ac3", frame)
    assert follower.told("sound 0") == SoundHeaders(track="sound 0", dialnorms_lufs=(-31,), rate_count=1)


def _log(*headers: SoundHeaders) -> DecodeLog:
    return DecodeLog(
        errors=(), warnings=(), frame_count=None, missing_frame_count=None, undecodable=(), sound_headers=headers
    )


@pytest.mark.parametrize(
    ("codec", "loudness", "expected"),
    [
        ("ac3", {"loudness.integrated_lufs": -24.0}, {"cross_check.dialnorm_difference_lu": 3.0}),
        ("ac3", {"loudness.integrated_lufs": None}, {"cross_check.dialnorm_difference_lu": None}),
        ("ac3", {}, {}),
        ("truehd", {"loudness.integrated_lufs": -24.0}, {}),
        ("pcm", {}, {"cross_check.dialnorm_difference_lu": None, "cross_check.dialnorm_dialogue_difference_lu": None}),
    ],
    ids=["measured", "silent", "not-measured", "not-read", "none-stated"],
)
def test_a_difference_is_told_only_where_both_sides_were_read(
    codec: str, loudness: dict[str, float | None], expected: dict[str, float | None]
) -> None:
    stated = SoundHeaders(track="sound 0", dialnorms_lufs=(-27,), rate_count=1)
    log = _log(*([stated] if codec == "ac3" else []))
    tracks = with_headers([{"codec": codec}], log)
    facts = {"sound.tracks": tracks, "sound.groups": [{"tracks": [0], **loudness}]}
    assert dialnorm_differences(facts, log) == expected
