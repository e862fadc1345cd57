"""Which cases of a long list a run of the tests takes; `python -m campaigns.whole_tests` takes them all."""

from __future__ import annotations

import os
import zlib

SHARE = int(os.environ.get("DELIVERQC_SLICE", "6"))
"""One case in so many is taken, drawn by its name."""


def is_drawn(name: str) -> bool:
    """Whether this run takes the case of that name; always the same ones for the same SHARE."""
    return zlib.crc32(name.encode()) % SHARE == 0
