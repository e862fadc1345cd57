"""Tells the standard of a package document by its namespace; reads nothing."""

from __future__ import annotations

from collections.abc import Iterable

SMPTE, INTEROP, IMF, MIXED = "smpte", "interop", "imf", "mixed"

_NAMESPACES = {
    "http://www.smpte-ra.org/schemas/429-9/2007/AM": (SMPTE, IMF),
    "http://www.smpte-ra.org/schemas/429-8/2007/PKL": (SMPTE, IMF),
    "http://www.smpte-ra.org/schemas/429-7/2006/CPL": (SMPTE,),
    "http://www.digicine.com/PROTO-ASDCP-AM-20040311#": (INTEROP,),
    "http://www.digicine.com/PROTO-ASDCP-PKL-20040311#": (INTEROP,),
    "http://www.digicine.com/PROTO-ASDCP-CPL-20040511#": (INTEROP,),
    "http://www.smpte-ra.org/schemas/2067-2/2016/PKL": (IMF,),
    "http://www.smpte-ra.org/schemas/2067-3/2013": (IMF,),
    "http://www.smpte-ra.org/schemas/2067-3/2016": (IMF,),
}
"""Namespaces to the standards whose packages they are in. An IMP has the asset map of ST 429-9, and until ST
2067-2:2016 the packing list of ST 429-8."""


def is_known(namespace: str | None) -> bool:
    return namespace in _NAMESPACES


def standard_of(namespaces: Iterable[str | None]) -> str | None:
    """The one standard that all documents are of; `mixed` where there is none; None where one is unknown."""
    shared = {SMPTE, INTEROP, IMF}
    for namespace in namespaces:
        if namespace not in _NAMESPACES:
            return None
        shared &= set(_NAMESPACES[namespace])
    if len(shared) == 1:
        return shared.pop()
    return MIXED
