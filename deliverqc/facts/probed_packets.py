"""Facts that the packets of the main picture track give, by name."""

from __future__ import annotations

from deliverqc.facts import vocabulary as words
from deliverqc.facts.model import Fact, Kind, Layer

_DECODE = ("decode",)


def _fact(
    name: str, kind: Kind, meaning: str, *, unit: str | None = None, step: float | None = None, null: str | None = None
) -> Fact:
    return Fact(
        name=name,
        kind=kind,
        layer=Layer.BITSTREAM,
        meaning=meaning,
        given_by=_DECODE,
        unit=unit,
        resolution=step,
        null_means=null,
        vocabulary=_VOCABULARIES.get(name),
    )


_VOCABULARIES = {"picture.bit_rate_mode": words.BIT_RATE_MODE, "picture.entropy_coding": words.ENTROPY_CODING}
_NO_TIMECODE = "the wrapper carries no timecode that can be counted"

# fmt: off
PACKETS = (
    _fact("picture.bit_rate_mode", Kind.STRING,
          "constant where every coded frame has one size, or where the data of groups of pictures never runs ahead of "
          "one rate, or behind it, by more than the buffer holds that the bitstream states, or than 0.25 s where it "
          "states none; else variable. Missing where nothing is stated and less than 10 s do not show it"),
    _fact("picture.bitstream.fixed_frame_rate", Kind.BOOLEAN,
          "every sequence parameter set of H.264 says that the frame rate is fixed (fixed_frame_rate_flag)",
          null="not stated, or another coding"),
    _fact("picture.entropy_coding", Kind.STRING, "entropy coding of H.264, by its picture parameter sets",
          null="another coding"),
    _fact("picture.pulldown_flag_count", Kind.INTEGER,
          "pictures that ask for a field or frame to be shown again: repeat_first_field of MPEG-2, pic_struct 5 to 8 "
          "of H.264; 0 for codings that have no such flag", unit="frames"),
    _fact("picture.dnxhd_compression_id", Kind.INTEGER,
          "compression identifier of DNxHD and DNxHR in the header of every frame (SMPTE ST 2019-1)",
          null="another coding"),
    _fact("picture.frame_sizes", Kind.LIST,
          "distinct sizes of coded frames; of more than 20, the ten smallest and the ten largest"),
    _fact("picture.frame_sizes[].size_bytes", Kind.INTEGER, "size of the coded frame", unit="bytes"),
    _fact("picture.frame_sizes[].frame", Kind.INTEGER, "first frame of that size"),
    _fact("picture.frame_sizes[].start_s", Kind.NUMBER, "time of that frame after the first", unit="s", step=1e-6),
    _fact("picture.frame_sizes[].start_timecode", Kind.TIMECODE, "timecode of that frame", null=_NO_TIMECODE),
    _fact("picture.frame_sizes[].frame_count", Kind.INTEGER, "frames of that size", unit="frames"),
    _fact("picture.gop.lengths", Kind.LIST,
          "distinct lengths of groups of pictures, from one picture at which decoding can begin to the next; of more "
          "than 20, the ten shortest, the ten longest and the one that lasts longest"),
    _fact("picture.gop.lengths[].length_frames", Kind.INTEGER, "frames in the group", unit="frames"),
    _fact("picture.gop.lengths[].length_s", Kind.NUMBER, "duration of the longest group of so many frames", unit="s",
          step=1e-6),
    _fact("picture.gop.lengths[].frame", Kind.INTEGER, "first frame of the first such group"),
    _fact("picture.gop.lengths[].start_s", Kind.NUMBER, "time of that frame after the first", unit="s", step=1e-6),
    _fact("picture.gop.lengths[].start_timecode", Kind.TIMECODE, "timecode of that frame", null=_NO_TIMECODE),
    _fact("picture.gop.lengths[].gop_count", Kind.INTEGER, "groups of so many frames"),
    _fact("picture.gop.open_count", Kind.INTEGER,
          "groups with pictures that are shown before the first coded one and may refer to the group before"),
    _fact("picture.gop.without_parameter_sets_count", Kind.INTEGER,
          "groups whose first packet does not hold sequence and picture parameters: a sequence header of MPEG-2, SPS "
          "and PPS of H.264 and HEVC", null="the coding has no parameter sets in its packets"),
    _fact("picture.gop.max_b_frames", Kind.INTEGER, "longest run of bidirectional pictures, in order of presentation",
          unit="frames"),
)
# fmt: on
