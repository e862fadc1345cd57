"""What a decoder finds wrong is damage, at its frame, and the same on every run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import numpy as np
import pytest

from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
from deliverqc.signals.remarks import Log
from deliverqc.signals.tables import Signals
from fixtures.ffmpeg import make

_PICTURE = "-f lavfi -i testsrc2=s=320x180:r=25 -t 2"
_NOISE = "-f lavfi -i anoisesrc=a=0.3:r=48000:seed=1 -t 4"
_CODINGS = {
    "flac.flac": f"{_NOISE} -c:a flac",
    "ac3.mkv": f"{_NOISE} -c:a ac3",
    "aac.m4a": f"{_NOISE} -c:a aac",
    "ffv1.mkv": f"{_PICTURE} -c:v ffv1 -level 3 -slicecrc 1",
    "mpeg2.mkv": f"{_PICTURE} -c:v mpeg2video -b:v 5M",
    "h264.mp4": f"{_PICTURE} -c:v libx264 -pix_fmt yuv420p",
    "meridian.mlp": "-f lavfi -i anoisesrc=a=0.1:r=48000:seed=1:d=0.5 -c:a mlp -strict -2",
    "dolby.thd": "-f lavfi -i anoisesrc=a=0.1:r=48000:seed=1:d=0.5 -c:a truehd -strict -2",
}


def _decode(path: Path) -> Signals:
    return decode(path, plan_of(probe(path)))


@pytest.fixture(scope="module")
def whole_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("whole")

    def made(name: str) -> Path:
        return folder / name if (folder / name).exists() else make(folder / name, _CODINGS[name])

    return made


def _damaged(path: Path, folder: Path, seed: int) -> Path:
    """A copy with 24 random bytes somewhere in its middle half."""
    chance = np.random.default_rng(seed)
    data = bytearray(path.read_bytes())
    place = int(chance.integers(len(data) // 4, len(data) * 3 // 4))
    data[place : place + 24] = chance.bytes(24)
    copy = folder / f"{seed}-{path.name}"
    copy.write_bytes(data)
    return copy


@pytest.mark.parametrize("name", _CODINGS)
def test_what_is_whole_has_no_error_and_what_is_overwritten_has(
    name: str, whole_of: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = whole_of(name)
    assert _decode(whole).log.errors == ()
    for seed in range(4):
        assert _decode(_damaged(whole, tmp_path, seed)).log.errors, seed


def test_damage_is_told_at_its_frame(whole_of: Callable[[str], Path], tmp_path: Path) -> None:
    whole = whole_of("ffv1.mkv")
    with av.open(str(whole)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    data = bytearray(whole.read_bytes())
    place = data.index(bytes(packets[20])) + packets[20].size // 2
    data[place : place + 8] = bytes(8)
    damaged = tmp_path / "damaged.mkv"
    damaged.write_bytes(data)
    found = _decode(damaged)
    assert [(error.track, error.frame, error.count) for error in found.log.errors] == [("picture 0", 20, 1)]
    assert found.log.frame_count == 50


@pytest.mark.parametrize("name", ["h264.mp4", "mpeg2.mkv"])
def test_a_damaged_master_is_the_same_on_every_run(name: str, whole_of: Callable[[str], Path], tmp_path: Path) -> None:
    damaged = _damaged(whole_of(name), tmp_path, 2)
    first, *others = (_decode(damaged) for _ in range(4))
    for other in others:
        assert other.log == first.log
        assert first.picture is not None and other.picture is not None
        assert np.array_equal(first.picture.luma_quantiles, other.picture.luma_quantiles)


def test_a_word_of_the_wrappers_reader_is_not_lost_behind_that_of_another() -> None:
    log = Log(spoken=[(16, "swscaler", "first"), (16, "mov", "second"), (16, "mov", "third")], tracks=[])
    assert log.taken() == [(None, "swscaler: first"), (None, "mov: second")]
    assert log.spoken == []
    assert log.warnings == {(None, "swscaler: first"): 1, (None, "mov: second"): 1, (None, "mov: third"): 1}


def test_what_the_wrappers_reader_finds_behind_the_last_packet_is_damage(
    whole_of: Callable[[str], Path], tmp_path: Path
) -> None:
    data = whole_of("ac3.mkv").read_bytes()
    place = len(data) - 8000
    holed = tmp_path / "holed.mkv"
    holed.write_bytes(data[:place] + bytes(len(data) - place))
    assert any(error.track is None and "reader" in error.message for error in _decode(holed).log.errors)


def test_bytes_that_a_code_block_leaves_over_are_damage_where_few_frames_have_them(tmp_path: Path) -> None:
    still = "-f lavfi -i testsrc2=s=320x180:r=25,loop=loop=9:size=1 -frames:v 10 -c:v libopenjpeg -pix_fmt yuv420p"
    whole = make(tmp_path / "whole.mov", still)
    with av.open(str(whole)) as container:
        starts = [packet.pos for packet in container.demux(video=0) if packet.size]
    data = whole.read_bytes()

    def remarks(place: int, packets: Iterable[int]) -> list[tuple[int | None, str]]:
        held = bytearray(data)
        for start in packets:
            held[start + place] ^= 0xFF
        other = tmp_path / "other.mov"
        other.write_bytes(held)
        return [(error.frame, error.message) for error in _decode(other).log.errors]

    assert _decode(whole).log.errors == ()
    place, found = next((place, found) for place in range(2000, 10000, 500) if (found := remarks(place, starts[4:5])))
    assert [(frame, "of a code block" in message) for frame, message in found] == [(4, True)]
    assert remarks(place, starts) == []


_PRINT_ERRORS = """
import sys
from pathlib import Path
from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
print([error.message for error in decode(Path(sys.argv[1]), plan_of(probe(Path(sys.argv[1])))).log.errors])
"""


def test_what_libav_says_once_in_a_process_is_not_lost(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mov", f"{_PICTURE} -c:v dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p")
    with av.open(str(whole)) as container:
        start = next(packet.pos for packet in container.demux(video=0) if packet.pts == 10 * packet.duration)
    data = bytearray(whole.read_bytes())
    data[start + 640 + 1] ^= 0x10  # the bit that says that the first macroblock has another colour transform
    damaged = tmp_path / "damaged.mov"
    damaged.write_bytes(data)
    told = subprocess.run(
        [sys.executable, "-c", _PRINT_ERRORS, str(damaged)], capture_output=True, text=True, check=True
    )
    assert "ACT flag" in told.stdout


def test_what_the_wrappers_reader_finds_at_opening_is_damage(tmp_path: Path) -> None:
    sound = "-f lavfi -i anoisesrc=a=0.3:r=48000:seed=1"
    whole = make(tmp_path / "whole.mxf", f"{_PICTURE} {sound} -t 1 -c:v mpeg2video -c:a pcm_s16le")
    data = bytearray(whole.read_bytes())
    place = data.index(b"\x48\x03\x00\x10")  # the first Track's Sequence, ST 377-1 annex B
    data[place + 4 : place + 20] = bytes(16)
    damaged = tmp_path / "damaged.mxf"
    damaged.write_bytes(data)
    assert any("strong ref" in error.message for error in _decode(damaged).log.errors)
    assert _decode(whole).log.errors == ()


def test_frames_that_a_wordless_decoder_drops_are_damage(tmp_path: Path) -> None:
    aom = "-c:v libaom-av1 -usage realtime -cpu-used 8 -b:v 2M -pix_fmt yuv420p"
    whole = make(tmp_path / "whole.mp4", f"{_PICTURE} -t 1 {aom}")
    with av.open(str(whole)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    assert _decode(whole).log.errors == ()
    for place in (packets[12], packets[-1]):
        data = bytearray(whole.read_bytes())
        data[place[0] + 8 : place[0] + place[1]] = bytes(place[1] - 8)
        damaged = tmp_path / "damaged.mp4"
        damaged.write_bytes(data)
        found = _decode(damaged)
        assert found.log.frame_count is not None
        assert found.log.errors or found.log.frame_count == len(packets)


def test_an_empty_packet_of_theora_repeats_a_frame(tmp_path: Path) -> None:
    whole = make(tmp_path / "still.ogv", "-f lavfi -i testsrc2=s=64x48:r=25:d=0.6 -c:v libtheora")
    with av.open(str(whole)) as container:
        assert sum(packet.size == 0 for packet in container.demux(video=0)) > 1
    assert not _decode(whole).log.errors
