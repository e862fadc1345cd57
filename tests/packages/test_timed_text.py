"""Timed text of packages: what is in its track files, where its events are in the composition, and what peers read."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from pymediainfo import MediaInfo

from deliverqc.probing.wrappers.mxf_timed_text import TextTrackFile, read_text_track
from deliverqc.reports.compositions import composition_gaps, composition_tables
from deliverqc.timed_text.dcsubtitle import read
from fixtures.imf import FRAMES, make_imp
from fixtures.package_text import FONT, IMSC, PNG, TextMxf
from fixtures.packages import Dcp, make_dcp, text_mxf, urn
from tests.material import material
from tests.packages.changes import change, copied
from tests.packages.judged import facts_of

_WAYS = 120


@pytest.fixture(scope="module")
def dcp(tmp_path_factory: pytest.TempPathFactory) -> Dcp:
    return make_dcp(tmp_path_factory.mktemp("text") / "dcp", reels=2, texts=("subtitle", "caption"))


@pytest.fixture
def own(dcp: Dcp, tmp_path: Path) -> Dcp:
    """A copy to be changed."""
    copied(dcp.folder, tmp_path / "dcp")
    return replace(dcp, folder=tmp_path / "dcp")


def _read(path: Path) -> TextTrackFile:
    found = read_text_track(path)
    assert found is not None
    return found


def _tracks(folder: Path) -> list[dict[str, Any]]:
    tracks: list[dict[str, Any]] = facts_of(folder, is_hashed=False)["timed_text.tracks"]
    return tracks


def _times(track: dict[str, Any]) -> list[tuple[float, float]]:
    return [(event["start_s"], event["end_s"]) for event in track["events"]]


def test_the_image_in_a_track_file_of_libdcp_is_the_file_it_was_made_of() -> None:
    found = _read(material("libdcp/test/data/subs.mxf"))
    image, (held,) = material("libdcp/test/data/sub.png"), found.resources
    size = image.read_bytes()[16:24]
    assert (held.size_bytes, held.kind) == (image.stat().st_size, "png")
    assert (held.width_px, held.height_px) == (int.from_bytes(size[:4], "big"), int.from_bytes(size[4:], "big"))
    assert (found.duration, found.resource_id) == (6046, "8261c81e-18fb-47c6-b1bd-5ff9b5b17c1b")  # its verify_test.cc


def test_the_text_of_an_imf_track_file_is_the_packet_that_libav_reads() -> None:
    path = material("photon/resources/TestIMP/MERIDIAN_Netflix_Photon_161006/MERIDIAN_Netflix_Photon_161006_00_tt.mxf")
    with av.open(str(path)) as container:
        (packet,) = [one for one in container.demux() if one.size]
    assert _read(path).xml == bytes(packet)


def test_mediainfo_reads_length_and_rate_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "text.mxf"
    one = TextMxf(xml=b"<tt/>", asset_id=urn("a"), resource_id=urn("b"), duration=145, rate=(25, 1), namespace=IMSC)
    path.write_bytes(one.written())
    (text,) = MediaInfo.parse(path).text_tracks
    found = _read(path)
    assert (int(text.duration), float(text.frame_rate)) == (5800, 25.0)
    assert (found.duration, found.edit_rate) == (145, 25)


def test_every_part_of_a_track_file_is_read(tmp_path: Path) -> None:
    path, font, image = tmp_path / "text.mxf", urn("font"), urn("image")
    resources = {font: (FONT * 9, "application/x-font-opentype"), image: (PNG, "image/png")}
    one = TextMxf(
        xml="<tt>ß</tt>".encode(),
        asset_id=urn("a"),
        resource_id=urn("b"),
        duration=1,
        languages="de, pt-BR",
        resources=resources,
    )
    path.write_bytes(one.written())
    found = _read(path)
    assert (found.xml, found.languages) == ("<tt>ß</tt>".encode(), ("de", "pt-BR"))
    assert (found.namespace, found.encoding, f"urn:uuid:{found.resource_id}") == (one.namespace, "UTF-8", urn("b"))
    assert [(f"urn:uuid:{part.id}", part.kind, part.size_bytes) for part in found.resources] == [
        (font, "font", 9 * len(FONT)),
        (image, "png", len(PNG)),
    ]
    assert (found.resources[1].width_px, found.resources[1].height_px) == (40, 30)


@pytest.mark.parametrize(
    ("reason", "is_refused"), [("is encrypted", False), ("lead to its end", True), ("no text in its essence", True)]
)
def test_text_that_is_not_read_says_why(dcp: Dcp, tmp_path: Path, reason: str, is_refused: bool) -> None:
    one, path = text_mxf(dcp, "subtitle", 0), tmp_path / "text.mxf"
    data = replace(one, is_encrypted="encrypted" in reason).written()
    if "end" in reason:
        data = data[:-100]
    if "essence" in reason:
        data = data.replace(bytes.fromhex("0d01030117010b01"), bytes.fromhex("0d01030115010b01"))
    path.write_bytes(data)
    found = _read(path)
    assert found.xml is None and reason in str(found.unread) and found.is_refused is is_refused


def test_damage_is_a_reason_or_none_and_never_a_traceback(dcp: Dcp, tmp_path: Path) -> None:
    whole, path = text_mxf(dcp, "subtitle", 0).written(), tmp_path / "text.mxf"
    chance, answers = random.Random(13), set()
    for _ in range(_WAYS):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 4, 40))):
            data[chance.randrange(len(data))] = chance.choice((0, 0xFF, chance.randrange(256)))
        path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
        found = read_text_track(path)
        answers.add(None if found is None else found.xml is not None or bool(found.unread))
    assert answers <= {None, True} and True in answers


def test_events_of_a_later_reel_are_where_the_composition_shows_them(dcp: Dcp) -> None:
    subtitles = [track for track in _tracks(dcp.folder) if track["role"] == "subtitle"]
    assert [(track["composition_reel"], track["asset_id"]) for track in subtitles] == [
        (0, urn("subtitle 0")),
        (1, urn("subtitle 1")),
    ]
    assert _times(subtitles[1]) == [(round(6 + 2 / 24, 6), 7.0)]
    event = subtitles[1]["events"][0]
    assert (event["start_frame"], event["gap_before_frames"]) == (146, 6)  # the one before ends at frame 140


def test_entry_point_and_duration_cut_events(own: Dcp) -> None:
    """Of 144 frames the composition uses 30, from frame 108 (4.5 s) on."""
    text = own.composition.read_text(encoding="utf-8")
    at = text.index("<MainSubtitle>")
    used = "<EntryPoint>0</EntryPoint><Duration>144</Duration>"
    other = "<EntryPoint>108</EntryPoint><Duration>30</Duration>"
    own.composition.write_text(text[:at] + text[at:].replace(used, other, 1), encoding="utf-8")
    track = _tracks(own.folder)[0]
    assert _times(track) == [(0.0, 0.5), (round(14 / 24, 6), 1.25)]
    assert [(one["event"], one["start_s"], one["end_s"], one["used_s"]) for one in track["cut_events"]] == [
        (1, -0.5, 0.5, 1.25),
        (2, round(14 / 24, 6), round(32 / 24, 6), 1.25),
    ]
    assert track["beyond_picture_s"] == 0.0


def test_parts_and_repeats_of_imf_show_their_events_again(tmp_path: Path) -> None:
    """The second segment uses frames 12 to 17 of its text twice: the subtitle from 0.5 s, of 0.25 s."""
    imp = make_imp(tmp_path / "imp", segments=((0, FRAMES, 1), (12, 6, 2)), texts=("subtitle",))
    first, second = _tracks(imp.folder)
    assert _times(first) == [(0.0, 0.25), (0.5, 0.75), (0.875, 1.0)]
    assert _times(second) == [(1.0, 1.25), (1.25, 1.5)]
    assert [event["number"] for event in second["events"]] == [2, 2]
    assert (second["profile"], second["descriptor_languages"], second["language"]) == ("imsc1_1_text", ["de"], "de")


def test_sizes_are_those_of_the_files(dcp: Dcp) -> None:
    track, path = _tracks(dcp.folder)[0], dcp.text_file("subtitle", 0)
    xml = text_mxf(dcp, "subtitle", 0).xml
    assert (track["asset_size_bytes"], track["size_bytes"], track["font_size_bytes"]) == (
        path.stat().st_size,
        len(xml),
        len(FONT),
    )
    assert (track["is_mxf"], track["container_duration"], track["container_edit_rate"]) == (True, 144, "24/1")
    assert (track["start_time_s"], track["issue_date"], track["composition_language"]) == (
        0.0,
        "2026-01-01T00:00:00",
        "de",
    )


def test_interop_text_counts_its_font_with_it(tmp_path: Path) -> None:
    dcp = make_dcp(tmp_path / "dcp", standard="interop", texts=("subtitle",))
    (track,) = _tracks(dcp.folder)
    size = dcp.text_file("subtitle", 0).stat().st_size
    assert (track["asset_size_bytes"], track["size_bytes"], track["is_mxf"]) == (size + len(FONT), size, False)
    assert track["fonts"] == [{"name": "Main", "file": "font.ttf", "size_bytes": len(FONT)}]
    (dcp.folder / "font.ttf").unlink()
    (dcp.folder / "font.ttf").symlink_to("/etc/hostname")
    assert _tracks(dcp.folder)[0]["fonts"][0]["size_bytes"] is None


def test_text_that_is_not_read_leaves_its_facts_missing(own: Dcp) -> None:
    change(own, "wrap caption 1 encrypted")
    facts = facts_of(own.folder, is_hashed=False)
    (unread,) = [track for track in facts["timed_text.tracks"] if not track["is_read"]]
    assert (unread["role"], unread["composition_reel"]) == ("closed_caption", 1)
    assert not {"events", "event_count", "errors", "cut_events", "format", "characters"} & unread.keys()
    assert "package.composition.timed_text_id_faults" not in facts
    assert facts["timed_text.track_count"] == 4
    assert any("What timed text says was not measured" in gap for gap in composition_gaps(facts))


def test_reports_list_the_text_of_a_composition(dcp: Dcp) -> None:
    facts = facts_of(dcp.folder, is_hashed=False)
    (table,) = [one for one in composition_tables(facts) if one.title == "Timed text"]
    first = ("1", "subtitle", "de", "dcst", "2", "00:00:04.000", "00:00:05.833")
    assert len(table.rows) == 4 and table.rows[0][: len(first)] == first
    assert not any("timed text" in gap for gap in composition_gaps(facts))


@pytest.mark.parametrize(("number", "is_top_down"), [(3, False), (4, True)])
def test_order_of_lines_is_as_libdcp_has_it(number: int, is_top_down: bool) -> None:
    """`verify_incorrect_closed_caption_ordering3` counts a fault, and 4 none."""
    path = material(f"libdcp/test/data/verify_incorrect_closed_caption_ordering{number}.xml")
    (document,) = read(path.read_bytes(), path.name)
    assert [event.is_top_down for event in document.events] == [is_top_down]
