"""DC offset: the mean of what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from deliverqc.meters import dc_offset
from fixtures import sounds
from tests.meters.sound.measuring import read


@pytest.mark.parametrize("percent", [0.0, 0.01, -0.5, 5.0])
def test_offset_is_the_mean_of_the_samples(percent: float) -> None:
    samples = sounds.sine(2.0, -20.0)
    samples[1] += np.float32(percent / 100.0)
    facts = read(dc_offset, samples)
    assert facts["max_percent"] == pytest.approx(abs(percent), abs=1e-4)
    if percent:
        assert facts["max_channel"] == "R"


def test_offset_of_full_scale_is_a_hundred_percent() -> None:
    assert read(dc_offset, -np.ones((1, 4_001), dtype=np.float32), labels=("",)) == {
        "max_percent": 100.0,
        "max_channel": "0",
    }


def test_group_without_a_sample_has_no_offset() -> None:
    assert read(dc_offset, np.zeros((2, 0), dtype=np.float32)) == {}
