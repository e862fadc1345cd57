"""Imported clauses beside MediaConch itself on real files: never a pass of ours where MediaConch fails the rule."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

import deliverqc
from deliverqc.interchange import read_foreign
from deliverqc.interchange.mediainfo_fields import FIELDS, Words
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from tests.interchange.policies import policy, rule, write
from tests.material import material
from tests.slices import is_drawn

_FILES = (
    "format_corpus/video/Quicktime/apple-prores-422.mov",
    "format_corpus/video/Quicktime/dv-pal-interlaced.mov",
    "format_corpus/video/Quicktime/hdv-1080i50.mov",
    "androidx_media/media/mp4/bt601.mov",
    "androidx_media/media/mp4/sample_ac3_aac.mp4",
    "ffmpeg_normalize/tests/test.mp4",
    "mp4parse/mp4parse_capi/tests/video_colr_nclx_hdr10.mp4",
    "androidx_media/media/mkv/sample.mkv",
    "file_scraper/tests/data/video_x-matroska/valid_4_ffv1_lpcm8.mkv",
    "file_scraper/tests/data/video_MP2P/valid__mpeg2_mp3.mpg",
    "file_scraper/tests/data/audio_flac/valid__flac.flac",
    "libdcp/test/data/DCP/video.mxf",
    "debian_speech/Noise.wav",
    "jhove/test-root/corpora/examples/modules/WAVE-hul/rf64-ulaw-44khz-8bit-mono.wav",
)
_POLICIES = (
    "mediaconch_src/Tools/Policies/sample_policy_1.xml",
    "mediaconch_src/Tools/Policies/sample_policy_4_mkv_ffv1_digitization.xml",
    "mediaconch_src/Tools/Policies/sample_policy_6_cavpp_preservation.xml",
    "mediaconch_src/Source/Example/Example.xml",
)
_NUMBERS = {
    "Width": ("320", "720", "1080", "1440", "1920"),
    "Height": ("240", "576", "1080"),
    "FrameRate": ("25", "25.000", "29.970", "23.976", "24"),
    "PixelAspectRatio": ("1.000", "1.333", "1.067"),
    "DisplayAspectRatio": ("1.333", "1.778", "1.777", "1.779"),
    "BitDepth": ("8", "10", "16", "24"),
    "Duration": ("1", "9.5", "60.000"),
    "Channels": ("1", "2", "6"),
    "SamplingRate": ("44100", "48000"),
    "FileSize": ("100000", "0"),
    "VideoCount": ("1", "2"),
    "AudioCount": ("1", "2", "3"),
}
_TEXTS = {"CodecID": ("apcn", "dvcp", "avc1", "FFV1"), "ColorSpace": ("YUV",), "FileExtension": ("mov", "MOV", "mkv")}
_MEDIAINFO_IS_SILENT = {
    ("apple-prores-422.mov", "BitDepth"): "ProRes is read to its depth by libav only",
    ("video.mxf", "FrameRate_Mode"): "JPEG 2000 in MXF is of constant rate by its edit rate",
}
"""Fields that MediaInfo leaves out of a file, so that MediaConch fails every rule on them, and that facts tell."""
_FACTS_ARE_SILENT = {
    ("sample.mkv", "IsStreamable"): "deliverqc reads it of ISO files only",
    ("valid_4_ffv1_lpcm8.mkv", "IsStreamable"): "deliverqc reads it of ISO files only",
    ("sample.mkv", "FrameRate"): "of a variable rate the readers have numbers of different meanings",
    ("valid_4_ffv1_lpcm8.mkv", "ScanType"): "FFV1 states no scan in its header; MediaInfo takes it for progressive",
    ("rf64-ulaw-44khz-8bit-mono.wav", "BitDepth"): "the samples of mu-law have no depth of their own",
}
"""Fields that MediaInfo fills and no fact tells so: a clause fails there, and never passes."""


def _mediaconch(path: Path, rules: Path, home: Path) -> ElementTree.Element:
    program = shutil.which("mediaconch")
    if program is None:
        pytest.skip("no mediaconch on PATH to compare with")
    done = subprocess.run(
        [program, "-p", str(rules), "-fx", str(path)],
        capture_output=True,
        timeout=300,
        check=True,
        env={"HOME": str(home)},  # it keeps a database there, which another run may lock
    )
    found = ElementTree.fromstring(done.stdout).find("{*}media/{*}policy")
    assert found is not None
    return found


def _alternatives(tree: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """What a policy falls apart into: the members of every "and", each "or" whole."""
    for member in tree:
        name = member.tag.rpartition("}")[2]
        if name == "rule" or (name == "policy" and member.get("type") == "or"):
            yield member
        elif name == "policy":
            yield from _alternatives(member)


def _fields_of(tree: ElementTree.Element) -> set[str]:
    return {str(one.get("value")) for one in tree.iter() if one.tag.endswith("rule")}


def _of_every_field() -> etree._Element:
    rules = []
    for track, fields in FIELDS.items():
        for name, field in fields.items():
            texts = tuple(field.table) if isinstance(field, Words) else _TEXTS.get(name, ())
            rules += [rule(track, name, "=", text) for text in texts]
            for text in _NUMBERS.get(name, ()):
                rules += [rule(track, name, operator, text) for operator in ("=", "<", ">=")]
                rules += [rule(track, name, "=", text, occurrence=one) for one in ("2", "all") if track != "General"]
    return policy(*rules)


def _compare(master: Path, rules: Path, folder: Path) -> tuple[int, set[tuple[str, str]], set[tuple[str, str]]]:
    """How many clauses pass on both sides, and the fields on which only ours passes, or only MediaConch's."""
    (one,) = read_foreign(rules, spec_id="a-policy")
    spec = folder / "a-policy.json"
    spec.write_text(json.dumps(one.document), encoding="utf-8")
    verdict = judge(spec_library().load(str(spec)), deliverqc.probe(master).facts, as_of=date(2000, 1, 1))
    ours = {clause.id: clause.outcome.value for clause in verdict.clauses}
    theirs = list(_alternatives(_mediaconch(master, rules, folder)))
    assert len(theirs) == len(one.parts)
    agreed, only_ours, only_theirs = 0, set(), set()
    for (part_id, part), element in zip(one.parts, theirs, strict=True):
        if part.schema is None:
            continue
        told = {(master.name, field) for field in _fields_of(element)}
        mine, other = ours[part_id] == "pass", element.get("outcome") == "pass"
        agreed += mine and other
        only_ours |= told if mine and not other else set()
        only_theirs |= told if other and not mine else set()
    return agreed, only_ours, only_theirs


@pytest.mark.parametrize("name", [name for name in _FILES if is_drawn(name) or name in _FILES[:3]])
def test_no_clause_passes_a_real_file_that_mediaconch_fails(name: str, tmp_path: Path) -> None:
    agreed, only_ours, only_theirs = _compare(material(name), write(tmp_path, _of_every_field()), tmp_path)
    assert agreed > 5
    assert only_ours <= set(_MEDIAINFO_IS_SILENT)
    assert only_theirs <= set(_FACTS_ARE_SILENT)


@pytest.mark.parametrize("rules", _POLICIES)
@pytest.mark.parametrize("name", [name for name in _FILES[::3] if is_drawn(name) or name == _FILES[0]])
def test_public_policy_never_passes_where_mediaconch_fails_it(name: str, rules: str, tmp_path: Path) -> None:
    _, only_ours, only_theirs = _compare(material(name), material(rules), tmp_path)
    assert only_ours <= set(_MEDIAINFO_IS_SILENT)
    assert only_theirs <= set(_FACTS_ARE_SILENT)


def test_public_policy_passes_a_file_made_for_it_on_both_sides(tmp_path: Path) -> None:
    from fixtures.ffmpeg import make

    master = make(
        tmp_path / "pal.mkv",
        "-f lavfi -i testsrc=size=720x576:rate=25:d=0.4 -f lavfi -i anullsrc=r=48000:cl=stereo -t 0.4 -shortest"
        " -vf setfield=tff,setsar=16/15 -c:v ffv1 -level 3 -pix_fmt yuv422p -flags +ildct -field_order tt"
        " -c:a pcm_s16le",
    )
    agreed, only_ours, only_theirs = _compare(
        master, material("mediaconch_src/Tools/Policies/sample_policy_4_mkv_ffv1_digitization.xml"), tmp_path
    )
    assert (only_ours, only_theirs) == (set(), set())
    assert agreed > 8
