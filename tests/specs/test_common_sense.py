"""Common sense on made masters: each planted defect fails its own clause and no other, and ordinary work fails none.

Pictures and mixes go through the meters into the facts of a good master. What headers and times say is planted in
files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from deliverqc.facts.assemble import GROUP_PREFIX, SoundClock
from deliverqc.facts.groups import whole_silence
from deliverqc.facts.vocabulary import SOUND_LAYOUT
from deliverqc.judging.judge import judge
from deliverqc.measuring.measure import measure
from deliverqc.measuring.obtain import obtain_signals
from deliverqc.measuring.one_meter import run_meter
from deliverqc.measuring.planning import meters_of
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.meters import meters
from deliverqc.meters.model import Reads
from deliverqc.probing import probe
from deliverqc.signals.tables import PictureSignal, SoundSignal
from deliverqc.timebase import Timeline
from deliverqc.verdict import OBSERVED, Outcome
from fixtures.ffmpeg import make
from fixtures.pictures import SIZE, Picture, flat, frame_of, interlaced, moving, texture, woven
from fixtures.sounds import RATE_HZ, Samples, noise, sine
from tests.meters.picture.measuring import table_of
from tests.meters.sound.measuring import signal_with_pairs

SPEC = spec_library().load("deliverqc-common-sense")
_OWN = {clause.id for clause in SPEC.own_clauses}
_OF_MIXES = {"left-and-right-differ", "surrounds-sound"}
_WANTED = meters_of(SPEC)
_KNOWN = registry().facts
_TIMES = Timeline(frame_rate=Fraction(25), frame_count=60, start=None)

_MOVING = "testsrc2=s=160x120:r=25,scroll=h=0.02"
_STEREO = "-f lavfi -i anoisesrc=d=1.2:r=48000:a=0.1:seed=1 -f lavfi -i anoisesrc=d=1.2:r=48000:a=0.1:seed=2"
_MIX = '-filter_complex "[1][2]join=inputs=2:channel_layout=stereo[m]" -map 0:v -map [m]'
_PRORES = "-c:v prores -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s24le"
_TIMECODE = "-timecode 01:00:00:00"


def noticed(facts: Mapping[str, Any]) -> set[str]:
    """The clauses of common sense that these facts fail; every other one is judged or does not apply. No other file
    lies next to the one that they are of."""
    verdict = judge(SPEC, {"sound.numbered_files": None, **facts}, as_of=date(2026, 1, 1))
    own = [clause for clause in verdict.clauses if clause.id in _OWN]
    assert not [(clause.id, clause.missing_facts) for clause in own if clause.outcome is Outcome.NOT_MEASURED]
    return {clause.id for clause in own if clause.outcome is Outcome.FAIL} - _OF_MIXES


def observed(facts: Mapping[str, Any]) -> set[str]:
    """What is observed of the mixes and is no fault."""
    verdict = judge(SPEC, facts, as_of=date(2026, 1, 1))
    found = [clause for clause in verdict.clauses if clause.outcome is Outcome.FAIL and clause.id in _OF_MIXES]
    assert all(clause.severity == OBSERVED for clause in found)
    return {clause.id for clause in found}


def facts_of(path: Path) -> dict[str, Any]:
    """All facts that common sense asks for, of a file, under the meters' defaults."""
    probed = probe(path)
    return measure(probed, obtain_signals(path, probed, store=None, progress=None), settings={}, wanted=_WANTED).facts


def _good(path: Path) -> Path:
    return make(path, f'-f lavfi -i "{_MOVING}" {_STEREO} {_MIX} -t 1.2 {_PRORES} {_TIMECODE}')


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _good(tmp_path_factory.mktemp("common_sense") / "good.mov")


@pytest.fixture(scope="module")
def good_facts(good: Path) -> dict[str, Any]:
    facts = facts_of(good)
    assert noticed(facts) == set()
    return facts


def _read(table: PictureSignal | SoundSignal, reads: Reads, prefix: str) -> dict[str, Any]:
    """What every meter that common sense asks for reads in the table, published."""
    clock = None if isinstance(table, PictureSignal) else SoundClock(sample_rate_hz=RATE_HZ, sample_count=2 * RATE_HZ)
    facts: dict[str, Any] = {}
    for name in sorted(_WANTED):
        if meters()[name].reads is reads and meters()[name].extension is None:
            found, _ = run_meter(
                meters()[name],
                table,
                meters()[name].resolve({}),
                known=_KNOWN,
                prefix=prefix,
                timeline=_TIMES,
                sound=clock,
            )
            facts |= found
    return facts


def with_picture(
    facts: Mapping[str, Any], pictures: Sequence[Picture | av.VideoFrame], **stated: Any
) -> dict[str, Any]:
    """The facts with this picture in place of their own, and what its headers state."""
    frames = (one if isinstance(one, av.VideoFrame) else frame_of(one, "yuv422p10le") for one in pictures)
    read = _read(table_of(frames), Reads.PICTURE, "")
    return {**facts, **read, **{f"picture.{name}": value for name, value in stated.items()}}


def with_mixes(facts: Mapping[str, Any], *mixes: tuple[str, Samples]) -> dict[str, Any]:
    """The facts with these mixes, by layout, in place of their own, each in one labelled track."""
    groups, tracks = [], []
    for number, (layout, samples) in enumerate(mixes):
        labels = SOUND_LAYOUT[layout]
        places = [f"{number}.{channel}" for channel in range(len(labels))]
        read = _read(signal_with_pairs(samples, labels=labels), Reads.GROUP, GROUP_PREFIX)
        groups.append({"layout": layout, "channels": places, **read})
        tracks.append(facts["sound.tracks"][0] | {"channel_count": len(labels), "channel_labels": list(labels)})
    changed = {**facts, "sound.track_count": len(tracks), "sound.tracks": tracks, "sound.groups": groups}
    return changed | whole_silence(changed)


def _ramp(low: float, high: float, shift_px: int) -> Picture:
    """Codes from `low` to `high` in even shares, from left to right, moved round the edges."""
    across: Picture = np.roll(np.broadcast_to(np.linspace(low, high, SIZE[1]), SIZE), shift_px, axis=1)
    return across


_STILL = [texture()] * 60
_TWOS = [texture(6 * (number // 2)) for number in range(60)]
_SLIDES = [texture(seed=number // 20) for number in range(60)]
_PULLDOWN_60P = [texture(6 * (number * 2 // 5)) for number in range(60)]
_ON_BLACK = [np.where(np.indices(SIZE)[0] < 20, 16 + number % 2 * 2 - 1, texture(number)) for number in range(60)]

_MESSAGE = (np.indices(SIZE)[0] // 8 % 5 == 3) & (np.abs(np.indices(SIZE)[1] - 64) < 48)
_OFFLINE = frame_of(np.where(_MESSAGE, 235, 63), "yuv422p10le", cb=102, cr=240)
_GREEN = frame_of(flat(0), "yuv422p10le", cb=0, cr=0)
_FADE = [texture(3 * number) * (1 - number / 6) + 235 * number / 6 for number in range(1, 6)]

PICTURES: Mapping[str, tuple[Sequence[Picture | av.VideoFrame], dict[str, Any], set[str]]] = {
    "black": ([flat(16)] * 60, {}, {"not-black-throughout"}),
    "plain grey": ([flat(120)] * 60, {}, {"more-than-flat-colour"}),
    "plain colours in turn": ([flat(60 + number) for number in range(60)], {}, {"more-than-flat-colour"}),
    "one still": (_STILL, {}, {"more-than-one-still"}),
    "combed, flagged progressive": (
        interlaced(30, first="tff"),
        {"scan": "progressive"},
        {"fields-flagged-interlaced"},
    ),
    "combed, not flagged": (interlaced(30, first="bff"), {"scan": None}, {"fields-flagged-interlaced"}),
    "bff flagged tff": (
        interlaced(30, first="bff"),
        {"scan": "interlaced", "field_order": "tff"},
        {"field-order-as-flagged"},
    ),
    "tff flagged bff": (
        interlaced(30, first="tff"),
        {"scan": "interlaced", "field_order": "bff"},
        {"field-order-as-flagged"},
    ),
    "full range flagged limited": (
        [_ramp(1, 254.75, 3 * number) for number in range(30)],
        {"color_range": "limited"},
        {"luma-within-range"},
    ),
    "full range without a flag": (
        [_ramp(1, 254.75, 3 * number) for number in range(30)],
        {"color_range": None},
        {"luma-within-range"},
    ),
    "full range flagged full": (
        [_ramp(1, 254.75, 3 * number) for number in range(9)],
        {"color_range": "full"},
        set(),
    ),
    "super-whites": ([_ramp(16, 254, 3 * number) for number in range(9)], {}, set()),
    "noise on black bars": (_ON_BLACK, {}, set()),
    "animation on twos": (_TWOS, {}, set()),
    "slides": (_SLIDES, {}, set()),
    "film in 60 frames": (_PULLDOWN_60P, {}, set()),
    "a short still": (_STILL[:40], {}, set()),
    "a slate for media that is offline": ([*moving(9), *[_OFFLINE] * 9, *moving(9)], {}, {"no-media-offline"}),
    "a red flash with a title": ([*moving(9), *[_OFFLINE] * 2, *moving(9)], {}, set()),
    "a green frame": ([*moving(9), _GREEN, *moving(9)], {}, {"no-single-colour-frames"}),
    "a white frame": ([*moving(9), flat(235), *moving(9)], {}, {"no-white-frames"}),
    "slides on plain cards": ([*moving(9), *[flat(90)] * 30, *moving(9), *[flat(90)] * 30, *moving(9)], {}, set()),
    "a dip to white": ([*moving(9), *_FADE, flat(235), *_FADE[::-1], *moving(9)], {}, set()),
    "a clip that starts and ends in black": ([flat(16), *moving(30), flat(16)], {}, set()),
    "fields as flagged": (interlaced(30, first="tff"), {"scan": "interlaced", "field_order": "tff"}, set()),
    "frames flagged interlaced": (moving(30), {"scan": "interlaced", "field_order": "tff"}, set()),
    "frames woven of one": ([woven(one, one) for one in moving(30)], {}, set()),
    "SD tagged BT.709": (moving(9), {"width_px": 720, "height_px": 576, "color_matrix": "bt709"}, {"matrix-fits-size"}),
    "HD tagged BT.601": (
        moving(9),
        {"width_px": 1920, "height_px": 1080, "color_matrix": "smpte170m"},
        {"matrix-fits-size"},
    ),
    "SD tagged BT.601": (moving(9), {"width_px": 720, "height_px": 576, "color_matrix": "bt470bg"}, set()),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_fails_the_clause_of_its_defect_alone(good_facts: dict[str, Any], name: str) -> None:
    pictures, stated, expected = PICTURES[name]
    assert noticed(with_picture(good_facts, pictures, **stated)) == expected


def _surround(*, silent: Sequence[int] = (3,), effects: int | None = None) -> Samples:
    """Six channels of noise, those numbered digital silence, with low-frequency effects on one."""
    samples = noise(2.0, channels=6)
    samples[list(silent)] = 0.0
    if effects is not None:
        samples[effects] = sine(2.0, -12.0, frequency_hz=60.0, channels=1)[0]
    return samples


_PAIR = noise(2.0)
_DEAD_RIGHT = np.array([_PAIR[0], 0 * _PAIR[0]])
_SPEECH = np.repeat(noise(2.0, channels=1), 2, axis=0)
_SILENCE = 0 * _PAIR
_HISS = noise(2.0, peak=10 ** (-90 / 20))

MIXES: Mapping[str, tuple[Sequence[tuple[str, Samples]], set[str]]] = {
    "digital silence": ([("2.0", _SILENCE), ("2.0", _SILENCE)], {"not-silent-throughout"}),
    "hiss": ([("2.0", _HISS)], {"not-silent-throughout"}),
    "a silent mix beside a live one": ([("5.1", _surround()), ("2.0", _SILENCE)], {"every-mix-sounds"}),
    "right dead": ([("2.0", _DEAD_RIGHT)], {"front-channels-sound"}),
    "left dead of one mix": ([("5.1", _surround()), ("2.0", _DEAD_RIGHT[::-1])], {"front-channels-sound"}),
    "centre dead": ([("5.1", _surround(silent=[2, 3]))], {"front-channels-sound"}),
    "right reversed": ([("2.0", np.array([_PAIR[0], -_PAIR[0]]))], {"left-right-in-phase"}),
    "film order": ([("5.1", _surround(silent=[], effects=5))], {"channel-order"}),
    "square wave": ([("2.0", np.sign(_PAIR) * np.float32(1.0))], {"no-heavy-clipping"}),
    "5.1 without surrounds and effects": ([("5.1", _surround(silent=[3, 4, 5]))], set()),
    "7.1 without surrounds": ([("7.1", np.vstack([noise(2.0, channels=3), np.zeros((5, 96_000), np.float32)]))], set()),
    "5.1 in order beside 2.0": ([("5.1", _surround(silent=[], effects=3)), ("2.0", _PAIR)], set()),
    "dual mono": ([("2.0", _SPEECH)], set()),
    "music and effects": ([("5.1", _surround(silent=[3]) * np.float32(0.02)), ("2.0", 0.02 * _PAIR)], set()),
    "mono": ([("1.0", noise(2.0, channels=1))], set()),
    "effects alone": ([("5.1", _surround(silent=[0, 1, 2, 4, 5], effects=3))], {"front-channels-sound"}),
}


@pytest.mark.parametrize("name", MIXES)
def test_a_mix_fails_the_clause_of_its_defect_alone(good_facts: dict[str, Any], name: str) -> None:
    mixes, expected = MIXES[name]
    assert noticed(with_mixes(good_facts, *mixes)) == expected


_PICTURE = f'-f lavfi -i "{_MOVING}" {{0}} -t 1.2'
_LATE = _STEREO.replace("-f lavfi", "-itsoffset 0.4 -f lavfi").replace("d=1.2", "d=0.8")
_LONG = _STEREO.replace("d=1.2", "d=2.6")
_STILL_AND_SPEECH = "testsrc2=s=160x120:r=25:d=0.04,tpad=stop_mode=clone:stop_duration=2.2"
_WEB = "-c:v libx264 -pix_fmt yuv420p -c:a aac"
_SIX = '-f lavfi -i "aevalsrc=random(0)/9|random(1)/9|random(2)/9|0|0|0:c=5.1:s=48000:d=1.2" -map 0:v -map 1:a'
_XDCAM = "-c:v mpeg2video -pix_fmt yuv422p -c:a pcm_s16le -f mxf"
_FOUR_MONO = (
    f"{_STEREO} -f lavfi -i anullsrc=r=48000:cl=mono -map 0:v -map 1 -map 2 -map 3 -map 3 -ac 1 -t 1.2 {_XDCAM}"
)
_GAP = "setpts='if(gt(N,15),PTS+5,PTS)',settb=1/25"

FILES: Mapping[str, tuple[str, str, set[str]]] = {
    "no timecode": (".mov", f"{_PICTURE.format(_STEREO)} {_MIX} {_PRORES}", {"timecode-present"}),
    "audio 0.4 s late": (
        ".mov",
        f"{_PICTURE.format(_LATE)} {_MIX} {_PRORES} {_TIMECODE}",
        {"audio-starts-with-picture"},
    ),
    "audio 1.4 s longer": (
        ".mov",
        f'-f lavfi -i "{_MOVING}:d=1.2" {_LONG} {_MIX} {_PRORES} {_TIMECODE}'.replace(",scroll=h=0.02:d=1.2", ":d=1.2"),
        {"audio-ends-with-picture"},
    ),
    "a gap of five frames": (
        ".mp4",
        f'-f lavfi -i "{_MOVING},{_GAP}" -t 1.2 -vsync passthrough -c:v libx264 -pix_fmt yuv420p',
        {"no-time-gaps"},
    ),
    "fragments without an index or a length": (
        ".mp4",
        f'-f lavfi -i "{_MOVING}" -t 1.2 -c:v libx264 -pix_fmt yuv420p -movflags frag_keyframe+empty_moov+skip_trailer',
        {"cut-end-would-show"},
    ),
    "a podcast of one still": (
        ".mp4",
        f'-f lavfi -i "{_STILL_AND_SPEECH}" {_STEREO.replace("d=1.2", "d=2.2")} {_MIX} {_WEB}',
        {"more-than-one-still"},
    ),
    "AAC with priming": (".mp4", f"{_PICTURE.format(_STEREO)} {_MIX} {_WEB}", set()),
    "5.1 without surrounds": (".mov", f"{_PICTURE.format(_SIX)} {_PRORES} {_TIMECODE}", set()),
    "MXF with two silent tracks": (".mxf", _PICTURE.format(_FOUR_MONO), set()),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_fails_the_clause_of_its_defect_alone(tmp_path: Path, name: str) -> None:
    suffix, arguments, expected = FILES[name]
    assert noticed(facts_of(make(tmp_path / f"made{suffix}", arguments))) == expected


def _switched_off(data: bytes, kind: bytes) -> bytes:
    changed = bytearray(data)
    for match in re.finditer(b"tkhd", data):
        if data[data.index(b"hdlr", match.start()) + 12 :][:4] == kind:
            changed[match.end() + 3] = 0
    return bytes(changed)


def _drop_frame_at_25(data: bytes) -> bytes:
    entry = data.index(b"tmcd", data.index(b"gmhd"))
    entry = data.index(b"tmcd", data.index(b"stsd", entry))
    return data[: entry + 19] + bytes([data[entry + 19] | 1]) + data[entry + 20 :]


def _turned(data: bytes) -> bytes:
    start = data.index(b"tkhd") + 4 + 40
    turned = b"".join(value.to_bytes(4, "big", signed=True) for value in (0, 1 << 16, 0, -(1 << 16), 0))
    return data[:start] + turned + data[start + 20 :]


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (lambda data: _switched_off(data, b"vide"), {"picture-enabled"}),
        (lambda data: _switched_off(data, b"soun"), {"audio-enabled"}),
        (_drop_frame_at_25, {"timecode-countable"}),
        (_turned, {"upright-picture"}),
    ],
    ids=["picture off", "audio off", "drop-frame at 25", "turned"],
)
def test_a_header_fails_the_clause_of_its_defect_alone(
    tmp_path: Path, good: Path, plant: Any, expected: set[str]
) -> None:
    path = tmp_path / "planted.mov"
    path.write_bytes(plant(good.read_bytes()))
    assert noticed(facts_of(path)) == expected


def test_six_channels_without_labels_in_quicktime_are_noticed(tmp_path: Path) -> None:
    path = make(tmp_path / "made.mov", f"{_PICTURE.format(_SIX)} {_PRORES} {_TIMECODE}")
    path.write_bytes(path.read_bytes().replace(b"chan", b"free"))
    assert noticed(facts_of(path)) == {"surround-labelled"}


@pytest.mark.parametrize(
    ("excess", "is_zero", "expected"),
    [(0, False, set()), (1, False, {"max-fall-below-max-cll"}), (None, True, {"max-cll-stated"}), (None, None, set())],
)
def test_light_levels_that_cannot_be_are_noticed(
    good_facts: dict[str, Any], excess: int | None, is_zero: bool | None, expected: set[str]
) -> None:
    stated = {"cross_check.hdr.max_fall_above_max_cll_cd_m2": excess, "picture.hdr.is_max_cll_zero": is_zero}
    assert noticed(good_facts | stated) == expected


_HDR = {"picture.color_transfer": "smpte2084", "picture.black.is_throughout": False}
_AFD = {
    "picture.active_format_code": 9,
    **{f"cross_check.active_format.{name}_percent": 0.0 for name in ("outside", "unused_width", "unused_height")},
}
_DISPLAY = {"primaries": "bt2020", "min_cd_m2": 0.0001}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"picture.hdr.mastering_display": _DISPLAY | {"max_cd_m2": 1000.0}}, set()),
        ({"picture.hdr.mastering_display": _DISPLAY | {"max_cd_m2": 0.1}}, {"mastering-display-bright"}),
        ({"cross_check.hdr.mastering_primaries_permuted": True}, {"mastering-primaries-in-order"}),
        (
            _HDR | {"picture.hdr.measured_max_cll_cd_m2": 60.0, "cross_check.hdr.max_cll_difference_cd_m2": None},
            {"pq-light-above-sdr"},
        ),
        (
            _HDR | {"picture.hdr.measured_max_cll_cd_m2": 10000.0, "cross_check.hdr.max_cll_difference_cd_m2": 9900.0},
            {"max-cll-covers-picture"},
        ),
        ({"cross_check.bwf_start_difference_samples": 1}, {"bwf-starts-agree"}),
        ({"picture.has_alpha": True, "picture.alpha.is_opaque": False}, {"alpha-is-opaque"}),
        ({"picture.has_alpha": True, "picture.alpha.is_opaque": True}, set()),
        ({"picture.track_count": 2}, {"one-picture-track"}),
        (
            {"cross_check.unstated_priming_tracks": [{"order": 0, "priming_codec": "aac"}]},
            {"audio-priming-stated"},
        ),
        ({"wrapper.format": "mpegts", "wrapper.program_count": 2}, {"one-program"}),
        (
            {"timed_text.caption_tracks": [{"carrier": "cea_608", "character_count": 0}]},
            {"caption-track-holds-captions"},
        ),
        ({"picture.frame_rate_mode": "variable"}, {"constant-frame-rate"}),
        (_AFD | {"cross_check.active_format.outside_percent": 12.5}, {"active-format-fits-picture"}),
        (_AFD | {"cross_check.active_format.unused_height_percent": 25.0}, set()),
        (
            {
                "picture.active.steady_percent": 100.0,
                "cross_check.declared_areas": [{"source": "clean_aperture", "outside_percent": 5.0}],
            },
            {"declared-area-fits-picture"},
        ),
        ({"cross_check.ixml_sample_rate_difference_hz": -3900}, {"ixml-sample-rate-agrees"}),
        ({"cross_check.bwf_loudness_difference_lu": 22.1}, {"bwf-loudness-agrees"}),
        ({"wrapper.chunks_behind_audio": ["bext"]}, {"bext-before-audio"}),
        (
            {"picture.display_orientation.rotation_deg": 90, "picture.display_orientation.is_mirrored": False},
            {"upright-in-bitstream"},
        ),
        (
            {
                "sequence.file_format": "dpx",
                "sequence.missing_frame_numbers": [{"first_number": 3, "last_number": 3, "frame_count": 1}],
                "sequence.faulty_files": [],
                "sequence.duplicate_files": [],
                "sequence.irregular_names": [],
            },
            {"sequence-numbered"},
        ),
        (
            {
                "wrapper.format": "mxf",
                "picture.codec": "jpeg2000",
                "picture.mxf_jpeg2000_descriptor": {"rsiz": 3},
                "cross_check.jpeg2000_disagreements": [{"values": {"wrapper": 3, "bitstream": 0}}],
            },
            {"jpeg2000-descriptor-agrees"},
        ),
    ],
)
def test_metadata_that_cannot_be_is_noticed(
    good_facts: dict[str, Any], stated: dict[str, Any], expected: set[str]
) -> None:
    assert noticed(good_facts | stated) == expected


_OF_TRACK = {
    "role": None,
    "beyond_picture_s": 0.0,
    "is_rate_of_picture": True,
    "drift_s_per_hour": 0.0,
    "offset_s": 0.0,
    "is_language_of_audio": True,
    "source": "sidecar",
    "shown_event_count": 1,
    "errors": [],
    "error": None,
    "warnings": [],
}


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        ({}, set()),
        ({"duration_s": 0.0}, {"text-events-last"}),
        ({"duration_s": None}, set()),
        ({"is_overlapping": True}, {"text-events-apart"}),
        ({"is_empty": True}, {"text-events-show-something"}),
        ({"start_s": -0.04}, {"text-events-after-start"}),
        ({"beyond_picture_s": 0.5}, {"text-ends-with-picture"}),
        ({"beyond_picture_s": None}, set()),
        ({"is_rate_of_picture": False}, {"text-rate-fits-picture"}),
        ({"drift_s_per_hour": 3.6}, {"text-keeps-time-with-speech"}),
        ({"offset_s": -2.0}, {"text-in-time-with-speech"}),
        ({"role": "caption", "is_language_of_audio": False}, {"captions-in-language-of-audio"}),
        ({"role": "subtitle", "is_language_of_audio": False}, set()),
        ({"character": "\ufffd"}, {"text-without-replacement-characters"}),
        ({"character": "\u0092"}, {"text-without-control-characters"}),
        ({"character": "\u202e"}, {"text-without-direction-overrides"}),
        ({"character": "\u200f"}, set()),
        ({"character": "\t"}, set()),
        ({"warnings": [{"code": "cdp-checksum"}]}, {"text-without-warnings"}),
        ({"shown_event_count": 0}, {"text-holds-events"}),
        ({"shown_event_count": 0, "source": "in_band"}, set()),
        ({"source": "in_band", "errors": [{"message": "A byte has a wrong parity bit."}]}, {"captions-in-band-decode"}),
    ],
    ids=lambda value: "-".join(map(ascii, value.values())) if isinstance(value, dict) else "-".join(value),
)
def test_what_is_odd_in_a_text_is_noticed(
    good_facts: dict[str, Any], track: dict[str, Any], expected: set[str]
) -> None:
    stated = {"number": 1, "start_s": 1.0, "duration_s": 2.0, "is_overlapping": False, "is_empty": False} | track
    character = {"character": stated.pop("character", "a"), "first_event": 1}
    of_track = {name: stated.pop(name, value) for name, value in _OF_TRACK.items()}
    text = {"is_read": True, "events": [stated], "characters": [character]} | of_track
    assert noticed(good_facts | {"timed_text.track_count": 1, "timed_text.tracks": [text]}) == expected


def test_every_clause_is_a_should_and_is_planted_here() -> None:
    assert {clause.level.value for clause in SPEC.own_clauses} == {"should"}
    source = Path(__file__).read_text(encoding="utf-8")
    assert [clause for clause in _OWN if f'"{clause}"' not in source] == []


def test_mono_files_that_a_number_tells_apart_are_noticed() -> None:
    facts = {"sound.track_count": 1, "sound.numbered_files": ["mix_1.wav", "mix_2.wav"]}
    verdict = judge(SPEC, facts, as_of=date(2026, 1, 1))
    (found,) = (clause for clause in verdict.clauses if clause.id == "not-a-numbered-part")
    assert (found.outcome, found.severity) == (Outcome.FAIL, OBSERVED)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dual mono", {"left-and-right-differ"}),
        ("5.1 without surrounds and effects", {"surrounds-sound"}),
        ("7.1 without surrounds", {"surrounds-sound"}),
        ("5.1 in order beside 2.0", set()),
        ("digital silence", set()),
    ],
)
def test_what_ordinary_mixes_may_hold_is_observed(good_facts: dict[str, Any], name: str, expected: set[str]) -> None:
    assert observed(with_mixes(good_facts, *MIXES[name][0])) == expected
