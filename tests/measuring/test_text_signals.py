"""Recorded speech laid out at known times, and text that is timed to it, shifted and at another rate."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from deliverqc.facts.groups import form_groups
from deliverqc.measuring.obtain import obtain_signals
from deliverqc.measuring.planning import heard_for_text
from deliverqc.measuring.text_comparison import with_speech
from deliverqc.measuring.text_signals import shots_of, starts_of_speech
from deliverqc.measuring.timed_text import track_facts
from deliverqc.probing import probe
from deliverqc.signals.tables import Signals
from tests.material import material
from tests.text_documents import document, event

_RATE_HZ = 48_000
_LENGTH_S = 240


def _phrases() -> list[NDArray[np.float32]]:
    """The words of each file, without the silence around them."""
    found = []
    for path in sorted(material("debian_speech").glob("*_*.wav")):
        with av.open(str(path)) as container:
            sound = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
        loud = np.flatnonzero(np.abs(sound) > 600)
        found.append((sound[loud[0] : loud[-1]] / 32768.0).astype(np.float32))
    return found


class _Spoken(NamedTuple):
    signals: Signals
    facts: dict[str, object]
    starts_s: tuple[float, ...]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> _Spoken:
    """Four minutes of phrases with 1 to 6 s between them over soft noise, and when each begins."""
    random, phrases = np.random.default_rng(1), _phrases()
    sound = random.normal(0, 2e-4, _LENGTH_S * _RATE_HZ).astype(np.float32)
    starts, at = [], 1.0
    while at < _LENGTH_S - 3:
        phrase = phrases[len(starts) % len(phrases)]
        sound[round(at * _RATE_HZ) :][: len(phrase)] += phrase
        starts.append(at)
        at += len(phrase) / _RATE_HZ + random.uniform(1, 6)
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=_RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray((sound * 32767).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = _RATE_HZ
        container.mux(stream.encode(frame))
    probed = probe(path)
    signals = obtain_signals(path, probed, store=None, progress=None, extensions=frozenset({"voice"}))
    return _Spoken(signals, probed.facts, tuple(starts))


def _compared(spoken: _Spoken, rate: Fraction, offset_s: float) -> tuple[float | None, float | None]:
    events = [
        event(at, at + 2, "words")
        for one in spoken.starts_s
        for at in (Fraction(round((one * float(rate) + offset_s) * 1000), 1000),)
    ]
    track = track_facts(document(*events), source="sidecar")
    found = with_speech(track, starts_of_speech(spoken.signals, form_groups(spoken.facts, {})))
    return found["offset_s"], found["drift_s_per_hour"]


@pytest.mark.parametrize(
    ("rate", "offset_s"),
    [
        (Fraction(1), 0.0),
        (Fraction(1), -3.2),
        (Fraction(1001, 1000), 0.0),
        (Fraction(1000, 1001), 12.0),
        (Fraction(25, 24), 0.0),
        (Fraction(24, 25), 1.0),
    ],
    ids=str,
)
def test_recorded_speech_shows_offset_and_drift(spoken: _Spoken, rate: Fraction, offset_s: float) -> None:
    offset, drift = _compared(spoken, rate, offset_s)
    assert offset == pytest.approx(offset_s + float(rate - 1) * spoken.starts_s[0], abs=0.15)
    assert drift == pytest.approx(float(rate - 1) * 3600, abs=0.6)


def test_speech_is_missing_where_nobody_asked_for_it(spoken: _Spoken) -> None:
    silent = replace(spoken.signals, extensions=frozenset())
    assert starts_of_speech(silent, form_groups(spoken.facts, {}))("en") is None
    assert starts_of_speech(replace(silent, sounds=()), [])("en") == ()
    assert shots_of(probe(material("debian_speech/Noise.wav")), silent) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, set()),
        ({"timed_text.tracks": []}, set()),
        ({"timed_text.tracks": [{"source": "sidecar", "event_count": 20}]}, {"voice"}),
        ({"timed_text.tracks": [{"source": "sidecar", "event_count": 19}]}, set()),
        ({"timed_text.tracks": [{"source": "file", "event_count": 900}]}, set()),
        ({"timed_text.tracks": [{"source": "wrapper", "is_read": False}]}, set()),
        ({"timed_text.carrier_tracks": ["cea_608"]}, {"voice"}),
        ({"timed_text.carrier_tracks": ["dvb_teletext"]}, set()),
    ],
    ids=str,
)
def test_speech_is_looked_for_where_text_can_be_compared(facts: dict[str, object], expected: set[str]) -> None:
    assert heard_for_text(facts | {"sound.tracks": [{}]}) == expected
    assert heard_for_text(facts | {"sound.tracks": []}) == frozenset()
