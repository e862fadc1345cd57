"""What readers and schemas of others say of a file of timed text; knows nothing of deliverqc's own readers.

Asked are those that are there: in the folder of validators the XML schemas of TTML2 (`ttml/ttml2.xsd`, from w3c/ttml2,
spec/xsd) and of D-Cinema (`cinema/`, those that ClairMeta ships), and W3C's own checker of WebVTT (`webvtt-parser`, of
npm, run by node); ttconv; and srt and pycaption where Python finds them.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

_TT = "{http://www.w3.org/ns/ttml}"
_WEBVTT = """
const { WebVTTParser } = require(process.argv[1] + "/webvtt-parser");
require("readline").createInterface({ input: process.stdin }).on("line", line => {
  let said;
  try {
    const tree = new WebVTTParser().parse(JSON.parse(line), "subtitles");
    said = { cues: tree.cues.length, errors: tree.errors.map(one => one.line + ": " + one.message) };
  } catch (error) { said = { cues: null, errors: [] }; }
  process.stdout.write(JSON.stringify(said) + "\\n");
});
"""
_CINEMA = {
    "http://www.smpte-ra.org/schemas/428-7/2014/DCST": "DCDMSubtitle-2014.xsd",
    "http://www.smpte-ra.org/schemas/428-7/2010/DCST": "DCDMSubtitle-2010.xsd",
    "http://www.smpte-ra.org/schemas/428-7/2007/DCST": "DCDMSubtitle-2007.xsd",
    None: "DCSubtitle.xsd",
}
_REGION = re.compile(r"(?m)^REGION[ \t]*(?=[\r\n])(?!(?:\r?\n[^\r\n]+)*?\r?\n[^\r\n]*-->)")
_IN_REGION = re.compile(r"(-->[^\r\n]*?)[ \t]+region:[^\s]+")
"""A block and a setting that the checker of WebVTT does not know: the one becomes a comment, the other is left out."""

_BLOCK, _HEADER, _LAST_BLOCK = 128, 1024, 0xFF


@dataclass(frozen=True, slots=True)
class Opinion:
    """`refusals`: what is wrong, one sentence each; empty: nothing. `event_count`: events that are there at least; None
    where nothing is said of them."""

    refusals: tuple[str, ...] = ()
    event_count: int | None = None


@dataclass(slots=True)
class Validators:
    """The validators of a folder, each loaded once; None: only those that Python finds."""

    folder: Path | None
    _schemas: dict[Path, etree.XMLSchema] = field(default_factory=dict)
    _checker: subprocess.Popen[str] | None = None

    def asked(self) -> list[str]:
        """Those that are there, by name."""
        found = [name for name in ("ttconv", "srt", "pycaption") if find_spec(name)]
        if self.folder is not None:
            names = ("ttml/ttml2.xsd", f"cinema/{_CINEMA[None]}", "webvtt-parser")
            found += [name for name in names if (self.folder / name).exists()]
        return found

    def opinion(self, data: bytes, form: str) -> Opinion:
        """What they say of `data` as a file of that format."""
        ask: dict[str, Callable[[bytes], Opinion]] = {
            "srt": _srt, "webvtt": self._webvtt, "ttml": self._ttml, "dcst": self._cinema, "dcsubtitle": self._cinema,
            "ebu_stl": _ebu_stl, "scc": _scc,
        }  # fmt: skip
        return ask[form](data) if form in ask else Opinion()

    def _webvtt(self, data: bytes) -> Opinion:
        node = shutil.which("node")
        if self.folder is None or node is None or not (self.folder / "webvtt-parser").exists():
            return Opinion()
        if self._checker is None:
            command = [node, "-e", _WEBVTT, str(self.folder.resolve())]
            self._checker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._checker.stdin is not None and self._checker.stdout is not None
        text = _IN_REGION.sub(r"\1", _REGION.sub("NOTE", data.decode("utf-8", "replace")))
        self._checker.stdin.write(json.dumps(text) + "\n")
        self._checker.stdin.flush()
        said = json.loads(self._checker.stdout.readline())
        return Opinion(tuple(said["errors"]), said["cues"])

    def _ttml(self, data: bytes) -> Opinion:
        root = _parsed(data)
        if root is None:
            return Opinion(("not well-formed",))
        texts = [one for one in root.iter(f"{_TT}p") if "begin" in one.attrib and "".join(one.itertext()).strip()]
        return Opinion(self._by_schema(root, "ttml/ttml2.xsd"), len(texts))

    def _cinema(self, data: bytes) -> Opinion:
        root = _parsed(data)
        if root is None:
            return Opinion(("not well-formed",))
        name = _CINEMA.get(etree.QName(root).namespace)
        count = sum(etree.QName(one).localname == "Subtitle" for one in root.iter("*"))
        return Opinion(() if name is None else self._by_schema(root, f"cinema/{name}"), count)

    def _by_schema(self, root: etree._Element, name: str) -> tuple[str, ...]:
        if self.folder is None or not (path := self.folder / name).exists():
            return ()
        if path not in self._schemas:
            self._schemas[path] = etree.XMLSchema(etree.parse(path))
        schema = self._schemas[path]
        schema.validate(root)
        return tuple(f"{one.line}: {one.message}" for one in schema.error_log)


def _parsed(data: bytes) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, collect_ids=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _srt(data: bytes) -> Opinion:
    """The strict reader of the package srt; what it does not match is an error there."""
    if not find_spec("srt"):
        return Opinion()
    srt: Any = importlib.import_module("srt")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        return Opinion(event_count=len(list(srt.parse(text))))
    except (srt.SRTParseError, srt.TimestampParseError, ValueError, OverflowError) as error:
        return Opinion((f"srt: {str(error)[:200]}",))


class _Listener(logging.Handler):
    """What ttconv logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _by_ttconv(read: Callable[[], Any]) -> Opinion:
    """What ttconv says, and how many paragraphs it reads."""
    logger, listener = logging.getLogger("ttconv"), _Listener()
    logger.addHandler(listener)
    try:
        model = read()
    except Exception as error:  # noqa: BLE001  a reader that fails says something of the file
        return Opinion((f"ttconv: {type(error).__name__} {str(error)[:200]}",))
    finally:
        logger.removeHandler(listener)
    body = None if model is None else model.get_body()
    count = 0 if body is None else sum(1 for one in body.dfs_iterator() if type(one).__name__ == "P")
    return Opinion(tuple(f"ttconv: {one[:200]}" for one in listener.lines), count)


def _ebu_stl(data: bytes) -> Opinion:
    """ttconv, and the last blocks of subtitles that are no comments."""
    reader: Any = importlib.import_module("ttconv.stl.reader")
    said = _by_ttconv(lambda: reader.to_model(io.BytesIO(data)))
    whole = range(_HEADER, len(data) - _BLOCK + 1, _BLOCK)
    count = sum(data[at + 3] == _LAST_BLOCK and data[at + 15] != 1 for at in whole)
    return Opinion(said.refusals, count)


def _scc(data: bytes) -> Opinion:
    """ttconv, and pycaption where it is installed."""
    reader: Any = importlib.import_module("ttconv.scc.reader")
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    said = _by_ttconv(lambda: reader.to_model(text))
    refusals = said.refusals
    if find_spec("pycaption"):
        pycaption: Any = importlib.import_module("pycaption")
        try:
            pycaption.SCCReader().read(text)
        except Exception as error:  # noqa: BLE001  as above
            refusals += (f"pycaption: {' '.join(str(error).split())[:200]}",)
    return Opinion(refusals, said.event_count)
