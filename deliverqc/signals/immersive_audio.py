"""Follows the immersive audio bitstream (IAB) of an MXF file from its first frame to its last; knows no fact.

libav has no decoder for it, and its packets are whole clips: so the frames are looked for in the file, by clip (SMPTE
ST 2067-201) or one by one (ST 429-18), and only the head of each element is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from deliverqc.probing.wrappers.mxf_klv import find_header, read_klv
from deliverqc.signals.headers.iab import Fetch, IabFrame, read_frame
from deliverqc.signals.tables import ImmersiveAudio

_ESSENCE = b"\x01\x02"  # bytes 5 and 6 of the key of an essence element (ST 379-2)
_ENCRYPTED = b"\x02\x04"  # of an encrypted triplet (ST 429-6)
_IAB_SOUND = (bytes.fromhex("0d01030116"), 0x0D)
"""Bytes 9 to 13, and 15, of the key of a clip by ST 2067-201."""
_BLOCK_BYTES = 8192
_MOST_HELD = 1000


def follow(path: Path) -> ImmersiveAudio | None:
    """What all frames of the file state together, no frame where it holds no such bitstream; None where one cannot be
    read: it is damaged, cut or encrypted."""
    size = path.stat().st_size
    summary = ImmersiveAudio()
    with path.open("rb", buffering=0) as file:
        fetch = _fetching(file)
        try:
            for frames in _batches(_frames(file, fetch, size)):
                summary = _joined(summary, frames)
        except ValueError:
            return None
    return summary


def _frames(file: BinaryIO, fetch: Fetch, size: int) -> Iterator[IabFrame]:
    """Every frame in order; ValueError where one cannot be read."""
    is_found = False
    for key, start, end in _elements(file, size):
        at = start
        while at < end:
            frame = read_frame(_bounded(fetch, end), at)
            if frame is None and not is_found and (key[8:13], key[14]) != _IAB_SOUND:
                break
            if frame is None:
                raise ValueError("a frame cannot be read")
            is_found = True
            yield frame
            at = frame.end


def _elements(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Key, start and end of each essence element; ValueError where the file cannot be walked to its end, or essence is
    encrypted."""
    at = find_header(file)
    if at is None:
        raise ValueError("no header partition")
    while at < size:
        klv = read_klv(file, at)
        if klv is None or klv.end > size or klv.key[4:6] == _ENCRYPTED:
            raise ValueError("the file cannot be walked")
        if klv.key[4:6] == _ESSENCE:
            yield klv.key, klv.value_at, klv.end
        at = klv.end


def _batches(frames: Iterator[IabFrame]) -> Iterator[list[IabFrame]]:
    held = []
    for frame in frames:
        held.append(frame)
        if len(held) == _MOST_HELD:
            yield held
            held = []
    yield held


def _fetching(file: BinaryIO) -> Fetch:
    """Reads ahead a little, because the heads of beds and objects stand together."""
    held, held_at = b"", 0

    def fetch(at: int, count: int) -> bytes:
        nonlocal held, held_at
        if not held_at <= at <= at + count <= held_at + len(held):
            file.seek(at)
            held, held_at = file.read(_BLOCK_BYTES), at
        return held[at - held_at : at - held_at + count]

    return fetch


def _bounded(fetch: Fetch, end: int) -> Callable[[int, int], bytes]:
    return lambda at, count: fetch(at, max(0, min(count, end - at)))


def _joined(before: ImmersiveAudio, frames: list[IabFrame]) -> ImmersiveAudio:
    """The summary with more frames."""
    if not frames:
        return before
    return ImmersiveAudio(
        frame_count=before.frame_count + len(frames),
        element_count=max(before.element_count, *(one.bed_channel_count + one.object_count for one in frames)),
        bed_channel_count=max(before.bed_channel_count, *(one.bed_channel_count for one in frames)),
        object_count=max(before.object_count, *(one.object_count for one in frames)),
        max_rendered=max(before.max_rendered, *(one.max_rendered for one in frames)),
        sample_rates_hz=tuple(sorted({*before.sample_rates_hz, *(one.sample_rate_hz for one in frames)})),
        bit_depths_bits=tuple(sorted({*before.bit_depths_bits, *(one.bit_depth_bits for one in frames)})),
        frame_rates=tuple(sorted({*before.frame_rates, *(one.frame_rate for one in frames)})),
    )
