"""The command line: the only place that prints, reads argv and the environment, or exits.

Exit codes are the same in every format: 0 pass, 1 fail, 2 usage or bad spec, 3 incomplete, 4 master unreadable, 5
internal fault, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from deliverqc.cli.output import say
from deliverqc.errors import DeliverqcError, UsageError
from deliverqc.version import VERSION

_COMMANDS = {
    "check": "check",
    "facts": "facts",
    "judge": "judge",
    "report": "report",
    "explain": "explain",
    "spec": "spec",
    "cache": "cache",
    "demo": "demo",
    "doctor": "doctor",
    "exit-codes": "exit_codes",
}

_RARELY = 20_000
"""Objects after which memory is searched for circles: at Python's 700 that costs a headers run 0.06 s of 0.4 s."""


class _Commands(click.Group):
    """Imports a command's module only when the command is named: a headers run starts in a fraction of a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"deliverqc.cli.{_COMMANDS[cmd_name]}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="deliverqc")
def command() -> None:
    """Tell whether a finished master meets a delivery specification, before the platform does.

    \b
    deliverqc check master.mov --spec netflix
    deliverqc check renders/ --spec netflix --jobs 2 --report qc.html
    deliverqc demo
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; no traceback reaches a user."""
    gc.set_threshold(_RARELY)
    _hold_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))


def _hold_descriptors() -> None:
    """Keep the three standard descriptors taken: a master that is opened as one of them could be written to."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            lowest_free = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(lowest_free, True)  # workers read masters too


def _require_words(arguments: Sequence[str]) -> None:
    """UsageError for an empty argument: as a path it would be the folder that the user is in."""
    if "" in arguments:
        place = list(arguments).index("")
        after = f" after {arguments[place - 1]}" if place else ""
        raise UsageError(
            f"the argument{after} is empty. Check the variable of the shell that it comes from.", code="empty-argument"
        )


def _run(arguments: Sequence[str] | None) -> int:
    try:
        _require_words(sys.argv[1:] if arguments is None else arguments)
        code = command.main(args=arguments, prog_name="deliverqc", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message(), is_raw=True)
        return 2
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" Try `{context.command_path} --help`." if context is not None else ""
        say(f"Error: {error.format_message()}{hint}")
        return 2
    except (KeyboardInterrupt, click.Abort):
        say("Interrupted; nothing half-written is left.")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read us has stopped reading
        return 5  # what was found is not known here, and is never a pass
    except DeliverqcError as error:
        say(f"Error: {error.message}")
        return error.exit_code
    except Exception as error:
        if os.environ.get("DELIVERQC_DEBUG"):
            raise
        say(
            f"Error: this is a fault of deliverqc: {type(error).__name__}: {error}. "
            "Set DELIVERQC_DEBUG=1 to see where, and report it."
        )
        return 5
    return code if isinstance(code, int) else 0
