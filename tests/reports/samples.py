"""Verdict documents for the tests of reports, one for each thing that can happen; reads no file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from deliverqc.judging.text_findings import event_span, with_events
from deliverqc.measuring.curves import curve
from deliverqc.measuring.text_evidence import text_evidence
from deliverqc.measuring.timed_text import track_facts
from deliverqc.timebase import Span, Timecode, Timeline
from deliverqc.verdict import (
    NOT_YET,
    OBSERVED,
    SCHEMA_VERSION,
    ClauseOutcome,
    Decision,
    Finding,
    Level,
    Outcome,
    Verdict,
    worst,
)
from tests.text_documents import document as text_document
from tests.text_documents import event as text_event

R128: Mapping[str, Any] = {
    "id": "ebu-r128-programme",
    "edition": "5.0",
    "revision": 1,
    "title": "EBU R 128 programme",
    "publisher": "EBU",
    "read_on": "2026-11-22",
}
SOURCE: Mapping[str, Any] = {
    "document": "EBU R 128",
    "edition": "5.0 (2023)",
    "section": "recommendation (g)",
    "url": "https://tech.ebu.ch/publications/r128",
    "confidence": "high",
}
_TIMELINE = Timeline(frame_rate=Fraction(25), frame_count=90_000, start=Timecode.parse("10:00:00:00", Fraction(25)))
_NO_TIMECODE = replace(_TIMELINE, start=None)

_PCM = {"codec": "pcm_s24le", "sample_rate_hz": 48_000, "bit_depth_bits": 24}
FACTS: Mapping[str, Any] = {
    "file.name": "programme_r2.mxf",
    "wrapper.format": "mxf",
    "wrapper.mxf_operational_pattern": "op1a",
    "wrapper.duration_s": 3600.0,
    "wrapper.start_timecode": "10:00:00:00",
    "wrapper.drop_frame": False,
    "wrapper.title": "The Long Programme",
    "wrapper.writing_application": "Avid Media Composer 2024.10",
    "picture.codec": "mpeg2video",
    "picture.codec_profile": "4:2:2",
    "picture.codec_level": "High",
    "picture.width_px": 1920,
    "picture.height_px": 1080,
    "picture.pixel_aspect_ratio": "1/1",
    "picture.frame_rate": "25/1",
    "picture.frame_rate_hz": 25.0,
    "picture.frame_count": 90_000,
    "picture.scan": "interlaced",
    "picture.field_order": "tff",
    "picture.chroma_subsampling": "4:2:2",
    "picture.bit_depth_bits": 8,
    "picture.color_primaries": "bt709",
    "picture.color_transfer": "bt709",
    "picture.color_matrix": "bt709",
    "picture.color_range": None,
    "picture.hdr.max_cll_cd_m2": None,
    "sound.tracks": [
        _PCM | {"channel_count": 6, "layout": "5.1", "language": "en"},
        _PCM | {"channel_count": 2, "layout": "2.0", "language": "de"},
    ],
    "sound.groups": [
        {
            "layout": "5.1",
            "language": "en",
            "loudness.integrated_lufs": -22.76,
            "loudness.max_short_term_lufs": -16.42,
            "loudness.max_true_peak_dbtp": -3.21,
            "loudness.range_lu": 14.63,
        },
        {"layout": "2.0", "language": "de", "loudness.integrated_lufs": -23.04, "loudness.max_true_peak_dbtp": None},
    ],
}


def clause(
    name: str, title: str, outcome: Outcome = Outcome.PASS, *, level: Level = Level.SHALL, **more: Any
) -> ClauseOutcome:
    """A clause with the usual source; `more` are its other fields."""
    values: dict[str, Any] = {"source": SOURCE, "why": None, "remedy": None} | more
    return ClauseOutcome(id=name, title=title, level=level, outcome=outcome, **values)


def finding(
    actual: Any,
    expected: str,
    *,
    fact: str = "sound.groups[].loudness.integrated_lufs",
    unit: str | None = "LUFS",
    where: Mapping[str, Any] | None = None,
    span: Mapping[str, Any] | None = None,
    stated: str | None = None,
) -> Finding:
    """A finding about loudness unless told otherwise."""
    message = f"{fact} is {actual}, required {expected}"
    place = {"group": 0} if where is None and fact.startswith("sound.groups[]") else where or {}
    return Finding(
        fact=fact,
        actual=actual,
        expected=expected,
        unit=unit,
        message=message,
        where=place,
        span=span,
        fingerprint="9f2c",
        stated=stated,
    )


def black(start: int, frames: int, *, timeline: Timeline = _TIMELINE) -> Finding:
    """A run of black frames that is longer than 50 frames at 25 frames per second."""
    return finding(
        frames,
        "at most 50",
        fact="picture.black.spans[].duration_frames",
        unit="frames",
        span=timeline.picture_span(Span(start, start + frames)),
        stated="at most 2 s (50 frames at 25)",
    )


def refused_packet() -> Finding:
    """A packet that the decoder rejects, as the judge tells it: an item of a list that must be empty."""
    item = {"track": "picture 0", "message": "slice 3 is damaged", "frame": 250, "start_s": 10.0, "count": 2}
    span = {
        "start_frame": 250,
        "end_frame": 252,
        "duration_frames": 2,
        "start_s": 10.0,
        "end_s": 10.0,
        "duration_s": 0.0,
    }
    timecodes = {"start_timecode": "10:00:10:00", "end_timecode": "10:00:10:00", "region": None, "channel": None}
    return finding(item, "none", fact="decode.errors", unit=None, where={"error": 0}, span=span | timecodes)


def verdict(decision: Decision, reason: str, clauses: Sequence[ClauseOutcome], **more: Any) -> Verdict:
    """A verdict against EBU R 128 unless told otherwise."""
    values: dict[str, Any] = {
        "spec": R128,
        "family": None,
        "advisory": False,
        "manual": (),
        "facts": FACTS,
        "provenance": {
            "spec_sha256": "5b1d0f0c9a7e4a5e8f0ab6d24cf4f3a6a3a3c1a0b6f6e4b6a9d1d7a2c8e5f901",
            "facts_sha256": "c0ffee0c9a7e4a5e8f0ab6d24cf4f3a6a3a3c1a0b6f6e4b6a9d1d7a2c8e5f902",
            "settings": {"black": {"luma_max_percent": 1.0, "min_duration_frames": 1}, "loudness": {}},
            "meters": {"black": 1, "loudness": 1},
            "libraries": {"libav": "62.11.100", "mediainfo": "25.09"},
        },
    } | more
    return Verdict(decision=decision, reason=reason, clauses=tuple(clauses), **values)


def master(
    name: str,
    verdicts: Sequence[Verdict] = (),
    *,
    error: Mapping[str, str] | None = None,
    evidence: Mapping[str, Any] | None = None,
    tier: str = "full",
    path: str | None = None,
    noticed: Sequence[ClauseOutcome] = (),
    noticed_decides: bool = False,
) -> dict[str, Any]:
    """One file with one subject, or one that could not be read."""
    decision = Decision.ERROR if error else worst(one.decision for one in verdicts)
    if noticed_decides:
        decision = worst([decision, Decision.FAIL])
    subject = {
        "id": "file",
        "kind": "file",
        "title": name,
        "decision": decision,
        "evidence": evidence or {"curves": [], "stills": []},
        "verdicts": [one.to_document() for one in verdicts],
        "noticed": [one.to_document() for one in noticed],
    }
    return {
        "path": path or f"masters/{name}",
        "name": name,
        "size_bytes": None if error else 22_561_030_144,
        "sha256": None,
        "tier": tier,
        "decision": decision,
        "error": error,
        "subjects": [] if error else [subject],
    }


def document(masters: Sequence[Mapping[str, Any]], *, fail_on: str = "shall") -> dict[str, Any]:
    """A verdict document as it comes back from JSON."""
    made = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "deliverqc", "version": "0.1.0", "libav": "62.11.100", "mediainfo": "25.09"},
        "decision": worst(Decision(one["decision"]) for one in masters),
        "request": {
            "fail_on": fail_on,
            "as_of": "2026-11-22",
            "only": [],
            "skip": [],
            "expectations": {},
            "waivers_sha256": None,
        },
        "masters": list(masters),
    }
    loaded: dict[str, Any] = json.loads(json.dumps(made))
    return loaded


PASSING = (
    clause("essence-decodes", "Every frame and sample decodes"),
    clause("essence-complete", "The bytes and frames that the wrapper promises are there"),
    clause(
        "integrated-loudness",
        "Programme loudness is -23.0 LUFS ±0.2 LU",
        why="Programmes that follow each other on air must not jump in loudness.",
        remedy="Change the gain of the whole mix by the difference; do not compress it.",
    ),
    clause("true-peak", "True peak is at most -1.0 dBTP"),
    clause(
        "file-name",
        "The name ends in _mix",
        Outcome.NOT_APPLICABLE,
        level=Level.SHOULD,
        note="the wrapper is not a mix stem",
    ),
)
MANUAL = (
    {"id": "no-burned-in-subtitles", "title": "No subtitles are burned into the picture", "source": SOURCE},
    {"id": "lip-sync", "title": "Sound and lips are in sync throughout", "source": {}},
)
LOUD = clause(
    "integrated-loudness",
    "Programme loudness is -23.0 LUFS ±0.2 LU",
    Outcome.FAIL,
    why="Programmes that follow each other on air must not jump in loudness.",
    remedy="Lower the whole mix by 0.24 dB; do not compress it.",
    severity="critical",
    findings=(finding(-22.76, "from -23.2 to -22.8"),),
)
BLACK = clause(
    "black-in-programme",
    "No black is longer than 2 s inside the programme",
    Outcome.FAIL,
    remedy="Close the gap in the edit, or have a longer slug granted by a waiver.",
    basis="our_reading",
    stated={
        "value": 2,
        "unit": "s",
        "why": "50 frames at 25",
        "fact": "picture.black.spans[].duration_frames",
        "words": "at most 2 s (50 frames at 25)",
    },
    findings=(
        black(1_500, 75),
        black(42_000, 60),
        black(42_500, 51),
        black(60_000, 120),
        black(70_000, 52),
        black(80_000, 53),
    ),
)
SILENT = finding(9.5, "at most 5", fact="sound.groups[].silence.spans[].duration_s", unit="s")
ADVICE = clause(
    "loudness-range",
    "Loudness range is at most 18.0 LU (unverified)",
    Outcome.FAIL,
    level=Level.SHOULD,
    source={"document": "House note", "confidence": "low"},
    basis="our_extension",
    stated={"value": "a moderate range", "why": "18 LU is ours", "words": "a moderate range (18 LU is ours)"},
    findings=(finding(18.04, "at most 18.0", fact="sound.groups[].loudness.range_lu", unit="LU"),),
)


NOTICED = (
    clause(
        "no-dead-channel",
        "Every front channel of a mix carries sound",
        Outcome.FAIL,
        level=Level.SHOULD,
        why="A dead channel is often a cable or a track that was left muted.",
        remedy="Listen to the channel alone, and export the mix again.",
        source={"document": "deliverqc common sense", "edition": "1.0", "section": "no-dead-channel"},
        findings=(finding(["R"], "none of L, R, C", fact="sound.groups[].silence.channels", unit=None),),
    ),
    clause(
        "same-left-and-right",
        "Left and right are not the same sound",
        Outcome.FAIL,
        level=Level.SHOULD,
        severity=OBSERVED,
        source={"document": "deliverqc common sense", "edition": "1.0", "section": "same-left-and-right"},
        findings=(finding(["L/R"], "none", fact="sound.groups[].phase.identical_pairs", unit=None),),
    ),
)

JPEG = (  # 64 by 36 dark pixels, encoded once with OpenCV
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7"
    "gYKBTmCNl4x9lnN+gXz/wAALCAAkAEABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF"
    "BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW"
    "V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi"
    "4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AOSooooooooqzafx/hVmiiiq13/B+NVqKs2n8f4VZoooqtd/wfjVaipYZfKz8uc+"
    "9Sfa/wDY/Wj7X/sfrR9r/wBj9aPtf+x+tRzS+bj5cY96ioooooooor//2Q=="
)


def curves() -> dict[str, Any]:
    """An hour of loudness with a silence in it, as the meters give it: ten values a second."""
    second = np.arange(36_000) / 10
    level = -26 + 5 * np.sin(second / 190) + 3 * np.sin(second / 23) + 2 * np.sin(second * 3.1)
    level[15_000:15_400] = np.nan
    spoken = np.convolve(np.nan_to_num(level, nan=-60), np.full(30, 1 / 30), mode="same")
    names = (("momentary_loudness", level + 3 * np.sin(second * 7.7)), ("short_term_loudness", spoken))
    made = [curve(name, "LUFS", 0, 0.0, 0.1, values, points=240) for name, values in names]
    return {
        "curves": made,
        "stills": [{"frame": 1500, "timecode": "10:01:00:00", "role": "first black frame", "jpeg_base64": JPEG}],
    }


def passing() -> dict[str, Any]:
    """Every clause passes; two items are left to sign off."""
    good = FACTS | {
        "sound.groups": [FACTS["sound.groups"][0] | {"loudness.integrated_lufs": -22.95}, FACTS["sound.groups"][1]]
    }
    one = verdict(Decision.PASS, "All 4 binding clauses pass.", PASSING, manual=MANUAL, facts=good)
    return document([master("programme_r2.mxf", [one], evidence=curves() | {"stills": []})])


def failing() -> dict[str, Any]:
    """Loudness by less than a rounding step, several runs of black, advice that is not followed, a gap and a waiver."""
    silence = {"reason": "Artistic: the film opens in silence", "who": "J. Ames, Channel 9", "until": "2027-01-31"}
    clauses = (
        *PASSING[:2],
        LOUD,
        PASSING[3],
        BLACK,
        clause(
            "silence",
            "No silence is longer than 5 s",
            Outcome.WAIVED,
            waiver=silence,
            findings=(SILENT,),
        ),
        ADVICE,
        clause(
            "expected-original-language",
            "The sound is tagged with the original language",
            Outcome.NOT_MEASURED,
            level=Level.SHOULD,
            note="tell us with --expect",
        ),
        PASSING[4],
    )
    one = verdict(Decision.FAIL, "2 of 6 binding clauses fail.", clauses, manual=MANUAL)
    return document([master("programme_r2.mxf", [one], evidence=curves(), noticed=NOTICED)])


def noticed_fails() -> dict[str, Any]:
    """The spec passes, and what is noticed fails the master because that was asked for."""
    one = verdict(Decision.PASS, "All 4 binding clauses pass.", PASSING)
    made = master("programme_r2.mxf", [one], noticed=NOTICED, noticed_decides=True)
    return document([made], fail_on="noticed")


def incomplete() -> dict[str, Any]:
    """A headers run: what needs a decode was not measured, and two demands that nothing measures yet; a reader was
    lost."""

    def gap(name: str, title: str, missing: str, level: Level = Level.SHALL) -> ClauseOutcome:
        note = "the headers tier decodes nothing"
        return clause(name, title, Outcome.NOT_MEASURED, level=level, note=note, missing_facts=(missing,))

    def awaited(name: str, title: str, missing: str) -> ClauseOutcome:
        return clause(name, title, Outcome.NOT_MEASURED, note=NOT_YET, missing_facts=(missing,))

    clauses = (
        gap("essence-decodes", "Every frame and sample decodes", "decode.errors"),
        gap("integrated-loudness", LOUD.title, "sound.groups[].loudness.integrated_lufs"),
        gap("decoder-warnings", "The decoder remarks nothing", "decode.errors", Level.SHOULD),
        awaited("signed", "The package is signed", "package.is_signed"),
        awaited("no-clones", "No identifier is used twice", "package.duplicate_ids"),
        clause("tracks-present", "There is a programme track"),
    )
    one = verdict(Decision.INCOMPLETE, "2 of 3 binding clauses were not measured.", clauses)
    reason = "MediaInfo gave up on this file (timed out after 30 s): facts that only it gives were not measured."
    lost = {"readers_lost": [{"reader": "mediainfo", "reason": reason}]}
    return document([master("programme_r2.mxf", [one], tier="headers") | lost])


def nothing_binding() -> dict[str, Any]:
    """Every clause that applies passes, and none of them binds: incomplete without a clause that shows it."""
    one = verdict(Decision.INCOMPLETE, "Nothing binding was judged.", (PASSING[0], PASSING[4]))
    return document([master("programme_r2.mxf", [one])])


def small_picture() -> dict[str, Any]:
    """One clause about two facts, and a packet that the decoder refuses."""
    size = clause(
        "picture-size",
        "The picture is 1920x1080",
        Outcome.FAIL,
        findings=(
            finding(320, "1920", fact="picture.width_px", unit="px"),
            finding(180, "1080", fact="picture.height_px", unit="px"),
        ),
    )
    damage = clause("essence-decodes", "Every frame and sample decodes", Outcome.FAIL, findings=(refused_packet(),))
    return document([master("small.mov", [verdict(Decision.FAIL, "2 of 2 binding clauses fail.", (size, damage))])])


def unreadable() -> dict[str, Any]:
    """A master that is no media file."""
    error = {
        "code": "not-media",
        "message": "cannot open masters/notes.mov: no wrapper is recognised; check the upload",
    }
    return document([master("notes.mov", error=error)])


def unrecognised() -> dict[str, Any]:
    """A family none of whose deliverables fits."""
    recognised = clause(
        "deliverable-recognised",
        "The master is a deliverable that the platform accepts",
        Outcome.FAIL,
        findings=(finding("mpegts", "mov", fact="wrapper.format", unit=None),),
    )
    family = {
        "id": "netflix",
        "title": "Netflix",
        "reason": "no deliverable fits; it accepts ProRes 422 HQ in QuickTime",
        "tried": [{"spec": "netflix-licensed-prores", "reason": "wrapper.format is mpegts, required mov"}],
    }
    provenance = {
        "spec_sha256": None,
        "facts_sha256": "c0ffee" + 58 * "0",
        "settings": None,
        "meters": {},
        "libraries": {},
    }
    one = verdict(
        Decision.FAIL,
        "The deliverable is not recognised.",
        (recognised, PASSING[0]),
        spec=None,
        family=family,
        provenance=provenance,
    )
    return document([master("capture.ts", [one])])


def advisory() -> dict[str, Any]:
    """A spec that only recommends: a pass, marked advisory, with advice that is not followed."""
    one = verdict(
        Decision.PASS,
        "The spec only recommends; 1 recommendation is not followed.",
        (PASSING[0], ADVICE),
        advisory=True,
    )
    return document([master("upload.mp4", [one])])


def narrow() -> dict[str, Any]:
    """A spec that judges loudness only, and what it judges passes."""
    one = verdict(Decision.PASS, "2 deciding clauses pass, none fails", PASSING[:1], scope=("loudness",))
    return document([master("mix.wav", [one])])


def long_ago() -> dict[str, Any]:
    """A pass by a spec whose document was read one and a half years before the day of the check."""
    old = {"document": "EBU R 128", "edition": "5.0 (2023)", "read_on": "2025-05-22", "days": 549}
    one = verdict(Decision.PASS, "2 deciding clauses pass, none fails", PASSING[:1], old_readings=(old,))
    return document([master("mix.wav", [one])])


def without_timecode() -> dict[str, Any]:
    """A finding in a master whose wrapper carries no timecode."""
    late = replace(BLACK, findings=(black(92_251, 75, timeline=_NO_TIMECODE),))
    return document([master("stem.mkv", [verdict(Decision.FAIL, "1 of 1 binding clauses fail.", (late,))])])


def batch() -> dict[str, Any]:
    """Forty masters in every state, one of them against two specs."""
    other = R128 | {"id": "ebu-r128-s1", "title": "EBU R 128 s1 short-form", "edition": "3.0"}
    good = verdict(Decision.PASS, "All 4 binding clauses pass.", PASSING)
    bad = verdict(Decision.FAIL, "1 of 4 binding clauses fail.", (*PASSING[:2], LOUD, PASSING[3]))
    masters = [master(f"episode_{number:02}.mxf", [bad if number % 9 == 4 else good]) for number in range(37)]
    masters.append(master("trailer.mxf", [good, replace(bad, spec=other)]))
    masters += [*incomplete()["masters"], *unreadable()["masters"]]
    return document(masters)


HOSTILE_NAME = "a\x1b[31mred\u202egpj.mov]]>|`<b>@all\n::error::x ##[error]y,z:%\udcff.mov"
HOSTILE_TITLE = (
    '<script>window.executed=1;alert(1)</script>"><img src=x onerror="window.executed=1">{{7*7}}\' ]]> | a\nb \x00\x85'
)


def hostile() -> dict[str, Any]:
    """Names, tags and sources that try to leave their place in every format."""
    source = {
        "document": HOSTILE_TITLE,
        "url": "javascript:window.executed=1",
        "confidence": "low",
        "section": "</title><script>",
    }
    broken = clause(
        "title-tag",
        f"The title tag is plain {HOSTILE_TITLE}",
        Outcome.FAIL,
        source=source,
        why=HOSTILE_TITLE,
        remedy=HOSTILE_TITLE,
        findings=(
            finding(
                HOSTILE_TITLE,
                "plain words | `and` <i>none</i>",
                fact="wrapper.title",
                unit=None,
                where={"track": HOSTILE_NAME},
            ),
        ),
    )
    gap = clause("gap", "A gap", Outcome.NOT_MEASURED, note=HOSTILE_TITLE, missing_facts=("x.<b>.y",))
    facts = FACTS | {
        "wrapper.title": HOSTILE_TITLE,
        "sound.groups": [{"layout": HOSTILE_TITLE, "language": HOSTILE_TITLE}],
    }
    manual = ({"id": "look", "title": HOSTILE_TITLE, "source": source},)
    stills = [
        {"frame": 0, "timecode": None, "role": HOSTILE_TITLE, "jpeg_base64": '"><script>window.executed=1</script>'}
    ]
    one = verdict(Decision.FAIL, HOSTILE_TITLE, (broken, gap), facts=facts, manual=manual)
    evidence = curves() | {"stills": stills}
    return document([master(HOSTILE_NAME, [one], evidence=evidence, path=f"/in/{HOSTILE_NAME}")])


_EVENT = "timed_text.tracks[].events[]"
ARABIC = "مرحبا بكم (2026)"
ZALGO = "\u0301Z" + 20 * "\u0363\u035b" + "o"
HOSTILE_TEXT = f'<script>window.executed=1</script> | `x` {ZALGO} \u202eabc\x1b[31m\u200b ]]> "' + "w" * 90
HOSTILE_LINES = ("::error::not a command", "## not a heading", HOSTILE_TEXT)
_ENGLISH = (
    text_event(1, Fraction(3, 2), "Faster than anybody", "can read: 80 a second", line=2),
    text_event(2, 4, "Where have you been?", line=6),
    text_event(Fraction(7, 2), 5, "- Over there. - Since when?", line=9),
    text_event(6, 9, *HOSTILE_LINES, line=12),
    text_event(10, 12, line=15, is_image=True),
    text_event(13, None, "It stays", line=18),
)
_ARABIC = (text_event(1, Fraction(7, 4), ARABIC, line=2), text_event(2, 4, "قال Netflix", "ثم ذهب", line=6))
_JAPANESE = (text_event(1, 4, "日本語の字幕です。", line=2), text_event(5, 8, "「そうですか」", line=6))


def captioned() -> dict[str, Any]:
    """Subtitles in three languages: one is too fast, one overlaps, one is hostile, and a file has a fault."""
    files = {"en.srt": _ENGLISH, "ar.srt": _ARABIC, "ja.srt": _JAPANESE}
    tracks = [
        track_facts(text_document(*events, format="srt", language=name[:2]), source="sidecar", file=name)
        for name, events in files.items()
    ]
    facts = FACTS | {"timed_text.tracks": tracks}

    def about(track: int, number: int, member: str, expected: str, unit: str | None = None) -> Finding:
        event = tracks[track]["events"][number - 1]
        where, span = {"track": track, "event": number, "line": event["line"]}, event_span(event)
        return finding(event[member], expected, fact=f"{_EVENT}.{member}", unit=unit, where=where, span=span)

    def failing_clause(name: str, title: str, *findings: Finding) -> ClauseOutcome:
        return clause(name, title, Outcome.FAIL, findings=with_events(findings, facts))

    fault = finding(
        {"code": "bad-time", "message": "Minute 61 does not exist", "line": 6, "event": 2},
        "text that keeps to its format",
        fact="timed_text.tracks[].errors",
        unit=None,
        where={"track": 1, "event": 2, "line": 6},
    )
    fault = replace(fault, message="Minute 61 does not exist; required text that keeps to its format")
    overlap = about(0, 3, "is_overlapping", "a start after its end")
    message = "event 3 starts while another one of its region is shown"
    quote = '("- Over there. - Since when?")'
    overlap = replace(overlap, message=f"{message} {quote}; required a start after its end")
    clauses = (
        failing_clause(
            "reading-speed",
            "At most 20 characters a second",
            about(0, 1, "characters_per_second", "at most 20", "1/s"),
            about(0, 4, "characters_per_second", "at most 20", "1/s"),
            about(1, 1, "characters_per_second", "at most 20", "1/s"),
        ),
        failing_clause("shortest-image", "Images last 3 s", about(0, 5, "duration_s", "at least 3", "s")),
        failing_clause("text-reads", "The text keeps to its format", fault),
        failing_clause("apart", "Subtitles follow each other", overlap),
        PASSING[0],
    )
    one = verdict(Decision.FAIL, "4 of 5 binding clauses fail.", clauses, facts=facts)
    captions, speeds = text_evidence(facts, clauses)
    loudness = curve("momentary_loudness", "LUFS", 0, 0.0, 0.1, -23 + 4 * np.sin(np.arange(150) / 9))
    evidence = {"curves": [loudness, *speeds], "stills": [], "captions": captions}
    return document([master("feature.mp4", [one, replace(one, spec=R128 | {"id": "other"})], evidence=evidence)])


@cache
def many_findings(count: int = 10_000) -> dict[str, Any]:
    """A clause with very many findings, the longest of them in the middle; made once, read only."""
    those = tuple(black(7 * number, 200 if number == count // 2 else 51 + number % 3) for number in range(count))
    return document(
        [
            master(
                "strobe.mov",
                [verdict(Decision.FAIL, "1 of 1 binding clauses fail.", (replace(BLACK, findings=those),))],
            )
        ]
    )


def nothing() -> dict[str, Any]:
    """No master at all."""
    return document([])


SAMPLES: Mapping[str, Callable[[], dict[str, Any]]] = {
    make.__name__: make
    for make in (
        passing,
        failing,
        noticed_fails,
        incomplete,
        nothing_binding,
        small_picture,
        unreadable,
        unrecognised,
        advisory,
        narrow,
        long_ago,
        without_timecode,
        batch,
        hostile,
        captioned,
        many_findings,
        nothing,
    )
}

SMALL: Mapping[str, Callable[[], dict[str, Any]]] = {**SAMPLES, "many_findings": lambda: many_findings(100)}
"""The same with fewer findings, where ten thousand show nothing more than a hundred."""
