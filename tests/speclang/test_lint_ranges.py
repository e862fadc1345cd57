"""The linter refuses what no master can meet, and bounds where the fact never is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deliverqc.measuring.registry import registry
from deliverqc.speclang.lint import lint
from deliverqc.speclang.lint_ranges import range_of
from tests.spec_files import clause, document, each, only

NULL = {"x-null": "fail"}


def codes(schema: dict[str, Any], **root: Any) -> list[str]:
    return sorted(
        {one.code for one in lint(document(clause("it", schema, **NULL), **root), shipped=False, registry=registry())}
    )


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("picture.width_px", {"const": -1}),
        ("picture.width_px", {"type": "integer", "maximum": -1}),
        ("picture.frame_count", {"type": "integer", "exclusiveMaximum": 0}),
        ("sound.channel_count", {"type": "integer", "minimum": -1}),
        ("sound.channel_count", {"enum": [2, 129]}),
        ("sound.track_count", {"const": -2}),
        ("picture.freeze.percent", {"type": "number", "maximum": 100.1}),
        ("picture.freeze.percent", {"type": "number", "exclusiveMinimum": 100}),
        ("picture.rotation_deg", {"const": -90}),
        ("picture.active_format_code", {"const": 16}),
        ("picture.bit_rate_bps", {"type": "integer", "minimum": -1}),
    ],
)
def test_a_value_that_the_fact_never_has_is_refused(name: str, schema: dict[str, Any]) -> None:
    assert codes(only(name, schema)) == ["beyond-range"]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("picture.width_px", {"type": "integer", "minimum": 0}),
        ("picture.frame_count", {"type": "integer", "exclusiveMinimum": 0}),
        ("sound.channel_count", {"const": 128}),
        ("picture.freeze.percent", {"type": "number", "exclusiveMaximum": 100}),
        ("picture.rotation_deg", {"const": 270}),
        ("decode.sound_start_difference_s", {"type": "number", "minimum": -0.02, "maximum": 0.02}),
        ("picture.defects.dead_pixels", {"type": "array", "maxItems": 0}),
    ],
)
def test_a_value_at_the_end_of_its_range_is_taken(name: str, schema: dict[str, Any]) -> None:
    assert codes(only(name, schema)) == []


@pytest.mark.parametrize(
    ("member", "bound"),
    [
        ("gap_before_frames", {"type": "integer", "minimum": -1}),
        ("start_shot_change_frames", {"type": "integer", "maximum": -12}),
        ("duration_frames", {"type": "integer", "minimum": -1}),
        ("left_percent", {"type": "number", "minimum": -0.5}),
    ],
)
def test_events_that_overlap_or_go_beyond_the_picture_have_numbers_below_0(member: str, bound: dict[str, Any]) -> None:
    events = {"type": "array", "minItems": 0, "items": {"type": "object", **only(member, bound)}}
    assert codes(each("timed_text.tracks", "events", events)) == []


def test_a_loudness_without_its_sign_is_refused() -> None:
    loud = {"type": "number", "minimum": 22.5, "maximum": 23.5}
    assert codes(each("sound.groups", "loudness.integrated_lufs", loud)) == ["beyond-range"]
    quiet = {"type": "number", "minimum": -23.5, "maximum": -22.5}
    assert codes(each("sound.groups", "loudness.integrated_lufs", quiet)) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "minimum": 2, "maximum": 1},
        {"type": "number", "minimum": 2, "exclusiveMaximum": 2},
        {"type": "number", "exclusiveMinimum": 2, "maximum": 2},
        {"type": "number", "exclusiveMinimum": 2, "exclusiveMaximum": 2},
    ],
)
def test_bounds_that_cross_are_refused(schema: dict[str, Any]) -> None:
    assert codes(only("picture.frame_rate_hz", schema)) == ["crossed-bounds"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 3, "maxItems": 2},
        {"type": "array", "contains": only("region", {"const": "head"}), "minContains": 3, "maxContains": 2},
        {"type": "array", "contains": only("region", {"const": "head"}), "minContains": 2, "maxItems": 1},
        {"type": "array", "contains": only("region", {"const": "head"}), "maxItems": 0},
    ],
)
def test_counts_of_a_list_that_cross_are_refused(schema: dict[str, Any]) -> None:
    assert codes(only("picture.black.spans", schema)) == ["crossed-bounds"]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("picture.width_px", {"type": "integer", "minimum": 1921, "enum": [1280, 1920]}),
        ("picture.width_px", {"const": 1920, "enum": [1280]}),
        ("picture.codec", {"type": "null", "const": "prores"}),
        ("file.extension", {"type": "string", "maxLength": 2, "const": "mov"}),
        ("file.name", {"type": "string", "pattern": "^a", "enum": ["b.mov"]}),
        ("wrapper.drop_frame", {"type": "null", "const": True}),
    ],
)
def test_a_list_of_values_that_its_neighbours_empty_is_refused(name: str, schema: dict[str, Any]) -> None:
    assert "emptied-values" in codes(only(name, schema))


@pytest.mark.parametrize(
    ("name", "schema", "hint"),
    [
        ("picture.codec_profile", {"const": "422HQ"}, 'write "422_hq"'),
        ("picture.codec_profile", {"enum": ["422_hq", "ProRes 4444 XQ"]}, 'write "4444_xq"'),
        ("picture.codec_profile", {"const": "High 4:2:2"}, 'write "high_4:2:2"'),
        ("picture.color_primaries", {"const": "rec709"}, "it can be: bt709"),
        ("picture.color_range", {"enum": ["legal"]}, "limited, full"),
        ("wrapper.mxf_operational_pattern", {"const": "OP1a"}, "op1a"),
        ("picture.scan", {"not": {"const": "interlace"}}, "did you mean interlaced"),
    ],
)
def test_a_word_that_the_fact_never_has_is_refused(name: str, schema: dict[str, Any], hint: str) -> None:
    (problem,) = lint(document(clause("it", only(name, schema), **NULL)), shipped=False, registry=registry())
    assert problem.code == "unlisted-word"
    assert hint in problem.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("layout", {"const": "stereo"}),
        ("layout", {"enum": ["5.1", "5.1 + 2.0"]}),
        ("channels", {"const": ["1", "2"]}),
        ("channels", {"const": ["0.0", "0.128"]}),
        ("channels", {"type": "array", "contains": {"const": "0:1"}}),
        ("channels", {"type": "array", "minItems": 1, "items": {"enum": ["0.0", "L"]}}),
    ],
)
def test_a_layout_or_a_place_that_no_group_has_is_refused(name: str, value: dict[str, Any]) -> None:
    assert codes(each("sound.groups", name, value)) == ["unlisted-word"]


def test_an_item_of_a_plain_list_is_held_to_what_it_can_be() -> None:
    number = {"type": "array", "contains": {"const": "0"}}
    assert codes(each("sound.groups", "tracks", number)) == ["impossible-value"]
    assert codes(each("sound.groups", "tracks", {"type": "array", "contains": {"const": 0}})) == []
    assert codes(each("sound.tracks", "channel_labels", {"type": "array", "contains": {"const": "LFE"}})) == []


@pytest.mark.parametrize("start", ["24:00:00:00", "10:60:00:00", "10:00:60:00", "10.00.00.00"])
def test_a_timecode_that_no_clock_shows_is_refused(start: str) -> None:
    assert codes(only("wrapper.start_timecode", {"const": start})) == ["impossible-value"]


@pytest.mark.parametrize("name", ["gap_before_frames", "start_shot_change_frames", "left_percent"])
def test_a_bound_below_zero_is_taken_where_text_may_be_before_or_outside(name: str) -> None:
    assert range_of(registry().facts[f"timed_text.tracks[].events[].{name}"]).holds(-1)


def test_conditions_are_held_to_the_same() -> None:
    stereo = {"type": "array", "contains": only("layout", {"const": "stereo"})}
    assert codes(only("wrapper.format", {"const": "mov"}), x_applies=only("sound.tracks", stereo)) == ["unlisted-word"]
    when = {"if": only("picture.width_px", {"const": -1}), "then": only("picture.height_px", {"const": 1080})}
    assert codes(when) == ["beyond-range"]


def test_the_facts_of_a_plug_in_are_free() -> None:
    fact = registry().facts["picture.freeze.percent"]
    assert range_of(fact).high == 100
    assert range_of(replace(fact, name="x.acme.percent")).high is None
