"""Black and silence at once: pictures and mixes whose overlap is arithmetic, and masters with a break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import deliverqc
from deliverqc.facts.groups import SUBSTREAMS, Group
from deliverqc.measuring.registry import registry
from deliverqc.measuring.silent_black import silent_black_facts
from deliverqc.meters import meters
from deliverqc.rejudge import judge_document
from deliverqc.request import Request
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.tables import DecodeLog, Signals, SoundSignal
from deliverqc.timebase import Timeline
from fixtures.ffmpeg import make
from fixtures.pictures import frame_of
from tests.meters.picture.measuring import table_of
from tests.spec_files import SOUND, clause, document, loaded, write

Samples = NDArray[np.float64]
_RATE_HZ = 48_000
_LOG = DecodeLog(errors=(), warnings=(), frame_count=None, missing_frame_count=None, undecodable=())
_SETTINGS = {name: meters()[name].resolve({}) for name in ("black", "silence")}
_SPANS = "cross_check.silent_black.spans"


def _tone(seconds: float, *silent: tuple[float, float], level: float = 0.1) -> Samples:
    """A sine that is digital silence from and to those times."""
    time = np.arange(round(seconds * _RATE_HZ)) / _RATE_HZ
    sound = level * np.sin(2.0 * np.pi * 997.0 * time)
    for start, end in silent:
        sound[round(start * _RATE_HZ) : round(end * _RATE_HZ)] = 0.0
    return sound


def _table(*channels: Samples) -> SoundSignal:
    accumulator = SoundAccumulator(_RATE_HZ, len(channels))
    accumulator.feed(np.array(channels))
    return accumulator.finish()


def _group(track: int, channels: int, formed_by: str = "layout") -> Group:
    return Group(
        layout=None,
        labels=("",) * channels,
        channels=tuple((track, number) for number in range(channels)),
        language=None,
        formed_by=formed_by,
        sample_rate_hz=_RATE_HZ,
    )


def _facts(
    frames: int,
    black: Sequence[tuple[int, int]],
    sounds: Sequence[SoundSignal],
    *,
    rate: Fraction = Fraction(25),
    settings: dict[str, Any] = _SETTINGS,
    **known: Any,
) -> dict[str, Any]:
    codes = [16 if any(start <= frame < end for start, end in black) else 120 for frame in range(frames)]
    picture = table_of((frame_of(np.full((18, 32), code), "yuv420p") for code in codes), rate)
    signals = Signals(picture=picture, sounds=tuple(sounds), log=_LOG)
    timeline = Timeline(frame_rate=rate, frame_count=frames, start=None)
    facts = {
        "picture.track_count": 1,
        "sound.tracks": [{}] * len(sounds),
        "picture.black.spans": [{"start_frame": start, "end_frame": end} for start, end in black],
    } | known
    groups = [_group(track, sound.sample_peak.shape[1]) for track, sound in enumerate(sounds)]
    return silent_black_facts(signals, groups, facts, timeline, settings, registry().facts)


def _found(facts: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [(span["start_frame"], span["end_frame"], span["region"]) for span in facts[_SPANS]]


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        ([(1.0, 3.0)], [(25, 75, "interior")]),
        ([(0.5, 3.5)], [(25, 75, "interior")]),
        ([], []),
        ([(1.48, 2.52)], [(37, 63, "interior")]),
        ([(0.0, 1.4), (2.6, 4.0)], [(25, 35, "interior"), (65, 75, "interior")]),
        ([(0.0, 4.0)], [(25, 75, "interior")]),
    ],
)
def test_frames_count_that_are_black_while_nothing_sounds(
    silent: list[tuple[float, float]], expected: list[tuple[int, int, str]]
) -> None:
    assert _found(_facts(100, [(25, 75)], [_table(_tone(4.0, *silent))])) == expected


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(60), Fraction(120)])
def test_at_any_rate_the_edges_are_right_within_a_frame(rate: Fraction) -> None:
    second = round(rate)
    (span,) = _facts(4 * second, [(second, 3 * second)], [_table(_tone(4.1, (1.2, 2.7)))], rate=rate)[_SPANS]
    assert span["start_s"] == pytest.approx(1.2, abs=0.01 + 1.0 / float(rate))
    assert span["end_s"] == pytest.approx(2.7, abs=0.01 + 1.0 / float(rate))


def test_every_channel_of_every_mix_must_be_silent() -> None:
    silent, sounding = _tone(4.0, (1.0, 3.0)), _tone(4.0, (2.0, 4.0))
    assert _found(_facts(100, [(25, 75)], [_table(silent, silent), _table(silent)])) == [(25, 75, "interior")]
    assert _found(_facts(100, [(25, 75)], [_table(silent, sounding)])) == [(50, 75, "interior")]
    assert _found(_facts(100, [(25, 75)], [_table(silent), _table(sounding)])) == [(50, 75, "interior")]


def test_a_click_does_not_end_a_break_and_longer_sound_does() -> None:
    click, word = (_tone(4.0, (1.0, 2.0), (2.0 + length, 3.0)) for length in (0.005, 0.1))
    assert _found(_facts(100, [(25, 75)], [_table(click)])) == [(25, 75, "interior")]
    assert len(_found(_facts(100, [(25, 75)], [_table(word)]))) == 2


def test_the_limit_of_silence_is_the_setting() -> None:
    hum = _table(_tone(4.0, level=0.005))  # -46 dBFS
    loose = _SETTINGS | {"silence": meters()["silence"].resolve({"peak_max_dbfs": -45.0})}
    assert _found(_facts(100, [(25, 75)], [hum])) == []
    assert _found(_facts(100, [(25, 75)], [hum], settings=loose)) == [(25, 75, "interior")]


def test_before_and_after_the_audio_there_is_silence() -> None:
    late = replace(_table(_tone(1.0)), offset_s=Fraction(2))
    assert _found(_facts(100, [(0, 100)], [late])) == [(0, 50, "head"), (75, 100, "tail")]


def test_without_picture_there_is_no_such_span() -> None:
    assert _facts(100, [], [], **{"picture.track_count": 0}) == {_SPANS: []}


def test_what_was_not_measured_gives_no_facts() -> None:
    sound = _table(_tone(4.0))
    assert all(_facts(100, [], [sound], settings={name: _SETTINGS[name]}) == {} for name in _SETTINGS)
    assert _facts(100, [(25, 75)], []) == {}
    timeline = Timeline(frame_rate=Fraction(25), frame_count=100, start=None)
    known = {"picture.track_count": 1, "sound.tracks": [{}], "picture.black.spans": []}
    picture = table_of([frame_of(np.full((18, 32), 16), "yuv420p")], Fraction(25))
    whole = Signals(picture=picture, sounds=(sound,), log=_LOG)
    for signals, group, facts in (
        (whole, _group(0, 1, SUBSTREAMS), known),
        (whole, _group(1, 1), known),
        (replace(whole, log=replace(_LOG, undecodable=("sound 0",))), _group(0, 1), known),
        (replace(whole, picture=None), _group(0, 1), known),
        (whole, _group(0, 1), {name: value for name, value in known.items() if "black" not in name}),
    ):
        assert silent_black_facts(signals, [group], facts, timeline, _SETTINGS, registry().facts) == {}


_BREAK = {"required": [_SPANS], "properties": {_SPANS: {"type": "array", "minItems": 0, "maxItems": 0}}}


@pytest.mark.parametrize("settings", ["black", "silence", "groups"])
def test_facts_that_were_measured_under_other_settings_are_not_judged(settings: str, tmp_path: Path) -> None:
    other = {"black": {"luma_max_percent": 2.0}, "silence": {"peak_max_dbfs": -50.0}, "groups": {"layouts": "2.0"}}
    spec = loaded(tmp_path, clause("no-break", _BREAK))
    facts = {**SOUND, _SPANS: [], "sound.groups": []}
    subject = {"id": "file", "kind": "file", "title": "facts", "facts": facts}
    outcomes = []
    for changed in ({}, {settings: other[settings]}):
        measured = dict(_SETTINGS) | {
            name: chosen if name == "groups" else meters()[name].resolve(chosen) for name, chosen in changed.items()
        }
        given = {"schema_version": 1, "subjects": [subject | {"settings": measured}]}
        judged = judge_document(given, [spec], Request())
        (verdict,) = judged["masters"][0]["subjects"][0]["verdicts"]
        outcomes += [one["outcome"] for one in verdict["clauses"] if one["id"] == "no-break"]
    assert outcomes == ["pass", "not_measured"]


def _break(path: Path, silent: str) -> Path:
    """4 s of noise under moving picture, with 1.5 s of black from 1 s on; the noise is off where `silent` holds."""
    return make(
        path,
        "-f lavfi -i \"testsrc2=s=64x36:r=25:d=4,drawbox=c=black:t=fill:enable='between(t,1,2.49)'\" "
        f"-f lavfi -i \"aevalsrc='0.1*(random(0)-0.5)*not({silent})':s=48000:d=4\" "
        "-c:v libx264 -qp 0 -pix_fmt yuv420p -c:a pcm_s16le",
    )


@pytest.mark.parametrize(("silent", "expected"), [("0", []), ("between(t,0.9,2.6)", [(25, 63)])])
def test_a_master_tells_a_break_from_creative_black(
    silent: str, expected: list[tuple[int, int]], tmp_path: Path
) -> None:
    spec = write(tmp_path, document(clause("no-break", _BREAK)))
    measured = deliverqc.measure(_break(tmp_path / "break.mov", silent), spec)
    facts = measured["subjects"][0]["facts"]
    assert len(facts["picture.black.spans"]) == 1
    assert [(span["start_frame"], span["end_frame"]) for span in facts[_SPANS]] == expected
