"""Captions in band as documents: the same from every carrier, in the order in which pictures are shown."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest

from deliverqc.measuring.caption_documents import caption_documents, is_read
from deliverqc.measuring.obtain import obtain_signals
from deliverqc.probing import probe
from deliverqc.signals.caption_data import CaptionCollector
from deliverqc.signals.parts import joined
from deliverqc.signals.store import Store
from deliverqc.signals.tables import NO_STAMP, CaptionSignal, DecodeLog, Part, Signals
from deliverqc.signals.track import MisplacedError
from deliverqc.timed_text.mcc import read
from fixtures.ffmpeg import make
from fixtures.quicktime import Atom, caption_track, read_movie
from tests.material import material
from tests.timed_text.test_line_21 import words
from tests.timed_text.test_mcc import ancillary_packet, cdp

_RATE = Fraction(25)
_LOG = DecodeLog(errors=(), warnings=(), frame_count=None, missing_frame_count=None, undecodable=())
_PAIRS = words("{ENM}{RCL}{1470}Hello{EDM}{EOC}")
_SHOWN_AT = len(_PAIRS) - 2
"""The pair that displays the text, from 0."""


def _signals(held: CaptionSignal) -> Signals:
    return Signals(picture=None, sounds=(), log=_LOG, captions=(held,))


def _collected(
    frames: list[tuple[int | None, bytes]], carrier: str = "a53", *, is_run: bool = False, origin: int = 0
) -> CaptionSignal:
    collector = CaptionCollector()
    for stamp, triplets in frames:
        collector.add(stamp, 1 / _RATE, triplets, is_run=is_run)
    return collector.finish(Fraction(origin), source="picture", index=None, carrier=carrier)


def _events(held: CaptionSignal) -> list[tuple[Fraction, tuple[str, ...]]]:
    return [(event.begin_s, event.lines) for one in caption_documents(_signals(held)) for event in one.document.events]


def test_frames_are_read_as_they_are_shown() -> None:
    frames = [(place, bytes((0xFC, *pair))) for place, pair in enumerate(_PAIRS)]
    coded = [
        frames[place]
        for start in range(0, len(frames), 3)
        for place in (start + 2, start, start + 1)
        if place < len(frames)
    ]
    expected = [(_SHOWN_AT / _RATE, ("Hello",))]
    assert _events(_collected(frames)) == _events(_collected(coded)) == expected
    assert _events(_collected([(stamp + 50, data) for stamp, data in frames], origin=2)) == expected


def test_padding_is_left_out_and_counts_for_nothing() -> None:
    padding = b"\xfc\x80\x80\xfd\x80\x80\xf8\x00\x00"
    held = _collected([(place, padding + bytes((0xFC, *pair)) + b"\xfa\0\0") for place, pair in enumerate(_PAIRS)])
    assert (held.triplets.shape, held.counts.tolist()) == ((len(_PAIRS), 3), [1] * len(_PAIRS))
    assert not len(_collected([(place, padding) for place in range(9)]).triplets)


def test_a_sample_of_many_pairs_lasts_as_many_frames() -> None:
    sample = b"".join(bytes((0xFC, *pair)) for pair in [*_PAIRS[:4], (0x80, 0x80), *_PAIRS[4:]])
    (event,) = _events(_collected([(25, sample)], "cea_608", is_run=True))
    assert event == (1 + (_SHOWN_AT + 1) * Fraction(1001, 30000), ("Hello",))


def test_samples_of_a_few_pairs_keep_their_order() -> None:
    """Three pairs a frame at 25 frames a second, more than 29.97 carries: late, and in the order of the file."""
    frames = [
        (place // 3, b"".join(bytes((0xFC, *pair)) for pair in _PAIRS[place : place + 3]))
        for place in range(0, len(_PAIRS), 3)
    ]
    ((begins, lines),) = _events(_collected(frames, "cea_608", is_run=True))
    assert lines == ("Hello",)
    assert _SHOWN_AT // 3 / _RATE <= begins <= _SHOWN_AT * Fraction(1001, 30000)


def test_without_time_stamps_or_of_a_part_nothing_is_read() -> None:
    held = _collected([(None, b"\xfc\x94\x20"), (1, b"\xfc\x94\x20")])
    assert held.stamps[0] == NO_STAMP
    assert (caption_documents(_signals(held)), is_read(_signals(held))) == ((), False)
    part = Part(first_frame=0, end_frame=1, first_second=0, end_second=1, origins={}, is_exact=False)
    whole = _signals(_collected([(0, b"\xfc\x94\x20")]))
    assert (len(caption_documents(whole)), is_read(whole)) == (1, True)
    assert (caption_documents(replace(whole, part=part)), is_read(replace(whole, part=part))) == ((), False)


def _mpeg2(path: Path, frames: list[bytes], user_data: list[bytes], kind: str) -> Path:
    """Small frames of MPEG-2 with B pictures; ancillary data and user data, one of each a frame in the order of
    display."""
    with av.open(str(path), "w", format=kind) as container:
        stream: Any = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.max_b_frames = 2
        data: Any = container.add_data_stream("smpte_436m_anc") if frames else None
        if data is not None:
            data.time_base = 1 / _RATE
        container.start_encoding()
        count = max(len(frames), len(user_data))
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 40 + 5 * number, np.uint8), format="yuv420p")
            frame.pts = number
            for packet in stream.encode(frame):
                container.mux(_with(packet, user_data))
            if data is not None:
                one: Any = av.Packet(frames[number])
                one.stream, one.time_base, one.pts, one.dts, one.duration = data, 1 / _RATE, number, number, 1
                container.mux(one)
        for packet in stream.encode(None):
            container.mux(_with(packet, user_data))
    return path


def _with(packet: Any, user_data: list[bytes]) -> Any:
    if not user_data:
        return packet
    coded, number = bytes(packet), int(packet.pts * packet.time_base * _RATE)
    at = coded.find(b"\0\0\1\1")
    changed = av.Packet(coded[:at] + b"\0\0\1\xb2GA94\x03" + user_data[number] + coded[at:])
    changed.stream, changed.time_base, changed.is_keyframe = packet.stream, packet.time_base, packet.is_keyframe
    changed.pts, changed.dts, changed.duration = packet.pts, packet.dts, packet.duration
    return changed


def _st436(packet: bytes) -> bytes:
    head = bytes((0, 1)) + bytes((0, 9, 1, 4)) + len(packet).to_bytes(2, "big")
    padded = packet + bytes(-len(packet) % 4)
    return head + len(padded).to_bytes(4, "big") + (1).to_bytes(4, "big") + padded


_CC_DATA = [bytes((0x41, 0xFF, 0xFC, *pair, 0xFF)) for pair in _PAIRS]
_ANCILLARY = [_st436(ancillary_packet(cdp(number, [pair]))) for number, pair in enumerate(_PAIRS)]


@pytest.mark.parametrize(("kind", "source"), [("mpeg", ("picture", None, "a53")), ("mxf", ("track", 1, "st436_vanc"))])
def test_every_carrier_gives_the_same_and_the_store_keeps_it(
    kind: str, source: tuple[str, int | None, str], tmp_path: Path
) -> None:
    is_mxf = kind == "mxf"
    path = _mpeg2(tmp_path / f"a.{kind}", _ANCILLARY if is_mxf else [], [] if is_mxf else _CC_DATA, kind)
    store, probed = Store(folder=tmp_path / "store"), probe(path)
    for _ in range(2):
        signals = obtain_signals(path, probed, store=store, progress=None)
        (found,) = caption_documents(signals)
        assert found[:3] == source
        assert (found.document.format, found.document.service, found.document.faults) == ("cea_608", "cc1", ())
        assert [(event.begin_s, event.lines) for event in found.document.events] == [(_SHOWN_AT / _RATE, ("Hello",))]
    assert len(store.tables()) == 1


def test_tracks_of_quicktime(tmp_path: Path) -> None:
    (tmp_path / "a.scc").write_text("Scenarist_SCC V1.0\n\n00:00:00:00\t9420 9420 c8e9\n", encoding="utf-8")
    picture = "-f lavfi -i testsrc2=s=64x48:r=30:d=0.7"
    made = make(tmp_path / "a.mov", f"{picture} -i {tmp_path / 'a.scc'} -map 0 -map 1 -c:v png -c:s copy")
    samples = [bytes(Atom(kind=b"cdat", body=bytes(pair))) for pair in _PAIRS]
    path = caption_track(read_movie(made), samples).write(tmp_path / "b.mov")
    (found,) = caption_documents(obtain_signals(path, probe(path), store=None, progress=None))
    assert (found.source, found.track_index, found.carrier) == ("track", 1, "cea_608")
    (event,) = found.document.events
    assert (event.lines, event.begin_s) == (("Hello",), _SHOWN_AT * Fraction(1, 10))  # a sample lasts 0.1 s


def test_ancillary_data_that_ffmpeg_makes_of_a_file(tmp_path: Path) -> None:
    """Its copy of a real MCC file in MXF: the services, texts and times of the file itself."""
    source = material("caption_inspector/test/media/BigBuckBunny_256x144-24fps.mcc")
    path, program = tmp_path / "a.mxf", imageio_ffmpeg.get_ffmpeg_exe()
    picture = "-f lavfi -i color=s=64x48:r=24000/1001 -t 5 -eia608_extract 0"
    asked = f"{program} -v error {picture} -i {source} -map 0 -map 1 -c:v mpeg2video -c:d copy -t 5 {path}"
    subprocess.run(asked.split(), check=True)
    found = caption_documents(obtain_signals(path, probe(path), store=None, progress=None))
    expected = {one.service: one for one in read(source.read_bytes(), source.name)}
    assert [one.document.service for one in found] == list(expected)
    for one in found:
        assert one[:3] == ("track", 1, "st436_vanc")
        events = [(event.begin_s, event.lines) for event in one.document.events]
        same = expected[one.document.service].events
        assert events == [(event.begin_s, event.lines) for event in same if event.begin_s < Fraction(24, 5)]
        assert events


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is the peer")
def test_a_real_stream_shows_what_ffmpeg_shows(tmp_path: Path) -> None:
    """A stream of a player's tests, whose last caption stays to its end."""
    path = tmp_path / "a.ts"
    path.write_bytes(material("androidx_media/media/hls/cea608/sd-hls0000000000.ts").read_bytes())
    asked = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"movie={path}[out0+subcc]", "-map", "0:s", "-f", "srt", "-"]
    told = subprocess.run(asked, capture_output=True, check=True, text=True).stdout
    theirs = re.findall(r"00:00:(\S+) --> 00:00:(\S+)\n<[^>]*>{[^}]*}([^<]*)<", told)
    (found,) = caption_documents(obtain_signals(path, probe(path), store=None, progress=None))
    events = found.document.events
    assert (
        [event.lines for event in events]
        == [(text,) for _, _, text in theirs]
        == [
            ("First subtitle",),
            ("Second subtitle",),
        ]
    )
    for event, (begins, _, _) in zip(events, theirs, strict=True):
        assert float(event.begin_s) == pytest.approx(float(begins.replace(",", ".")), abs=1e-3)
    assert float(events[0].end_s or 0) == pytest.approx(float(theirs[0][1].replace(",", ".")), abs=1e-3)
    assert (events[1].end_s, events[0].vertical) == (None, "top")


def test_parts_with_captions_are_measured_at_once() -> None:
    held = _signals(_collected([(0, b"\xfc\x94\x20")]))
    with pytest.raises(MisplacedError, match="captions"):
        joined([held, held])
