"""What common sense notices: every fault once, and nothing that a verdict reports already."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from deliverqc.judging.judge import judge
from deliverqc.judging.noticed import noticed_in
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import Spec
from deliverqc.verdict import Verdict
from tests.spec_files import clause, document, facts, loaded, only, write

DAY = date(2026, 6, 1)


def spec(folder: Path, name: str, *clauses: dict[str, Any], **more: Any) -> Spec:
    return spec_library().load(str(write(folder, document(*clauses, spec_id=name, **more), f"{name}.json")))


def span(start: int, end: int) -> dict[str, Any]:
    frames = {"start_frame": start, "end_frame": end, "duration_frames": end - start}
    seconds = {"start_s": start / 25, "end_s": end / 25, "duration_s": (end - start) / 25}
    return {**frames, **seconds, "start_timecode": None, "end_timecode": None, "region": "interior", "channel": None}


def no_black(clause_id: str, level: str = "shall") -> dict[str, Any]:
    return clause(clause_id, only("picture.black.spans", {"type": "array", "maxItems": 0}), level=level)


def seen(folder: Path, given: dict[str, Any], *verdicts: Verdict) -> list[tuple[str, int]]:
    sense = spec(folder, "sense", no_black("black", "should"), clause("wrapper", level="should"))
    found = noticed_in(given, sense, verdicts, as_of=DAY)
    return [(one.id, len(one.findings)) for one in found]


def test_each_broken_clause_is_noticed_and_integrity_is_not_part_of_it(tmp_path: Path) -> None:
    given = facts(wrapper__format="mp4", picture__black__spans=[span(0, 5)]) | {"decode.missing_frame_count": 9}
    assert seen(tmp_path, given) == [("black", 1), ("wrapper", 1)]


def test_what_was_not_measured_is_not_noticed(tmp_path: Path) -> None:
    assert seen(tmp_path, {}) == []


def test_a_finding_with_the_same_fact_and_span_is_said_once(tmp_path: Path) -> None:
    given = facts(wrapper__format="mov", picture__black__spans=[span(0, 5), span(10, 15)])
    strict = judge(spec(tmp_path, "strict", no_black("it")), given, as_of=DAY)
    assert seen(tmp_path, given, strict) == []
    first_only = clause(
        "it",
        only(
            "picture.black.spans",
            {
                "type": "array",
                "minItems": 0,
                "items": {"type": "object", **only("start_frame", {"type": "integer", "minimum": 1})},
            },
        ),
    )
    assert seen(tmp_path, given, judge(spec(tmp_path, "loose", first_only), given, as_of=DAY)) == [("black", 2)]


def test_a_finding_of_another_fact_suppresses_nothing(tmp_path: Path) -> None:
    given = facts(wrapper__format="mp4", picture__black__spans=[])
    other = judge(loaded(tmp_path, clause("it", only("sound.track_count", {"const": 9}))), given, as_of=DAY)
    assert seen(tmp_path, given, other) == [("wrapper", 1)]
