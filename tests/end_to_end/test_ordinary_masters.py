"""Ordinary good masters at the command line: each gets the decision that its document gives, by exactly the clauses
meant.

One decode serves all specs of a master. Sizes are real where a document asks for them; lengths are a second or less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc.measuring.registry import spec_library
from deliverqc.testing import PQ, Master, Mix
from fixtures.ffmpeg import make
from fixtures.masters import GOOD, Sound, assemble, mixes
from tests.end_to_end.checking import checked, failing, noticed

Maker = Callable[[Path, Path], Path]
"""Makes a master in a folder; the second path is the good master, whose packets it may take."""

_SAME_ON_BOTH_SIDES = frozenset({"left-and-right-differ"})
"""What is noticed of a sine that is the same in every channel."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a verdict says: the deciding clauses that fail, the recommendations that do, and what was not measured."""

    fails: frozenset[str] = frozenset()
    warns: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    decision: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "decision", self.decision or ("fail" if self.fails else "pass"))


def _fails(*clauses: str, warns: Sequence[str] = ()) -> Said:
    return Said(fails=frozenset(clauses), warns=frozenset(warns))


def _passes(*warns: str) -> Said:
    return Said(warns=frozenset(warns))


@dataclass(frozen=True, kw_only=True)
class Ordinary:
    """A master and what each spec says of it; `noticed` is what common sense says besides."""

    make: Maker
    verdicts: Mapping[str, Said] = field(default_factory=dict)
    noticed: frozenset[str] = _SAME_ON_BOTH_SIDES


_BLACK_MOVING_BLACK = (11, *range(12, 22), 84)
"""Frames of the good master: black, ten that move, black."""


def _film(
    folder: Path, good: Path, frames: Sequence[int] = _BLACK_MOVING_BLACK, *, is_mono: bool = False, **recipe: Any
) -> Path:
    """The good film with a few of its frames: ProRes 422 HQ 1080p23.976, 5.1 and stereo at -23 LUFS."""
    tracks = mixes(Fraction(len(frames)) / GOOD.frame_rate)
    if is_mono:
        tracks = [Sound(layout="1.0", samples=channel[None]) for mix in tracks for channel in mix.samples]
    return assemble(folder / "film.mov", good=good, frames=frames, sounds=tracks, recipe=replace(GOOD, **recipe))


_BOTH_MIXES = (Mix(layout="5.1", loudness_lufs=-24.0), Mix(loudness_lufs=-24.0))
_DRAFT = Master(
    frame_rate="24000/1001", frame_count=12, black_frames=((0, 1), (11, 12)), mixes=_BOTH_MIXES
)  # fmt: skip
_UHD = replace(_DRAFT, width_px=3840, height_px=2160, frame_count=4, black_frames=((0, 1), (3, 4)))


def _prores(master: Master, profile: int, *more: str, name: str = "film.mov") -> Maker:
    """Made by the faster of ffmpeg's two coders, which numbers its profiles."""
    options = ("-c:v", "prores_aw", "-profile:v", str(profile), *more)
    return lambda folder, _: replace(master, options=options).write(folder / name)


def _written(name: str, master: Master) -> Maker:
    return lambda folder, _: master.write(folder / name)


def _sound(name: str, mix: Mix, *options: str) -> Maker:
    """A file of 3 s without a picture."""
    return _written(name, Master(codec=None, frame_count=75, mixes=(mix,), start_timecode=None, options=options))


_TAMED = "lutyuv=y='clip(val,120,800)':u='clip(val,480,544)':v='clip(val,480,544)'"
_CAMERA = (
    f'-f lavfi -i "testsrc2=s=1920x1080:r=25:d={{seconds}},format=yuv422p10le,{_TAMED},setfield=tff"'
    ' -f lavfi -i "aevalsrc=0.0708*sin(2*PI*997*t):s=48000:d={seconds}" -map 0:v {sounds} {coder} -flags +ilme+ildct'
    " -color_primaries bt709 -color_trc bt709 -colorspace bt709 -c:a pcm_s24le -timecode 10:00:00:00"
)
"""1080i25 without saturated colours; each mono track has a sine that reads -23 LUFS on two (ITU-R BS.1770)."""
_XDCAM = (
    "-c:v mpeg2video -pix_fmt yuv422p -b:v 50M -minrate 50M -maxrate 50M -bufsize 17825792 -g 12 -bf 2 -intra_vlc 1"
    " -top 1 -dc 10"
)
_AVC_INTRA = (
    "-c:v libx264 -avcintra-class 100 -pix_fmt yuv422p10le -g 1 -x264-params tff=1 -color_range tv"
)  # fmt: skip


def _mxf(coder: str, tracks: int, seconds: float) -> Maker:
    sounds = " ".join(["-map 1:a"] * tracks)
    return lambda folder, _: make(
        folder / "tape.mxf", _CAMERA.format(seconds=seconds, sounds=sounds, coder=coder)
    )  # fmt: skip


_VERTICAL = (
    "-f lavfi -i testsrc2=s=540x960:r=24:d=3 -f lavfi -i anoisesrc=d=3:r=48000:a=0.12:seed=1"
    " -vf noise=alls=60:allf=t:enable=gt(t\\\\,1.5) -c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 0 -crf 30"
    " -x264-params open-gop=0:keyint=24 -c:a aac -b:a 128k -ac 2 -bsf:a setts=pts=PTS-STARTPTS:dts=DTS-STARTDTS"
    " -use_editlist 0 -movflags +faststart"
)
"""The second half is harder to code than the first, so that the bit rate varies; nothing in front of the first frame,
so that no edit list is needed."""
_UPLOAD = Master(
    codec="h264", width_px=640, height_px=360, frame_rate="24/1", frame_count=72, start_timecode=None,
    mixes=(Mix(codec="aac", loudness_lufs=-14.0),),
    options=("-profile:v", "high", "-movflags", "+faststart", "-b:a", "384k"),
)  # fmt: skip
_X265 = (
    "log-level=error:bframes=0:hdr10=1:max-cll=4000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(40000000,50)"
)
_HDR10 = Master(
    codec="hevc", width_px=1280, height_px=720, frame_rate="24/1", frame_count=12, color=PQ, start_timecode=None,
    pixel_format="yuv420p10le", mixes=(Mix(codec="aac", loudness_lufs=-14.0),),
    options=("-x265-params", _X265, "-movflags", "+faststart", "-b:a", "384k"),
)  # fmt: skip
"""The ramp ends at 90 % of PQ, which is 3,900 cd/m² (SMPTE ST 2084)."""

_CHAPTER = (
    "-f lavfi -i \"aevalsrc='if(between(t,1.5,2.5),0.0005,0.1)*1.7320508*(2*random(0)-1)':s=44100:d=4\""
    " -c:a libmp3lame -b:a 192k"
)
"""Noise of -20 dBFS RMS, with a second of room tone at -66."""

_GRAIN = (
    "noise=c0s=12:c0f=t,format=yuv422p10le,"
    "setparams=field_mode=prog:color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
)
_BUSY = replace(_DRAFT, black_frames=(), start_timecode="00:00:00:00")
_AS11_METADATA = (
    "active-format", "audio-track-layout", "conditional-fields", "descriptive-metadata-tracks", "kag-size",
    "loudness-standard", "pse-result", "required-fields", "shim-name", "track-numbers",
)  # fmt: skip
_AS11_LAYOUT = (
    "audio-description",
    "bars-and-tone",
    "black-before-programme",
    "clock",
    "header-fill",
    "start-timecode",
)

ORDINARY = {
    "eight-mono": Ordinary(
        make=lambda folder, good: _film(folder, good, is_mono=True),
        verdicts={
            "netflix-licensed-prores": _passes(),
            "apple-tv-film": _passes("sound-channels-labelled", "sound-track-order"),
            "amazon-prime-mezzanine": _passes(),
            "pluto-vod": _passes("captions-present"),
            "cinemoz-vod": _passes(),
            "filmhub": _fails("no-split-mono", "stereo-track", warns=["main-duration"]),
            "roku-originals": _fails("file-name", "bit-rate", "sound-labelled", "start-timecode"),
        },
    ),
    "no-black-at-the-ends": Ordinary(
        make=lambda folder, good: _film(folder, good, range(12, 22)),
        verdicts={
            "netflix-licensed-prores": _fails("head-black", "tail-black"),
            "filmhub": _fails("head-black", "tail-black", warns=["main-duration"]),
            "apple-tv-film": _passes("head-black", "tail-black"),
            "amazon-prime-mezzanine": _passes(),
            "cinemoz-vod": _passes(),
        },
    ),
    "transfer-left-out": Ordinary(
        make=lambda folder, good: _film(folder, good, color=(1, 2, 1)),
        verdicts={
            "netflix-licensed-prores": _passes("wrapper-color-tags"),
            "amazon-prime-mezzanine": _passes(),
            "filmhub": _passes("main-duration"),
            "apple-tv-film": _passes(),
            "wbd-outbound-hd": _fails("start-timecode", warns=["prores-bit-rate"]),
        },
    ),
    "grainy-from-zero": Ordinary(
        make=_prores(
            _BUSY, 3, "-filter:v", _GRAIN, name="ABCD_MV100_AIR_1_TXTD_enUS_HD_SDR_FN_8CH_23976p_20260801-v1.mov"
        ),
        verdicts={
            "roku-channel": _passes("sound-language-labelled", "mov-caption-sidecar"),
            "roku-originals": _passes(),
            "wbd-outbound-hd": _passes("prores-bit-rate"),
            "wbd-sdr": _passes(),
            "festival-prores": _passes("frame-rate"),
            "google-movies-4k-sdr": _fails("picture-size"),
        },
    ),
    "uhd": Ordinary(
        make=_prores(_UHD, 3),
        verdicts={
            "apple": _passes(),
            "netflix": _passes(),
            "google-movies-4k-sdr": _passes(),
            "roku-channel": _passes("sound-language-labelled", "mov-caption-sidecar"),
            "filmhub": _passes("integrated-loudness", "main-duration"),
            "amazon": _passes("integrated-loudness", "picture-size"),
            "apple-tv-film": _fails("picture-size"),
        },
    ),
    "uhd-pq": Ordinary(
        make=_prores(replace(_UHD, color=PQ), 3),
        verdicts={
            "apple": replace(_passes("hdr-metadata-in-file"), open=frozenset({"dolby-vision-complete"})),
            "netflix": _fails("bitstream-color-bt709", "wrapper-color-bt709", warns=["wrapper-color-tags"]),
        },
    ),
    "4444": Ordinary(
        make=_prores(replace(_DRAFT, profile="4444"), 4),
        verdicts={
            "apple": _passes(),
            "filmhub": _fails("prores-422", warns=["main-duration"]),
            "amazon": _passes("prores-422-hq"),
            "pluto-vod": _passes("captions-present"),
            "netflix": _fails("prores-422-hq"),
            "wbd-outbound-hd": _fails("chroma-422", "prores-form", "start-timecode", warns=["prores-bit-rate"]),
        },
    ),
    "xdcam-8-mono": Ordinary(
        make=_mxf(_XDCAM, 8, 0.48),
        verdicts={
            "xdcam-hd422": _passes(),
            "ard-zdf-hdf": _passes(),
            "nrk": _passes(),
            "canal-plus-hd": _passes(),
            "roku-channel": _passes("sound-channels-labelled", "sound-language-labelled"),
            "svt": _passes("codec-preferred", "file-name", "hold-at-end"),
            "adverts-de-ch": _fails("sound-track-count"),
        },
    ),
    "xdcam-2-mono": Ordinary(
        make=_mxf(_XDCAM, 2, 0.48),
        verdicts={
            "adverts-de-ch": _passes(),
            "adverts-at": _passes(),
            "rai-adverts": _passes(),
            "prosiebensat1": _passes(),
            "cape-streaming": _passes(),
            "xr-uk-adverts": _passes(),
            "xr-sce-adverts": _passes("whole-seconds"),
            "canal-plus-hd": _fails("sound-track-count"),
            "ard-zdf-hdf": _fails("sound-track-count"),
        },
    ),
    "avc-intra-4-mono": Ordinary(
        make=_mxf(_AVC_INTRA, 4, 0.48),
        verdicts={
            "avc-intra-100": _passes(),
            "tprf-hdtv": _passes(),
            "svt": _passes("codec-preferred", "file-name", "hold-at-end"),
            "dpp-as11-hd": _fails(*_AS11_METADATA, warns=_AS11_LAYOUT),
            "ard-zdf-hdf": _fails("sound-track-count"),
        },
    ),
    "upload": Ordinary(
        make=_written("upload.mp4", _UPLOAD),
        verdicts={
            "youtube": _passes("gop", "sdr-bit-rate", "sound-bit-rate"),
            "vimeo": _passes("bit-rate-sd", "sound-bit-rate"),
            "linkedin-post": _passes(),
            "spotify-video-podcast": _passes("picture-size", "sound-bit-rate"),
            "meta-feed-ads": _passes("aspect-ratio", "recommended-size"),
            "wbd-sdr": _fails("minimum-size"),
        },
    ),
    "hdr10": Ordinary(
        make=_written("hdr10.mp4", _HDR10),
        verdicts={
            "youtube": _passes("hdr-bit-rate", "sound-bit-rate"),
            "vimeo": _passes("bit-rate-720", "sound-bit-rate"),
        },
    ),
    "vertical": Ordinary(
        make=lambda folder, _: make(folder / "vertical.mp4", _VERTICAL),
        verdicts={
            "instagram": _passes(),
            "instagram-stories-api": _passes(),
            "tiktok": _passes("duration-older-limit", "duration-recommended", "recommended-size"),
            "tiktok-posting-api": _passes(),
            "meta-feed-ads": _passes("aspect-ratio", "recommended-size"),
            "meta-reels-stories-ads": _passes("picture-size", "recommended-size"),
            "youtube-shorts": _passes("sound-bit-rate"),
            "linkedin-post": _passes(),
            "linkedin-video-ads": _passes(),
            "hulu-ads": _fails(
                "aspect-ratio",
                "picture-size",
                "sound-bit-rate",
                warns=[
                    "chroma-422",
                    "constant-bit-rate",
                    "full-hd-preferred",
                    "prores-hq-preferred",
                    "self-serve-duration",
                    "self-serve-frame-rate",
                ],
            ),
        },
        noticed=frozenset({"audio-priming-stated"}),
    ),
    "stereo-23": Ordinary(
        make=_sound("mix.wav", Mix()),
        verdicts={
            "ebu-r128-programme": _passes(),
            "ebu-r128-s1": _passes(),
            "ebu-r128-s2": _passes(),
            "ebu-r128-s4": _passes(),
            "disney-r128": _passes(),
            "france-adverts": _passes(),
            "france-programme": _passes(),
            "amazon-prime-sound": _passes(),
            "wbd-audio-component": _fails("time-reference", warns=["start-near-the-hour"]),
            "spotify-music": _passes(),
        },
    ),
    "stereo-24": Ordinary(
        make=_sound("mix.wav", Mix(loudness_lufs=-24.0)),
        verdicts={
            "atsc-a85": _passes(),
            "atsc-a85-streaming": _passes(),
            "op-59": _passes(),
            "arib-tr-b32": _passes(),
            "nbcu": _passes(),
            "cbs-commercial": _passes(),
            "disney-a85": _passes(),
            "netflix": _passes("loudness-range"),
            "ebu-r128-programme": _fails("integrated-loudness"),
        },
    ),
    "surround-24": Ordinary(
        make=_sound(
            "mix.wav",
            Mix(layout="5.1", loudness_lufs=-24.0),
            *("-write_bext", "1", "-metadata", "time_reference=172800000"),
        ),
        verdicts={
            "netflix-nearfield-audio": _passes("loudness-range"),
            "netflix-nearfield-audio-qc-grace": _passes("loudness-range"),
            "netflix": _passes("loudness-range"),
            "disney-nearfield": _passes(),
            "wbd-audio-component": _passes(),
        },
    ),
    "song": Ordinary(
        make=_sound("song.wav", Mix(loudness_lufs=-14.0, sample_rate_hz=44100)),
        verdicts={
            "spotify-music": _passes(),
            "apple-music-stereo": _passes(),
            "apple-digital-masters": _passes(),
            "soundcloud-upload": _passes(),
            "aes-td1008": _passes(),
            "ebu-r128-programme": _fails("integrated-loudness"),
        },
    ),
    "podcast": Ordinary(
        make=_sound("episode.mp3", Mix(loudness_lufs=-16.0, sample_rate_hz=44100, codec="libmp3lame"), "-b:a", "128k"),
        verdicts={"apple-podcasts": _passes(), "acx": _fails("noise-floor", "sound-bit-rate")},
    ),
    "audiobook": Ordinary(
        make=lambda folder, _: make(folder / "chapter.mp3", _CHAPTER),
        verdicts={"acx": _passes(), "apple-podcasts": _passes("coded-bit-rate", "integrated-loudness")},
        noticed=frozenset(),
    ),
}
FILM = {
    "netflix": _passes(),
    "apple": _passes(),
    "amazon": _passes(),
    "filmhub": _passes("main-duration"),
    "pluto-vod": _passes("captions-present"),
    "cinemoz-vod": _passes(),
    "wbd-sdr": _passes(),
    "roku-channel": _fails("prores-bit-rate", warns=["sound-language-labelled", "mov-caption-sidecar"]),
    "wbd-outbound-hd": _fails("start-timecode", warns=["prores-bit-rate"]),
    "roku-originals": _fails("file-name", "bit-rate", "start-timecode"),
}
"""The good master of the demonstration: ProRes 422 HQ 1080p23.976, 5.1 and stereo, BT.709, from 01:00:00:00. Its plain
picture has too few bits for Roku."""


def _said(verdict: Mapping[str, Any]) -> Said:
    unmeasured = {one["id"] for one in verdict["clauses"] if one["outcome"] == "not_measured"}
    return Said(
        decision=verdict["decision"],
        fails=frozenset(failing(verdict)),
        warns=frozenset(failing(verdict, "should")),
        open=frozenset(one for one in unmeasured if not one.startswith("expected-")),
    )


def _assert_said(
    master: Path, expected: Mapping[str, Said], *options: str, besides: frozenset[str] = _SAME_ON_BOTH_SIDES
) -> None:
    asked = [word for spec in expected for word in ("--spec", spec)]
    code, document = checked(str(master), *asked, *options)
    (subject,) = document["masters"][0]["subjects"]
    assert dict(zip(expected, map(_said, subject["verdicts"]), strict=True)) == expected
    assert noticed(subject) == besides
    assert code == int("fail" in {one.decision for one in expected.values()})
    for verdict in subject["verdicts"]:
        spec = spec_library().load(verdict["spec"]["id"])
        assert [one["id"] for one in verdict["manual"]] == [one["id"] for one in spec.manual]


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_master_gets_the_verdict_of_its_documents(name: str, tmp_path: Path, good_master: Path) -> None:
    one = ORDINARY[name]
    _assert_said(one.make(tmp_path, good_master), one.verdicts, "--no-cache", besides=one.noticed)


def test_a_film_in_prores_hq_gets_the_verdict_of_its_documents(
    demo_masters: Path, demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(demo_store))
    _assert_said(demo_masters / "good.mov", FILM)
