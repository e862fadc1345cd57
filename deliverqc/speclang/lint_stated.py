"""Lints what a clause says of its own basis and of the document's figure: `x-basis` and `x-stated`; judges no facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.speclang.keywords import is_number
from deliverqc.speclang.lint_parts import is_text, unknown
from deliverqc.speclang.model import Basis, Schema
from deliverqc.speclang.problem import Problem, error, nearest, warning
from deliverqc.speclang.quantities import quantities, scales
from deliverqc.speclang.stated import KEYS, LOWER, STATED, Bounds, bounds_of, candidates, ends, is_near
from deliverqc.verdict import Level

_PERCENT = re.compile(r"\d+(?:\.\d+)? ?%")
_SAME = 1e-6
_TOLERANCES = ("±", "within", "tolerance")
"""Words of a title that names a tolerance, which its bounds may add to its figure."""


def basis(clause: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    """What a clause rests on. An extension never decides, because nobody can be failed by a demand that the document
    does not make; it and a reading say why."""
    if "x-basis" not in clause:
        return
    said, where = clause["x-basis"], f"{pointer}/x-basis"
    if not isinstance(said, str) or said not in tuple(Basis):
        hint = nearest(str(said), tuple(Basis)) or f"; it can be: {', '.join(Basis)}"
        yield error("unknown-basis", where, f"x-basis is {said!r}{hint}")
        return
    if said == Basis.EXTENSION and clause.get("x-level") == Level.SHALL:
        message = "the document does not ask for this, so it cannot fail a master; make it should"
        yield error("deciding-extension", where, message)
    if said != Basis.DEMANDED and not is_text(clause.get("x-why")):
        yield error("unreasoned-basis", where, f'say in "x-why" why this is our {said}')


def stated(
    clause: Mapping[str, Any], schema: Schema, pointer: str, registry: Mapping[str, Fact], *, shipped: bool
) -> Iterator[Problem]:
    """`x-stated`: its shape, and that it explains a bound of the clause, whose schema is written out. Of a shipped
    clause without it, that its title names the bound."""
    where = f"{pointer}/{STATED}"
    if STATED not in clause:
        if shipped:
            yield from _unstated(clause, schema, where, registry)
        return
    said = clause[STATED]
    malformed = list(_shape(said, where))
    yield from malformed
    if not malformed:
        is_deciding = clause.get("x-level") == Level.SHALL
        yield from _placed(said, schema, where, registry, is_deciding=is_deciding)


def _shape(said: object, where: str) -> Iterator[Problem]:
    if not isinstance(said, dict):
        message = 'write {"value": 1, "unit": "s", "tolerance": 0.001, "why": "24 frames at 23.976"}'
        yield error("misshapen-figure", where, message)
        return
    yield from unknown(said, KEYS, where, STATED)
    if not is_text(said.get("why")):
        yield error("unreasoned-figure", f"{where}/why", "say in a few words why the bound differs from the figure")
    value = said.get("value")
    is_pair = isinstance(value, list) and len(value) == 2 and all(map(is_number, value)) and value[0] < value[1]
    if not (is_number(value) or is_pair or is_text(value)):
        message = "value is the document's figure: a number, two numbers [from, to], or a text where no number fits"
        yield error("misshapen-value", f"{where}/value", message)
    for key in ("unit", "fact"):
        if key in said and not is_text(said[key]):
            yield error("misshapen-figure-text", f"{where}/{key}", f"{key} is a text; leave it out where there is none")
    if isinstance(value, str) and {"unit", "tolerance"} & set(said):
        yield error("worded-figure", where, "a figure in words holds its unit and tolerance; leave them out")
    tolerance = said.get("tolerance", 1)
    is_share = isinstance(tolerance, str) and _PERCENT.fullmatch(tolerance) is not None
    if not is_share and not (is_number(tolerance) and tolerance > 0):
        message = 'tolerance is a number above 0 in the same unit, or a share of the figure: "2 %"'
        yield error("misshapen-tolerance", f"{where}/tolerance", message)


def _placed(
    said: Mapping[str, Any], schema: Schema, where: str, registry: Mapping[str, Fact], *, is_deciding: bool
) -> Iterator[Problem]:
    found = bounds_of(schema)
    if "fact" in said and said["fact"] not in found:
        bounded = f"; it bounds {', '.join(found)}" if found else "; it bounds no fact"
        yield error("unplaced-figure", f"{where}/fact", f"the clause does not bound {said['fact']!r}{bounded}")
        return
    if isinstance(said["value"], str):
        return
    names = [said["fact"]] if "fact" in said else candidates(said, schema, registry)
    if len(names) != 1:
        of = ", ".join(found) or "nothing"
        message = f'it is not clear which bound this is about; add "fact" (the clause bounds {of})'
        yield error("ambiguous-figure", where, message)
        return
    fact, several = registry.get(names[0]), found[names[0]]
    if len(several) > 1:
        message = f"{names[0]} has several bounds, and one figure cannot explain them; write value as a text"
        yield error("overstretched-figure", f"{where}/value", message)
        return
    unit = fact.unit if fact is not None else None
    factors = scales(unit, said["unit"]) if "unit" in said else (1.0,)
    if not factors or ("unit" not in said and unit is not None):
        yield error("foreign-unit", f"{where}/unit", f"{names[0]} is in {unit or 'no unit'}; give a unit that converts")
        return
    yield from _consistent(said, several[0], factors, where, is_deciding=is_deciding)


def _consistent(
    said: Mapping[str, Any], bounds: Bounds, factors: tuple[float, ...], where: str, *, is_deciding: bool
) -> Iterator[Problem]:
    near = [factor for factor in factors if is_near(bounds, *ends(said, factor))]
    if not near:
        told = " and ".join(f"{key} {bound!r}" for key, bound in bounds.items())
        message = f"the bound ({told}) is farther from {said['value']} than the tolerance; correct one of them"
        yield error("inconsistent-figure", f"{where}/value", message)
        return
    if is_deciding and not any(_allows(bounds, *ends(said, factor)[:2]) for factor in near):
        message = f"the bound fails what the document allows, {said['value']}; loosen it, or make the clause should"
        yield error("stricter-figure", f"{where}/value", message)
    low, high, _ = ends(said, factors[0])
    if is_near(bounds, low, high, 0.0):
        yield warning("idle-figure", where, "the bound is the document's figure itself; drop x-stated")


def _allows(bounds: Bounds, low: float, high: float) -> bool:
    """Whether no bound is inside the ends of a figure: at them it may be exclusive."""
    return all(
        (bound <= low if key in LOWER else bound >= high) or is_near({key: bound}, low, high, 0.0)
        for key, bound in bounds.items()
    )


def _unstated(clause: Mapping[str, Any], schema: Schema, where: str, registry: Mapping[str, Fact]) -> Iterator[Problem]:
    """A title that gives a figure, and a bound that is another one: the reader is not told why."""
    title = str(clause.get("title", ""))
    for name, several in bounds_of(schema).items():
        unit = registry[name].unit if name in registry else None
        spoken = quantities(title, unit)
        explained = set(spoken)
        explained |= {sign * one for one in explained for sign in (1, -1)}
        if any(word in title for word in _TOLERANCES):
            explained |= {a + sign * b for a, b in permutations(explained, 2) for sign in (1, -1)}
        bounds = [bound for one in several for bound in one.values()]
        strange = [bound for bound in bounds if not any(_is_same(bound, one) for one in explained)]
        if spoken and strange:
            message = f"the title does not say {strange[0]!r} {unit}, the bound of {name}; add x-stated with its reason"
            yield warning("unstated-figure", where, message)
            return


def _is_same(bound: float, figure: float) -> bool:
    return abs(bound - figure) <= _SAME * max(1.0, abs(bound))
