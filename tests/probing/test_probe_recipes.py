"""Masters made for the purpose, whose facts are known because the test put them there."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from deliverqc.errors import MasterError, UsageError
from deliverqc.facts.document import check_document
from deliverqc.facts.groups import form_groups
from deliverqc.measuring.registry import registry
from deliverqc.probing import probe
from deliverqc.timebase import Timecode
from fixtures.ffmpeg import make as fixture
from tests.probing.recipes import Picture, Sound, make

NTSC = Fraction(30000, 1001)
MPEG2 = Picture(codec="mpeg2video", pixels="yuv420p")
H264 = Picture(codec="libx264", pixels="yuv420p")


def _patched(path: Path, changes: dict[int, bytes]) -> Path:
    data = bytearray(path.read_bytes())
    for position, value in changes.items():
        data[position : position + len(value)] = value
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "picture", "sound", "wrapper", "codecs"),
    [
        ("a.mov", Picture(), Sound(), "mov", ("prores", "pcm")),
        ("a.mp4", H264, Sound(codec="aac"), "mp4", ("h264", "aac")),
        ("a.mkv", H264, Sound(codec="flac"), "mkv", ("h264", "flac")),
        ("a.mxf", MPEG2, Sound(codec="pcm_s16le", layout="mono"), "mxf", ("mpeg2video", "pcm")),
        ("a.ts", MPEG2, Sound(codec="mp2"), "mpegts", ("mpeg2video", "mp2")),
        ("a.mpg", MPEG2, Sound(codec="mp2"), "mpegps", ("mpeg2video", "mp2")),
        ("a.avi", Picture(codec="mjpeg", pixels="yuvj420p"), Sound(codec="pcm_s16le"), "avi", ("mjpeg", "pcm")),
        ("a.wav", None, Sound(), "wav", (None, "pcm")),
        ("a.aiff", None, Sound(codec="pcm_s24be"), "aiff", (None, "pcm")),
        ("a.flac", None, Sound(codec="flac"), "flac", (None, "flac")),
        ("a.mp3", None, Sound(codec="mp3"), "mp3", (None, "mp3")),
        ("a.m4a", None, Sound(codec="aac"), "m4a", (None, "aac")),
    ],
)
def test_each_wrapper_gives_its_kind_codings_and_no_disagreement(
    tmp_path: Path, name: str, picture: Picture | None, sound: Sound, wrapper: str, codecs: tuple[str | None, str]
) -> None:
    facts = probe(make(tmp_path / name, picture, [sound])).facts
    assert check_document(facts, registry().facts) == []
    assert facts["wrapper.format"] == wrapper
    assert (facts.get("picture.codec"), facts["sound.tracks"][0]["codec"]) == codecs
    assert facts["sound.tracks"][0]["sample_rate_hz"] == 48000
    assert facts["cross_check.layer_disagreements"] == []
    assert facts["cross_check.probe_disagreements"] == []
    assert facts["decode.missing_byte_count"] in (0, None)
    if picture is not None:
        assert (facts["picture.width_px"], facts["picture.height_px"]) == (320, 180)
        assert facts["picture.frame_rate"] == "25/1"
        assert facts["picture.duration_s"] == pytest.approx(0.4, abs=0.04)


def test_rf64_is_told_from_wav(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.wav", None, [Sound()], rf64="always")).facts
    assert facts["wrapper.format"] == "rf64"
    assert facts["decode.missing_byte_count"] == 0


@pytest.mark.parametrize(
    ("name", "picture", "rate", "start", "source"),
    [
        ("a.mov", Picture(), NTSC, "00:59:59;28", "tmcd"),
        ("a.mov", Picture(), NTSC, "01:00:00:00", "tmcd"),
        ("a.mov", Picture(), Fraction(24000, 1001), "09:59:50:23", "tmcd"),
        ("a.mp4", H264, Fraction(60000, 1001), "01:00:59;56", "tmcd"),
        ("a.mxf", MPEG2, NTSC, "01:00:00;02", "material_package"),
        ("a.mxf", MPEG2, Fraction(25), "09:59:30:00", "material_package"),
        ("a.mkv", H264, Fraction(24), "00:59:58:00", "tag"),
    ],
)
def test_the_start_timecode_is_the_one_that_was_written(
    tmp_path: Path, name: str, picture: Picture, rate: Fraction, start: str, source: str
) -> None:
    recipe = Picture(codec=picture.codec, pixels=picture.pixels, rate=rate, timecode=start)
    probed = probe(make(tmp_path / name, recipe))
    assert probed.facts["wrapper.start_timecode"] == start
    assert probed.facts["wrapper.drop_frame"] is (";" in start)
    assert probed.start == Timecode.parse(start, rate)
    assert probed.facts["wrapper.timecodes"][0]["source"] == source
    assert probed.frame_rate == rate


def test_without_a_timecode_none_is_invented(tmp_path: Path) -> None:
    probed = probe(make(tmp_path / "a.mov", Picture(), [Sound()]))
    assert probed.start is None
    assert probed.facts["wrapper.start_timecode"] is None
    assert probed.facts["wrapper.drop_frame"] is None
    assert probed.facts["wrapper.timecodes"] == []


def test_a_gop_timecode_is_listed_and_not_trusted(tmp_path: Path) -> None:
    probed = probe(make(tmp_path / "a.ts", MPEG2))
    assert [timecode["source"] for timecode in probed.facts["wrapper.timecodes"]] == ["gop"]
    assert probed.facts["wrapper.start_timecode"] is None
    assert probed.start is None


def _frame_headers(data: bytes) -> list[int]:
    found, start = [], data.find(b"icpf")
    while start >= 0:
        found.append(start + 4)
        start = data.find(b"icpf", start + 4)
    return found


def test_prores_colour_in_the_frame_header_is_trusted_over_the_colr_atom(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Picture())
    headers = _frame_headers(path.read_bytes())
    assert len(headers) == 10
    facts = probe(_patched(path, {header + 14: bytes((9, 16, 9)) for header in headers})).facts
    assert facts["picture.color_primaries"] == "bt2020"
    assert facts["picture.wrapper.color_primaries"] == "bt709"
    found = {row["fact"]: row["values"] for row in facts["cross_check.layer_disagreements"]}
    assert found == {
        "picture.color_primaries": {"wrapper": "bt709", "bitstream": "bt2020"},
        "picture.color_transfer": {"wrapper": "bt709", "bitstream": "smpte2084"},
        "picture.color_matrix": {"wrapper": "bt709", "bitstream": "bt2020nc"},
    }


def test_unspecified_prores_colour_disagrees_with_nothing(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Picture())
    headers = _frame_headers(path.read_bytes())
    facts = probe(_patched(path, {header + 14: bytes((2, 0, 2)) for header in headers})).facts
    assert facts["picture.bitstream.color_primaries"] is None
    assert facts["picture.color_primaries"] == "bt709"
    assert facts["cross_check.layer_disagreements"] == []


def test_prores_rate_in_the_frame_header_disagrees_with_the_sample_table(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Picture(rate=Fraction(25)))
    headers = _frame_headers(path.read_bytes())
    facts = probe(_patched(path, {header + 13: bytes((0x01,)) for header in headers})).facts
    assert facts["picture.bitstream.frame_rate"] == "24000/1001"
    assert facts["picture.wrapper.frame_rate"] == "25/1"
    assert [row["fact"] for row in facts["cross_check.layer_disagreements"]] == ["picture.frame_rate"]


def test_colr_atom_with_another_transfer_function_disagrees_with_h264(tmp_path: Path) -> None:
    recipe = Picture(
        codec="libx264", pixels="yuv420p", options={"x264-params": "colorprim=bt709:transfer=bt709:colormatrix=bt709"}
    )
    path = make(tmp_path / "a.mp4", recipe)
    atom = path.read_bytes().index(b"colrnclx")
    facts = probe(_patched(path, {atom + 10: struct.pack(">H", 16)})).facts
    assert facts["picture.wrapper.color_transfer"] == "smpte2084"
    assert facts["picture.color_transfer"] == "bt709"
    assert [row["fact"] for row in facts["cross_check.layer_disagreements"]] == ["picture.color_transfer"]


def test_interlaced_prores_is_read_from_the_frame_header(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Picture())
    header = _frame_headers(path.read_bytes())[0]
    flags = path.read_bytes()[header + 12]
    facts = probe(_patched(path, {header + 12: bytes((flags | 0x04,))})).facts
    assert (facts["picture.scan"], facts["picture.field_order"]) == ("interlaced", "tff")


@pytest.mark.parametrize(("layout", "labels"), [("mono", ["M"]), ("5.1", ["L", "R", "C", "LFE", "Ls", "Rs"])])
def test_channel_labels_of_a_mov_are_those_of_its_chan_atom(tmp_path: Path, layout: str, labels: list[str]) -> None:
    facts = probe(make(tmp_path / "a.mov", None, [Sound(layout=layout)])).facts
    assert facts["sound.tracks"][0]["channel_labels"] == labels


def test_sound_without_a_chan_atom_has_no_labels(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", None, [Sound(layout="5.1")])
    track = probe(_patched(path, {path.read_bytes().index(b"chan"): b"free"})).facts["sound.tracks"][0]
    assert (track["channel_labels"], track["layout"], track["channel_count"]) == (None, None, 6)


_FILM_ORDER = 123 << 16 | 6  # kAudioChannelLayoutTag_MPEG_5_1_C: L C R Ls Rs LFE


def _in_film_order(path: Path) -> Path:
    make(path, None, [Sound(layout="5.1")])
    return _patched(path, {path.read_bytes().index(b"chan") + 8: struct.pack(">II", _FILM_ORDER, 0)})


def test_film_order_is_put_into_layout_order_by_its_labels(tmp_path: Path) -> None:
    facts = probe(_in_film_order(tmp_path / "a.mov")).facts
    assert facts["sound.tracks"][0]["channel_labels"] == ["L", "C", "R", "Ls", "Rs", "LFE"]
    (group,) = form_groups(facts)
    assert (group.layout, group.formed_by) == ("5.1", "labels")
    assert group.channels == ((0, 0), (0, 2), (0, 1), (0, 5), (0, 3), (0, 4))


def test_a_channel_order_of_its_own_does_not_bring_the_process_down(tmp_path: Path) -> None:
    path = _in_film_order(tmp_path / "a.mov")
    program = "import gc, sys; from pathlib import Path; from deliverqc.probing import probe\n"
    program += "for _ in range(20): probe(Path(sys.argv[1])); gc.collect()"
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 0


def test_eight_mono_tracks_form_five_one_and_stereo(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mov", None, [Sound(layout="mono")] * 8)).facts
    assert [(group.layout, group.tracks) for group in form_groups(facts)] == [
        ("5.1", (0, 1, 2, 3, 4, 5)),
        ("2.0", (6, 7)),
    ]


def test_track_differences_are_measured_over_picture_and_sound(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mov", Picture(frames=10), [Sound(seconds=Fraction(1, 5))])).facts
    assert facts["cross_check.track_duration_difference_s"] == pytest.approx(0.2)
    assert facts["cross_check.track_start_difference_s"] == 0.0


def test_one_track_alone_differs_from_nothing(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.wav", None, [Sound()])).facts
    assert facts["cross_check.track_duration_difference_s"] is None


def test_language_tags_are_given_as_written(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mov", None, [Sound(language="fra"), Sound(language="ita")])).facts
    assert [track["language"] for track in facts["sound.tracks"]] == ["fra", "ita"]


def test_the_index_stands_before_the_essence_in_a_fast_start_file(tmp_path: Path) -> None:
    assert probe(make(tmp_path / "a.mov", Picture())).facts["wrapper.index_before_essence"] is False
    assert (
        probe(make(tmp_path / "b.mov", Picture(), movflags="faststart")).facts["wrapper.index_before_essence"] is True
    )


def test_a_mov_cut_before_its_index_is_refused_as_having_none(tmp_path: Path) -> None:
    path = make(tmp_path / "cut.mov", Picture(), [Sound()])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MasterError) as refusal:
        probe(path)
    assert refusal.value.code == "no-index"
    assert "cut.mov" in refusal.value.message


@pytest.mark.parametrize(
    ("name", "picture", "options"),
    [("a.mov", Picture(), {"movflags": "faststart"}), ("a.mxf", MPEG2, {}), ("a.mkv", H264, {}), ("a.wav", None, {})],
)
def test_bytes_cut_from_the_end_are_counted(
    tmp_path: Path, name: str, picture: Picture | None, options: dict[str, str]
) -> None:
    sound = Sound(codec="pcm_s16le", layout="mono")
    path = make(tmp_path / name, picture, [sound], **options)
    whole = path.stat().st_size
    assert probe(path).facts["decode.missing_byte_count"] == 0
    path.write_bytes(path.read_bytes()[: whole * 3 // 4])
    missing = probe(path).facts["decode.missing_byte_count"]
    footer = 4096 if name.endswith("mxf") else 0  # what stands in a footer is not known before it is read
    assert whole - whole * 3 // 4 - footer <= missing <= whole - whole * 3 // 4


def test_a_frame_count_survives_the_loss_of_its_frames(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Picture(frames=25), movflags="faststart")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert probe(path).promised_frame_count == 25


def _with_edit(path: Path, duration: int, start: int) -> Path:
    atom = path.read_bytes().index(b"elst")
    return _patched(path, {atom + 12: struct.pack(">Ii", duration, start)})


def test_an_edit_that_cuts_frames_is_counted_and_lowers_the_promise(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Picture(frames=10), video_track_timescale="25", movie_timescale="1000")
    assert probe(path).facts["wrapper.edit_list_count"] == 0
    probed = probe(_with_edit(path, duration=200, start=3))
    assert probed.facts["wrapper.edit_list_count"] == 1
    assert probed.promised_frame_count == 5


def test_lines_that_a_d10_descriptor_does_not_show_are_no_disagreement(tmp_path: Path) -> None:
    constant = {"b": "50M", "minrate": "50M", "maxrate": "50M", "bufsize": "2M", "rc_init_occupancy": "2M", "g": "1"}
    options = {**constant, "qmin": "1", "flags": "+ildct+low_delay"}
    recipe = Picture(codec="mpeg2video", pixels="yuv422p", size=(720, 608), options=options)
    sound = Sound(codec="pcm_s16le", layout="mono")
    facts = probe(make(tmp_path / "a.mxf", recipe, [sound], format="mxf_d10")).facts
    assert (facts["picture.height_px"], facts["picture.wrapper.height_px"]) == (576, 576)
    assert facts["cross_check.layer_disagreements"] == []


@pytest.mark.parametrize("holder", ["tkhd", "mvhd"])
@pytest.mark.parametrize(
    ("matrix", "clockwise", "is_mirrored", "ratio"),
    [
        ((1, 0, 0, 1), 0, False, "16/9"),
        ((0, 1, -1, 0), 90, False, "9/16"),
        ((-1, 0, 0, -1), 180, False, "16/9"),
        ((0, -1, 1, 0), 270, False, "9/16"),
        ((1, 0, 0, -1), 0, True, "16/9"),  # upside down
        ((-1, 0, 0, 1), 180, True, "16/9"),  # left and right exchanged
        ((0, 1, 1, 0), 90, True, "9/16"),
    ],
)
def test_the_display_matrix_of_track_and_movie_turns_the_picture(
    tmp_path: Path, holder: str, matrix: tuple[int, ...], clockwise: int, is_mirrored: bool, ratio: str
) -> None:
    path = make(tmp_path / "a.mp4", H264)
    start = path.read_bytes().index(holder.encode()) + 4 + {"tkhd": 40, "mvhd": 36}[holder]
    a, b, c, d = (value << 16 for value in matrix)
    facts = probe(_patched(path, {start: struct.pack(">ii4xii", a, b, c, d)})).facts
    shown = [facts[f"picture.{name}"] for name in ("rotation_deg", "is_mirrored", "display_aspect_ratio")]
    assert shown == [clockwise, is_mirrored, ratio]
    assert (facts["picture.width_px"], facts["picture.height_px"]) == (320, 180)


def _switched_off(path: Path, *kinds: bytes) -> Path:
    """The master with every `tkhd` of tracks of `kinds` (hdlr) without its flag 1."""
    data = path.read_bytes()
    tracks = [match.start() for match in re.finditer(b"tkhd", data)]
    own = {at: data[data.index(b"hdlr", at) + 12 :][:4] for at in tracks}
    return _patched(path, {at + 4: b"\0\0\0\0" for at, kind in own.items() if kind in kinds})


def test_a_track_that_its_header_switches_off_is_not_enabled(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", H264, [Sound()])
    facts = probe(path).facts
    assert (facts["picture.is_enabled"], facts["sound.tracks"][0]["is_enabled"]) == (True, True)
    facts = probe(_switched_off(path, b"soun")).facts
    assert (facts["picture.is_enabled"], facts["sound.tracks"][0]["is_enabled"]) == (True, False)
    facts = probe(_switched_off(path, b"vide")).facts
    assert (facts["picture.is_enabled"], facts["picture.tracks"][0]["is_enabled"]) == (False, False)


def test_the_alternate_group_of_a_sound_track_is_published_and_zero_is_none(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", None, [Sound()])
    header = path.read_bytes().index(b"tkhd") + 4
    for number, published in ((0, None), (7, 7)):
        facts = probe(_patched(path, {header + 34: struct.pack(">H", number)})).facts
        assert facts["sound.tracks"][0]["alternate_group"] == published


def test_a_format_without_the_flag_says_nothing_of_it(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mxf", Picture(codec="mpeg2video", pixels="yuv420p"), [Sound()])).facts
    assert (facts["picture.is_enabled"], facts["picture.is_mirrored"]) == (None, False)
    assert (facts["sound.tracks"][0]["is_enabled"], facts["sound.tracks"][0]["alternate_group"]) == (None, None)


@pytest.mark.parametrize(
    ("stated", "is_zero", "excess"),
    [("max-cll=1000,400", False, 0), ("max-cll=400,1000", False, 600), ("max-cll=0,400", True, None), ("", None, None)],
)
def test_a_stated_light_level_of_zero_is_told_from_none(
    tmp_path: Path, stated: str, is_zero: bool | None, excess: int | None
) -> None:
    options = {"x265-params": ":".join(filter(None, ["log-level=none", stated]))}
    recipe = Picture(codec="libx265", pixels="yuv420p10le", frames=3, tags=(9, 16, 9), options=options)
    facts = probe(make(tmp_path / "a.mp4", recipe)).facts
    assert facts["picture.hdr.is_max_cll_zero"] is is_zero
    assert facts["cross_check.hdr.max_fall_above_max_cll_cd_m2"] == excess


def test_uncompressed_pictures_are_no_disagreement_of_readers(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mov", Picture(codec="v210", pixels="yuv422p10le"))).facts
    assert (facts["picture.codec"], facts["picture.bit_depth_bits"]) == ("v210", 10)
    assert facts["cross_check.probe_disagreements"] == []


def test_a_lossy_coding_has_no_bit_depth(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.mkv", None, [Sound(codec="libopus"), Sound(codec="flac")])).facts
    assert [track["bit_depth_bits"] for track in facts["sound.tracks"]] == [None, 16]


def test_h264_in_a_transport_stream_is_not_called_variable(tmp_path: Path) -> None:
    facts = probe(make(tmp_path / "a.ts", H264)).facts
    assert facts["picture.frame_rate_mode"] in (None, "constant")
    assert facts["picture.frame_rate"] == "25/1"


def test_an_empty_file_and_a_text_are_refused_each_in_its_words(tmp_path: Path) -> None:
    (tmp_path / "empty.mov").touch()
    (tmp_path / "notes.mov").write_text("not a master at all\n" * 100)
    codes = []
    for name in ("empty.mov", "notes.mov"):
        with pytest.raises(MasterError) as refusal:
            probe(tmp_path / name)
        codes.append(refusal.value.code)
    assert codes == ["empty-file", "not-media"]


def test_a_path_that_is_not_there_is_an_error_of_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        probe(tmp_path / "missing.mov")


def test_a_folder_is_no_master(tmp_path: Path) -> None:
    with pytest.raises(MasterError) as refusal:
        probe(tmp_path)
    assert refusal.value.code == "not-media"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", None, [Sound()])
    path.chmod(0)
    with pytest.raises(MasterError) as refusal:
        probe(path)
    assert refusal.value.code == "no-permission"


@pytest.mark.parametrize("name", ["a%03d.mov", "http:__x.mov", "-i.mov", "naïve [x] ;&.mov", "line\nbreak.mov"])
def test_hostile_names_are_names_only(tmp_path: Path, name: str) -> None:
    facts = probe(make(tmp_path / "plain.mov", Picture()).rename(tmp_path / name)).facts
    assert facts["file.name"] == name
    assert facts["picture.codec"] == "prores"
    assert facts["wrapper.writing_application"] is not None


def test_a_name_that_is_no_unicode_is_read(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mov")
    facts = probe(make(tmp_path / "plain.mov", Picture()).rename(tmp_path / name)).facts
    assert facts["picture.codec"] == "prores"


@pytest.mark.parametrize(("name", "options", "codec"), [("a.avi", "", "aac"), ("a.ts", "", "ac3")])
def test_a_codec_tag_that_is_a_number_is_read(name: str, options: str, codec: str, tmp_path: Path) -> None:
    """AVI numbers AAC 0x00FF, and transport streams AC-3 0x81 (ATSC A/53): neither is a four-character code."""
    path = fixture(tmp_path / name, f"-f lavfi -i sine=r=48000:d=0.5 -c:a {codec} {options}")
    (track,) = probe(path).facts["sound.tracks"]
    assert track["codec"] == codec
