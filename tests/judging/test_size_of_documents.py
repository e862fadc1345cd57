"""The verdict document stays small however much is wrong, and says how much there was."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from deliverqc.documents import VerdictDocument
from deliverqc.entries import entry_of, subject_entry, verdict_document
from deliverqc.judging.judge import judge
from deliverqc.judging.waivers import Waiver
from deliverqc.reports import render
from deliverqc.request import Request
from deliverqc.verdict import MOST_FINDINGS, MOST_ITEMS, FailOn, Verdict
from tests.reports.strict import require_described
from tests.spec_files import clause, facts, loaded, only

_DAY = date(2026, 1, 1)
_COUNT = 12_000
_LONGEST = 11_000


def _span(number: int) -> dict[str, Any]:
    frames = 3 if number == _LONGEST else 1
    start = number * 10
    return {
        "start_frame": start,
        "end_frame": start + frames,
        "duration_frames": frames,
        "start_s": start / 25,
        "end_s": (start + frames) / 25,
        "duration_s": frames / 25,
        "start_timecode": None,
        "end_timecode": None,
        "region": "interior",
        "channel": None,
    }


def _verdict(folder: Path, count: int, **more: Any) -> Verdict:
    spec = loaded(folder, clause("no-flash", only("picture.flash.spans", {"type": "array", "maxItems": 0})))
    spans = [_span(number) for number in range(count)]
    return judge(spec, facts(wrapper__format="mov", picture__flash__spans=spans), as_of=_DAY, **more)


def _document(verdict: Verdict) -> dict[str, Any]:
    subject = subject_entry({"id": "file", "kind": "file", "title": "a"}, [verdict], (), fail_on=FailOn.SHALL)
    stated = {"path": "a.mov", "name": "a.mov", "size_bytes": 1, "tier": "full"}
    return verdict_document([entry_of(stated, subjects=[subject])], Request(as_of=_DAY))


def test_findings_and_spans_are_bounded_and_counted(tmp_path: Path) -> None:
    document = json.loads(render(_document(_verdict(tmp_path, _COUNT)), "json"))
    require_described(document)
    verdict = document["masters"][0]["subjects"][0]["verdicts"][0]
    found = next(one for one in verdict["clauses"] if one["id"] == "no-flash")
    assert (len(found["findings"]), found["finding_count"]) == (MOST_FINDINGS, _COUNT)
    assert _LONGEST * 10 in [one["span"]["start_frame"] for one in found["findings"]]
    assert len(verdict["facts"]["picture.flash.spans"]) == MOST_ITEMS
    assert verdict["fact_counts"] == {"picture.flash.spans": _COUNT}
    assert len(json.dumps(document)) < 6_000_000
    typed = VerdictDocument.from_document(document).masters[0].subjects[0].verdicts[0]
    assert typed.fact_counts == {"picture.flash.spans": _COUNT}
    for format_ in ("text", "markdown", "junit", "github"):
        shown = render(document, format_)
        assert any(f"and {_COUNT - kept:,} more" in shown for kept in (1, 5, 50, 10, 20)), format_


def test_documents_below_the_bound_stay_as_they_are(tmp_path: Path) -> None:
    verdict = _document(_verdict(tmp_path, MOST_FINDINGS))["masters"][0]["subjects"][0]["verdicts"][0]
    assert "fact_counts" not in verdict
    assert all("finding_count" not in one for one in verdict["clauses"])
    assert len(next(one for one in verdict["clauses"] if one["id"] == "no-flash")["findings"]) == MOST_FINDINGS


def test_a_waiver_has_to_cover_what_the_document_does_not_keep(tmp_path: Path) -> None:
    for end, outcome in ((_COUNT * 10, "waived"), (_COUNT * 10 - 15, "fail")):
        waiver = Waiver(clause="no-flash", reason="r", who="w", until=_DAY, range={"start_frame": 0, "end_frame": end})
        verdict = _verdict(tmp_path, _COUNT, waivers=[waiver])
        assert next(one for one in verdict.clauses if one.id == "no-flash").outcome == outcome
