"""The closed lists of values, each with its libav and MediaInfo spellings; an unmapped raw value becomes
`other:<raw>`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Vocabulary(Sequence[str]):
    """One closed list: our value to (libav spellings, MediaInfo spellings). Spellings are compared without case.

    An empty spelling list means that the reader says the value in our own words or in a field of its own.
    """

    name: str
    spellings: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    _libav: dict[str, str] = field(init=False, repr=False, compare=False)
    _mediainfo: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for position, attribute in enumerate(("_libav", "_mediainfo")):
            table = {raw.lower(): ours for ours, raws in self.spellings.items() for raw in raws[position]}
            object.__setattr__(self, attribute, table)

    def __len__(self) -> int:
        return len(self.spellings)

    def __getitem__(self, index: int) -> str:  # type: ignore[override]
        return list(self.spellings)[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self.spellings)

    def __contains__(self, value: object) -> bool:
        return value in self.spellings

    def from_libav(self, raw: str) -> str:
        """Our value for libav's word, or `other:<raw>`, which satisfies no enumeration."""
        return self._libav.get(raw.lower(), f"other:{raw}")

    def from_mediainfo(self, raw: str) -> str:
        """Our value for MediaInfo's word, or `other:<raw>`, which satisfies no enumeration."""
        return self._mediainfo.get(raw.lower(), f"other:{raw}")


WRAPPER_FORMAT = Vocabulary(
    "wrapper format",
    {
        "mov": (("mov",), ("QuickTime",)),
        "mp4": (("mp4",), ("MPEG-4",)),
        "m4a": (("m4a",), ()),
        "mxf": (("mxf", "mxf_opatom"), ("MXF",)),
        "mkv": (("matroska",), ("Matroska",)),
        "webm": (("webm",), ("WebM",)),
        "wav": (("wav", "w64"), ("Wave", "Wave64")),
        "rf64": ((), ("RF64", "Wave/RF64", "BW64")),
        "aiff": (("aiff",), ("AIFF",)),
        "avi": (("avi",), ("AVI",)),
        "mpegts": (("mpegts",), ("MPEG-TS", "BDAV")),
        "mpegps": (("mpeg",), ("MPEG-PS",)),
        "flac": (("flac",), ("FLAC",)),
        "mp3": (("mp3",), ("MPEG Audio",)),
        "aac": (("aac",), ("ADTS",)),
        "ogg": (("ogg",), ("Ogg",)),
        "flv": (("flv",), ("Flash Video",)),
        "gxf": (("gxf",), ("GXF",)),
        "dv": (("dv",), ("DV",)),
        "mpegvideo": (("mpegvideo",), ("MPEG Video",)),
        "h264": (("h264",), ("AVC",)),
        "hevc": (("hevc",), ("HEVC",)),
        "jpeg2000": (("j2k_pipe",), ("JPEG 2000",)),
        "caf": (("caf",), ("CAF",)),
        "asf": (("asf",), ("Windows Media",)),
        "ac3": (("ac3",), ("AC-3",)),
        "eac3": (("eac3",), ("E-AC-3",)),
        "srt": (("srt",), ("SubRip",)),
        "webvtt": (("webvtt",), ("WebVTT",)),
        "scc": (("scc",), ("SCC",)),
        "mcc": (("mcc",), ("MCC",)),
        "ebu_stl": ((), ("N19",)),
        "ttml": (("ttml",), ("TTML",)),
        "dcsubtitle": ((), ()),
        "dcst": ((), ()),
        "image_sequence": ((), ()),
    },
)
PICTURE_CODEC = Vocabulary(
    "picture codec",
    {
        "prores": (("prores", "prores_ks", "prores_aw"), ("ProRes",)),
        "prores_raw": (("prores_raw",), ("ProRes RAW",)),
        "h264": (("h264",), ("AVC",)),
        "hevc": (("hevc",), ("HEVC",)),
        "vvc": (("vvc",), ("VVC",)),
        "mpeg1video": (("mpeg1video",), ()),
        "mpeg2video": (("mpeg2video",), ()),
        "mpeg4": (("mpeg4",), ("MPEG-4 Visual",)),
        "jpeg2000": (("jpeg2000", "libopenjpeg"), ("JPEG 2000",)),
        "dnxhd": (("dnxhd",), ("VC-3",)),
        "dvvideo": (("dvvideo",), ("DV",)),
        "mjpeg": (("mjpeg", "mjpegb"), ("JPEG", "M-JPEG")),
        "ffv1": (("ffv1",), ("FFV1",)),
        "vp8": (("vp8",), ("VP8",)),
        "vp9": (("vp9",), ("VP9",)),
        "av1": (("av1", "libdav1d"), ("AV1",)),
        "vc1": (("vc1",), ("VC-1",)),
        "h263": (("h263",), ("H.263",)),
        "rawvideo": (("rawvideo",), ("RGB", "YUV", "Raw")),
        "v210": (("v210",), ("v210",)),
        "cfhd": (("cfhd",), ("CineForm",)),
        "huffyuv": (("huffyuv", "ffvhuff"), ("HuffYUV",)),
        "utvideo": (("utvideo",), ("Ut Video",)),
        "png": (("png",), ("PNG",)),
        "theora": (("theora",), ("Theora",)),
        "dpx": (("dpx",), ("DPX",)),
        "exr": (("exr",), ("EXR",)),
        "tiff": (("tiff",), ("TIFF",)),
    },
)
PRORES_PROFILE = Vocabulary(
    "ProRes profile",
    {
        "proxy": (("apco", "Proxy"), ("422 Proxy",)),
        "lt": (("apcs", "LT"), ("422 LT",)),
        "422": (("apcn", "Standard"), ("422",)),
        "422_hq": (("apch", "HQ"), ("422 HQ",)),
        "4444": (("ap4h", "4444"), ("4444",)),
        "4444_xq": (("ap4x", "XQ"), ("4444 XQ",)),
    },
)
SOUND_CODEC = Vocabulary(
    "sound codec",
    {
        "pcm": ((), ("PCM",)),
        "aac": (("aac", "aac_latm"), ("AAC",)),
        "ac3": (("ac3",), ("AC-3",)),
        "eac3": (("eac3",), ("E-AC-3",)),
        "ac4": (("ac4",), ("AC-4",)),
        "dts": (("dts", "dca"), ("DTS",)),
        "truehd": (("truehd",), ("MLP FBA", "TrueHD")),
        "dolby_e": (("dolby_e",), ("Dolby E",)),
        "mp1": (("mp1",), ()),
        "mp2": (("mp2",), ()),
        "mp3": (("mp3", "mp3float"), ()),
        "flac": (("flac",), ("FLAC",)),
        "alac": (("alac",), ("ALAC",)),
        "opus": (("opus",), ("Opus",)),
        "vorbis": (("vorbis",), ("Vorbis",)),
        "adpcm": ((), ("ADPCM",)),
        "iab": ((), ("IAB",)),
        "mpegh": (("mpegh_3d_audio",), ("MPEG-H 3D Audio",)),
        "alaw": (("alaw",), ("A-law",)),
        "mulaw": (("mulaw",), ("U-law",)),
        "amr": (("amrnb", "amrwb", "amr_nb", "amr_wb"), ("AMR",)),
    },
)
COLOR_PRIMARIES = Vocabulary(
    "colour primaries (ITU-T H.273)",
    {
        "bt709": (("bt709",), ("BT.709",)),
        "bt470m": (("bt470m",), ("BT.470 System M",)),
        "bt470bg": (("bt470bg",), ("BT.601 PAL", "BT.470 System B/G")),
        "smpte170m": (("smpte170m",), ("BT.601 NTSC",)),
        "smpte240m": (("smpte240m",), ("SMPTE 240M",)),
        "film": (("film",), ("Generic film",)),
        "bt2020": (("bt2020",), ("BT.2020",)),
        "smpte428": (("smpte428",), ("XYZ", "SMPTE 428M")),
        "smpte431": (("smpte431",), ("DCI P3",)),
        "smpte432": (("smpte432",), ("Display P3",)),
        "ebu3213": (("ebu3213",), ("EBU Tech 3213", "JEDEC P22 phosphors")),
    },
)
COLOR_TRANSFER = Vocabulary(
    "transfer characteristics (ITU-T H.273)",
    {
        "bt709": (("bt709",), ("BT.709",)),
        "bt470m": (("gamma22", "bt470m"), ("BT.470 System M",)),
        "bt470bg": (("gamma28", "bt470bg"), ("BT.470 System B/G",)),
        "smpte170m": (("smpte170m",), ("BT.601",)),
        "smpte240m": (("smpte240m",), ("SMPTE 240M",)),
        "linear": (("linear",), ("Linear",)),
        "log100": (("log100",), ("Logarithmic (100:1)",)),
        "log316": (("log316",), ("Logarithmic (316.22777:1)",)),
        "iec61966-2-4": (("iec61966-2-4",), ("xvYCC",)),
        "bt1361e": (("bt1361e",), ("BT.1361",)),
        "iec61966-2-1": (("iec61966-2-1",), ("sRGB/sYCC",)),
        "bt2020-10": (("bt2020-10",), ("BT.2020 (10-bit)",)),
        "bt2020-12": (("bt2020-12",), ("BT.2020 (12-bit)",)),
        "smpte2084": (("smpte2084",), ("PQ",)),
        "smpte428": (("smpte428",), ("SMPTE 428M",)),
        "arib-std-b67": (("arib-std-b67",), ("HLG",)),
    },
)
COLOR_MATRIX = Vocabulary(
    "matrix coefficients (ITU-T H.273)",
    {
        "rgb": (("gbr", "rgb"), ("Identity",)),
        "bt709": (("bt709",), ("BT.709",)),
        "fcc": (("fcc",), ("FCC 73.682",)),
        "bt470bg": (("bt470bg",), ("BT.470 System B/G",)),
        "smpte170m": (("smpte170m",), ("BT.601",)),
        "smpte240m": (("smpte240m",), ("SMPTE 240M",)),
        "ycgco": (("ycgco",), ("YCgCo",)),
        "bt2020nc": (("bt2020nc",), ("BT.2020 non-constant",)),
        "bt2020c": (("bt2020c",), ("BT.2020 constant",)),
        "smpte2085": (("smpte2085",), ("Y'D'zD'x",)),
        "chroma-derived-nc": (("chroma-derived-nc",), ("Chromaticity-derived non-constant",)),
        "chroma-derived-c": (("chroma-derived-c",), ("Chromaticity-derived constant",)),
        "ictcp": (("ictcp",), ("ICtCp",)),
    },
)
COLOR_RANGE = Vocabulary(
    "sample range", {"limited": (("tv", "mpeg"), ("Limited",)), "full": (("pc", "jpeg"), ("Full",))}
)
SCAN = Vocabulary(
    "scan", {"progressive": (("progressive",), ("Progressive",)), "interlaced": ((), ("Interlaced", "MBAFF", "PAFF"))}
)
FIELD_ORDER = Vocabulary("field order", {"tff": (("tt", "tb"), ("TFF",)), "bff": (("bb", "bt"), ("BFF",))})
_H273_CODES: Mapping[str, Mapping[int, str]] = {
    COLOR_PRIMARIES.name: {
        1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film",
        9: "bt2020", 10: "smpte428", 11: "smpte431", 12: "smpte432", 22: "ebu3213",
    },
    COLOR_TRANSFER.name: {
        1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear",
        9: "log100", 10: "log316", 11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1",
        14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 17: "smpte428", 18: "arib-std-b67",
    },
    COLOR_MATRIX.name: {
        0: "rgb", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco",
        9: "bt2020nc", 10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp",
    },
}  # fmt: skip
_H273_UNSPECIFIED = 2
_H273_RESERVED = (0, 3)


def from_h273(vocabulary: Vocabulary, code: int) -> str | None:
    """Our value for a code point of ITU-T H.273 Tables 2, 3 or 4; None for unspecified and reserved ones,
    `other:<code>` for newer ones."""
    known = _H273_CODES[vocabulary.name].get(code)
    if known is None and code != _H273_UNSPECIFIED and code not in _H273_RESERVED:
        return f"other:{code}"
    return known


CHROMA_SUBSAMPLING = Vocabulary(
    "chroma subsampling",
    {value: ((), (value,)) for value in ("4:2:0", "4:2:2", "4:4:4", "4:1:1", "4:1:0", "4:4:0", "4:0:0")},
)
BIT_RATE_MODE = Vocabulary("bit rate mode", {"constant": ((), ("CBR",)), "variable": ((), ("VBR",))})
ENTROPY_CODING = Vocabulary("entropy coding", {"cabac": ((), ()), "cavlc": ((), ()), "mixed": ((), ())})
FRAME_RATE_MODE = Vocabulary("frame rate mode", {"constant": ((), ("CFR",)), "variable": ((), ("VFR",))})
BIT_RATE_MODE = Vocabulary("bit rate mode", {"constant": ((), ("CBR",)), "variable": ((), ("VBR",))})
DROP_FRAME_AT_THIS_RATE = "drop_frame_at_this_rate"
BEYOND_24_HOURS = "beyond_24_hours"
NO_SUCH_ADDRESS = "no_such_address"
NOT_A_TIMECODE = "not_a_timecode"
RATE_UNKNOWN = "rate_unknown"
TIMECODE_JUMPS = "jumps"
NOT_THE_PICTURES_RATE = "not_the_pictures_rate"
STILL_FORMAT = ("dpx", "openexr", "tiff", "png", "jpeg2000")
PACKAGE_STANDARD = ("smpte", "interop", "imf", "mixed")
PACKAGE_SHARE = ("all", "some", "none")
WAVE_FORMAT = ("pcm", "ieee_float", "extensible")
"""Format tags of a WAV; coded audio is `other:0x0055`."""
TIMECODE_FAULT = (
    DROP_FRAME_AT_THIS_RATE,
    BEYOND_24_HOURS,
    NO_SUCH_ADDRESS,
    NOT_A_TIMECODE,
    RATE_UNKNOWN,
    TIMECODE_JUMPS,
    NOT_THE_PICTURES_RATE,
)
"""What contradicts itself in a timecode that the file carries."""
SOUND_LAYOUT: dict[str, tuple[str, ...]] = {
    "1.0": ("C",),
    "2.0": ("L", "R"),
    "3.0": ("L", "R", "C"),
    "4.0": ("L", "R", "Ls", "Rs"),
    "5.0": ("L", "R", "C", "Ls", "Rs"),
    "5.1": ("L", "R", "C", "LFE", "Ls", "Rs"),
    "7.1": ("L", "R", "C", "LFE", "Lss", "Rss", "Lrs", "Rrs"),
}
"""Loudspeaker layouts with their SMPTE ST 2067-8 channel labels in track order (ITU-R BS.2051)."""

PRIMING_SOURCE = ("edit_list", "itunsmpb", "lame_tag", "codec_delay", "opus_head")
MXF_WRAPPING = ("frame", "clip", "field", "line", "custom", "mixed")
MXF_SOUND_MAPPING = (
    "wave", "aes3", "a_law", "aac_adif", "aac_adts", "aac_latm", "d10", "dv", "iab", "mga", "mpeg",
)  # fmt: skip
MXF_CHANNEL_ASSIGNMENT = (
    *(f"dcp_configuration_{number}" for number in range(1, 6)),
    "imf",
    "as11",
    "as11_layout_a",
)
CONTENT_MAPPING = ("2.9", "4.0", "mixed")
ADM_TYPE = ("direct_speakers", "matrix", "objects", "hoa", "binaural")
"""typeDefinition of ITU-R BS.2076."""
COLOR_MODEL = ("rgb", "ycbcr", "xyz")
STEREOSCOPIC_LAYOUT = ("alternating", "side_by_side", "top_bottom", "checkerboard", "rows", "columns", "anaglyph")

PROGRAMME_REGION = ("head", "interior", "tail", "outside")
"""Where a span lies in the programme: it holds the first frame, the last one, neither, or nothing of it."""
