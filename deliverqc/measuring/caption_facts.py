"""Turns what packets hold of captions into facts; opens no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deliverqc.facts.model import Facts
from deliverqc.signals.headers.captions import CARRIERS, NOT_LOOKED_AT, SERVICES

if TYPE_CHECKING:
    from deliverqc.signals.tables import Signals

_OF_TRACKS = {"cea_608": "cea_608_track", "cea_708": "cea_708_track", "dvb_teletext": "dvb_teletext"}
_READ_IN_FULL = "st436_vanc"
_WITH_LINE_21 = (486, 512, 608)
"""Heights of pictures that show VBI lines (SMPTE ST 125, ST 356): line 21 may be in the picture itself."""


def caption_facts(facts: Facts, signals: Signals) -> Facts:
    """Carriers and services of captions in the whole of a file; nothing where something cannot be looked at and none
    was found."""
    tracks = facts.get("timed_text.carrier_tracks")
    if tracks is None or signals.part is not None:
        return {}
    bits, is_complete = _in_picture(facts, signals)
    ancillary = signals.log.ancillary_captions
    found = bits | (ancillary or 0)
    is_complete &= not signals.log.errors and ancillary is not None and set(tracks) <= {*_OF_TRACKS, _READ_IN_FULL}
    carriers = {name for name, bit in CARRIERS.items() if found & bit} | {
        _OF_TRACKS[track] for track in tracks if track in _OF_TRACKS
    }
    if not carriers and not is_complete:
        return {}
    services = {name for name, bit in SERVICES.items() if found & bit} | (
        {"teletext"} if "dvb_teletext" in carriers else set()
    )
    are_opened = not {"cea_608_track", "cea_708_track"} & carriers
    return {"timed_text.in_band.carriers": sorted(carriers)} | (
        {"timed_text.in_band.services": sorted(services)} if are_opened else {}
    )


def _in_picture(facts: Facts, signals: Signals) -> tuple[int, bool]:
    """What the packets of the main picture track hold, and whether no other picture can hold more."""
    count = facts.get("picture.track_count")
    if count == 0:
        return 0, True
    if signals.packets is None:
        return 0, False
    bits, is_read = 0, count == 1 and not _shows_line_21(facts)
    for found in set(signals.packets.extended["captions"].tolist()):
        if found == NOT_LOOKED_AT:
            is_read = False
        else:
            bits |= found
    return bits, is_read


def _shows_line_21(facts: Facts) -> bool:
    stored = facts.get("picture.stored_height_px"), facts.get("picture.height_px")
    return any(height in _WITH_LINE_21 for height in stored)
