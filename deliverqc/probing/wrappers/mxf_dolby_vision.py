"""Reads the Dolby Vision document of a whole title in an MXF track file: its version, what it says of content
mapping, and its light levels; reads no frame's metadata, and resolves no entity."""

from __future__ import annotations

import re
from typing import BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.probing.wrappers.mxf_index import Layout
from deliverqc.probing.wrappers.mxf_klv import Metadata, Partition, number, read_klv

_TRACK_DESCRIPTOR = bytes.fromhex("060e2b34025301000e09060701010103")
_DOCUMENT_SID = bytes.fromhex("060e2b34010101000e09060701010106")
"""PHDRMetadataTrackSubDescriptor and the stream that holds the document of the title, which is a generic stream
partition (SMPTE ST 410); keys as Photon and the registers of SMPTE name them."""

_GENERIC_STREAM = 0x11
_MOST_BYTES = 4 * 1024 * 1024  # house choice: a thousand times what is written
_MOST_ITEMS = 8
_ROOT = re.compile(r"<DolbyVisionGlobalData\b[^>]*\bversion\s*=\s*[\"'](\d+(?:\.\d+){1,2})[\"']")
_END = "</DolbyVisionGlobalData>"
_LEVEL_6 = re.compile(r"<Level6\b[^>]*>(.*?)</Level6>", re.DOTALL)
_LIGHT = re.compile(r"<(MaxCLL|MaxFALL)>\s*(\d{1,6}(?:\.\d{1,6})?)\s*</")
_CM_VERSION = re.compile(r"<CMVersion>\s*([^<]*?)\s*</CMVersion>")

UNREAD = "its Dolby Vision metadata is cut, damaged or larger than is read"


def dolby_vision_facts(file: BinaryIO, metadata: Metadata, layout: Layout) -> Facts | None:
    """Version, CMVersion and light levels of the document of the title, None each where there is none; None where a
    document is promised and cannot be read."""
    descriptors = [one for one in metadata.sets.values() if one.key == _TRACK_DESCRIPTOR]
    streams = {sid for one in descriptors if (sid := number(one.labelled.get(_DOCUMENT_SID)))}
    found: Facts = dict.fromkeys(
        (
            "dolby_vision.metadata_version",
            "dolby_vision.cm_version_stated",
            "dolby_vision.max_cll_cd_m2",
            "dolby_vision.max_fall_cd_m2",
        )
    )
    for sid in streams:
        text = _document(file, layout.partitions or (), sid)
        root = None if text is None else _ROOT.search(text)
        if text is None or root is None or _END not in text:
            return None
        stated = _CM_VERSION.search(text)
        found = {
            "dolby_vision.metadata_version": root[1],
            "dolby_vision.cm_version_stated": None if stated is None else " ".join(stated[1].split(",")) or None,
            **_light_levels(text),
        }
    return found


def _light_levels(text: str) -> Facts:
    """MaxCLL and MaxFALL of level 6; 0 states none, as in CTA-861.3."""
    level_6 = _LEVEL_6.search(text)
    stated = {name: float(value) for name, value in _LIGHT.findall("" if level_6 is None else level_6[1])}
    return {
        "dolby_vision.max_cll_cd_m2": stated.get("MaxCLL") or None,
        "dolby_vision.max_fall_cd_m2": stated.get("MaxFALL") or None,
    }


def _document(file: BinaryIO, partitions: tuple[Partition, ...], sid: int) -> str | None:
    """The text in the generic stream of that number."""
    stream = next((one for one in partitions if one.state == _GENERIC_STREAM and one.body_sid == sid), None)
    klv = None if stream is None else read_klv(file, stream.end)
    for _ in range(_MOST_ITEMS):
        if klv is None or klv.is_partition:
            return None
        if not klv.is_fill:
            file.seek(klv.value_at)
            data = file.read(min(klv.length, _MOST_BYTES))
            return data.decode("utf-8", "replace") if len(data) == klv.length else None
        klv = read_klv(file, klv.end)
    return None
