"""Nothing that a user can meet is without documentation or without a test."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from deliverqc.cli import _COMMANDS, command
from deliverqc.cli.exit_codes import EXIT_CODES
from deliverqc.meters import meters
from deliverqc.reports import FORMATS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
TESTS = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("name", sorted(meters()))
def test_meter_documents_its_settings_and_is_tested(name: str) -> None:
    module = import_module(f"deliverqc.meters.{name}")
    assert module.__doc__
    for setting in meters()[name].settings:
        assert f"`{setting.name}`" in module.__doc__
        assert setting.meaning
    assert re.search(rf"deliverqc\.meters\.{name} import|import {name}\b", TESTS)


@pytest.mark.parametrize("name", sorted(meters()))
def test_facts_of_a_meter_say_what_they_are_and_who_gives_them(name: str) -> None:
    for fact in meters()[name].facts:
        assert fact.meaning
        assert f"meter:{name}" in fact.given_by


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_command_has_help_and_stands_in_the_readme(name: str) -> None:
    found = command.get_command(click.Context(command), name)
    assert found is not None
    assert found.help
    assert f"deliverqc {name}" in README


def test_every_option_has_help() -> None:
    for name in _COMMANDS:
        found = command.get_command(click.Context(command), name)
        assert found is not None
        several = found.commands.values() if isinstance(found, click.Group) else [found]
        for one in several:
            for parameter in one.params:
                if isinstance(parameter, click.Option):
                    assert parameter.help, f"{name} {parameter.name}"


@pytest.mark.parametrize("code", [row[0] for row in EXIT_CODES])
def test_exit_code_stands_in_the_readme_and_is_tested(code: int) -> None:
    assert re.search(rf"^\| {code} \|", README, re.MULTILINE)
    assert re.search(rf"(==|in|_codes\()\s*\(?.*\b{code}\b", TESTS)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_report_format_stands_in_the_readme(name: str) -> None:
    assert re.search(rf"\b{name}\b", README, re.IGNORECASE)


def test_options_that_the_readme_uses_exist() -> None:
    known: set[str] = {"--help", "--version"}
    for name in _COMMANDS:
        found = command.get_command(click.Context(command), name)
        assert found is not None
        several = [found, *found.commands.values()] if isinstance(found, click.Group) else [found]
        known |= {option for one in several for parameter in one.params for option in parameter.opts}
    used = {
        option
        for line in README.splitlines()
        if "deliverqc " in line and "pip" not in line
        for option in re.findall(r"(?<=\s)--[a-z-]+", line)
    }
    assert used - known == set()
    assert used
