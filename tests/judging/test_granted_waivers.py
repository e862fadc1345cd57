"""Waivers: what they cover, when they end, and fingerprints that survive a shift in time."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.errors import UsageError
from deliverqc.judging.judge import judge
from deliverqc.judging.waivers import Waiver, load_waivers
from deliverqc.speclang.model import Spec
from deliverqc.verdict import ClauseOutcome, Decision, Finding, Outcome
from tests.spec_files import clause, facts, loaded, only

DAY = date(2026, 6, 1)


def span(start: int, end: int, region: str = "interior") -> dict[str, Any]:
    seconds = {"start_s": start / 25, "end_s": end / 25, "duration_s": (end - start) / 25}
    frames = {"start_frame": start, "end_frame": end, "duration_frames": end - start}
    return {**frames, **seconds, "start_timecode": None, "end_timecode": None, "region": region, "channel": None}


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    no_black = only("picture.black.spans", {"type": "array", "maxItems": 0})
    return loaded(tmp_path, clause("no-black", no_black), clause("it"))


def judged(spec: Spec, spans: list[dict[str, Any]], *waivers: Waiver, subject: str = "file") -> ClauseOutcome:
    given = facts(wrapper__format="mov", picture__black__spans=spans)
    verdict = judge(spec, given, waivers=waivers, as_of=DAY, subject=subject)
    result = next(one for one in verdict.clauses if one.id == "no-black")
    expected = {Outcome.PASS: Decision.PASS, Outcome.WAIVED: Decision.PASS, Outcome.FAIL: Decision.FAIL}
    assert verdict.decision is expected[result.outcome]
    return result


def granted(clause_id: str = "no-black", until: date = date(2026, 12, 31), **more: Any) -> Waiver:
    return Waiver(clause=clause_id, reason="the director wants it", who="QC lead", until=until, **more)


SPANS = [span(100, 125), span(200, 260)]


@pytest.mark.parametrize("name", ["no-black", "a-sheet:no-black"])
def test_a_waiver_of_the_whole_clause_covers_every_finding(spec: Spec, name: str) -> None:
    result = judged(spec, SPANS, granted(name))
    assert result.outcome is Outcome.WAIVED
    assert len(result.findings) == 2
    assert result.waiver is not None
    assert (result.waiver["state"], result.waiver["who"], result.waiver["until"]) == (
        "applied",
        "QC lead",
        "2026-12-31",
    )


def test_a_waiver_for_another_spec_or_clause_does_not_count(spec: Spec) -> None:
    for name in ("other:no-black", "it", "deliverqc-integrity:no-black"):
        assert judged(spec, SPANS, granted(name)).outcome is Outcome.FAIL


def test_a_waiver_serves_on_its_last_day_and_not_after(spec: Spec) -> None:
    assert judged(spec, SPANS, granted(until=DAY)).outcome is Outcome.WAIVED
    expired = judged(spec, SPANS, granted(until=date(2026, 5, 31)))
    assert expired.outcome is Outcome.FAIL
    assert expired.waiver is not None and expired.waiver["state"] == "expired"


def test_only_a_fail_is_waived(spec: Spec) -> None:
    assert judged(spec, [], granted()).outcome is Outcome.PASS
    given = facts(wrapper__format="mov")
    verdict = judge(spec, given, waivers=[granted()], as_of=DAY)
    assert next(one for one in verdict.clauses if one.id == "no-black").outcome is Outcome.NOT_MEASURED
    assert verdict.decision is Decision.INCOMPLETE


@pytest.mark.parametrize(
    ("bounds", "outcome"),
    [
        ({"start_frame": 100, "end_frame": 260}, Outcome.WAIVED),
        ({"start_frame": 101, "end_frame": 260}, Outcome.FAIL),
        ({"start_frame": 100, "end_frame": 259}, Outcome.FAIL),
        ({"start_s": 4.0, "end_s": 10.4}, Outcome.WAIVED),
        ({"start_s": 4.0, "end_s": 10.39}, Outcome.FAIL),
    ],
)
def test_a_range_covers_what_lies_wholly_in_it(spec: Spec, bounds: dict[str, float], outcome: Outcome) -> None:
    result = judged(spec, SPANS, granted(range=bounds))
    assert result.outcome is outcome
    if outcome is Outcome.FAIL:
        assert result.waiver is not None
        assert (result.waiver["state"], result.waiver["uncovered_findings"]) == ("partial", 1)


def test_two_waivers_together_cover_what_neither_does(spec: Spec) -> None:
    first, second = (
        granted(range={"start_frame": 0, "end_frame": 150}),
        granted(range={"start_frame": 150, "end_frame": 300}),
    )
    assert judged(spec, SPANS, first).outcome is Outcome.FAIL
    both = judged(spec, SPANS, first, second)
    assert both.outcome is Outcome.WAIVED
    assert both.waiver is not None and len(both.waiver["also"]) == 1


def test_a_finding_without_a_place_in_time_lies_in_no_range(spec: Spec) -> None:
    finding = Finding(fact="wrapper.format", actual="mp4", expected="mov", unit=None, message="", fingerprint="f")
    assert not granted(range={"start_s": 0.0, "end_s": 1e9}).covers(finding)
    assert granted(fingerprints=("f",)).covers(finding)
    assert granted().covers(finding)


def prints(spec: Spec, spans: list[dict[str, Any]], **options: Any) -> list[str]:
    return [finding.fingerprint for finding in judged(spec, spans, **options).findings]


def test_a_fingerprint_survives_a_shift_in_time_and_nothing_else(spec: Spec) -> None:
    before = prints(spec, SPANS)
    assert len(set(before)) == 2
    assert prints(spec, [span(348, 373), span(448, 508)]) == before
    assert prints(spec, [span(100, 126), span(200, 260)])[0] != before[0]
    assert prints(spec, SPANS, subject="another") != before


def test_equal_findings_are_told_apart_by_their_order_in_time(spec: Spec) -> None:
    twins = [span(100, 125), span(300, 325)]
    first, second = prints(spec, twins)
    assert first != second
    assert prints(spec, twins[::-1]) == [second, first]
    assert prints(spec, [span(90, 115), span(300, 325), span(500, 525)])[:2] == [first, second]


def test_a_fingerprint_waives_that_finding_only(spec: Spec) -> None:
    first, second = prints(spec, SPANS)
    assert judged(spec, SPANS, granted(fingerprints=(first,))).outcome is Outcome.FAIL
    assert judged(spec, SPANS, granted(fingerprints=(first, second))).outcome is Outcome.WAIVED
    assert judged(spec, [*SPANS, span(500, 501)], granted(fingerprints=(first, second))).outcome is Outcome.FAIL


def test_a_sound_span_is_as_long_as_its_samples_wherever_it_starts(tmp_path: Path) -> None:
    wanted = {"type": "array", "minItems": 1, "items": only("silence.spans", {"type": "array", "maxItems": 0})}
    spec = loaded(tmp_path, clause("no-silence", only("sound.groups", wanted)))

    def printed(start: int) -> str:
        sound = {**span(0, 1), "start_sample": start, "end_sample": start + 480, "duration_samples": 480}
        sound |= {"duration_frames": 1 + start % 2, "start_s": start / 48000}
        verdict = judge(spec, facts(sound__groups=[{"silence.spans": [sound]}]), as_of=DAY)
        return verdict.clauses[-1].findings[0].fingerprint

    assert printed(0) == printed(48001)


def test_the_deliverable_and_integrity_can_be_waived(spec: Spec) -> None:
    broken = facts(wrapper__format="mov", picture__black__spans=[]) | {"decode.missing_byte_count": 5}
    verdict = judge(spec, broken, waivers=[granted("deliverqc-integrity:essence-complete")], as_of=DAY)
    assert verdict.decision is Decision.PASS
    assert verdict.counts["waived"] == 1


ENTRY = {"clause": "a-sheet:no-black", "reason": "wanted", "who": "QC", "until": "2026-12-31"}


def test_a_waivers_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "waivers.json"
    entries = [ENTRY, {**ENTRY, "fingerprints": ["ab"], "range": {"start_s": 1, "end_s": 2.5}}]
    path.write_text(json.dumps(entries))
    plain, narrow = load_waivers(path)
    assert (plain.until, plain.range, plain.fingerprints) == (date(2026, 12, 31), None, ())
    assert (narrow.range, narrow.fingerprints) == ({"start_s": 1, "end_s": 2.5}, ("ab",))
    assert narrow.to_document() == entries[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "a list of waivers"),
        ("[", "not JSON"),
        ("[1]", "waiver 1"),
        (json.dumps([ENTRY, {**ENTRY, "who": " "}]), "waiver 2 .* lacks 'who'"),
        (json.dumps([{key: ENTRY[key] for key in ("clause", "who", "until")}]), "lacks 'reason'"),
        (json.dumps([{**ENTRY, "until": "31.12.2026"}]), "YYYY-MM-DD"),
        (json.dumps([{**ENTRY, "until": "20261231"}]), "YYYY-MM-DD"),
        (json.dumps([{**ENTRY, "unitl": "x"}]), "unitl"),
        (json.dumps([{**ENTRY, "fingerprints": []}]), "fingerprints"),
        (json.dumps([{**ENTRY, "range": {"start_s": 2, "end_s": 2}}]), "range"),
        (json.dumps([{**ENTRY, "range": {"start_frame": 2, "end_s": 3}}]), "range"),
        (json.dumps([{**ENTRY, "range": {"start_s": 0, "end_s": float("inf")}}]), "not JSON"),
    ],
)
def test_a_broken_waivers_file_is_a_usage_error_that_says_where(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "waivers.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=words):
        load_waivers(path)


def test_a_waivers_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_waivers(tmp_path / "none.json")
