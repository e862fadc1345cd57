"""The one pass: every programme track of a file decoded once, to its end, into signals; knows no spec, no setting, no
threshold.

What is damage: a packet that the decoder rejects, or complains of at error level, or hints at where it says nothing of
most others; a frame or packet that is marked as corrupt; packets that yield no frame while the decoder complains; a
read error. Checksums in the essence are verified. A packet that the file does not hold whole is missing, not damaged,
and is not decoded.

Pictures are decoded in several threads as long as nothing is wrong. Of what is damaged, threads would report the frames
and what hides the damage otherwise from run to run, so from the first sign of it all is decoded again in one: also
where they only say that they conceal something, or yield fewer frames than there are packets. Codings whose damage
threads can pass over without a word are decoded in one (deliverqc/signals/frame_threads.py). Rows of
the picture table are read in threads of their own (deliverqc/signals/picture/in_order.py), which change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import av
import av.error
import av.logging
import cv2
from av.container import InputContainer

from deliverqc.probing import said_once
from deliverqc.probing.opening import open_essence, packets_of
from deliverqc.probing.wrappers.matroska import undefined_elements
from deliverqc.signals.ancillary import AncillaryTracks, ancillary_tracks
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.audio.coded import CodedSearch, is_lossless
from deliverqc.signals.audio.pair_difference import PairReader
from deliverqc.signals.columns import gather
from deliverqc.signals.frame_reader import FrameContainer, still_complaint
from deliverqc.signals.frame_threads import hiding_check, thread_kind
from deliverqc.signals.gaps import frame_at, frame_numbers, lasting, marked, picture_gaps
from deliverqc.signals.immersive_audio import follow
from deliverqc.signals.late_tracks import late_tracks
from deliverqc.signals.on_demand import picture_readers
from deliverqc.signals.packet_checks import Complaint, packet_check
from deliverqc.signals.packets import packet_collector
from deliverqc.signals.packs import filed
from deliverqc.signals.picture.accumulator import PictureAccumulator
from deliverqc.signals.picture.in_order import MOST_THREADS, usable_cores
from deliverqc.signals.plan import Plan
from deliverqc.signals.remarks import HINTING_DECODERS, Log, as_row, raise_if_out_of_memory, seconds_of, words
from deliverqc.signals.tables import (
    ROWS_PER_SECOND,
    CaptionSignal,
    DecodeLog,
    DecodeRemark,
    PairSignal,
    Part,
    PictureSignal,
    Signals,
    SoundSignal,
    TimeGap,
    cut,
)
from deliverqc.signals.text_tracks import TextTracks, text_tracks
from deliverqc.signals.track import DamagedError, MisplacedError, SoundFeed, Track, Window
from deliverqc.signals.transport import pes_faults

Progress = Callable[[float], None]
"""Told the seconds of essence that were read so far, at every packet: the same again where packets carry no time."""

_LEAD_FRAMES = 2  # that a row of the picture table looks back on
_LEAD_SECONDS = 1  # of sound: filters forget within a fifth of one
_TAIL_SECONDS = 1  # of sound: kernels look a few samples ahead
_SEEK_MARGIN_S = 1
_EARLY = Fraction(1, 4)  # of a frame
_MOST_DECODER_THREADS = 16
_MATROSKA, _TRANSPORT = "matroska", "mpegts"
_MOST_UNDEFINED = 20  # house choice: so many show that more than one block is damaged
_STAMPED_IN_PLACES = ("mpegts", "mpeg")  # formats of libav that do not stamp every block of samples


def decode(path: Path, plan: Plan, progress: Progress | None = None, *, threads: int | None = None) -> Signals:
    """Decode every programme track of `path` to its end, or a part of each. Raises no error for damage: damage is in
    the log. MisplacedError where an exact part cannot be had.

    `threads` are the cores that decode and read pictures; None: all that this process may use. The tables do not depend
    on them.
    """
    threads = usable_cores() if threads is None else threads
    with _captured_log() as spoken, _one_thread():
        try:
            return _decoded(path, plan, spoken, progress, threads, is_threaded=True)
        except DamagedError as damage:
            spoken.clear()  # no thread decodes any more
            track, complaint = damage.args
        signals = _decoded(path, plan, spoken, progress, threads, is_threaded=False)
        return _with_complaint(signals, track, complaint)


def _with_complaint(signals: Signals, track: str, complaint: str | None) -> Signals:
    """Add what the threads' decoder complained of where one thread heard nothing of it: libav says some things once in
    a process."""
    if complaint is None or signals.log.errors or any(said.track == track for said in signals.log.warnings):
        return signals
    message = f"the decoder finds damage in a packet ({complaint})"
    remark = DecodeRemark(track=track, message=message, frame=None, start_s=None, count=1)
    return replace(signals, log=replace(signals.log, errors=(remark,)))


def _decoded(
    path: Path,
    plan: Plan,
    spoken: list[tuple[int, str, str]],
    progress: Progress | None,
    threads: int,
    *,
    is_threaded: bool,
) -> Signals:
    """One pass over the file. DamagedError at the first sign of damage to pictures that several threads decode."""
    with _opened(path, plan) as container:
        pairs = PairReader(plan.pairs)
        tracks = _open_tracks(container, plan, pairs, threads, is_threaded=is_threaded)
        if plan.frames is not None:
            spoken.clear()  # opening tries the first frame, which is decoded again
        log = Log(spoken=spoken, tracks=list(tracks.values()))
        ancillary = ancillary_tracks(container, plan.caption_tracks)
        texts = text_tracks(container, plan.text_tracks if plan.part is None else ())
        readable = [track for track in tracks.values() if track.is_decodable]
        av.logging.set_level(_level(readable))
        try:
            if readable or texts.streams:
                if plan.part is not None:
                    _seek(container, readable)
                _read(container, tracks, ancillary, texts, log, plan, progress)
                for track in readable:
                    track.flush(log, is_truncated=plan.is_truncated)
            signals = _finish(path, tracks, log, plan, pairs, wrapper=container.format.name)
            found = ancillary.told() if readable or not ancillary.streams else None
            origin = _origin(tracks, plan)
            held = ancillary.tracks(origin) if readable or not ancillary.streams else None
            return replace(
                signals,
                log=replace(signals.log, ancillary_captions=found, caption_tracks=held),
                captions=(*_of_picture(tracks, plan, origin), *ancillary.kept(origin)),
                texts=texts.kept(origin),
            )
        finally:
            for track in readable:
                track.settle()
                track.close()


def _of_picture(tracks: dict[int, Track], plan: Plan, origin: Fraction) -> tuple[CaptionSignal, ...]:
    """The captions in the packets of the main picture track."""
    main = None if plan.picture_index is None else tracks.get(plan.picture_index)
    return () if main is None or main.packets is None else main.packets.kept_captions(origin)


def _origin(tracks: dict[int, Track], plan: Plan) -> Fraction:
    """When the first frame is shown, else the first sample is heard, in seconds of the container's clock."""
    main = None if plan.picture_index is None else tracks.get(plan.picture_index)
    known = [track.origin for track in tracks.values() if track.origin is not None]
    return main.origin if main is not None and main.origin is not None else min(known, default=Fraction(0))


def _level(tracks: Sequence[Track]) -> int:
    """The level of libav's log at which all that is heard of these tracks is said."""
    if any(track.is_threaded for track in tracks):
        return int(av.logging.INFO)
    return int(av.logging.WARNING if any(track.decoder in HINTING_DECODERS for track in tracks) else av.logging.ERROR)


def _opened(path: Path, plan: Plan) -> InputContainer | FrameContainer:
    return open_essence(path) if plan.frames is None else FrameContainer(plan.frames, plan.frame_rate)


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


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep OpenCV to this thread: its own ones wait for each other, and take the cores from libav's."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _open_tracks(
    container: InputContainer | FrameContainer, plan: Plan, pairs: PairReader, threads: int, *, is_threaded: bool
) -> dict[int, Track]:
    tracks: dict[int, Track] = {}
    for kind, indexes in (("picture", plan.picture_indexes), ("sound", plan.sound_indexes)):
        for number, index in enumerate(indexes):
            stream = container.streams[index]
            track = Track(
                name=f"{kind} {number}",
                stream=stream,  # type: ignore[arg-type]
                is_decodable=stream.codec_context is not None,
                decoder=stream.codec_context.name if stream.codec_context is not None else None,
            )
            if kind == "sound":
                track.headers.profile = stream.codec_context.profile if stream.codec_context is not None else None
                track.sound = SoundFeed(
                    listener=partial(pairs.take, number),
                    extensions=plan.extensions,
                    coded=CodedSearch() if is_lossless(track.decoder) else None,
                    known_coded=frozenset(channel for place, channel in plan.coded if place == number),
                )
            elif index == plan.picture_index and (plan.frame_rate is not None or plan.frames is not None):
                readers = picture_readers(plan.extensions, plan.colorimetry)
                track.picture = PictureAccumulator(
                    frame_rate=plan.frame_rate or Fraction(1),  # as FrameContainer counts where there is no rate
                    extensions=readers,
                    shown_lines=plan.shown_lines,
                    color_range=plan.color_range,
                    threads=min(threads, MOST_THREADS),
                )
            if plan.part is not None:
                track.origin = plan.part.origins.get(index)
                track.window = _window(plan.part, plan.frame_rate if kind == "picture" else None)
            if track.sound is not None and plan.part is not None:
                track.sound.is_exact = plan.part.is_exact
            extradata = None if stream.codec_context is None else stream.codec_context.extradata
            track.check = packet_check(track.decoder, extradata) if plan.frames is None else _still_check(track.decoder)
            if plan.frames is not None and track.origin is None:
                track.origin = Fraction(0)  # its number says where a frame stands, whether the first can be read or not
            if stream.codec_context is not None:
                track.is_intra_only = stream.codec_context.codec.intra_only or kind == "sound"
            if isinstance(stream, av.VideoStream) and index == plan.picture_index and track.is_decodable:
                track.packets = packet_collector(stream, is_intra_only=track.is_intra_only)
            if stream.codec_context is not None:
                stream.codec_context.options = {"err_detect": "crccheck"}
                track.hides_damage = hiding_check(stream.codec_context.name, stream.codec_context.extradata)
                hides = track.hides_damage is not None and track.hides_damage(None)
                track.is_threaded = is_threaded and kind == "picture" and not hides
                if track.is_threaded:
                    stream.codec_context.thread_type = thread_kind(stream.codec_context.name)
                    stream.codec_context.thread_count = _decoder_threads(threads)
                else:
                    stream.codec_context.thread_count = 1  # an error is then told at its packet
            tracks[index] = track
    return tracks


def _still_check(decoder: str | None) -> Callable[[bytes], Complaint | None]:
    """The check of the frames of an image sequence: of their files, and of what they hold."""
    of_packet = packet_check(decoder)
    return lambda data: still_complaint(data) or (of_packet(data) if of_packet is not None else None)


def _decoder_threads(cores: int) -> int:
    """As many as libav starts of its own accord where it may use so many cores."""
    return 1 if cores == 1 else min(cores + 1, _MOST_DECODER_THREADS)


def _window(part: Part, frame_rate: Fraction | None) -> Window:
    """What of a track is measured for a part: of a picture track where a frame rate is given, else of a sound track.

    A time stamp may stand a little before its frame's time, as in wrappers that count milliseconds.
    """
    if frame_rate is None:
        return Window(
            lead_s=Fraction(max(0, part.first_second - _LEAD_SECONDS)),
            start_s=Fraction(part.first_second),
            end_s=None if part.end_second is None else Fraction(part.end_second),
            tail_s=None if part.end_second is None else Fraction(part.end_second + _TAIL_SECONDS),
        )
    end_s = None if part.end_frame is None else (part.end_frame - _EARLY) / frame_rate
    return Window(
        lead_s=(part.first_frame - _LEAD_FRAMES - _EARLY) / frame_rate,
        start_s=(part.first_frame - _EARLY) / frame_rate,
        end_s=end_s,
        tail_s=end_s,
    )


def _seek(container: InputContainer | FrameContainer, tracks: Sequence[Track]) -> None:
    """Go to where every track still has what leads into the part."""
    begins = []
    for track in tracks:
        if track.origin is None or track.window is None:
            raise MisplacedError(f"{track.name} has no first frame to count from")
        begins.append(track.origin + track.window.lead_s)
    target = min(begins) - _SEEK_MARGIN_S
    if target > min(track.origin for track in tracks if track.origin is not None):
        container.seek(int(target * av.time_base), backward=True)


def _read(
    container: InputContainer | FrameContainer,
    tracks: dict[int, Track],
    ancillary: AncillaryTracks,
    texts: TextTracks,
    log: Log,
    plan: Plan,
    progress: Progress | None,
) -> None:
    streams: Any = [track.stream for track in tracks.values() if track.is_decodable]
    streams += ancillary.streams + texts.streams
    started: Fraction | None = None
    done_s = 0.0
    for owner, said in log.taken():  # most of a decoder's words are said again when its packets are decoded
        if owner is not None and said_once.is_said_once(said):
            owner.complain(said, None, log)
        if owner is None and said.startswith(f"{container.format.name}: ") and not plan.is_truncated:
            log.error(None, f"the wrapper's reader finds damage ({said})", None)
    try:
        file = container if isinstance(container, InputContainer) else None
        for packet in container.demux(streams) if file is None else packets_of(file, streams):
            if packet.size == 0 and packet.pts is None and packet.dts is None:
                continue  # the reader's own flush mark: decoders are flushed at the end
            if packet.stream_index not in tracks:
                (texts if packet.stream_index in texts.collectors else ancillary).see(packet)
                continue
            track = tracks[packet.stream_index]
            stamp = packet.pts if packet.pts is not None else packet.dts
            _hear_reader(container, log, plan, seconds_of(stamp, packet.time_base))
            track.take(packet, log, is_truncated=plan.is_truncated)
            if progress is not None:
                at = seconds_of(packet.pts, packet.time_base)
                if at is not None:
                    started = at if started is None else min(started, at)
                    done_s = float(at - started)
                progress(done_s)
            if track.is_past_end and all(one.is_past_end for one in tracks.values() if one.is_decodable):
                break
        _hear_reader(container, log, plan, None)
        for late in late_tracks(file) if file is not None else ():
            log.error(None, f"{late}, begins after the head of the file, where players look: it was not measured", None)
        for at, why in container.not_read if isinstance(container, FrameContainer) else ():
            log.error(next(iter(tracks.values())), why, at)
    except av.error.FFmpegError as error:
        raise_if_out_of_memory(error)
        heard = next((message for _, message in log.taken()), None)
        if not plan.is_truncated:
            log.error(None, f"the wrapper cannot be read further ({heard or words(error)})", None)


def _hear_reader(container: InputContainer | FrameContainer, log: Log, plan: Plan, at: Fraction | None) -> None:
    """Take in what was said while the wrapper was read on, up to the packet at `at` or to the end."""
    for owner, said in log.taken() if log.spoken and not plan.is_truncated else ():
        if owner is not None:
            owner.complain(said, at, log)
        elif said.startswith(f"{container.format.name}: "):
            log.error(None, f"the wrapper's reader finds damage ({said})", at)


def _finish(path: Path, tracks: dict[int, Track], log: Log, plan: Plan, pairs: PairReader, *, wrapper: str) -> Signals:
    main = tracks.get(plan.picture_index) if plan.picture_index is not None else None
    first = main or next(iter(tracks.values()), None)
    origin = None if first is None else (first.origin if first.origin is not None else first.first_packet_at)
    for owner, said in log.taken():
        if owner is not None and not plan.is_truncated:
            owner.complain(said, None, log)
    if _MATROSKA in wrapper and not plan.is_truncated:
        _report_undefined(path, log)
    if wrapper == _TRANSPORT and not plan.is_truncated and (plan.part is None or plan.part.first_frame == 0):
        _report_pes(path, tracks.values(), log)
    sounds = [_sound_signal(track, origin, log, plan.part) for track in tracks.values() if track.sound is not None]
    picture = main.picture.finish() if main is not None and main.picture is not None else None
    if main is not None and picture is not None and plan.part is not None:
        picture = replace(cut(picture, main.lead_frame_count, None), first_frame=plan.part.first_frame)
    placed = _frames_by_time(picture, plan)
    missing = None
    is_seen = main is not None and (main.is_decodable or plan.frames is None)
    if main is not None and is_seen and (promised := _promised(plan)) is not None:
        missing = max(0, promised - main.whole_packet_count)
    has_stamps = plan.frames is None  # frames that are not there are missing, and no gap in time stamps
    of_picture = picture_gaps(picture, main.name) if picture is not None and main is not None and has_stamps else ()
    gaps: list[tuple[TimeGap, int | None]] = [(gap, None) for gap in of_picture]
    for track in tracks.values():
        of_sound = track.gaps.told(track.name, origin or Fraction(0))
        gaps += lasting(of_sound, track.packet_s) if wrapper in _STAMPED_IN_PLACES else of_sound
    found = pairs.finish()
    if plan.part is not None:
        found = tuple(cut(pair, *_rows(plan.part)) for pair in found)
    return Signals(
        picture=picture,
        sounds=tuple(sounds),
        log=DecodeLog(
            errors=tuple(as_row(remark, origin, placed, main) for remark in log.errors if remark.is_in_view()),
            warnings=tuple(
                DecodeRemark(track=track, message=message, frame=None, start_s=None, count=count)
                for (track, message), count in log.warnings.items()
            ),
            frame_count=main.frame_count if main is not None and main.is_decodable else None,
            missing_frame_count=missing,
            undecodable=tuple(track.name for track in tracks.values() if not track.is_decodable),
            gaps=marked(path, gaps) if wrapper == _TRANSPORT else tuple(gap for gap, _ in gaps),
            lengths=tuple(
                track.length.told(track.name, track.packet_s) for track in tracks.values() if track.is_decodable
            ),
            changes=tuple(
                replace(change, frame=placed(change.start_s)) if track is main and placed is not None else change
                for track in tracks.values()
                for change in track.looks.told(track.name, plan.part.first_frame if plan.part is not None else 0)
            ),
            sound_headers=tuple(
                stated for track in tracks.values() if (stated := track.headers.told(track.name)) is not None
            ),
            first_looks=tuple(track.looks.first_look() for track in tracks.values() if track.looks.first is not None),
            immersive_audio=follow(path) if plan.may_hold_iab and plan.part is None else None,
        ),
        pairs=tuple(pair for pair in found if _starts_together(pair, sounds)),
        packets=main.packets.finish(origin) if main is not None and main.packets is not None else None,
        extensions=frozenset(plan.extensions),
        part=plan.part,
    )


def _report_undefined(path: Path, log: Log) -> None:
    """Report what a reader of Matroska passes over without a word."""
    with path.open("rb") as file:
        for identity, place, size in islice(undefined_elements(file, path.stat().st_size), _MOST_UNDEFINED):
            message = f"Matroska defines no element 0x{identity:X} here: {size} bytes from byte {place} are skipped"
            log.error(None, message, None)


def _report_pes(path: Path, tracks: Iterable[Track], log: Log) -> None:
    """Report what a reader of transport streams drops, or hands on cut, without a word."""
    named = {track.stream.id: track for track in tracks}
    for fault in pes_faults(path):
        message = f"the PES packet at byte {fault.place} (PID {fault.pid}) is damaged: {fault.message}"
        log.error(named.get(fault.pid), message, None)


def _frames_by_time(picture: PictureSignal | None, plan: Plan) -> Callable[[float], int] | None:
    """Tells which frame of the main track is due at a time after the first one; None where no rate is known. The frames
    of an image sequence stand where their numbers say."""
    rate = plan.frame_rate
    if plan.frames is not None:
        return lambda start_s: round(start_s * float(rate or 1))
    if picture is not None:
        return partial(frame_at, picture, frame_numbers(picture))
    return None if rate is None else lambda start_s: round(start_s * float(rate))


def _promised(plan: Plan) -> int | None:
    """Frames that the wrapper promises for what is decoded."""
    if plan.part is None or plan.promised_frame_count is None:
        return plan.promised_frame_count
    end = plan.promised_frame_count if plan.part.end_frame is None else plan.part.end_frame
    return max(0, min(end, plan.promised_frame_count) - plan.part.first_frame)


def _rows(part: Part) -> tuple[int, int | None]:
    """The rows of a sound table that count, where it begins with what leads into the part."""
    first = (part.first_second - max(0, part.first_second - _LEAD_SECONDS)) * ROWS_PER_SECOND
    return first, None if part.end_second is None else first + (part.end_second - part.first_second) * ROWS_PER_SECOND


def _starts_together(pair: PairSignal, sounds: Sequence[SoundSignal]) -> bool:
    first, second = (sounds[track] for track, _ in (pair.first, pair.second))
    return abs(first.offset_s - second.offset_s) * first.sample_rate_hz < 1


def _sound_signal(track: Track, origin: Fraction | None, log: Log, part: Part | None) -> SoundSignal:
    feed = track.sound
    assert feed is not None
    accumulator = feed.accumulator or SoundAccumulator(48_000, 0)
    measured = accumulator.finish()
    if accumulator.non_finite_count:
        what = "samples are not valid numbers (NaN, infinite or more than 180 dB over full scale)"
        log.error(track, f"{accumulator.non_finite_count} {what}", None)
    offset = Fraction(0) if origin is None or track.origin is None else track.origin - origin
    rate = feed.sample_rate_hz or 48_000
    sound = replace(
        measured,
        sample_rate_hz=rate,
        labels=("",) * feed.channel_count,
        offset_s=offset,
        extended=filed(gather(feed.readers, measured.row_count).items()),
    )
    if part is None:
        return sound
    first, end = _rows(part)
    held = max(0, sound.sample_count - first * rate // ROWS_PER_SECOND)
    held = held if end is None else min(held, (end - first) * rate // ROWS_PER_SECOND)
    return replace(cut(sound, first, end), sample_count=held, first_sample=part.first_second * rate)
