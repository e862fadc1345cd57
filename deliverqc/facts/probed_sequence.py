"""Facts of image sequences that their headers and file names give; knows no format of files."""

from __future__ import annotations

from typing import Any

from deliverqc.facts import vocabulary as words
from deliverqc.facts.model import Fact, Kind, Layer

_W, _B = Layer.WRAPPER, Layer.BITSTREAM
_UNSTATED = "the format of the first frame has no such field, or it is left open"


def _fact(name: str, kind: Kind, layer: Layer, meaning: str, **options: Any) -> Fact:  # noqa: ANN401
    return Fact(
        name=f"sequence.{name}",
        kind=kind,
        layer=layer,
        meaning=meaning,
        given_by=("stills",),
        unit=options.get("unit"),
        resolution=options.get("step"),
        null_means=options.get("null"),
        vocabulary=options.get("values"),
    )


# fmt: off
SEQUENCE = (
    _fact("file_format", Kind.STRING, _B, "format of the frames of an image sequence, read from their content",
          values=words.STILL_FORMAT, null="the master is not an image sequence"),
    _fact("file_name_pattern", Kind.STRING, _W, "file name with the frame number as printf writes it: shot.%04d.dpx"),
    _fact("frame_count", Kind.INTEGER, _W, "frames that are there", unit="frames"),
    _fact("first_frame_number", Kind.INTEGER, _W, "number in the name of the first frame"),
    _fact("last_frame_number", Kind.INTEGER, _W, "number in the name of the last frame"),
    _fact("missing_frame_numbers", Kind.LIST, _W, "runs of numbers between the first and the last that no file has"),
    _fact("missing_frame_numbers[].first_number", Kind.INTEGER, _W, "first number of the run"),
    _fact("missing_frame_numbers[].last_number", Kind.INTEGER, _W, "last number of the run"),
    _fact("missing_frame_numbers[].frame_count", Kind.INTEGER, _W, "length of the run", unit="frames"),
    _fact("duplicate_files", Kind.STRINGS, _W,
          "files with the number of another frame, padded otherwise; they are not measured"),
    _fact("irregular_names", Kind.STRINGS, _W,
          "frames whose name is not written as the pattern says: another padding, or an extension in another case"),
    _fact("faulty_files", Kind.LIST, _W, "frames whose header cannot be read, or that are cut"),
    _fact("faulty_files[].file", Kind.STRING, _W, "name of the file"),
    _fact("faulty_files[].frame", Kind.INTEGER, _W, "number of the frame, from 0 at the first", unit="frames"),
    _fact("faulty_files[].fault", Kind.STRING, _W, "what is wrong with it"),
    _fact("changes", Kind.LIST, _B, "what headers state other than that of the first frame that can be read"),
    _fact("changes[].fact", Kind.STRING, _B, "the fact that changes"),
    _fact("changes[].from", Kind.STRING, _B, "value in the first frame", null="not stated"),
    _fact("changes[].to", Kind.STRING, _B, "the other value", null="not stated"),
    _fact("changes[].file", Kind.STRING, _B, "first file with that value"),
    _fact("changes[].frame", Kind.INTEGER, _B, "number of that frame, from 0 at the first", unit="frames"),
    _fact("changes[].frame_count", Kind.INTEGER, _B, "frames with that value", unit="frames"),
    _fact("is_display_referred", Kind.BOOLEAN, _B,
          "no header says that its codes are film densities, logarithmic or linear light, or floating point: only "
          "then are black, levels and the like measured"),
    _fact("start_timecode", Kind.TIMECODE, _B, "timecode in the header of the first frame, as written",
          null="it states none"),
    _fact("timecode_jumps", Kind.LIST, _B,
          "frames whose timecode is not the next after that of the frame before; looked for up to 30 frames a second"),
    _fact("timecode_jumps[].file", Kind.STRING, _B, "name of the file"),
    _fact("timecode_jumps[].frame", Kind.INTEGER, _B, "number of the frame, from 0 at the first", unit="frames"),
    _fact("timecode_jumps[].timecode", Kind.STRING, _B, "timecode in its header", null="it states none"),
    _fact("byte_order", Kind.STRING, _W, "byte order of the first frame", values=("big", "little"), null=_UNSTATED),
    _fact("sample_format", Kind.STRING, _B, "kind of the samples of the first frame", null=_UNSTATED,
          values=("unsigned", "signed", "half", "float")),
    _fact("components", Kind.STRING, _B,
          "what a pixel of the first frame holds: rgb rgba abgr y ya cbycr cmyk palette …; other:<number> for others",
          null=_UNSTATED),
    _fact("channels", Kind.STRINGS, _B, "names of all channels of an OpenEXR frame", null=_UNSTATED),
    _fact("compression", Kind.STRING, _B, "compression of the first frame, as its format names it: none rle zip piz …",
          null=_UNSTATED),
    _fact("packing", Kind.STRING, _B, "how a DPX frame packs samples into words: packed filled_a filled_b",
          null=_UNSTATED),
    _fact("transfer", Kind.STRING, _B,
          "transfer characteristic of a DPX frame (SMPTE ST 268-1): printing_density linear logarithmic bt709 …",
          null=_UNSTATED),
    _fact("colorimetry", Kind.STRING, _B, "colorimetric specification of a DPX frame, in the same words",
          null=_UNSTATED),
    _fact("data_window_px", Kind.INTEGERS, _B, "left, top, right and bottom of the pixels that an OpenEXR frame holds",
          null=_UNSTATED),
    _fact("display_window_px", Kind.INTEGERS, _B, "left, top, right and bottom of the picture of an OpenEXR frame",
          null=_UNSTATED),
    _fact("gamma", Kind.NUMBER, _B, "gamma that a PNG frame states (gAMA)", step=1e-5, null=_UNSTATED),
    _fact("has_icc_profile", Kind.BOOLEAN, _B, "a TIFF or PNG frame carries an ICC profile", null=_UNSTATED),
)
# fmt: on
