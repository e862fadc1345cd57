"""A master measured in parts by several processes, and the parts joined to the tables of a single pass; knows no meter
and no fact.

What can be divided: one picture track whose frames stand alone (intra-only), at a constant rate, with PCM sound or
none. The joined tables equal those of the single pass, bit by bit, because a row looks back two frames, or a second of
sound, and each part is measured from that much before it. Where any doubt is left (damage, a missing frame, a time
stamp that is off by a sample), the parts are thrown away and the whole is measured at once.
"""

from __future__ import annotations

import itertools
import multiprocessing
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from fractions import Fraction
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, TypeVar

import av
import av.error
import numpy as np

from deliverqc.probing import said_once
from deliverqc.probing.opening import open_essence, packets_of
from deliverqc.signals.ancillary import joined_captions, joined_tracks
from deliverqc.signals.decode import Progress, decode
from deliverqc.signals.headers.jpeg2000 import CODING, renumbered
from deliverqc.signals.lengths import joined_length
from deliverqc.signals.on_demand import is_any_stateful
from deliverqc.signals.picture.in_order import usable_cores
from deliverqc.signals.plan import Plan
from deliverqc.signals.remarks import seconds_of
from deliverqc.signals.tables import PacketSignal, PairSignal, Part, PictureSignal, Signals, SoundSignal
from deliverqc.signals.track import MisplacedError

_FEWEST_FRAMES = 250
"""Of a part: house choice, since starting a process costs as much as decoding some tens of frames."""

_PACKETS_TO_FIRST_FRAMES = 2_000
"""House choice: tracks that are interleaved begin within the first few packets."""

_TELL_EVERY_S = 0.5

Table = TypeVar("Table", PictureSignal, SoundSignal, PairSignal, PacketSignal)


def decode_in_parts(
    path: Path, plan: Plan, jobs: int, progress: Progress | None = None, *, threads: int | None = None
) -> Signals:
    """The signals of `path`, measured by as many as `jobs` processes that share `threads`; the same as those of
    `decode`."""
    parts = divide(path, plan, jobs)
    if len(parts) > 1:
        with suppress(MisplacedError):
            return joined(_measured(path, [replace(plan, part=part) for part in parts], progress, threads))
    return decode_heard(path, plan, progress, threads=threads)


def decode_heard(path: Path, plan: Plan, progress: Progress | None = None, *, threads: int | None = None) -> Signals:
    """The signals of `path`, measured at once: in a new process where libav, which makes some complaints once in a
    process, would be silent in this one. MisplacedError where that process is lost."""
    if plan.frames is None and said_once.is_silent() and _has_decoder(path, said_once.DECODERS):
        (signals,) = _measured(path, [plan], progress, threads)
        return signals
    return decode(path, plan, progress, threads=threads)


def _has_decoder(path: Path, names: frozenset[str]) -> bool:
    with suppress(av.error.FFmpegError), open_essence(path) as container:
        contexts = [stream.codec_context for stream in container.streams]
        return any(context is not None and context.name in names for context in contexts)
    return False


def divide(path: Path, plan: Plan, jobs: int) -> list[Part]:
    """Parts of about the same length, no more than `jobs`; none where the master cannot be divided."""
    count = min(jobs, (plan.promised_frame_count or 0) // _FEWEST_FRAMES)
    if count < 2 or plan.is_truncated or is_any_stateful(plan.extensions) or not _is_divisible(path, plan):
        return []
    frames = plan.promised_frame_count or 0
    return parts_at(path, plan, [frames * number // count for number in range(1, count)])


def parts_at(path: Path, plan: Plan, joins: Sequence[int]) -> list[Part]:
    """The parts between the frames `joins`, of which sound is divided at the whole second that follows; none where the
    first frames of its tracks cannot be told."""
    origins = first_frames(path, plan)
    if origins is None or plan.frame_rate is None:
        return []
    seconds = [-int(-join / plan.frame_rate // 1) for join in joins]
    return [
        Part(
            first_frame=frame,
            end_frame=end_frame,
            first_second=second,
            end_second=end_second,
            origins=origins,
            is_exact=True,
        )
        for (frame, second), (end_frame, end_second) in itertools.pairwise(
            [(0, 0), *zip(joins, seconds, strict=True), (None, None)]
        )
        if frame is not None and second is not None
    ]


def first_frames(path: Path, plan: Plan) -> Mapping[int, Fraction] | None:
    """When the first frame of each track is shown, in seconds of the container's clock; None where one does not come
    soon."""
    wanted = {*plan.picture_indexes, *plan.sound_indexes}
    found: dict[int, Fraction] = {}
    if plan.frames is not None:
        return dict.fromkeys(wanted, Fraction(0))  # the first number of the pattern is the first frame, read or not
    with suppress(av.error.FFmpegError), open_essence(path) as container:
        streams = [
            stream for stream in container.streams if stream.index in wanted and stream.codec_context is not None
        ]
        wanted = {stream.index for stream in streams}
        for packet in itertools.islice(packets_of(container, streams), _PACKETS_TO_FIRST_FRAMES):
            index = packet.stream_index
            for frame in packet.decode() if index not in found else ():
                at = (
                    seconds_of(frame.pts, frame.time_base) if isinstance(frame, av.VideoFrame | av.AudioFrame) else None
                )
                if at is None:
                    return None
                found.setdefault(index, at)
            if len(found) == len(wanted):
                return found
    return None


def joined(parts: Sequence[Signals]) -> Signals:
    """One set of tables from those of successive parts. MisplacedError where they leave a doubt."""
    logs = [part.log for part in parts]
    if any(log.errors or log.warnings or log.gaps or log.missing_frame_count or log.undecodable for log in logs):
        raise MisplacedError("a part is damaged")
    if any(part.captions for part in parts):
        raise MisplacedError("captions run over a join")
    looks = [log.first_looks for log in logs if log.first_looks]
    if any(log.changes for log in logs) or any(look != looks[0] for look in looks):
        raise MisplacedError("the picture changes")
    pictures = [part.picture for part in parts if part.picture is not None]
    if len(pictures) != len(parts):
        raise MisplacedError("a part has no picture")
    for before, after in itertools.pairwise(pictures):
        if before.first_frame + before.frame_count != after.first_frame:
            raise MisplacedError("frames are missing at a join, or there are too many")
    sounds = [_joined_sound(track) for track in zip(*(part.sounds for part in parts), strict=True)]
    try:
        caption_tracks = joined_tracks(log.caption_tracks for log in logs)
    except ValueError as error:
        raise MisplacedError(str(error)) from error
    return Signals(
        picture=_joined([replace(picture, first_frame=0) for picture in pictures]),
        sounds=tuple(sounds),
        log=replace(
            logs[0],
            first_looks=looks[0] if looks else (),
            frame_count=sum(log.frame_count or 0 for log in logs),
            ancillary_captions=joined_captions(log.ancillary_captions for log in logs),
            caption_tracks=caption_tracks,
            lengths=tuple(joined_length(track) for track in zip(*(log.lengths for log in logs), strict=True)),
        ),
        pairs=tuple(_joined(pair) for pair in _same_pairs(part.pairs for part in parts)),
        packets=_joined_packets([part.packets for part in parts if part.packets is not None]),
        extensions=parts[0].extensions,
    )


def _joined_sound(track: Sequence[SoundSignal]) -> SoundSignal:
    held = [sound for sound in track if sound.row_count] or list(track[:1])
    rate = held[0].sample_rate_hz
    for before, after in itertools.pairwise(held):
        if before.first_sample + before.sample_count != after.first_sample:
            raise MisplacedError("sound is missing at a join")
    count = sum(sound.sample_count for sound in held)
    if held[0].first_sample != 0 or any(sound.sample_rate_hz != rate for sound in held):
        raise MisplacedError("sound does not begin with the first part, or changes")
    return _joined([replace(sound, first_sample=0, sample_count=count) for sound in held])


def _joined_packets(tables: Sequence[PacketSignal]) -> PacketSignal:
    if not any(table.codings for table in tables):
        return _joined(tables)
    codings, columns = renumbered([(table.codings, table.extended) for table in tables])
    same = [
        replace(table, codings=codings, extended={**table.extended, CODING: column})
        for table, column in zip(tables, columns, strict=True)
    ]
    return _joined(same)


def _same_pairs(parts: Iterable[Sequence[PairSignal]]) -> list[tuple[PairSignal, ...]]:
    found = list(parts)
    if len({tuple((pair.first, pair.second) for pair in pairs) for pairs in found}) != 1:
        raise MisplacedError("a channel ends in one of the parts")
    return list(zip(*found, strict=True))


def _joined(tables: Sequence[Table]) -> Table:
    """The rows of all tables under what they all say. MisplacedError where they do not say the same."""
    first = tables[0]
    columns: dict[str, Any] = {}
    for member in fields(first):
        values = [getattr(table, member.name) for table in tables]
        if member.name == "extended":
            columns["extended"] = {name: np.concatenate([value[name] for value in values]) for name in values[0]}
        elif isinstance(values[0], np.ndarray):
            columns[member.name] = np.concatenate(values)
        elif any(value != values[0] for value in values):
            raise MisplacedError(f"{member.name} changes")
    return replace(first, **columns)


def _is_divisible(path: Path, plan: Plan) -> bool:
    """Whether there is one picture track, and every packet stands alone."""
    if plan.frames is not None or plan.caption_tracks or plan.text_tracks:
        return False
    if plan.picture_index is None or len(plan.picture_indexes) != 1 or plan.frame_rate is None:
        return False
    with suppress(av.error.FFmpegError), open_essence(path) as container:
        codecs = [container.streams[index].codec_context for index in (plan.picture_index, *plan.sound_indexes)]
        if any(codec is None for codec in codecs):
            return False
        picture, *sounds = (codec.codec for codec in codecs if codec is not None)
        return picture.intra_only and all(sound.name.startswith("pcm_") for sound in sounds)
    return False


def _measured(path: Path, plans: Sequence[Plan], progress: Progress | None, threads: int | None) -> list[Signals]:
    """The signals of every part, each from a process of its own with its share of the threads. MisplacedError where one
    is lost or refuses."""
    share = max(1, (usable_cores() if threads is None else threads) // len(plans))
    context = multiprocessing.get_context("spawn")
    workers: list[tuple[SpawnProcess, Connection]] = []
    done_s = [0.0] * len(plans)
    found: list[Signals | None] = [None] * len(plans)
    try:
        for plan in plans:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(theirs, path, plan, share), daemon=True)
            process.start()
            theirs.close()
            workers.append((process, ours))
        while any(signals is None for signals in found):
            unfinished = [number for number, signals in enumerate(found) if signals is None]
            ready = wait([workers[number][1] for number in unfinished])
            for number in unfinished:
                if workers[number][1] not in ready:
                    continue
                told = workers[number][1].recv()
                if isinstance(told, Signals):
                    found[number] = told
                elif isinstance(told, float):
                    done_s[number] = told
                else:
                    raise MisplacedError(told)
            if progress is not None:
                progress(sum(done_s))
    except (EOFError, ConnectionError) as error:
        raise MisplacedError("a process that measured a part was lost") from error
    finally:
        for process, pipe in workers:
            process.kill()
            pipe.close()
    return [signals for signals in found if signals is not None]


def _work(pipe: Connection, path: Path, plan: Plan, threads: int) -> None:
    """A process's life: measure one part, tell how far it is, then give the tables."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its processes
    told_at = 0.0

    def tell(done_s: float) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            told_at = time.monotonic()
            pipe.send(done_s)

    with suppress(ConnectionError):
        try:
            pipe.send(decode(path, plan, tell, threads=threads))
        except (MisplacedError, MemoryError) as error:
            pipe.send(str(error))
