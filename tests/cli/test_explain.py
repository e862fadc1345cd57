"""`deliverqc explain`: every id that a report can show is explained, and an id that is not clear is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deliverqc.cli import _run
from deliverqc.errors import UsageError
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import RECOGNISED_ID, Clause
from deliverqc.speclib.explain import demands, entries_of, explanation
from tests.slices import is_drawn
from tests.spec_files import clause, document, each, only, write

LIBRARY = spec_library()


DRAWN = list(filter(is_drawn, LIBRARY.names()))


@pytest.mark.parametrize("name", DRAWN)
def test_every_clause_expectation_and_manual_item_of_a_shipped_spec_explains(name: str) -> None:
    for entry in entries_of(LIBRARY.load(name)):
        if name != DRAWN[0] and getattr(entry.thing, "is_integrity", False):
            continue  # the same in every spec
        text = explanation(entry.reference, LIBRARY)
        assert text.startswith(entry.reference)
        if isinstance(entry.thing, Clause):
            assert entry.thing.title in text and entry.thing.source["document"] in text
            assert all(name in text for name in entry.thing.facts())
            assert (entry.thing.why or "") in text and (entry.thing.remedy or "") in text
            assert f"level     {entry.thing.level}: " in text
        else:
            assert entry.thing["title"] in text
            assert entry.thing.get("fact", entry.thing.get("x-awaits", "")) in text


@pytest.mark.parametrize("family", LIBRARY.families(), ids=lambda family: family.id)
def test_the_clause_of_a_family_that_nothing_fits_explains(family: object) -> None:
    name = str(getattr(family, "id", ""))
    text = explanation(f"{name}:{RECOGNISED_ID}", LIBRARY)
    assert all(spec in text for spec in LIBRARY.load_family(name).specs)
    assert LIBRARY.load_family(name).when_none_fits in text


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert _run(["explain", *arguments]) == 0
    return capsys.readouterr().out


def test_loudness_is_explained_with_unit_meter_bounds_and_who_else_asks(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "integrated-loudness", "--spec", "ebu-r128-programme")
    for words in (
        "shall: the document demands it and our reading is of medium confidence, so it decides",
        "from -23.2 to -22.8",
        "(number, in LUFS)",
        "given by meter loudness",
        "section Recommendation h; Recommendation i; Recommendation l (confidence medium)",
        "loudnorm=I=-23",
    ):
        assert words in text
    assert re.search(r"from -26\.0 to -22\.0: .*roku-originals:integrated-loudness \(shall\)", text)


def test_a_bare_id_serves_where_one_spec_has_it_and_those_that_inherit_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert explained(capsys, "mpeg2-422-high").startswith("xdcam-hd422:mpeg2-422-high")
    assert explained(capsys, "essence-decodes").startswith("deliverqc-integrity:essence-decodes")
    assert "from      xdcam-hd422" in explained(capsys, "mpeg2-422-high", "--spec", "mediabank-uls")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["true-peak"], ["ebu-r128-programme:true-peak", "op-59:true-peak"]),
        (["true-paek", "--spec", "op-59"], ["op-59 has no clause", "did you mean true-peak"]),
        (["zzzz"], ["no spec has a clause 'zzzz'"]),
        (["op-60:true-peak"], ["op-59"]),
        (["op-59:true-peak", "--spec", "acx"], ["leave out --spec"]),
        ([RECOGNISED_ID], [f"netflix:{RECOGNISED_ID}"]),
    ],
)
def test_what_names_no_clause_or_several_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: list[str]
) -> None:
    assert _run(["explain", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and all(word in captured.err for word in words)


def test_a_family_serves_where_its_specs_share_the_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert "ProRes 422 HQ" in explained(capsys, "prores-422-hq", "--spec", "netflix")
    assert _run(["explain", "raster", "--spec", "ard-zdf-hdf"]) == 2
    assert "ard-zdf-hdf01a:raster" in capsys.readouterr().err


def test_a_users_own_spec_is_explained_and_asks_beside_the_shipped_ones(tmp_path: Path) -> None:
    write(
        tmp_path,
        document(
            clause("mine", only("picture.hdr.max_cll_cd_m2", {"type": "integer", "maximum": 4}), **{"x-null": "fail"})
        ),
    )
    library = spec_library([tmp_path])
    text = explanation("a-sheet:mine", library)
    assert "at most 4" in text and "(integer, in cd/m2)" in text and "fails the clause" in text
    with pytest.raises(UsageError, match="a-sheet has no clause"):
        explanation("mine-not", library, within="a-sheet")


@pytest.mark.parametrize(
    ("schema", "asked"),
    [
        (only("picture.width_px", {"const": 5}), [("picture.width_px", "5")]),
        ({"required": ["wrapper.start_timecode"]}, [("wrapper.start_timecode", "stated")]),
        (
            {"if": only("picture.codec", {"const": "dv"}), "then": only("picture.width_px", {"const": 720})},
            [("picture.width_px", "720 where picture coding dv")],
        ),
        (
            {"anyOf": [only("picture.width_px", {"const": 1}), only("picture.width_px", {"const": 2})]},
            [("picture.width_px", "1, or something else"), ("picture.width_px", "2, or something else")],
        ),
        (
            each("sound.tracks", "sample_rate_hz", {"const": 48000}),
            [("sound.tracks[].sample_rate_hz", "48000")],
        ),
        (
            only("sound.tracks", {"type": "array", "contains": only("channel_count", {"const": 6})}),
            [("sound.tracks[].channel_count", "6, in one of them at least")],
        ),
        ({"not": only("picture.codec", {"const": "dv"})}, [("picture.codec", "not picture coding dv")]),
        (only("decode.errors", {"type": "array", "maxItems": 0}), [("decode.errors", "none")]),
    ],
)
def test_demands_are_found_wherever_a_schema_makes_them(
    schema: dict[str, object], asked: list[tuple[str, str]]
) -> None:
    found = [one for one in demands(schema, LIBRARY.integrity.registry) if not one[1].startswith("stated")]
    assert (found or list(demands(schema, LIBRARY.integrity.registry))) == asked
