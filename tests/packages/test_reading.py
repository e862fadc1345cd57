"""What documents of packages say: timelines by arithmetic, paths, standards by namespace, and XML that is refused."""

from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from deliverqc.errors import MasterError
from deliverqc.packages import composition_facts, hash_files, package_facts, read_package
from deliverqc.packages.documents import MOST_BYTES, read_root, whole
from deliverqc.packages.model import Fault
from deliverqc.packages.standards import standard_of
from deliverqc.probing import probe
from deliverqc.reports.compositions import composition_gaps, composition_line, composition_rows, composition_tables
from deliverqc.safe_xml import children, local, namespace, text
from fixtures.packages import TITLE, make_dcp, urn

_AM = "http://www.smpte-ra.org/schemas/429-9/2007/AM"
_IMF_PKL = "http://www.smpte-ra.org/schemas/2067-2/2016/PKL"
_IMF_CPL = "http://www.smpte-ra.org/schemas/2067-3/2016"
_CPL = "http://www.smpte-ra.org/schemas/429-7/2006/CPL"
_INTEROP_CPL = "http://www.digicine.com/PROTO-ASDCP-CPL-20040511#"


@pytest.mark.parametrize(
    ("namespaces", "standard"),
    [
        ((_AM, "http://www.smpte-ra.org/schemas/429-8/2007/PKL", _CPL), "smpte"),
        ((_AM, _IMF_PKL, _IMF_CPL), "imf"),
        ((_AM, "http://www.smpte-ra.org/schemas/429-8/2007/PKL", _INTEROP_CPL), "mixed"),
        ((_AM, _IMF_PKL, _CPL), "mixed"),
        ((_AM, _IMF_PKL, "http://www.smpte-ra.org/schemas/2067-3/2099"), None),
        ((_AM, None, _CPL), None),
    ],
    ids=["smpte", "imf", "interop-in-smpte", "dcp-in-imf", "unknown", "none"],
)
def test_the_standard_is_the_one_that_all_documents_share(
    namespaces: tuple[str | None, ...], standard: str | None
) -> None:
    assert standard_of(namespaces) == standard


def _imp(folder: Path) -> Path:
    """Two segments: frames 2 to 9 and twice frames 0 to 5 of a picture at 24, with sound of 48 kHz for each."""

    def sequence(name: str, track: str, resources: str) -> str:
        return f"<{name}><TrackId>{urn(track)}</TrackId><ResourceList>{resources}</ResourceList></{name}>"

    def resource(asset: str, rate: str, whole: int, entry: int, length: int, repeats: int) -> str:
        return (
            f"<Resource><EditRate>{rate}</EditRate><IntrinsicDuration>{whole}</IntrinsicDuration><EntryPoint>{entry}"
            f"</EntryPoint><SourceDuration>{length}</SourceDuration><RepeatCount>{repeats}</RepeatCount>"
            f"<TrackFileId>{urn(asset)}</TrackFileId></Resource>"
        )

    segments = ""
    for entry, length, repeats in ((2, 8, 1), (0, 6, 2)):
        picture = sequence("MainImageSequence", "p", resource("picture", "24 1", 24, entry, length, repeats))
        sound = resource("sound", "48000 1", 48_000, entry * 2000, length * 2000, repeats)
        segments += f"<Segment><Id>{urn(f'segment {entry}')}</Id><SequenceList>{picture}"
        segments += f"{sequence('MainAudioSequence', 's', sound)}</SequenceList></Segment>"
    (folder / "cpl.xml").write_text(
        f'<CompositionPlaylist xmlns="{_IMF_CPL}"><Id>{urn("imf")}</Id><ContentTitle>Two segments</ContentTitle>'
        f"<EditRate>24 1</EditRate><SegmentList>{segments}</SegmentList></CompositionPlaylist>"
    )
    (folder / "p k l.xml").write_text(f'<PackingList xmlns="{_IMF_PKL}"><Id>{urn("pkl")}</Id></PackingList>')
    assets = "".join(
        f"<Asset><Id>{urn(name)}</Id><ChunkList><Chunk><Path>{path}</Path></Chunk></ChunkList></Asset>"
        for name, path in (("pkl", "p%20k%20l.xml"), ("imf", "file:///cpl.xml"))
    )
    path = folder / "ASSETMAP.xml"
    path.write_text(f'<AssetMap xmlns="{_AM}"><Id>{urn("am")}</Id><AssetList>{assets}</AssetList></AssetMap>')
    return path


def test_segments_repeats_and_entry_points_add_up_to_twenty_frames(tmp_path: Path) -> None:
    package = read_package(_imp(tmp_path))
    facts = composition_facts(package, package.compositions[0], None)
    assert facts["package.standard"] == "imf"
    assert facts["package.composition.title"] == "Two segments"
    assert facts["package.composition.duration_s"] == pytest.approx(20 / 24, abs=1e-6)
    assert facts["package.composition.unequal_reels"] == []
    assert facts["package.composition.edit_rates"] == ["24/1", "48000/1"]
    assert len(facts["package.composition.unresolved_assets"]) == 4
    assert package_facts(package, None)["package.asset_map.missing_files"] == []


def test_an_entity_bomb_and_a_huge_document_are_refused_at_once(tmp_path: Path) -> None:
    bomb = tmp_path / "cpl.xml"
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    bomb.write_text(f'<!DOCTYPE a [<!ENTITY e0 "x">{levels}]><a>&e11;</a>')
    start = time.process_time()
    assert isinstance(read_root(bomb, "cpl.xml"), Fault)
    assert time.process_time() - start < 1
    with bomb.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    found = read_root(bomb, "cpl.xml")
    assert isinstance(found, Fault) and "larger than" in found.message


def test_a_comment_does_not_split_a_value(tmp_path: Path) -> None:
    dcp = make_dcp(tmp_path / "dcp")
    dcp.change(dcp.composition, urn("picture 0"), urn("picture 0").replace("uuid:", "uuid:<!-- c -->"))
    package = read_package(dcp.asset_map)
    facts = composition_facts(package, package.compositions[0], None)
    assert facts["package.composition.unresolved_assets"] == []


def test_files_are_hashed_once_with_progress(tmp_path: Path) -> None:
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    told: list[Any] = []
    missing = tmp_path / "no"
    found = hash_files([file, file, missing], lambda *step: told.append(step))
    assert found == {file: "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", missing: None}  # FIPS 180, example A.1
    assert told == [("hash", 3e-6, 3e-6)]


def test_a_report_shows_the_files_of_a_composition(tmp_path: Path) -> None:
    dcp = make_dcp(tmp_path / "dcp")
    (dcp.folder / "sound_0.mxf").unlink()
    package = read_package(dcp.asset_map)
    facts = composition_facts(package, package.compositions[0], None)
    assert composition_line(facts) == f"{TITLE}, 00:00:01.000, at 24/1, 1 reel"
    files, markers = composition_tables(facts)
    size = (dcp.folder / "picture_0.mxf").stat().st_size
    digest = base64.b64encode(hashlib.sha1((dcp.folder / "picture_0.mxf").read_bytes()).digest()).decode()
    assert files.rows[0][:3] == ("1", "picture", "picture_0.mxf")
    assert f"{size:,} bytes" in files.rows[0][3] and files.rows[0][4:6] == ("24 of 24 at 24/1", "00:00:00.000")
    assert files.rows[0][6] == f"not compared, {digest}"
    assert files.rows[1][3] == "not there"
    assert markers.rows == (("FFOC", "1", "1"), ("LFOC", "1", "23"))
    assert composition_gaps(facts)[0] == "1 file of the composition could not be measured: not there."
    assert dict(composition_rows(facts))["Encryption"] == "none"
    assert composition_gaps({}) == composition_rows({}) == []
    assert (composition_line({}), list(composition_tables({}))) == ("", [])


def test_a_report_says_whether_hashes_match_and_what_was_not_looked_at(tmp_path: Path) -> None:
    dcp = make_dcp(tmp_path / "dcp", reels=2)
    broken = dcp.folder / "sound_1.mxf"
    broken.write_bytes(broken.read_bytes()[:-1] + b"!")
    package = read_package(dcp.asset_map)
    hashes = hash_files(sorted(dcp.folder.glob("*.mxf")))
    facts = package_facts(package, hashes) | composition_facts(package, package.compositions[0], hashes)
    files, _ = composition_tables(facts)
    assert [row[6].split(", ")[0] for row in files.rows] == ["matches", "matches", "matches", "wrong"]
    assert [row[5] for row in files.rows] == ["00:00:00.000"] * 2 + ["00:00:01.000"] * 2
    assert composition_gaps(facts) == []


def test_a_report_places_segments_and_repeats(tmp_path: Path) -> None:
    package = read_package(_imp(tmp_path))
    facts = composition_facts(package, package.compositions[0], None)
    files = next(iter(composition_tables(facts)))
    assert files.heads[0] == "Segment"
    assert [row[5] for row in files.rows] == ["00:00:00.000"] * 2 + ["00:00:00.333"] * 2
    assert [row[4].endswith("2 times") for row in files.rows] == [False, False, True, True]
    gaps = composition_gaps(facts)
    assert [gap.split()[0] for gap in gaps] == ["Files", "Hashes", "Of"]


def test_names_of_elements_are_those_that_lxml_gives() -> None:
    root = etree.fromstring('<a:x xmlns:a="urn:a"><!-- y --><?y y?><y/><a:y/><y xmlns="urn:b">1</y><z/></a:x>')
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    assert [local(one) for one in elements] == [etree.QName(one).localname for one in elements]
    assert [namespace(one) for one in elements] == [etree.QName(one).namespace for one in elements]
    assert [(local(one), namespace(one)) for one in root if not isinstance(one.tag, str)] == [("", None)] * 2
    assert [namespace(one) for one in children(root, "y")] == [None, "urn:a", "urn:b"]
    assert [local(one) for one in children(root)] == ["y", "y", "y", "z"]
    assert text(root, "y") == "" and list(children(None)) == []


@pytest.mark.parametrize("name", ["ASSETMAP.xml", "pkl.xml", "cpl.xml"])
def test_one_document_of_a_package_is_refused_with_the_way_to_check_the_whole(tmp_path: Path, name: str) -> None:
    made = make_dcp(tmp_path / "dcp")
    with pytest.raises(MasterError, match=r"is a document of a package .* Check the folder"):
        probe(made.folder / name)


@pytest.mark.parametrize("words", ["+3", "0" * 30 + "3", "3"], ids=["sign", "zeros", "plain"])
def test_a_number_is_read_however_xml_schema_writes_it(words: str) -> None:
    assert whole(words) == 3


@pytest.mark.parametrize("words", ["", "+", "-3", "3.0", "\u0663", "9" * 19, " 3"], ids=range(7))
def test_what_is_not_such_a_number_is_not_read(words: str) -> None:
    assert whole(words) is None


def test_a_composition_without_xml_in_its_name_is_found_next_to_another(tmp_path: Path) -> None:
    made = make_dcp(tmp_path / "dcp")
    other = made.folder / "Film_v1.0_cpl"
    other.write_text(made.composition.read_text().replace(urn("cpl"), urn("other")))
    chunk = f"<ChunkList><Chunk><Path>{other.name}</Path></Chunk></ChunkList>"
    made.change(made.asset_map, "<AssetList>", f"<AssetList><Asset><Id>{urn('other')}</Id>{chunk}</Asset>")
    package = read_package(made.asset_map)
    assert {one.file_name for one in package.compositions} == {"cpl.xml", other.name}
    facts = package_facts(package, None)
    assert facts["package.packing_list.unlisted_compositions"] == [{"id": urn("other"), "path": other.name}]
