"""Joins the facts of the probes with those of the meters into what a spec can speak of; measures nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from deliverqc.facts.model import Fact, Registry
from deliverqc.facts.probed import probed_facts
from deliverqc.meters import meters
from deliverqc.speclang.load import SpecLibrary


@cache
def registry() -> Registry:
    """Every fact and every meter. ValueError where two facts share a name."""
    facts: dict[str, Fact] = dict(probed_facts())
    for meter in meters().values():
        for fact in meter.facts:
            if fact.name in facts:
                raise ValueError(f"the fact {fact.name} is registered twice")
            facts[fact.name] = fact
    return Registry(facts=facts, meters=dict(meters()))


def spec_library(paths: Sequence[Path] = ()) -> SpecLibrary:
    """The specs in `paths` (files or folders), those of plug-ins and the shipped ones, over all facts and meters."""
    return SpecLibrary(registry(), paths)
