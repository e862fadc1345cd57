"""Finds the tracks that begin after the head of a file, which are in no list of tracks; decodes nothing."""

from __future__ import annotations

import re
from typing import Any

import av.logging
from av.container import InputContainer

_TRACK = re.compile(r"^ *Stream #0:(\d+)(?:\[(0x[0-9a-f]+)\])?(?:\([^)]*\))?: (Video|Audio): (\S+)", re.MULTILINE)
_WORDS = {"Video": "picture", "Audio": "audio"}


def late_tracks(container: InputContainer) -> list[str]:
    """Picture and audio tracks that libav met while it read on to where it is, in words. PyAV lists those of the head
    alone and drops the packets of the others; libav's own list of a file's tracks has all.
    """
    listing: Any = container  # PyAV's types leave its method out
    before = av.logging.get_level()
    av.logging.set_level(av.logging.INFO)
    try:
        listed = listing.dumps_format()
    finally:
        av.logging.set_level(before)
    known = len(container.streams)
    return [
        f"{_WORDS[kind]} track {index}, counted from 0 ({coding}{f', PID {int(identity, 16)}' if identity else ''})"
        for index, identity, kind, coding in _TRACK.findall(listed)
        if int(index) >= known
    ]
