"""What a report says of a finding: the place, the value found and the value required, as an engineer writes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from deliverqc.judging.findings import findings_of
from deliverqc.judging.kleene import evaluate
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.reports.wording import measured, wanted, when_words, where_words
from deliverqc.verdict import item_words

_WHOLE = {
    "decode.missing_byte_count": 0,
    "decode.missing_frame_count": 0,
    "decode.missing_durations": [],
    "decode.end_difference_s": None,
    "wrapper.is_closed": True,
}


def _said(spec: str, clause: str, facts: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """What is measured, in which track, when, and what is required, for each finding of one clause."""
    schema = next(one for one in spec_library().load(spec).document["allOf"] if one["$anchor"] == clause)
    found = [asdict(one) for one in findings_of(evaluate(schema, facts).breaches, registry().facts)]
    return [(measured(one), where_words(one, facts), when_words(one), wanted(one)) for one in found]


def _lost(track: str, frame: int | None, count: int, timecode: str | None) -> dict[str, Any]:
    return {
        "track": track,
        "frame": frame,
        "start_s": 2.0,
        "duration_s": 0.024 * count,
        "packet_count": count,
        "start_timecode": timecode,
    }


def test_lost_packets_have_a_number_a_track_a_length_and_a_time() -> None:
    spans = [_lost("sound 1", None, 12, None), _lost("picture 0", 50, 1, "10:00:02:00")]
    said = _said("deliverqc-integrity", "essence-complete", _WHOLE | {"decode.missing_spans": spans})
    assert said == [
        ("12 packets of sound 1 are missing (0.288 s)", "", "+00:00:02.000", "no gap in the packets"),
        ("1 packet of picture 0 is missing (0.024 s)", "", "10:00:02:00 (1 frame)", "no gap in the packets"),
    ]


def test_an_encrypted_track_is_named_with_its_scheme_if_there_is_one() -> None:
    tracks = [{"track": "sound 1", "scheme": "cenc"}, {"track": "picture 0", "scheme": None}]
    said = _said("deliverqc-integrity", "essence-not-encrypted", {"wrapper.encrypted_tracks": tracks})
    assert [(found, required) for found, _, _, required in said] == [
        ("sound 1 is encrypted (cenc)", "no encryption"),
        ("picture 0 is encrypted", "no encryption"),
    ]


def test_a_fault_of_the_headers_is_named_with_its_place() -> None:
    faults = [{"place": "track 2, stco", "message": "4377 rows are stated, and the box holds 25"}]
    ((found, _, _, required),) = _said("deliverqc-integrity", "headers-consistent", {"wrapper.header_faults": faults})
    assert found == "track 2, stco: 4377 rows are stated, and the box holds 25"
    assert required == "no contradiction in the headers"


def test_a_number_of_a_list_has_its_unit_and_no_index() -> None:
    said = _said("as11-x9", "kag-size", {"wrapper.mxf_kag_sizes_bytes": [1, 512]})
    assert said == [("512 bytes", "", "", "1 byte")]


def test_an_empty_list_lacks_items_and_no_unit() -> None:
    ((found, _, _, required),) = _said("as11-x9", "kag-size", {"wrapper.mxf_kag_sizes_bytes": []})
    assert (found, required) == ("KLV alignment grids of the partitions: 0 found", "at least 1")


@pytest.mark.parametrize(
    ("clause", "fact", "value", "found", "required"),
    [
        (
            "bwf-starts-agree", "bwf_start_difference_samples", -96000,
            "iXML starts 96000 samples earlier than bext", "0 samples",
        ),
        (
            "ixml-sample-rate-agrees", "ixml_sample_rate_difference_hz", 3900,
            "iXML states a sample rate 3900 Hz above that of the audio", "0 Hz",
        ),
        (
            "bwf-loudness-agrees", "bwf_loudness_difference_lu", -1.04,
            "the mix is 1.04 LU quieter than bext states", "at least -1.0 LU",
        ),
    ],
)  # fmt: skip
def test_what_bext_and_ixml_say_differently_is_a_sentence(
    clause: str, fact: str, value: float, found: str, required: str
) -> None:
    facts = {"wrapper.format": "wav", "sound.track_count": 1, f"cross_check.{fact}": value}
    assert _said("deliverqc-common-sense", clause, facts) == [(found, "", "", required)]


@pytest.mark.parametrize(
    ("fact", "wrapper", "bitstream", "found"),
    [
        ("picture.bit_depth_bits", 8, 10, "bit depth: wrapper 8 bits, bitstream 10 bits"),
        ("picture.chroma_subsampling", "4:2:2", "4:2:0", "chroma subsampling: wrapper 4:2:2, bitstream 4:2:0"),
        ("picture.codec_profile", "main", "high_422", "codec profile: wrapper main, bitstream high_422"),
    ],
)
def test_layers_of_coding_that_differ_show_both_values(
    fact: str, wrapper: object, bitstream: object, found: str
) -> None:
    differing = {"fact": fact, "values": {"wrapper": wrapper, "bitstream": bitstream}, "trusted": "bitstream"}
    said = _said("deliverqc-integrity", "layers-agree", {"cross_check.layer_disagreements": [differing]})
    assert said == [(found, "", "", "the same in both")]


@pytest.mark.parametrize(
    ("fact", "item", "frame_count", "found"),
    [
        ("rsiz", "Rsiz", 1, "Rsiz: the JPEG 2000 sub-descriptor states 3, the codestream 0"),
        (
            "guard_bits",
            "QuantizationDefault",
            24,
            "guard bits (QuantizationDefault): the JPEG 2000 sub-descriptor states 3, the codestream 0 (in 24 frames; "
            "the first is shown)",
        ),
    ],
    ids=["rsiz", "guard-bits"],
)
def test_a_sub_descriptor_that_differs_shows_item_and_both_values(
    fact: str, item: str, frame_count: int, found: str
) -> None:
    values = {"wrapper": 3, "bitstream": 0}
    differing = {
        "fact": f"picture.jpeg2000.headers[].{fact}",
        "item": item,
        "values": values,
        "frame_count": frame_count,
    }
    assert item_words(differing) == (found, "the same in both")


def test_a_part_that_ends_after_the_file_is_named_with_its_length() -> None:
    rows = [{"part_number": 2, "start_s": 36.0, "duration_s": 4.0, "missing_s": 0.04}]
    ((found, _, _, required),) = _said("dpp-as11-hd", "segments-in-file", {"cross_check.as11_missing_parts": rows})
    assert (found, required) == ("part 2 (4 s from 36 s on) ends 0.04 s after the file", "every part in the file")


def test_a_fact_of_one_kind_of_package_is_named_by_what_it_counts_and_not_by_that_kind() -> None:
    said = _said("imf-app2e", "image-track", {"package.composition.picture_track_count": 0})
    assert said == [("virtual tracks of picture is 0", "", "", "1")]
