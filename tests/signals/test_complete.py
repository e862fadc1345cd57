"""A file that was cut, or never closed, is not complete; a whole one is."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from deliverqc.facts.model import Facts
from deliverqc.measuring.decode_facts import decode_facts
from deliverqc.measuring.planning import plan_of
from deliverqc.measuring.timelines import timeline_of
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
from fixtures.ffmpeg import make

_NOISE = "-f lavfi -i anoisesrc=a=0.1:r=48000:seed=1:d=2"
_BOTH = f"-f lavfi -i testsrc2=s=160x90:r=25:d=2 {_NOISE}"
_H264 = "-c:v libx264 -preset ultrafast -g 10"
_FRAGMENTS = f"{_BOTH} {_H264} -c:a aac -movflags frag_keyframe+empty_moov"
_STATING = {
    "flac.flac": f"{_NOISE} -c:a flac",
    "lame.mp3": f"{_NOISE} -b:a 96k",
    "vorbis.ogg": f"{_NOISE} -c:a libvorbis",
    "pcm.w64": _NOISE,
    "pcm.caf": _NOISE,
    "indexed.mp4": f"{_FRAGMENTS}+dash+global_sidx",
    "closed.mxf": f"{_BOTH} -c:v mpeg2video -c:a pcm_s16le",
}
_SILENT = {
    "without-xing.mp3": f"{_NOISE} -write_xing 0",
    "adts.aac": f"{_NOISE} -c:a aac",
    "dolby.ac3": f"{_NOISE} -c:a ac3 -b:a 192k",
    "stream.ts": f"{_BOTH} {_H264} -c:a aac",
    "stream.mpg": f"{_BOTH} -c:v mpeg2video -c:a mp2",
    "raw.h264": f"-f lavfi -i testsrc2=s=160x90:r=25:d=2 {_H264}",
    "live.mkv": f"{_BOTH} {_H264} -c:a aac -live 1",
}


def _facts(path: Path) -> Facts:
    probed = probe(path)
    signals = decode(path, plan_of(probed))
    return {**probed.facts, **decode_facts(signals, timeline_of(probed, signals), probed)}


def _is_complete(facts: Facts) -> bool:
    counts = [facts[f"decode.missing_{what}"] for what in ("byte_count", "frame_count", "duration_s")]
    is_even = (facts["decode.end_difference_s"] or 0) <= 1.25
    return not any(counts) and is_even and facts["wrapper.is_closed"] is not False


@pytest.fixture(scope="module")
def whole_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("whole")
    recipes = {**_STATING, **_SILENT}

    def made(name: str) -> Path:
        return folder / name if (folder / name).exists() else make(folder / name, recipes[name])

    return made


def _cut(whole: Path, folder: Path, end: int) -> Path:
    part = folder / whole.name
    part.write_bytes(whole.read_bytes()[:end])
    return part


def _boundary(path: Path) -> int:
    """Where the packet begins that is first in the second half of the file."""
    with av.open(str(path)) as container:
        places = sorted(packet.pos for packet in container.demux() if packet.size and packet.pos)
    return next(place for place in places if place > path.stat().st_size // 2)


@pytest.mark.parametrize("name", _STATING)
def test_what_states_its_length_is_whole_or_shows_where_it_was_cut(
    name: str, whole_of: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = whole_of(name)
    found = _facts(whole)
    assert _is_complete(found)
    assert found["wrapper.shows_cut_end"] is True
    assert not _is_complete(_facts(_cut(whole, tmp_path, _boundary(whole))))


@pytest.mark.parametrize("name", _SILENT)
def test_what_states_no_length_passes_whole_and_says_that_it_cannot_show_a_cut(
    name: str, whole_of: Callable[[str], Path]
) -> None:
    found = _facts(whole_of(name))
    assert _is_complete(found)
    assert found["wrapper.shows_cut_end"] is False
    assert found["decode.missing_duration_s"] is None


@pytest.mark.parametrize("name", ["without-xing.mp3", "adts.aac", "dolby.ac3", "stream.ts", "stream.mpg"])
def test_a_last_packet_that_is_not_whole_is_missing(name: str, whole_of: Callable[[str], Path], tmp_path: Path) -> None:
    whole = whole_of(name)
    assert _facts(_cut(whole, tmp_path, whole.stat().st_size - 30))["decode.missing_byte_count"] > 0


def test_the_stated_length_and_its_source_are_told(whole_of: Callable[[str], Path], tmp_path: Path) -> None:
    whole = whole_of("flac.flac")
    (missing,) = _facts(_cut(whole, tmp_path, _boundary(whole)))["decode.missing_durations"]
    assert (missing["track"], missing["source"], missing["stated_s"]) == ("sound 0", "STREAMINFO", 2.0)
    assert missing["missing_s"] == pytest.approx(2.0 - missing["held_s"])


def test_fragments_that_end_before_their_samples_are_missing(whole_of: Callable[[str], Path], tmp_path: Path) -> None:
    whole = whole_of("indexed.mp4")
    data = whole.read_bytes().replace(b"sidx", b"free")
    last = data.rfind(b"moof")
    length = int.from_bytes(data[last - 4 : last], "big")
    part = tmp_path / "headless.mp4"
    part.write_bytes(data[: last - 4 + length])
    assert _facts(part)["decode.missing_byte_count"] > 0


def test_an_mxf_that_its_writer_never_closed_is_open(whole_of: Callable[[str], Path], tmp_path: Path) -> None:
    data = bytearray(whole_of("closed.mxf").read_bytes())
    partition = bytes.fromhex("060e2b34020501010d01020101")
    body_end = data.rfind(partition + b"\x04")
    data[14] = 1  # the header partition is open and incomplete
    data[44:52] = bytes(8)  # and names no footer
    part = tmp_path / "growing.mxf"
    part.write_bytes(data[:body_end])
    assert probe(part).facts["wrapper.is_closed"] is False


def _wav(body: bytes, size: int | None = None) -> bytes:
    wave = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 48_000, 96_000, 2, 16) + body
    return b"RIFF" + struct.pack("<I", len(wave) if size is None else size) + wave


def _chunk(data: bytes, length: int | None = None) -> bytes:
    return b"data" + struct.pack("<I", len(data) if length is None else length) + data


_SAMPLES = np.random.default_rng(1).integers(-9000, 9000, 4 * 48_000, dtype=np.int16).tobytes()
_HALF = len(_SAMPLES) // 2


@pytest.mark.parametrize(
    ("data", "missing_s"),
    [
        (_wav(_chunk(_SAMPLES)), 0),
        (_wav(_chunk(_SAMPLES)) + bytes(200_000), 0),
        (_wav(_chunk(_SAMPLES[:_HALF]) + _chunk(_SAMPLES[_HALF:])), 2),
        (_wav(_chunk(_SAMPLES, _HALF)), 2),
        (_wav(_chunk(_SAMPLES, _HALF), _HALF + 36), 2),
        (_wav(b"fact" + struct.pack("<II", 4, 5 * 48_000) + _chunk(_SAMPLES)), 1),
    ],
)
def test_sound_of_a_wav_that_was_never_heard_is_missing(data: bytes, missing_s: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    assert (_facts(path)["decode.missing_duration_s"] or 0) == pytest.approx(missing_s, abs=1e-4)


@pytest.mark.parametrize("open_size", [0, 0xFFFFFFFF])
def test_a_wav_whose_header_was_never_finished_is_open_and_not_damaged(open_size: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(_wav(_chunk(_SAMPLES, open_size), open_size))
    found = _facts(path)
    assert found["wrapper.is_closed"] is False
    assert found["decode.errors"] == []


def test_zeros_after_the_last_chunk_are_not_walked_through(tmp_path: Path) -> None:
    from deliverqc.probing.wrappers.riff import padding_start

    path = tmp_path / "a.wav"
    data = _wav(_chunk(_SAMPLES))
    path.write_bytes(data)
    with path.open("r+b") as file:
        file.truncate(400_000_000)
    with path.open("rb") as file:
        assert padding_start(file, 400_000_000) == len(data)
    assert probe(path).facts["wrapper.duration_s"] == 4.0


def test_pages_of_ogg_that_are_missing_in_between_are_counted(tmp_path: Path) -> None:
    whole = make(
        tmp_path / "whole.ogg", "-f lavfi -i anoisesrc=a=0.3:r=48000:seed=1 -t 2 -c:a flac -page_duration 100000"
    )
    data = whole.read_bytes()
    pages = [at for at in range(len(data)) if data[at : at + 5] == b"OggS\0"]
    assert _is_complete(_facts(whole))
    (tmp_path / "cut.ogg").write_bytes(data[: pages[5]] + data[pages[7] :])
    assert probe(tmp_path / "cut.ogg").facts["decode.missing_byte_count"] == 2 * 27


@pytest.mark.parametrize(("seconds", "missing_s"), [(1, None), (3, 2)])
def test_an_edit_list_that_reaches_behind_the_media_is_not_complete(
    seconds: int, missing_s: int | None, tmp_path: Path
) -> None:
    whole = make(
        tmp_path / "whole.mov", "-f lavfi -i testsrc2=s=64x64:r=25 -t 1 -c:v prores_ks -video_track_timescale 25"
    )
    data = bytearray(whole.read_bytes())
    edit = data.index(b"elst") + 12  # movie units, which are milliseconds
    assert int.from_bytes(data[edit : edit + 4], "big") == 1000
    data[edit : edit + 4] = (seconds * 1000).to_bytes(4, "big")
    whole.write_bytes(data)
    rows = [row for row in _facts(whole)["decode.missing_durations"] if row["source"] == "edit list"]
    assert [row["missing_s"] for row in rows] == ([missing_s] if missing_s else [])


@pytest.mark.parametrize(
    ("flags", "shows"),
    [
        ("frag_keyframe", False),
        ("frag_keyframe+empty_moov+dash", False),
        ("frag_keyframe+empty_moov+dash+global_sidx", True),
    ],
)
def test_fragments_show_a_cut_end_only_by_an_index_or_a_length_of_all(flags: str, shows: bool, tmp_path: Path) -> None:
    made = make(
        tmp_path / "made.mp4",
        f"-f lavfi -i testsrc2=s=64x64:r=25 -t 1 -c:v libx264 -pix_fmt yuv420p -g 10 -movflags {flags}+skip_trailer",
    )
    assert probe(made).facts["wrapper.shows_cut_end"] is shows


@pytest.mark.parametrize("wrapper", ["m4a", "mka"])
def test_a_shortened_last_packet_does_not_say_how_long_packets_are(wrapper: str, tmp_path: Path) -> None:
    """Two of them are what a stated length may be off by, of which the priming of AAC in Matroska is one."""
    aac = make(tmp_path / "whole.m4a", "-f lavfi -i anoisesrc=a=0.1:r=48000:seed=1 -t 0.5 -c:a aac")
    copy = tmp_path / f"a.{wrapper}"
    with av.open(str(aac)) as source, av.open(str(copy), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        packets = [packet for packet in source.demux() if packet.dts is not None]
        packets[-1].duration = 256
        for packet in packets:
            packet.stream = stream
            target.mux(packet)
    (length,) = decode(copy, plan_of(probe(copy))).log.lengths
    assert float(length.packet_s) == pytest.approx(1024 / 48000, abs=0.001)


@pytest.mark.parametrize("suffix", [".mov", ".m4a"])
def test_a_second_file_joined_behind_the_first_was_not_heard(suffix: str, tmp_path: Path) -> None:
    whole = make(tmp_path / f"whole{suffix}", f"{_NOISE} -c:a aac")
    twice = tmp_path / f"twice{suffix}"
    twice.write_bytes(whole.read_bytes() * 2)
    (missing,) = _facts(twice)["decode.missing_durations"]
    assert (missing["track"], missing["source"]) == ("sound 0", "2 indexes (moov)")
    assert missing["missing_s"] == pytest.approx(2.0, abs=0.05)
    index = whole.read_bytes()[whole.read_bytes().index(b"moov") - 4 :]
    copied = tmp_path / f"copied{suffix}"
    copied.write_bytes(whole.read_bytes() + index)
    assert not _facts(copied)["decode.missing_durations"]


def test_sound_whose_packets_do_not_say_how_long_they_last_is_as_long_as_its_samples(tmp_path: Path) -> None:
    whole = make(tmp_path / "one-block.mka", "-f lavfi -i anoisesrc=a=0.1:r=48000:seed=1:d=0.4 -c:a wavpack")
    assert not _facts(whole)["decode.missing_durations"]


@pytest.mark.parametrize("coding", ["pcm_s16le", "pcm_s24le", "pcm_f32le"])
def test_pcm_in_an_avi_is_as_long_as_its_stream_header_counts(tmp_path: Path, coding: str) -> None:
    """libav gives 2.006 to 2.012 s of an AVI without picture; MediaInfo and the header say 2.000 s."""
    path = make(tmp_path / "a.avi", f"{_NOISE} -c:a {coding}")
    assert _facts(path)["decode.missing_durations"] == []
    data = path.read_bytes()
    place = data.index(b"auds") + 32
    (count,) = struct.unpack_from("<I", data, place)
    assert count == 2 * 48_000
    path.write_bytes(data[:place] + struct.pack("<I", count + 4_800) + data[place + 4 :])
    (missing,) = _facts(path)["decode.missing_durations"]
    assert (missing["track"], missing["source"], missing["stated_s"]) == ("sound 0", "stream header", 2.1)
