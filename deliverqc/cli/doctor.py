"""`deliverqc doctor`: what is installed, in which version, and what is missing for what."""

from __future__ import annotations

import platform
import shutil
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

from deliverqc.cli import options
from deliverqc.cli.output import show
from deliverqc.errors import UsageError
from deliverqc.measuring.registry import spec_library
from deliverqc.plug_ins import listed
from deliverqc.probing.libraries import versions
from deliverqc.version import VERSION

_NEEDED = (
    ("av", "av", "probing and decoding (libav)"),
    ("pymediainfo", "pymediainfo", "probing (MediaInfo)"),
    ("numpy", "numpy", "signals, sound kernels and meters"),
    ("opencv-python-headless", "cv2", "picture measurements"),
    ("jsonschema", "jsonschema", "linting specs"),
    ("jinja2", "jinja2", "HTML reports"),
    ("click", "click", "the command line"),
    ("rich", "rich", "progress on a terminal"),
)
_ELSEWHERE = (("ffmpeg", "tests and fixtures only"), ("ffprobe", "tests only"), ("mediainfo", "tests only"))


@click.command("doctor", short_help="Say what is installed and what is missing.")
def command() -> int:
    """Say what is installed, in which version, and what is missing for what. Exit code 5 when something needed is
    missing."""
    lines = [f"deliverqc {VERSION}, Python {platform.python_version()}, {platform.platform()}", ""]
    missing = 0
    for package, module, purpose in _NEEDED:
        state, is_usable = _state(package, module)
        missing += not is_usable
        lines.append(f"{'ok' if is_usable else 'MISSING':<8} {package:<24} {state:<28} {purpose}")
    lines += [*_libraries(), ""]
    for program, purpose in _ELSEWHERE:
        place = shutil.which(program)
        lines.append(
            f"{'found' if place else 'absent':<8} {program:<24} {place or '-':<28} {purpose}; no check needs it"
        )
    lines += [f"{'plug-in':<8} {one.name:<24} {one.package or '-':<28} {one.group.value}" for one in listed()]
    lines += ["", *_specs(), f"Measurements are kept in {options.cache_folder()}"]
    if missing:
        lines += ["", "Install what is missing with: python -m pip install --force-reinstall deliverqc"]
    show("\n".join(lines))
    return 5 if missing else 0


def _specs() -> list[str]:
    """How many specs there are, or what keeps them from being read."""
    try:
        library = spec_library()
        return [f"{len(library.all())} specs and {len(library.families())} families"]
    except UsageError as error:
        return [f"BROKEN   {error.message}"]


def _state(package: str, module: str) -> tuple[str, bool]:
    try:
        import_module(module)
        return version(package), True
    except PackageNotFoundError:
        return "version not known", True
    except (ImportError, OSError) as error:
        return str(error).splitlines()[0], False


def _libraries() -> list[str]:
    try:
        return [f"{'ok':<8} {name:<24} {value:<28} inside the packages above" for name, value in versions().items()]
    except (ImportError, OSError) as error:
        return [f"{'MISSING':<8} libav, MediaInfo: {error}"]
