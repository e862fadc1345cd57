"""SCC: times, text and rows as ttconv reads them, and every fault by a change to a clean file."""

from __future__ import annotations

from fractions import Fraction

import pytest
import ttconv.scc.reader

from deliverqc.timed_text import caption_screen
from deliverqc.timed_text import scc as scc_reader
from deliverqc.timed_text.model import TextError
from deliverqc.timed_text.reading import read_bytes
from deliverqc.timed_text.scc import read
from tests.material import material

_HEADER = "Scenarist_SCC V1.0\n\n"
_LOAD = "94ae 94ae 9420 9420 9470 9470 c8e5 ecec ef80 942c 942c 942f 942f"  # Hello, in 13 words


def scc(*lines: str) -> str:
    return _HEADER + "\n\n".join(lines) + "\n"


_CLEAN = scc(f"01:00:01:00\t{_LOAD}", "01:00:03:00\t942c 942c")


def _events(text: str) -> list[tuple[float, float | None, list[str]]]:
    (document,) = read(text.encode(), "a.scc")
    return [
        (float(event.begin_s), None if event.end_s is None else float(event.end_s), list(event.lines))
        for event in document.events
    ]


def _theirs(text: str) -> list[tuple[float, float | None, list[str]]]:
    body = ttconv.scc.reader.to_model(text).get_body()
    assert body is not None
    found = []
    for paragraph in (one for division in body for one in division):
        spans = ["".join(getattr(leaf, "get_text", str)() for leaf in span) for span in paragraph]
        begins, ends = paragraph.get_begin(), paragraph.get_end()
        lines = [span.strip() for span in spans if span.strip()]
        found.append((float(begins or 0), None if ends is None else float(ends), lines))
    return found


SAME = {
    "non-drop": _CLEAN,
    "drop-frame": _CLEAN.replace(":00\t", ";00\t"),
    "past dropped numbers": scc(f"00:10:59;29\t{_LOAD}", "00:11:00;02\t" + _LOAD, "00:12:00;10\t942c 942c"),
    "two rows": scc("00:00:01:00\t9420 9420 9452 9452 c8e9 9470 9470 c8e9 942f 942f", "00:00:02:00\t942c 942c"),
}


@pytest.mark.parametrize("name", SAME)
def test_ttconv_reads_the_same(name: str) -> None:
    for ours, theirs in zip(_events(SAME[name]), _theirs(SAME[name]), strict=True):
        if name == "past dropped numbers":  # ttconv sends lines at once that have to wait
            assert ours[2] == theirs[2] and ours[0] >= theirs[0] - 1e-6
        else:
            assert (pytest.approx(ours[0]), pytest.approx(ours[1]), ours[2]) == theirs


def test_ttconv_reads_a_real_file_the_same() -> None:
    text = material("pycaption/examples/example.scc").read_text(encoding="utf-8")
    assert _events(text) == [(pytest.approx(one), pytest.approx(end), lines) for one, end, lines in _theirs(text)]


def test_an_hour_of_non_drop_lasts_longer() -> None:
    """108,000 frames at 30000/1001, and the 11 words before the code that displays it."""
    (non_drop,), (drop,) = (read(SAME[name].encode(), "a.scc") for name in ("non-drop", "drop-frame"))
    words = Fraction(11 * 1001, 30000)
    assert non_drop.events[0].begin_s == Fraction(108_030 * 1001, 30000) + words
    assert drop.events[0].begin_s == Fraction(107_922 * 1001, 30000) + words
    assert (non_drop.drop_mode, drop.drop_mode) == ("non_drop", "drop_ntsc")
    assert (non_drop.frame_rate, non_drop.format, non_drop.service) == (Fraction(30000, 1001), "scc", "cc1")


def test_a_line_waits_for_the_words_before_it() -> None:
    (document,) = read(scc(f"00:00:01:00\t{_LOAD}", f"00:00:01:10\t{_LOAD}").encode(), "a.scc")
    first, second = document.events
    assert (first.late_s, second.late_s) == (0, Fraction(3 * 1001, 30000))
    assert second.begin_s - first.begin_s == Fraction(13 * 1001, 30000)
    assert first.load_s == Fraction(9 * 1001, 30000)  # from RCL to EOC
    assert [(fault.code, fault.line) for fault in document.faults] == [("words-beyond-frames", 5)]


FAULTS = {
    "nothing": (_CLEAN, set()),
    "no words too many": (scc(f"00:00:01:00\t{_LOAD}", f"00:00:01:13\t{_LOAD}"), set()),
    "a word too many": (scc(f"00:00:01:00\t{_LOAD}", f"00:00:01:12\t{_LOAD}"), {"words-beyond-frames"}),
    "a parity bit": (_CLEAN.replace("ecec", "6cec"), {"parity-error"}),
    "an odd digit": (_CLEAN.replace("ecec", "ecec ece"), {"odd-bytes"}),
    "no hex digit": (_CLEAN.replace("ecec", "ecec ecxz"), {"bad-word"}),
    "spaces for the tab": (_CLEAN.replace("\t", " "), {"wrong-separator"}),
    "a time that is no time": (_CLEAN + "\n1:00:05\t942c 942c\n", {"bad-timecode"}),
    "a frame too high": (_CLEAN + "\n01:00:05:30\t942c 942c\n", {"bad-timecode"}),
    "a dropped number": (_CLEAN.replace(":00\t", ";00\t") + "\n01:01:00;01\t942c 942c\n", {"bad-timecode"}),
    "a comma": (_CLEAN.replace(":00\t", ",00\t"), {"bad-timecode"}),
    "both ways of counting": (_CLEAN + "\n01:00:15;00\t942c 942c\n", {"mixed-drop-mode"}),
    "an earlier time": (_CLEAN + "\n01:00:02:00\t942c 942c\n", {"times-out-of-order"}),
    "the same time": (_CLEAN + "\n01:00:03:00\t94ae 94ae\n", {"times-out-of-order"}),
    "a line of words only": (_CLEAN + "\nHello\n", {"unreadable-line"}),
    "a code that comes once": (_CLEAN.replace("94ae 94ae", "94ae"), {"unpaired-control-code"}),
    "no row": (_CLEAN.replace("9470 9470 ", ""), {"text-before-pac"}),
    "no text": (_CLEAN.replace("c8e5 ecec ef80 ", ""), {"eoc-without-text"}),
    "no mode": (scc("00:00:01:00\t9470 9470 c8e5"), {"characters-without-mode"}),
    "a code that is not defined": (_CLEAN.replace("ef80", "ef80 1010 1010"), {"unknown-control-code"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_by_a_change(name: str) -> None:
    text, expected = FAULTS[name]
    assert {fault.code for one in read(text.encode(), "a.scc") for fault in one.faults} == expected


REFUSED = {
    "another version": (_CLEAN.replace("V1.0", "V2.0"), "missing-header", 1),
    "no header": (_CLEAN.removeprefix(_HEADER), "missing-header", 1),
    "no line that can be read": (scc("Hello", "World"), "no-captions", None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    text, code, line = REFUSED[name]
    with pytest.raises(TextError, match=r"a\.scc") as caught:
        read(text.encode(), "a.scc")
    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_characters_are_a_fault_and_are_read(encoding: str) -> None:
    (document,) = read(_CLEAN.encode(encoding), "a.scc")
    assert ([fault.code for fault in document.faults], len(document.events)) == (["not-ascii"], 1)


def test_other_characters_than_ascii_are_a_fault_though_python_takes_them_for_spaces() -> None:
    (document,) = read(_CLEAN.replace(" 9420", " \u20289420", 1).encode(), "a.scc")
    assert [(fault.code, fault.line) for fault in document.faults] == [("not-ascii", 3)]


def test_files_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    long = scc(f"00:00:01:00\t{_LOAD}", f"00:00:02:00\t{_LOAD}").encode()
    for module, name, most, code in (
        (scc_reader, "MOST_BYTES", 100, "text-too-large"),
        (scc_reader, "_MOST_WORDS", 20, "text-too-large"),
        (caption_screen, "MOST_EVENTS", 1, "too-many-events"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, most)
            with pytest.raises(TextError) as caught:
                read(long, "a.scc")
            assert caught.value.code == code
    assert len(read(long, "a.scc")[0].events) == 2


def test_marks_line_ends_and_channels() -> None:
    (document,) = read(b"\xef\xbb\xbf" + _CLEAN.replace("\n", "\r\n").encode(), "a.scc")
    assert (document.has_bom, document.encoding, len(document.events), document.faults) == (True, "utf-8", 1, ())
    second_field = scc("00:00:01:00\t1520 1520 9470 9470 c8e9 152f 152f")
    assert [one.service for one in read(second_field.encode(), "a.scc")] == ["cc3"]
    other = scc("00:00:01:00\t1c20 1c20 1c70 1c70 c8e9 1c2f 1c2f", "00:00:02:00\t9420 9420")
    assert [one.service for one in read_bytes(other.encode(), "scc", "a.scc")] == ["cc1", "cc2"]
    (empty,) = read(_HEADER.encode(), "a.scc")
    assert (empty.events, empty.service) == ((), None)
