"""The declared active picture against the measured one; works on facts that are there, and measures nothing.

Declared are an Active Format Description (SMPTE ST 2016-1 Table 1), a clean aperture (ISO/IEC 14496-12 section 12.1.4)
and the active area of an MXF descriptor (SMPTE ST 377-1 Annex G). The measured picture is that
between the bars that hold over the programme (the meter `active`).
"""

from __future__ import annotations

from collections.abc import Sequence
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
_EDGES = ("left", "right", "top", "bottom")
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


_AREAS = "cross_check.declared_areas"


def _of_area(name: str, kind: Kind, meaning: str, unit: str | None = None, *, is_measured: bool = False) -> Fact:
    return Fact(
        name=f"{_AREAS}[].{name}",
        kind=kind,
        layer=Layer.CROSS_CHECK,
        meaning=meaning,
        given_by=("cross_check", "structure", "meter:active") if is_measured else ("cross_check", "structure"),
        unit=unit,
        resolution=None if kind is Kind.STRING else 0.1 if unit == "%" else 1e-3,
        vocabulary=("clean_aperture", "mxf_active") if kind is Kind.STRING else None,
        null_means="no frame has any picture" if is_measured else None,
    )


DECLARED_AREAS = (
    Fact(
        name=_AREAS,
        kind=Kind.LIST,
        layer=Layer.CROSS_CHECK,
        meaning="rectangles that the wrapper declares as the picture to be seen: the clean aperture, and the active "
        "area of an MXF descriptor that stores whole frames and shows all of them",
        given_by=("cross_check", "structure"),
        null_means="the wrapper declares none",
    ),
    _of_area("source", Kind.STRING, "what declares it"),
    *(
        _of_area(f"{edge}_px", Kind.NUMBER, f"from the {edge} edge of the picture to that of the rectangle", "px")
        for edge in ("left", "right", "top", "bottom")
    ),
    _of_area(
        "outside_percent",
        Kind.NUMBER,
        "how far the measured picture reaches beyond the rectangle, at the edge where it is most, in percent of the "
        "frame's width or height",
        "%",
        is_measured=True,
    ),
    *(
        _of_area(
            f"unused_{side}_percent",
            Kind.NUMBER,
            f"how much of the frame's {side} is in the rectangle and is bar",
            "%",
            is_measured=True,
        )
        for side in ("width", "height")
    ),
)


def declared_areas(picture: Facts, offsets_px: Sequence[Fraction], active_px: Sequence[int]) -> Facts:
    """The rectangles that the wrapper declares. `picture`: facts of the main track by last part of name. `offsets_px`:
    of the clean aperture's centre, across and down. `active_px`: width, height, left and top of an active area."""
    if picture and "clean_aperture.width_px" not in picture:
        return {}
    width, height = picture.get("width_px"), picture.get("height_px")
    rows: list[Facts] = []
    if width and height and picture.get("clean_aperture.width_px") is not None:
        across, down = offsets_px or (Fraction(0), Fraction(0))
        side = (width - picture["clean_aperture.width_px"]) / 2
        above = (height - picture["clean_aperture.height_px"]) / 2
        rows.append(_area("clean_aperture", (side + across, side - across, above + down, above - down)))
    if width and height and active_px:
        own_width, own_height, left, top = active_px
        rows.append(_area("mxf_active", (left, width - left - own_width, top, height - top - own_height)))
    return {_AREAS: rows or None}


def _area(source: str, edges: Sequence[Fraction | int]) -> Facts:
    return {"source": source, **{f"{edge}_px": value for edge, value in zip(_EDGES, edges, strict=True)}}


def measured_areas(facts: Facts) -> Facts:
    """The declared rectangles with how the measured picture lies in them; as they are where it was not measured."""
    if not facts.get(_AREAS) or "picture.active.left_px" not in facts:
        return {}
    sizes = (facts["picture.width_px"], facts["picture.height_px"])
    bars = [facts[f"picture.active.{edge}_px"] for edge in _EDGES]
    rows: list[Facts] = []
    for area in facts[_AREAS]:
        found: list[float | None] = [None, None, None]
        if None not in bars:
            less = [
                100 * (bar - max(0, area[f"{edge}_px"])) / sizes[place // 2]
                for place, (edge, bar) in enumerate(zip(_EDGES, bars, strict=True))
            ]
            inside = [max(0, one) for one in less]
            found = [max(0, *(-one for one in less)), inside[0] + inside[1], inside[2] + inside[3]]
        names = ("outside_percent", "unused_width_percent", "unused_height_percent")
        rows.append({**area, **dict(zip(names, found, strict=True))})
    return {_AREAS: rows}


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
