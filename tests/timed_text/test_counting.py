"""The counting rule, on strings whose code points are written out: Unicode Standard Annex 15 says how they compose."""

import unicodedata

import pytest

from deliverqc.timed_text.counting import (
    character_count,
    composed,
    full_widths,
    shown_lines,
    shows_anything,
    word_count,
)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("", 0),
        ("Hello, world", 12),
        (" spaced ", 8),
        ("e\u0301te\u0301", 3),
        ("\u00e9t\u00e9", 3),
        ("a\u200bb\u200dc\u2060d\ufeff", 4),
        ("\u202bshalom\u202c", 6),
        ("\u2067a\u2069\u200e\u200f", 1),
        ("soft\u00adhyphen", 10),
        ("\u0e01\u0e31\u0e19", 3),
        ("\u05e9\u05b8", 2),
        ("\u65e5\u672c\u8a9e\u3000", 4),
        ("\U0001f468\u200d\U0001f469", 2),
        ("\u2764\ufe0f", 1),
        ("a\u00a0b", 3),
        ("\x07bell\x9f", 4),
        ("\ufffd", 1),
    ],
    ids=lambda value: value.encode("unicode_escape").decode() if isinstance(value, str) else str(value),
)
def test_characters_are_scalar_values_of_composed_text_that_show_something(line: str, count: int) -> None:
    assert character_count(composed(line)) == count


@pytest.mark.parametrize(
    ("line", "width"),
    [
        ("", 0.0),
        ("Netflix", 3.5),
        ("\u3042\u3044\u3046", 3.0),
        ("\uff21\uff22\uff23", 3.0),
        ("\uff71\uff72", 1.0),
        ("LGBTQ+\u3068", 4.0),
        ("\uac00 \ub098!", 3.0),
        ("\u2026\u3002", 1.5),
        ("\u3042\u200b\ufe0f", 1.0),
    ],
    ids=["nothing", "latin", "kana", "full-width", "half-width-kana", "mixed", "hangul", "ambiguous", "unseen"],
)
def test_width_is_that_of_uax_11_in_full_width_characters(line: str, width: float) -> None:
    assert full_widths(composed(line)) == width


def test_composing_is_that_of_unicode() -> None:
    for line in ("e\u0301", "\u212b", "\uac00", "\u1100\u1161", "plain"):
        assert composed(line) == unicodedata.normalize("NFC", line)


@pytest.mark.parametrize(
    ("lines", "count"),
    [(("Hello,  world",), 2), (("- No.", "- Yes!"), 2), (("\u2014", "..."), 0), (("it's 5 o'clock",), 3), ((), 0)],
    ids=["two", "dashes", "none", "apostrophes", "nothing"],
)
def test_a_word_holds_a_letter_or_a_digit(lines: tuple[str, ...], count: int) -> None:
    assert word_count(lines) == count


def test_lines_are_those_from_the_first_to_the_last_that_shows_anything() -> None:
    assert shown_lines(("", "a", " ", "b", "\u200b")) == ("a", " ", "b")
    assert shown_lines((" ", "\u200f")) == ()
    assert not shows_anything("\u3000\u00a0\ufeff")
