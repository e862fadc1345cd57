"""Facts of what comes in a file next to a master; knows nothing of how it is read."""

from __future__ import annotations

from deliverqc.facts.model import Fact, Kind, Layer

SIDECAR = "sidecar"
_GIVEN_BY = (SIDECAR,)
_ERRORS = "picture.dolby_vision.sidecar_errors"


def _fact(name: str, kind: Kind, meaning: str, unit: str | None = None) -> Fact:
    return Fact(name=name, kind=kind, layer=Layer.CROSS_CHECK, meaning=meaning, given_by=_GIVEN_BY, unit=unit)


SIDECARS = (
    _fact(
        "picture.dolby_vision.sidecar_file",
        Kind.STRING,
        "Dolby Vision metadata in a file next to the master: its name, which is that of the master with .xml; missing "
        "where there is none, because it may be elsewhere",
    ),
    _fact(
        _ERRORS,
        Kind.LIST,
        "where the shots of that file do not cover the frames of the master once, counted from the first shot; missing "
        "where there is no such file, or the wrapper promises no frame count",
    ),
    _fact(f"{_ERRORS}[].start_frame", Kind.INTEGER, "first frame", "frames"),
    _fact(f"{_ERRORS}[].end_frame", Kind.INTEGER, "first frame after it", "frames"),
    _fact(f"{_ERRORS}[].message", Kind.STRING, "what is wrong"),
)
