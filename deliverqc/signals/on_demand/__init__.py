"""Columns on demand: what a decode measures beyond the core set, only when a clause or `--all` asks for it; knows no
meter and no fact.

An extension is one module. Its columns stand in `extended` of the picture table, or of the table of each sound track,
under `<extension>.<column>`; the module's docstring says what they hold. A row depends on its own frame and on the two
before it at most (on its own second of sound and those next to it), so that parts of a master measured apart
concatenate to the same table, and so that several frames are read at once (PictureColumns). A module whose rows depend
on more says so by IS_STATEFUL, and is never measured in parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from deliverqc.signals.audio.columns import SoundColumns
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.picture.columns import PictureColumns

PICTURE_EXTENSIONS: tuple[str, ...] = (
    "rgb",
    "light",
    "gamut",
    "dolby_vision",
    "photosensitivity",
    "defects",
    "code_bits",
)
SOUND_EXTENSIONS: tuple[str, ...] = ("m_weighting", "speech", "spectrum", "impulses", "voice")


@cache
def modules() -> Mapping[str, Any]:
    """The module of every extension by name; one that fails to import is fatal."""
    names = (*PICTURE_EXTENSIONS, *SOUND_EXTENSIONS)
    return MappingProxyType({name: import_module(f"{__name__}.{name}") for name in names})


def is_any_stateful(extensions: Sequence[str]) -> bool:
    """Whether a row of one of `extensions` depends on more of the master than parts measured apart would show it."""
    return any(getattr(modules()[name], "IS_STATEFUL", False) for name in extensions)


def picture_readers(extensions: Sequence[str], colorimetry: Colorimetry) -> dict[str, PictureColumns]:
    """A reader for each of `extensions` that is about the picture."""
    return {name: modules()[name].columns(colorimetry) for name in extensions if name in PICTURE_EXTENSIONS}


def sound_readers(extensions: Sequence[str], sample_rate_hz: int, channel_count: int) -> dict[str, SoundColumns]:
    """A reader for each of `extensions` that is about sound."""
    return {
        name: modules()[name].columns(sample_rate_hz, channel_count) for name in extensions if name in SOUND_EXTENSIONS
    }
