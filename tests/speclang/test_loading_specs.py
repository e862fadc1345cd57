"""Specs by id, edition, revision, alias and path; strict reading; extension; families; plug-ins."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from deliverqc import plug_ins
from deliverqc.errors import PlugInError, SpecError
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang import load
from deliverqc.speclang.load import LINTED_FILE, SpecLibrary, shipped_folder
from deliverqc.speclang.model import INTEGRITY_CLAUSES, INTEGRITY_ID, Family
from deliverqc.speclib.families import choose
from deliverqc.verdict import Level
from tests.spec_files import clause, document, loaded, only, ship_only_ours, write


def revised(folder: Path, edition: str, revision: int, *clause_ids: str, **more: Any) -> Path:
    body = document(
        *(clause(one) for one in clause_ids or ("it",)), about={"edition": edition, "revision": revision, **more}
    )
    return write(folder, body, f"{edition}-{revision}.json")


def test_a_spec_is_found_by_id_edition_revision_alias_and_path(tmp_path: Path) -> None:
    for edition, revision in (("9.1", 1), ("9.10", 1), ("9.10", 2), ("9.2", 7)):
        revised(tmp_path, edition, revision, aliases=["sheet"])
    library = spec_library([tmp_path])
    found = {
        name: library.load(name).full_id
        for name in (
            "a-sheet",
            "a-sheet@9.1",
            "a-sheet@9.10",
            "a-sheet@9.10.r1",
            "sheet",
            "sheet@9.2",
            str(tmp_path / "9.1-1.json"),
        )
    }
    assert found == {
        "a-sheet": "a-sheet@9.10.r2",
        "a-sheet@9.1": "a-sheet@9.1.r1",
        "a-sheet@9.10": "a-sheet@9.10.r2",
        "a-sheet@9.10.r1": "a-sheet@9.10.r1",
        "sheet": "a-sheet@9.10.r2",
        "sheet@9.2": "a-sheet@9.2.r7",
        str(tmp_path / "9.1-1.json"): "a-sheet@9.1.r1",
    }
    assert "a-sheet" in library.ids() and "deliverqc-integrity" in library.ids()


@pytest.mark.parametrize(
    ("name", "hint"), [("ebu-r128-program", "ebu-r128-programme"), ("netflx", "netflix"), ("zzz", "spec list")]
)
def test_an_unknown_name_lists_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(SpecError, match=f"there is no spec '{name}'.*{hint}"):
        spec_library().load(name)


@pytest.mark.parametrize("name", ["deliverqc-integrity@9", "deliverqc-integrity@1.0.r9", "@", ""])
def test_an_edition_that_is_not_there_is_unknown(name: str) -> None:
    with pytest.raises(SpecError):
        spec_library().load(name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{\n  "a": 1,\n  "b" 2\n}', "line 3, column 7"),
        ('{\n "title": "a",\n "x-spec": {},\n "title": "b"}', "'title' twice.*lines 2, 4"),
        ('{"x-spec": {"id": "a", "revision": NaN}}', "NaN"),
        ('{"x-spec": {"id": "a", "revision": 1e999}}', "1e999"),
        ('{"not": ' * 200 + "{}" + "}" * 200, "nested more than"),
        ("", "line 1, column 1"),
        ("[" * 100_000, "not JSON"),
        ('{"title": "no spec"}', "x-spec"),
        ("[]", "x-spec"),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(SpecError, match=words) as caught:
        spec_library().load(str(path))
    assert "broken.json" in caught.value.message and caught.value.exit_code == 2


def test_a_file_that_is_not_there_or_no_text_says_so(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot be read"):
        spec_library().load(str(tmp_path / "none.json"))
    (tmp_path / "latin.json").write_bytes(b'{"title": "\xe9"}')
    with pytest.raises(SpecError, match="UTF-8"):
        spec_library().load(str(tmp_path / "latin.json"))


def test_a_broken_file_within_reach_is_not_passed_over(tmp_path: Path) -> None:
    revised(tmp_path, "1", 1)
    (tmp_path / "newer.json").write_text('{"x-spec": {"id": "a-sheet", "edition": "2"')
    with pytest.raises(SpecError, match=r"newer\.json"):
        spec_library([tmp_path]).load("a-sheet")


def test_an_invalid_spec_is_refused_with_clause_place_and_nearest_fact(tmp_path: Path) -> None:
    path = write(tmp_path, document(clause("good"), clause("size", only("picture.widht_px", {"const": 1}))))
    with pytest.raises(SpecError) as caught:
        spec_library().load(str(path))
    message = caught.value.message
    assert "clause 'size'" in message and "/allOf/1/required/0" in message and "picture.width_px" in message


def test_a_shipped_spec_that_was_changed_is_held_to_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("deliverqc-integrity.json", LINTED_FILE):
        shutil.copy(shipped_folder() / name, tmp_path / name)
    monkeypatch.setattr(load, "shipped_folder", lambda: tmp_path)
    monkeypatch.setattr(load, "rules", lambda *_, **__: pytest.fail("linted again"))
    assert spec_library().integrity.clauses
    monkeypatch.undo()
    monkeypatch.setattr(load, "shipped_folder", lambda: tmp_path)
    changed = tmp_path / "deliverqc-integrity.json"
    changed.write_text(changed.read_text(encoding="utf-8").replace("decode.errors", "decode.faults"), encoding="utf-8")
    with pytest.raises(SpecError, match=r"decode\.faults is not a fact"):
        _ = spec_library().integrity


def test_a_shipped_spec_that_changes_while_a_process_runs_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship_only_ours(monkeypatch, tmp_path / "shipped")
    shipped = write(tmp_path / "shipped", document(title="One"))
    before, again = spec_library().load("a-sheet"), spec_library().load("a-sheet")
    assert before is again
    write(tmp_path / "shipped", document(title="Another"))
    assert (before.title, spec_library().load("a-sheet").title) == ("One", "Another")
    base = load.shipped_folder() / f"{INTEGRITY_ID}.json"
    integrity = json.loads(base.read_text(encoding="utf-8"))
    integrity["allOf"][0]["title"] = "Changed"
    base.write_text(json.dumps(integrity), encoding="utf-8")
    assert "Changed" in {one.title for one in spec_library().load("a-sheet").clauses}
    shipped.unlink()
    with pytest.raises(SpecError, match="there is no spec 'a-sheet'"):
        spec_library().load("a-sheet")


def test_specs_within_reach_of_one_library_are_not_those_of_another(tmp_path: Path) -> None:
    sheet = write(tmp_path, document(title="Mine"))
    shipped = spec_library().load("ebu-r128-programme")
    assert spec_library([sheet]).load("a-sheet").title == "Mine"
    assert spec_library([sheet]).load("ebu-r128-programme") == shipped
    with pytest.raises(SpecError, match="there is no spec 'a-sheet'"):
        spec_library().load("a-sheet")


def test_two_files_that_claim_one_revision_and_differ_are_refused(tmp_path: Path) -> None:
    revised(tmp_path, "1", 1)
    again = tmp_path / "again"
    again.mkdir()
    revised(again, "1", 1)
    assert spec_library([tmp_path]).load("a-sheet").clauses[-1].id == "it"
    revised(again, "1", 1, "other")
    with pytest.raises(SpecError, match="both say"):
        spec_library([tmp_path]).load("a-sheet")


def test_an_alias_of_two_specs_is_refused(tmp_path: Path) -> None:
    for spec_id in ("one", "two"):
        write(tmp_path, document(clause("it"), spec_id=spec_id, about={"aliases": ["both"]}), f"{spec_id}.json")
    with pytest.raises(SpecError, match="one, two"):
        spec_library([tmp_path]).load("both")


def test_nobody_else_can_be_the_integrity_spec(tmp_path: Path) -> None:
    write(tmp_path, document(clause("it"), spec_id="deliverqc-integrity"))
    with pytest.raises(SpecError, match="only deliverqc has"):
        spec_library([tmp_path]).load("a-sheet")


def test_the_shipped_folder_may_be_named_once_more() -> None:
    assert spec_library([shipped_folder()]).load("deliverqc-integrity").id == "deliverqc-integrity"


def test_annotations_beside_a_reference_are_kept_and_the_definition_judges(tmp_path: Path) -> None:
    defs = {"hd": only("picture.width_px", {"$ref": "#/$defs/wide"}), "wide": {"const": 1920}}
    beside = {"$ref": "#/$defs/hd", "required": ["wrapper.format"], "properties": {"wrapper.format": {"const": "mov"}}}
    spec = loaded(tmp_path, clause("it", beside, level="should"), **{"$defs": defs})
    it = spec.clauses[-1]
    assert (it.title, it.level) == ("The clause it", Level.SHOULD)
    assert it.facts() == {"picture.width_px", "wrapper.format"}
    assert it.schema["allOf"] == [only("picture.width_px", {"allOf": [{"const": 1920}]})]


def test_the_sha_is_that_of_the_resolved_spec(tmp_path: Path) -> None:
    plain = loaded(tmp_path, clause("it"))
    respaced = tmp_path / "a-sheet.json"
    respaced.write_text(json.dumps(document(clause("it")), indent=4))
    assert spec_library().load(str(respaced)).sha256 == plain.sha256
    assert loaded(tmp_path, clause("it") | {"x-why": "because"}).sha256 != plain.sha256
    assert {one["$anchor"] for one in plain.document["allOf"]} == {"it", *INTEGRITY_CLAUSES}


def extended(folder: Path, extends: dict[str, Any], *clauses: dict[str, Any], **more: Any) -> Any:
    base = document(
        clause("keep"),
        clause("loose"),
        clause("gone"),
        spec_id="base",
        x_settings={"black": {"luma_max_percent": 2.0, "min_duration_frames": 3}},
        x_expects=[{"id": "rate", "title": "Rate", "fact": "picture.frame_rate"}],
    )
    write(folder, base, "base.json")
    write(folder, document(*clauses, spec_id="show", x_extends={"spec": "base", **extends}, **more), "show.json")
    return spec_library([folder]).load("show")


REASON = "the show's own sheet says so"


def test_a_spec_adds_replaces_and_drops_clauses_of_another(tmp_path: Path) -> None:
    spec = extended(
        tmp_path,
        {"replace": [{"id": "loose", "reason": REASON}], "drop": [{"id": "gone", "reason": REASON}]},
        clause("loose", only("sound.track_count", {"const": 2})),
        clause("new"),
        x_settings={"black": {"luma_max_percent": 1.0}},
    )
    assert [one.id for one in spec.own_clauses] == ["keep", "loose", "new"]
    assert [one.spec_id for one in spec.own_clauses] == ["base", "show", "show"]
    assert spec.own_clauses[1].facts() == {"sound.track_count"}
    assert spec.settings == {"black": {"luma_max_percent": 1.0, "min_duration_frames": 3}}
    assert [entry["id"] for entry in spec.expects] == ["rate"]
    assert spec.id == "show" and spec.document["x-extends"]["drop"][0]["reason"] == REASON


@pytest.mark.parametrize(
    ("extends", "clauses", "words"),
    [
        ({}, ["loose"], 'name it in "replace" with a reason'),
        ({"replace": [{"id": "loos", "reason": REASON}]}, ["loos"], "no clause 'loos'.*did you mean loose"),
        ({"drop": [{"id": "never", "reason": REASON}]}, ["new"], "no clause 'never'"),
        ({"replace": [{"id": "loose", "reason": REASON}]}, ["new"], "not in allOf"),
        (
            {"replace": [{"id": "loose", "reason": REASON}], "drop": [{"id": "loose", "reason": REASON}]},
            ["loose"],
            "both",
        ),
        ({"drop": [{"id": "essence-decodes", "reason": REASON}]}, ["new"], "no clause 'essence-decodes'"),
        ({"drop": [{"id": "gone"}]}, ["new"], "reason"),
        ({"spec": "bse"}, ["new"], "did you mean base"),
        ({"spec": "show"}, ["new"], "extends itself"),
        ({"spec": "deliverqc-integrity"}, ["new"], "already"),
    ],
)
def test_a_change_that_is_not_owned_up_to_is_refused(
    tmp_path: Path, extends: dict[str, Any], clauses: list[str], words: str
) -> None:
    with pytest.raises(SpecError, match=words):
        extended(tmp_path, extends, *(clause(one) for one in clauses))


def test_a_library_and_its_specs_travel_to_other_processes() -> None:
    library = spec_library()
    spec = library.load("ebu-r128-programme")
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert pickle.loads(pickle.dumps(library)).load("ebu-r128-programme").sha256 == spec.sha256


class _Plugin:
    __file__ = ""


@pytest.mark.parametrize("form", ["path", "text", "function", "module"])
def test_a_plug_in_brings_a_folder_of_specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    write(tmp_path, document(clause("it")))
    module = _Plugin()
    module.__file__ = str(tmp_path / "__init__.py")
    given = {"path": tmp_path, "text": str(tmp_path), "function": lambda: tmp_path, "module": module}[form]
    monkeypatch.setattr(EntryPoint, "load", lambda self: given)
    monkeypatch.setattr(plug_ins, "installed", lambda group: [EntryPoint("mine", "x:y", group.value)])
    assert spec_library().load("a-sheet").id == "a-sheet"


def test_a_plug_in_that_cannot_be_loaded_is_fatal_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("mine", "no_such_module_anywhere:y", plug_ins.Group.SPECS.value)
    monkeypatch.setattr(plug_ins, "installed", lambda group: [entry])
    with pytest.raises(PlugInError, match=r"'mine'.*no_such_module_anywhere"):
        spec_library().ids()


@pytest.mark.parametrize("given", ["no/such/folder", 7, None])
def test_a_plug_in_that_names_no_folder_is_refused(monkeypatch: pytest.MonkeyPatch, given: Any) -> None:
    monkeypatch.setattr(EntryPoint, "load", lambda self: given)
    monkeypatch.setattr(plug_ins, "installed", lambda group: [EntryPoint("mine", "x:y", group.value)])
    with pytest.raises(PlugInError, match=r"'mine'.*not a folder of specs"):
        spec_library().ids()


def family_of(folder: Path, *spec_ids: str) -> tuple[SpecLibrary, Family]:
    for spec_id, wrapper in (("first", "mov"), ("second", "mxf")):
        applies = only("wrapper.format", {"const": wrapper})
        write(folder, document(clause("it"), spec_id=spec_id, x_applies=applies), f"{spec_id}.json")
    write(folder, document(clause("it"), spec_id="rest"), "rest.json")
    body = {"id": "fam", "title": "Fam", "specs": list(spec_ids), "when_none_fits": "Send mov or mxf."}
    write(folder, body, "fam.family.json")
    library = spec_library([folder])
    family = library.resolve("fam")
    assert isinstance(family, Family)
    return library, family


@pytest.mark.parametrize(
    ("facts", "chosen", "tried"),
    [
        ({"wrapper.format": "mov"}, "first", []),
        ({"wrapper.format": "mxf"}, "second", ["kind of the wrapper is mxf; required mov"]),
        (
            {"wrapper.format": "mp4"},
            None,
            ["kind of the wrapper is mp4; required mov", "kind of the wrapper is mp4; required mxf"],
        ),
        ({}, None, ["not known without wrapper.format"]),
    ],
)
def test_the_first_spec_of_a_family_that_accepts_the_facts_is_chosen(
    tmp_path: Path, facts: dict[str, Any], chosen: str | None, tried: list[str]
) -> None:
    library, family = family_of(tmp_path, "first", "second")
    choice = choose(family, library, facts)
    assert (choice.spec.id if choice.spec else None) == chosen
    assert [reason for _, reason in choice.tried] == tried
    assert choice.missing == (("wrapper.format",) if not facts else ())
    if chosen is None:
        assert choice.deliverables == ("A sheet (first)", "A sheet (second)")
        assert choice.reason == "Send mov or mxf." or not facts
    else:
        assert f"wrapper.format is {facts['wrapper.format']}" in choice.reason


def test_a_family_where_one_spec_is_needed_names_its_specs(tmp_path: Path) -> None:
    library, _ = family_of(tmp_path, "first", "second")
    with pytest.raises(SpecError, match="is a family of specs; name one of them: first, second"):
        library.load("fam")


def test_a_spec_that_says_nothing_of_what_it_applies_to_takes_every_subject(tmp_path: Path) -> None:
    library, family = family_of(tmp_path, "first", "rest")
    choice = choose(family, library, {"wrapper.format": "mp4"})
    assert choice.spec is not None and choice.spec.id == "rest"


def test_a_family_of_a_spec_that_is_not_there_is_refused(tmp_path: Path) -> None:
    library, family = family_of(tmp_path, "first", "secnd")
    with pytest.raises(SpecError, match="did you mean second"):
        choose(family, library, {"wrapper.format": "mov"})


@pytest.mark.parametrize("body", [{}, [], {"id": "a", "title": "A", "specs": [], "when_none_fits": "x"}])
def test_a_broken_family_is_refused(tmp_path: Path, body: Any) -> None:
    write(tmp_path, body, "fam.family.json")
    with pytest.raises(SpecError, match="is no family"):
        spec_library([tmp_path]).resolve("fam")


def test_loading_and_judging_import_no_jsonschema_scipy_or_opencv() -> None:
    code = (
        "import sys; from datetime import date;"
        "from deliverqc.judging.judge import judge; from deliverqc.measuring.registry import spec_library;"
        "judge(spec_library().load('ebu-r128-programme'), {}, as_of=date(2026, 1, 1));"
        "print(sorted({'jsonschema', 'scipy', 'cv2', 'av'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=shipped_folder().parent
    )
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "spec_id"),
    [
        ("ebu-r128", "ebu-r128-programme"),
        ("r128", "ebu-r128-programme"),
        ("dpp", "dpp-as11-hd"),
        ("as11", "dpp-as11-hd"),
        ("dcp", "dcp-smpte"),
        ("imf", "imf-app2e"),
        ("itunes", "apple-tv-film"),
    ],
)
def test_what_people_type_finds_the_spec(name: str, spec_id: str) -> None:
    assert spec_library().load(name).id == spec_id


def test_a_part_of_a_name_is_suggested_first() -> None:
    with pytest.raises(SpecError, match="did you mean wbd-max or"):
        spec_library().resolve("max")
