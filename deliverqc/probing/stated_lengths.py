"""Gathers what a file states of its own length and of encryption, by the walkers of its bytes, and by libav where it
reads a header that they do not; opens no file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from deliverqc.facts.model import Facts
from deliverqc.probing.container import ContainerReading
from deliverqc.probing.reading import StatedLength, TrackReading
from deliverqc.probing.structure import Structure

_OF_TRACKS = {
    "mxf": "track duration",
    "aiff": "COMM chunk",
    "caf": "CAF header",
    "w64": "data chunk",
    "au": "AU header",
    "avi": "stream header",
}
"""Formats whose tracks state a duration that libav reads as it is, and where. Of sound in an AVI it gives an estimate;
the stream header is read by us."""

_OF_THE_FILE = {"flv": "onMetaData", "asf": "file properties"}
_EXACT_S = Fraction(1, 1000)
_STATES_NOTHING = (
    "aac", "ac3", "eac3", "cavsvideo", "dts", "h264", "hevc", "m4v", "mlp", "mpeg", "mpegts", "mpegvideo", "obu", "rm",
    "truehd", "vc1", "vvc", "dv", "mp3", "avs2", "avs3", "mjpeg", "ivf", "yuv4mpegpipe",
)  # fmt: skip
"""Formats of libav that state no length, so that one that was cut at a packet looks whole."""


def stated_lengths(container: ContainerReading, structure: Structure) -> tuple[StatedLength, ...]:
    """Every length, of a track by its name (`picture 0`, `sound 1`) or of the file (no name)."""
    names = _names(container, structure)
    has_text = bool(container.reading.texts)
    found = []
    for length in structure.lengths:
        name = length.name if length.key is None or length.name is not None else names.get(length.key)
        is_of_the_file = length.key is None and length.name is None
        if name is not None or (is_of_the_file and not has_text):  # of which a subtitle may be the longest track
            found.append(replace(length, name=name))
    return (*found, *_of_libav(container))


def shows_cut_end(container: ContainerReading, structure: Structure) -> bool | None:
    """Whether a cut file can be told from a whole one; None where it is not known of the format."""
    if structure.shows_cut_end is not None:
        return structure.shows_cut_end
    if any(True for _ in _of_libav(container)):
        return True
    return False if container.format_name in _STATES_NOTHING else None


def encrypted_tracks(container: ContainerReading, structure: Structure) -> list[Facts]:
    """Every track that is encrypted, and its scheme. A track that is neither picture nor sound is not listed."""
    names = _names(container, structure)
    rows = []
    for stated in structure.encryptions:
        if stated.name is not None or stated.key is not None:
            named = [stated.name or names.get(stated.key or 0)]
        else:
            named = list(names.values())
        rows += [{"track": name, "scheme": stated.scheme} for name in named if name is not None]
    return rows


def _names(container: ContainerReading, structure: Structure) -> dict[int, str]:
    """Names of the tracks by what the walker counts them by."""
    names: dict[int, str] = {}
    for kind, tracks in (("picture", container.reading.pictures), ("sound", container.reading.sounds)):
        for order, track in enumerate(tracks):
            names[track.identity if structure.keyed_by == "identity" else track.index] = f"{kind} {order}"
    return names


def _of_libav(container: ContainerReading) -> Iterator[StatedLength]:
    source = _OF_TRACKS.get(container.format_name)
    for kind, tracks in (("picture", container.reading.pictures), ("sound", container.reading.sounds)):
        for order, track in enumerate(tracks):
            duration_s = track.facts.get("duration_s")
            is_estimated = container.format_name == "avi" and kind == "sound"
            if source is not None and duration_s and not is_estimated:
                name = f"{kind} {order}"
                yield StatedLength(source=source, duration_s=duration_s, name=name, tolerance_s=_tolerance(track))
    whole_s = container.reading.general.get("wrapper.duration_s")
    if container.format_name in _OF_THE_FILE and isinstance(whole_s, Fraction):
        yield StatedLength(source=_OF_THE_FILE[container.format_name], duration_s=whole_s)


def _tolerance(track: TrackReading) -> Fraction | None:
    return _EXACT_S if track.facts.get("codec") == "pcm" else None
