"""Which names make one image sequence: patterns, numbers, gaps, copies and odd ones out."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverqc.batch.discover import discover
from deliverqc.errors import UsageError
from deliverqc.frame_files import FrameFiles, frames_at, sequences_among

_HERE = Path("/frames")


def _patterns(*names: str) -> list[str]:
    return [one.pattern for one in sequences_among(_HERE, names)]


def _only(*names: str) -> FrameFiles:
    (found,) = sequences_among(_HERE, names)
    return found


@pytest.mark.parametrize(
    ("names", "patterns"),
    [
        (["a.0001.dpx", "a.0002.dpx"], ["a.%04d.dpx"]),
        (["a.8.dpx", "a.9.dpx", "a.10.dpx"], ["a.%d.dpx"]),
        (["1001.exr", "1002.exr"], ["%04d.exr"]),
        (["a_9998.tif", "a_9999.tif", "a_10000.tif"], ["a_%04d.tif"]),
        (["a.01.dpx", "b.01.dpx", "a.02.dpx", "b.02.dpx"], ["a.%02d.dpx", "b.%02d.dpx"]),
        (["a.01.dpx", "a.02.dpx", "a.01.exr", "a.02.exr"], ["a.%02d.dpx", "a.%02d.exr"]),
        (["a.0001.L.exr", "a.0001.R.exr", "a.0002.L.exr", "a.0002.R.exr"], ["a.%04d.L.exr", "a.%04d.R.exr"]),
        (
            ["sh_v2_0001.dpx", "sh_v2_0002.dpx", "sh_v3_0001.dpx", "sh_v3_0002.dpx"],
            ["sh_v2_%04d.dpx", "sh_v3_%04d.dpx"],
        ),
        (
            ["sh_0001_v2.dpx", "sh_0002_v2.dpx", "sh_0001_v3.dpx", "sh_0002_v3.dpx"],
            ["sh_%04d_v2.dpx", "sh_%04d_v3.dpx"],
        ),
        (["a_0001_1080.png", "a_0002_1080.png", "a_0003_1080.png"], ["a_%04d_1080.png"]),
        (["100%_01.tif", "100%_02.tif"], ["100%%_%02d.tif"]),
        (["a.0001.DPX", "a.0002.DPX"], ["a.%04d.DPX"]),
        (["poster_1.png", "master.mov"], []),
        (["logo.png", "cover.tif"], []),
        ([".a.0001.dpx", ".a.0002.dpx", "._a.0003.dpx"], []),
        (["a.0001.dpx", "a.0002.dpx", "a.0001_old.dpx", "a.0002_old.dpx"], ["a.%04d.dpx"]),
        (["a.0001.dpx", "a.0002.dpx", "a.0001 (1).dpx", "a.0001 (2).dpx"], ["a.%04d.dpx"]),
        (["a.0001.wav", "a.0002.wav"], []),
    ],
)
def test_names_make_sequences(names: list[str], patterns: list[str]) -> None:
    assert _patterns(*names) == patterns
    assert _patterns(*reversed(names)) == patterns


def test_missing_numbers_are_runs_between_the_first_and_the_last() -> None:
    found = _only("a.0998.dpx", "a.1000.dpx", "a.1001.dpx", "a.1005.dpx")
    assert (found.first, found.last, found.span_count) == (998, 1005, 8)
    assert found.missing == ((999, 999), (1002, 1004))
    assert [found.name_of(index) for index in (0, 1, 7)] == ["a.0998.dpx", None, "a.1005.dpx"]


def test_a_number_that_two_files_have_is_one_frame_and_one_double() -> None:
    found = _only("a.0001.dpx", "a.0002.dpx", "a.0003.dpx", "a.2.dpx", "a.00003.dpx")
    assert found.pattern == "a.%04d.dpx"
    assert [name for _, name in found.frames] == ["a.0001.dpx", "a.0002.dpx", "a.0003.dpx"]
    assert found.doubles == ((2, "a.2.dpx"), (3, "a.00003.dpx"))
    assert found.irregular == ()


def test_a_frame_of_another_padding_or_case_is_irregular() -> None:
    found = _only("a.0008.dpx", "a.0009.dpx", "a.10.dpx", "a.0011.DPX")
    assert found.pattern == "a.%04d.dpx"
    assert found.irregular == ("a.10.dpx", "a.0011.DPX")
    assert found.missing == ()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.0001.dpx", "a.0002.dpx", "b1.png", "b2.png", "still_7.png", "film.mov", "grade.dpx"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "reel2").mkdir()
    for name in ("0001.exr", "0002.exr", ".0003.exr"):
        (tmp_path / "reel2" / name).write_bytes(b"x")
    return tmp_path


def test_a_folder_scan_sees_files_and_sequences(folder: Path) -> None:
    found = [str(path.relative_to(folder)) for path in discover([folder])]
    assert sorted(found) == ["a.%04d.dpx", "b%d.png", "film.mov", "reel2/%04d.exr"]


@pytest.mark.parametrize("name", ["a.0001.dpx", "a.0002.dpx", "a.%04d.dpx", "a.%d.dpx", "a.####.dpx", "a.#.dpx"])
def test_a_frame_and_a_pattern_stand_for_the_sequence(folder: Path, name: str) -> None:
    assert discover([folder / name]) == [folder / "a.%04d.dpx"]
    found = frames_at(folder / name)
    assert found is not None
    assert [number for number, _ in found.frames] == [1, 2]


def test_all_frames_that_a_shell_lists_are_one_master(folder: Path) -> None:
    assert discover(sorted(folder.glob("a.*.dpx"))) == [folder / "a.%04d.dpx"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    for name in ("a.%04d.mov", "a.0001.mov", "%d.png"):
        (tmp_path / name).write_bytes(b"x")
    assert frames_at(tmp_path / "a.%04d.mov") is None
    assert frames_at(tmp_path / "%d.png") is None


def test_a_single_frame_is_a_sequence_only_where_it_is_named(folder: Path) -> None:
    alone = frames_at(folder / "grade.dpx")
    assert alone is not None
    assert (alone.path, alone.span_count) == (folder / "grade.dpx", 1)
    assert frames_at(folder / "still_7.png") is None


def test_a_folder_of_one_sequence_stands_for_it_and_one_of_several_is_refused(folder: Path) -> None:
    found = frames_at(folder / "reel2")
    assert found is not None
    assert found.pattern == "%04d.exr"
    with pytest.raises(UsageError, match=r"2 image sequences \(a\.%04d\.dpx, b%d\.png\)"):
        frames_at(folder)


def test_a_pattern_that_no_file_has_is_missing(folder: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        discover([folder / "z.####.dpx"])
