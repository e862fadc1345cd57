"""Lints the JSON Schema of a clause against the registry, so that nothing in it passes by silence; judges no facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deliverqc.facts.model import PLUG_IN_PREFIX, Fact, Kind
from deliverqc.speclang.demands import NEVER_EMPTY
from deliverqc.speclang.keywords import NEEDED_TYPES, REF, SEVERAL, SINGLE, shapes
from deliverqc.speclang.lint_ranges import crossed
from deliverqc.speclang.lint_values import LISTS_OF_OBJECTS, fitting, item_of
from deliverqc.speclang.model import admits_null, member_name
from deliverqc.speclang.problem import Problem, child, error, nearest

_DEEPEST = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class _Here:
    """Where in a document and in the facts a schema stands.

    `name` is the fact that it speaks of ("" for the facts document); `required` are the members that an enclosing
    schema demands. `is_condition`: inside `if`, or in `x-applies`, where null is an ordinary value. `refs` are the
    definitions that led here.
    """

    pointer: str
    name: str = ""
    required: frozenset[str] = frozenset()
    is_condition: bool = False
    refs: tuple[str, ...] = ()

    def at(self, *keys: str | int) -> _Here:
        pointer = self.pointer
        for key in keys:
            pointer = child(pointer, key)
        return replace(self, pointer=pointer)


@dataclass(frozen=True, kw_only=True)
class SchemaLint:
    """The rules for schemas over facts. `says_null` tells whether the clause has `x-null`.

    `used` gathers the definitions that are referred to, `spoken_of` the facts that `properties` says something about.
    """

    registry: Mapping[str, Fact]
    defs: Mapping[str, Any]
    says_null: bool
    used: set[str] = field(default_factory=set)
    spoken_of: set[str] = field(default_factory=set)

    def clause(self, schema: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
        """Problems of one clause's schema, its own keywords only."""
        self.spoken_of.update(_spoken_of(schema, self.defs, ""))
        yield from self._schema(schema, _Here(pointer=pointer))
        if not _can_fail(schema, self.says_null, self.defs):
            yield error(
                "toothless-clause",
                pointer,
                "the clause can never fail: it only asks that facts are known. Say what they must be (const, enum …), "
                'or with a nullable fact "x-null": "fail"',
            )

    def condition(self, schema: Any, pointer: str) -> Iterator[Problem]:  # noqa: ANN401
        """Problems of a schema that selects and does not demand: `x-applies`, or `if` of an awaited item."""
        yield from self._schema(schema, _Here(pointer=pointer, is_condition=True))

    def _schema(self, schema: Any, here: _Here) -> Iterator[Problem]:  # noqa: ANN401
        if not isinstance(schema, dict):
            yield error(
                "misshapen-schema", here.pointer, f"is {schema!r}; write a schema object that says what is required"
            )
            return
        malformed = list(shapes(schema, here.pointer))
        yield from malformed
        if malformed:
            return
        yield from _silent_combinations(schema, here)
        yield from _types_beside(schema, here)
        fact = self.registry.get(here.name) or item_of(self.registry, here.name)
        if fact is not None:
            yield from fitting(schema, fact, here.pointer)
        yield from self._members(schema, here)
        yield from self._inner(schema, here)

    def _members(self, schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
        names = [*((key, here.at("required", i)) for i, key in enumerate(schema.get("required", ())))]
        names += [(key, here.at("properties", key)) for key in schema.get("properties", {})]
        for key, where in names:
            yield from self._known(key, here.name, where.pointer)
            name = member_name(here.name, key)
            if name not in self.spoken_of and self._is_open(name, here):
                yield error("unruled-presence", where.pointer, _null_advice(name, self.registry[name]))
        demanded = here.required | set(schema.get("required", ()))
        for key, inner in schema.get("properties", {}).items():
            where = here.at("properties", key)
            name = member_name(here.name, key)
            if key not in demanded:
                yield error(
                    "unrequired-fact",
                    where.pointer,
                    f'{key} is not in "required"; add it there: JSON Schema passes a property that is absent',
                )
            if self._is_open(name, here) and not self._admits_null(inner):
                yield error("unruled-null", where.pointer, _null_advice(name, self.registry[name]))
            yield from self._schema(
                inner, _Here(pointer=where.pointer, name=name, is_condition=here.is_condition, refs=here.refs)
            )

    def _is_open(self, name: str, here: _Here) -> bool:
        fact = self.registry.get(name)
        return fact is not None and fact.is_nullable and not here.is_condition and not self.says_null

    def _admits_null(self, schema: Any) -> bool:  # noqa: ANN401
        if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            inner = self.defs.get(schema["$ref"].removeprefix(REF))
            return admits_null(schema) or (isinstance(inner, dict) and "$ref" not in inner and admits_null(inner))
        return not isinstance(schema, dict) or bool(list(shapes(schema, ""))) or admits_null(schema)

    def _known(self, key: str, holder: str, pointer: str) -> Iterator[Problem]:
        name = member_name(holder, key)
        holding = self.registry.get(holder.removesuffix("[]"))
        if name in self.registry and "[]" not in key:
            return
        if holding is not None and holding.kind is Kind.OBJECT:
            return
        if holding is not None and not (holder.endswith("[]") and holding.kind in LISTS_OF_OBJECTS):
            yield error("memberless-fact", pointer, f"{holder} has no members; its values are not objects")
            return
        if "[]" in key:
            yield error(
                "misplaced-brackets", pointer, f'{name}: write the list, and its members under "items" or "contains"'
            )
            return
        prefix = f"{holder}." if holder else ""
        members = [known[len(prefix) :] for known in self.registry if known.startswith(prefix)]
        alike = [known for known in members if "[]" not in known]
        hint = nearest(key, alike)
        if key.startswith(PLUG_IN_PREFIX) and not hint:
            hint = ": it belongs to a plug-in that is not installed. Install it in the same environment"
        yield error("unknown-fact", pointer, f"{name} is not a fact{hint}")

    def _inner(self, schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
        same = replace(here, required=here.required | frozenset(schema.get("required", ())))
        for keyword in SEVERAL:
            for i, inner in enumerate(schema.get(keyword, ())):
                yield from self._schema(inner, same.at(keyword, i))
        for keyword in SINGLE:
            if keyword in schema:
                under = replace(same, is_condition=same.is_condition or keyword == "if")
                yield from self._schema(schema[keyword], under.at(keyword))
        for keyword in ("items", "contains"):
            if keyword in schema:
                element = _Here(
                    pointer=child(here.pointer, keyword),
                    name=f"{here.name}[]",
                    is_condition=here.is_condition,
                    refs=here.refs,
                )
                yield from self._schema(schema[keyword], element)
        if "$ref" in schema:
            yield from self._ref(schema["$ref"], same)

    def _ref(self, ref: str, here: _Here) -> Iterator[Problem]:
        name = ref.removeprefix(REF)
        pointer = child(here.pointer, "$ref")
        self.used.add(name)
        if name not in self.defs:
            yield error(
                "unknown-definition", pointer, f'there is no definition {name!r} in "$defs"{nearest(name, self.defs)}'
            )
        elif name in here.refs:
            yield error("circular-definition", pointer, f"{name!r} refers to itself; write it out")
        else:
            yield from self._schema(self.defs[name], replace(here, pointer=f"/$defs/{name}", refs=(*here.refs, name)))


def _null_advice(name: str, fact: Fact) -> str:
    return (
        f"{name} can be null ({fact.null_means}); say what that means: "
        '"x-null": "fail" or "not_applicable" in the clause, or "null" among its types'
    )


def _spoken_of(schema: Any, defs: Mapping[str, Any], name: str, depth: int = 0) -> Iterator[str]:  # noqa: ANN401
    """Facts that `properties` says something about, in a schema that may be malformed or refer to itself."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    if isinstance(schema.get("properties"), dict):
        for key, inner in schema["properties"].items():
            yield member_name(name, key)
            yield from _spoken_of(inner, defs, member_name(name, key), depth + 1)
    for keyword in ("items", "contains"):
        yield from _spoken_of(schema.get(keyword), defs, f"{name}[]", depth + 1)
    for inner in _at_same_place(schema, defs):
        yield from _spoken_of(inner, defs, name, depth + 1)


def _at_same_place(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> list[Any]:
    inner = [schema[keyword] for keyword in SINGLE if keyword in schema]
    inner += [one for keyword in SEVERAL if isinstance(schema.get(keyword), list) for one in schema[keyword]]
    return inner + ([defs.get(str(schema["$ref"]).removeprefix(REF))] if "$ref" in schema else [])


def _can_fail(schema: Any, says_null: bool, defs: Mapping[str, Any], depth: int = 0) -> bool:  # noqa: ANN401
    """Whether anything in a clause is more than presence and a type that the registry grants already; a broken schema
    can.
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return True
    structure = {
        "required",
        "properties",
        "type",
        "items",
        "minItems",
        "if",
        "then",
        "else",
        "$comment",
        "$ref",
        *SEVERAL,
    }
    if set(schema) - structure or schema.get("minItems", 0) != 0 or (says_null and {"required", "type"} & set(schema)):
        return True
    inner = list(schema["properties"].values()) if isinstance(schema.get("properties"), dict) else []
    inner += [schema["items"]] if "items" in schema else []
    inner += _at_same_place({key: value for key, value in schema.items() if key != "if"}, defs)
    return any(_can_fail(one, says_null, defs, depth + 1) for one in inner)


def _silent_combinations(schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
    """Keywords that JSON Schema passes over without a word, and bounds that nothing meets."""
    for keyword, partner in (("then", "if"), ("else", "if"), ("minContains", "contains"), ("maxContains", "contains")):
        if keyword in schema and partner not in schema:
            yield error(
                "partnerless-keyword",
                child(here.pointer, keyword),
                f"{keyword} does nothing without {partner!r} beside it; add it",
            )
    if "if" in schema and not {"then", "else"} & set(schema):
        yield error(
            "branchless-condition", child(here.pointer, "if"), "if does nothing without 'then' or 'else'; add one"
        )
    yield from crossed(schema, here.pointer)
    if "items" in schema and "minItems" not in schema:
        yield error(
            "uncounted-items",
            child(here.pointer, "items"),
            'an empty list passes "items"; state "minItems" beside it: 0 where none is fine, else 1',
        )
    if here.name.rsplit(".", 1)[-1] in NEVER_EMPTY and schema.get("minItems", 1) < 1:
        yield error(
            "emptiable-list",
            child(here.pointer, "minItems"),
            f"{here.name} may not be empty here; set minItems to at least 1",
        )
    if not set(schema) - {"$comment"}:
        yield error("empty-schema", here.pointer, "says nothing; say what is required, or leave it out")


def _types_beside(schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
    stated = schema.get("type", ())
    types = {stated} if isinstance(stated, str) else set(stated)
    for keyword in schema:
        needed = NEEDED_TYPES.get(keyword)
        if needed is None:
            continue
        if not types:
            yield error(
                "untyped-bound",
                child(here.pointer, keyword),
                f'{keyword} passes whatever is not of the type {needed[0]}; write "type": "{needed[0]}" beside it',
            )
        elif not types - {"null"} <= set(needed):
            slipping = ", ".join(sorted(types - {"null"} - set(needed)))
            yield error(
                "mistyped-bound",
                child(here.pointer, keyword),
                f"{keyword} passes every {slipping}; the type beside it must be {needed[0]}",
            )
