"""One fault in a clean DCP breaks the clauses that it must and no others: the table of them, for SMPTE and Interop."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deliverqc.errors import MasterError
from deliverqc.packages import read_package
from deliverqc.speclang.model import PACKAGE_CLAUSES
from fixtures.packages import TITLE, Dcp, identified, make_dcp, sha1, urn
from tests.packages.judged import SPECS, failing

Change = Callable[[Dcp], object]

_UNHASHED = "11111111-1111-5111-8111-111111111111"
_RATE = f"{urn('sound 0')}</Id><EditRate>{{}} 1"
_HASHES = {"asset-hashes", "package-unaltered"}
_SIZES = {"asset-sizes", *_HASHES}
_MISSING = {"asset-files-exist", "package-complete"}
_READ = {"package-readable"}
_SHORT = {"sound-length", "reel-length", "reel-durations"}
_UNLISTED = {"hash-form", "pkl-namespace", "package-complete"}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dcp]:
    folder = tmp_path_factory.mktemp("dcp")
    return {name: make_dcp(folder / name, standard=name, reels=2) for name in ("smpte", "interop")}


@pytest.fixture
def copied(clean: dict[str, Dcp], tmp_path: Path) -> Callable[[str], Dcp]:
    def copy(standard: str) -> Dcp:
        source = clean[standard]
        return replace(source, folder=Path(shutil.copytree(source.folder, tmp_path / standard)))

    return copy


def _edit(path: str, old: str, new: str) -> Change:
    def change(dcp: Dcp) -> None:
        file = {"am": dcp.asset_map, "pkl": dcp.packing_list, "cpl": dcp.composition}[path]
        dcp.change(file, old, new)

    return change


def _unsealed(old: str, new: str) -> Change:
    """A composition that was edited after packing."""

    def change(dcp: Dcp) -> None:
        text = dcp.composition.read_text(encoding="utf-8")
        assert old in text
        dcp.composition.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def _byte(name: str, at: int) -> Change:
    def change(dcp: Dcp) -> None:
        data = bytearray((dcp.folder / name).read_bytes())
        data[at] ^= 1
        (dcp.folder / name).write_bytes(bytes(data))

    return change


def _cut(name: str, count: int) -> Change:
    def change(dcp: Dcp) -> None:
        data = (dcp.folder / name).read_bytes()
        (dcp.folder / name).write_bytes(data[:-count])

    return change


def _appended(name: str) -> Change:
    return lambda dcp: (dcp.folder / name).write_bytes((dcp.folder / name).read_bytes() + bytes(1))


def _renamed(old: str, new: str) -> Change:
    return lambda dcp: (dcp.folder / old).rename(dcp.folder / new)


def _resealed(name: str, change: Callable[[bytes], bytes]) -> Change:
    """A track file that is another one, with hashes and sizes made for it."""

    def changed(dcp: Dcp) -> None:
        path = dcp.folder / name
        before = sha1(path)
        data = path.read_bytes()
        path.write_bytes(change(data))
        assert path.read_bytes() != data
        dcp.change(dcp.composition, before, sha1(path))

    return changed


def _spoken(language: bytes) -> Change:
    """The language of the label of a sound file, which is `en` in two bytes."""
    return _resealed("sound_1.mxf", lambda data: data.replace(b"\x00\x02en", b"\x00\x02" + language))


def _renamed_crosswise(one: str, other: str) -> Change:
    def change(dcp: Dcp) -> None:
        (dcp.folder / one).rename(dcp.folder / "held")
        (dcp.folder / other).rename(dcp.folder / one)
        (dcp.folder / "held").rename(dcp.folder / other)

    return change


def _linked_out(dcp: Dcp) -> None:
    outside = dcp.folder.parent / "outside.mxf"
    (dcp.folder / "sound_1.mxf").rename(outside)
    (dcp.folder / "sound_1.mxf").symlink_to(outside)


def _subtitled(dcp: Dcp) -> None:
    """A subtitle in the first reel only, which starts at its second frame and is a frame short."""
    track = (
        f"<MainSubtitle><Id>{urn('sound 0')}</Id><EditRate>24 1</EditRate><IntrinsicDuration>24</IntrinsicDuration>"
        "<EntryPoint>1</EntryPoint><Duration>23</Duration></MainSubtitle></AssetList>"
    )
    dcp.change(dcp.composition, "</AssetList>", track)


_EITHER: dict[str, tuple[Change, set[str]]] = {
    "picture-bit": (_byte("picture_0.mxf", 90_000), _HASHES),
    "first-bit-of-sound": (_byte("sound_1.mxf", 0), _HASHES),
    "last-bit-of-sound": (_byte("sound_1.mxf", -1), _HASHES),
    "picture-cut-by-a-byte": (_cut("picture_1.mxf", 1), _SIZES),
    "picture-empty": (lambda dcp: (dcp.folder / "picture_1.mxf").write_bytes(b""), _SIZES),
    "picture-longer": (_appended("picture_1.mxf"), _SIZES),
    "reels-exchanged": (
        lambda dcp: shutil.copyfile(dcp.folder / "picture_0.mxf", dcp.folder / "sound_0.mxf"),
        {"track-file-ids", *_SIZES},
    ),
    "picture-missing": (lambda dcp: (dcp.folder / "picture_0.mxf").unlink(), _MISSING),
    "sound-in-other-case": (_renamed("sound_0.mxf", "Sound_0.mxf"), _MISSING),
    "composition-edited": (_unsealed("<Issuer>test<", "<Issuer>tess<"), _HASHES),
    "hash-in-list": (_edit("pkl", "<Hash>", "<Hash>A"), {"hash-form", *_HASHES}),
    "other-hash-in-list": (_edit("pkl", "</Hash><Size>", "</Hash><Comment/><Size>"), _READ),
    "size-in-list": (_edit("pkl", "<Size>", "<Size>1"), {"asset-sizes", "package-unaltered"}),
    "size-not-a-number": (_edit("pkl", "<Size>", "<Size>x"), {"hash-form", "package-unaltered"}),
    "size-negative": (_edit("pkl", "<Size>", "<Size>-"), {"hash-form", "package-unaltered"}),
    "hash-in-composition": (
        _edit("cpl", "<Hash>", "<Hash>2jmj7l5rSw0yVb/vlWAYkK/YBwk=</Hash><Hash>"),
        _HASHES | _READ,
    ),
    "asset-not-mapped": (
        _edit("am", urn("sound 1"), f"urn:uuid:{_UNHASHED}"),
        {"packing-list-in-asset-map", "assets-resolve", "package-complete"},
    ),
    "asset-not-listed": (
        _edit("pkl", urn("sound 1"), f"urn:uuid:{_UNHASHED}"),
        {"packing-list-in-asset-map", "package-complete"},
    ),
    "asset-not-known": (
        _edit("cpl", urn("sound 1"), f"urn:uuid:{_UNHASHED}"),
        {"assets-resolve", "package-complete"},
    ),
    "path-leaves": (_edit("am", "<Path>sound_1", "<Path>../outside/sound_1"), {"asset-files-exist", *_READ}),
    "path-absolute": (_edit("am", "<Path>sound_1.mxf", "<Path>/etc/hostname"), {"asset-files-exist", *_READ}),
    "path-empty": (_edit("am", "<Path>sound_1.mxf", "<Path>"), {"asset-files-exist", *_READ}),
    "path-is-a-folder": (_edit("am", "<Path>sound_1.mxf", "<Path>."), {"asset-files-exist", *_READ}),
    "link-leaves": (_linked_out, {"asset-files-exist", *_READ}),
    "two-chunks": (
        _edit("am", "<Chunk><Path>sound_1.mxf", "<Chunk><Path>a</Path></Chunk><Chunk><Path>sound_1.mxf"),
        {"asset-files-exist", *_READ},
    ),
    "same-id-in-map": (
        _edit("am", urn("sound 1"), urn("sound 0")),
        {"packing-list-in-asset-map", "assets-resolve", "package-complete", "unique-ids", *_READ},
    ),
    "id-without-urn": (_edit("am", urn("am"), "1234"), {"uuids"}),
    "volume-index-cut": (lambda dcp: dcp.volume_index.write_text("<VolumeIndex"), _READ),
    "volume-index-other-root": (lambda dcp: dcp.volume_index.write_text("<Index>1</Index>"), _READ),
    "volumes": (_edit("am", "<VolumeCount>1", "<VolumeCount>2"), {"volume-count"}),
    "no-volume-count": (_edit("am", "<VolumeCount>1</VolumeCount>", ""), {"volume-count", *_READ}),
    "namespace-of-composition": (_edit("cpl", 'xmlns="http://www.', 'xmlns="http://w.'), {"cpl-namespace"}),
    "runs-over": (_edit("cpl", "<EntryPoint>0", "<EntryPoint>1"), {"edit-within-asset", "tracks-long-enough"}),
    "picture-short": (_edit("cpl", "24</Duration><Hash>", "23</Duration><Hash>"), _SHORT),
    "two-rates": (
        _edit("cpl", _RATE.format(24), _RATE.format(25)),
        {"edit-rates", *_SHORT},
    ),
    "no-rate": (_edit("cpl", "<EditRate>24 1", "<EditRate>24 0"), _READ),
    "no-length": (_edit("cpl", "<IntrinsicDuration>24", "<IntrinsicDuration>x"), _READ),
    "list-not-well-formed": (_edit("pkl", "</PackingList>", ""), _UNLISTED | _READ),
    "id-in-track-file": (_resealed("sound_1.mxf", lambda data: identified(data, "other")), {"track-file-ids"}),
    "track-files-exchanged": (_renamed_crosswise("picture_0.mxf", "picture_1.mxf"), {"track-file-ids", *_HASHES}),
    "no-creator-in-list": (_edit("pkl", "<Creator>test</Creator>", ""), _READ),
    "no-title": (
        _edit("cpl", f"<ContentTitleText>{TITLE}</ContentTitleText>", ""),
        {*_READ, "cpl-annotation", "pkl-annotation"},
    ),
    "no-rating-list": (_edit("cpl", "<RatingList/>", ""), _READ),
    "title-twice": (_edit("cpl", "<ContentKind>", f"<ContentTitleText>{TITLE}</ContentTitleText><ContentKind>"), _READ),
    "order": (_edit("cpl", "<ContentKind>test</ContentKind>", "<RatingList/><ContentKind>test</ContentKind>"), _READ),
    "unknown-element": (_edit("cpl", "<RatingList/>", "<Rating/><RatingList/>"), _READ),
    "element-of-another-namespace": (_edit("cpl", "<RatingList/>", '<RatingList xmlns="urn:a"/>'), _READ),
    "extension-is-allowed": (_edit("cpl", "<RatingList/>", '<Extra xmlns="urn:a"/><RatingList/>'), set()),
    "date-without-time": (_edit("cpl", "2026-01-01T00:00:00+00:00", "2026-01-01"), _READ),
    "month-13": (_edit("pkl", "2026-01-01T", "2026-13-01T"), _READ),
    "frame-rate-without-denominator": (_edit("cpl", "<FrameRate>24 1", "<FrameRate>24"), _READ),
    "key-without-urn": (
        _edit("cpl", "<Hash>", f"<KeyId>{_UNHASHED}</KeyId><Hash>"),
        {*_READ, "signatures", "encryption"},
    ),
    "value-holds-elements": (_edit("cpl", "<Creator>test", "<Creator>test<b/>"), _READ),
    "text-between-elements": (_edit("cpl", "<RatingList/>", "<RatingList>none</RatingList>"), _READ),
    "negative-entry-point": (_edit("cpl", "<EntryPoint>0", "<EntryPoint>-1"), _READ),
    "flag-of-packing-list": (_edit("am", "<PackingList>true", "<PackingList>1"), set()),
    "volume-index-empty": (lambda dcp: dcp.change(dcp.volume_index, "<Index>1", "<Index>"), _READ),
    "foreign-file": (lambda dcp: (dcp.folder / ".DS_Store").write_bytes(b"x"), set()),
}
"""Faults of both kinds of packages. A file that nobody names is a fact, and no document forbids it."""

_SMPTE: dict[str, tuple[Change, set[str]]] = {
    "map-name": (_renamed("ASSETMAP.xml", "AssetMap.xml"), {"asset-map-name"}),
    "annotation": (_edit("cpl", "<AnnotationText>Tiny", "<AnnotationText>tiny"), {"cpl-annotation"}),
    "no-annotation": (_edit("cpl", f"<AnnotationText>{TITLE}</AnnotationText>", ""), {"cpl-annotation"}),
    "annotation-of-list": (_edit("pkl", "<AnnotationText>Tiny", "<AnnotationText>tiny"), {"pkl-annotation"}),
    "no-hash": (_edit("cpl", "<Hash>", "<Hush/><Hash/><Hash>"), {"asset-hashes-in-cpl", *_READ}),
    "feature": (_edit("cpl", "<ContentKind>test", "<ContentKind>feature"), {"feature-markers"}),
    "encrypted-unsigned": (_edit("cpl", "<Hash>", f"<KeyId>{urn('key')}</KeyId><Hash>"), {"signatures", "encryption"}),
    "no-version": (_edit("cpl", "<meta:VersionNumber>1", "<meta:VersionNumber>"), {"composition-metadata"}),
    "profile": (_edit("cpl", "Bv2.1", "Bv2.2"), {"constraints-profile"}),
    "index-name": (_renamed("VOLINDEX.xml", "VOLINDEX"), {"volume-index-name"}),
    "no-index": (lambda dcp: dcp.volume_index.unlink(), set()),
    "subtitle-language": (_edit("cpl", "de pt-BR", "de pt_BR"), {"language-tags"}),
    "subtitle-language-by-name": (_edit("cpl", "de pt-BR", "German"), {"language-tags"}),
    "language-of-a-text": (_edit("cpl", "<Issuer>", '<Issuer language="en_US">'), {"language-tags"}),
    "language-of-a-text-in-list": (_edit("pkl", "<Issuer>", '<Issuer language="eng">'), {"language-tags"}),
    "language-unregistered": (_spoken(b"xx"), {"language-tags"}),
    "language-underscore": (_spoken(b"e_"), {"language-tags"}),
    "language-in-utf-16": (_spoken(b"\x00e"), {"language-tags"}),
    "language-valid": (_spoken(b"fr"), set()),
    "subtitle-in-one-reel": (
        _subtitled,
        {"subtitle-presence", "timed-text-entry-point", "reel-durations", "reel-length", "asset-hashes-in-cpl"},
    ),
}
_INTEROP: dict[str, tuple[Change, set[str]]] = {
    "index-name": (_renamed("VOLINDEX", "VOLINDEX.xml"), {"volume-index-name"}),
    "no-index": (lambda dcp: dcp.volume_index.unlink(), {"volume-index-name"}),
}


@pytest.mark.parametrize("standard", ["smpte", "interop"])
def test_a_clean_package_breaks_no_clause(copied: Callable[[str], Dcp], standard: str) -> None:
    assert failing(copied(standard)) == set()


_CASES = [
    (standard, name, *case)
    for standard, cases in (("smpte", _EITHER | _SMPTE), ("interop", _EITHER | _INTEROP))
    for name, case in cases.items()
]


@pytest.mark.parametrize(
    ("standard", "change", "clauses"),
    [(standard, change, clauses) for standard, _, change, clauses in _CASES],
    ids=[f"{case[0]}-{case[1]}" for case in _CASES],
)
def test_a_fault_breaks_its_clauses(
    copied: Callable[[str], Dcp], standard: str, change: Change, clauses: set[str]
) -> None:
    dcp = copied(standard)
    change(dcp)
    held = {clause.id for clause in SPECS[standard].clauses}
    assert failing(dcp) == clauses & held


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_edit("am", "</AssetMap>", ""), "not well-formed"),
        (_edit("am", "AssetMap xmlns", "Assets xmlns"), "not well-formed"),
        (lambda dcp: dcp.asset_map.write_text("<a/>"), "not an asset map"),
        (lambda dcp: dcp.composition.unlink(), "No composition"),
        (_unsealed("</CompositionPlaylist>", ""), "cpl.xml is not well-formed"),
        (lambda dcp: dcp.composition.write_bytes(b""), "cpl.xml"),
        (
            _unsealed('<?xml version="1.0" encoding="UTF-8"?>', '<!DOCTYPE a [<!ENTITY b "c">]>'),
            "document type declaration",
        ),
    ],
    ids=["map-cut", "map-root", "other-root", "no-composition", "composition-cut", "composition-empty", "doctype"],
)
def test_a_package_without_a_readable_composition_is_an_error(
    copied: Callable[[str], Dcp], change: Change, words: str
) -> None:
    dcp = copied("smpte")
    change(dcp)
    with pytest.raises(MasterError, match=words):
        read_package(dcp.asset_map)


def test_every_clause_on_packages_of_integrity_is_in_the_table() -> None:
    fired = set().union(*(case[3] for case in _CASES))
    assert set(PACKAGE_CLAUSES) <= fired
