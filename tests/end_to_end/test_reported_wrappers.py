"""What people reported of wrappers, tracks and sound files comes out right at the command line."""

from __future__ import annotations

import os
import shutil
import struct
import wave
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from fixtures.ffmpeg import make
from fixtures.quicktime import (
    Movie,
    channel_atom,
    count_timecode,
    jump_timecode,
    label_channels,
    read_movie,
    refer_to,
    switch_off,
)
from tests.end_to_end.checking import checked, failing, messages, noticed
from tests.spec_files import clause, document, only, write

_FRAMES, _RATE = 72, 48000
_HOUR = 24 * 3600  # frames counted in an hour of 24000/1001
_PICTURE = '-f lavfi -i "testsrc2=s=160x120:r=24000/1001:d=3.003,scroll=h=0.02"'
_PRORES = "-c:v prores_ks -profile:v 0 -pix_fmt yuv422p10le -timecode 01:00:00:00"
_MIXES = (
    '-f lavfi -i "anoisesrc=d=3.003:r=48000:a=0.1:seed=1" -f lavfi -i "anoisesrc=d=3.003:r=48000:a=0.1:seed=2" '
    '-filter_complex "[1][2]join=inputs=2:channel_layout=stereo,asplit=2[b][c];'
    '[b]pan=5.1|c0=c0|c1=c1|c2=c0|c3=0.05*c1|c4=c0|c5=c1[a]" -map 0:v -map [a] -map [c] -c:a pcm_s24le'
)


def _noise(seconds: float, *, seed: int = 1, peak: float = 0.1) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Stereo noise of 24 bits."""
    chance = np.random.default_rng(seed)
    return (chance.uniform(-peak, peak, (int(_RATE * seconds), 2)) * (2**23 - 1)).astype(np.int32)


def _24_bits(samples: np.ndarray[Any, np.dtype[np.int32]]) -> bytes:
    return samples.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def _wave(path: Path, samples: bytes, *, channels: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(3)
        file.setframerate(_RATE)
        file.writeframes(samples)
    return path


def _packets(path: Path, track: int) -> list[tuple[int, int]]:
    """Place and size of every packet of a picture track."""
    with av.open(str(path)) as container:
        return [(one.pos, one.size) for one in container.demux(container.streams.video[track]) if one.pos is not None]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound ProRes master of 72 frames with a 5.1 and a 2.0 mix."""
    return make(tmp_path_factory.mktemp("base") / "base.mov", f"{_PICTURE} {_MIXES} -frames:v {_FRAMES} {_PRORES}")


def _edited(change: Callable[[Movie], Movie | None]) -> Callable[[Path, Path], Path]:
    def recipe(base: Path, path: Path) -> Path:
        movie = read_movie(base)
        return (change(movie) or movie).write(path)

    return recipe


def _silenced(movie: Movie) -> None:
    for track in movie.tracks(b"soun"):
        switch_off(track)


def _labelled(first: Sequence[int] | None, second: Sequence[int] | None, tag: int = 0) -> Callable[[Movie], None]:
    def change(movie: Movie) -> None:
        surround, stereo = movie.tracks(b"soun")
        label_channels(surround, channel_atom(first or (), tag=tag) if first or tag else None)
        label_channels(stereo, channel_atom(second) if second else None)

    return change


def _counted(flags: int, scale: int, ticks: int, number: int) -> Callable[[Movie], None]:
    return lambda movie: count_timecode(movie.tracks(b"tmcd")[0], flags=flags, scale=scale, ticks=ticks, number=number)


def _two_pictures(base: Path, path: Path) -> Path:
    """A second picture track of which frames 20 to 29 are overwritten."""
    make(path, f"-i {base} -map 0 -map 0:v -c copy -timecode 01:00:00:00")
    data = bytearray(path.read_bytes())
    for at, size in _packets(path, 1)[20:30]:
        data[at + size // 3 : at + size - 20] = b"\xff" * (size - size // 3 - 20)
    path.write_bytes(data)
    return path


def _fewer_channels(_: Path, path: Path) -> Path:
    """AC-3 of 5.1 that becomes stereo."""
    noise = "-f lavfi -i anoisesrc=d=1:r=48000:a=0.1:seed=3 -b:a 192k"
    pieces = [
        make(path.with_name("surround.ac3"), f"{noise} -af pan=5.1|c0=c0|c1=0.5*c0|c2=c0|c4=c0|c5=c0"),
        make(path.with_name("stereo.ac3"), f"{noise} -af pan=stereo|c0=c0|c1=0.5*c0"),
    ]
    path.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    return path


def _coded_pair(base: Path, path: Path) -> Path:
    """AC-3 bursts of SMPTE ST 337 in a PCM pair."""
    coded = make(path.with_name("pair.ac3"), "-f lavfi -i anoisesrc=d=3:r=48000:a=0.1:seed=3 -ac 6 -b:a 448k")
    bursts = make(path.with_name("pair.spdif"), f"-i {coded} -c copy -f spdif")
    pair = f"-f s16le -ar 48000 -ac 2 -i {bursts}"
    return make(path, f"-i {base} {pair} -map 0:v -map 1:a -c:v copy -c:a pcm_s16le -shortest -timecode 01:00:00:00")


def _chunk(name: bytes, body: bytes, *, is_padded: bool = True) -> bytes:
    return name + struct.pack("<I", len(body)) + body + (b"\0" if is_padded and len(body) % 2 else b"")


_FORM = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, _RATE, _RATE * 6, 6, 24))


def _riff(path: Path, *chunks: bytes, trailing: bytes = b"") -> Path:
    body = b"WAVE" + b"".join(chunks)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body + trailing)
    return path


def _24_in_32(_: Path, path: Path) -> Path:
    tail = bytes.fromhex("000000001000800000aa00389b71")
    form = struct.pack("<HHIIHHHHIH", 0xFFFE, 2, _RATE, _RATE * 8, 8, 32, 22, 24, 3, 1) + tail
    return _riff(path, _chunk(b"fmt ", form), _chunk(b"data", (_noise(2) << 8).astype("<i4").tobytes()))


def _rf64(times: int) -> Callable[[Path, Path], Path]:
    """RF64 that states so many times its samples."""

    def recipe(_: Path, path: Path) -> Path:
        samples = _24_bits(_noise(2))
        sizes = struct.pack("<QQQI", len(samples) + 72, times * len(samples), times * 2 * _RATE, 0)
        path.write_bytes(
            b"RF64\xff\xff\xff\xffWAVE" + _chunk(b"ds64", sizes) + _FORM + b"data\xff\xff\xff\xff" + samples
        )
        return path

    return recipe


def _odd_chunk(*, is_padded: bool) -> Callable[[Path, Path], Path]:
    odd = _chunk(b"junk", b"x" * 603, is_padded=is_padded)
    return lambda _, path: _riff(path, odd, _FORM, _chunk(b"data", _24_bits(_noise(2))))


def _trailing(_: Path, path: Path) -> Path:
    return _riff(path, _FORM, _chunk(b"data", _24_bits(_noise(2))), trailing=bytes(4096))


def _wrapped(size: int | None) -> Callable[[Path, Path], Path]:
    """Sizes of 2 s that wrapped: sound goes on behind them, to the end of the file or of so many bytes."""

    def recipe(_: Path, path: Path) -> Path:
        _riff(path, _FORM, _chunk(b"data", _24_bits(_noise(2))), trailing=_24_bits(_noise(3, seed=2)))
        if size is not None:
            os.truncate(path, size)
        return path

    return recipe


def _zeros(_: Path, path: Path) -> Path:
    """400 MB of zeros after the data, each eight of which read as an empty chunk."""
    os.truncate(_riff(path, _FORM, _chunk(b"data", _24_bits(_noise(2)))), 400 << 20)
    return path


_HIDDEN_LINES = (
    "-f lavfi -i testsrc2=s=720x576:r=25:d=0.4 -f lavfi -i anoisesrc=r=48000:d=0.4:a=0.1:seed=3 -ac 4 "
    '-vf "scroll=h=0.05,pad=720:608:0:32,setsar=64/45,setfield=tff,format=yuv422p" -c:v mpeg2video -b:v 50000k '
    "-maxrate 50000k -minrate 50000k -bufsize 2000000 -rc_init_occupancy 2000000 -g 1 -qmin 1 "
    "-flags +ildct+low_delay -c:a pcm_s16le -timecode 10:00:00:00 -f mxf_d10"
)
_AVC_INTRA = (
    '-f lavfi -i "testsrc2=s=1920x1080:r=25:d=0.08" -vf setfield=tff,format=yuv422p10le -c:v libx264 '
    '-preset ultrafast -x264-params "avcintra-class=100:interlaced=1:tff=1" -color_primaries bt709 -color_trc bt709 '
    "-colorspace bt709 -timecode 10:00:00:00"
)


def _without_parameter_sets(_: Path, path: Path) -> Path:
    data = make(path, _AVC_INTRA).read_bytes()
    for kind in (0x67, 0x27, 0x68, 0x28):
        data = data.replace(b"\x00\x00\x01" + bytes((kind,)), b"\x00\x00\x01\x0c")
    path.write_bytes(data)
    return path


def _aspect_in_mxf(_: Path, path: Path) -> Path:
    """The descriptor says 4:3 over square pixels in the bitstream."""
    data = make(path, _AVC_INTRA).read_bytes()
    label = bytes.fromhex("320e0008")
    at = data.index(label) + 4
    path.write_bytes(data.replace(label + data[at : at + 8], label + struct.pack(">II", 4, 3)))
    return path


def _aspect_in_mp4(_: Path, path: Path) -> Path:
    picture = '-f lavfi -i "testsrc2=s=144x108:r=25:d=0.4" -vf setsar=4/3 -c:v libx264 -pix_fmt yuv420p'
    data = bytearray(make(path, picture).read_bytes())
    at = data.index(b"pasp") + 4
    data[at : at + 8] = struct.pack(">II", 1, 1)
    path.write_bytes(data)
    return path


def _with_art(coding: str) -> Callable[[Path, Path], Path]:
    def recipe(_: Path, path: Path) -> Path:
        art = path.with_name("art.jpg")
        if not art.exists():
            make(art, "-f lavfi -i color=orange:s=300x300 -frames:v 1")
        chapters = path.with_name("chapters.txt")
        chapters.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=One\n")
        speech = '-f lavfi -i "anoisesrc=d=2:r=44100:a=0.1:seed=3,tremolo=f=2:d=0.8"'
        return make(path, f"{speech} -i {art} -i {chapters} -map 0 -map 1 -map_metadata 2 {coding} -c:v copy"
                    " -disposition:v attached_pic")  # fmt: skip

    return recipe


def _planar(coding: str) -> Callable[[Path, Path], Path]:
    each = "|".join(f"0.1*sin({300 * (number + 1)}*t)" for number in range(8))
    return lambda _, path: make(path, f'-f lavfi -i "aevalsrc={each}:s=48000:d=1:c=7.1" {coding}')


_HLG = (
    '-f lavfi -i "testsrc2=s=128x128:r=24:d=0.5,scroll=h=0.02" -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le'
    " -tag:v hvc1 -color_primaries bt2020 -colorspace bt2020nc"
)


def _light(color_trc: str, parameters: str) -> Callable[[Path, Path], Path]:
    common = f"colorprim=bt2020:colormatrix=bt2020nc:log-level=error:transfer={color_trc}:{parameters}"
    return lambda _, path: make(path, f'{_HLG} -color_trc {color_trc} -x265-params "{common}"')


_STATED = (
    "hdr10=1:repeat-headers=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
)

_5_1, _FILM, _STEREO = (1, 2, 3, 4, 5, 6), (1, 3, 2, 5, 6, 4), (1, 2)
_DISCRETE = tuple((1 << 16) | number for number in range(6))

SITUATIONS: Mapping[str, tuple[Callable[[Path, Path], Path], set[str], set[str]]] = {
    "base.mov": (lambda base, path: Path(shutil.copy(base, path)), set(), set()),
    "audio-off.mov": (_edited(_silenced), set(), {"audio-enabled"}),
    "counts-25.mov": (_edited(_counted(0, 25000, 1000, 25)), set(), {"timecode-countable"}),
    "drop-24.mov": (_edited(_counted(1, 24000, 1001, 24)), set(), {"timecode-countable"}),
    "drop-30.mov": (_edited(_counted(1, 30000, 1000, 30)), set(), {"timecode-countable"}),
    "jumps.mov": (
        _edited(lambda movie: jump_timecode(movie, [(_HOUR, 60), (2 * _HOUR, 12)], 1001)),
        set(),
        {"timecode-countable"},
    ),
    "goes-on.mov": (_edited(lambda movie: jump_timecode(movie, [(_HOUR, 60), (_HOUR + 60, 12)], 1001)), set(), set()),
    "reference.mov": (
        _edited(lambda movie: refer_to(movie, b"file:///Volumes/RAID/render/base.mov")),
        {"essence-complete", "essence-decodes", "tracks-present"},
        set(),
    ),
    "unlabelled.mov": (_edited(_labelled(None, None)), set(), {"surround-labelled"}),
    "discrete.mov": (_edited(_labelled(_DISCRETE, _STEREO)), set(), {"surround-labelled"}),
    "film.mov": (_edited(_labelled(_FILM, _STEREO)), set(), {"left-and-right-differ"}),
    "second-damaged.mov": (_two_pictures, {"essence-decodes"}, {"one-picture-track"}),
    "fewer.ac3": (_fewer_channels, {"essence-decodes"}, set()),
    "coded.mov": (_coded_pair, set(), set()),
    "24-in-32.wav": (_24_in_32, set(), set()),
    "rf64.wav": (_rf64(1), set(), set()),
    "rf64-short.wav": (_rf64(2), {"essence-complete"}, set()),
    "odd.wav": (_odd_chunk(is_padded=True), set(), set()),
    "trailing.wav": (_trailing, set(), set()),
    "wrapped.wav": (_wrapped(None), {"essence-complete"}, set()),
    "over-4-gib.wav": (_wrapped((4 << 30) + 6 * _RATE * 3), {"essence-complete"}, set()),
    "zeros.wav": (_zeros, set(), set()),
    "d10.mxf": (lambda _, path: make(path, _HIDDEN_LINES), set(), set()),
    "avc-intra.mxf": (_without_parameter_sets, set(), set()),
    "aspect.mxf": (_aspect_in_mxf, {"layers-agree"}, set()),
    "aspect.mp4": (_aspect_in_mp4, {"layers-agree"}, set()),
    "art.mp3": (_with_art("-c:a libmp3lame -b:a 128k"), set(), set()),
    "art.m4a": (_with_art("-c:a aac -b:a 128k"), set(), set()),
    "7.1.m4a": (_planar("-c:a aac -b:a 512k"), set(), set()),
    "7.1.opus": (_planar("-c:a libopus -b:a 512k"), set(), set()),
    "7.1.ogg": (_planar("-c:a libvorbis"), set(), set()),
    "hlg.mp4": (_light("bt2020-10", "atc-sei=18"), set(), set()),
    "max-cll-0.mp4": (_light("smpte2084", f"{_STATED}:max-cll=0,0"), set(), {"max-cll-stated"}),
    "swapped.mp4": (_light("smpte2084", f"{_STATED}:max-cll=400,1000"), set(), {"max-fall-below-max-cll"}),
}
"""By name: how it is made of the sound master, the integrity clauses that fail, and what is noticed."""


@pytest.fixture(scope="module")
def masters(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Any]]:
    """The entries of all situations by name, checked as one batch against a sheet that asks for a size only."""
    folder = tmp_path_factory.mktemp("situations")
    sheet = write(folder, document(clause("not-empty", only("file.size_bytes", {"type": "integer", "minimum": 1}))))
    made = [str(recipe(base, folder / name)) for name, (recipe, _, _) in SITUATIONS.items()]
    _, shown = checked(*made, "--spec", str(sheet), "--jobs", "2", "--no-cache")
    return {master["name"]: master for master in shown["masters"]}


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_reported_wrapper_comes_out_right(masters: Mapping[str, Mapping[str, Any]], name: str) -> None:
    _, broken, seen = SITUATIONS[name]
    master = masters[name]
    assert master["error"] is None
    (subject,) = master["subjects"]
    (verdict,) = subject["verdicts"]
    assert (failing(verdict), noticed(subject)) == (broken, seen)
    assert master["decision"] == ("fail" if broken else "incomplete" if name == "coded.mov" else "pass")


def _said(masters: Mapping[str, Mapping[str, Any]], name: str, clause_id: str) -> str:
    (subject,) = masters[name]["subjects"]
    found = [*subject["verdicts"][0]["clauses"], *subject["noticed"]]
    return "; ".join(messages({"clauses": found}, clause_id))


@pytest.mark.parametrize(
    ("name", "clause_id", "words"),
    [
        ("second-damaged.mov", "essence-decodes", ("picture 1", "10 times", "01:00:00:20")),
        ("fewer.ac3", "essence-decodes", ("sound 0", "sample rate or channel count")),
        ("counts-25.mov", "timecode-countable", ("25/1", "than the picture")),
        ("drop-24.mov", "timecode-countable", ("drop-frame", "24000/1001")),
        ("drop-30.mov", "timecode-countable", ("drop-frame", "30/1")),
        ("jumps.mov", "timecode-countable", ("jumps", "frame 172800 from 2.5025 s on")),
        ("aspect.mxf", "layers-agree", ("wrapper 3/4", "bitstream 1/1")),
        ("aspect.mp4", "layers-agree", ("wrapper 1/1", "bitstream 4/3")),
        ("swapped.mp4", "max-fall-below-max-cll", ("600 cd/m2",)),
    ],
)
def test_a_finding_names_values_and_place(
    masters: Mapping[str, Mapping[str, Any]], name: str, clause_id: str, words: tuple[str, ...]
) -> None:
    said = _said(masters, name, clause_id)
    assert [one for one in words if one not in said] == []


def test_a_frame_of_zeros_is_lost_at_its_place(base: Path, tmp_path: Path) -> None:
    """Frame 50 at 24 frames a second is at 01:00:02:02."""
    data = bytearray(base.read_bytes())
    at, size = _packets(base, 0)[50]
    data[at : at + size] = bytes(size)
    path = tmp_path / "hole.mov"
    path.write_bytes(data)
    sheet = write(tmp_path, document(clause("not-empty", only("file.size_bytes", {"type": "integer", "minimum": 1}))))
    code, shown = checked(str(path), "--spec", str(sheet), "--no-cache")
    (verdict,) = shown["masters"][0]["subjects"][0]["verdicts"]
    assert (code, "essence-decodes" in failing(verdict)) == (1, True)
    places = [error["frame"] for error in verdict["facts"]["decode.errors"] if error["track"] == "picture 0"]
    assert places == [50]
    assert "01:00:02:02" in messages(verdict, "essence-decodes")[0]


def test_coded_audio_in_a_pcm_pair_passes_no_platform_that_asks_for_pcm(
    masters: Mapping[str, Mapping[str, Any]],
) -> None:
    specs = ("netflix-licensed-prores", "filmhub", "amazon-prime-mezzanine", "apple-tv-film")
    code, shown = checked(masters["coded.mov"]["path"], *(part for spec in specs for part in ("--spec", spec)))
    verdicts = shown["masters"][0]["subjects"][0]["verdicts"]
    assert code == 1
    assert "pass" not in {verdict["decision"] for verdict in verdicts}
    assert "is ac3" in messages(verdicts[0], "sound-lpcm")[0]
    (silence,) = (one for one in verdicts[0]["clauses"] if one["id"] == "audio-not-silent")
    assert silence["note"] == "sound track 0 holds ac3 in place of PCM samples (SMPTE ST 337), which is not measured"


def test_film_order_by_labels_is_named_by_its_loudspeakers(masters: Mapping[str, Mapping[str, Any]]) -> None:
    _, shown = checked(masters["film.mov"]["path"], "--spec", "netflix-licensed-prores")
    (verdict,) = shown["masters"][0]["subjects"][0]["verdicts"]
    (said,) = messages(verdict, "sound-channel-order")
    assert said == "channel order of group 0 is L C R Ls Rs LFE; required L R C LFE Ls Rs"


def test_lines_of_vbi_leave_the_shape_of_d10(masters: Mapping[str, Mapping[str, Any]]) -> None:
    """SMPTE ST 386: 608 lines are stored, and 576 of them shown at 16:9 here."""
    code, shown = checked(masters["d10.mxf"]["path"], "--spec", "d-10", "--expect", "picture.display_aspect_ratio=16/9")
    (verdict,) = shown["masters"][0]["subjects"][0]["verdicts"]
    outcomes = {one["id"]: one["outcome"] for one in verdict["clauses"]}
    assert (code, failing(verdict), outcomes["expected-picture-display-aspect-ratio"]) == (0, set(), "pass")


@pytest.mark.parametrize(("level", "code"), [(-23.0, 0), (-20.0, 1)])
def test_a_mix_in_two_mono_files_has_the_loudness_of_the_mix(level: float, code: int, tmp_path: Path) -> None:
    """BS.1770 sums channels: two independent channels of one level are 3.01 LU above each."""
    count = np.arange(_RATE * 2)
    tone = np.sin(2 * np.pi * 997 * count / _RATE) * 10 ** ((level - 0.01) / 20) * (2**23 - 1)
    for name in ("mix.L.wav", "mix.R.wav"):
        _wave(tmp_path / name, _24_bits(tone.astype(np.int32)), channels=1)
    found, shown = checked(str(tmp_path), "--spec", "ebu-r128-programme")
    assert found == code
    assert [one["decision"] for one in shown["masters"]] == [("pass", "fail")[code]] * 2


def test_mono_files_with_numbers_are_only_said_to_be_parts_of_one_mix(tmp_path: Path) -> None:
    """997 Hz of -20 dBFS in one channel reads -23.01 LUFS, which passes whatever lies next to it."""
    tone = np.sin(2 * np.pi * 997 * np.arange(_RATE * 2) / _RATE) * 10 ** (-19.99 / 20) * (2**23 - 1)
    for name, count in (("mix_1.wav", None), ("mix_2.wav", None), ("mix_3.wav", 90_000)):
        _wave(tmp_path / name, _24_bits(tone.astype(np.int32)[:count]), channels=1)
    code, shown = checked(str(tmp_path), "--spec", "ebu-r128-programme", "--fail-on", "noticed")
    assert code == 0
    seen = [noticed(one["subjects"][0]) for one in shown["masters"]]
    assert seen == [{"not-a-numbered-part"}, {"not-a-numbered-part"}, set()]


def test_a_folder_as_it_comes_from_a_mac_is_judged_whole(tmp_path: Path) -> None:
    good = _wave(tmp_path / "g.wav", _24_bits(_noise(0.5)))
    names = ["ep%04d.wav", "100%.wav", "a[1].wav", "😀 最終.wav", "Cafe\u0301.wav", 'it\'s "done".wav', "-g.wav"]
    names += [
        "trail .wav",
        "new\nline.wav",
        "UPPER.WAV",
        "wrongext.mp4",
        "x" * 240 + ".wav",
        "semi;and&.wav",
        "inner/a.wav",
    ]
    (tmp_path / "inner").mkdir()
    for name in names:
        shutil.copy(good, tmp_path / name)
    shutil.copy(good, os.fsencode(tmp_path) + b"/latin1-\xe9.wav")
    (tmp_path / "__MACOSX").mkdir()
    for name in ("._g.wav", "__MACOSX/._g.wav", ".DS_Store", "Thumbs.db", "g.wav.md5", "upload.wav.part"):
        (tmp_path / name).write_bytes(b"\0\5\x16\7Mac OS X" + bytes(100))
    (tmp_path / "empty.wav").touch()
    (tmp_path / "dangling.wav").symlink_to("nowhere.wav")
    (tmp_path / "loop").symlink_to(".")
    os.mkfifo(tmp_path / "pipe.wav")
    sheet = write(tmp_path, document(clause("is-sound", only("sound.track_count", {"const": 1}))))
    code, shown = checked(str(tmp_path), "--spec", str(sheet), "--tier", "headers")
    found = {Path(one["path"]).relative_to(tmp_path).as_posix(): one["error"] for one in shown["masters"]}
    assert code == 4
    assert {name for name, error in found.items() if error is None} == {
        *names,
        "g.wav",
        os.fsdecode(b"latin1-\xe9.wav"),
    }
    assert {name: error["code"] for name, error in found.items() if error is not None} == {
        "empty.wav": "empty-file",
        "dangling.wav": "no-such-file",
        "pipe.wav": "not-media",
    }


@pytest.mark.parametrize("change", ["replaced", "growing"])
def test_a_master_that_changes_while_it_is_checked_never_passes(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deliverqc import pipeline

    path = _wave(tmp_path / "a.wav", _24_bits(_noise(0.5)))
    sheet = write(tmp_path, document(clause("is-sound", only("sound.track_count", {"const": 1}))))
    read = pipeline.probe

    def probe_meanwhile(master: Path) -> Any:
        found = read(master)
        if change == "replaced":
            _wave(tmp_path / "b.wav", _24_bits(_noise(0.5, seed=2))).replace(path)
        else:
            with path.open("ab") as file:
                file.write(bytes(6000))
        return found

    monkeypatch.setattr(pipeline, "probe", probe_meanwhile)
    code, shown = checked(str(path), "--spec", str(sheet), "--tier", "headers")
    (verdict,) = shown["masters"][0]["subjects"][0]["verdicts"]
    assert (code, failing(verdict)) == (1, {"unchanged-during-check"})
