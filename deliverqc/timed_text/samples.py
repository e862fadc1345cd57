"""Reads a track of text from the samples of its wrapper: a document on the clock of the wrapper. Opens no file.

SubRip, WebVTT and SubStation as Matroska holds them (Matroska subtitle codec mappings, draft-ietf-cellar-codec), text
of MP4 (3GPP TS 26.245), TTML and WebVTT of MP4 (ISO/IEC 14496-30).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from deliverqc.timed_text import ass, tx3g, webvtt
from deliverqc.timed_text.faults import Faults
from deliverqc.timed_text.model import Document, Event, TextFault
from deliverqc.timed_text.srt_tags import styled
from deliverqc.timed_text.stpp import read_stpp
from deliverqc.timed_text.webvtt_cue_text import cue_text
from deliverqc.timed_text.webvtt_settings import settings

_OF_ANOTHER_CLOCK = ("timestamp-out-of-order", "bad-timestamp")
"""Times within a cue count from its start in some wrappers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One sample: when it is shown, on the clock that the document is to have, and its bytes. `end_s` is None where no
    duration is stated."""

    begin_s: Fraction
    end_s: Fraction | None
    data: bytes


def read_samples(coding: str, header: bytes, samples: Sequence[Sample], name: str) -> Document:
    """The document of a track in a coding of `CODINGS`. TextError where a sample cannot be read at all."""
    if coding == "stpp":
        return read_stpp([(one.begin_s, one.end_s, one.data) for one in samples], name)
    faults = Faults()
    document = CODINGS[coding](header, samples, faults)
    return replace(document, time_base="media", faults=tuple(_placed(one) for one in faults.found()))


def _placed(fault: TextFault) -> TextFault:
    """A sample has no line of its own."""
    return replace(fault, line=None)


def text_of(data: bytes, faults: Faults, number: int) -> str:
    """The UTF-8 text of a sample, its lines ended by a line feed; what follows a NUL is not shown."""
    data, nul, rest = data.partition(b"\0")
    if nul and rest.strip(b"\0"):
        faults.add(
            "bytes-after-nul", "Bytes follow the NUL that ends the text: players do not show them.", None, number
        )
    try:
        text = data.decode()
    except UnicodeDecodeError:
        faults.add(
            "not-utf-8", "The text is not valid UTF-8. It is read as Windows-1252, which is a guess.", None, number
        )
        text = data.decode("windows-1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _srt(_: bytes, samples: Sequence[Sample], faults: Faults) -> Document:
    events = []
    for number, sample in enumerate(samples, start=1):
        shown = styled(text_of(sample.data, faults, number).strip("\n"), faults, 0, number)
        events.append(
            Event(
                number=number,
                begin_s=sample.begin_s,
                end_s=sample.end_s,
                lines=shown.lines,
                vertical=shown.vertical,
                align=shown.align,
                is_italic=shown.is_italic,
                colors=tuple(shown.colors),
                fonts=tuple(shown.fonts),
            )
        )
    return Document(format="srt", events=tuple(events), encoding=_encoding(faults))


def _encoding(faults: Faults) -> str:
    return "windows-1252" if any(one.code == "not-utf-8" for one in faults.found()) else "utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cue:
    label: str
    settings: str
    text: str
    begin_s: Fraction
    end_s: Fraction | None
    source: bytes = b""


def _webvtt(header: bytes, samples: Sequence[Sample], faults: Faults) -> Document:
    cues = []
    for number, sample in enumerate(samples, start=1):
        label, placed, text = (text_of(part, faults, number) for part in sample.data.split(b"\n", 2))
        placed = placed if header else _without_region(placed)
        cues.append(_Cue(label=label, settings=placed, text=text, begin_s=sample.begin_s, end_s=sample.end_s))
    return _of_cues(cues, header, faults)


def _wvtt(_: bytes, samples: Sequence[Sample], faults: Faults) -> Document:
    """A cue that lasts over several samples is in each of them."""
    cues: list[_Cue] = []
    open_cues: dict[tuple[bytes, str, str, str], int] = {}
    for sample in samples:
        lasting: dict[tuple[bytes, str, str, str], int] = {}
        for source, label, placed, text in _boxed_cues(sample, faults, len(cues) + 1):
            key = (source, label, placed, text)
            at = open_cues.get(key)
            if at is not None and cues[at].end_s == sample.begin_s:
                cues[at] = replace(cues[at], end_s=sample.end_s)
            else:
                at = len(cues)
                known = _without_region(placed)
                cues.append(
                    _Cue(
                        label=label,
                        settings=known,
                        text=text,
                        begin_s=sample.begin_s,
                        end_s=sample.end_s,
                        source=source,
                    )
                )
            lasting[key] = at
        open_cues = lasting
    return _of_cues(cues, b"", faults)


def _without_region(settings: str) -> str:
    """The settings of a cue where the head of the track, which defines the regions, is not at hand."""
    return " ".join(one for one in settings.split() if not one.startswith("region:"))


def _boxed_cues(sample: Sample, faults: Faults, number: int) -> Iterator[tuple[bytes, str, str, str]]:
    """Source id, identifier, settings and text of the cues in a sample (ISO/IEC 14496-30 section 7)."""
    for kind, body in boxes(sample.data):
        if kind in (b"vtte", b"vtta"):
            continue
        if kind != b"vttc":
            faults.add("bad-sample", "A sample holds something else than cues: it is damaged.", None, number)
            return
        parts = dict(boxes(body))
        if b"" in parts:
            faults.add("bad-sample", "A cue is cut: the sample is damaged.", None, number)
        texts = (text_of(parts.get(one, b""), faults, number) for one in (b"iden", b"sttg", b"payl"))
        label, placed, text = texts
        yield parts.get(b"vsid", b""), label, placed, text


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each box; an empty kind where one is cut."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):
            yield b"", data[at:]
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _of_cues(cues: Sequence[_Cue], header: bytes, faults: Faults) -> Document:
    regions, class_colors, language = webvtt.styles_of(header.decode("utf-8", "replace"), faults)
    events = []
    for number, cue in enumerate(cues, start=1):

        def fault(code: str, message: str, number: int = number) -> None:
            if code not in _OF_ANOTHER_CLOCK:
                faults.add(code, message, None, number)

        placed = settings(cue.settings, regions, fault)
        shown = cue_text(cue.text.strip("\n"), 0, 1, fault, class_colors)
        events.append(
            Event(
                number=number,
                begin_s=cue.begin_s,
                end_s=cue.end_s,
                lines=shown.lines,
                label=cue.label or None,
                region=placed.region.name if placed.region else None,
                box=placed.region.box() if placed.region else None,
                vertical=placed.vertical(),
                align=placed.align,
                is_italic=shown.is_italic,
                colors=shown.colors,
                language=shown.language,
                ruby=shown.ruby,
            )
        )
    return Document(format="webvtt", events=tuple(events), encoding=_encoding(faults), language=language)


def _tx3g(header: bytes, samples: Sequence[Sample], faults: Faults) -> Document:
    style = tx3g.style_of(header)
    events = tuple(
        tx3g.event(number, sample.begin_s, sample.end_s, sample.data, style, faults)
        for number, sample in enumerate(samples, start=1)
    )
    return Document(
        format="tx3g", events=events, is_forced=bool(events) and all(one.is_forced for one in events), fonts=()
    )


def _qt_text(header: bytes, samples: Sequence[Sample], faults: Faults) -> Document:
    """Text of QuickTime, the elder of that of MP4."""
    style = tx3g.quicktime_style_of(header)
    events = tuple(
        tx3g.event(number, sample.begin_s, sample.end_s, sample.data, style, faults, is_quicktime=True)
        for number, sample in enumerate(samples, start=1)
    )
    return Document(format="tx3g", events=events)


def _ass(header: bytes, samples: Sequence[Sample], faults: Faults) -> Document:
    styles = ass.styles_of(header.decode("utf-8", "replace"))
    events: list[Event] = []
    for sample in samples:
        number = len(events) + 1
        found = ass.event(number, sample.begin_s, sample.end_s, text_of(sample.data, faults, number), styles, faults)
        events += [] if found is None else [found]
    return Document(format="ass", events=tuple(events), encoding=_encoding(faults))


CODINGS: Mapping[str, Callable[[bytes, Sequence[Sample], Faults], Document]] = {
    "srt": _srt,
    "webvtt": _webvtt,
    "wvtt": _wvtt,
    "tx3g": _tx3g,
    "qt_text": _qt_text,
    "ass": _ass,
}
"""Codings of samples; TTML ("stpp") is read as a whole document in each sample."""
