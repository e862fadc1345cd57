"""The mastering display is stated as it is written, possible or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverqc.probing import probe
from tests.probing.recipes import Picture, make

_COLOURS = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:hdr10=1:repeat-headers=1:log-level=error"


@pytest.mark.parametrize(
    ("written", "primaries", "darkest", "brightest"),
    [
        ("G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)", "smpte432", 0.005, 1000.0),
        ("G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(1000,1)", "smpte432", 0.0001, 0.1),
        ("G(34000,16000)B(13250,34500)R(7500,3000)WP(15635,16450)L(10000000,50)", "other:", 0.005, 1000.0),
    ],
)
def test_numbers_of_the_message_are_kept(
    tmp_path: Path, written: str, primaries: str, darkest: float, brightest: float
) -> None:
    options = {"preset": "ultrafast", "x265-params": f"{_COLOURS}:master-display={written}:max-cll=1000,400"}
    recipe = Picture(codec="libx265", pixels="yuv420p10le", tags=(9, 16, 9), frames=2, options=options)
    facts = probe(make(tmp_path / "a.ts", recipe)).facts
    display = facts["picture.hdr.mastering_display"]
    assert display["primaries"].startswith(primaries)
    assert (display["min_cd_m2"], display["max_cd_m2"]) == (darkest, brightest)
