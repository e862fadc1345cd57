"""A small seeded slice of the campaign on red flashes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

from campaigns.red_flashes import SAFE_AREA, Case, cases, outcome, table
from fixtures.red_flashes import RedFlashing, is_hazardous


def test_clips_of_a_known_area_are_judged_by_it() -> None:
    every = list(cases(1))
    drawn = [case for case in every if not case.is_coded and case.clip.rate <= Fraction(30)][5::113]
    found = [(case, outcome(case)) for case in drawn]
    assert [f"{case}: {result}" for case, result in found if result.startswith("wrong")] == []
    assert Counter(result for _, result in found)["agrees"] >= 8
    assert " 0 " in table(found)


def test_a_clip_that_went_through_h264_is_judged_by_the_area_before() -> None:
    for area in (24, 26):
        clip = RedFlashing(area_percent=area, colour="grey", mask="3 px", format="yuv420p", width_px=160, height_px=90)
        assert outcome(Case(clip=clip, is_coded=True)) == "agrees"


def test_both_kinds_of_clips_are_in_the_grid() -> None:
    clip = RedFlashing(area_percent=26, colour="black", mask="1 px")
    assert is_hazardous(clip.frames(), clip.format, clip.rate, 0.255)
    assert not is_hazardous(clip.frames(), clip.format, clip.rate, 0.265)
    calm = replace(clip, area_percent=24.5)
    assert not is_hazardous(calm.frames(), calm.format, calm.rate, SAFE_AREA + 1e-6)
    near = replace(clip, area_percent=99, mask="compact", colour="nearer than 0.2")
    assert not is_hazardous(near.frames(), near.format, near.rate, 0.01)
    far = replace(near, colour="farther than 0.2")
    assert is_hazardous(far.frames(), far.format, far.rate, 0.98)
