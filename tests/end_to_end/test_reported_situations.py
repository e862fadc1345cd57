"""Situations that people reported, small, at the command line: what is damaged, hollow, cut or odd does not pass, and
what is ordinary does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from fixtures.ffmpeg import make
from tests.end_to_end.checking import checked, failing
from tests.spec_files import clause, document, only, write

_SECONDS = 1.2
_MOVING = f'-f lavfi -i "testsrc2=s=160x120:r=25:d={_SECONDS},scroll=h=0.02"'
_NOISE = f"-f lavfi -i anoisesrc=d={_SECONDS}:r=48000:a=0.1:seed={{0}}"
_STEREO = (
    f"{_NOISE.format(1)} {_NOISE.format(2)}"
    ' -filter_complex "[1][2]join=inputs=2:channel_layout=stereo[m]" -map 0:v -map [m]'
)
_PRORES = "-c:v prores -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s24le -timecode 01:00:00:00"
_WEB = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac"
_PAIR = f"{_NOISE.format(1)} {_NOISE.format(2)} -filter_complex join=inputs=2:channel_layout=stereo"
_ALONE = "-f lavfi -i anoisesrc=d=2:r=48000:a=0.1:seed=1"


def _black(path: Path) -> Path:
    return make(path, f"-f lavfi -i color=black:s=160x120:r=25:d={_SECONDS} {_STEREO} {_WEB}")


def _silent(path: Path) -> Path:
    return make(path, f"{_MOVING} -f lavfi -i anullsrc=r=48000:cl=stereo -shortest {_WEB}")


def _hiss(path: Path) -> Path:
    """Noise at -90 dBFS is silence too."""
    return make(path, f"{_MOVING} -f lavfi -i anoisesrc=d={_SECONDS}:r=48000:a=0.00003:seed=1 -ac 2 {_PRORES}")


def _good(path: Path) -> Path:
    return make(path, f"{_MOVING} {_STEREO} {_PRORES}")


def _podcast(path: Path) -> Path:
    still = "testsrc2=s=160x120:r=25:d=0.04,tpad=stop_mode=clone:stop_duration=2.4"
    speech = "aevalsrc=0.2*sin(2*PI*300*t)*abs(sin(2*PI*3*t)):s=48000:d=2.4"
    return make(
        path, f'-f lavfi -i "{still}" -f lavfi -i "{speech}" -ac 2 -crf 10 {_WEB.replace("ultrafast", "medium")}'
    )


def _dead_right(path: Path) -> Path:
    return make(path, f'{_MOVING} {_NOISE.format(1)} -af "pan=stereo|c0=c0|c1=0*c0" {_PRORES}')


def _combed(path: Path) -> Path:
    moving = f"testsrc2=s=320x240:r=50:d={_SECONDS},interlace=lowpass=0,setfield=prog"
    return make(path, f'-f lavfi -i "{moving}" {_STEREO} {_PRORES}')


def _late(path: Path) -> Path:
    return make(path, f"{_MOVING} -itsoffset 0.4 {_NOISE.format(1)} -ac 2 -t {_SECONDS} {_PRORES}")


def _rotated(path: Path) -> Path:
    upright = make(path.with_name("upright.mov"), f"{_MOVING} {_STEREO} {_WEB}")
    return make(path, f"-i {upright} -c copy -metadata:s:v:0 rotate=90")


def _switched_off(path: Path) -> Path:
    data = bytearray(_good(path).read_bytes())
    data[data.index(b"tkhd") + 7] = 0
    path.write_bytes(data)
    return path


def _changing(path: Path) -> Path:
    sizes = ("160x120", "80x60")
    pieces = [
        make(path.with_name(f"piece-{size}.mov"), f"-f lavfi -i testsrc2=s={size}:r=25:d=0.4 {_PRORES}")
        for size in sizes
    ]
    names = path.with_name("pieces.txt")
    names.write_text("".join(f"file '{piece}'\n" for piece in pieces))
    return make(path, f"-f concat -safe 0 -i {names} -map 0:v -c copy")


def _cut(arguments: str) -> Callable[[Path], Path]:
    def cut(path: Path) -> Path:
        whole = make(path, f"{_ALONE} {arguments}").read_bytes()
        path.write_bytes(whole[: len(whole) * 6 // 10])
        return path

    return cut


def _two_data_chunks(path: Path) -> Path:
    data = make(path, f"{_ALONE} -c:a pcm_s16le -fflags +bitexact").read_bytes()
    second = data[data.index(b"data") :]
    whole = data + second
    path.write_bytes(whole[:4] + (len(whole) - 8).to_bytes(4, "little") + whole[8:])
    return path


def _unfinished_header(path: Path) -> Path:
    data = bytearray(make(path, f"{_ALONE} -c:a pcm_s16le -fflags +bitexact").read_bytes())
    place = data.index(b"data")
    data[4:8] = data[place + 4 : place + 8] = b"\xff" * 4
    path.write_bytes(data)
    return path


def _slice_damage(path: Path) -> Path:
    data = bytearray(make(path, f"{_MOVING} -c:v ffv1 -level 3 -slicecrc 1 -an").read_bytes())
    data[len(data) * 2 // 3 : len(data) * 2 // 3 + 8] = b"\xa5" * 8
    path.write_bytes(data)
    return path


SITUATIONS: Mapping[str, tuple[Callable[[Path], Path], set[str], set[str]]] = {
    "good.mov": (_good, set(), set()),
    "7.1.mp4": (lambda path: make(path, f"{_MOVING} {_NOISE.format(1)} -ac 8 {_WEB}"), set(), {"surrounds"}),
    "podcast.mp4": (_podcast, set(), {"more-than-one-still", "left-and-right-differ"}),
    "black.mp4": (_black, {"picture-not-black"}, set()),
    "silent.mp4": (_silent, {"audio-not-silent"}, set()),
    "hiss.mov": (_hiss, {"audio-not-silent"}, set()),
    "dead-right.mov": (_dead_right, set(), {"front-channels-sound"}),
    "combed.mov": (_combed, set(), {"fields-flagged-interlaced"}),
    "late.mov": (_late, set(), {"audio-starts-with-picture", "left-and-right-differ"}),
    "rotated.mov": (_rotated, set(), {"upright-picture"}),
    "switched-off.mov": (_switched_off, set(), {"picture-enabled"}),
    "changing.mov": (_changing, {"picture-does-not-change"}, set()),
    "cut.mp3": (_cut("-b:a 96k"), {"essence-complete"}, set()),
    "cut.flac": (_cut("-c:a flac"), {"essence-complete"}, set()),
    "cut.ogg": (_cut("-c:a libvorbis"), {"essence-complete"}, set()),
    "two-data.wav": (_two_data_chunks, {"essence-complete"}, set()),
    "unfinished.wav": (_unfinished_header, {"essence-complete"}, set()),
    "damaged.mkv": (_slice_damage, {"essence-decodes"}, set()),
}
"""By name: how it is made, the integrity clauses that fail, and what is noticed."""

_LOOSE = {"cut.mp3", "cut.flac", "cut.ogg", "damaged.mkv", "7.1.mp4"}
"""Of these, what else is said does not matter here."""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Any]]:
    """The subjects of all situations by name, checked as one batch against a sheet that asks for a size only."""
    folder = tmp_path_factory.mktemp("situations")
    sheet = write(folder, document(clause("not-empty", only("file.size_bytes", {"type": "integer", "minimum": 1}))))
    made = [str(recipe(folder / name)) for name, (recipe, _, _) in SITUATIONS.items()]
    _, told = checked(*made, "--spec", str(sheet), "--no-cache")
    return {master["name"]: master for master in told["masters"]}


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_reported_situation_comes_out_right(verdicts: Mapping[str, Mapping[str, Any]], name: str) -> None:
    _, broken, noticed = SITUATIONS[name]
    master = verdicts[name]
    assert master["error"] is None
    (subject,) = master["subjects"]
    (verdict,) = subject["verdicts"]
    assert master["decision"] == ("fail" if broken else "pass")
    if name in _LOOSE:
        assert broken <= failing(verdict)
    else:
        assert failing(verdict) == broken
        assert {one["id"] for one in subject["noticed"]} == noticed


@pytest.mark.parametrize("spec", ["youtube", "vimeo", "filmhub"])
def test_black_and_silence_pass_no_platform(spec: str, tmp_path: Path) -> None:
    hollow = make(
        tmp_path / "hollow.mp4",
        f"-f lavfi -i color=black:s=1280x720:r=25:d=1 -f lavfi -i anullsrc=r=48000:cl=stereo -shortest {_WEB}",
    )
    code, told = checked(str(hollow), "--spec", spec)
    (verdict,) = told["masters"][0]["subjects"][0]["verdicts"]
    assert (code, told["decision"]) == (1, "fail")
    assert {"picture-not-black", "audio-not-silent"} <= failing(verdict)


def test_the_order_may_say_that_a_master_is_silent(tmp_path: Path) -> None:
    sheet = write(tmp_path, document(clause("not-empty", only("file.size_bytes", {"type": "integer", "minimum": 1}))))
    master = str(_silent(tmp_path / "mos.mp4"))
    assert checked(master, "--spec", str(sheet))[0] == 1
    assert checked(master, "--spec", str(sheet), "--expect", "sound.is_silent=true")[0] == 0


def test_what_is_noticed_decides_only_on_request(tmp_path: Path) -> None:
    sheet = write(tmp_path, document(clause("not-empty", only("file.size_bytes", {"type": "integer", "minimum": 1}))))
    master = str(_dead_right(tmp_path / "dead.mov"))
    for fail_on, expected in (("shall", 0), ("should", 0), ("noticed", 1)):
        assert checked(master, "--spec", str(sheet), "--fail-on", fail_on)[0] == expected
    podcast = str(_podcast(tmp_path / "podcast.mp4"))
    assert checked(podcast, "--spec", str(sheet), "--fail-on", "noticed")[0] == 0


def _package(folder: Path, names: Sequence[str]) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_text("<AssetMap/>")
    make(folder / "picture.mxf", f"{_MOVING} -c:v jpeg2000 -pix_fmt yuv422p10le -an")
    return folder


@pytest.mark.parametrize("asset_map", ["ASSETMAP", "ASSETMAP.xml"])
def test_a_package_without_a_composition_is_one_master_that_cannot_be_read(asset_map: str, tmp_path: Path) -> None:
    package = _package(tmp_path / "package", [asset_map, "VOLINDEX.xml"])
    for specs in (["dcp-smpte", "imf-app2e", "dcdm"], ["ebu-r128", "vimeo"]):
        code, told = checked(str(tmp_path), *(part for spec in specs for part in ("--spec", spec)))
        (master,) = told["masters"]
        assert (code, master["path"], master["decision"]) == (4, str(package), "error")
        assert "composition" in master["error"]["message"]


def test_a_loose_track_file_is_no_package(tmp_path: Path) -> None:
    loose = _package(tmp_path / "loose", []) / "picture.mxf"
    for spec in ("imf-app2e", "dcp-smpte", "dcp-interop", "netflix-branded-imf"):
        code, told = checked(str(loose), "--spec", spec)
        (verdict,) = told["masters"][0]["subjects"][0]["verdicts"]
        assert code in (1, 3)
        whole = next(one for one in verdict["clauses"] if one["id"] == "whole-package")
        assert (whole["outcome"], whole["note"]) == (
            "not_measured",
            "this is one track file of a package: give the folder",
        )


def test_audio_alone_is_no_picture_master_and_stereo_no_atmos(tmp_path: Path) -> None:
    stereo = str(make(tmp_path / "mix.wav", f"{_PAIR} -c:a pcm_s24le"))
    for spec, broken in (
        ("netflix-licensed-prores", "deliverable-recognised"),
        ("apple-music-atmos", "adm-bwf"),
        ("apple-tv-atmos", "adm-bwf"),
    ):
        code, told = checked(stereo, "--spec", spec)
        assert code == 1
        assert broken in failing(told["masters"][0]["subjects"][0]["verdicts"][0])


def test_noise_is_no_finished_audiobook(tmp_path: Path) -> None:
    noise = make(tmp_path / "noise.mp3", f"{_ALONE.replace('48000', '44100')} -ac 1 -b:a 192k")
    code, told = checked(str(noise), "--spec", "acx")
    assert (code, told["decision"]) == (1, "fail")
    assert "noise-floor" in failing(told["masters"][0]["subjects"][0]["verdicts"][0])


def test_loudness_that_cannot_be_told_passes_no_loudness_spec(tmp_path: Path) -> None:
    inputs = "|".join("c0" for _ in range(12)).replace("c0", "0.1*sin(2*PI*997*t)")
    twelve = str(make(tmp_path / "twelve.wav", f'-f lavfi -i "aevalsrc={inputs}:s=48000:d=2" -c:a pcm_s24le'))
    code, told = checked(twelve, *(part for spec in ("ebu-r128", "atsc-a85") for part in ("--spec", spec)))
    assert code == 3
    assert [one["decision"] for one in told["masters"][0]["subjects"][0]["verdicts"]] == ["incomplete"] * 2


def test_no_audio_fails_once(tmp_path: Path) -> None:
    mute = make(tmp_path / "mute.mov", f"{_MOVING} -c:v prores -profile:v 3 -pix_fmt yuv422p10le -timecode 01:00:00:00")
    _, told = checked(str(mute), "--spec", "netflix-licensed-prores")
    clauses = told["masters"][0]["subjects"][0]["verdicts"][0]["clauses"]
    messages = [finding["message"] for one in clauses for finding in one["findings"]]
    assert messages.count("there is no audio track") == 1
    assert not [one for one in clauses for finding in one["findings"] if finding["fact"].startswith("sound.groups")]
