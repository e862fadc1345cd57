"""Keeps libav's channel layouts from being freed twice; knows nothing of what they mean.

PyAV 18 copies a channel layout with its pointer to the channel map and frees that map when the copy dies, while codec
context and frame free it too. Layouts in libav's own order have no map. Others (a MOV in film order, 7.1 with side
before rear) bring the process down, unless no copy ever dies. Every `AudioFrame` makes such a copy, so that a decoder
has to hold the layout of each."""

from __future__ import annotations

import ctypes

from av.audio.layout import AudioLayout


def hold(layout: AudioLayout) -> AudioLayout:
    """Let `layout` live as long as the process: about a hundred bytes."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(layout))
    return layout


def has_channel_map(layout: AudioLayout) -> bool:
    """The layout is in an order of its own, and so must be held; hold it before it is asked."""
    return "(" in layout.name
