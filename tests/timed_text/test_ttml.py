"""TTML is read as TTML1, TTML2, IMSC and EBU-TT-D say: times by arithmetic and as ttconv reads them, and one fault for
each rule that a document breaks."""

from __future__ import annotations

import logging
import threading
from fractions import Fraction
from pathlib import Path

import pytest

from deliverqc.timed_text import ttml
from deliverqc.timed_text.model import Document, TextError
from tests.material import material
from tests.timed_text.documents import IMSC

_SMPTE_IMAGE = 's:backgroundImage="a.png" xmlns:s="http://www.smpte-ra.org/schemas/2052-1/2010/smpte-tt"'
_NTSC = Fraction(1001, 24000)


def _read(text: str) -> Document:
    (document,) = ttml.read(text.encode(), "film.ttml")
    return document


def _codes(text: str) -> list[str]:
    return sorted({fault.code for fault in _read(text).faults})


def _line(words: str) -> int:
    return IMSC[: IMSC.index(words)].count("\n") + 1


def _body(content: str, *, parameters: str = "", head: str = "") -> str:
    return (
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" '
        'xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:smpte="http://www.smpte-ra.org/schemas/2052-1/2010/smpte-tt"'
        " "
        f'xml:lang="en" {parameters}><head>{head}</head><body>{content}</body></tt>'
    )


def _times(content: str, **options: str) -> list[tuple[Fraction, Fraction | None]]:
    return [(event.begin_s, event.end_s) for event in _read(_body(content, **options)).events]


def test_a_clean_document_is_read_whole_and_without_faults() -> None:
    document = _read(IMSC)
    first, second, third = document.events
    assert document.faults == ()
    assert (document.profile, document.language, document.title) == ("imsc1_text", "en", "The film")
    assert (document.frame_rate, document.time_base, document.start_s) == (Fraction(24000, 1001), "media", 0)
    assert first.lines == ("First", "line two")
    assert (first.begin_s, first.end_s) == (1, 2 + 12 * _NTSC)
    assert (first.line, first.label, first.region) == (_line('xml:id="one"'), "one", "low")
    assert (first.vertical, first.align) == ("bottom", "center")
    assert first.box is not None and (first.box.left, first.box.bottom) == (10, 90)
    assert (first.colors, first.fonts) == (("#ffffff",), ("Arial", "proportionalSansSerif"))
    assert first.font_size_percent == pytest.approx(100 / 15, abs=0.001)
    assert not first.is_italic and second.is_italic
    assert (second.begin_s, second.end_s) == (Fraction(7, 2), Fraction(11, 2))
    assert second.box is not None and (second.box.left, second.box.top, second.box.right) == (10, 10, 90)
    assert (third.begin_s, third.end_s, third.colors) == (Fraction(41, 4), Fraction(51, 4), ("#ff0000",))


@pytest.mark.parametrize(
    ("parameters", "written", "seconds"),
    [
        ("", "01:02:03", Fraction(3723)),
        ("", "00:00:01.5", Fraction(3, 2)),
        ("", "100:00:00", Fraction(360000)),
        ("", "1.5h", Fraction(5400)),
        ("", "2m", Fraction(120)),
        ("", "1500ms", Fraction(3, 2)),
        ('ttp:frameRate="25"', "00:00:01:05", Fraction(6, 5)),
        ('ttp:frameRate="25"', "30f", Fraction(6, 5)),
        ('ttp:frameRate="25" ttp:subFrameRate="2"', "00:00:00:01.1", Fraction(3, 50)),
        ('ttp:tickRate="10000000"', "15000000t", Fraction(3, 2)),
        ('ttp:frameRate="25" ttp:subFrameRate="4"', "100t", Fraction(1)),
        ('ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"', "00:00:01:15", 1 + Fraction(15 * 1001, 30000)),
        (
            'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:timeBase="smpte"',
            "01:00:00:00",
            Fraction(108000 * 1001, 30000),
        ),
        (
            'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:timeBase="smpte" ttp:dropMode="dropNTSC"',
            "01:00:00:00",
            Fraction(107892 * 1001, 30000),
        ),
        (
            'ttp:frameRate="60" ttp:frameRateMultiplier="1000 1001" ttp:timeBase="smpte" ttp:dropMode="dropNTSC"',
            "00:01:00:04",
            Fraction(3600 * 1001, 60000),
        ),
        (
            'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:timeBase="smpte" ttp:dropMode="dropPAL"',
            "00:02:00:04",
            Fraction(3600 * 1001, 30000),
        ),
        ('ttp:timeBase="clock"', "10:00:00", Fraction(36000)),
    ],
)
def test_a_time_expression_counts_as_its_parameters_say(parameters: str, written: str, seconds: Fraction) -> None:
    document = _read(_body(f'<div><p begin="{written}">a</p></div>', parameters=parameters))
    assert (document.events[0].begin_s, document.faults) == (seconds, ())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<div begin="10s" end="20s"><p begin="1s" end="2s">a</p></div>', [(11, 12)]),
        ('<div begin="10s" dur="5s"><p begin="1s">a</p></div>', [(11, 15)]),
        ('<div><p begin="1s" end="9s" dur="2s">a</p></div>', [(1, 3)]),
        ('<div timeContainer="seq"><p dur="2s">a</p><p dur="3s">b</p></div>', [(0, 2), (2, 5)]),
        ('<div timeContainer="seq" begin="5s"><p begin="1s" dur="2s">a</p><p end="3s">b</p></div>', [(6, 8), (8, 11)]),
        ('<div timeContainer="seq"><p><span dur="2s">a</span></p><p dur="1s">b</p></div>', [(0, 2), (2, 3)]),
        ('<div><p begin="1s" end="5s">a<span begin="1s" end="2s">b</span></p></div>', [(1, 5), (2, 3)]),
        ('<div><p><span begin="1s" end="2s">a</span><br/><span begin="1s" end="2s">b</span></p></div>', [(1, 2)]),
        ('<div dur="2s"><p begin="3s" end="4s">a</p></div>', [(3, 3)]),
        ("<div><p>a</p></div>", [(0, None)]),
        ('<div><p begin="1s" end="2s"/></div>', [(1, 2)]),
        ("<div><p/></div>", []),
    ],
)
def test_time_containers_nest_as_ttml_says(content: str, expected: list[tuple[int, int | None]]) -> None:
    assert _times(content) == expected


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("<p>  a\n   b <br/>  c  </p>", ("a b", "c")),
        ('<p xml:space="preserve"> a\nb</p>', (" a", "b")),
        ("<p>a<br/><br/>b<br/></p>", ("a", "", "b")),
        ('<p>漢<span tts:ruby="text">かん</span>字</p>', ("漢字",)),
        ("<p><span>a</span> <span>b</span></p>", ("a b",)),
        ("<p>a&amp;b &#x202E;c</p>", ("a&b \u202ec",)),
    ],
)
def test_text_becomes_lines(content: str, lines: tuple[str, ...]) -> None:
    assert _read(_body(f"<div>{content}</div>")).events[0].lines == lines


def test_parts_with_times_of_their_own_keep_their_breaks_and_spaces() -> None:
    timed = '<span begin="1s">{}</span>'
    content = f"<div><p>one<br/>{timed.format('two')} {timed.format('three')}<br/><br/>{timed.format('four')}</p></div>"
    assert [event.lines for event in _read(_body(content)).events] == [("one",), ("two three", "four")]


def test_ruby_is_kept_apart_from_its_line() -> None:
    content = '<div><p>漢<span tts:ruby="text">かん</span>字</p></div>'
    assert _read(_body(content)).events[0].ruby == ("かん",)


def test_images_of_smpte_tt_are_events() -> None:
    head = '<metadata><smpte:image xml:id="img" imagetype="PNG" encoding="Base64">AA==</smpte:image></metadata>'
    image = '<div begin="1s" end="2s" smpte:backgroundImage="#img"/>'
    content = image + image.replace("img", "gone").replace("1s", "3s").replace("2s", "4s")
    document = _read(_body(content, head=head))
    assert [(event.is_image, event.begin_s, event.lines) for event in document.events] == [(True, 1, ()), (True, 3, ())]
    assert (document.profile, [fault.code for fault in document.faults]) == ("smpte_tt", ["unknown-image"])


def test_a_draft_of_ttml_is_read_by_its_own_namespace() -> None:
    text = _body('<div><p begin="1s" tts:color="yellow">a</p></div>').replace("/ns/ttml", "/2006/10/ttaf1")
    document = _read(text)
    assert (document.profile, document.events[0].begin_s, document.events[0].colors) == ("dfxp", 1, ("#ffff00",))


@pytest.mark.parametrize(
    ("parameters", "head", "profile"),
    [
        ('ttp:contentProfiles="all(http://www.w3.org/ns/ttml/profile/imsc1.1/image)"', "", "imsc1_1_image"),
        ('ttp:contentProfiles="http://www.w3.org/ns/ttml/profile/imsc1.2/text"', "", "imsc1_2_text"),
        ('ttp:profile="http://www.w3.org/ns/ttml/profile/sdp-us"', "", "sdp_us"),
        ("", '<ttp:profile use="http://www.w3.org/ns/ttml/profile/imsc1/text"/>', "imsc1_text"),
        (
            "",
            '<metadata xmlns:m="urn:ebu:tt:metadata"><m:documentMetadata><m:conformsToStandard>'
            "urn:ebu:tt:distribution:2018-04</m:conformsToStandard></m:documentMetadata></metadata>",
            "ebu_tt_d",
        ),
        ('ttp:version="2"', "", "ttml2"),
        ('ttp:profile="http://netflix.com/ttml/profile/dfxp-ls-sdh"', "", "ttml1"),
    ],
)
def test_the_profile_is_what_the_document_states(parameters: str, head: str, profile: str) -> None:
    assert _read(_body("", parameters=parameters, head=head)).profile == profile


_MUTATIONS = [
    ("unknown-region", 'region="high"', 'region="gone"'),
    ("attribute-not-allowed", 'begin="3.5s" dur', 'start="0s" begin="3.5s" dur'),
    ("attribute-not-allowed", 'xml:id="low"', 'xml:id="low" id="low"'),
    ("unknown-style", 'style="said">two', 'style="gone">two'),
    ("style-loop", 'xml:id="base"', 'xml:id="base" style="said"'),
    ("bad-time", 'begin="3.5s"', 'begin="0:00:03,5"'),
    ("bad-time", 'begin="3.5s"', 'begin="00:61:00"'),
    ("end-before-begin", 'end="12.75s"', 'end="9.75s"'),
    ("frame-beyond-rate", 'end="00:00:02:12"', 'end="00:00:02:24"'),
    ("frame-rate-missing", 'ttp:frameRate="24"', ""),
    ("tick-rate-missing", 'ttp:tickRate="240"', ""),
    ("language-missing", 'xml:lang="en"', ""),
    ("duplicate-id", 'xml:id="two"', 'xml:id="one"'),
    ("bad-language", 'xml:id="two"', 'xml:id="two" xml:lang="p6"'),
    ("bad-id", 'xml:id="two"', 'xml:id="2"'),
    ("bad-id", 'xml:id="two"', 'xml:id="a:b"'),
    ("id-missing", '<region xml:id="low"', '<region tts:extent="1% 1%"/><region xml:id="low"'),
    ("element-out-of-place", "<div>", '<p begin="1s">stray</p><div>'),
    ("element-out-of-place", "</styling>", "</styling><styling/>"),
    ("element-out-of-place", 'dur="480t">', 'dur="480t"><div/>'),
    ("text-out-of-place", "<div>", "<div>stray"),
    ("text-out-of-place", "<div>", "<div>\u2028"),
    ("element-out-of-place", "</div>", "<xml:p>lost</xml:p></div>"),
    ("element-out-of-place", "</div>", "<tts:p>lost</tts:p></div>"),
    ("bad-style-value", 'tts:displayAlign="before"', 'tts:displayAlign="top"'),
    ("bad-style-value", 'tts:color="white"', 'tts:color="#fff"'),
    ("bad-style-value", 'tts:fontSize="100%"', 'tts:fontSize="100%" tts:textOutline="red blue green"'),
    ("bad-parameter", 'ttp:cellResolution="32 15"', 'ttp:cellResolution="32"'),
    ("bad-parameter", 'ttp:timeBase="media"', 'ttp:timeBase="film"'),
    ("time-base-not-allowed", 'ttp:timeBase="media"', 'ttp:timeBase="smpte"'),
    ("root-extent-missing", 'tts:extent="1920px 1080px"', ""),
    ("root-extent-not-px", 'tts:extent="1920px 1080px"', 'tts:extent="100% 100%"'),
    ("region-beyond-root", 'tts:extent="80% 10%"', 'tts:extent="80% 30%"'),
    ("encoding-not-utf-8", 'encoding="UTF-8"', 'encoding="ISO-8859-1"'),
    ("image-in-text-profile", 'region="high"', f'region="high" {_SMPTE_IMAGE}'),
    ("text-in-image-profile", "imsc1/text", "imsc1/image"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "clean", "broken"), _MUTATIONS, ids=range(len(_MUTATIONS)))
def test_one_broken_rule_is_one_kind_of_fault(code: str, clean: str, broken: str) -> None:
    assert IMSC.count(clean) == 1 or code == "text-in-image-profile"
    assert _codes(IMSC.replace(clean, broken)) == [code]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("textAlign", "justify"),
        ("textCombine", "digits 2"),
        ("textEmphasis", "'x' red"),
        ("rubyAlign", "withBase"),
        ("textShadow", "1px 1px, 2px 2px 1px rgba(0, 0, 0, 128)"),
        ("textOutline", "black 1px 2px"),
        ("fontFamily", "A"),
        ("fontSize", "10px 20px"),
        ("lineHeight", "normal"),
        ("opacity", "0.5"),
        ("padding", "1px 2% 3px"),
        ("textDecoration", "noUnderline lineThrough"),
        ("unicodeBidi", "isolate"),
        ("display", "inlineBlock"),
        ("color", "inherit"),
        ("backgroundColor", "transparent"),
        ("visibility", "hidden"),
    ],
)
def test_values_of_ttml2_are_no_faults(name: str, value: str) -> None:
    assert _codes(IMSC.replace('xml:id="two"', f'xml:id="two" tts:{name}="{value}"')) == []


@pytest.mark.parametrize(
    ("clean", "broken", "code"),
    [
        ('xml:id="two"', 'xml:id="two" tts:lineHeight="tall"', "bad-style-value"),
        ('xml:id="two"', 'xml:id="two" tts:padding="1 2"', "bad-style-value"),
        ('dur="480t">', 'dur="480t"><span/><set tts:color="red"/>', "element-out-of-place"),
        ("Second", '<span tts:ruby="container"><span tts:ruby="text">a</span></span>', "element-out-of-place"),
    ],
    ids=["line-height", "padding", "set", "ruby"],
)
def test_what_only_ttconv_finds_is_a_fault(clean: str, broken: str, code: str) -> None:
    (fault,) = _read(IMSC.replace(clean, broken)).faults
    assert (fault.code, fault.message[:7]) == (code, "ttconv:")


def test_ttconv_sees_every_shape_of_a_paragraph_in_a_long_document() -> None:
    paragraphs = "".join(f'<p region="low" begin="{n}s" end="{n}.5s">a</p>' for n in range(20, 420))
    broken = paragraphs + '<p region="low" begin="500s" tts:lineHeight="tall">b</p>'
    assert _codes(IMSC.replace("</div>", f"{broken}</div>")) == ["bad-style-value"]


def test_nothing_of_ttconv_is_heard_from_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    from ttconv.imsc import reader

    def noisy(tree: object) -> object:
        other = threading.Thread(target=logging.getLogger("ttconv.imsc").error, args=("of another document",))
        other.start()
        other.join()
        return object()

    monkeypatch.setattr(reader, "to_model", noisy)
    assert _read(IMSC).faults == ()


def test_a_drop_frame_address_that_does_not_exist_is_a_fault() -> None:
    parameters = 'ttp:timeBase="smpte" ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:dropMode="dropNTSC"'
    content = '<div><p begin="00:10:00:00" end="00:11:00:01">a</p></div>'
    assert _codes(_body(content, parameters=parameters)) == ["dropped-timecode"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('<div><p begin="1s" end="2s">a</p></div>', "time-form-not-allowed"),
        ('<div begin="00:00:01.000"><p begin="00:00:01.000">a</p></div>', "attribute-not-allowed"),
    ],
)
def test_ebu_tt_d_is_held_to_its_own_rules(content: str, code: str) -> None:
    head = (
        '<metadata xmlns:m="urn:ebu:tt:metadata"><m:documentMetadata><m:conformsToStandard>'
        "urn:ebu:tt:distribution:2014-01</m:conformsToStandard></m:documentMetadata></metadata>"
    )
    assert _codes(_body(content, head=head)) == [code]


def test_a_clean_document_of_ebu_tt_d_has_no_faults() -> None:
    head = (
        '<metadata xmlns:m="urn:ebu:tt:metadata"><m:documentMetadata><m:conformsToStandard>'
        "urn:ebu:tt:distribution:2018-04</m:conformsToStandard></m:documentMetadata></metadata>"
        '<styling><style xml:id="s" tts:fontSize="160%"/></styling>'
        '<layout><region xml:id="r" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="after"/></layout>'
    )
    content = '<div><p region="r" style="s" begin="00:00:01.000" end="00:00:02.500"><span>a</span></p></div>'
    document = _read(_body(content, head=head, parameters='ttp:timeBase="media"'))
    assert (document.profile, document.faults) == ("ebu_tt_d", ())
    assert document.events[0].font_size_percent == pytest.approx(160 / 15, abs=0.001)


def test_a_clean_document_of_the_image_profile_has_no_faults() -> None:
    parameters = (
        'ttp:profile="http://www.w3.org/ns/ttml/profile/imsc1/image" tts:extent="1920px 1080px" '
        'xmlns:itts="http://www.w3.org/ns/ttml/profile/imsc1#styling"'
    )
    head = '<layout><region xml:id="r" tts:origin="480px 900px" tts:extent="960px 108px"/></layout>'
    content = (
        '<div region="r" begin="1s" end="2s" itts:forcedDisplay="true" smpte:backgroundImage="1.png"/>'
        '<div region="r" begin="3s" end="4s" smpte:backgroundImage="2.png"/>'
    )
    document = _read(_body(content, head=head, parameters=parameters))
    first, second = document.events
    assert (document.profile, document.faults, document.is_forced) == ("imsc1_image", (), False)
    assert (first.is_image, first.is_forced, second.is_forced) == (True, True, None)
    assert first.box is not None and (first.box.left, first.box.right, first.vertical) == (25, 75, "bottom")


def test_an_event_of_unknown_begin_is_left_out_and_reported() -> None:
    document = _read(IMSC.replace('begin="3.5s"', 'begin="soon"'))
    (fault,) = document.faults
    assert (fault.code, fault.line) == ("bad-time", _line('xml:id="two"'))
    assert [event.label for event in document.events] == ["one", "three"]


def test_a_root_of_another_namespace_is_refused_by_name() -> None:
    with pytest.raises(TextError, match=r"film.ttml, line 1: <tt> of the namespace .*urn:ttml") as caught:
        _read('<tt xmlns="urn:ttml"/>')
    assert caught.value.code == "unknown-namespace"


def _shown(element: object, begin: Fraction, end: Fraction | None) -> set[tuple[Fraction, Fraction | None]]:
    """Intervals in which ttconv shows text."""
    from ttconv import model

    found = set()
    starts = begin + (element.get_begin() or 0)  # type: ignore[attr-defined]
    stops = element.get_end()  # type: ignore[attr-defined]
    known = [one for one in (None if stops is None else begin + stops, end) if one is not None]
    for child in element:  # type: ignore[attr-defined]
        if isinstance(child, model.Text):
            if child.get_text().strip():
                found.add((starts, min(known, default=None)))
        elif not isinstance(child, model.Br):
            found |= _shown(child, starts, min(known, default=None))
    return found


def test_times_are_those_of_ttconv_on_the_suite_of_the_w3c(caplog: pytest.LogCaptureFixture) -> None:
    """Text that is never shown has no duration with us, and none or a negative one with ttconv."""
    from lxml import etree
    from ttconv.imsc.reader import to_model

    folder = material("imsc_tests/imsc1/ttml")
    compared = 0
    for path in sorted(folder.glob("timing/*.ttml")) + sorted(folder.glob("misc/*.ttml")):
        body = to_model(etree.parse(str(path))).get_body()
        theirs = {one for one in _shown(body, Fraction(0), None) if one[1] is None or one[0] < one[1]}
        (document,) = ttml.read(Path(path).read_bytes(), path.name)
        ours = {(event.begin_s, event.end_s) for event in document.events if event.lines}
        assert {one for one in ours if one[1] is None or one[0] < one[1]} == theirs, path.name
        compared += 1
    assert compared > 30


_SHOWN = b"""<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" xml:lang="en"><head>
<styling><style xml:id="s" %s/></styling><layout><region xml:id="r" %s/></layout></head>
<body style="s"><div><p region="r" begin="1s" end="2s">%s</p></div></body></tt>"""


@pytest.mark.parametrize(
    ("style", "region", "text", "lines"),
    [
        (b'tts:visibility="hidden"', b"", b"a", ()),
        (b'tts:display="none"', b"", b"a", ()),
        (b"", b'tts:opacity="0"', b"a", ()),
        (b'tts:color="#ffffff00"', b"", b"a", ()),
        (b'tts:color="transparent"', b"", b"a", ()),
        (b'tts:visibility="hidden"', b"", b'a<span tts:visibility="visible">b</span>', ("b",)),
        (b'tts:display="none"', b"", b'a<span tts:display="auto">b</span>', ()),
        (b'tts:color="transparent" tts:textOutline="black 1px"', b"", b"a", ("a",)),
        (b'tts:visibility="hidden"', b"", b'<set begin="0s" tts:visibility="visible"/>a', ("a",)),
        (b'tts:opacity="0.5" tts:color="#ffffff80"', b'tts:opacity="1"', b"a", ("a",)),
    ],
    ids=(
        "visibility",
        "display",
        "opacity",
        "alpha",
        "transparent",
        "shown-inside",
        "gone-inside",
        "outline",
        "animated",
        "half",
    ),
)
def test_text_that_its_styles_hide_is_not_shown(
    style: bytes, region: bytes, text: bytes, lines: tuple[str, ...]
) -> None:
    (document,) = ttml.read(_SHOWN % (style, region, text), "a.ttml")
    assert [event.lines for event in document.events] == [lines]
