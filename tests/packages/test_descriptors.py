"""Essence descriptors in compositions and track files: values whose two forms standards give, real packages of Photon
whose descriptors agree, and one change at a time in them."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from deliverqc.judging.judge import judge
from deliverqc.packages.descriptor_values import value_in_document, value_in_file
from deliverqc.packages.descriptors import read_descriptors, unread_items
from deliverqc.packages.registers import registers
from deliverqc.verdict import Outcome
from tests.material import material
from tests.packages.judged import DAY, SPECS, facts_of

_C = "package.composition."
_UL = bytes.fromhex("060e2b340401010d0401020203010310")
_UUID = bytes.fromhex("618abd7573a34b35a47cba8c181133bf")
_NAMESPACE = "http://www.smpte-ra.org/reg/335/2012"


def _batch(*elements: bytes) -> bytes:
    return struct.pack(">II", len(elements), len(elements[0])) + b"".join(elements)


_PAIRS: list[tuple[str, bytes, str, str]] = [
    ("unsigned", struct.pack(">I", 3840), "3840", "3841"),
    ("unsigned", b"\x42", "0x42", "0x43"),
    ("signed", struct.pack(">i", -1), "-1", "1"),
    ("boolean", b"\x01", "True", "False"),
    ("rational", struct.pack(">ii", 24000, 1001), "24000/1001", "24/1"),
    ("rational", struct.pack(">ii", 48000, 1), "48000", "96000"),
    ("utf16", "sg51\0".encode("utf-16-be"), "sg51", "sg71"),
    ("iso7", b"en\0", "en", "fr"),
    ("iso7", "en".encode("utf-16-be"), "en", "de"),
    (
        "label",
        _UL,
        "urn:smpte:ul:060e2b34.0401010d.04010202.03010310",
        "urn:smpte:ul:060e2b34.0401010d.04010202.03010311",
    ),
    ("label", _UL, "060e2b34.0401.0107.04010202.03010310", "060e2b34"),
    ("label", _UUID[8:] + _UUID[:8], f"urn:uuid:{_UUID.hex()}", f"urn:uuid:{_UUID[::-1].hex()}"),
    ("uuid", _UUID, "urn:uuid:618ABD75-73a3-4b35-a47c-ba8c181133bf", "urn:uuid:518abd75-73a3-4b35-a47c-ba8c181133bf"),
    ("bytes", b"\x01\x04", "0104", "0105"),
    ("LayoutType", b"\x04", "SegmentedFrame", "FullFrame"),
    ("LayoutType", b"\x02", "SingleField", "3"),
    (
        "rgba",
        b"R\x0cG\x0cB\x0cF\x04" + bytes(8),
        "<a><c>CompRed</c><s>12</s></a><a><c>CompGreen</c><s>12</s></a><a><c>CompBlue</c><s>12</s></a>"
        "<a><c>CompFill</c><s>4</s></a><a><c>CompNull</c><s>0</s></a>",
        "<a><c>CompRed</c><s>12</s></a>",
    ),
    (
        "j2k_components",
        _batch(b"\x0b\x01\x01", b"\x09\x02\x01"),
        "<a><s>11</s><x>1</x><y>1</y></a><a><s>9</s><x>2</x><y>1</y></a>",
        "<a><s>11</s><x>1</x><y>1</y></a>",
    ),
    ("j2k_components", _batch(b"\x09\x01\x01"), "0000000100000003090101", "0000000100000003090102"),
    (
        "j2k_capabilities",
        struct.pack(">I", 131072) + _batch(b"\0\x26", b"\0\x08"),
        "<Pcap>131072</Pcap><Ccapi><UInt16>38</UInt16><UInt16>8</UInt16></Ccapi>",
        "<Pcap>131072</Pcap>",
    ),
    ("uint16s", struct.pack(">HH", 15635, 16450), "<X>15635</X><Y>16450</Y>", "<X>15635</X><Y>16451</Y>"),
    ("int32_array", _batch(struct.pack(">i", 42), bytes(4)), "<v>42</v><v>0</v>", "<v>42</v>"),
    (
        "label_set",
        _batch(_UL, _UL[:-1] + b"\x01"),
        f"<a>{_UL[:-1].hex()}01</a><a>{_UL.hex()}</a>",
        f"<a>{_UL.hex()}</a>",
    ),
]


@pytest.mark.parametrize(
    ("type_", "data", "same", "other"), _PAIRS, ids=[f"{i}-{one[0]}" for i, one in enumerate(_PAIRS)]
)
def test_a_value_is_the_same_in_both_forms_and_another_is_not(type_: str, data: bytes, same: str, other: str) -> None:
    held = value_in_file(type_, data)
    assert held is not None
    assert value_in_document(type_, etree.fromstring(f"<e>{same}</e>")) == held
    assert value_in_document(type_, etree.fromstring(f"<e>{other}</e>")) != held


@pytest.mark.parametrize(
    ("type_", "data", "words"),
    [("other", b"\0", "0"), ("LayoutType", b"", "WholeFrame"), ("uuid", b"\0", None), ("rational", b"\0", None)],
)
def test_what_is_not_read_has_no_value(type_: str, data: bytes, words: str | None) -> None:
    if words is None:
        assert value_in_file(type_, data) is None
    else:
        assert value_in_document(type_, etree.fromstring(f"<e>{words}</e>")) is None


def test_a_name_of_two_items_is_told_apart_by_its_namespace() -> None:
    table = registers()
    assert table.item("NamespaceURI", "DCTimedTextDescriptor", _NAMESPACE) is not None
    labels = {one.label for space in ("", "/14/9") if (one := table.item("NamespaceURI", "", _NAMESPACE + space))}
    assert labels == {"0102010501000000", "0e09040000000000"}
    assert table.item("Rsizz", "JPEG2000SubDescriptor", _NAMESPACE) is None


_TEST_IMP = "photon/resources/TestIMP"


@pytest.mark.parametrize(
    ("folder", "symbols"), [("PHDR", ["sg51"]), ("Application5/PhotonApp5Test", ["sg51"])], ids=["phdr", "app5"]
)
def test_descriptors_of_a_whole_package_agree(folder: str, symbols: list[str]) -> None:
    facts = facts_of(material(f"{_TEST_IMP}/{folder}"), is_hashed=False)
    for name in ("descriptor_disagreements", "inhomogeneous_tracks", "audio_label_errors", "plug_in_errors"):
        assert facts[_C + name] == [], name
    assert facts[f"{_C}uncompared_descriptor_items"] == []
    assert facts[f"{_C}tracks"][1]["soundfields"] == symbols
    assert facts[f"{_C}surround_track_count"] == 1
    assert facts[f"{_C}stereo_track_count"] == 0


Facts = Callable[[str, str], dict[str, Any]]


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str], Facts]:
    """Facts of a package of Photon whose composition has something else in one place."""

    def of(folder: str) -> Facts:
        copy = tmp_path / "package"
        shutil.copytree(material(f"{_TEST_IMP}/{folder}"), copy)

        def facts(old: str, new: str) -> dict[str, Any]:
            cpl = next(copy.glob("CPL*.xml"))
            cpl.parent.chmod(0o755)
            cpl.chmod(0o644)
            words = cpl.read_text(encoding="utf-8")
            assert old in words
            cpl.write_text(words.replace(old, new, 1), encoding="utf-8")
            return facts_of(copy, is_hashed=False)

        return facts

    return of


@pytest.mark.parametrize(
    ("old", "new", "item", "composition", "track_file"),
    [
        ("StoredWidth>3840<", "StoredWidth>1920<", "RGBADescriptor.StoredWidth", "1920", "3840"),
        ("<r1:StoredWidth>3840</r1:StoredWidth>", "", "RGBADescriptor.StoredWidth", None, "3840"),
        ("<r1:StoredWidth>", "<r1:StoredF2Offset>0</r1:StoredF2Offset><r1:StoredWidth>",
         "RGBADescriptor.StoredF2Offset", "0", None),
        ("Rsiz>1302<", "Rsiz>1303<", "JPEG2000SubDescriptor.Rsiz", "1303", "1302"),
        ("EssenceLength>24<", "EssenceLength>25<", "RGBADescriptor.EssenceLength", "25", "24"),
        ("MCATagSymbol>chR<", "MCATagSymbol>chL<", "AudioChannelLabelSubDescriptor[1].MCATagSymbol", "chL", "chR"),
        (">FullFrame<", ">SegmentedFrame<", "RGBADescriptor.FrameLayout", "4", "0"),
        ("SourceEncoding>urn:uuid:6bc264f3", "SourceEncoding>urn:uuid:7bc264f3", "EssenceDescriptor", None,
         "RGBADescriptor"),
    ],
    ids=["width", "width-missing", "width-of-fields", "profile", "length", "label", "layout", "encoding"],
)  # fmt: skip
def test_a_difference_is_named_with_both_values(
    changed: Callable[[str], Facts], old: str, new: str, item: str, composition: str | None, track_file: str | None
) -> None:
    found = changed("PHDR")(old, new)[f"{_C}descriptor_disagreements"]
    assert [(one["item"], one["composition"], one["track_file"]) for one in found] == [(item, composition, track_file)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("AudioSampleRate>48000/1<", "AudioSampleRate>48000<"),
        ("0401010d.04010202.03010310", "04010101.04010202.03010310"),
        (">FullFrame<", ">0<"),
        ("InstanceID>urn:uuid:5e4e9aff", "InstanceID>urn:uuid:6e4e9aff"),
    ],
    ids=["rational", "version", "number", "instance"],
)
def test_another_way_to_write_a_value_agrees(changed: Callable[[str], Facts], old: str, new: str) -> None:
    assert changed("PHDR")(old, new)[f"{_C}descriptor_disagreements"] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<r1:StoredWidth>", "<r1:Storedf2>0</r1:Storedf2><r1:StoredWidth>"),
        (">FullFrame<", ">WholeFrame<"),
        ("<r1:StoredWidth>", "<r1:New>1</r1:New><r1:StoredWidth>"),
    ],
    ids=["name", "enumeration", "unknown"],
)
def test_what_cannot_be_compared_is_listed_and_never_agrees(
    changed: Callable[[str], Facts], old: str, new: str
) -> None:
    facts = changed("PHDR")(old, new)
    assert f"{_C}descriptor_disagreements" not in facts
    assert [one["is_in_composition"] for one in facts[f"{_C}uncompared_descriptor_items"]] == [True]


def test_more_sub_descriptors_than_are_read_are_never_passed_over() -> None:
    subs = "<AudioChannelLabelSubDescriptor/>" * 501
    inner = f"<WAVEPCMDescriptor><SubDescriptors>{subs}</SubDescriptors></WAVEPCMDescriptor>"
    nested = f"<IABEssenceDescriptor><SubDescriptors>{inner}</SubDescriptors></IABEssenceDescriptor>"
    for one in (inner, nested):
        listed = f"<EssenceDescriptor><Id>1</Id>{one}</EssenceDescriptor>"
        root = etree.fromstring(f"<a><EssenceDescriptorList>{listed}</EssenceDescriptorList></a>")
        document = read_descriptors(root)["1"]
        assert document is not None
        assert set(unread_items(document, document)) == {"WAVEPCMDescriptor.SubDescriptors"}


def test_a_file_that_is_not_there_leaves_the_comparison_unknown() -> None:
    facts = facts_of(material(f"{_TEST_IMP}/MERIDIAN_Netflix_Photon_161006"), is_hashed=False)
    assert f"{_C}descriptor_disagreements" not in facts
    assert f"{_C}audio_label_errors" in facts


def test_resources_of_a_virtual_track_have_the_same_essence(changed: Callable[[str], Facts]) -> None:
    found = changed("Application5/PhotonApp5Test")("StoredWidth>", "StoredWidth>1")[f"{_C}inhomogeneous_tracks"]
    assert [(one["item"], one["kind"]) for one in found] == [("StoredWidth", "picture")]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("16bit", "16 bits"),
        *((f"{name}_missing", name) for name in ("ADMAudioProgrammeID", "MCAContent", "MCATagName", "MCATagSymbol",
                                                 "MCAUseClass", "SADMAudioMetadataSubDescriptor")),
        ("ContainerContraintsSubDescriptor_missing", "ContainerConstraintsSubDescriptor"),
    ],
)  # fmt: skip
def test_faults_of_s_adm_are_those_that_the_names_of_its_test_files_say(name: str, words: str) -> None:
    folder = material(f"{_TEST_IMP}/SADM/ST2067-203_audio_track_file__non_compliant_{name}")
    found = facts_of(folder, is_hashed=False)[f"{_C}plug_in_errors"]
    assert found
    assert all(words in one["message"] for one in found)


def test_compliant_s_adm_has_no_fault() -> None:
    facts = facts_of(material(f"{_TEST_IMP}/SADM/ST2067-203_audio_track_file__compliant"), is_hashed=False)
    assert facts[f"{_C}plug_in_errors"] == []
    assert facts[f"{_C}s_adm_track_count"] == 1


_NEW = ("descriptors-agree", "homogeneous-tracks", "audio-labels", "plug-ins", "markers", "content-kind")


@pytest.mark.parametrize(
    ("folder", "old", "new", "failing"),
    [
        ("PHDR", "<", "<", set()),
        ("PHDR", "StoredWidth>3840<", "StoredWidth>1920<", {"descriptors-agree"}),
        ("PHDR", "<ContentKind>advertisement<", "<ContentKind>advert<", {"content-kind"}),
        ("Application5/PhotonApp5Test", "<", "<", set()),
        ("Application5/PhotonApp5Test", "StoredWidth>", "StoredWidth>1", {"descriptors-agree", "homogeneous-tracks"}),
    ],
    ids=["phdr", "phdr-width", "phdr-kind", "app5", "app5-width"],
)
def test_a_clean_package_passes_and_one_change_fails_its_clauses(
    changed: Callable[[str], Facts], folder: str, old: str, new: str, failing: set[str]
) -> None:
    verdict = judge(SPECS["imf"], changed(folder)(old, new), as_of=DAY, kind="composition")
    outcomes = {one.id: one.outcome for one in verdict.clauses if one.id in _NEW}
    assert {name for name, outcome in outcomes.items() if outcome is Outcome.FAIL} == failing
    assert {outcomes[name] for name in set(_NEW) - failing} == {Outcome.PASS}
