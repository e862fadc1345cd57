"""Mono files that together are one mix (`mix.L.wav`, `mix.R.wav`), whose loudness is that of all of them; knows no
meter and no spec.

Files belong together by their names (one stem, one extension, one separator, and a channel each), and by their headers
(one sound track of one channel, the same sample rate and the same number of samples).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deliverqc.errors import DeliverqcError
from deliverqc.facts.groups import Group, form_groups
from deliverqc.file_state import file_state, is_changed

if TYPE_CHECKING:
    from deliverqc.signals.tables import Signals

_LABELS: Mapping[str, str] = {
    **{label.lower(): label for label in ("L", "R", "C", "LFE", "Ls", "Rs", "Lss", "Rss", "Lrs", "Rrs", "Lt", "Rt")},
    "left": "L",
    "right": "R",
    "center": "C",
    "centre": "C",
}
_NAME = re.compile(r"(?P<stem>.+)(?P<separator>[._\- ])(?P<channel>[A-Za-z]+)")
_NUMBERED = re.compile(r"(?P<stem>.*?)(?P<separator>[._\- ])(?P<number>[1-9]\d?)")
_FRONT = ({"L", "R"}, {"Lt", "Rt"})
"""What names that together are a mix hold at least: a C or an Ls next to a file of the same length may be anything."""

_BY_ORDER = tuple(dict.fromkeys(_LABELS.values()))


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitMix:
    """The mix that one mono file is a part of. `files` are in the order of `group`; `signals` have their tables in the
    same order, as tracks; None where not all of them could be measured."""

    files: tuple[Path, ...]
    group: Group
    signals: Signals | None

    @property
    def names(self) -> list[str]:
        """Of its files, in layout order."""
        return [file.name for file in self.files]


def siblings_of(path: Path, given: Iterable[Path] = ()) -> dict[str, Path]:
    """The files that by their names are one mix with `path`, by channel, itself included; empty where there is none.
    They are looked for in its folder, and where that is not enough among those `given`."""
    own = _key(path)
    if own is None:
        return {}
    folder = path.absolute().parent
    try:
        near = sorted(folder.iterdir())
    except OSError:
        near = []
    found: dict[str, Path] = {own[1]: path}
    far = (one for one in given if one.absolute().parent != folder)
    for candidates in (near, far):
        more: dict[str, list[Path]] = {}
        for candidate in candidates:
            key = _key(candidate)
            if key is not None and key[0] == own[0] and key[1] not in found:
                more.setdefault(key[1], []).append(candidate)
        found |= {label: paths[0] for label, paths in more.items() if len(paths) == 1}
        if _is_mix(found):
            return {label: found[label] for label in _BY_ORDER if label in found}
    return {}


def _is_mix(labels: Iterable[str]) -> bool:
    return any(front <= set(labels) for front in _FRONT)


def _key(path: Path) -> tuple[tuple[str, str, str], str] | None:
    """What files of one mix have in common, and the channel that this one is named after."""
    match = _NAME.fullmatch(path.stem)
    label = _LABELS.get(match["channel"].lower()) if match is not None else None
    if match is None or label is None:
        return None
    return (match["stem"].lower(), match["separator"], path.suffix.lower()), label


def split_mix(
    path: Path, signals: Signals, given: Iterable[Path], measured: Callable[[Path], Signals]
) -> SplitMix | None:
    """The mix that the mono file at `path` is a part of, `signals` being its own; None where it stands alone.
    `measured` probes and decodes another file."""
    named = siblings_of(path, given) if _is_mono(signals) else {}
    shapes = {label: _shape(one) for label, one in named.items()}
    own = next((shapes[label] for label, one in named.items() if one == path), None)
    members = {label: one for label, one in named.items() if own is not None and shapes[label] == own}
    if own is None or not _is_mix(members):
        return None
    group, files = _group_with(path, members, own[0])
    tables = [signals if one == path else _measured(one, signals, measured) for one in files]
    known = [one for one in tables if one is not None]
    if len(known) < len(files):
        return SplitMix(files=files, group=group, signals=None)
    columns = signals.sounds[0].extended
    sounds = [one.sounds[0] for one in known]
    sounds = [replace(one, extended={name: one.extended[name] for name in columns}) for one in sounds]
    together = replace(signals, sounds=tuple(sounds), pairs=())
    return SplitMix(files=files, group=group, signals=together)


def numbered_siblings(path: Path, signals: Signals) -> list[str] | None:
    """Names of the mono files in the folder of `path` that differ from it in a number at the end only (`mix_1.wav`,
    `mix_2.wav`) and have its rate and its number of samples, itself included: they may be parts of one mix. None where
    there are no others, or the file is not mono.
    """
    own = _NUMBERED.fullmatch(path.stem) if _is_mono(signals) else None
    if own is None:
        return None
    try:
        near = sorted(path.absolute().parent.iterdir())
    except OSError:
        return None
    shape = _shape(path)
    found = {int(own["number"]): path.name}
    for other in near:
        match = _NUMBERED.fullmatch(other.stem)
        is_alike = (
            match is not None
            and match["stem"].lower() == own["stem"].lower()
            and match["separator"] == own["separator"]
            and other.suffix.lower() == path.suffix.lower()
        )
        if match is not None and is_alike and shape is not None and other.name != path.name:
            found |= {int(match["number"]): other.name} if _shape(other) == shape else {}
    return [found[number] for number in sorted(found)] if len(found) > 1 else None


def _group_with(path: Path, members: Mapping[str, Path], sample_rate_hz: int) -> tuple[Group, tuple[Path, ...]]:
    """The channel group that `path` belongs to, and its files in layout order, numbered as its tracks."""
    tracks = [
        {"channel_count": 1, "channel_labels": [label], "sample_rate_hz": sample_rate_hz, "language": None}
        for label in members
    ]
    paths = list(members.values())
    groups = form_groups({"sound.tracks": tracks})
    found = next(group for group in groups if any(paths[track] == path for track, _ in group.channels))
    files = tuple(paths[track] for track, _ in found.channels)
    channels = tuple((number, 0) for number in range(len(files)))
    return replace(found, channels=channels, formed_by="files"), files


def _is_mono(signals: Signals) -> bool:
    return signals.picture is None and len(signals.sounds) == 1 and len(signals.sounds[0].labels) == 1


def _shape(path: Path) -> tuple[int, int] | None:
    """Sample rate, and number of samples as the headers state it, of a file with one sound track of one channel."""
    import av  # a headers run, and a file with another name, does without
    from av.error import FFmpegError

    from deliverqc.probing.opening import open_master

    try:
        with open_master(path) as container:
            if len(container.streams.audio) != 1 or len(container.streams) != 1:
                return None
            stream = container.streams.audio[0]
            if stream.codec_context is None or stream.codec_context.layout.nb_channels != 1:
                return None
            rate = stream.codec_context.sample_rate
            if stream.duration is not None and stream.time_base is not None:
                return rate, round(stream.duration * stream.time_base * rate)
            return (rate, round(container.duration * rate / av.time_base)) if container.duration else None
    except (FFmpegError, OSError, ValueError):
        return None


def _measured(path: Path, own: Signals, measured: Callable[[Path], Signals]) -> Signals | None:
    """The signals of another file of the mix; None where it is damaged, changes meanwhile or has another length."""
    before = file_state(path)
    try:
        signals = measured(path)
    except DeliverqcError:
        return None
    log = signals.log
    is_sound = _is_mono(signals) and not (log.errors or log.undecodable) and not is_changed(path, before)
    if not is_sound or signals.sounds[0].sample_count != own.sounds[0].sample_count:
        return None
    return signals if signals.extensions >= own.extensions else None
