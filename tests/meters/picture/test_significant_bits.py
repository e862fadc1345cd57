"""Bits that carry picture: codes shifted up by a known number of bits, in every format that holds them."""

from __future__ import annotations

import av
import numpy as np
import pytest

from deliverqc.meters.significant_bits import METER
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.on_demand.code_bits import columns
from deliverqc.signals.picture.moments import Moment
from deliverqc.signals.picture.planes import shape_of
from fixtures.sequences import ramp
from tests.meters.picture.tables import picture_table

_NAME = "sequence.significant_bits"


def _read(frames: list[av.VideoFrame]) -> dict[str, object]:
    reader = columns(Colorimetry())
    shape = shape_of(frames[0])
    for frame in frames:
        moment = Moment(frame, shape)
        reader.keep(reader.read(moment), moment)
    held = {f"code_bits.{name}": column for name, column in reader.finish().items()}
    return dict(METER.measure(picture_table(len(frames), extended=held), {}).facts)


def _frame(unused_bits: int, *, number: int = 0, pixel_format: str = "rgb48le") -> av.VideoFrame:
    codes = np.repeat(ramp(number, 16, unused_bits=unused_bits)[:, :, None], 3, axis=2)
    frame = av.VideoFrame.from_ndarray(codes, format="rgb48le")
    return frame if pixel_format == "rgb48le" else frame.reformat(format=pixel_format)


@pytest.mark.parametrize("unused", [0, 1, 4, 6, 8])
def test_zeros_below_are_not_counted(unused: int) -> None:
    assert _read([_frame(unused, number=n) for n in range(3)]) == {_NAME: 16 - unused}


def test_one_frame_with_more_bits_decides() -> None:
    assert _read([_frame(6), _frame(4, number=1), _frame(6, number=2)]) == {_NAME: 12}


@pytest.mark.parametrize(("pixel_format", "bits"), [("gbrp10le", 10), ("gbrp12le", 12), ("rgb24", 8)])
def test_depth_of_the_codes_is_the_bound(pixel_format: str, bits: int) -> None:
    assert _read([_frame(0, pixel_format=pixel_format)]) == {_NAME: bits}


def test_xyz_is_read_before_it_becomes_rgb() -> None:
    codes = np.repeat(ramp(0, 16, unused_bits=5)[:, :, None], 3, axis=2)
    frame = av.VideoFrame(codes.shape[1], codes.shape[0], "xyz12le")
    rows = np.zeros((codes.shape[0], frame.planes[0].line_size), dtype=np.uint8)
    rows[:, : codes.shape[1] * 6] = codes.view(np.uint8).reshape(codes.shape[0], -1)
    frame.planes[0].update(rows.tobytes())
    assert _read([frame]) == {_NAME: 11}


def test_zeros_alone_are_null_and_floating_point_is_not_measured() -> None:
    black = av.VideoFrame.from_ndarray(np.zeros((18, 32, 3), dtype=np.uint16), format="rgb48le")
    assert _read([black]) == {_NAME: None}
    assert _read([_frame(0, pixel_format="gbrpf32le")]) == {}


def test_codes_whose_depth_changes_are_not_measured() -> None:
    assert _read([_frame(4), _frame(0, pixel_format="rgb24")]) == {}
