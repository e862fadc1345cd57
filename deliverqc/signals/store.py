"""Keeps signals on disk between runs, so that a second spec or a second run decodes nothing; knows no facts and no
specs.

A stored table belongs to one state of one file (device, inode, size, both times of change, and samples of its bytes)
and one way of decoding (version of the tables, version of libav, and all that the plan depends on). Anything else about
it, or any damage, and it is not used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.file_state import file_state
from deliverqc.signals.packs import filed, let_go
from deliverqc.signals.tables import (
    CaptionService,
    CaptionSignal,
    CaptionTrack,
    DecodeLog,
    DecodeRemark,
    ImmersiveAudio,
    PacketSignal,
    PairSignal,
    PictureChange,
    PictureSignal,
    Signals,
    SoundHeaders,
    SoundSignal,
    TextSignal,
    TimeGap,
    TrackLength,
)

_SAMPLE_BYTES = 64 * 1024
_SAMPLES = 16
"""Of a file: house choice, a megabyte in all, which a disk reads in a few hundredths of a second."""

_PART = ".part"
_OLDEST_PART_S = 3600
"""Age at which a table that is half written belongs to a run that was killed: house choice, writing takes seconds."""

_EXTENDED = "extended:"
_COMPRESSION = 1
"""Level of zlib: on sums of noise a higher one saves a hundredth more; columns of zeros are saved by any."""
DEFAULT_LIMIT_BYTES = 4 * 1024**3
"""The store drops its least recently used tables beyond this size; house choice: a table takes about 70 MB an hour."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """Tables in one folder, made when first needed; `limit_bytes` bounds it. A folder that cannot be written to stores
    nothing."""

    folder: Path
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    def load(self, key: str) -> Signals | None:
        """The signals stored under `key`, or None. Damaged tables are removed."""
        path = self._path(key)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                signals = _from_arrays(archive)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # most recently used
        return signals

    def save(self, key: str, signals: Signals) -> None:
        """Store `signals` whole or not at all, then drop the oldest tables beyond the limit."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=_PART)
        except OSError:
            return
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                _write(file, _to_arrays(signals))
            part.replace(self._path(key))
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            return
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self._trim()

    def tables(self) -> list[tuple[Path, int]]:
        """Stored files with their sizes in bytes, most recently used first."""
        found = []
        for path in self.folder.glob("*.npz"):
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((status.st_mtime_ns, path, status.st_size))
        return [(path, size) for _, path, size in sorted(found, reverse=True)]

    def clear(self) -> int:
        """Remove every stored table; how many there were."""
        tables = self.tables()
        for path, _ in tables:
            path.unlink(missing_ok=True)
        return len(tables)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def _trim(self) -> None:
        """Drop the oldest tables beyond the limit, and what killed runs left behind."""
        for part in self.folder.glob(f"*{_PART}"):
            with contextlib.suppress(OSError):
                if time.time() - part.stat().st_mtime > _OLDEST_PART_S:
                    part.unlink()
        held = 0
        for path, size in self.tables():
            held += size
            if held > self.limit_bytes:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)


def signals_key(path: Path, *, made_by: str) -> str:
    """Name for the signals of `path` as it stands now, a file or an image sequence; `made_by` says how they are made.
    OSError when it cannot be read.

    A file that is changed in place and given its old time of modification keeps the time of its status (`ctime`) only
    where the file system has none; there a sample of its bytes has to show it.
    """
    if not path.exists():
        return _key_of_frames(path, made_by)
    status = path.stat()
    state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    digest = hashlib.sha256(f"{made_by}|{state}".encode())
    with path.open("rb") as file:
        for place in _sampled(status.st_size):
            file.seek(place)
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()


def _key_of_frames(path: Path, made_by: str) -> str:
    """The state of every frame decides; samples of bytes are left out, which cost a disk as much as the whole file."""
    state = file_state(path)
    if state is None:
        raise FileNotFoundError(path)
    return hashlib.sha256(f"{made_by}|{state}".encode()).hexdigest()


def _sampled(size: int) -> list[int]:
    """Where samples of a file begin: its head, its tail, and evenly between."""
    last = max(0, size - _SAMPLE_BYTES)
    return sorted({last * number // (_SAMPLES - 1) for number in range(_SAMPLES)})


def _write(file: IO[bytes], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write what numpy.load reads as an archive, compressed at the fastest level."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
            let_go(array)


def _to_arrays(signals: Signals) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    scalars: dict[str, Any] = {"picture": None, "packets": None, "sounds": [], "log": asdict(signals.log)}
    scalars["extensions"] = sorted(signals.extensions)
    if signals.picture is not None:
        scalars["picture"] = _taken_apart(signals.picture, "picture", arrays)
    for number, sound in enumerate(signals.sounds):
        scalars["sounds"].append(_taken_apart(sound, f"sound{number}", arrays))
    if signals.packets is not None:
        scalars["packets"] = _taken_apart(signals.packets, "packets", arrays)
    scalars["pairs"] = [_taken_apart(pair, f"pair{number}", arrays) for number, pair in enumerate(signals.pairs)]
    scalars["captions"] = [
        _taken_apart(one, f"captions{number}", arrays) for number, one in enumerate(signals.captions)
    ]
    scalars["texts"] = [_taken_apart(one, f"text{number}", arrays) for number, one in enumerate(signals.texts)]
    arrays["scalars"] = np.frombuffer(json.dumps(scalars, default=_as_text).encode(), dtype=np.uint8)
    return arrays


def _as_text(value: object) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{value!r} cannot be stored")


def _taken_apart(
    table: PictureSignal | SoundSignal | PairSignal | PacketSignal | CaptionSignal | TextSignal,
    name: str,
    arrays: dict[str, NDArray[Any]],
) -> dict[str, Any]:
    """Put the columns of a table among the arrays, and give back the rest of it."""
    rest: dict[str, Any] = {}
    for member in fields(table):
        value = getattr(table, member.name)
        if member.name == "extended":
            arrays |= {f"{name}.{_EXTENDED}{column}": values for column, values in value.items()}
        elif isinstance(value, np.ndarray):
            arrays[f"{name}.{member.name}"] = value
        else:
            rest[member.name] = str(value) if isinstance(value, Fraction) else value
    return rest


def _from_arrays(archive: Mapping[str, NDArray[Any]]) -> Signals:
    scalars = json.loads(archive["scalars"].tobytes())
    picture = None
    if scalars["picture"] is not None:
        own = scalars["picture"]
        own |= {"frame_rate": Fraction(own["frame_rate"]), "components": tuple(own["components"])}
        picture = PictureSignal(**own, **_columns(archive, "picture"))
    sounds = []
    for number, own in enumerate(scalars["sounds"]):
        own |= {"labels": tuple(own["labels"]), "offset_s": Fraction(own["offset_s"])}
        own |= {"pairs": tuple((first, second) for first, second in own["pairs"])}
        sounds.append(SoundSignal(**own, **_columns(archive, f"sound{number}")))
    pairs = []
    for number, own in enumerate(scalars["pairs"]):
        first, second = (tuple(own[side]) for side in ("first", "second"))
        pairs.append(PairSignal(first=first, second=second, **_columns(archive, f"pair{number}")))
    captions = []
    for number, own in enumerate(scalars["captions"]):
        own |= {name: Fraction(own[name]) for name in ("tick_s", "origin_s")}
        captions.append(CaptionSignal(**own, **_columns(archive, f"captions{number}")))
    texts = []
    for number, own in enumerate(scalars["texts"]):
        own |= {name: Fraction(own[name]) for name in ("tick_s", "origin_s")}
        texts.append(TextSignal(**own, **_columns(archive, f"text{number}")))
    packets = None
    if scalars["packets"] is not None:
        codings = tuple(scalars["packets"]["codings"])
        packets = PacketSignal(codings=codings, **_columns(archive, "packets"))
    log = scalars["log"]
    log["errors"] = tuple(DecodeRemark(**remark) for remark in log["errors"])
    log["warnings"] = tuple(DecodeRemark(**remark) for remark in log["warnings"])
    log["gaps"] = tuple(TimeGap(**gap) for gap in log["gaps"])
    log["undecodable"] = tuple(log["undecodable"])
    log["lengths"] = tuple(TrackLength(**_exact(length)) for length in log["lengths"])
    log["changes"] = tuple(PictureChange(**change) for change in log["changes"])
    log["sound_headers"] = tuple(
        SoundHeaders(**(one | {"dialnorms_lufs": tuple(one["dialnorms_lufs"])})) for one in log["sound_headers"]
    )
    if log["immersive_audio"] is not None:
        members: dict[str, Any] = log["immersive_audio"]
        lists = {name: tuple(value) for name, value in members.items() if isinstance(value, list)}
        log["immersive_audio"] = ImmersiveAudio(**(members | lists))
    if log["caption_tracks"] is not None:
        log["caption_tracks"] = tuple(_caption_track(track) for track in log["caption_tracks"])
    log["first_looks"] = tuple(tuple(look) for look in log["first_looks"])
    return Signals(
        picture=picture,
        sounds=tuple(sounds),
        log=DecodeLog(**log),
        pairs=tuple(pairs),
        packets=packets,
        extensions=frozenset(scalars["extensions"]),
        captions=tuple(captions),
        texts=tuple(texts),
    )


def _caption_track(track: Mapping[str, Any]) -> CaptionTrack:
    times = ("first_s", "last_s")
    services = tuple(
        CaptionService(**(one | {name: None if one[name] is None else Fraction(one[name]) for name in times}))
        for one in track["services"]
    )
    return CaptionTrack(index=track["index"], carrier=track["carrier"], services=services)


def _exact(length: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a length, of which all but its track are exact numbers or None."""
    return {name: Fraction(value) if name != "track" and value is not None else value for name, value in length.items()}


def _columns(archive: Mapping[str, NDArray[Any]], table: str) -> dict[str, Any]:
    prefix = f"{table}."
    own = filed((name.removeprefix(prefix), archive[name]) for name in archive if name.startswith(prefix))
    extended = {name.removeprefix(_EXTENDED): own.pop(name) for name in list(own) if name.startswith(_EXTENDED)}
    return own | ({"extended": extended} if extended else {})
