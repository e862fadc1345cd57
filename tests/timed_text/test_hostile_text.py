"""Hostile text is refused by name, or read in a time that grows with its length."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest

from deliverqc.timed_text import detecting, model, plain_text, reading, srt, webvtt
from deliverqc.timed_text.colors import hex_color
from deliverqc.timed_text.faults import MOST_FAULTS
from deliverqc.timed_text.model import TextError

_SRT = "1\n00:00:01,000 --> 00:00:02,000\n"
_VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000"
_PARTS = (
    " ",
    "\t",
    "\n",
    "0",
    "0:",
    "-->",
    "-->\n",
    "<",
    "<b",
    "<i>",
    "</i>",
    "<c.",
    "<font ",
    "<font color=",
    "{\\an8",
)
_MORE_PARTS = (
    "&",
    "&#",
    "<ruby><rt>",
    "1\n",
    "1\n\n",
    "x\n\n",
    "\0",
    "\ufffd",
    "\u202e",
    "::cue(",
    "/*",
    "::cue{",
    "line:1 ",
)
_STARTS = (_SRT, _VTT + "\n", _VTT + " ", "WEBVTT\n\nSTYLE\n", "WEBVTT\n\nREGION\n", "WEBVTT\n")
_LENGTH = 20_000


def _read(text: str) -> tuple[model.Document, ...]:
    return (webvtt if text.startswith("WEBVTT") else srt).read(text.encode(), "x")


@pytest.mark.parametrize("part", _PARTS + _MORE_PARTS)
def test_time_grows_with_length(part: str) -> None:
    # 120,000 characters in 6 places: a quadratic pattern needs seconds for them, a linear one a tenth
    begin = time.process_time()
    for start in _STARTS:
        _read(start + part * (_LENGTH // len(part)))
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("start", ["", "<", "<!--", "<?", "<!DOCTYPE ", "<!DOCTYPE [", "<a ", "\ufeff"])
def test_a_format_is_found_or_not_in_linear_time(start: str) -> None:
    begin = time.process_time()
    for part in _PARTS:
        detecting.text_format((start + part * (65536 // len(part))).encode())
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("start", ["", "WEBVTT\n\n"])
def test_a_million_events_are_refused(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deliverqc.timed_text.faults.MOST_EVENTS", 50)
    stop = "." if start else ","
    event = f"00:00:01{stop}000 --> 00:00:02{stop}000\n\n"
    assert len(_read(start + 50 * event)[0].events) == 50
    with pytest.raises(TextError, match="more than 50 events") as refused:
        _read(start + 51 * event)
    assert (refused.value.code, refused.value.line) == ("too-many-events", 101 + 2 * bool(start))


def test_a_gigabyte_in_one_line_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "long.srt"
    with path.open("wb") as file:
        file.write(_SRT.encode())
        file.truncate(2**30)
    with pytest.raises(TextError, match=r"^long\.srt has 1,073,741,824 bytes") as refused:
        reading.read_text(path)
    assert refused.value.code == "text-too-large"


def test_what_is_not_timed_text_is_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "letter.srt"
    path.write_text("Dear client,\n")
    with pytest.raises(TextError, match=r"^letter\.srt") as refused:
        reading.read_text(path)
    assert refused.value.code == "not-timed-text"


@pytest.mark.parametrize("start", [_SRT, _VTT + "\n"])
def test_bytes_beyond_the_most_are_refused(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_text, "MOST_BYTES", len(start) + 1)
    assert len(_read(start + "x")[0].events) == 1
    with pytest.raises(TextError, match="text is read up to"):
        _read(start + "xx")


def test_faults_beyond_the_most_are_counted() -> None:
    faults = _read(_VTT + "\n" + "</b>" * (MOST_FAULTS + 5))[0].faults
    assert len(faults) == MOST_FAULTS + 1
    assert (faults[-1].code, faults[-1].message) == ("more-faults", "5 more faults are not listed.")


def test_bidirectional_overrides_stay_text() -> None:
    for start in (_SRT, _VTT + "\n"):
        (document,) = _read(start + "\u202eabc\u2066\n")
        assert (document.events[0].lines, document.faults) == (("\u202eabc\u2066",), ())


def test_fifteen_hundred_events_are_read_in_a_twentieth_of_a_second() -> None:
    lines = [
        f"{n // 60:02}:{n % 60:02}.000 --> {n // 60:02}:{n % 60:02}.900 line:90%\n<i>One</i>\nand two\n"
        for n in range(1500)
    ]
    text = "WEBVTT\n\n" + "\n".join(lines)
    other = "\n".join(f"{n + 1}\n00:{line}" for n, line in enumerate(lines))
    other = re.sub(r"\.(\d{3}) --> (\S+)\.(\d{3}) line:90%", r",\1 --> 00:\2,\3", other)
    for timed in (text, other):
        begin = time.process_time()
        (document,) = _read(timed)
        assert time.process_time() - begin < 0.5  # ten times what it takes, for a busy machine
        assert (len(document.events), document.faults) == (1500, ())


@pytest.mark.parametrize(
    ("written", "color"),
    [
        ("#FF8000", "#ff8000"),
        ("ff8000", "#ff8000"),
        ("#ff8000cc", "#ff8000"),
        ("#f80", "#ff8800"),
        ("rgb(1, 2,3)", "#010203"),
    ]
    + [("rgba(1,2,3,0.5)", "#010203"), ("rgb(1,2,256)", None), ("#ff80001", None), ("", None), ("none", None)],
)
def test_colors_are_those_of_css(written: str, color: str | None) -> None:
    assert hex_color(written) == color


def test_named_colors_are_those_of_ffmpeg() -> None:
    try:
        listed = subprocess.run(["ffmpeg", "-v", "quiet", "-colors"], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("ffmpeg is not installed")
    colors = dict(line.split() for line in listed.splitlines()[1:] if line.strip())
    assert len(colors) > 130
    assert {name: hex_color(name) for name in colors} == colors
