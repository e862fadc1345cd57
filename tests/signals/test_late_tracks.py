"""Tracks that begin after the head of a file are reported, and cost no crash."""

from __future__ import annotations

from pathlib import Path

from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
from fixtures.ffmpeg import make

_PICTURE = "-f lavfi -i testsrc2=s=96x64:r=25:d=2"
_SOUND = "-f lavfi -i sine=r=48000:d=2"
_CODED = "-c:v mpeg2video -q:v 3 -c:a mp2"
_SECOND = "-map 0 -map 1 -map 2 -map 3 -program program_num=1:st=0:st=1 -program program_num=2:st=2:st=3"


def _messages(path: Path) -> list[str]:
    return [error.message for error in decode(path, plan_of(probe(path))).log.errors]


def test_a_programme_that_begins_midway_is_reported(tmp_path: Path) -> None:
    one = make(tmp_path / "one.ts", f"{_PICTURE} {_SOUND} {_CODED}")
    two = make(tmp_path / "two.ts", f"{_PICTURE} {_SOUND} {_PICTURE} {_SOUND} {_SECOND} {_CODED}")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    late = [message for message in _messages(joined) if "begins after the head" in message]
    assert [message.partition(", begins")[0] for message in late] == [
        "picture track 2, counted from 0 (mpeg2video, PID 258)",
        "audio track 3, counted from 0 (mp2, PID 259)",
    ]
    assert _messages(two) == []
