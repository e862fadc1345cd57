"""deliverqc tells whether a finished master meets a delivery specification, clause by clause.

The functions here do what the command line does, without printing, and return frozen, typed documents:

    import deliverqc

    document = deliverqc.check("master.mov", "netflix")
    print(document.decision)                         # pass, fail, incomplete or error
    print(document["decision"])                      # the same, as JSON has it
    html = deliverqc.render(document, "html")

Errors are DeliverqcError and below. Every function may be called from any thread; a process reads one master at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deliverqc.version import VERSION

if TYPE_CHECKING:
    from deliverqc.api import PathText, SpecChoice, check, judge, load_spec, measure, probe, render
    from deliverqc.documents import (
        CaptionsEntry,
        ClauseEntry,
        CurveEntry,
        ErrorEntry,
        EvidenceEntry,
        FactsDocument,
        FactsMasterEntry,
        FactsSubjectEntry,
        FamilyEntry,
        FindingEntry,
        FixEntry,
        LostReaderEntry,
        ManualEntry,
        MasterEntry,
        OldReadingEntry,
        ProbedFacts,
        ProvenanceEntry,
        RequestEntry,
        SourceEntry,
        SpecEntry,
        StatedEntry,
        StillEntry,
        SubjectEntry,
        TextEventEntry,
        TriedEntry,
        VerdictDocument,
        VerdictEntry,
        WaiverEntry,
    )
    from deliverqc.errors import DeliverqcError, InternalError, MasterError, PlugInError, SpecError, UsageError
    from deliverqc.judging.waivers import Waiver, WaiverKind
    from deliverqc.measuring.obtain import Progress
    from deliverqc.signals.store import Store
    from deliverqc.speclang.model import Clause, Family, Spec
    from deliverqc.verdict import Decision, FailOn, Level, Outcome

__version__ = VERSION

__all__ = [
    "CaptionsEntry",
    "Clause",
    "ClauseEntry",
    "CurveEntry",
    "Decision",
    "DeliverqcError",
    "ErrorEntry",
    "EvidenceEntry",
    "FactsDocument",
    "FactsMasterEntry",
    "FactsSubjectEntry",
    "FailOn",
    "Family",
    "FamilyEntry",
    "FindingEntry",
    "FixEntry",
    "InternalError",
    "Level",
    "LostReaderEntry",
    "ManualEntry",
    "MasterEntry",
    "MasterError",
    "OldReadingEntry",
    "Outcome",
    "PathText",
    "PlugInError",
    "ProbedFacts",
    "Progress",
    "ProvenanceEntry",
    "RequestEntry",
    "SourceEntry",
    "Spec",
    "SpecChoice",
    "SpecEntry",
    "SpecError",
    "StatedEntry",
    "StillEntry",
    "Store",
    "SubjectEntry",
    "TextEventEntry",
    "TriedEntry",
    "UsageError",
    "VerdictDocument",
    "VerdictEntry",
    "Waiver",
    "WaiverEntry",
    "WaiverKind",
    "__version__",
    "check",
    "judge",
    "load_spec",
    "measure",
    "probe",
    "render",
]

_ELSEWHERE = {
    "Clause": "speclang.model",
    "Decision": "verdict",
    "DeliverqcError": "errors",
    "FailOn": "verdict",
    "Family": "speclang.model",
    "InternalError": "errors",
    "Level": "verdict",
    "MasterError": "errors",
    "Outcome": "verdict",
    "PathText": "api",
    "PlugInError": "errors",
    "Progress": "measuring.obtain",
    "Spec": "speclang.model",
    "SpecChoice": "api",
    "SpecError": "errors",
    "Store": "signals.store",
    "UsageError": "errors",
    "Waiver": "judging.waivers",
    "WaiverKind": "judging.waivers",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used: a command that needs none of them starts faster."""
    if name in __all__:
        from importlib import import_module  # first used here, so that `import deliverqc` loads nothing

        module = _ELSEWHERE.get(name, "api" if name.islower() else "documents")
        return getattr(import_module(f"deliverqc.{module}"), name)
    raise AttributeError(f"module 'deliverqc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
