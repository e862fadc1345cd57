"""Facts that the metadata of an MXF file gives: partitions, packages, descriptors, labels and AS-11 metadata; knows
nothing of how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deliverqc.facts import vocabulary as words
from deliverqc.facts.model import Fact, Kind, Layer

_MXF = ("structure", "mxf")
"""The walker of the wrapper, and its reading of MXF metadata, which can be lost alone."""


def _row(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    unit: str | None = None,
    step: float | None = None,
    null: str | None = None,
    values: Sequence[str] | None = None,
) -> Fact:
    return Fact(
        name=name,
        kind=kind,
        layer=Layer.WRAPPER,
        meaning=meaning,
        given_by=_MXF,
        unit=unit,
        resolution=step,
        null_means=null,
        vocabulary=values,
    )


MXF_WRAPPER = (
    _row(
        "wrapper.mxf_wrapping",
        Kind.STRING,
        "how the essence containers hold the essence (last bytes of their labels); mixed where they differ",
        values=words.MXF_WRAPPING,
        null="not MXF, or no essence container is labelled",
    ),
    _row(
        "wrapper.mxf_essence_labels",
        Kind.STRINGS,
        "labels of the essence containers in the descriptors, each once (SMPTE ST 2029)",
        null="not MXF",
    ),
    _row(
        "wrapper.mxf_kag_sizes_bytes",
        Kind.INTEGERS,
        "KLV alignment grids of the partitions, each once",
        unit="bytes",
        null="not MXF",
    ),
    _row(
        "wrapper.mxf_header_fill_bytes",
        Kind.INTEGER,
        "longest fill item behind the header metadata, its key and length included",
        unit="bytes",
        null="not MXF",
    ),
    _row(
        "wrapper.mxf_random_index_pack",
        Kind.BOOLEAN,
        "the file ends with a random index pack that lists every partition at its place (ST 377-1 section 12)",
        null="not MXF",
    ),
    _row(
        "wrapper.mxf_index_before_essence",
        Kind.BOOLEAN,
        "index tables before the first byte of essence cover all of it",
        null="not MXF, or no essence in the file",
    ),
    _row("wrapper.mxf_body_partitions", Kind.LIST, "partitions that hold essence, in order", null="not MXF"),
    _row(
        "wrapper.mxf_body_partitions[].duration_s",
        Kind.NUMBER,
        "length of the essence in it, by the index",
        unit="s",
        step=1e-6,
        null="the index tables do not say",
    ),
    _row(
        "wrapper.mxf_body_partitions[].is_indexed_before_next",
        Kind.BOOLEAN,
        "index tables behind it, and before the essence of the next one, cover all of its essence",
    ),
    _row("wrapper.mxf_body_partitions[].is_last", Kind.BOOLEAN, "the last one of its essence container"),
    _row(
        "wrapper.mxf_tracks_map_one_to_one",
        Kind.BOOLEAN,
        "each essence track of a file package is shown by exactly one track of the material package, and each of "
        "these shows one",
        null="not MXF, or no material package with essence tracks",
    ),
    _row(
        "wrapper.mxf_external_essence_count",
        Kind.INTEGER,
        "packages that the material package shows and whose essence is not in the file",
        null="not MXF, or no material package",
    ),
    *(
        _row(
            f"wrapper.as11_{name}_track_count",
            Kind.INTEGER,
            f"tracks of the material package with AS-11 {what} metadata",
            null="not MXF",
        )
        for name, what in (("core", "core"), ("uk_dpp", "UK DPP"), ("segmentation", "segmentation"))
    ),
    _row(
        "wrapper.as11_segments",
        Kind.LIST,
        "parts of the programme by the AS-11 segmentation metadata, in order",
        null="not MXF",
    ),
    _row("wrapper.as11_segments[].part_number", Kind.INTEGER, "number of the part, from 1"),
    _row("wrapper.as11_segments[].part_total", Kind.INTEGER, "number of parts that the segment states"),
    _row(
        "wrapper.as11_segments[].start_s",
        Kind.NUMBER,
        "start of the part, after the first frame",
        unit="s",
        step=1e-6,
        null="the track states no edit rate",
    ),
    _row(
        "wrapper.as11_segments[].duration_s",
        Kind.NUMBER,
        "length of the part",
        unit="s",
        step=1e-6,
        null="the track states no edit rate",
    ),
    _row(
        "wrapper.as11_specification_identifiers",
        Kind.STRINGS,
        "labels of specifications that the preface names (AMWA Specification_Identifiers, SMPTE ST 2029)",
        null="not MXF",
    ),
    _row(
        "wrapper.as11_xml_documents",
        Kind.LIST,
        "XML documents in the header metadata (SMPTE RP 2057); those in stream partitions are not read",
        null="not MXF",
    ),
    _row("wrapper.as11_xml_documents[].is_well_formed", Kind.BOOLEAN, "an XML reader accepts it"),
    _row("wrapper.as11_xml_documents[].root", Kind.STRING, "name of the root element", null="not well formed"),
    _row(
        "wrapper.as11_xml_documents[].namespace",
        Kind.STRING,
        "namespace of the root element",
        null="not well formed, or no namespace",
    ),
    _row(
        "wrapper.as11_unfilled_fields",
        Kind.STRINGS,
        "fields of the AS-11 metadata that a flag or another field asks for and that are empty",
        null="no AS-11 UK DPP metadata",
    ),
    _row(
        "wrapper.as11_missing_fields",
        Kind.STRINGS,
        "fields that AS-11 UK DPP HD requires of its core and UK DPP metadata and that are not there",
        null="no AS-11 UK DPP metadata",
    ),
    _row(
        "wrapper.as11_audio_description_present",
        Kind.BOOLEAN,
        "audio description is flagged present in the AS-11 UK DPP metadata",
        null="not stated",
    ),
    _row(
        "wrapper.as11_pse_manufacturer",
        Kind.STRING,
        "maker of the photosensitivity device named in the AS-11 UK DPP metadata",
        null="not stated",
    ),
    _row(
        "wrapper.as11_pse_version",
        Kind.STRING,
        "version of the photosensitivity device named in the AS-11 UK DPP metadata",
        null="not stated",
    ),
    _row(
        "wrapper.timecodes[].edit_rate",
        Kind.RATE,
        "edit rate of the track of an MXF package that holds it",
        null="not in a package of an MXF file, or not stated",
    ),
    _row(
        "wrapper.timecodes[].component_count",
        Kind.INTEGER,
        "timecode components in that track; the first one is listed",
        null="not in a package of an MXF file",
    ),
)

MXF_SOUND = (
    _row(
        "sound.mxf_track_numbers",
        Kind.INTEGERS,
        "track numbers of the sound tracks in the material package, in ascending order; 0: not numbered",
        null="not MXF",
    ),
    _row(
        "sound.tracks[].mxf_mapping",
        Kind.STRING,
        "mapping of the sound by the label of its essence container: wave and aes3 of SMPTE ST 382 …",
        values=words.MXF_SOUND_MAPPING,
        null="not MXF, or not labelled",
    ),
    _row(
        "sound.tracks[].mxf_channel_assignment",
        Kind.STRING,
        "channel assignment of the sound descriptor: SMPTE ST 429-2, ST 2067-2 or AMWA AS-11",
        values=words.MXF_CHANNEL_ASSIGNMENT,
        null="not MXF, or not stated",
    ),
    _row(
        "sound.tracks[].mxf_track_number",
        Kind.INTEGER,
        "track number in the material package; 0: the track is not numbered",
        null="not MXF",
    ),
    _row(
        "sound.tracks[].mca_channels",
        Kind.STRINGS,
        "tag symbol of each channel by its label (SMPTE ST 377-4), in order: chL chR …; empty for one without",
        null="not MXF, or no such labels",
    ),
    _row(
        "sound.tracks[].mca_unlinked_channel_count",
        Kind.INTEGER,
        "labelled channels whose soundfield group the file does not hold",
        null="not MXF, or no such labels",
    ),
    _row(
        "sound.tracks[].soundfield_groups",
        Kind.STRINGS,
        "tag symbols of the soundfield groups that its channels are in (SMPTE ST 377-4): sg51 sgST …",
        null="not MXF, or no such labels",
    ),
    _row(
        "sound.tracks[].groups_of_soundfield_groups",
        Kind.STRINGS,
        "tag symbols of the groups that these soundfield groups are in",
        null="not MXF, or no such labels",
    ),
)

MXF_PICTURE: tuple[tuple[str, Kind, Layer, str, dict[str, Any]], ...] = (
    (
        "color_model",
        Kind.STRING,
        Layer.WRAPPER,
        "components by the descriptor of an MXF file",
        {"by": _MXF, "values": words.COLOR_MODEL, "null": "not MXF, or the descriptor does not say"},
    ),
    (
        "component_depths_bits",
        Kind.INTEGERS,
        Layer.WRAPPER,
        "bits of each colour component: of the JPEG 2000 sub-descriptor, else of the picture descriptor",
        {"unit": "bit", "by": _MXF, "null": "not MXF, or the descriptor does not say"},
    ),
    (
        "component_code_range",
        Kind.STRING,
        Layer.WRAPPER,
        "codes between the reference levels of the descriptor: limited (64 to 940 at 10 bits) or full",
        {
            "by": _MXF,
            "values": words.COLOR_RANGE,
            "null": "not MXF, or the descriptor does not state them and the depth",
        },
    ),
    *(
        (
            f"{which}_{side}_px",
            Kind.INTEGER,
            Layer.WRAPPER,
            f"{which} {side} of the descriptor, both fields together",
            {"unit": "px", "by": _MXF, "null": "not MXF, or not stated"},
        )
        for which in ("stored", "sampled")
        for side in ("width", "height")
    ),
    (
        "is_sampled_as_stored",
        Kind.BOOLEAN,
        Layer.WRAPPER,
        "sampled and stored size of the descriptor are equal, or no sampled size is stated",
        {"by": _MXF, "null": "not MXF"},
    ),
    (
        "stored_f2_offset_lines",
        Kind.INTEGER,
        Layer.WRAPPER,
        "StoredF2Offset of the descriptor",
        {"unit": "lines", "by": _MXF, "null": "not MXF, or not stated"},
    ),
    (
        "black_ref_code",
        Kind.INTEGER,
        Layer.WRAPPER,
        "black level of the descriptor; smallest component code of an RGBA one",
        {"by": _MXF, "null": "not MXF, or not stated"},
    ),
    (
        "white_ref_code",
        Kind.INTEGER,
        Layer.WRAPPER,
        "white level of the descriptor; largest component code of an RGBA one",
        {"by": _MXF, "null": "not MXF, or not stated"},
    ),
    (
        "color_code_count",
        Kind.INTEGER,
        Layer.WRAPPER,
        "number of codes of colour difference (ColorRange of the descriptor)",
        {"by": _MXF, "null": "not MXF, not stated, or RGBA"},
    ),
    (
        "mxf_jpeg2000_descriptor",
        Kind.OBJECT,
        Layer.WRAPPER,
        "what the JPEG 2000 sub-descriptor states (SMPTE ST 422), by the members of picture.jpeg2000.headers[], with "
        "an entry for each component: rsiz, width_px, component_depths_bits … signed_components lists signed ones, "
        "from 0; layout_depths_bits are the depths of J2CLayout. An item that is not there is left out; one that "
        "cannot be read is null",
        {"by": _MXF, "null": "not MXF, or no such sub-descriptor"},
    ),
    (
        "dolby_vision.metadata_version",
        Kind.STRING,
        Layer.WRAPPER,
        "Dolby Vision metadata version: 2.0.5, 4.0.2, 5.1.0 …, by the document of the title in an MXF track file; "
        "documents in separate files are not read",
        {"by": _MXF, "null": "not MXF, or no Dolby Vision metadata is embedded"},
    ),
    (
        "dolby_vision.cm_version_stated",
        Kind.STRING,
        Layer.WRAPPER,
        "CMVersion of the Dolby Vision metadata: as written in level 254 of the document of the title, 4 1",
        {"by": _MXF, "null": "no Dolby Vision metadata is embedded, or it states none, as of content mapping 2.9"},
    ),
    *(
        (
            f"dolby_vision.{name}_cd_m2",
            Kind.NUMBER,
            Layer.WRAPPER,
            f"{shown} of the Dolby Vision metadata: level 6 of the document of the title in an MXF track file",
            {
                "by": _MXF,
                "unit": "cd/m2",
                "step": 0.001,
                "null": "no Dolby Vision metadata is embedded, or it states none, or 0",
            },
        )
        for name, shown in (("max_cll", "MaxCLL"), ("max_fall", "MaxFALL"))
    ),
)
"""Rows of a picture track, as in `deliverqc.facts.probed`."""
