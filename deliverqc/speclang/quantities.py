"""Numbers with units as documents write them, in the unit of a fact; knows no clause."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECONDS = {"s": 1.0, "second": 1.0, "seconds": 1.0, "ms": 0.001, "min": 60.0, "minute": 60.0, "minutes": 60.0}
_HERTZ = {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6}
_BYTES: Mapping[str, tuple[float, ...]] = {
    "byte": (1.0,),
    "bytes": (1.0,),
    **{f"{prefix}B": (1000.0**power, 1024.0**power) for power, prefix in enumerate(("k", "M", "G", "T"), start=1)},
    **{f"{prefix}iB": (1024.0**power,) for power, prefix in enumerate(("K", "M", "G", "T"), start=1)},
}
_LEVELS = dict.fromkeys(("LUFS", "LKFS", "LU", "dB", "dBTP", "dBFS", "Leq(m)"), (1.0,))
_RATES = {"bit/s": 1.0, "kbit/s": 1e3, "Mbit/s": 1e6, "Mb/s": 1e6, "Gbit/s": 1e9}
_FRAMES = ("frame", "frames")
_PIXELS = ("px", "pixel", "pixels", "line", "lines", "column", "columns")

_UNITS: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "s": {**{name: (scale,) for name, scale in _SECONDS.items()}, **dict.fromkeys(("h", "hour", "hours"), (3600.0,))},
    "Hz": {name: (scale,) for name, scale in _HERTZ.items()},
    "bytes": _BYTES,
    "bit/s": {name: (scale,) for name, scale in _RATES.items()},
    **dict.fromkeys(("LUFS", "LKFS", "LU", "dB", "dBTP", "dBFS"), _LEVELS),
    "frames": dict.fromkeys(_FRAMES, (1.0,)),
    "px": dict.fromkeys(_PIXELS, (1.0,)),
    "lines": dict.fromkeys(_PIXELS, (1.0,)),
    "%": {"%": (1.0,)},
    "bit": dict.fromkeys(("bit", "bits"), (1.0,)),
    "cd/m2": dict.fromkeys(("cd/m2", "cd/m²"), (1.0,)),
}
"""Of each unit of facts: units that a document may write, and how many of the fact's unit one of them is. MB and GB
are read both as powers of 1000 and of 1024, because documents seldom say which."""

_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
}
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_NUMBER = r"(?<![\w.,])-?\d+(?:,\d{3})*(?:\.\d+)?"


def scales(unit: str | None, written: str | None) -> tuple[float, ...]:
    """How many of a fact's `unit` one of the unit is that a document writes: none where the two do not convert, two of
    MB and its kind."""
    if written is None or unit is None:
        return (1.0,) if written == unit else ()
    return _UNITS.get(unit, {}).get(written, (1.0,) if written == unit else ())


def quantities(words: str, unit: str | None) -> tuple[float, ...]:
    """Every number of a sentence that can be in a fact's `unit`, in that unit: each number that has a unit which
    converts, those that share it ("145 Mbit/s at 1080 lines, 80 at 720"), and both readings of MB. Nothing where the
    sentence has no such unit."""
    known = _UNITS.get(unit, {}) if unit is not None else {}
    if not known:
        return ()
    plain = _WORD.sub(lambda found: _WORDS[found[0].lower()], words.replace("−", "-"))
    spelled = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    units = dict.fromkeys(re.findall(rf"{_NUMBER}[ -]?({spelled})(?![\w/²])", plain))
    factors = dict.fromkeys(factor for one in units for factor in known[one])
    return tuple(float(figure.replace(",", "")) * factor for figure in re.findall(_NUMBER, plain) for factor in factors)
