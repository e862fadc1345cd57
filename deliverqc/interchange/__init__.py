"""Specs from the files of other tools, one module a format; judges nothing, prints nothing and writes no file.

`read_foreign` tells the format by the root element and gives one import, or several where the file holds several
deliverables.
"""

from __future__ import annotations

from pathlib import Path

from deliverqc.errors import SpecError
from deliverqc.interchange.compose import Imported
from deliverqc.interchange.imf_delivery import ROOT, read_deliverables
from deliverqc.interchange.mediaconch import ROOTS, read_policy
from deliverqc.interchange.reading import name_of, read_xml

_READERS = {**dict.fromkeys(ROOTS, read_policy), ROOT: read_deliverables}


def read_foreign(path: Path, *, spec_id: str | None = None) -> tuple[Imported, ...]:
    """Read a MediaConch policy or an IMF Delivery Schema document; `spec_id` is the id of the spec, else its title.

    SpecError names file, line and what to do where it is neither, or broken.
    """
    root = read_xml(path)
    read = _READERS.get(root.tag)
    if read is None:
        raise SpecError(
            f"{path}, line {root.sourceline}: the root element is <{name_of(root)}>, which is no format that can be"
            " imported. Give a MediaConch policy (<policy>) or an IMF Delivery Schema document"
            " (<DeliverySpecificationList>).",
            code="import-unknown",
        )
    return read(root, path, spec_id)
