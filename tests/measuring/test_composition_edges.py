"""Black and silence of a composition, by arithmetic on the parts and repeats of its track files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deliverqc.measuring.composition_edges import edge_facts
from deliverqc.measuring.compositions import PackagedComposition
from deliverqc.packages import read_package
from deliverqc.packages.model import SOUND, Reel, Track
from fixtures.imf import FRAMES, SAMPLES_A_FRAME, make_imp
from fixtures.packages import urn
from tests.meters.dialogue.measuring import signal as sound_signal
from tests.meters.picture.tables import picture_table

_C = "package.composition."
_BLACK, _LIT = 64, 500
_RATE = 48_000
_ALL = frozenset(("black", "silence"))
SEGMENTS = ((0, FRAMES, 1), (12, 6, 2))
"""24 frames of the first files, then frames 12 to 17 of the second twice: 36 frames."""


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> PackagedComposition:
    package = read_package(make_imp(tmp_path_factory.mktemp("edges") / "imf", segments=SEGMENTS).asset_map)
    return PackagedComposition(
        package=package, composition=package.compositions[0], facts={}, files={}, is_changed=False
    )


def _signals(**tables: Any) -> Any:
    held = {"picture": None, "sounds": (), "part": None, "log": SimpleNamespace(undecodable=()), **tables}
    return SimpleNamespace(probed=None, unread=None, signals=SimpleNamespace(**held))


def _picture(*black: range) -> Any:
    codes = np.full(FRAMES, _LIT)
    for frames in black:
        codes[frames.start : frames.stop] = _BLACK
    quantiles = np.repeat(codes[:, None], 15, axis=1).astype(np.uint16)
    return _signals(picture=picture_table(FRAMES, luma_quantiles=quantiles, frame_rate=Fraction(24)))


def _sound(*silent: range) -> Any:
    """A tone but for frames that are silent, in two channels."""
    samples = np.tile(0.1 * np.sin(np.arange(FRAMES * SAMPLES_A_FRAME) / 20.0), (2, 1))
    for frames in silent:
        samples[:, frames.start * SAMPLES_A_FRAME : frames.stop * SAMPLES_A_FRAME] = 0.0
    return _signals(sounds=(sound_signal(samples.astype(np.float32)),))


def _facts(packaged: PackagedComposition, files: Mapping[str, Any], wanted: frozenset[str] = _ALL) -> dict[str, Any]:
    held: Any = {packaged.package.folder / f"{name}.mxf": file for name, file in files.items()}
    return dict(edge_facts(replace(packaged, files=held), settings={}, wanted=wanted))


def test_black_is_joined_over_segments_in_the_parts_and_repeats_that_are_used(packaged: PackagedComposition) -> None:
    first, second = _picture(range(3), range(20, 24)), _picture(range(12, 14), range(18, 24))
    facts = _facts(packaged, {"picture_0": first, "picture_1": second})
    spans = [(one["start_frame"], one["end_frame"], one["region"]) for one in facts[f"{_C}black_spans"]]
    assert spans == [(0, 3, "head"), (20, 26, "interior"), (30, 32, "interior")]
    assert (facts[f"{_C}head_black_s"], facts[f"{_C}tail_black_s"]) == (3 / 24, 0)


def test_black_to_the_end_of_the_part_used_is_at_the_tail(packaged: PackagedComposition) -> None:
    facts = _facts(packaged, {"picture_0": _picture(), "picture_1": _picture(range(16, 24))})
    assert facts[f"{_C}tail_black_s"] == round(2 / 24, 6)
    whole = _facts(packaged, {"picture_0": _picture(range(24)), "picture_1": _picture(range(24))})
    assert (whole[f"{_C}head_black_s"], whole[f"{_C}tail_black_s"]) == (1.5, 1.5)


def test_a_picture_that_was_not_measured_to_its_end_leaves_black_unknown(packaged: PackagedComposition) -> None:
    assert f"{_C}black_spans" not in _facts(packaged, {"picture_0": _picture()})
    part = _picture()
    part.signals.part = object()
    assert f"{_C}black_spans" not in _facts(packaged, {"picture_0": part, "picture_1": _picture()})
    short = _picture()
    short.signals.picture = picture_table(17, frame_rate=Fraction(24))
    assert f"{_C}black_spans" not in _facts(packaged, {"picture_0": _picture(), "picture_1": short})
    assert _facts(packaged, {"picture_0": _picture(), "picture_1": _picture()}, frozenset()) == {}


def test_a_part_that_is_repeated_without_end_is_not_measured(packaged: PackagedComposition) -> None:
    reels = tuple(
        replace(one, tracks=tuple(replace(track, repeat_count=10**15) for track in one.tracks))
        for one in packaged.composition.reels
    )
    endless = replace(packaged, composition=replace(packaged.composition, reels=reels))
    files = {"picture_0": _picture(), "picture_1": _picture(), "sound_0": _sound(), "sound_1": _sound(range(3))}
    facts = _facts(endless, files)
    assert f"{_C}black_spans" not in facts
    assert [set(one) for one in facts[f"{_C}audio_tracks"]] == [{"id", "element"}]


@pytest.mark.parametrize(
    ("first", "second", "edges"),
    [
        ((range(12), range(22, 24)), (range(17, 24),), (0.5, 1 / 24)),
        ((range(24),), (range(12, 15),), (1.125, 0.0)),
        ((), (range(24),), (0.0, 0.5)),
        ((range(24),), (range(24),), (1.5, 1.5)),
    ],
    ids=["both", "over-the-join", "repeats", "silent"],
)
def test_audio_tracks_are_those_of_the_parts_used(
    packaged: PackagedComposition, first: tuple[range, ...], second: tuple[range, ...], edges: tuple[float, float]
) -> None:
    (entry,) = _facts(packaged, {"sound_0": _sound(*first), "sound_1": _sound(*second)})[f"{_C}audio_tracks"]
    assert (entry["head_silence_s"], entry["tail_silence_s"]) == pytest.approx(edges, abs=0.011)
    assert (entry["id"], entry["element"]) == (urn("sound track"), "MainAudioSequence")


def test_audio_that_was_not_measured_is_listed_without_edges(packaged: PackagedComposition) -> None:
    (entry,) = _facts(packaged, {"sound_0": _sound()})[f"{_C}audio_tracks"]
    assert set(entry) == {"id", "element"}

    def renamed(track: Track) -> Track:
        return replace(track, element="OwnSequence", kind="other") if track.kind == SOUND else track

    reels = tuple(
        Reel(number=one.number, identity=one.identity, tracks=tuple(map(renamed, one.tracks)))
        for one in packaged.composition.reels
    )
    unknown = replace(packaged, composition=replace(packaged.composition, reels=reels))
    (entry,) = _facts(unknown, {"sound_0": _sound(), "sound_1": _sound()})[f"{_C}audio_tracks"]
    assert entry == {"id": urn("sound track"), "element": "OwnSequence"}
