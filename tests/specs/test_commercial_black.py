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
_BLACK = "drawbox=c=black:t=fill:enable='between(t,1,3.99)'"


def _master(path: Path, sound: str) -> Path:
    """5 s of moving picture, black from 1 s to 4 s."""
    return make(
        path,
        f'-f lavfi -i "testsrc2=s=64x36:r=25:d=5,{_BLACK}" {sound} -c:v prores -profile:v 3 -pix_fmt yuv422p10le '
        "-c:a pcm_s24le",
    )


def _outcomes(master: Path, *extra: str) -> dict[str, dict[str, Any]]:
    verdicts = deliverqc.check(master, [*_CLAUSES, *extra])["masters"][0]["subjects"][0]["verdicts"]
    return {verdict["spec"]["id"]: {one["id"]: one for one in verdict["clauses"]} for verdict in verdicts}


def _noise(enabled: str) -> str:
    return f"-f lavfi -i \"aevalsrc='0.05*(random(0)-0.5)*({enabled})|0.05*(random(1)-0.5)*({enabled})':s=48000:d=5\""


@pytest.mark.parametrize(("sound", "outcome"), [("1", "pass"), ("not(between(t,1,4))", "fail")])
def test_three_seconds_of_black_decide_only_where_they_are_silent(sound: str, outcome: str, tmp_path: Path) -> None:
    found = _outcomes(_master(tmp_path / "master.mov", _noise(sound)))
    assert {spec: found[spec][clause]["outcome"] for spec, clause in _CLAUSES.items()} == dict.fromkeys(
        _CLAUSES, outcome
    )
    assert {clauses["long-black-intended"]["outcome"] for clauses in found.values()} == {"fail"}
    for spec, clause in _CLAUSES.items():
        for finding in found[spec][clause]["findings"]:
            assert (finding["fact"], finding["actual"]) == ("cross_check.silent_black.spans[].duration_s", 3.0)


def test_without_audio_it_is_not_known_whether_long_black_is_a_break(tmp_path: Path) -> None:
    found = _outcomes(_master(tmp_path / "master.mov", ""))
    assert {found[spec][clause]["outcome"] for spec, clause in _CLAUSES.items()} == {"not_measured"}
