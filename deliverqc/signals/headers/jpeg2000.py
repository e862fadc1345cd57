"""Keeps how every packet of JPEG 2000 is coded: each distinct manner once, and which packet has which; knows no fact's
name."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from deliverqc.probing.jpeg2000 import read_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

CODING, COMPONENT, COMPONENT_BYTES = "coding", "largest_component", "largest_component_bytes"
UNKNOWN = -1


@dataclass(slots=True, kw_only=True)
class CodingCollector:
    """Columns of the table of packets: `coding`, int32, the number of the packet's coding in `codings`;
    `largest_component` (int32) and `largest_component_bytes` (int64) of the frame, UNKNOWN where tile-parts do not show
    them."""

    numbers: dict[str, int] = field(default_factory=dict)
    coding: array[int] = field(default_factory=lambda: array("i"))
    component: array[int] = field(default_factory=lambda: array("i"))
    component_bytes: array[int] = field(default_factory=lambda: array("q"))

    def see(self, packet: bytes) -> None:
        found = read_frame(packet)
        component, size = found.largest_component or (UNKNOWN, UNKNOWN)
        self.coding.append(self.numbers.setdefault(json.dumps(found.headers), len(self.numbers)))
        self.component.append(component)
        self.component_bytes.append(size)

    @property
    def codings(self) -> tuple[str, ...]:
        """Each distinct coding as JSON: the rows of FrameCoding.headers, [] where a packet has none."""
        return tuple(self.numbers)

    def columns(self) -> dict[str, NDArray[Any]]:
        return {
            CODING: np.array(self.coding, dtype=np.int32),
            COMPONENT: np.array(self.component, dtype=np.int32),
            COMPONENT_BYTES: np.array(self.component_bytes, dtype=np.int64),
        }


def renumbered(
    tables: Sequence[tuple[tuple[str, ...], Mapping[str, NDArray[Any]]]],
) -> tuple[tuple[str, ...], list[NDArray[np.int32]]]:
    """The codings of successive tables under one numbering, and the column `coding` of each in it."""
    numbers: dict[str, int] = {}
    columns = []
    for codings, extended in tables:
        new = np.array([numbers.setdefault(coding, len(numbers)) for coding in codings], dtype=np.int32)
        columns.append(new[extended[CODING]])
    return tuple(numbers), columns
