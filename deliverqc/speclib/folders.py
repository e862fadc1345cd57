"""What is in a folder of specs: specs, families, examples, and JSON that is none of them; judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deliverqc.errors import UsageError
from deliverqc.speclang.load import EXAMPLES, FAMILY_SUFFIX, is_spec_document, json_files
from deliverqc.speclang.model import Spec
from deliverqc.speclang.read import read_json


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecFolder:
    """The files of a folder of specs, each kind sorted; `others` are JSON files that do not say that they are specs."""

    specs: tuple[Path, ...]
    families: tuple[Path, ...]
    examples: tuple[Path, ...]
    others: tuple[Path, ...]


def read_folder(folder: Path) -> SpecFolder:
    """What is in a folder and below it. UsageError where there is no spec, SpecError where a file is not JSON."""
    families = tuple(path for path in json_files(folder) if path.name.endswith(FAMILY_SUFFIX))
    rest = [path for path in json_files(folder) if path not in families]
    specs = tuple(path for path in rest if is_spec_document(read_json(path)))
    if not specs:
        raise UsageError(f'There is no spec in {folder}: no JSON file has "x-spec".', code="no-specs")
    return SpecFolder(
        specs=specs,
        families=families,
        examples=tuple(path for path in sorted(folder.rglob("*.json")) if path.parent.name == EXAMPLES),
        others=tuple(path for path in rest if path not in specs),
    )


def examples_path(spec: Spec) -> Path:
    """The examples of exactly this revision, else those of its id, in the nearest folder that has them."""
    folder = Path(spec.origin).parent
    places = [folder, *list(folder.parents)[:2]]
    candidates = [place / EXAMPLES / f"{name}.json" for name in (_file_name(spec), spec.id) for place in places]
    return next((path for path in candidates if path.exists()), candidates[len(places)])


def orphans(examples: Iterable[Path], specs: Iterable[Spec]) -> list[Path]:
    """Examples that are of none of the specs, by their names."""
    known = {name for spec in specs for name in (_file_name(spec), spec.id)}
    return [path for path in examples if path.stem not in known]


def _file_name(spec: Spec) -> str:
    return re.sub(r"[^\w@. -]", "_", spec.full_id)
