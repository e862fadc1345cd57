"""Every count of channels from 1 to 24 is decoded, planar and packed, with each channel in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deliverqc.signals.decode import decode
from deliverqc.signals.plan import Plan
from fixtures.ffmpeg import make
from tests.slices import is_drawn

_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}

_LOSSLESS = {
    "pcm_s16le": ("wav", 24),
    "pcm_s24le": ("wav", 24),
    "pcm_s32le": ("wav", 24),
    "pcm_f32le": ("wav", 24),
    "pcm_f64le": ("wav", 24),
    "pcm_u8": ("wav", 24),
    "pcm_s16be": ("aiff", 16),
    "pcm_s24be": ("mov", 24),
    "wavpack": ("mkv", 8),
    "tta": ("mkv", 8),
    "flac": ("flac", 8),
    "alac": ("m4a", 6),
}
"""Wrapper, and the most channels that encoder and decoder take. WavPack and ALAC decode to planes, PCM to one block."""

_LOSSY = {
    "aac": ("m4a", 8),
    "libopus": ("mkv", 24),
    "libvorbis": ("ogg", 8),
    "ac3": ("ac3", 6),
    "eac3": ("mp4", 6),
    "mp2": ("mp2", 2),
    "libmp3lame": ("mp3", 2),
}

_PLAN = Plan(
    picture_index=None,
    picture_indexes=(),
    sound_indexes=(0,),
    frame_rate=None,
    promised_frame_count=None,
    is_truncated=False,
)


def _counts(codec: str, most: int) -> list[int]:
    """A slice of the counts of channels, with eight, from where on libav keeps planes elsewhere, and the largest."""
    return [count for count in range(1, most + 1) if count in (2, 8, most) or is_drawn(f"{codec} {count}")]


def _levels(channels: int) -> list[float]:
    """A level for each channel that none of its neighbours has."""
    return [round(0.1 + 0.8 * ((7 * number) % channels) / channels, 4) for number in range(channels)]


def _peaks(path: Path) -> list[float]:
    (sound,) = decode(path, _PLAN).sounds
    return [float(peak) for peak in sound.sample_peak.max(axis=0)]


def _make(path: Path, codec: str, channels: int, *, frequency_hz: int) -> Path:
    """A second of one sine in every channel, at its own level, faded in and out, so that coders do not ring."""
    seconds = np.arange(48_000) / 48_000
    wave = np.sin(2 * np.pi * frequency_hz * seconds) * np.sin(np.pi * seconds) ** 2
    raw = path.with_suffix(".f32")
    np.outer(wave, _levels(channels)).astype("<f4").tofile(raw)
    name = "4.0" if (codec, channels) == ("alac", 4) else _LAYOUTS.get(channels)
    layout = f"-channel_layout {name}" if name is not None else ""
    rate = "" if codec in _LOSSLESS else f"-b:a {64 * channels}k"
    rate += " -mapping_family 255" if codec == "libopus" else ""  # discrete channels, of which there may be many
    return make(path, f"-f f32le -ar 48000 -ac {channels} {layout} -i {raw} -strict -2 -c:a {codec} {rate}")


@pytest.mark.parametrize("codec", _LOSSLESS)
def test_every_channel_of_lossless_sound_keeps_its_place(tmp_path: Path, codec: str) -> None:
    suffix, most = _LOSSLESS[codec]
    for channels in _counts(codec, most):
        path = _make(tmp_path / f"{channels}.{suffix}", codec, channels, frequency_hz=1000)
        np.testing.assert_allclose(
            _peaks(path), _levels(channels), atol=0.01, err_msg=f"{channels} channels of {codec}"
        )


@pytest.mark.parametrize("codec", _LOSSY)
def test_every_channel_of_lossy_sound_is_decoded(tmp_path: Path, codec: str) -> None:
    suffix, most = _LOSSY[codec]
    for channels in _counts(codec, most):
        if codec in ("ac3", "eac3") and channels not in (1, 2, 6):
            continue
        path = _make(tmp_path / f"{channels}.{suffix}", codec, channels, frequency_hz=60)  # an LFE channel keeps it
        np.testing.assert_allclose(
            sorted(_peaks(path)), sorted(_levels(channels)), atol=0.15, err_msg=f"{channels} channels of {codec}"
        )
