"""Reads the header partition of an MXF file and its metadata, once for all that ask what they state; knows no fact."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from deliverqc.probing.wrappers.mxf_klv import Metadata, Partition, find_header, read_metadata, read_partition
from deliverqc.probing.wrappers.mxf_packages import Packages, read_packages


@dataclass(frozen=True, kw_only=True)
class MxfHeader:
    """`partition`: the pack of the header partition, and `metadata` behind it. `footer`: the pack that the header
    leads to; None where there is none. `footer_metadata`: of the footer of a header that is open or incomplete; None
    where the header is complete, or the footer has none."""

    partition: Partition
    metadata: Metadata
    footer: Partition | None
    footer_metadata: Metadata | None

    @property
    def final_metadata(self) -> Metadata:
        """What the writer stated last."""
        return self.metadata if self.footer_metadata is None else self.footer_metadata

    @cached_property
    def packages(self) -> Packages:
        """Of the header's own metadata."""
        return read_packages(self.metadata)

    @cached_property
    def final_packages(self) -> Packages:
        return self.packages if self.footer_metadata is None else read_packages(self.footer_metadata)


def read_header(file: BinaryIO, size: int) -> MxfHeader | None:
    """The header of an MXF file; None where its partition pack is not there, or cut."""
    at = find_header(file)
    partition = None if at is None else read_partition(file, at)
    if partition is None:
        return None
    metadata = read_metadata(file, partition, size)
    footer = read_partition(file, partition.start + partition.footer) if partition.footer else None
    is_final = partition.is_open_or_incomplete and footer is not None and footer.metadata_bytes > 0
    return MxfHeader(
        partition=partition,
        metadata=metadata,
        footer=footer,
        footer_metadata=read_metadata(file, footer, size) if is_final and footer is not None else None,
    )
