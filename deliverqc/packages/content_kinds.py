"""Tells whether the content kind of a composition is a value of its scope; reads no file."""

from __future__ import annotations

from collections.abc import Mapping

from deliverqc.packages.model import Composition

_CINEMA = frozenset(
    ("advertisement", "feature", "policy", "psa", "rating", "short", "teaser", "test", "trailer", "transitional")
)
"""ST 429-7 section 6.1.6 and PROTO-ASDCP-CPL."""

_SCOPES: Mapping[str, frozenset[str]] = {
    "http://www.smpte-ra.org/schemas/429-7/2006/CPL#standard-content": _CINEMA,
    "http://www.digicine.com/PROTO-ASDCP-CPL-20040511#standard-content": _CINEMA,
    "http://www.smpte-ra.org/schemas/429-16/2014/CPL-Metadata#scope/content-kind": frozenset(
        ("clip", "promo", "stereocard")
    ),
    "http://www.smpte-ra.org/schemas/2067-3/2013#content-kind": _CINEMA | {"episode", "event", "highlights"},
    "http://www.smpte-ra.org/schemas/2067-3/2016#content-kind": _CINEMA | {"episode", "event", "highlights"},
}
"""Scopes to the values that they define (ISDCF registry of content types, 2026-11). Others have values of their own."""

_WITHOUT_SCOPE = {
    True: "http://www.smpte-ra.org/schemas/2067-3/2013#content-kind",
    False: "http://www.smpte-ra.org/schemas/429-7/2006/CPL#standard-content",
}


def is_registered(composition: Composition) -> bool | None:
    """Whether the scope defines the content kind, whose letters may be large or small; None where there is none, or the
    scope is not one that we know. Without a scope it is that of the standard, IMF or DCP."""
    if composition.content_kind is None:
        return None
    scope = composition.content_kind_scope or _WITHOUT_SCOPE[composition.is_imf]
    values = _SCOPES.get(scope)
    return None if values is None else composition.content_kind in values
