"""Dolby Vision metadata next to a master: shots made by arithmetic, and files of dovi_tool."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from deliverqc.measuring.sidecars import sidecar_facts
from tests.material import material

_ERRORS, _FILE = "picture.dolby_vision.sidecar_errors", "picture.dolby_vision.sidecar_file"


def _facts(folder: Path, text: str | None, count: int | None = 100, tracks: int = 1) -> dict[str, Any]:
    if text is not None:
        (folder / "film.xml").write_text(text, encoding="utf-8")
    return dict(sidecar_facts(folder / "film.mov", {"picture.track_count": tracks, "picture.frame_count": count}))


def _metadata(*shots: tuple[int, int], namespace: str = ' xmlns="http://www.dolby.com/schemas/dvmd/4_0_2"') -> str:
    told = "".join(f"<Shot><Record><In>{at}</In><Duration>{length}</Duration></Record></Shot>" for at, length in shots)
    track = f"<Outputs><Output><Video><Track>{told}</Track></Video></Output></Outputs>"
    return f"<DolbyLabsMDF{namespace}>{track}</DolbyLabsMDF>"


@pytest.mark.parametrize(
    ("shots", "errors"),
    [
        ([(0, 60), (60, 40)], []),
        ([(86_400, 60), (86_460, 40)], []),
        ([(86_460, 40), (86_400, 60)], []),
        ([(0, 60), (62, 38)], [(60, 62, "no shot")]),
        ([(0, 60), (59, 41)], [(59, 60, "two shots")]),
        ([(0, 60), (60, 39)], [(99, 100, "no shot")]),
        ([(0, 60), (60, 41)], [(100, 101, "behind the last frame")]),
        ([(0, 100), (10, 5), (15, 5)], [(10, 15, "two shots"), (15, 20, "two shots")]),
    ],
    ids=["whole", "timecode", "order", "gap", "overlap", "short", "long", "inside"],
)
def test_shots_cover_every_frame_once(
    shots: list[tuple[int, int]], errors: list[tuple[int, int, str]], tmp_path: Path
) -> None:
    facts = _facts(tmp_path, _metadata(*shots))
    found = [(one["start_frame"], one["end_frame"]) for one in facts[_ERRORS]]
    assert found == [(start, end) for start, end, _ in errors]
    assert all(words in one["message"] for one, (_, _, words) in zip(facts[_ERRORS], errors, strict=True))
    assert facts[_FILE] == "film.xml"


@pytest.mark.parametrize(
    "text",
    [
        _metadata(),
        _metadata((0, 0)),
        _metadata((0, 100))[:-5],
        '<!DOCTYPE a [<!ENTITY b "0">]>' + _metadata((0, 100)).replace("<In>0", "<In>&b;"),
    ],
    ids=["no-shot", "no-length", "cut", "entity"],
)
def test_metadata_that_cannot_be_read_is_no_cover(text: str, tmp_path: Path) -> None:
    (error,) = _facts(tmp_path, text)[_ERRORS]
    assert (error["start_frame"], error["end_frame"]) == (0, 100)


def test_another_file_or_none_says_nothing(tmp_path: Path) -> None:
    assert _facts(tmp_path, None) == {}
    assert _facts(tmp_path, "<package/>") == {}
    assert _facts(tmp_path, _metadata((0, 100)), tracks=0) == {}
    assert _facts(tmp_path, _metadata((0, 100)), count=None) == {_FILE: "film.xml"}


@pytest.mark.parametrize(
    ("name", "count"), [("cmv4_0_2.xml", 259), ("cmv2_9.xml", 108), ("cmv4_0_2_custom_displays.xml", 24)]
)
def test_files_of_dovi_tool_cover_the_frames_that_it_counts(name: str, count: int, tmp_path: Path) -> None:
    shutil.copy(material(f"dovi_tool/assets/tests/{name}"), tmp_path / "film.xml")
    assert _facts(tmp_path, None, count)[_ERRORS] == []
