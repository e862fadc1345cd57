"""XML that is made to harm is refused by name, or read, within bounds."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from deliverqc.timed_text import dcsubtitle, reading, ttml, xml_text
from deliverqc.timed_text.model import Document, TextError
from tests.timed_text.documents import DCST, IMSC, INTEROP

_BOMB = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12))


def _refused(read: Callable[[bytes, str], tuple[Document, ...]], data: bytes) -> str:
    with pytest.raises(TextError, match=r"^film\.xml") as caught:
        read(data, "film.xml")
    return caught.value.code


@pytest.mark.parametrize("place", ["text", "attribute"])
def test_a_bomb_of_entities_is_refused(place: str) -> None:
    text = IMSC.replace("<tt ", f'<!DOCTYPE tt [<!ENTITY a0 "ha">{_BOMB}]><tt ', 1)
    broken = text.replace("Second", "&a11;") if place == "text" else text.replace('xml:id="two"', 'xml:id="&a11;"')
    assert _refused(ttml.read, broken.encode()) in ("text-entities", "text-not-well-formed")


def test_a_file_outside_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    text = IMSC.replace("<tt ", f'<!DOCTYPE tt [<!ENTITY x SYSTEM "{secret.as_uri()}">]><tt ', 1)
    assert _refused(ttml.read, text.replace("Second", "&x;").encode()) == "text-entities"


def test_a_plain_document_type_is_read() -> None:
    (document,) = ttml.read(IMSC.replace("<tt ", "<!DOCTYPE tt><tt ", 1).encode(), "film.xml")
    assert (len(document.events), document.faults) == (3, ())


@pytest.mark.parametrize(("depth", "code"), [(100, "text-too-deep"), (100_000, "text-not-well-formed")])
def test_deep_nesting_is_refused(depth: int, code: str) -> None:
    deep = "<span>" * depth + "x" + "</span>" * depth
    assert _refused(ttml.read, IMSC.replace("Second", deep).encode()) == code


def test_deep_fonts_of_a_dcp_are_refused() -> None:
    deep = "<Font>" * 100 + "x" + "</Font>" * 100
    assert _refused(dcsubtitle.read, DCST.replace("second line", deep).encode()) == "text-too-deep"


def test_a_huge_attribute_is_quoted_in_short() -> None:
    (document,) = ttml.read(IMSC.replace('begin="3.5s"', f'begin="{"1" * 1_000_000}s"').encode(), "film.xml")
    (fault,) = document.faults
    assert fault.code == "bad-time" and len(fault.message) < 200


def test_a_long_chain_of_styles_and_many_references_are_resolved() -> None:
    count = 3_000
    chain = "".join(f'<style xml:id="c{n}" style="c{n + 1}"/>' for n in range(count))
    references = "said " * 20_000
    text = IMSC.replace("</styling>", f'{chain}<style xml:id="c{count}" tts:color="red"/></styling>')
    text = text.replace('region="high" style="said"', f'region="high" style="{references}c0"')
    (document,) = ttml.read(text.encode(), "film.xml")
    assert (document.faults, document.events[1].colors) == ((), ("#ff0000",))


def test_more_events_than_the_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_text, "MOST_EVENTS", 2)
    assert _refused(ttml.read, IMSC.encode()) == "text-too-many-events"


def test_more_bytes_than_the_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_text, "MOST_BYTES", 100)
    assert _refused(ttml.read, IMSC.encode()) == "text-too-large"


def test_more_tags_than_the_bound_are_refused_before_they_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_text, "MOST_PARTS", 10)
    assert _refused(ttml.read, IMSC.encode()) == "text-too-large"


_READERS = ((ttml.read, IMSC), (dcsubtitle.read, DCST), (dcsubtitle.read, INTEROP))
_VALUES = ("", "-1", "9" * 40, "0", "nan", "é", "%", "10%", " ", "00:00:01:00", "0 0", "px px", "1px 0px", "0% 0%")


@pytest.mark.parametrize("seed", range(3))
def test_values_that_change_places_give_a_document_or_a_refusal(seed: int) -> None:
    read, clean = _READERS[seed]
    chance = random.Random(seed)
    places = list(re.finditer(r'"[^"<>]*"', clean[clean.index("?>") :]))
    outcomes = set()
    for _ in range(150):
        start = clean.index("?>")
        place = chance.choice(places)
        value = f'"{chance.choice(_VALUES)}"' if chance.random() < 0.5 else chance.choice(places)[0]
        broken = clean[: start + place.start()] + value + clean[start + place.end() :]
        try:
            outcomes.add(bool(read(broken.encode(), "film.xml")[0].faults))
        except TextError as error:
            assert error.message.startswith("film.xml")
    assert outcomes == {True, False}


def test_faults_are_bounded_and_each_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_text, "MOST_FAULTS", 3)
    text = IMSC.replace("Second", "<div/>" * 10)
    (document,) = ttml.read(text.encode(), "film.xml")
    assert len(document.faults) <= 3


def test_a_crowd_of_attributes_is_refused() -> None:
    crowd = " ".join(f'a{n}="1"' for n in range(1_000))
    assert _refused(ttml.read, IMSC.replace('xml:id="two"', f'xml:id="two" {crowd}').encode()) == "text-too-large"


@pytest.mark.parametrize(("content", "code"), [(b"Dear client", "not-timed-text"), (IMSC.encode(), "text-too-large")])
def test_a_file_that_is_no_text_or_too_large_is_refused(
    content: bytes, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 1000)
    path = tmp_path / "film.xml"
    path.write_bytes(content)
    with pytest.raises(TextError, match=r"^film\.xml") as caught:
        reading.read_text(path)
    assert caught.value.code == code


@pytest.mark.parametrize("data", [b"", b"<tt", b"<tt xmlns='http://www.w3.org/ns/ttml'>\xff</tt>", b"\0\0"])
def test_what_is_not_xml_is_refused(data: bytes) -> None:
    assert _refused(ttml.read, data) == "text-not-well-formed"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_kept_as_a_fact(encoding: str) -> None:
    (document,) = ttml.read(
        IMSC.replace("UTF-8", "UTF-16" if encoding == "utf-16" else "UTF-8").encode(encoding), "f.xml"
    )
    assert (document.has_bom, document.encoding) == (True, "utf-8" if encoding == "utf-8-sig" else "utf-16-le")
