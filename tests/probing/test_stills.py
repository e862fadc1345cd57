"""Headers of single frames: what is put into them is read, libav reads the same, and cut or strange files are told."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from deliverqc.probing.stills import read_still
from deliverqc.probing.stills.model import NotAStillError, Still, packed_timecode, stated_rate
from fixtures.sequences import HEIGHT, WIDTH, dpx_bytes, frame_bytes

_FORMATS = {"dpx": "dpx", "exr": "openexr", "tif": "tiff", "png": "png", "j2k": "jpeg2000"}


def _read(data: bytes) -> Still:
    return read_still(io.BytesIO(data), len(data))


def _by_libav(tmp_path: Path, data: bytes, extension: str) -> av.VideoFrame:
    path = tmp_path / f"peer.{extension}"
    path.write_bytes(data)
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize("extension", list(_FORMATS))
def test_size_and_depth_are_those_that_libav_decodes(extension: str, tmp_path: Path) -> None:
    data = frame_bytes(extension, 1)
    still, peer = _read(data), _by_libav(tmp_path, data, extension)
    assert still.sequence["file_format"] == _FORMATS[extension]
    assert (still.picture["width_px"], still.picture["height_px"]) == (peer.width, peer.height) == (WIDTH, HEIGHT)
    assert still.picture["bit_depth_bits"] == max(component.bits for component in peer.format.components)
    assert still.unread is None


@pytest.mark.parametrize("extension", list(_FORMATS))
@pytest.mark.parametrize("kept", [0.97, 0.6])
def test_a_cut_frame_is_told(extension: str, kept: float) -> None:
    data = frame_bytes(extension, 1)
    assert _read(data).end is None or _read(data).end <= len(data)  # type: ignore[operator]
    cut = data[: int(len(data) * kept)]
    try:
        end = _read(cut).end
    except NotAStillError:
        return  # a TIFF has its directory at the end
    assert end is not None
    assert end > len(cut)


@pytest.mark.parametrize("order", [">", "<"])
def test_dpx_headers_of_film_and_television_are_read(order: str, tmp_path: Path) -> None:
    data = dpx_bytes(order=order, frame_rate=23.976, timecode="01:02:03:04", shape=(4, 3), transfer=8, colorimetric=8)
    still = _read(data)
    assert still.frame_rate == Fraction(24000, 1001)
    assert still.timecode == "01:02:03:04"
    assert still.picture["pixel_aspect_ratio"] == Fraction(4, 3)
    assert (still.picture["color_primaries"], still.picture["color_transfer"]) == ("smpte170m", "smpte170m")
    assert still.picture["scan"] == "progressive"
    assert still.sequence["byte_order"] == ("big" if order == ">" else "little")
    assert still.sequence["packing"] == "filled_a"
    assert still.end == len(data)
    path = tmp_path / "peer.dpx"
    path.write_bytes(data)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        context = container.streams.video[0].codec_context
        assert (int(frame.color_primaries), int(frame.color_trc)) == (6, 6)  # SMPTE ST 170 in ITU-T H.273
        assert (context.framerate, context.sample_aspect_ratio) == (Fraction("23.976"), Fraction(4, 3))


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_the_timecode_of_dpx_is_the_one_that_ffprobe_reads(tmp_path: Path) -> None:
    path = tmp_path / "peer.dpx"
    path.write_bytes(dpx_bytes(timecode="11:22:33:14", frame_rate=24))
    command = ["ffprobe", "-v", "error", "-show_entries", "frame_tags=timecode", "-of", "csv=p=0", str(path)]
    peer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip(",\n")
    assert _read(path.read_bytes()).timecode == peer == "11:22:33:14"


def test_dpx_states_nothing_where_its_fields_are_open_or_left_out() -> None:
    open_fields = _read(dpx_bytes())
    assert (open_fields.frame_rate, open_fields.timecode, open_fields.picture["pixel_aspect_ratio"]) == (
        None,
        None,
        None,
    )
    assert "scan" not in open_fields.picture
    zeros = bytearray(dpx_bytes())
    zeros[1664:2048] = bytes(384)
    assert (_read(bytes(zeros)).frame_rate, _read(bytes(zeros)).timecode) == (None, None)
    short = frame_bytes("dpx", 1)  # libav writes its pixels right behind the generic header
    assert struct.unpack_from(">I", short, 4) == (1664,)
    assert (_read(short).frame_rate, _read(short).timecode) == (None, None)


def test_dpx_rates_that_contradict_each_other_are_no_rate() -> None:
    assert _read(dpx_bytes(frame_rate=24, film_rate=24)).frame_rate == 24
    assert _read(dpx_bytes(film_rate=25)).frame_rate == 25
    assert _read(dpx_bytes(frame_rate=24, film_rate=25)).frame_rate is None


@pytest.mark.parametrize(
    ("transfer", "word", "is_video"),
    [
        (1, "printing_density", False),
        (2, "linear", True),
        (3, "logarithmic", False),
        (6, "bt709", True),
        (13, "adx", False),
        (77, "other:77", True),
        (255, None, True),
    ],
)
def test_dpx_transfer_says_whether_codes_are_video(transfer: int, word: str | None, *, is_video: bool) -> None:
    still = _read(dpx_bytes(transfer=transfer))
    assert (still.sequence["transfer"], still.is_display_referred) == (word, is_video)


def _exr_with(attributes: dict[str, tuple[str, bytes]], **options: Any) -> bytes:
    """A frame of libav's encoder with further attributes, its offsets moved behind them."""
    data = frame_bytes("exr", 1, **options)
    more = b"".join(
        name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value
        for name, (kind, value) in attributes.items()
    )
    place = data.index(b"framesPerSecond\0")
    end = _table_start(data)
    table = [struct.unpack_from("<Q", data, end + 8 * line)[0] + len(more) for line in range(HEIGHT)]
    rest = data[end + 8 * HEIGHT :]
    return data[:place] + more + data[place:end] + struct.pack(f"<{HEIGHT}Q", *table) + rest


def _table_start(data: bytes) -> int:
    """Where the table of one offset a line begins: the first line is right behind it."""
    return next(
        place for place in range(8, len(data)) if data[place : place + 8] == struct.pack("<Q", place + 8 * HEIGHT)
    )


def test_openexr_colour_rate_and_timecode_are_read() -> None:
    rec2020 = struct.pack("<8f", 0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.329)
    data = _exr_with(
        {"chromaticities": ("chromaticities", rec2020), "timeCode": ("timecode", struct.pack("<II", 0x10002304, 0))}
    )
    still = _read(data)
    assert still.picture["color_primaries"] == "bt2020"
    assert still.timecode == "10:00:23:04"
    assert still.frame_rate == 24
    assert still.sequence["channels"] == ["B", "G", "R"]
    assert (still.sequence["sample_format"], still.is_display_referred) == ("float", False)
    assert still.sequence["display_window_px"] == [0, 0, WIDTH - 1, HEIGHT - 1]
    assert still.end == len(data)


@pytest.mark.parametrize(("flag", "words"), [(0x800, "deep data"), (0x1000, "several parts")])
def test_openexr_that_libav_does_not_read_is_told(flag: int, words: str) -> None:
    data = bytearray(frame_bytes("exr", 1))
    struct.pack_into("<I", data, 4, 2 | flag)
    assert words in str(_read(bytes(data)).unread)


def test_an_openexr_whose_writer_left_its_table_open_is_unfinished() -> None:
    data = bytearray(frame_bytes("exr", 1))
    place = _table_start(bytes(data))
    data[place : place + 8] = bytes(8)
    assert _read(bytes(data)).is_unfinished


def _png_with(name: bytes, value: bytes) -> bytes:
    data = frame_bytes("png", 1)
    chunk = struct.pack(">I", len(value)) + name + value + struct.pack(">I", zlib.crc32(name + value))
    at = 8 + 12 + 13  # behind IHDR
    return data[:at] + chunk + data[at:]


def test_png_colour_chunks_are_read() -> None:
    coded = _read(_png_with(b"cICP", bytes([9, 16, 0, 1]))).picture
    names = ("color_primaries", "color_transfer", "color_matrix", "color_range")
    assert [coded[name] for name in names] == ["bt2020", "smpte2084", "rgb", "full"]
    srgb = _read(_png_with(b"sRGB", b"\0")).picture
    assert (srgb["color_primaries"], srgb["color_transfer"]) == ("bt709", "iec61966-2-1")
    assert _read(_png_with(b"gAMA", struct.pack(">I", 45455))).sequence["gamma"] == 0.45455
    light = _read(_png_with(b"cLLI", struct.pack(">2I", 1000_0000, 400_0000))).picture
    assert (light["hdr.max_cll_cd_m2"], light["hdr.max_fall_cd_m2"]) == (1000, 400)


@pytest.mark.parametrize(
    ("pixel_format", "depth", "components"),
    [("rgb24", 8, "rgb"), ("rgb48le", 16, "rgb"), ("gray16le", 16, "y"), ("rgba", 8, "rgba")],
)
def test_tiff_depth_and_components(pixel_format: str, depth: int, components: str) -> None:
    still = _read(frame_bytes("tif", 1, pixel_format=pixel_format))
    assert (still.picture["bit_depth_bits"], still.sequence["components"]) == (depth, components)


@pytest.mark.parametrize(
    ("pixel_format", "sampling"), [("yuv420p", "4:2:0"), ("yuv422p", "4:2:2"), ("yuv444p", "4:4:4"), ("gray", "4:0:0")]
)
def test_tiff_sampling_is_that_of_its_encoder(pixel_format: str, sampling: str) -> None:
    assert _read(frame_bytes("tif", 1, pixel_format=pixel_format)).picture["chroma_subsampling"] == sampling


def _tiff(order: str, tags: dict[int, tuple[int, tuple[int, ...]]], *, data: bytes = bytes(64)) -> bytes:
    """A TIFF of short (3) and long (4) values that stand in the directory itself."""
    form = {3: "H", 4: "I"}
    place = 8 + len(data)
    out = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, place) + data
    out += struct.pack(f"{order}H", len(tags))
    for tag, (kind, values) in sorted(tags.items()):
        stored = struct.pack(f"{order}{len(values)}{form[kind]}", *values).ljust(4, b"\0")
        out += struct.pack(f"{order}HHI", tag, kind, len(values)) + stored
    return out + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("more", "unread"),
    [({}, None), ({339: (3, (2,))}, "signed samples of 8 bits"), ({262: (3, (8,))}, "does not read lab")],
)
def test_tiff_that_libav_reads_wrongly_is_told(
    order: str, more: dict[int, tuple[int, tuple[int, ...]]], unread: str | None
) -> None:
    tags = {
        256: (3, (8,)),
        257: (3, (8,)),
        258: (3, (8,)),
        259: (3, (1,)),
        262: (3, (1,)),
        273: (4, (8,)),
        279: (4, (64,)),
    }
    still = _read(_tiff(order, tags | more))
    assert (still.picture["width_px"], still.picture["height_px"], still.end) == (8, 8, 72)
    assert still.unread is None if unread is None else unread in str(still.unread)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (bytes(5000), "nothing but zeros"),
        (b"hello world, no picture", "not a DPX"),
        (b"SDPX" + bytes(20), "cut"),
        (b"SDPX" + bytes(2044), "no picture size"),
        (b"II*\0\xff\xff\xff\x7f" + bytes(8), "behind the end"),
        (b"\x89PNG\r\n\x1a\n", "cut"),
        (b"\x76\x2f\x31\x01\x02\0\0\0channels\0chlist", "cut"),
    ],
    ids=["empty", "zeros", "text", "cut", "no-size", "tiff", "png", "exr"],
)
def test_what_is_no_picture_says_why(data: bytes, words: str) -> None:
    with pytest.raises(NotAStillError, match=words):
        _read(data)


@pytest.mark.parametrize("make", [dpx_bytes, lambda: frame_bytes("exr", 1), lambda: frame_bytes("tif", 1)])
def test_no_damage_of_a_header_is_another_error(make: Callable[[], bytes]) -> None:
    data = make()
    for place in range(0, min(len(data), 900), 7):
        spoilt = bytearray(data)
        spoilt[place : place + 4] = b"\xff\xff\xff\xff"
        try:
            _read(bytes(spoilt))
        except NotAStillError:
            continue


@pytest.mark.parametrize(
    ("word", "text"),
    [(0x01020304, "01:02:03:04"), (0x23595923, "23:59:59:23"), (0x01000042, "01:00:00;02"), (0x0100000A, None)],
)
def test_packed_timecode(word: int, text: str | None) -> None:
    assert packed_timecode(word) == text


@pytest.mark.parametrize(
    ("stated", "rate"),
    [
        (24.0, Fraction(24)),
        (23.976, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (0.0, None),
        (float("nan"), None),
        (1e-39, None),
        (18.0, Fraction(18)),
    ],
)
def test_stated_rates(stated: float, rate: Fraction | None) -> None:
    assert stated_rate(stated) == rate
