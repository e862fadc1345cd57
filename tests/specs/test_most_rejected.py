"""What platforms reject most: for each, a made master that breaks the clause and one that keeps it, through the command
line.

Small pictures serve where the clause does not ask for the size: other clauses may break, and are not looked at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import main
from fixtures.ffmpeg import make
from tests.slices import is_drawn

_PRORES = "-c:v prores -profile:v 3 -pix_fmt yuv422p10le"
_PCM = "-c:a pcm_s24le -ar 48000"
_MOVING = "mandelbrot=s=160x90:r=24000/1001,scroll=h=0.0125:v=0.0166667"
_BLACK = "drawbox=w=iw:h=ih:c=black:t=fill:enable='between(t,{0},{1})'"
_MIX = "-f lavfi -i anoisesrc=d={0}:r=48000:a={1}:seed=1"


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """One clause, what the rejected and the accepted master are made by, and the suffix of their names."""

    spec: str
    clause: str
    rejected: str
    accepted: str
    suffix: str = ".mov"


def _film(seconds: float, *filters: str, rate: str = "24000/1001") -> str:
    chain = ",".join([_MOVING.replace("24000/1001", rate), *filters])
    return f'-f lavfi -i "{chain}" -t {seconds} {_PRORES}'


def _long_black(sound: str) -> str:
    return f'-f lavfi -i "{_MOVING},{_BLACK.format(1, 3.2)}" {sound} -t 5 {_PRORES} {_PCM}'


def _picture_and_sound(picture_s: float, sound_s: float) -> str:
    return f"-f lavfi -i testsrc2=s=320x180:r=25:d={picture_s} {_MIX.format(sound_s, 0.1)} {_PRORES} {_PCM} -ac 2"


_BARS_FIRST = (
    "-f lavfi -i smptehdbars=s=320x180:r=25:d=1 -f lavfi -i testsrc2=s=320x180:r=25:d=2 "
    f'-filter_complex "[0]format=yuv422p10le[a];[1]format=yuv422p10le[b];[a][b]concat[v]" -map [v] {_PRORES}'
)
_POP = "-f lavfi -i \"aevalsrc='if(between(t,1,1.04),{0}*sin(2*PI*1000*t),if(gt(t,3),0.1*random(0),0))':s=48000:d=5\""
_TONE = "-f lavfi -i \"aevalsrc='{0}*sin(2*PI*997*t)|{0}*sin(2*PI*997*t)':s=48000:d=5\""
_TWO_MONO = (
    f"-f lavfi -i testsrc2=s=320x180:r=25:d=1 {_MIX.format(1, 0.1)} {_MIX.format(1, 0.1)} "
    f"-map 0 -map 1 -map 2 -ac 1 {_PRORES} {_PCM}"
)

REJECTIONS = {
    "a commercial break": Rejection(
        spec="netflix-licensed-prores",
        clause="interior-black",
        rejected=_long_black("-f lavfi -i anullsrc=r=48000:d=5"),
        accepted=_long_black(_MIX.format(5, 0.1)),
    ),
    "telecine": Rejection(
        spec="netflix-licensed-prores",
        clause="no-telecine",
        rejected=_film(4, "telecine=pattern=23"),
        accepted=_film(4),
    ),
    "frozen picture": Rejection(
        spec="netflix-licensed-prores",
        clause="no-frozen-picture",
        rejected=f"-f lavfi -i testsrc2=s=320x180:r=24000/1001:d=0.2,tpad=stop_mode=clone:stop_duration=8 {_PRORES}",
        accepted=_film(3),
    ),
    "repeated frames": Rejection(
        spec="netflix-licensed-prores",
        clause="no-duplicate-frames",
        rejected=_film(3, "fps=30000/1001"),
        accepted=_film(3),
    ),
    "bars at the head": Rejection(
        spec="amazon-prime-mezzanine",
        clause="no-bars",
        rejected=_BARS_FIRST,
        accepted=_BARS_FIRST.replace("smptehdbars", "testsrc"),
    ),
    "sound of another length than the picture": Rejection(
        spec="amazon-prime-mezzanine",
        clause="sound-picture-duration",
        rejected=_picture_and_sound(6, 3),
        accepted=_picture_and_sound(3, 3),
    ),
    "odd sample rate": Rejection(
        spec="amazon-prime-mezzanine",
        clause="sound-sample-rate",
        rejected=_picture_and_sound(1, 1).replace("-ar 48000", "-ar 44100"),
        accepted=_picture_and_sound(1, 1),
    ),
    "channels without labels": Rejection(
        spec="roku-channel",
        clause="sound-channels-labelled",
        rejected=_TWO_MONO,
        accepted=_picture_and_sound(1, 1),
    ),
    "a sync pop left in": Rejection(
        spec="netflix-branded-imf",
        clause="no-sync-pop",
        rejected=f"{_POP.format(0.5)} -c:a pcm_s24le",
        accepted=f"{_POP.format(0)} -c:a pcm_s24le",
        suffix=".wav",
    ),
    "too loud for broadcast": Rejection(
        spec="ebu-r128-programme",
        clause="integrated-loudness",
        rejected=f"{_TONE.format(0.0793)} -c:a pcm_s24le",  # 1 dB more
        accepted=f"{_TONE.format(0.0707)} -c:a pcm_s24le",  # two sines of -23 dBFS are at -23 LUFS
        suffix=".wav",
    ),
    "split mono where stereo is asked": Rejection(
        spec="filmhub",
        clause="no-split-mono",
        rejected=_TWO_MONO,
        accepted=_picture_and_sound(1, 1),
    ),
    "frames that IMF segments cannot hold": Rejection(
        spec="netflix-branded-imf",
        clause="frame-count-divisible",
        rejected="-f lavfi -i testsrc2=s=320x180:r=30000/1001 -frames:v 31 -c:v jpeg2000 -pix_fmt yuv422p10le",
        accepted="-f lavfi -i testsrc2=s=320x180:r=30000/1001 -frames:v 30 -c:v jpeg2000 -pix_fmt yuv422p10le",
        suffix=".mxf",
    ),
}


def _outcome(path: Path, rejection: Rejection, capsys: pytest.CaptureFixture[str]) -> tuple[str, list[Any], int]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["check", str(path), "--spec", rejection.spec, "--format", "json", "--no-cache"])
    (verdict,) = json.loads(capsys.readouterr().out)["masters"][0]["subjects"][0]["verdicts"]
    (clause,) = [clause for clause in verdict["clauses"] if clause["id"] == rejection.clause]
    assert isinstance(ended.value.code, int)
    return clause["outcome"], clause["findings"], ended.value.code


@pytest.mark.usefixtures("without_workers")
@pytest.mark.parametrize("name", [name for name in REJECTIONS if is_drawn(name, one_in=2)])
def test_what_platforms_reject_most_is_found(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rejection = REJECTIONS[name]
    bad = make(tmp_path / f"rejected{rejection.suffix}", rejection.rejected)
    good = make(tmp_path / f"accepted{rejection.suffix}", rejection.accepted)
    outcome, findings, code = _outcome(bad, rejection, capsys)
    assert outcome == "fail"
    assert findings
    assert code in (1, 3)
    assert _outcome(good, rejection, capsys)[0] == "pass"
