"""Channel groups from labels, tracks and settings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverqc.facts.groups import form_groups, layout_of
from deliverqc.facts.vocabulary import SOUND_LAYOUT

FIVE_ONE = ["L", "R", "C", "LFE", "Ls", "Rs"]


def _facts(
    *tracks: tuple[int, list[str] | None], wrapper: str = "mov", languages: tuple[str | None, ...] = ()
) -> dict[str, Any]:
    listed = [
        {
            "channel_count": count,
            "channel_labels": labels,
            "sample_rate_hz": 48000,
            "language": languages[number] if languages else "eng",
        }
        for number, (count, labels) in enumerate(tracks)
    ]
    return {"wrapper.format": wrapper, "sound.tracks": listed}


def _layouts(facts: dict[str, Any], settings: dict[str, Any] | None = None) -> list[tuple[str | None, str]]:
    return [(group.layout, group.formed_by) for group in form_groups(facts, settings)]


def test_labelled_mono_tracks_form_five_one_and_matrix_stereo() -> None:
    groups = form_groups(_facts(*((1, [label]) for label in [*FIVE_ONE, "Lt", "Rt"])))
    assert [(group.layout, group.labels) for group in groups] == [("5.1", tuple(FIVE_ONE)), ("2.0", ("Lt", "Rt"))]
    assert all(group.formed_by == "labels" for group in groups)


def test_mono_tracks_out_of_order_are_put_into_layout_order() -> None:
    (group,) = form_groups(_facts(*((1, [label]) for label in ["C", "L", "R", "Ls", "Rs", "LFE"])))
    assert group.channels == ((1, 0), (2, 0), (0, 0), (5, 0), (3, 0), (4, 0))


@pytest.mark.parametrize(
    ("count", "layouts"),
    [(1, ["1.0"]), (2, ["2.0"]), (3, ["1.0"] * 3), (4, ["2.0", "2.0"]), (6, ["5.1"]), (8, ["5.1", "2.0"])],
)
def test_unlabelled_mono_tracks_follow_the_convention(count: int, layouts: list[str]) -> None:
    assert _layouts(_facts(*[(1, ["M"])] * count)) == [(layout, "tracks") for layout in layouts]


@pytest.mark.parametrize(("count", "layouts"), [(4, 2), (8, 4), (16, 8)])
def test_unlabelled_mono_tracks_of_mxf_are_pairs(count: int, layouts: int) -> None:
    assert _layouts(_facts(*[(1, None)] * count, wrapper="mxf")) == [("2.0", "tracks")] * layouts


def test_mono_tracks_of_two_languages_are_not_one_mix() -> None:
    assert _layouts(_facts((1, None), (1, None), languages=("eng", "fra"))) == [("1.0", "tracks")] * 2


def test_eight_unlabelled_channels_have_no_layout_and_no_labels() -> None:
    (group,) = form_groups(_facts((8, None)))
    assert group.layout is None
    assert group.labels == ("",) * 8


def test_settings_lay_out_what_labels_do_not() -> None:
    assert _layouts(_facts((8, None)), {"layouts": "5.1,2.0"}) == [("5.1", "settings"), ("2.0", "settings")]
    assert _layouts(_facts(*[(1, ["M"])] * 8), {"layouts": ["2.0", "5.1"]}) == [
        ("2.0", "settings"),
        ("5.1", "settings"),
    ]


def test_settings_for_another_number_of_channels_are_left_aside() -> None:
    assert _layouts(_facts((2, None)), {"layouts": "5.1"}) == [("2.0", "tracks")]


def test_labels_come_before_settings() -> None:
    assert _layouts(_facts((2, ["L", "R"])), {"layouts": "1.0,1.0"}) == [("2.0", "labels")]


def test_an_unknown_layout_in_the_settings_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"9\.2"):
        form_groups({}, {"layouts": "9.2"})


@pytest.mark.parametrize("labels", [[*FIVE_ONE, "Cs"], ["L", "R", "C", "LFE"], ["LFE"], [*FIVE_ONE, "Lc", "Rc"]])
def test_labels_of_no_known_layout_are_never_taken_for_another(labels: list[str]) -> None:
    (group,) = form_groups(_facts((len(labels), labels)))
    assert group.layout is None
    assert group.labels == tuple(labels)
    assert layout_of(labels) == f"other:{' '.join(labels)}"


@given(st.sampled_from(sorted(SOUND_LAYOUT)), st.randoms())
def test_the_order_of_labels_does_not_change_the_layout(layout: str, random: Any) -> None:
    labels = list(SOUND_LAYOUT[layout])
    random.shuffle(labels)
    (group,) = form_groups(_facts((len(labels), labels)))
    assert group.layout == layout
    assert [labels[channel] for _, channel in group.channels] == list(SOUND_LAYOUT[layout])


@given(st.lists(st.integers(1, 9), max_size=12), st.sampled_from(["mov", "mxf"]))
def test_every_channel_is_in_exactly_one_group(counts: list[int], wrapper: str) -> None:
    groups = form_groups(_facts(*((count, None) for count in counts), wrapper=wrapper))
    places = sorted(place for group in groups for place in group.channels)
    assert places == [(track, channel) for track, count in enumerate(counts) for channel in range(count)]


def test_no_sound_forms_no_group() -> None:
    assert form_groups({}) == []


@pytest.mark.parametrize(
    ("codecs", "expected"),
    [(("ac3", "ac3"), {"codec": "ac3"}), (("pcm", "ac3"), {"codec": None}), (("pcm", None), {}), ((None, None), {})],
    ids=["one-coding", "two-codings", "one-unknown", "unknown"],
)
def test_a_mix_has_the_coding_of_its_tracks(codecs: tuple[str | None, ...], expected: dict[str, Any]) -> None:
    facts = _facts((1, ["L"]), (1, ["R"]))
    for track, codec in zip(facts["sound.tracks"], codecs, strict=True):
        track |= {"codec": codec} if codec else {}
    (group,) = form_groups(facts)
    assert {name: value for name, value in group.to_facts().items() if name == "codec"} == expected
