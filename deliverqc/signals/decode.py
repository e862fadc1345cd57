"""The one pass: every programme track of a file decoded once, to its end, into signals; knows no spec, no setting, no
threshold.

What is damage: a packet that the decoder rejects, a frame or packet that is marked as corrupt, packets that yield no
frame while the decoder complains, a read error. What the decoder merely remarks is kept as a warning. A packet that the
file does not hold whole is missing, not damaged, and is not decoded.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import av.error
import av.logging
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from deliverqc.probing.layouts import has_channel_map, hold
from deliverqc.signals.extended import Colorimetry, SoundColumns, gather, picture_readers, sound_readers
from deliverqc.signals.pairs import PairReader
from deliverqc.signals.picture import PictureAccumulator
from deliverqc.signals.sound import SoundAccumulator
from deliverqc.signals.tables import DecodeLog, DecodeRemark, PairSignal, Place, Signals, SoundSignal

SIGNALS_VERSION = 6
"""Rises whenever a table could come out differently; stored tables of another version are not used."""

Progress = Callable[[float], None]
"""Told the seconds of essence that were read so far."""

_FEED_SECONDS = 1.0
_MAX_REMARKS = 1000
_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63, "flt": 1.0, "dbl": 1.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to decode, as the probe found it: libav stream indexes, and what the wrapper promises.

    `picture_index` is the main picture track, `picture_indexes` all of them. `frame_rate` is the main track's, in
    frames per second. `promised_frame_count` is None where the wrapper promises none. `is_truncated`: bytes that it
    promises are not there. `pairs`: channels whose difference is wanted, as (number among `sound_indexes`, channel).
    `extensions` names the columns on demand (deliverqc/signals/extended), and `colorimetry` is what they read codes by.
    """

    picture_index: int | None
    picture_indexes: tuple[int, ...]
    sound_indexes: tuple[int, ...]
    frame_rate: Fraction | None
    promised_frame_count: int | None
    is_truncated: bool
    pairs: tuple[tuple[Place, Place], ...] = ()
    extensions: tuple[str, ...] = ()
    colorimetry: Colorimetry = field(default_factory=Colorimetry)


def decode(path: Path, plan: Plan, progress: Progress | None = None) -> Signals:
    """Decode every programme track of `path` to its end. Raises no error for damage: damage is in the log."""
    with _captured_log() as spoken, _one_thread(), av.open(str(path), metadata_errors="replace") as container:
        pairs = PairReader(plan.pairs)
        tracks = _open_tracks(container, plan, pairs)
        log = _Log(spoken=spoken, tracks=list(tracks.values()))
        readable = [track for track in tracks.values() if track.is_decodable]
        if readable:
            _read(container, tracks, log, plan, progress)
            for track in readable:
                track.flush(log, is_truncated=plan.is_truncated)
        return _finish(tracks, log, plan, pairs)


@contextmanager
def _captured_log() -> Iterator[list[tuple[int, str, str]]]:
    """Collect what libav's decoders say at error level; they may say it from threads of their own."""
    before, skipped_before = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)  # what an earlier file made libav say must be said again
    try:
        with av.logging.Capture(local=False) as spoken:
            yield spoken
    finally:
        av.logging.set_level(before)
        av.logging.set_skip_repeated(skipped_before)
        time.sleep(0.01)  # a decoder thread that is speaking needs the interpreter once more before its codec is closed


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep OpenCV to this thread: its own ones wait for each other, and take the cores from libav's."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


@dataclass(slots=True, kw_only=True)
class _Log:
    """Remarks as they come; successive equal ones become one with a count."""

    spoken: list[tuple[int, str, str]]
    tracks: Sequence[_Track]
    errors: list[_Remark] = field(default_factory=list)
    warnings: dict[tuple[str | None, str], int] = field(default_factory=dict)

    def heard(self, speaker: str | None, track: _Track | None) -> str | None:
        """The first that `speaker` said since the last call, or anyone where it is None; all is kept as warnings.

        `track` is the one that is decoding; a decoder with threads of its own may speak while another track decodes,
        and is then told by its name.
        """
        first = None
        for _, who, words in self.spoken:
            message = f"{who}: {words.strip()}"
            is_meant = speaker is None or who == speaker
            if is_meant:
                first = first or message
            owner = track if track is not None and who == track.decoder else self._owner(who)
            if owner is not None:
                owner.last_complaint = message
            key = (owner.name if owner is not None else None, message)
            if key in self.warnings or len(self.warnings) < _MAX_REMARKS:
                self.warnings[key] = self.warnings.get(key, 0) + 1
        self.spoken.clear()
        return first

    def _owner(self, speaker: str) -> _Track | None:
        return next((track for track in self.tracks if track.decoder == speaker), None)

    def error(self, track: _Track | None, message: str, at: Fraction | None) -> None:
        last = self.errors[-1] if self.errors else None
        if last is not None and last.track is track and last.message == message and len(self.errors) >= _MAX_REMARKS:
            last.count += 1
        elif last is not None and last.track is track and last.message == message and last.is_followed_by(at):
            last.count, last.last_at = last.count + 1, at
        else:
            self.errors.append(_Remark(track=track, message=message, at=at, last_at=at, count=1))


@dataclass(slots=True, kw_only=True)
class _Remark:
    track: _Track | None
    message: str
    at: Fraction | None
    last_at: Fraction | None
    count: int

    def is_followed_by(self, at: Fraction | None) -> bool:
        """Whether a packet at `at` is the very next one, to within half a packet."""
        if at is None or self.last_at is None or self.track is None:
            return at is self.last_at
        return abs(at - self.last_at) <= self.track.packet_s * 3 / 2


@dataclass(slots=True, kw_only=True)
class _Track:
    """One track while it is decoded. `origin` is the time of its first frame in the container's clock, in seconds."""

    name: str
    stream: av.VideoStream | av.AudioStream
    is_decodable: bool
    decoder: str | None = None
    picture: PictureAccumulator | None = None
    sound: _SoundFeed | None = None
    origin: Fraction | None = None
    first_packet_at: Fraction | None = None
    packet_s: Fraction = Fraction(1, 25)
    whole_packet_count: int = 0
    shown_packet_count: int = 0
    rejected_packet_count: int = 0
    frame_count: int = 0
    last_complaint: str | None = None

    def take(self, packet: av.Packet[Any], log: _Log, *, is_truncated: bool) -> None:
        """Decode one packet."""
        at = _at(packet.pts if packet.pts is not None else packet.dts, packet.time_base)
        if self.first_packet_at is None or (at is not None and at < self.first_packet_at):
            self.first_packet_at = at
        if packet.duration and packet.time_base:
            self.packet_s = packet.duration * packet.time_base
        if packet.is_corrupt and is_truncated:
            return
        self.whole_packet_count += 1
        self.shown_packet_count += not packet.is_discard
        if packet.is_corrupt:
            log.error(self, "the packet is marked as damaged by the wrapper's reader", at)
        self._decode(packet, at, log)

    def flush(self, log: _Log, *, is_truncated: bool) -> None:
        """Draw the last frames out of the decoder; a track that gave nothing is damage, unless it was cut off."""
        self._decode(None, None, log)
        if self.frame_count == 0 and self.rejected_packet_count == 0 and not is_truncated:
            log.error(self, "the track holds nothing that could be decoded", None)
        if self.sound is not None:
            self.sound.flush()
        lost = self.shown_packet_count - self.rejected_packet_count - self.frame_count
        if lost > 0 and self.last_complaint is not None:
            log.error(self, f"{lost} of {self.shown_packet_count} packets yield no frame ({self.last_complaint})", None)

    def _decode(self, packet: av.Packet[Any] | None, at: Fraction | None, log: _Log) -> None:
        try:
            frames = self.stream.decode(packet)
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, ValueError, NotImplementedError) as error:
            _raise_if_out_of_memory(error)
            said = log.heard(self.decoder, self)
            self.rejected_packet_count += packet is not None
            log.error(self, f"the decoder rejects the packet ({said or _words(error)})", at)
            return
        complaint = log.heard(self.decoder, self) if log.spoken else None
        if complaint is not None and self.sound is not None and frames:
            # PyAV keeps an error to itself where a packet gave frames before it; sound decodes in one thread, so that
            # what is said now is about this packet
            log.error(self, f"the decoder rejects a part of the packet ({complaint})", at)
        for frame in frames:
            self._keep(frame, log)

    def _keep(self, frame: av.VideoFrame | av.AudioFrame, log: _Log) -> None:
        at = _at(frame.pts, frame.time_base)
        if self.origin is None:
            self.origin = at
        if frame.is_corrupt:
            log.error(self, "the decoder marks the frame as corrupt", at)
        if isinstance(frame, av.VideoFrame):
            if self.picture is not None:
                rate = self.picture.frame_rate
                elapsed = self.frame_count / rate if at is None or self.origin is None else at - self.origin
                self.picture.feed(frame, float(elapsed))
        elif self.sound is not None:
            self.sound.feed(frame, self, log)
        self.frame_count += 1


@dataclass(slots=True, kw_only=True)
class _SoundFeed:
    """Gathers about a second of samples before the kernels see them: a wrapper's packets can be very small."""

    listener: Callable[[NDArray[np.float32]], None]
    extensions: tuple[str, ...] = ()
    readers: dict[str, SoundColumns] = field(default_factory=dict)
    waiting: list[NDArray[np.float32]] = field(default_factory=list)
    waiting_count: int = 0
    accumulator: SoundAccumulator | None = None
    is_refused: bool = False
    has_channel_map: bool | None = None
    sample_rate_hz: int = 0
    channel_count: int = 0

    def feed(self, frame: av.AudioFrame, track: _Track, log: _Log) -> None:
        if self.has_channel_map is None:
            self.has_channel_map = has_channel_map(hold(frame.layout))
        elif self.has_channel_map:
            hold(frame.layout)
        channels = frame.layout.nb_channels
        if self.accumulator is None and not self.is_refused:
            self.sample_rate_hz, self.channel_count = frame.sample_rate, channels
            try:
                self.accumulator = SoundAccumulator(frame.sample_rate, channels, self._hear)
                self.readers = sound_readers(self.extensions, frame.sample_rate, channels)
            except ValueError as error:  # a rate that no filter follows
                self.is_refused = True
                log.error(track, str(error), _at(frame.pts, frame.time_base))
        if self.accumulator is None:
            return
        if (frame.sample_rate, channels) != (self.sample_rate_hz, self.channel_count):
            log.error(track, "the sound changes its sample rate or channel count", _at(frame.pts, frame.time_base))
            return
        self.waiting.append(_samples(frame, channels))
        self.waiting_count += frame.samples
        if self.waiting_count >= self.sample_rate_hz * _FEED_SECONDS:
            self.flush()

    def _hear(self, block: NDArray[np.float32]) -> None:
        self.listener(block)
        for reader in self.readers.values():
            reader.feed(block)

    def flush(self) -> None:
        """Pass on what still waits."""
        if self.accumulator is not None and self.waiting:
            self.accumulator.feed(np.concatenate(self.waiting, axis=1))
        self.waiting.clear()
        self.waiting_count = 0


def _samples(frame: av.AudioFrame, channels: int) -> NDArray[np.float32]:
    """Samples as float32 (channels, samples), full scale 1.0."""
    raw = frame.to_ndarray()
    name = frame.format.name.removesuffix("p")
    if not frame.format.is_planar:
        raw = raw.reshape(-1, channels).T
    if name in ("flt", "dbl"):
        return np.ascontiguousarray(raw, dtype=np.float32)
    scaled = np.multiply(raw, 1.0 / _FULL_SCALE[name], dtype=np.float32, casting="unsafe")
    return scaled - np.float32(1.0) if name == "u8" else scaled


def _open_tracks(container: InputContainer, plan: Plan, pairs: PairReader) -> dict[int, _Track]:
    tracks: dict[int, _Track] = {}
    for kind, indexes in (("picture", plan.picture_indexes), ("sound", plan.sound_indexes)):
        for number, index in enumerate(indexes):
            stream = container.streams[index]
            track = _Track(
                name=f"{kind} {number}",
                stream=stream,  # type: ignore[arg-type]
                is_decodable=stream.codec_context is not None,
                decoder=stream.codec_context.name if stream.codec_context is not None else None,
            )
            if kind == "sound":
                track.sound = _SoundFeed(listener=partial(pairs.take, number), extensions=plan.extensions)
            elif index == plan.picture_index and plan.frame_rate is not None:
                readers = picture_readers(plan.extensions, plan.colorimetry)
                track.picture = PictureAccumulator(frame_rate=plan.frame_rate, extensions=readers)
            if stream.codec_context is not None and kind == "sound":
                stream.codec_context.thread_count = 1  # an error is then told at its packet
            elif stream.codec_context is not None:
                stream.codec_context.thread_type = "AUTO"
            tracks[index] = track
    return tracks


def _read(
    container: InputContainer, tracks: dict[int, _Track], log: _Log, plan: Plan, progress: Progress | None
) -> None:
    streams = [track.stream for track in tracks.values() if track.is_decodable]
    started: Fraction | None = None
    log.heard(None, None)  # what opening made libav say is about headers, which the probe compares
    try:
        for packet in container.demux(streams):
            if packet.size == 0 and packet.pts is None and packet.dts is None:
                continue  # the reader's own flush mark: decoders are flushed at the end
            track = tracks[packet.stream_index]
            said = log.heard(container.format.name, None) if log.spoken else None
            if said is not None and not plan.is_truncated:
                log.error(None, f"the wrapper's reader finds damage ({said})", _at(packet.dts, packet.time_base))
            track.take(packet, log, is_truncated=plan.is_truncated)
            at = track.first_packet_at if progress is None else _at(packet.pts, packet.time_base)
            if progress is not None and at is not None:
                started = at if started is None else min(started, at)
                progress(float(at - started))
    except av.error.FFmpegError as error:
        _raise_if_out_of_memory(error)
        said = log.heard(None, None)
        if not plan.is_truncated:
            log.error(None, f"the wrapper cannot be read further ({said or _words(error)})", None)


def _finish(tracks: dict[int, _Track], log: _Log, plan: Plan, pairs: PairReader) -> Signals:
    main = tracks.get(plan.picture_index) if plan.picture_index is not None else None
    first = main or next(iter(tracks.values()), None)
    origin = None if first is None else (first.origin if first.origin is not None else first.first_packet_at)
    log.heard(None, None)
    sounds = []
    for track in tracks.values():
        if track.sound is not None:
            sounds.append(_sound_signal(track, origin, log))
    missing = None
    if main is not None and plan.promised_frame_count is not None:
        missing = max(0, plan.promised_frame_count - main.whole_packet_count)
    return Signals(
        picture=main.picture.finish() if main is not None and main.picture is not None else None,
        sounds=tuple(sounds),
        log=DecodeLog(
            errors=tuple(_remark(remark, origin, plan.frame_rate, main) for remark in log.errors),
            warnings=tuple(
                DecodeRemark(track=track, message=message, frame=None, start_s=None, count=count)
                for (track, message), count in log.warnings.items()
            ),
            frame_count=main.frame_count if main is not None and main.is_decodable else None,
            missing_frame_count=missing,
            undecodable=tuple(track.name for track in tracks.values() if not track.is_decodable),
        ),
        pairs=tuple(pair for pair in pairs.finish() if _starts_together(pair, sounds)),
        extensions=frozenset(plan.extensions),
    )


def _starts_together(pair: PairSignal, sounds: Sequence[SoundSignal]) -> bool:
    first, second = (sounds[track] for track, _ in (pair.first, pair.second))
    return abs(first.offset_s - second.offset_s) * first.sample_rate_hz < 1


def _sound_signal(track: _Track, origin: Fraction | None, log: _Log) -> SoundSignal:
    feed = track.sound
    assert feed is not None
    accumulator = feed.accumulator or SoundAccumulator(48_000, 0)
    columns = accumulator.finish()
    if columns.non_finite_count:
        log.error(track, f"{columns.non_finite_count} samples are no numbers; they were measured as silence", None)
    offset = Fraction(0) if origin is None or track.origin is None else track.origin - origin
    return columns.to_signal(
        sample_rate_hz=feed.sample_rate_hz or 48_000,
        labels=("",) * feed.channel_count,
        offset_s=offset,
        extended=gather(feed.readers, len(columns.k_energy)),
    )


def _remark(remark: _Remark, origin: Fraction | None, rate: Fraction | None, main: _Track | None) -> DecodeRemark:
    start = None if remark.at is None or origin is None else remark.at - origin
    frame = None
    if start is not None and rate is not None and remark.track is main:
        frame = round(start * rate)
    return DecodeRemark(
        track=remark.track.name if remark.track is not None else None,
        message=remark.message,
        frame=frame,
        start_s=None if start is None else float(start),
        count=remark.count,
    )


def _at(stamp: int | None, time_base: Fraction | None) -> Fraction | None:
    return None if stamp is None or time_base is None else stamp * time_base


def _raise_if_out_of_memory(error: Exception) -> None:
    """What the machine lacks is no damage of the master."""
    if getattr(error, "errno", None) == errno.ENOMEM:
        raise MemoryError("libav could not allocate memory") from error


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
