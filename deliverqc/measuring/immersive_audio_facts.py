"""Facts of immersive audio, from what its frames state and from the peaks of the channels that carry its beds and
objects; opens no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import log10
from typing import TYPE_CHECKING

from deliverqc.facts.model import Facts
from deliverqc.measuring.planning import may_hold_iab

if TYPE_CHECKING:
    from deliverqc.signals.tables import Signals

_NAMES = {
    "frame_count": "sound.iab.frame_count",
    "element_count": "sound.iab.element_count",
    "bed_channel_count": "sound.iab.bed_channel_count",
    "object_count": "sound.iab.object_count",
    "max_rendered": "sound.iab.max_rendered_count",
    "sample_rates_hz": "sound.iab.sample_rates_hz",
    "bit_depths_bits": "sound.iab.bit_depths_bits",
    "frame_rates": "sound.iab.frame_rates",
}


def iab_facts(facts: Facts, signals: Signals) -> Facts:
    """What the frames of an immersive audio bitstream state; null where the file holds none, and nothing where it
    cannot be read."""
    if not may_hold_iab(facts):
        is_known = "wrapper.format" in facts and "sound.tracks" in facts
        return dict.fromkeys(_NAMES.values()) if is_known else {}
    found = signals.log.immersive_audio
    if found is None:
        return {}
    if not found.frame_count:
        has_sound = bool(facts.get("sound.tracks"))
        return {} if has_sound else dict.fromkeys(_NAMES.values())
    values = asdict(found)
    return {
        name: list(values[member]) if isinstance(values[member], tuple) else values[member]
        for member, name in _NAMES.items()
    }


def objects_with_peaks(facts: Facts, signals: Signals) -> Facts:
    """Beds and objects with the largest true peak of their channels, null in digital silence; without one where a
    channel is not known or not there."""
    if not facts.get("sound.objects"):
        return {}
    peaks = {
        f"{track}.{channel}": float(peak)
        for track, sound in enumerate(signals.sounds)
        for channel, peak in enumerate(sound.true_peak.max(axis=0, initial=0.0))
    }
    return {"sound.objects": [dict(one) | _peak(one, peaks) for one in facts["sound.objects"]]}


def _peak(element: Facts, peaks: Mapping[str, float]) -> Facts:
    channels = element["channels"]
    if element["unresolved_channel_count"] or any(channel not in peaks for channel in channels):
        return {}
    largest = max((peaks[channel] for channel in channels), default=0.0)
    return {"max_true_peak_dbtp": round(20 * log10(largest), 2) if largest > 0 else None}
