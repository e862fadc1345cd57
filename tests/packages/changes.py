"""Makes the one change of a row of `mutations.tsv` to a package; judges nothing.

A change is an operation and its words, as a shell would split them: `edit cpl '<EntryPoint>0' '<EntryPoint>1'`. In
braces stands a name of which the fixtures make an id: `{sound 1}`. Documents are `am`, `pkl`, `cpl` and `index`. A
word `;` joins operations, where what can be faulty has to be made first. `text subtitle 0` changes words of the text
of a reel, `wrap subtitle 0` how it is in MXF (`duration=143`, `resource=none`).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deliverqc.probing.wrappers.mxf_timed_text import read_text_track
from fixtures.imf import Imp, imf_text_mxf, profiled
from fixtures.package_text import FONT, TextMxf
from fixtures.packages import Dcp, identified, sha1, text_mxf, urn

Package = Dcp | Imp

_NAME = re.compile(r"\{([^{}]+)\}")


def change(package: Package, words: str) -> None:
    """Make the change that `words` say."""
    parts: list[list[str]] = [[]]
    for word in shlex.split(words):
        parts = [*parts, []] if word == ";" else [*parts[:-1], [*parts[-1], word]]
    for name, *arguments in parts:
        _OPERATIONS[name](package, *(_NAME.sub(lambda found: urn(found[1]), one) for one in arguments))


def copied(folder: Path, to: Path) -> None:
    """Copy a package: documents byte by byte, track files as hard links."""
    shutil.copytree(folder, to, copy_function=_copy)


def _copy(source: str, target: str) -> None:
    if source.endswith(".mxf"):
        os.link(source, target)
    else:
        shutil.copyfile(source, target)


def _document(package: Package, name: str) -> Path:
    return {
        "am": package.asset_map,
        "pkl": package.packing_list,
        "cpl": package.composition,
        "index": package.volume_index,
    }[name]


def _written(path: Path, data: bytes) -> None:
    """Write a new file: the one that is there may be linked from elsewhere."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def _edit(package: Package, document: str, old: str, new: str) -> None:
    package.change(_document(package, document), old, new)


def _unsealed(package: Package, old: str, new: str) -> None:
    """A composition that is edited after packing."""
    text = package.composition.read_text(encoding="utf-8")
    assert old in text
    package.composition.write_text(text.replace(old, new, 1), encoding="utf-8")


def _overwrite(package: Package, document: str, text: str) -> None:
    _document(package, document).write_text(text, encoding="utf-8")


def _encode(package: Package, document: str, encoding: str) -> None:
    """Another encoding than the document declares."""
    path = _document(package, document)
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))


def _byte(package: Package, name: str, at: str) -> None:
    """One bit of one byte; a place below 0 counts from the end."""
    data = bytearray((package.folder / name).read_bytes())
    data[int(at)] ^= 1
    _written(package.folder / name, bytes(data))


def _zero(package: Package, name: str, at: str, count: str) -> None:
    data = bytearray((package.folder / name).read_bytes())
    data[int(at) : int(at) + int(count)] = bytes(int(count))
    _written(package.folder / name, bytes(data))


def _cut(package: Package, name: str, count: str) -> None:
    _written(package.folder / name, (package.folder / name).read_bytes()[: -int(count)])


def _empty(package: Package, name: str) -> None:
    _written(package.folder / name, b"")


def _append(package: Package, name: str, text: str) -> None:
    _written(package.folder / name, (package.folder / name).read_bytes() + text.encode())


def _add(package: Package, name: str, text: str) -> None:
    path = package.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def _delete(package: Package, name: str) -> None:
    (package.folder / name).unlink()


def _rename(package: Package, old: str, new: str) -> None:
    (package.folder / new).parent.mkdir(exist_ok=True)
    (package.folder / old).rename(package.folder / new)


def _exchange(package: Package, one: str, other: str) -> None:
    _rename(package, one, "held")
    _rename(package, other, one)
    _rename(package, "held", other)


def _copy_over(package: Package, source: str, target: str) -> None:
    _written(package.folder / target, (package.folder / source).read_bytes())


def _link_out(package: Package, name: str) -> None:
    outside = package.folder.parent / "outside"
    (package.folder / name).rename(outside)
    (package.folder / name).symlink_to(outside)


def _pipe(package: Package, name: str) -> None:
    _delete(package, name)
    os.mkfifo(package.folder / name)


def _folder(package: Package, name: str) -> None:
    _delete(package, name)
    (package.folder / name).mkdir()


def _resealed(package: Package, name: str, made: Callable[[bytes], bytes]) -> None:
    """A track file that is another one, with hashes, sizes and essence descriptors made for it."""
    path = package.folder / name
    before, data = sha1(path), path.read_bytes()
    _written(path, made(data))
    assert path.read_bytes() != data
    text = package.composition.read_text(encoding="utf-8")
    package.composition.write_text(text.replace(before, sha1(path)), encoding="utf-8")
    if isinstance(package, Imp):
        package.describe()
    package.seal()


def _patch(package: Package, name: str, old: str, new: str) -> None:
    """Bytes, wherever they are, in hexadecimal."""
    _resealed(package, name, lambda data: data.replace(bytes.fromhex(old), bytes.fromhex(new)))


def _identified(package: Package, name: str, asset: str) -> None:
    _resealed(package, name, lambda data: identified(data, asset))


def _profile(package: Package, name: str, rsiz: str) -> None:
    _resealed(package, name, lambda data: profiled(data, int(rsiz, 16).to_bytes(2, "big")))


def _text_mxf(package: Package, kind: str, reel: int) -> TextMxf:
    return imf_text_mxf(kind, reel) if isinstance(package, Imp) else text_mxf(package, kind, reel)


def _text(package: Package, kind: str, reel: str, old: str, new: str, times: str = "1") -> None:
    """Other words in the text of a reel, so many times."""

    def changed(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode() * int(times), 1)

    path = package.text_file(kind, int(reel))
    if path.suffix == ".xml":
        _repacked(package, path, changed(path.read_bytes()))
        return
    held = read_text_track(path)
    assert held is not None and held.xml is not None
    _repacked(package, path, replace(_text_mxf(package, kind, int(reel)), xml=changed(held.xml)).written())


def _wrap(package: Package, kind: str, reel: str, *settings: str) -> None:
    """The text of a reel in another track file."""
    one = _text_mxf(package, kind, int(reel))
    font = next(iter(one.resources), "")
    made: Mapping[str, Callable[[str], dict[str, Any]]] = {
        "resource": lambda value: {"resource_id": None if value == "none" else value},
        "encoding": lambda value: {"encoding": None if value == "none" else value},
        "namespace": lambda value: {"namespace": value},
        "asset": lambda value: {"asset_id": value},
        "languages": lambda value: {"languages": value},
        "duration": lambda value: {"duration": int(value)},
        "rate": lambda value: {"rate": (int(value), 1)},
        "encrypted": lambda _: {"is_encrypted": True},
        "font-bytes": lambda value: {
            "resources": {font: (FONT.ljust(int(value), b"\0"), "application/x-font-opentype")}
        },
        "font": lambda value: {"resources": {font: (value.encode(), "application/x-font-opentype")} if value else {}},
        "spare-font": lambda value: {
            "resources": {**one.resources, urn("spare"): (FONT.ljust(int(value), b"\0"), "application/ttf")}
        },
    }
    for name, _, value in (setting.partition("=") for setting in settings):
        one = replace(one, **made[name](value))
    _repacked(package, package.text_file(kind, int(reel)), one.written())


def _loose(package: Package, kind: str, reel: str) -> None:
    """The XML of a text where its track file was."""
    _repacked(package, package.text_file(kind, int(reel)), _text_mxf(package, kind, int(reel)).xml)


def _repacked(package: Package, path: Path, data: bytes) -> None:
    """Another file of timed text, with hashes, sizes and lengths made for it."""
    before = sha1(path)
    _written(path, data)
    text = package.composition.read_text(encoding="utf-8")
    package.composition.write_text(text.replace(before, sha1(path)), encoding="utf-8")
    if isinstance(package, Imp):
        package.describe()
    package.seal_maps()


def _font(package: Package, name: str, size: str) -> None:
    """A font of that size, as a file."""
    _written(package.folder / name, FONT.ljust(int(size), b"\0"))
    package.seal_maps()


_OPERATIONS: Mapping[str, Callable[..., None]] = {
    "edit": _edit,
    "unsealed": _unsealed,
    "overwrite": _overwrite,
    "encode": _encode,
    "byte": _byte,
    "zero": _zero,
    "cut": _cut,
    "empty": _empty,
    "append": _append,
    "add": _add,
    "delete": _delete,
    "rename": _rename,
    "exchange": _exchange,
    "copy": _copy_over,
    "link-out": _link_out,
    "pipe": _pipe,
    "folder": _folder,
    "patch": _patch,
    "identify": _identified,
    "profile": _profile,
    "text": _text,
    "wrap": _wrap,
    "loose": _loose,
    "font": _font,
}
