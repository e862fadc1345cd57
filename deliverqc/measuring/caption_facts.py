"""Turns what packets hold of captions into facts; opens no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from deliverqc.facts.assemble import round_facts
from deliverqc.facts.model import Facts
from deliverqc.measuring.registry import registry
from deliverqc.signals.headers.captions import CARRIERS, NOT_LOOKED_AT, SERVICES

if TYPE_CHECKING:
    from deliverqc.signals.tables import Signals

_OF_TRACKS = {"cea_608": "cea_608_track", "cea_708": "cea_708_track"}
_TELETEXT = "dvb_teletext"
_READ_IN_FULL = "st436_vanc"
_WITH_LINE_21 = (486, 512, 608)
"""Heights of pictures that show VBI lines (SMPTE ST 125, ST 356): line 21 may be in the picture itself."""
_DTVCC = "service_"


def caption_facts(facts: Facts, signals: Signals) -> Facts:
    """Tracks of captions and what they carry, and carriers and services of captions in the whole of a file; nothing
    where something cannot be looked at and none was found."""
    tracks = facts.get("timed_text.carrier_tracks")
    if tracks is None or signals.part is not None:
        return {}
    of_tracks = _of_tracks(tracks, signals)
    bits, is_complete = _in_picture(facts, signals)
    ancillary, opened = signals.log.ancillary_captions, signals.log.caption_tracks
    found = bits | (ancillary or 0)
    is_complete &= not signals.log.errors and ancillary is not None and opened is not None
    is_complete &= set(tracks) <= {*_OF_TRACKS, _TELETEXT, _READ_IN_FULL}
    held = [track for track in opened or () if track.services and track.carrier in _OF_TRACKS]
    carriers = {name for name, bit in CARRIERS.items() if found & bit} | {_OF_TRACKS[one.carrier] for one in held}
    carriers |= {_TELETEXT} & set(tracks)
    if not carriers and not is_complete:
        return of_tracks
    services = {name for name, bit in SERVICES.items() if found & bit}
    services |= {name for one in held for service in one.services for name in _channel(service.service)}
    services |= {"teletext"} if _TELETEXT in carriers else set()
    return (
        of_tracks
        | {"timed_text.in_band.carriers": sorted(carriers)}
        | ({"timed_text.in_band.services": sorted(services)} if opened is not None else {})
    )


def _channel(service: str) -> tuple[str, ...]:
    """The channel of line 21, whether it holds captions or text, or CTA-708 as a whole."""
    if service.startswith(_DTVCC):
        return ("dtvcc",)
    name = service.replace("t", "cc") if service[1:].isdigit() else service
    return (name,) if name in SERVICES else ()


def _of_tracks(tracks: Sequence[str], signals: Signals) -> Facts:
    """Every track of captions and ancillary data, and every service in them."""
    opened = signals.log.caption_tracks
    if opened is None or signals.log.errors or not set(tracks) <= {*_OF_TRACKS, _TELETEXT, _READ_IN_FULL}:
        return {}
    listed: list[Facts] = []
    services: list[Facts] = []
    for track in opened:
        place = {"index": track.index, "carrier": track.carrier}
        names = [one.service for one in track.services]
        count = sum(one.character_count for one in track.services)
        listed.append(place | {"services": names, "character_count": count})
        services += [place | asdict(one) for one in track.services]
    found: Facts = {"timed_text.caption_tracks": listed, "timed_text.caption_services": services}
    return round_facts(found, registry().facts)


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
