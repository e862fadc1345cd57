"""Opens a master by libav, the only place that does; knows nothing of what is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

_DEMUXERS = (
    "aac,ac3,ac4,aiff,ass,asf,au,av1,avi,avs2,avs3,caf,cavsvideo,dnxhd,dts,dtshd,dv,eac3,flac,flv,gif,gxf,h264,hevc,iamf,image2,imf,"
    "ivf,j2k_pipe,jpeg_pipe,lxf,m4v,matroska,mcc,mjpeg,mlp,mov,mp3,mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,pgs,png_pipe,rm,sami,scc,srt,"
    "stl,sup,tiff_pipe,truehd,vc1,vvc,w64,wav,webvtt,yuv4mpegpipe"
)
"""The demuxers that may open a master. A playlist (HLS, DASH, concat) would open other files, and plain text would be
drawn as pictures."""
_OPTIONS = {"protocol_whitelist": "file,subfile", "format_whitelist": _DEMUXERS}


def open_essence(path: Path) -> InputContainer:
    """Open the file at `path` for decoding; errors as in `open_master`.

    Integer samples of 24 valid bits in 32, which libav's WAVE reader takes for floating point and its CAF reader for
    3 bytes, are read as the raw PCM that they are. The tracks, their numbers and times are those of `open_master`.
    """
    from deliverqc.probing.wrappers.sound_formats import read_sound_format  # 3 ms that probing need not spend

    with path.open("rb") as file:
        wave = read_sound_format(file, path.stat().st_size)
    if wave is None or not wave.is_misread:
        return open_master(path)
    end = 0 if wave.data_bytes is None else wave.data_start + wave.data_bytes
    layout = f"0x{wave.channel_mask:x}" if wave.channel_mask.bit_count() == wave.channel_count else ""
    options = {
        "protocol_whitelist": "file,subfile",
        "sample_rate": str(wave.sample_rate_hz),
        "ch_layout": layout or f"{wave.channel_count}C",
    }
    url = f"subfile,,start,{wave.data_start},end,{end},,:file:{path.absolute()}"
    return av.open(url, format=f"s{wave.stored_bits}{'be' if wave.is_big_endian else 'le'}", options=options)


def open_bytes(data: bytes, demuxer: str) -> InputContainer:
    """Open a stream that is held in another one, with one demuxer and no file; errors as in `open_master`."""
    return av.open(BytesIO(data), "r", format=demuxer, options={"protocol_whitelist": "", "format_whitelist": demuxer})


def open_master(path: Path) -> InputContainer:
    """Open the file at `path`, whatever its name looks like; libav's errors (`av.error.FFmpegError`) come through.

    A name is no URL: `concat:a`, `http:b` and `ep1:final.mov` are files. Tags that are not UTF-8 are read as they can
    be. Of a RIFF file that is padded with zeros libav is given what is before them: it would walk through all of them.
    """
    end = None
    with path.open("rb") as file:
        if file.read(4) in (b"RIFF", b"RF64", b"BW64"):
            from deliverqc.probing.wrappers.riff import padding_start  # 4 ms that other formats need not spend

            end = padding_start(file, path.stat().st_size)
    part = "" if end is None else f"subfile,,start,0,end,{end},,:"
    return av.open(f"{part}file:{path.absolute()}", options=_OPTIONS, metadata_errors="replace")


def packets_of(container: InputContainer, streams: Sequence[Any]) -> Iterator[av.Packet[Any]]:
    """The packets of some tracks, to the end. Where a track began on the way, PyAV looks for it in the list of those of
    the head when all packets are read, and may fail with IndexError.
    """
    with suppress(IndexError):
        yield from container.demux(streams)
