"""deliverqc tells whether a finished master meets a delivery specification, clause by clause.

The functions here do what the command line does, without printing: they return plain documents and typed values.

    import deliverqc

    document = deliverqc.check("master.mov", "netflix")
    print(document["decision"])                      # pass, fail, incomplete or error
    html = deliverqc.render(document, "html")
"""

from __future__ import annotations

from deliverqc.version import VERSION

__version__ = VERSION

__all__ = ["__version__", "check", "judge", "load_spec", "measure", "probe", "render"]

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deliverqc.api import check, judge, load_spec, measure, probe, render


def __getattr__(name: str) -> object:
    """Import the functions when first used: a command that needs none of them starts faster."""
    if name in __all__:
        from deliverqc import api

        return getattr(api, name)
    raise AttributeError(f"module 'deliverqc' has no attribute {name!r}")
