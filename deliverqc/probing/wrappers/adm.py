"""Reads which channels of a Broadcast Wave are beds and objects, from its chna and axml chunks (ITU-R BS.2088, Audio
Definition Model of BS.2076); reads no audio.

Every size is taken as a claim: nothing larger than our own bounds is read.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from deliverqc.facts.model import Facts

_MAXIMUM_AXML_BYTES = 256 * 1024 * 1024  # house choice: several times that of a long feature in Dolby Atmos
_MAXIMUM_CHNA_BYTES = 4 + 40 * 65_536
_ENTRY = struct.Struct("<H12s14s11sx")  # BS.2088 section 8: track, UID, track format, pack format
_SILENT_UID = "ATU_00000000"  # BS.2076: a track without a channel
_TYPES = {1: "direct_speakers", 2: "matrix", 3: "objects", 4: "hoa", 5: "binaural"}
"""typeDefinition by the digits of a pack format's identifier, AP_yyyyxxxx (BS.2076 section 5.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackUid:
    """A row of chna: the channel from 0, and the type of its pack."""

    uid: str
    channel: int
    type: str | None


def read_elements(file: BinaryIO, chunks: Mapping[bytes, tuple[int, int]]) -> list[Facts] | None:
    """Every audioObject with channels of its own, in the order of the document, and behind them tracks that none
    names; None where chna or axml is cut, damaged or larger than is read. `chunks`: start and length by name. Empty for
    an axml chunk that holds another document, as those of broadcasters do."""
    chna, axml = chunks.get(b"chna"), chunks.get(b"axml")
    tracks = [] if chna is None else _tracks(file, *chna)
    named = [] if axml is None else _objects(file, *axml)
    if tracks is None or named is None:
        return None
    by_uid = {track.uid: track for track in tracks}
    used = {uid for _, _, uids in named for uid in uids}
    found = [_element(identity, name, uids, by_uid) for identity, name, uids in named if uids]
    found += [_element(None, None, [track.uid], by_uid) for track in tracks if track.uid not in used]
    return found


def _element(identity: str | None, name: str | None, uids: list[str], by_uid: Mapping[str, TrackUid]) -> Facts:
    held = [by_uid[uid] for uid in uids if uid in by_uid]
    types = {track.type for track in held}
    return {
        "id": identity,
        "name": name,
        "type": types.pop() if len(types) == 1 else None,
        "channels": [f"0.{channel}" for channel in sorted({track.channel for track in held})],
        "unresolved_channel_count": sum(uid not in by_uid and uid != _SILENT_UID for uid in uids),
    }


def _tracks(file: BinaryIO, start: int, length: int) -> list[TrackUid] | None:
    """The rows of chna that name a channel."""
    if not 4 <= length <= _MAXIMUM_CHNA_BYTES:
        return None
    file.seek(start)
    data = file.read(length)
    count = int.from_bytes(data[2:4], "little")
    if len(data) < 4 + count * _ENTRY.size:
        return None
    found = []
    for number in range(count):
        track, uid, _, pack = _ENTRY.unpack_from(data, 4 + number * _ENTRY.size)
        if track:  # rows of 0 are kept free
            found.append(TrackUid(uid=_text(uid), channel=track - 1, type=_type(_text(pack))))
    return found


def _text(data: bytes) -> str:
    return data.split(b"\0")[0].decode("latin-1").strip()


def _type(pack: str) -> str | None:
    """The type of a pack format; None for an identifier that is none."""
    digits = pack[3:7]
    try:
        return _TYPES.get(int(digits, 16)) if pack.startswith("AP_") else None
    except ValueError:
        return None


def _objects(file: BinaryIO, start: int, length: int) -> list[tuple[str | None, str | None, list[str]]] | None:
    """Identifier, name and track UIDs of every audioObject; None where the document is not well formed."""
    from lxml import etree  # 30 ms, and few files hold a document

    if not 0 < length <= _MAXIMUM_AXML_BYTES:
        return None
    file.seek(start)
    data = file.read(length).rstrip(b"\0")
    if len(data) == 0:
        return None
    found = []
    try:
        for _, element in etree.iterparse(
            io.BytesIO(data),
            tag=("{*}audioObject", "{*}audioBlockFormat"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        ):
            if etree.QName(element).localname == "audioObject":
                uids = [_content(each) for each in element.iterchildren("{*}audioTrackUIDRef")]
                found.append((element.get("audioObjectID"), element.get("audioObjectName"), list(_unique(uids))))
            element.clear()
    except (etree.XMLSyntaxError, ValueError):
        return None
    return found


def _content(element: object) -> str:
    return (getattr(element, "text", None) or "").strip()


def _unique(uids: list[str]) -> Iterator[str]:
    yield from dict.fromkeys(uid for uid in uids if uid)
