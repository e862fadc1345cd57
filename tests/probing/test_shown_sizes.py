"""What the wrapper shows of a picture: clean aperture and the size in the track header."""

from __future__ import annotations

import struct
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from deliverqc.facts.cross_check import shown_sizes
from deliverqc.judging.judge import judge
from deliverqc.measuring.measure import measure
from deliverqc.measuring.obtain import obtain_signals
from deliverqc.measuring.registry import spec_library
from deliverqc.probing import probe
from deliverqc.probing.reading import ACTIVE_AREA
from deliverqc.probing.wrappers.mxf_descriptors import picture_facts
from deliverqc.probing.wrappers.mxf_klv import Metadata, MetadataSet
from deliverqc.verdict import Outcome
from tests.probing.recipes import Picture, make

_CROPS, _RESHAPES = "cross_check.clean_aperture_crops", "cross_check.track_header_reshapes"


def _v210(path: Path) -> Path:
    """Uncompressed 4:2:2 in MOV, to which ffmpeg gives a clean aperture of the whole picture."""
    return make(path, Picture(codec="v210", pixels="yuv422p10le", size=(192, 108)))


def _with_aperture(path: Path, *numbers: int) -> Path:
    data = path.read_bytes()
    at = data.index(b"clap") + 4
    path.write_bytes(data[:at] + struct.pack(f">{len(numbers)}i", *numbers) + data[at + 4 * len(numbers) :])
    return path


def test_a_clean_aperture_of_the_whole_picture_crops_nothing(tmp_path: Path) -> None:
    facts = probe(_v210(tmp_path / "a.mov")).facts
    assert (facts["picture.clean_aperture.width_px"], facts["picture.clean_aperture.height_px"]) == (192, 108)
    assert (facts[_CROPS], facts[_RESHAPES]) == (False, False)


@pytest.mark.parametrize(
    ("numbers", "size"),
    [
        ((190, 1, 108, 1), (190, 108)),
        ((192, 1, 1079, 10), (192, 107.9)),
        ((192, 1, 108, 1, 1, 1, 0, 1), (192, 108)),
    ],
)
def test_a_smaller_or_shifted_clean_aperture_crops(
    tmp_path: Path, numbers: tuple[int, ...], size: tuple[float, float]
) -> None:
    facts = probe(_with_aperture(_v210(tmp_path / "a.mov"), *numbers)).facts
    assert (facts["picture.clean_aperture.width_px"], facts["picture.clean_aperture.height_px"]) == size
    assert facts[_CROPS] is True


def test_a_clean_aperture_over_zero_is_none(tmp_path: Path) -> None:
    facts = probe(_with_aperture(_v210(tmp_path / "a.mov"), 192, 0)).facts
    assert (facts["picture.clean_aperture.width_px"], facts[_CROPS]) == (None, None)


@pytest.mark.parametrize(
    ("shape", "size", "reshapes"),
    [
        (Fraction(1), (320, 180), False),
        (Fraction(1), (321, 180), False),
        (Fraction(1), (240, 180), True),
        (Fraction(4, 3), (320, 135), False),
        (Fraction(4, 3), (320, 180), True),
    ],
)
def test_a_track_header_of_another_shape_than_size_and_pixels_give(
    shape: Fraction, size: tuple[int, int], reshapes: bool
) -> None:
    picture = {"width_px": 320, "height_px": 180, "pixel_aspect_ratio": shape, "clean_aperture.width_px": None}
    found = shown_sizes(picture, header_size_px=(Fraction(size[0]), Fraction(size[1])))
    assert found == {_CROPS: None, _RESHAPES: reshapes}


@pytest.mark.parametrize(("width", "shape"), [(320, "1/1"), (240, "3/4")])
def test_a_track_header_alone_gives_the_shape_of_pixels(tmp_path: Path, width: int, shape: str) -> None:
    path = make(tmp_path / "a.mov", Picture(size=(320, 180)))
    data = path.read_bytes()
    at = data.index(b"tkhd") + 80
    assert struct.unpack_from(">II", data, at) == (320 << 16, 180 << 16)
    path.write_bytes(data[:at] + struct.pack(">I", width << 16) + data[at + 4 :])
    facts = probe(path).facts
    assert (facts["picture.pixel_aspect_ratio"], facts[_CROPS], facts[_RESHAPES]) == (shape, None, False)


def test_a_wrapper_without_either_says_nothing(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mxf", Picture(codec="mpeg2video", pixels="yuv420p"))).facts
    assert (facts["picture.clean_aperture.width_px"], facts[_CROPS], facts[_RESHAPES]) == (None, None, None)


@pytest.mark.parametrize(("width", "outside", "noticed"), [(192, 0, False), (188, 1.0, False), (180, 3.1, True)])
def test_a_picture_outside_its_clean_aperture_is_noticed(
    tmp_path: Path, width: int, outside: float, noticed: bool
) -> None:
    path = _with_aperture(_v210(tmp_path / "a.mov"), width, 1, 108, 1)
    probed = probe(path)
    spec = spec_library().load("deliverqc-common-sense")
    signals = obtain_signals(path, probed, store=None, progress=None)
    facts = measure(probed, signals, settings={}, wanted=frozenset({"active"})).facts
    (area,) = facts["cross_check.declared_areas"]
    assert (area["source"], area["left_px"], area["right_px"]) == ("clean_aperture", *[(192 - width) / 2] * 2)
    assert (area["outside_percent"], facts["picture.active.steady_percent"]) == (outside, 100)
    verdict = judge(spec, facts, as_of=date(2026, 1, 1))
    (clause,) = (one for one in verdict.clauses if one.id == "declared-area-fits-picture")
    assert (clause.outcome is Outcome.FAIL) is noticed


def test_an_active_area_of_an_mxf_descriptor_is_listed() -> None:
    """SMPTE ST 377-1 Annex G.2, by the labels of the SMPTE elements register."""
    labels = [bytes.fromhex(f"060e2b3401010100040105011{place}000000") for place in (4, 3, 5, 6)]
    labelled = {label: struct.pack(">I", size) for label, size in zip(labels, (1920, 804, 0, 138), strict=True)}
    for values, listed in (({0x320C: b"\0"}, True), ({0x320C: b"\1"}, False), ({0x320B: struct.pack(">i", 8)}, False)):
        descriptor = MetadataSet(key=bytes(16), values=values, labelled=labelled)
        facts = picture_facts(Metadata(), descriptor)
        assert facts.get(ACTIVE_AREA) == ([1920, 804, 0, 138] if listed else None)
