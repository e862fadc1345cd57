"""RPUs: units written bit by bit, and those that dovi_tool made from documents whose values are known."""

from __future__ import annotations

import re

import pytest

from deliverqc.probing.nal_units import unescaped
from deliverqc.signals.headers.dynamic_metadata import CM_2_9, CM_4_0, FrameMetadata, metadata_version, read_frame_xml
from deliverqc.signals.headers.rpu import read_rpu
from fixtures.rpus import rpu
from tests.material import material

_TESTS = "dovi_tool/assets/tests"


def _codes(level_1: tuple[float, float, float] | None) -> tuple[int, ...] | None:
    return None if level_1 is None else tuple(round(value * 4095) for value in level_1)


@pytest.mark.parametrize(
    ("unit", "cm", "level_1"),
    [
        (rpu((7, 3000, 1200)), CM_2_9, (7, 1200, 3000)),
        (rpu(None), CM_2_9, None),
        (rpu((0, 0, 0)), CM_2_9, (0, 0, 0)),
        (rpu((0, 4095, 1), levels_of_4_0=(254,)), CM_4_0, (0, 1, 4095)),
        (rpu(levels_of_4_0=(3, 9, 254)), CM_4_0, (0, 1200, 3000)),
        (rpu(levels_of_4_0=(3, 9)), None, (0, 1200, 3000)),
        (rpu() + b"\0\0", CM_2_9, (0, 1200, 3000)),
    ],
)
def test_a_unit_says_its_version_and_its_level_1(
    unit: bytes, cm: int | None, level_1: tuple[int, int, int] | None
) -> None:
    found = read_rpu(unit)
    assert found is not None
    assert (found.cm, _codes(found.level_1)) == (cm, level_1)


@pytest.mark.parametrize("unit", [rpu(is_damaged=True), rpu()[:-9] + b"\x80", b"\x19\x80", b"", b"\x1a" + rpu()[1:]])
def test_a_damaged_unit_says_nothing(unit: bytes) -> None:
    assert read_rpu(unit) is None


def _units(name: str) -> list[bytes]:
    stream = material(f"{_TESTS}/{name}").read_bytes()
    return [unescaped(unit) for unit in re.split(rb"\x00?\x00\x00\x01", stream) if unit]


@pytest.mark.parametrize(
    ("units", "document", "cm"),
    [
        ("cmv2_9_xml_with_l5_rpu.bin", "cmv2_9.xml", CM_2_9),
        ("cmv4_0_2_xml_rpu.bin", "cmv4_0_2.xml", CM_4_0),
        ("cmv4_2_510_xml_rpu.bin", "cmv4_2_xml_510.xml", CM_4_0),
    ],
)
def test_units_say_what_the_document_says_that_they_were_made_from(units: str, document: str, cm: int) -> None:
    text = material(f"{_TESTS}/{document}").read_text()
    durations = [int(found) for found in re.findall(r"<Record>.*?<Duration>(\d+)", text, re.DOTALL)]
    largest = [
        round(float(re.split(r"[ ,]", found)[2]) * 4095)
        for found in re.findall(r"<ImageCharacter>\s*([\d., ]+?)\s*</ImageCharacter>", text)
    ]
    read = [read_rpu(unit) for unit in _units(units)]
    assert len(read) == sum(durations)
    assert {one.cm if one is not None else 0 for one in read} == {cm}
    starts = [sum(durations[:shot]) for shot in range(len(durations))]
    told = [_codes(read[start].level_1) for start in starts if read[start] is not None]  # type: ignore[union-attr]
    assert [codes[2] for codes in told if codes] == largest[: len(told)]


@pytest.mark.parametrize(
    ("name", "cm"),
    [
        ("profile4.bin", CM_2_9), ("profile5.bin", CM_2_9), ("profile8.bin", CM_2_9), ("profile84.bin", CM_2_9),
        ("fel_orig.bin", CM_2_9), ("mel_orig.bin", CM_2_9), ("poly_coef_int_logic.bin", CM_2_9),
        ("cmv40_full_rpu.bin", CM_4_0), ("data_before_crc32.bin", CM_4_0), ("profile20_apple.bin", CM_4_0),
        ("unordered_l8_blocks.bin", CM_4_0), ("mel_variable_l8_length13.bin", CM_4_0),
    ],
)  # fmt: skip
def test_units_of_every_profile_are_read(name: str, cm: int) -> None:
    (unit,) = _units(name)
    found = read_rpu(unit)
    assert found is not None
    assert found.cm == cm
    assert found.level_1 is not None
    assert 0 <= found.level_1[0] <= found.level_1[1] <= found.level_1[2] <= 1


def test_a_unit_without_blocks_has_no_level_1() -> None:
    assert read_rpu(_units("empty_dmv1_blocks.bin")[0]) == FrameMetadata(cm=CM_2_9)


_FRAME = (
    b'<?xml version="1.0"?><DolbyVisionFrameData version="2.0.5"><PluginNode><DolbyEDR level="1"><ImageCharacter>'
    b'0,0.25,0.5</ImageCharacter></DolbyEDR><DolbyEDR level="2"><TID>1</TID></DolbyEDR></PluginNode>'
    b"<FrameNumber>0</FrameNumber></DolbyVisionFrameData>"
)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (_FRAME, FrameMetadata(cm=CM_2_9, level_1=(0.0, 0.25, 0.5))),
        (_FRAME.replace(b"2.0.5", b"4.0.2"), FrameMetadata(cm=CM_4_0, level_1=(0.0, 0.25, 0.5))),
        (_FRAME.replace(b"2.0.5", b"5.1.0").replace(b",", b" "), FrameMetadata(cm=CM_4_0, level_1=(0.0, 0.25, 0.5))),
        (_FRAME.replace(b"2.0.5", b"3.0.0"), FrameMetadata(level_1=(0.0, 0.25, 0.5))),
        (_FRAME.replace(b'level="1"', b'level="6"'), FrameMetadata(cm=CM_2_9)),
        (_FRAME.replace(b"DolbyEDR", b"Level1"), FrameMetadata(cm=CM_2_9, level_1=(0.0, 0.25, 0.5))),
        (_FRAME[:-3], None),
        (_FRAME.replace(b"0.25", b"NaN"), None),
        (_FRAME.replace(b"0.25", b"1.25"), None),
        (_FRAME.replace(b' version="2.0.5"', b""), None),
    ],
    ids=["2.0.5", "4.0.2", "5.1.0", "3.0.0", "no-level-1", "level1-element", "cut", "nan", "beyond-1", "no-version"],
)
def test_a_document_of_a_frame_says_its_version_and_its_level_1(document: bytes, found: FrameMetadata | None) -> None:
    assert read_frame_xml(document) == found


def test_a_version_is_stated_by_attribute_or_namespace() -> None:
    assert metadata_version(' version="2.0.5"') == (2, 0, 5)
    assert metadata_version(' xmlns="http://www.dolby.com/schemas/dvmd/5_1_0"') == (5, 1, 0)
    assert metadata_version(' version="new"') is None
