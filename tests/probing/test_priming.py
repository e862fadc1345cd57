"""Priming and padding: stated where libav and the bytes say so, and never measured as audio."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from deliverqc.facts.model import Facts
from deliverqc.pipeline import facts_document
from deliverqc.probing.priming import priming_facts, unstated_priming
from deliverqc.probing.wrappers.isobmff import BoxFile, BoxTrack
from deliverqc.probing.wrappers.priming import Priming, of_boxes, of_mp3
from deliverqc.request import Tier
from deliverqc.signals.decode import decode
from deliverqc.signals.plan import Plan
from fixtures.ffmpeg import make
from tests.material import material

_TONE = "-f lavfi -i sine=1000:r=48000:d=0.5 {coding}"
_BOTH = (
    "-f lavfi -i testsrc2=s=64x48:r=25:d=0.48 -f lavfi -i sine=1000:r=48000:d=0.5 "
    "-c:v libx264 -pix_fmt yuv420p -bf 2 -c:a aac {options}"
)


def _facts(path: Path, tier: Tier = Tier.HEADERS) -> Facts:
    document: Any = facts_document(path, None, tier)
    facts: Facts = document["subjects"][0]["facts"]
    return facts


def _skipped_by_libav(path: Path) -> tuple[int, int]:
    """Samples that libav marks as skipped, at the start and at the end."""
    start = end = 0
    with av.open(path) as container:
        for packet in container.demux(container.streams.audio[0]):
            if packet.has_sidedata("skip_samples"):
                first, last = struct.unpack_from("<II", bytes(packet.get_sidedata("skip_samples")))
                start, end = start + first, end + last
    return start, end


@pytest.mark.parametrize(
    ("name", "coding", "source"),
    [
        ("aac.m4a", "-c:a aac", "edit_list"),
        ("ac3.mp4", "-c:a ac3", "edit_list"),
        ("mp3.mp4", "-c:a libmp3lame", "edit_list"),
        ("opus.mp4", "-c:a libopus", "edit_list"),
        ("mp3.mp3", "-c:a libmp3lame", "lame_tag"),
        ("tagged.mp3", "-c:a libmp3lame -metadata title=Tone", "lame_tag"),
        ("opus.mka", "-c:a libopus", "codec_delay"),
        ("opus.ogg", "-c:a libopus", "opus_head"),
    ],
)
def test_priming_is_what_libav_skips(name: str, coding: str, source: str, tmp_path: Path) -> None:
    path = make(tmp_path / name, _TONE.format(coding=coding))
    [track] = _facts(path)["sound.tracks"]
    start, end = _skipped_by_libav(path)
    assert start > 0
    assert (track["priming_samples"], track["priming_source"]) == (start, source)
    if source == "lame_tag":
        assert track["padding_samples"] == end > 0


@pytest.mark.parametrize(
    ("name", "coding", "measured_padding"), [("aac.m4a", "-c:a aac", 576), ("mp3.mp3", "-c:a libmp3lame", 0)]
)
def test_what_is_measured_starts_after_the_priming(
    name: str, coding: str, measured_padding: int, tmp_path: Path
) -> None:
    """576: 25 packets of 1024 samples, less 1024 of priming and the tone's 24,000."""
    path = make(tmp_path / name, _TONE.format(coding=coding))
    plan = Plan(
        picture_index=None,
        picture_indexes=(),
        sound_indexes=(0,),
        frame_rate=None,
        promised_frame_count=None,
        is_truncated=False,
    )
    [sound] = decode(path, plan).sounds
    assert sound.sample_count == 24_000 + measured_padding
    if measured_padding:
        assert _facts(path)["sound.tracks"][0]["padding_samples"] == measured_padding
    assert sound.energy[:5].min() > 0  # the tone is there from its first row on


def test_a_stated_priming_keeps_the_audio_in_step_with_the_picture(tmp_path: Path) -> None:
    path = make(tmp_path / "stated.mp4", _BOTH.format(options=""))
    facts = _facts(path, Tier.FULL)
    assert facts["cross_check.unstated_priming_tracks"] == []
    assert facts["decode.sound_start_difference_s"] == 0.0


def test_aac_beside_a_picture_that_states_no_priming_is_named(tmp_path: Path) -> None:
    facts = _facts(make(tmp_path / "bare.mp4", _BOTH.format(options="-use_editlist 0")))
    assert facts["sound.tracks"][0]["priming_samples"] is None
    assert facts["cross_check.unstated_priming_tracks"] == [{"order": 0, "priming_codec": "aac"}]


def test_transport_streams_are_not_searched(tmp_path: Path) -> None:
    facts = _facts(make(tmp_path / "tone.ts", _TONE.format(coding="-c:a aac")))
    assert "priming_samples" not in facts["sound.tracks"][0]
    assert facts["cross_check.unstated_priming_tracks"] is None


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(data), kind) + data


def _itunes(text: bytes, name: bytes = b"iTunSMPB") -> bytes:
    item = _box(b"mean", bytes(4) + b"com.apple.iTunes") + _box(b"name", bytes(4) + name)
    item += _box(b"data", struct.pack(">II", 1, 0) + text)
    listed = _box(b"ilst", _box(b"----", item))
    return _box(b"moov", _box(b"udta", _box(b"meta", bytes(4) + listed)))


def _of_comment(data: bytes, *sounds: BoxTrack) -> dict[int, Priming]:
    return of_boxes(io.BytesIO(data), len(data), BoxFile(tracks=list(sounds), movie_timescale=1000))


def test_itunsmpb_counts_where_no_edit_does() -> None:
    data = _itunes(b" 00000000 00000840 000001CA 00000000003F31F6 00000000")
    sound = BoxTrack(identity=2, handler="soun", timescale=44_100)
    [(identity, stated)] = _of_comment(data, sound).items()
    assert (identity, stated.source, stated.samples(44_100)) == (2, "itunsmpb", (2112, 458))
    edited = BoxTrack(identity=2, handler="soun", timescale=44_100, edits=((1000, 1024),))
    assert _of_comment(data, edited)[2].source == "edit_list"


@pytest.mark.parametrize("text", [b"", b" 00000000", b" 00000000 xyz 0", b"\xff\xfe"])
def test_itunsmpb_that_cannot_be_read_states_nothing(text: bytes) -> None:
    sound = BoxTrack(identity=2, handler="soun", timescale=44_100)
    assert _of_comment(_itunes(text), sound) == {}
    assert _of_comment(_itunes(b" 0 840 0", name=b"iTunNORM"), sound) == {}


def test_edits_count_in_samples_of_the_track_whatever_the_clock() -> None:
    sound = BoxTrack(
        identity=1, handler="soun", timescale=24_000, indexed_duration=24_000 + 1024 + 512, edits=((1000, 1024),)
    )
    [stated] = of_boxes(io.BytesIO(), 0, BoxFile(tracks=[sound], movie_timescale=1000)).values()
    assert stated.samples(48_000) == (2048, 1024)


def test_an_empty_edit_before_the_sound_is_no_priming() -> None:
    sound = BoxTrack(identity=1, handler="soun", timescale=48_000, edits=((40, -1), (1000, 0)))
    assert of_boxes(io.BytesIO(), 0, BoxFile(tracks=[sound], movie_timescale=1000)) == {}


@pytest.mark.parametrize("data", [b"", b"ID3", b"\xff", b"\xff\xfbInfo", b"ID3\4\0\0\0\0\0\0"])
def test_a_cut_mp3_states_nothing(data: bytes) -> None:
    assert not of_mp3(io.BytesIO(data))


def test_codings_without_priming_state_none_and_unsearched_ones_are_missing() -> None:
    assert priming_facts({"codec": "pcm"}, None, 0, None)["priming_samples"] is None
    assert priming_facts({"codec": "aac", "sample_rate_hz": 48_000}, None, 0, None) == {}
    stated = {0: Priming(source="edit_list", start=Fraction(1024))}
    assert priming_facts({"codec": "aac"}, stated, 0, None) == {}


def test_a_track_that_was_not_searched_leaves_the_check_unmeasured() -> None:
    assert unstated_priming("mov", 1, [{"codec": "aac"}]) == {}
    assert unstated_priming("mp4", 1, [{"codec": "pcm", "priming_samples": None}]) == {
        "cross_check.unstated_priming_tracks": []
    }


def test_an_apple_file_agrees_with_libav() -> None:
    path = material("file_scraper/tests/data/audio_mp4/valid__aac.m4a")
    [track] = _facts(path)["sound.tracks"]
    assert (track["priming_samples"], track["priming_source"]) == (_skipped_by_libav(path)[0], "itunsmpb")
