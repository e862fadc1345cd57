"""Writes MediaConch policies for tests, and says what MediaConch answers by its own definition: XPath 1.0 over
MediaInfo's XML, evaluated by libxml2 as MediaConch does. Knows nothing of deliverqc's importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def report(tracks: Tracks) -> etree._Element:
    """A document such as MediaInfo writes, without its namespaces."""
    root = etree.Element("MediaInfo")
    for kind, fields in tracks:
        track = etree.SubElement(root, "track", type=kind)
        for name, text in fields.items():
            etree.SubElement(track, name).text = text
    return root


def answer(node: etree._Element, of: etree._Element) -> str:
    """pass, warn, info or fail of a rule or policy on a report, by the rules of MediaConch's policy stylesheet."""
    level = node.get("level")
    worst = level if level in ("warn", "info") else "fail"
    if node.tag == "rule":
        return "pass" if of.xpath(f"boolean({_expression(node)})") else worst
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


def _expression(node: etree._Element) -> str:
    occurrence = f"[{node.get('occurrence')}]" if node.get("occurrence") else ""
    field = f"/MediaInfo/track[@type='{node.get('tracktype')}']{occurrence}/{node.get('value')}"
    operator: Any = node.get("operator", "exists")
    text = node.text or ""
    forms = {
        "exists": field,
        "must not exist": f"not({field})",
        "starts with": f"starts-with({field}, '{text}')",
        "must not start with": f"not(starts-with({field}, '{text}'))",
        "contains": f"contains({field}, '{text}')",
        "must not contain": f"not(contains({field}, '{text}'))",
    }
    return forms.get(operator, f"{field} {operator} '{text}'")
