"""Line 21 by the tables of CTA-608 as ttconv has them, by libav's decoder, and rule by rule; every fault by a change to
a clean caption."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import av
import pytest
from ttconv.scc.codes.extended_characters import SccExtendedCharacter
from ttconv.scc.codes.preambles_address_codes import SccPreambleAddressCode
from ttconv.scc.codes.special_characters import SccSpecialCharacter
from ttconv.scc.codes.standard_characters import SCC_STANDARD_CHARACTERS_MAPPING

from deliverqc.timed_text import line_21_codes as codes
from deliverqc.timed_text.cc_data import CaptionDecoder
from deliverqc.timed_text.line_21 import Field
from deliverqc.timed_text.model import Document

_FRAME_S = Fraction(1001, 30000)
_DRAWN = dict(zip("━┃┏┓┗┛ʌ", "—│┌┐└┘^", strict=True))
"""ttconv's letters for the dash, the caret and the box drawings of CTA-608 tables 6 to 10, and those that we take."""


_NAMES = ("RCL", "BS", "AOF", "AON", "DER", "RU2", "RU3", "RU4", "FON", "RDC", "TR", "RTD", "EDM", "CR", "ENM", "EOC")


def parity(byte: int) -> int:
    return byte | (0x80 if byte.bit_count() % 2 == 0 else 0)


def words(text: str) -> list[tuple[int, int]]:
    """Pairs with parity: `{RCL}` and `{1470}` are sent twice, anything else is letters."""
    named = {name: 0x20 + place for place, name in enumerate(_NAMES)}
    found: list[tuple[int, int]] = []
    for part in text.replace("}", "{").split("{"):
        if part in named:
            found += [(0x14, named[part])] * 2
        elif len(part) == 4 and all(letter in "0123456789abcdef" for letter in part):
            found += [(int(part[:2], 16), int(part[2:], 16))] * 2
        elif part:
            letters = [ord(letter) for letter in part] + [0] * (len(part) % 2)
            found += list(zip(letters[::2], letters[1::2], strict=True))
    return [(parity(first), parity(second)) for first, second in found]


def decoded(pairs: list[tuple[int, int]], *, field: int = 0, step: Fraction = _FRAME_S) -> dict[str | None, Document]:
    line_21 = Field(field)
    for place, (first, second) in enumerate(pairs):
        line_21.feed(place * step, first, second)
    return {one.service: one for one in line_21.documents(format="cea_608")}


def shown(text: str, service: str = "cc1") -> list[tuple[str, ...]]:
    return [event.lines for event in decoded(words(text))[service].events]


def test_letters_are_those_of_the_standard() -> None:
    assert {code: codes.character(code) for code in range(0x20, 0x80)} == SCC_STANDARD_CHARACTERS_MAPPING
    special = {one.value[0] & 0xFF: one.value[2] for one in SccSpecialCharacter}
    assert special | {0x39: codes.TRANSPARENT} == codes.SPECIAL
    extended: dict[int, dict[int, str]] = {0x12: {}, 0x13: {}}
    for one in SccExtendedCharacter:
        extended[one.value[0] >> 8][one.value[0] & 0xFF] = _DRAWN.get(one.value[2], one.value[2])
    assert extended == codes.EXTENDED


def test_preambles_are_those_of_the_standard() -> None:
    for first in range(0x10, 0x18):
        for second in range(0x20, 0x80):
            theirs = SccPreambleAddressCode.find(first, second)
            ours = codes.pac(first, second)
            assert (ours is None) == (theirs is None)
            if ours is not None and theirs is not None:
                assert (ours[0], ours[1]) == (theirs.get_row(), theirs.get_indent() or 0)


MODES: dict[str, tuple[str, list[tuple[str, ...]]]] = {
    "pop-on": ("{ENM}{RCL}{1470}Hello{EDM}{EOC}{EDM}", [("Hello",)]),
    "two rows": ("{RCL}{1450}One{1470}Two{EOC}", [("One", "Two")]),
    "one is replaced": ("{RCL}{1470}One{EOC}{ENM}{RCL}{1470}Two{EOC}", [("One",), ("Two",)]),
    "erased before it is displayed": ("{RCL}{1470}One{ENM}{1470}Two{EOC}", [("Two",)]),
    "backspace": ("{RCL}{1470}Hex{BS}y{EOC}", [("Hey",)]),
    "deleted to the end of the row": ("{RCL}{1470}Hello{1472}{DER}{1474}me{EOC}", [("Hell    me",)]),
    "tab offsets": ("{RCL}{1470}a{1723}b{EOC}", [("a   b",)]),
    "an extended letter": ("{RCL}{1470}Ale{1320}{EOC}", [("AlÃ",)]),
    "a special letter": ("{RCL}{1470}{1137}la{EOC}", [("♪la",)]),
    "special letters apart": ("{RCL}{1470}{1137}{1120}{1137}{EOC}", [("♪ ♪",)]),
    "a transparent space": ("{RCL}{1470}a{1139}b{EOC}", [("a b",)]),
    "a mid-row code": ("{RCL}{1470}a{112e}b{EOC}", [("a b",)]),
    "roll-up": ("{RU2}{CR}{1470}One{CR}Two{CR}Three{EDM}", [("One",), ("Two",), ("Three",)]),
    "painted": ("{RDC}{1450}One{1470}Two{EDM}", [("One", "Two")]),
    "more letters than columns": ("{RCL}{1470}" + "abcd" * 8 + "xy{EOC}", [("abcd" * 7 + "abcy",)]),
    "codes of the other channel": ("{RCL}{1470}One{1c20}{1c70}Two{1c2f}{RCL}{EOC}", [("One",)]),
}


@pytest.mark.parametrize("name", MODES)
def test_what_is_displayed(name: str) -> None:
    text, expected = MODES[name]
    assert shown(text) == expected
    if "CR" not in text and "ENM}{1470" not in text and "columns" not in name:
        assert not decoded(words(text))["cc1"].faults


def test_rows_roll_until_they_are_out() -> None:
    text = "{RU2}{CR}{1470}One{CR}Two{CR}Three{EDM}"
    pairs = words(text)
    events = decoded(pairs)["cc1"].events
    returns = [place * _FRAME_S for place, pair in enumerate(pairs) if pair == (parity(0x14), parity(0x2D))][::2]
    assert [event.end_s for event in events] == [returns[2], (len(pairs) - 2) * _FRAME_S, (len(pairs) - 2) * _FRAME_S]
    assert {event.mode for event in events} == {"roll_up"}
    assert {(event.box.top, event.vertical) for event in events if event.box} == {(10 + 80 * 14 / 15, "bottom")}


def _spans(text: str) -> list[tuple[tuple[str, ...], float, float | None]]:
    """Text, and first and end place in the stream of pairs, of each event."""
    return [
        (event.lines, float(event.begin_s / _FRAME_S), None if event.end_s is None else float(event.end_s / _FRAME_S))
        for event in decoded(words(text))["cc1"].events
    ]


ROLLS = {
    "a lower depth drops the upper rows": (
        "{RU3}{CR}{1470}Aa{CR}Bb{CR}Cc{RU2}",
        [(("Aa",), 6, 13), (("Bb",), 9, None), (("Cc",), 12, None)],
    ),
    "the base row moves": ("{RU2}{CR}{1470}Aa{CR}{1170}Bb", [(("Aa",), 6, None), (("Bb",), 11, None)]),
    "roll-up takes off what popped on": ("{RCL}{1470}Aa{EOC}{RU2}Bb", [(("Aa",), 5, 7), (("Bb",), 9, None)]),
    "a row goes on after its channel was left": ("{RU2}{CR}{1470}Aa{1c25}Xx{RU2}Bb", [(("AaBb",), 6, None)]),
    "the caption before comes back": (
        "{RCL}{1470}Aa{EOC}{ENM}{RCL}{1470}Bb{EOC}{EOC}",
        [(("Aa",), 5, 14), (("Bb",), 14, 16), (("Aa",), 16, None)],
    ),
    "painted after a pause": (
        "{RDC}{1450}Aa" + "{1170}" * 10 + "{1470}Bb",
        [(("Aa",), 4, 27), (("Aa", "Bb"), 27, None)],
    ),
}


@pytest.mark.parametrize("name", ROLLS)
def test_how_long_rows_stay(name: str) -> None:
    text, expected = ROLLS[name]
    assert _spans(text) == expected


def test_text_scrolls_through_the_whole_grid() -> None:
    pairs = words("{TR}" + "".join(f"{letter}{letter}" + "{CR}" for letter in "ABCDEFGHIJKLMNOPQ"))
    events = decoded(pairs)["t1"].events
    assert [event.lines[0][0] for event in events] == list("ABCDEFGHIJKLMNOPQ")
    assert [event.end_s is None for event in events] == [False] * 3 + [True] * 14  # the pen waits in the fifteenth row


def test_times_place_and_style() -> None:
    (event,) = decoded(words("{RCL}{1158}{112e}Up{EOC}{EDM}"))["cc1"].events
    assert (event.begin_s, event.end_s, event.load_s) == (7 * _FRAME_S, 9 * _FRAME_S, 7 * _FRAME_S)
    assert event.box is not None and (event.box.left, event.box.top) == (10 + 80 * 16 / 32, 10.0)
    assert (event.vertical, event.is_italic, event.colors) == ("top", True, ("#ffffff",))


@pytest.mark.parametrize(
    ("field", "first", "name"), [(0, 0x14, "cc1"), (0, 0x1C, "cc2"), (1, 0x15, "cc3"), (1, 0x1D, "cc4")]
)
def test_channels_by_field_and_code(field: int, first: int, name: str) -> None:
    pairs = [(first, 0x20)] * 2 + [(first & 0x18 | 0x04, 0x70)] * 2 + [(0x48, 0x69)] + [(first, 0x2F)] * 2
    pairs += [(first, 0x2A)] * 2 + [(0x48, 0x69)] + [(first, 0x2D)] * 2 + [(0x48, 0x6F)]
    found = decoded([(parity(one), parity(other)) for one, other in pairs], field=field)
    text = name.replace("cc", "t")
    assert {service: [event.lines for event in one.events] for service, one in found.items()} == {
        name: [("Hi",)],
        text: [("Hi",), ("Ho",)],
    }
    assert {event.mode for event in found[text].events} == {"text"}


def test_data_on_the_programme_is_no_caption() -> None:
    between = [(0x01, 0x03), (0x48, 0x69), (0x0F, 0x3A)]
    pairs = words("{RCL}{1470}On") + [(parity(one), parity(other)) for one, other in between] + words("{RCL}e{EOC}")
    found = decoded(pairs, field=1)
    assert [event.lines for event in found["cc3"].events] == [("One",)]
    assert not found["cc3"].faults


_CLEAN = "{ENM}{RCL}{1470}Hello{EDM}{EOC}"


def _changed(place: int, pair: tuple[int, int] | None, count: int = 1) -> list[tuple[int, int]]:
    pairs = words(_CLEAN)
    return pairs[:place] + ([pair] if pair else []) + pairs[place + count :]


FAULTS: dict[str, tuple[list[tuple[int, int]], set[str]]] = {
    "nothing": (words(_CLEAN), set()),
    "a letter's parity bit": (_changed(6, (parity(0x48) ^ 0x80, parity(0x65))), {"parity-error"}),
    "a control code's parity bit": (_changed(2, (parity(0x14) ^ 0x80, 0x20)), {"parity-error"}),
    "a code that is not defined": (
        words("{ENM}{RCL}{1470}Hello{1010}{EDM}{EOC}"),
        {"unknown-control-code"},
    ),
    "data of the other field": (_changed(6, (parity(0x05), parity(0x41))), {"unknown-control-code"}),
    "no mode": (words("{1470}Hello"), {"characters-without-mode"}),
    "no code at all": (words("Hello"), {"characters-without-mode"}),
    "a code that comes once": (_changed(2, None), {"unpaired-control-code"}),
    "parity bits of a code and its twin": (
        [*words("{ENM}")[:1], (parity(0x14) ^ 0x80, 0x2E), *words("{RCL}{1470}Hello{EDM}{EOC}")],
        {"parity-error"},
    ),
    "the last code comes once": (words(_CLEAN)[:-1], {"unpaired-control-code"}),
    "no row": (words("{ENM}{RCL}Hello{EDM}{EOC}"), {"text-before-pac"}),
    "more letters than columns": (words("{ENM}{RCL}{1470}" + "abcd" * 8 + "xyz.{EDM}{EOC}"), {"row-overflow"}),
    "all columns": (words("{ENM}{RCL}{1470}" + "abcd" * 8 + "{EDM}{EOC}"), set()),
    "one row twice": (words("{ENM}{RCL}{1470}Hello{1470}World{EDM}{EOC}"), {"text-overwritten"}),
    "erased before it is displayed": (words("{ENM}{RCL}{1470}One{ENM}{1470}Two{EDM}{EOC}"), {"caption-never-shown"}),
    "a mode that erases it": (words("{ENM}{RCL}{1470}One{RU2}{CR}{1470}Two{CR}"), {"caption-never-shown"}),
    "no text": (words("{ENM}{RCL}{1470}{EDM}{EOC}"), {"eoc-without-text"}),
    "loaded over the one before": (
        words("{RCL}{1470}Hello{EOC}{RCL}{1470}You{EOC}{RCL}{1470}I{EOC}"),
        {"text-left-in-memory"},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_by_a_change(name: str) -> None:
    pairs, expected = FAULTS[name]
    assert {fault.code for one in decoded(pairs).values() for fault in one.faults} == expected


def test_parity_errors_are_counted_and_shown_as_a_block() -> None:
    found = decoded(FAULTS["a letter's parity bit"][0])["cc1"]
    assert (found.parity_error_count, [event.lines for event in found.events]) == (1, [("█ello",)])


def test_many_faults_of_a_kind_are_counted() -> None:
    pairs = [(parity(0x48), parity(0x69) ^ 0x80)] * 50
    (found,) = decoded(words("{RCL}{1470}") + pairs).values()
    assert Counter(fault.code for fault in found.faults) == {"parity-error": 21, "row-overflow": 1}
    assert found.faults[20].message == "30 more of the same kind."
    assert found.parity_error_count == 50


def test_codes_that_come_later_again_count_again() -> None:
    pairs = words("{RCL}{1470}Cards") + [(parity(0x14), parity(0x21))] + [(0x80, 0x80)] * 2
    pairs += [(parity(0x14), parity(0x21))] + words("{EOC}")
    assert [event.lines for event in decoded(pairs)["cc1"].events] == [("Car",)]


@pytest.mark.parametrize("rate", [12, 15, 24, 25, 30, 60])
def test_twins_are_known_at_every_frame_rate(rate: int) -> None:
    decoder = CaptionDecoder(frame_s=Fraction(1, rate))
    for place, pair in enumerate(words("{RCL}{1470}Hex{BS}y{EOC}")):
        decoder.feed(Fraction(place, rate), bytes((0xFC, *pair)))
    (document,) = decoder.documents()
    assert ([event.lines for event in document.events], document.faults) == ([("Hey",)], ())


@pytest.mark.parametrize("name", ["pop-on", "two rows", "one is replaced", "an extended letter", "a special letter"])
def test_libav_displays_the_same(name: str) -> None:
    text, expected = MODES[name]
    context: Any = av.CodecContext.create("cc_dec", "r")
    context.options = {"real_time": "1", "data_field": "first"}
    context.open()
    seen: list[list[str]] = []
    for place, (first, second) in enumerate(words(text)):
        packet = av.Packet(bytes((0xFC, first, second)))
        packet.pts = packet.dts = place
        packet.time_base = Fraction(1001, 30000)
        for one in _rects(context, packet):
            seen.append(one)
    assert [tuple(one) for one in seen] == expected


def _rects(context: Any, packet: Any) -> list[list[str]]:
    subtitle = context.decode2(packet)
    found = []
    for rect in subtitle.rects if subtitle is not None else ():
        said = rect.ass.decode().split(",", 8)[-1]
        lines = said.replace("\\h", " ").split("\\N")
        found.append([_plain(line) for line in lines if _plain(line)])
    return [one for one in found if one]


def _plain(line: str) -> str:
    text, depth = "", 0
    for letter in line:
        depth += (letter == "{") - (letter == "}")
        text += letter if not depth and letter != "}" else ""
    return text.strip()
