"""EBU STL is read as Tech 3264 says: characters as ISO 6937 and ISO 8859 have them, times as ttconv reads them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction

import pytest

from deliverqc.timed_text import ebu_stl
from deliverqc.timed_text.ebu_stl_text import read_field
from deliverqc.timed_text.model import Document, TextError
from tests.material import material
from tests.timed_text.documents import block, stl


def _read(data: bytes) -> Document:
    (document,) = ebu_stl.read(data, "film.stl")
    return document


def test_a_clean_file_is_read_whole() -> None:
    first = block(b"\x0b\x0b\x03Caf\xc2e\x8a\x8a\x0b\x0bBar", number=1)
    second = block(b"Top", number=2, begin=(10, 0, 4, 12), end=(10, 0, 5, 0), row=1, alignment=1)
    document = _read(stl(first, second))
    one, two = document.events
    assert (document.faults, document.frame_rate, document.language) == ((), 25, "en")
    assert (document.encoding, document.start_s, document.title) == ("iso6937", 36000, "The film")
    assert (document.display_type, document.time_base) == ("teletext_1", "smpte")
    assert (one.begin_s, one.end_s, one.lines) == (36001, 36003, ("Café", "Bar"))
    assert (one.colors, one.vertical, one.align) == (("#ffff00", "#ffffff"), "bottom", "center")
    assert (two.begin_s, two.label, two.vertical, two.align) == (36004 + Fraction(12, 25), "2", "top", "left")


@pytest.mark.parametrize(
    ("table", "text"),
    [("01", "Привет"), ("02", "مرحبا"), ("03", "Γειά"), ("04", "שלום")],
)
def test_code_tables_are_parts_of_iso_8859(table: str, text: str) -> None:
    data = text.encode({"01": "iso8859-5", "02": "iso8859-6", "03": "iso8859-7", "04": "iso8859-8"}[table])
    assert read_field(data, table, is_teletext=False).lines == (text,)


def test_iso_6937_is_that_of_ttconv_but_for_its_slips() -> None:
    """ttconv reads A4 as the sign of currency, which is $ in ISO/IEC 6937, and has other signs for E0 and E2 that look
    the same."""
    from ttconv.stl.iso6937 import _CCT0_DECODE_MAP

    slips = (b"\xa4", b"\xe0", b"\xe2")
    ours = {code: "".join(read_field(code, "00", is_teletext=False).lines) for code in _CCT0_DECODE_MAP}
    different = {code for code, text in _CCT0_DECODE_MAP.items() if ours[code] != text.strip("\u00a0 ")}
    assert different - set(slips) == set()
    assert ours[b"\xa4"] == "$"


def test_languages_are_those_of_ttconv() -> None:
    from ttconv.stl.datafile import _LC_BCP47_MAP

    for code, tag in _LC_BCP47_MAP.items():
        assert (_read(stl(block(b"a"), LC=code.decode())).language or "") == tag


def test_extension_blocks_are_one_event_and_comments_and_user_data_none() -> None:
    blocks = (
        block(b"First half, ", extension=0),
        block(b"second half"),
        block(b"for the editor", number=2, comment=1),
        block(b"private", number=3, extension=0xFE),
    )
    document = _read(stl(*blocks, TNS="00002"))
    assert [event.lines for event in document.events] == [("First half, second half",)]
    assert document.faults == ()


def test_open_subtitles_have_italics_and_no_teletext_colours() -> None:
    data = stl(block(b"\x80All of it\x81", row=90), DSC="0", MNR="99")
    (event,) = _read(data).events
    assert (event.is_italic, event.colors, event.vertical) == (True, (), "bottom")


_CUMULATIVE = (block(b"a", number=1, cumulative=1), block(b"b", number=2, cumulative=3))

_MUTATIONS = {
    "block-count": stl(block(b"a"), TNB="00002"),
    "subtitle-count": stl(block(b"a"), TNS="00009"),
    "bad-header-cpn": stl(block(b"a"), CPN="123"),
    "bad-header-dsc": stl(block(b"a"), DSC="7"),
    "bad-header-cd": stl(block(b"a"), CD="261331"),
    "bad-header-lc": stl(block(b"a"), LC="2F"),
    "bad-header-tcp": stl(block(b"a"), TCP="10:00:00"),
    "bad-header-tnb": stl(block(b"a"), TNB="one"),
    "partial-block": stl(block(b"a")) + b"\x8f" * 100,
    "bad-time": stl(block(b"a", begin=(10, 0, 1, 25))),
    "end-before-begin": stl(block(b"a", end=(10, 0, 0, 24))),
    "bad-justification": stl(block(b"a", alignment=4)),
    "bad-position": stl(block(b"a", row=24)),
    "bad-cumulative-status-lone": stl(_CUMULATIVE[1]),
    "bad-cumulative-status-open": stl(_CUMULATIVE[0]),
    "bad-cumulative-status-value": stl(block(b"a", cumulative=9)),
    "bad-extension-open": stl(block(b"a", extension=0)),
    "bad-extension-gap": stl(block(b"a", extension=3), block(b"b"), TNS="00001"),
    "bad-extension-reserved": stl(block(b"a"), block(b"b", extension=0xF4), TNS="00001"),
    "times-go-backwards": stl(block(b"a"), block(b"b", number=2, begin=(10, 0, 0, 0))),
    "unknown-character": stl(block(b"a\xa6")),
    "reserved-code": stl(block(b"a\x88")),
}


@pytest.mark.parametrize("name", list(_MUTATIONS))
def test_one_broken_rule_is_one_kind_of_fault(name: str) -> None:
    codes = {fault.code for fault in _read(_MUTATIONS[name]).faults}
    assert len(codes) == 1
    assert name.startswith(codes.pop())


def test_a_cumulative_set_in_order_is_clean() -> None:
    assert _read(stl(*_CUMULATIVE)).faults == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (stl()[:900], "text-truncated"),
        (stl(block(b"a"), DFC="STL29.01"), "bad-frame-rate"),
        (stl(block(b"a"), CCT="05"), "bad-code-table"),
    ],
    ids=["short", "rate", "table"],
)
def test_what_cannot_be_read_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(TextError, match=r"^film\.stl") as caught:
        _read(data)
    assert caught.value.code == code


def _text(element: object) -> str:
    from ttconv import model

    if isinstance(element, model.Text):
        return str(element.get_text())
    if isinstance(element, model.Br):
        return "\n"
    return "".join(_text(child) for child in element)  # type: ignore[attr-defined]


def _said_by_ttconv(data: bytes) -> Iterator[tuple[Fraction, Fraction, str]]:
    from ttconv.stl.reader import to_model

    for division in to_model(io.BytesIO(data)).get_body():
        for paragraph in division:
            yield paragraph.get_begin() or Fraction(0), paragraph.get_end(), "".join(_text(paragraph).split())


def test_text_and_times_of_the_files_of_the_irt_are_those_of_ttconv() -> None:
    """Spaces apart, which ttconv drops next to control codes, and but for events without duration, which it drops."""
    compared = 0
    for path in sorted(material("ttconv/src/test/resources/stl/irt").glob("*.stl")):
        data = path.read_bytes()
        ours = [(event.begin_s, event.end_s, "".join("".join(event.lines).split())) for event in _read(data).events]
        assert [one for one in ours if one[0] != one[1]] == list(_said_by_ttconv(data)), path.name
        compared += len(ours)
    assert compared == 44
