"""Gives names, labels and types of essence descriptors, their sub-descriptors and their items; reads no master.

`registers.txt` is an extract of the SMPTE metadata registers (Elements, Groups and Types), which the SMPTE Registration
Authority publishes under the BSD licence of SMPTE AG-05.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SUPERSEDED = {
    "RFC5646AudioLanguageCode": "RFC5646SpokenLanguage",
    "InstanceUID": "InstanceID",
    "SingleField": "OneField",
}
"""Names of earlier registers, which compositions still have."""

UNREAD = "other"
"""Type of an item whose values are not read here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """An item of a set. `label`: its last eight bytes; `type`: how its value is written, `UNREAD` where it is not
    read."""

    name: str
    label: str
    type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Registers:
    """`sets`: names by the last eight bytes of the key, in hexadecimal digits. `items`: by the last eight bytes of the
    label. `by_name`: of one name, several where namespaces tell them apart. `numbers`: of the names of each
    enumeration."""

    sets: Mapping[str, str]
    items: Mapping[str, Item]
    by_name: Mapping[str, tuple[Item, ...]]
    numbers: Mapping[str, Mapping[str, int]]

    def item(self, name: str, of: str, namespace: str) -> Item | None:
        """The item that an element is, in a set of that name. Some writers put the name of the set before it."""
        plain = _SUPERSEDED.get(name, name).removeprefix(f"{of}_")
        found = self.by_name.get(plain, ())
        inner = [one for one in found if one.label.startswith("0e09") is namespace.endswith("/14/9")]
        return next(iter(inner or found), None)

    def number(self, type_: str, name: str) -> int | None:
        """What a name of an enumeration, or a number in its place, means; None where it means nothing."""
        plain = _SUPERSEDED.get(name, name)
        return int(plain) if plain.isdecimal() else self.numbers[type_].get(plain)


@cache
def registers() -> Registers:
    parts: dict[str, list[list[str]]] = {}
    for line in Path(__file__).with_name("registers.txt").read_text(encoding="ascii").splitlines():
        if line.startswith("["):
            rows = parts.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            rows.append(line.split())
    sets = {label: name for name, label in parts.pop("sets")}
    items = {row[1]: Item(name=row[0], label=row[1], type=row[2]) for row in parts.pop("items")}
    by_name: dict[str, tuple[Item, ...]] = {}
    for one in items.values():
        by_name[one.name] = (*by_name.get(one.name, ()), one)
    numbers = {name: {row[0]: int(row[1]) for row in rows} for name, rows in parts.items()}
    return Registers(sets=sets, items=items, by_name=by_name, numbers=numbers)
