"""What the frames of coded sound state, as facts of its tracks and against what was measured; opens no file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deliverqc.facts.model import Facts

if TYPE_CHECKING:
    from deliverqc.signals.tables import DecodeLog

_CONSTANT = frozenset(["pcm", "alaw", "mulaw", "adpcm"])
_VARIABLE = frozenset(["flac", "alac", "truehd"])
"""Codings that have no choice: so many bits a sample, or as many as what sounds needs."""

_STATING = frozenset(["ac3", "eac3", "ac4"])
"""Codings that state dialnorm in every frame. Dolby E and TrueHD are not read: what they state is not known."""
_UNREAD = frozenset(["dolby_e", "truehd", "dts", "mpegh"])

_COMPARED = {
    "cross_check.dialnorm_difference_lu": "loudness.integrated_lufs",
    "cross_check.dialnorm_dialogue_difference_lu": "loudness.dialogue_lkfs",
}
_SILENT = "silent"


def with_headers(tracks: Sequence[Facts], log: DecodeLog) -> list[Facts]:
    """The facts of all sound tracks with what their frames state, as one decode of the whole track read them."""
    stated = {one.track: one for one in log.sound_headers}
    found = []
    for number, track in enumerate(tracks):
        more: Facts = {}
        codec, headers = track.get("codec"), stated.get(f"sound {number}")
        if codec in _CONSTANT or codec in _VARIABLE:
            more["bit_rate_mode"] = "constant" if codec in _CONSTANT else "variable"
        elif headers is not None:
            more["bit_rate_mode"] = "constant" if headers.rate_count == 1 else "variable"
        if codec in _STATING and headers is not None and headers.dialnorms_lufs:
            more |= {"dialnorm_lufs": headers.dialnorms_lufs[-1], "dialnorm_count": len(headers.dialnorms_lufs)}
        elif codec is not None and codec not in _STATING | _UNREAD and not codec.startswith("other:"):
            more |= {"dialnorm_lufs": None, "dialnorm_count": 0}
        found.append(dict(track) | more)
    return found


def dialnorm_differences(facts: Facts, log: DecodeLog) -> Facts:
    """Measured loudness less dialnorm, where they differ most: of the programme, and of its dialogue. Nothing where a
    track that states dialnorm, or its loudness, could not be read."""
    found: Facts = {}
    for name, member in _COMPARED.items():
        differences = list(_differences(facts, log, member))
        if None in differences:
            continue
        known = [one for one in differences if isinstance(one, float)]
        found[name] = max(known, key=abs, default=None)
    return found


def _differences(facts: Facts, log: DecodeLog, member: str) -> Iterator[float | str | None]:
    """Of every value of dialnorm to every mix that is taken from its track alone: a number, a word where the mix has
    no loudness, None where it is not known."""
    stated = {one.track: one for one in log.sound_headers}
    for number, track in enumerate(facts.get("sound.tracks", ())):
        if track.get("dialnorm_lufs", 0) is None:
            continue
        groups = [group for group in facts.get("sound.groups", ()) if number in group.get("tracks", ())]
        headers = stated.get(f"sound {number}")
        if "dialnorm_lufs" not in track or headers is None or not groups:
            yield None
            continue
        for group in groups:
            is_known = group["tracks"] == [number] and member in group
            measured = group[member] if is_known else None
            for dialnorm in headers.dialnorms_lufs:
                yield None if not is_known else _SILENT if measured is None else round(measured - dialnorm, 2)
