"""What is asked of a check beyond masters and specs; knows no file and judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.facts.probed_timed_text import TEXT_ROLE
from deliverqc.judging.waivers import Waiver
from deliverqc.measuring.ranges import Range
from deliverqc.timebase import format_rate, nearest_standard_rate, parse_rate
from deliverqc.verdict import FailOn


class Tier(StrEnum):
    """How far a master is looked into: its headers only, or every frame and sample."""

    HEADERS = "headers"
    FULL = "full"


@dataclass(frozen=True, kw_only=True, slots=True)
class Companions:
    """What belongs to a master and is given with it: `originals` of a package, and `texts`, each a role and a path."""

    originals: tuple[Path, ...] = ()
    texts: tuple[tuple[str, Path], ...] = ()

    @classmethod
    def parse(cls, given: Iterable[str | Path]) -> Companions:
        """From words such as `OV` and `caption=film.scc`; each counts once. UsageError where a file does not exist."""
        originals, texts = [], []
        for one in dict.fromkeys(map(str, given)):
            role, is_named, path = one.partition("=")
            if is_named and role not in TEXT_ROLE and Path(path).is_file() and not Path(one).exists():
                known = ", ".join(TEXT_ROLE)
                raise UsageError(f"--with {one}: {role} is not a role. Write one of {known}.", code="unknown-role")
            if not is_named or role not in TEXT_ROLE or Path(one).exists():
                originals.append(Path(one))
            elif not path or not Path(path).is_file():
                raise UsageError(
                    f"--with {one} names no file. Check the spelling, or the folder you are in.", code="missing-path"
                )
            else:
                texts.append((role, Path(path)))
        return cls(originals=tuple(originals), texts=tuple(texts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked for, beyond masters and specs. `is_all`: every meter runs, whether a clause asks or not.
    `waivers_sha256` is None where no waivers were given, `lock_sha256` where no lock was. `range`: only that part is
    measured.
    `frame_rate` times an image sequence whose frames do not state a rate. `programme`: its parts, where they are given.
    `composition`: of a package only the one with this id or title is checked. `companions`:
    packages in which assets are looked for that a package lacks. `texts`: role and path of files of text that belong to
    the master; `has_sidecars`: those next to it that share its name do too. `is_hashed`: files of a package are
    compared with their hashes, in the full tier.
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
    lock_sha256: str | None = None
    range: Range | None = None
    frame_rate: Fraction | None = None
    programme: tuple[Range, ...] = ()
    composition: str | None = None
    companions: tuple[Path, ...] = ()
    texts: tuple[tuple[str, Path], ...] = ()
    has_sidecars: bool = True
    is_hashed: bool = True

    def to_document(self) -> dict[str, Any]:
        """As it stands in the verdict document."""
        return {
            "fail_on": self.fail_on.value,
            "as_of": self.as_of.isoformat(),
            "only": list(self.only),
            "skip": list(self.skip),
            "expectations": dict(self.expectations),
            "waivers_sha256": self.waivers_sha256,
            **({"lock_sha256": self.lock_sha256} if self.lock_sha256 is not None else {}),
            **({"range": str(self.range)} if self.range is not None else {}),
            **({"frame_rate": format_rate(self.frame_rate)} if self.frame_rate is not None else {}),
            **({"composition": self.composition} if self.composition is not None else {}),
            **({"companions": [str(path) for path in self.companions]} if self.companions else {}),
            **({"texts": [{"role": role, "path": str(path)} for role, path in self.texts]} if self.texts else {}),
            **({"has_sidecars": False} if not self.has_sidecars else {}),
            **({"is_hashed": False} if not self.is_hashed else {}),
            **({"programme": [str(part) for part in self.programme]} if self.programme else {}),
        }

    @property
    def sequence_rate(self) -> Fraction | None:
        """The rate at which image sequences run that state none: the one given, else the one that the order states."""
        ordered = self.expectations.get("picture.frame_rate")
        if self.frame_rate is not None or not isinstance(ordered, str | int):
            return self.frame_rate
        try:
            return rate_from(str(ordered))
        except UsageError:
            return None


def rate_from(text: str) -> Fraction:
    """The frame rate that a user writes: 24, 23.976, 24000/1001. UsageError for anything else."""
    try:
        rate = parse_rate(text.strip())
    except ValueError as error:
        message = f"--frame-rate {text} is not a frame rate. Write it as 24, 23.976 or 24000/1001."
        raise UsageError(message, code="invalid-frame-rate") from error
    return nearest_standard_rate(rate) or rate
