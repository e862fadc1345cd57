"""A rule on a track by its number finds that track in a real file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import deliverqc
from deliverqc.interchange import read_foreign
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from fixtures.ffmpeg import make
from tests.interchange.policies import policy, rule, write


def test_tracks_are_counted_among_those_of_their_kind(tmp_path: Path) -> None:
    master = make(
        tmp_path / "a.mkv",
        "-f lavfi -i anullsrc=r=48000:cl=mono -f lavfi -i color=s=64x64:r=25 -f lavfi -i anullsrc=r=48000:cl=stereo"
        " -t 0.2 -map 0 -map 1 -map 2 -c:v ffv1 -c:a pcm_s16le",
    )
    facts = deliverqc.probe(master).facts
    assert [(track["index"], track["order"]) for track in facts["picture.tracks"]] == [(1, 0)]
    assert [(track["index"], track["order"]) for track in facts["sound.tracks"]] == [(0, 0), (2, 1)]
    rules = [rule("Audio", "Channels", "=", "2", occurrence=one, name=f"track {one}") for one in ("1", "2", "3")]
    (one,) = read_foreign(write(tmp_path, policy(*rules)), spec_id="by-number")
    path = tmp_path / "by-number.json"
    path.write_text(json.dumps(one.document), encoding="utf-8")
    verdict = judge(spec_library().load(str(path)), facts, as_of=date(2000, 1, 1))
    told = {clause.title.split(" (")[0]: clause.outcome.value for clause in verdict.clauses}
    assert [told[f"track {number}"] for number in (1, 2, 3)] == ["fail", "pass", "fail"]
