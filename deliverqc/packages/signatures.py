"""Verifies the signature that a composition or a packing list carries (W3C XML Signature, as SMPTE ST 429-7 section
6.13 and ST 429-8 section 5.10 use it); knows no spec and no clock.

A signature that holds says that the document is as its signer left it. It does not say who the signer is.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from deliverqc.packages.certificates import (
    chain_faults,
    chain_of,
    described,
    is_name_of,
    named,
    read_certificates,
    serial_number,
)
from deliverqc.packages.documents import moment, read_whole
from deliverqc.packages.model import ChainFault, Fault, Signature
from deliverqc.packages.standards import INTEROP, standard_of
from deliverqc.safe_xml import child, namespace, text

if TYPE_CHECKING:
    from cryptography import x509

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_METHODS = {
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1": "rsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "rsa-sha256",
}
_DIGESTS = {
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_CANONICAL = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_CANONICALS = {_CANONICAL: False, f"{_CANONICAL}#WithComments": True}
"""Canonical XML 1.0, and whether it keeps comments."""

_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_XML = "{http://www.w3.org/XML/1998/namespace}"


@dataclass(slots=True)
class _Reading:
    """What is found of one signature. `unknown`: what it uses and is not computed here."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def fault(self, element: etree._Element | None, message: str) -> None:
        line = None if element is None else element.sourceline
        self.faults.append(Fault(file=self.file, line=line, message=message))


def read_signature(plain: etree._Element, path: Path | None, name: str) -> Signature | None:
    """The signature of a document, verified; None where it carries none, nor says that it does.

    `plain`: the root of the document. `path`: its file, which is read again, because comments count. `name`: what
    faults call it.
    """
    if path is None or not any(one.tag in (f"{_DS}Signature", _signer(plain)) for one in plain.iter()):
        return None
    root = read_whole(path, name)
    reading = _Reading(name)
    signed_at = moment(text(plain, "IssueDate"))
    if isinstance(root, Fault):
        reading.faults.append(root)
        return _made(reading, None, [], signed_at)
    found = root.find(f"{_DS}Signature")
    if found is None:
        reading.fault(root, "names a signer and carries no signature of the whole document")
        return _made(reading, None, [], signed_at)
    if len(list(root.iter(f"{_DS}Signature"))) > 1:
        reading.fault(found, "carries more than one signature")
    certificates, unread = read_certificates([one.text or "" for one in found.iter(f"{_DS}X509Certificate")])
    for fault in unread:
        reading.fault(found, fault)
    if certificates:
        _check_names(reading, root, found, certificates)
        _check_value(reading, found, certificates)
    elif not unread:
        reading.fault(found, "carries no certificate")
    _check_digests(reading, root, found)
    is_interop = standard_of([namespace(root)]) == INTEROP
    return _made(reading, found, certificates, signed_at, is_interop=is_interop)


def _made(
    reading: _Reading,
    found: etree._Element | None,
    certificates: Sequence[x509.Certificate],
    signed_at: datetime | None,
    *,
    is_interop: bool = False,
) -> Signature:
    method = _algorithm(found, "SignedInfo", "SignatureMethod")
    faults = chain_faults(certificates, is_interop=is_interop) if certificates else ()
    return Signature(
        method=None if found is None else _METHODS.get(method, f"other:{method}"),
        faults=tuple(reading.faults),
        is_verified=not reading.unknown,
        chain_faults=tuple(
            ChainFault(file=reading.file, subject=subject, message=message) for subject, message in faults
        ),
        certificates=tuple(described(one, file=reading.file) for one in certificates),
        signed_at=signed_at,
    )


def _signer(root: etree._Element) -> str:
    return f"{{{namespace(root)}}}Signer"


def _algorithm(element: etree._Element | None, *names: str) -> str:
    found = child(element, *names)
    return "" if found is None else found.get("Algorithm", "")


def _binary(words: str | None) -> bytes | None:
    try:
        return base64.b64decode("".join((words or "").split()), validate=True)
    except (ValueError, binascii.Error):
        return None


def _check_names(
    reading: _Reading, root: etree._Element, found: etree._Element, certificates: Sequence[x509.Certificate]
) -> None:
    """Issuer and serial number, as XML writes them, are those of the signer's certificate and of each certificate."""
    signer = chain_of(certificates)[0]
    named_signer = child(root, "Signer")
    if named_signer is None:
        reading.fault(found, "carries a signature and no Signer")
    pairs = [(one, signer) for one in (() if named_signer is None else named_signer.iter(f"{_DS}X509IssuerSerial"))]
    numbers = {_binary(one.text): one for one in found.iter(f"{_DS}X509Certificate")}
    for certificate in certificates:
        holder = next((one for data, one in numbers.items() if data == _der(certificate)), None)
        stated = child(None if holder is None else holder.getparent(), "X509IssuerSerial")
        if stated is not None:
            pairs.append((stated, certificate))
    for stated, certificate in pairs:
        if (text(stated, "X509SerialNumber") or "") != serial_number(certificate):
            reading.fault(stated, f"gives another serial number than the certificate of {named(certificate)}")
        if not is_name_of(text(stated, "X509IssuerName") or "", certificate.issuer):
            reading.fault(stated, f"gives another issuer than the certificate of {named(certificate)}")


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def _check_value(reading: _Reading, found: etree._Element, certificates: Sequence[x509.Certificate]) -> None:
    """The signature of SignedInfo, with the key of the signer's certificate."""
    info, method = child(found, "SignedInfo"), _algorithm(found, "SignedInfo", "SignatureMethod")
    value = _binary(text(found, "SignatureValue"))
    if info is None or not value:
        reading.fault(found, "has no SignedInfo, or no value of the signature")
        return
    canonical = _algorithm(info, "CanonicalizationMethod")
    if method not in _METHODS or canonical not in _CANONICALS:
        reading.unknown.append(method if method not in _METHODS else canonical)
        return
    signed = canonical_part(info, has_comments=_CANONICALS[canonical])
    chain = chain_of(certificates)
    if _is_signed(signed, value, chain[0], method):
        return
    other = next((one for one in certificates if _is_signed(signed, value, one, method)), None)
    if other is not None:
        reading.fault(found, f"is signed with the key of {named(other)}, not of the signer {named(chain[0])}")
    else:
        reading.fault(found, f"was not made with the key of {named(chain[0])}, or was changed")


def _is_signed(signed: bytes, value: bytes, certificate: x509.Certificate, method: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(value, signed, PKCS1v15(), hashes.SHA1() if _METHODS[method] == "rsa-sha1" else hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def canonical_part(element: etree._Element, *, has_comments: bool) -> bytes:
    """An element in Canonical XML 1.0, as a part of its document: with the namespaces that are in scope and the `xml:`
    attributes of what is around it (section 2.4)."""
    apex = etree.Element(element.tag, nsmap=element.nsmap)
    for around in reversed([*element.iterancestors()]):
        for name, value in around.attrib.items():
            if str(name).startswith(_XML):
                apex.set(name, value)
    for name, value in element.attrib.items():
        apex.set(name, value)
    apex.text = element.text
    apex.extend(copy.deepcopy(one) for one in element)
    signed: bytes = etree.tostring(apex, method="c14n", with_comments=has_comments)
    return signed


def _check_digests(reading: _Reading, root: etree._Element, found: etree._Element) -> None:
    """The digest of the document without its signature. Takes the signature out of the tree."""
    references = list(found.iterfind(f"{_DS}SignedInfo/{_DS}Reference"))
    if not references:
        reading.fault(found, "refers to nothing that it signs")
    if any(one.get("URI") != "" for one in references):
        reading.fault(found, "signs something else than the whole document")
        return
    stated = []
    for one in references:
        digest, algorithm = _binary(text(one, "DigestValue")), _algorithm(one, "DigestMethod")
        transforms = [each.get("Algorithm", "") for each in one.iterfind(f"{_DS}Transforms/{_DS}Transform")]
        others = [each for each in transforms if each not in (_ENVELOPED, *_CANONICALS)]
        reading.unknown += others + ([algorithm] if algorithm not in _DIGESTS else [])
        if _ENVELOPED not in transforms:
            reading.fault(one, "does not leave the signature out of what it signs (enveloped-signature)")
        elif not others and algorithm in _DIGESTS:
            stated.append((one, digest, algorithm))
    _take_out(found)
    content = etree.tostring(root.getroottree(), method="c14n", with_comments=False)  # URI "" leaves comments out
    for one, digest, algorithm in stated:
        if hashlib.new(_DIGESTS[algorithm], content).digest() != digest:
            reading.fault(one, "has another digest than the document: it was changed after it was signed")


def _take_out(element: etree._Element) -> None:
    """Remove an element and leave the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)
