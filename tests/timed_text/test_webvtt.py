"""WebVTT against the standard's own suite and W3C's checker, ttconv and libav; and every fault by one mutation.

`webvtt_suites.tsv`: each WebVTT file of the material, whether W3C's own checker (webvtt.js) finds it valid and what it
says, else the standard's sentence, the number of cues that the suite's assertions give, and the faults found here.
`webvtt_cue_texts.tsv`: the suite's payloads, and the text of the tree that it expects, without `<rt>`.
"""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest

from deliverqc.timed_text import webvtt
from deliverqc.timed_text.model import Box, Document, TextError
from deliverqc.timed_text.webvtt_cue_text import cue_text
from tests.material import material
from tests.timed_text.peers import libav_events

_HERE = Path(__file__).parent
_WPT = "ttconv/src/test/resources/vtt/wpt-tests/file-parsing"

CLEAN = """WEBVTT - a title

NOTE
of the author

STYLE
::cue(.loud) { color: #ff8000 }

REGION
id:top width:40% lines:2 regionanchor:0%,0% viewportanchor:10%,10%

one
00:00:01.000 --> 00:00:02.500
<v Ann>First

two
00:00:03.000 --> 00:00:04.000 line:10% align:start
Second &amp; <i.loud>third</i>

three
00:00:05.000 --> 00:00:06.000 region:top
<ruby>base<rt>small</rt></ruby> <lang fr>deux</lang> <00:00:05.500>later
"""


def _read(text: str | bytes) -> Document:
    (document,) = webvtt.read(text if isinstance(text, bytes) else text.encode(), "x.vtt")
    return document


def _codes(text: str | bytes) -> set[str]:
    return {fault.code for fault in _read(text).faults}


def test_a_clean_file_has_no_fault_and_its_words() -> None:
    document = _read(CLEAN)
    assert document.faults == ()
    first, second, third = document.events
    assert (first.label, first.begin_s, first.end_s, first.line) == ("one", 1, Fraction(5, 2), 13)
    assert (first.lines, first.vertical, first.align) == (("First",), "bottom", "center")
    assert (second.lines, second.colors, second.is_italic) == (("Second & third",), ("#ff8000",), True)
    assert (second.vertical, second.align, second.box) == ("top", "start", None)
    assert (third.lines, third.ruby, third.language) == (("base deux later",), ("small",), "fr")


def test_a_cue_in_a_region_is_where_the_standard_puts_the_region() -> None:
    # section 7.1: 40 % wide, two lines of 6 % of the height, its top left corner at 10 %, 10 %
    third = _read(CLEAN).events[2]
    assert (third.region, third.box) == ("top", Box(left=10, top=10, right=50, bottom=22))


def test_colors_are_those_that_the_style_sheet_gives_to_all_text_to_tags_and_to_classes() -> None:
    sheet = "::cue { background: #111111; color: #ffffff }\n::cue(b), ::cue(c.cyan) { color: rgb(1,2,3) }"
    document = _read(
        CLEAN.replace("::cue(.loud) { color: #ff8000 }", sheet).replace("First", "<b>First</b> <c.lime>1</c>")
    )
    assert document.faults == ()
    assert [event.colors for event in document.events] == [
        ("#ffffff", "#010203", "#00ff00"), ("#ffffff",), ("#ffffff",)
    ]  # fmt: skip


def test_a_region_of_endless_lines_has_finite_edges() -> None:
    box = _read(CLEAN.replace("lines:2", "lines:" + "9" * 400)).events[2].box
    assert box is not None and box.bottom < 10_000


_MUTATIONS = [
    ("WEBVTT - a title\n\n", "WEBVTT - a title\nmore\n\n", "text-in-header"),
    ("WEBVTT - a title\n", "WEBVTT - a title\nX-TIMESTAMP-MAP=LOCAL:00:00,MPEGTS:9\n", "bad-timestamp-map"),
    ("NOTE\nof", "not a NOTE\nof", "stray-text"),
    ("#ff8000 }", "#ff8000", "bad-style"),
    ("width:40%", "width:140%", "bad-region-setting"),
    ("lines:2", "lines:2.5", "bad-region-setting"),
    ("regionanchor:0%,0%", "regionanchor:0%", "bad-region-setting"),
    ("id:top", "id:top scroll:down", "bad-region-setting"),
    ("lines:2", "lines:2 lines:3", "repeated-setting"),
    ("one\n", "REGION\nid:top\n\none\n", "duplicate-region"),
    ("one\n", "REGION\nwidth:10%\n\none\n", "region-without-id"),
    ("region:top", "region:bottom", "unknown-region"),
    ("two\n", "STYLE\n::cue { color: red }\n\ntwo\n", "style-after-cue"),
    ("two\n", "REGION\nid:late\n\ntwo\n", "region-after-cue"),
    ("two\n", "one\n", "duplicate-id"),
    ("First\n\ntwo\n", "First\n", "missing-blank-line"),
    ("03.000 -->", "03,000 -->", "bad-time-line"),
    ("00:00:03.000 -->", "00:00:63.000 -->", "bad-time-line"),
    ("00:00:03.000 -->", "-00:00:03.000 -->", "bad-time-line"),
    ("00:00:03.000 -->", "0:00:03.000 -->", "irregular-time"),
    ("00:00:03.000 --> ", "00:00:03.000 -->", "bad-spacing"),
    ("00:00:03.000 -->", " 00:00:03.000 -->", "bad-spacing"),
    ("04.000 line", "04.000line", "bad-spacing"),
    ("00:00:04.000", "00:00:02.000", "end-before-begin"),
    ("00:00:04.000", "00:00:03.000", "zero-duration"),
    ("00:00:03.000 -->", "00:00:00.900 -->", "times-go-backwards"),
    ("line:10%", "line:101%", "bad-setting"),
    ("line:10%", "line:1.5", "bad-setting"),
    ("align:start", "align:middle", "bad-setting"),
    ("align:start", "position:10", "bad-setting"),
    ("align:start", "size:-1%", "bad-setting"),
    ("align:start", "vertical:up", "bad-setting"),
    ("align:start", "colour:red", "bad-setting"),
    ("align:start", "line:20%", "repeated-setting"),
    ("&amp;", "&", "bad-entity"),
    ("&amp;", "&wrong;", "bad-entity"),
    ("&amp;", "&#0;", "bad-entity"),
    ("<i.loud>", "<i.loud><font>", "unknown-tag"),
    ("</i>", "", "unclosed-tag"),
    ("</i>", "</i></b>", "unexpected-end-tag"),
    ("</i>", "</i", "broken-tag unclosed-tag"),
    ("<i.loud>", "<i.loud >", "annotation-not-allowed"),
    ("<i.loud>", "<i..loud>", "bad-class"),
    ("<v Ann>", "<v>", "missing-annotation"),
    ("<lang fr>", "<lang _>", "bad-language"),
    ("<rt>small</rt></ruby>", "</ruby>", "ruby-without-rt"),
    ("</rt></ruby>", "</rt>tail</ruby>", "ruby-without-rt"),
    ("Second", "<rt>Second", "rt-outside-ruby"),
    ("<00:00:05.500>", "<00:00:05.5>", "bad-timestamp"),
    ("<00:00:05.500>", "<00:00:05.000>", "timestamp-out-of-order"),
    ("<00:00:05.500>", "<00:00:06.000>", "timestamp-out-of-order"),
    ("Second", "Sec\0ond", "nul-character"),
]


@pytest.mark.parametrize(("old", "new", "codes"), _MUTATIONS)
def test_each_mutation_gives_its_fault_and_no_other(old: str, new: str, codes: str) -> None:
    assert CLEAN.count(old) >= 1
    assert _codes(CLEAN.replace(old, new, 1)) == set(codes.split())


@pytest.mark.parametrize(
    "text",
    [
        CLEAN.replace("\n", "\r\n"),
        CLEAN.replace("\n", "\r"),
        "\ufeff" + CLEAN,
        CLEAN.replace("title\n", "title\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n", 1),
        CLEAN.replace("</rt></ruby>", "</ruby>"),
        CLEAN.replace("First", ""),
        CLEAN.replace("</i>", "</i>\u202e\u2028"),
        CLEAN.replace("00:00:01.000 --> 00:00:02.500", "00:01.000\t-->  00:02.500 "),
        CLEAN.replace("00:00:06.000", "1000:00:06.000"),
        CLEAN.rstrip("\n"),
        "WEBVTT",
    ],
    ids=["crlf", "cr", "bom", "hls", "rt", "empty", "bidi", "no-hours", "many-hours", "no-end", "signature"],
)
def test_what_the_standard_allows_is_no_fault(text: str) -> None:
    assert _codes(text) == set()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no-signature"),
        (b"WEBVT\n", "no-signature"),
        (b"WEBVTTX\n", "no-signature"),
        (b"webvtt\n", "no-signature"),
        (b"\nWEBVTT\n", "no-signature"),
        (CLEAN.encode("utf-16"), "not-utf-8"),
        (CLEAN.encode("utf-16-be"), "not-utf-8"),
    ],
    ids=["empty", "short", "longer", "case", "second-line", "utf-16", "utf-16-be"],
)
def test_what_is_not_webvtt_is_refused_with_the_reason(data: bytes, code: str) -> None:
    with pytest.raises(TextError, match=r"^x\.vtt") as refused:
        webvtt.read(data, "x.vtt")
    assert (refused.value.code, refused.value.line) == (code, 1)


def test_bytes_that_are_not_utf_8_are_a_fault() -> None:
    assert _codes(CLEAN.replace("First", "Füße").encode("latin-1")) == {"not-utf-8"}
    assert _codes(CLEAN.replace("First", "Füße").encode() + b"\xff") == {"undecodable-bytes"}


def _suite() -> list[dict[str, str]]:
    with (_HERE / "webvtt_suites.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_suites_files_have_their_cues_and_only_the_invalid_ones_have_faults() -> None:
    rows = _suite()
    folder = material()
    listed = {row["file"] for row in rows}
    assert {str(path.relative_to(folder)) for path in (folder / "ttconv").rglob("*.vtt")} < listed
    for row in rows:
        document = _read((folder / row["file"]).read_bytes())
        found = (len(document.events), " ".join(sorted({fault.code for fault in document.faults})))
        assert found == (int(row["cues"]), row["faults"]), row["file"]
    assert not [row["file"] for row in rows if (row["truth"] == "valid") != (row["faults"] == "")]
    assert not [row["file"] for row in rows if row["truth"] == "invalid" and not row["why"]]


@pytest.mark.parametrize(
    ("file", "member", "expected"),
    [
        ("arrows", "lines", [(f"text{n}",) for n in range(6)]),
        ("ids", "label", [" leading space", "trailing space ", "-- >", "->", " "]),
        ("newlines", "label", ["cr", "lf", "crlf", "lfcr"]),
        ("timings-60", "end_s", [216001, 216001]),
        ("timings-negative", "end_s", [0, Fraction(999, 1000), Fraction(59999, 1000), Fraction(3599999, 1000)]),
        ("settings-align", "align", ["center", "start", "center", "end", "left", "right", *["end"] * 6, "center"]),
        ("settings-region", "region", ["foo", "bar", "bar", None, "foo", None, None, None, None]),
        ("regions-old", "region", [None, None]),
        ("whitespace-chars", "lines", [("   text0",), ("text1",), ("text2",)]),
    ],
)
def test_cues_are_those_that_the_suite_asserts(file: str, member: str, expected: list[object]) -> None:
    events = _read(material(f"{_WPT}/{file}.vtt").read_bytes()).events
    assert [getattr(event, member) for event in events] == expected


def test_texts_are_those_of_the_suites_trees() -> None:
    with (_HERE / "webvtt_cue_texts.tsv").open(encoding="utf-8") as file:
        rows = [[json.loads(cell) for cell in line.rstrip("\n").split("\t")] for line in list(file)[1:]]
    assert len(rows) > 70
    for payload, shown in rows:
        text = cue_text(payload, 0, 10**9, lambda code, message: None, {})
        assert "\n".join(text.lines).strip() == shown.strip(), payload


def test_times_are_those_of_ttconv_and_libav() -> None:
    reader = pytest.importorskip("ttconv.vtt.reader")
    text = CLEAN.replace("<v Ann>", "").replace(" <00:00:05.500>", "")
    ours = [(event.begin_s, event.end_s) for event in _read(text).events]
    model = reader.to_model(StringIO(text))
    shown = [element for element in model.get_body().dfs_iterator() if type(element).__name__ == "P"]
    assert [(element.get_begin(), element.get_end()) for element in shown] == ours
    assert libav_events(text.encode(), "webvtt") == ours
