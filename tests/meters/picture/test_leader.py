"""Colour bars and slates are recognised, and their levels are not the programme's."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from deliverqc.meters.leader import METER as LEADER
from deliverqc.meters.leader import first_of_programme
from deliverqc.meters.levels import METER as LEVELS
from deliverqc.signals.tables import COLOUR_BARS, FAR_FROM_BARS, PictureSignal
from deliverqc.timebase import Span
from fixtures.ffmpeg import make
from fixtures.pictures import SIZE, Picture, flat, frame_of, moving, texture
from tests.meters.picture.measuring import read, table_of, table_of_file, table_of_pictures
from tests.meters.picture.tables import changing, picture_table

_CODECS = {
    "prores": (".mov", "-c:v prores -profile:v 2 -pix_fmt yuv422p10le"),
    "h264": (".mp4", "-c:v libx264 -crf 23 -pix_fmt yuv420p"),
    "mpeg2 at 576 lines": (".mxf", "-c:v mpeg2video -qscale:v 4 -pix_fmt yuv422p"),
    "rgb": (".mov", "-c:v prores -profile:v 4 -pix_fmt yuv444p10le"),
}


@pytest.mark.parametrize("codec", list(_CODECS))
@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("smptebars", "smpte_75"),
        ("smptehdbars", "smpte_hd_75"),
        ("pal75bars", "ebu_75"),
        ("pal100bars", "ebu_100"),
    ],
)
def test_bars_of_ffmpeg_are_told_behind_codecs(source: str, kind: str, codec: str, tmp_path: Path) -> None:
    extension, options = _CODECS[codec]
    path = make(tmp_path / f"bars{extension}", f"-f lavfi -i {source}=s=720x576:r=25 -frames:v 5 {options}")
    facts = read(LEADER, table_of_file(path))
    assert facts["picture.bars.spans"] == (Span(0, 5),)
    assert facts["picture.bars.kind"] in {kind, "ebu_75_white_75" if kind == "ebu_75" else kind}
    assert facts["picture.bars.line_count"] == 8


@pytest.mark.parametrize("source", ["testsrc2", "mandelbrot", "rgbtestsrc", "yuvtestsrc", "testsrc", "gradients"])
def test_other_test_pictures_are_no_bars(source: str, tmp_path: Path) -> None:
    path = make(tmp_path / "other.mov", f"-f lavfi -i {source}=s=640x360:r=25 -frames:v 3 {_CODECS['prores'][1]}")
    facts = read(LEADER, table_of_file(path))
    assert facts["picture.bars.spans"] == ()
    assert facts["picture.bars.kind"] is None


def _bars(count: int, *frames: range, distance: float = 0.5) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    table = np.full((count, len(COLOUR_BARS)), FAR_FROM_BARS, dtype=np.float32)
    for run in frames:
        table[list(run), COLOUR_BARS.index("ebu_75")] = distance
    return table


@pytest.mark.parametrize(("distance", "spans"), [(2.99, (Span(0, 10),)), (3.0, (Span(0, 10),)), (3.01, ())])
def test_bars_may_be_as_far_off_as_the_setting_says(distance: float, spans: tuple[Span, ...]) -> None:
    table = picture_table(20, bars_distance_percent=_bars(20, range(10), distance=distance))
    assert read(LEADER, table)["picture.bars.spans"] == spans


def test_bars_are_told_wherever_they_stand_and_to_the_very_end() -> None:
    table = picture_table(60, bars_distance_percent=_bars(60, range(5), range(20, 21), range(50, 60)))
    assert read(LEADER, table)["picture.bars.spans"] == (Span(0, 5), Span(20, 21), Span(50, 60))


def _head(stills: int, *, change: float = 0.0, gap: int = 10, programme: int = 60) -> PictureSignal:
    """Bars (25 frames), black (10), a still of `stills` frames, black (`gap`), and a moving programme."""
    count = 35 + stills + gap + programme
    dark = [*range(25, 35), *range(35 + stills, 35 + stills + gap)]
    base = picture_table(count)
    quantiles = base.luma_quantiles.copy()
    quantiles[dark] = 64
    sizes = np.full(count - 1, 20.0)
    sizes[: 35 + stills + gap] = 0.0
    sizes[35 : 34 + stills] = change
    return picture_table(
        count,
        luma_quantiles=quantiles,
        plane_difference=changing(*sizes),
        bars_distance_percent=_bars(count, range(25)),
    )


def test_a_still_between_black_before_the_programme_is_a_slate() -> None:
    assert read(LEADER, _head(75))["picture.slate.spans"] == (Span(35, 110),)


@pytest.mark.parametrize(("stills", "spans"), [(49, ()), (50, (Span(35, 85),)), (51, (Span(35, 86),))])
def test_a_slate_stands_for_as_long_as_the_setting_says(stills: int, spans: tuple[Span, ...]) -> None:
    assert read(LEADER, _head(stills))["picture.slate.spans"] == spans


@pytest.mark.parametrize(("change", "count"), [(3.0, 1), (3.069, 1), (3.07, 0)])  # 0.3 % of 1023 codes is 3.069
def test_a_slate_may_change_as_a_clock_does(change: float, count: int) -> None:
    assert len(read(LEADER, _head(75, change=change))["picture.slate.spans"]) == count


def test_a_still_that_runs_into_the_programme_is_no_slate() -> None:
    assert read(LEADER, _head(75, gap=0))["picture.slate.spans"] == ()


def test_stills_of_the_programme_are_no_slates() -> None:
    still = picture_table(200)
    assert read(LEADER, still)["picture.slate.spans"] == ()


def _number(digit: int, *, sweep: float | None = None) -> Picture:
    """A digit on grey, with a hand that sweeps over the picture: `sweep` is its share of a turn."""
    picture = np.full(SIZE, 110, dtype=np.uint8)
    if sweep is not None:
        cv2.ellipse(picture, (64, 48), (90, 90), 0, 0, 360 * sweep, 90, -1)
    cv2.putText(picture, str(digit), (45, 68), cv2.FONT_HERSHEY_SIMPLEX, 2, 220, 6)
    return picture.astype(np.float64)


def _counted(rate: int, *, first: int = 6, last: int = 2, swept: bool = True) -> list[Picture]:
    ticks = range(first, last - 1, -1)
    return [_number(digit, sweep=n / rate if swept else None) for digit in ticks for n in range(rate)]


@pytest.mark.parametrize(("rate", "swept", "black"), [(24, True, 48), (25, False, 47), (30, True, 58)])
def test_a_countdown_before_the_programme_is_told(rate: int, swept: bool, black: int) -> None:
    pictures = [*_counted(rate, swept=swept), *[flat(16)] * black, *moving(30)]
    table = table_of((frame_of(picture, "yuv420p") for picture in pictures), Fraction(rate))
    facts = read(LEADER, table)
    assert facts["picture.countdown.spans"] == (Span(0, 5 * rate),)
    assert facts["picture.slate.spans"] == ()
    assert first_of_programme(table) == 5 * rate + black


@pytest.mark.parametrize("kind", ["two ticks", "slides", "no black", "another pace", "moving", "later"])
def test_what_does_not_tick_like_a_countdown_is_programme(kind: str) -> None:
    black, rate = [flat(16)] * 30, 25
    pictures = {
        "two ticks": [*_counted(rate, first=3), *black, *moving(30)],
        "slides": [*(texture(seed=n) * (0.4 + n % 2 * 0.6) for n in range(6) for _ in range(rate)), *black, *moving(9)],
        "no black": [*_counted(rate), *moving(30)],
        "another pace": [*_counted(20), *black, *moving(30)],
        "moving": [*moving(125), *black, *moving(30)],
        "later": [*moving(30), *black, *_counted(rate), *black],
    }[kind]
    table = table_of_pictures(pictures, "yuv420p")
    assert read(LEADER, table)["picture.countdown.spans"] == ()
    assert first_of_programme(table) == 0


def test_levels_of_bars_and_slates_are_not_the_programmes(tmp_path: Path) -> None:
    head = (
        "-f lavfi -i pal100bars=s=640x360:r=25:d=1 -f lavfi -i color=black:s=640x360:r=25:d=1 "
        '-f lavfi -i "color=gray:s=640x360:r=25:d=3,format=yuv422p10le,lutyuv=y=1000" '
        "-f lavfi -i color=black:s=640x360:r=25:d=1 "
        '-f lavfi -i "testsrc2=s=640x360:r=25:d=2,format=yuv422p10le,lutyuv=y=clip(val\\,64\\,940)"'
    )
    joined = "[0][1][2][3][4]concat=n=5:v=1[v]"
    path = make(tmp_path / "led.mov", f'{head} -filter_complex "{joined}" -map [v] {_CODECS["prores"][1]}')
    table = table_of_file(path)
    leader, levels = read(LEADER, table), read(LEVELS, table)
    assert leader["picture.bars.spans"] == (Span(0, 25),)
    assert leader["picture.slate.spans"] == (Span(50, 125),)
    assert int(table.component_extremes[60, 0, 1]) > 984
    assert levels["picture.levels.luma_max_code"] < 984
    assert levels["picture.levels.luma_outside.spans"] == ()
