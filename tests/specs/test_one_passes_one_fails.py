"""For each shipped spec, the facts of one master that passes whole, and of one that fails by a single clause more.

The facts are the first passing examples of all its clauses put together, so that no two clauses ask for what one master
cannot have. Where examples speak of different masters, `FITTED` says which one is meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import PACKAGE_CLAUSES, Spec, Unit
from deliverqc.testing import undamaged
from deliverqc.verdict import Decision, Outcome, Verdict

_EXAMPLES = Path(__file__).parents[2] / "specs" / "examples"
_LIBRARY = spec_library()
_A_DAY = date(2026, 1, 1)
_IN_ORDER = (Outcome.PASS, Outcome.NOT_APPLICABLE)

Facts = dict[str, Any]

_AUDIO: Facts = {"picture.track_count": 0, "wrapper.format": "wav", "wrapper.duration_s": 214.0}
_IMF: Facts = {"wrapper.format": "mxf", "picture.scan": "progressive"}
_DCP: Facts = {"wrapper.format": "mxf"}
_AVC_INTRA_720P: Facts = {"picture.frame_sizes": [{"size_bytes": 284672}]}
_TEXT: Facts = {"timed_text.tracks": [{"is_read": True, "errors": []}]}
_NO_TEXT: Facts = {"package.composition.timed_text_count": 0, "timed_text.track_count": 0, "timed_text.tracks": []}
_NO_DESCRIPTION: Facts = {"wrapper.as11_audio_description_present": False}

FITTED: Mapping[str, Facts] = {
    **dict.fromkeys(
        ("apple-digital-masters", "apple-music-stereo", "apple-podcasts", "apple-tv-atmos"),
        _AUDIO,
    ),
    **dict.fromkeys(
        ("cbc-radio-adverts", "soundcloud-mastering", "spotify-music-delivery", "wbd-audio-component"), _AUDIO
    ),
    **dict.fromkeys(("berlinale-dcp", "dci-dcss"), _DCP),
    "dcp-interop": _DCP | _TEXT,
    "netflix-branded-imf": _NO_TEXT,
    **dict.fromkeys(("dpp-as11-hd", "dpp-programme"), _NO_DESCRIPTION),
    "dpp-programme-live": _NO_DESCRIPTION
    | {
        "sound.groups": [
            {"tracks": [0, 1], "silence.digital_channels": []},
            {"tracks": [2, 3], "silence.digital_channels": ["L", "R"]},
        ]
    },
    "dcp-smpte": _DCP | _TEXT | {"picture.width_px": 1998, "picture.height_px": 1080},
    "imf-app2e": _IMF | _TEXT,
    "disney-imf": _IMF
    | _TEXT
    | {
        "picture.width_px": 1920,
        "picture.height_px": 1080,
        "picture.bit_depth_bits": 10,
        "picture.color_model": "ycbcr",
        "picture.color_matrix": "bt709",
        "picture.chroma_subsampling": "4:2:2",
    },
    "wbd-hdr-imf": _IMF
    | _TEXT
    | {
        "picture.width_px": 3840,
        "picture.height_px": 2160,
        "picture.chroma_subsampling": "4:4:4",
        "picture.color_primaries": "bt2020",
        "picture.color_transfer": "smpte2084",
        "picture.color_range": "full",
        "picture.component_code_range": "full",
        "picture.codec_profile": "imfs4k",
        "sound.tracks": [{"codec": "iab"}],
    },
    "amazon-mgm-studios": _AUDIO,
    "amazon-mgm-masters": {"wrapper.format": "mov"},
    "amazon-prime-mezzanine": {
        "wrapper.format": "mp4",
        "sound.channel_count": 2,
        "sound.tracks": [{"codec": "aac"}],
        "sound.groups": [{"layout": "2.0", "channels": ["0.0", "0.1"]}],
    },
    "amazon-prime-sound": {"sound.channel_count": 2, "sound.groups": [{"layout": "2.0"}]},
    "as11-x1": {"picture.frame_rate": "50/1"},
    "as11-x9": {"wrapper.timecodes": [{"edit_rate": "30000/1001"}]},
    **dict.fromkeys(("ard-zdf-hdf03a", "ard-zdf-hdf03b"), _AVC_INTRA_720P),
    "bell-media": {"sound.groups": [{"tone.spans": [{"region": "head", "duration_s": 60.0}]}]},
    "disney-nearfield": {"sound.groups": [{"layout": "2.0", "loudness.integrated_lufs": -24.0}]},
    "disney-trailer": {
        "picture.codec": "prores",
        "wrapper.duration_s": 120.0,
        "picture.black.spans": [{"region": "head", "duration_s": 1.0}, {"region": "tail", "duration_s": 1.0}],
        "sound.groups": [
            {"silence.spans": [{"region": "head", "duration_s": 1.0}, {"region": "tail", "duration_s": 1.0}]}
        ]
        * 2,
    },
    "filmhub": {"picture.black.spans": [{"region": "head"}, {"region": "tail"}]},
    "netflix-localization-audio": {"sound.channel_count": 2, "sound.groups": [{"layout": "2.0"}]},
    "roku-originals": {"picture.codec_profile": "422_hq"},
    "rtl-de-commercials": {"picture.black.spans": [{"region": "tail", "duration_frames": 4}]},
    "wbd-outbound-hd": {"wrapper.drop_frame": False},
    "apple-music-surround": _AUDIO | {"wrapper.format": "mov"},
    "xr-na-radio": _AUDIO | {"sound.tracks": [{"codec": "pcm", "bit_depth_bits": 16, "sample_rate_hz": 48000}]},
    "acx": _AUDIO | {"wrapper.format": "mp3"},
    "wbd-sdr": {"picture.color_transfer": "bt709"},
    "xr-na-broadcast": {"picture.black.spans": [{"region": "interior", "duration_frames": 48}]},
    "netflix-localization-timed-text": {
        "picture.track_count": 0,
        "sound.track_count": 0,
        "wrapper.duration_s": None,
        "timed_text.track_count": 1,
        "timed_text.tracks": [{"source": "file", "is_read": True, "error": None, "errors": [], "shown_event_count": 1}],
    },
    "youtube-shorts": {"wrapper.duration_s": 180.0},
}


_READ: Facts = {"is_read": True, "error": None, "errors": [], "shown_event_count": 1}
"""Of a track of text that keeps to its format."""


@cache
def _examples(spec_id: str) -> Any:
    return json.loads((_EXAMPLES / f"{spec_id}.json").read_text(encoding="utf-8"))


def _merged(first: Any, second: Any) -> Any:
    """Both put together; where they differ the first holds. A list of one item says the same of each of several."""
    if isinstance(first, dict) and isinstance(second, dict):
        both = {name: _merged(first[name], second[name]) for name in first if name in second}
        return {**second, **first, **both}
    if _is_of_items(first) and _is_of_items(second):
        length = max(len(first), len(second))
        return [_merged(_at(first, number), _at(second, number)) for number in range(length)]
    return first


def _is_of_items(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _at(items: list[Any], number: int) -> Any:
    return items[min(number, len(items) - 1)]


def _passing(spec: Spec) -> Facts:
    facts: Facts = dict(FITTED.get(spec.id, {}))
    for clause in sorted(spec.measured_clauses, key=lambda one: one.level != "shall"):
        facts = _merged(facts, _examples(clause.spec_id)[clause.id]["pass"][0])
    for name, value in FITTED.get(spec.id, {}).items():
        facts[name] = facts[name][: len(value)] if isinstance(value, list) else facts[name]
    if spec.unit is Unit.PACKAGE:
        for clause_id in PACKAGE_CLAUSES:
            facts = _merged(facts, _examples("deliverqc-integrity")[clause_id]["pass"][0])
    if facts.get("timed_text.tracks"):
        facts["timed_text.tracks"] = [_READ | track for track in facts["timed_text.tracks"]]
    return undamaged(facts)


def _verdict(spec: Spec, facts: Facts) -> Verdict:
    kind = "composition" if spec.unit is Unit.PACKAGE else "file"
    return judge(spec, facts, as_of=_A_DAY, kind=kind)


def _not_in_order(verdict: Verdict) -> set[str]:
    return {one.id for one in verdict.clauses if one.level == "shall" and one.outcome not in _IN_ORDER}


_SPECS = [spec for spec in _LIBRARY.all() if not spec.id.startswith("deliverqc-")]


@pytest.mark.parametrize("spec", _SPECS, ids=lambda spec: spec.id)
def test_one_master_passes_and_one_fails(spec: Spec) -> None:
    facts = _passing(spec)
    verdict = _verdict(spec, facts)
    unmet = _not_in_order(verdict)
    assert unmet - {clause.id for clause in spec.awaited_clauses} == set()
    assert verdict.decision is (Decision.INCOMPLETE if unmet else Decision.PASS)
    own = {clause.id for clause in spec.measured_clauses}
    assert Outcome.PASS in {one.outcome for one in verdict.clauses if one.id in own}
    level = "shall" if any(clause.level == "shall" for clause in spec.measured_clauses) else "should"
    broken, worse = next(_broken(spec, facts, level))
    assert worse.decision is (Decision.FAIL if level == "shall" else verdict.decision)
    assert broken not in _failing(verdict)


def _broken(spec: Spec, facts: Facts, level: str) -> Iterator[tuple[str, Verdict]]:
    """Each clause of that level that a failing example of its own breaks in this master, with the verdict."""
    for clause in spec.measured_clauses:
        if clause.level == level:
            for example in _examples(clause.spec_id)[clause.id]["fail"]:
                verdict = _verdict(spec, _merged(example, facts))
                if clause.id in _failing(verdict):
                    yield clause.id, verdict


def _failing(verdict: Verdict) -> set[str]:
    return {one.id for one in verdict.clauses if one.outcome is Outcome.FAIL}
