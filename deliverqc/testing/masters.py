"""Masters made on demand with ffmpeg, for tests of specs; knows no spec, and nothing of how a master is measured.

What is in a master is what its recipe says. The picture is a ramp of luma that moves under two bars of colour, so no
two successive frames are equal, no code leaves the legal range, and nothing is black that was not asked for. The audio
is a 997 Hz sine that swells slowly, the same in every full-range channel, whose loudness is arithmetic (see
`deliverqc.demo`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Literal

from deliverqc.errors import UsageError
from deliverqc.testing.ffmpeg import needs_top, run_ffmpeg
from deliverqc.timebase import parse_rate

Codec = Literal["prores", "dnxhd", "h264", "hevc", "mpeg2video", "ffv1"]
Layout = Literal["1.0", "2.0", "5.1", "7.1"]
Scan = Literal["progressive", "tff", "bff"]
Color = tuple[str, str, str]
"""Names of ITU-T H.273 as facts write them: primaries, transfer, matrix."""

BT709: Color = ("bt709", "bt709", "bt709")
BT601_525: Color = ("smpte170m", "bt709", "smpte170m")
PQ: Color = ("bt2020", "smpte2084", "bt2020nc")
HLG: Color = ("bt2020", "arib-std-b67", "bt2020nc")

_STEP_PX = 8
_LAYOUTS: Mapping[str, str] = {"1.0": "mono", "2.0": "stereo", "5.1": "5.1(side)", "7.1": "7.1"}
_PRORES = ("proxy", "lt", "422", "422_hq", "4444", "4444_xq")
_DNXHR = {"lb": "yuv422p", "sq": "yuv422p", "hq": "yuv422p", "hqx": "yuv422p10le", "444": "yuv444p10le"}
_ENCODERS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "prores": ("prores_ks", "yuv422p10le", ("-vendor", "apl0")),
    "dnxhd": ("dnxhd", "yuv422p", ()),
    "h264": ("libx264", "yuv420p", ("-preset", "veryfast", "-bf", "0")),
    "hevc": ("libx265", "yuv420p", ("-preset", "ultrafast", "-x265-params", "log-level=error:bframes=0")),
    "mpeg2video": ("mpeg2video", "yuv422p", ("-b:v", "50M")),
    "ffv1": ("ffv1", "yuv422p10le", ()),
}
_DEFAULT_PROFILES = {"prores": "422_hq", "dnxhd": "dnxhr_hq"}
_TAGS = {("hevc", ".mov"): "hvc1", ("hevc", ".mp4"): "hvc1"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mix:
    """One audio track.

    `loudness_lufs` is the integrated loudness to ITU-R BS.1770-5 of the whole, without what `silent_s` mutes: half-open
    runs in seconds. It is exact within 0.1 LU from two seconds on; a run of silence costs a little more, because
    blocks of 0.4 s lie across its edges. None is digital silence throughout. `codec` is an encoder of ffmpeg; one that
    loses information moves the loudness a little. `language` is an ISO 639-2 code.
    """

    layout: Layout = "2.0"
    loudness_lufs: float | None = -23.0
    silent_s: tuple[tuple[float, float], ...] = ()
    codec: str = "pcm_s24le"
    sample_rate_hz: int = 48000
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Master:
    """What goes into a master; the wrapper follows from the name of the file: .mov, .mp4, .mxf, .mkv, .wav …

    `codec` None makes one without a picture; its length is that of `frame_count` frames all the same. `profile` is the
    word of the fact `picture.codec_profile`, for ProRes and DNxHR (`dnxhr_hq`); None is `422_hq` and `dnxhr_hq`.
    `black_frames` are half-open runs of black frames. `color` None leaves the master untagged. `start_timecode` has `;`
    before the frames where it is drop-frame; None writes none. `pixel_format` and `options` are ffmpeg's, for what
    has no member here.
    """

    codec: Codec | None = "prores"
    profile: str | None = None
    width_px: int = 1920
    height_px: int = 1080
    frame_rate: str = "25/1"
    frame_count: int = 50
    scan: Scan = "progressive"
    black_frames: tuple[tuple[int, int], ...] = ()
    color: Color | None = BT709
    start_timecode: str | None = "01:00:00:00"
    mixes: tuple[Mix, ...] = (Mix(),)
    pixel_format: str | None = None
    options: tuple[str, ...] = ()

    @property
    def duration_s(self) -> Fraction:
        """Length of the picture and of every mix."""
        return self.frame_count / self._rate

    @property
    def _rate(self) -> Fraction:
        return _rate_of(self.frame_rate)

    def write(self, path: str | PathLike[str]) -> Path:
        """Make the master at `path`, replacing what is there, and give the path back.

        UsageError where the recipe cannot be made: a word that is not known, a run that is outside, no ffmpeg, or an
        ffmpeg without the encoder.
        """
        _refuse(self)
        with tempfile.TemporaryDirectory() as folder:
            sounds = [_samples(mix, self.duration_s, Path(folder) / f"{i}.raw") for i, mix in enumerate(self.mixes)]
            inputs = _picture_input(self) if self.codec is not None else []
            for mix, sound in zip(self.mixes, sounds, strict=True):
                inputs += ["-f", "f64le", "-ar", str(mix.sample_rate_hz)]
                inputs += ["-ac", str(_channel_count(mix)), "-i", str(sound)]
            return run_ffmpeg(Path(path), [*inputs, *_output(self, Path(path).suffix.lower())])


def _refuse(master: Master) -> None:
    """UsageError for what ffmpeg would take without a word, or would refuse in words of its own."""
    if master.frame_count < 1 or (master.codec is None and not master.mixes):
        raise UsageError("A master has at least one frame, and a picture or a mix.", code="bad-recipe")
    if master.codec is not None and master.codec not in _ENCODERS:
        raise UsageError(f"codec {master.codec!r} is not one of: {', '.join(_ENCODERS)}.", code="bad-recipe")
    if master.scan not in ("progressive", "tff", "bff"):
        raise UsageError(f"scan {master.scan!r} is not progressive, tff or bff.", code="bad-recipe")
    for start, end in master.black_frames:
        if not 0 <= start < end <= master.frame_count:
            message = f"black_frames ({start}, {end}) is not a run within {master.frame_count} frames."
            raise UsageError(message, code="bad-recipe")
    for mix in master.mixes:
        if mix.layout not in _LAYOUTS:
            raise UsageError(f"layout {mix.layout!r} is not one of: {', '.join(_LAYOUTS)}.", code="bad-recipe")
        for begin, until in mix.silent_s:
            if not 0 <= begin < until <= master.duration_s:
                message = f"silent_s ({begin}, {until}) is not a run within {float(master.duration_s):g} s."
                raise UsageError(message, code="bad-recipe")


def _rate_of(text: str) -> Fraction:
    try:
        return parse_rate(text)
    except ValueError as error:
        message = f"frame_rate {text!r} is not a rate. Write it as 25/1 or 24000/1001."
        raise UsageError(message, code="bad-recipe") from error


def _samples(mix: Mix, duration_s: Fraction, path: Path) -> Path:
    """Write the samples of a mix as float64, channels interleaved."""
    from deliverqc.demo import sound  # libav and numpy, which tests on facts alone do not need

    level = -23.0 if mix.loudness_lufs is None else mix.loudness_lufs
    samples = sound(mix.layout, duration_s, mix.sample_rate_hz, level)
    if mix.loudness_lufs is None:
        samples[:] = 0.0
    for start, end in mix.silent_s:
        samples[:, round(start * mix.sample_rate_hz) : round(end * mix.sample_rate_hz)] = 0.0
    if abs(samples).max(initial=0.0) > 1.0:
        raise UsageError(f"{level:g} LUFS in {mix.layout} would clip. Choose a lower level.", code="bad-recipe")
    samples.T.tofile(path)
    return path


def _channel_count(mix: Mix) -> int:
    return sum(int(part) for part in mix.layout.split("."))


def _pixel_format(master: Master) -> str:
    if master.pixel_format is not None or master.codec is None:
        return master.pixel_format or ""
    if master.codec == "prores" and (master.profile or "").startswith("4444"):
        return "yuv444p10le"
    if master.codec == "dnxhd":
        return _DNXHR.get((master.profile or "dnxhr_hq").removeprefix("dnxhr_"), "yuv422p")
    return _ENCODERS[master.codec][1]


def _picture_input(master: Master) -> list[str]:
    """The source of the picture: one frame, which scrolls, and is black where the recipe says so."""
    is_progressive = master.scan == "progressive"
    rate = master._rate if is_progressive else 2 * master._rate
    scale = 2 ** (10 if "10" in _pixel_format(master) else 12 if "12" in _pixel_format(master) else 8) // 256
    ramp = f"{16 * scale}+{219 * scale}*(0.1+0.8*abs(2*X/W-1))"
    bars = [f"{128 * scale}+{20 * scale}*between(X/W,{low},{low + 0.05})" for low in (0.31, 0.63)]
    filters = [
        f"color=size={master.width_px}x{master.height_px}:rate={rate}",
        f"format={_pixel_format(master)}",
        "trim=end_frame=1",
        f"geq=lum='{ramp}':cb='{bars[0]}':cr='{bars[1]}'",
        "loop=loop=-1:size=1:start=0",
        f"setpts=N/({rate})/TB",
        f"scroll=horizontal={_STEP_PX / master.width_px:.8f}",
    ]
    if not is_progressive:
        filters.append(f"tinterlace=interleave_{'top' if master.scan == 'tff' else 'bottom'}")
    for start, end in master.black_frames:
        black = f"y={16 * scale}:u={128 * scale}:v={128 * scale}"
        filters.append(f"lutyuv={black}:enable='between(n,{start},{end - 1})'")
    return ["-f", "lavfi", "-i", ",".join([*filters, f"trim=end_frame={master.frame_count}"])]


def _frame_tags(master: Master) -> str:
    """The filter that tags every frame; encoders write their headers by it, and a source of lavfi would lose it."""
    primaries, transfer, matrix = master.color or ("unknown", "unknown", "unknown")
    field = {"progressive": "prog"}.get(master.scan, master.scan)
    return f"setparams=field_mode={field}:color_primaries={primaries}:color_trc={transfer}:colorspace={matrix}:range=tv"


def _output(master: Master, suffix: str) -> list[str]:
    has_picture = master.codec is not None
    told = [word for i in range(len(master.mixes) + has_picture) for word in ("-map", str(i))]
    if has_picture:
        told += _picture_options(master, suffix)
    for i, mix in enumerate(master.mixes):
        order = "|".join(map(str, range(_channel_count(mix))))
        told += [f"-filter:a:{i}", f"channelmap=map={order}:channel_layout={_LAYOUTS[mix.layout]}"]
        told += [f"-c:a:{i}", mix.codec]
        told += [f"-metadata:s:a:{i}", f"language={mix.language}"] if mix.language else []
    return [*told, *master.options]


def _picture_options(master: Master, suffix: str) -> list[str]:
    encoder, _, fixed = _ENCODERS[str(master.codec)]
    told = [
        "-filter:v",
        _frame_tags(master),
        "-c:v",
        encoder,
        "-pix_fmt",
        _pixel_format(master),
        *fixed,
        *_profile_options(master),
    ]
    if (str(master.codec), suffix) in _TAGS:
        told += ["-tag:v", _TAGS[str(master.codec), suffix]]
    if master.color is not None:
        names = ("-color_primaries", "-color_trc", "-colorspace")
        told += [*(word for pair in zip(names, master.color, strict=True) for word in pair), "-color_range", "tv"]
    if master.scan != "progressive":
        is_top = master.scan == "tff"
        told += ["-flags", "+ildct+ilme", "-field_order", "tt" if is_top else "bb"]
        told += ["-top", str(int(is_top))] if needs_top() else []
        told += ["-x264-params", f"{master.scan}=1"] if master.codec == "h264" else []
    return told + (["-timecode", master.start_timecode] if master.start_timecode else [])


def _profile_options(master: Master) -> Sequence[str]:
    profile = master.profile or _DEFAULT_PROFILES.get(str(master.codec))
    if profile is None:
        return ()
    known = {"prores": _PRORES, "dnxhd": tuple(f"dnxhr_{one}" for one in _DNXHR)}.get(str(master.codec), ())
    if profile not in known:
        hint = f"Use one of: {', '.join(known)}." if known else "Give the profile of this codec by options."
        raise UsageError(f"{master.codec} has no profile {profile!r} here. {hint}", code="bad-recipe")
    return "-profile:v", str(_PRORES.index(profile)) if master.codec == "prores" else profile
