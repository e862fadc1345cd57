"""Says what came of verifying the signatures of a package, as facts; verifies nothing and knows no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from deliverqc.facts.model import Facts
from deliverqc.packages.model import Certificate, Signature


def signature_facts(signatures: Sequence[Signature | None]) -> Facts:
    """Facts of the signatures of a composition and of the packing lists; None for a document without one."""
    found = [one for one in signatures if one is not None]
    facts: Facts = {
        "package.is_signed": all(one is not None and one.method is not None for one in signatures),
        "package.signature_methods": list(dict.fromkeys(one.method for one in found if one.method is not None)),
        "package.certificate_errors": [
            {"file": fault.file, "subject": fault.subject, "message": fault.message}
            for one in found
            for fault in one.chain_faults
        ],
        "package.certificates": [
            _named(each) | {"serial_number": each.serial_number} for one in found for each in one.certificates
        ],
    }
    faults = [
        {"file": fault.file, "line": fault.line, "message": fault.message} for one in found for fault in one.faults
    ]
    if faults or all(one.is_verified for one in found):
        facts["package.signature_errors"] = faults
    if all(one.signed_at is not None for one in found):
        facts["package.certificates_invalid_at_issue"] = list(_invalid_at_issue(found))
    return facts


def _named(certificate: Certificate) -> dict[str, Any]:
    return {
        "file": certificate.file,
        "subject": certificate.subject,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
    }


def _invalid_at_issue(found: Sequence[Signature]) -> Iterator[dict[str, Any]]:
    for one in found:
        for each in one.certificates:
            if one.signed_at is not None and not each.not_before <= one.signed_at <= each.not_after:
                yield _named(each) | {"issued": one.signed_at.isoformat()}
