"""Several threads report damage as surely as one, on a busy machine as well."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import av
import av.logging
import pytest

from campaigns.silent_threads import Damaged, busy, damaged, silent_runs
from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.decode import decode
from deliverqc.signals.frame_threads import FieldWatch, hiding_check
from deliverqc.signals.remarks import Log
from deliverqc.signals.track import DamagedError, Track
from fixtures.damage import of_recipe
from fixtures.ffmpeg import make

_PICTURE = "-f lavfi -i testsrc2=s=160x96:r=25,noise=alls=30:allf=t:all_seed=5 -frames:v 14 -an"
_X264 = f"{_PICTURE} -c:v libx264 -preset fast -pix_fmt yuv420p -bf 2"
_FIELDS = "-flags +ildct+ilme -field_order tt"
_RUNS = 5
_FLV_HEADER_BYTES = 13


@pytest.fixture(scope="module")
def marked_only(tmp_path_factory: pytest.TempPathFactory) -> list[Damaged]:
    """Damaged masters of which one thread says nothing: it only marks frames."""
    folder = tmp_path_factory.mktemp("marked")
    whole = of_recipe(folder, "slices.mxf", f"{_X264} -b:v 600k -x264-params slice-max-size=300")
    plan = plan_of(probe(folder / "slices.mxf"))
    assert decode(folder / "slices.mxf", plan, threads=4).log.errors == ()
    found = [one for one in damaged(whole, plan, folder, random.Random(1), 4) if one.is_marked_only]
    assert len(found) >= 2
    return found


def test_damage_that_one_thread_only_marks_is_damage_in_every_run_of_several(marked_only: list[Damaged]) -> None:
    with busy(2):
        assert [silent_runs(one, _RUNS) for one in marked_only[:2]] == [0, 0]


def test_threads_say_what_they_conceal_before_they_are_joined(marked_only: list[Damaged]) -> None:
    """What makes the test above certain: without a look at any mark, words are there."""
    level = av.logging.get_level()
    av.logging.set_level(av.logging.INFO)
    try:
        for one in marked_only:
            with av.logging.Capture(local=False) as spoken, av.open(str(one.path)) as wrapper:
                context = wrapper.streams.video[0].codec_context
                context.thread_type, context.thread_count = "FRAME", 4
                for packet in wrapper.demux(video=0):
                    if packet.size:
                        context.decode(packet)
                context.flush_buffers()
            assert any(said.startswith("concealing ") for _, _, said in spoken), one.path.name
    finally:
        av.logging.set_level(level)


class _Interrupted(list[tuple[int, str, str]]):
    """A log into which a thread speaks right after it was read."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        if len(self) == 1:
            self.append((16, "h264", "second"))
        return found


def test_what_a_thread_says_while_the_log_is_read_is_kept() -> None:
    log = Log(spoken=_Interrupted([(16, "h264", "first")]), tracks=[])
    assert [log.taken(), log.taken()] == [[(None, "h264: first")], [(None, "h264: second")]]


def test_what_is_concealed_stops_threads_and_is_no_word_of_one_thread(tmp_path: Path) -> None:
    path = make(tmp_path / "any.mp4", _X264)
    word = (32, "h264", "concealing 12 DC, 12 AC, 12 MV errors in P frame\n")
    with av.open(str(path)) as wrapper:
        track = Track(name="picture 0", stream=wrapper.streams.video[0], is_decodable=True, decoder="h264")
        assert Log(spoken=[word], tracks=[track]).taken(track) == []
        track.is_threaded = True
        with pytest.raises(DamagedError):
            Log(spoken=[word], tracks=[track]).taken(track)


@pytest.mark.parametrize(
    ("name", "coding", "allows_fields"),
    [
        ("high.mp4", "-profile:v high", False),
        ("baseline.mp4", "-profile:v baseline -bf 0", False),
        ("444.ts", "-pix_fmt yuv444p -x264-params cqm=jvt", False),
        ("fields.mp4", _FIELDS, True),
        ("fields-422.ts", f"-pix_fmt yuv422p10le -x264-params cqm=jvt {_FIELDS}", True),
    ],
)
def test_fields_are_found_in_extradata_and_in_packets(
    name: str, coding: str, allows_fields: bool, tmp_path: Path
) -> None:
    """x264 states in its parameter sets whether it codes fields."""
    with av.open(str(make(tmp_path / name, f"{_X264} {coding}"))) as wrapper:
        stream = wrapper.streams.video[0]
        watch = FieldWatch(stream.codec_context.extradata)
        assert watch.allows_fields(None) == allows_fields
        found = [watch.allows_fields(packet) for packet in wrapper.demux(stream) if packet.size]
    assert any(found) == (allows_fields and name.endswith(".ts"))


def test_new_parameter_sets_in_side_data_are_heard(tmp_path: Path) -> None:
    one, other = (make(tmp_path / f"{n}.flv", f"{_X264} {coding}") for n, coding in enumerate(("", _FIELDS)))
    path = tmp_path / "changes.flv"
    path.write_bytes(one.read_bytes() + other.read_bytes()[_FLV_HEADER_BYTES:])
    with av.open(str(path)) as wrapper:
        stream = wrapper.streams.video[0]
        watch = FieldWatch(stream.codec_context.extradata)
        found = [watch.allows_fields(packet) for packet in wrapper.demux(stream) if packet.size]
    assert (found.index(True), len(found)) == (14, 28)


def test_a_parameter_set_that_cannot_be_read_may_allow_fields() -> None:
    watch = FieldWatch(None)
    assert not watch.allows_fields(None)
    assert watch.allows_fields(av.Packet(b"\x00\x00\x00\x01\x67\x64\x00"))
    assert hiding_check("hevc", None) is None


@pytest.mark.parametrize("decoder", ["vvc", "rv30", "rv40"])
def test_codecs_that_were_not_tried_in_threads_are_decoded_in_one(decoder: str) -> None:
    check = hiding_check(decoder, None)
    assert check is not None and check(None)


@pytest.mark.parametrize("decoder", ["vc1", "wmv3", "mjpeg", "wmv2", "msmpeg4", "h263", "cavs"])
def test_these_decoders_of_libav_have_no_threads(decoder: str) -> None:
    frames, slices, others = 1 << 12, 1 << 13, 1 << 15  # AV_CODEC_CAP_* of libavcodec/codec.h
    assert not av.codec.Codec(decoder, "r").capabilities & (frames | slices | others)


def test_fields_that_begin_midway_change_nothing(tmp_path: Path) -> None:
    for number, coding in enumerate(("", _FIELDS)):
        make(tmp_path / f"{number}.h264", f"{_X264} {coding}")
    path = tmp_path / "changes.h264"
    path.write_bytes(b"".join((tmp_path / f"{number}.h264").read_bytes() for number in range(2)))
    plan = plan_of(probe(path))
    assert decode(path, plan, threads=4).log == decode(path, plan, threads=1).log
