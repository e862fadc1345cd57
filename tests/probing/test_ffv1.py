"""FFV1 as its encoder was told to write it: version and slice checksums."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverqc.facts.document import check_document
from deliverqc.measuring.registry import registry
from deliverqc.probing import probe
from fixtures.ffmpeg import make

_FRAMES = "-f lavfi -i testsrc2=s=64x36:r=25:d=0.2 -pix_fmt yuv420p -c:v "


@pytest.mark.parametrize(
    ("coding", "version", "checksums"),
    [
        ("ffv1 -level 0", 0, False),
        ("ffv1 -level 1", 1, False),
        ("ffv1 -level 3 -slices 4 -slicecrc 0", 3, False),
        ("ffv1 -level 3 -slices 4 -slicecrc 1", 3, True),
        ("huffyuv -pix_fmt yuv422p", None, None),
    ],
    ids=["0", "1", "3-without-checksums", "3-with-checksums", "another-coding"],
)
def test_version_and_checksums_are_those_that_the_encoder_was_asked_for(
    tmp_path: Path, coding: str, version: int | None, checksums: bool | None
) -> None:
    facts = probe(make(tmp_path / "archive.mkv", _FRAMES + coding)).facts
    assert check_document(facts, registry().facts) == []
    assert (facts["picture.ffv1.version"], facts["picture.ffv1.has_slice_checksums"]) == (version, checksums)
    assert facts["picture.tracks"][0]["ffv1.version"] == version
