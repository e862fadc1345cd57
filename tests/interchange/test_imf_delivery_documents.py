"""An IMF Delivery Schema document: every constraint is a clause or left to a person, and means the same."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import _run
from deliverqc.interchange import read_foreign
from deliverqc.interchange.compose import Imported
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.lint import lint
from deliverqc.speclang.model import Spec
from deliverqc.speclib.examples import check_examples
from tests.material import schemas

_NAMESPACE = "http://www.imfug.com/ns/delivery-schema/2019"
_EXAMPLES = (
    "App5_sample.xml",
    "DRAFT_Netflix_OriginalsSpec_3.0_UHD_4K_SDR.xml",
    "DRAFT_Netflix_OriginalsSpec_3.3_UHD_SDR.xml",
    "IMF_DeliverySchema_Marker_Subtitle.xml",
)


def load(one: Imported, folder: Path) -> Spec:
    path = folder / f"{one.id}.json"
    path.write_text(json.dumps(one.document), encoding="utf-8")
    return spec_library().load(str(path))


def deliverable(tracks: str, folder: Path) -> Spec:
    path = folder / "delivery.xml"
    path.write_text(
        f'<DeliverySpecificationList xmlns="{_NAMESPACE}"><IssueDate>2019-07-10T00:00:00-00:00</IssueDate>'
        "<DeliverableList><Deliverable><Label>One</Label><CompositionPlaylistConstraints><VirtualTrackList>"
        f"{tracks}</VirtualTrackList></CompositionPlaylistConstraints></Deliverable></DeliverableList>"
        "</DeliverySpecificationList>"
    )
    (one,) = read_foreign(path)
    assert lint(one.document, shipped=False, registry=registry()) == ()
    return load(one, folder)


def image(*elements: str) -> str:
    return f"<ImageVirtualTrack>{''.join(elements)}</ImageVirtualTrack>"


def audio(symbol: str, labels: str = "", *, rate: str = "48000 1", least: int = 1) -> str:
    channels = "".join(f"<AudioChannel><MCATagSymbol>ch{one}</MCATagSymbol></AudioChannel>" for one in labels.split())
    mapping = f"<AudioChannelMapping>{channels}</AudioChannelMapping>" if channels else ""
    return (
        f'<AudioVirtualTrack><TimelineComplexity type="explicit"><Sequence><Cardinality><MinItem>{least}</MinItem>'
        "</Cardinality></Sequence></TimelineComplexity><SoundfieldGroupConfiguration>"
        f"<MCATagSymbol>{symbol}</MCATagSymbol></SoundfieldGroupConfiguration>{mapping}"
        f"<SampleRateList><SampleRate>{rate}</SampleRate></SampleRateList></AudioVirtualTrack>"
    )


def outcomes(spec: Spec, facts: dict[str, Any]) -> list[str]:
    own = {clause.id for clause in spec.measured_clauses}
    return [one.outcome.value for one in judge(spec, facts, as_of=date(2000, 1, 1)).clauses if one.id in own]


def constraints(element: ElementTree.Element) -> int:
    """Constraints of one deliverable, counted by another reader."""
    held = element.find(f"{{{_NAMESPACE}}}CompositionPlaylistConstraints")
    assert held is not None
    tracks = held.find(f"{{{_NAMESPACE}}}VirtualTrackList")
    assert tracks is not None
    return len(held) - 1 + sum(len(track) or 1 for track in tracks)


@pytest.mark.parametrize("name", _EXAMPLES)
def test_every_constraint_of_a_published_document_is_placed(name: str, tmp_path: Path) -> None:
    path = schemas(f"imf-delivery-examples/{name}")
    listed = ElementTree.parse(path).getroot().iter(f"{{{_NAMESPACE}}}Deliverable")
    found = read_foreign(path)
    assert [one.demand_count for one in found] == [constraints(element) for element in listed]
    assert len({one.id for one in found}) == len(found)
    for one in found:
        spec = load(one, tmp_path)
        assert lint(one.document, shipped=False, registry=registry()) == ()
        assert check_examples(spec, one.examples) == ()
        assert one.clauses
        assert all(part.reason for _, part in one.manual)


def test_several_deliverables_are_written_as_specs_of_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = schemas("imf-delivery-examples/DRAFT_Netflix_OriginalsSpec_3.3_UHD_SDR.xml")
    assert _run(["spec", "import", str(path)]) == 2
    assert "2 deliverables" in capsys.readouterr().err
    assert _run(["spec", "import", str(path), "-o", str(tmp_path / "specs"), "--id", "uhd"]) == 0
    assert sorted(one.name for one in (tmp_path / "specs").glob("*.json")) == ["uhd-1.json", "uhd-2.json"]
    assert _run(["spec", "test", str(tmp_path / "specs" / "uhd-2.json")]) == 0


@pytest.mark.parametrize(
    ("element", "facts", "outcome"),
    [
        ("<ImageFrameWidthList><ImageFrameWidth>3840</ImageFrameWidth></ImageFrameWidthList>",
         {"picture.width_px": 3840}, "pass"),
        ("<ImageFrameWidthList><ImageFrameWidth>3840</ImageFrameWidth></ImageFrameWidthList>",
         {"picture.width_px": 4096}, "fail"),
        ("<FrameRateList><FrameRate>24000 1001</FrameRate><FrameRate>25 1</FrameRate></FrameRateList>",
         {"picture.frame_rate": "24000/1001"}, "pass"),
        ("<FrameRateList><FrameRate>24000 1001</FrameRate><FrameRate>25 1</FrameRate></FrameRateList>",
         {"picture.frame_rate": "24/1"}, "fail"),
        ("<FrameStructure>Progressive</FrameStructure>", {"picture.scan": None}, "fail"),
        ("<FrameStructure>Progressive</FrameStructure>", {}, "not_measured"),
        ("<EssenceEncoding>ProResPictureCoding422HQ</EssenceEncoding>",
         {"picture.codec": "prores", "picture.codec_profile": "422_hq"}, "pass"),
        ("<EssenceEncoding>ProResPictureCoding422HQ</EssenceEncoding>",
         {"picture.codec": "prores", "picture.codec_profile": "422"}, "fail"),
        ("<Colorimetry>COLOR.7</Colorimetry>",
         {"picture.color_primaries": "bt2020", "picture.color_transfer": "smpte2084"}, "pass"),
        ("<Colorimetry>COLOR.7</Colorimetry>",
         {"picture.color_primaries": "bt2020", "picture.color_transfer": "bt709"}, "fail"),
    ],
)  # fmt: skip
def test_image_constraint_decides_as_the_schema_says(
    element: str, facts: dict[str, Any], outcome: str, tmp_path: Path
) -> None:
    assert outcomes(deliverable(image(element), tmp_path), facts) == [outcome]


@pytest.mark.parametrize(
    "element",
    [
        "<EssenceEncoding>J2K_4KIMF_SingleTileLossyProfile_M6S3</EssenceEncoding>",
        "<Colorimetry>COLOR.1</Colorimetry>",
        "<ColorComponents>RGB</ColorComponents><Sampling>4:4:4</Sampling>",
        "<ImageFrameWidthList/>",
        "<FrameRateList><FrameRate>24</FrameRate></FrameRateList>",
        "<FrameRateList><FrameRate>24 0</FrameRate></FrameRateList>",
        "<Invented>1</Invented>",
    ],
)
def test_image_constraint_that_no_clause_can_say_is_left_to_a_person(element: str, tmp_path: Path) -> None:
    spec = deliverable(image(element), tmp_path)
    assert spec.own_clauses == ()
    assert len(spec.manual) == (2 if "<Sampling>" in element else 1)


_FIVE_ONE = {"layout": "5.1", "channel_labels": ["L", "R", "C", "LFE", "Ls", "Rs"], "sample_rate_hz": 48000}
_STEREO = {"layout": "2.0", "channel_labels": ["L", "R"], "sample_rate_hz": 48000}
_MATRIXED = {"layout": "2.0", "channel_labels": ["Lt", "Rt"], "sample_rate_hz": 48000}


@pytest.mark.parametrize(
    ("tracks", "groups", "expected"),
    [
        (audio("sg51"), [_STEREO, _FIVE_ONE], ["pass"]),
        (audio("sg51"), [_STEREO], ["fail"]),
        (audio("sg51", rate="96000 1"), [_FIVE_ONE], ["fail"]),
        (audio("sg51", "L R C LFE Ls Rs"), [_FIVE_ONE], ["pass"]),
        (audio("sgLtRt", "Lt Rt"), [_STEREO], ["fail"]),
        (audio("sgLtRt"), [_MATRIXED], ["pass"]),
        (audio("sgST") + audio("sg51"), [_STEREO, _FIVE_ONE], ["pass", "pass"]),
        (audio("sg51") + audio("sg51"), [_FIVE_ONE], ["fail", "fail"]),
        (audio("sg51") + audio("sg51"), [_FIVE_ONE, _FIVE_ONE], ["pass", "pass"]),
        (audio("sg51", least=0), [_FIVE_ONE], []),
        (audio("sgHA"), [_FIVE_ONE], []),
        (audio("sg51", "L C R LFE Ls Rs"), [_FIVE_ONE], []),
        (audio("sg51") + audio("sg51", rate="96000 1"), [_FIVE_ONE], []),
    ],
)
def test_audio_track_asks_for_a_group_of_its_own(
    tracks: str, groups: list[dict[str, Any]], expected: list[str], tmp_path: Path
) -> None:
    assert outcomes(deliverable(tracks, tmp_path), {"sound.groups": groups}) == expected


def test_demands_on_the_playlist_wait_for_facts_of_the_package(tmp_path: Path) -> None:
    spec = deliverable(
        "<MarkerVirtualTrack><MarkerList><Marker>FFOC</Marker></MarkerList></MarkerVirtualTrack>", tmp_path
    )
    assert [one.awaits for one in spec.awaited_clauses] == ["package.markers"]
