"""Labels, plug-ins, markers, content kinds and inserts of IMF compositions: one fault at a time, and essence
descriptors that are written from track files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from deliverqc.package_words import package_words
from deliverqc.packages.compositions import read_composition
from deliverqc.packages.descriptors import described_in_file, disagreements, read_descriptors
from deliverqc.packages.facts import composition_facts
from deliverqc.packages.model import AssetMap, Described, Identity, MappedAsset, Package, Track
from deliverqc.packages.sound_labels import label_errors, level_errors, plug_in_errors
from deliverqc.probing.wrappers.mxf_identity import read_identity
from fixtures.packages import track_files, urn
from fixtures.regxml import descriptor_list
from tests.material import material

_C = "package.composition."
_GROUP = {"MCATagSymbol": "sgST", "MCALinkID": "g", "MCATitle": "a", "MCATitleVersion": "b",
          "MCAAudioContentKind": "PRM", "MCAAudioElementKind": "FCMP", "RFC5646SpokenLanguage": "en"}  # fmt: skip


def _channel(place: str, symbol: str, group: str = "g") -> Described:
    values = {"MCAChannelID": place, "MCATagSymbol": symbol, "SoundfieldGroupLinkID": group, "MCALinkID": place}
    return Described(name="AudioChannelLabelSubDescriptor", values=values)


def _pcm(*channels: Described, group: Mapping[str, str] = _GROUP) -> Described:
    label = Described(name="SoundfieldGroupLabelSubDescriptor", values=dict(group))
    return Described(name="WAVEPCMDescriptor", values={"ChannelCount": "2"}, subs=(*channels, label))


@pytest.mark.parametrize(
    ("described", "label", "words"),
    [
        (_pcm(_channel("1", "chL"), _channel("2", "chL")), "chL", "second channel of its soundfield group"),
        (_pcm(_channel("1", "chL"), _channel("1", "chR")), "chR", "second label of channel 1"),
        *(
            (_pcm(_channel("1", "chL"), group={k: v for k, v in _GROUP.items() if k != name}), "sgST", f"has no {name}")
            for name in ("MCATitle", "MCATitleVersion", "MCAAudioContentKind", "MCAAudioElementKind")
        ),
    ],
    ids=["speaker-twice", "channel-twice", "title", "version", "content", "element"],
)
def test_one_fault_of_audio_labels_is_named(described: Described, label: str, words: str) -> None:
    ((found, message),) = label_errors(described)
    assert found == label
    assert words in message


@pytest.mark.parametrize(
    ("first", "second", "channel", "words"),
    [
        ("en", "en", None, None),
        ("en", "EN", None, None),
        ("en", None, None, None),
        ("en", "fr", None, "is in fr, and the group sgST in en"),
        ("en", "en", "fr", None),
    ],
    ids=["same", "in-capitals", "one", "other", "of-a-channel"],
)
def test_groups_of_a_track_file_are_in_one_language(
    first: str, second: str | None, channel: str | None, words: str | None
) -> None:
    """ST 2067-2 section 5.3.6.5 leaves the language of a channel's label aside."""
    one = _pcm(_channel("1", "chL"), group={**_GROUP, "RFC5646SpokenLanguage": first})
    values = {**_GROUP, "MCALinkID": "h"}
    values = {k: v for k, v in values.items() if k != "RFC5646SpokenLanguage"} | (
        {} if second is None else {"RFC5646SpokenLanguage": second}
    )
    more = replace(
        one.subs[0], values={**one.subs[0].values, **({"RFC5646SpokenLanguage": channel} if channel else {})}
    )
    two = replace(one, subs=(more, one.subs[1], Described(name="SoundfieldGroupLabelSubDescriptor", values=values)))
    found = [message for _, message in label_errors(two)]
    assert found == ([] if words is None else [words])


def test_speakers_of_two_groups_may_be_the_same() -> None:
    assert list(label_errors(_pcm(_channel("1", "chL"), _channel("2", "chR"), _channel("3", "chL", "h")))) == []


_IAB = Described(
    name="IABEssenceDescriptor",
    values={
        "ContainerFormat": "urn:smpte:ul:060e2b34.04010100.0d010301.021d0101",
        "SoundCompression": "urn:smpte:ul:060e2b34.04010100.0e090604.00000000",
        "QuantizationBits": "24",
    },
    subs=(
        Described(
            name="IABSoundfieldLabelSubDescriptor",
            values={
                "MCALabelDictionaryID": "urn:smpte:ul:060e2b34.04010100.03020221.00000000",
                "MCATagSymbol": "IAB",
                "MCATagName": "IAB",
            },
        ),
    ),
)


def _track(element: str, rate: Fraction) -> Track:
    identity = Identity(text=urn("x"), file="cpl.xml", line=1)
    return Track(
        element=element, kind="aux", identity=identity, reel=0, sequence="1", edit_rate=rate, intrinsic_duration=24,
        entry_point=0, duration=24, repeat_count=1, sha1=None, is_encrypted=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("element", "name", "rate", "words"),
    [
        ("ISXDSequence", "ISXDDataEssenceDescriptor", Fraction(24), None),
        ("ISXDSequence", "ISXDDataEssenceDescriptor", Fraction(25), "do not divide"),
        ("ISXDSequence", "ISXDDataEssenceDescriptor", Fraction(48), "the picture 24 frames"),
        ("IABSequence", "IABEssenceDescriptor", Fraction(24000, 1001), "do not divide"),
        ("IABSequence", "WAVEPCMDescriptor", Fraction(24), "requires IABEssenceDescriptor"),
        ("MainAudioSequence", "WAVEPCMDescriptor", Fraction(48000), None),
    ],
    ids=["isxd", "isxd-at-25", "isxd-at-48", "iab-at-23.976", "iab-as-pcm", "pcm"],
)
def test_plug_ins_go_with_the_picture(element: str, name: str, rate: Fraction, words: str | None) -> None:
    described = _IAB if name == _IAB.name else Described(name=name, values={})
    found = list(plug_in_errors(_track(element, rate), described, Fraction(24)))
    assert (found == []) if words is None else (words in found[0] and len(found) == 1)


def _changed(one: Described, **values: str) -> Described:
    return replace(one, values={**one.values, **values})


@pytest.mark.parametrize(
    ("described", "words"),
    [
        (_changed(_IAB, QuantizationBits="16"), "has 16 as QuantizationBits"),
        (_changed(_IAB, ContainerFormat="urn:smpte:ul:060e2b34.04010100.0d010301.021d0201"), "as ContainerFormat"),
        (_changed(_IAB, SoundCompression=""), "has nothing as SoundCompression"),
        (_changed(_IAB, Codec="urn:smpte:ul:060e2b34.04010100.0e090604.00000000"), "names a codec"),
        (_changed(_IAB, ElectrospatialFormulation="2"), "ElectrospatialFormulation 2"),
        (_changed(_IAB, ElectrospatialFormulation="15"), None),
        (replace(_IAB, subs=()), "has no IABSoundfieldLabelSubDescriptor"),
        (replace(_IAB, subs=_IAB.subs * 2), "has 2 IABSoundfieldLabelSubDescriptor"),
        (replace(_IAB, subs=(*_IAB.subs, _channel("1", "chL"))), "has AudioChannelLabelSubDescriptor"),
        (replace(_IAB, subs=(_changed(_IAB.subs[0], MCATagSymbol="iab"),)), "has iab as MCATagSymbol"),
        (replace(_IAB, subs=(_changed(_IAB.subs[0], MCAContent="PRM"),)), "has MCAContent without MCAUseClass"),
        (replace(_IAB, subs=(_changed(_IAB.subs[0], MCAUseClass="FCMP"),)), "has MCAUseClass without MCAContent"),
        (replace(_IAB, subs=(_changed(_IAB.subs[0], MCAContent="PRM", MCAUseClass="FCMP"),)), None),
    ],
    ids=["bits", "container", "coding", "codec", "formulation", "multichannel", "unlabelled", "two-labels",
         "channel-label", "symbol", "content", "use-class", "pair"],
)  # fmt: skip
def test_one_fault_of_iab_is_named(described: Described, words: str | None) -> None:
    found = list(plug_in_errors(_track("IABSequence", Fraction(24)), described, Fraction(24)))
    assert (found == []) if words is None else (words in found[0] and len(found) == 1)


@pytest.mark.parametrize(
    ("name", "count"), [("", 0), ("_no_conformstospecifications", 1), ("_non_zero_channelcount", 0), ("_no_subdesc", 1)]
)
def test_track_files_of_iab_are_as_photon_grades_them(name: str, count: int) -> None:
    """Warnings left aside."""
    path = material(f"photon/resources/TestIMP/IAB/MXF/meridian_2398_IAB_5f{name}.mxf")
    rate, identity = Fraction(24000, 1001), read_identity(path)
    assert identity is not None
    track = _track("IABSequence", rate)
    found = [*plug_in_errors(track, _held(path), rate), *level_errors(track, identity.conforms_to)]
    assert len(found) == count
    assert list(level_errors(_track("MainAudioSequence", rate), ())) == []


def test_a_list_that_is_written_from_track_files_agrees_and_a_changed_file_does_not(tmp_path: Path) -> None:
    files = {urn(kind): path for kind, path in track_files(tmp_path).items()}
    root = etree.fromstring(f"<CompositionPlaylist>{descriptor_list(files)}</CompositionPlaylist>")
    documents = {f"urn:uuid:{key}": one for key, one in read_descriptors(root).items()}
    for identity, path in files.items():
        document = documents[identity]
        assert document is not None
        assert document.unread == ()
        assert list(disagreements(document, _held(path))) == []
    sound = files[urn("sound")]
    changed = tmp_path / "changed.mxf"
    changed.write_bytes(sound.read_bytes().replace(b"\x00\x02en", b"\x00\x02fr"))
    document = documents[urn("sound")]
    assert document is not None
    (found,) = disagreements(document, _held(changed))
    assert (found.item, found.composition, found.track_file) == (
        "SoundfieldGroupLabelSubDescriptor.RFC5646SpokenLanguage", "en", "fr",
    )  # fmt: skip


def _held(path: Path) -> Described:
    identity = read_identity(path)
    assert identity is not None
    return described_in_file(identity.descriptors[0])


_MARKER = "<MarkerSequence><TrackId>m</TrackId><ResourceList><Resource><IntrinsicDuration>24</IntrinsicDuration>{}</Resource></ResourceList></MarkerSequence>"  # noqa: E501


def _resource(track: str, asset: str) -> str:
    return (
        f"<MainAudioSequence><TrackId>{track}</TrackId><ResourceList><Resource><EditRate>24 1</EditRate>"
        f"<IntrinsicDuration>24</IntrinsicDuration><TrackFileId>{urn(asset)}</TrackFileId></Resource></ResourceList>"
        "</MainAudioSequence>"
    )


def _facts(*, kind: str = "", markers: str = "", segments: tuple[tuple[str, str], ...] = (), held: str = "") -> Any:
    """Facts of an IMF composition with segments of audio (virtual track, asset); its package has the assets `held`."""
    inner = "".join(f"<Segment><SequenceList>{_resource(*one)}{markers}</SequenceList></Segment>" for one in segments)
    root = etree.fromstring(
        f'<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>{urn("c")}</Id>{kind}'
        "<EditRate>24 1</EditRate><ExtensionProperties><MaxCLL>1000</MaxCLL><MaxFALL>0</MaxFALL></ExtensionProperties>"
        "<LocaleList><Locale><LanguageList><Language>en</Language><Language>de</Language></LanguageList></Locale></LocaleList>"
        f"<SegmentList>{inner}</SegmentList></CompositionPlaylist>"
    )
    composition = read_composition(root, "cpl.xml")[0]
    assets = tuple(
        MappedAsset(identity=Identity(text=urn(name), file="", line=None), path=name, is_packing_list=False, file=None,
                    refusal=None)
        for name in held.split()
    )  # fmt: skip
    package = Package(
        folder=Path(), asset_map=AssetMap(file_name="", namespace=None, volume_count=1, assets=assets),
        volume_index_name=None, packing_lists=(), compositions=(composition,), faults=(), foreign=(),
    )  # fmt: skip
    return composition_facts(package, composition, None)


_ONE = (("t", "a"),)


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("<Marker><Label>FFOC</Label><Offset>23</Offset></Marker>", None),
        ("<Marker><Label>FFOC</Label><Offset>24</Offset></Marker>", "behind the last of 24"),
        ("<Marker><Label>FFOC</Label><Offset>-1</Offset></Marker>", "no offset"),
        ("<Marker><Label/><Offset>0</Offset></Marker>", "no label"),
    ],
    ids=["last", "behind", "negative", "unlabelled"],
)
def test_markers_are_inside_their_resource(marker: str, words: str | None) -> None:
    found = _facts(markers=_MARKER.format(marker), segments=_ONE)[f"{_C}marker_errors"]
    assert [one["message"] for one in found if words is None or words not in one["message"]] == []
    assert len(found) == (words is not None)


_SCOPE = "http://www.smpte-ra.org/schemas/429-16/2014/CPL-Metadata#scope/content-kind"


@pytest.mark.parametrize(
    ("kind", "is_registered"),
    [
        ("<ContentKind>Episode</ContentKind>", True),
        ("<ContentKind>serial</ContentKind>", False),
        (f'<ContentKind scope="{_SCOPE}">clip</ContentKind>', True),
        (f'<ContentKind scope="{_SCOPE}">episode</ContentKind>', False),
        ('<ContentKind scope="urn:own">tango</ContentKind>', None),
        ("", None),
    ],
    ids=["episode", "serial", "clip", "episode-in-another-scope", "own-scope", "none"],
)
def test_content_kinds_are_those_of_their_scope(kind: str, is_registered: bool | None) -> None:
    assert _facts(kind=kind, segments=_ONE)[f"{_C}is_content_kind_registered"] is is_registered


def test_a_part_of_a_sound_track_whose_rest_is_elsewhere_is_an_insert() -> None:
    parts = (("t", "a"), ("t", "b"))
    assert [one["id"] for one in _facts(segments=parts, held="a")[f"{_C}sound_inserts"]] == [urn("a")]
    assert _facts(segments=parts, held="a b")[f"{_C}sound_inserts"] == []
    assert _facts(segments=parts)[f"{_C}sound_inserts"] == []


def test_properties_and_locales_are_read() -> None:
    facts = _facts(segments=_ONE)
    assert facts[f"{_C}max_cll_cd_m2"] == 1000
    assert facts[f"{_C}max_fall_cd_m2"] is None
    assert facts[f"{_C}locale_languages"] == ["en", "de"]
    assert f"{_C}is_dolby_vision" not in facts
    assert f"{_C}longest_picture_s" not in facts


_METADATA = "http://www.smpte-ra.org/schemas/429-16/2014/CPL-Metadata"


def _extended(scope: str) -> bool:
    root = etree.fromstring(
        f'<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/429-7/2006/CPL"><Id>{urn("c")}</Id><ReelList><Reel>'
        f"<AssetList><MainPicture><Id>{urn('p')}</Id><EditRate>24 1</EditRate><IntrinsicDuration>48</IntrinsicDuration>"
        f'</MainPicture><CompositionMetadataAsset xmlns="{_METADATA}"><ExtensionMetadataList>'
        f'<ExtensionMetadata scope="{scope}"/></ExtensionMetadataList></CompositionMetadataAsset>'
        "</AssetList></Reel></ReelList></CompositionPlaylist>"
    )
    return read_composition(root, "cpl.xml")[0].is_dolby_vision


def test_a_dcp_is_dolby_vision_by_the_scope_of_its_extension_metadata() -> None:
    assert _extended("http://www.dolby.com/schemas/2014/EDR-Metadata")
    assert not _extended("http://isdcf.com/ns/cplmd/app")


@pytest.mark.parametrize(
    ("fact", "item", "found", "required"),
    [
        ("descriptor_disagreements", {"item": "RGBADescriptor.StoredWidth", "composition": "1920", "track_file": None},
         "RGBADescriptor.StoredWidth is 1920 in the composition", "absent, as in the track file"),
        ("inhomogeneous_tracks", {"item": "ChannelCount", "first": "6", "actual": "2"},
         "ChannelCount is 2", "6, as in the first part of the track"),
        ("audio_label_errors", {"label": "", "message": "has no MCATitle"},
         "the label without a symbol has no MCATitle", "one label for each channel"),
        ("plug_in_errors", {"message": "has 16 bits"}, "has 16 bits", "what the plug-in requires"),
        ("sound_inserts", {}, "replaces a part of an audio track", "whole audio tracks"),
        ("marker_errors", {"label": "FFOC", "offset": 24, "message": "has no offset"},
         "the marker FFOC of reel 1 has no offset", "an offset inside the reel"),
    ],
    ids=["descriptor", "track", "label", "plug-in", "insert", "marker"],
)  # fmt: skip
def test_findings_say_what_is_wrong(fact: str, item: Mapping[str, Any], found: str, required: str) -> None:
    words = package_words(f"{_C}{fact}", {"id": "urn:uuid:1", "reel": 0, "kind": "picture", **item})
    assert words is not None
    assert found in words[0]
    assert required in words[1]
