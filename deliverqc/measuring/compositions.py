"""Puts the facts of one composition together: what its package says, and the facts of the track files that it uses.

A track file that is used once and whole gives all its facts. Where several files make one track, what their headers
state alike is a fact of the composition, damage is that of all of them, and what a meter measured of one of them is
none: it is missing. Runs no decoder and knows no spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts
from deliverqc.measuring.composition_edges import edge_facts
from deliverqc.measuring.identities import identity_facts
from deliverqc.measuring.measure import Measured, Settings, measure
from deliverqc.measuring.name_facts import name_facts
from deliverqc.measuring.package_text_facts import package_text_facts, unreadable_texts
from deliverqc.measuring.picture_rates import picture_rate
from deliverqc.measuring.registry import registry
from deliverqc.measuring.sign_language_facts import sign_language_facts
from deliverqc.packages.model import AUX, DECODED_KINDS, PICTURE, SOUND, TEXT_KINDS, Composition, Package, Track

if TYPE_CHECKING:
    from deliverqc.measuring.package_text import PackagedText
    from deliverqc.probing import Probed
    from deliverqc.probing.sign_language import SignLanguageVideo
    from deliverqc.probing.wrappers.mxf_identity import TrackFileIdentity
    from deliverqc.signals.tables import Signals

_HEADER_READERS = frozenset(("container", "mediainfo", "structure", "mxf", "timed_text"))
_GROUPS = {"picture.": PICTURE, "sound.": SOUND}
_ESSENCE = {PICTURE: "picture", SOUND: "audio"}
_OF_IAB = "sound.iab."
_TAKEN_ALIKE = ("cross_check.", "sequence.")
_JOINED = (
    "wrapper.encrypted_tracks",
    "wrapper.header_faults",
    "cross_check.layer_disagreements",
    "cross_check.probe_disagreements",
)
_THROUGHOUT = ("picture.black.is_throughout", "picture.flat.is_throughout", "sound.is_silent")
"""What holds of a composition if it holds of each of its files, and fails if it fails of one."""

_IN_ORDER = (
    "picture.changes",
    "picture.description_changes",
    "picture.frame_sizes",
    "picture.jpeg2000.headers",
    "picture.jpeg2000.largest_components",
)
"""Lists of which each entry is of some frames, so that those of several files are those of the composition."""

_TRACKS = "wrapper.essence_track_count"

_CONFIGURATION = re.compile(r"[^/,\s]+/[^/,\s]+(,[^/,\s]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackFile:
    """A picture or sound file of a package. `probed` is None where it cannot be opened, for the reason `unread`;
    `signals` is None where it was not decoded."""

    probed: Probed | None
    signals: Signals | None = None
    unread: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PackagedComposition:
    """A composition with its package, the facts of both, and the track files that are there. `is_changed`: a file of
    the package changed while it was checked. `identities`: of every track file that is there, also of timed text; None
    where it has no MXF headers that can be read. `sign_language`: the video in the audio files of a DCP; None where
    nobody looked."""

    package: Package
    composition: Composition
    facts: Facts
    files: Mapping[Path, TrackFile]
    is_changed: bool
    identities: Mapping[Path, TrackFileIdentity | None] = field(default_factory=dict)
    sign_language: Mapping[Path, SignLanguageVideo | None] | None = None
    texts: Mapping[Path, PackagedText] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What its verdicts and fingerprints call it: its own id, or the file where it has none."""
        return self.composition.identity.text or self.composition.file_name

    @property
    def title(self) -> str:
        return self.composition.title or self.composition.file_name

    @property
    def versions(self) -> Mapping[str, str]:
        """Of the libraries that read its track files."""
        return next((file.probed.versions for file in self.files.values() if file.probed is not None), {})

    @property
    def readers_lost(self) -> tuple[tuple[str, str], ...]:
        """Each reader that gave up on a track file, with a sentence that names the file."""
        return tuple(
            (reader, f"{_name(self, path)}: {reason}")
            for path, file in self.files.items()
            if file.probed is not None
            for reader, reason in file.probed.readers_lost
        )

    def uses(self, kind: str) -> list[tuple[Track, TrackFile | None]]:
        """Each use of a track of that kind, with its file; None where that is not there."""
        found = []
        for track in self.composition.tracks:
            if track.kind == kind:
                path = self.package.file_of(track)
                found.append((track, None if path is None else self.files.get(path)))
        return found


def decoded_files(package: Package, composition: Composition) -> tuple[Path, ...]:
    """Picture and sound files that a composition uses and that are there, each once."""
    files = (package.file_of(track) for track in composition.tracks if track.kind in DECODED_KINDS)
    return tuple(dict.fromkeys(file for file in files if file is not None))


def track_files(package: Package, composition: Composition) -> tuple[Path, ...]:
    """Every file that a composition uses and that is there, each once."""
    files = (package.file_of(track) for track in composition.tracks)
    return tuple(dict.fromkeys(file for file in files if file is not None))


def with_identity_facts(packaged: PackagedComposition) -> PackagedComposition:
    """The composition with the facts that compare it with the headers of its track files, and those of its timed text:
    they depend on no spec, and are worked out once."""
    return replace(packaged, facts=dict(packaged.facts) | identity_facts(packaged) | package_text_facts(packaged))


def measure_composition(packaged: PackagedComposition, *, settings: Settings, wanted: frozenset[str]) -> Measured:
    """The facts of a composition under `settings`, with those of the `wanted` meters for what was decoded."""
    measured: dict[int, Measured] = {}
    for file in packaged.files.values():
        if file.probed is not None:
            measured[id(file)] = measure(file.probed, file.signals, settings=settings, wanted=wanted)
    of_files = {key: one.facts for key, one in measured.items()}
    facts = _merged(packaged, of_files) | edge_facts(packaged, settings=settings, wanted=wanted)
    alone = len(packaged.uses(SOUND)) == 1 and len(packaged.uses(PICTURE)) <= 1
    curves = [curve for one in measured.values() for curve in one.curves] if alone else []
    curves += picture_rate(packaged)
    used = next((one.settings for one in measured.values()), None)
    return Measured(facts=facts, settings=used, curves=tuple(curves))


def header_facts(packaged: PackagedComposition) -> Facts:
    """The facts of a composition that need no meter: what families of specs are chosen by."""
    return _merged(
        packaged, {id(file): file.probed.facts for file in packaged.files.values() if file.probed is not None}
    )


def _merged(packaged: PackagedComposition, of_files: Mapping[int, Facts]) -> Facts:
    facts: Facts = dict(packaged.facts) | _file_facts(packaged) | {"timed_text.sidecars": []}
    groups = {kind: _of_uses(packaged.uses(kind), of_files) for kind in DECODED_KINDS}
    every = [found for uses in groups.values() for _, found in uses]
    known = [found for found in every if found is not None]
    for prefix, kind in _GROUPS.items():
        other = groups[SOUND if kind == PICTURE else PICTURE]
        facts |= _of_group(prefix, groups[kind] or other, is_absent=not groups[kind])
    if any(track.kind == AUX for track in packaged.composition.tracks):
        facts = {name: value for name, value in facts.items() if not name.startswith(_OF_IAB)}
    if not any(track.kind in TEXT_KINDS for track in packaged.composition.tracks) and len(known) == len(every):
        facts |= _alike("timed_text.", known)
    if known and len(known) == len(every):
        facts |= _alike("wrapper.", known) | _alike("cross_check.", known) | _alike("sequence.", known)
        facts |= {name: _joined(name, known) for name in _JOINED if all(name in one for one in known)}
        facts |= _closing(known) | _most_tracks(known)
    facts |= _decode_facts(packaged, of_files, is_complete=bool(known) and len(known) == len(every))
    facts |= _timeline(packaged, facts) | _track_file_facts(packaged, facts)
    facts |= sign_language_facts(packaged)
    return facts | name_facts(packaged, facts)


def _file_facts(packaged: PackagedComposition) -> Facts:
    sizes = {one["path"]: one["size_bytes"] or 0 for one in packaged.facts["package.composition.assets"]}
    return {
        "file.name": packaged.package.folder.name,
        "file.extension": "",
        "file.size_bytes": sum(sizes.values()),
        "file.changed_during_check": packaged.is_changed,
    }


def _of_uses(
    uses: Sequence[tuple[Track, TrackFile | None]], of_files: Mapping[int, Facts]
) -> list[tuple[Track, Facts | None]]:
    return [(track, None if file is None else of_files.get(id(file))) for track, file in uses]


def _of_group(prefix: str, uses: Sequence[tuple[Track, Facts | None]], *, is_absent: bool) -> Facts:
    """Facts of all picture or sound tracks. `is_absent`: there are none, and what `uses` says of them is said of the
    files of the other kind."""
    known = [facts for _, facts in uses if facts is not None]
    if not uses or len(known) < len(uses) or _is_plural(uses):
        return {}
    if not is_absent and len(uses) == 1 and uses[0][0].is_whole:
        return {name: value for name, value in known[0].items() if name.startswith(prefix)}
    facts = _alike(prefix, known)
    if all(track.is_whole for track, _ in uses):
        facts |= {name: all(one[name] for one in known) for name in _THROUGHOUT if _is_measured(name, prefix, known)}
        names = [name for name in _IN_ORDER if name.startswith(prefix) and all(name in one for one in known)]
        facts |= {name: list(_in_order(name, uses)) for name in names}
    return facts


def _in_order(name: str, uses: Iterable[tuple[Track, Facts | None]]) -> Iterator[Any]:
    """The entries of each file, at the place that they have in the composition."""
    start = Fraction(0)
    for track, facts in uses:
        yield from (_placed(entry, start, track.edit_rate) for entry in (facts or {}).get(name, ()))
        start += track.duration_s or 0


def _placed(entry: Mapping[str, Any], start: Fraction, rate: Fraction | None) -> dict[str, Any]:
    """An entry so much later; the timecode of a track file is none of a composition of several."""
    moved: dict[str, Any] = {name: None if name.endswith("_timecode") else value for name, value in entry.items()}
    if moved.get("start_s") is not None:
        moved["start_s"] = round(float(start) + moved["start_s"], 6)
    if moved.get("frame") is not None and rate:
        moved["frame"] += int(start * rate)
    return moved


def _is_plural(uses: Iterable[tuple[Track, Facts | None]]) -> bool:
    """Whether a reel or segment has several tracks of this kind next to each other."""
    sequences: dict[int, set[str]] = {}
    for track, _ in uses:
        sequences.setdefault(track.reel, set()).add(track.sequence)
    return any(len(found) > 1 for found in sequences.values())


def _is_measured(name: str, prefix: str, known: Iterable[Facts]) -> bool:
    return name.startswith(prefix) and all(one.get(name) is not None for one in known)


def _alike(prefix: str, known: Sequence[Facts]) -> Facts:
    """Facts that headers state, and in which all files agree."""
    table = registry().facts
    first = known[0] if known else {}
    return {
        name: value
        for name, value in first.items()
        if name.startswith(prefix)
        and name in table
        and (set(table[name].given_by) <= _HEADER_READERS or prefix in _TAKEN_ALIKE or name.startswith(_OF_IAB))
        and all(name in one and one[name] == value for one in known)
    }


def _joined(name: str, known: Iterable[Facts]) -> list[Any]:
    return [entry for one in known for entry in one[name] or ()]


def _closing(known: Sequence[Facts]) -> Facts:
    states = [one.get("wrapper.is_closed") for one in known]
    if False not in states and not all("wrapper.is_closed" in one for one in known):
        return {}
    return {"wrapper.is_closed": False if False in states else True if all(states) else None}


def _most_tracks(known: Sequence[Facts]) -> Facts:
    counts = [one.get(_TRACKS) for one in known]
    stated = [count for count in counts if count is not None]
    return {_TRACKS: max(stated)} if len(stated) == len(counts) or max(stated, default=0) > 1 else {}


def _decode_facts(packaged: PackagedComposition, of_files: Mapping[int, Facts], *, is_complete: bool) -> Facts:
    """Damage of all files together. Where one was not decoded, only the damage that others showed is a fact."""
    found: list[tuple[str, Facts]] = []
    for path, file in packaged.files.items():
        facts = of_files.get(id(file))
        if facts is not None:
            found.append((_name(packaged, path), facts))
    errors = [error | {"file": name} for name, facts in found for error in facts.get("decode.errors", ())]
    names = {name for _, facts in found for name in facts if name.startswith("decode.")}
    total: Facts = {}
    for name in sorted(names):
        if is_complete and all(name in facts for _, facts in found):
            total[name] = _summed(name, [facts[name] for _, facts in found])
    pictures = [facts for _, facts in found if facts.get("picture.track_count")]
    if "decode.frame_count" in total:
        total["decode.frame_count"] = _summed("_count", [facts["decode.frame_count"] for facts in pictures])
    if errors or "decode.errors" in total:
        total["decode.errors"] = errors
    return total


def _name(packaged: PackagedComposition, path: Path) -> str:
    package = packaged.package
    if path.is_relative_to(package.folder):
        return str(path.relative_to(package.folder))
    holder = next((one for one in package.originals if path.is_relative_to(one.folder)), None)
    return path.name if holder is None else f"{holder.folder.name}/{path.relative_to(holder.folder)}"


def _summed(name: str, values: Sequence[Any]) -> Any:  # noqa: ANN401  lists are joined, counts added, of seconds the largest
    if values and all(isinstance(value, list) for value in values):
        return [entry for value in values for entry in value]
    numbers = [value for value in values if value is not None]
    if not numbers:
        return None
    return sum(numbers) if name.endswith("_count") else max(numbers, key=abs)


def _timeline(packaged: PackagedComposition, facts: Facts) -> Facts:
    """The duration that the reels make, and by how much tracks of one reel differ."""
    if "package.composition.duration_s" not in facts:
        return {}
    differences = [abs(one["duration_s"] - one["reel_s"]) for one in facts["package.composition.unequal_reels"]]
    is_alone = all(len({track.sequence for track in reel.tracks}) < 2 for reel in packaged.composition.reels)
    return {
        "wrapper.duration_s": facts["package.composition.duration_s"],
        "cross_check.track_duration_difference_s": None if is_alone else round(max(differences, default=0.0), 6),
    }


def _track_file_facts(packaged: PackagedComposition, facts: Facts) -> Facts:
    found: Facts = {"package.composition.unreadable_files": list(_unreadable(packaged))}
    short, is_known = [], True
    for kind in DECODED_KINDS:
        for track, file in packaged.uses(kind):
            if file is None or file.probed is None:
                continue
            stated = file.probed.facts.get("wrapper.duration_s")
            if stated is None or track.end is None or not track.edit_rate:
                is_known = False
                continue
            needed_units = max(track.end, track.intrinsic_duration or 0)
            if Fraction(needed_units) / track.edit_rate > Fraction(stated) + 1 / (2 * track.edit_rate):
                needed = round(float(needed_units / track.edit_rate), 6)
                short.append(_named(track) | {"needed_s": needed, "stated_s": stated})
    if short or is_known:
        found["package.composition.short_files"] = short
    return found | _metadata_facts(packaged, facts)


def _unreadable(packaged: PackagedComposition) -> Iterator[dict[str, Any]]:
    for kind in DECODED_KINDS:
        for track, file in packaged.uses(kind):
            path = packaged.package.file_of(track)
            if file is None or path is None:
                continue
            if file.probed is None:
                yield _named(track) | {"message": file.unread or ""}
            elif _is_of_another_kind(kind, file.probed.facts):
                message = f"{_name(packaged, path)} holds no {_ESSENCE[kind]}"
                yield _named(track) | {"message": message}
    yield from unreadable_texts(packaged)


def _is_of_another_kind(kind: str, facts: Facts) -> bool:
    """Whether a file holds nothing of that kind; of encrypted essence it is not known."""
    return facts.get(f"{kind}.track_count") == 0 and not facts.get("wrapper.encrypted_tracks")


def _named(track: Track) -> dict[str, Any]:
    return {"id": track.identity.text, "reel": track.reel, "kind": track.kind}


def _metadata_facts(packaged: PackagedComposition, facts: Facts) -> Facts:
    """Whether sound configuration and active area fit the track files; missing where these are not known."""
    composition, found = packaged.composition, Facts()
    name = "package.composition.sound_configuration_fits"
    configuration = composition.sound_configuration
    if configuration is None:
        found[name] = None
    elif not _CONFIGURATION.fullmatch(configuration):
        found[name] = False
    elif facts.get("sound.channel_count") is not None:
        labels = configuration.split("/", 1)[1].split(",")
        found[name] = len(labels) == facts["sound.channel_count"]
    name = "package.composition.active_area_fits"
    width, height = composition.active_width_px, composition.active_height_px
    if width is None or height is None:
        found[name] = None
    elif width % 2 or height % 2:
        found[name] = False
    elif facts.get("picture.width_px") and facts.get("picture.height_px"):
        found[name] = width <= facts["picture.width_px"] and height <= facts["picture.height_px"]
    return found
