"""A file of text through the whole flow: headers and full tier alike, one verdict, and every report."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc import pipeline, reports
from deliverqc.batch.discover import discover
from deliverqc.errors import MasterError, UsageError
from deliverqc.measuring.obtain import obtain_signals
from deliverqc.measuring.packages import opened
from deliverqc.measuring.ranges import Range
from deliverqc.measuring.registry import spec_library
from deliverqc.probing.mediainfo_many import ManyFiles
from deliverqc.request import Request
from deliverqc.timed_text.model import Document, TextFault
from tests.text_documents import document, event

_TTML = b'<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"/>'
_FRAME = 1 / Fraction(24000, 1001)
_LINES = ("At most forty-two characters fit in here,", "and twenty are read in a second.")


def _good(**more: Any) -> Document:
    """Text that every clause of Netflix accepts: four seconds a line, thirteen frames apart."""
    starts = [(10 + i * 109) * _FRAME for i in range(20)]
    lines = [event(start, start + 96 * _FRAME, *_LINES, line=i + 4) for i, start in enumerate(starts)]
    about = {"language": "en", "time_base": "smpte", "frame_rate": 1 / _FRAME, "drop_mode": "non_drop"}
    return document(*more.pop("events", lines), **about | more)


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a TTML file that reads as the document given."""

    def written(one: Document, name: str = "title.ttml") -> Path:
        monkeypatch.setattr("deliverqc.timed_text.reading.read_bytes", lambda data, found, called: (one,))
        path = tmp_path / name
        path.write_bytes(_TTML)
        return path

    return written


def _verdict(path: Path, **more: Any) -> dict[str, Any]:
    (subject,) = deliverqc.check(path, "netflix", **more).to_document()["masters"][0]["subjects"]
    verdict: dict[str, Any] = subject["verdicts"][0]
    assert verdict["spec"]["id"] == "netflix-localization-timed-text"
    return verdict


def _failing(verdict: dict[str, Any]) -> set[str]:
    return {one["id"] for one in verdict["clauses"] if one["outcome"] == "fail"}


@pytest.mark.parametrize("tier", ["headers", "full"])
def test_good_text_passes_in_either_tier(text: Any, tier: str) -> None:
    verdict = _verdict(text(_good()), tier=tier)
    assert (verdict["decision"], _failing(verdict)) == ("pass", set())


def test_both_tiers_give_the_same_facts(text: Any) -> None:
    path = text(_good())
    headers, full = (
        deliverqc.measure(path, tier=tier).to_document()["subjects"][0]["facts"] for tier in ("headers", "full")
    )
    assert headers == full
    assert full["timed_text.tracks"][0]["event_count"] == 20


@pytest.mark.parametrize(
    ("change", "clauses"),
    [
        ({"profile": "imsc1_1_text"}, {"ttml-profile", "rate-23976"}),
        ({"drop_mode": "drop_pal", "frame_rate": Fraction(25)}, {"rate-25"}),
        ({"time_base": "clock"}, {"rate-23976"}),
        ({"start_s": Fraction(86400) * _FRAME}, {"start-hour"}),
        ({"events": [event(1, 2, is_image=True)]}, {"no-image-subtitles"}),
        ({"events": []}, {"tracks-present"}),
        ({"events": [event(1, Fraction(3, 2), "Short.")]}, {"shortest-event"}),
        ({"events": [event(1, 9, "Long.")]}, {"longest-event"}),
        ({"events": [event(1, 4, "a", "b", "c")]}, {"lines"}),
        ({"events": [event(1, 2, "a"), event(2, 3, "b")]}, {"gap"}),
        ({"events": [event(1, 4, "x" * 43)]}, {"characters-per-line"}),
        ({"events": [event(1, 2, "x" * 21)]}, {"reading-speed"}),
        ({"faults": (TextFault(code="odd", message="Odd", line=1),)}, {"timed-text-reads"}),
    ],
    ids=lambda value: "-".join(sorted(value)) if isinstance(value, set) else "",
)
def test_each_fault_fails_its_clause_and_no_other(text: Any, change: dict[str, Any], clauses: set[str]) -> None:
    assert _failing(_verdict(text(_good(**change)))) == clauses


def test_every_report_shows_a_file_of_text(text: Any) -> None:
    path = text(_good(events=[event(1, Fraction(3, 2), "Short \u202e<b>.", line=7)]))
    document = deliverqc.check(path, "netflix").to_document()
    for name in reports.FORMATS:
        assert "shortest-event" in reports.render(document, name)
    assert "<b>." not in reports.render(document, "html")
    assert "event 1, line 7" in reports.render(document, "text")


def test_a_range_of_text_is_refused(text: Any) -> None:
    library = spec_library()
    request = Request(range=Range.parse("0-1"))
    with pytest.raises(UsageError, match="a file of text"):
        pipeline.check_master(text(_good()), [library.load("netflix-timed-text")], library, request)


def test_a_folder_scan_takes_no_text_and_a_file_that_is_named_is_taken(text: Any, tmp_path: Path) -> None:
    (tmp_path / "title.mov").write_bytes(b"x")
    path = text(_good(), "title.srt")
    assert discover([tmp_path]) == [tmp_path / "title.mov"]
    assert discover([path]) == [path]


def test_text_is_never_decoded_nor_taken_for_a_track_file(text: Any) -> None:
    path = text(_good(), "picture.mxf")
    with pytest.raises(MasterError, match="nothing to decode"):
        obtain_signals(path, pipeline.probed_master(path), store=None, progress=None)
    with ManyFiles() as mediainfo:
        assert opened(path, mediainfo).unread == "picture.mxf is a file of text, and not a track file."
