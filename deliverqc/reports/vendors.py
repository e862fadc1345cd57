"""Report formats of plug-ins, held to names and suffixes that are free; knows nothing of what they show."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

from deliverqc.plug_ins import Group, PlugIn, guarded, load_plug_ins
from deliverqc.reports.model import Format, Render

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_SUFFIX = re.compile(r"\.[a-z0-9_-]+")


def plug_in_formats(shipped: Mapping[str, Format]) -> dict[str, Format]:
    """The formats of installed plug-ins by name, in the order of their entry points. PlugInError names a plug-in that
    fails to load, or that takes a name or suffix of another."""
    found: dict[str, Format] = {}
    owners: dict[str, str] = {word: "deliverqc" for known in shipped.values() for word in (known.name, *known.suffixes)}
    for plug_in, given in load_plug_ins(Group.REPORTS):
        made = getattr(given, "FORMAT", None) if isinstance(given, ModuleType) else given
        if not isinstance(made, Format):
            kind = (
                f"the module {given.__name__} without FORMAT"
                if isinstance(given, ModuleType)
                else f"an object of type {type(given).__name__}"
            )
            raise plug_in.refusal(f"it gives {kind} where a Format of deliverqc.reports is required")
        with guarded(plug_in.refusal):
            fault = next(_faults(made, owners), None)
        if fault is not None:
            raise plug_in.refusal(fault)
        owners |= {word: str(plug_in) for word in (made.name, *made.suffixes)}
        found[made.name] = replace(made, render=_guarded(plug_in, made))
    return found


def _faults(made: Format, owners: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(made.name, str) or not _NAME.fullmatch(made.name):
        yield f"the format's name {made.name!r} is not lower-case letters, digits, - and _"
    if made.name in owners:
        yield f"{owners[made.name]} has the format {made.name!r}; choose another name"
    if not isinstance(made.suffixes, tuple):
        yield f'the suffixes of the format {made.name!r} are not a tuple, such as (".csv",)'
    for suffix in made.suffixes:
        if not isinstance(suffix, str) or not _SUFFIX.fullmatch(suffix):
            yield f"the suffix {suffix!r} is not a dot and lower-case letters, digits, - or _"
        if suffix in owners:
            yield f"{owners[suffix]} has the suffix {suffix!r}; choose another suffix"
    if not callable(made.render):
        yield f"`render` of the format {made.name!r} is not a function of the verdict document"
    if not isinstance(made.meaning, str) or not made.meaning:
        yield f"the format {made.name!r} does not say what it is for (`meaning`)"


def _guarded(plug_in: PlugIn, made: Format) -> Render:
    """The renderer under guard, over a copy: the exit code and every other report come from the same document."""

    def render(document: Mapping[str, Any]) -> str:
        doing = f"writing the report {made.name!r}"
        own = copy.deepcopy(dict(document))
        with guarded(lambda cause: plug_in.failure(doing, cause)):
            text = made.render(own)
        if not isinstance(text, str):
            raise plug_in.failure(doing, f"it gives an object of type {type(text).__name__} where text is required")
        return text if text.endswith("\n") else f"{text}\n"

    return render
