"""A file of text is a master of its own, known by its content; media never meet a reader of text."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import pytest

import deliverqc
from deliverqc.errors import MasterError
from deliverqc.facts.document import check_document
from deliverqc.measuring.registry import registry
from deliverqc.probing import probe
from deliverqc.probing.text_files import read_text_file
from deliverqc.timed_text.model import MOST_BYTES, TextError
from tests.text_documents import small_reader

__all__ = ["small_reader"]

_SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,500\nW\u00f6rld\n"


def _written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.usefixtures("small_reader")
@pytest.mark.parametrize("name", ["a.srt", "a.txt", "a", "a.mov"])
def test_a_file_of_text_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    probed = probe(_written(tmp_path, name, _SRT.encode()))
    assert probed.documents is not None and len(probed.documents[0].events) == 2
    facts = probed.facts
    assert (facts["wrapper.format"], facts["file.name"], facts["file.size_bytes"]) == ("srt", name, len(_SRT.encode()))
    assert [facts[f"{kind}.track_count"] for kind in ("picture", "sound", "timed_text")] == [0, 0, 1]


@pytest.mark.usefixtures("small_reader")
def test_the_facts_of_a_file_of_text_are_in_the_registry(tmp_path: Path) -> None:
    facts = deliverqc.probe(_written(tmp_path, "a.srt", _SRT.encode())).facts
    assert check_document(dict(facts), registry().facts) == []
    (track,) = facts["timed_text.tracks"]
    assert (track["event_count"], track["last_event_end_s"], track["size_bytes"]) == (2, 4.5, len(_SRT.encode()))


@pytest.mark.parametrize(
    "data",
    [b"", b"plain words\n", b'{"a": 1}', b"<html></html>", b"\0\0\0\x14ftypqt  ", b"RIFF\x24\x08\0\0WAVE"],
    ids=["empty", "words", "json", "html", "mov", "wav"],
)
def test_what_is_no_timed_text_is_left_to_the_readers_of_media(tmp_path: Path, data: bytes) -> None:
    assert read_text_file(_written(tmp_path, "a.srt", data)) is None


@pytest.mark.usefixtures("small_reader")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_known_in_every_encoding(tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deliverqc.timed_text.reading.read_bytes", lambda data, found, name: ())
    assert read_text_file(_written(tmp_path, "a.srt", _SRT.encode(encoding))) == ("srt", ())


@pytest.mark.usefixtures("small_reader")
def test_text_that_cannot_be_read_is_a_master_with_an_error(tmp_path: Path) -> None:
    path = _written(tmp_path, "a.srt", (_SRT + "\nnot a cue\n").encode())
    with pytest.raises(TextError, match=r"a\.srt, line 9"):
        probe(path)
    master = deliverqc.check(path, "netflix-timed-text").masters[0]
    assert (master.decision, master.error.code if master.error else None) == ("error", "bad-cue")


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = _written(tmp_path, "a.srt", _SRT.encode())
    with path.open("r+b") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(MasterError, match=f"{MOST_BYTES:,}"):
        probe(path)


def test_media_do_not_load_the_readers_of_text(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(9600))
    code = (
        "import sys; from pathlib import Path; import deliverqc.pipeline; "
        "from deliverqc.probing.text_files import read_text_file; "
        f"assert read_text_file(Path({str(path)!r})) is None; "
        "print([name for name in sys.modules if name.startswith('deliverqc.timed_text')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
