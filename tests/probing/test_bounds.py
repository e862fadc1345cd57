"""Wrappers made of tables, boxes, chunks and elements are read in one pass, or given up on with a reason; nothing that
was skipped is an answer."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from deliverqc.probing.lost_readers import walked
from deliverqc.probing.wrappers import bounds, isobmff, matroska
from deliverqc.probing.wrappers.bare_frames import read_frame_end
from deliverqc.probing.wrappers.isobmff import read_boxes
from deliverqc.probing.wrappers.multiplexes import read_programme_end
from deliverqc.probing.wrappers.sample_tables import ChunkRuns, rows_of, sum_of_products


def _box(kind: bytes, *payload: bytes) -> bytes:
    data = b"".join(payload)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def _movie(*tables: bytes) -> bytes:
    media = _box(b"mdia", _box(b"minf", _box(b"stbl", *tables)))
    return _box(b"ftyp", b"isom") + _box(b"moov", _box(b"trak", media))


def test_a_table_that_claims_to_go_beyond_its_box_is_read_up_to_its_end() -> None:
    stts = struct.pack(">I4sIIII", 8 + 80, b"stts", 0, 2, 5, 3)
    data = _movie(stts) + struct.pack(">II", 7, 11) * 9
    (track,) = read_boxes(io.BytesIO(data), len(data)).tracks
    assert track.indexed_duration == 5 * 3


def test_sums_of_a_table_are_exact_beyond_64_bits() -> None:
    most = (1 << 32) - 1
    rows = rows_of(struct.pack(">II", most, most) * 9, 2)
    assert sum_of_products(rows[:, 0], rows[:, 1]) == 9 * most * most


def test_the_samples_of_a_chunk_are_counted_over_the_runs_before_it() -> None:
    runs = ChunkRuns.of(rows_of(struct.pack(">9I", 1, 4, 1, 3, 2, 2, 10, 1, 1), 3))
    assert [runs.samples_of(chunk) for chunk in (0, 1, 2, 8, 9, 20)] == [
        (0, 4),
        (4, 4),
        (8, 2),
        (20, 2),
        (22, 1),
        (33, 1),
    ]
    assert runs.first_samples(100) == {1: 0, 2: 8}
    assert ChunkRuns.of(rows_of(b"", 3)).samples_of(0) == (0, 0)


def _boxes() -> bytes:
    return _movie() + _box(b"free") * 60


def _elements() -> bytes:
    body = b"\xec\x80" * 60
    return b"\x1aE\xdf\xa3\x80" + b"\x18\x53\x80\x67" + b"\x01" + len(body).to_bytes(7, "big") + body


@pytest.mark.parametrize(
    ("make", "module", "bound"),
    [
        (_boxes, isobmff, "_MAXIMUM_BOXES"),
        (_elements, matroska, "_MAXIMUM_ELEMENTS"),
        (_boxes, bounds, "MOST_READS"),
        (_boxes, bounds, "MOST_BYTES"),
    ],
)
def test_what_is_more_than_is_read_is_a_lost_reader_and_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes], module: object, bound: str
) -> None:
    path = tmp_path / "many"
    path.write_bytes(make())
    assert walked(path, path.stat().st_size)[1] == {}
    monkeypatch.setattr(module, bound, 50)
    structure, lost = walked(path, path.stat().st_size)
    assert not structure.family
    assert "more than" in lost["structure"]


def test_clusters_without_a_size_are_walked_once() -> None:
    body = (b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + b"\xa3\x80" * 9) * 3_000
    data = b"\x1aE\xdf\xa3\x80" + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + body + b"\xa3\x90"
    found = matroska.read_ebml(io.BytesIO(data), len(data))
    assert (found.promised_end, found.is_followed) == (len(data) + 16, True)


def test_packs_that_lead_nowhere_are_followed_once() -> None:
    data = (b"\0\0\1\xba\x44" + bytes(8) + b"\xf8") * 15_000 + b"\1" * 64
    assert read_programme_end(io.BytesIO(data), len(data), data[:64]) == 0


def test_frames_that_lead_nowhere_are_followed_once() -> None:
    data = b"\0\4\0\0\xf8\x72\x6f\xba" * 15_000 + b"\0" * 64
    found = read_frame_end(io.BytesIO(data), len(data))
    assert found is not None
    assert found.missing_byte_count is None
