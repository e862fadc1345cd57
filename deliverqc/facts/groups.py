"""Forms channel groups, the mixes that loudness belongs to, from labels, tracks and a spec's settings; knows no file
and no spec.

In this order, the first that serves:

1. **labels**: channels with loudspeaker labels that together are known layouts, in any order (`L C R Ls Rs LFE` is
5.1). A track of several channels is split only if nothing is left over. "Mono" is no label of a place, nor is the C
that a lone channel gets by default.
2. **settings**: `layouts`, such as `"5.1,2.0"`, laid over all sound channels in order, if the numbers of channels are
equal.
3. **tracks**: a track of 2 channels is 2.0 and of 6 is 5.1 in SMPTE ST 2035 order (L R C LFE Ls Rs). Consecutive
one-channel tracks of one language: 2 are 2.0, 6 are 5.1, 4 are two pairs, 8 are 5.1 and 2.0; in MXF every even number
but 6 is taken in pairs, which is what broadcasters do (EBU R 48); any other number is that many times 1.0.

Channels that hold coded audio in place of samples (SMPTE ST 337) are in no group. Substreams of an IAMF mix are one
group without a layout, whatever the settings say: only a renderer makes channels of them.

What is left (8 channels without labels in one track) has no layout. Its labels are empty or what is known of them,
and no loudness may be told for it: the weights of its channels are not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import SOUND_LAYOUT

MONO_LABEL = "M"
"""Of a channel that is said to be mono, not to stand in the centre."""

SUBSTREAMS = "substreams"
"""How a group is formed that is no mix until a player renders it."""

PLACELESS = ("", MONO_LABEL)
"""Labels that tell no place."""
_MATRIX_STEREO = ("Lt", "Rt")
_LAYOUTS_FROM_LONGEST = sorted(SOUND_LAYOUT, key=lambda layout: -len(SOUND_LAYOUT[layout]))
_UNLABELLED_TRACK = {1: "1.0", 2: "2.0", 6: "5.1"}
_MONO_TRACKS: Mapping[int, tuple[str, ...]] = {2: ("2.0",), 4: ("2.0", "2.0"), 6: ("5.1",), 8: ("5.1", "2.0")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One mix. `channels` are (sound track, channel), both from 0, in the order of the layout; `labels` are theirs.

    `layout` None: it cannot be told, and the loudness of the group is not measurable. `sample_rate_hz` 0: no reader
    knows it. `codecs` are those of its tracks, each once, in order; empty where a reader does not know one of them.
    """

    layout: str | None
    labels: tuple[str, ...]
    channels: tuple[tuple[int, int], ...]
    language: str | None
    formed_by: str
    sample_rate_hz: int
    codecs: tuple[str, ...] = ()

    @property
    def tracks(self) -> tuple[int, ...]:
        """Sound tracks that the group is taken from, in rising order."""
        return tuple(sorted({track for track, _ in self.channels}))

    def to_facts(self) -> Facts:
        """The member of `sound.groups` that describes the group, before anything is measured."""
        facts: Facts = {
            **({} if self.formed_by == SUBSTREAMS else {"layout": self.layout}),
            "formed_by": self.formed_by,
            "tracks": list(self.tracks),
            "channels": [f"{track}.{channel}" for track, channel in self.channels],
            "channel_labels": list(self.labels),
            "language": self.language,
        }
        if self.codecs:
            facts["codec"] = self.codecs[0] if len(self.codecs) == 1 else None
        return facts | ({"sample_rate_hz": self.sample_rate_hz} if self.sample_rate_hz else {})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Channel:
    place: tuple[int, int]
    label: str
    language: str | None
    sample_rate_hz: int
    codec: str | None
    is_alone: bool


def form_groups(facts: Facts, layout_settings: Mapping[str, Any] | None = None) -> list[Group]:
    """Form the channel groups of a subject from its `sound.tracks`; none where that is missing or empty.

    `layout_settings` may hold `layouts`: layouts in order, in a list or in a string with commas. ValueError for one
    that is not known.
    """
    tracks = facts.get("sound.tracks", ())
    every = list(_channels(tracks))
    parts = [channel for channel in every if tracks[channel.place[0]].get("is_substream")]
    channels = [channel for channel in every if channel not in parts]
    rendered = [_group(None, parts, SUBSTREAMS)] if parts else []
    wanted = _wanted_layouts(layout_settings or {})
    if _fits(wanted, channels) and any(channel.label in PLACELESS for channel in channels):
        return [*_dealt(channels, wanted, formed_by="settings"), *rendered]
    in_pairs = facts.get("wrapper.format") == "mxf"
    groups: list[Group] = []
    for run in _runs(channels):
        groups += _of_mono_tracks(run, in_pairs=in_pairs) if run[0].is_alone else _of_track(run)
    return groups + rendered


def whole_silence(facts: Facts) -> Facts:
    """`sound.is_silent` of a subject whose `sound.groups` are measured: false where a group sounds, true where every
    channel of every track is in a silent one, null without a sound track; else nothing, as it was not measured."""
    if facts.get("sound.track_count") == 0:
        return {"sound.is_silent": None}
    groups = facts.get("sound.groups", ())
    known = [group.get("loudness.is_silent") for group in groups]
    if False in known:
        return {"sound.is_silent": False}
    held = sum(len(group["channels"]) for group in groups)
    tracks = facts.get("sound.tracks", ())
    is_whole = held > 0 and all(track.get("channel_count") for track in tracks)
    is_whole = is_whole and held == sum(track["channel_count"] for track in tracks)
    return {"sound.is_silent": True} if is_whole and all(known) else {}


def layout_of(labels: Sequence[str]) -> str | None:
    """Name the layout of one track by its labels: `5.1`, `5.1+2.0`, `other:<labels>`; None where a channel has no
    label."""
    if not labels or "" in labels:
        return None
    split = _split(labels)
    if split is None:
        return f"other:{' '.join(labels)}"
    return "+".join(layout for layout, _ in split)


def _channels(tracks: Iterable[Mapping[str, Any]]) -> Iterator[_Channel]:
    for number, track in enumerate(tracks):
        count = track.get("channel_count", 0)
        labels = track.get("channel_labels") or [""] * count
        coded = track.get("coded_channels", ())
        for position, label in enumerate(labels):
            if position in coded:
                continue
            yield _Channel(
                place=(number, position),
                label=label,
                language=track.get("language"),
                sample_rate_hz=track.get("sample_rate_hz", 0),
                codec=track.get("codec"),
                is_alone=count == 1,
            )


def _wanted_layouts(settings: Mapping[str, Any]) -> list[str]:
    stated = settings.get("layouts") or ()
    names = [name.strip() for name in stated.split(",")] if isinstance(stated, str) else list(stated)
    for name in names:
        if name not in SOUND_LAYOUT:
            raise ValueError(f"groups.layouts names the layout {name!r}; it can be one of: {', '.join(SOUND_LAYOUT)}")
    return names


def _fits(wanted: Sequence[str], channels: Sequence[_Channel]) -> bool:
    if not wanted or len({channel.sample_rate_hz for channel in channels}) != 1:
        return False
    return sum(len(SOUND_LAYOUT[layout]) for layout in wanted) == len(channels)


def _runs(channels: Sequence[_Channel]) -> Iterator[list[_Channel]]:
    """Channels that may belong together: those of one track, or of successive one-channel tracks of one language and
    rate."""

    def belonging(channel: _Channel) -> tuple[object, ...]:
        if channel.is_alone:
            return ("alone", channel.language, channel.sample_rate_hz)
        return ("track", channel.place[0])

    for _, run in groupby(channels, key=belonging):
        yield list(run)


def _of_track(channels: Sequence[_Channel]) -> list[Group]:
    labels = [channel.label for channel in channels]
    split = None if "" in labels else _split(labels)
    if split is not None:
        return [_group(layout, [channels[i] for i in order], "labels") for layout, order in split]
    if all(label == "" for label in labels):
        return [_group(_UNLABELLED_TRACK.get(len(channels)), channels, "tracks")]
    return [_group(None, channels, "labels")]


def _of_mono_tracks(channels: Sequence[_Channel], *, in_pairs: bool) -> list[Group]:
    groups: list[Group] = []
    for is_placeless, part in groupby(channels, key=lambda channel: channel.label in PLACELESS):
        members = list(part)
        if is_placeless:
            groups += _dealt(members, _mono_layouts(len(members), in_pairs=in_pairs), formed_by="tracks")
            continue
        split = _split([channel.label for channel in members])
        if split is None:
            groups.append(_group(_alone(members), members, "labels"))
        else:
            groups += [_group(layout, [members[i] for i in order], "labels") for layout, order in split]
    return groups


def _mono_layouts(count: int, *, in_pairs: bool) -> Sequence[str]:
    if in_pairs and count % 2 == 0 and count != 6:
        return ("2.0",) * (count // 2)
    return _MONO_TRACKS.get(count, ("1.0",) * count)


def _alone(channels: Sequence[_Channel]) -> str | None:
    """A single channel of any place but low-frequency effects is a mix of one channel."""
    return "1.0" if len(channels) == 1 and not channels[0].label.startswith("LFE") else None


def _dealt(channels: Sequence[_Channel], layouts: Sequence[str], *, formed_by: str) -> Iterator[Group]:
    first = 0
    for layout in layouts:
        after = first + len(SOUND_LAYOUT[layout])
        yield _group(layout, channels[first:after], formed_by)
        first = after


def _split(labels: Sequence[str]) -> list[tuple[str, tuple[int, ...]]] | None:
    """Cut labels into successive known layouts, the longest first: (layout, positions in layout order). None where
    some are left over."""
    split: list[tuple[str, tuple[int, ...]]] = []
    first = 0
    while first < len(labels):
        for layout in _LAYOUTS_FROM_LONGEST:
            order = _order(labels, first, layout)
            if order is not None:
                split.append((layout, order))
                first += len(order)
                break
        else:
            return None
    return split


def _order(labels: Sequence[str], first: int, layout: str) -> tuple[int, ...] | None:
    loudspeakers = SOUND_LAYOUT[layout]
    part = list(labels[first : first + len(loudspeakers)])
    if layout == "2.0" and sorted(part) == list(_MATRIX_STEREO):
        loudspeakers = _MATRIX_STEREO
    if layout == "1.0" and part == [MONO_LABEL]:
        loudspeakers = (MONO_LABEL,)
    if sorted(part) != sorted(loudspeakers):
        return None
    return tuple(first + part.index(label) for label in loudspeakers)


def _group(layout: str | None, channels: Sequence[_Channel], formed_by: str) -> Group:
    known = [channel.label for channel in channels]
    labels: Sequence[str] = known if layout is None or sorted(known) == list(_MATRIX_STEREO) else SOUND_LAYOUT[layout]
    languages = {channel.language for channel in channels}
    codecs = [channel.codec for channel in channels if channel.codec]
    return Group(
        layout=layout,
        labels=tuple(labels),
        channels=tuple(channel.place for channel in channels),
        language=languages.pop() if len(languages) == 1 else None,
        formed_by=formed_by,
        sample_rate_hz=channels[0].sample_rate_hz,
        codecs=tuple(sorted(set(codecs))) if len(codecs) == len(channels) else (),
    )
