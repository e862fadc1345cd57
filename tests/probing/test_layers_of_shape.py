"""Wrapper and bitstream each state the shape of pixels, and disagree where a viewer would see it."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest

from deliverqc.facts.cross_check import layer_disagreements
from deliverqc.probing import probe


def _anamorphic(path: Path) -> Path:
    source = ["-f", "lavfi", "-i", "testsrc2=s=144x108:r=25:d=0.2", "-vf", "setsar=4/3,format=yuv420p"]
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", *source, "-c:v", "libx264", path], check=True)
    return path


def _with_pasp(path: Path, shape: tuple[int, int]) -> Path:
    data = path.read_bytes()
    at = data.index(b"pasp") + 4
    path.write_bytes(data[:at] + struct.pack(">II", *shape) + data[at + 8 :])
    return path


@pytest.mark.parametrize(("shape", "disagrees"), [((4, 3), False), ((1, 1), True)])
def test_the_pasp_atom_is_held_to_the_sequence_parameter_set(
    tmp_path: Path, shape: tuple[int, int], disagrees: bool
) -> None:
    facts = probe(_with_pasp(_anamorphic(tmp_path / "a.mp4"), shape)).facts
    stated = f"{shape[0]}/{shape[1]}"
    assert facts["picture.pixel_aspect_ratio"] == facts["picture.wrapper.pixel_aspect_ratio"] == stated
    assert facts["picture.bitstream.pixel_aspect_ratio"] == "4/3"
    found = [entry["fact"] for entry in facts["cross_check.layer_disagreements"]]
    assert found == (["picture.pixel_aspect_ratio"] if disagrees else [])


@pytest.mark.parametrize(
    ("wrapper", "bitstream", "disagrees"),
    [
        ("59/54", "16/15", False),
        ("12/11", "16/15", False),
        ("10/11", "8/9", False),
        ("64/45", "16/11", False),
        ("1/1", "12/11", True),
        ("16/15", "64/45", True),
        (None, "4/3", False),
        ("16/1", None, False),
        ("17/1", None, True),
        (None, "1/4294967295", True),
    ],
)
def test_conventions_of_standard_definition_name_the_same_pixels(
    wrapper: str | None, bitstream: str, disagrees: bool
) -> None:
    facts = {"picture.wrapper.pixel_aspect_ratio": wrapper, "picture.bitstream.pixel_aspect_ratio": bitstream}
    assert bool(layer_disagreements(facts)) is disagrees
