"""Caption files and data that are damaged at random are read or refused, and never break the reader."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from deliverqc.timed_text.cc_data import CaptionDecoder
from deliverqc.timed_text.model import Document, TextError
from deliverqc.timed_text.reading import read_bytes
from tests.timed_text import test_mcc, test_scc

_CODES = (0x94, 0x14, 0x97, 0x91, 0x98, 0x99, 0x89, 0x8A, 0x8D, 0x92, 0x10, 0x18, 0x20, 0x25, 0x2C, 0xAD, 0x2F, 0x29)
_LETTERS = b"0123456789abcdefABCDEF:;,.\t \nGHIJSTUZ"


def _damaged(data: bytes, chance: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(made))
        match chance.randrange(4):
            case 0:
                made[place] = chance.randrange(256)
            case 1:
                del made[place : place + chance.randrange(40)]
            case 2:
                start = chance.randrange(len(made))
                made[place:place] = made[start : start + 200]
            case _:
                made[place] = chance.choice(_LETTERS)
    return bytes(made)


def _is_sound(document: Document) -> bool:
    """Whether it can be written down, and nothing ends before it begins."""
    for event in document.events:
        "".join(event.lines).encode()
        if event.end_s is not None and event.end_s < event.begin_s:
            return False
    return all(fault.message.isprintable() for fault in document.faults)


@pytest.mark.parametrize(("form", "clean"), [("scc", test_scc._CLEAN), ("mcc", test_mcc._CLEAN)])
def test_damaged_files_are_read_or_refused(form: str, clean: str) -> None:
    chance = random.Random(13)
    outcomes = set()
    for _ in range(100):
        try:
            documents = read_bytes(_damaged(clean.encode(), chance), form, "a")
        except TextError as error:
            outcomes.add(error.code)
            assert str(error).isprintable()
        else:
            outcomes.add("read")
            assert all(map(_is_sound, documents))
    assert {"read", "missing-header"} <= outcomes


def test_any_data_is_decoded() -> None:
    chance = random.Random(13)
    any_byte: Callable[[], int] = lambda: chance.choice((*_CODES, chance.randrange(256)))  # noqa: E731
    count = 0
    for _ in range(40):
        decoder = CaptionDecoder()
        for frame in range(40):
            kinds = (chance.choice((0xFC, 0xFD, 0xFF, 0xFE, 0xFE)) for _ in range(8))
            decoder.feed(Fraction(frame, 30), bytes(byte for kind in kinds for byte in (kind, any_byte(), any_byte())))
        documents = decoder.documents()
        assert all(map(_is_sound, documents))
        count += sum(len(document.events) for document in documents)
    assert count
