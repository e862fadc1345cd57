"""What shipped specs await: facts of packages and timed text only, with the levels of their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.measuring.registry import spec_library

_READERS_AHEAD = ("package.", "timed_text.")
"""Facts that packages and timed text will give; a shipped spec may await more of these."""


def _awaited() -> Iterator[Mapping[str, Any]]:
    for spec in spec_library().all():
        yield from (item for item in spec.document.get("x-manual", ()) if "x-awaits" in item)


def test_shipped_specs_await_facts_of_packages_and_timed_text_only() -> None:
    found = {item["x-awaits"] for item in _awaited()}
    assert found
    others = {fact for fact in found if not fact.startswith(_READERS_AHEAD)}
    assert not others, "a new demand waits for its meter, and comes as a clause"


@pytest.mark.parametrize(
    ("spec", "item", "facts", "truth"),
    [
        ("dci-dcss", "jpeg2000-tiles", {"picture.track_count": 0}, Truth.FALSE),
        ("dcp-smpte", "no-4k-3d", {"picture.track_count": 1, "picture.width_px": 2048}, Truth.FALSE),
        ("dcp-smpte", "no-4k-3d", {"picture.track_count": 1, "picture.width_px": 4096}, Truth.TRUE),
        ("dcp-smpte", "no-4k-3d", {"picture.track_count": 0}, Truth.FALSE),
        (
            "netflix-licensed-prores",
            "no-pulldown-flags",
            {"picture.track_count": 1, "picture.codec": "prores"},
            Truth.FALSE,
        ),
        (
            "netflix-licensed-prores",
            "no-pulldown-flags",
            {"picture.track_count": 1, "picture.codec": "mpeg2video"},
            Truth.TRUE,
        ),
        ("netflix-branded-imf", "dolby-vision-version", {"picture.track_count": 0}, Truth.FALSE),
        ("xdcam-hd422", "gop-structure", {"picture.frame_rate": "50/1"}, Truth.FALSE),
        ("xdcam-hd422", "gop-structure", {"picture.track_count": 1, "picture.frame_rate": "25/1"}, Truth.TRUE),
        ("xdcam-hd422", "gop-structure", {}, Truth.UNKNOWN),
        ("dcp-smpte", "sign-language-video", {"sound.channel_count": 14}, Truth.FALSE),
        ("dcp-smpte", "sign-language-video", {"sound.channel_count": 15}, Truth.TRUE),
        ("dcp-smpte", "subtitle-lines", {"package.composition.timed_text_count": 0}, Truth.FALSE),
        ("dcp-smpte", "subtitle-lines", {"package.composition.timed_text_count": 1}, Truth.TRUE),
        ("dcp-smpte", "closed-caption-lines", {"package.composition.closed_caption_count": 0}, Truth.FALSE),
        ("dcp-interop", "subtitle-form", {}, Truth.UNKNOWN),
        ("disney-nearfield", "atmos-element-peaks", {"sound.channel_count": 6, "sound.tracks": []}, Truth.FALSE),
        ("disney-nearfield", "atmos-element-peaks", {"sound.channel_count": 128}, Truth.TRUE),
    ],
)
def test_the_condition_of_an_awaited_item_or_a_clause_decides(
    spec: str, item: str, facts: dict[str, Any], truth: Truth
) -> None:
    document = spec_library().load(spec).document
    found = {one.get("id") or one["$anchor"]: one for one in (*document["x-manual"], *document["allOf"])}
    assert evaluate(found[item]["if"], facts).truth is truth


@pytest.mark.parametrize(
    ("spec", "item", "level"),
    [
        ("dcp-smpte", "first-subtitle", "should"),
    ],
)
def test_an_awaited_item_has_the_level_of_its_document(spec: str, item: str, level: str) -> None:
    found = {one["id"]: one for one in spec_library().load(spec).document["x-manual"]}
    assert found[item]["x-level"] == level
