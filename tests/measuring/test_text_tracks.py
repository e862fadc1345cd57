"""Tracks of text of a master as a whole: of its wrapper, in band and next to it, on the clock of its picture."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.batch.discover import discover
from deliverqc.errors import UsageError
from deliverqc.measuring.text_sidecars import Sidecar
from deliverqc.measuring.text_tracks import with_text_tracks
from deliverqc.probing import probe
from deliverqc.request import Companions
from deliverqc.signals.store import Store
from fixtures.ffmpeg import make
from fixtures.quicktime import Atom, caption_track, put_samples, read_movie
from tests.material import material
from tests.text_documents import document, event
from tests.timed_text.test_line_21 import words

_PICTURE = "-f lavfi -i color=s=64x48:r=25:d=2"
_SRT = "1\n00:00:00,200 --> 00:00:01,000\nHéllo <i>you</i>\nsecond\n\n2\n00:00:01,200 --> 00:00:01,800\nBye\n"
_EVENTS = [(0.2, 1.0, "Héllo you\nsecond"), (1.2, 1.8, "Bye")]


def _facts(path: Path, **more: Any) -> dict[str, Any]:
    (subject,) = deliverqc.measure(path, **more).to_document()["subjects"]
    facts: dict[str, Any] = subject["facts"]
    return facts


def _events(track: dict[str, Any]) -> list[tuple[float, float, str]]:
    return [(one["start_s"], one["end_s"], one["text"]) for one in track["events"]]


def _made(folder: Path, name: str, codec: str) -> Path:
    text = folder / "text.srt"
    text.write_text(_SRT, encoding="utf-8")
    return make(
        folder / name, f"{_PICTURE} -i {text} -map 0 -map 1 -c:v mpeg4 -c:s {codec} -metadata:s:s:0 language=fre"
    )


@pytest.mark.parametrize(
    ("name", "codec", "format_", "language"),
    [
        ("a.mkv", "subrip", "srt", "fr"),
        ("a.mkv", "ass", "ass", "fr"),
        ("a.mkv", "webvtt", "webvtt", "fr"),
        ("a.mp4", "mov_text", "tx3g", "fr"),
        ("a.mov", "mov_text", "tx3g", None),  # ffmpeg does not write the language there
        ("a.mp4", "ttml", "ttml", "fr"),
    ],
    ids=["srt", "ass", "webvtt", "mp4", "quicktime", "ttml"],
)
def test_a_track_of_the_wrapper_is_read_in_the_full_tier(
    tmp_path: Path, name: str, codec: str, format_: str, language: str | None
) -> None:
    path = _made(tmp_path, name, codec)
    (track,) = _facts(path, has_sidecars=False)["timed_text.tracks"]
    assert (track["source"], track["index"], track["format"], track["is_read"]) == ("wrapper", 1, format_, True)
    assert (track["errors"], track["error"], track["carrier"], track["file"]) == ([], None, None, None)
    assert _events(track) == _EVENTS
    assert [one["start_frame"] for one in track["events"]] == [5, 30]
    assert (track["language"], track["beyond_picture_s"], track["start_hour"]) == (language, 0.0, 0)
    (listed,) = _facts(path, tier="headers", has_sidecars=False)["timed_text.tracks"]
    assert (listed["format"], listed["is_read"]) == (format_, False)
    assert not {"events", "event_count", "errors", "beyond_picture_s"} & listed.keys()


def test_webvtt_of_mp4_which_libav_does_not_know(tmp_path: Path) -> None:
    movie = read_movie(_made(tmp_path, "a.mp4", "mov_text"))
    gap, *cues = (
        bytes(Atom(kind=kind, inside=[Atom(kind=b"payl", body=text)] if text else []))
        for kind, text in ((b"vtte", b""), (b"vttc", "Héllo <i>you</i>\nsecond".encode()), (b"vttc", b"Bye"))
    )
    (track,) = movie.tracks(b"sbtl")
    track.one(b"mdia", b"hdlr").patch(8, b"text")
    put_samples(movie, track, [gap, cues[0], gap, cues[1]])
    track.one(b"mdia", b"minf", b"stbl", b"stsd").body = struct.pack(">IIIIIHH", 0, 1, 16, 0x77767474, 0, 0, 1)
    path = movie.write(tmp_path / "b.mp4")
    (found,) = _facts(path, has_sidecars=False)["timed_text.tracks"]
    assert (found["format"], found["is_read"], found["index"], found["errors"]) == ("webvtt", True, 1, [])
    assert _events(found) == _EVENTS


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is the peer")
def test_times_are_those_of_a_peer_where_the_picture_starts_late(tmp_path: Path) -> None:
    source = _made(tmp_path, "a.mkv", "subrip")
    path = make(tmp_path / "late.mkv", f"-itsoffset 0.4 -i {source} -i {source} -map 0:v -map 1:s -c copy")
    asked = ["ffprobe", "-v", "error", "-select_streams", "s", "-show_packets", "-of", "json", str(path)]
    packets = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)["packets"]
    facts = _facts(path, has_sidecars=False)
    (track,) = facts["timed_text.tracks"]
    starts = [round(float(one["pts_time"]) - facts["picture.tracks"][0]["start_s"], 6) for one in packets]
    assert [one["start_s"] for one in track["events"]] == starts == [-0.2, 0.8]


def test_a_stored_track_is_the_same(tmp_path: Path) -> None:
    path, store = _made(tmp_path, "a.mkv", "subrip"), Store(folder=tmp_path / "store")
    first, second = (_facts(path, store=store)["timed_text.tracks"] for _ in range(2))
    assert len(store.tables()) == 1
    assert first == second and first[0]["event_count"] == 2


def test_a_damaged_track_is_reported_and_has_no_events(tmp_path: Path) -> None:
    path = _made(tmp_path, "a.mp4", "ttml")
    path.write_bytes(path.read_bytes().replace(b"</body>", b"<xbody>"))
    facts = _facts(path, has_sidecars=False)
    (track,) = facts["timed_text.tracks"]
    assert track["is_read"] is False and "track 1, sample 1" in track["error"]
    assert "events" not in track
    assert _outcomes(path)["timed-text-reads"] == "fail"


def test_a_part_of_a_master_leaves_its_tracks_unread(tmp_path: Path) -> None:
    from deliverqc.measuring.ranges import Range
    from deliverqc.pipeline import facts_document
    from deliverqc.request import Tier

    path = _made(tmp_path, "a.mkv", "subrip")
    (subject,) = facts_document(path, None, Tier.FULL, asked=Range.parse("0-1"))["subjects"]
    assert [one["is_read"] for one in subject["facts"]["timed_text.tracks"]] == [False]


def _outcomes(path: Path, spec: str = "filmhub", **more: Any) -> dict[str, str]:
    (subject,) = deliverqc.check(path, spec, **more).to_document()["masters"][0]["subjects"]
    return {one["id"]: one["outcome"] for one in subject["verdicts"][0]["clauses"]}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make(tmp_path / "film.mov", f"{_PICTURE} -c:v png")


@pytest.mark.parametrize("tier", ["headers", "full"])
def test_sidecars_are_read_in_either_tier(film: Path, tier: str) -> None:
    film.with_name("film.en.forced.srt").write_text(_SRT.replace("01,800", "03,500"), encoding="utf-8")
    facts = _facts(film, tier=tier)
    (track,) = facts["timed_text.tracks"]
    assert facts["timed_text.sidecars"] == [{"file": "film.en.forced.srt", "role": "forced", "error": None}]
    assert facts["timed_text.track_count"] == 0
    assert (track["source"], track["file"], track["role"]) == ("sidecar", "film.en.forced.srt", "forced")
    assert (track["language"], track["beyond_picture_s"], track["index"]) == ("en", 1.5, None)
    assert _events(track) == [(0.2, 1.0, "Héllo you\nsecond"), (1.2, 3.5, "Bye")]
    left = _facts(film, tier=tier, has_sidecars=False)
    assert (left["timed_text.tracks"], left["timed_text.sidecars"]) == ([], [])


def test_a_sidecar_is_judged_and_breaks_no_clause_on_tracks_of_the_wrapper(film: Path) -> None:
    assert "timed-text-reads" not in _outcomes(film)
    film.with_name("film.srt").write_text(_SRT.replace("01,800", "03,500"), encoding="utf-8")
    assert _outcomes(film)["timed-text-reads"] == "pass"
    assert _outcomes(film, "amazon-prime-mezzanine")["timed-text-length"] == "fail"
    assert _outcomes(film, "amazon-prime-mezzanine", has_sidecars=False)["timed-text-length"] == "not_applicable"
    for spec, clause in (("dpp-as11-hd", "no-captions"), ("google-movies-4k-sdr", "no-captions-in-file")):
        alone, beside = (_outcomes(film, spec, has_sidecars=sought)[clause] for sought in (False, True))
        assert alone == beside == "pass"


def test_a_refused_sidecar_fails_and_leaves_what_its_text_would_show_open(film: Path) -> None:
    film.with_name("film.srt").write_bytes(b"")
    document = deliverqc.check(film, "amazon-prime-mezzanine").to_document()
    (subject,) = document["masters"][0]["subjects"]
    clauses = {one["id"]: one for one in subject["verdicts"][0]["clauses"]}
    (finding,) = clauses["timed-text-reads"]["findings"]
    assert finding["message"].startswith("film.srt is empty") and "text that can be read" in finding["message"]
    assert clauses["timed-text-length"]["outcome"] == "not_measured"
    assert document["masters"][0]["sidecars"][0]["error"].startswith("film.srt")


def test_a_wrapper_that_holds_text_alone_is_read(tmp_path: Path) -> None:
    text = tmp_path / "film.srt"
    text.write_text(_SRT, encoding="utf-8")
    path = make(tmp_path / "film.mkv", f"-i {text} -c:s subrip")
    facts = _facts(path)
    assert [(one["source"], one.get("event_count")) for one in facts["timed_text.tracks"]] == [
        ("wrapper", 2),
        ("sidecar", 2),
    ]


def test_text_that_is_given_has_the_role_that_is_given(film: Path, tmp_path: Path) -> None:
    text = tmp_path / "anything.txt"
    text.write_text(_SRT, encoding="utf-8")
    (track,) = _facts(film, tier="headers", with_=[f"caption={text}"])["timed_text.tracks"]
    assert (track["role"], track["file"], track["event_count"]) == ("caption", "anything.txt", 2)
    document = deliverqc.check(film, "filmhub", tier="headers", with_=[f"forced={text}"]).to_document()
    assert document["request"]["texts"] == [{"role": "forced", "path": str(text)}]
    assert "Checked with anything.txt (forced)." in deliverqc.render(document, "text")
    with pytest.raises(UsageError, match="subs is not a role"):
        Companions.parse([f"subs={text}"])
    with pytest.raises(UsageError, match="names no file"):
        Companions.parse(["caption=missing.srt"])
    with pytest.raises(UsageError, match="belongs to a file of picture or audio"):
        deliverqc.check(text, "filmhub", with_=[f"caption={text}"])


def test_a_folder_scan_checks_text_with_its_master_only(film: Path) -> None:
    film.with_name("film.srt").write_text(_SRT, encoding="utf-8")
    assert discover([film.parent]) == [film]


def test_what_the_wrapper_holds_stays_open_where_a_reader_was_lost(film: Path) -> None:
    probed = probe(film)
    kept = {name: value for name, value in probed.facts.items() if name != "timed_text.tracks"}
    sidecar = Sidecar(file="film.srt", documents=(document(event(0, 1, "a")),))
    from dataclasses import replace

    facts = with_text_tracks(replace(probed, facts=kept), None, [sidecar]).facts
    assert "timed_text.tracks" not in facts and len(facts["timed_text.sidecars"]) == 1


def test_beyond_the_picture_is_open_where_its_rate_is_not_known(film: Path) -> None:
    from dataclasses import replace

    probed = replace(probe(film), frame_rate=None)
    sidecar = Sidecar(file="film.srt", documents=(document(event(0, 100, "a")),))
    (track,) = with_text_tracks(probed, None, [sidecar]).facts["timed_text.tracks"]
    assert track["event_count"] == 1 and "beyond_picture_s" not in track


def _in_band(path: Path) -> dict[str, Any]:
    facts = _facts(path, has_sidecars=False)
    (track,) = facts["timed_text.tracks"]
    assert (track["source"], track["service"], track["role"]) == ("in_band", "cc1", "closed_caption")
    return track


def test_a_track_of_captions_gives_its_services_in_its_place(tmp_path: Path) -> None:
    text = tmp_path / "a.scc"
    pairs = " ".join(f"{first:02x}{second:02x}" for first, second in words("{ENM}{RCL}{1470}Hello{EDM}{EOC}"))
    text.write_text(f"Scenarist_SCC V1.0\n\n00:00:00:00\t{pairs}\n", encoding="utf-8")
    path = make(tmp_path / "a.mov", f"{_PICTURE} -i {text} -map 0 -map 1 -c:v mpeg4 -c:s copy")
    track = _in_band(path)
    assert (track["index"], track["carrier"], track["format"], track["is_read"]) == (1, "cea_608", "cea_608", True)
    assert [one["text"] for one in track["events"]] == ["Hello"]
    assert (track["time_base"], track["clock_start_s"]) == ("media", 0.0)
    movie = read_movie(path)
    empty = caption_track(movie, [bytes(Atom(kind=b"cdat", body=b"\x80\x80"))]).write(tmp_path / "empty.mov")
    (track,) = _facts(empty, has_sidecars=False)["timed_text.tracks"]
    assert (track["event_count"], track["is_read"], track["carrier"], track["errors"]) == (0, True, "cea_608", [])


def test_captions_in_the_picture_are_listed_once(tmp_path: Path) -> None:
    """MediaInfo lists them as a track of text, and so does the decode as what they show."""
    path = tmp_path / "a.ts"
    path.write_bytes(material("androidx_media/media/hls/cea608/sd-hls0000000000.ts").read_bytes())
    facts = _facts(path)
    assert facts["timed_text.track_count"] == 1
    track = _in_band(path)
    assert (track["carrier"], track["index"]) == ("a53", None)
    assert [one["text"] for one in track["events"]] == ["First subtitle", "Second subtitle"]
    (listed,) = _facts(path, tier="headers")["timed_text.tracks"]
    assert (listed["format"], listed["is_read"], listed["source"]) == ("cea_608", False, "wrapper")
    assert _outcomes(path)["timed-text-reads"] == "pass"


@pytest.mark.parametrize(("name", "format_"), [("pgs_subtitles.mkv", "pgs"), ("vobsub.mkv", "vobsub")])
def test_images_are_recognised_and_not_read(name: str, format_: str) -> None:
    (track,) = _facts(material(f"androidx_media/media/mkv/sample_with_{name}"))["timed_text.tracks"]
    assert (track["format"], track["is_read"], track["error"]) == (format_, False, None)
    assert "events" not in track
