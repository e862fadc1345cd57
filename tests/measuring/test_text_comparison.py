"""Text against the facts of its master: rates, timecodes and languages whose answer the standards give."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc.facts.assemble import round_facts
from deliverqc.facts.document import check_document
from deliverqc.facts.languages import language_of
from deliverqc.facts.model import Facts
from deliverqc.measuring.measure import measure
from deliverqc.measuring.obtain import obtain_signals
from deliverqc.measuring.registry import registry
from deliverqc.measuring.shot_changes import ShotChanges
from deliverqc.measuring.text_clock import PictureClock
from deliverqc.measuring.text_comparison import with_shots
from deliverqc.measuring.text_languages import language_facts, without_forced
from deliverqc.measuring.text_on_picture import clock_facts
from deliverqc.measuring.timed_text import track_facts
from deliverqc.probing import probe
from deliverqc.timed_text.model import Document
from fixtures.ffmpeg import make
from tests.text_documents import document, event

_TRUE, _FALSE, _NULL, _MISSING = True, False, None, "missing"
_MASTER: Facts = {
    "picture.track_count": 1,
    "picture.frame_rate": "24000/1001",
    "picture.frame_rate_mode": "constant",
    "wrapper.start_timecode": "01:00:00:00",
    "wrapper.drop_frame": False,
    "wrapper.duration_s": 5400.0,
}


def _clock(member: str, track: dict[str, Any], **facts: Any) -> bool | str | None:
    own = {"is_read": True, "format": "ttml", "time_base": "smpte", "frame_rate": None, "drop_mode": None} | track
    found = clock_facts(own, _MASTER | {name.replace("__", "."): value for name, value in facts.items()})
    answer: bool | str | None = found.get(f"is_{member}_of_picture", _MISSING)
    return answer


@pytest.mark.parametrize(
    ("text", "picture", "expected"),
    [
        ("24000/1001", "24000/1001", _TRUE),
        ("30000/1001", "24000/1001", _TRUE),  # SCC of a film
        ("2997/100", "60000/1001", _TRUE),
        ("24/1", "24000/1001", _FALSE),
        ("30/1", "30000/1001", _FALSE),
        ("25/1", "24/1", _FALSE),
        ("24/1", "25/1", _FALSE),
        ("25/1", "24000/1001", _FALSE),
        ("25/1", "50/1", _TRUE),
        ("30/1", "24/1", _TRUE),
        (None, "25/1", _NULL),
        ("1000/1", "25/1", _NULL),
        ("17/1", "25/1", _NULL),
        ("25/1", None, _MISSING),
        ("25/1", "1913/100", _MISSING),
    ],
)
def test_rates_of_one_family_keep_time(text: str | None, picture: str | None, expected: object) -> None:
    assert _clock("rate", {"frame_rate": text}, picture__frame_rate=picture) == expected


def test_a_picture_at_a_variable_rate_or_none_has_no_family() -> None:
    assert _clock("rate", {"frame_rate": "25/1"}, picture__frame_rate_mode="variable") == _MISSING
    assert _clock("rate", {"frame_rate": "25/1"}, picture__track_count=0) is None
    assert clock_facts({"is_read": False}, _MASTER) == {}
    assert clock_facts({"is_read": True, "frame_rate": "25/1"}, {}) == {}


@pytest.mark.parametrize(
    ("mode", "rate", "picture", "is_drop", "expected"),
    [
        ("drop_ntsc", "30000/1001", "30000/1001", True, _TRUE),
        ("non_drop", "30000/1001", "30000/1001", False, _TRUE),
        ("non_drop", "30000/1001", "30000/1001", True, _FALSE),
        ("drop_ntsc", "30000/1001", "60000/1001", False, _FALSE),
        ("drop_ntsc", "30000/1001", "24000/1001", False, _NULL),  # no drop-frame at 23.976
        ("non_drop", "25/1", "25/1", False, _NULL),
        (None, "30000/1001", "30000/1001", True, _NULL),
        ("drop_ntsc", "30000/1001", "30000/1001", None, _NULL),
    ],
)
def test_drop_mode_is_held_to_the_timecode(
    mode: str | None, rate: str, picture: str, is_drop: bool | None, expected: object
) -> None:
    track = {"drop_mode": mode, "frame_rate": rate}
    assert _clock("drop_mode", track, picture__frame_rate=picture, wrapper__drop_frame=is_drop) == expected


@pytest.mark.parametrize(
    ("hour", "start", "expected"),
    [
        (1, "01:00:00:00", _TRUE),
        (0, "00:00:00:00", _TRUE),
        (10, "09:58:30:00", _TRUE),
        (1, "00:59:52:00", _TRUE),
        (0, "23:59:30:00", _TRUE),
        (0, "01:00:00:00", _FALSE),
        (1, "00:00:00:00", _FALSE),
        (10, "09:49:59:00", _FALSE),
        (2, "01:00:00:00", _FALSE),
        (None, "01:00:00:00", _NULL),
        (1, None, _NULL),
    ],
)
def test_start_hour_is_held_to_the_timecode(hour: int | None, start: str | None, expected: object) -> None:
    assert _clock("start_hour", {"start_hour": hour}, wrapper__start_timecode=start) == expected


def test_a_start_hour_needs_timecode_and_a_picture_that_reaches_it() -> None:
    assert _clock("start_hour", {"start_hour": 0, "format": "srt", "time_base": None}) is None
    assert _clock("start_hour", {"start_hour": 0, "time_base": "media"}) is None
    assert _clock("start_hour", {}) == _MISSING
    short = {"wrapper__start_timecode": "00:55:00:00", "wrapper__duration_s": 60.0}
    assert _clock("start_hour", {"start_hour": 1}, **short) is False


@pytest.mark.parametrize(
    ("tags", "language"),
    [
        (("en", "EN-gb", "eng", "en_US", "en-Latn-GB"), "en"),
        (("de", "deu", "ger", "de-CH"), "de"),
        (("fr", "fra", "fre", "fr-CA"), "fr"),
        (("zh", "zho", "chi", "cmn-Hans", "yue", "zh-Hant-HK"), "zh"),
        (("no", "nor", "nb", "nob", "nn-NO"), "no"),
        (("cs", "ces", "cze"), "cs"),
        (("he", "heb", "iw"), "he"),
        (("gsw", "GSW-CH"), "gsw"),
        (("zxx",), "zxx"),
        ((None, "", "und", "mul", "mis", "qaa", "x-private", "English", "1"), None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_language_is_one_however_it_is_written(tags: tuple[str | None, ...], language: str | None) -> None:
    assert {language_of(tag) for tag in tags} == {language}


def _sounds(*languages: str | None) -> list[Facts]:
    return [{"language": language} for language in languages]


@pytest.mark.parametrize(
    ("text", "audio", "expected"),
    [
        ("en", ("eng", "spa"), _TRUE),
        ("pt-BR", ("por",), _TRUE),
        ("fr", ("eng", "spa"), _FALSE),
        ("fr", ("eng", "zxx"), _FALSE),
        ("fr", ("eng", None), _NULL),
        ("fr", ("eng", "und"), _NULL),
        ("eng", ("eng", None), _TRUE),
        (None, ("eng",), _NULL),
        ("fr", (None,), _NULL),
        ("fr", ("zxx",), _NULL),
        ("fr", (), _NULL),
    ],
)
def test_language_of_text_is_held_to_the_audio(
    text: str | None, audio: tuple[str | None, ...], expected: object
) -> None:
    assert language_facts({"language": text}, _sounds(*audio)) == {"is_language_of_audio": expected}


def test_languages_that_nobody_looked_for_are_missing() -> None:
    assert language_facts({"language": "en"}, None) == language_facts({}, _sounds("en")) == {}
    assert language_facts({"language": "en"}, [{"codec": "pcm"}]) == {}
    assert without_forced([], None) == without_forced([], [{"codec": "pcm"}]) == {}


def _text(role: str | None, language: str | None, *, forced: bool | None = None, is_read: bool = True) -> Facts:
    return {"role": role, "language": language, "is_read": is_read, "events": [{"is_forced": forced}]}


@pytest.mark.parametrize(
    ("texts", "audio", "expected"),
    [
        ([], ("eng", "spa"), ["eng", "spa"]),
        ([_text("forced", "es")], ("eng", "spa"), ["eng"]),
        ([_text("forced", "es"), _text("forced", "en-US")], ("eng", "spa"), []),
        ([_text("subtitle", "es", forced=True)], ("spa",), []),
        ([_text("subtitle", "es", forced=False), _text("caption", "es")], ("spa",), ["spa"]),
        ([_text("caption", "en")], ("eng", "zxx", "en-GB"), ["eng"]),
        ([_text(None, "es")], ("spa",), _MISSING),
        ([_text(None, None)], ("spa",), _MISSING),
        ([_text(None, "fr")], ("spa",), ["spa"]),
        ([_text("forced", None)], ("spa",), _MISSING),
        ([_text("subtitle", "es", is_read=False)], ("spa",), _MISSING),
        ([], ("spa", None), _MISSING),
        ([], ("zxx",), []),
    ],
)
def test_dubs_without_a_forced_narrative_are_named(
    texts: list[Facts], audio: tuple[str | None, ...], expected: object
) -> None:
    found = without_forced(texts, _sounds(*audio))
    assert found.get("timed_text.audio_languages_without_forced", _MISSING) == expected


def test_distances_stand_on_every_event_that_they_are_known_of() -> None:
    events = [{"start_s": 2.0, "end_s": 4.0}, {"start_s": 2.4, "end_s": None}, {"start_s": 9.0, "end_s": 9.5}]
    found = with_shots({"events": events}, ShotChanges(frames=(50,), doubtful=(225,)), 25.0)["events"]
    assert found[0] == events[0] | {"start_shot_change_frames": 0, "end_shot_change_frames": 50}
    assert found[1] == events[1] | {"start_shot_change_frames": 10, "end_shot_change_frames": None}
    assert found[2] == events[2]
    assert with_shots({"codec": "pgs"}, ShotChanges(frames=(), doubtful=()), 25.0) == {"codec": "pgs"}


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 25 fps, cut to another picture at frame 30, with English audio."""
    pictures = "-f lavfi -i mandelbrot=s=64x36:r=25,trim=duration=1.2 -f lavfi -i smptebars=s=64x36:r=25:d=0.8"
    sound = "-f lavfi -i sine=440:r=48000:d=2"
    coding = "-c:v ffv1 -pix_fmt yuv422p -c:a pcm_s16le -metadata:s:a:0 language=eng"
    joined = "-filter_complex [0:v][1:v]concat[v] -map [v] -map 2:a"
    path = tmp_path_factory.mktemp("text") / "master.mkv"
    return make(path, f"{pictures} {sound} {joined} {coding}")


def _measured(path: Path, text: Document, *, is_decoded: bool) -> Facts:
    probed = probe(path)
    clock = PictureClock(frame_rate=Fraction(25), duration_s=Fraction(2))
    track = track_facts(text, source="sidecar", file="master.scc", role="caption", picture=clock)
    probed = replace(probed, facts=probed.facts | {"timed_text.tracks": [track], "timed_text.track_count": 1})
    signals = obtain_signals(path, probed, store=None, progress=None) if is_decoded else None
    facts = measure(probed, signals, settings={}, wanted=frozenset()).facts
    of_text = {name: value for name, value in facts.items() if name.startswith("timed_text.")}
    assert check_document(of_text, registry().facts) == []
    assert round_facts(of_text, registry().facts) == of_text
    return facts


def test_a_master_is_compared_with_its_text(master: Path) -> None:
    text = document(event("0.5", "1.2", "one"), event("1.24", "1.8", "two"), language="fr", frame_rate=Fraction(24))
    facts = _measured(master, text, is_decoded=True)
    (track,) = facts["timed_text.tracks"]
    assert (track["is_language_of_audio"], track["is_rate_of_picture"]) == (False, False)
    assert facts["timed_text.audio_languages_without_forced"] == ["eng"]
    edges = [(one["start_shot_change_frames"], one["end_shot_change_frames"]) for one in track["events"]]
    assert edges == [(-18, 0), (1, 15)]
    assert "offset_s" not in track and "drift_s_per_hour" not in track


def test_headers_show_language_and_rate_alone(master: Path) -> None:
    text = document(event("0.5", "1.2", "one"), language="eng", frame_rate=Fraction(50))
    (track,) = _measured(master, text, is_decoded=False)["timed_text.tracks"]
    assert (track["is_language_of_audio"], track["is_rate_of_picture"]) == (True, True)
    assert "start_shot_change_frames" not in track["events"][0]
