"""Puts the programmes of a transport stream next to the tracks that they hold; opens no file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deliverqc.facts.model import Facts
from deliverqc.probing.reading import TrackReading

if TYPE_CHECKING:
    from deliverqc.probing.container import ContainerReading
    from deliverqc.probing.structure import Structure


def program_facts(container: ContainerReading, structure: Structure, lost: frozenset[str]) -> Facts:
    """Programmes and their number; null of other formats, nothing where a transport stream announces none."""
    if "structure" in lost or structure.programs == ():
        return {}
    if structure.programs is None:
        return {"wrapper.programs": None, "wrapper.program_count": None}
    reading, main = container.reading, container.main_picture
    rows: list[Facts] = []
    for program in structure.programs:
        pictures = _held(reading.pictures, program.stream_pids or ())
        rows.append(
            {
                "number": program.number,
                "pmt_pid": program.pmt_pid,
                "service_name": program.service_name,
                "stream_pids": None if program.stream_pids is None else list(program.stream_pids),
                "picture_tracks": pictures,
                "sound_tracks": _held(reading.sounds, program.stream_pids or ()),
                "holds_main_picture": main in pictures,
            }
        )
    return {
        "wrapper.programs": rows,
        "wrapper.program_count": sum(bool(row["picture_tracks"] or row["sound_tracks"]) for row in rows),
    }


def _held(tracks: Sequence[TrackReading], pids: Sequence[int]) -> list[int]:
    return [order for order, track in enumerate(tracks) if track.identity in pids]
