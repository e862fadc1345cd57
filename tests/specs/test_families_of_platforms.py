"""The families of platforms choose by what a probe tells, and choose nothing where that does not tell."""

from __future__ import annotations

from typing import Any

import pytest

from deliverqc.measuring.registry import spec_library
from deliverqc.speclib.families import choose

_LIBRARY = spec_library()
_MOV = {"wrapper.format": "mov", "picture.track_count": 1, "picture.codec": "prores", "picture.width_px": 1920}
_SDR = _MOV | {
    "picture.color_transfer": "bt709",
    "picture.display_aspect_ratio_value": 1.7778,
    "picture.rotation_deg": 0,
    "wrapper.duration_s": 30.0,
}
_UNTAGGED = _SDR | {"picture.color_transfer": None}
_FEATURE = _SDR | {"wrapper.duration_s": 5400.0}
_IMF = _MOV | {"wrapper.format": "mxf", "picture.codec": "jpeg2000", "picture.color_transfer": "smpte2084"}
_SOUND = {"wrapper.format": "wav", "picture.track_count": 0}
_TEXT = {"wrapper.format": "srt", "picture.track_count": 0}


@pytest.mark.parametrize(
    ("family", "facts", "chosen"),
    [
        ("youtube", _SDR, "youtube-sdr"),
        ("youtube", _UNTAGGED, "youtube-sdr"),
        ("youtube", _SDR | {"picture.color_transfer": "arib-std-b67"}, "youtube-hdr"),
        ("youtube", _SDR | {"picture.color_transfer": "smpte2084"}, "youtube-hdr"),
        ("apple", _SDR, "apple-tv-film"),
        ("apple", _SDR | {"picture.width_px": 3840}, "apple-tv-film-uhd"),
        ("apple", _SDR | {"picture.width_px": 3840, "picture.color_transfer": "smpte2084"}, "apple-tv-film-hdr"),
        ("apple", _SOUND, "apple-tv-atmos"),
        ("apple", _SDR | {"picture.codec": "h264"}, None),
        ("disney", _IMF, "disney-imf"),
        ("disney", _SDR, "disney-trailer"),
        ("disney", _FEATURE, None),
        ("disney", _SOUND, None),
        ("amazon", _TEXT, "amazon-timed-text"),
        ("apple", _TEXT, "apple-itt"),
        ("disney", _TEXT, "disney-imsc"),
        ("youtube", _TEXT, "youtube-captions"),
        ("wbd-max", _IMF, "wbd-hdr-imf"),
        ("wbd-max", _SOUND, "wbd-audio-component"),
        ("wbd-max", _UNTAGGED, "wbd-sdr"),
        ("wbd-max", _SDR | {"picture.color_transfer": "smpte2084"}, None),
        ("instagram", _SDR, "instagram-reels-api"),
        ("instagram", _SDR | {"wrapper.duration_s": 60.1}, "instagram-reels-api"),
        ("instagram", _SDR | {"picture.display_aspect_ratio_value": 0.5625}, "instagram-reels-api"),
    ],
)
def test_a_family_chooses_by_probed_facts(family: str, facts: dict[str, Any], chosen: str | None) -> None:
    choice = choose(_LIBRARY.load_family(family), _LIBRARY, facts)
    assert (choice.spec.id if choice.spec is not None else None) == chosen
