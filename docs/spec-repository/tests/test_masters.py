"""Whole masters against whole specs: made on demand, so the repository holds no media."""

from dataclasses import replace

from deliverqc.testing import Master, Mix, assert_verdict

GOOD = Master(profile="proxy", width_px=320, height_px=180, frame_count=60)
HELD = {"spec_path": ["specs"], "locked": "specs.lock"}


def test_a_good_copy_passes(tmp_path):
    assert_verdict(GOOD.write(tmp_path / "good.mov"), "acme", "pass", fails=[], **HELD)


def test_a_copy_with_a_long_black_and_a_loud_mix_fails_for_both(tmp_path):
    bad = replace(GOOD, black_frames=((20, 50),), mixes=(Mix(loudness_lufs=-18.0),))
    assert_verdict(bad.write(tmp_path / "bad.mov"), "acme", "fail", fails=["no-long-black", "loudness"], **HELD)


def test_the_show_is_recognised_by_its_timecode_and_may_be_black(tmp_path):
    show = replace(GOOD, black_frames=((20, 50),), start_timecode="10:00:00:00")
    document = assert_verdict(show.write(tmp_path / "show.mov"), "acme", "pass", **HELD)
    assert document.masters[0].subjects[0].verdicts[0].spec.id == "acme-the-show"
