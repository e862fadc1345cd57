"""Which files of text belong to which master, by their names alone."""

from __future__ import annotations

import unicodedata

import pytest

from deliverqc.language_tags import fault_of
from deliverqc.measuring.sidecar_names import SidecarName, belongs_to_another, names_of, read_name


@pytest.mark.parametrize(
    ("name", "role", "language"),
    [
        ("film.srt", None, None),
        ("FILM.SRT", None, None),
        ("film.mov.srt", None, None),
        ("film.en.srt", None, "en"),
        ("film_pt_BR.vtt", None, "pt-BR"),
        ("film-zh-hans.ttml", None, "zh-Hans"),
        ("film.es-419.itt", None, "es-419"),
        ("film.eng.srt", None, "en"),
        ("film - English (SDH).srt", "caption", "en"),
        ("film.French.forced.srt", "forced", "fr"),
        ("film.GER.forced.srt", "forced", "de"),
        ("film.fn.en-US.scc", "forced", "en-US"),
        ("film.en_forced_narrative.srt", "forced", "en"),
        ("film-sdh.stl", "caption", None),
        ("film (en) [cc].vtt", "closed_caption", "en"),
        ("film.en.closed-captions.scc", "closed_caption", "en"),
        ("film.en.sub.srt", "subtitle", "en"),
        ("film.en.sdh.forced.srt", "forced", "en"),
        ("film.hi.srt", None, "hi"),
        ("film.en.hi.srt", "caption", "en"),
        ("film.und.default.srt", None, "und"),
    ],
)
def test_words_behind_the_name_of_the_master(name: str, role: str | None, language: str | None) -> None:
    assert read_name(name, names_of("film.mov")) == SidecarName(role=role, language=language)


@pytest.mark.parametrize(
    "name",
    [
        "film2.srt",
        "filmen.srt",
        "film.v2.srt",
        "film.trailer.srt",
        "film.part1.en.srt",
        "film.en.2.srt",
        "a film.srt",
        "fil.srt",
        "film.x-house.srt",
        "film." + "en." * 40 + "srt",
        "film.qq.srt",
    ],
    ids=lambda name: name[:20],
)
def test_other_names_are_of_other_masters(name: str) -> None:
    assert read_name(name, names_of("film.mov")) is None


def test_an_accent_is_the_same_however_it_is_written() -> None:
    name = unicodedata.normalize("NFD", "café.fr.srt")
    assert read_name(name, names_of("café.mov")) == SidecarName(language="fr")


def test_the_longest_name_of_a_master_wins() -> None:
    assert belongs_to_another("film_en.srt", "film.mov", ["film_en.mov"])
    assert not belongs_to_another("film_fr.srt", "film.mov", ["film_en.mov"])
    assert not belongs_to_another("film_en.srt", "film_en.mov", ["film.mov"])
    assert not belongs_to_another("film.srt", "film.mov", ["film.wav"])


def test_every_code_of_three_letters_is_that_of_a_registered_language() -> None:
    from deliverqc.measuring.sidecar_names import _BY_WORD

    assert [two for two in _BY_WORD.values() if fault_of(two)] == []
    assert [three for three in _BY_WORD if fault_of(three) is None] == []
    assert len(_BY_WORD) == 203 + 43
