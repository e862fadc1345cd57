"""Packets that are missing within a transport stream are told at their place; gaps of another origin are not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc.facts.model import Facts
from deliverqc.measuring.decode_facts import decode_facts
from deliverqc.measuring.planning import plan_of
from deliverqc.measuring.timelines import timeline_of
from deliverqc.probing import Probed, probe
from deliverqc.signals.decode import decode
from deliverqc.signals.tables import Signals, TimeGap
from fixtures.ffmpeg import make

_TRANSPORT = (
    "-f lavfi -i testsrc2=s=160x90:r=25 -f lavfi -i anoisesrc=a=0.3:r=48000:seed=1 -t 1 -c:v mpeg2video -c:a ac3"
    " -b:a 192k -threads 1 -fflags +bitexact"
)
_AC3_SYNC = b"\x0b\x77"
_AC3_FRAME_S = 1536 / 48_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("whole") / "whole.ts", _TRANSPORT)


def _decoded(path: Path) -> tuple[Probed, Signals]:
    probed = probe(path)
    return probed, decode(path, plan_of(probed))


def _facts(probed: Probed, signals: Signals) -> Facts:
    return decode_facts(signals, timeline_of(probed, signals), probed)


def _without_a_frame(whole: Path, folder: Path) -> Path:
    """The sync word of a frame that is in the middle of the payload of the audio."""
    data = bytearray(whole.read_bytes())
    places = [at for at in range(len(data) // 2, len(data) - 1) if data[at : at + 2] == _AC3_SYNC and at % 188 > 60]
    data[places[0] : places[0] + 2] = b"\0\0"
    damaged = folder / "damaged.ts"
    damaged.write_bytes(data)
    return damaged


def test_frames_that_a_decoder_does_not_find_are_missing_at_their_place(whole: Path, tmp_path: Path) -> None:
    (span,) = _facts(*_decoded(_without_a_frame(whole, tmp_path)))["decode.missing_spans"]
    assert span["track"] == "sound 0"
    assert span["frame"] is None
    assert span["duration_s"] == pytest.approx(span["packet_count"] * _AC3_FRAME_S, abs=1e-3)
    assert 0.2 < span["start_s"] < 1


def test_gaps_of_another_origin_are_not_missing_packets(whole: Path) -> None:
    probed, signals = _decoded(whole)
    assert _facts(probed, signals)["decode.missing_spans"] == []
    lost = TimeGap(track="sound 0", frame=None, start_s=0.5, gap_s=3 * _AC3_FRAME_S)
    picture = TimeGap(track="picture 0", frame=12, start_s=0.48, gap_s=0.08)
    jump = replace(lost, gap_s=100 * _AC3_FRAME_S)
    cases: list[tuple[list[TimeGap], int]] = [
        ([lost], 1),
        ([lost, picture], 2),
        ([picture], 1),
        ([replace(lost, gap_s=-_AC3_FRAME_S)], 0),
        ([replace(lost, gap_s=2.5 * _AC3_FRAME_S)], 0),
        ([replace(lost, is_signalled=True)], 0),
        ([jump, replace(picture, gap_s=3.2)], 0),
        ([jump], 1),
    ]
    for gaps, count in cases:
        changed = replace(signals, log=replace(signals.log, gaps=tuple(gaps)))
        assert len(_facts(probed, changed)["decode.missing_spans"]) == count, gaps
        in_mov = replace(probed, facts={**probed.facts, "wrapper.format": "mov"})
        assert _facts(in_mov, changed)["decode.missing_spans"] == []


@pytest.mark.parametrize(("with_clock", "count"), [(True, 0), (False, 1)])
def test_a_jump_that_the_stream_signals_by_its_clock_is_not_a_loss(
    with_clock: bool, count: int, whole: Path, tmp_path: Path
) -> None:
    damaged = bytearray(_without_a_frame(whole, tmp_path).read_bytes())
    fields: list[Any] = [at for at in range(0, len(damaged), 188) if damaged[at + 3] & 0x20 and damaged[at + 4] >= 7]
    clocks = [at for at in fields if bool(damaged[at + 5] & 0x10) is with_clock]
    for at in clocks:
        damaged[at + 5] |= 0x80
    (tmp_path / "marked.ts").write_bytes(damaged)
    spans = _facts(*_decoded(tmp_path / "marked.ts"))["decode.missing_spans"]
    assert len(spans) == count
    assert all(Fraction(span["packet_count"]) for span in spans)
