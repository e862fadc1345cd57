"""Documents against the elements of their standards: real ones, those that their makers broke, and forms of values."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from deliverqc.packages import shapes
from deliverqc.packages.documents import read_root
from deliverqc.packages.structure import structure_faults
from deliverqc.safe_xml import local
from fixtures.packages import urn
from tests.material import material

_ROOTS = ("AssetMap", "PackingList", "CompositionPlaylist", "VolumeIndex")
_IMF = "http://www.smpte-ra.org/schemas/2067-3/2016"


def _documents(folder: str) -> dict[str, list[str]]:
    """The messages of each document, by its path."""
    found = {}
    for path in sorted(material(folder).rglob("*")):
        if path.suffix.lower() in (".xml", "") and path.is_file():
            root = read_root(path, path.name)
            if isinstance(root, etree._Element) and local(root) in _ROOTS:
                faults = structure_faults(root, path.name)
                found[str(path.relative_to(material(folder)))] = [one.message for one in faults]
    return found


def test_real_documents_have_no_fault_but_those_that_their_makers_broke() -> None:
    broken = {
        "photon": {
            "resources/ASSETMAP_schemaViolation.xml": "AssetMap has no AssetList",
            "resources/TestIMP/BadXML/ASSETMAP.xml": "Asset has no ChunkList",
            "resources/TestIMP/BadXML/PKL_d54a68ed-332e-4ddd-b163-c0317abb1e52.xml": "Asset has no HashAlgorithm",
        },
        "libdcp": {"test/ref/cpl_metadata_test3.xml": "CompositionMetadataAsset has no FullContentTitleText"},
        "clairmeta_data": {"XML/PKL_IOP_EMPTY_TAG.xml": "AssetList in PackingList has to come before Signer"},
    }
    counts = {}
    for folder, expected in broken.items():
        found = _documents(folder)
        counts[folder] = len(found)
        assert {name for name, messages in found.items() if messages} == set(expected)
        assert all(message in found[name] for name, message in expected.items())
    assert min(counts.values()) > 30


def _composition(*changes: tuple[str, str]) -> list[str]:
    """Messages of a small IMF composition, in which one piece of text is replaced."""
    text = (
        f'<CompositionPlaylist xmlns="{_IMF}" xmlns:cc="urn:cc"><Id>{urn("a")}</Id><IssueDate>2026-01-01T00:00:00Z'
        "</IssueDate><ContentTitle>t</ContentTitle><CompositionTimecode><TimecodeDropFrame>0</TimecodeDropFrame>"
        "<TimecodeRate>24</TimecodeRate><TimecodeStartAddress>01:00:00:00</TimecodeStartAddress></CompositionTimecode>"
        "<EditRate>24 1</EditRate><TotalRunningTime>00:00:01</TotalRunningTime><LocaleList><Locale><LanguageList>"
        "<Language>en</Language></LanguageList></Locale></LocaleList><ExtensionProperties><cc:A>x</cc:A>"
        f"</ExtensionProperties><SegmentList><Segment><Id>{urn('b')}</Id><SequenceList><cc:MainImageSequence>"
        f"<Id>{urn('c')}</Id><TrackId>{urn('d')}</TrackId><ResourceList><Resource><Id>{urn('e')}</Id>"
        "<IntrinsicDuration>24</IntrinsicDuration><RepeatCount>1</RepeatCount>"
        f"<SourceEncoding>{urn('f')}</SourceEncoding><TrackFileId>{urn('g')}</TrackFileId></Resource></ResourceList>"
        "</cc:MainImageSequence></SequenceList></Segment></SegmentList></CompositionPlaylist>"
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return [one.message for one in structure_faults(etree.fromstring(text), "cpl.xml")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<ContentTitle>t</ContentTitle>", "", "CompositionPlaylist has no ContentTitle"),
        ("<EditRate>24 1</EditRate>", "", "CompositionPlaylist has no EditRate"),
        ("<EditRate>24 1", "<EditRate>24/1", "EditRate is '24/1', not two whole numbers such as 24 1"),
        ("<RepeatCount>1", "<RepeatCount>0", "RepeatCount is '0', not a whole number from 1 (18 digits at most)"),
        ("00:00:01<", "1 s<", "TotalRunningTime is '1 s', not hh:mm:ss"),
        ("01:00:00:00<", "1:00<", "TimecodeStartAddress is '1:00', not a timecode"),
        ("<LanguageList><Language>en</Language></LanguageList>", "<LanguageList/>", "LanguageList has no Language"),
        (f"<TrackId>{urn('d')}</TrackId>", "", "MainImageSequence has no TrackId"),
        ("<TrackId>urn:uuid:", "<TrackId>", f"TrackId is '{urn('d')[9:]}', not urn:uuid: and a UUID"),
        ("<RepeatCount>", "<Repeats/><RepeatCount>", "Repeats is not an element of Resource"),
        ("<RepeatCount>1", "<EntryPoint>0</EntryPoint><RepeatCount>1", None),
        ("<TrackFileId>", "<KeyId/><TrackFileId>", "TrackFileId in Resource has to come before KeyId"),
        ('<Segment>', '<Segment xmlns="http://www.smpte-ra.org/schemas/2067-3/2013">', "Segment in SegmentList is of "
         "another namespace (http://www.smpte-ra.org/schemas/2067-3/2013)"),
    ],
    ids=range(13),
)  # fmt: skip
def test_one_fault_of_an_imf_composition_is_named(old: str, new: str, message: str | None) -> None:
    assert _composition() == []
    found = _composition((old, new))
    assert found == [] if message is None else message in found


@pytest.mark.parametrize(
    ("form", "right", "wrong"),
    [
        ("moment", ["2026-02-28T23:59:59Z", "2026-01-01T00:00:00.5+01:00"], ["2026-01-01", "2026-00-01T00:00:00Z", ""]),
        ("rational", ["24 1", "30000  1001"], ["24", "24 0", "24 1 1", "a b"]),
        ("count", ["0", "007"], ["-1", "1.0", "", "١"]),
        ("positive", ["1", "010"], ["0", "-1", ""]),
        ("base64", ["2jmj7l5rSw0yVb/vlWAYkK/YBwk="], ["", "a", "2jmj-"]),
        ("flag", ["true", "0"], ["", "True", "yes"]),
        ("decimal", ["1.85", "2"], ["1,85", "16:9", "-1"]),
    ],
)
def test_forms_of_values(form: str, right: list[str], wrong: list[str]) -> None:
    assert [one for one in right if shapes.form_fault(form, one)] == []
    assert [one for one in wrong if not shapes.form_fault(form, one)] == []


def test_every_shape_can_be_read_and_is_used() -> None:
    used = {*shapes._ROOTS.values(), *shapes.EXTENSIONS.values(), "sequence"}
    for name in shapes._SHAPES:
        used |= {item.shape for item in shapes.shape(name) if item.shape is not None}
    assert used == set(shapes._SHAPES)


def test_a_document_with_a_thousand_faults_is_named_a_hundred_times(tmp_path: Path) -> None:
    root = etree.Element("{http://www.smpte-ra.org/schemas/429-8/2007/PKL}PackingList")
    for _ in range(1000):
        etree.SubElement(root, "{http://www.smpte-ra.org/schemas/429-8/2007/PKL}A")
    found = structure_faults(root, "pkl.xml")
    assert (len(found), found[-1].line) == (101, None)
    assert structure_faults(etree.Element("{urn:a}PackingList"), "pkl.xml") == []
