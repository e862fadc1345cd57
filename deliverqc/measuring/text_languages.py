"""Holds the languages of timed text to those of the audio, and forced narratives to its dubs; knows no format and no
limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliverqc.facts.languages import NO_LANGUAGE, language_of
from deliverqc.facts.model import Facts

_FORCED = "forced"
_CAPTIONS = ("caption", "closed_caption")

Track = Mapping[str, Any]


def language_facts(track: Track, sounds: Sequence[Track] | None) -> Facts:
    """Whether one of the audio tracks is in the language of a track of text. `sounds` is None where they are not
    known."""
    if sounds is None or "language" not in track or not all("language" in sound for sound in sounds):
        return {}
    spoken = [sound["language"] for sound in sounds]
    language = language_of(track["language"])
    heard = {language_of(one) for one in spoken} - {NO_LANGUAGE}
    if language is None or not heard:
        return {"is_language_of_audio": None}
    if language in heard:
        return {"is_language_of_audio": True}
    return {"is_language_of_audio": None if None in heard else False}


def without_forced(tracks: Sequence[Track], sounds: Sequence[Track] | None) -> Facts:
    """The languages of the audio, as written, in which no text is a forced narrative. Nothing where that cannot be
    told: audio whose language is not stated, or text that may be one."""
    if sounds is None or not all("language" in sound for sound in sounds):
        return {}
    missing = []
    for language, tag in _spoken(sounds).items():
        if language is None:
            return {}
        if any(_is_forced(track) and language_of(track.get("language")) == language for track in tracks):
            continue
        if any(_may_be_forced(track, language) for track in tracks):
            return {}
        missing.append(tag)
    return {"timed_text.audio_languages_without_forced": missing}


def _spoken(sounds: Sequence[Track]) -> dict[str | None, str]:
    """The languages of audio that is in one, each with its first tag."""
    found: dict[str | None, str] = {}
    for sound in sounds:
        language = language_of(sound["language"])
        if language != NO_LANGUAGE:
            found.setdefault(language, sound["language"] or "")
    return found


def _is_forced(track: Track) -> bool:
    return track.get("role") == _FORCED or any(event.get("is_forced") is True for event in track.get("events", ()))


def _may_be_forced(track: Track, language: str) -> bool:
    """Whether a track may hold the forced narrative in a language for all that is known of it."""
    if track.get("role") in _CAPTIONS or language_of(track.get("language")) not in (None, language):
        return False
    return _is_forced(track) or track.get("role") is None or not track.get("is_read", False)
