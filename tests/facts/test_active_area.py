"""The active picture that a file declares against the one that was measured, by SMPTE ST 2016-1 and arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest

from deliverqc.facts.active_area import active_format, declared_bars

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
