"""Reads IMF and DCP packages: asset map, volume index, packing lists, compositions and hashes; decodes no essence and
knows no spec.

`read_package` reads the XML of a folder. `hash_files` reads the files that it lists. `package_facts` and
`composition_facts` say what was found.
"""

from __future__ import annotations

from deliverqc.packages.facts import composition_facts, listed_files, package_facts
from deliverqc.packages.hashing import hash_files
from deliverqc.packages.model import Composition, Package, Track
from deliverqc.packages.reading import read_package

__all__ = [
    "Composition",
    "Package",
    "Track",
    "composition_facts",
    "hash_files",
    "listed_files",
    "package_facts",
    "read_package",
]
