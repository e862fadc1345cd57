"""Each shipped spec is for the masters of its document: what a clause reports is still recognised, what is another kind
of deliverable is not.
"""

from __future__ import annotations

from typing import Any

import pytest

from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.measuring.registry import spec_library

_LIBRARY = spec_library()
_PRORES = {
    "wrapper.format": "mov",
    "picture.track_count": 1,
    "picture.codec": "prores",
    "sound.track_count": 2,
    "sound.tracks": [{"codec": "pcm"}],
}
_H264 = _PRORES | {"wrapper.format": "mp4", "picture.codec": "h264"}
_SILENT = _PRORES | {"sound.track_count": 0, "sound.tracks": []}
_XDCAM = _PRORES | {"wrapper.format": "mxf", "picture.codec": "mpeg2video"}
_IMF_PICTURE = _SILENT | {"wrapper.format": "mxf", "picture.codec": "jpeg2000"}
_NO_PICTURE = {"picture.track_count": 0, "sound.track_count": 1, "sound.tracks": [{"codec": "pcm"}]}
_WAV = _NO_PICTURE | {"wrapper.format": "wav"}
_MP3 = _NO_PICTURE | {"wrapper.format": "mp3", "sound.tracks": [{"codec": "mp3"}]}
_MXF_SOUND = _NO_PICTURE | {"wrapper.format": "mxf"}
_MXF_IAB = _MXF_SOUND | {"sound.tracks": [{"codec": "iab"}]}


@pytest.mark.parametrize(
    ("spec", "facts"),
    [
        *(("ebu-r128-programme", facts) for facts in (_WAV, _PRORES, _XDCAM, _MP3)),
        *(("disney-nearfield", facts) for facts in (_WAV, _PRORES)),
        *(("acx", facts) for facts in (_MP3, _WAV)),
        *(("apple-podcasts", facts) for facts in (_MP3, _WAV)),
        *(("netflix-nearfield-audio", facts) for facts in (_WAV, _PRORES, _MXF_SOUND, _IMF_PICTURE)),
        ("netflix-nearfield-audio-qc-grace", _PRORES),
        ("amazon-mgm-studios", _WAV),
        ("amazon-mgm-masters", _PRORES),
        *(("xdcam-hd422", facts) for facts in (_XDCAM, _PRORES, _SILENT)),
        ("nrk", _H264),
        *(("roku-channel", facts) for facts in (_H264, _XDCAM)),
        *(("disney-imf", facts) for facts in (_IMF_PICTURE, _MXF_SOUND)),
        *(("wbd-hdr-imf", facts) for facts in (_IMF_PICTURE, _MXF_IAB)),
        *(("dcp-smpte", facts) for facts in (_IMF_PICTURE, _MXF_SOUND)),
        *(("dcdm", facts) for facts in (_WAV, _SILENT)),
        *(("soundcloud-mastering", facts) for facts in (_WAV, _MP3)),
        *(("spotify-music-delivery", facts) for facts in (_WAV, _MP3)),
        *(("linkedin-post", facts) for facts in (_H264, _SILENT)),
        *(("spotify-video-podcast", facts) for facts in (_H264, _H264 | {"wrapper.format": "mkv"})),
    ],
)
def test_a_master_of_the_document_is_recognised(spec: str, facts: dict[str, Any]) -> None:
    assert evaluate(_LIBRARY.load(spec).applies or True, facts).truth is Truth.TRUE


@pytest.mark.parametrize(
    ("spec", "facts"),
    [
        ("ebu-r128-programme", _SILENT),
        ("ebu-r103", _WAV),
        ("ebu-r37", _SILENT),
        ("ebu-r37", _WAV),
        ("apple-music-stereo", _PRORES),
        ("acx", _PRORES),
        ("amazon-mgm-studios", _PRORES),
        ("amazon-mgm-masters", _XDCAM),
        ("netflix-nearfield-audio", _XDCAM),
        ("xdcam-hd422", _WAV),
        ("wbd-hdr-imf", _MXF_SOUND),
        ("disney-imf", _PRORES),
        ("dcp-smpte", _IMF_PICTURE | {"wrapper.format": "mov"}),
        ("instagram-reels-api", _WAV),
        ("google-movies-4k-sdr", _WAV),
        ("apple-digital-masters", _PRORES),
        ("spotify-music-delivery", _PRORES),
        ("apple-music-surround", _PRORES),
        ("apple-tv-film", _WAV),
        ("youtube-sdr", _WAV),
        ("netflix-licensed-prores", _WAV),
    ],
)
def test_another_kind_of_deliverable_is_not(spec: str, facts: dict[str, Any]) -> None:
    assert evaluate(_LIBRARY.load(spec).applies or True, facts).truth is Truth.FALSE


@pytest.mark.parametrize(
    "spec", [spec for spec in _LIBRARY.all() if not spec.id.startswith("deliverqc-")], ids=lambda spec: spec.id
)
def test_every_spec_says_which_masters_it_is_for(spec: Any) -> None:
    assert spec.applies is not None


@pytest.mark.parametrize(
    "spec",
    [
        "imf-app2e",
        "disney-imf",
        "wbd-hdr-imf",
        "netflix-branded-imf",
        "dci-dcss",
        "dcp-smpte",
        "dcp-interop",
        "berlinale-dcp",
    ],
)
def test_the_specs_of_packages_judge_packages(spec: str) -> None:
    assert _LIBRARY.load(spec).document["x-unit"] == "package"
    assert "timed_text" in _LIBRARY.load(spec).document["x-spec"].get("essence", {"holds": ["timed_text"]})["holds"]


@pytest.mark.parametrize(
    ("spec", "essence"),
    [
        ("ebu-r128-programme", {"holds": ["audio"]}),
        ("ebu-r103", {"holds": ["picture"]}),
        ("netflix-localization-timed-text", {"holds": ["timed_text"]}),
        ("netflix-licensed-prores", None),
    ],
)
def test_a_spec_says_what_its_deliverable_holds(spec: str, essence: dict[str, Any] | None) -> None:
    assert _LIBRARY.load(spec).document["x-spec"].get("essence") == essence
