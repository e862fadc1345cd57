"""Beds and objects of ADM BWF files, and their peaks by arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.pipeline import facts_document
from deliverqc.probing import probe
from deliverqc.request import Tier
from fixtures.immersive import Named, adm_document, adm_wav, uid

_OBJECTS: list[Named] = [
    ("AO_1001", "Bed", [uid(0), uid(1)]),
    ("AO_1002", "Group of others", []),
    ("AO_1003", "Voice", [uid(2)]),
    ("AO_1004", "Quiet", [uid(3)]),
]
_AMPLITUDES = (0.5, 0.25, 10 ** (-2.5 / 20), 0.0)


def _objects(path: Path) -> Any:
    return facts_document(path, None, Tier.FULL, is_all=False)["subjects"][0]["facts"].get("sound.objects", "missing")


def test_every_bed_and_object_has_the_peak_of_its_channels(tmp_path: Path) -> None:
    bed, voice, quiet = _objects(adm_wav(tmp_path / "a.wav", _AMPLITUDES, _OBJECTS, bed_channel_count=2))
    assert (bed["id"], bed["name"], bed["type"], bed["channels"]) == (
        "AO_1001",
        "Bed",
        "direct_speakers",
        ["0.0", "0.1"],
    )
    assert (voice["type"], voice["channels"]) == ("objects", ["0.2"])
    assert bed["max_true_peak_dbtp"] == pytest.approx(-6.02, abs=0.05)
    assert voice["max_true_peak_dbtp"] == pytest.approx(-2.5, abs=0.05)
    assert quiet["max_true_peak_dbtp"] is None


def test_a_channel_that_no_object_names_is_listed(tmp_path: Path) -> None:
    found = _objects(adm_wav(tmp_path / "a.wav", _AMPLITUDES, _OBJECTS[:2], bed_channel_count=2))
    assert [(one["id"], one["channels"]) for one in found] == [
        ("AO_1001", ["0.0", "0.1"]),
        (None, ["0.2"]),
        (None, ["0.3"]),
    ]
    assert found[1]["max_true_peak_dbtp"] == pytest.approx(-2.5, abs=0.05)


@pytest.mark.parametrize(
    ("axml", "has_chna"),
    [
        (adm_document(_OBJECTS)[:-20], True),
        (b"not a document", True),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;", True),
        (adm_document(_OBJECTS)[:-20], False),
    ],
    ids=["cut", "text", "entity", "cut-without-chna"],
)
def test_metadata_that_cannot_be_read_says_nothing(axml: bytes, has_chna: bool, tmp_path: Path) -> None:
    path = adm_wav(tmp_path / "a.wav", _AMPLITUDES, [], axml=axml, has_chna=has_chna, sample_count=480)
    assert "sound.objects" not in probe(path).facts


def test_objects_whose_channels_are_not_there_have_no_peak(tmp_path: Path) -> None:
    for path in (
        adm_wav(tmp_path / "no_chna.wav", _AMPLITUDES, _OBJECTS, has_chna=False),
        adm_wav(tmp_path / "unknown.wav", _AMPLITUDES, [("AO_1001", "Bed", [uid(0), uid(77)])]),
    ):
        first = _objects(path)[0]
        assert first["unresolved_channel_count"] > 0
        assert "max_true_peak_dbtp" not in first
    few = adm_wav(tmp_path / "few.wav", _AMPLITUDES, _OBJECTS)
    data = few.read_bytes()
    row = data.index(uid(3).encode())
    few.write_bytes(data[: row - 2] + b"\x09\x00" + data[row:])  # the ninth channel of four
    assert ["max_true_peak_dbtp" in one for one in _objects(few)] == [True, True, False]


def test_another_document_and_plain_files_are_no_adm(tmp_path: Path) -> None:
    document = b"<ebuCoreMain xmlns='urn:ebu:metadata-schema:ebuCore_2016'><coreMetadata/></ebuCoreMain>"
    path = adm_wav(tmp_path / "core.wav", (0.1,), [], axml=document, has_chna=False, sample_count=480)
    assert probe(path).facts["sound.objects"] is None
    assert probe(adm_wav(tmp_path / "chna.wav", (0.1,), [], axml=document, sample_count=480)).facts["sound.objects"]


@pytest.mark.parametrize(("peak_dbtp", "outcome"), [(-2.5, "pass"), (-1.5, "fail")])
def test_disney_holds_each_object_to_its_own_peak(peak_dbtp: float, outcome: str, tmp_path: Path) -> None:
    amplitudes = (*[0.1] * 9, 10 ** (peak_dbtp / 20))
    objects: list[Named] = [("AO_1001", "Bed", [uid(n) for n in range(9)]), ("AO_1002", "Effect", [uid(9)])]
    path = adm_wav(tmp_path / "a.wav", amplitudes, objects, bed_channel_count=9)
    (verdict,) = deliverqc.check(path, ["disney-nearfield"])["masters"][0]["subjects"][0]["verdicts"]
    clause = next(one for one in verdict["clauses"] if one["id"] == "atmos-element-peaks")
    assert clause["outcome"] == outcome
