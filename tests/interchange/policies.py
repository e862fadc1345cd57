"""Writes MediaConch policies for tests, and says what MediaConch answers by the definition of its own checker: the
texts of a field on the tracks that a rule names, compared as numbers where both are. Knows nothing of deliverqc's
importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lxml import etree

Tracks = Sequence[tuple[str, Mapping[str, str]]]
"""Kind and fields of each track, in MediaInfo's order."""


def rule(track: str, field: str, operator: str | None = None, text: str = "", **more: str) -> etree._Element:
    """One rule element."""
    element = etree.Element("rule", name=more.pop("name", ""), tracktype=track, value=field, **more)
    if operator is not None:
        element.set("operator", operator)
    element.text = text
    return element


def policy(*members: etree._Element, type: str = "and", name: str = "a policy", **more: str) -> etree._Element:  # noqa: A002
    """One policy element."""
    element = etree.Element("policy", type=type, name=name, **more)
    element.extend(members)
    return element


def write(folder: Path, root: etree._Element, name: str = "policy.xml") -> Path:
    """Write a policy and give its path."""
    path = folder / name
    path.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    return path


def answer(node: etree._Element, of: Tracks) -> str:
    """pass, warn, info or fail of a rule or policy on a report, by the rules of MediaConch's checker."""
    level = node.get("level")
    worst = level if level in ("warn", "info") else "fail"
    if node.tag == "rule":
        return "pass" if _holds(node, of) else worst
    answers = [answer(member, of) for member in node]
    best_of_many = node.get("type") == "or"
    if best_of_many and "pass" in answers:
        return "pass"
    if "fail" in answers and not (best_of_many and set(answers) & {"warn", "info"}):
        return worst
    if best_of_many and not answers:
        return worst
    if "warn" in answers and level != "info":
        return "warn"
    return "info" if set(answers) & {"warn", "info"} else "pass"


def _holds(node: etree._Element, of: Tracks) -> bool:
    operator, occurrence = node.get("operator", "exists"), node.get("occurrence", "*")
    chosen = [fields for kind, fields in of if kind == node.get("tracktype")]
    chosen = chosen[int(occurrence) - 1 : int(occurrence)] if occurrence.isdigit() else chosen
    texts = [fields[node.get("value")] for fields in chosen if node.get("value") in fields]
    if operator == "exists":
        return bool(texts) and (occurrence != "all" or len(texts) == len(chosen))
    if operator == "must not exist":
        return len(texts) < len(chosen) if occurrence == "any" else not texts
    if not texts:
        return operator == "must not start with"
    results = [_compared(text, operator, node.text or "") for text in texts]
    return all(results) if occurrence == "all" else any(results)


def _compared(text: str, operator: str, wanted: str) -> bool:
    found: Any = text
    asked: Any = wanted
    with suppress(ValueError):
        found, asked = float(text), float(wanted)
    comparisons: dict[str, bool] = {
        "starts with": text.startswith(wanted),
        "must not start with": not text.startswith(wanted),
        "contains": wanted in text,
        "must not contain": wanted not in text,
        "=": found == asked,
        "!=": found != asked,
        "<": found < asked,
        "<=": found <= asked,
        ">": found > asked,
        ">=": found >= asked,
    }
    return comparisons[operator]
