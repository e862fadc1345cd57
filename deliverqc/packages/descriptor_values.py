"""Puts values of essence descriptors into one form, whether an MXF file holds them (SMPTE ST 377-1) or a composition
writes them as RegXML (SMPTE ST 2001-1), so that equal values are equal texts; knows no item by name."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from lxml import etree

from deliverqc.packages.registers import UNREAD, registers
from deliverqc.probing.wrappers.mxf_klv import batch
from deliverqc.safe_xml import children

_LABEL = "060e2b34"
_LABEL_DIGITS = 32
_CODES = "RGBAComponentKind"
_COUNTED = {
    "int32_array": ">i", "uint8_array": ">B", "uint16_array": ">H", "uint32_array": ">I",
    "label_array": "16s", "label_set": "16s", "uuid_array": "16s", "rational_array": "8s",
}  # fmt: skip
_GROUPED = {"rgba": 2, "j2k_components": 3, "uint16s": 2}
"""Members of each entry of a compound value."""
_COMPOUND = (*_GROUPED, "j2k_capabilities", *_COUNTED)


def value_in_file(type_: str, data: bytes) -> str | None:
    """The value of an item of an MXF file; None where its type is not read, or the bytes are not of it."""
    try:
        return None if type_ == UNREAD else _FROM_BYTES[type_](data) if type_ in _FROM_BYTES else _compound(type_, data)
    except (struct.error, ValueError, ZeroDivisionError):
        return None


def value_in_document(type_: str, element: etree._Element) -> str | None:
    """The value of an element; None where its type is not read. What is not of the type is given as it is written."""
    words = (element.text or "").strip()
    if type_ == UNREAD:
        return None
    if type_ in _COMPOUND:
        return _compound_in_document(type_, element, words)
    if len(element):
        return None
    try:
        return _written(type_, words)
    except (ValueError, ZeroDivisionError):
        return words


def _written(type_: str, words: str) -> str | None:
    if type_ in ("unsigned", "signed"):
        return str(int(words, 16 if words.lower().startswith("0x") else 10))
    if type_ == "boolean":
        return {"true": "true", "1": "true", "false": "false", "0": "false"}.get(words.lower(), words)
    if type_ == "rational":
        parts = re.split(r"[/\s]+", words)
        return _rational(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1)
    if type_ in ("label", "uuid"):
        return _identified(type_, words)
    if type_ == "bytes":
        return bytes.fromhex(words).hex()
    if type_ in registers().numbers:
        number = registers().number(type_, words)
        return None if number is None else str(number)
    return words


def _rational(numerator: int, denominator: int) -> str:
    if denominator == 0:
        return f"{numerator}/0"
    value = Fraction(numerator, denominator)
    return f"{value.numerator}/{value.denominator}"


def _identified(type_: str, words: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", re.sub(r"^urn:(smpte:ul|uuid):", "", words.lower()))
    if len(digits) != _LABEL_DIGITS:
        return words
    return _label(digits) if type_ == "label" and digits.startswith(_LABEL) else f"urn:uuid:{digits}"


def _label(digits: str) -> str:
    """A label as SMPTE ST 2029 writes it, its version as 00: versions tell no two labels apart."""
    plain = digits[:14] + "00" + digits[16:]
    return "urn:smpte:ul:" + ".".join(plain[at : at + 8] for at in range(0, _LABEL_DIGITS, 8))


def _label_in_file(data: bytes) -> str:
    """ST 377-1 section 4.1: a UUID in the place of a label has its halves exchanged."""
    if len(data) != 16:
        raise ValueError(data)
    if data.hex().startswith(_LABEL):
        return _label(data.hex())
    return _uuid_in_file(data[8:] + data[:8] if data[0] & 0x80 else data)


def _uuid_in_file(data: bytes) -> str:
    if len(data) != 16:
        raise ValueError(data)
    return f"urn:uuid:{data.hex()}"


def _single_byte(data: bytes) -> str:
    """Text with one byte a character. One that is written in UTF-16 is read all the same: what is wrong with it is a
    fault of the language tag."""
    plain = data.rstrip(b"\0")
    return plain.decode("latin-1") if b"\0" not in plain else _wide(data)


def _wide(data: bytes) -> str:
    return data.decode("utf-16-be", "replace").split("\0")[0].strip()


_FROM_BYTES: dict[str, Callable[[bytes], str]] = {
    "unsigned": lambda data: str(int.from_bytes(data, "big")),
    "signed": lambda data: str(int.from_bytes(data, "big", signed=True)),
    "boolean": lambda data: "true" if any(data) else "false",
    "rational": lambda data: _rational(*struct.unpack(">ii", data)),
    "label": _label_in_file,
    "uuid": _uuid_in_file,
    "bytes": lambda data: data.hex(),
    "utf16": _wide,
    "utf8": lambda data: data.decode("utf-8", "replace").split("\0")[0].strip(),
    "iso7": lambda data: _single_byte(data).strip(),
}


def _compound(type_: str, data: bytes) -> str:
    if type_ in registers().numbers:
        return str(int.from_bytes(data, "big"))
    if type_ == "rgba":
        return _grouped(type_, [str(one) for one in data])
    if type_ == "uint16s":
        return _grouped(type_, [str(one) for (one,) in struct.iter_unpack(">H", data)])
    if type_ == "j2k_components":
        return _grouped(type_, [str(one) for size in batch(data) for one in size])
    if type_ == "j2k_capabilities":
        return _joined(type_, [str(int.from_bytes(data[:4], "big")), *(_each("uint16_array", data[4:]))])
    return _joined(type_, _each(type_, data))


def _each(type_: str, data: bytes) -> Iterable[str]:
    for one in batch(data):
        if type_.startswith("label"):
            yield _label_in_file(one)
        elif type_.startswith("uuid"):
            yield _uuid_in_file(one)
        elif type_.startswith("rational"):
            yield _rational(*struct.unpack(">ii", one))
        else:
            yield str(struct.unpack(_COUNTED[type_], one)[0])


def _compound_in_document(type_: str, element: etree._Element, words: str) -> str | None:
    if words and not len(element):  # earlier writers give the bytes
        try:
            return value_in_file(type_, bytes.fromhex(words))
        except ValueError:
            return words
    leaves = [one for one in element.iter() if isinstance(one.tag, str) and not any(True for _ in children(one))]
    texts = [(one.text or "").strip() for one in leaves if one is not element]
    inner = "label" if type_.startswith("label") else "uuid" if type_.startswith("uuid") else "unsigned"
    if type_ == "rational_array":
        inner = "rational"
    found: list[str] = []
    for text in texts:
        number = registers().numbers[_CODES].get(text) if type_ == "rgba" else None
        try:
            read = str(number) if number is not None else _written(inner, text)
        except (ValueError, ZeroDivisionError):
            read = text
        found.append(read or text)
    return _grouped(type_, found) if type_ in _GROUPED else _joined(type_, found)


def _grouped(type_: str, members: Sequence[str]) -> str:
    size = _GROUPED[type_]
    rows = [members[at : at + size] for at in range(0, len(members), size)]
    if type_ == "rgba":  # ST 377-1 Annex G.2.40: the layout ends with the first component of code 0
        rows = rows[: next((order for order, row in enumerate(rows) if row[0] == "0"), len(rows))]
    return ", ".join(" ".join(row) for row in rows)


def _joined(type_: str, members: Iterable[str]) -> str:
    return ", ".join(sorted(members) if type_.endswith("_set") else members)
