"""Reads a MediaConch policy: a tree of "and" and "or" over rules on MediaInfo fields; judges nothing.

An "and" falls apart into clauses, an "or" is one clause with `anyOf`. What cannot be said exactly is left to a person,
and so is an "or" with such a member, for it might pass or fail wrongly without it. A rule of the level warn or info is
`should`: MediaConch does not fail a file for it.

MediaConch has two ways of running a policy: a checker of its own, and a stylesheet (XPath 1.0) where a rule reads
MediaTrace or compares with a reference file. They differ on numbers that MediaInfo writes otherwise, and on "all".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lxml import etree

from deliverqc.errors import SpecError
from deliverqc.facts.probed import probed_facts
from deliverqc.interchange.compose import Demand, Imported, Origin, Part, UnmappedError, compose
from deliverqc.interchange.mediainfo_fields import (
    ABSENT,
    EQUAL,
    EXISTS,
    FIELDS,
    OPERATORS,
    TROUBLE,
    UNEQUAL,
    WITHIN,
    Field,
    Wanted,
)
from deliverqc.interchange.reading import children, line_of, name_of, text_of
from deliverqc.verdict import Level

_STYLESHEETS = tuple(f"{{http://www.w3.org/1999/XSL/Transform}}{name}" for name in ("stylesheet", "transform"))
_SCHEMATRON = "{http://purl.oclc.org/dsdl/schematron}schema"
ROOTS = ("policy", *_STYLESHEETS, _SCHEMATRON)
"""Root elements of MediaConch's policies: its own trees, and the programs that it also runs."""

_SOFT = ("warn", "info")
_RULE_ATTRIBUTES = ("name", "value", "tracktype", "occurrence", "operator", "scope", "level")
_POLICY_ATTRIBUTES = ("name", "type", "level", "license", "isPublic")
_HOLDERS = {"Video": "picture", "Audio": "sound"}
_ANY, _ALL = "any", "all"
_REFERENCE = "compare"
"""The text of a rule that compares the file with a reference file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule as written; `attributes` without the empty ones. `is_by_stylesheet`: MediaConch compares texts."""

    attributes: Mapping[str, str]
    text: str
    line: int
    has_children: bool
    is_by_stylesheet: bool

    @property
    def level(self) -> str | None:
        return self.attributes.get("level")

    @property
    def words(self) -> str:
        """All that the rule demands, in one line."""
        get = self.attributes.get
        scope, occurrence = get("scope"), get("occurrence")
        place = [f"scope {scope}"] if scope else [get("tracktype", "no kind of track")]
        place += [f"track {occurrence}"] if occurrence and occurrence != "*" else []
        comparison = [get("operator", EXISTS)] + ([self.text] if self.text else [])
        known = (*_RULE_ATTRIBUTES, "source")
        more = [f"{key}={value}" for key, value in self.attributes.items() if key not in known]
        source = [f"that of {get('source')}"] if get("source") else []
        return " ".join([*place, get("value", "no field"), *comparison, *source, *more])


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """One node of the tree; `type` is "and" or "or"."""

    name: str
    type: str
    level: str | None
    description: str | None
    members: tuple[Rule | Policy, ...]
    line: int
    unknown: tuple[str, ...]


Node = Rule | Policy


def read_policy(root: etree._Element, path: Path, spec_id: str | None) -> tuple[Imported, ...]:
    """The spec of one policy file. SpecError where MediaConch would not take the file either."""
    if root.tag != "policy":
        return (_program(root, path, spec_id),)
    is_by_stylesheet = any(
        rule.get("scope") == "mmt" or rule.xpath("string()") == _REFERENCE for rule in root.iter("rule")
    )
    policy = _policy(root, path, is_by_stylesheet)
    origin = Origin(format="MediaConch policy", title=policy.name or path.stem, description=policy.description)
    parts = tuple(_parts(policy, (), None))
    if not parts:
        raise SpecError(
            f"{path}, line {policy.line}: the policy has no rule, so that every file passes it. Add rules, or import"
            " another.",
            code="import-empty",
        )
    return (compose(origin, parts, spec_id=spec_id),)


def _program(root: etree._Element, path: Path, spec_id: str | None) -> Imported:
    kind = "Schematron schema" if root.tag == _SCHEMATRON else "XSLT stylesheet"
    words = f"the file passes the {kind} {path.name}"
    part = Part(
        name=path.stem,
        words=words,
        demands=(Demand(words=words, line=line_of(root)),),
        reason=f"it is a program ({kind}); run it in MediaConch",
    )
    return compose(Origin(format="MediaConch policy", title=path.stem), [part], spec_id=spec_id)


def _policy(element: etree._Element, path: Path, is_by_stylesheet: bool) -> Policy:
    kind = element.get("type", "and")
    if kind not in ("and", "or"):
        raise SpecError(
            f'{path}, line {element.sourceline}: the policy\'s type is {kind!r}. Write type="and" or type="or".',
            code="import-invalid",
        )
    members: list[Node] = []
    description = None
    for child in children(element):
        name = name_of(child)
        if name == "policy":
            members.append(_policy(child, path, is_by_stylesheet))
        elif name == "rule":
            members.append(_rule(child, is_by_stylesheet))
        elif name == "description":
            description = text_of(child) or None
        elif name != "tag":
            raise SpecError(
                f"{path}, line {child.sourceline}: a policy holds <policy>, <rule>, <description> and <tag>, and no"
                f" <{name}>. Remove it.",
                code="import-invalid",
            )
    unknown = tuple(str(key) for key in element.attrib if key not in _POLICY_ATTRIBUTES)
    return Policy(
        name=" ".join(element.get("name", "").split()),
        type=kind,
        level=element.get("level") or None,
        description=description,
        members=tuple(members),
        line=line_of(element),
        unknown=unknown,
    )


def _rule(element: etree._Element, is_by_stylesheet: bool) -> Rule:
    attributes = {str(key): str(value) for key, value in element.attrib.items() if value}
    source = next((child for child in children(element) if name_of(child) == "source"), None)
    if source is not None:
        attributes["source"] = " ".join(str(value) for value in source.attrib.values())
    return Rule(
        attributes=attributes,
        text=str(element.xpath("string()")) if source is None else "",
        line=line_of(element),
        has_children=next(children(element), None) is not None,
        is_by_stylesheet=is_by_stylesheet,
    )


def _parts(policy: Policy, above: tuple[str, ...], soft: str | None) -> Iterator[Part]:
    """The clauses and manual items of a policy: one for each member of an "and", one for an "or".

    `soft` is the level warn or info of a policy around it.
    """
    if policy.type == "or" or policy.unknown:
        if policy.members or policy.type == "or":
            yield _part(policy, above, soft, policy.description)
        return
    path = (*above, policy.name) if policy.name else above
    inner = policy.level if policy.level in _SOFT else soft
    for member in policy.members:
        if isinstance(member, Policy):
            yield from _parts(member, path, inner)
        else:
            yield _part(member, path, inner, policy.description if above else None)


def _part(node: Node, above: tuple[str, ...], soft: str | None, description: str | None) -> Part:
    words = _words(node)
    name = node.name if isinstance(node, Policy) else " ".join(node.attributes.get("name", "").split())
    demands = tuple(Demand(words=rule.words, line=rule.line) for rule in _rules(node))
    severity = soft or _soft_level(node)
    level = Level.SHALL if severity is None else Level.SHOULD
    schema, reason = None, None
    try:
        if level is Level.SHALL and not _binds(node):
            raise UnmappedError("rules of several levels are alternatives here, and a clause has one level")
        schema = _schema(node)
    except UnmappedError as refusal:
        reason = refusal.reason
    return Part(
        name=name or words,
        words=words,
        demands=demands,
        section=" > ".join([*above, name or words]),
        description=description,
        schema=schema,
        reason=reason,
        level=level,
        severity=severity,
    )


def _rules(node: Node) -> Iterator[Rule]:
    if isinstance(node, Rule):
        yield node
        return
    for member in node.members:
        yield from _rules(member)


def _words(node: Node) -> str:
    if isinstance(node, Rule):
        return node.words
    told = [f"({_words(one)})" if isinstance(one, Policy) else _words(one) for one in node.members]
    more = "".join(f" [{key} on the policy]" for key in node.unknown)
    return (f" {node.type} ".join(told) or f'an "{node.type}" of nothing') + more


def _soft_level(node: Node) -> str | None:
    """The level warn or info, where MediaConch's outcome is never worse; None where it can be fail."""
    if node.level in _SOFT or isinstance(node, Rule):
        return node.level if node.level in _SOFT else None
    several = [_soft_level(member) for member in node.members]
    soft = [level for level in several if level is not None]
    is_soft = len(soft) == len(several) if node.type == "and" else bool(soft)
    return soft[0] if soft and is_soft else None


def _binds(node: Node) -> bool:
    """Whether MediaConch's outcome is fail wherever it is not pass."""
    if node.level in _SOFT:
        return False
    return isinstance(node, Rule) or all(_binds(member) for member in node.members)


def _schema(node: Node) -> dict[str, Any]:
    if isinstance(node, Rule):
        return _rule_schema(node)
    if node.unknown:
        raise UnmappedError(f"the attribute {node.unknown[0]!r} of a policy is not known")
    if not node.members:
        raise UnmappedError(f'an "{node.type}" of nothing {"always holds" if node.type == "and" else "never holds"}')
    inner = [_schema(member) for member in node.members]
    return inner[0] if len(inner) == 1 else {"allOf" if node.type == "and" else "anyOf": inner}


def _rule_schema(rule: Rule) -> dict[str, Any]:
    operator = rule.attributes.get("operator", EXISTS)
    track, name = rule.attributes.get("tracktype", ""), rule.attributes.get("value", "")
    _require_readable(rule, operator)
    occurrence = _occurrence(rule)
    is_rate_of_file = track == "General" and name == "FrameRate"
    field = FIELDS["Video"][name] if is_rate_of_file else _field(track, name)
    wanted = field.wanted(operator, rule.text)
    _require_number_as_written(rule, operator, field)
    if track == "General" and occurrence not in (None, 1, _ALL):
        raise UnmappedError("a file has one General track only")
    if is_rate_of_file and operator == ABSENT:
        raise UnmappedError("MediaInfo and deliverqc do not leave it out of the same masters")
    if is_rate_of_file:
        return _tracks("picture", _each(wanted))
    if track == "General":
        return _object(wanted)
    kind, within = _HOLDERS[track], WITHIN.get((track, name), {})
    if operator == ABSENT and occurrence != _ANY:
        return _nowhere(kind, wanted, occurrence)
    if occurrence == _ALL:
        return _tracks(kind, _each(wanted) if operator == EXISTS else _each_that_has(kind, wanted), within)
    return _contains(kind, wanted, occurrence, within)


def _require_readable(rule: Rule, operator: str) -> None:
    unknown = [key for key in rule.attributes if key not in (*_RULE_ATTRIBUTES, "source")]
    if unknown:
        raise UnmappedError(f"the attribute {unknown[0]!r} of a rule is not known")
    if rule.attributes.get("scope") in ("mmt", "mt"):
        raise UnmappedError("it reads MediaTrace, the structure of the file, of which deliverqc has no facts")
    if rule.attributes.get("scope", "mi") != "mi":
        raise UnmappedError(f"the scope {rule.attributes['scope']!r} is not known")
    if not rule.attributes.get("tracktype"):
        raise UnmappedError("it names no kind of track, and MediaConch passes over it")
    if "source" in rule.attributes:
        raise UnmappedError("it compares two fields of the same file")
    if rule.has_children:
        raise UnmappedError("the rule holds elements that are not known")
    if any(character in rule.text for character in "'&<>") or rule.text != rule.text.strip():
        raise UnmappedError("MediaConch does not read the marks or blanks in the text as they are meant")
    if rule.text == _REFERENCE:
        raise UnmappedError("it compares the file with a reference file that is given to MediaConch when it runs")
    if operator not in OPERATORS:
        raise UnmappedError(f"the operator {operator!r} is not known")


def _field(track: str, name: str) -> Field:
    fields = FIELDS.get(track)
    if fields is None:
        raise UnmappedError(f"deliverqc reads no MediaInfo fields of {track} tracks")
    if name not in fields:
        raise UnmappedError(TROUBLE.get(name, f"deliverqc has no fact for the MediaInfo field {name!r} of {track}"))
    return fields[name]


def _occurrence(rule: Rule) -> int | str | None:
    """The number of the track from 1, "any" or "all" as written; None for any track, which is also what * means."""
    text = rule.attributes.get("occurrence", "*")
    if text == "*":
        return None
    if text in (_ANY, _ALL) and not rule.is_by_stylesheet:
        return text
    if re.fullmatch(r"[1-9]\d{0,3}", text, re.ASCII) is None:
        raise UnmappedError(f"the occurrence {text!r} is neither *, any or all nor a number from 1")
    return int(text)


def _require_number_as_written(rule: Rule, operator: str, field: Field) -> None:
    is_other_text = field.written is not None and re.fullmatch(field.written, rule.text, re.ASCII) is None
    if rule.is_by_stylesheet and operator in (EQUAL, UNEQUAL) and is_other_text:
        raise UnmappedError(
            f"MediaInfo never writes {rule.text!r}, and beside rules on MediaTrace or a reference MediaConch compares"
            " letter by letter"
        )


def _object(wanted: Wanted) -> dict[str, Any]:
    return {"required": list(wanted), "properties": dict(wanted)}


def _tracks(kind: str, schema: dict[str, Any], within: Wanted = MappingProxyType({})) -> dict[str, Any]:
    return _object({**within, f"{kind}.tracks": {"type": "array", **schema}})


def _contains(
    kind: str, wanted: Wanted, occurrence: int | str | None, within: Wanted = MappingProxyType({})
) -> dict[str, Any]:
    chosen = {"order": {"const": occurrence - 1}} if isinstance(occurrence, int) else {}
    return _tracks(kind, {"contains": {"type": "object", **_object({**chosen, **wanted})}}, within)


def _nowhere(kind: str, wanted: Wanted, occurrence: int | str | None) -> dict[str, Any]:
    """No such track has the field, or there is no such track."""
    count = f"{kind}.track_count"
    if not isinstance(occurrence, int):
        return {"anyOf": [_object({count: {"const": 0}}), _tracks(kind, _each(wanted))]}
    fewer = _object({count: {"type": "integer", "maximum": occurrence - 1}})
    return {"anyOf": [fewer, _contains(kind, wanted, occurrence)]}


def _each(wanted: Wanted) -> dict[str, Any]:
    return {"minItems": 1, "items": {"type": "object", **_object(wanted)}}


def _each_that_has(kind: str, wanted: Wanted) -> dict[str, Any]:
    """Every track that has the field, of which there is one at least."""
    ((fact, schema), *more) = wanted.items()
    if not probed_facts()[f"{kind}.tracks[].{fact}"].is_nullable and not more:
        return _each(wanted)
    if more:
        raise UnmappedError('"all" asks only the tracks that have the field, and several facts together tell it')
    return {
        "contains": {"type": "object", **_object(wanted)},
        **_each({fact: {"anyOf": [{"type": "null"}, schema]}}),
    }
