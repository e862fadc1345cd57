"""Made trailers and adverts against their specs: a conforming one passes, and each fault breaks the clauses meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import deliverqc
from fixtures.ffmpeg import make

_EIGHT = "|".join(["0.1*sin(2*PI*997*t)*between(t,{head},{tail})"] * 8)
_TRAILER = (
    "-f lavfi -i color=black:s=320x180:r=25:d={end} -f lavfi -i testsrc2=s=320x180:r=25:d={end}"
    " -f lavfi -i \"aevalsrc='" + _EIGHT + "':s=48000:d={end}\""
    " -filter_complex \"[0][1]overlay=enable='between(t,{head}-0.01,{tail}-0.03)'[v];"
    '[2]channelsplit=channel_layout=octagonal[a][b][c][d][e][f][g][h]"'
    " -map [v] -map [a] -map [b] -map [c] -map [d] -map [e] -map [f] -map [g] -map [h]"
    " -c:v prores -profile:v 3 -pix_fmt yuv422p10le -c:a pcm_s24le -ac 1 -timecode {start}"
)
_ADVERT = (
    "-f lavfi -i testsrc2=s={size}:r=30:d={seconds} -f lavfi -i anoisesrc=r=48000:a=0.1:seed=1:d={seconds}"
    " -c:v libx264 -preset ultrafast -profile:v high -pix_fmt yuv420p -b:v 3M -ac 2 -c:a aac -b:a 128k"
    " -movflags +faststart"
)


def _trailer(path: Path, *, head: float = 1.0, tail: float = 4.0, start: str = "00:00:00:00") -> Path:
    return make(path, _TRAILER.format(head=head, tail=tail, end=5.0, start=start))


def _verdict(master: Path, spec: str) -> dict[str, Any]:
    document = deliverqc.check(str(master), spec)
    verdict: dict[str, Any] = document["masters"][0]["subjects"][0]["verdicts"][0]
    return verdict


def _broken(verdict: dict[str, Any], level: str = "shall") -> set[str]:
    return {clause["id"] for clause in verdict["clauses"] if (clause["level"], clause["outcome"]) == (level, "fail")}


def test_one_second_of_black_and_silence_at_each_end_passes_disney_trailer(tmp_path: Path) -> None:
    verdict = _verdict(_trailer(tmp_path / "trailer.mov"), "disney-trailer")
    assert (verdict["decision"], _broken(verdict)) == ("pass", set())


def test_half_a_second_at_the_head_breaks_its_black_and_its_silence(tmp_path: Path) -> None:
    verdict = _verdict(_trailer(tmp_path / "trailer.mov", head=0.52), "disney-trailer")
    assert _broken(verdict) == {"head-black", "head-silence"}


def test_two_seconds_at_the_tail_break_its_black_alone(tmp_path: Path) -> None:
    verdict = _verdict(_trailer(tmp_path / "trailer.mov", tail=3.0, start="01:00:00:00"), "disney-trailer")
    assert _broken(verdict) == {"tail-black", "start-timecode"}


@pytest.mark.parametrize(
    ("size", "seconds", "broken", "warned"),
    [
        ("540x960", 10, set(), {"recommended-size"}),
        ("720x1280", 10, set(), set()),
        (
            "538x956",
            4,
            {"aspect-ratio", "minimum-size"},
            {"recommended-size", "duration-older-limit", "duration-recommended"},
        ),
    ],
)
def test_size_and_length_decide_of_a_tiktok_advert(
    tmp_path: Path, size: str, seconds: int, broken: set[str], warned: set[str]
) -> None:
    verdict = _verdict(make(tmp_path / "ad.mp4", _ADVERT.format(size=size, seconds=seconds)), "tiktok")
    assert (_broken(verdict), _broken(verdict, "should")) == (broken, warned)


_COMMERCIAL = (
    "-f lavfi -i testsrc2=s=160x90:r=25:d=4 -f lavfi -i \"aevalsrc='{sound}|{sound}':s=48000:d=4\""
    " -vf \"format=gray,format=yuv422p10le,drawbox=c=black:t=fill:enable='not(between(t,{head}-0.01,{tail}-0.01))'\""
    " -c:v prores -profile:v 3 -c:a pcm_s24le -timecode 00:00:00:00"
)


def _commercial(path: Path, *, head: float = 0.0, tail: float = 3.84) -> Path:
    """A sine of 1 kHz at -23 dBFS in phase on both channels, which reads -23.0 LUFS (EBU Tech 3341)."""
    sound = f"0.0708*sin(2*PI*1000*t)*between(t,{head},{tail})"
    return make(path, _COMMERCIAL.format(sound=sound, head=head, tail=tail))


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ({}, set()),
        ({"head": 0.12}, {"no-lead-in"}),
        ({"tail": 3.88}, {"black-at-end", "silence-at-end"}),
    ],
    ids=["good", "three-frames-before", "three-frames-after"],
)
def test_a_commercial_for_rtl_starts_at_once_and_ends_with_four_frames_of_black_and_silence(
    tmp_path: Path, fault: dict[str, float], broken: set[str]
) -> None:
    verdict = _verdict(_commercial(tmp_path / "spot.mov", **fault), "rtl-de-commercials")
    assert (verdict["decision"], _broken(verdict)) == ("fail" if broken else "pass", broken)
