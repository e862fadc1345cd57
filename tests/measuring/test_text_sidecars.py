"""Files of text next to a master: which are found, and what becomes of those that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from deliverqc.measuring.text_sidecars import Sidecar, find_sidecars

_SRT = "1\n00:00:00,200 --> 00:00:01,000\nHello\n"
_PICTURE: dict[str, Any] = {"picture.track_count": 1}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mov"
    path.write_bytes(b"\0\0\0\x08moov")
    return path


def _write(film: Path, *names: str, text: str = _SRT) -> None:
    for name in names:
        (film.parent / name).write_text(text, encoding="utf-8")


def _found(film: Path, facts: dict[str, Any] = _PICTURE, **more: Any) -> dict[str, Sidecar]:
    return {one.file: one for one in find_sidecars(film, facts, **more)}


def test_files_of_its_name_are_read_in_the_order_of_their_names(film: Path) -> None:
    _write(film, "film.fr.srt", "film.en.forced.srt", "other.srt", ".film.srt", "film.txt")
    found = _found(film)
    assert list(found) == ["film.en.forced.srt", "film.fr.srt"]
    assert (found["film.en.forced.srt"].role, found["film.en.forced.srt"].language) == ("forced", "en")
    assert [event.lines for event in found["film.fr.srt"].documents[0].events] == [("Hello",)]


def test_none_is_sought_where_none_is_wanted_and_the_given_ones_stay(film: Path) -> None:
    _write(film, "film.srt", "elsewhere.srt")
    assert _found(film, is_sought=False) == {}
    given = [("caption", film.parent / "elsewhere.srt"), ("forced", film.parent / "film.srt")]
    found = _found(film, given=given)
    assert [(one.file, one.role) for one in found.values()] == [("elsewhere.srt", "caption"), ("film.srt", "forced")]


def test_what_cannot_be_read_is_named_with_its_reason(film: Path) -> None:
    _write(film, "film.empty.srt", "film.de.srt", text="")
    _write(film, "film.nl.stl", text="solid of nothing")
    os.mkfifo(film.parent / "film.en.srt")
    (film.parent / "film.fr.srt").mkdir()
    (film.parent / "film.es.srt").symlink_to("nowhere")
    (film.parent / "film.it.vtt").symlink_to(film)
    found = {name: one.error for name, one in _found(film).items()}
    assert sorted(found) == ["film.de.srt", "film.en.srt", "film.es.srt", "film.it.vtt", "film.nl.stl"]
    assert all(why is not None and why.startswith(name) for name, why in found.items())
    assert "cannot be opened" in str(found["film.es.srt"]) and "is not a file" in str(found["film.en.srt"])


def test_xml_that_is_no_text_is_something_else(film: Path) -> None:
    _write(film, "film.xml", text="<DolbyLabsMDF/>")
    assert _found(film) == {}
    _write(film, "film.xml", text='<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"/>')
    assert list(_found(film)) == ["film.xml"]
    _write(film, "film.xml", text='<tt xmlns="http://www.w3.org/ns/ttml"><body>')
    assert _found(film)["film.xml"].error is not None


def test_a_file_that_another_master_names_more_closely_is_its(film: Path) -> None:
    _write(film, "film_en.mov", "film_en.srt", "film_fr.srt")
    assert list(_found(film)) == ["film_fr.srt"]
    assert list(_found(film.parent / "film_en.mov")) == ["film_en.srt"]


def test_of_a_picture_and_its_mix_the_picture_has_the_text(film: Path) -> None:
    _write(film, "film.wav", "film.srt")
    assert list(_found(film)) == ["film.srt"]
    assert _found(film.parent / "film.wav", {"picture.track_count": 0}) == {}
    film.unlink()
    assert list(_found(film.parent / "film.wav", {"picture.track_count": 0})) == ["film.srt"]


def test_an_image_sequence_shares_the_name_before_its_number(film: Path) -> None:
    _write(film, "shot.0001.dpx", "shot.0002.dpx", "shot.0003.dpx", "shot.en.srt", "shot.0001.srt")
    assert list(_found(film.parent / "shot.%04d.dpx")) == ["shot.en.srt"]


def test_a_sequence_without_a_name_has_no_text(film: Path) -> None:
    _write(film, "0001.dpx", "0002.dpx", "en.srt", "0001.srt")
    assert _found(film.parent / "%04d.dpx") == {}


def test_one_file_under_two_names_is_read_once(film: Path) -> None:
    _write(film, "film.en.srt")
    os.link(film.parent / "film.en.srt", film.parent / "film.fr.srt")
    assert list(_found(film)) == ["film.en.srt"]


@pytest.mark.parametrize(
    ("bound", "count"),
    [
        ("deliverqc.measuring.text_sidecars._MOST", 1),
        ("deliverqc.measuring.text_sidecars._MOST_BYTES", len(_SRT)),
        ("deliverqc.timed_text.model.MOST_EVENTS", 1),
    ],
    ids=["files", "bytes", "events"],
)
def test_too_much_text_is_reported_and_never_left_out_in_silence(
    film: Path, monkeypatch: pytest.MonkeyPatch, bound: str, count: int
) -> None:
    _write(film, "film.de.srt", "film.en.srt", "film.fr.srt")
    monkeypatch.setattr(bound, count)
    found = _found(film)
    assert [name for name, one in found.items() if one.error is None] == ["film.de.srt"]
    assert "too much text" in str(found["film.en.srt"].error)
