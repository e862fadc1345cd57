"""Writes the goldens of every report anew: `python -m tests.reports.regenerate`. Read the difference, then commit."""

from __future__ import annotations

from pathlib import Path

from deliverqc.reports import FORMATS, render
from tests.reports.samples import SAMPLES

FOLDER = Path(__file__).parents[1] / "goldens"
_SHORT = ("text", "junit", "github", "markdown")  # the other two are long, and a long difference is not read
_BY_SAMPLE = {
    "failing": tuple(FORMATS),
    "noticed_fails": _SHORT,
    "unrecognised": _SHORT,
    "incomplete": _SHORT,
    "unreadable": _SHORT,
    "hostile": _SHORT,
    "captioned": _SHORT,
}


def goldens() -> dict[Path, tuple[str, str]]:
    """Where each golden stands, and the sample and format that make it."""
    return {
        FOLDER / f"{sample}{next(iter(FORMATS[name].suffixes), '.github.txt')}": (sample, name)
        for sample, names in _BY_SAMPLE.items()
        for name in names
    }


def main() -> None:
    """Remove what is there and write every golden."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for path, (sample, name) in goldens().items():
        path.write_text(render(SAMPLES[sample](), name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
