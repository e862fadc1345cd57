"""Complaints that libav makes once in a process, however many masters deserve them, and whether it has made one here;
knows no master.

Where it has, its silence means nothing any more, and whoever decodes such a master has to do so in a new process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

DECODERS = frozenset(["dnxhd"])
"""Decoders with a complaint of that kind."""

_SENTENCES = ("ACT flag set, in violation of frame header",)
"""A static variable in libavcodec's dnxhddec.c keeps it from being said again."""

_heard: set[str] = set()
"""What was said in this process. It mirrors the state of libav, which is the process's as well."""


def is_said_once(words: str) -> bool:
    """Whether libav says this once in a process."""
    return any(sentence in words for sentence in _SENTENCES)


def note(words: str) -> None:
    """Keep in mind that libav said this."""
    _heard.update(sentence for sentence in _SENTENCES if sentence in words)


def is_silent() -> bool:
    """Whether libav has made such a complaint in this process, and does not make it again."""
    return bool(_heard)


@contextmanager
def listening() -> Iterator[None]:
    """Note what libav complains of meanwhile, where nobody else listens."""
    import av.logging  # 60 ms, which a start of the program does not have

    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=False) as spoken:
            yield
    finally:
        av.logging.set_level(before)
        for _, _, words in spoken:
            note(words)
