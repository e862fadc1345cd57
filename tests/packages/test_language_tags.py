"""Language tags by RFC 5646: its own examples (Appendix A), what libdcp and ClairMeta refuse, and what people write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lxml import etree

from deliverqc.language_tags import fault_of
from deliverqc.packages.documents import language_tags
from deliverqc.probing.wrappers.mxf_identity import SpokenLanguage, read_identity
from tests.material import material
from tests.packages.judged import facts_of

_VALID = [
    "de",
    "fr",
    "ja",
    "i-enochian",
    "zh-Hant",
    "zh-Hans",
    "sr-Cyrl",
    "sr-Latn",
    "zh-cmn-Hans-CN",
    "cmn-Hans-CN",
    "zh-yue-HK",
    "yue-HK",
    "zh-Hans-CN",
    "sr-Latn-RS",
    "sl-rozaj",
    "sl-rozaj-biske",
    "sl-nedis",
    "de-CH-1901",
    "sl-IT-nedis",
    "hy-Latn-IT-arevela",
    "de-DE",
    "en-US",
    "es-419",
    "de-CH-x-phonebk",
    "az-Arab-x-AZE-derbend",
    "x-whatever",
    "qaa-Qaaa-QM-x-southern",
    "de-Qaaa",
    "sr-Latn-QM",
    "sr-Qaaa-RS",
    "en-US-u-islamcal",
    "zh-CN-a-myext-x-private",
    "en-a-myext-b-another",
]
"""RFC 5646 Appendix A, but for the two tags with made-up extensions of the subtag registry."""


@pytest.mark.parametrize("tag", [*_VALID, "zxx", "mul", "und", "PT-br", "qbg", "zh-min-nan"])
def test_a_valid_tag_has_no_fault(tag: str) -> None:
    assert fault_of(tag) is None


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("de-419-DE", "not written"),  # two regions: RFC 5646 Appendix A
        ("a-DE", "not written"),  # a language of one letter: the same
        ("ar-a-aaa-b-bbb-a-ccc", "twice"),  # two extensions of one letter: the same
        ("de-DE-1901-1901", "twice"),
        ("en_US", "underscore"),
        ("eng", "language eng"),  # section 2.2.1: the shortest code is the one that is registered
        ("badlang", "language badlang"),  # libdcp's test of language tags
        ("wrong-andbad", "language wrong"),  # the same
        ("English", "language english"),
        ("en-UK", "region UK"),
        ("en-Latm", "script latm"),
        ("en-aao", "aao after en"),
        ("zh-cmn-yue", "after zh"),
        ("de-19966", "variant 19966"),
        ("", "empty"),
        ("en-", "not written"),
        ("en US", "not written"),
        ("\u0435n", "characters"),
    ],
)
def test_a_fault_is_named(tag: str, words: str) -> None:
    assert words in (fault_of(tag) or "")


def test_tags_are_found_wherever_a_document_has_them() -> None:
    root = etree.fromstring(
        """<C xmlns:m="urn:m"><T language="a1" xml:lang="a2">x</T><Language>a3</Language>
        <m:MainSubtitleLanguageList>a4 a5</m:MainSubtitleLanguageList>
        <m:RFC5646SpokenLanguage> a6 </m:RFC5646SpokenLanguage>
        <Property><Name>Language Tag</Name><Value>a7</Value></Property>
        <Property><Name>Other</Name><Value>b</Value></Property>
        <LanguageList><Language>a8</Language></LanguageList><Language/></C>"""
    )
    found = list(language_tags(root, "cpl.xml"))
    assert [one.text for one in found] == ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", ""]
    assert found[3].line == 2


@pytest.mark.parametrize(
    ("path", "identity", "languages"),
    [
        ("libdcp/test/ref/DCP/dcp_test5", "97f0f352-5b77-48ee-a558-9df37717f4fa", {"en-GB"}),
        ("photon/resources/TestIMP/Application5/PhotonApp5Test", "060fe563-18d5-48d4-9148-1bfba4262ae2", {"de-DE"}),
    ],
    ids=["dcp", "imf"],
)
def test_real_track_files_say_id_and_language(path: str, identity: str, languages: set[str]) -> None:
    """Ids as the compositions have them; languages as MediaInfo reads them."""
    read = [read_identity(file) for file in sorted(material(path).glob("*.mxf"))]
    (found,) = (one for one in read if one is not None and one.asset_ids == (identity,))
    assert {one.text for one in found.languages} == languages
    assert found.languages == tuple(SpokenLanguage(text=one, is_single_byte=True) for one in languages)


def test_what_is_no_mxf_or_cut_has_no_identity(tmp_path: Path) -> None:
    for name, data in (("text.mxf", b"<xml/>"), ("empty.mxf", b""), ("noise.mxf", bytes(range(256)) * 300)):
        (tmp_path / name).write_bytes(data)
        assert read_identity(tmp_path / name) is None
    whole = next(material("libdcp/test/ref/DCP/dcp_test5").glob("*.mxf")).read_bytes()
    (tmp_path / "cut.mxf").write_bytes(whole[:3000])
    assert read_identity(tmp_path / "cut.mxf") is None
    assert read_identity(tmp_path / "nowhere.mxf") is None


def test_a_wrong_language_and_a_wrong_id_in_a_real_imp_are_found(tmp_path: Path) -> None:
    """Photon's PHDR, whose sound is in `en`: its composition says `en_US`, and names the picture where the sound is."""
    folder = Path(shutil.copytree(material("photon/resources/TestIMP/PHDR"), tmp_path / "imp"))
    facts = facts_of(folder, is_hashed=False)
    assert facts["package.invalid_language_tags"] == facts["package.composition.mismatched_ids"] == []
    (composition,) = folder.glob("CPL_*.xml")
    text = composition.read_text(encoding="utf-8")
    assert "RFC5646SpokenLanguage>en<" in text
    composition.write_text(text.replace("RFC5646SpokenLanguage>en<", "RFC5646SpokenLanguage>en_US<"), encoding="utf-8")
    (sound,), (picture,) = folder.glob("AUDIO_*"), folder.glob("VIDEO_*")
    shutil.copyfile(picture, sound)
    facts = facts_of(folder, is_hashed=False)
    assert {one["tag"] for one in facts["package.invalid_language_tags"]} == {"en_US"}
    (found,) = facts["package.composition.mismatched_ids"]
    assert found["actual"] == f"urn:uuid:{picture.stem.removeprefix('VIDEO_')}"
    assert found["id"] == f"urn:uuid:{sound.stem.removeprefix('AUDIO_')}"
