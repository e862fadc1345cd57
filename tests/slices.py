"""Which cases of a long list a run of the tests takes; `python -m campaigns.whole_tests` takes them all."""

from __future__ import annotations

import os
import zlib

SHARE = int(os.environ.get("DELIVERQC_SLICE", "12"))
"""One case in so many is taken, drawn by its name."""


def is_drawn(name: str, one_in: int = SHARE) -> bool:
    """Whether this run takes the case of that name; always the same ones for the same SHARE. `one_in`: how many of a
    list that is not so long are taken, where not all are."""
    return zlib.crc32(name.encode()) % min(one_in, SHARE) == 0
