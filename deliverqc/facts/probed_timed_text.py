"""Facts of timed text and captions, by name: of every track that is read, and of carriers within a file."""

from __future__ import annotations

from collections.abc import Sequence

from deliverqc.facts.model import Fact, Kind, Layer

TEXT_SOURCE = ("wrapper", "in_band", "sidecar", "package", "file")
TEXT_ROLE = ("subtitle", "caption", "forced", "closed_caption")
TEXT_FORMAT = ("srt", "webvtt", "ttml", "ebu_stl", "scc", "mcc", "dcsubtitle", "dcst", "cea_608", "cea_708") + (
    "tx3g",
    "ass",
    "dvb_subtitle",
    "dvb_teletext",
    "pgs",
    "vobsub",
)
TEXT_PROFILE = ("ttml1", "ttml2", "imsc1_text", "imsc1_image", "imsc1_1_text", "imsc1_1_image") + (
    "imsc1_2_text",
    "imsc1_2_image",
    "smpte_tt",
    "ebu_tt",
    "ebu_tt_d",
    "dfxp",
    "sdp_us",
    "cff_text",
    "cff_image",
)
"""Formats and profiles as the readers of timed text call them."""

_W, _B, _X, _P = Layer.WRAPPER, Layer.BITSTREAM, Layer.CROSS_CHECK, Layer.PACKAGE
_BOTH = ("container", "mediainfo")
_READER = ("timed_text",)
_ALL = (*_BOTH, *_READER)
_TRACK = "timed_text.tracks[]."
_EVENT = f"{_TRACK}events[]."


def _fact(
    name: str,
    kind: Kind,
    layer: Layer,
    meaning: str,
    *,
    by: tuple[str, ...] = _READER,
    unit: str | None = None,
    step: float | None = None,
    null: str | None = None,
    values: Sequence[str] | None = None,
) -> Fact:
    return Fact(
        name=name,
        kind=kind,
        layer=layer,
        meaning=meaning,
        given_by=by,
        unit=unit,
        resolution=step,
        null_means=null,
        vocabulary=values,
    )


def _of_track(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    layer: Layer = _B,
    by: tuple[str, ...] = _READER,
    unit: str | None = None,
    step: float | None = None,
    null: str | None = None,
    values: Sequence[str] | None = None,
) -> Fact:
    return _fact(_TRACK + name, kind, layer, meaning, by=by, unit=unit, step=step, null=null, values=values)


def _faults(which: str) -> tuple[Fact, ...]:
    return (
        _of_track(f"{which}[].code", Kind.STRING, "a word for the kind of fault"),
        _of_track(f"{which}[].message", Kind.STRING, "what is wrong"),
        _of_track(f"{which}[].line", Kind.INTEGER, "line of the file, from 1", null="not in a line of its own"),
        _of_track(f"{which}[].event", Kind.INTEGER, "number of the event, from 1", null="not in an event"),
    )


def _of_event(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    unit: str | None = None,
    step: float | None = None,
    null: str | None = None,
    values: Sequence[str] | None = None,
    layer: Layer = _B,
    by: tuple[str, ...] = _READER,
) -> Fact:
    return _fact(_EVENT + name, kind, layer, meaning, by=by, unit=unit, step=step, null=null, values=values)


_UNSTATED = "not stated"
_NO_END = "it states no end"
_NO_PLACE = "no place is known"
_NO_FRAMES = "missing where neither the picture nor the document has a frame rate"
_COUNTED = (
    "characters: Unicode scalar values of composed text (NFC). Spaces count; tags, line breaks and what shows nothing "
    "(control, format and direction characters) do not"
)
_NO_RATE = "Missing where the picture has no single rate"
_NO_SPEECH = "too little speech or too few events to say, or nothing in common"
_BY_SPEECH = "An estimate, by the starts of events and of speech: docs/timed-text.md"
_CROSS = ("cross_check", "timed_text")
_IMAGE = "missing where the event is an image"

# fmt: off
_TRACKS = (
    _fact("timed_text.track_count", Kind.INTEGER, _W,
          "timed-text and caption tracks in the wrapper, embedded captions included, files next to it not; of a file "
          "of text, the documents in it", by=_ALL),
    _fact("timed_text.audio_languages_without_forced", Kind.STRINGS, _X,
          "languages of the audio, as written, in which no text is a forced narrative or holds one. Missing where the "
          "language of an audio track is not stated, and where text whose role or language is not stated may be one",
          by=("cross_check", "timed_text")),
    _fact("timed_text.tracks", Kind.LIST, _W,
          "every timed-text and caption track of the wrapper, every service of captions in band that was read, and "
          "every document in a file next to the master", by=_ALL),
    _of_track("codec", Kind.STRING, "coding as libav or MediaInfo name it, in lower case", layer=_W, by=_ALL),
    _of_track("language", Kind.STRING, "language tag as written", layer=_W, by=_ALL, null=_UNSTATED),
    _of_track("source", Kind.STRING,
              "where it was found: a track of the wrapper, captions in band, a file next to the master, an asset of a "
              "package, or the master itself, a file of text", layer=_W, by=_ALL, values=TEXT_SOURCE),
    _of_track("is_read", Kind.BOOLEAN,
              "its text was read. Where it was not, what only its text shows is missing", layer=_W, by=_ALL),
    _of_track("error", Kind.STRING, "why its text could not be read, although its format is one that is read", layer=_W,
              by=_ALL, null="it was read, or text of its format is not"),
    _of_track("carrier", Kind.STRING,
              "what carries captions in band: as in timed_text.in_band.carriers, cea_608 and cea_708 for tracks of "
              "their own. Missing where the text was not read", null="not captions in band",
              values=("a53", "scte20", "dvd", "st436_vanc", "st436_line_21", "cea_608", "cea_708")),
    _of_track("index", Kind.INTEGER, "position of the track in the wrapper, from 0", layer=_W, by=_ALL,
              null="not a track of a wrapper, or its reader does not say"),
    _of_track("file", Kind.STRING, "name of the file that holds it", layer=_W, by=_ALL, null="in the master's wrapper"),
    _of_track("service", Kind.STRING, "service of captions: cc1 to cc4, t1 to t4, service_1 to service_63",
              null="no captions of several services"),
    _of_track("role", Kind.STRING, "what it is for", null=_UNSTATED, values=TEXT_ROLE),
    _of_track("format", Kind.STRING, "format of the text: read from its content; of a track that was not read, as the "
              "wrapper states it", by=_ALL, values=TEXT_FORMAT),
    _of_track("profile", Kind.STRING, "profile that the document states, the narrowest one", null=_UNSTATED,
              values=TEXT_PROFILE),
    _of_track("encoding", Kind.STRING, "character encoding in lower case, as utf-8", null="the format has its own"),
    _of_track("has_bom", Kind.BOOLEAN, "it begins with a byte order mark"),
    _of_track("size_bytes", Kind.INTEGER, "size of the file of text; of text in MXF, of its XML", unit="bytes",
              null="not a file"),
    _of_track("time_base", Kind.STRING, "what its times count: media time, SMPTE timecode or a clock", null=_UNSTATED,
              values=("media", "smpte", "clock")),
    _of_track("frame_rate", Kind.RATE, "frame rate in which its times are counted",
              null="the format counts no frames, or it is not stated"),
    _of_track("frame_rate_hz", Kind.NUMBER, "the same as a number", unit="Hz", step=1e-6, null="as that"),
    _of_track("drop_mode", Kind.STRING, "whether its timecode leaves out frame numbers", null=_UNSTATED,
              values=("non_drop", "drop_ntsc", "drop_pal")),
    _of_track("start_hour", Kind.INTEGER,
              "start hour: of its clock, in which the programme begins. As it states, else 0 where an event begins "
              "in the first hour, or the hour that the first event follows within ten minutes. Missing where "
              "neither shows it, and for a forced narrative that begins later",
              unit="h", null="it has no events and states no start"),
    _of_track("clock_start_s", Kind.NUMBER, "time of its clock that is the first frame of the picture", unit="s",
              step=1e-6),
    _of_track("clock_start_from", Kind.STRING,
              "what says so: the document itself, the timecode of the picture, or nothing (0)",
              values=("document", "picture", "none")),
    _of_track("title", Kind.STRING, "title that the document states", null=_UNSTATED),
    _of_track("document_id", Kind.STRING, "identifier that the document states", null=_UNSTATED),
    _of_track("reel", Kind.INTEGER, "number of the reel that the document states", null=_UNSTATED),
    _of_track("edit_rate", Kind.RATE, "edit rate that the document states", null=_UNSTATED),
    _of_track("display_type", Kind.STRING, "how it is to be shown, as the document states", null=_UNSTATED),
    _of_track("is_image", Kind.BOOLEAN, "an event of it is an image"),
    _of_track("event_count", Kind.INTEGER, "events: subtitles or captions"),
    _of_track("shown_event_count", Kind.INTEGER,
              "events on screen: they last, show text or an image in the frame, and start while there is a picture, "
              "where there is one"),
    _of_track("character_count", Kind.INTEGER, _COUNTED + "; of all events that are text"),
    _of_track("first_event_s", Kind.NUMBER, "start of the earliest event after the first frame", unit="s", step=1e-6,
              null="there are no events"),
    _of_track("last_event_end_s", Kind.NUMBER, "end of the last event after the first frame", unit="s", step=1e-6,
              null="there are no events, or none states an end"),
    _of_track("first_event_timecode", Kind.TIMECODE, "start of the earliest event as the document counts it",
              null="there are no events, or the document counts no frames"),
    _of_track("duration_s", Kind.NUMBER, "from the first frame to the end of the last event", unit="s", step=1e-6,
              null="there are no events, or none states an end"),
    _of_track("beyond_picture_s", Kind.NUMBER,
              "overrun: how long after the picture the last event ends; 0: it does not", layer=_X, unit="s", step=1e-6,
              null="there is no picture, or there are no events"),
    _of_track("is_rate_of_picture", Kind.BOOLEAN,
              "frame rate of the picture: its own keeps time with it. Both are a 1000/1001 rate or neither, and both a "
              f"25 fps rate or neither. {_NO_RATE}", layer=_X, by=_CROSS,
              null="it does not count frames at a standard rate, or there is no picture"),
    _of_track("is_drop_mode_of_picture", Kind.BOOLEAN,
              "drop mode of the picture: it is drop-frame where the timecode of the picture is, and non-drop where "
              "that is", layer=_X, by=_CROSS,
              null="it does not state it, the picture has no timecode, or one of the rates has no drop-frame"),
    _of_track("is_start_hour_of_picture", Kind.BOOLEAN,
              "start hour of the picture: its own is the hour in which the timecode of the picture starts, or one that "
              "this reaches within ten minutes, after bars or a leader", layer=_X, by=_CROSS,
              null="its times are not timecode, it has no events, or the picture has no timecode"),
    _of_track("is_language_of_audio", Kind.BOOLEAN,
              "language of the audio: an audio track is in its language. Regions and scripts are not compared: en-GB "
              "and eng are one", layer=_X, by=_CROSS, null="no language is stated, of the text or of the audio"),
    _of_track("offset_s", Kind.NUMBER,
              f"offset from the speech: how long after it the first event starts; negative: before. {_BY_SPEECH}",
              layer=_X, by=("decode",), unit="s", step=0.001, null=_NO_SPEECH),
    _of_track("drift_s_per_hour", Kind.NUMBER,
              f"drift from the speech: by how much the offset grows in an hour. {_BY_SPEECH}",
              layer=_X, by=("decode",), unit="s/h", step=0.001, null=f"{_NO_SPEECH}, or over too short a time"),
    _of_track("colors", Kind.STRINGS, "colours of its text, each once, as #rrggbb"),
    _of_track("parity_error_count", Kind.INTEGER, "bytes of CTA-608 whose parity bit is wrong",
              null="another format, or its bytes carry no parity"),
    _of_track("errors", Kind.LIST,
              "what breaks the rules of the format so that players may lose text or show it elsewhere. Empty: nothing"),
    *_faults("errors"),
    _of_track("warnings", Kind.LIST,
              "what breaks the rules of the format and changes nothing that is shown. Empty: nothing"),
    *_faults("warnings"),
    _of_track("characters", Kind.LIST, "every distinct character of its text (NFC), line breaks left out, in order"),
    _of_track("characters[].character", Kind.STRING, "the character"),
    _of_track("characters[].code_point", Kind.STRING, "its code point, as U+2014"),
    _of_track("characters[].count", Kind.INTEGER, "how often it occurs"),
    _of_track("characters[].first_event", Kind.INTEGER, "number of the first event with it, from 1"),
    _of_track("fonts", Kind.LIST, "fonts that the document loads"),
    _of_track("fonts[].name", Kind.STRING, "id or family of the font"),
    _of_track("fonts[].file", Kind.STRING, "its file", null="no file is named"),
    _of_track("fonts[].size_bytes", Kind.INTEGER, "size of that file", unit="bytes", null="the file is missing"),
)

_PACKAGED = "of an asset of a package"
_IN_MXF = "of text in MXF in a package"
_ASSETS = (
    _of_track("asset_id", Kind.STRING, f"id of the asset in the composition; {_PACKAGED}", layer=_P),
    _of_track("composition_reel", Kind.INTEGER, f"reel or segment that uses it, from 0; {_PACKAGED}", layer=_P),
    _of_track("composition_language", Kind.STRING, f"language that the composition states for it; {_PACKAGED}",
              layer=_P, null=_UNSTATED),
    _of_track("is_mxf", Kind.BOOLEAN, f"it is in an MXF track file; {_PACKAGED}", layer=_P),
    _of_track("asset_size_bytes", Kind.INTEGER,
              f"size of the track file, or of the XML with its fonts and images; {_PACKAGED}", layer=_P, unit="bytes"),
    _of_track("font_size_bytes", Kind.INTEGER,
              f"size of all fonts in the track file, or of those that the XML loads; {_PACKAGED}, DCSubtitle and ST "
              "428-7", layer=_P, unit="bytes"),
    _of_track("resource_id", Kind.STRING, f"ResourceID of its descriptor, without urn:uuid:; {_IN_MXF}",
              null=_UNSTATED),
    _of_track("container_duration", Kind.INTEGER,
              f"ContainerDuration of its descriptor, in units of container_edit_rate; {_IN_MXF}", null=_UNSTATED),
    _of_track("container_edit_rate", Kind.RATE, f"SampleRate of its descriptor; {_IN_MXF}", null=_UNSTATED),
    _of_track("namespace_uri", Kind.STRING, f"NamespaceURI of its descriptor; {_IN_MXF}", null=_UNSTATED),
    _of_track("ucs_encoding", Kind.STRING, f"UCSEncoding of its descriptor; {_IN_MXF}", null=_UNSTATED),
    _of_track("descriptor_languages", Kind.STRINGS,
              f"tags of the RFC5646LanguageTagList of its descriptor; {_IN_MXF}. Empty: none"),
    _of_track("start_time_s", Kind.NUMBER, f"StartTime, or where else its clock begins; {_PACKAGED}", unit="s",
              step=1e-6, null=_UNSTATED),
    _of_track("issue_date", Kind.STRING, f"IssueDate as written; {_PACKAGED}", null=_UNSTATED),
    _of_track("namespaces", Kind.STRINGS,
              f"namespaces that the root of its XML declares; {_PACKAGED}, DCSubtitle and ST 428-7"),
    _of_track("images", Kind.LIST, f"images that its events show; {_PACKAGED}, DCSubtitle and ST 428-7"),
    _of_track("images[].name", Kind.STRING, "file or id as written"),
    _of_track("images[].size_bytes", Kind.INTEGER, "size of the image", unit="bytes", null="it is missing"),
    *(
        _of_track(f"images[].{edge}_px", Kind.INTEGER, f"{edge} that its header states", unit="px",
                  null="it is missing, or not a PNG")
        for edge in ("width", "height")
    ),
    _of_track("cut_events", Kind.LIST,
              f"events that are not within the part of it that the composition uses; {_PACKAGED}. What is outside is "
              "cut off or left out in events", layer=_P),
    _of_track("cut_events[].event", Kind.INTEGER, "number of the event, from 1", layer=_P),
    _of_track("cut_events[].line", Kind.INTEGER, "line of its XML, from 1", layer=_P, null="the format has no lines"),
    _of_track("cut_events[].start_s", Kind.NUMBER, "its start, after the start of that part", layer=_P, unit="s",
              step=1e-6),
    _of_track("cut_events[].end_s", Kind.NUMBER, "its end, after the start of that part", layer=_P, unit="s",
              step=1e-6, null=_NO_END),
    _of_track("cut_events[].used_s", Kind.NUMBER, "length of that part", layer=_P, unit="s", step=1e-6),
)

_EVENTS = (
    _of_track("events", Kind.LIST, "its events in the order of the file"),
    _of_event("number", Kind.INTEGER, "number of the event in the order of the file, from 1"),
    _of_event("label", Kind.STRING, "what the file calls it", null="nothing"),
    _of_event("line", Kind.INTEGER, "line of the file, from 1", null="the format has no lines"),
    _of_event("start_s", Kind.NUMBER, "start, after the first frame", unit="s", step=1e-6),
    _of_event("end_s", Kind.NUMBER, "end, after the first frame", unit="s", step=1e-6, null=_NO_END),
    _of_event("duration_s", Kind.NUMBER, "time on screen", unit="s", step=1e-6, null=_NO_END),
    _of_event("start_frame", Kind.INTEGER,
              "picture frame nearest to its start, after the first; at the rate of the document where there is no "
              f"picture; {_NO_FRAMES}", unit="frames"),
    _of_event("end_frame", Kind.INTEGER, f"frame nearest to its end; {_NO_FRAMES}", unit="frames", null=_NO_END),
    _of_event("duration_frames", Kind.INTEGER, f"time on screen, between the two; {_NO_FRAMES}", unit="frames",
              null=_NO_END),
    _of_event("start_timecode", Kind.TIMECODE,
              "timecode of the start: of the picture; where there is no picture, of the document",
              null="no timecode that can be counted"),
    _of_event("end_timecode", Kind.TIMECODE, "timecode of the end, in the same way",
              null="no timecode that can be counted, or it states no end"),
    _of_event("gap_before_s", Kind.NUMBER,
              "gap before it: from the end of what was shown before. Negative: that is still shown. Events with one "
              "start and one end count as one", unit="s", step=1e-6,
              null="the first one, or the event before has no end"),
    _of_event("gap_before_frames", Kind.INTEGER, f"gap before it: the same between the nearest frames; {_NO_FRAMES}",
              unit="frames", null="as that"),
    _of_event("concurrent_count", Kind.INTEGER, "events on screen when it starts, itself among them"),
    _of_event("is_overlapping", Kind.BOOLEAN,
              "it starts while an event of the same region, or of none as well, is still shown. Those with the same "
              "start and end are shown together, as are rows that roll up"),
    _of_event("is_in_order", Kind.BOOLEAN, "it starts no earlier than any event above it in the file"),
    _of_event("line_count", Kind.INTEGER, f"lines: from the first to the last that shows anything; {_IMAGE}",
              unit="lines"),
    _of_event("max_line_characters", Kind.INTEGER, f"characters in its longest line; {_IMAGE}"),
    _of_event("max_line_full_widths", Kind.NUMBER,
              "width of its widest line in full-width characters, as which those count that Unicode calls wide or "
              f"full-width (UAX 11); all others count a half; {_IMAGE}", step=0.5),
    _of_event("character_count", Kind.INTEGER, f"{_COUNTED}; {_IMAGE}"),
    _of_event("characters_per_second", Kind.NUMBER, f"reading speed: characters by time on screen; {_IMAGE}",
              unit="1/s", step=0.01, null="it has no end, or one that is not after its start"),
    _of_event("words_per_minute", Kind.NUMBER,
              f"reading speed: words by time on screen; a word is a run without spaces that has a letter or digit; "
              f"{_IMAGE}", unit="1/min", step=0.01, null="it has no end, or one that is not after its start"),
    _of_event("is_empty", Kind.BOOLEAN, "it shows nothing: no image, and no character but spaces"),
    _of_event("is_image", Kind.BOOLEAN, "it is an image"),
    _of_event("is_forced", Kind.BOOLEAN, "it is a forced narrative", null="the format cannot say"),
    _of_event("is_italic", Kind.BOOLEAN, "a part of it is in italics"),
    _of_event("region", Kind.STRING, "name of its region", null="none"),
    *(
        _of_event(f"{edge}_percent", Kind.NUMBER, f"{edge} edge of what it covers, of the {of} of the picture from the "
                  f"{start}", unit="%", step=0.01, null=_NO_PLACE)
        for edge, of, start in (("left", "width", "left"), ("top", "height", "top"), ("right", "width", "left"),
                                ("bottom", "height", "top"))
    ),
    _of_event("vertical", Kind.STRING, "where it is in the picture", null=_NO_PLACE,
              values=("top", "center", "bottom")),
    _of_event("align", Kind.STRING, "how its lines are aligned", null=_UNSTATED,
              values=("start", "left", "center", "right", "end")),
    _of_event("mode", Kind.STRING, "how a caption appears", null="not a caption of CTA-608",
              values=("pop_on", "roll_up", "paint_on", "text")),
    _of_event("language", Kind.STRING, "language, where it is not that of the document", null="the document's"),
    _of_event("colors", Kind.STRINGS, "colours of its text, each once, as #rrggbb"),
    _of_event("fonts", Kind.STRINGS, "fonts that it names"),
    _of_event("font_size_percent", Kind.NUMBER, "size of its largest letters, of the height of the picture", unit="%",
              step=0.01, null=_UNSTATED),
    _of_event("element_count", Kind.INTEGER, "runs of text that have a place each, or images"),
    _of_event("anchors", Kind.STRINGS,
              "edges that its lines and images are placed from, top, center or bottom, each once; of DCSubtitle and ST "
              "428-7"),
    _of_event("is_top_down", Kind.BOOLEAN,
              "its lines and images come in the order in which they are seen, from the top; of DCSubtitle and ST 428-7",
              null="a place is not a number"),
    _of_event("is_at_edge", Kind.BOOLEAN,
              "a line or an image of it is placed right at the top or bottom edge of the picture; of DCSubtitle and ST "
              "428-7"),
    _of_event("load_late_s", Kind.NUMBER,
              "how long after the stated time it can be shown, because the data before it takes longer (SCC)", unit="s",
              step=1e-6, null="no time is stated for it, or another format"),
    _of_event("start_shot_change_frames", Kind.INTEGER,
              "frames from the nearest shot change, a hard cut, to its start; negative: it starts before. Missing "
              "where a frame that is as near may be a cut, and where frames do not come steadily",
              layer=_X, by=("decode",), unit="frames", null="the picture has no shot change"),
    _of_event("end_shot_change_frames", Kind.INTEGER, "frames from the nearest shot change to its end, in the same way",
              layer=_X, by=("decode",), unit="frames", null="the picture has no shot change, or it states no end"),
    _of_event("text", Kind.STRING, "its text, lines apart by a line feed, shortened to 200 characters"),
)

_SIDECARS = (
    _fact("timed_text.sidecars", Kind.LIST, _W,
          "files of text that are judged with the master: those next to it that share its name, and those given with "
          "it. Their text is in timed_text.tracks. Empty: there are none, or they were left out"),
    _fact("timed_text.sidecars[].file", Kind.STRING, _W, "name of the file"),
    _fact("timed_text.sidecars[].role", Kind.STRING, _W, "what it is for", null=_UNSTATED, values=TEXT_ROLE),
    _fact("timed_text.sidecars[].error", Kind.STRING, _W, "why it could not be read", null="it was read"),
)

_IN_BAND = (
    _fact("timed_text.carrier_tracks", Kind.STRINGS, _W,
          "tracks, other than picture, that carry captions or teletext, or may: cea_608 and cea_708 (QuickTime and "
          "MP4), dvb_teletext, st436_vanc and st436_vbi (ancillary data and VBI lines of MXF, SMPTE ST 436-1), "
          "unknown (nothing says what the track holds). Empty: there are none", by=(*_BOTH, "structure")),
    _fact("timed_text.caption_tracks", Kind.LIST, _B,
          "tracks of closed captions (QuickTime, MP4) and of ancillary data (MXF), and what their samples hold. "
          "Missing where one cannot be read, and where the file is damaged", by=("decode",)),
    _fact("timed_text.caption_tracks[].index", Kind.INTEGER, _W, "position of the track in the wrapper, from 0",
          by=("decode",)),
    _fact("timed_text.caption_tracks[].carrier", Kind.STRING, _W, "kind of the track", by=("decode",),
          values=("cea_608", "cea_708", "st436_vanc")),
    _fact("timed_text.caption_tracks[].services", Kind.STRINGS, _B,
          "services that it carries, as in timed_text.caption_services. Empty: it holds padding only, or other data",
          by=("decode",)),
    _fact("timed_text.caption_tracks[].character_count", Kind.INTEGER, _B,
          "characters of captions and text in it; 0: nothing that a viewer could read", by=("decode",)),
    _fact("timed_text.caption_services", Kind.LIST, _B,
          "channels of line 21 and services of CTA-708 in those tracks; user data of pictures is not listed. Missing "
          "as those are", by=("decode",)),
    _fact("timed_text.caption_services[].index", Kind.INTEGER, _W, "position of the track in the wrapper, from 0",
          by=("decode",)),
    _fact("timed_text.caption_services[].carrier", Kind.STRING, _W, "kind of the track", by=("decode",),
          values=("cea_608", "cea_708", "st436_vanc")),
    _fact("timed_text.caption_services[].service", Kind.STRING, _B,
          "cc1 to cc4 (captions of CTA-608), t1 to t4 (text of the same channels), xds, service_1 to service_63 "
          "(CTA-708), unknown (line 21 before any code that names its channel)", by=("decode",)),
    _fact("timed_text.caption_services[].unit_count", Kind.INTEGER, _B,
          "pairs of bytes of line 21, or blocks of a service, other than padding", by=("decode",)),
    _fact("timed_text.caption_services[].character_count", Kind.INTEGER, _B,
          "characters in them; accents that replace the letter before them count", by=("decode",)),
    *(
        _fact(f"timed_text.caption_services[].{which}_s", Kind.NUMBER, _B,
              f"time of the {which} of them after the first frame", by=("decode",), unit="s", step=1e-6,
              null="the packets have no times")
        for which in ("first", "last")
    ),
    _fact("timed_text.in_band.carriers", Kind.STRINGS, _B,
          "what carries captions or teletext within the file, in any frame: a53, scte20 and dvd (user data of ATSC "
          "A/53 in MPEG-2, H.264, HEVC and AV1, of SCTE 20 and DVD-Video in MPEG-2), st334 and op47 (ancillary data "
          "of MXF), cea_608_track and cea_708_track (tracks for them that hold any), dvb_teletext (a track for it). "
          "Padding does not count. Empty: all was looked at, and there are none. Missing where none was found and "
          "something cannot be looked at: VBI lines, in MXF or in a picture of 486, 512 or 608 lines, further picture "
          "tracks, tracks of an unknown kind, codings such as DV, VC-1 and MPEG-4 part 2, damage", by=("decode",)),
    _fact("timed_text.in_band.services", Kind.STRINGS, _B,
          "the services in them: cc1 to cc4 are the channels of line 21 (captions or text, CTA-608), xds its data on "
          "the programme, dtvcc the services of CTA-708, and teletext. Missing where the carriers are, or where a "
          "track for captions cannot be read", by=("decode",)),
)
# fmt: on

TIMED_TEXT = (*_TRACKS, *_ASSETS, *_EVENTS, *_SIDECARS, *_IN_BAND)
