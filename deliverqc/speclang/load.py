"""Finds spec files, reads them strictly and resolves what they extend; judges nothing and reads no environment."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from deliverqc.errors import SpecError
from deliverqc.facts.model import Fact, Registry
from deliverqc.plug_ins import Group, load_plug_ins
from deliverqc.speclang.citations import with_sources
from deliverqc.speclang.demands import written_out
from deliverqc.speclang.extend import Merged, Written, laid_over, without_refs, wrong
from deliverqc.speclang.lint import CLAUSE_KEYWORDS, lint, rules
from deliverqc.speclang.lint_deliverable import thin
from deliverqc.speclang.model import (
    COMMON_SENSE_ID,
    INTEGRITY_ID,
    Base,
    Basis,
    Clause,
    Essence,
    Family,
    NullRule,
    Spec,
    Unit,
)
from deliverqc.speclang.problem import Problem, Severity, error, nearest
from deliverqc.speclang.read import read_json
from deliverqc.speclang.stated import stated_in
from deliverqc.verdict import Level

FAMILY_SUFFIX = ".family.json"
_FAMILY_KEYS = {"id": str, "title": str, "specs": list, "when_none_fits": str}
EXAMPLES = "examples"
LINTED_FILE = "LINTED.sha256"
_OLD = "old"  # the folder of revisions that are found by edition and revision only
_REFERENCE = re.compile(r"(?P<id>[^@]+)(?:@(?P<edition>.+?)(?:\.r(?P<revision>\d+))?)?")
_SHOWN_PROBLEMS = 5
_DEEPEST_EXTENDS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A spec document as it was read, before anything is resolved."""

    path: Path
    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.document["x-spec"].get("id"))

    @property
    def edition(self) -> str:
        return str(self.document["x-spec"].get("edition"))

    @property
    def revision(self) -> int:
        revision = self.document["x-spec"].get("revision")
        return revision if isinstance(revision, int) else 0

    @property
    def aliases(self) -> tuple[str, ...]:
        aliases = self.document["x-spec"].get("aliases", ())
        return tuple(alias for alias in aliases if isinstance(alias, str)) if isinstance(aliases, list) else ()

    @property
    def full_id(self) -> str:
        return f"{self.id}@{self.edition}.r{self.revision}"

    @property
    def is_old(self) -> bool:
        return self.path.parent.name == _OLD

    @property
    def age(self) -> tuple[Any, ...]:
        """Orders the revisions of one spec from oldest to newest; those that are kept as old come first."""
        return not self.is_old, _natural(self.edition), self.revision


def shipped_folder() -> Path:
    """The folder of the specs of this package: inside the wheel, or beside the package in a source checkout."""
    inside = Path(__file__).parents[1] / "specs"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "specs"


def _shipped_path(spec_id: str) -> Path:
    return shipped_folder() / f"{spec_id}.json"


def json_files(folder: Path) -> list[Path]:
    """The JSON files below a folder that may be specs or families: none of examples, none below a hidden folder."""
    found = ((path, path.relative_to(folder).parts) for path in folder.rglob("*.json"))
    return sorted(
        path for path, parts in found if EXAMPLES not in parts and not any(part.startswith(".") for part in parts)
    )


def is_spec_document(document: object) -> bool:
    """Whether a JSON document says that it is a spec."""
    return isinstance(document, dict) and isinstance(document.get("x-spec"), dict)


@dataclass(kw_only=False)
class SpecLibrary:
    """All specs within reach: those in `paths` (files or folders), those of plug-ins, and the shipped ones; what they
    can speak of is in the `registry`.

    Nothing is read before it is asked for. A file within reach that is no JSON is an error, for it may be the one that
    is meant.
    """

    registry: Registry
    paths: Sequence[Path] = ()
    _loaded: dict[Path, Spec] = field(default_factory=dict, repr=False)

    def resolve(self, name: str) -> Spec | Family:
        """The family or spec of that name; SpecError lists the nearest names."""
        if name in self._families or name.endswith(FAMILY_SUFFIX):
            return self.load_family(name)
        return self.load(name)

    def load(self, name: str) -> Spec:
        """The spec of an id, `id@edition`, `id@edition.rN`, an alias or the path of a .json file.

        Without edition and revision the newest is meant that is not in a folder `old`. SpecError where it is unknown,
        broken, or asks for what does not exist.
        """
        file = self._file(name)
        if file.path not in self._loaded:
            self._loaded[file.path] = self._resolved_once(file)
        return self._loaded[file.path]

    def from_document(self, document: Mapping[str, Any], origin: str) -> Spec:
        """The spec of a document that is in no file; `origin` is how errors call it. SpecError as `load`."""
        return self._resolved(_File(path=Path(origin), document=document))

    def load_family(self, name: str) -> Family:
        """The family of an id or the path of a .family.json file; its specs are loaded by `members`."""
        if name.endswith(FAMILY_SUFFIX):
            return _family(Path(name))
        if name not in self._families:
            raise SpecError(f"there is no family {name!r}{nearest(name, self._families)}", code="spec-unknown")
        return self._families[name]

    def members(self, family: Family) -> tuple[Spec, ...]:
        """The specs of a family, in its order."""
        return tuple(self.load(name) for name in family.specs)

    def ids(self) -> tuple[str, ...]:
        """Ids of all specs and families within reach, sorted."""
        return tuple(sorted(self._current | set(self._families)))

    def all(self) -> tuple[Spec, ...]:
        """Every spec within reach in its newest edition and revision, by id."""
        return tuple(self.load(spec_id) for spec_id in sorted(self._current))

    def names(self) -> tuple[str, ...]:
        """What names each edition and revision within reach: the id for the newest, `id@edition.rN` for the others."""
        newest = {spec_id: self._file(spec_id).full_id for spec_id in self._current}
        files = sorted(self._files, key=lambda file: (file.id, file.age))
        return tuple(file.id if newest.get(file.id) == file.full_id else file.full_id for file in files)

    def revisions(self, spec_id: str) -> tuple[str, ...]:
        """Every `id@edition.rN` of one spec within reach, from oldest to newest."""
        files = sorted((file for file in self._files if file.id == spec_id), key=lambda file: file.age)
        return tuple(file.full_id for file in files)

    def families(self) -> tuple[Family, ...]:
        """Every family within reach, by id."""
        return tuple(self._families[name] for name in sorted(self._families))

    def problems(self, name: str, *, shipped: bool = False) -> tuple[Problem, ...]:
        """All that the linter finds in one spec, and what cannot be resolved in it. SpecError where it is no JSON.

        An old revision stays as it was, so it is not held to facts that came later; what it extends is named exactly.
        """
        file = self._file(name)
        found = lint(file.document, shipped=shipped and not file.is_old, registry=self.registry)
        extends = file.document.get("x-extends")
        base = str(extends.get("spec")) if isinstance(extends, dict) else None
        if file.is_old and base is not None and re.fullmatch(r"[^@]+@.+\.r\d+", base) is None:
            message = f"an old revision extends {base!r}, which changes; name it exactly, as id@edition.rN"
            found += (error("loose-extension", "/x-extends/spec", message),)
        if not any(problem.severity is Severity.ERROR for problem in found):
            try:
                found += self._thin(file, shipped=shipped)
            except SpecError as refusal:
                found += (error("unresolved-extension", "/x-extends", refusal.message),)
        return found

    def _thin(self, file: _File, *, shipped: bool) -> tuple[Problem, ...]:
        spec = self._resolved(file)
        if file.is_old:
            return ()
        return tuple(thin(spec, shipped=shipped, inherits_scope="scope" not in file.document["x-spec"]))

    def __getstate__(self) -> dict[str, Any]:
        return {"registry": self.registry, "paths": self.paths, "_loaded": self._loaded}

    @cached_property
    def _files(self) -> tuple[_File, ...]:
        found: dict[str, _File] = {}
        for path in self._json_paths(families=False):
            document = _read(path)
            if not is_spec_document(document):
                continue
            file = _File(path=path, document=document)
            other = found.setdefault(file.full_id, file)
            if other.document != file.document:
                raise SpecError(
                    f"{other.path} and {path} both say that they are {file.full_id}, and differ."
                    " Give one of them another id or revision.",
                    code="spec-twice",
                )
            if file.id == INTEGRITY_ID and document != _read(_shipped_path(INTEGRITY_ID)):
                raise SpecError(
                    f"{path} takes the id {INTEGRITY_ID}, which only deliverqc has. Choose another.",
                    code="spec-invalid",
                )
        return tuple(found.values())

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[_File]]:
        """The files of an id; of an alias where no spec has it as its id."""
        ids: dict[str, list[_File]] = {}
        aliases: dict[str, list[_File]] = {}
        for file in self._files:
            ids.setdefault(file.id, []).append(file)
            for alias in dict.fromkeys(file.aliases):
                aliases.setdefault(alias, []).append(file)
        return {**aliases, **ids}

    @cached_property
    def _current(self) -> frozenset[str]:
        return frozenset(file.id for file in self._files if not file.is_old)

    @cached_property
    def _plain_names(self) -> frozenset[str]:
        """Ids and aliases that name a spec without edition, and families."""
        aliases = {alias for file in self._files if not file.is_old for alias in file.aliases}
        return self._current | aliases | set(self._families)

    @cached_property
    def _families(self) -> Mapping[str, Family]:
        families: dict[str, Family] = {}
        for path in self._json_paths(families=True):
            family = _family(path)
            if family.id in families and families[family.id].specs != family.specs:
                raise SpecError(
                    f"{families[family.id].origin} and {path} are both the family {family.id}", code="spec-twice"
                )
            families.setdefault(family.id, family)
        return families

    def _json_paths(self, *, families: bool) -> Iterator[Path]:
        return (path for path in self._within_reach if path.name.endswith(FAMILY_SUFFIX) is families)

    @cached_property
    def _within_reach(self) -> tuple[Path, ...]:
        places = (*self.paths, *self._plug_in_places, shipped_folder())
        return tuple(path for place in places for path in (json_files(place) if place.is_dir() else [place]))

    def _file(self, name: str) -> _File:
        if name.endswith(".json"):
            document = read_json(Path(name))
            if not is_spec_document(document):
                raise SpecError(
                    f'{name} is no spec: it has no "x-spec" object. docs/writing-a-spec.md shows one.',
                    code="spec-invalid",
                )
            return _File(path=Path(name), document=document)
        alone = self._shipped_file(name)
        if alone is not None:
            return alone
        match = _REFERENCE.fullmatch(name)
        files = list(self._by_name.get(match["id"], ())) if match is not None else []
        ids = {file.id for file in files}
        if len(ids) > 1:
            raise SpecError(
                f"{name!r} is an alias of several specs: {', '.join(sorted(ids))}. Write the id.", code="spec-ambiguous"
            )
        found = files
        if match is not None and match["edition"]:
            files = [file for file in files if _is_meant(file, match["edition"], match["revision"])]
        else:
            files = [file for file in files if not file.is_old]
        if not files and found and match is not None and not match["edition"]:
            raise self._withdrawn(name, found)
        if not files:
            raise _no_such_edition(name, found) if found else self._unknown(name)
        return max(files, key=lambda file: file.age)

    def _shipped_file(self, name: str) -> _File | None:
        """The shipped spec whose file has its id for a name; no other file is read where only these are in reach."""
        if not self._is_shipped_alone:
            return None
        paths = [path for path in self._within_reach if path.name == f"{name}.json" and path.parent.name != _OLD]
        document = _read(paths[0]) if len(paths) == 1 else None
        if document is None or not is_spec_document(document) or document["x-spec"].get("id") != name:
            return None
        return _File(path=paths[0], document=document)

    def _unknown(self, name: str) -> SpecError:
        if name in self._families:
            members = ", ".join(self._families[name].specs)
            return SpecError(f"{name!r} is a family of specs; name one of them: {members}", code="spec-unknown")
        hint = (
            nearest(name, self._plain_names | {file.full_id for file in self._files})
            or ". `deliverqc spec list` lists them"
        )
        return SpecError(f"there is no spec {name!r}{hint}", code="spec-unknown")

    def _withdrawn(self, name: str, found: Sequence[_File]) -> SpecError:
        """Of a spec whose revisions are all old: what is meant now, and how the old ones are named."""
        hint = nearest(name, self._plain_names) or "."
        kept = ", ".join(file.full_id for file in sorted(found, key=lambda file: file.age))
        return SpecError(f"{name!r} was withdrawn{hint} Old revisions: {kept}", code="spec-unknown")

    def _resolved_once(self, file: _File) -> Spec:
        """The spec of a file; one for all libraries of a process that hold shipped files and no others."""
        if not (self._is_shipped_alone and file.path.is_relative_to(shipped_folder())):
            return self._resolved(file)
        extended = itertools.islice(self._extended(file), _DEEPEST_EXTENDS)
        integrity = _File(path=_shipped_path(INTEGRITY_ID), document=_read(_shipped_path(INTEGRITY_ID)))
        files = (file, *extended, integrity)
        key = (id(self.registry), *(id(one.document) for one in files))
        if key not in _resolved_specs:
            _resolved_specs[key] = (self._resolved(file), self.registry, files)
        return _resolved_specs[key][0]

    @cached_property
    def _is_shipped_alone(self) -> bool:
        return not self.paths and not self._plug_in_places

    @cached_property
    def _plug_in_places(self) -> tuple[Path, ...]:
        return tuple(_plug_in_folders())

    def _resolved(self, file: _File) -> Spec:
        document, clauses = self._merged(file, ())
        if file.id != INTEGRITY_ID:
            essence = _essence(document)
            counted = [one for one in self.integrity.document["allOf"] if essence.is_bound_by(one["$anchor"])]
            clauses = [*((clause, INTEGRITY_ID) for clause in counted), *clauses]
        document |= {"allOf": [clause for clause, _ in clauses]}
        return replace(_spec(document, clauses, str(file.path), self.registry.facts), bases=tuple(self._bases(file)))

    def _bases(self, file: _File) -> Iterator[Base]:
        """What a file extends, the nearest first; `_merged` has refused circles."""
        for base in self._extended(file):
            yield Base(id=base.id, full_id=base.full_id, read_on=base.document["x-spec"].get("read_on"))

    def _extended(self, file: _File) -> Iterator[_File]:
        """The files that a file extends, the nearest first; without end where they go in a circle."""
        while "x-extends" in file.document:
            file = self._file(file.document["x-extends"]["spec"])
            yield file

    @property
    def integrity(self) -> Spec:
        """The spec that every other one extends implicitly, always the shipped one."""
        return self._shipped(INTEGRITY_ID)

    @property
    def common_sense(self) -> Spec:
        """The spec that is judged next to every other one, always the shipped one."""
        return self._shipped(COMMON_SENSE_ID)

    def _shipped(self, spec_id: str) -> Spec:
        path = _shipped_path(spec_id)
        if path not in self._loaded:
            self._loaded[path] = self._resolved(_File(path=path, document=_read(path)))
        return self._loaded[path]

    def _merged(self, file: _File, through: tuple[str, ...]) -> Merged:
        if not _is_linted(file.path):
            _refuse_errors(file, self.registry)
        document = with_sources(file.document)
        defs = document.pop("$defs", {})
        clauses = (written_out(clause, self.registry.facts) for clause in document.get("allOf", ()))
        own = [(without_refs(clause, defs), file.id) for clause in clauses]
        if "x-manual" in document:
            document["x-manual"] = without_refs(document["x-manual"], defs)
        if "x-applies" in document:
            document["x-applies"] = without_refs(document["x-applies"], defs)
        if "x-extends" not in document:
            return document, own
        if file.full_id in through or len(through) >= _DEEPEST_EXTENDS:
            raise wrong(str(file.path), f"extends itself by way of {', '.join(through)}")
        base_name = document["x-extends"]["spec"]
        base_file = self._file(base_name)
        if base_file.id == INTEGRITY_ID:
            raise wrong(str(file.path), f"every spec extends {INTEGRITY_ID} already; drop x-extends")
        return laid_over(document, own, self._merged(base_file, (*through, file.full_id)), str(file.path))


_resolved_specs: dict[tuple[int, ...], tuple[Spec, Registry, tuple[_File, ...]]] = {}
"""Specs by the identity of the registry and of the documents, which are kept with them so that no other takes it."""


def linted_digests(folder: Path, registry: Registry) -> str:
    """What `LINTED.sha256` of that folder of shipped specs is to hold: path and SHA-256, as sha256sum writes them, of
    every spec in which the rules find no error. A run takes those as they are, which saves it 0.05 s.
    """
    documents = {path: read_json(path) for path in sorted(folder.rglob("*.json"))}
    clean = [
        path
        for path, document in documents.items()
        if isinstance(document, dict)
        and "x-spec" in document
        and not any(one.severity is Severity.ERROR for one in rules(document, shipped=False, registry=registry))
    ]
    return "".join(f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in clean)


def _is_linted(path: Path) -> bool:
    """Whether the rules found no error in this very file, byte by byte, when it was shipped."""
    folder = shipped_folder()
    return path.is_relative_to(folder) and _linted(folder).get(path.relative_to(folder).as_posix()) == _digest(path)


@cache
def _linted(folder: Path) -> Mapping[str, str]:
    listed = folder / LINTED_FILE
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else ()
    return {path: digest for digest, _, path in (line.partition("  ") for line in lines)}


def _read(path: Path) -> Any:  # noqa: ANN401
    """The JSON of a spec or family. A process reads a shipped one once while its time and size stay; nobody writes into
    what was read."""
    if not path.is_relative_to(shipped_folder()):
        return read_json(path)
    status = path.stat()
    return _read_at(path, status.st_mtime_ns, status.st_size)


@cache
def _read_at(path: Path, _changed_ns: int, _size_bytes: int) -> Any:  # noqa: ANN401
    return read_json(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _no_such_edition(name: str, found: Sequence[_File]) -> SpecError:
    there = [f"{file.full_id}{' (old)' if file.is_old else ''}" for file in sorted(found, key=lambda file: file.age)]
    return SpecError(f"there is no {name!r}; there is: {', '.join(there)}", code="spec-unknown")


def _is_meant(file: _File, edition: str, revision: str | None) -> bool:
    if revision is None:
        return file.edition == edition
    return (file.edition == edition and file.revision == int(revision)) or file.edition == f"{edition}.r{revision}"


def _natural(edition: str) -> tuple[tuple[int, str], ...]:
    """Orders editions as a reader does: 9.1 before 9.10, 5.0 (2023) after 4.0 (2020)."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", edition))


def _plug_in_folders() -> Iterator[Path]:
    """The folders that plug-ins name, by a path or by the module next to the spec files."""
    for plug_in, given in load_plug_ins(Group.SPECS):
        folder = Path(given) if isinstance(given, str | Path) else Path(str(getattr(given, "__file__", None))).parent
        if not folder.is_dir() or folder == Path():
            raise plug_in.refusal(f"it names {str(given)!r}, which is not a folder of specs")
        yield folder


def _family(path: Path) -> Family:
    document = _read(path)
    is_whole = isinstance(document, dict) and set(document) == set(_FAMILY_KEYS)
    if not is_whole or not all(isinstance(document[key], kind) and document[key] for key, kind in _FAMILY_KEYS.items()):
        raise SpecError(
            f'{path} is no family; it has: "id", "title", "specs" (ids in order) and "when_none_fits"',
            code="spec-invalid",
        )
    return Family(
        id=document["id"],
        title=document["title"],
        specs=tuple(str(spec) for spec in document["specs"]),
        when_none_fits=document["when_none_fits"],
        origin=str(path),
    )


def _refuse_errors(file: _File, registry: Registry) -> None:
    found = rules(file.document, shipped=False, registry=registry)
    errors = [problem for problem in found if problem.severity is Severity.ERROR]
    if not errors:
        return
    told = [
        f"{_clause_of(problem.pointer, file.document)}{problem.pointer or '/'}: {problem.message}" for problem in errors
    ]
    more = f"\n  and {len(told) - _SHOWN_PROBLEMS} more" if len(told) > _SHOWN_PROBLEMS else ""
    listed = "".join(f"\n  {one}" for one in told[:_SHOWN_PROBLEMS])
    raise SpecError(f"{file.path} is no valid spec:{listed}{more}", code="spec-invalid")


def _clause_of(pointer: str, document: Mapping[str, Any]) -> str:
    match = re.match(r"/allOf/(\d+)", pointer)
    clause = document["allOf"][int(match[1])] if match is not None else None
    return f"clause {clause['$anchor']!r}, at " if isinstance(clause, dict) and "$anchor" in clause else "at "


def _spec(document: Mapping[str, Any], clauses: Sequence[Written], origin: str, registry: Mapping[str, Fact]) -> Spec:
    about = document["x-spec"]
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Spec(
        id=about["id"],
        edition=about["edition"],
        revision=about["revision"],
        title=document["title"],
        publisher=about.get("publisher"),
        kind=about.get("kind"),
        aliases=tuple(about.get("aliases", ())),
        advisory=about.get("advisory", False),
        confidence=about.get("confidence"),
        read_on=about.get("read_on"),
        clauses=(
            *(_clause(clause, written_in, registry) for clause, written_in in clauses),
            *(_awaited(item, about["id"]) for item in document.get("x-manual", ()) if "x-awaits" in item),
        ),
        settings=document.get("x-settings", {}),
        manual=tuple(item for item in document.get("x-manual", ()) if "x-awaits" not in item),
        expects=tuple(document.get("x-expects", ())),
        applies=document.get("x-applies"),
        unit=Unit(document.get("x-unit", Unit.FILE)),
        essence=_essence(document),
        scope=tuple(about.get("scope", ())),
        document=document,
        defs={},
        sha256=hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest(),
        origin=origin,
        registry=registry,
    )


def _clause(clause: Mapping[str, Any], spec_id: str, registry: Mapping[str, Fact]) -> Clause:
    schema = {key: value for key, value in clause.items() if key not in CLAUSE_KEYWORDS and key != "$comment"}
    return Clause(
        id=clause["$anchor"],
        title=clause["title"],
        level=Level(clause["x-level"]),
        source=clause["x-source"],
        schema=schema,
        spec_id=spec_id,
        why=clause.get("x-why"),
        remedy=clause.get("x-remedy"),
        severity=clause.get("x-severity"),
        basis=Basis(clause.get("x-basis", Basis.DEMANDED)),
        stated=stated_in(clause, schema, registry),
        null_rule=NullRule(clause["x-null"]) if "x-null" in clause else None,
    )


def _awaited(item: Mapping[str, Any], spec_id: str) -> Clause:
    return Clause(
        id=item["id"],
        title=item["title"],
        level=Level(item.get("x-level", Level.SHALL)),
        source=item["x-source"],
        schema={"if": item["if"]} if "if" in item else {},
        spec_id=spec_id,
        why=item.get("x-why"),
        remedy=item.get("x-remedy"),
        awaits=item["x-awaits"],
    )


def _essence(document: Mapping[str, Any]) -> Essence:
    stated = document["x-spec"].get("essence", {})
    default = Essence()
    return Essence(
        holds=frozenset(stated.get("holds", default.holds)),
        may_be_black=stated.get("may_be_black", default.may_be_black),
        may_be_silent=stated.get("may_be_silent", default.may_be_silent),
        is_stated="holds" in stated,
    )
