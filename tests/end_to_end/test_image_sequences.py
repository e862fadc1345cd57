"""Image sequences from files to verdicts: whole ones, and each fault that a delivery of frames has, named with its
file."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.cli import _run
from deliverqc.measuring.planning import plan_of
from deliverqc.measuring.ranges import Range
from deliverqc.measuring.registry import spec_library
from deliverqc.pipeline import check_master
from deliverqc.probing import probe
from deliverqc.request import Request, rate_from
from deliverqc.signals.decode import decode
from fixtures.sequences import dpx_bytes, frame_bytes, write
from tests.end_to_end.checking import checked, failing, messages, noticed

_FIRST = 1001
_TIMED = partial(dpx_bytes, frame_rate=24.0)


def _facts(path: Path, rate: str | None = None, *, tier: Any = "full") -> dict[str, Any]:
    return dict(deliverqc.measure(path, tier=tier, frame_rate=rate).to_document()["subjects"][0]["facts"])


def _verdict(path: Path, spec: str = "dcdm", rate: str | None = "24") -> tuple[dict[str, Any], dict[str, Any]]:
    """The first verdict of a sequence, and its subject."""
    library = spec_library()
    request = Request(frame_rate=None if rate is None else rate_from(rate))
    entry = check_master(path, [library.load(spec)], library, request)
    subject = entry["subjects"][0]
    return subject["verdicts"][0], subject


@pytest.mark.parametrize(
    ("pattern", "file_format", "codec", "depth"),
    [
        ("a.%04d.dpx", "dpx", "dpx", 10),
        ("a.%04d.exr", "openexr", "exr", 32),
        ("a_%05d.tif", "tiff", "tiff", 16),
        ("a%d.png", "png", "png", 8),
        ("a-%03d.j2k", "jpeg2000", "jpeg2000", 8),
    ],
)
def test_a_whole_sequence_is_read_and_decoded(
    pattern: str, file_format: str, codec: str, depth: int, tmp_path: Path
) -> None:
    write(tmp_path, pattern, range(8, 12))
    facts = _facts(tmp_path, "25")
    assert facts["file.name"] == facts["sequence.file_name_pattern"] == pattern
    assert (facts["wrapper.format"], facts["sequence.file_format"]) == ("image_sequence", file_format)
    assert (facts["picture.codec"], facts["picture.bit_depth_bits"]) == (codec, depth)
    assert (facts["picture.width_px"], facts["picture.height_px"]) == (32, 18)
    numbers = (facts["sequence.first_frame_number"], facts["sequence.last_frame_number"])
    assert (numbers, facts["sequence.frame_count"]) == ((8, 11), 4)
    assert (facts["decode.frame_count"], facts["decode.errors"], facts["picture.changes"]) == (4, [], [])
    assert (facts["decode.missing_frame_count"], facts["decode.missing_byte_count"]) == (0, 0)
    assert facts["sequence.changes"] == facts["sequence.faulty_files"] == []
    assert facts["picture.freeze.is_throughout"] is False
    assert ("picture.black.is_throughout" in facts) is (file_format != "openexr")


@pytest.mark.parametrize("kind", ["dpx", "exr", "tif", "png", "j2k"])
def test_frames_of_one_picture_are_one_still(kind: str, tmp_path: Path) -> None:
    still = frame_bytes(kind, 7)
    write(tmp_path, f"a.%04d.{kind}", range(1, 5), made=lambda number: still)
    probed = probe(tmp_path / f"a.%04d.{kind}", Fraction(24))
    picture = decode(tmp_path / f"a.%04d.{kind}", plan_of(probed)).picture
    assert picture is not None
    assert picture.is_repeat.tolist() == [False, True, True, True]


def test_a_sequence_without_a_rate_is_decoded_and_no_rate_is_invented(tmp_path: Path) -> None:
    write(tmp_path, "a.%04d.dpx", range(_FIRST, _FIRST + 3), dpx_bytes)
    facts = _facts(tmp_path)
    assert facts["decode.frame_count"] == 3
    for name in ("picture.frame_rate", "picture.frame_rate_hz", "picture.black.is_throughout", "picture.freeze.spans"):
        assert name not in facts
    assert facts["wrapper.duration_s"] is None
    assert facts["decode.time_gaps"] == []
    with pytest.raises(deliverqc.UsageError, match="--frame-rate"):
        check_master(tmp_path, [], spec_library(), Request(range=Range.parse("0f-2f")))
    given = _facts(tmp_path, "24")
    assert "picture.frame_rate" not in given
    assert given["picture.black.is_throughout"] is False
    stated = _facts(write(tmp_path / "timed", "a.%04d.dpx", range(3), _TIMED)[0])
    assert (stated["picture.frame_rate"], stated["picture.black.is_throughout"]) == ("24/1", False)


def test_an_expected_rate_is_not_met_by_being_expected(tmp_path: Path) -> None:
    write(tmp_path, "a.%04d.tif", range(2))
    document = deliverqc.check(tmp_path, "dcdm", expectations={"picture.frame_rate": "24/1"}).to_document()
    clauses = document["masters"][0]["subjects"][0]["verdicts"][0]["clauses"]
    (expected,) = (one for one in clauses if one["id"] == "expected-picture-frame-rate")
    assert expected["outcome"] == "not_measured"
    assert "no frame rate of its own" in expected["note"]


def test_log_and_float_frames_are_no_video(tmp_path: Path) -> None:
    made = partial(dpx_bytes, transfer=1, frame_rate=24.0)
    facts = _facts(write(tmp_path, "a.%04d.dpx", range(3), made)[0])
    assert facts["sequence.is_display_referred"] is False
    assert not [name for name in facts if name.startswith(("picture.black.", "picture.levels.", "picture.flat."))]
    assert facts["picture.freeze.is_throughout"] is False
    verdict, _ = _verdict(tmp_path, "amazon-prime-mezzanine")
    notes = {one["note"] for one in verdict["clauses"] if "picture.black.is_throughout" in one["missing_facts"]}
    assert any("film densities" in str(note) for note in notes)


def test_a_missing_number_fails_and_is_named(tmp_path: Path) -> None:
    paths = write(tmp_path, "a.%04d.dpx", range(_FIRST, _FIRST + 8), dpx_bytes)
    for lost in paths[2:4]:
        lost.unlink()
    verdict, subject = _verdict(tmp_path)
    assert failing(verdict) == {"essence-complete"}
    assert noticed(subject) == {"sequence-numbered"}
    assert verdict["facts"]["sequence.missing_frame_numbers"] == [
        {"first_number": 1003, "last_number": 1004, "frame_count": 2}
    ]
    assert "frames 1003 to 1004 are missing (2)" in str(subject["noticed"][0]["findings"][0]["message"])
    code, document = checked(str(tmp_path), "--spec", "dcdm", "--tier", "headers")
    assert code == 1
    assert failing(document["masters"][0]["subjects"][0]["verdicts"][0]) == {"essence-complete"}


@pytest.mark.parametrize("index", [0, 2, 4], ids=["first", "middle", "last"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: b"", "empty"),
        (lambda data: data[: len(data) // 2], "cut"),
        (lambda data: b"JUNK" + data[4:], "not a DPX"),
        (lambda data: bytes(len(data)), "zeros"),
    ],
    ids=["empty", "cut", "junk", "zeros"],
)
def test_a_faulty_file_fails_and_is_named(
    spoil: Callable[[bytes], bytes], words: str, index: int, tmp_path: Path
) -> None:
    path = write(tmp_path, "a.%04d.dpx", range(_FIRST, _FIRST + 5), _TIMED)[index]
    path.write_bytes(spoil(path.read_bytes()))
    verdict, _ = _verdict(tmp_path)
    facts = verdict["facts"]
    assert "essence-decodes" in failing(verdict)
    assert [(one["file"], one["frame"]) for one in facts["decode.errors"]] == [(path.name, index)]
    assert [(one["file"], one["frame"]) for one in facts["sequence.faulty_files"]] == [(path.name, index)]
    assert words in facts["sequence.faulty_files"][0]["fault"]
    assert path.name in messages(verdict, "essence-decodes")[0]


def test_a_frame_of_jpeg_2000_with_a_broken_packet_fails_and_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a-%03d.j2k", range(1, 5))[2]
    path.write_bytes(path.read_bytes()[:-4] + b"\xff\x90\xff\xd9")  # inside the last packet, before the end
    facts = _facts(tmp_path, "25")
    assert [(one["file"], one["frame"]) for one in facts["decode.errors"]] == [(path.name, 2)]
    assert "the data of a code block hold a marker" in facts["decode.errors"][0]["message"]


@pytest.mark.parametrize(
    ("pattern", "odd", "facts_that_change"),
    [
        ("a.%04d.tif", partial(frame_bytes, "tif", width=16), {"picture.width_px"}),
        ("a.%04d.png", partial(frame_bytes, "png", pixel_format="rgb48be"), {"picture.bit_depth_bits"}),
        ("a.%04d.tif", partial(frame_bytes, "tif", pixel_format="rgb24"), {"picture.bit_depth_bits"}),
        ("a.%04d.dpx", partial(dpx_bytes, transfer=3), {"picture.color_transfer", "sequence.transfer"}),
        ("a.%04d.dpx", partial(dpx_bytes, frame_rate=25.0), {"picture.frame_rate"}),
    ],
    ids=["size", "png-depth", "tiff-depth", "transfer", "rate"],
)
def test_a_frame_that_differs_fails_and_is_named(
    pattern: str, odd: Callable[[int], bytes], facts_that_change: set[str], tmp_path: Path
) -> None:
    usual = _TIMED if pattern.endswith("dpx") else None
    paths = write(tmp_path, pattern, range(1, 6), usual)
    paths[3].write_bytes(odd(4) if pattern.endswith("dpx") else odd(number=4))  # type: ignore[call-arg]
    verdict, _ = _verdict(tmp_path)
    assert "picture-does-not-change" in failing(verdict)
    changes = verdict["facts"]["sequence.changes"]
    assert facts_that_change <= {one["fact"] for one in changes}
    assert {(one["file"], one["frame"], one["frame_count"]) for one in changes} == {(paths[3].name, 3, 1)}


def test_timecode_of_the_headers_places_findings_and_its_jumps_are_told(tmp_path: Path) -> None:
    def made(number: int) -> bytes:
        return dpx_bytes(number, frame_rate=24.0, timecode=f"01:00:{'07' if number > 3 else '00'}:{number:02}")

    paths = write(tmp_path, "a.%04d.dpx", range(6), made)
    paths[5].write_bytes(paths[5].read_bytes()[:3000])
    facts = _facts(tmp_path)
    assert facts["wrapper.start_timecode"] == facts["sequence.start_timecode"] == "01:00:00:00"
    assert facts["sequence.timecode_jumps"] == [{"file": "a.0004.dpx", "frame": 4, "timecode": "01:00:07:04"}]
    assert [one["fault"] for one in facts["wrapper.timecode_faults"]] == ["jumps"]
    assert facts["decode.errors"][0]["start_timecode"] == "01:00:07:05"


def test_a_timecode_runs_on_over_missing_frames(tmp_path: Path) -> None:
    def made(number: int) -> bytes:
        return dpx_bytes(number, frame_rate=24.0, timecode=f"10:00:00:{number:02}")

    write(tmp_path, "a.%04d.dpx", range(4), made)[1].unlink()
    facts = _facts(tmp_path, tier="headers")
    assert (facts["sequence.timecode_jumps"], facts["wrapper.timecode_faults"]) == ([], [])


def test_copies_and_odd_names_are_told_and_not_measured(tmp_path: Path) -> None:
    write(tmp_path, "a.%04d.dpx", range(8, 12), dpx_bytes)
    for name in ("a.9.dpx", "a.0009_old.dpx", "a.0010 (1).dpx", ".a.0012.dpx"):
        (tmp_path / name).write_bytes(dpx_bytes(1))
    (tmp_path / "a.0011.dpx").rename(tmp_path / "a.11.dpx")
    verdict, subject = _verdict(tmp_path)
    facts = verdict["facts"]
    assert facts["sequence.frame_count"] == facts["decode.frame_count"] == 4
    assert (facts["sequence.duplicate_files"], facts["sequence.irregular_names"]) == (["a.9.dpx"], ["a.11.dpx"])
    assert noticed(subject) == {"sequence-numbered"}


@pytest.mark.parametrize("made", [partial(dpx_bytes, packing=0), partial(dpx_bytes, encoding=1)], ids=["packed", "rle"])
def test_frames_that_libav_cannot_decode_are_not_measured(made: Callable[[int], bytes], tmp_path: Path) -> None:
    write(tmp_path, "a.%04d.dpx", range(3), made)
    verdict, _ = _verdict(tmp_path)
    facts = verdict["facts"]
    assert "decode.errors" not in facts
    assert facts["decode.missing_frame_count"] == 0
    assert failing(verdict) == set()
    assert verdict["decision"] == "incomplete"


@pytest.mark.parametrize("rate", [None, "24"])
def test_dcdm_judges_format_and_depth(rate: str | None, tmp_path: Path) -> None:
    twelve = partial(frame_bytes, "tif", unused_bits=4)
    write(tmp_path / "twelve", "a.%06d.tif", range(2), lambda number: twelve(number))
    write(tmp_path / "sixteen", "a.%06d.tif", range(2))
    write(tmp_path / "dpx", "a.%06d.dpx", range(2))
    asked = {"picture-tiff", "picture-depth"}
    outcomes = {
        folder: {one["id"]: one["outcome"] for one in _verdict(tmp_path / folder)[0]["clauses"] if one["id"] in asked}
        for folder in ("twelve", "sixteen", "dpx")
    }
    assert outcomes == {
        "twelve": {"picture-tiff": "pass", "picture-depth": "pass"},
        "sixteen": {"picture-tiff": "pass", "picture-depth": "fail"},
        "dpx": {"picture-tiff": "fail", "picture-depth": "fail"},
    }


def test_a_folder_with_two_sequences_and_a_still_is_two_masters(tmp_path: Path) -> None:
    write(tmp_path, "a.%04d.dpx", range(2), dpx_bytes)
    write(tmp_path, "b.%04d.tif", range(3))
    write(tmp_path, "poster_%d.png", [7])
    assert _run(["facts", str(tmp_path), "--tier", "headers"]) == 2
    code, document = checked(str(tmp_path), "--spec", "dcdm", "--tier", "headers")
    assert code == 3
    assert [master["name"] for master in document["masters"]] == ["a.%04d.dpx", "b.%04d.tif"]
    assert all(master["size_bytes"] > 1000 for master in document["masters"])


@pytest.mark.parametrize("rate", ["fast", "0", "-24", "24/0"])
def test_a_rate_that_cannot_be_is_refused(rate: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "a.%04d.dpx", range(2), dpx_bytes)[0]
    assert _run(["facts", str(path), "--tier", "headers", f"--frame-rate={rate}"]) == 2
    assert "is not a frame rate" in capsys.readouterr().err


def test_a_frame_that_is_replaced_during_the_check_is_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deliverqc import pipeline

    paths = write(tmp_path, "a.%04d.dpx", range(3), dpx_bytes)
    read = pipeline.probe

    def probe_and_touch(path: Path, *rest: Any) -> Any:
        probed = read(path, *rest)
        paths[1].write_bytes(dpx_bytes(9))
        return probed

    monkeypatch.setattr(pipeline, "probe", probe_and_touch)
    assert _facts(tmp_path, tier="headers")["file.changed_during_check"] is True


def test_every_meter_reads_grey_of_16_bits(tmp_path: Path) -> None:
    write(tmp_path, "a.%04d.tif", range(2), lambda number: frame_bytes("tif", number, pixel_format="gray16le"))
    facts = deliverqc.measure(tmp_path, is_all=True, frame_rate="24").to_document()["subjects"][0]["facts"]
    assert facts["decode.errors"] == []
    assert facts["sequence.components"] == "y"
    assert facts["picture.levels.rgb_max_code"] is not None
