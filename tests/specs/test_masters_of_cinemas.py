"""Track files of DCPs, and ProRes for festivals: what conforms passes, each fault breaks the clauses meant."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from fixtures.ffmpeg import make
from tests.material import material
from tests.verdicts import decided

_JPEG_2000 = "-c:v libopenjpeg -pix_fmt xyz12le -profile:v cinema2k -cinema_mode 2k_24"
_PRORES = (
    "-f lavfi -i sine=r={sampling}:d=0.2 -f lavfi -i testsrc2=s={size}:r={rate}:d=0.2"
    " -c:v prores -profile:v {profile} -pix_fmt yuv422p10le"
)


_GUARD_BITS = {"jpeg2000-guard-bits"}
"""OpenJPEG 2.5.0 writes 2 of them in 2K."""

_START = b"\xff\x4f\xff\x51"


def _verdict(master: Path, spec: str) -> dict[str, Any]:
    return _verdicts(master, spec)[0]


def _verdicts(master: Path, *specs: str) -> list[dict[str, Any]]:
    """The verdict of each spec, from one decode."""
    found: list[dict[str, Any]] = deliverqc.check(str(master), specs)["masters"][0]["subjects"][0]["verdicts"]
    return found


def _broken(verdict: dict[str, Any], level: str = "shall") -> set[str]:
    return {clause["id"] for clause in verdict["clauses"] if (clause["level"], clause["outcome"]) == (level, "fail")}


def _outcomes(verdict: dict[str, Any]) -> dict[str, str]:
    return {clause["id"]: clause["outcome"] for clause in verdict["clauses"]}


def _jpeg_2000(path: Path, *, size: str, rate: int = 24) -> Path:
    return make(path, f"-f lavfi -i testsrc2=s={size}:r={rate} -frames:v 2 {_JPEG_2000}")


_REAL = "libdcp/test/ref/DCP/dcp_test3/j2c_c6035f97-b07d-4e1c-944d-603fc2ddc242.mxf"


_OF_DCPS = ("dci-dcss", "dcp-smpte", "dcp-interop", "berlinale-dcp")


@pytest.fixture(scope="module")
def real() -> dict[str, dict[str, Any]]:
    """What each of those specs says of the real picture file, from one decode."""
    return dict(zip(_OF_DCPS, _verdicts(material(_REAL), *_OF_DCPS), strict=True))


@pytest.mark.parametrize("spec", _OF_DCPS)
def test_the_picture_file_of_a_real_dcp_has_the_wrong_guard_bits_only(
    real: dict[str, dict[str, Any]], spec: str
) -> None:
    verdict = real[spec]
    assert verdict["spec"]["id"] == spec
    assert _broken(verdict) == {"jpeg2000-guard-bits"}  # as libdcp finds in this file
    outcomes = _outcomes(verdict)
    assert outcomes["sound-pcm"] == outcomes["stereoscopic"] == "not_applicable"
    assert {outcomes[name] for name in ("jpeg2000-tile-parts", "jpeg2000-poc", "component-size")} == {"pass"}


def _with_one_guard_bit(frame: bytes) -> bytes:
    """A guard bit less and exponents that are one larger: code blocks have as many bit planes as before (equation
    E-2)."""
    head, mark, rest = frame.partition(b"\xff\x5c\x00\x23\x42")
    if not mark:
        return frame
    steps = struct.unpack_from(">16H", rest)
    return head + mark[:-1] + b"\x22" + struct.pack(">16H", *(one + (1 << 11) for one in steps)) + rest[32:]


def _with_one_frame_changed(path: Path, name: str, frame: int, old: bytes, new: bytes) -> Path:
    """The real DCP with the guard bits put right, and one frame in which `old` after its start is `new`."""
    frames = [_with_one_guard_bit(one) for one in material(_REAL).read_bytes().split(_START)]
    changed = frames[frame + 1].replace(old, new, 1)
    assert changed != frames[frame + 1]
    frames[frame + 1] = changed
    path.joinpath(name).write_bytes(_START.join(frames))
    return path / name


def test_one_frame_that_is_coded_in_another_way_breaks_its_clause_at_its_place(tmp_path: Path) -> None:
    master = _with_one_frame_changed(tmp_path, "profile.mxf", 12, b"\x00\x2f\x00\x03", b"\x00\x2f\x00\x00")
    verdict = _verdict(master, "dci-dcss")
    assert _broken(verdict) == {"jpeg2000-profile"}
    (clause,) = (one for one in verdict["clauses"] if one["id"] == "jpeg2000-profile")
    (finding,) = clause["findings"]
    assert (finding["actual"], finding["span"]["start_frame"]) == ("none", 12)


def test_the_sound_file_of_a_real_dcp_is_asked_for_no_picture() -> None:
    dcp = material("libdcp/test/ref/DCP/dcp_test3")
    outcomes = _outcomes(_verdict(next(dcp.glob("pcm_*.mxf")), "dcp-smpte"))
    assert {outcomes[name] for name in ("sound-pcm", "sound-sample-rate", "sound-channels-even")} == {"pass"}
    assert {outcomes[name] for name in ("picture-jpeg2000", "picture-size", "frame-rate")} == {"not_applicable"}


def test_a_codestream_of_8_bits_that_names_no_profile_breaks_both_clauses() -> None:
    master = material("libdcp/test/data/DCP/video.mxf")
    segment = master.read_bytes().split(b"\xff\x4f\xff\x51", 1)[1]  # SOC, SIZ: Lsiz, then Rsiz; Ssiz of component 0
    assert (segment[2:4], segment[38]) == (b"\x00\x00", 7)
    assert _broken(_verdict(master, "dci-dcss")) == {
        "jpeg2000-profile",
        "picture-depth",
        "jpeg2000-components",
        "jpeg2000-guard-bits",
        "jpeg2000-tlm",
    }


def test_one_channel_of_sound_breaks_smpte_and_not_interop() -> None:
    master = material("libdcp/test/data/DCP/audio.mxf")
    assert _broken(_verdict(master, "dcp-smpte")) == {"sound-channels-even"}
    assert _broken(_verdict(master, "dcp-interop")) == set()


def test_hd_at_30_is_for_dci_and_the_berlinale_and_not_for_rdd_52(tmp_path: Path) -> None:
    master = _jpeg_2000(tmp_path / "hd.mxf", size="1920x1080", rate=30)
    dci, berlinale, smpte = _verdicts(master, "dci-dcss", "berlinale-dcp", "dcp-smpte")
    assert _broken(dci) - _GUARD_BITS == _broken(berlinale) - _GUARD_BITS == set()
    assert "picture-size-common" in _broken(dci, "should")
    assert _broken(smpte) - _GUARD_BITS == {"picture-size", "frame-rate"}


def test_the_full_container_is_for_dci_and_not_for_rdd_52(tmp_path: Path) -> None:
    master = _jpeg_2000(tmp_path / "full.mxf", size="2048x1080")
    dci, smpte = _verdicts(master, "dci-dcss", "dcp-smpte")
    assert _broken(dci) - _GUARD_BITS == set()
    assert _broken(smpte) - _GUARD_BITS == {"picture-size"}


def test_flat_prores_422_hq_passes_for_festivals(tmp_path: Path) -> None:
    picture = _PRORES.format(size="1998x1080", rate=24, profile=3, sampling=48000)
    master = make(tmp_path / "film.mov", f"{picture} -ac 2 -c:a pcm_s24le")
    verdict = _verdict(master, "festival-prores")
    assert (decided(verdict), verdict["advisory"], _broken(verdict, "should")) == ("pass", True, set())


def test_what_is_only_practice_of_festivals_is_reported_and_does_not_decide(tmp_path: Path) -> None:
    picture = _PRORES.format(size="1280x720", rate="30000/1001", profile=1, sampling=44100)
    master = make(tmp_path / "film.mov", f"{picture} -ac 1 -c:a pcm_s16le")
    verdict = _verdict(master, "festival-prores")
    assert decided(verdict) == "pass"
    assert _broken(verdict, "should") == {
        "prores-profile",
        "picture-size",
        "frame-rate",
        "sound-format",
        "sound-layout",
    }


def _two_mixes(path: Path, *, second: str) -> Path:
    """Noise of 70 Leq(m) on the first stereo track, `second` on the other."""
    noise = "anoisesrc=d=2:r=48000:a=0.02:seed=1"
    inputs = f"-f lavfi -i {noise} -f lavfi -i {second}"
    return make(path, f"{inputs} -map 0 -map 1 -ac 2 -c:a pcm_s24le")


def test_a_second_mix_of_silence_is_passed_over_and_a_loud_one_is_not(tmp_path: Path) -> None:
    silence = _two_mixes(tmp_path / "silence.mov", second="anullsrc=r=48000:d=2")
    loud = _two_mixes(tmp_path / "loud.mov", second="anoisesrc=d=2:r=48000:a=0.9:seed=2")
    specs = ("tasa-trailer", "sawa-adverts")
    assert [decided(verdict) for verdict in _verdicts(silence, *specs)] == ["pass"] * 2
    assert [_broken(verdict) for verdict in _verdicts(loud, *specs)] == [{"leq-m"}] * 2


def test_digital_silence_alone_is_no_trailer(tmp_path: Path) -> None:
    master = make(tmp_path / "silence.wav", "-f lavfi -i anullsrc=r=48000:cl=stereo -t 2 -c:a pcm_s24le")
    assert _broken(_verdict(master, "tasa-trailer")) == {"leq-m", "audio-not-silent"}
