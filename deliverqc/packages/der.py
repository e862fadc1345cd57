"""Reads the extensions of an X.509 certificate from its DER (ITU-T X.690, RFC 5280 section 4.1); verifies nothing.

Certificates of cinema may state a path length of 0 without being an authority (SMPTE ST 430-2:2017 section 6.2, rule
5), which RFC 5280 forbids and readers made for it refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE, _BOOLEAN, _INTEGER, _BITS, _OCTETS, _OBJECT, _EXTENSIONS = 0x30, 0x01, 0x02, 0x03, 0x04, 0x06, 0xA3
_CONSTRAINTS, _USAGE, _SUBJECT_KEY, _AUTHORITY_KEY = "551d13", "551d0f", "551d0e", "551d23"
_REQUIRED = {_CONSTRAINTS: "BasicConstraints", _USAGE: "KeyUsage", _AUTHORITY_KEY: "AuthorityKeyIdentifier"}
_USAGES = {0: "digital_signature", 5: "key_cert_sign", 6: "crl_sign"}
"""Bits of KeyUsage (RFC 5280 section 4.2.1.3) that are asked for."""

_LONGEST = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Extensions:
    """What a certificate may be used for. `path_length`: None where it is not stated. `missing`: names of extensions
    that have to be there. `unknown_critical`: identifiers, in hexadecimal digits, of critical ones that are unknown."""

    is_authority: bool
    path_length: int | None
    usage: frozenset[str]
    missing: tuple[str, ...]
    unknown_critical: tuple[str, ...]


def extensions_of(tbs: bytes) -> Extensions | None:
    """The extensions of the signed part of a certificate; None where it cannot be read."""
    try:
        return _read(tbs)
    except (ValueError, IndexError):
        return None


def _read(tbs: bytes) -> Extensions:
    (_, body), *_ = _elements(tbs)
    holder = next((content for tag, content in _elements(body) if tag == _EXTENSIONS), None)
    found: dict[str, bytes] = {}
    unknown = []
    for _, item in () if holder is None else _elements(_only(holder, _SEQUENCE)):
        parts = list(_elements(item))
        name = parts[0][1].hex()
        is_critical = parts[1] == (_BOOLEAN, b"\xff")
        if parts[0][0] != _OBJECT or parts[-1][0] != _OCTETS or name in found:
            raise ValueError("is not an extension")
        found[name] = parts[-1][1]
        if is_critical and name not in (*_REQUIRED, _SUBJECT_KEY):
            unknown.append(name)
    constraints = dict(_elements(_only(found[_CONSTRAINTS], _SEQUENCE))) if _CONSTRAINTS in found else {}
    length = constraints.get(_INTEGER)
    return Extensions(
        is_authority=constraints.get(_BOOLEAN, b"\0") != b"\0",
        path_length=None if length is None else int.from_bytes(length, signed=True),
        usage=_usage(_only(found[_USAGE], _BITS)) if _USAGE in found else frozenset(),
        missing=tuple(text for name, text in _REQUIRED.items() if name not in found),
        unknown_critical=tuple(unknown),
    )


def _usage(bits: bytes) -> frozenset[str]:
    """Names of the bits that are set; the first byte counts the unused ones at the end."""
    return frozenset(
        name for bit, name in _USAGES.items() if 1 + bit // 8 < len(bits) and bits[1 + bit // 8] & (0x80 >> bit % 8)
    )


def _only(data: bytes, tag: int) -> bytes:
    """The content of the one element of `data`, which has that tag."""
    ((found, content),) = _elements(data)
    if found != tag:
        raise ValueError(f"tag {found}")
    return content


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element of `data`."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 0 < count <= _LONGEST:
                raise ValueError("length")
            length, at = int.from_bytes(data[at : at + count]), at + count
        if at + length > len(data):
            raise ValueError("ends early")
        yield tag, data[at : at + length]
        at += length
