"""What tracks of closed captions hold: by CTA-608 and CTA-708, Caption Inspector's dumps of a real stream, ffmpeg and
MediaInfo."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from deliverqc import measure
from deliverqc.measuring.obtain import obtain_signals
from deliverqc.probing import probe
from deliverqc.signals.ancillary import joined_tracks, track_triplets
from deliverqc.signals.headers.caption_services import ServiceReader
from deliverqc.signals.store import Store
from deliverqc.signals.tables import CaptionTrack
from fixtures.ffmpeg import make
from fixtures.quicktime import Atom, caption_track, read_movie
from tests.material import material

_STREAM = "caption_inspector/test/media/BigBuckBunny_256x144-24fps"
_QUOTED, _P16 = re.compile(r'"([^"\n]*)(?:"|$)', re.MULTILINE), re.compile(r"\{P16:")


def _pairs(field: int, words: str) -> bytes:
    data = bytes.fromhex(words)
    return b"".join(bytes([0xFC | field]) + data[at : at + 2] for at in range(0, len(data), 2))


def _counted(*frames: bytes) -> dict[str, tuple[int, int, Any, Any]]:
    reader = ServiceReader()
    for number, triplets in enumerate(frames):
        reader.feed(Fraction(number), triplets)
    return {
        one.service: (one.unit_count, one.character_count, one.first_s, one.last_s)
        for one in reader.services(Fraction(0))
    }


_HI = "c8e9"  # "Hi", odd parity
LINE_21 = {
    "padding": ([_pairs(0, "8080"), _pairs(1, "8080")], {}),
    "captions": ([_pairs(0, "9420" + _HI), _pairs(0, "942f")], {"cc1": (3, 2, 0, 1)}),
    "every channel": (
        [_pairs(0, "9420" + _HI + "1c20" + _HI) + _pairs(1, "1520" + _HI + "9d20" + _HI)],
        {f"cc{channel}": (2, 2, 0, 0) for channel in (1, 2, 3, 4)},
    ),
    "text": ([_pairs(0, "942a" + _HI), _pairs(0, "9420" + _HI)], {"cc1": (2, 2, 1, 1), "t1": (2, 2, 0, 0)}),
    "text goes on in its channel": ([_pairs(1, "152a"), b"", _pairs(1, _HI)], {"t3": (2, 2, 0, 2)}),
    "the second field as encoders write it": ([_pairs(1, "9420" + _HI)], {"cc3": (2, 2, 0, 0)}),
    "special and extended characters": ([_pairs(0, "9420" + "91b0" + "92a1" + "9120")], {"cc1": (4, 2, 0, 0)}),
    "data on the programme": (
        [_pairs(1, "0101" + _HI + "8f62" + "1520" + _HI)],
        {"cc3": (2, 2, 0, 0), "xds": (3, 0, 0, 0)},
    ),
    "no code before it": ([_pairs(0, _HI)], {"unknown": (1, 2, 0, 0)}),
    "erased again and again": ([_pairs(0, "942c")] * 3, {"cc1": (3, 0, 0, 2)}),
    "not valid": ([bytes([0xF8, 0x94, 0x20])], {}),
}


@pytest.mark.parametrize("name", LINE_21)
def test_line_21_is_counted_by_channel(name: str) -> None:
    frames, expected = LINE_21[name]
    assert _counted(*frames) == expected


def _packet(*blocks: bytes) -> bytes:
    """A caption channel packet as triplets (CTA-708 section 5)."""
    body = b"".join(blocks)
    body += bytes(1 - len(body) % 2)
    data = bytes([(len(body) + 1) // 2]) + body
    return b"".join(bytes([0xFF if not at else 0xFE]) + data[at : at + 2] for at in range(0, len(data), 2))


def _block(service: int, data: bytes) -> bytes:
    return bytes([service << 5 | len(data)] if service < 7 else [7 << 5 | len(data), service]) + data


DTVCC = {
    "one service": ([_packet(_block(1, b"Hi"))], {"service_1": (1, 2, 0, 0)}),
    "two in a packet": (
        [_packet(_block(1, b"Hi"), _block(2, b"\xc9\xa0"))],
        {f"service_{n}": (1, 2, 0, 0) for n in (1, 2)},
    ),
    "over two frames": (
        [_packet(_block(3, b"Hello"))[:6], _packet(_block(3, b"Hello"))[6:]],
        {"service_3": (1, 5, 0, 0)},
    ),
    "an extended service": ([_packet(_block(63, b"Hi"))], {"service_63": (1, 2, 0, 0)}),
    "commands": ([_packet(_block(1, b"\x92\x01\x02A\x90\0\0\x8c\x41B"))], {"service_1": (1, 2, 0, 0)}),
    "signs of other sets": (
        [_packet(_block(1, b"\x10\x20\x10\xa0\x18\x06\xa9\x10\x08\x41\x10\x81\1\2\3\4"))],
        {"service_1": (1, 3, 0, 0)},
    ),
    "a null block": ([_packet(b"\0")], {}),
    "data without a start": ([b"\xfe\x22\x41"], {}),
}


@pytest.mark.parametrize("name", DTVCC)
def test_services_of_cta_708_are_counted(name: str) -> None:
    frames, expected = DTVCC[name]
    assert _counted(*frames) == expected


def test_services_of_a_real_stream_are_those_of_its_dumps() -> None:
    """Caption Inspector's dumps, of the services that they hold from their beginning and without accents."""
    path = material(f"{_STREAM}.ts")
    with av.open(str(path)) as container:
        packets = sorted(
            (packet.pts * packet.time_base, bytes(packet)) for packet in container.demux(video=0) if packet.size
        )
    reader = ServiceReader()
    for at, data in packets:
        for found in re.finditer(rb"GA94\x03", data):
            message = data[found.end() : found.end() + 200].replace(b"\0\0\x03", b"\0\0")
            reader.feed(at, message[2 : 2 + 3 * (message[0] & 0x1F)])
    services = {one.service: one for one in reader.services(packets[0][0])}
    assert list(services) == ["cc1", "cc3", *(f"service_{number}" for number in range(1, 7))]
    for name, dump in {"cc1": "C1.608", "service_3": "S3.708", "service_4": "S4.708", "service_5": "S5.708"}.items():
        text = material(f"{_STREAM}-{dump}").read_text(encoding="utf-8")
        assert services[name].character_count == sum(map(len, _QUOTED.findall(text))) + len(_P16.findall(text))
        first = re.findall(r"^00:00:(\d\d),(\d+)", text, re.MULTILINE)[0]
        assert float(services[name].first_s or 0) == pytest.approx(float(".".join(first)), abs=0.042)  # a frame


def _atom(kind: bytes, words: str) -> bytes:
    return bytes(Atom(kind=kind, body=bytes.fromhex(words)))


_PADDING = _atom(b"cdat", "8080")
_BOTH_FIELDS = _atom(b"cdat", "9420" + _HI) + _atom(b"cdt2", "1520" + _HI + "942f")
_CDP = b"\x96\x69\x19\x3f\x43\0\0\x72\xe4" + _packet(_block(1, b"Hi")) + _pairs(0, "9420" + _HI)[:6]
SAMPLES = {
    "padding": ("c608", [_PADDING] * 3, []),
    "both fields": ("c608", [_PADDING, _BOTH_FIELDS, _PADDING], ["cc1", "cc3"]),
    "an atom without pairs": ("c608", [_atom(b"cdat", ""), _BOTH_FIELDS], ["cc1", "cc3"]),
    "packets of CTA-708": ("c708", [bytes(Atom(kind=b"ccdp", body=_CDP))] * 2, ["cc1", "service_1"]),
    "packets of nothing": ("c708", [bytes(Atom(kind=b"ccdp", body=b"\x96\x69\x0d\x3f\x43\0\0\x74\0\0\0\0\0"))], []),
    "not a packet": ("c708", [bytes(Atom(kind=b"ccdp", body=b"\x12\x34" + bytes(20)))], None),
    "another atom": ("c708", [_atom(b"what", "8080")], None),
}


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captioned")
    (folder / "a.scc").write_text("Scenarist_SCC V1.0\n\n00:00:00:03\t9420 9420 c8e9\n", encoding="utf-8")
    picture = "-f lavfi -i testsrc2=s=64x48:r=30:d=0.5"
    return make(folder / "a.mov", f"{picture} -i {folder / 'a.scc'} -map 0 -map 1 -c:v png -c:s copy")


def _planted(captioned: Path, path: Path, name: str) -> Any:
    entry, samples, _ = SAMPLES[name]
    return caption_track(read_movie(captioned), samples, entry=entry.encode()).write(path)


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_quicktime_are_opened(name: str, captioned: Path, tmp_path: Path) -> None:
    expected = SAMPLES[name][2]
    facts: Any = measure(_planted(captioned, tmp_path / "a.mov", name)).subjects[0].facts
    if expected is None:
        assert not [fact for fact in facts if fact.startswith(("timed_text.caption_", "timed_text.in_band"))]
        return
    (track,) = facts["timed_text.caption_tracks"]
    assert (track["services"], bool(track["character_count"])) == (expected, bool(expected))
    assert [one["service"] for one in facts["timed_text.caption_services"]] == expected
    carrier = f"cea_{SAMPLES[name][0][1:]}"
    assert facts["timed_text.in_band.carriers"] == ([f"{carrier}_track"] if expected else [])


def test_times_count_from_the_first_picture(captioned: Path, tmp_path: Path) -> None:
    facts: Any = measure(_planted(captioned, tmp_path / "a.mov", "both fields")).subjects[0].facts
    found = [
        (one["service"], one["unit_count"], one["character_count"], one["first_s"])
        for one in facts["timed_text.caption_services"]
    ]
    assert found == [("cc1", 2, 2, 0.1), ("cc3", 3, 2, 0.1)]


@pytest.mark.skipif(shutil.which("mediainfo") is None, reason="MediaInfo is the peer")
def test_mediainfo_sees_the_same_channels(captioned: Path, tmp_path: Path) -> None:
    for name, count in (("padding", 0), ("both fields", 2)):
        asked = ["mediainfo", "--Output=JSON", str(_planted(captioned, tmp_path / "a.mov", name))]
        told = json.loads(subprocess.run(asked, capture_output=True, check=True, text=True).stdout)
        texts = [
            track for track in told["media"]["track"] if track["@type"] == "Text" and track.get("Format") == "EIA-608"
        ]
        assert len(texts) == count == len(SAMPLES[name][2] or [])


def test_mp4_and_the_store_keep_the_same(captioned: Path, tmp_path: Path) -> None:
    movie = caption_track(read_movie(captioned), SAMPLES["both fields"][1])
    path = movie.write(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes().replace(b"ftypqt  ", b"ftypisom"))
    store, probed = Store(folder=tmp_path / "store"), probe(path)
    first, second = (obtain_signals(path, probed, store=store, progress=None).log.caption_tracks for _ in range(2))
    assert len(store.tables()) == 1
    assert first == second
    assert first is not None and [one.service for one in first[0].services] == ["cc1", "cc3"]


def test_parts_with_captions_are_measured_at_once() -> None:
    empty = (CaptionTrack(index=1, carrier="st436_vanc", services=()),)
    reader = ServiceReader()
    reader.feed(None, _pairs(0, "9420"))
    (held,) = (replace(empty[0], services=reader.services(Fraction(0))),)
    assert (joined_tracks([empty, empty]), joined_tracks([empty, None])) == (empty, None)
    with pytest.raises(ValueError, match="join"):
        joined_tracks([empty, (held,)])


def test_a_cut_sample_is_not_read() -> None:
    assert track_triplets(_BOTH_FIELDS[:-1]) is None
    assert track_triplets(struct.pack(">I", 4) + b"cdat") is None
    assert track_triplets(b"") == b""
