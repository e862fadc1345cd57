"""The declared active picture against the measured one; works on facts that are there, and measures nothing.

Declared are an Active Format Description (SMPTE ST 2016-1 Table 1) and a clean aperture. The measured picture is that
between the bars that hold over the programme (the meter `active`).
"""

from __future__ import annotations

from fractions import Fraction

from deliverqc.facts.model import Fact, Facts, Kind, Layer

_SHAPES = {9: Fraction(4, 3), 10: Fraction(16, 9), 11: Fraction(14, 9), 13: Fraction(4, 3), 14: Fraction(16, 9)} | {
    15: Fraction(16, 9)
}
"""Width over height of the active picture, in the centre of the frame. Code 8 is the frame itself, and 4 is wider than
16:9 and says no more; the others are reserved, or not for production."""
_WHOLE_FRAME = 8
_FRAMES = (Fraction(4, 3), Fraction(16, 9))
_ALIKE = Fraction(3, 100)
"""House choice: 704 of 720 columns, and 480 of 486 lines, move the shape of a frame by less."""
_GIVEN_BY = ("cross_check", "mediainfo", "container", "meter:active")
_NULL = "no active format is stated that says a shape, the frame is neither 4:3 nor 16:9, or no frame has any picture"


def _fact(name: str, meaning: str) -> Fact:
    return Fact(
        name=f"cross_check.active_format.{name}",
        kind=Kind.NUMBER,
        layer=Layer.CROSS_CHECK,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit="%",
        resolution=0.1,
        null_means=_NULL,
    )


ACTIVE_AREA = (
    _fact(
        "outside_percent",
        "how far the measured picture reaches beyond the one that the Active Format Description declares, at the edge "
        "where it is most, in percent of the frame's width or height",
    ),
    _fact(
        "unused_width_percent",
        "how much narrower the measured picture is than the declared one, in percent of the frame's width",
    ),
    _fact(
        "unused_height_percent",
        "how much lower the measured picture is than the declared one, in percent of the frame's height",
    ),
)


def active_format(facts: Facts) -> Facts:
    """Measured against declared, both of which must have been looked for."""
    names = ("picture.active_format_code", "picture.active.left_px", "picture.display_aspect_ratio")
    if any(name not in facts for name in names):
        return {}
    bars = [facts[f"picture.active.{edge}_px"] for edge in ("left", "right", "top", "bottom")]
    declared = declared_bars(facts["picture.active_format_code"], Fraction(facts["picture.display_aspect_ratio"]))
    found: tuple[float | None, ...] = (None, None, None)
    if declared is not None and None not in bars:
        sizes = (facts["picture.width_px"], facts["picture.height_px"])
        shares = [100 * bar / sizes[place // 2] for place, bar in enumerate(bars)]
        across, down = (float(100 * bar) for bar in declared)
        outside = max(0.0, across - min(shares[:2]), down - min(shares[2:]))
        found = (outside, max(0.0, sum(shares[:2]) - 2 * across), max(0.0, sum(shares[2:]) - 2 * down))
    return {fact.name: value for fact, value in zip(ACTIVE_AREA, found, strict=True)}


def declared_bars(code: int | None, frame: Fraction) -> tuple[Fraction, Fraction] | None:
    """The bar at the left and at the right, and at the top and at the bottom, as shares of width and height, that a
    code declares in a frame of that shape; None where it says no shape."""
    known = next((one for one in _FRAMES if abs(frame / one - 1) <= _ALIKE), None)
    if known is None or code is None:
        return None
    shape = known if code == _WHOLE_FRAME else _SHAPES.get(code)
    if shape is None:
        return None
    across = (1 - shape / known) / 2 if shape < known else Fraction(0)
    down = (1 - known / shape) / 2 if shape > known else Fraction(0)
    return across, down
