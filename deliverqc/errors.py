"""The ways in which deliverqc can fail to do its own work; a broken clause is never one of them.

```
DeliverqcError                 carries a code, a message and the exit code
├── UsageError                 exit 2   a path, option or combination that cannot be worked with
│   ├── SpecError              exit 2   a spec file that is broken, unknown or asks for an unknown fact
│   └── PlugInError            exit 2   an installed plug-in that cannot be loaded or breaks a rule
├── MasterError                exit 4   the master cannot be read at all
└── InternalError              exit 5   a fault of ours, or of a plug-in
```

A message says what was attempted, on which file, track or clause, what was found, and what to do next.
"""

from __future__ import annotations


class DeliverqcError(Exception):
    """Anything that stops deliverqc from doing its work. `code` is a stable kebab-case word."""

    exit_code = 5

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.code)


def _rebuild(kind: type[DeliverqcError], message: str, code: str) -> DeliverqcError:
    return kind(message, code=code)


class UsageError(DeliverqcError):
    """What was asked cannot be done as asked: a missing path, conflicting options, an unwritable report."""

    exit_code = 2


class SpecError(UsageError):
    """A delivery specification cannot be used: not found, not JSON, or not a valid spec."""


class PlugInError(UsageError):
    """An installed plug-in cannot be used: it fails to load, or what it gives breaks a rule."""


class MasterError(DeliverqcError):
    """The master cannot be read at all: empty, not media, no index, no permission."""

    exit_code = 4


LOST_CODES = frozenset({"worker-died", "worker-hung", "out-of-memory"})
"""Codes in a master's `error` where the process that read it was lost: it could not be read, which is exit 4."""

INTERNAL_CODES = frozenset({"internal-fault", "plugin-failed"})
"""Codes in a master's `error` that mean exit 5: deliverqc did not get to the end, whatever the master is like."""


class InternalError(DeliverqcError):
    """deliverqc itself failed, or a plug-in did."""

    exit_code = 5
