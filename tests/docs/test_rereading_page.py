"""The page on reading documents again: its commands exist, with their options."""

from __future__ import annotations

import re
from pathlib import Path

import click

from deliverqc.cli import command

PAGE = Path(__file__).parents[2] / "docs" / "rereading.md"


def test_the_commands_on_the_page_exist() -> None:
    told = re.findall(r"deliverqc spec ([a-z]+)([^`\n]*)", PAGE.read_text(encoding="utf-8"))
    assert {name for name, _ in told} == {"list", "show", "lint", "test", "diff"}
    group = command.get_command(click.Context(command), "spec")
    assert isinstance(group, click.Group)
    for name, rest in told:
        found = group.commands[name]
        known = {option for parameter in found.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known
