"""Pins specs by id, edition, revision and SHA-256, and refuses what is not as pinned; judges no facts.

A lock pins every spec in use with all that counts in its verdict: what it extends, the members of a family, the
integrity clauses, and common sense. The SHA-256 of a spec is that of the resolved document, which verdicts record as
`provenance.spec_sha256`, so spaces and line ends in a file do not matter.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deliverqc.errors import SpecError, UsageError
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import INTEGRITY_ID, Family, Spec
from deliverqc.speclang.problem import nearest
from deliverqc.speclang.read import read_json

LOCK_FILE = "specs.lock"
LOCK_VERSION = 1
_LARGEST_BYTES = 4 * 1024 * 1024  # a lock of ten thousand specs has less; a master that was taken for one has more
_SPEC_KEYS: Mapping[str, type] = {"id": str, "edition": str, "revision": int, "sha256": str}
_FAMILY_KEYS: Mapping[str, type] = {"id": str, "sha256": str}
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """What is pinned: the SHA-256 by `id@edition.rN` of specs, and by id of families. `origin` is its file, `sha256`
    that of the file."""

    specs: Mapping[str, str]
    families: Mapping[str, str]
    origin: str = LOCK_FILE
    sha256: str = ""

    def revisions(self, spec_id: str) -> tuple[str, ...]:
        """Every `id@edition.rN` of one spec that is pinned."""
        return tuple(name for name in self.specs if name.partition("@")[0] == spec_id)


def lock_text(library: SpecLibrary, chosen: Sequence[Spec | Family]) -> str:
    """The text of a lock of these specs and families, sorted by name. SpecError where two different ones have the same
    name."""
    specs: dict[str, dict[str, Any]] = {}
    for spec in _in_use(library, chosen):
        entry = {"id": spec.id, "edition": spec.edition, "revision": spec.revision, "sha256": spec.sha256}
        if specs.setdefault(spec.full_id, entry) != entry:
            message = f"two different specs are {spec.full_id}, one of them {spec.origin}. Give one another revision."
            raise SpecError(message, code="spec-twice")
    families = {one.id: {"id": one.id, "sha256": _digest_of(one)} for one in chosen if isinstance(one, Family)}
    document = {
        "lock_version": LOCK_VERSION,
        "specs": [specs[name] for name in sorted(specs)],
        "families": [families[name] for name in sorted(families)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def load_lock(path: Path) -> Lock:
    """Read a lock. UsageError where there is none, or the file is not a lock."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise _not_a_lock(path, "it is too large for one")
        content = path.read_bytes()
    except FileNotFoundError as error:
        message = f"There is no lock {path}. Make it with `deliverqc spec lock SPEC... -o {path}`."
        raise UsageError(message, code="missing-path") from error
    except OSError as error:
        raise UsageError(f"The lock {path} cannot be read: {error.strerror}.", code="unreadable") from error
    try:
        document = read_json(path)
    except SpecError as error:
        raise _not_a_lock(path, "it is not JSON") from error
    if not isinstance(document, dict) or document.get("lock_version") != LOCK_VERSION:
        raise _not_a_lock(path, f'it has no "lock_version": {LOCK_VERSION}')
    specs = _pins(path, document, "specs", _SPEC_KEYS)
    families = _pins(path, document, "families", _FAMILY_KEYS)
    return Lock(
        specs=_by_name(path, ((f"{one['id']}@{one['edition']}.r{one['revision']}", one["sha256"]) for one in specs)),
        families=_by_name(path, ((one["id"], one["sha256"]) for one in families)),
        origin=str(path),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def require_locked(lock: Lock, library: SpecLibrary, chosen: Sequence[Spec | Family]) -> None:
    """Refuse specs and families that the lock does not pin, or that are not as pinned: SpecError names each, and what
    to do."""
    refused: dict[str, str] = {}
    for family in (one for one in chosen if isinstance(one, Family)):
        _hold_family(family, lock, refused)
    for spec in reversed(_in_use(library, chosen)):  # what others rest on comes first
        _hold_spec(spec, lock, library, refused)
    if not refused:
        return
    listed = "".join(f"\n  {sentence}" for sentence in refused.values())
    raise SpecError(
        f"{lock.origin} does not allow this check:{listed}\n"
        f"If the new state is right, pin it: `deliverqc spec lock SPEC... -o {lock.origin}`, and commit that file.",
        code="spec-not-locked",
    )


def _in_use(library: SpecLibrary, chosen: Sequence[Spec | Family]) -> list[Spec]:
    """Every spec that counts in a verdict by the chosen ones, each before what it extends; integrity comes last."""
    found: list[Spec] = []
    for one in chosen:
        for spec in library.members(one) if isinstance(one, Family) else [one]:
            found += [spec, *_bases(library, spec)]
    return _once([*found, library.common_sense, library.integrity])


def _bases(library: SpecLibrary, spec: Spec) -> Iterator[Spec]:
    """What a spec extends, as far as the library reaches: of one that was loaded elsewhere, its own SHA-256 holds."""
    for base in spec.bases:
        try:
            yield library.load(base.full_id)
        except SpecError:
            continue


def _once(specs: Sequence[Spec]) -> list[Spec]:
    """Each spec once, at the last place where it is named: behind all that rest on it."""
    last = {(spec.full_id, spec.sha256): spec for spec in reversed(specs)}
    return list(reversed(last.values()))


def _hold_family(family: Family, lock: Lock, refused: dict[str, str]) -> None:
    pinned = lock.families.get(family.id)
    if pinned is None:
        refused[family.id] = f"the family {family.id} is not pinned{nearest(family.id, lock.families)}"
    elif pinned != _digest_of(family):
        refused[family.id] = (
            f"the family {family.id} changed ({family.origin}). Restore that file, or review its list of specs"
        )


def _hold_spec(spec: Spec, lock: Lock, library: SpecLibrary, refused: dict[str, str]) -> None:
    pinned, others = lock.specs.get(spec.full_id), lock.revisions(spec.id)
    if pinned == spec.sha256:
        return
    rests_on = [base.full_id for base in spec.bases if base.full_id in refused]
    rests_on += [name for name in refused if name.startswith(f"{INTEGRITY_ID}@")]
    if pinned is not None and rests_on:
        sentence = f"{spec.full_id} changed with {' and '.join(rests_on)}"
    elif pinned is not None:
        sentence = (
            f"{spec.full_id} changed: its SHA-256 is {spec.sha256[:12]}…, pinned is {pinned[:12]}… ({spec.origin}). "
            "Restore that file; a change needs a new revision"
        )
    elif others:
        sentence = (
            f"{spec.full_id} is not pinned; pinned is {', '.join(others)}. {_way_back(others[-1], spec, library)}"
        )
    else:
        ids = [name.partition("@")[0] for name in lock.specs]
        sentence = f"{spec.full_id} is not pinned{nearest(spec.id, ids)}"
    refused[spec.full_id] = sentence


def _way_back(pinned: str, spec: Spec, library: SpecLibrary) -> str:
    if pinned in library.revisions(spec.id):
        return f"Use --spec {pinned} to stay with it; `deliverqc spec diff {pinned} {spec.full_id}` shows what changed"
    return "That revision is not within reach: it came with another version of deliverqc, or its file is gone"


def _digest_of(family: Family) -> str:
    stated = {"id": family.id, "title": family.title, "specs": family.specs, "when_none_fits": family.when_none_fits}
    return hashlib.sha256(json.dumps(stated, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _pins(path: Path, document: Mapping[str, Any], key: str, keys: Mapping[str, type]) -> list[dict[str, Any]]:
    entries = document.get(key)
    if not isinstance(entries, list):
        raise _not_a_lock(path, f'"{key}" is not a list')
    for i, entry in enumerate(entries):
        is_whole = isinstance(entry, dict) and all(type(entry.get(name)) is kind for name, kind in keys.items())
        if not is_whole or not _DIGEST.fullmatch(entry["sha256"]):
            raise _not_a_lock(path, f"/{key}/{i} needs {', '.join(keys)}")
    return entries


def _by_name(path: Path, pins: Iterator[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, digest in pins:
        if found.setdefault(name, digest) != digest:
            raise _not_a_lock(path, f"it pins {name} twice, and differently")
    return found


def _not_a_lock(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path} is not a lock: {why}. Write --locked={LOCK_FILE}, or --locked at the end of the line; "
        f"`deliverqc spec lock SPEC... -o {LOCK_FILE}` makes one.",
        code="not-a-lock",
    )
