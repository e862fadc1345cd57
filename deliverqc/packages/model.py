"""What the XML documents of a package say, as values; opens no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from pathlib import Path

PICTURE, SOUND, SUBTITLE, CLOSED_CAPTION, AUX, OTHER = "picture", "sound", "subtitle", "closed_caption", "aux", "other"
DECODED_KINDS = (PICTURE, SOUND)
"""Kinds of tracks that are decoded; of the others only hash and size are compared."""

TEXT_KINDS = (SUBTITLE, CLOSED_CAPTION)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What keeps a document from being read as its standard asks; `line` is None where it is not about one."""

    file: str
    line: int | None
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """An id as it is written in `file`, and where."""

    text: str
    file: str
    line: int | None

    @property
    def key(self) -> str:
        """What equal ids have in common: without urn:uuid:, in lower case."""
        return key_of(self.text)


def key_of(text: str) -> str:
    """An id without urn:uuid: and in lower case, in which writers differ."""
    return text.strip().lower().removeprefix("urn:uuid:")


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageTag:
    """A language tag as it is written in `file`, and where; `line` is None in a track file."""

    text: str
    file: str
    line: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedAsset:
    """One asset of the asset map. `path` is as written. `file` is where it leads, inside the folder, whether or not a
    file is there; None where `refusal` says why it is not followed. `length_bytes`: Length of its chunk, None where it
    is not a whole number. `chunk_faults`: what volume and offset of the chunk are that they may not be."""

    identity: Identity
    path: str
    is_packing_list: bool
    file: Path | None
    refusal: str | None
    length_bytes: int | None = None
    chunk_faults: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        return self.file is not None and self.file.is_file()


@dataclass(frozen=True, kw_only=True)
class AssetMap:
    """What an asset map says. `volume_count`: None where it is not a whole number."""

    file_name: str
    namespace: str | None
    volume_count: int | None
    assets: tuple[MappedAsset, ...]

    @cached_property
    def by_key(self) -> Mapping[str, MappedAsset]:
        """The first asset of each id."""
        return {asset.identity.key: asset for asset in reversed(self.assets)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """A certificate in the signature of `file`. `subject`: its common name."""

    file: str
    subject: str
    serial_number: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """A signature that a document carries, and what came of verifying it.

    `method`: its algorithm, `rsa-sha256`; `other:<URI>` for one we do not know; None where the document names a signer
    and carries no signature. `faults`: why it does not hold;
    `is_verified` is false where that is not known in full, because it uses what is not computed here. `chain_faults`:
    what is wrong with its certificates. `signed_at`: the issue date of the document; None where that is not a date.
    """

    method: str | None
    faults: tuple[Fault, ...]
    is_verified: bool
    chain_faults: tuple[ChainFault, ...]
    certificates: tuple[Certificate, ...]
    signed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainFault:
    """What is wrong with the certificate of that subject in the signature of `file`."""

    file: str
    subject: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedAsset:
    """One asset of a packing list. `sha1`: as written; `size_bytes`: None where it is not a whole number. `faults`:
    what is wrong with hash and size as they are written. `is_sha1`: no other algorithm is named. `type`: as written."""

    identity: Identity
    sha1: str
    size_bytes: int | None
    is_sha1: bool
    faults: tuple[str, ...]
    type: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PackingList:
    file_name: str
    identity: Identity
    namespace: str | None
    annotation_text: str | None
    signature: Signature | None
    assets: tuple[ListedAsset, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """A use of a track file in one reel (DCP) or segment (IMF): `element` is the name in the composition.

    `source_encoding`: id of its essence descriptor in an IMF composition. Durations are in units of `edit_rate`.
    `entry_point`: None where it is not stated. `duration`: of one repetition.
    `sequence` joins the resources of one virtual track. `language`: as the composition states it of text in a DCP.
    `unread`: numbers that it states and that are not whole numbers.
    """

    element: str
    kind: str
    identity: Identity
    reel: int
    sequence: str
    edit_rate: Fraction | None
    intrinsic_duration: int | None
    entry_point: int | None
    duration: int | None
    repeat_count: int
    sha1: str | None
    is_encrypted: bool
    source_encoding: str | None = None
    language: str | None = None
    unread: tuple[str, ...] = ()

    @property
    def end(self) -> int | None:
        """First edit unit of the track file after the part that is used."""
        return None if self.duration is None else (self.entry_point or 0) + self.duration

    @property
    def duration_s(self) -> Fraction | None:
        """How long it lasts in the composition."""
        if self.duration is None or not self.edit_rate:
            return None
        return self.duration * self.repeat_count / self.edit_rate

    @property
    def is_whole(self) -> bool:
        """Whether the track file is used once, from its first edit unit to its last."""
        is_all = self.duration is not None and self.duration == self.intrinsic_duration
        return is_all and not self.entry_point and self.repeat_count == 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Marker:
    """`offset`: in edit units of the reel, as written; None where it is no whole number. `duration`: of the resource
    that holds it, in the same units; None where it is not stated."""

    label: str
    reel: int
    offset: int | None
    duration: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reel:
    """A reel of a DCP, or a segment of an IMF composition."""

    number: int
    identity: Identity | None
    tracks: tuple[Track, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """A set of an essence descriptor: values by the names of items. `unread`: items whose values are not known, because
    no register has them or their type is not read. `subs`: its sub-descriptors."""

    name: str
    values: Mapping[str, str]
    unread: tuple[str, ...] = ()
    subs: tuple[Described, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Composition:
    """One composition playlist. `version_number` and what follows it are of the CompositionMetadataAsset (ST 429-16):
    None where it, or the element, is not there. `applications` (URIs) and what follows are of IMF compositions.
    `descriptors`: the elements of its EssenceDescriptorList, by their ids without urn:uuid:. `max_cll` and `max_fall`:
    as its properties state them, in cd/m². `locale_languages`: of its LocaleList. `is_dolby_vision`: a DCP has Dolby's
    extension metadata. `issued`: its IssueDate in UTC; None where that is not a date. `reference_faults` and
    `timecode_faults`: of IMF, as `references.py` finds them; the latter None where it states no timecode."""

    file_name: str
    identity: Identity
    namespace: str | None
    title: str
    annotation_text: str | None
    content_kind: str | None
    content_kind_scope: str | None
    signature: Signature | None
    reels: tuple[Reel, ...]
    markers: tuple[Marker, ...]
    version_number: int | None = None
    constraints_profile: str | None = None
    sound_configuration: str | None = None
    active_width_px: int | None = None
    active_height_px: int | None = None
    is_imf: bool = False
    applications: tuple[str, ...] = ()
    edit_rate: Fraction | None = None
    descriptors: Mapping[str, Described | None] = field(default_factory=dict)
    max_cll: str | None = None
    max_fall: str | None = None
    locale_languages: tuple[str, ...] = ()
    is_dolby_vision: bool = False
    issued: datetime | None = None
    reference_faults: tuple[Fault, ...] = ()
    timecode_faults: tuple[Fault, ...] | None = None

    @property
    def tracks(self) -> Iterator[Track]:
        for reel in self.reels:
            yield from reel.tracks


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A folder with an asset map. `foreign`: files that no document names; None where there are too many files to
    look at. `originals`: packages that were given with this one, in which assets are looked for that it lacks.
    `language_tags`: of packing lists and compositions."""

    folder: Path
    asset_map: AssetMap
    volume_index_name: str | None
    packing_lists: tuple[PackingList, ...]
    compositions: tuple[Composition, ...]
    faults: tuple[Fault, ...]
    foreign: tuple[str, ...] | None
    identities: tuple[Identity, ...] = field(default=())
    unknown_namespaces: tuple[str, ...] = ()
    originals: tuple[Package, ...] = ()
    language_tags: tuple[LanguageTag, ...] = ()

    def holder_of(self, key: str) -> Package | None:
        """The package whose asset map has the asset: this one, else the first original that does."""
        return next((one for one in (self, *self.originals) if key in one.asset_map.by_key), None)

    def mapped(self, key: str) -> MappedAsset | None:
        """The asset in the asset map of this package, else of an original; None where none has it."""
        holder = self.holder_of(key)
        return None if holder is None else holder.asset_map.by_key[key]

    def file_of(self, track: Track) -> Path | None:
        """The file of a track that an asset map leads to and that is there; None where there is none."""
        mapped = self.mapped(track.identity.key)
        return mapped.file if mapped is not None and mapped.is_there else None

    def borrowed(self) -> Iterator[tuple[Package, MappedAsset]]:
        """Assets that its compositions use and that are in an original, with that original, each once."""
        seen = set()
        for track in (track for one in self.compositions for track in one.tracks):
            holder = self.holder_of(track.identity.key)
            if holder is not None and holder is not self and track.identity.key not in seen:
                seen.add(track.identity.key)
                yield holder, holder.asset_map.by_key[track.identity.key]

    def name_of(self, mapped: MappedAsset) -> str:
        """Path of an asset as its asset map gives it; behind the folder of the original that has it."""
        holder = self.holder_of(mapped.identity.key)
        return mapped.path if holder is None or holder is self else f"{holder.folder.name}/{mapped.path}"
