"""What is left when a reader of headers times out, crashes or cannot go on: its facts are missing, and nothing passes
on them."""

from __future__ import annotations

import json
import struct
import subprocess
from pathlib import Path

import pytest

import deliverqc
from deliverqc.errors import InternalError
from deliverqc.facts.document import check_document
from deliverqc.measuring.registry import registry
from deliverqc.probing import probe
from tests.probing.recipes import Picture, Sound, make


def _worker_that(tmp_path: Path, deed: str) -> Path:
    path = tmp_path / "worker.py"
    path.write_text(f"import os, sys, time\n{deed}\n")
    return path


_NO_TRACKS = '{"media": {"track": [{"@type": "General", "Format": "MPEG-4"}]}}'
_DEEDS = {
    "os.abort()": "crashed",
    "time.sleep(60)": "timed out after 1 s",
    "sys.exit(3)": "came to no end, or failed",
    "print('no json')": "gave no readable answer",
    "print('[]')": "gave no readable answer",
    "print('{}')": "does not recognise what it is",
    "pass": "gave no readable answer",
    f"print('{_NO_TRACKS}')": "found no track in it",
}


@pytest.mark.parametrize(("deed", "how"), _DEEDS.items())
def test_a_reader_that_comes_down_costs_only_its_own_facts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str, how: str
) -> None:
    master = make(tmp_path / "a.mov", Picture(), [Sound()])
    monkeypatch.setattr("deliverqc.probing.mediainfo._WORKER", _worker_that(tmp_path, deed))
    monkeypatch.setattr("deliverqc.probing.mediainfo._LONGEST_READING_S", 1)
    probed = probe(master)
    facts = probed.facts
    assert probed.readers_lost == (
        ("mediainfo", f"MediaInfo gave up on this file ({how}): facts that only it gives were not measured."),
    )
    assert (facts["picture.codec"], facts["picture.track_count"], facts["picture.color_primaries"]) == (
        "prores",
        1,
        "bt709",
    )
    assert (facts["picture.field_order"], facts["picture.wrapper.color_range"]) == (None, None)
    assert facts["cross_check.layer_disagreements"] == []
    assert not _ONLY_BY_MEDIAINFO & set(facts)
    assert check_document(facts, registry().facts) == []


_ONLY_BY_MEDIAINFO = {
    "wrapper.as11_shim_name",
    "wrapper.start_timecode",
    "picture.dolby_vision.profile",
    "picture.hdr.max_cll_cd_m2",
    "picture.hdr.mastering_display",
    "picture.active_format_code",
    "timed_text.track_count",
    "timed_text.tracks",
    "cross_check.probe_disagreements",
    "cross_check.hdr.max_fall_above_max_cll_cd_m2",
}


def test_null_of_other_readers_is_no_answer_where_the_lost_one_might_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = make(tmp_path / "a.mkv", Picture(codec="ffv1", pixels="yuv420p"), [Sound(codec="aac")])
    whole = probe(master).facts
    monkeypatch.setattr("deliverqc.probing.mediainfo._WORKER", _worker_that(tmp_path, "sys.exit(3)"))
    facts = probe(master).facts
    table = registry().facts
    missing = {name for name in whole if not name.startswith("cross_check.") and name not in facts}
    assert missing > {"picture.language", "picture.hdr.mastering_display", "timed_text.tracks"}
    assert all("mediainfo" in table[name].given_by for name in missing)
    nulls = {name for name in facts if facts[name] is None and "mediainfo" in table[name].given_by}
    assert not [name for name in nulls if not name.startswith(("picture.wrapper.", "picture.bitstream."))]
    assert "bit_rate_bps" not in facts["sound.tracks"][0]
    assert "cross_check.layer_disagreements" not in facts
    assert facts["wrapper.format"] == "mkv"


def test_a_walker_that_gives_up_costs_what_it_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> None:
        raise struct.error("unpack requires a buffer of 4 bytes")

    master = make(tmp_path / "a.mov", Picture(timecode="01:00:00:00"), [Sound()])
    monkeypatch.setattr("deliverqc.probing.lost_readers.read_structure", give_up)
    probed = probe(master)
    assert [reader for reader, _ in probed.readers_lost] == ["structure"]
    missing = {"decode.missing_byte_count", "wrapper.start_timecode", "wrapper.edit_list_count", "picture.rotation_deg"}
    missing |= {"picture.display_aspect_ratio", "picture.wrapper.width_px", "cross_check.layer_disagreements"}
    assert sorted(missing & set(probed.facts)) == []
    assert probed.facts["picture.codec"] == "prores"
    assert check_document(probed.facts, registry().facts) == []


def test_essence_that_cannot_be_read_states_nothing(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Picture(), [Sound()])
    path.write_bytes(path.read_bytes().replace(b"icpf", b"xxxx"))
    probed = probe(path)
    assert [reader for reader, _ in probed.readers_lost] == ["libav"]
    missing = {"picture.bitstream.scan", "picture.bitstream.color_range", "cross_check.layer_disagreements"}
    assert not missing & set(probed.facts)


def test_a_lost_reader_keeps_a_clause_on_captions_from_passing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict document names the reader."""
    spec = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:deliverqc:spec:no-captions",
        "title": "No captions",
        "x-spec": {
            "id": "no-captions",
            "edition": "1",
            "revision": 1,
            "publisher": "x",
            "kind": "house",
            "read_on": "2026-01-01",
            "confidence": "high",
        },
        "allOf": [
            {
                "$anchor": "no-captions",
                "title": "No captions",
                "x-level": "shall",
                "x-source": {"document": "d", "edition": "1", "section": "1", "url": None, "confidence": "high"},
                "required": ["timed_text.track_count"],
                "properties": {"timed_text.track_count": {"const": 0}},
            }
        ],
    }
    sheet = tmp_path / "no-captions.json"
    sheet.write_text(json.dumps(spec))
    monkeypatch.setattr("deliverqc.probing.mediainfo._WORKER", _worker_that(tmp_path, "os.abort()"))
    master = deliverqc.check(make(tmp_path / "a.mov", Picture()), [sheet], tier="headers").masters[0]
    assert [lost.reader for lost in master.readers_lost] == ["mediainfo"]
    clauses = {clause.id: clause.outcome for clause in master.subjects[0].verdicts[0].clauses}
    assert clauses["no-captions"] == "not_measured"


def test_a_reader_that_cannot_be_loaded_is_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    master = make(tmp_path / "a.mov", Picture())
    monkeypatch.setattr("deliverqc.probing.mediainfo._WORKER", _worker_that(tmp_path, "import no_such_module"))
    with pytest.raises(InternalError) as failure:
        probe(master)
    assert failure.value.code == "no-mediainfo"


def test_pictures_that_an_edit_list_hides_are_read_for_what_they_state(tmp_path: Path) -> None:
    whole = make(tmp_path / "a.mov", Picture(codec="libx264", pixels="yuv420p", size=(64, 48), frames=50), [])
    cut = tmp_path / "cut.mov"
    subprocess.run(["ffmpeg", "-v", "error", "-ss", "1.6", "-i", whole, "-c", "copy", cut], check=True)
    probed = probe(cut)
    assert probed.readers_lost == ()
    assert probed.facts["picture.bitstream.scan"] == "progressive"
    assert probed.facts["cross_check.layer_disagreements"] == []


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("wrapper", ["mp4", "mkv"])
def test_sampling_of_vp9_is_not_held_to_what_a_reader_assumes(tmp_path: Path, pixels: str, wrapper: str) -> None:
    picture = Picture(codec="libvpx-vp9", pixels=pixels, size=(64, 48), frames=2)
    facts = probe(make(tmp_path / f"a.{wrapper}", picture)).facts
    assert facts["picture.chroma_subsampling"] == ":".join(pixels[3:6])
    assert facts["cross_check.probe_disagreements"] == []


@pytest.mark.parametrize("wrapper", ["mov", "mxf", "avi"])
def test_sound_inside_dv_pictures_is_no_track_of_the_wrapper(tmp_path: Path, wrapper: str) -> None:
    tape = tmp_path / "tape.dv"
    source = ["-f", "lavfi", "-i", "testsrc2=s=720x576:r=25:d=0.2", "-f", "lavfi", "-i", "sine=r=48000:d=0.2"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-target", "pal-dv", tape], check=True)
    master = tmp_path / f"a.{wrapper}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", tape, "-c", "copy", master], check=True)
    facts = probe(master).facts
    assert facts["sound.track_count"] == 1
    assert facts["cross_check.probe_disagreements"] == []
