"""What MXF files state of themselves, held to MediaInfo, to what was written into them and to SMPTE ST 377-1."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc.facts import vocabulary as words
from deliverqc.probing import probe
from deliverqc.probing.wrappers import mxf_index, mxf_klv, mxf_labels
from deliverqc.probing.wrappers.mxf_as11 import document_facts
from deliverqc.probing.wrappers.mxf_facts import MxfStatements, read_statements
from deliverqc.probing.wrappers.mxf_header import read_header
from fixtures.ffmpeg import make
from fixtures.mxf import CORE, SEGMENTATION, SPECIFICATIONS, UK_DPP, core, part, text, uk_dpp, with_metadata
from tests.material import material

_SECOND = "-f lavfi -i testsrc=s=320x180:r=25:d=1 -f lavfi -i sine=d=1:r=48000"
_DPP = {
    uk_dpp(0x09): struct.pack(">ii", 16, 9),
    uk_dpp(0x0A): b"\0",
    uk_dpp(0x0D): b"\0",
    uk_dpp(0x0E): text("HardingFPA"),
    uk_dpp(0x0F): text("3.4"),
    uk_dpp(0x13): b"\1",
    uk_dpp(0x19): b"\1",
    uk_dpp(0x1A): b"\1",
    uk_dpp(0x1B): b"\0",
    uk_dpp(0x1E): b"\1",
}
_CORE_ITEMS = {core(4): text("UK DPP HD"), core(5): b"\x31", core(7): b"\0", core(10): b"\1\1"}
_X1 = bytes.fromhex("060e2b34040101010d01080105020000")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    arguments = f"{_SECOND} -map 0:v -map 1:a -map 1:a -c:v mpeg2video -c:a pcm_s24le -timecode 10:00:00:00"
    return make(tmp_path_factory.mktemp("mxf") / "plain.mxf", arguments)


@pytest.fixture(scope="module")
def as11(plain: Path) -> Path:
    segments = [(10, None, {}), (5, SEGMENTATION, part(1, 2)), (5, None, {}), (5, SEGMENTATION, part(2, 2))]
    tracks = [[(25, CORE, _CORE_ITEMS)], [(25, UK_DPP, _DPP)], segments]
    path = Path(shutil.copy(plain, plain.with_name("as11.mxf")))
    named = {SPECIFICATIONS: struct.pack(">II", 1, 16) + _X1}
    return with_metadata(path, tracks, documents=[b'<Programmes_DM xmlns="urn:x"/>'], preface=named)


def _read(data: bytes) -> MxfStatements:
    return read_statements(io.BytesIO(data), len(data), read_header(io.BytesIO(data), len(data)))


def _tracks_of_mediainfo(path: Path) -> list[dict[str, Any]]:
    if shutil.which("mediainfo") is None:
        pytest.skip("mediainfo is not on PATH")
    output = subprocess.run(["mediainfo", "--Output=JSON", str(path)], capture_output=True, check=True).stdout
    tracks: list[dict[str, Any]] = json.loads(output, strict=False)["media"]["track"]
    return tracks


def test_as11_metadata_is_what_was_written(as11: Path) -> None:
    general = _read(as11.read_bytes()).general
    assert [general[f"wrapper.as11_{name}_track_count"] for name in ("core", "uk_dpp", "segmentation")] == [1, 1, 1]
    assert general["wrapper.as11_segments"] == [
        {"part_number": 1, "part_total": 2, "start_s": Fraction(2, 5), "duration_s": Fraction(1, 5)},
        {"part_number": 2, "part_total": 2, "start_s": Fraction(4, 5), "duration_s": Fraction(1, 5)},
    ]
    assert general["wrapper.as11_pse_manufacturer"] == "HardingFPA"
    assert general["wrapper.as11_pse_version"] == "3.4"
    assert general["wrapper.as11_audio_description_present"] is True
    assert general["wrapper.as11_unfilled_fields"] == []
    assert general["wrapper.as11_specification_identifiers"] == ["urn:smpte:ul:060e2b34.04010101.0d010801.05020000"]
    assert general["wrapper.as11_xml_documents"] == [
        {"is_well_formed": True, "root": "Programmes_DM", "namespace": "urn:x"}
    ]


def test_mediainfo_reads_the_same_as11_metadata(as11: Path) -> None:
    ours = _read(as11.read_bytes()).general
    theirs = {track.get("Format"): track.get("extra", {}) for track in _tracks_of_mediainfo(as11)}
    assert theirs["AS-11 Core"]["ShimName"] == ours["wrapper.as11_shim_name"]
    assert theirs["AS-11 Core"]["ShimVersion"] == ours["wrapper.as11_shim_version"]
    assert theirs["AS-11 Core"]["AudioTrackLayout"] == ours["wrapper.as11_audio_track_layout"] == "EBU R 123: 16c"
    assert theirs["AS-11 UKDPP"]["PictureRatio"] == ours["wrapper.as11_picture_ratio"]
    assert theirs["AS-11 UKDPP"]["FpaPass"].lower() == ours["wrapper.as11_pse_pass"]
    assert theirs["AS-11 UKDPP"]["FpaManufacturer"] == ours["wrapper.as11_pse_manufacturer"]
    assert theirs["AS-11 Segmentation"]["TotalProgrammeDuration"] == "00:00:00:10"


@pytest.mark.parametrize(
    ("items", "unfilled"),
    [
        ({uk_dpp(0x05): text("AB12")}, ["OtherIdentifierType"]),
        ({uk_dpp(0x05): text("AB12"), uk_dpp(0x06): text("House")}, []),
        ({uk_dpp(0x0A): b"\1"}, ["3DType"]),
        ({uk_dpp(0x0A): b"\1", uk_dpp(0x0B): b"\0"}, []),
        ({uk_dpp(0x1A): b""}, ["AudioDescriptionType"]),
        ({uk_dpp(0x1B): b"\1"}, ["OpenCaptionsType", "OpenCaptionsLanguage"]),
        ({uk_dpp(0x1B): b"\1", uk_dpp(0x1C): b"\0", uk_dpp(0x1D): text("eng")}, []),
        ({uk_dpp(0x1B): b"\1", uk_dpp(0x1C): b"\0", uk_dpp(0x1D): text(" \0")}, ["OpenCaptionsLanguage"]),
        ({uk_dpp(0x1E): b"\0"}, ["SignLanguage"]),
        ({uk_dpp(0x1E): b"\2"}, ["SignLanguage"]),
        ({uk_dpp(0x22): b"\1"}, ["ProgrammeTextLanguage"]),
        ({uk_dpp(0x22): b"\0"}, []),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, list) else None,
)
def test_a_field_that_a_flag_asks_for_is_missed(
    plain: Path, tmp_path: Path, items: dict[str, bytes], unfilled: list[str]
) -> None:
    path = with_metadata(Path(shutil.copy(plain, tmp_path / "x.mxf")), [[(25, UK_DPP, _DPP | items)]])
    assert _read(path.read_bytes()).general["wrapper.as11_unfilled_fields"] == unfilled


def test_required_fields_that_are_not_there_are_named(plain: Path, tmp_path: Path) -> None:
    """Optional is false for these in the tables of AMWA AS-11 UK DPP HD, blocks 500F and 510F."""
    required_core = {core(item): b"\0" for item in (1, 2, 3, 4, 5, 6, 7, 0x0A)}
    items = (1, 2, 3, 4, 0x0A, 0x0D, 0x11, 0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1B, 0x1E, 0x20, 0x24, 0x25)
    required_dpp = {uk_dpp(item): b"\0" for item in items}

    def missing(core_items: dict[str, bytes], dpp_items: dict[str, bytes]) -> list[str]:
        tracks = [[(25, CORE, core_items)], [(25, UK_DPP, dpp_items)]]
        path = with_metadata(Path(shutil.copy(plain, tmp_path / "x.mxf")), tracks)
        found: list[str] = _read(path.read_bytes()).general["wrapper.as11_missing_fields"]
        return found

    assert missing(required_core, required_dpp) == []
    assert missing(
        {label: data for label, data in required_core.items() if label != core(6)},
        {label: data for label, data in required_dpp.items() if label not in (uk_dpp(0x11), uk_dpp(0x24))},
    ) == ["PrimaryAudioLanguage", "SecondaryAudioLanguage", "ContactEmail"]
    assert len(missing(_CORE_ITEMS, _DPP)) == 8 + 19 - 4 - 6


def test_closed_captions_ask_for_type_and_language(plain: Path, tmp_path: Path) -> None:
    tracks = [[(25, CORE, _CORE_ITEMS | {core(7): b"\1"})], [(25, UK_DPP, _DPP)]]
    path = with_metadata(Path(shutil.copy(plain, tmp_path / "x.mxf")), tracks)
    unfilled = _read(path.read_bytes()).general["wrapper.as11_unfilled_fields"]
    assert unfilled == ["ClosedCaptionsType", "ClosedCaptionsLanguage"]


def test_a_file_of_ffmpeg_states_what_its_source_says(plain: Path) -> None:
    found = _read(plain.read_bytes())
    assert found.unread is None
    assert found.general["wrapper.mxf_wrapping"] == "frame"
    assert found.general["wrapper.mxf_essence_labels"] == [
        "urn:smpte:ul:060e2b34.04010101.0d010301.02060300",
        "urn:smpte:ul:060e2b34.04010102.0d010301.02046001",
    ]
    assert found.general["wrapper.mxf_kag_sizes_bytes"] == [512]
    assert found.general["wrapper.mxf_random_index_pack"] is True
    assert found.general["wrapper.mxf_tracks_map_one_to_one"] is True
    assert found.general["wrapper.mxf_external_essence_count"] == 0
    assert found.general["wrapper.mxf_index_before_essence"] is False
    assert found.general["wrapper.mxf_body_partitions"] == [
        {"duration_s": 1, "is_indexed_before_next": True, "is_last": True}
    ]
    picture = next(iter(found.pictures.values()))
    assert (picture["sampled_width_px"], picture["sampled_height_px"]) == (320, 180)
    assert picture["stored_height_px"] == 192  # coded in whole macroblocks
    assert picture["is_sampled_as_stored"] is False
    assert (picture["black_ref_code"], picture["white_ref_code"], picture["color_code_count"]) == (16, 235, 225)
    assert (picture["color_model"], picture["component_code_range"]) == ("ycbcr", "limited")
    assert [sound["mxf_mapping"] for sound in found.sounds.values()] == ["aes3", "aes3"]


def test_facts_of_a_file_carry_what_the_wrapper_states(as11: Path) -> None:
    facts = probe(as11).facts
    timecode = facts["wrapper.timecodes"][0]
    assert (timecode["source"], timecode["edit_rate"], timecode["component_count"]) == ("material_package", "25/1", 1)
    assert facts["sound.mxf_track_numbers"] == [0, 0]
    assert facts["sound.tracks"][1]["mxf_channel_assignment"] is None
    assert facts["picture.color_model"] == facts["picture.tracks"][0]["color_model"] == "ycbcr"
    assert facts["wrapper.as11_shim_name"] == "UK DPP HD"
    assert facts["cross_check.probe_disagreements"] == []


def test_other_wrappers_have_null(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "x.wav", "-f lavfi -i sine=d=0.1")).facts
    for name in ("wrapper.mxf_wrapping", "wrapper.as11_segments", "sound.mxf_track_numbers"):
        assert facts[name] is None
    assert facts["sound.tracks"][0]["mxf_mapping"] is None


def test_metadata_without_a_preface_is_not_taken_for_an_answer(as11: Path, tmp_path: Path) -> None:
    preface = bytes.fromhex("060e2b34025301010d01010101012f00")
    path = tmp_path / "x.mxf"
    path.write_bytes(as11.read_bytes().replace(preface, preface[:14] + b"\x7f\0"))
    probed = probe(path)
    assert "mxf" in dict(probed.readers_lost)
    for name in ("wrapper.mxf_wrapping", "wrapper.as11_pse_version", "picture.color_model", "sound.mxf_track_numbers"):
        assert name not in probed.facts
    assert "mxf_mapping" not in probed.facts["sound.tracks"][0]
    assert probed.facts["wrapper.mxf_kag_sizes_bytes"] == [512]


def test_a_grid_in_one_partition_is_seen(plain: Path) -> None:
    data = bytearray(plain.read_bytes())
    footer = data.rfind(bytes.fromhex("060e2b34020501010d01020101"), 0, len(data) - 100)
    pack = mxf_klv.klv_of(bytes(data), at=footer)
    assert pack is not None
    data[pack.value_at + 4 : pack.value_at + 8] = (1).to_bytes(4, "big")
    assert _read(bytes(data)).general["wrapper.mxf_kag_sizes_bytes"] == [1, 512]


def test_a_random_index_pack_that_is_missing_or_wrong_is_none(plain: Path) -> None:
    data = plain.read_bytes()
    length = int.from_bytes(data[-4:], "big")
    without = _read(data[:-length]).general
    assert without["wrapper.mxf_random_index_pack"] is False
    assert without["wrapper.mxf_kag_sizes_bytes"] == [512]
    wrong = bytearray(data)
    wrong[-5] ^= 1  # last byte of the last offset
    assert _read(bytes(wrong)).general["wrapper.mxf_random_index_pack"] is False
    short = data[:-length] + _index_pack(data, length, entries=1)
    assert _read(short).general["wrapper.mxf_random_index_pack"] is False


def _index_pack(data: bytes, length: int, *, entries: int) -> bytes:
    key = data[-length : -length + 16]
    value = data[-4 - 12 * entries : -4]
    return key + b"\x83" + (len(value) + 4).to_bytes(3, "big") + value + (len(value) + 24).to_bytes(4, "big")


def test_a_cut_file_never_answers_from_what_is_missing(plain: Path) -> None:
    data = plain.read_bytes()
    whole = _read(data)
    for length in (*range(0, 8192, 97), *range(8192, len(data), 30011)):
        found = _read(data[:length])
        assert found.unread is not None
        assert found.general.get("wrapper.mxf_random_index_pack") in (None, False)
        for name in ("wrapper.mxf_wrapping", "wrapper.mxf_tracks_map_one_to_one"):
            assert found.general.get(name, whole.general[name]) == whole.general[name]


def test_track_numbers_are_those_of_the_material_package(plain: Path) -> None:
    data = plain.read_bytes()
    parts = data.split(bytes.fromhex("48040004"))  # timecode, picture and two sounds of the material package
    for place, number in ((3, 1), (4, 2)):
        parts[place] = number.to_bytes(4, "big") + parts[place][4:]
    found = _read(bytes.fromhex("48040004").join(parts))
    assert [sound["mxf_track_number"] for sound in found.sounds.values()] == [1, 2]


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("0d01030102060100", "frame"),  # ST 382: Wave by frame, by clip, AES3 by frame
        ("0d01030102060200", "clip"),
        ("0d01030102060300", "frame"),
        ("0d010301020c0200", "clip"),  # ST 422: clip, field (F1), progressive frame (P1)
        ("0d010301020c0500", "field"),
        ("0d010301020c0600", "frame"),
        ("0d01030102106001", "frame"),  # ST 381-3
        ("0d01030102106002", "clip"),
        ("0d01030102046007", "custom"),  # ST 381-1: closed GOP
        ("0d01030102010101", "frame"),  # ST 386
        ("0d01030102050103", "line"),  # ST 384
        ("0d010301020e0000", "frame"),  # ST 436
        ("0d010301027f0100", "other:urn:smpte:ul:060e2b34.04010101.0d010301.027f0100"),
    ],
)
def test_a_label_says_how_essence_is_wrapped(label: str, word: str) -> None:
    found = mxf_labels.wrapping(bytes.fromhex("060e2b3404010101" + label))
    assert found == word
    assert found in words.MXF_WRAPPING or found.startswith("other:")


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("0d01030102060200", "wave"),
        ("0d01030102060400", "aes3"),
        ("0d01030102170100", "aac_adts"),
        ("0d01030102010101", "d10"),
        ("0d010301021d0101", "iab"),
        ("0d010301020c0100", "other:urn:smpte:ul:060e2b34.04010101.0d010301.020c0100"),
    ],
)
def test_a_label_says_how_sound_is_mapped(label: str, word: str) -> None:
    found = mxf_labels.sound_mapping(bytes.fromhex("060e2b3404010101" + label))
    assert found == word
    assert found in words.MXF_SOUND_MAPPING or found.startswith("other:")


def test_an_xml_document_that_is_cut_is_not_well_formed() -> None:
    assert document_facts(b"<a><b></a>", is_utf8=True)["is_well_formed"] is False
    assert document_facts(text('<a xmlns="urn:b"/>'), is_utf8=False)["namespace"] == "urn:b"


def _partition(start: int, body_offset: int = 0, sid: int = 1) -> mxf_klv.Partition:
    return mxf_klv.Partition(
        start=start, end=start + 120, kind=3, state=4, kag_size=1, previous=0, footer=0, metadata_bytes=0,
        index_bytes=0, index_sid=2, body_offset=body_offset, body_sid=sid,
    )  # fmt: skip


def _segment(at: int, start: int, duration: int, *, unit_bytes: int = 0) -> mxf_index.IndexSegment:
    offsets = () if unit_bytes else tuple(1000 * unit for unit in range(start, start + duration))
    return mxf_index.IndexSegment(
        at=at,
        body_sid=1,
        edit_rate=Fraction(25),
        start=start,
        duration=duration,
        unit_bytes=unit_bytes,
        offsets=offsets,
    )


@pytest.mark.parametrize(
    ("segments", "is_before", "bodies"),
    [
        ([_segment(5000, 0, 1500), _segment(9000, 1500, 1500)], False, [(60, True), (60, True)]),
        ([_segment(5000, 0, 1499), _segment(9000, 1499, 1501)], False, [(60, False), (60, True)]),
        ([_segment(9000, 0, 3000)], False, [(60, False), (60, True)]),
        ([_segment(5000, 0, 1500), _segment(9000, 1500, 1499)], False, [(60, True), (60, False)]),
        ([_segment(0, 0, 3000)], True, [(60, False), (60, False)]),
        ([_segment(1000, 0, 3000)], True, [(60, False), (60, False)]),
        ([_segment(0, 0, 2999)], False, [(60, False), (60, False)]),
        ([_segment(0, 0, 3000, unit_bytes=1000)], True, [(60, False), (60, False)]),
        ([_segment(0, 0, 0, unit_bytes=1000)], True, [(60, False), (60, False)]),
        ([_segment(0, 0, 2999, unit_bytes=1000)], False, [(60, False), (60, False)]),
        ([], False, [(None, False), (None, False)]),
    ],
    ids=["each", "one short", "all at the end", "end short", "before", "in the partition", "before, short",
         "constant", "constant and open", "constant, short", "none"],
)  # fmt: skip
def test_an_index_covers_what_it_covers(
    segments: list[mxf_index.IndexSegment], is_before: bool, bodies: list[tuple[int | None, bool]]
) -> None:
    partitions = (_partition(0, sid=0), _partition(1000), _partition(7000, 1_500_000), _partition(9000, sid=0))
    layout = mxf_index.Layout(partitions=partitions, has_index_pack=True)
    facts = mxf_index.layout_facts(layout, segments, {1: (Fraction(120), Fraction(25))})
    assert facts["wrapper.mxf_index_before_essence"] is is_before
    found = [(one["duration_s"], one["is_indexed_before_next"]) for one in facts["wrapper.mxf_body_partitions"]]
    assert found == bodies


def test_a_length_that_is_not_stated_leaves_open_what_an_index_covers() -> None:
    layout = mxf_index.Layout(partitions=(_partition(0),), has_index_pack=True)
    facts = mxf_index.layout_facts(layout, [_segment(0, 0, 10)], {1: (None, Fraction(25))})
    assert facts == {"wrapper.mxf_random_index_pack": True, "wrapper.mxf_kag_sizes_bytes": [1]}


def test_entries_of_an_index_are_read_where_they_stand() -> None:
    entries = struct.pack(">II", 3, 15) + b"".join(struct.pack(">bbBQI", 0, 0, 0x80, 700 * n, 9) for n in range(3))
    local = [(0x3F0B, struct.pack(">ii", 25, 1)), (0x3F0C, struct.pack(">q", 5)), (0x3F07, b"\0\0\0\1")]
    data = b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in [*local, (0x3F0A, entries)])
    key = bytes.fromhex("060e2b34025301010d01020101100100")
    segment = mxf_index.segment_of(key, data)
    assert segment is not None
    assert (list(segment.offsets), segment.start, segment.end, segment.edit_rate) == ([0, 700, 1400], 5, 8, 25)
    assert mxf_index.segment_of(key, data[:-1]) is None


_FILES = "photon/resources/TestIMP"


def test_labels_of_channels_are_those_of_the_track_file() -> None:
    name = f"{_FILES}/MERIDIAN_Netflix_Photon_161006/MERIDIAN_Netflix_Photon_161006_ENG-51_00.mxf"
    (sound,) = _read(material(name).read_bytes()).sounds.values()
    assert sound["mca_channels"] == ["chL", "chR", "chC", "chLFE", "chLs", "chRs"]
    assert sound["soundfield_groups"] == ["sg51"]
    assert sound["mca_unlinked_channel_count"] == 0
    assert sound["mxf_channel_assignment"] == "imf"


def test_a_descriptor_of_rgb_says_depth_and_codes() -> None:
    name = f"{_FILES}/PHDR/VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf"
    (picture,) = _read(material(name).read_bytes()).pictures.values()
    assert (picture["color_model"], picture["component_depths_bits"]) == ("rgb", [12, 12, 12])
    assert (picture["black_ref_code"], picture["white_ref_code"]) == (0, 4095)
    assert picture["component_code_range"] == "full"
    assert picture["is_sampled_as_stored"] is True
