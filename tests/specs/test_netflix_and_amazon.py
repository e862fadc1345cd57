"""Netflix and Amazon take several forms: each master meets the spec of its own, and breaks what is wrong in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.measuring.registry import spec_library
from deliverqc.speclib.families import choose
from fixtures.ffmpeg import make
from tests.material import material
from tests.text_documents import small_reader
from tests.verdicts import decided

__all__ = ["small_reader"]

_LIBRARY = spec_library()
_PRORES = {"wrapper.format": "mov", "picture.track_count": 1, "picture.codec": "prores", "sound.channel_count": 8}
_IMF = {"wrapper.format": "mxf", "picture.track_count": 1, "picture.codec": "jpeg2000", "sound.channel_count": 0}
_IMF_SOUND = {"wrapper.format": "mxf", "picture.track_count": 0, "sound.channel_count": 6}
_PACKAGES = "photon/resources/TestIMP"
_MIX = "-f lavfi -i \"aevalsrc='{channels}':c={layout}:s=48000:d=4\""


def _wav(channel_count: int) -> dict[str, Any]:
    return {"wrapper.format": "wav", "picture.track_count": 0, "sound.channel_count": channel_count}


@pytest.mark.parametrize(
    ("family", "facts", "chosen"),
    [
        ("netflix", _PRORES, "netflix-licensed-prores"),
        ("netflix", _IMF, "netflix-branded-imf"),
        ("netflix", _IMF_SOUND, "netflix-branded-imf"),
        ("netflix", _wav(6), "netflix-localization-audio"),
        ("netflix", _wav(8), "netflix-localization-audio"),
        ("netflix", _wav(1), "netflix-nearfield-audio"),
        ("netflix", _wav(16), "netflix-nearfield-audio"),
        ("netflix", _wav(8) | {"wrapper.format": "mov"}, "netflix-localization-audio"),
        (
            "netflix",
            {"wrapper.format": "srt", "picture.track_count": 0, "sound.track_count": 0},
            "netflix-localization-timed-text",
        ),
        ("netflix", _PRORES | {"picture.codec": "h264"}, None),
        ("netflix", _IMF | {"picture.codec": "mpeg2video"}, None),
        ("amazon", _PRORES, "amazon-prime-mezzanine"),
        ("amazon", _PRORES | {"wrapper.format": "mpegts", "picture.codec": "h264"}, "amazon-prime-mezzanine"),
        ("amazon", _wav(2), "amazon-prime-sound"),
        ("amazon", _wav(1), "amazon-mgm-studios"),
        ("amazon", _wav(6), "amazon-mgm-studios"),
        ("amazon", _IMF, None),
    ],
)
def test_each_form_meets_its_own_spec(family: str, facts: dict[str, Any], chosen: str | None) -> None:
    choice = choose(_LIBRARY.load_family(family), _LIBRARY, facts)
    assert (choice.spec.id if choice.spec is not None else None) == chosen


def _verdicts(master: Path, *specs: str) -> list[dict[str, Any]]:
    verdicts: list[dict[str, Any]] = deliverqc.check(master, specs)["masters"][0]["subjects"][0]["verdicts"]
    return verdicts


def _verdict(master: Path, spec: str) -> dict[str, Any]:
    return _verdicts(master, spec)[0]


def _outcomes(verdict: dict[str, Any], outcome: str, level: str = "shall") -> set[str]:
    return {clause["id"] for clause in verdict["clauses"] if (clause["level"], clause["outcome"]) == (level, outcome)}


def _mix(folder: Path, layout: str, channel_count: int, coding: str = "pcm_s24le") -> Path:
    """One sine in every channel: 997 Hz of amplitude A has 20 log10 A LUFS in two (BS.1770-5), and 4.6 LU more in 5.1,
    so that stereo and 5.1 are at -24.0 LUFS."""
    amplitude = {2: 0.06310, 6: 0.03698}.get(channel_count, 0.05)
    channels = "|".join([f"{amplitude}*sin(2*PI*997*t)"] * channel_count)
    return make(folder / "mix.wav", f"{_MIX.format(channels=channels, layout=layout)} -c:a {coding}")


@pytest.mark.parametrize(
    ("layout", "channel_count", "coding"),
    [("5.1(side)", 6, "pcm_s24le"), ("stereo", 2, "pcm_s24le")],
)
def test_an_interleaved_wav_passes_as_secondary_audio(
    tmp_path: Path, layout: str, channel_count: int, coding: str
) -> None:
    verdict = _verdict(_mix(tmp_path, layout, channel_count, coding), "netflix")
    assert (verdict["spec"]["id"], decided(verdict)) == ("netflix-localization-audio", "pass")


def test_a_wav_of_the_plain_form_is_not_extensible(tmp_path: Path) -> None:
    """ffmpeg writes 16-bit stereo with the plain format chunk."""
    verdict = _verdict(_mix(tmp_path, "stereo", 2, "pcm_s16le"), "netflix-localization-audio")
    assert _outcomes(verdict, "fail") == {"wave-extensible"}


@pytest.mark.parametrize(("layout", "channel_count"), [("3.0", 3), ("7.1", 8)])
def test_neither_three_channels_nor_a_mask_of_7_1_are_secondary_audio(
    tmp_path: Path, layout: str, channel_count: int
) -> None:
    verdict = _verdict(_mix(tmp_path, layout, channel_count), "netflix-localization-audio")
    assert _outcomes(verdict, "fail") - {"deliverable-recognised"} == {"sound-layouts"}


def test_a_mono_wav_of_24_bits_passes_as_sound_of_amazon_originals(tmp_path: Path) -> None:
    verdict = _verdict(_mix(tmp_path, "mono", 1), "amazon")
    assert (verdict["spec"]["id"], decided(verdict)) == ("amazon-mgm-studios", "pass")


def test_an_interleaved_mix_of_16_bits_breaks_amazon_originals(tmp_path: Path) -> None:
    verdict = _verdict(_mix(tmp_path, "5.1(side)", 6, "pcm_s16le"), "amazon")
    assert _outcomes(verdict, "fail") == {"sound-mono", "sound-pcm-24"}


def test_a_stereo_wav_passes_for_prime_video(tmp_path: Path) -> None:
    verdict = _verdict(_mix(tmp_path, "stereo", 2), "amazon")
    assert (verdict["spec"]["id"], decided(verdict)) == ("amazon-prime-sound", "pass")


@pytest.mark.usefixtures("small_reader")
def test_a_subtitle_file_that_is_no_ttml_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "title.srt"
    text.write_text("1\n00:00:01,000 --> 00:00:03,000\nA line.\n")
    assert {"timed-text-format", "file-extension"} <= _outcomes(_verdict(text, "netflix"), "fail")


def test_the_profile_of_jpeg_2000_is_the_one_that_the_composition_labels() -> None:
    label = "060e2b34.0401010d.04010202.03010310"  # IMF 4K, single tile, lossy, main level 6, sub-level 1
    assert label in material(f"{_PACKAGES}/PHDR/CPL_3aa56098-7709-4673-9266-7f0c70ba10d8.xml").read_text()
    facts = deliverqc.probe(material(f"{_PACKAGES}/PHDR/VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf"))
    assert (facts["picture.codec_profile"], facts["picture.codec_level"]) == ("imfs4k", "ML6SL1")


def test_the_picture_of_a_real_hdr_package_breaks_nothing_that_binds() -> None:
    picture = material(f"{_PACKAGES}/PHDR/VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf")
    for verdict in _verdicts(picture, "imf-app2e", "netflix-branded-imf"):
        assert decided(verdict) == "pass"


def test_the_sound_of_a_real_package_passes_with_nothing_left_to_measure() -> None:
    verdict = _verdict(material(f"{_PACKAGES}/PHDR/AUDIO_a2a83e0a-a0ac-4785-8685-d868631f493a.mxf"), "netflix")
    assert (verdict["spec"]["id"], decided(verdict)) == ("netflix-branded-imf", "pass")


def test_a_timecode_that_starts_in_hour_one_breaks_only_the_netflix_imf() -> None:
    sound = material(f"{_PACKAGES}/MERIDIAN_Netflix_Photon_161006/MERIDIAN_Netflix_Photon_161006_ENG-51_00.mxf")
    assert decided(_verdict(sound, "imf-app2e")) == "pass"
    assert _outcomes(_verdict(sound, "netflix"), "fail") == {"no-timecode"}


def test_a_digital_cinema_picture_is_no_picture_of_an_imf_package() -> None:
    picture = material("libdcp/test/data/DCP/video.mxf")
    assert _outcomes(_verdict(picture, "imf-app2e"), "fail") == {
        "operational-pattern",
        "color-system",
        "color-model",
        "quantisation",
    }


@pytest.mark.parametrize("plug_in", ["IAB/MXF/meridian_2398_IAB_5f.mxf", "SADM/{0}/{0}.mxf"])
def test_sound_of_a_plug_in_breaks_nothing_and_passes_nothing_undecoded(plug_in: str) -> None:
    sound = material(f"{_PACKAGES}/{plug_in.format('ST2067-203_audio_track_file__compliant')}")
    verdict = _verdict(sound, "imf-app2e")
    assert verdict["decision"] == "incomplete"
    assert _outcomes(verdict, "fail") == set()
