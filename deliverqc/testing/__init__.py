"""For authors of specs: masters made on demand, facts put together, and assertions, for any test runner.

    from deliverqc.testing import Master, assert_fails, assert_verdict

    def test_black_at_the_tail_fails(tmp_path):
        master = Master(frame_count=100, black_frames=((90, 100),)).write(tmp_path / "master.mov")
        assert_verdict(master, "specs/acme-hd.json", "fail", fails=["no-tail-black"])

Masters need ffmpeg; facts and assertions on clauses need no media at all.
"""

from __future__ import annotations

from deliverqc.testing.assertions import assert_fails, assert_outcome, assert_passes, assert_verdict
from deliverqc.testing.documents import facts, facts_document, mix, span, undamaged
from deliverqc.testing.masters import BT601_525, BT709, HLG, PQ, Master, Mix

__all__ = [
    "BT601_525",
    "BT709",
    "HLG",
    "PQ",
    "Master",
    "Mix",
    "assert_fails",
    "assert_outcome",
    "assert_passes",
    "assert_verdict",
    "facts",
    "facts_document",
    "mix",
    "span",
    "undamaged",
]
