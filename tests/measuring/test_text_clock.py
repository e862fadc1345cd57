"""Where a document's clock starts against the picture: SMPTE ST 12-1 addresses, worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from deliverqc.measuring.text_clock import PictureClock, clock_start, document_timecode, nearest_frame, start_hour
from deliverqc.timebase import Timecode
from tests.text_documents import document, event

_NTSC = Fraction(30000, 1001)
_FILM = Fraction(24000, 1001)
_HOUR_DF = Fraction(107892) / _NTSC  # 01:00:00;00 counts 107,892 frames
_HOUR_NDF = Fraction(108000) / _NTSC


def _picture(start: str | None, rate: Fraction = _NTSC) -> PictureClock:
    return PictureClock(frame_rate=rate, duration_s=None, start=None if start is None else Timecode.parse(start, rate))


@pytest.mark.parametrize(
    ("begin", "about", "start", "expected"),
    [
        (_HOUR_DF + 5, {"drop_mode": "drop_ntsc"}, "01:00:00;00", (_HOUR_DF, "picture")),
        (_HOUR_NDF + 5, {"drop_mode": "non_drop"}, "01:00:00;00", (_HOUR_NDF, "picture")),
        (Fraction(5), {"drop_mode": "drop_ntsc"}, "01:00:00;00", (Fraction(0), "none")),
        (_HOUR_DF, {"drop_mode": "drop_ntsc", "start_s": Fraction(10)}, "01:00:00;00", (Fraction(10), "document")),
        (_HOUR_DF, {"drop_mode": "drop_ntsc"}, None, (Fraction(0), "none")),
        (_HOUR_DF + 5, {"drop_mode": "drop_ntsc"}, "00:00:00;00", (Fraction(0), "none")),
        (Fraction(3605), {"frame_rate": Fraction(25)}, "01:00:00;00", (Fraction(3600), "picture")),
        (Fraction(3605), {"frame_rate": None}, "01:00:00;00", (_HOUR_DF, "picture")),
    ],
    ids=["drop", "non-drop", "hour-0", "stated", "no-timecode", "picture-at-0", "25", "no-rate"],
)
def test_a_timecode_clock_starts_where_document_or_picture_say(
    begin: Fraction, about: dict[str, object], start: str | None, expected: tuple[Fraction, str]
) -> None:
    text = document(event(begin, begin + 1, "a"), **{"time_base": "smpte", "frame_rate": _NTSC} | about)
    assert clock_start(text, _picture(start)) == expected


@pytest.mark.parametrize("about", [{"time_base": "media"}, {"format": "srt"}, {"format": "webvtt"}])
def test_media_time_starts_at_zero_whatever_the_picture_says(about: dict[str, object]) -> None:
    assert clock_start(document(event(3700, 3701, "a"), **about), _picture("01:00:00;00")) == (0, "none")


def test_scc_counts_timecode_without_saying_so() -> None:
    text = document(event(3700, 3701, "a"), format="scc", frame_rate=_NTSC, drop_mode="non_drop")
    assert clock_start(text, _picture("01:00:00:00")) == (_HOUR_NDF, "picture")


@pytest.mark.parametrize(
    ("begins", "about", "hour"),
    [
        ((5,), {}, 0),
        ((3599,), {}, 0),
        ((-2,), {}, 0),
        ((3605, 7300), {}, 1),
        ((36010,), {}, 10),
        ((4201,), {}, None),
        ((3605,), {"is_forced": True}, None),
        ((3605,), {"start_s": Fraction(3600)}, 1),
        ((5,), {"start_s": Fraction(0)}, 0),
        ((_HOUR_NDF,), {"time_base": "smpte", "frame_rate": _NTSC, "drop_mode": "non_drop"}, 1),
        ((_HOUR_DF,), {"time_base": "smpte", "frame_rate": _NTSC, "drop_mode": "drop_ntsc"}, 1),
    ],
    ids=str,
)
def test_the_start_hour_is_stated_or_shown_by_the_first_event(
    begins: tuple[int, ...], about: dict[str, object], hour: int | None
) -> None:
    assert start_hour(document(*(event(one, one + 1, "a") for one in begins), **about)) == hour


@pytest.mark.parametrize(
    ("at", "about", "expected"),
    [
        (_HOUR_DF, {"frame_rate": _NTSC, "drop_mode": "drop_ntsc"}, "01:00:00;00"),
        (Fraction(24 * 3600 + 12) / _FILM, {"frame_rate": _FILM, "drop_mode": "non_drop"}, "01:00:00:12"),
        (Fraction(3600), {"frame_rate": Fraction(25)}, "01:00:00:00"),
        (Fraction(1), {"frame_rate": Fraction(10_000_000)}, None),
        (Fraction(1), {"frame_rate": Fraction(25), "drop_mode": "drop_ntsc"}, None),
        (Fraction(1), {"frame_rate": _NTSC, "drop_mode": "drop_pal"}, None),
        (Fraction(1), {"frame_rate": Fraction(25), "time_base": "media"}, None),
        (Fraction(1), {}, None),
    ],
    ids=str,
)
def test_a_document_counts_its_own_timecode(at: Fraction, about: dict[str, object], expected: str | None) -> None:
    assert document_timecode(document(**{"time_base": "smpte"} | about), at) == expected


def test_a_time_in_milliseconds_is_the_nearest_frame() -> None:
    for frame in (0, 1, 23, 24, 100, 172_799):
        for rate in (_FILM, Fraction(25), _NTSC, Fraction(60000, 1001)):
            milliseconds = Fraction(round(frame / rate * 1000), 1000)
            assert nearest_frame(milliseconds, rate) == frame
    assert nearest_frame(Fraction(-1, 24), Fraction(24)) == -1
