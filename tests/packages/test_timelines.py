"""Supplementals held to the timeline of the composition that they were made for, by arithmetic on their uses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc.packages.documents import moment
from deliverqc.packages.model import AssetMap, Composition, Identity, MappedAsset, Package, Reel, Track
from deliverqc.packages.timelines import timeline_difference_facts

_FACT = "package.composition.timeline_differences"
_RATE = Fraction(24)
_DAY = datetime(2026, 1, 1, tzinfo=UTC)

Part = tuple[str, int, int]
"""A file, the first frame of it that is used, and how many."""


def _identity(name: str) -> Identity:
    return Identity(text=name, file="cpl.xml", line=1)


def _track(part: Part, repeats: int = 1) -> Track:
    name, entry, duration = part
    return Track(
        element="MainImageSequence", kind="picture", identity=_identity(name), reel=0, sequence="p", edit_rate=_RATE,
        intrinsic_duration=1000, entry_point=entry, duration=duration, repeat_count=repeats, sha1=None,
        is_encrypted=False,
    )  # fmt: skip


def _composition(name: str, *tracks: Track, issued: datetime | None = _DAY) -> Composition:
    return Composition(
        file_name=f"{name}.xml", identity=_identity(name), namespace=None, title=name, annotation_text=None,
        content_kind=None, content_kind_scope=None, signature=None, markers=(), is_imf=True, edit_rate=_RATE,
        reels=(Reel(number=0, identity=None, tracks=tracks),), issued=issued,
    )  # fmt: skip


def _package(*compositions: Composition, held: tuple[str, ...], originals: tuple[Package, ...] = ()) -> Package:
    assets = tuple(
        MappedAsset(identity=_identity(one), path=one, is_packing_list=False, file=None, refusal=None) for one in held
    )
    asset_map = AssetMap(file_name="ASSETMAP.xml", namespace=None, volume_count=1, assets=assets)
    return Package(
        folder=Path("imp"), asset_map=asset_map, volume_index_name=None, packing_lists=(), compositions=compositions,
        faults=(), foreign=(), originals=originals,
    )  # fmt: skip


_ORIGINAL = _composition("original", _track(("film", 0, 100)), _track(("logo", 0, 20)))


def _facts(*tracks: Track, originals: tuple[Composition, ...] = (_ORIGINAL,), **changes: Any) -> dict[str, Any]:
    """Of a supplemental that holds the file `new` alone."""
    composition = replace(_composition("supplemental", *tracks), **changes)
    given = (_package(*originals, held=("film", "logo")),) if originals else ()
    package = _package(composition, held=("new",), originals=given)
    return dict(timeline_difference_facts(package, composition))


def _shot(at: int, length: int, new: int) -> tuple[Track, ...]:
    """The film with frames from `at` on replaced by as many of `new`, or more, or fewer."""
    parts = (("film", 0, at), ("new", 0, new), ("film", at + length, 100 - at - length), ("logo", 0, 20))
    return tuple(_track(part) for part in parts)


def test_a_replaced_shot_keeps_the_timeline() -> None:
    assert _facts(*_shot(30, 10, 10))[_FACT] == []


@pytest.mark.parametrize(
    ("tracks", "words"),
    [
        (_shot(30, 10, 12), ["lasts 5.083 s, and that composition 5.000 s", "picture film 0.083 s later"]),
        (_shot(30, 10, 9), ["lasts 4.958 s", "0.042 s earlier"]),
        (
            tuple(_track(one) for one in (("new", 0, 10), ("film", 0, 90), ("logo", 0, 20))),
            ["picture film 0.417 s later"],
        ),
        (tuple(_track(one) for one in (("film", 0, 100), ("new", 0, 19))), ["lasts 4.958 s"]),
    ],
    ids=["longer", "shorter", "same-length", "tail"],
)
def test_a_supplemental_on_another_timeline_is_named(tracks: tuple[Track, ...], words: list[str]) -> None:
    found = [one["message"] for one in _facts(*tracks)[_FACT]]
    assert all(any(word in one for one in found) for word in words), found


def test_what_is_shown_once_more_did_not_move() -> None:
    tracks = (("film", 0, 60), ("logo", 0, 20), ("new", 0, 20), ("logo", 0, 20))
    assert _facts(*map(_track, tracks))[_FACT] == []
    filler = _composition("original", _track(("film", 0, 10)), _track(("logo", 0, 5), 4))
    same = (_track(("new", 0, 10)), _track(("logo", 0, 5), 2), _track(("logo", 0, 10)))
    assert _facts(*same, originals=(filler,))[_FACT] == []


def test_another_rate_is_named() -> None:
    (first, *_) = _facts(*_shot(30, 10, 10), edit_rate=Fraction(25))[_FACT]
    assert first["message"] == "has 25 edit units a second, and that composition 24"


def test_it_is_compared_with_what_was_issued_last() -> None:
    longer = _composition("later", *_shot(30, 10, 12)[::2], issued=datetime(2026, 2, 1, tzinfo=UTC))
    longer = replace(longer, reels=(replace(longer.reels[0], tracks=_shot(30, 10, 12)),))
    assert [one["id"] for one in _facts(*_shot(30, 10, 10), originals=(_ORIGINAL, longer))[_FACT]] != []
    assert _facts(*_shot(50, 10, 12), originals=(_ORIGINAL, longer))[_FACT][0]["id"] == "later"
    assert _facts(*_shot(30, 10, 12), originals=(_ORIGINAL, longer))[_FACT] == []
    undated = replace(longer, issued=None)
    assert _FACT not in _facts(*_shot(30, 10, 12), originals=(_ORIGINAL, undated))


def test_what_cannot_be_compared_is_unknown_and_an_original_is_no_supplemental() -> None:
    assert _FACT not in _facts(*_shot(30, 10, 10), originals=())
    assert _FACT not in _facts(*_shot(30, 10, 10), originals=(_composition("other", _track(("else", 0, 5))),))
    assert _FACT not in _facts(_track(("film", 0, 1), 400), originals=(_composition("o", _track(("film", 0, 1), 400)),))
    unstated = (_track(("film", 0, 100)), replace(_track(("logo", 0, 20)), duration=None))
    assert _FACT not in _facts(*_shot(30, 10, 10), originals=(_composition("original", *unstated),))
    alone = _composition("alone", _track(("new", 0, 5)))
    assert timeline_difference_facts(_package(alone, held=("new",)), alone) == {_FACT: None}


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("2026-01-01T00:00:00+00:00", _DAY),
        ("2026-01-01T00:00:00", _DAY),
        ("2026-01-01", _DAY),
        ("2026-13-01T00:00:00Z", None),
        (None, None),
    ],
)
def test_a_moment_has_a_zone(words: str | None, read: datetime | None) -> None:
    assert moment(words) == read
