"""One track while it is decoded: from packets to rows of its table; knows no other track and no settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
from av.audio.frame import format_dtypes
from av.audio.plane import AudioPlane
from numpy.typing import NDArray

from deliverqc.probing.layouts import has_channel_map, hold
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.audio.coded import CodedSearch
from deliverqc.signals.audio.columns import SoundColumns
from deliverqc.signals.gaps import SoundGaps
from deliverqc.signals.lengths import LengthCounter
from deliverqc.signals.looks import LookFollower
from deliverqc.signals.on_demand import sound_readers
from deliverqc.signals.packet_checks import Complaint
from deliverqc.signals.packets import PacketCollector
from deliverqc.signals.picture.accumulator import PictureAccumulator
from deliverqc.signals.remarks import Log, raise_if_out_of_memory, seconds_of, words
from deliverqc.signals.sound_headers import HeaderFollower

_FEED_SECONDS = 1.0
_WORDLESS_DECODERS = frozenset(["libdav1d"])
"""Decoders that say nothing of damage, and give one frame a packet (AV1, section 7.5: a temporal unit shows one)."""

_NEVER_BLANK_DECODERS = frozenset(
    ["prores", "dnxhd", "jpeg2000", "libopenjpeg", "mjpeg", "ffv1", "dvvideo", "cfhd", "theora", "png"]
    + ["mpeg1video", "mpeg2video", "mpeg4", "h264", "hevc", "vvc", "libdav1d", "av1", "libaom-av1", "vp8", "vp9", "vc1"]
    + ["aac", "ac3", "eac3", "mp2", "mp2float", "mp3", "mp3float", "flac", "alac", "opus", "libopus", "vorbis"]
    + ["libvorbis", "dca", "truehd", "mlp", "dolby_e", "s302m", "wavpack"]
)
"""Decoders of codings in whose packets some bit is always set: a start code, a header, a mark of the end, a range
coder's state. In others, such as PCM and uncompressed pictures, zeros are essence."""

_REPEATING_DECODER = "theora"
"""An empty packet repeats the frame before it (Theora specification, section 7.11), and libav decodes none."""

_LEAST_BLANK_BYTES = 32
"""House choice: longer than a packet that says only that nothing changes."""

_MOST_SUSPECTED = Fraction(1, 2)
"""Share of the frames beyond which a hint is the encoder's manner, as padding is, and no damage: house choice."""

_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63, "flt": 1.0, "dbl": 1.0}


class MisplacedError(Exception):
    """Sound, or a frame, does not stand where a part of a master needs it; the whole has to be measured at once."""


class DamagedError(Exception):
    """Pictures that several threads decode are damaged, or threads might hide that they are; one thread has to decode
    them, which also finds where. Says on which track, and what the decoder complained of, if it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What of a track is measured, in seconds after its first frame: what counts is from `start_s` to `end_s`; the
    kernels are also told what comes from `lead_s` on and up to `tail_s`, which they need to know. None is the end.
    """

    lead_s: Fraction
    start_s: Fraction
    end_s: Fraction | None
    tail_s: Fraction | None

    def counts(self, elapsed: Fraction) -> bool:
        return self.start_s <= elapsed and (self.end_s is None or elapsed < self.end_s)

    def is_before(self, elapsed: Fraction) -> bool:
        return elapsed < self.lead_s

    def is_after(self, elapsed: Fraction) -> bool:
        return self.tail_s is not None and elapsed >= self.tail_s


@dataclass(slots=True, kw_only=True)
class Track:
    """One track while it is decoded. `origin` is the time of its first frame in the container's clock, in seconds.

    With a `window` the track is not read from its beginning, and `origin` is known beforehand. `lead_frame_count`
    frames were fed that only lead in. `place`: about which byte of the file was read last. `check`: our own look at its
    packets. `packets`: their table, of the main picture track. `is_threaded`: several threads decode, so that what is
    said is about no packet in particular. `hides_damage`: whether they may pass over damage from a packet on without a
    word; asked without one before the first. `reported_at`: times of packets whose damage is in the log. `lost_at`:
    time of the earliest damaged packet before any frame came. `suspected`: what hints at damage, by time.
    """

    name: str
    stream: av.VideoStream | av.AudioStream
    is_decodable: bool
    decoder: str | None = None
    picture: PictureAccumulator | None = None
    sound: SoundFeed | None = None
    origin: Fraction | None = None
    first_packet_at: Fraction | None = None
    packet_s: Fraction = Fraction(1, 25)
    last_packet_s: Fraction = Fraction(0)
    whole_packet_count: int = 0
    shown_packet_count: int = 0
    rejected_packet_count: int = 0
    frame_count: int = 0
    last_complaint: str | None = None
    window: Window | None = None
    is_intra_only: bool = True
    is_past_end: bool = False
    lead_frame_count: int = 0
    is_threaded: bool = False
    reported_at: set[Fraction | None] = field(default_factory=set)
    lost_at: Fraction | None = None
    suspected: dict[Fraction | None, str] = field(default_factory=dict)
    place: int | None = None
    check: Callable[[bytes], Complaint | None] | None = None
    hides_damage: Callable[[av.Packet[Any] | None], bool] | None = None
    gaps: SoundGaps = field(default_factory=SoundGaps)
    length: LengthCounter = field(default_factory=LengthCounter)
    looks: LookFollower = field(default_factory=LookFollower)
    packets: PacketCollector | None = None
    headers: HeaderFollower = field(default_factory=HeaderFollower)

    def take(self, packet: av.Packet[Any], log: Log, *, is_truncated: bool) -> None:
        """Decode one packet."""
        at = seconds_of(packet.pts if packet.pts is not None else packet.dts, packet.time_base)
        if self.first_packet_at is None or (at is not None and at < self.first_packet_at):
            self.first_packet_at = at
        if packet.pos is not None and packet.pos >= 0:
            self.place = packet.pos
        if packet.duration and packet.time_base:
            lasts_s = packet.duration * packet.time_base
            self.packet_s, self.last_packet_s = max(lasts_s, self.last_packet_s), lasts_s
        if self.window is not None and not self._is_needed(packet, at):
            return
        if packet.is_corrupt and is_truncated:
            return
        if self._counts(at):
            if self.decoder == "prores":
                begins = self.first_packet_at if self.first_packet_at is not None else at
                elapsed = 0.0 if at is None or begins is None else float(at - begins)
                self.looks.see_packet(packet, self.whole_packet_count, elapsed)
            change = self.headers.see(self.decoder, packet)
            if change is not None:
                log.error(self, f"the sound changes its coding: {change}", at)
            self.whole_packet_count += 1
            self.length.see(packet)
            if self.packets is not None:
                self.packets.see(packet, at)
            self.shown_packet_count += not packet.is_discard
        else:
            self.headers.see_before(self.decoder, packet)
        if packet.is_corrupt:
            log.error(self, "the packet is marked as damaged by the wrapper's reader", at)
        if self._is_blank(packet):
            self.stop_if_threaded()
            self.rejected_packet_count += 1
            self._lose(at)
            if at is None or at not in self.reported_at:
                log.error(self, "the packet holds nothing but zeros", at)
            return
        if self.decoder == _REPEATING_DECODER and packet.size == 0:
            self.shown_packet_count -= 1
            return
        if self.check is not None:
            self._check(packet, at, log)
        if self.is_threaded and self.hides_damage is not None and self.hides_damage(packet):
            self.stop_if_threaded()
        self._decode(packet, at, log)

    def _check(self, packet: av.Packet[Any], at: Fraction | None, log: Log) -> None:
        """Take in what our own look at a packet finds wrong with it."""
        found = self.check(bytes(packet)) if self.check is not None else None
        if found is not None and found[1]:
            self.complain(found[0], at, log)
        elif found is not None:
            self.suspect(found[0], at)

    def _is_blank(self, packet: av.Packet[Any]) -> bool:
        """Whether a packet of coded essence holds zeros only, which some decoders pass over without a word."""
        if self.decoder not in _NEVER_BLANK_DECODERS or packet.size < _LEAST_BLANK_BYTES:
            return False
        data = memoryview(packet)
        return not any(data[:_LEAST_BLANK_BYTES]) and not np.frombuffer(data, dtype=np.uint8).any()

    def flush(self, log: Log, *, is_truncated: bool) -> None:
        """Draw the last frames out of the decoder; a track that gave nothing is damage, unless it was cut off."""
        self._decode(None, None, log)
        self.settle()
        if (complaint := self._hear(log)) is not None:
            self.complain(complaint, None, log)
        self._report_suspected(log)
        is_whole = self.window is None and not is_truncated
        if self.frame_count == 0 and self.rejected_packet_count == 0 and is_whole:
            log.error(self, "the track holds nothing that could be decoded", None)
        if self.sound is not None:
            self.sound.flush()
            self._report_coded(self.sound, log)
        lost = self.shown_packet_count - self.rejected_packet_count - self.frame_count
        is_wordless = self.decoder in _WORDLESS_DECODERS and is_whole
        if lost > 0 and is_whole:
            self.stop_if_threaded()  # at the end PyAV keeps an error to itself, and the frames of the packets behind it
        if lost > 0 and (self.last_complaint is not None or is_wordless):
            self.stop_if_threaded()
            said = f" ({self.last_complaint})" if self.last_complaint is not None else ""
            log.error(self, f"{lost} of {self.shown_packet_count} packets yield no frame{said}", None)

    def _report_coded(self, sound: SoundFeed, log: Log) -> None:
        """Report coded audio where samples are measured, which would be heard as noise."""
        for coding, channels, sample in sound.coded.found if sound.coded is not None else ():
            if not sound.known_coded.issuperset(channels):
                lead_s = self.window.lead_s if self.window is not None else Fraction(0)
                at = None if self.origin is None else self.origin + lead_s + Fraction(sample, sound.sample_rate_hz)
                names = " and ".join(str(channel) for channel in channels)
                log.error(
                    self, f"{coding} starts in place of samples in channel {names}, counted from 0 (SMPTE ST 337)", at
                )

    def _decode(self, packet: av.Packet[Any] | None, at: Fraction | None, log: Log) -> None:
        if packet is not None and self.picture is not None:
            self.picture.see(packet)
        try:
            frames = self.stream.decode(packet)
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, ValueError, NotImplementedError) as error:
            raise_if_out_of_memory(error)
            said = self._hear(log)
            self.stop_if_threaded(said)
            self.rejected_packet_count += packet is not None
            self._lose(at)
            if at is None or at not in self.reported_at:
                log.error(self, f"the decoder rejects the packet ({said or words(error)})", at)
            return
        complaint = self._hear(log) if log.spoken else None
        for owner, message in log.hints:
            owner.suspect(message, at)
        log.hints.clear()
        if complaint is not None:
            # PyAV keeps an error to itself where a packet gave frames before it, and libav's decoders hide damage
            self.complain(complaint, at, log)
        for frame in frames:
            self._keep(frame, log)

    def complain(self, message: str, at: Fraction | None, log: Log) -> None:
        """Report what its decoder found wrong with the packet at `at`. DamagedError where several threads decode."""
        self.stop_if_threaded(message)
        self.last_complaint = message
        self._lose(at)
        self.reported_at.add(at)
        log.error(self, f"the decoder finds damage in the packet ({message})", at)

    def _lose(self, at: Fraction | None) -> None:
        """Keep the time of a damaged packet, from which the track is counted where it comes before the first frame."""
        if self.frame_count == 0 and at is not None:
            self.lost_at = at if self.lost_at is None else min(at, self.lost_at)

    def suspect(self, message: str, at: Fraction | None) -> None:
        """Keep what hints at damage of the packet at `at` until it is known how many frames it is said of."""
        self.suspected.setdefault(at, message)

    def _report_suspected(self, log: Log) -> None:
        """Report hints as damage where few frames have any."""
        if not self.suspected or len(self.suspected) > _MOST_SUSPECTED * self.whole_packet_count:
            return
        self.stop_if_threaded()
        for at, message in self.suspected.items():
            if at not in self.reported_at:
                log.error(self, f"the decoder finds damage in the packet ({message})", at)

    def settle(self) -> None:
        """Wait until no thread decodes any more, so that all that they have to say is said; what is still in them is
        thrown away. A decoder must not be closed while a thread speaks, which needs the interpreter."""
        if self.is_threaded and self.stream.codec_context is not None:
            self.stream.codec_context.flush_buffers()

    def _hear(self, log: Log) -> str | None:
        """What its decoder said since the last call; what others said is passed on to them."""
        own = None
        for owner, message in log.taken(self):
            if owner is self:
                own = self.last_complaint = message
            elif owner is not None:
                owner.complain(message, None, log)
        return own

    def close(self) -> None:
        """End the threads that read rows, whether they are done or not."""
        if self.picture is not None:
            self.picture.close()

    def stop_if_threaded(self, complaint: str | None = None) -> None:
        """DamagedError where several threads decode the track."""
        if self.is_threaded:
            raise DamagedError(self.name, complaint)

    def _is_needed(self, packet: av.Packet[Any], at: Fraction | None) -> bool:
        """Whether a packet has to be decoded for the window; tells where the track is past its end."""
        decoded_at = seconds_of(packet.dts if packet.dts is not None else packet.pts, packet.time_base)
        if self.window is None or self.origin is None or at is None or decoded_at is None:
            raise MisplacedError(f"{self.name} has packets without a time stamp")
        self.is_past_end = self.window.is_after(decoded_at - self.origin)
        is_early = self.is_intra_only and self.window.is_before(at + self.packet_s - self.origin)
        return not (is_early or self.is_past_end)

    def time_of(self, frame: av.VideoFrame | av.AudioFrame) -> Fraction | None:
        """When a frame is shown, in the container's clock; the last ones out of a decoder carry no time base."""
        return seconds_of(frame.pts, frame.time_base or self.stream.time_base)

    def _counts(self, at: Fraction | None) -> bool:
        if self.window is None:
            return True
        return at is not None and self.origin is not None and self.window.counts(at - self.origin)

    def _keep(self, frame: av.VideoFrame | av.AudioFrame, log: Log) -> None:
        at = self.time_of(frame)
        if self.origin is None:
            is_first_lost = at is not None and self.lost_at is not None and self.lost_at < at
            self.origin = self.lost_at if is_first_lost else at
        if self.window is not None and not self._is_in_view(at):
            return
        if frame.is_corrupt:
            self.stop_if_threaded()
            if at not in self.reported_at:
                log.error(self, "the decoder marks the frame as corrupt", at)
        if isinstance(frame, av.VideoFrame):
            elapsed = self._elapsed(at)
            if self._counts(at) and not isinstance(self.stream, av.AudioStream):
                self.looks.see(frame, self.stream.codec_context, self.frame_count, elapsed)
            if self.picture is not None:
                self.picture.feed(frame, elapsed)  # last: a thread converts the frame, and its colour is unsteady then
        elif self.sound is not None:
            self.sound.feed(frame, self, log)
            if not self.length.has_every_duration:
                self.packet_s = Fraction(frame.samples, frame.sample_rate)
            self.gaps.see(at, Fraction(frame.samples, frame.sample_rate), self.place)
        if self._counts(at):
            self.frame_count += 1
        elif self.frame_count == 0:
            self.lead_frame_count += 1

    def _elapsed(self, at: Fraction | None) -> float:
        """Seconds after the first frame, counted in frames where there is no time stamp."""
        if at is not None and self.origin is not None:
            return float(at - self.origin)
        rate = self.picture.frame_rate if self.picture is not None else 1 / self.packet_s
        return float(self.frame_count / rate)

    def _is_in_view(self, at: Fraction | None) -> bool:
        """Whether the kernels are told of a frame; sound is cut to the sample elsewhere."""
        if self.window is None or self.origin is None or at is None:
            raise MisplacedError(f"{self.name} has frames without a time stamp")
        elapsed = at - self.origin
        return self.sound is not None or not (self.window.is_before(elapsed) or self.window.is_after(elapsed))


@dataclass(slots=True, kw_only=True)
class SampleWindow:
    """Cuts blocks of samples to those from `first` to `end`, counted from the first sample of the track. `is_exact`:
    sound whose time stamps leave a doubt about a sample is refused."""

    first: int
    end: int | None
    is_exact: bool
    position: int | None = None

    def cut(self, samples: NDArray[np.float32], at_sample: Fraction | None) -> NDArray[np.float32]:
        """The part of `samples` (channels, n) that is wanted; `at_sample` is where they stand by their time stamp."""
        if self.position is None:
            if at_sample is None or (self.is_exact and round(at_sample) > self.first):
                raise MisplacedError("sound begins late")
            self.position = round(at_sample)
        elif self.is_exact and (at_sample is None or round(at_sample) != self.position):
            raise MisplacedError("sound does not stand where its time stamps say")
        first = max(0, self.first - self.position)
        end = None if self.end is None else max(0, self.end - self.position)
        self.position += samples.shape[1]
        return samples[:, first:end]


@dataclass(slots=True, kw_only=True)
class SoundFeed:
    """Gathers about a second of samples before the kernels see them: a wrapper's packets can be very small."""

    listener: Callable[[NDArray[np.float32]], None]
    is_exact: bool = False
    cutter: SampleWindow | None = None
    extensions: tuple[str, ...] = ()
    readers: dict[str, SoundColumns] = field(default_factory=dict)
    waiting: list[NDArray[np.float32]] = field(default_factory=list)
    waiting_count: int = 0
    accumulator: SoundAccumulator | None = None
    is_refused: bool = False
    has_channel_map: bool | None = None
    sample_rate_hz: int = 0
    channel_count: int = 0
    coded: CodedSearch | None = None
    known_coded: frozenset[int] = frozenset()

    def feed(self, frame: av.AudioFrame, track: Track, log: Log) -> None:
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
                log.error(track, str(error), track.time_of(frame))
        if self.accumulator is None:
            return
        if (frame.sample_rate, channels) != (self.sample_rate_hz, self.channel_count):
            log.error(track, "the sound changes its sample rate or channel count", track.time_of(frame))
            return
        try:
            samples = _samples(frame, channels)
        except ValueError as error:
            log.error(track, str(error), track.time_of(frame))
            return
        if self.cutter is None and track.window is not None:
            self.cutter = self._cutter(track.window, frame.sample_rate)
        if self.cutter is not None:
            at = track.time_of(frame)
            samples = self.cutter.cut(
                samples, None if at is None or track.origin is None else (at - track.origin) * frame.sample_rate
            )
        self.waiting.append(samples)
        self.waiting_count += samples.shape[1]
        if self.waiting_count >= self.sample_rate_hz * _FEED_SECONDS:
            self.flush()

    def _cutter(self, window: Window, sample_rate_hz: int) -> SampleWindow:
        end = None if window.tail_s is None else int(window.tail_s * sample_rate_hz)
        return SampleWindow(first=int(window.lead_s * sample_rate_hz), end=end, is_exact=self.is_exact)

    def _hear(self, block: NDArray[np.float32]) -> None:
        self.listener(block)
        for reader in self.readers.values():
            reader.feed(block)

    def flush(self) -> None:
        """Pass on what still waits."""
        if self.accumulator is not None and self.waiting:
            samples = np.concatenate(self.waiting, axis=1)
            self.accumulator.feed(samples)
            if self.coded is not None:
                self.coded.take(samples)
        self.waiting.clear()
        self.waiting_count = 0


def _samples(frame: av.AudioFrame, channels: int) -> NDArray[np.float32]:
    """Samples as float32 (channels, samples), full scale 1.0. ValueError where the buffers of the frame are smaller
    than its samples.
    """
    raw = _raw_samples(frame, channels)
    name = frame.format.name.removesuffix("p")
    if name in ("flt", "dbl"):
        with np.errstate(over="ignore"):  # what a float32 cannot hold becomes infinite, and is damage
            return np.ascontiguousarray(raw, dtype=np.float32)
    scaled: NDArray[np.float32] = np.multiply(raw, 1.0 / _FULL_SCALE[name], dtype=np.float32, casting="unsafe")
    return scaled - np.float32(1.0) if name == "u8" else scaled


def _raw_samples(frame: av.AudioFrame, channels: int) -> NDArray[Any]:
    """Samples as they are stored, (channels, samples).

    PyAV counts the planes of a frame up to the first null pointer, of which libav promises none: from 8 planar channels
    on it reads whatever comes next. So the planes are opened by number.
    """
    dtype = np.dtype(format_dtypes[frame.format.name])
    planes, width = (channels, 1) if frame.format.is_planar else (1, channels)
    stored = [AudioPlane(frame, index) for index in range(planes)]
    count = frame.samples * width
    if any(plane.buffer_size < count * dtype.itemsize for plane in stored):
        raise ValueError(f"a frame says that it holds {frame.samples} samples, and holds fewer")
    return np.vstack(
        [np.frombuffer(memoryview(plane), dtype=dtype, count=count).reshape(-1, width).T for plane in stored]
    )
