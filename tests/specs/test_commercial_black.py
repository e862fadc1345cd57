"""Platforms that speak of commercial black: black and silence decide, and creative black does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import deliverqc
from fixtures.ffmpeg import make

_CLAUSES = {
    "netflix-licensed-prores": "interior-black",
    "amazon-prime-mezzanine": "interior-black",
    "roku-channel": "interior-black",
    "cinemoz-vod": "black",
    "wbd-outbound-hd": "interior-black",
}
_BLACK = ",drawbox=c=black:t=fill:enable='between(t,1,3.99)'"


def _master(path: Path, sound: str, black: str = _BLACK) -> Path:
    """5 s of moving picture, black from 1 s to 4 s."""
    return make(
        path,
        f'-f lavfi -i "testsrc2=s=64x36:r=25:d=5{black}" {sound} -c:v prores -profile:v 3 -pix_fmt yuv422p10le '
        "-c:a pcm_s24le",
    )


def _outcomes(master: Path, *extra: str) -> dict[str, dict[str, Any]]:
    verdicts = deliverqc.check(master, [*_CLAUSES, *extra])["masters"][0]["subjects"][0]["verdicts"]
    return {verdict["spec"]["id"]: {one["id"]: one for one in verdict["clauses"]} for verdict in verdicts}


def _noise(enabled: str) -> str:
    return f"-f lavfi -i \"aevalsrc='0.05*(random(0)-0.5)*({enabled})|0.05*(random(1)-0.5)*({enabled})':s=48000:d=5\""


def _deciding(found: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    return {
        spec: {one for one, clause in clauses.items() if (clause["level"], clause["outcome"]) == ("shall", "fail")}
        for spec, clauses in found.items()
    }


@pytest.fixture(scope="module")
def without_black(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What decides against the same master without black: its picture is too small for four of the specs."""
    return _deciding(_outcomes(_master(tmp_path_factory.mktemp("bright") / "master.mov", _noise("1"), black="")))


@pytest.mark.parametrize(("sound", "outcome"), [("1", "pass"), ("not(between(t,1,4))", "fail")])
def test_three_seconds_of_black_decide_only_where_they_are_silent(
    sound: str, outcome: str, without_black: dict[str, set[str]], tmp_path: Path
) -> None:
    found = _outcomes(_master(tmp_path / "master.mov", _noise(sound)))
    assert {spec: found[spec][clause]["outcome"] for spec, clause in _CLAUSES.items()} == dict.fromkeys(
        _CLAUSES, outcome
    )
    decides = {spec: broken - without_black[spec] for spec, broken in _deciding(found).items()}
    assert decides == {spec: {clause} if outcome == "fail" else set() for spec, clause in _CLAUSES.items()}
    assert {clauses["long-black-intended"]["outcome"] for clauses in found.values()} == {"fail"}
    for spec, clause in _CLAUSES.items():
        for finding in found[spec][clause]["findings"]:
            assert (finding["fact"], finding["actual"]) == ("cross_check.silent_black.spans[].duration_s", 3.0)


def test_without_audio_it_is_not_known_whether_long_black_is_a_break(tmp_path: Path) -> None:
    found = _outcomes(_master(tmp_path / "master.mov", ""))
    assert {found[spec][clause]["outcome"] for spec, clause in _CLAUSES.items()} == {"not_measured"}
