"""Titles by the naming convention: its own examples (registry-page.isdcf.com), titles of real DCPs, and packages that
hold something else than they are named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deliverqc.measuring.compositions import PackagedComposition
from deliverqc.measuring.name_facts import name_facts
from deliverqc.packages import read_package
from deliverqc.packages.model import AUX, CLOSED_CAPTION, SUBTITLE
from deliverqc.packages.naming import naming_facts, read_name
from deliverqc.probing.wrappers.mxf_identity import read_identity
from fixtures.packages import make_dcp

_WHOLE = "Film_FTR-1_F_EN-XX_US-13_51_2K_ST_20260101_FAC_SMPTE_OV"
_PICTURE = {"picture.width_px": 1998, "picture.height_px": 1080, "sound.channel_count": 6, "package.standard": "smpte"}


@pytest.mark.parametrize(
    "title",
    [
        "ThankYouService_FTR-4_S_EN-XX-CCAP_US-R-INT-TD_51-HI-VI_2K_UP_20170928_DTB_SMPTE_OV",
        "ThankYouService_FTR-4_S_EN-LAS_US-R_51-EN-HI-VI-CCAP_2K_UP_20171013_DTB_SMPTE_VF",
        "HappyDeathDay_FTR-9_S_QFC-XX-CCAP_CA_51-HI-VI_2K_UP_20171003_DTB_SMPTE_OV",
        "PitchPerfect3_FTR-7-DVis_F_EN-XX-CCAP_US-13-CA_ATMOS-71-HI-VI_2K_UP_20171103_DLB_SMPTE_OV",
        "Logan_FTR-M_S_EN-de_DE_ATMOS-DBOX_2K_TCF_20171213_DTU_SMPTE_OV ",
        "Cars3_FTR-25-3D-14fl_S_EN-EN-CCAP_US-G_71-HI-VI-Atmos-Dbox_2K_DI_20170605_DTB_SMPTE-3D_OV",
        "SWLastJedi_FTR-26-2D-DVis_S_EN-ar_AE_71-Atmos-Dbox_2K_DI_20171120_DTB_SMPTE_OV",
        "GuardiansGala2_FTR-1-2D_S_EN-FR-AR_LB_71-Dbox_2K_DI_20170411_DTU_IOP_VF",
        "SchindlersList_FTR-14-1993_F_EN-XX-CCAP_US-R-INT-TD_ATMOS-71-HI-VI_4K_UP_20181119_DTB_SMPTE_OV",
        "MovieTitle_FTR-1_F_EN-EN-CCAP_US-G_51_2K_ST_20130515_FAC_IOP_VF",
        "Film_POL-1-Temp-RedBandless-TheatreChain-6fl-48_F_XX-XX_NULL_MOS_2K_NULL_20240229_FAC_SMPTE",
        "CARSnMARS_TLR-1_F_EN-XX_US-GB_IAB-HI-VI-DBOX-51_2K_ST_20260101_FAC_SMPTE_VF-1",
    ],
    ids=lambda title: title.split("_")[0],
)
def test_names_by_the_convention_have_no_fault(title: str) -> None:
    assert [(one.field, one.message) for one in read_name(title).errors] == []


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("BadTimesElRoyale_FTR-A_S_EN-EN-CCAP_OV_71-HI-VI_2K_TCF_20181003_TCF_SMPTE", ["territory"]),
        ("Ferdinand_FTR-3D-4FL_S_EN-qbp-QBP_BR_ATMOS-VI-SL-DBOX_2K_TCF_20171211_DTB_SMPTE_OV", ["standard"]),
        ("MOVIE-TITLE_FTR-1_F_EN-XX_US-PG_51-EN_2K_ST_20070115_FAC_OV", ["standard"]),
        ("Test_FTR-1_F-133_EN-XX_MOS_2K_20251217_SMPTE_OV", ["territory", "studio", "facility"]),
        ("Test_FTR-1_F-119_10_2K_20160524_IOP_OV", ["language", "territory", "studio", "facility"]),
        ("ECL_TST-3D-48_S_EN-XX_UK-U_71-ATMOS_2K_DI_20160614_ECL_SMPTE-TYPE-B-3D_OV", ["standard"]),
        ("My_Great_Film_FTR-1_F_EN-XX_US-13_51_2K_ST_20260101_FAC_SMPTE_OV", ["film_title", "film_title"]),
        (_WHOLE.replace("Film", "F\u00eate"), ["film_title"]),
        (_WHOLE.replace("FTR", "FEA"), ["content_type"]),
        (_WHOLE.replace("FTR-1", "FTR-1-Final"), ["content_type"]),
        (_WHOLE.replace("FTR-1", "FTR-RedBand"), ["content_type"]),
        (_WHOLE.replace("FTR-1", "FTR-"), ["content_type"]),
        (_WHOLE.replace("_F_", "_185_"), ["aspect_ratio"]),
        (_WHOLE.replace("FTR-1_F", "TLR-1_F-239"), ["aspect_ratio"]),
        (_WHOLE.replace("EN-XX", "ENGLISH"), ["language"]),
        (_WHOLE.replace("EN-XX", "EN"), ["language"]),
        (_WHOLE.replace("EN-XX", "EN-QQ"), ["language"]),
        (_WHOLE.replace("US-13", "ITL-TD"), ["territory"]),
        (_WHOLE.replace("_51_", "_5.1_"), ["audio_type"]),
        (_WHOLE.replace("_51_", "_HI_"), ["audio_type"]),
        (_WHOLE.replace("_2K_", "_1080_"), ["resolution"]),
        (_WHOLE.replace("_ST_", "_STUDIO_"), ["studio"]),
        (_WHOLE.replace("20260101", "20260230"), ["date"]),
        (_WHOLE.replace("20260101", "260101"), ["date"]),
        (_WHOLE.replace("FAC", "facil"), ["facility"]),
        (_WHOLE.replace("SMPTE", "SMPTE-3D"), ["standard"]),
        (_WHOLE.replace("_OV", "_OV-1"), ["package_type"]),
        ("A Test DCP", ["film_title"]),
        ("", ["film_title"]),
        ("_" * 1_000_000, ["film_title"]),
    ],
    ids=str,
)
def test_a_fault_is_in_its_field(title: str, fields: list[str]) -> None:
    assert [one.field for one in read_name(title).errors] == fields


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PackagedComposition:
    folder = tmp_path_factory.mktemp("naming") / "dcp"
    package = read_package(make_dcp(folder).asset_map)
    identities = {path: read_identity(path) for path in folder.glob("*.mxf")}
    return PackagedComposition(
        package=package,
        composition=package.compositions[0],
        facts={},
        files={},
        identities=identities,
        is_changed=False,
    )


def _named(made: PackagedComposition, title: str, **changes: Any) -> PackagedComposition:
    content = {"content_kind": "feature", "sound_configuration": None} | changes
    return replace(made, composition=replace(made.composition, title=title, **content))


def _disagreeing(found: dict[str, Any]) -> list[str]:
    return [one["field"] for one in found["package.composition.name_disagreements"]]


def test_titles_of_imf_are_not_judged(made: PackagedComposition) -> None:
    packaged = _named(made, "Film", is_imf=True)
    assert naming_facts(packaged.composition) == name_facts(packaged, _PICTURE) == {}
    assert naming_facts(made.composition)["package.composition.name_errors"] == []


def test_a_package_that_is_what_its_name_says(made: PackagedComposition) -> None:
    assert name_facts(_named(made, _WHOLE), _PICTURE) == {"package.composition.name_disagreements": []}


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("FTR", "TLR", ["content_type"]),
        ("FTR-1", "FTR-1-3D", ["content_type"]),
        ("FTR-1", "FTR-1-25", ["content_type"]),
        ("FTR-1", "FTR-1-1993", []),
        ("FTR-1", "FTR-1-24", []),
        ("FTR-1", "FTR-48", []),
        ("FTR-1", "FTR-1-DVis", ["content_type"]),
        ("_F_", "_S_", ["aspect_ratio"]),
        ("_F_", "_C_", ["aspect_ratio"]),
        ("_F_", "_F-166_", []),
        ("_2K_", "_4K_", ["resolution"]),
        ("_51_", "_71_", ["audio_type"]),
        ("_51_", "_20_", []),
        ("_51_", "_51-ATMOS_", ["audio_type"]),
        ("EN-XX", "FR-XX", ["language"]),
        ("EN-XX", "QFC-XX", ["language"]),
        ("EN-XX", "EUS-XX", []),
        ("EN-XX", "XX-XX", []),
        ("EN-XX", "EN-DE", ["language"]),
        ("EN-XX", "EN-de", []),
        ("EN-XX", "EN-XX-CCAP", ["language"]),
        ("EN-XX", "EN-XX-OCAP", ["language"]),
        ("SMPTE", "IOP", ["standard"]),
        ("_OV", "_VF", []),
    ],
    ids=lambda part: str(part),
)
def test_a_field_that_the_package_contradicts(made: PackagedComposition, old: str, new: str, fields: list[str]) -> None:
    title = _WHOLE.replace(old, new)
    assert _disagreeing(name_facts(_named(made, title), _PICTURE)) == fields


@pytest.mark.parametrize(
    ("width", "height", "title", "fields"),
    [
        (1998, 1080, _WHOLE, []),
        (2048, 858, _WHOLE.replace("_F_", "_S_"), []),
        (2048, 1080, _WHOLE.replace("_F_", "_C_"), []),
        (1920, 1080, _WHOLE, []),
        (1440, 1080, _WHOLE, []),
        (2048, 858, _WHOLE, ["aspect_ratio"]),
        (3996, 2160, _WHOLE.replace("2K", "4K"), []),
        (3996, 2160, _WHOLE, ["resolution"]),
        (64, 36, _WHOLE, ["resolution"]),
        (2050, 1080, _WHOLE, ["aspect_ratio", "resolution"]),
    ],
    ids=str,
)
def test_container_and_resolution(
    made: PackagedComposition, width: int, height: int, title: str, fields: list[str]
) -> None:
    facts = _PICTURE | {"picture.width_px": width, "picture.height_px": height}
    assert _disagreeing(name_facts(_named(made, title), facts)) == fields


def test_what_the_composition_holds_and_the_name_leaves_out(made: PackagedComposition) -> None:
    composition = made.composition
    picture, sound = composition.reels[0].tracks
    stereo = replace(
        picture, element="MainStereoscopicPicture", edit_rate=picture.edit_rate * 2 if picture.edit_rate else None
    )
    texts = [replace(sound, kind=kind) for kind in (SUBTITLE, CLOSED_CAPTION)]
    reel = replace(composition.reels[0], tracks=(stereo, sound, *texts))
    changed = _named(
        made, _WHOLE, reels=(reel,), is_dolby_vision=True, sound_configuration="71/L,R,C,LFE,Lss,Rss,Lrs,Rrs"
    )
    fields = _disagreeing(name_facts(changed, _PICTURE))
    assert fields == ["content_type"] * 3 + ["language"] * 2 + ["audio_type"]
    aux = replace(composition.reels[0], tracks=(picture, sound, replace(sound, kind=AUX)))
    named = _named(made, _WHOLE.replace("_51_", "_51-IAB_"), reels=(aux,))
    assert _disagreeing(name_facts(named, _PICTURE)) == []


def test_silence_that_is_named_has_to_be_heard(made: PackagedComposition) -> None:
    named = _named(made, _WHOLE.replace("_51_", "_MOS_"))
    assert _disagreeing(name_facts(named, _PICTURE | {"sound.is_silent": True})) == []
    assert _disagreeing(name_facts(named, _PICTURE | {"sound.is_silent": False})) == ["audio_type"]
    assert name_facts(named, _PICTURE) == {}
    mute = replace(made.composition.reels[0], tracks=made.composition.reels[0].tracks[:1])
    assert _disagreeing(name_facts(_named(made, _WHOLE, reels=(mute,)), _PICTURE)) == ["audio_type"]


def test_what_cannot_be_compared_is_missing_and_a_title_without_fields_is_null(made: PackagedComposition) -> None:
    unknown = {key: value for key, value in _PICTURE.items() if key != "sound.channel_count"}
    assert name_facts(_named(made, _WHOLE), unknown) == {}
    assert _disagreeing(name_facts(_named(made, _WHOLE.replace("SMPTE", "IOP")), unknown)) == ["standard"]
    assert name_facts(replace(_named(made, _WHOLE), identities={}), _PICTURE) == {}
    assert name_facts(_named(made, "A Test DCP"), _PICTURE) == {"package.composition.name_disagreements": None}


def test_an_original_uses_no_other_package(made: PackagedComposition, tmp_path: Path) -> None:
    original = make_dcp(tmp_path / "ov")
    version = make_dcp(tmp_path / "vf", held=("sound",))
    package = read_package(version.asset_map, (original.asset_map,))
    files = [path for folder in (original.folder, version.folder) for path in folder.glob("*.mxf")]
    identities = {path: read_identity(path) for path in files}
    packaged = replace(made, package=package, composition=package.compositions[0], identities=identities)
    assert _disagreeing(name_facts(_named(packaged, _WHOLE.replace("_OV", "_VF")), _PICTURE)) == []
    assert _disagreeing(name_facts(_named(packaged, _WHOLE), _PICTURE)) == ["package_type"]
