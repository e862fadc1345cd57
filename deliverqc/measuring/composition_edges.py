"""Where a composition is black, and for how long its audio is silent at the head and the tail of each track: what its
track files show, in the parts and repeats in which the composition uses them; runs no decoder and knows no limit.

Frames are black and rows silent by the meters `black` and `silence` under the settings of the spec, and silence has no
least length here. Nothing is known of a track of which a file was not decoded to the end of the part used, nor of
immersive audio, which nothing here decodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from deliverqc.facts.assemble import assemble_reading
from deliverqc.facts.model import Facts
from deliverqc.measuring.registry import registry
from deliverqc.meters import meters
from deliverqc.packages.model import AUX, OTHER, PICTURE, SOUND, Track
from deliverqc.packages.sound_labels import PLUG_INS, PLUG_INS_OF_SOUND
from deliverqc.timebase import Timeline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from deliverqc.measuring.compositions import PackagedComposition, TrackFile
    from deliverqc.measuring.measure import Settings
    from deliverqc.signals.tables import Signals, SoundSignal

_C = "package.composition."
_SPANS = f"{_C}black_spans"

MOST_FRAMES = 20_000_000
"""House choice: more than 90 hours at 60 frames per second. A longer composition is not measured."""
_MOST_STRETCHES = 1_000_000

Use = tuple[Track, "TrackFile | None"]
Stretch = tuple[Fraction, Fraction]


def edge_facts(packaged: PackagedComposition, *, settings: Settings, wanted: frozenset[str]) -> Facts:
    """Black of the picture where the meter `black` is `wanted`, silent edges of the audio where `silence` is."""
    facts: Facts = {}
    if "black" in wanted:
        facts |= _black_facts(packaged, settings)
    if "silence" in wanted and packaged.composition.is_imf:
        facts[f"{_C}audio_tracks"] = list(_audio_tracks(packaged, settings))
    return facts


def _black_facts(packaged: PackagedComposition, settings: Settings) -> Facts:
    uses = packaged.uses(PICTURE)
    rates = {track.edit_rate for track, _ in uses}
    reels = len(packaged.composition.reels)
    is_single = len({(track.reel, track.sequence) for track, _ in uses}) == len({track.reel for track, _ in uses})
    rate = rates.pop() if len(rates) == 1 else None
    if rate is None or not is_single or len({track.reel for track, _ in uses}) < reels:
        return {}
    if sum((track.duration or 0) * track.repeat_count for track, _ in uses) > MOST_FRAMES:
        return {}
    parts = [_black_part(track, _decoded(file), settings) for track, file in uses]
    if any(part is None for part in parts):
        return {}
    import numpy as np  # a headers run has nothing to measure and no need of it

    from deliverqc.meters.runs import runs

    flags = np.concatenate([part for part in parts if part is not None])
    timeline = Timeline(frame_rate=rate, frame_count=len(flags), start=None)
    return assemble_reading({_SPANS: tuple(runs(flags))}, registry().facts, prefix="", timeline=timeline) | {
        f"{_C}head_black_s": _leading(flags, rate),
        f"{_C}tail_black_s": _leading(flags[::-1], rate),
    }


def _leading(flags: NDArray[np.bool_], rate: Fraction) -> float:
    return round(float((len(flags) if flags.all() else int(flags.argmin())) / rate), 6)


def _decoded(file: TrackFile | None) -> Signals | None:
    """The signals of a file of which all was decoded; None where it is not there, or a part was not."""
    signals = None if file is None else file.signals
    return None if signals is None or signals.part is not None or signals.log.undecodable else signals


def _black_part(track: Track, signals: Signals | None, settings: Settings) -> NDArray[np.bool_] | None:
    """Whether each frame that is used is black; None where one was not measured."""
    picture = None if signals is None else signals.picture
    if picture is None or track.duration is None or track.end is None or picture.frame_count < track.end:
        return None
    if picture.frame_rate != track.edit_rate:
        return None
    import numpy as np

    from deliverqc.meters import black

    flags = black.black_frames(picture, meters()["black"].resolve(settings.get("black", {})))
    return np.tile(flags[track.entry_point or 0 : track.end], track.repeat_count)


def _audio_tracks(packaged: PackagedComposition, settings: Settings) -> Iterator[dict[str, Any]]:
    lanes: dict[str, list[Use]] = {}
    for kind in (SOUND, AUX, OTHER):
        for track, file in packaged.uses(kind):
            if _may_sound(track):
                lanes.setdefault(track.sequence, []).append((track, file))
    for sequence, uses in lanes.items():
        entry: dict[str, Any] = {"id": sequence, "element": uses[0][0].element}
        yield entry | _edges(uses, settings, len(packaged.composition.reels))


def _may_sound(track: Track) -> bool:
    """Whether it is audio, or a sequence of which nobody here knows what it is."""
    is_unknown = track.kind == OTHER and track.element not in PLUG_INS
    return track.kind == SOUND or track.element in PLUG_INS_OF_SOUND or is_unknown


def _edges(uses: Sequence[Use], settings: Settings, reels: int) -> dict[str, float]:
    """How long a track is silent at its head and its tail; nothing where that was not measured."""
    if len({track.reel for track, _ in uses}) < reels or any(track.kind != SOUND for track, _ in uses):
        return {}
    placed: list[Stretch] = []
    at = Fraction(0)
    for track, file in uses:
        found, length = _silences(track, _decoded(file), settings), track.duration_s
        if found is None or length is None or len(placed) + (len(found) or 1) * track.repeat_count > _MOST_STRETCHES:
            return {}
        for repeat in range(track.repeat_count):
            begin = at + length * repeat / track.repeat_count
            placed += [(begin + start, begin + end) for start, end in found]
        at += length
    joined = list(_joined(placed))
    head = next((end for start, end in joined if start == 0), Fraction(0))
    tail = next((end - start for start, end in reversed(joined) if end == at), Fraction(0))
    return {"head_silence_s": round(float(head), 6), "tail_silence_s": round(float(tail), 6)}


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The same in order, those that meet made one."""
    held: Stretch | None = None
    for start, end in stretches:
        if held is not None and start == held[1]:
            held = (held[0], end)
        else:
            if held is not None:
                yield held
            held = (start, end)
    if held is not None:
        yield held


def _silences(track: Track, signals: Signals | None, settings: Settings) -> list[Stretch] | None:
    """When all channels of the part that is used are silent, in seconds from its start; None where that was not
    measured."""
    rate, end = track.edit_rate, track.end
    if signals is None or not signals.sounds or not rate or end is None:
        return None
    first, last = Fraction(track.entry_point or 0) / rate, Fraction(end) / rate
    found: list[Stretch] | None = None
    for sound in signals.sounds:
        if sound.first_sample or Fraction(sound.sample_count, sound.sample_rate_hz) < last:
            return None
        own = list(_silent_stretches(sound, settings, first, last))
        found = own if found is None else list(_common(found, own))
    return found


def _silent_stretches(sound: SoundSignal, settings: Settings, first: Fraction, last: Fraction) -> Iterator[Stretch]:
    import numpy as np

    from deliverqc.meters import silence
    from deliverqc.meters.runs import runs
    from deliverqc.signals.tables import row_edges

    resolved = meters()["silence"].resolve(settings.get("silence", {}))
    edges = row_edges(sound.sample_count, sound.sample_rate_hz)
    for row in runs(np.asarray(silence.silent_rows(sound, resolved).all(axis=1))):
        start, end = (Fraction(int(edges[at]), sound.sample_rate_hz) for at in (row.start, row.end))
        if max(start, first) < min(end, last):
            yield max(start, first) - first, min(end, last) - first


def _common(one: Sequence[Stretch], other: Sequence[Stretch]) -> Iterator[Stretch]:
    for start, end in one:
        for begin, stop in other:
            if max(start, begin) < min(end, stop):
                yield max(start, begin), min(end, stop)
