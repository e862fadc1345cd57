"""CTA-708 by its own tables and rules; every fault by a change to a clean caption."""

from __future__ import annotations

from fractions import Fraction

import pytest

from deliverqc.timed_text.dtvcc import CaptionChannel
from deliverqc.timed_text.model import Box, Document

_HIDDEN, _SHOWN = 0x00, 0x20


def window(
    number: int = 0, *, state: int = _HIDDEN, rows: int = 2, columns: int = 32, place: str = "3c37", point: int = 0
) -> bytes:
    """DFn (CTA-708 section 8.10.5.2): anchor as vertical and horizontal cell."""
    vertical, horizontal = bytes.fromhex(place)
    return bytes((0x98 + number, state, vertical, horizontal, point << 4 | rows - 1, columns - 1, 0x11))


def block(data: bytes, service: int = 1) -> bytes:
    if service > 6:
        return bytes((7 << 5 | len(data), service)) + data
    return bytes((service << 5 | len(data),)) + data


def packet(number: int, *blocks: bytes) -> list[tuple[int, int, int]]:
    """A caption channel packet as cc_type and two bytes."""
    body = b"".join(blocks)
    body += bytes(1 - len(body) % 2)
    data = bytes((number % 4 << 6 | (len(body) + 1) // 2,)) + body
    return [(3 if not at else 2, data[at], data[at + 1]) for at in range(0, len(data), 2)]


def fed(*frames: list[tuple[int, int, int]]) -> dict[str | None, Document]:
    channel = CaptionChannel()
    for at, frame in enumerate(frames):
        for kind, first, second in frame:
            channel.feed(Fraction(at), kind, first, second)
    return {one.service: one for one in channel.documents(format="cea_708")}


def blocks(*data: bytes) -> dict[str | None, Document]:
    return fed(*(packet(number, block(one)) for number, one in enumerate(data)))


def _shown(*data: bytes) -> list[tuple[Fraction, Fraction | None, tuple[str, ...]]]:
    return [(event.begin_s, event.end_s, event.lines) for event in blocks(*data)["service_1"].events]


_ONE = window() + b"One"
DSW, HDW, TGW, DLW, CLW = (bytes((code, 1)) for code in (0x89, 0x8A, 0x8B, 0x8C, 0x88))
COMMANDS = {
    "shown and hidden": ([_ONE, DSW, HDW], [(1, 2, ("One",))]),
    "toggled twice": ([_ONE, TGW, TGW, TGW], [(1, 2, ("One",)), (3, None, ("One",))]),
    "deleted": ([_ONE, DSW, DLW, DSW], [(1, 2, ("One",))]),
    "cleared": ([_ONE, DSW, CLW], [(1, 2, ("One",))]),
    "cleared while hidden": ([_ONE, CLW, DSW], []),
    "reset": ([_ONE, DSW, b"\x8f"], [(1, 2, ("One",))]),
    "defined as visible": ([window(state=_SHOWN), b"One", HDW], [(1, 2, ("One",))]),
    "defined anew as hidden": ([_ONE, DSW, window()], [(1, 2, ("One",))]),
    "another window": ([_ONE + window(1) + b"Two", b"\x89\x03"], [(1, None, ("One",)), (1, None, ("Two",))]),
    "the first window again": ([_ONE + window(1) + b"\x80!", DSW], [(1, None, ("One!",))]),
    "rows by place": ([window() + b"\x92\x01\x00Two\x92\x00\x00One", DSW], [(1, None, ("One", "Two"))]),
    "rows by returns": ([_ONE + b"\rTwo", DSW], [(1, None, ("One", "Two"))]),
    "a return in the last row": ([_ONE + b"\rTwo\rThree", DSW], [(1, None, ("Two", "Three"))]),
    "rows that roll up": (
        [window(state=_SHOWN) + b"One", b"\rTwo", b"\rThree", HDW],
        [(0, 2, ("One",)), (1, 3, ("Two",)), (2, 3, ("Three",))],
    ),
    "backspace": ([_ONE + b"\x08\x08!", DSW], [(1, None, ("O!",))]),
    "the row erased": ([_ONE + b"\x0eTwo", DSW], [(1, None, ("Two",))]),
    "the window erased": ([_ONE + b"\r12\x0cTwo", DSW], [(1, None, ("Two",))]),
    "a delay": ([_ONE, b"\x8d\x0f" + DSW, b"", HDW], [(Fraction(5, 2), 3, ("One",))]),
    "a delay that is cancelled": ([_ONE, b"\x8d\xff" + DSW, b"\x8e", HDW], [(2, 3, ("One",))]),
    "letters of all sets": (
        [window() + b"\x7f\xe9\x10\x39\x10\x76\x10\xa0\x18\x06\x27\x10\x25", DSW],
        [(1, None, ("♪é™⅛[CC]\u0627…",))],
    ),
}


LOST = {"deleted": {"undefined-window"}, "cleared while hidden": {"caption-never-shown"}}
"""What of them loses text."""


@pytest.mark.parametrize("name", COMMANDS)
def test_windows_obey(name: str) -> None:
    data, expected = COMMANDS[name]
    assert _shown(*data) == expected
    assert {fault.code for fault in blocks(*data)["service_1"].faults} == LOST.get(name, set())


ANCHORS = {
    "from the top left": (window(place="0000"), Box(left=10, top=10, right=10 + 320 / 42, bottom=10 + 80 / 15)),
    "in cells": (window(place="1969"), Box(left=50, top=10 + 80 / 3, right=50 + 320 / 42, bottom=42)),
    "in percent": (window(place="b232"), Box(left=50, top=50, right=50 + 320 / 42, bottom=50 + 80 / 15)),
    "by the lower right": (
        window(place="e463", point=8, columns=42),
        Box(left=9.2, top=90 - 160 / 15, right=9.2 + 320 / 42, bottom=90 - 80 / 15),
    ),
}


@pytest.mark.parametrize("name", ANCHORS)
def test_boxes_hang_from_their_anchor(name: str) -> None:
    definition, expected = ANCHORS[name]
    (event,) = blocks(definition + b"Four" + DSW)["service_1"].events
    assert event.box is not None
    found = (event.box.left, event.box.top, event.box.right, event.box.bottom)
    assert found == pytest.approx((expected.left, expected.top, expected.right, expected.bottom))


def test_pen_gives_colour_and_slant() -> None:
    (event,) = blocks(window() + b"\x90\x05\x80\x91\x30\x00\x00Red" + DSW)["service_1"].events
    assert (event.colors, event.is_italic, event.region) == (("#ff0000",), True, "window_0")


def test_services_are_told_apart() -> None:
    text = _ONE + DSW
    found = fed(packet(0, block(text, 1), block(text[:-5] + b"!" + DSW, 2)), packet(1, block(text, 63)))
    assert {name: [event.lines for event in one.events] for name, one in found.items()} == {
        "service_1": [("One",)],
        "service_2": [("!",)],
        "service_63": [("One",)],
    }


_CLEAN = [packet(0, block(_ONE)), packet(1, block(DSW)), packet(2, block(HDW))]
FAULTS = {
    "nothing": (_CLEAN, set()),
    "a stream that begins within a packet": ([[(2, 0x41, 0x42)], *_CLEAN], set()),
    "a packet that is short": ([_CLEAN[0][:-1], *_CLEAN[1:]], {"packet-length", "service-block-overrun"}),
    "a packet that is long": ([[*_CLEAN[0], (2, 0x41, 0x42)], *_CLEAN[1:]], {"packet-length"}),
    "the last packet is cut": ([*_CLEAN, packet(3, block(_ONE))[:-2]], {"packet-length", "service-block-overrun"}),
    "a packet that is lost": ([_CLEAN[0], _CLEAN[2]], {"sequence-gap"}),
    "a packet that comes twice": ([_CLEAN[0], *_CLEAN], {"sequence-gap"}),
    "a block longer than the packet": ([packet(0, b"\x3f" + _ONE), *_CLEAN[1:]], {"service-block-overrun"}),
    "a block that ends in a command": ([packet(0, block(_ONE + b"\x91\x3f")), *_CLEAN[1:]], {"service-block-overrun"}),
    "a block of no service": ([packet(0, block(_ONE), b"\x05abcde"), *_CLEAN[1:]], {"service-block-overrun"}),
    "a command that is not defined": ([packet(0, block(_ONE + b"\x93")), *_CLEAN[1:]], {"unknown-command"}),
    "a control code that is not defined": ([packet(0, block(_ONE + b"\x05")), *_CLEAN[1:]], {"unknown-command"}),
    "an extended command": ([packet(0, block(_ONE + b"\x10\x88abcde")), *_CLEAN[1:]], {"unknown-command"}),
    "a letter that is not defined": ([packet(0, block(_ONE + b"\x10\x50")), *_CLEAN[1:]], {"unknown-character"}),
    "half of a surrogate pair": ([packet(0, block(_ONE + b"\x18\xd8\x00")), *_CLEAN[1:]], {"unknown-character"}),
    "underscores": ([packet(0, block(_ONE + b"_\x18\x00_")), *_CLEAN[1:]], set()),
    "a window shown that is not defined": ([_CLEAN[0], packet(1, block(b"\x89\x06"))], {"undefined-window"}),
    "windows shown of which one is defined": ([_CLEAN[0], packet(1, block(b"\x89\x07"))], set()),
    "text that is deleted unseen": ([_CLEAN[0], packet(1, block(DLW))], {"caption-never-shown"}),
    "no window": ([packet(0, block(b"One")), *_CLEAN[1:]], {"characters-without-window"}),
    "a window that is not defined": ([packet(0, block(_ONE + b"\x85")), *_CLEAN[1:]], {"undefined-window"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_by_a_change(name: str) -> None:
    frames, expected = FAULTS[name]
    assert {fault.code for one in fed(*frames).values() for fault in one.faults} == expected


def test_faults_without_a_service_are_told() -> None:
    (found,) = fed(packet(0, b"\x05ab"), packet(1)).values()
    assert (found.service, [fault.code for fault in found.faults]) == (None, ["service-block-overrun"])
