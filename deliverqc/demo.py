"""Recipes for small masters made by libav alone: a good ProRes master, and one with typical faults.

They know no spec, and nothing of how a master is measured: what is in a master is what its recipe says.

The picture is 1920x1080 at 24000/1001 frames per second. It starts and ends in black; between, a luma ramp from 10 % to
90 % moves right by eight pixels a frame under two bars of colour, so no two successive frames are equal and no code
leaves the legal range. The sound is a 997 Hz sine that swells slowly, the same in every full-range channel, for which
loudness is plain arithmetic: at that frequency the K-weighting of ITU-R BS.1770-5 is worth its constant 0.691 dB, so
channels of amplitude a with weights g read 10 log10(sum(g) a^2 / 2) LUFS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream
from numpy.typing import NDArray

from deliverqc.errors import InternalError

WIDTH_PX, HEIGHT_PX = 1920, 1080
BT709, BT601_525 = (1, 1, 1), (6, 1, 6)
"""Colour as ITU-T H.273 numbers: primaries, transfer, matrix."""

_BLACK_CODE, _WHITE_CODE, _NEUTRAL_CODE = 64, 940, 512
_PROFILES = {"proxy": 0, "lt": 1, "422": 2, "422_hq": 3}
_TONE_HZ, _LFE_HZ = 997.0, 40.0
_SWELL_DEPTH = 0.3
_LIBAV_LAYOUTS = {"1.0": "mono", "2.0": "stereo", "5.1": "5.1(side)"}
_CHANNELS = {"1.0": 1, "2.0": 2, "5.1": 6, "7.1": 8}
_SIDE = 10**0.15  # ITU-R BS.1770-5: +1.5 dB for Ls Rs and Lss Rss, 1 for L R C Lrs Rrs, nothing for LFE
_WEIGHTS = {"1.0": 1.0, "2.0": 2.0, "5.1": 3 + 2 * _SIDE, "7.1": 5 + 2 * _SIDE}
_LFE_CHANNEL = 3

Progress = Callable[[int, int], None]
"""Called with the frames done and the frames to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What goes into a master; the defaults make the good one.

    `black`: half-open runs of black frames, `silent`: of frames without sound, which `loudness_lufs` does not count.
    `color`: H.273 primaries, transfer and matrix, tagged in the wrapper and in every ProRes frame header. `layouts`:
    one sound track each, in this order, all of the picture's length.
    """

    frame_rate: Fraction = Fraction(24000, 1001)
    frame_count: int = 120
    black: tuple[tuple[int, int], ...] = ((0, 12), (108, 120))
    silent: tuple[tuple[int, int], ...] = ()
    color: tuple[int, int, int] = BT709
    profile: str = "422_hq"
    layouts: tuple[str, ...] = ("5.1", "2.0")
    sample_rate_hz: int = 48000
    loudness_lufs: float = -23.0
    start_timecode: str = "01:00:00:00"


GOOD = Recipe()
FAULTY = Recipe(
    frame_count=144,
    black=((0, 12), (36, 108)),
    silent=((36, 108),),
    color=BT601_525,
    layouts=("5.1",),
    sample_rate_hz=44100,
    loudness_lufs=-16.5,  # -17.0 with its break, in which the swell is cut
)
"""Tagged BT.601, a break (3 s black and silent) from 01:00:01:12, no black at the end, 5.1 without a stereo mix,
44.1 kHz, 6 LU too loud."""


def make_demo_master(path: Path, *, faulty: bool, progress: Progress | None = None) -> None:
    """Write the good or the faulty demonstration master to `path`, replacing what is there.

    ProRes 422 HQ in QuickTime, 5 s (good) or 6 s (faulty), about 20 MB. Raises InternalError when this libav cannot
    encode ProRes, OSError when `path` cannot be written.
    """
    write_master(path, FAULTY if faulty else GOOD, progress=progress)


def write_master(path: Path, recipe: Recipe, *, progress: Progress | None = None) -> None:
    """Write the master that `recipe` describes to `path`; errors as for `make_demo_master`."""
    with av.open(str(path), "w", format="mov") as wrapper:
        picture = add_picture_track(wrapper, recipe)
        sounds = [add_sound_track(wrapper, layout, recipe.sample_rate_hz) for layout in recipe.layouts]
        for done, frame in enumerate(_frames(recipe), start=1):
            wrapper.mux(picture.encode(frame))
            if progress is not None:
                progress(done, recipe.frame_count)
        wrapper.mux(picture.encode(None))
        duration = recipe.frame_count / recipe.frame_rate
        for track, layout in zip(sounds, recipe.layouts, strict=True):
            samples = sound(layout, duration, recipe.sample_rate_hz, recipe.loudness_lufs)
            for run in recipe.silent:
                start, end = (round(frame / recipe.frame_rate * recipe.sample_rate_hz) for frame in run)
                samples[:, start:end] = 0.0
            mux_sound(wrapper, track, samples)


def add_picture_track(wrapper: OutputContainer, recipe: Recipe) -> VideoStream:
    """Add the empty picture track of `recipe`, with its timecode; InternalError when libav cannot encode ProRes."""
    options = {"profile": str(_PROFILES[recipe.profile]), "field_order": "progressive"}
    try:
        track = wrapper.add_stream("prores_aw", rate=recipe.frame_rate, options=options)
    except av.codec.codec.UnknownCodecError as error:
        message = f"writing {wrapper.name}: this libav has no ProRes encoder; install PyAV from its wheel"
        raise InternalError(message, code="encoder-missing") from error
    track.width, track.height, track.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv422p10le"
    coder = track.codec_context
    coder.sample_aspect_ratio = Fraction(1)
    coder.color_primaries, coder.color_trc, coder.colorspace = recipe.color
    coder.color_range = ColorRange.MPEG
    coder.thread_type = "AUTO"
    track.metadata["timecode"] = recipe.start_timecode
    return track


def sound(layout: str, duration: Fraction, sample_rate_hz: int, loudness_lufs: float) -> NDArray[np.float64]:
    """Samples of `layout` (1.0, 2.0, 5.1 or 7.1), `duration` seconds at `loudness_lufs`: float64 (channels, samples).

    LFE carries a 40 Hz sine of the same amplitude, which loudness leaves out (ITU-R BS.1770-5).
    """
    seconds = np.arange(round(duration * sample_rate_hz)) / sample_rate_hz
    power = 2 * 10 ** (loudness_lufs / 10) / _WEIGHTS[layout] / (1 + _SWELL_DEPTH**2 / 2)
    envelope = np.sqrt(power) * (1 + _SWELL_DEPTH * np.sin(2 * np.pi * 2 * seconds / float(duration)))
    channels = np.tile(envelope * np.sin(2 * np.pi * _TONE_HZ * seconds), (_CHANNELS[layout], 1))
    if layout.endswith(".1"):
        channels[_LFE_CHANNEL] = envelope * np.sin(2 * np.pi * _LFE_HZ * seconds)
    return channels


def add_sound_track(
    wrapper: OutputContainer, layout: str, sample_rate_hz: int, *, codec: str = "pcm_s24le"
) -> AudioStream:
    """Add a track of `layout` (1.0, 2.0 or 5.1), labelled by channel, coded by libav's `codec`."""
    track = wrapper.add_stream(codec, rate=sample_rate_hz, layout=_LIBAV_LAYOUTS[layout])
    return cast(AudioStream, track)


def mux_sound(wrapper: OutputContainer, track: AudioStream, samples: NDArray[np.float64]) -> None:
    """Encode `samples`, float64 (channels, samples) of full scale 1.0, into `track` of `wrapper`, which stays open."""
    codes = np.clip(np.rint(samples * 2**31), -(2**31), 2**31 - 1).astype(np.int32)
    step = track.rate // 50
    for start in range(0, codes.shape[1], step):
        block = np.ascontiguousarray(codes[:, start : start + step].T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(block, format="s32", layout=track.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = track.rate, start, Fraction(1, track.rate)
        wrapper.mux(track.encode(frame))
    wrapper.mux(track.encode(None))


def _frames(recipe: Recipe) -> Iterator[av.VideoFrame]:
    black = frozenset(index for start, end in recipe.black for index in range(start, end))
    for index in range(recipe.frame_count):
        frame = av.VideoFrame(WIDTH_PX, HEIGHT_PX, "yuv422p10le")
        for plane, codes in zip(frame.planes, _black() if index in black else _moving(index), strict=True):
            rows = np.frombuffer(memoryview(plane), np.uint16).reshape(-1, plane.line_size // 2)
            rows[:, : len(codes)] = codes
        frame.pts, frame.time_base = index, 1 / recipe.frame_rate
        # The encoder writes a frame header from its frame, and the wrapper's tag from the coder.
        frame.color_primaries, frame.color_trc, frame.colorspace = recipe.color
        yield frame


def _black() -> tuple[NDArray[np.uint16], ...]:
    chroma = np.full(WIDTH_PX // 2, _NEUTRAL_CODE, np.uint16)
    return np.full(WIDTH_PX, _BLACK_CODE, np.uint16), chroma, chroma


def _moving(index: int) -> tuple[NDArray[np.uint16], ...]:
    """One row of 10-bit Y', Cb and Cr codes, the same for every line of frame `index`."""
    column = (np.arange(WIDTH_PX) - 8 * index) % WIDTH_PX
    share = 0.1 + 0.8 * np.abs(2 * column / WIDTH_PX - 1)
    luma = np.rint(_BLACK_CODE + share * (_WHITE_CODE - _BLACK_CODE)).astype(np.uint16)
    at = column[::2]
    blue = np.where((at >= 600) & (at < 700), _NEUTRAL_CODE + 80, _NEUTRAL_CODE).astype(np.uint16)
    red = np.where((at >= 1200) & (at < 1300), _NEUTRAL_CODE + 80, _NEUTRAL_CODE).astype(np.uint16)
    return luma, blue, red
