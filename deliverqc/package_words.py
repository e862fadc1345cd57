"""Says in a sentence what an entry of a list of faults of a package means; knows no judge and no report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Item = Mapping[str, Any]

_C = "package.composition."
_LIST = "package.packing_list."
_MAP = "package.asset_map."


def _track(item: Item) -> str:
    return f"{str(item['kind']).replace('_', ' ')} of reel {item['reel'] + 1} ({item['id']})"


def _line(item: Item) -> str:
    return "" if item["line"] is None else f", line {item['line']}"


def _valid(item: Item) -> str:
    return f"is valid from {item['not_before'][:10]} to {item['not_after'][:10]}"


def _stated(value: str | None) -> str:
    return "absent" if value is None else value or "empty"


def _hash(item: Item) -> str:
    return "cannot be read to its end" if item["actual"] is None else f"has the hash {item['actual']}"


def _field(item: Item) -> str:
    """A field of a title with what is wrong with it, which begins with a verb or is a sentence of its own."""
    name = " ".join(part for part in (str(item["field"]).replace("_", " "), item["value"]) if part)
    return f"{name}{' ' if item['message'].startswith(('is ', 'has ', 'names ')) else ': '}{item['message']}"


def _says(required: str) -> tuple[Callable[[Item], str], Callable[[Item], str]]:
    """Of entries whose message goes on after the track."""
    return (lambda item: f"{_track(item)} {item['message']}"), (lambda item: required)


_WORDS: Mapping[str, tuple[Callable[[Item], str], Callable[[Item], str]]] = {
    "package.schema_errors": (
        lambda item: (
            f"{item['file']}{'' if item['line'] is None else ', line ' + str(item['line'])}: {item['message']}"
        ),
        lambda item: "documents that keep to their standard",
    ),
    "package.signature_errors": (
        lambda item: f"the signature of {item['file']}{_line(item)}: {item['message']}",
        lambda item: "a signature that holds",
    ),
    "package.certificate_errors": (
        lambda item: f"{item['file']}: the certificate {item['subject']} {item['message']}",
        lambda item: "a chain of certificates by ST 430-2",
    ),
    "package.certificates_invalid_at_issue": (
        lambda item: (
            f"{item['file']} was issued on {item['issued'][:10]}; the certificate {item['subject']} {_valid(item)}"
        ),
        lambda item: "certificates that are valid when the document is issued",
    ),
    "package.certificates_out_of_date": (
        lambda item: f"{item['file']}: the certificate {item['subject']} {_valid(item)}",
        lambda item: "certificates that are valid on the day of the check",
    ),
    f"{_MAP}mismatched_ids": (
        lambda item: f"{item['path']} has the Id {item['actual']}",
        lambda item: f"{item['id']}, as in the asset map",
    ),
    "package.duplicate_ids": (lambda item: f"{item['id']} twice in {item['file']}", lambda item: "each id once"),
    "package.invalid_uuids": (
        lambda item: f"{item['file']}: {item['id'] or 'an empty id'}",
        lambda item: "urn:uuid: and a UUID",
    ),
    "package.invalid_language_tags": (
        lambda item: f"{item['file']}{_line(item)}: {item['tag']!r} {item['fault']}",
        lambda item: "a tag such as en or pt-BR",
    ),
    f"{_MAP}missing_files": (lambda item: f"{item['path']} is not there", lambda item: "every file of the asset map"),
    f"{_MAP}refused_paths": (
        lambda item: f"{item['path'] or item['id']} {item['reason']}",
        lambda item: "a path inside the package",
    ),
    f"{_MAP}wrong_chunks": (
        lambda item: f"{item['path'] or item['id']}: {item['fault']}",
        lambda item: "the length of the file, at offset 0 on volume 1",
    ),
    f"{_LIST}unmapped_assets": (
        lambda item: f"{item['id']} of {item['file']} is not in the asset map",
        lambda item: "every asset in the asset map",
    ),
    f"{_LIST}unlisted_compositions": (
        lambda item: f"{item['path']} is in no packing list",
        lambda item: "a hash for every composition",
    ),
    f"{_LIST}faulty_entries": (
        lambda item: f"{item['file']}, {item['id']}: {item['fault']}",
        lambda item: "a SHA-1 in base64, a size in bytes, and the type of the file",
    ),
    f"{_LIST}wrong_sizes": (
        lambda item: f"{item['path']} has {item['actual_bytes']} bytes",
        lambda item: f"{item['expected_bytes']} bytes by the packing list",
    ),
    f"{_LIST}wrong_hashes": (
        lambda item: f"{item['path']} {_hash(item)}",
        lambda item: f"{item['expected']} by the packing list",
    ),
    f"{_C}wrong_hashes": (
        lambda item: f"{_track(item)} {_hash(item)}",
        lambda item: f"{item['expected']} by the composition",
    ),
    f"{_C}unresolved_assets": (
        lambda item: f"{_track(item)} is not in the package",
        lambda item: "every asset of the composition",
    ),
    f"{_C}missing_assets": (
        lambda item: f"{_track(item)} is neither in the package nor in an original given with --with",
        lambda item: "every asset of the composition",
    ),
    f"{_C}unlisted_assets": (
        lambda item: f"{_track(item)} is in no packing list",
        lambda item: "a hash for every asset that is used",
    ),
    f"{_C}reels_without_picture": (
        lambda item: f"reel {item['reel'] + 1} ({item['id']}) has no picture",
        lambda item: "a picture in every reel",
    ),
    f"{_C}unreadable_files": (
        lambda item: f"{_track(item)}: {item['message']}",
        lambda item: "a file that opens and holds what it is used as",
    ),
    f"{_C}assets_without_hash": (lambda item: f"{_track(item)} has no Hash", lambda item: "a Hash"),
    f"{_C}encrypted_assets_without_hash": (
        lambda item: f"{_track(item)} is encrypted and has no Hash",
        lambda item: "a Hash",
    ),
    f"{_C}overrun_assets": (
        lambda item: f"{_track(item)} is used up to edit unit {item['end']}",
        lambda item: f"at most its IntrinsicDuration of {item['intrinsic_duration']}",
    ),
    f"{_C}short_files": (
        lambda item: f"{_track(item)} is {item['stated_s']:.3f} s long",
        lambda item: f"{item['needed_s']:.3f} s, by the composition",
    ),
    f"{_C}mismatched_ids": (
        lambda item: f"{_track(item)} holds {item['actual'] or 'no UUID'}",
        lambda item: f"{item['id']}, as in the composition",
    ),
    f"{_C}timed_text_id_faults": _says("the ids that the standard asks"),
    f"{_C}timed_text_duration_faults": _says("text as long as its part of the composition"),
    f"{_C}timed_text_rate_faults": _says("the edit rate of the composition"),
    f"{_C}timed_text_reel_faults": _says("the number of its reel"),
    f"{_C}timed_text_language_faults": _says("one language in XML, composition and all reels"),
    f"{_C}timed_text_resource_faults": _says("every font and image that the text uses"),
    f"{_C}timed_text_descriptor_faults": _says("a descriptor that fits the text"),
    f"{_C}timeline_errors": (
        lambda item: f"{_track(item)} {item['message']}",
        lambda item: "virtual tracks by ST 2067-3, in whole edit units of the composition",
    ),
    f"{_C}descriptor_disagreements": (
        lambda item: f"{_track(item)}: {item['item']} is {_stated(item['composition'])} in the composition",
        lambda item: f"{_stated(item['track_file'])}, as in the track file",
    ),
    f"{_C}inhomogeneous_tracks": (
        lambda item: f"{_track(item)}: {item['item']} is {_stated(item['actual'])}",
        lambda item: f"{_stated(item['first'])}, as in the first part of the track",
    ),
    f"{_C}audio_label_errors": (
        lambda item: f"{_track(item)}: the label {item['label'] or 'without a symbol'} {item['message']}",
        lambda item: "one label for each channel, and a complete soundfield group",
    ),
    f"{_C}reference_errors": (
        lambda item: f"{item['file']}{_line(item)}: {item['message']}",
        lambda item: "ids that are there once, and descriptors that a resource uses",
    ),
    f"{_C}timecode_errors": (
        lambda item: f"{item['file']}{_line(item)}: {item['message']}",
        lambda item: "a timecode that counts at the edit rate",
    ),
    f"{_C}picture_item_errors": (
        lambda item: f"{_track(item)} {item['message']}",
        lambda item: "the items of a picture descriptor of App #2E",
    ),
    f"{_C}mixed_language_tracks": (
        lambda item: f"{_track(item)} is in {item['actual']}",
        lambda item: f"{item['first']}, as the first part of the track",
    ),
    f"{_C}plug_in_errors": (
        lambda item: f"{_track(item)} {item['message']}",
        lambda item: "what the plug-in requires",
    ),
    f"{_C}timeline_differences": (
        lambda item: f"the composition {item['message']} ({item['title'] or item['id']})",
        lambda item: "the timeline of the composition that was delivered last",
    ),
    f"{_C}sound_inserts": (
        lambda item: f"{_track(item)} replaces a part of an audio track",
        lambda item: "whole audio tracks",
    ),
    f"{_C}marker_errors": (
        lambda item: f"the marker {item['label'] or 'without a label'} of reel {item['reel'] + 1} {item['message']}",
        lambda item: "a label, and an offset inside the reel",
    ),
    f"{_C}name_errors": (_field, lambda item: "a title by the Digital Cinema Naming Convention"),
    f"{_C}name_disagreements": (_field, lambda item: "a title that says what the package holds"),
    f"{_C}unequal_reels": (
        lambda item: f"{_track(item)} lasts {item['duration_s']:.3f} s",
        lambda item: f"{item['reel_s']:.3f} s, as the reel",
    ),
    f"{_C}timed_text_entry_faults": (
        lambda item: (
            f"{_track(item)} has "
            + ("no EntryPoint" if item["entry_point"] is None else f"the EntryPoint {item['entry_point']}")
        ),
        lambda item: "EntryPoint 0",
    ),
}
"""What was found, and what is required instead, by the list."""


def package_words(fact: str, item: Item) -> tuple[str, str] | None:
    """What an entry of the list `fact` says, and what is required instead; None for another list, and for an entry
    without the members of the list."""
    known = _WORDS.get(fact)
    if known is None:
        return None
    try:
        return known[0](item), known[1](item)
    except (KeyError, TypeError, ValueError):
        return None


def package_place(item: Item) -> dict[str, Any]:
    """Where an entry is: asset, reel (from 0), file and line."""
    found = {
        "asset": item.get("id"),
        "reel": item.get("reel"),
        "file": item.get("path") or item.get("file"),
        "line": item.get("line"),
    }
    return {name: value for name, value in found.items() if value is not None}
