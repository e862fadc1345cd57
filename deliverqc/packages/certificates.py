"""Reads the certificates of a signature and holds their chain to SMPTE ST 430-2; trusts no root, and knows no clock.

Nothing here says who signed: a chain that is right in itself may be anybody's. Not judged: how names are encoded, and
lists of revoked certificates.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from deliverqc.packages.der import Extensions, extensions_of
from deliverqc.packages.model import Certificate

if TYPE_CHECKING:
    from cryptography import x509

_ORGANIZATION, _COMMON_NAME, _QUALIFIER = "2.5.4.10", "2.5.4.3", "2.5.4.46"
_KEY_BITS, _EXPONENT = 2048, 65537
_SIGNER_ROLE = "CS"
_MOST_CERTIFICATES = 20
"""House choice: chains of cinema have three to six."""


def read_certificates(texts: Iterable[str]) -> tuple[list[x509.Certificate], list[str]]:
    """The certificates of base64 texts, and what is wrong with those that cannot be read."""
    found, faults = [], []
    for number, text in enumerate(texts):
        if number == _MOST_CERTIFICATES:
            faults.append(f"has more than {_MOST_CERTIFICATES} certificates")
            break
        one = _read(text)
        if one is None:
            faults.append(f"certificate {number + 1} cannot be read")
        else:
            found.append(one)
    return found, faults


def _read(text: str) -> x509.Certificate | None:
    from cryptography import x509  # 30 ms, and few packages are signed
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of serial numbers that RFC 5280 forbids and old tools made
            found = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
            _ = found.subject, found.issuer, found.serial_number, found.version, found.public_key()
            _ = found.not_valid_before_utc, found.not_valid_after_utc, found.signature_hash_algorithm
    except (ValueError, TypeError, OverflowError, binascii.Error, UnsupportedAlgorithm, x509.InvalidVersion):
        return None
    return found


def named(certificate: x509.Certificate) -> str:
    """Common name of the subject, or all of it."""
    return _attribute(certificate.subject, _COMMON_NAME) or certificate.subject.rfc4514_string() or "without a name"


def serial_number(certificate: x509.Certificate) -> str:
    """In decimal digits, as XML Signature writes it; old tools gave roots the number 0."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(certificate.serial_number)


def described(certificate: x509.Certificate, *, file: str) -> Certificate:
    return Certificate(
        file=file,
        subject=named(certificate),
        serial_number=serial_number(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def chain_of(certificates: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """From the signer's certificate up to the last whose issuer is not there, or that issued itself.

    The signer's is the one that issued none of the others; the first where there are several.
    """
    issuers = {one.issuer for one in certificates if one.issuer != one.subject}
    found = [next((one for one in certificates if one.subject not in issuers), certificates[0])]
    while len(found) <= len(certificates):
        last = found[-1]
        parent = next((one for one in certificates if one.subject == last.issuer and one not in found), None)
        if parent is None:
            break
        found.append(parent)
    return found


def chain_faults(certificates: Sequence[x509.Certificate], *, is_interop: bool) -> Iterator[tuple[str, str]]:
    """The subject of each certificate in which something is wrong, and what (SMPTE ST 430-2:2017 section 6.2)."""
    chain = chain_of(certificates)
    for one in certificates:
        if one not in chain:
            yield named(one), "is not part of the signer's chain"
    for depth, one in enumerate(chain):
        read = extensions_of(one.tbs_certificate_bytes)
        for fault in (*_own_faults(one, is_interop=is_interop), *_usage_faults(read, depth)):
            yield named(one), fault
        for fault in _role_faults(one, depth, is_interop=is_interop):
            yield named(one), fault
    for child, parent in pairwise(chain):
        for fault in _issue_faults(child, parent):
            yield named(child), fault
    last = chain[-1]
    if last.issuer != last.subject:
        yield named(last), "was issued by a certificate that is not in the document"
    else:
        for fault in _issue_faults(last, last):
            yield named(last), fault


def _own_faults(one: x509.Certificate, *, is_interop: bool) -> Iterator[str]:
    """What a certificate breaks by itself: rules 2, 4, 7, 10, 11 and 13 of section 6.2."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    if one.version.name != "v3":
        yield f"is of version {one.version.name}, not v3"
    algorithm = one.signature_hash_algorithm
    if algorithm is None or algorithm.name not in (("sha256", "sha1") if is_interop else ("sha256",)):
        yield f"is signed with {'no known hash' if algorithm is None else algorithm.name}, not SHA-256"
    key = one.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        yield "has a key that is not RSA"
        return
    if (key.key_size, key.public_numbers().e) != (_KEY_BITS, _EXPONENT):
        yield f"has an RSA key of {key.key_size} bits with exponent {key.public_numbers().e}, not 2048 and 65537"
    if _attribute(one.subject, _QUALIFIER) != _thumbprint(key):
        yield "has a dnQualifier that is not the thumbprint of its key"
    organization = _attribute(one.subject, _ORGANIZATION)
    if not organization or organization != _attribute(one.issuer, _ORGANIZATION):
        yield "names another organization than its issuer"


def _thumbprint(key: object) -> str:
    """SHA-1 of the public key in base64 (ST 430-2 section 5.4)."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    assert isinstance(key, RSAPublicKey)
    return base64.b64encode(hashlib.sha1(key.public_bytes(Encoding.DER, PublicFormat.PKCS1)).digest()).decode()


def _usage_faults(read: Extensions | None, depth: int) -> Iterator[str]:
    """Rules 3, 5 and 6 of section 6.2. `depth` is 0 for the signer's certificate, and a path has as many authorities as
    are below."""
    if read is None:
        yield "has extensions that cannot be read"
        return
    if read.missing:
        yield f"lacks {', '.join(read.missing)}"
    if read.unknown_critical:
        yield f"has a critical extension that ST 430-2 does not know ({', '.join(read.unknown_critical)})"
    if depth == 0:
        if read.is_authority:
            yield "signs the document and is the certificate of an authority"
        if read.path_length:
            yield f"has a path length of {read.path_length} and is not an authority"
        if "digital_signature" not in read.usage:
            yield "may not sign documents (KeyUsage lacks DigitalSignature)"
        if "key_cert_sign" in read.usage:
            yield "signs the document and may sign certificates"
        return
    if not read.is_authority:
        yield "issues a certificate and is not an authority"
    elif read.path_length is not None and read.path_length < depth - 1:
        yield f"allows a chain of {read.path_length} authorities below it and has {depth - 1}"
    elif read.path_length is None:
        yield "is an authority without a path length"
    if "key_cert_sign" not in read.usage:
        yield "issues a certificate and may not (KeyUsage lacks KeyCertSign)"
    if "digital_signature" in read.usage:
        yield "is an authority and may sign documents (KeyUsage has DigitalSignature)"


def _role_faults(one: x509.Certificate, depth: int, *, is_interop: bool) -> Iterator[str]:
    """Rule 8: roles are the words of the common name before its first dot. Interop asks for none."""
    roles = (_attribute(one.subject, _COMMON_NAME) or "").partition(".")[0].split()
    if depth and roles and not is_interop:
        yield f"is an authority with a role ({' '.join(roles)})"
    if not depth and not is_interop and _SIGNER_ROLE not in roles:
        yield f"does not have the role {_SIGNER_ROLE} (content signer)"


def _issue_faults(child: x509.Certificate, parent: x509.Certificate) -> Iterator[str]:
    """Rules 15, 17 and 18: who issued a certificate, and when both are valid."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        child.verify_directly_issued_by(parent)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        yield f"is not signed with the key of {named(parent)}"
    if child.not_valid_before_utc < parent.not_valid_before_utc:
        yield f"is valid before its issuer {named(parent)} is"
    if child.not_valid_after_utc > parent.not_valid_after_utc:
        yield f"is valid for longer than its issuer {named(parent)}"


def _attribute(name: x509.Name, oid: str) -> str | None:
    for one in name:
        if one.oid.dotted_string == oid:
            return one.value if isinstance(one.value, str) else None
    return None


def is_name_of(written: str, name: x509.Name) -> bool:
    """Whether a name as XML writes it (RFC 2253) has the values of a name; what spells a value as `#` and hexadecimal
    digits is not compared. Writers differ in the order and in the names of attributes."""
    values = _values(written)
    if any(value.startswith("#") for value in values):
        return True
    return sorted(values) == sorted(str(one.value).strip() for one in name)


def _values(written: str) -> list[str]:
    """`CN=a\\+b,O=c` to `a+b` and `c`."""
    parts, current, is_escaped = [], "", False
    for letter in written:
        if is_escaped or letter not in "\\,":
            current, is_escaped = current + letter, False
        elif letter == "\\":
            is_escaped = True
        else:
            parts.append(current)
            current = ""
    return [part.partition("=")[2].strip() for part in (*parts, current)]
