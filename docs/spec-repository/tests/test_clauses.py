"""Clauses against facts: no media, milliseconds."""

import pytest

import deliverqc
from deliverqc.testing import assert_fails, assert_outcome, assert_passes, mix, span

REVIEW = deliverqc.load_spec("specs/acme-review.json")
SHOW = deliverqc.load_spec("acme-the-show", spec_path=["specs"])


@pytest.mark.parametrize("frames", [1, 25])
def test_black_of_up_to_a_second_may_be_in_the_programme(frames):
    black = span(100, 100 + frames, frame_count=1000)
    assert_passes(REVIEW, "no-long-black", {"picture.black.spans": [black]})


def test_a_frame_more_may_not():
    black = span(100, 126, frame_count=1000)
    assert_fails(REVIEW, "no-long-black", {"picture.black.spans": [black]})


def test_black_of_any_length_may_be_at_the_tail():
    black = span(900, 1000, frame_count=1000)
    assert_passes(REVIEW, "no-long-black", {"picture.black.spans": [black]})


def test_every_mix_is_held_to_the_loudness():
    good, loud = (mix("2.0", loudness__integrated_lufs=level) for level in (-23.0, -20.0))
    assert_passes(REVIEW, "loudness", {"sound.groups": [good]})
    assert_fails(REVIEW, "loudness", {"sound.groups": [good, loud]})


def test_what_was_not_measured_never_passes():
    assert_outcome(REVIEW, "loudness", {}, "not_measured")


def test_the_show_has_what_it_did_not_change():
    assert_passes(SHOW, "picture-size", {"picture.width_px": 320, "picture.height_px": 180})
    assert_fails(SHOW, "start-timecode", {"wrapper.start_timecode": "01:00:00:00"})
