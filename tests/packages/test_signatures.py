"""Signatures: real ones hold, and one change in a document, a signature or a chain breaks the clause that it must."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from lxml import etree

from deliverqc.facts.dated import dated
from deliverqc.packages.certificates import is_name_of, read_certificates
from deliverqc.packages.der import extensions_of
from deliverqc.packages.documents import read_root
from deliverqc.packages.model import Signature
from deliverqc.packages.signatures import canonical_part, read_signature
from deliverqc.verdict import Outcome
from fixtures.packages import Dcp, make_dcp
from fixtures.signatures import Chain, key, make_chain, sign_dcp, signed
from tests.material import material
from tests.packages.judged import facts_of, failing, outcomes

_CLAUSES = ("signature-holds", "certificate-chain", "certificates-at-issue", "certificates-in-date")
_TEXT = (
    '<?xml version="1.0"?>\n<PackingList xmlns="http://www.smpte-ra.org/schemas/429-8/2007/PKL"><Id>urn:uuid:1</Id>'
    "<AnnotationText>a</AnnotationText><IssueDate>2026-01-01T00:00:00+00:00</IssueDate></PackingList>"
)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dcp]:
    folder = tmp_path_factory.mktemp("signed")
    return {name: make_dcp(folder / name, standard=name) for name in ("smpte", "interop")}


@pytest.fixture
def copied(clean: dict[str, Dcp], tmp_path: Path) -> Callable[[str], Dcp]:
    def copy(standard: str) -> Dcp:
        return replace(clean[standard], folder=Path(shutil.copytree(clean[standard].folder, tmp_path / standard)))

    return copy


def _read(path: Path, text: str) -> Signature | None:
    path.write_text(text, encoding="utf-8")
    root = read_root(path, path.name)
    assert isinstance(root, etree._Element)
    return read_signature(root, path, path.name)


def _faults(path: Path, text: str) -> list[str]:
    found = _read(path, text)
    return [] if found is None else [one.message for one in found.faults]


@pytest.mark.parametrize("standard", ["smpte", "interop"])
def test_a_signed_package_passes_and_an_unsigned_one_is_not_judged(copied: Callable[[str], Dcp], standard: str) -> None:
    dcp = copied(standard)
    unsigned = outcomes(dcp)
    assert {unsigned[one] for one in _CLAUSES} == {Outcome.NOT_APPLICABLE}
    sign_dcp(dcp, make_chain())
    found = outcomes(dcp)
    assert {found[one] for one in (*_CLAUSES, "signature-method")} == {Outcome.PASS}
    assert failing(dcp) == set()
    assert facts_of(dcp.folder)["package.is_signed"] is True


def test_dates_are_held_to_the_issue_and_to_the_day_apart_from_the_signature(copied: Callable[[str], Dcp]) -> None:
    dcp = copied("smpte")
    sign_dcp(dcp, make_chain())
    last, later = outcomes(dcp, as_of=date(2027, 1, 1)), outcomes(dcp, as_of=date(2027, 1, 2))
    assert {last[one] for one in _CLAUSES} == {Outcome.PASS}
    assert [later[one] for one in _CLAUSES] == [Outcome.PASS] * 3 + [Outcome.FAIL]
    dcp.seal()
    expired = make_chain({place: {"until": datetime(2025, 12, 31)} for place in range(3)})
    dcp.packing_list.write_text(signed(dcp.packing_list.read_text(), expired))
    assert failing(dcp) == {"certificates-at-issue", "certificates-in-date"}


def test_signers_without_signatures_do_not_count_as_signed(copied: Callable[[str], Dcp]) -> None:
    dcp = copied("smpte")
    sign_dcp(dcp, make_chain())
    text = dcp.packing_list.read_text()
    dcp.packing_list.write_text(text[: text.index("<ds:Signature ")] + "</PackingList>")
    assert failing(dcp) == {"signature-holds"}
    assert facts_of(dcp.folder)["package.is_signed"] is False


def _between(text: str, start: str, end: str, new: str) -> str:
    head, _, tail = text.partition(start)
    return head + start + new + end + tail.partition(end)[2]


_CHANGES: dict[str, tuple[Callable[[str], str], str | None]] = {
    "none": (lambda text: text, None),
    "a-letter": (lambda text: text.replace(">a<", ">b<"), "another digest"),
    "a-space": (lambda text: text.replace("<Id>", " <Id>", 1), "another digest"),
    "an-attribute": (lambda text: text.replace("<Id>", '<Id a="">', 1), "another digest"),
    "a-comment": (lambda text: text.replace("<Id>", "<!-- c --><Id>", 1), None),  # URI "" leaves comments out
    "an-instruction": (lambda text: text.replace("<Id>", "<?c d?><Id>", 1), "another digest"),
    "lines-end-otherwise": (lambda text: text.replace("\n", "\r\n"), None),
    "digest": (lambda text: _between(text, "<ds:DigestValue>", "</", "AAAA"), "another digest"),
    "value": (lambda text: _between(text, "<ds:SignatureValue>", "</", "AAAA"), "was not made with the key"),
    "no-value": (lambda text: _between(text, "<ds:SignatureValue>", "</", ""), "no value"),
    "value-not-base64": (lambda text: _between(text, "<ds:SignatureValue>", "</", "-"), "no value"),
    "signed-info": (lambda text: text.replace("<ds:Transforms>", "<ds:Transforms> "), "was not made with the key"),
    "another-part": (lambda text: text.replace('URI=""', 'URI="#a"'), "something else than the whole document"),
    "no-reference": (lambda text: _between(text, "</ds:SignatureMethod>", "</ds:SignedInfo>", ""), "refers to nothing"),
    "not-enveloped": (lambda text: text.replace("enveloped-signature", "base64"), "leave the signature out"),
    "no-certificate": (lambda text: _between(text, "<ds:KeyInfo>", "</ds:KeyInfo>", ""), "carries no certificate"),
    "broken-certificate": (lambda text: _between(text, "<ds:X509Certificate>", "</", "MII="), "cannot be read"),
    "no-signer": (lambda text: _between(text, "<Signer", "</Signer>", ">"), "another digest"),
    "serial-number": (lambda text: text.replace(">5</ds:X509S", ">6</ds:X509S"), "another serial number"),
    "issuer": (lambda text: text.replace("CN=.authority", "CN=.other"), "another issuer"),
    "inside": (lambda text: text.replace("<ds:Signature ", "<X><ds:Signature ").replace("</ds:Signature>",
                                                                                        "</ds:Signature></X>"),
               "no signature of the whole document"),
}  # fmt: skip


@pytest.mark.parametrize("change", _CHANGES)
def test_one_change_of_a_signed_document_is_found(tmp_path: Path, change: str) -> None:
    edit, words = _CHANGES[change]
    found = _faults(tmp_path / "pkl.xml", edit(signed(_TEXT, make_chain())))
    assert any(words in one for one in found) if words else found == []


def test_the_key_has_to_be_that_of_the_signers_certificate(tmp_path: Path) -> None:
    chain = make_chain()
    strange = Chain(certificates=chain.certificates, key=key(9))
    assert "was not made with the key of CS.signer" in _faults(tmp_path / "a.xml", signed(_TEXT, strange))[0]
    authority = Chain(certificates=chain.certificates, key=key(1))
    assert "with the key of .authority" in _faults(tmp_path / "b.xml", signed(_TEXT, authority))[0]
    assert _faults(tmp_path / "c.xml", signed(_TEXT, chain, order=(2, 0, 1))) == []


def test_an_algorithm_that_is_not_computed_leaves_the_errors_missing(copied: Callable[[str], Dcp]) -> None:
    dcp = copied("smpte")
    sign_dcp(dcp, make_chain())
    text = dcp.packing_list.read_text()
    dcp.packing_list.write_text(text.replace("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"))
    found = outcomes(dcp)
    assert (found["signature-method"], found["signature-holds"]) == (Outcome.FAIL, Outcome.NOT_MEASURED)
    assert "package.signature_errors" not in facts_of(dcp.folder)


_CHAINS: dict[str, tuple[dict[int, dict[str, Any]], tuple[int, ...], str]] = {
    "no-root": ({}, (0, 1), "was issued by a certificate that is not in the document"),
    "no-authority": ({}, (0, 2), "was issued by a certificate that is not in the document"),
    "wrong-issuer": ({0: {"issuer_key": 9}}, (0, 1, 2), "is not signed with the key of .authority"),
    "root-not-self-signed": ({2: {"issuer_key": 9}}, (0, 1, 2), "is not signed with the key of .root"),
    "another-organization": ({0: {"organization": "example.com"}}, (0, 1, 2), "another organization"),
    "signer-is-authority": ({0: {"is_authority": True}}, (0, 1, 2), "the certificate of an authority"),
    "authority-is-none": ({1: {"is_authority": False}}, (0, 1, 2), "is not an authority"),
    "path-too-short": ({2: {"path_length": 0}}, (0, 1, 2), "allows a chain of 0"),
    "no-path-length": ({1: {"path_length": None}}, (0, 1, 2), "without a path length"),
    "small-key": ({0: {"bits": 1024}}, (0, 1, 2), "1024 bits"),
    "thumbprint": ({0: {"qualifier": "AAAA"}}, (0, 1, 2), "thumbprint"),
    "may-not-sign": ({0: {"usage": ("key_encipherment",)}}, (0, 1, 2), "lacks DigitalSignature"),
    "may-not-issue": ({1: {"usage": ("crl_sign",)}}, (0, 1, 2), "lacks KeyCertSign"),
    "no-role": ({0: {"name": "SM.signer"}}, (0, 1, 2), "role CS"),
    "role-of-authority": ({1: {"name": "CS.authority"}}, (0, 1, 2), "an authority with a role"),
    "sha-512": ({0: {"hash": hashes.SHA512()}}, (0, 1, 2), "sha512"),
    "longer-than-issuer": ({0: {"until": datetime(2030, 1, 1)}}, (0, 1, 2), "longer than its issuer"),
    "before-issuer": ({0: {"from": datetime(2020, 1, 1)}}, (0, 1, 2), "before its issuer"),
    "no-identifier": ({1: {"is_without_identifier": True}}, (0, 1, 2), "lacks AuthorityKeyIdentifier"),
}


@pytest.mark.parametrize("fault", _CHAINS)
def test_one_fault_in_a_chain_is_found_and_the_signature_holds(tmp_path: Path, fault: str) -> None:
    changes, order, words = _CHAINS[fault]
    found = _read(tmp_path / "pkl.xml", signed(_TEXT, make_chain(changes), order=order))
    assert found is not None and found.faults == ()
    assert any(words in one.message for one in found.chain_faults)


def test_real_signatures_hold_and_one_that_was_edited_does_not() -> None:
    found, folder = {}, material("clairmeta_data")
    for path in [*folder.rglob("*.xml"), *material("libdcp/test/ref/DCP/dcp_test3").glob("*.xml")]:
        root = read_root(path, path.name) if path.name[:3].lower() in ("cpl", "pkl") else None
        signature = read_signature(root, path, path.name) if isinstance(root, etree._Element) else None
        if signature is not None and signature.method is not None:
            found[path.name] = signature
    assert len(found) == 31
    broken = {name for name, one in found.items() if one.faults or one.chain_faults or not one.is_verified}
    assert broken == {"PKL_IOP_ONE_ASSET.xml"}  # assets were taken out by hand
    for one in found.values():
        assert one.signed_at is not None
        assert all(each.not_before <= one.signed_at <= each.not_after for each in one.certificates)


def test_a_path_length_of_nought_without_authority_is_read_where_rfc_5280_forbids_it() -> None:
    path = material("libdcp/test/data/target.pem.crt.de5d4eba-e683-41ca-bdda-aa4ad96af3f4.kdm.xml")
    texts = [one.text or "" for one in etree.parse(path).iter("{*}X509Certificate")]
    certificates, faults = read_certificates(texts)
    assert (len(certificates), faults) == (len(texts), [])  # its root has the serial number 0
    read = extensions_of(certificates[0].tbs_certificate_bytes)
    assert read is not None
    assert (read.is_authority, read.path_length, "digital_signature" in read.usage) == (False, 0, True)
    assert extensions_of(b"\x30\x84\xff\xff\xff\xff") is None


def test_a_part_of_a_document_is_canonical_with_what_is_in_scope() -> None:
    """Canonical XML 1.0 section 2.4: all namespaces in scope, and the xml: attributes of what is around."""
    root = etree.fromstring('<a xmlns="urn:1" xmlns:n="urn:2" xml:lang="en" b="c"><d  f="&#x31;"><!--g--><e/></d>h</a>')
    bare = b'<d xmlns="urn:1" xmlns:n="urn:2" f="1" xml:lang="en">%s<e></e></d>'
    assert canonical_part(root[0], has_comments=False) == bare % b""
    assert canonical_part(root[0], has_comments=True) == bare % b"<!--g-->"


def test_names_are_compared_whatever_their_order_and_escapes() -> None:
    name = make_chain().certificates[0].issuer
    values = {part.oid.dotted_string: str(part.value).replace("+", "\\+") for part in name}
    written = f"dnQualifier={values['2.5.4.46']},CN=.authority,OU=example.org, O=example.org"
    assert is_name_of(written, name)
    assert is_name_of(f"2.5.4.46=#1303,{written}", name)  # not compared
    assert not is_name_of(written.replace(".authority", ".author"), name)


def test_what_depends_on_the_day_comes_from_the_day_alone() -> None:
    held = {"file": "a", "subject": "b", "not_before": "2026-01-01T12:00:00+00:00", "not_after": "2026-01-02T00:00:00Z"}
    name = "package.certificates_out_of_date"
    facts = {"package.certificates": [held], name: ["stale"]}
    assert [len(dated(facts, date(2026, 1, day))[name]) for day in (1, 2, 3)] == [0, 0, 1]
    assert len(dated(facts, date(2025, 12, 31))[name]) == 1
    assert name not in dated({name: []}, date(2026, 1, 1))
    assert name not in dated({"package.certificates": [{}]}, date(2026, 1, 1))
