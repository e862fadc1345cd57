"""Columns on demand: what a decode measures beyond the core set, only when a clause or `--all` asks for it; knows no
meter and no fact.

An extension is one module. Its columns stand in `extended` of the picture table, or of the table of each sound track,
under `<extension>.<column>`; the module's docstring says what they hold. A row depends on its own frame and on the two
before it at most (on its own second of sound and the one before), so that parts of a master measured apart
concatenate to the same table. A module whose rows depend on more says so by IS_STATEFUL, and is never measured in
parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import Packet, VideoFrame

    from deliverqc.signals.audio.waveform import Floats
    from deliverqc.signals.picture.planes import Planes, Shape

Columns = Mapping[str, NDArray[Any]]

PICTURE_EXTENSIONS: tuple[str, ...] = ("rgb", "light", "gamut", "dolby_vision", "photosensitivity", "defects")
SOUND_EXTENSIONS: tuple[str, ...] = ("m_weighting", "speech")


@dataclass(frozen=True, kw_only=True, slots=True)
class Colorimetry:
    """What the codes of the picture mean, by the names of ITU-T H.273, and the largest luminance of the mastering
    display (SMPTE ST 2086); None where neither wrapper nor bitstream says."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    mastering_max_cd_m2: float | None = None


class PictureColumns(Protocol):
    """Reads frames in order; a module of PICTURE_EXTENSIONS has `columns(colorimetry)`, which makes one."""

    def feed(self, frame: VideoFrame, planes: Planes, shape: Shape) -> None:
        """Add a row for one frame; the planes may not be changed, and are held only as long as needed."""

    def finish(self) -> Columns:
        """The columns by their own names, each (frames, ...)."""


@runtime_checkable
class PacketColumns(Protocol):
    """PictureColumns that read more than pictures."""

    def see(self, packet: Packet[Any]) -> None:
        """Look at a packet that is about to be decoded."""


class SoundColumns(Protocol):
    """Reads a sound track; a module of SOUND_EXTENSIONS has `columns(sample_rate_hz, channel_count)`, which makes
    one."""

    def feed(self, block: Floats) -> None:
        """Add 100 rows for the next second, (channels, sample rate), the last one filled up with zeros; the block may
        not be kept."""

    def finish(self, row_count: int) -> Columns:
        """The columns by their own names, each (row_count, channels, ...)."""


@cache
def modules() -> Mapping[str, Any]:
    """The module of every extension by name; one that fails to import is fatal."""
    names = (*PICTURE_EXTENSIONS, *SOUND_EXTENSIONS)
    return MappingProxyType({name: import_module(f"{__name__}.{name}") for name in names})


def is_any_stateful(extensions: Sequence[str]) -> bool:
    """Whether a row of one of `extensions` depends on more of the master than parts measured apart would show it."""
    return any(getattr(modules()[name], "IS_STATEFUL", False) for name in extensions)


def gather(readers: Mapping[str, Any], *arguments: int) -> dict[str, NDArray[Any]]:
    """The columns of all readers, named after their extensions."""
    return {
        f"{extension}.{name}": column
        for extension, reader in readers.items()
        for name, column in reader.finish(*arguments).items()
    }


def picture_readers(extensions: Sequence[str], colorimetry: Colorimetry) -> dict[str, PictureColumns]:
    """A reader for each of `extensions` that is about the picture."""
    return {name: modules()[name].columns(colorimetry) for name in extensions if name in PICTURE_EXTENSIONS}


def sound_readers(extensions: Sequence[str], sample_rate_hz: int, channel_count: int) -> dict[str, SoundColumns]:
    """A reader for each of `extensions` that is about sound."""
    return {
        name: modules()[name].columns(sample_rate_hz, channel_count) for name in extensions if name in SOUND_EXTENSIONS
    }
