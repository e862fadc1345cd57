"""Makes small masters by PyAV, with what they state given by the caller; knows nothing of probing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Flat grey pictures of one size and rate. `tags` are colour codes of ITU-T H.273: primaries, transfer, matrix."""

    codec: str = "prores"
    pixels: str = "yuv422p10le"
    size: tuple[int, int] = (320, 180)
    rate: Fraction = Fraction(25)
    frames: int = 10
    tags: tuple[int, int, int] = (1, 1, 1)
    options: Mapping[str, str] = field(default_factory=dict)
    timecode: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sound:
    """Silence of one layout. `seconds` may differ from the picture's."""

    codec: str = "pcm_s24le"
    layout: str = "stereo"
    seconds: Fraction = Fraction(2, 5)
    language: str | None = None
    rate: int = 48000


def make(path: Path, picture: Picture | None = None, sounds: Sequence[Sound] = (), **options: str) -> Path:
    """Write one master; `options` are the muxer's, and `format` is its name where the extension does not tell it."""
    muxer = options.pop("format", None)
    with av.open(str(path), "w", format=muxer, options=options) as output:
        streams: list[tuple[Any, Any]] = []
        if picture is not None:
            streams.append((_picture_stream(output, picture), picture))
        streams += [(_sound_stream(output, sound), sound) for sound in sounds]
        for stream, recipe in streams:
            frames = _pictures(recipe) if isinstance(recipe, Picture) else _silence(stream, recipe)
            for frame in (*frames, None):
                output.mux(stream.encode(frame))
    return path


def _picture_stream(output: Any, picture: Picture) -> Any:
    stream = output.add_stream(picture.codec, rate=picture.rate, options=dict(picture.options))
    stream.width, stream.height = picture.size
    stream.pix_fmt = picture.pixels
    context = stream.codec_context
    context.color_primaries, context.color_trc, context.colorspace = picture.tags
    if picture.timecode is not None:
        stream.metadata["timecode"] = picture.timecode
    return stream


def _sound_stream(output: Any, sound: Sound) -> Any:
    stream = output.add_stream(sound.codec, rate=sound.rate)
    stream.codec_context.layout = sound.layout
    if sound.language is not None:
        stream.metadata["language"] = sound.language
    return stream


def _pictures(picture: Picture) -> list[av.VideoFrame]:
    width, height = picture.size
    grey = np.full((height, width, 3), 128, dtype=np.uint8)
    frames = []
    for number in range(picture.frames):
        frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format=picture.pixels)
        frame.pts, frame.time_base = number, 1 / picture.rate
        frames.append(frame)
    return frames


def _silence(stream: Any, sound: Sound) -> list[av.AudioFrame]:
    samples = int(sound.seconds * sound.rate)
    size = stream.codec_context.frame_size or 1920
    frames = []
    for start in range(0, samples, size):
        frame = av.AudioFrame(
            format=stream.codec_context.format.name, layout=sound.layout, samples=min(size, samples - start)
        )
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = sound.rate, start, Fraction(1, sound.rate)
        frames.append(frame)
    return frames
