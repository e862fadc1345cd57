"""Demands whose fact nothing measures yet leave a verdict incomplete; only a check made elsewhere covers them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.judging.judge import judge
from deliverqc.judging.waivers import Waiver, WaiverKind
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import Spec
from deliverqc.verdict import NOT_YET, ClauseOutcome, Decision, FailOn, Level, Outcome, Verdict
from tests.spec_files import clause, document, facts, loaded, only, write

DAY = date(2026, 6, 1)
MOV = facts(wrapper__format="mov")


def awaited(item_id: str = "signed", **more: Any) -> dict[str, Any]:
    return {
        "id": item_id,
        "title": f"The demand {item_id}",
        "x-source": {"document": "A sheet"},
        "x-awaits": f"package.{item_id.replace('-', '_')}",
        **more,
    }


def spec_with(folder: Path, *items: dict[str, Any], **more: Any) -> Spec:
    return loaded(folder, clause("it"), x_manual=list(items), **more)


def judged(spec: Spec, given: dict[str, Any] | None = None, **options: Any) -> Verdict:
    return judge(spec, MOV if given is None else given, as_of=DAY, **options)


def of(verdict: Verdict, clause_id: str = "signed") -> ClauseOutcome:
    return next(one for one in verdict.clauses if one.id == clause_id)


def granted(clause_id: str = "signed", kind: WaiverKind | None = WaiverKind.CHECKED_ELSEWHERE, **more: Any) -> Waiver:
    until = more.pop("until", date(2026, 12, 31))
    return Waiver(clause=clause_id, reason="seen in the packager's log", who="QC", until=until, kind=kind, **more)


def test_an_awaited_shall_is_incomplete_and_all_such_demands_are_named(tmp_path: Path) -> None:
    items = [awaited(f"demand-{number}") for number in range(6)]
    verdict = judged(spec_with(tmp_path, *items))
    assert verdict.decision is Decision.INCOMPLETE
    names = ", ".join(f"demand-{number}" for number in range(6))
    assert verdict.reason == f"6 demands {NOT_YET}: {names}"
    one = of(verdict, "demand-3")
    assert (one.outcome, one.missing_facts, one.level) == (Outcome.NOT_MEASURED, ("package.demand_3",), Level.SHALL)
    assert verdict.counts["not_measured"] == 6
    assert verdict.manual == ()


def test_an_awaited_fact_that_is_given_is_not_judged_by_its_name(tmp_path: Path) -> None:
    verdict = judged(spec_with(tmp_path, awaited()), MOV | {"package.signed": True})
    assert of(verdict).outcome is Outcome.NOT_MEASURED


def test_an_awaited_should_decides_only_where_should_decides(tmp_path: Path) -> None:
    spec = spec_with(tmp_path, awaited(**{"x-level": "should"}))
    assert judged(spec).decision is Decision.PASS
    assert judged(spec, fail_on=FailOn.SHOULD).decision is Decision.INCOMPLETE


@pytest.mark.parametrize(
    ("transfer", "outcome"),
    [({"picture.color_transfer": "bt709"}, Outcome.NOT_APPLICABLE), ({}, Outcome.NOT_MEASURED)]
    + [({"picture.color_transfer": "smpte2084"}, Outcome.NOT_MEASURED)],
)
def test_an_awaited_demand_does_not_apply_where_its_condition_is_false(
    tmp_path: Path, transfer: dict[str, Any], outcome: Outcome
) -> None:
    spec = spec_with(tmp_path, awaited(**{"if": only("picture.color_transfer", {"const": "smpte2084"})}))
    assert of(judged(spec, MOV | transfer)).outcome is outcome


def test_an_awaited_demand_can_be_left_out_and_singled_out(tmp_path: Path) -> None:
    spec = spec_with(tmp_path, awaited())
    for options in ({"skip": ("signed",)}, {"only": ("it",)}):
        one = of(judged(spec, **options))
        assert (one.outcome, one.missing_facts) == (Outcome.NOT_MEASURED, ())
    assert of(judged(spec, only=("a-sheet:signed",))).missing_facts == ("package.signed",)


def test_a_check_made_elsewhere_covers_it_and_is_shown(tmp_path: Path) -> None:
    verdict = judged(spec_with(tmp_path, awaited()), waivers=[granted()])
    one = of(verdict)
    assert (verdict.decision, one.outcome) == (Decision.PASS, Outcome.WAIVED)
    assert one.waiver is not None and (one.waiver["state"], one.waiver["kind"]) == ("applied", "checked_elsewhere")


@pytest.mark.parametrize(
    ("waiver", "state"),
    [
        (granted(kind=None), "barred"),
        (granted(kind=WaiverKind.PLATFORM_AGREED), "barred"),
        (granted(until=date(2026, 1, 1)), "expired"),
        (granted(fingerprints=("0123456789abcdef",)), "barred"),
    ],
)
def test_no_other_waiver_covers_it(tmp_path: Path, waiver: Waiver, state: str) -> None:
    verdict = judged(spec_with(tmp_path, awaited()), waivers=[waiver])
    one = of(verdict)
    assert (verdict.decision, one.outcome) == (Decision.INCOMPLETE, Outcome.NOT_MEASURED)
    assert one.waiver is not None and one.waiver["state"] == state


def test_a_check_made_elsewhere_covers_nothing_that_is_measured_here(tmp_path: Path) -> None:
    spec = spec_with(tmp_path)
    failing = judged(spec, facts(wrapper__format="mp4"), waivers=[granted("it")])
    assert failing.decision is Decision.FAIL
    damaged = judged(
        spec,
        {key: value for key, value in MOV.items() if key != "decode.errors"},
        waivers=[granted("essence-decodes"), granted("it")],
    )
    assert damaged.decision is Decision.INCOMPLETE
    one = of(damaged, "essence-decodes")
    assert one.waiver is not None and one.waiver["state"] == "barred"


def test_a_spec_whose_demands_were_all_checked_elsewhere_never_passes(tmp_path: Path) -> None:
    for advisory in (False, True):
        spec = loaded(tmp_path, x_manual=[awaited()], about={"advisory": advisory})
        assert judged(spec, waivers=[granted()]).decision is Decision.INCOMPLETE


def sheet_on(folder: Path, body: dict[str, Any], *items: dict[str, Any]) -> Spec:
    base = document(clause("it"), x_manual=list(items), spec_id="base", about={"essence": {"may_be_silent": True}})
    write(folder, base, "base.json")
    write(folder, body, "sheet.json")
    return spec_library([folder]).load("show")


@pytest.mark.parametrize(
    ("extends", "clauses", "left"),
    [
        ({}, [], ["signed", "sealed"]),
        ({"drop": [{"id": "signed", "reason": "not for this show"}]}, [], ["sealed"]),
        ({"replace": [{"id": "signed", "reason": "we can tell"}]}, [clause("signed")], ["sealed"]),
    ],
)
def test_a_sheet_drops_and_replaces_awaited_demands_of_its_base(
    tmp_path: Path, extends: dict[str, Any], clauses: list[dict[str, Any]], left: list[str]
) -> None:
    body = document(*clauses, spec_id="show", x_extends={"spec": "base", **extends})
    spec = sheet_on(tmp_path, body, awaited("signed"), awaited("sealed"))
    assert [one.id for one in spec.awaited_clauses] == left
    assert len({one.id for one in spec.clauses}) == len(spec.clauses)
    assert spec.essence.may_be_silent
