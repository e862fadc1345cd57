"""Reports: pure functions from a verdict document to text, one file per format; know no clock, environment or spec.

Plug-ins add formats."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.plug_ins import Group, installed
from deliverqc.reports.model import Format, Render


def _lazy(name: str) -> Render:
    """A renderer that imports its module at its first use, so that asking for text never loads a template engine."""

    def render(document: Mapping[str, Any]) -> str:
        module = importlib.import_module(f"deliverqc.reports.{name}")
        return str(getattr(module, name)(document))

    return render


def _format(name: str, suffixes: tuple[str, ...], meaning: str) -> tuple[str, Format]:
    return name, Format(name=name, suffixes=suffixes, render=_lazy(name), meaning=meaning)


FORMATS: Mapping[str, Format] = MappingProxyType(
    dict(
        (
            _format(
                "text", (".txt",), "for a terminal: the decision first, then what breaks, where, and how to mend it"
            ),
            _format("json", (".json",), "the verdict document itself, held to verdict.schema.json"),
            _format(
                "html",
                (".html", ".htm"),
                "one self-contained page for a client: loads nothing, prints, works on a phone",
            ),
            _format("junit", (".xml",), "for CI servers: a suite per master and spec, a test case per clause"),
            _format("github", (), "workflow commands that annotate a GitHub Actions run"),
            _format("markdown", (".md",), "for $GITHUB_STEP_SUMMARY, issues and chat"),
        )
    )
)
"""The formats that deliverqc ships."""


@cache
def formats() -> Mapping[str, Format]:
    """Every report format by name, those of plug-ins last. PlugInError names a plug-in that cannot be used."""
    if not installed(Group.REPORTS):
        return FORMATS
    from deliverqc.reports.vendors import plug_in_formats  # 2 ms that most installations need not spend

    return MappingProxyType({**FORMATS, **plug_in_formats(FORMATS)})


def format_for_path(path: str | PurePath) -> str:
    """The format that a report file's suffix asks for: `.xml` is junit, `.md` markdown. UsageError for any other."""
    suffix = PurePath(path).suffix.lower()
    for known in formats().values():
        if suffix in known.suffixes:
            return known.name
    suffixes = ", ".join(f"{suffix} ({known.name})" for known in formats().values() for suffix in known.suffixes)
    raise UsageError(
        f"no report format belongs to the file name {str(path)!r}; name it with one of: {suffixes}",
        code="unknown-report-suffix",
    )


def render(document: Mapping[str, Any], name: str) -> str:
    """The verdict document in the format `name`, ending in a newline. UsageError when there is no such format."""
    if name not in formats():
        raise UsageError(
            f"there is no report format {name!r}; there are: {', '.join(formats())}", code="unknown-report-format"
        )
    return formats()[name].render(document)
