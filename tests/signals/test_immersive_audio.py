"""Immersive audio bitstreams: frames written element by element, and a real one with what MediaInfo counts in it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.measuring.immersive_audio_facts import iab_facts
from deliverqc.measuring.planning import plan_of
from deliverqc.pipeline import facts_document
from deliverqc.probing import probe
from deliverqc.request import Tier
from deliverqc.signals.decode import decode
from deliverqc.signals.headers.iab import read_frame
from deliverqc.signals.immersive_audio import follow
from deliverqc.signals.store import Store
from deliverqc.signals.tables import ImmersiveAudio
from fixtures.immersive import ATMOS_FRAME, CLIP, ENCRYPTED, bare_mxf, iab_frame, klv
from tests.material import material

_TRACK_FILES = "photon/resources/TestIMP/IAB/MXF/meridian_2398_IAB_5f"


def _counts(data: bytes) -> tuple[int, int, int] | None:
    stream = io.BytesIO(data)

    def fetch(at: int, count: int) -> bytes:
        stream.seek(at)
        return stream.read(count)

    frame = read_frame(fetch, 0)
    if frame is None:
        return None
    assert frame.end == len(data)
    return frame.bed_channel_count, frame.object_count, frame.max_rendered


@pytest.mark.parametrize(
    ("beds", "object_count", "options"),
    [
        ((10,), 118, {}),
        ((10, 2), 0, {}),
        ((14,), 0, {}),  # one less than all ones of Plex(4)
        ((15,), 1, {}),
        ((16, 24), 300, {}),  # numbers beyond Plex(8)
        ((), 5, {}),
        ((10,), 3, {"audio_bytes": 70_000}),
        ((10,), 3, {"nested_bed": 6}),
        ((9,), 0, {"use_case": 255}),
    ],
)
def test_beds_and_objects_of_a_frame_are_counted(
    beds: Sequence[int], object_count: int, options: dict[str, Any]
) -> None:
    counted = _counts(iab_frame(beds, object_count, **options))
    assert counted == (sum(beds), object_count, sum(beds) + object_count)


@pytest.mark.parametrize(
    "data",
    [
        iab_frame()[:-1],
        iab_frame()[13:],
        iab_frame(version=2),
        iab_frame(depth_code=3),
        iab_frame()[:40],
        b"",
        iab_frame().replace(b"\x08\xff", b"\x09\xff", 1),
    ],
    ids=["cut", "no-preamble", "version", "depth", "head-only", "empty", "another-element"],
)
def test_a_frame_that_is_not_whole_is_not_read(data: bytes) -> None:
    assert _counts(data) is None


def test_the_frame_that_has_most_counts(tmp_path: Path) -> None:
    frames = [iab_frame((10,), 118), iab_frame((10,), 119, depth_code=0), iab_frame((12,), 1)]
    told = ImmersiveAudio(
        frame_count=3,
        element_count=129,
        bed_channel_count=12,
        object_count=119,
        max_rendered=129,
        sample_rates_hz=(48_000,),
        bit_depths_bits=(16, 24),
        frame_rates=("24/1",),
    )
    assert follow(bare_mxf(tmp_path / "clip.mxf", klv(CLIP, b"".join(frames)))) == told
    assert follow(bare_mxf(tmp_path / "frames.mxf", *(klv(ATMOS_FRAME, frame) for frame in frames))) == told


def test_what_cannot_be_read_to_the_end_says_nothing(tmp_path: Path) -> None:
    frame = iab_frame()
    whole = bare_mxf(tmp_path / "whole.mxf", klv(CLIP, frame * 2)).read_bytes()
    for name, data in (
        ("cut.mxf", whole[:-1]),
        ("damaged.mxf", whole[: -len(frame)] + b"\7" + frame[1:]),
        ("junk.mxf", whole + b"junk behind the last element"),
    ):
        (tmp_path / name).write_bytes(data)
        assert follow(tmp_path / name) is None, name
    assert follow(bare_mxf(tmp_path / "encrypted.mxf", klv(ENCRYPTED, frame))) is None
    assert follow(bare_mxf(tmp_path / "text.mxf", klv(ATMOS_FRAME, b"<xml/>"))) == ImmersiveAudio()


def test_a_real_track_file_has_what_mediainfo_counts() -> None:
    # MediaInfo: 49 objects (a bed and 48), 58 channel formats; 48 kHz, 24 bits, 23.976
    facts = facts_document(material(f"{_TRACK_FILES}.mxf"), None, Tier.FULL, is_all=False)["subjects"][0]["facts"]
    assert {name.removeprefix("sound.iab."): facts[name] for name in facts if name.startswith("sound.iab.")} == {
        "frame_count": 5,
        "element_count": 58,
        "bed_channel_count": 10,
        "object_count": 48,
        "max_rendered_count": 58,
        "sample_rates_hz": [48_000],
        "bit_depths_bits": [24],
        "frame_rates": ["24000/1001"],
    }
    assert "sound.objects" not in facts, "objects within the bitstream are not measured"


@pytest.mark.parametrize(
    ("name", "level", "faults"),
    [
        ("", 0, []),
        ("_non_zero_channelcount", 0, []),
        ("_no_conformstospecifications", None, []),
        ("_no_subdesc", 0, ["soundfield_label"]),
    ],
)
def test_level_and_faults_are_those_that_photon_finds(name: str, level: int | None, faults: list[str]) -> None:
    # TRUTH.tsv: warnings apart, the first two are valid, and the others break what their names say
    (track,) = probe(material(f"{_TRACK_FILES}{name}.mxf")).facts["sound.tracks"]
    assert (track["immersive_audio_level"], track["immersive_audio_faults"]) == (level, faults)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("3d01000400000018", "3d01000400000010", "quantization_bits"),
        ("060e2b340401010d0d010301021d0101", "060e2b340401010d0d010301021d0201", "wrapping"),
        ("060e2b34040101050e09060400000000", "060e2b34040101050e09060500000000", "coding"),
        ("3001000800005dc0000003e9", "30010008000061a8000003e9", "edit_rate"),
        ("0006004900410042", "0006004900410043", "soundfield_label"),
    ],
)
def test_a_descriptor_that_is_otherwise_is_a_fault(old: str, new: str, fault: str, tmp_path: Path) -> None:
    data = material(f"{_TRACK_FILES}.mxf").read_bytes()
    head, rest = data[:16_384], data[16_384:]
    assert bytes.fromhex(old) in head
    path = tmp_path / "changed.mxf"
    path.write_bytes(head.replace(bytes.fromhex(old), bytes.fromhex(new)) + rest)
    (track,) = probe(path).facts["sound.tracks"]
    assert fault in track["immersive_audio_faults"]


def test_counts_are_stored_and_said_of_immersive_audio_alone(tmp_path: Path) -> None:
    path = material(f"{_TRACK_FILES}.mxf")
    probed = probe(path)
    signals = decode(path, plan_of(probed))
    store = Store(folder=tmp_path)
    store.save("key", signals)
    loaded = store.load("key")
    assert loaded is not None
    assert loaded.log.immersive_audio == signals.log.immersive_audio
    assert iab_facts(probed.facts, loaded)["sound.iab.object_count"] == 48
    assert iab_facts({"wrapper.format": "mov", "sound.tracks": []}, signals)["sound.iab.object_count"] is None
    assert iab_facts({}, signals) == {}


@pytest.mark.parametrize(("object_count", "outcome"), [(118, "pass"), (119, "fail")])
def test_beds_and_objects_in_a_data_track_are_judged_without_an_audio_track(object_count: int, outcome: str) -> None:
    facts = {
        "wrapper.format": "mxf",
        "picture.track_count": 0,
        "sound.track_count": 0,
        "sound.tracks": [],
        "sound.iab.element_count": 10 + object_count,
        "sound.iab.bed_channel_count": 10,
        "sound.iab.object_count": object_count,
    }
    verdict = deliverqc.judge(facts, "dcp-smpte")["masters"][0]["subjects"][0]["verdicts"][0]
    assert next(one["outcome"] for one in verdict["clauses"] if one["id"] == "immersive-sound") == outcome
