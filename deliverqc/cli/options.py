"""Options that several commands share, and how their words become values; no command's own work."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from deliverqc.errors import UsageError
from deliverqc.measuring.registry import spec_library
from deliverqc.probing.packages import asset_map_of, original_maps
from deliverqc.reports import formats
from deliverqc.request import Companions
from deliverqc.signals.store import Store
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Family, Spec
from deliverqc.speclib.folders import read_folder
from deliverqc.speclib.locking import LOCK_FILE, Lock, load_lock
from deliverqc.verdict import FailOn

_Command = TypeVar("_Command", bound=Callable[..., Any])


if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    _Parameter = click.ParamType[str]
    _LockParameter = click.ParamType[Lock]
else:
    _Parameter = _LockParameter = click.ParamType  # not generic before click 8.2


class _ReportFormat(_Parameter):
    """The name of a report format. Formats are looked up when a value is read or help is shown: plug-ins add to them,
    and loading those would slow every other command."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        if value not in formats():
            self.fail(f"there is no report format {value!r}; there are: {', '.join(formats())}.", param, ctx)
        return str(value)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return f"[{'|'.join(formats())}]"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # 3 ms, and only a shell that completes needs it

        return [CompletionItem(name) for name in formats() if name.startswith(incomplete)]


class _LockFile(_LockParameter):
    """A lock, read where the option is: a path that was meant as a master is refused by name."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Lock:  # noqa: ANN401
        return value if isinstance(value, Lock) else load_lock(Path(value))


locked_option = click.option(
    "--locked",
    "lock",
    is_flag=False,
    flag_value=LOCK_FILE,
    type=_LockFile(),
    metavar="[FILE]",
    help=f"Refuse specs that this lock does not pin, or that have changed ({LOCK_FILE} where no FILE is named).",
)

format_option = click.option(
    "--format",
    "format_",
    type=_ReportFormat(),
    default="text",
    show_default=True,
    help="What is printed on stdout.",
)

spec_path_option = click.option(
    "--spec-path",
    "spec_paths",
    multiple=True,
    metavar="PATH",
    help="Look for specs in this file or folder too. DELIVERQC_SPEC_PATH names more, separated as PATH is.",
)
no_cache_option = click.option("--no-cache", is_flag=True, help="Neither use nor keep measurements of earlier runs.")
with_option = click.option(
    "--with",
    "companions",
    multiple=True,
    metavar="PATH|ROLE=FILE",
    help="Folder of the original: the OV of a version file (VF), or the IMP of a supplemental; or a file of text that "
    "belongs to the master, such as caption=film.scc (subtitle, caption, forced, closed_caption). May be repeated.",
)
no_sidecars_option = click.option(
    "--no-sidecars",
    is_flag=True,
    help="Leave out subtitle and caption files next to a master that share its name (film.mov, film.en.forced.srt).",
)
tier_option = click.option(
    "--tier",
    type=click.Choice(["headers", "full"]),
    default="full",
    show_default=True,
    help="headers: seconds, decodes nothing and is never better than incomplete. full: every frame and sample.",
)

all_option = click.option(
    "--all",
    "is_all",
    is_flag=True,
    help="Run every meter, also those that no clause asks for (HDR, flashes, speech …).",
)

range_option = click.option(
    "--range",
    "range_",
    metavar="START-END",
    help="Measure this part only, by timecode, elapsed time or frame (01:00:10:00-01:00:20:00, 90-120, 250f-). "
    "A part can fail, and never pass.",
)


programme_option = click.option(
    "--programme",
    "programme",
    multiple=True,
    metavar="START-END",
    help="Where the programme is, written as for --range; several parts join. Otherwise the spec says how it is found.",
)

frame_rate_option = click.option(
    "--frame-rate",
    "frame_rate",
    metavar="RATE",
    help="Frame rate of an image sequence whose frames do not state one (24, 23.976, 24000/1001). It places frames in "
    "time, and no clause takes it for a statement of the master.",
)


def judging_options(function: _Command) -> _Command:
    """The options that steer judging, the same for `check` and `judge`."""
    for option in (
        click.option(
            "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Judge waivers as of this day (today by default)."
        ),
        click.option(
            "--skip", multiple=True, metavar="ID", help="Leave this clause out; integrity cannot be left out."
        ),
        click.option("--only", multiple=True, metavar="ID", help="Judge this clause only, and integrity."),
        click.option(
            "--fail-on",
            type=click.Choice([word.value for word in FailOn]),
            default="shall",
            show_default=True,
            help="The least that fails a master: a broken shall; a broken should, too; what is noticed, too.",
        ),
        click.option("--waivers", metavar="FILE", help="Exceptions that were granted, as JSON."),
        click.option(
            "--expect",
            "expects",
            multiple=True,
            metavar="FILE|NAME=VALUE",
            help="What only the order for this title knows, such as picture.frame_rate=25/1.",
        ),
    ):
        function = option(function)
    return function


def require_number(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """A value of an option that is a number; NaN is in every range."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is not a number of seconds.", context, parameter)
    return value


def library_from(spec_paths: Iterable[str]) -> SpecLibrary:
    """The specs on --spec-path, on DELIVERQC_SPEC_PATH, from plug-ins and those shipped."""
    more = [entry for entry in os.environ.get("DELIVERQC_SPEC_PATH", "").split(os.pathsep) if entry]
    paths = [Path(entry) for entry in [*spec_paths, *more]]
    for path in paths:
        if not path.exists():
            raise UsageError(f"the spec path {path} does not exist. Check the spelling.", code="missing-path")
    return spec_library(paths)


def folders_in(names: Iterable[str]) -> list[str]:
    """The names that are folders: what is in them is within reach of the rest."""
    return [name for name in names if Path(name).is_dir()]


def resolved(library: SpecLibrary, name: str) -> list[Spec | Family]:
    """The spec or family of a name, or all that are in a folder."""
    if not Path(name).is_dir():
        return [library.resolve(name)]
    folder = read_folder(Path(name))
    return [*(library.load(str(path)) for path in folder.specs), *map(library.load_family, map(str, folder.families))]


def store_from(*, no_cache: bool) -> Store | None:
    """Where measurements are kept: DELIVERQC_CACHE_DIR, else the user's cache folder; None with --no-cache."""
    return None if no_cache else Store(folder=cache_folder())


def cache_folder() -> Path:
    """The folder that holds measurements of earlier runs."""
    chosen = os.environ.get("DELIVERQC_CACHE_DIR")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path  # 5 ms, and only a run that keeps measurements needs it

    return user_cache_path("deliverqc", appauthor=False) / "signals"


def day_from(value: datetime | None) -> date:
    """The day that waivers are judged on."""
    return value.date() if value is not None else date.today()


def expectations_from(entries: Iterable[str]) -> dict[str, Any]:
    """Expectations by name. A value is JSON where it reads as JSON, else a string; UsageError for anything else."""
    expectations: dict[str, Any] = {}
    for entry in entries:
        name, separator, value = entry.partition("=")
        if separator:
            expectations[name.strip()] = _value(value)
            continue
        expectations |= _expectations_file(Path(entry))
    return expectations


def _value(text: str) -> Any:  # noqa: ANN401  any JSON value
    try:
        return json.loads(text, parse_constant=lambda _: text)
    except (ValueError, RecursionError):
        return text


def _expectations_file(path: Path) -> dict[str, Any]:
    document = read_json(path, what="--expect")
    if not isinstance(document, dict):
        raise UsageError(
            f'--expect {path} is not an object of names and values, such as {{"picture.frame_rate": "25/1"}}',
            code="bad-expectation",
        )
    return document


def read_json(path: Path, *, what: str) -> Any:  # noqa: ANN401  any JSON value
    """The JSON in a file that the user named; UsageError tells what is wrong with it and where."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise UsageError(f"{what} {path} does not exist. Check the spelling.", code="missing-path") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{what} {path} is not UTF-8 text. Name a JSON file.", code="not-json") from error
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{what} {path} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}. Fix it there.",
            code="not-json",
        ) from error
    except OSError as error:
        raise UsageError(f"{what} {path} cannot be read: {error.strerror}.", code="unreadable") from error
    except ValueError as error:  # an integer of thousands of digits
        raise UsageError(f"{what} {path} holds a number that is too long. Shorten it.", code="not-json") from error
    except RecursionError as error:
        raise UsageError(f"{what} {path} is nested too deeply to be read.", code="not-json") from error


def companions_from(given: Iterable[str], masters: Sequence[Path]) -> Companions:
    """What `--with` names. UsageError where something does not exist or is not what it is named as, no master is a
    package, or a file of text could belong to several masters."""
    found = Companions.parse(given)
    original_maps(found.originals)
    packages = [asset_map_of(master) is not None for master in masters]
    if found.originals and not any(packages):
        raise UsageError(
            f"--with {found.originals[0]} names the original of a package, and none of the masters is a package. Give "
            "the folder of the version file.",
            code="no-package",
        )
    if found.texts and (len(masters) != 1 or any(packages)):
        role, path = found.texts[0]
        why = "several masters are checked" if len(masters) != 1 else "the master is a package, which holds its text"
        raise UsageError(
            f"--with {role}={path} belongs to one file, and {why}. Check that file alone.", code="no-single-master"
        )
    return found
