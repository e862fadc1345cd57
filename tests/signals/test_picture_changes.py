"""A picture that changes on the way is told with its place; one that may, or does not, is not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from deliverqc.facts.model import Facts
from deliverqc.measuring.picture_changes import _is_ordinary, picture_change_facts
from deliverqc.measuring.planning import plan_of
from deliverqc.measuring.timelines import timeline_of
from deliverqc.probing import probe
from deliverqc.probing.descriptions import description_changes
from deliverqc.probing.wrappers.isobmff import BoxTrack
from deliverqc.signals.decode import decode
from deliverqc.signals.headers.model import BOTTOM_ALONE, BOTTOM_FIRST, NO_FIELDS, NOT_STATED, TOP_ALONE, TOP_FIRST
from deliverqc.signals.store import Store
from deliverqc.signals.tables import DecodeLog, PacketSignal, PictureChange, Signals
from deliverqc.timebase import Timeline
from fixtures.ffmpeg import make

_BARS = "-f lavfi -i testsrc2=s={size}:r=25 -frames:v 10"
_PRORES = "-c:v prores -profile:v 3 -pix_fmt yuv422p10le"
_BT709 = "-vf setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"
_HD = _BARS.format(size="160x90")


def _facts(path: Path) -> Facts:
    probed = probe(path)
    signals = decode(path, plan_of(probed))
    return {**probed.facts, **picture_change_facts(signals, timeline_of(probed, signals), probed)}


def _joined(folder: Path, first: str, second: str, suffix: str = "mov") -> Path:
    pieces = [make(folder / f"{number}.{suffix}", recipe) for number, recipe in enumerate((first, second))]
    names = folder / "pieces.txt"
    names.write_text("".join(f"file '{piece}'\n" for piece in pieces))
    return make(folder / f"joined.{suffix}", f"-f concat -safe 0 -i {names} -c copy")


@pytest.mark.parametrize(
    ("second", "changes"),
    [
        (f"{_HD} {_PRORES} {_BT709}", []),
        (
            f"{_BARS.format(size='80x46')} {_PRORES} {_BT709}",
            [("picture.width_px", "160", "80"), ("picture.height_px", "90", "46")],
        ),
        (
            f"{_HD} {_PRORES} {_BT709},setfield=tff -flags +ilme+ildct",
            [("picture.scan", "progressive", "interlaced"), ("picture.field_order", None, "tff")],
        ),
        (
            f"{_HD} {_PRORES} {_BT709.replace('primaries=bt709', 'primaries=smpte170m')}",
            [("picture.color_primaries", "bt709", "smpte170m")],
        ),
    ],
)
def test_prores_whose_second_half_is_another_is_told_at_its_first_frame(
    second: str, changes: list[tuple[str, str | None, str]], tmp_path: Path
) -> None:
    found = _facts(_joined(tmp_path, f"{_HD} {_PRORES} {_BT709}", second))["picture.changes"]
    assert [(change["fact"], change["from"], change["to"]) for change in found] == changes
    for change in found:
        assert (change["frame"], change["start_s"], change["frame_count"]) == (10, 0.4, 10)
        assert change["is_ordinary"] is False


def test_h264_whose_second_half_is_smaller_is_told(tmp_path: Path) -> None:
    coding = "-c:v libx264 -preset ultrafast -bf 0"
    path = _joined(tmp_path, f"{_HD} {coding}", f"{_BARS.format(size='80x46')} {coding}", "ts")
    found = _facts(path)["picture.changes"]
    assert [(change["fact"], change["to"], change["is_ordinary"]) for change in found] == [
        ("picture.width_px", "80", False),
        ("picture.height_px", "46", False),
        ("picture.codec_level", "1", True),
    ]


def test_scan_may_vary_within_an_h264_sequence(tmp_path: Path) -> None:
    coding = "-c:v libx264 -preset ultrafast -bf 0"
    whole_blocks = _BARS.format(size="160x96")
    interlaced = f"{whole_blocks} {coding} -flags +ildct+ilme -top 1"
    path = _joined(tmp_path, f"{whole_blocks} {coding}", interlaced, "ts")
    facts = _facts(path)
    changes = {change["fact"]: change["is_ordinary"] for change in facts["picture.changes"]}
    assert changes.pop("picture.scan") is True
    assert set(changes) <= {
        "picture.codec_level",
        "picture.codec_profile",
    }  # fields need more than the Baseline profile
    assert (facts["picture.scan"], facts["picture.field_order"]) == ("interlaced", "tff")


@pytest.mark.parametrize(
    ("first", "second", "change"),
    [
        ("-c:v libx264 -profile:v main", "-c:v libx264 -profile:v high", ("codec_profile", "main", "high", False)),
        ("-c:v libx264 -level 3", "-c:v libx264 -level 5.1", ("codec_level", "3", "5.1", False)),
        ("-c:v libx264 -level 5.1", "-c:v libx264 -level 3", ("codec_level", "5.1", "3", True)),
        (
            "-c:v libx264 -flags +ildct+ilme -top 1",
            "-c:v libx264 -flags +ildct+ilme -top 0",
            ("field_order", "tff", "bff", False),
        ),
        (
            "-c:v mpeg2video -flags +ilme -top 0",
            "-c:v mpeg2video -flags +ilme -top 1",
            ("field_order", "bff", "tff", False),
        ),
    ],
)
def test_a_bitstream_whose_second_half_is_another_is_told(
    first: str, second: str, change: tuple[str, str, str, bool], tmp_path: Path
) -> None:
    frames = _BARS.format(size="160x96")
    found = _facts(_joined(tmp_path, f"{frames} -bf 0 {first}", f"{frames} -bf 0 {second}", "ts"))["picture.changes"]
    name, before, after, is_ordinary = change
    assert [(row["fact"], row["from"], row["to"], row["is_ordinary"], row["frame"]) for row in found] == [
        (f"picture.{name}", before, after, is_ordinary, 10)
    ]


@pytest.mark.parametrize(
    ("stated", "pulldown", "found"),
    [
        ([TOP_FIRST, TOP_FIRST, NO_FIELDS, NOT_STATED], 0, []),
        ([NO_FIELDS, TOP_FIRST, BOTTOM_FIRST, TOP_FIRST], 0, [("tff", "bff", 2, 1, False)]),
        ([TOP_FIRST, BOTTOM_FIRST, TOP_FIRST, NO_FIELDS], 1, [("tff", "bff", 1, 1, True)]),
        ([TOP_ALONE, BOTTOM_ALONE, TOP_ALONE, BOTTOM_ALONE], 0, []),
        ([TOP_ALONE, BOTTOM_ALONE, BOTTOM_ALONE, TOP_ALONE, BOTTOM_ALONE, TOP_ALONE], 0, [("tff", "bff", 1, 2, False)]),
    ],
)
def test_the_order_of_fields_is_followed_through_the_packets(
    stated: list[int], pulldown: int, found: list[tuple[str, str, int, int, bool]]
) -> None:
    count = len(stated)
    columns = {"field_order": np.array(stated, dtype=np.int8), "pulldown": np.full(count, pulldown, dtype=np.int8)}
    packets = PacketSignal(
        size_bytes=np.ones(count, dtype=np.uint32), start_s=np.arange(count) * 0.02, extended=columns, codings=()
    )
    log = DecodeLog(errors=(), warnings=(), frame_count=count, missing_frame_count=0, undecodable=(), changes=())
    timeline = Timeline(frame_rate=Fraction(25), frame_count=count, start=None)
    changes = picture_change_facts(Signals(picture=None, sounds=(), log=log, packets=packets), timeline)
    assert [
        (row["from"], row["to"], row["frame"], row["frame_count"], row["is_ordinary"])
        for row in changes["picture.changes"]
    ] == found


@pytest.mark.parametrize(
    ("what", "before", "after", "is_ordinary"),
    [
        ("hdr.max_cll_cd_m2", "1000", "4000", False),
        ("hdr.max_cll_cd_m2", None, "1000", False),
        ("hdr.max_cll_cd_m2", "1000", None, True),
        ("color_transfer", "16", "1", False),
    ],
)
def test_hdr_metadata_may_be_stated_at_the_head_only(
    what: str, before: str | None, after: str | None, is_ordinary: bool
) -> None:
    change = PictureChange(track="picture 0", what=what, before=before, after=after, frame=10, start_s=0.4, count=10)
    log = DecodeLog(errors=(), warnings=(), frame_count=20, missing_frame_count=0, undecodable=(), changes=(change,))
    timeline = Timeline(frame_rate=Fraction(25), frame_count=20, start=None)
    (found,) = picture_change_facts(Signals(picture=None, sounds=(), log=log), timeline)["picture.changes"]
    assert found["is_ordinary"] is is_ordinary


@pytest.mark.parametrize(
    ("codec", "is_ordinary"),
    [("h264", True), ("mpeg2video", True), ("hevc", False), ("mjpeg", False), ("utvideo", False)],
)
def test_scan_varies_only_where_each_picture_states_its_own(codec: str, is_ordinary: bool) -> None:
    change = PictureChange(
        track="picture 0", what="scan", before="progressive", after="interlaced", frame=10, start_s=0.4, count=10
    )
    assert _is_ordinary(change, codec) is is_ordinary


def test_a_further_sample_description_that_samples_use_is_compared_with_the_first() -> None:
    smaller = BoxTrack(handler="vide", entry="apch", picture={"width_px": 80, "height_px": 90})
    track = BoxTrack(handler="vide", entry="apch", picture={"width_px": 160, "height_px": 90}, others=[smaller])
    (change,) = description_changes(track)
    assert (change["fact"], change["from"], change["to"]) == ("picture.width_px", "160", "80")
    track.first_samples = {1: 0, 2: 60}
    assert [change["frame"] for change in description_changes(track)] == [60]
    track.first_samples = {1: 0}
    assert list(description_changes(track)) == []


def test_changes_and_lengths_come_back_from_the_store(tmp_path: Path) -> None:
    path = _joined(tmp_path, f"{_HD} {_PRORES} {_BT709}", f"{_BARS.format(size='80x46')} {_PRORES} {_BT709}")
    signals = decode(path, plan_of(probe(path)))
    store = Store(folder=tmp_path / "store")
    store.save("key", signals)
    loaded = store.load("key")
    assert loaded is not None
    assert signals.log.changes and signals.log.lengths
    assert loaded.log == signals.log
