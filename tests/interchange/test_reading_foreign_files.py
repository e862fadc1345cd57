"""A file that cannot be imported is told by name and line, with what to do, and never harms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deliverqc.cli import _run

_BOMB = (
    '<!DOCTYPE policy [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + ']><policy type="and"><rule name="&j;" tracktype="Video" value="Width">&j;</rule></policy>'
)
_OUTSIDE = (
    '<!DOCTYPE policy [<!ENTITY x SYSTEM "secret.txt">]><policy><rule tracktype="Video" value="W">&x;</rule></policy>'
)
_DEEP = "<policy>" * 60 + "</policy>" * 60
_RULE = '<rule name="w" tracktype="Video" value="Width" operator="=">720</rule>'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "not XML"),
        ("{}", 1, "not XML"),
        ("<policy>\n<rule>\n</policy>", 3, "not XML"),
        ("<policy>\n\n" + _RULE + "<rulez/></policy>", 3, "<rulez>"),
        ('<policy>\n<policy type="xor"/></policy>', 2, "'xor'"),
        ("<policy/>", 1, "no rule"),
        ("<ebuCoreMain/>", 1, "<ebuCoreMain>"),
        ('<policy xmlns="urn:other"/>', 1, "no format"),
        (_BOMB, 1, ""),
        (_OUTSIDE, 1, "DOCTYPE"),
        (_DEEP, 1, "nested"),
        ('<DeliverySpecificationList xmlns="http://www.imfug.com/ns/delivery-schema/2019"/>', 1, "no Deliverable"),
    ],
)
def test_file_that_is_no_policy_is_told_by_name_and_line(
    text: str, line: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.txt").write_text("the secret")
    path = tmp_path / "given.xml"
    path.write_text(text)
    assert _run(["spec", "import", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{path}, line {line}" in captured.err
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert "the secret" not in captured.err


def test_file_larger_than_any_policy_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.xml"
    path.write_text("<policy>" + _RULE * 60_000 + "</policy>")
    assert _run(["spec", "import", str(path)]) == 2
    assert f"{path} holds more than 4000000 bytes" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["absent.xml", ".", "a\0b"])
def test_what_is_no_file_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["spec", "import", str(tmp_path / name) if "\0" not in name else name]) == 2
    assert "Error: " in capsys.readouterr().err


def test_policy_of_two_thousand_rules_is_imported_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "many.xml"
    path.write_text("<policy>" + _RULE * 2000 + "</policy>")
    assert _run(["spec", "import", str(path)]) == 0
    assert len(json.loads(capsys.readouterr().out)["allOf"]) == 2000


def test_spec_stands_on_stdout_and_what_is_left_to_a_person_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "given.xml"
    path.write_text(
        f'<policy name="House">\n{_RULE}\n<rule name="id" tracktype="General" value="UniqueID"/>\n'
        '<policy type="or" name="Depth">\n<rule tracktype="Video" value="BitDepth" operator="=">8</rule>\n'
        '<rule tracktype="Video" value="BitDepth" operator="=">10</rule></policy></policy>'
    )
    assert _run(["spec", "import", str(path)]) == 0
    captured = capsys.readouterr()
    spec = json.loads(captured.out)
    assert [clause["$anchor"] for clause in spec["allOf"]] == ["w", "depth"]
    assert [item["id"] for item in spec["x-manual"]] == ["id"]
    assert "house: line 3: not a clause (id): General UniqueID exists" in captured.err
    assert "house: 4 rules: 3 in 2 clauses, 1 in 1 manual item" in captured.err


def test_written_spec_is_linted_tested_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, spec = tmp_path / "given.xml", tmp_path / "specs" / "house.json"
    path.write_text(f"<policy>{_RULE}</policy>")
    assert _run(["spec", "import", str(path), "-o", str(spec), "--id", "house"]) == 0
    assert _run(["spec", "lint", str(spec)]) == 0
    assert _run(["spec", "test", str(spec)]) == 0
    capsys.readouterr()
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps({"picture.tracks": [{"order": 0, "width_px": 1920}]}))
    assert _run(["judge", str(facts), "--spec", str(spec)]) == 1
    assert "1920" in capsys.readouterr().out


def test_spec_that_is_there_already_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, spec = tmp_path / "given.xml", tmp_path / "house.json"
    path.write_text(f"<policy>{_RULE}</policy>")
    spec.write_text("mine")
    assert _run(["spec", "import", str(path), "-o", str(spec)]) == 2
    assert spec.read_text() == "mine"
    assert "exists" in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--id", "My House"], ["-o", "house.xml"]])
def test_id_or_name_that_no_spec_can_have_is_refused(
    more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("given.xml").write_text(f"<policy>{_RULE}</policy>")
    assert _run(["spec", "import", "given.xml", *more]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["given.xml"]
