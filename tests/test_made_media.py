"""Media that tests make from generated sources alone is made once; what comes from a file is made anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures import ffmpeg

_TONE = "-f lavfi -i sine=f=1000:r=48000 -t 0.1 -c:a pcm_s16le"


def test_the_same_recipe_gives_the_same_bytes_without_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ffmpeg.make(tmp_path / "a.wav", _TONE)
    monkeypatch.setattr(ffmpeg, "run_ffmpeg", lambda path, words: pytest.fail("made again"))
    second = ffmpeg.make(tmp_path / "b.wav", _TONE)
    assert second.read_bytes() == first.read_bytes()
    second.write_bytes(b"damaged")
    assert ffmpeg.make(tmp_path / "b.wav", _TONE).read_bytes() == first.read_bytes()


def test_what_is_made_of_a_file_follows_the_file(tmp_path: Path) -> None:
    source = tmp_path / "source.wav"
    lengths = []
    for seconds in (0.1, 0.2):
        ffmpeg.make(source, f"-f lavfi -i sine=f=1000:r=48000 -t {seconds} -c:a pcm_s16le")
        lengths.append(ffmpeg.make(tmp_path / "copy.wav", f"-i {source} -c copy").stat().st_size)
    assert lengths[1] - lengths[0] == 9600


@pytest.mark.parametrize(
    ("arguments", "is_generated"),
    [
        (_TONE, True),
        ("-f lavfi -i testsrc2=r=24000/1001 -f lavfi -i sine -t 1", True),
        ("-f lavfi -i sine -i cover.png", False),
        ("-f rawvideo -i frames.raw", False),
        ("-f lavfi -i movie=/a/b.mov", False),
        ("-f lavfi -i sine -attach /a/font.ttf", False),
        ("-f lavfi -i sine -f wav", True),
        ("-i a.wav -f lavfi -i sine", False),
    ],
)
def test_a_recipe_that_reads_a_file_is_told(arguments: str, is_generated: bool) -> None:
    assert ffmpeg._is_generated(arguments.split()) is is_generated
