"""MediaConch's public policies: every rule is in a clause or left to a person, and the specs are sound."""

from __future__ import annotations

import html
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from deliverqc.interchange import read_foreign
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.lint import lint
from deliverqc.speclib.examples import check_examples
from tests.material import material

_POLICIES = {
    "mediaconch_src/Tools/Policies/sample_policy_1.xml": 7,
    "mediaconch_src/Tools/Policies/sample_policy_2_comparison.xml": 0,
    "mediaconch_src/Tools/Policies/sample_policy_3_comparison.xml": 0,
    "mediaconch_src/Tools/Policies/sample_policy_4_mkv_ffv1_digitization.xml": 23,
    "mediaconch_src/Tools/Policies/sample_policy_5_matroska_practices.xml": 1,
    "mediaconch_src/Tools/Policies/sample_policy_6_cavpp_preservation.xml": 13,
    "mediaconch_src/Tools/Policies/sample_policy_7_memoriav_recommendations.xml": 0,
    "mediaconch_src/Tools/Policies/sample_policy_8_TN2162.xml": 7,
    "mediaconch_src/Source/Example/Example.xml": 2,
    "mediaconch_samples/Groundtruth/EBML-ELEM-START/policy.xml": 0,
    "mediaconch_samples/PolicyTestFiles/Policy/info.xml": 1,
    "mediaconch_samples/PolicyTestFiles/Policy/levelcap.xml": 0,
    "mediaconch_samples/PolicyTestFiles/Policy/mmt.xml": 0,
    "mediaconch_samples/PolicyTestFiles/Policy/operators.xml": 0,
    "mediaconch_samples/PolicyTestFiles/Policy/value.xml": 0,
    "mediaconch_samples/PolicyTestFiles/Policy/warn.xml": 1,
}
"""Each with the number of rules that clauses stand for: those of fields that facts tell exactly."""


@pytest.mark.parametrize("name", sorted(_POLICIES))
def test_every_rule_of_a_public_policy_is_placed_once(name: str, tmp_path: Path) -> None:
    path = material(name)
    rules = list(ElementTree.parse(path).getroot().iter("rule"))
    (one,) = read_foreign(path)
    placed = [demand for _, part in one.parts for demand in part.demands]
    assert len(placed) == len(rules)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len({demand.line for demand in placed}) == len(rules)
    assert all("<rule " in lines[demand.line - 1] for demand in placed)
    assert sorted(_field(lines[demand.line - 1]) for demand in placed) == sorted(rule.get("value") for rule in rules)
    assert all(_field(lines[demand.line - 1]) in demand.words for demand in placed)
    assert sum(len(part.demands) for _, part in one.clauses) == _POLICIES[name]
    assert len(one.document.get("allOf", ())) + len(one.document.get("x-manual", ())) == len(one.parts)


def _field(line: str) -> str:
    return html.unescape(line.split('value="')[1].split('"')[0])


@pytest.mark.parametrize("name", sorted(_POLICIES))
def test_spec_of_a_public_policy_is_sound_and_proved(name: str, tmp_path: Path) -> None:
    (one,) = read_foreign(material(name))
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(one.document), encoding="utf-8")
    spec = spec_library().load(str(path))
    assert lint(one.document, shipped=False, registry=registry()) == ()
    assert check_examples(spec, one.examples) == ()


def test_every_policy_of_the_material_is_listed() -> None:
    found = set()
    for folder in ("mediaconch_src", "mediaconch_samples"):
        for path in material(folder).rglob("*.xml"):
            if ElementTree.parse(path).getroot().tag == "policy":
                found.add(path.relative_to(material()).as_posix())
    assert found == set(_POLICIES)
