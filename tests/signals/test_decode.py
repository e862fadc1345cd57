"""The one pass on damaged, cut and odd essence, against what ffmpeg says of the same files."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from deliverqc.signals.decode import decode
from deliverqc.signals.plan import Plan
from deliverqc.signals.store import Store, signals_key
from deliverqc.signals.tables import Signals
from fixtures.ffmpeg import ffmpeg_program, make


@pytest.fixture(scope="module")
def prores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of ProRes 422 at 25 frames per second, 320x180, with a stereo tone of 1 kHz at 48 kHz."""
    path = tmp_path_factory.mktemp("decode") / "prores.mov"
    make(
        path,
        "-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=f=1000:r=48000 -t 2 "
        "-c:v prores -profile:v 2 -pix_fmt yuv422p10le -c:a pcm_s24le -ac 2 -movflags +faststart",
    )
    return path


def _plan(path: Path, *, is_truncated: bool = False) -> Plan:
    with av.open(str(path)) as container:
        pictures = tuple(stream.index for stream in container.streams.video)
        return Plan(
            picture_index=pictures[0] if pictures else None,
            picture_indexes=pictures,
            sound_indexes=tuple(stream.index for stream in container.streams.audio),
            frame_rate=Fraction(container.streams.video[0].average_rate) if pictures else None,
            promised_frame_count=container.streams.video[0].frames or None if pictures else None,
            is_truncated=is_truncated,
        )


def _decode(path: Path, *, is_truncated: bool = False) -> Signals:
    return decode(path, _plan(path, is_truncated=is_truncated))


def _ffmpeg_fails(path: Path) -> bool:
    command = [ffmpeg_program(), "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def _damaged(path: Path, target: Path, frames: range) -> Path:
    shutil.copy(path, target)
    with av.open(str(path)) as container:
        entries = [(entry.pos, entry.size) for entry in container.streams.video[0].index_entries]
    noise = random.Random(7)
    with target.open("r+b") as file:
        for number in frames:
            start, size = entries[number]
            file.seek(start + size // 2)
            file.write(noise.randbytes(size // 4))
    return target


def test_every_frame_and_sample_has_its_row(prores: Path) -> None:
    signals = _decode(prores)
    assert signals.picture is not None
    assert signals.picture.frame_count == 50
    assert np.allclose(signals.picture.start_s, np.arange(50) / 25)
    assert [(sound.sample_count, sound.row_count, sound.k_energy.shape[1]) for sound in signals.sounds] == [
        (96000, 200, 2)
    ]
    assert signals.log.errors == ()
    assert (signals.log.frame_count, signals.log.missing_frame_count) == (50, 0)


def test_damaged_frames_are_errors_with_their_place(prores: Path, tmp_path: Path) -> None:
    path = _damaged(prores, tmp_path / "damaged.mov", range(20, 30))
    assert _ffmpeg_fails(path)
    errors = _decode(path).log.errors
    assert {error.track for error in errors} == {"picture 0"}
    covered = {
        frame for error in errors if error.frame is not None for frame in range(error.frame, error.frame + error.count)
    }
    assert covered == set(range(20, 30))
    assert errors[0].start_s == 0.8


def test_lost_tail_is_missing_and_no_error(prores: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mov"
    path.write_bytes(prores.read_bytes()[: prores.stat().st_size * 9 // 10])
    log = _decode(path, is_truncated=True).log
    assert log.errors == ()
    assert log.missing_frame_count is not None
    assert log.missing_frame_count >= 4
    assert log.frame_count == 50 - log.missing_frame_count


def test_sound_alone_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    make(path, "-f lavfi -i sine=f=1000:r=44100 -t 1.01 -c:a pcm_s16le")
    signals = _decode(path)
    assert signals.picture is None
    assert signals.sounds[0].sample_count == 44541
    assert signals.sounds[0].sample_rate_hz == 44100
    # ffmpeg's sine has an amplitude of 1/8
    assert np.isclose(signals.sounds[0].sample_peak.max(), 0.125, atol=1e-3)


@pytest.mark.parametrize(
    "codec", ["pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "flac"]
)
def test_full_scale_is_one_in_every_sample_format(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "tone.mka"
    make(path, f"-f lavfi -i aevalsrc=0.5*sin(2*PI*1000*t):s=48000 -t 0.5 -c:a {codec}")
    peak = _decode(path).sounds[0].sample_peak.max()
    assert np.isclose(peak, 0.5, atol=1 / 128 if codec == "pcm_u8" else 1e-4)


def test_sound_that_starts_later_keeps_its_offset(prores: Path, tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    make(path, f"-i {prores} -itsoffset 0.5 -i {prores} -map 0:v -map 1:a -c copy")
    assert abs(float(_decode(path).sounds[0].offset_s) - 0.5) < 0.002


def test_stored_signals_are_what_was_decoded(prores: Path, tmp_path: Path) -> None:
    store, key = Store(folder=tmp_path / "store"), signals_key(prores, made_by="test")
    signals = _decode(prores)
    store.save(key, signals)
    stored = store.load(key)
    assert stored is not None
    assert stored.log == signals.log
    assert stored.picture is not None
    assert signals.picture is not None
    assert stored.picture.frame_rate == signals.picture.frame_rate
    assert np.array_equal(stored.picture.luma_quantiles, signals.picture.luma_quantiles)
    for ours, theirs in zip(stored.sounds, signals.sounds, strict=True):
        assert np.array_equal(ours.k_energy, theirs.k_energy)
        assert np.array_equal(ours.true_peak, theirs.true_peak)
        assert ours.offset_s == theirs.offset_s


def test_damaged_table_is_dropped_and_not_used(prores: Path, tmp_path: Path) -> None:
    store, key = Store(folder=tmp_path), signals_key(prores, made_by="test")
    store.save(key, _decode(prores))
    table = store.tables()[0][0]
    table.write_bytes(table.read_bytes()[:-1000])
    assert store.load(key) is None
    assert store.tables() == []


def test_key_changes_with_the_file_and_with_how_signals_are_made(prores: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.mov"
    shutil.copy(prores, path)
    before = signals_key(path, made_by="one")
    assert signals_key(path, made_by="other") != before
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 10)
        file.write(b"0123456789")
    assert signals_key(path, made_by="one") != before


def test_a_file_that_is_changed_in_place_with_its_time_set_back_has_another_key(prores: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.mov"
    shutil.copy(prores, path)
    before, status = signals_key(path, made_by="one"), path.stat()
    with path.open("r+b") as file:
        file.seek(status.st_size // 2 + 7)
        file.write(b"\x55\xaa")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert signals_key(path, made_by="one") != before


def test_what_killed_runs_left_behind_is_swept(prores: Path, tmp_path: Path) -> None:
    left, fresh = tmp_path / "left.part", tmp_path / "fresh.part"
    for part in (left, fresh):
        part.touch()
    os.utime(left, (0, 0))
    Store(folder=tmp_path).save("a", _decode(prores))
    assert (left.exists(), fresh.exists()) == (False, True)


def test_store_keeps_within_its_limit_by_dropping_the_oldest(prores: Path, tmp_path: Path) -> None:
    signals = _decode(prores)
    Store(folder=tmp_path).save("a", signals)
    size = Store(folder=tmp_path).tables()[0][1]
    store = Store(folder=tmp_path, limit_bytes=size * 2)
    for key in ("b", "c"):
        store.save(key, signals)
    assert sorted(path.stem for path, _ in store.tables()) == ["b", "c"]


def test_sound_in_an_order_of_its_own_does_not_bring_the_process_down(tmp_path: Path) -> None:
    whole = make(
        tmp_path / "whole.mov", "-f lavfi -i anoisesrc=r=48000:a=0.1 -t 2 -af pan=5.1|c0=c0|c4=c0 -c:a pcm_s16le"
    )
    data = whole.read_bytes()
    place = data.index(b"chan") + 8
    film = tmp_path / "film.mov"
    film.write_bytes(
        data[:place] + struct.pack(">II", 123 << 16 | 6, 0) + data[place + 8 :]
    )  # MPEG 5.1 C: L C R Ls Rs LFE
    program = (
        "import gc, sys\nfrom pathlib import Path\nfrom deliverqc.pipeline import facts_document\n"
        "from deliverqc.request import Tier\n"
        "for _ in range(5): document = facts_document(Path(sys.argv[1]), None, Tier.FULL); gc.collect()\n"
        "print(document['subjects'][0]['facts']['sound.groups'][0]['channels'])"
    )
    finished = subprocess.run([sys.executable, "-c", program, str(film)], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == "['0.0', '0.2', '0.1', '0.5', '0.3', '0.4']"


def test_track_that_holds_nothing_is_damage(prores: Path, tmp_path: Path) -> None:
    path = tmp_path / "empty.mkv"
    make(path, f"-i {prores} -f lavfi -i anullsrc=r=48000 -map 0:v -map 1:a -c:v copy -c:a pcm_s16le -frames:a 0 -t 1")
    errors = _decode(path).log.errors
    assert [(error.track, error.message) for error in errors] == [
        ("sound 0", "the track holds nothing that could be decoded")
    ]


def test_sample_rate_that_no_filter_follows_is_an_error_of_its_track(tmp_path: Path) -> None:
    path = make(tmp_path / "slow.wav", "-f lavfi -i anullsrc=r=4000 -t 1 -c:a pcm_s16le")
    log = _decode(path).log
    assert [error.track for error in log.errors] == ["sound 0"]
    assert "4000" in log.errors[0].message


@pytest.mark.parametrize("number", [0, 25, 48, 49])
def test_frame_whose_header_is_damaged_is_an_error_wherever_it_stands(
    number: int, prores: Path, tmp_path: Path
) -> None:
    path = tmp_path / "header.mov"
    shutil.copy(prores, path)
    with av.open(str(prores)) as container:
        places = [entry.pos for entry in container.streams.video[0].index_entries]
    with path.open("r+b") as file:
        file.seek(places[number] + 8)  # after the frame's size and the identifier "icpf": SMPTE RDD 36
        file.write(b"\xff" * 8)
    assert _ffmpeg_fails(path)
    assert {error.track for error in _decode(path).log.errors} == {"picture 0"}
