"""Which files are the frames of one image sequence, by their names; knows folders and names only and opens nothing.

A sequence is every file of one folder with the same text before and behind the frame number and the same extension. Its
path is a pattern in place of a file name, as `shot.%04d.dpx`, which names no file.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from deliverqc.errors import UsageError

FRAME_EXTENSIONS = frozenset(("dpx", "exr", "tif", "tiff", "png", "j2c", "j2k", "jp2"))
"""Extensions of image sequences, in any case."""

ALONE_EXTENSIONS = frozenset(("dpx", "exr", "tif", "tiff"))
"""Of these a single file that is named outright is a sequence of one frame; a single PNG or JPEG 2000 picture is a file
of its own."""

LEAST_FRAMES = 2
"""House choice: one still among other files is a poster or a look-up image, two of one pattern are a sequence."""

_NUMBER = re.compile(r"\d+")
_VERSION = r"(?i)(?:^|[._\- ])v(?:er(?:sion)?)?[._\- ]?$"
_COPY = r"(?i)(?:[._\- ]*(?:old|copy|bak|backup|orig)\d*| - copy(?: \(\d+\))?| copy(?: \d+)?| ?\(\d+\))$"
"""Compiled where there is a sequence: both take 2 ms."""
_PRINTF = re.compile(r"%(?:0?(\d+))?d")
_HASHES = re.compile(r"#+|@+")
_PLAINLY_MORE = 4
"""House choice: where another number in the names runs so many times as long as the last one, it counts the frames."""

Key = tuple[str, str, str]
"""What names have in common: text before the number, text behind it, extension in lower case."""


@dataclass(frozen=True, kw_only=True)
class FrameFiles:
    """The files of one sequence. `frames`: number and name of each, in order of the numbers, each number once.
    `doubles`: further files that have the number of one of them. `is_single`: one file that was named outright, whose
    name is the pattern."""

    folder: Path
    pattern: str
    frames: tuple[tuple[int, str], ...]
    doubles: tuple[tuple[int, str], ...] = ()
    is_single: bool = False

    @property
    def path(self) -> Path:
        """The path that stands for the sequence: its folder and its pattern."""
        return self.folder / self.pattern

    @property
    def first(self) -> int:
        return self.frames[0][0]

    @property
    def last(self) -> int:
        return self.frames[-1][0]

    @property
    def span_count(self) -> int:
        """Frames from the first number to the last, whether they are there or not."""
        return self.last - self.first + 1

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """First and last number of each run of numbers that no file has."""
        numbers = [number for number, _ in self.frames]
        return tuple((before + 1, after - 1) for before, after in pairwise(numbers) if after > before + 1)

    @property
    def irregular(self) -> tuple[str, ...]:
        """Names that are not written as the pattern says: another padding, or an extension in another case."""
        if self.is_single:
            return ()
        return tuple(name for number, name in self.frames if written(self.pattern, number) != name)

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return dict(self.frames)

    def name_of(self, index: int) -> str | None:
        """The name of the frame that stands `index` frames behind the first; None where it is missing."""
        return self._names.get(self.first + index)


def written(pattern: str, number: int) -> str:
    """The name of a frame by the pattern."""
    return pattern % number


def is_frame_name(name: str) -> bool:
    """Whether a file of that name can be a frame of a sequence."""
    stem, dot, extension = name.rpartition(".")
    return (
        bool(dot) and not name.startswith(".") and extension.lower() in FRAME_EXTENSIONS and bool(_NUMBER.search(stem))
    )


def sequences_among(folder: Path, names: Iterable[str]) -> list[FrameFiles]:
    """The sequences that the names of one folder make, by their patterns in order. Copies such as `shot_0001_old.dpx`
    next to the frames that they are of are left out."""
    grouped = _grouped([name for name in names if is_frame_name(name)])
    found = [_sequence(folder, key, held) for key, held in grouped.items() if not _is_copy(key, grouped)]
    return sorted((one for one in found if len(one.frames) >= LEAST_FRAMES), key=lambda one: one.pattern)


def frames_at(path: Path) -> FrameFiles | None:
    """The sequence that a path stands for: one of its frames, a pattern (`%04d`, `####`), or the folder of a single
    sequence; None for anything else, also for what cannot be looked at. UsageError for a folder of several."""
    try:
        return _frames_at(path)
    except (OSError, ValueError):
        return None


def _frames_at(path: Path) -> FrameFiles | None:
    if path.is_dir():
        return _only_one_in(path)
    if path.exists():
        return _with_frame(path)
    keys = _keys_of_pattern(path.name)
    if not keys or not path.parent.is_dir():
        return None
    held: list[tuple[int, str]] = []
    for name in sorted(_files_in(path.parent)):
        if is_frame_name(name):
            held += [(int(match[0]), name) for key, match in _candidates(name) if key in keys]
    return _sequence(path.parent, next(iter(keys)), held) if held else None


def _only_one_in(folder: Path) -> FrameFiles | None:
    found = sequences_among(folder, _files_in(folder))
    if len(found) > 1:
        names = ", ".join(one.pattern for one in found[:5])
        raise UsageError(
            f"{folder} holds {len(found)} image sequences ({names}). Name one of them: {found[0].path}",
            code="several-sequences",
        )
    return found[0] if found else None


def _with_frame(path: Path) -> FrameFiles | None:
    if not is_frame_name(path.name) or not path.is_file():
        return _alone(path)
    grouped = _grouped([name for name in _files_in(path.parent) if is_frame_name(name)])
    for key, held in grouped.items():
        if any(name == path.name for _, name in held):
            return _sequence(path.parent, key, held) if len(held) >= LEAST_FRAMES else _alone(path)
    return _alone(path)


def _alone(path: Path) -> FrameFiles | None:
    """A single frame that is named outright; its pattern is its name."""
    stem, _, extension = path.name.rpartition(".")
    if extension.lower() not in ALONE_EXTENSIONS or not path.is_file():
        return None
    numbers = _NUMBER.findall(stem)
    number = int(numbers[-1]) if numbers else 0
    return FrameFiles(folder=path.parent, pattern=path.name, frames=((number, path.name),), is_single=True)


def _files_in(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if is_frame_name(entry.name) and entry.is_file()]
    except OSError:
        return []


def _candidates(name: str) -> Iterator[tuple[Key, re.Match[str]]]:
    """Each number in a name with what stands around it, the last one first; that of a version comes last."""
    stem, _, extension = name.rpartition(".")
    numbers = list(_NUMBER.finditer(stem))[::-1]
    for match in sorted(numbers, key=lambda match: bool(re.search(_VERSION, stem[: match.start()]))):
        yield (stem[: match.start()], stem[match.end() :], extension.lower()), match


def _grouped(names: Sequence[str]) -> dict[Key, list[tuple[int, str]]]:
    """Number and name of each file by the sequence that it is of.

    The last number in a name counts the frames, unless no other file has it in common with what stands around it, or
    another number runs through plainly more files.
    """
    sizes = Counter(key for name in names for key, _ in _candidates(name))
    grouped: defaultdict[Key, list[tuple[int, str]]] = defaultdict(list)
    for name in sorted(names):
        key, match = _chosen(list(_candidates(name)), sizes)
        grouped[key].append((int(match[0]), name))
    return dict(grouped)


def _chosen(candidates: Sequence[tuple[Key, re.Match[str]]], sizes: Mapping[Key, int]) -> tuple[Key, re.Match[str]]:
    chosen = next((one for one in candidates if sizes[one[0]] >= LEAST_FRAMES), candidates[0])
    longest = max(candidates, key=lambda one: sizes[one[0]])
    return longest if sizes[longest[0]] >= _PLAINLY_MORE * sizes[chosen[0]] else chosen


def _is_copy(key: Key, grouped: Mapping[Key, object]) -> bool:
    """Whether a group holds copies of frames of another one: the same names with `_old`, ` copy` or ` (1)` behind."""
    prefix, suffix, extension = key
    if (plain := re.sub(_COPY, "", suffix)) != suffix:
        return (prefix, plain, extension) in grouped
    opened = re.fullmatch(r"(.*?)(\d+)(?: ?\(| copy | - copy \()", prefix, re.IGNORECASE)
    return opened is not None and (opened[1], suffix.lstrip(")"), extension) in grouped


def _keys_of_pattern(name: str) -> set[Key]:
    """What frames of a pattern have in common; empty where the name is none."""
    stem, dot, extension = name.rpartition(".")
    if not dot or extension.lower() not in FRAME_EXTENSIONS:
        return set()
    found = set()
    printf = list(_PRINTF.finditer(stem))
    if len(printf) == 1:
        before, behind = stem[: printf[0].start()], stem[printf[0].end() :]
        found.add((before.replace("%%", "%"), behind.replace("%%", "%"), extension.lower()))
    for match in list(_HASHES.finditer(stem))[-1:]:
        found.add((stem[: match.start()], stem[match.end() :], extension.lower()))
    return found


def _sequence(folder: Path, key: Key, held: Sequence[tuple[int, str]]) -> FrameFiles:
    prefix, suffix, _ = key
    digits = [name[len(prefix) : len(name.rpartition(".")[0]) - len(suffix)] for _, name in held]
    extension = Counter(name.rpartition(".")[2] for _, name in held).most_common(1)[0][0]
    width = _width(digits)
    number_form = "%d" if width == 1 else f"%0{width}d"
    pattern = f"{prefix.replace('%', '%%')}{number_form}{suffix.replace('%', '%%')}.{extension}"
    frames: dict[int, str] = {}
    doubles = []
    for number, name in sorted(held, key=lambda one: (one[0], written(pattern, one[0]) != one[1], one[1])):
        if number in frames:
            doubles.append((number, name))
        else:
            frames[number] = name
    return FrameFiles(folder=folder, pattern=pattern, frames=tuple(frames.items()), doubles=tuple(doubles))


def _width(digits: Sequence[str]) -> int:
    """Digits to which most numbers are padded, the most that fit: 1 where they are not padded."""
    widths = {1, *(len(text) for text in digits)}
    return max(widths, key=lambda width: (sum(_fits(text, width) for text in digits), width))


def _fits(text: str, width: int) -> bool:
    return f"{int(text):0{width}d}" == text
