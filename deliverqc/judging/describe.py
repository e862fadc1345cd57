"""Says in words what a schema wants and what a value is; decides nothing and knows no place in a master."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.speclang.model import Schema, admits_null, member_name

Registry = Mapping[str, Fact]

TYPE_WORDS = {
    "null": "nothing",
    "boolean": "true or false",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "array": "a list",
    "object": "an object",
}
_NOUNS = {"region": "region", "channel": "channel", "fact": "fact"}
"""Members whose meaning lists values, or tells more than their name needs."""


def noun(name: str, registry: Registry) -> str:
    """What a fact is, in a few words: the start of its meaning, or its name where it is not registered."""
    fact = registry.get(name)
    if fact is None:
        return name.rsplit(".", 1)[-1]
    member = name.rsplit("[].", 1)[-1]
    if member in _NOUNS:
        return _NOUNS[member]
    words = fact.meaning
    for start in ("IMF: ", "DCP: ", "main picture track: ", "every "):
        words = words.removeprefix(start)
    words = words.removesuffix(" in wrapper order").removesuffix(" of the group")
    for end in (": ", "; ", ", ", " ("):
        words = words.split(end)[0]
    return words


def value_words(value: Any) -> str:  # noqa: ANN401
    """A JSON value for a reader: texts bare, numbers as they stand in the facts, lists of objects by their length."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value or "an empty text"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        if value and all(isinstance(one, list) for one in value):
            return " or ".join(value_words(one) for one in value)
        if any(isinstance(one, Mapping | list) for one in value) or not value:
            return f"{len(value)} found"
        return ", ".join(value_words(one) for one in value)
    return ", ".join(f"{key} {value_words(one)}" for key, one in value.items() if one is not None) or "an empty object"


def describe(schema: Schema, name: str, registry: Registry) -> str:
    """What a schema wants of the value called `name`, in words: "at most -22.8", "one of mov, mxf"."""
    if not isinstance(schema, Mapping):
        return "anything" if schema else "nothing of the kind"
    parts = [*_leaf_words(schema), *_list_words(schema, name, registry), *_member_words(schema, name, registry)]
    parts += [describe(one, name, registry) for one in schema.get("allOf", ())]
    if "anyOf" in schema:
        parts.append(_alternatives([describe(one, name, registry) for one in schema["anyOf"]]))
    if "oneOf" in schema:
        parts.append("exactly one of: " + "; ".join(describe(one, name, registry) for one in schema["oneOf"]))
    if "not" in schema:
        parts.append(_negated(schema["not"], name, registry))
    if "if" in schema:
        parts += _conditional_words(schema, name, registry)
    if not parts and "type" in schema:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        parts.append(" or ".join(TYPE_WORDS[one] for one in types) if len(types) < len(TYPE_WORDS) else "anything")
    elif parts and "type" in schema and admits_null(schema):
        parts.append("or nothing")
    joined = parts[0] if parts else "stated"
    for part in parts[1:]:
        joined += f" {part}" if part.startswith("or ") else f" and {part}"
    return joined


def _alternatives(parts: Sequence[str]) -> str:
    """What may hold, one of several: set apart by commas where one of them is of several parts."""
    return (", or " if any(" and " in part for part in parts) else " or ").join(dict.fromkeys(parts))


def _negated(schema: Schema, name: str, registry: Registry) -> str:
    if isinstance(schema, Mapping) and set(schema) == {"enum"}:
        return f"none of {', '.join(value_words(one) for one in schema['enum'])}"
    if isinstance(schema, Mapping) and set(schema) == {"const"}:
        return f"anything but {value_words(schema['const'])}"
    return "nothing of the kind" if schema == {} else f"not {describe(schema, name, registry)}"


def _conditional_words(schema: Mapping[str, Any], name: str, registry: Registry) -> list[str]:
    condition = describe(schema["if"], name, registry)
    told = [f"{describe(schema['then'], name, registry)} where {condition}"] if "then" in schema else []
    return told + ([f"{describe(schema['else'], name, registry)} where not {condition}"] if "else" in schema else [])


def _leaf_words(schema: Mapping[str, Any]) -> list[str]:
    words = []
    if "const" in schema:
        words.append(value_words(schema["const"]))
    if "enum" in schema:
        values = [value_words(one) for one in schema["enum"] if one is not None]
        one_of = " or ".join(values) if any("," in one for one in values) else f"one of {', '.join(values)}"
        words.append(one_of if len(values) > 1 else "".join(values))
        words += ["or nothing"] if None in schema["enum"] else []
    if "minimum" in schema and "maximum" in schema:
        words.append(f"from {value_words(schema['minimum'])} to {value_words(schema['maximum'])}")
    else:
        words += [
            f"{start} {value_words(schema[key])}"
            for key, start in (("minimum", "at least"), ("maximum", "at most"))
            if key in schema
        ]
    plain = (
        ("exclusiveMinimum", "more than {}"),
        ("exclusiveMaximum", "less than {}"),
        ("multipleOf", "a multiple of {}"),
        ("pattern", "a text that matches {}"),
        ("minLength", "at least {} characters"),
        ("maxLength", "at most {} characters"),
    )
    return words + [form.format(value_words(schema[key])) for key, form in plain if key in schema]


def _list_words(schema: Mapping[str, Any], name: str, registry: Registry) -> list[str]:
    words = []
    if "minItems" in schema and schema["minItems"] == schema.get("maxItems"):
        words.append(f"exactly {schema['minItems']}" if schema["minItems"] else "none")
    else:
        words += [f"at least {schema['minItems']}"] if schema.get("minItems") else []
        words += [f"at most {schema['maxItems']}" if schema["maxItems"] else "none"] if "maxItems" in schema else []
    words += ["no two alike"] if schema.get("uniqueItems") else []
    if "items" in schema:
        words.append(f"each with {describe(schema['items'], f'{name}[]', registry)}")
    if "contains" in schema:
        words.append(f"{_how_many(schema)} with {describe(schema['contains'], f'{name}[]', registry)}")
    return words


def _how_many(schema: Mapping[str, Any]) -> str:
    fewest, most = schema.get("minContains", 1), schema.get("maxContains")
    if most is None:
        return f"at least {'one' if fewest == 1 else fewest}"
    if fewest == most:
        return f"exactly {'one' if fewest == 1 else fewest}"
    return f"at most {most}" if not fewest else f"from {fewest} to {most}"


def _member_words(schema: Mapping[str, Any], name: str, registry: Registry) -> list[str]:
    properties = schema.get("properties", {})
    words = [
        f"{noun(member_name(name, key), registry)} {describe(inner, member_name(name, key), registry)}"
        for key, inner in properties.items()
    ]
    return words + [
        f"{noun(member_name(name, key), registry)} stated"
        for key in schema.get("required", ())
        if key not in properties
    ]
