"""Blocks of Matroska whose head is damaged, which readers pass over without a word."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from deliverqc.measuring.obtain import obtain_signals
from deliverqc.probing import probe
from fixtures.ffmpeg import make


@pytest.fixture(scope="module", params=["mkv", "webm"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    codecs = "-c:v ffv1 -c:a flac" if request.param == "mkv" else "-c:v libvpx-vp9 -cpu-used 8 -c:a libopus"
    path = tmp_path_factory.mktemp("matroska") / f"whole.{request.param}"
    return make(
        path, f"-f lavfi -i testsrc2=s=64x48:r=25 -f lavfi -i sine=440:r=48000 -t 0.6 -cluster_time_limit 300 {codecs}"
    )


def _said(path: Path) -> list[str]:
    signals = obtain_signals(path, probe(path), store=None, progress=None)
    return [remark.message for remark in signals.log.errors if "defines no element" in remark.message]


def test_every_element_of_a_whole_file_is_defined(whole: Path) -> None:
    assert _said(whole) == []


@pytest.mark.parametrize("kind", ["sound", "cluster"])
def test_a_block_or_cluster_of_an_undefined_identity_is_damage(whole: Path, kind: str, tmp_path: Path) -> None:
    data = bytearray(whole.read_bytes())
    if kind == "cluster":
        place = data.rindex(b"\x1f\x43\xb6\x75")
        data[place : place + 4] = b"\x1f\x43\xb6\x65"
    else:
        with av.open(str(whole)) as container:
            at = next(packet.pos for packet in container.demux(audio=0) if packet.pos)
        place = data.rindex(b"\xa3", 0, at)
        data[place] = 0xA9
    damaged = tmp_path / whole.name
    damaged.write_bytes(data)
    identity = "0x1F43B665" if kind == "cluster" else "0xA9"
    (said,) = _said(damaged)
    assert identity in said
    assert f"from byte {place} " in said
