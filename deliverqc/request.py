"""What is asked of a check beyond masters and specs; knows no file and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from deliverqc.judging.waivers import Waiver
from deliverqc.measuring.ranges import Range
from deliverqc.verdict import FailOn


class Tier(StrEnum):
    """How far a master is looked into: its headers only, or every frame and sample."""

    HEADERS = "headers"
    FULL = "full"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked for, beyond masters and specs. `is_all`: every meter runs, whether a clause asks or not.
    `waivers_sha256` is None where no waivers were given. `range`: only that part is measured.
    """

    tier: Tier = Tier.FULL
    is_all: bool = False
    fail_on: FailOn = FailOn.SHALL
    as_of: date = field(default_factory=date.today)
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    expectations: Mapping[str, Any] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    waivers_sha256: str | None = None
    range: Range | None = None

    def to_document(self) -> dict[str, Any]:
        """As it stands in the verdict document."""
        return {
            "fail_on": self.fail_on.value,
            "as_of": self.as_of.isoformat(),
            "only": list(self.only),
            "skip": list(self.skip),
            "expectations": dict(self.expectations),
            "waivers_sha256": self.waivers_sha256,
            **({"range": str(self.range)} if self.range is not None else {}),
        }
