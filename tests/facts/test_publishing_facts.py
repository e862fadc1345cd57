"""Rounding, spans and the published shape of facts."""

from __future__ import annotations

import json
from fractions import Fraction

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverqc.facts.assemble import GROUP_PREFIX, SoundClock, assemble_reading, round_facts, round_number
from deliverqc.facts.document import check_document, schema
from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.measuring.registry import registry
from deliverqc.timebase import Span, Timecode, Timeline

FACTS = registry().facts

PAL = Timeline(frame_rate=Fraction(25), frame_count=250, start=Timecode.parse("10:00:00:00", Fraction(25)))


@pytest.mark.parametrize(
    ("value", "step", "rounded"),
    [
        (-23.004999, 0.01, -23.0),
        (-0.004, 0.01, 0.0),
        (0.1 + 0.2, 1e-6, 0.3),
        (Fraction(1, 3), 1e-3, 0.333),
        (2.5, 1.0, 2.0),
    ],
)
def test_numbers_are_rounded_to_the_step_without_binary_noise(
    value: float | Fraction, step: float, rounded: float
) -> None:
    assert repr(round_number(value, step)) == repr(rounded)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_fact_is_nan_or_infinite(value: float) -> None:
    with pytest.raises(ValueError, match="not a number"):
        round_number(value, 0.01)


@given(st.floats(-1e6, 1e6))
def test_rounding_twice_is_rounding_once(value: float) -> None:
    once = round_number(value, 0.01)
    assert round_number(once, 0.01) == once
    assert abs(once - value) <= 0.005 * (1 + 1e-9)


def test_truth_values_of_numpy_become_plain_ones_and_numbers_are_none() -> None:
    name = "picture.black.is_throughout"
    assert round_facts({name: np.bool_(True)}, FACTS)[name] is True
    for value in (1, "yes", np.int64(1), [True]):
        with pytest.raises(ValueError, match="not true or false"):
            round_facts({name: value}, FACTS)


def test_a_name_that_is_not_registered_is_refused() -> None:
    with pytest.raises(ValueError, match=r"picture\.colour"):
        round_facts({"picture.colour": "red"}, FACTS)


def test_picture_spans_get_seconds_timecode_and_region() -> None:
    (span,) = assemble_reading({"picture.black.spans": (Span(0, 25),)}, FACTS, prefix="", timeline=PAL)[
        "picture.black.spans"
    ]
    assert span["duration_s"] == 1.0
    assert (span["start_timecode"], span["end_timecode"]) == ("10:00:00:00", "10:00:01:00")
    assert span["region"] == "head"


def test_group_readings_are_numbers_of_the_group_and_spans_of_samples() -> None:
    facts = assemble_reading(
        {"loudness.integrated_lufs": np.float64(-23.0049), "silence.spans": (Span(48000, 96000),)},
        FACTS,
        prefix=GROUP_PREFIX,
        timeline=PAL,
        sound=SoundClock(sample_rate_hz=48000, sample_count=480000),
    )
    assert facts["loudness.integrated_lufs"] == -23.0
    assert (facts["silence.spans"][0]["start_s"], facts["silence.spans"][0]["start_frame"]) == (1.0, 25)
    json.dumps(facts, allow_nan=False)


def test_spans_of_samples_without_a_clock_are_refused() -> None:
    with pytest.raises(ValueError, match="sample rate"):
        assemble_reading({"silence.spans": (Span(0, 1),)}, FACTS, prefix=GROUP_PREFIX, timeline=PAL)


def test_null_stays_null() -> None:
    facts = assemble_reading({"loudness.integrated_lufs": None}, FACTS, prefix=GROUP_PREFIX, timeline=PAL)
    assert facts == {"loudness.integrated_lufs": None}


def test_the_schema_is_a_schema_and_refuses_unknown_names() -> None:
    jsonschema.Draft202012Validator.check_schema(schema(FACTS))
    validator = jsonschema.Draft202012Validator(schema(FACTS))
    assert validator.is_valid({"picture.width_px": 1920, "picture.codec": "prores", "picture.scan": None})
    assert not validator.is_valid({"picture.width": 1920})
    assert not validator.is_valid({"picture.width_px": None})
    assert not validator.is_valid({"picture.codec": "pro-res"})
    assert not validator.is_valid({"sound.tracks": [{"samplerate": 48000}]})


def test_the_schema_keeps_reserved_names_open_for_sets_programmes_and_plug_ins() -> None:
    validator = jsonschema.Draft202012Validator(schema(FACTS))
    group = {"layout": "2.0", "x.acme.hum_db": -61.0, "programme.loudness.integrated_lufs": -23.0}
    facts = {"x.acme.grain": 0.4, "set.stem_count": 3, "programme.spans": [], "sound.groups": [group]}
    assert validator.is_valid(facts)
    assert not validator.is_valid({"xacme.grain": 0.4})
    assert not validator.is_valid({"sound.groups": [{"set.stem_count": 3}]})
    assert not validator.is_valid({"sound.tracks": [{"x.acme.hum_db": -61.0}]})


def test_a_name_under_a_reserved_word_is_known_only_where_it_is_registered() -> None:
    giver = {"layer": Layer.BASEBAND, "given_by": ("meter:acme_hum",), "unit": "dB", "resolution": 0.1}
    hum = Fact(name="sound.groups[].x.acme.hum_db", kind=Kind.NUMBER, meaning="level of the hum", **giver)
    facts = {"x.acme.grain": 0.4, "set.stem_count": 3, "sound.groups": [{"x.acme.hum_db": -61.0}]}
    known = {**FACTS, hum.name: hum}
    assert check_document(facts, known) == [
        f"{name} is not a registered fact" for name in ("x.acme.grain", "set.stem_count")
    ]
    assert check_document({"x.acme.hum_db": "low"}, known, prefix=GROUP_PREFIX) == [
        f"{hum.name} is 'low', which is not of the kind number"
    ]


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"picture.width": 1}, "not a registered fact"),
        ({"picture.width_px": None}, "is null"),
        ({"picture.width_px": "1920"}, "not of the kind integer"),
        ({"picture.width_px": True}, "not of the kind integer"),
        ({"wrapper.duration_s": float("nan")}, "not of the kind number"),
        ({"picture.frame_rate": "25"}, "not of the kind rate"),
        ({"picture.codec": "pro-res"}, "not on its closed list"),
        ({"sound.tracks": [{"codec": 5}]}, "not of the kind string"),
    ],
)
def test_a_document_that_breaks_the_registry_is_complained_about(facts: dict[str, object], complaint: str) -> None:
    (found,) = check_document(facts, FACTS)
    assert complaint in found


def test_an_unmapped_word_is_allowed_as_other() -> None:
    assert check_document({"picture.codec": "other:xyz"}, FACTS) == []


def test_numbers_have_a_step_and_names_have_their_unit() -> None:
    suffixes = {"s": "_s", "px": "_px", "Hz": "_hz", "bit": "_bits", "bytes": ("_bytes", "_byte_count"), "deg": "_deg"}
    for fact in FACTS.values():
        if fact.kind is Kind.NUMBER:
            assert fact.resolution is not None, fact.name
        if fact.unit in suffixes:
            assert fact.name.endswith(suffixes[fact.unit]), fact.name
