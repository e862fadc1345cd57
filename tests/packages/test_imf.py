"""Timelines and applications of IMF compositions: segments whose lengths are arithmetic, and one fault at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from deliverqc.packages.compositions import read_composition
from deliverqc.packages.documents import read_root
from deliverqc.packages.imf import imf_facts
from deliverqc.safe_xml import local
from fixtures.packages import urn
from tests.material import material

_C = "package.composition."
_APP = "http://www.smpte-ra.org/ns/2067-21/2021"
_NONE = "http://www.smpte-ra.org/schemas/2067-21/2015"


def _sequence(name: str, track: str, rate: str, length: int, repeats: int = 1) -> str:
    return (
        f"<{name}><Id>{urn('s')}</Id><TrackId>{urn(track)}</TrackId><ResourceList><Resource><Id>{urn('r')}</Id>"
        f"<EditRate>{rate}</EditRate><IntrinsicDuration>{length}</IntrinsicDuration><RepeatCount>{repeats}</RepeatCount>"
        f"<TrackFileId>{urn(track)}</TrackFileId></Resource></ResourceList></{name}>"
    )


def _segment(*sequences: str) -> str:
    return f"<Segment><Id>{urn('segment')}</Id><SequenceList>{''.join(sequences)}</SequenceList></Segment>"


def _facts(*segments: str, rate: str = "30000 1001", application: str | None = _APP) -> dict[str, Any]:
    stated = "" if application is None else f"<ApplicationIdentification>{application}</ApplicationIdentification>"
    root = etree.fromstring(
        f'<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>{urn("a")}</Id><EditRate>{rate}'
        f"</EditRate><ExtensionProperties>{stated}</ExtensionProperties><SegmentList>{''.join(segments)}</SegmentList>"
        "</CompositionPlaylist>"
    )
    return imf_facts(read_composition(root, "cpl.xml")[0])


_PICTURE = _sequence("MainImageSequence", "p", "30000 1001", 5, 2)
_SOUND = _sequence("MainAudioSequence", "s", "48000 1", 8008, 2)  # 5 frames of 1001/30000 s are 8,008 samples
_GOOD = _segment(_PICTURE, _SOUND)


def _messages(facts: dict[str, Any]) -> Iterator[str]:
    return (one["message"] for one in facts[f"{_C}timeline_errors"])


def test_two_segments_are_continuous_and_ten_frames_each() -> None:
    facts = _facts(_GOOD, _GOOD)
    assert facts[f"{_C}timeline_errors"] == []
    assert facts[f"{_C}segment_edit_units"] == [10, 10]
    assert facts[f"{_C}edit_rate"] == "30000/1001"
    counts = [facts[f"{_C}{kind}_track_count"] for kind in ("picture", "sound", "iab")]
    assert counts == [1, 1, 0]


@pytest.mark.parametrize(
    ("segments", "words"),
    [
        ((_GOOD, _segment(_PICTURE)), "a virtual track that segment 2 lacks"),
        ((_segment(_SOUND), _GOOD), "a virtual track that segment 1 lacks"),
        ((_GOOD, _segment(_PICTURE, _SOUND.replace("48000 1<", "96000 1<"))), "another edit rate than the resources"),
        ((_segment(_PICTURE.replace("30000 1001", "24 1")),), "another edit rate than the composition"),
        ((_segment(_SOUND.replace("8008", "8009")),), "which is not a whole number"),
        ((_GOOD, _segment(_PICTURE, _SOUND.replace("MainAudio", "IAB"))), "is aux in a virtual track of sound"),
        ((_segment(_PICTURE, _PICTURE.replace(urn("p"), urn("q")), _SOUND),), "more than one main picture"),
    ],
    ids=["sound-ends", "picture-begins-late", "rate-changes", "other-rate", "part-of-a-frame", "kind", "two-pictures"],
)
def test_one_fault_of_a_timeline_is_named(segments: tuple[str, ...], words: str) -> None:
    facts = _facts(*segments)
    assert any(words in one for one in _messages(facts)), list(_messages(facts))


def test_a_length_that_is_not_stated_leaves_the_timeline_unknown() -> None:
    facts = _facts(_segment(_PICTURE.replace(">5<", ">x<")))
    assert not {f"{_C}timeline_errors", f"{_C}segment_edit_units"} & set(facts)
    assert f"{_C}segment_edit_units" not in _facts(_segment(_SOUND.replace("8008", "8009")))


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (None, []),
        (_APP, ["app2e_2021"]),
        ("http://www.smpte-ra.org/ns/2067-50/2017", ["app5_2017"]),
        (f" {_APP}\n {_NONE} ", ["app2e_2021", f"other:{_NONE}"]),
        ("http://www.smpte-ra.org/schemas/2067-21/2016/", ["other:http://www.smpte-ra.org/schemas/2067-21/2016/"]),
    ],
    ids=["none", "one", "app-5", "two", "slash"],
)  # fmt: skip
def test_applications_are_named_and_an_unknown_one_is_no_other(written: str | None, names: list[str]) -> None:
    assert _facts(_GOOD, application=written)[f"{_C}applications"] == names


def test_real_compositions_have_no_fault_in_their_timelines() -> None:
    count = 0
    for path in sorted(material("photon/resources/TestIMP").rglob("CPL*.xml")):
        root = read_root(path, path.name)
        if isinstance(root, etree._Element) and local(root) == "CompositionPlaylist":
            found = imf_facts(read_composition(root, path.name)[0])
            assert found[f"{_C}timeline_errors"] == [], path.name
            count += 1
    assert count > 40
