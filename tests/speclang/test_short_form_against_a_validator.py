"""Clauses in the short form, of random facts and values, judged and held to a validator of JSON Schema on what `spec
resolve` writes. Truth: jsonschema."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deliverqc.errors import SpecError
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.plain import plain_schema
from deliverqc.verdict import Outcome
from tests.spec_files import document, write

_LIBRARY = spec_library()
_FRAME = {
    "$anchor": "it",
    "title": "It is so",
    "x-level": "shall",
    "x-source": {"document": "A sheet"},
    "x-null": "fail",
}
_WORDS: dict[str, tuple[Any, ...]] = {
    "wrapper.format": ("mov", "mxf"),
    "picture.scan": ("progressive", "interlaced"),
    "picture.width_px": (1280, 1920),
    "sound.groups[].layout": ("5.1", "2.0"),
    "sound.groups[].loudness.integrated_lufs": (-24.0, -23.0),
    "picture.black.spans[].region": ("head", "interior"),
    "picture.black.spans[].duration_s": (1.0, 2.0),
    "timed_text.in_band.services": (["cc1"], ["cc1", "dtvcc"]),
}
_LISTS = ("sound.groups", "picture.black.spans")
_BOUNDED = {name for name, words in _WORDS.items() if isinstance(words[0], int | float)}


def _said(name: str) -> st.SearchStrategy[Any]:
    words = st.sampled_from(_WORDS[name])
    bound = st.builds(lambda keyword, word: {keyword: word}, st.sampled_from(("minimum", "maximum")), words)
    schemas = bound if name in _BOUNDED else st.builds(lambda word: {"const": word}, words)
    schemas = schemas | st.builds(lambda word: {"not": {"const": word}}, words)
    plain = words | st.lists(words, min_size=1, max_size=2, unique_by=repr) | schemas
    holder = next((one for one in _LISTS if name.startswith(one)), None)
    if holder is None:
        return plain
    others = [one.removeprefix(f"{holder}[].") for one in _WORDS if one.startswith(holder)]
    chosen = st.sampled_from(others).flatmap(
        lambda other: st.builds(lambda word: {other: word}, st.sampled_from(_WORDS[f"{holder}[].{other}"]))
    )
    return plain | st.builds(lambda schema, where: {**schema, "where": where}, schemas, chosen)


def _demands(most: int) -> st.SearchStrategy[dict[str, Any]]:
    names = st.lists(st.sampled_from(sorted(_WORDS)), min_size=1, max_size=most, unique=True)
    return names.flatmap(lambda held: st.fixed_dictionaries({name: _said(name) for name in held}))


def _values(name: str) -> st.SearchStrategy[Any]:
    return st.sampled_from((*_WORDS[name], None))


def _items(holder: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    members = {name.removeprefix(f"{holder}[]."): _values(name) for name in _WORDS if name.startswith(holder)}
    return st.lists(st.fixed_dictionaries({}, optional=members), max_size=3)


_FACTS = st.fixed_dictionaries(
    {}, optional={name: _values(name) for name in _WORDS if "[]" not in name} | {one: _items(one) for one in _LISTS}
)


@settings(max_examples=25, deadline=None)
@given(demand=_demands(3), when=st.none() | _demands(1), cases=st.lists(_FACTS, min_size=6, max_size=6))
def test_the_judge_and_a_validator_agree_on_the_short_form(
    tmp_path_factory: Any, demand: dict[str, Any], when: dict[str, Any] | None, cases: list[dict[str, Any]]
) -> None:
    folder: Path = tmp_path_factory.getbasetemp()
    clause = {**_FRAME, "x-demand": demand} | ({"x-when": when} if when else {})
    try:
        spec = _LIBRARY.load(str(write(folder, document(clause), "short-form.json")))
    except SpecError:
        reject()  # no value would fit
    (written,) = [one for one in plain_schema(spec)["allOf"] if one["$anchor"] == "it"]
    validator = Draft202012Validator(written)
    for facts in cases:
        (found,) = [one for one in judge(spec, facts, as_of=date(2026, 1, 1)).clauses if one.id == "it"]
        if validator.is_valid(facts):
            assert found.outcome is not Outcome.FAIL, (written, facts)
        else:
            assert found.outcome in (Outcome.FAIL, Outcome.NOT_MEASURED), (written, facts)
