"""Holds what deliverqc reads in MXF files to MediaInfo, fact by fact: they agree, or the difference is in a table that
says who is right, and why.

Run it from a checkout, with DELIVERQC_MATERIAL set: python -m campaigns.mxf_readers. Every MXF file of the material is
read, whatever its name, and small masters of other codings are made by ffmpeg. The exit code is 0 where every
difference is in tests/probing/mxf_differences.csv and every row of it was met.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from deliverqc.facts import vocabulary as words
from deliverqc.facts.model import Facts
from deliverqc.probing.mediainfo import library_version
from deliverqc.probing.reading import StatedTimecode
from deliverqc.probing.structure import Structure, read_structure
from deliverqc.probing.wrappers.mxf_labels import channel_assignment
from deliverqc.timebase import Timecode, format_rate
from fixtures.ffmpeg import make

DIFFERENCES = Path(__file__).parents[1] / "tests" / "probing" / "mxf_differences.csv"
COLUMNS = ("file", "fact", "ours", "theirs", "right", "reason")
MADE = "made: "
"""How the name of a file that ffmpeg made begins."""

_PARTITION = bytes.fromhex("060e2b34020501010d010201")
_RUN_IN_BYTES = 65536
_TONE = "-f lavfi -i sine=d=0.2:r=48000 -ac 2 -c:a pcm_s24le"
_CLIP = "-f lavfi -i testsrc2=s={size}:r={rate}:d=0.2"
RECIPES: Mapping[str, str] = {
    "mpeg2-1080i": f"{_CLIP.format(size='1920x1080', rate=25)} {_TONE} -c:v mpeg2video -pix_fmt yuv422p -b:v 50M "
    "-flags +ildct+ilme -top 1 -timecode 10:00:00:00",
    "mpeg2-sd": f"{_CLIP.format(size='720x576', rate=25)} {_TONE} -c:v mpeg2video -pix_fmt yuv420p -aspect 16:9",
    "dnxhr-drop-frame": f"{_CLIP.format(size='320x180', rate='30000/1001')} {_TONE} -c:v dnxhd -profile:v dnxhr_hq "
    "-pix_fmt yuv422p -timecode 00:59:59;28",
    "h264-intra": f"{_CLIP.format(size='320x180', rate='24000/1001')} {_TONE} -c:v libx264 -pix_fmt yuv422p10le -g 1 "
    "-color_primaries bt709 -color_trc bt709 -colorspace bt709",
    "jpeg2000": f"{_CLIP.format(size='128x96', rate=24)} -c:v jpeg2000 -pix_fmt yuv444p "
    "-color_primaries bt709 -color_trc bt709 -colorspace bt709",
    "d-10": f"{_CLIP.format(size='720x608', rate=25)} {_TONE} -c:v mpeg2video -pix_fmt yuv422p -g 1 -b:v 50M "
    "-minrate 50M -maxrate 50M -bufsize 2M -rc_init_occupancy 2M -flags +ildct+low_delay -intra_vlc 1 -qmax 12 -top 1 "
    "-dc 2 -f mxf_d10",
    "op-atom": "-f lavfi -i sine=d=0.2:r=48000 -c:a pcm_s16le -f mxf_opatom",
}
"""Masters that the material lacks, by what is special in them; arguments of ffmpeg."""

_PATTERNS = {"OP-Atom": "opatom"}
_MODELS = {"YUV": "ycbcr", "RGB": "rgb", "XYZ": "xyz"}
_MAPPINGS = {"BWF": "wave", "AES": "aes3"}
_FORMATS = {"IAB": "iab", "MGA": "mga"}
_RSIZ = {"No restrictions": 0, "D-Cinema 2k": 3, "D-Cinema 4k": 4, "IMFS4k ML6SL1": 0x516}
_COLOURS = (
    ("color_primaries", "colour_primaries", words.COLOR_PRIMARIES),
    ("color_transfer", "transfer_characteristics", words.COLOR_TRANSFER),
    ("color_matrix", "matrix_coefficients", words.COLOR_MATRIX),
    ("color_range", "colour_range", words.COLOR_RANGE),
)
_LABEL = bytes.fromhex("060e2b340401010d")
_PACKAGES = {"Material Package": "material_package", "Source Package": "file_package"}
_TOLERANCE = Fraction(1, 1000)
"""MediaInfo prints three decimals."""

Row = Mapping[str, str]


def mxf_files(root: Path) -> list[str]:
    """Every file under `root` that begins with a partition pack, a run-in before it allowed; sorted."""
    found = []
    for path in root.rglob("*"):
        if path.is_file() and is_mxf(path):
            found.append(path.relative_to(root).as_posix())
    return sorted(found)


def is_mxf(path: Path) -> bool:
    """Whether the file begins with a partition pack, behind a run-in or not."""
    with path.open("rb") as file:
        return _PARTITION in file.read(_RUN_IN_BYTES + len(_PARTITION))


def made(name: str, folder: Path) -> Path:
    """The master of one of RECIPES."""
    return make(folder / f"{name}.mxf", RECIPES[name])


def differences(path: Path, name: str) -> list[Row]:
    """The facts that both readers state and do not agree on; columns `file`, `fact`, `ours` and `theirs`."""
    ours, theirs = _ours(path), _theirs(_mediainfo(path))
    return [
        {"file": name, "fact": fact, "ours": _text(ours[fact]), "theirs": _text(theirs[fact])}
        for fact in sorted(ours.keys() & theirs.keys())
        if not _is_same(ours[fact], theirs[fact])
    ]


def compared_facts(path: Path) -> set[str]:
    """The facts that both readers state of the file."""
    return _ours(path).keys() & _theirs(_mediainfo(path)).keys()


def listed() -> list[Row]:
    """The rows of the table of differences."""
    with DIFFERENCES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def _mediainfo(path: Path) -> list[dict[str, Any]]:
    from pymediainfo import MediaInfo

    document = json.loads(str(MediaInfo.parse(path, output="JSON", full=True)), strict=False)
    tracks: list[dict[str, Any]] = document["media"]["track"]
    return tracks


def _is_same(ours: object, theirs: object) -> bool:
    if isinstance(ours, Fraction) and isinstance(theirs, Fraction):
        return abs(ours - theirs) <= _TOLERANCE
    return ours == theirs


def _text(value: object) -> str:
    if isinstance(value, Fraction):
        return format_rate(value)
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _known(facts: Mapping[str, object]) -> Facts:
    return {name: value for name, value in facts.items() if value is not None}


def _ours(path: Path) -> Facts:
    found = read_structure(path, path.stat().st_size)
    general = found.general
    facts: Facts = {
        name: general.get(f"wrapper.{name}")
        for name in ("mxf_operational_pattern", "mxf_header_partition", "mxf_wrapping")
    }
    labels = general.get("wrapper.mxf_essence_labels") or ()
    facts["mxf_essence_labels"] = sorted(label[-17:].replace(".", "") for label in labels)
    facts["duration_s"] = _duration(general.get("wrapper.mxf_body_partitions"))
    facts["picture_track_count"], facts["sound_track_count"] = len(found.pictures), len(found.sounds)
    for source in _PACKAGES.values():
        facts[f"timecode.{source}"] = next((_timecode(one) for one in found.timecodes if one.source == source), None)
    for order, key in enumerate(sorted(found.pictures)):
        facts |= {f"picture.{order}.{name}": value for name, value in _our_picture(found.pictures[key]).items()}
    for order, key in enumerate(sorted(found.sounds)):
        facts |= {f"sound.{order}.{name}": value for name, value in _our_sound(found, key).items()}
    return _known(facts)


def _duration(partitions: Sequence[Facts] | None) -> Fraction | None:
    lengths = [one["duration_s"] for one in partitions or ()]
    return sum(lengths, Fraction(0)) if lengths and None not in lengths else None


def _timecode(one: StatedTimecode) -> str | None:
    """Start and rate, as `01:00:00:00 at 24/1`, with `;` before the frames of drop-frame."""
    if not isinstance(one.start, int) or one.rate is None:
        return None
    start = Timecode(frame=one.start, rate=one.rate, is_drop_frame=bool(one.is_drop_frame))
    return f"{start} at {format_rate(one.rate)}"


def _our_picture(facts: Facts) -> Facts:
    same = (
        "width_px", "height_px", "sampled_width_px", "sampled_height_px", "stored_width_px", "stored_height_px",
        "frame_rate", "scan", "field_order", "pixel_aspect_ratio", "bit_depth_bits", "chroma_subsampling",
        "color_model", "is_stereoscopic", "dolby_vision.metadata_version", *(name for name, *_ in _COLOURS),
    )  # fmt: skip
    found = {name: facts.get(name) for name in same}
    stated = facts.get("mxf_jpeg2000_descriptor") or {}
    found["jpeg2000_rsiz"] = stated.get("rsiz")
    depths = facts.get("component_depths_bits")
    found["bit_depth_bits"] = found["bit_depth_bits"] or (depths[0] if depths else None)
    return found


def _our_sound(found: Structure, key: int) -> Facts:
    facts = found.sounds[key]
    channels = facts.get("mca_channels")
    return {
        **{name: found.stated_sounds.get(key, {}).get(name) for name in ("channel_count", "sample_rate_hz")},
        "mxf_mapping": facts.get("mxf_mapping"),
        "mxf_channel_assignment": facts.get("mxf_channel_assignment"),
        "mca_channels": [one.removeprefix("ch") for one in channels] if channels and all(channels) else None,
    }


def _theirs(tracks: Sequence[Mapping[str, Any]]) -> Facts:
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for track in tracks:
        kinds.setdefault(track["@type"], []).append(track)
    (general,) = kinds["General"]
    essence = [*kinds.get("Video", ()), *kinds.get("Audio", ()), *kinds.get("Text", ())]
    pattern = general.get("Format_Profile", "")
    facts: Facts = {
        "mxf_operational_pattern": _PATTERNS.get(pattern, pattern.lower().replace("-", "")) or None,
        "mxf_header_partition": general.get("Format_Settings", "").lower().replace(" / ", "_") or None,
        "mxf_wrapping": _one(
            {track.get("Format_Settings_Wrapping", "").partition(" ")[0].lower() for track in essence}
        ),
        "mxf_essence_labels": sorted({str(track.get("CodecID", "")).partition("-")[0].lower() for track in essence}),
        "duration_s": _fraction(general.get("Duration")),
        "picture_track_count": len(kinds.get("Video", ())),
        "sound_track_count": len(kinds.get("Audio", ())),
    }
    for track in kinds.get("Other", ()):
        source = _PACKAGES.get(track.get("TimeCode_Settings", ""))
        if source is not None and "TimeCode_FirstFrame" in track:
            facts.setdefault(f"timecode.{source}", f"{track['TimeCode_FirstFrame']} at {_rate(track)}")
    for order, track in enumerate(kinds.get("Video", ())):
        facts |= {f"picture.{order}.{name}": value for name, value in _their_picture(track).items()}
    for order, track in enumerate(kinds.get("Audio", ())):
        facts |= {f"sound.{order}.{name}": value for name, value in _their_sound(track).items()}
    return _known(facts)


def _one(found: set[str]) -> str | None:
    return next(iter(found)) or None if len(found) == 1 else None


def _fraction(text: str | None) -> Fraction | None:
    return Fraction(text) if text else None


def _rate(track: Mapping[str, Any]) -> str:
    return f"{track.get('FrameRate_Num')}/{track.get('FrameRate_Den')}"


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _their_picture(track: Mapping[str, Any]) -> Facts:
    rated = "FrameRate_Num" in track
    extra = track.get("extra", {})
    profile = f"{track.get('Format_Profile', '')} {track.get('Format_Level', '')}".strip()
    found: Facts = {
        "width_px": _number(track.get("Width")),
        "height_px": _number(track.get("Height")),
        "sampled_width_px": _number(track.get("Sampled_Width")),
        "sampled_height_px": _number(track.get("Sampled_Height")),
        "stored_width_px": _number(track.get("Stored_Width")),
        "stored_height_px": _number(track.get("Stored_Height")),
        "frame_rate": Fraction(_rate(track)) if rated else _fraction(track.get("FrameRate")),
        "scan": {"Progressive": "progressive", "Interlaced": "interlaced"}.get(track.get("ScanType", "")),
        "field_order": {"TFF": "tff", "BFF": "bff"}.get(track.get("ScanOrder", "")),
        "pixel_aspect_ratio": _fraction(track.get("PixelAspectRatio")),
        "bit_depth_bits": _number(track.get("BitDepth")),
        "chroma_subsampling": track.get("ChromaSubsampling"),
        "color_model": _MODELS.get(track.get("ColorSpace", "")),
        "is_stereoscopic": track.get("MultiView_Count") == "2" if track.get("Format") == "JPEG 2000" else None,
        "dolby_vision.metadata_version": (track.get("HDR_Format_Version", "").rpartition(" / ")[2]) or None,
        "jpeg2000_rsiz": _RSIZ.get(extra.get("Format_Profile_FromContainer", profile)),
    }
    for name, field, known in _COLOURS:
        if "Container" in track.get(f"{field}_Source", ""):
            found[name] = known.from_mediainfo(track[field])
    return found


def _their_sound(track: Mapping[str, Any]) -> Facts:
    how = track.get("Format_Settings_Wrapping", "").partition("(")[2].removesuffix(")")
    assignment = track.get("ChannelLayoutID")
    return {
        "channel_count": _number(track.get("Channels")),
        "sample_rate_hz": _number(track.get("SamplingRate")),
        "mxf_mapping": _FORMATS.get(track.get("Format", "")) or _MAPPINGS.get(how),
        "mxf_channel_assignment": channel_assignment(_LABEL + bytes.fromhex(assignment)) if assignment else None,
        "mca_channels": track["ChannelLayout"].split() if "ChannelLayout" in track else None,
    }


def _every(root: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    for name in mxf_files(root):
        yield name, root / name
    for name in RECIPES:
        yield MADE + name, made(name, folder)


def main(write: Callable[[str], object] = sys.stdout.write) -> int:
    """Compare every file and print what is not in the table; 0 where nothing is, and no row of it is left over."""
    if "DELIVERQC_MATERIAL" not in os.environ:
        write("DELIVERQC_MATERIAL names no folder of real masters\n")
        return 2
    known = {tuple(row[column] for column in COLUMNS[:4]) for row in listed()}
    met, files, facts = set(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, path in _every(Path(os.environ["DELIVERQC_MATERIAL"]), Path(folder)):
            files, facts = files + 1, facts + len(compared_facts(path))
            met |= {tuple(row[column] for column in COLUMNS[:4]) for row in differences(path, name)}
    for word, rows in (("new", met - known), ("gone", known - met)):
        for row in sorted(rows):
            write(f"{word}: {', '.join(row)}\n")
    write(f"MediaInfo {library_version()}: {files} files, {facts} facts that both state, {len(met)} differences\n")
    return int(met != known)


if __name__ == "__main__":
    sys.exit(main())
