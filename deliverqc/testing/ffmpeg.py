"""Runs ffmpeg to make media: from PATH, else the binary of imageio-ffmpeg; knows nothing of what is made."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from deliverqc.errors import UsageError


@cache
def ffmpeg_program() -> str:
    """The ffmpeg to use. UsageError where there is none."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    try:
        import imageio_ffmpeg
    except ImportError as error:
        message = "There is no ffmpeg on PATH. Install ffmpeg, or `pip install imageio-ffmpeg`."
        raise UsageError(message, code="ffmpeg-missing") from error
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def run_ffmpeg(path: Path, arguments: Sequence[str]) -> Path:
    """Write `path` with ffmpeg's `arguments`, replacing what is there. UsageError with ffmpeg's words when it fails."""
    command = [ffmpeg_program(), "-nostdin", "-v", "error", "-y", *arguments, str(path)]
    finished = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if finished.returncode:
        message = f"ffmpeg could not make {path.name}: {finished.stderr.strip()}\n{shlex.join(command)}"
        raise UsageError(message, code="ffmpeg-failed")
    return path


@cache
def needs_top() -> bool:
    """Whether this ffmpeg takes the field order of its encoders from `-top`, which the 7th turned into nothing."""
    told = subprocess.run([ffmpeg_program(), "-version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"ffmpeg version n?(\d+)\.", told)
    return version is not None and int(version[1]) < 7
