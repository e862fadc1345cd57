"""Shipped specs await no fact, and clauses that once waited apply where they did."""

from __future__ import annotations

from typing import Any

import pytest

from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.measuring.registry import spec_library


def test_shipped_specs_await_no_fact() -> None:
    items = [item for spec in spec_library().all() for item in spec.document.get("x-manual", ())]
    assert items
    assert [item for item in items if "x-awaits" in item] == [], (
        "a new demand waits for its meter, and comes as a clause"
    )


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
    found = {one.get("id") or one["$anchor"]: one for one in (*document.get("x-manual", ()), *document["allOf"])}
    assert evaluate(found[item]["if"], facts).truth is truth
