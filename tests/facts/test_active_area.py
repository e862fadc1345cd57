"""The active picture that a file declares against the one that was measured, by SMPTE ST 2016-1 and arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from deliverqc.facts.active_area import active_format, declared_areas, declared_bars, measured_areas

_WIDE, _NARROW = Fraction(16, 9), Fraction(4, 3)


@pytest.mark.parametrize(
    ("code", "frame", "expected"),
    [
        (8, _WIDE, (0, 0)),
        (9, _WIDE, (Fraction(1, 8), 0)),
        (10, _WIDE, (0, 0)),
        (11, _WIDE, (Fraction(1, 16), 0)),
        (13, _WIDE, (Fraction(1, 8), 0)),
        (15, _WIDE, (0, 0)),
        (8, _NARROW, (0, 0)),
        (9, _NARROW, (0, 0)),
        (10, _NARROW, (0, Fraction(1, 8))),
        (11, _NARROW, (0, Fraction(1, 14))),
        (4, _WIDE, None),
        (3, _WIDE, None),
        (None, _WIDE, None),
        (10, Fraction(2), None),
    ],
)
def test_a_code_declares_the_bars_of_the_standard(
    code: int | None, frame: Fraction, expected: tuple[Fraction, Fraction] | None
) -> None:
    assert declared_bars(code, frame) == expected


def _compared(code: int | None, left: int | None = 0, top: int | None = 0) -> tuple[float | None, ...]:
    """Of a frame of 1920x1080 with bars of so many pixels on both sides, above and below."""
    bars = {"left": left, "right": left, "top": top, "bottom": top}
    facts = {
        "picture.active_format_code": code,
        "picture.display_aspect_ratio": "16/9",
        "picture.width_px": 1920,
        "picture.height_px": 1080,
        **{f"picture.active.{edge}_px": bar for edge, bar in bars.items()},
    }
    return tuple(active_format(facts).values())


@pytest.mark.parametrize(
    ("code", "left", "top", "expected"),
    [
        (10, 0, 0, (0, 0, 0)),
        (9, 240, 0, (0, 0, 0)),
        (9, 0, 0, (12.5, 0, 0)),
        (9, 230, 0, (100 * 10 / 1920, 0, 0)),
        (10, 240, 0, (0, 25, 0)),
        (10, 0, 138, (0, 0, 100 * 276 / 1080)),
        (4, 0, 138, (None, None, None)),
        (10, None, None, (None, None, None)),
    ],
)
def test_the_measured_picture_is_held_to_it(
    code: int, left: int | None, top: int | None, expected: tuple[float | None, ...]
) -> None:
    assert _compared(code, left, top) == pytest.approx(expected)


def test_nothing_is_said_where_either_was_not_looked_for() -> None:
    assert active_format({"picture.active_format_code": 10}) == {}


_PICTURE = {"width_px": 1920, "height_px": 1080}


@pytest.mark.parametrize(
    ("clean", "offsets", "edges"),
    [
        ((1888, 1062), (0, 0), (16, 16, 9, 9)),
        ((1888, 1080), (16, 0), (32, 0, 0, 0)),
        ((1920, 1080), (), (0, 0, 0, 0)),
        ((1920, Fraction(2139, 2)), (0, Fraction(-1, 4)), (0, 0, 5, Fraction(11, 2))),
    ],
)
def test_a_clean_aperture_lies_about_its_own_centre(
    clean: tuple[int, int], offsets: tuple[int, ...], edges: Any
) -> None:
    """ISO/IEC 14496-12 section 12.1.4: offsets of the centre of the aperture from that of the picture."""
    stated = _PICTURE | {"clean_aperture.width_px": clean[0], "clean_aperture.height_px": clean[1]}
    (area,) = declared_areas(stated, tuple(map(Fraction, offsets)), ())["cross_check.declared_areas"]
    assert tuple(area.values()) == ("clean_aperture", *edges)


def test_an_active_area_is_told_by_its_corner() -> None:
    stated = _PICTURE | {"clean_aperture.width_px": None}
    (area,) = declared_areas(stated, (), (1920, 804, 0, 138))["cross_check.declared_areas"]
    assert tuple(area.values()) == ("mxf_active", 0, 0, 138, 138)
    assert declared_areas(stated, (), ()) == {"cross_check.declared_areas": None}
    assert declared_areas({"width_px": 1920}, (), ()) == {}


@pytest.mark.parametrize(
    ("declared", "measured", "expected"),
    [
        ((0, 0, 138, 138), (0, 0, 138, 138), (0, 0, 0)),
        ((0, 0, 138, 138), (0, 0, 0, 0), (100 * 138 / 1080, 0, 0)),
        ((0, 0, 0, 0), (0, 0, 138, 138), (0, 0, 100 * 276 / 1080)),
        ((0, 0, 0, 0), (240, 240, 0, 0), (0, 25, 0)),
        ((32, 0, 0, 0), (0, 0, 0, 0), (100 * 32 / 1920, 0, 0)),
        ((-4, -4, 0, 0), (0, 0, 0, 0), (0, 0, 0)),
        ((0, 0, 0, 0), (None,) * 4, (None, None, None)),
    ],
)
def test_the_measured_picture_is_held_to_declared_areas(declared: Any, measured: Any, expected: Any) -> None:
    edges = ("left", "right", "top", "bottom")
    area = {f"{edge}_px": value for edge, value in zip(edges, declared, strict=True)}
    bars = {f"picture.active.{edge}_px": value for edge, value in zip(edges, measured, strict=True)}
    sizes = {"picture.width_px": 1920, "picture.height_px": 1080}
    facts = {"cross_check.declared_areas": [area], **bars, **sizes}
    (found,) = measured_areas(facts)["cross_check.declared_areas"]
    assert tuple(found.values())[4:] == pytest.approx(expected)
    assert measured_areas({"cross_check.declared_areas": [area]}) == {}
