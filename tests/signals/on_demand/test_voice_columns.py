"""The column of voices: which seconds are read, and that what is read is what the column of speech has."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from deliverqc.signals.on_demand import speech, voice
from fixtures import voices

_RATE_HZ = 16_000


def _read(seconds: int, channels: int = 1, rows: int | None = None) -> NDArray[np.float16]:
    reader = voice.columns(_RATE_HZ, channels)
    for _ in range(seconds):
        reader.feed(np.zeros((channels, _RATE_HZ), dtype=np.float32))
    found: NDArray[np.float16] = reader.finish(seconds * 100 if rows is None else rows)["probability"]
    return found


def test_four_minutes_are_read_and_then_fifteen_seconds_of_every_two_minutes() -> None:
    found = _read(500, 2)
    assert found.shape == (50_000, 2) and (found[:, 0] == found[:, 1]).all()
    is_read = found[:, 0] != voice.UNREAD
    heard = np.zeros(50_000, dtype=bool)
    for first in range(0, 240, 15):
        heard[first * 100 + (50 if first else 0) : first * 100 + 1_500] = True
    for first in (240, 360, 480):
        heard[first * 100 + 50 : first * 100 + 1_500] = True
    assert (is_read == heard).all()


@pytest.mark.parametrize(("seconds", "rows"), [(0, 0), (1, 37), (7, 700), (16, 1_552), (247, 24_650)])
def test_the_end_may_come_anywhere(seconds: int, rows: int) -> None:
    found = _read(seconds, rows=rows)
    assert len(found) == rows
    assert (found[-1:] == 0).all()


def test_what_is_read_is_the_probability_of_the_column_of_speech() -> None:
    sound = voices.music_and_effects(4.0)[:1, : 4 * 48_000].astype(np.float32)
    readers = (speech.columns(48_000, 1), voice.columns(48_000, 2))
    for second in range(4):
        block = sound[:, second * 48_000 : (second + 1) * 48_000]
        readers[0].feed(block)
        readers[1].feed(np.concatenate((0.25 * block, 0.75 * block)))
    one, other = (reader.finish(400)["probability"] for reader in readers)
    assert np.abs(one[:, 0].astype(float) - other[:, 1].astype(float)).max() < 0.01
