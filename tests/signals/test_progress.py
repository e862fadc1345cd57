"""Progress of a decode comes with every packet, so that a stream without time stamps does not seem to hang."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
from fixtures.ffmpeg import make

_SECONDS = 4


@pytest.mark.parametrize(
    ("name", "coding", "fewest"),
    [
        ("raw.h264", "-f lavfi -i testsrc2=s=64x36:r=25 -c:v libx264 -pix_fmt yuv420p -f h264", 25 * _SECONDS),
        ("raw.m2v", "-f lavfi -i testsrc2=s=64x36:r=25 -c:v mpeg2video -f mpeg2video", 25 * _SECONDS),
        ("raw.aac", "-f lavfi -i sine=r=48000 -c:a aac -f adts", 46 * _SECONDS),
        ("raw.ac3", "-f lavfi -i sine=r=48000 -c:a ac3 -f ac3", 31 * _SECONDS),
    ],
)
def test_every_packet_of_a_raw_stream_is_progress(name: str, coding: str, fewest: int, tmp_path: Path) -> None:
    path = make(tmp_path / name, coding.replace(" -c:", f" -t {_SECONDS} -c:", 1))
    told: list[float] = []
    decode(path, plan_of(probe(path)), told.append)
    assert len(told) >= fewest
    assert told == sorted(told)
