"""Real files of the material, held to what Debian's ffmpeg says of it; differences stand in a table with their
reasons."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deliverqc.errors import MasterError
from deliverqc.measuring.registry import spec_library
from deliverqc.pipeline import check_master, facts_document
from deliverqc.probing import probe
from deliverqc.request import Request, Tier
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Spec
from tests.material import file_names, material
from tests.slices import is_drawn

DIFFERENCES = Path(__file__).with_name("differences.tsv")
_SUFFIXES = frozenset(
    (".mov", ".mp4", ".m4v", ".mxf", ".mkv", ".mka", ".webm", ".avi", ".ts", ".m2ts", ".mpg", ".mpeg", ".vob", ".m2v")
    + (".m1v", ".wav", ".aif", ".aiff", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".dv", ".hevc", ".m4s", ".bin")
)
_LAYOUT_CHANNELS = (1, 2, 6)
_ALIKE = frozenset(("pse_rendered", "hevc_tests"))
"""Folders of files that are one clip or one way of writing many times over: fewer of them are drawn."""


def _files(*kinds: str) -> list[str]:
    """A slice of the masters, and those whose difference of one of `kinds` is known."""
    known = {name for kind in kinds for name in _differences(kind)}
    return file_names(_is_meant, always=known)


def _is_meant(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and (_ALIKE.isdisjoint(path.parts) or is_drawn(path.name, one_in=4))


@cache
def _differences(kind: str) -> dict[str, str]:
    rows = [line.split("\t") for line in DIFFERENCES.read_text().splitlines()[1:]]
    return {file: reason for of, file, reason in rows if of == kind}


@cache
def _library() -> SpecLibrary:
    return spec_library()


def _specs_for(name: str) -> list[Spec]:
    """Every twelfth spec, another twelfth for another file: all of them would decode every column for every file."""
    specs = sorted(_library().all(), key=lambda spec: spec.id)
    return specs[zlib.crc32(name.encode()) % 12 :: 12]


def _ffmpeg(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("no ffmpeg on PATH to compare with")
    return subprocess.run(
        [program, "-nostdin", *arguments], capture_output=True, text=True, errors="replace", timeout=300, check=False
    )


@pytest.mark.parametrize("name", _files("passes-integrity", "breaks-integrity"))
def test_what_ffmpeg_cannot_decode_whole_never_passes(name: str) -> None:
    path = material(name)
    entry = check_master(path, _specs_for(name), _library(), Request(tier=Tier.FULL))
    decisions = {verdict["decision"] for subject in entry["subjects"] for verdict in subject["verdicts"]}
    is_refused = _ffmpeg("-v", "error", "-xerror", "-i", str(path), "-f", "null", "-").returncode != 0
    broken = _broken_integrity(entry)
    if is_refused:
        excepted = name in _differences("passes-integrity")
        assert bool(broken) != excepted, f"{name}: ffmpeg refuses it; {broken or 'sound'}"
        assert excepted or "pass" not in decisions
    else:
        reason = _differences("breaks-integrity").get(name)
        assert bool(broken) == (reason is not None), (
            f"{name}: {broken or 'sound'}; the table says {reason or 'nothing'}"
        )


def _broken_integrity(entry: dict[str, Any]) -> list[str]:
    """What keeps the essence from being sound and whole: an unreadable master, a broken or unmeasured essence
    clause."""
    if entry["error"] is not None:
        return [f"{entry['error']['code']}: {entry['error']['message']}"]
    clauses = entry["subjects"][0]["verdicts"][0]["clauses"]
    wanted = ("essence-decodes", "essence-complete", "tracks-present")
    found = [clause for clause in clauses if clause["id"] in wanted and clause["outcome"] != "pass"]
    return [
        f"{clause['id']} {clause['outcome']} {[finding['message'] for finding in clause['findings'][:2]]}"
        for clause in found
    ]


@pytest.mark.parametrize("name", _files("loudness"))
def test_integrated_loudness_agrees_with_ffmpeg(name: str) -> None:
    path = material(name)
    try:
        tracks = probe(path).facts.get("sound.tracks", [])
    except MasterError:
        pytest.skip("not a readable master")
    if (
        len(tracks) != 1
        or tracks[0].get("channel_count") not in _LAYOUT_CHANNELS
        or (tracks[0].get("duration_s") or 0) < 1
    ):
        pytest.skip("no single mono, stereo or 5.1 track of at least a second")
    groups = facts_document(path, None, Tier.FULL)["subjects"][0]["facts"]["sound.groups"]
    ours = groups[0].get("loudness.integrated_lufs") if len(groups) == 1 else None
    theirs = _ffmpeg_loudness(path)
    if ours is None and theirs is None:
        return
    differs = ours is None or theirs is None or abs(ours - theirs) > 0.1
    reason = _differences("loudness").get(name)
    assert differs == (reason is not None), (
        f"{name}: ours {ours}, ffmpeg's {theirs}; the table says {reason or 'nothing'}"
    )


def _ffmpeg_loudness(path: Path) -> float | None:
    graph = "ebur128=metadata=1,ametadata=print:key=lavfi.r128.I:file=-"
    said = _ffmpeg("-v", "error", "-i", str(path), "-map", "0:a:0", "-af", graph, "-f", "null", "-").stdout
    values = re.findall(r"lavfi\.r128\.I=(-?[\d.]+|-?inf|nan)", said)
    if not values or values[-1] in ("nan", "-inf", "inf") or float(values[-1]) <= -70:
        return None
    return float(values[-1])


def test_every_row_of_the_table_names_a_real_file() -> None:
    root = material()
    for line in DIFFERENCES.read_text().splitlines()[1:]:
        kind, name, reason = line.split("\t")
        assert kind in ("passes-integrity", "breaks-integrity", "loudness")
        assert (root / name).is_file()
        assert reason
