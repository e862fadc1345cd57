"""Start, loudness and rates of a Broadcast Wave are what bext and iXML have (EBU Tech 3285, iXML 1.5)."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import deliverqc
from deliverqc.probing import probe

_HOUR = 3600 * 48000


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _bext(start: int, version: int = 1, loudness: tuple[int, ...] = (0,) * 5) -> bytes:
    texts = b"x".ljust(256, b"\0") + bytes(64) + b"2026-11-2610:00:00"
    return _chunk(
        b"bext", texts + struct.pack("<QH", start, version) + bytes(64) + struct.pack("<5h", *loudness) + bytes(180)
    )


def _ixml(start: int, rate: str = "24/1", flag: str = "NDF", sample_rate: int = 48000) -> bytes:
    speed = (
        f"<TIMECODE_RATE>{rate}</TIMECODE_RATE><TIMECODE_FLAG>{flag}</TIMECODE_FLAG>"
        f"<FILE_SAMPLE_RATE>{sample_rate}</FILE_SAMPLE_RATE>"
        f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>{start >> 32}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>"
        f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>{start & 0xFFFFFFFF}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>"
    )
    return _chunk(b"iXML", f"<?xml version='1.0'?><BWFXML><SPEED>{speed}</SPEED></BWFXML>".encode())


_FORMAT = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16))
_DATA = _chunk(b"data", b"".join(struct.pack("<h", 16000 * (1 if n // 24 % 2 else -1)) for n in range(48000)))


def _wave(path: Path, *parts: bytes) -> Path:
    body = b"WAVE" + b"".join(parts)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


@pytest.mark.parametrize(
    ("start", "rate", "flag", "address"),
    [
        (_HOUR, "24/1", "NDF", "01:00:00:00"),
        (_HOUR + 24000, "25/1", "NDF", "01:00:00:12"),
        (_HOUR, "24000/1001", "NDF", "00:59:56:09"),
        (1_727_998_272, "30000/1001", "DF", "10:00:00;00"),
        (1601, "30000/1001", "NDF", "00:00:00:01"),
        (5_000_000_000, "25/1", "NDF", None),
    ],
)
def test_the_start_of_a_broadcast_wave_is_its_timecode(
    tmp_path: Path, start: int, rate: str, flag: str, address: str | None
) -> None:
    """24000/1001: an hour is 86313.686 frames, that is 59 min 56 s and 9 frames of 24. Drop-frame: ten
    hours are 1,078,920 frames of 1601.6 samples. At more than 24 h there is no address."""
    facts = probe(_wave(tmp_path / "a.wav", _bext(start), _FORMAT, _DATA, _ixml(start, rate, flag))).facts
    assert facts["wrapper.bwf_time_reference_samples"] == facts["wrapper.ixml_start_samples"] == start
    assert facts["wrapper.start_timecode"] == address
    assert facts["wrapper.ixml_timecode_rate"] == rate
    assert facts["cross_check.bwf_start_difference_samples"] == 0


def test_without_a_rate_the_start_is_listed_and_never_guessed(tmp_path: Path) -> None:
    facts = probe(_wave(tmp_path / "a.wav", _bext(_HOUR), _FORMAT, _DATA)).facts
    assert facts["wrapper.start_timecode"] is None
    assert [(one["source"], one["start"]) for one in facts["wrapper.timecodes"]] == [("bext", None)]
    assert [one["stated"] for one in facts["wrapper.timecode_faults"]] == ["3600 s after midnight, rate unknown"]


def test_a_plain_wave_states_none_of_it(tmp_path: Path) -> None:
    facts = probe(_wave(tmp_path / "a.wav", _FORMAT, _DATA)).facts
    names = ("bwf_time_reference_samples", "bwf_integrated_lufs", "ixml_start_samples", "ixml_sample_rate_hz")
    assert [facts[f"wrapper.{name}"] for name in names] == [None] * 4
    assert (facts["wrapper.wave_format"], facts["wrapper.chunks_behind_audio"]) == ("pcm", [])
    assert (facts["wrapper.timecodes"], facts["cross_check.bwf_start_difference_samples"]) == ([], None)


@pytest.mark.parametrize(
    ("parts", "noticed"),
    [
        ((_bext(_HOUR), _FORMAT, _DATA, _ixml(_HOUR)), []),
        ((_bext(_HOUR), _FORMAT, _DATA, _ixml(2 * _HOUR)), ["bwf-starts-agree"]),
        ((_bext(_HOUR), _FORMAT, _DATA, _ixml(_HOUR, sample_rate=44100)), ["ixml-sample-rate-agrees"]),
        ((_FORMAT, _DATA, _bext(_HOUR)), ["bext-before-audio"]),
        ((_bext(0, 2, (-2300, 0, -100, -2300, -2300)), _FORMAT, _DATA), ["bwf-loudness-agrees"]),
        ((_bext(0, 2, (0x7FFF,) * 5), _FORMAT, _DATA), []),
    ],
    ids=["agrees", "starts", "sample-rate", "tail", "loudness", "loudness-open"],
)
def test_contradictions_are_noticed(tmp_path: Path, parts: tuple[bytes, ...], noticed: list[str]) -> None:
    """A square wave at -6 dBFS is nowhere near -23 LUFS."""
    document = deliverqc.check(_wave(tmp_path / "a.wav", *parts), "ebu-r128-programme").to_document()
    (subject,) = document["masters"][0]["subjects"]
    chunks = ("bwf-", "ixml-", "bext-")
    assert [clause["id"] for clause in subject["noticed"] if clause["id"].startswith(chunks)] == noticed
