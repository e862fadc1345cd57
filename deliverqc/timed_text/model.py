"""What every reader of timed text gives: one document, its events in the order of the file, and what is wrong with it.

Times are exact seconds on the document's own clock, its start hour included: `Document.start_s` says where that clock
begins if the document states it. Text is as it is shown, without tags; counting is the business of the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from deliverqc.errors import MasterError

FORMATS = ("srt", "webvtt", "ttml", "ebu_stl", "scc", "mcc", "dcsubtitle", "dcst", "cea_608", "cea_708") + (
    "tx3g",
    "ass",
    "dvb_subtitle",
    "dvb_teletext",
    "pgs",
    "vobsub",
)
"""dcsubtitle: Interop; dcst: SMPTE ST 428-7. The last four are recognised, and their text is not read."""

PROFILES = (
    "ttml1",
    "ttml2",
    "imsc1_text",
    "imsc1_image",
    "imsc1_1_text",
    "imsc1_1_image",
    "imsc1_2_text",
    "imsc1_2_image",
) + ("smpte_tt", "ebu_tt", "ebu_tt_d", "dfxp", "sdp_us", "cff_text", "cff_image")
"""Of `ttml`: what the document says that it conforms to, the narrowest one."""

MOST_EVENTS = 100_000
"""House choice: a day of captions has fewer than 50,000."""

MOST_BYTES = 64 * 2**20
"""Of one document: house choice, ten times the largest that a platform takes without images."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """Where text or an image is put, in percent of the picture's width and height, from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One subtitle or caption.

    `number` counts from 1 in the order of the file; `label` is what the file itself calls it. `begin_s` and `end_s`
    are on the document's clock; `end_s` is None where the event stays until something takes it away. `lines`: its text,
    one string a line, without tags; no line is an empty event. `line`: of the file, from 1. `box`: the smallest known
    box around it. `vertical`: "top", "center" or "bottom" of the picture; `align`: "start", "left", "center", "right"
    or "end". `region`: the name of the region. `is_forced`: a forced narrative; None where the format cannot say.
    `colors`: of the text, as #rrggbb, each once; `fonts`: families or font ids that it names; `font_size_percent`: of
    the largest letters, of the picture's height. `element_count`: runs of text with a place of their own, or images.
    `load_s`: how long a 608 decoder takes to receive it before it is shown. `mode`: "pop_on", "roll_up" or "paint_on"
    of captions, "text" of the text service of line 21; of "roll_up" and "text" each row is an event, which overlaps the
    rows before it for as long as they are shown together. `language`: of this event, where it differs from the
    document's. `ruby`: annotations above or next to its text, which are not in `lines`. `late_s`: of SCC, how long
    after the time that the file states it can be shown, because the line before it holds more words than there are
    frames; None where no time is stated. `anchors`: of DCPs, the edges that its lines and images are placed from,
    "top", "center" or "bottom", each once; `is_top_down`: they come in the order in which they are seen. `is_at_edge`:
    one is placed right at the top or bottom of the picture. None of other formats, `is_top_down` also where a place is
    not a number.
    """

    number: int
    begin_s: Fraction
    end_s: Fraction | None
    lines: tuple[str, ...]
    label: str | None = None
    line: int | None = None
    region: str | None = None
    box: Box | None = None
    vertical: str | None = None
    align: str | None = None
    is_image: bool = False
    is_forced: bool | None = None
    is_italic: bool = False
    colors: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    font_size_percent: float | None = None
    element_count: int = 1
    load_s: Fraction | None = None
    mode: str | None = None
    language: str | None = None
    ruby: tuple[str, ...] = ()
    late_s: Fraction | None = None
    anchors: tuple[str, ...] | None = None
    is_top_down: bool | None = None
    is_at_edge: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TextFault:
    """What breaks the format's own rules although the document can be read. `code` is a stable kebab-case word,
    `message` one sentence, `line` of the file and `event` by its number, where known. `at_s`: when, on the document's
    clock."""

    code: str
    message: str
    line: int | None = None
    event: int | None = None
    at_s: Fraction | None = None


WARNINGS = frozenset(
    ("unpaired-control-code", "eoc-without-text", "cdp-sequence", "cdp-checksum", "cdp-footer", "cdp-flags")
    + ("cdp-timecode", "bad-uuid", "text-in-header", "bytes-after-nul")
)
"""Codes of faults that lose no text and move none: every player shows the same, and a strict reader complains."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Font:
    """A font that a document loads: its id or family, its file, and the size; None where it is missing."""

    name: str
    file: str | None
    size_bytes: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Timed text as it was read.

    `format` of `FORMATS`, `profile` of `PROFILES`. `encoding`: the codec's name in lower case, as "utf-8";
    `has_bom`. `language` as written. `time_base`: "media", "smpte" or "clock". `frame_rate`: in which its times are
    counted, None for formats without frames; `drop_mode`: "non_drop", "drop_ntsc" or "drop_pal". `start_s`: where the
    programme begins on its clock, None where it does not say. `service`: of captions, "cc1" … or "service_1" ….
    `is_forced`: the whole document is a forced narrative, None where the format cannot say. `title`, `id`, `reel`,
    `edit_rate`, `display_type`: what the document states of itself. `parity_error_count`: bytes of 608 with a wrong
    parity bit. `issue_date` as written; `namespaces` that the root of an XML document declares, sorted (of DCPs).
    `images`: the files or ids that its events show, of DCPs, each once; None where the format is not read for them.
    """

    format: str
    events: tuple[Event, ...]
    faults: tuple[TextFault, ...] = ()
    profile: str | None = None
    encoding: str | None = None
    has_bom: bool = False
    language: str | None = None
    time_base: str | None = None
    frame_rate: Fraction | None = None
    drop_mode: str | None = None
    start_s: Fraction | None = None
    service: str | None = None
    is_forced: bool | None = None
    is_closed_caption: bool | None = None
    title: str | None = None
    id: str | None = None
    reel: int | None = None
    edit_rate: Fraction | None = None
    display_type: str | None = None
    fonts: tuple[Font, ...] = ()
    parity_error_count: int | None = None
    issue_date: str | None = None
    namespaces: tuple[str, ...] = ()
    images: tuple[str, ...] | None = None


class TextError(MasterError):
    """Timed text that cannot be read: the message names the file, the line and the reason."""

    def __init__(self, message: str, *, code: str, line: int | None = None) -> None:
        super().__init__(message, code=code)
        self.line = line

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.message, self.code, self.line)


def _rebuild(message: str, code: str, line: int | None) -> TextError:
    return TextError(message, code=code, line=line)
