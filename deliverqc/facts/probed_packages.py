"""Facts of packages and of the composition that is judged; knows nothing of how they are read.

Every fault is an entry of a list, so that a list without entries is what a clause asks for. A list that was not looked
for is missing.
"""

from __future__ import annotations

from typing import Any

from deliverqc.facts import vocabulary as words
from deliverqc.facts.model import Fact, Kind, Layer, span_members

_HASHED = ("hashes",)
_READ = ("package",)
_TRACK_FILES = ("track_files",)
_BLACK, _SILENCE = ("meter:black",), ("meter:silence",)
_UNITS = {"_bytes": "bytes", "_s": "s", "_px": "px", "_bps": "bit/s"}

_Member = tuple[str, Kind, str] | tuple[str, Kind, str, str]


def _fact(name: str, kind: Kind, meaning: str, **options: Any) -> Fact:  # noqa: ANN401
    return Fact(
        name=f"package.{name}",
        kind=kind,
        layer=Layer.PACKAGE,
        meaning=meaning,
        given_by=options.get("by", _READ),
        unit=options.get("unit"),
        resolution=options.get("step"),
        null_means=options.get("null"),
        vocabulary=options.get("values"),
    )


def _list(
    name: str, meaning: str, *members: _Member, by: tuple[str, ...] = _READ, null: str | None = None
) -> tuple[Fact, ...]:
    """A list and its members: name, kind, meaning, and what null means where it can be."""
    rows = [_fact(name, Kind.LIST, meaning, by=by, null=null)]
    for member in members:
        null = member[3] if len(member) > 3 else None
        unit = next((unit for suffix, unit in _UNITS.items() if member[0].endswith(suffix)), None)
        step = 1e-6 if member[1] is Kind.NUMBER else None
        rows.append(_fact(f"{name}[].{member[0]}", member[1], member[2], by=by, null=null, unit=unit, step=step))
    return tuple(rows)


_ID = ("id", Kind.STRING, "id of the asset, as it is written")
_FILE = ("file", Kind.STRING, "document that says so, as the asset map names it")
_PATH = ("path", Kind.STRING, "path of the file, as the asset map gives it")
_REEL = ("reel", Kind.INTEGER, "number of the reel or segment, from 0")
_KIND = ("kind", Kind.STRING, "picture, sound, subtitle, closed_caption, aux or other")
_UNLISTED = "no file"
_FIELD = (
    "field",
    Kind.STRING,
    "film_title, content_type, aspect_ratio, language, territory, audio_type, resolution, "
    "studio, date, facility, standard or package_type",
)

# fmt: off
_WHOLE = (
    _fact("standard", Kind.STRING, "standard that asset map, packing lists and this composition share by their "
          "namespaces; mixed where they share none; missing where one is unknown", values=words.PACKAGE_STANDARD),
    _fact("unknown_namespaces", Kind.STRINGS, "namespaces of asset map, packing lists and compositions that are not "
          "known, each once"),
    *_list("schema_errors", "where an XML document is not as its standard has it: it is not well formed, an element "
           "is missing, unknown, twice, in another order or namespace, or has a value of another form; elements of "
           "other namespaces are taken as extensions; missing where the namespace of a document is not known and the "
           "others have no fault",
           _FILE, ("line", Kind.INTEGER, "line of the document", "it is about no line"),
           ("message", Kind.STRING, "what is wrong")),
    *_list("duplicate_ids", "ids that occur twice in the asset map, in one packing list, or among the reels "
           "or segments of one composition", _ID, _FILE),
    *_list("invalid_uuids", "ids of documents, reels and assets that are not urn:uuid: and a UUID (RFC 4122)",
           _ID, _FILE, ("line", Kind.INTEGER, "line of the document", "it is not known")),
    *_list("invalid_language_tags", "language tags of packing lists, compositions, the audio labels (MCA) of the "
           "track files, and timed text (descriptors and XML of ST 428-7) that are not valid by RFC 5646, whose "
           "subtags are those that IANA registers", ("tag", Kind.STRING, "as it is written"),
           ("file", Kind.STRING, "document or track file"),
           ("line", Kind.INTEGER, "line of the document", "it is in a track file"),
           ("fault", Kind.STRING, "what is wrong"), by=_TRACK_FILES),
    *_list("foreign_files", "files in the folder that the asset map does not name", ("path", Kind.STRING,
           "path in the folder")),
    _fact("is_signed", Kind.BOOLEAN, "this composition and every packing list carry a signature; signature_errors says "
          "whether it holds"),
    _fact("signature_methods", Kind.STRINGS, "algorithms of the signatures of this composition and the packing lists, "
          "each once: rsa-sha1, rsa-sha256, other:…"),
    *_list("signature_errors", "why signatures of this composition and the packing lists do not hold: a digest, the "
           "value, the signer, what is signed; missing where one uses an algorithm that is not computed here and no "
           "other fault is found", _FILE, ("line", Kind.INTEGER, "line of the document", "it is about no line"),
           ("message", Kind.STRING, "what is wrong")),
    *_list("certificate_errors", "what is wrong with the certificates of these signatures and their chain, by the "
           "rules of ST 430-2; the day is left aside, and no root is trusted or refused", _FILE,
           ("subject", Kind.STRING, "common name of the certificate"), ("message", Kind.STRING, "what is wrong")),
    *_list("certificates", "certificates of these signatures, each once a document", _FILE,
           ("subject", Kind.STRING, "common name"), ("serial_number", Kind.STRING, "serial number, in decimal digits"),
           ("not_before", Kind.STRING, "first moment at which it is valid: 2026-01-01T00:00:00+00:00"),
           ("not_after", Kind.STRING, "last moment at which it is valid")),
    *_list("certificates_invalid_at_issue", "certificates that are not valid at the IssueDate of the document they "
           "sign; missing where an IssueDate is not a date", _FILE, ("subject", Kind.STRING, "common name"),
           ("issued", Kind.STRING, "IssueDate of the document"), ("not_before", Kind.STRING, "valid from"),
           ("not_after", Kind.STRING, "valid until")),
    *_list("certificates_out_of_date", "certificates that are not valid on the day of the verdict (--as-of), at any "
           "time of it in UTC; given when facts are judged, missing from the facts themselves", _FILE,
           ("subject", Kind.STRING, "common name"), ("not_before", Kind.STRING, "valid from"),
           ("not_after", Kind.STRING, "valid until")),
    *_list("compositions", "compositions that can be read", _ID, _FILE, ("title", Kind.STRING, "its title")),
    *_list("companions", "packages that were given with --with", ("folder", Kind.STRING, "name of the folder"),
           ("role", Kind.STRING, "original: an asset that this package lacks is in it; unused: none is"),
           ("resolved_count", Kind.INTEGER, "assets of this package's compositions that are in it alone")),
    _fact("asset_map.file_name", Kind.STRING, "name of the asset map"),
    _fact("asset_map.namespace", Kind.STRING, "namespace of the asset map", null="it has none"),
    _fact("asset_map.volume_count", Kind.INTEGER, "VolumeCount of the asset map", null="it is not there, or no number"),
    *_list("asset_map.missing_files", "files that the asset map names and that are not there", _ID, _PATH),
    *_list("asset_map.refused_paths", "paths of the asset map that are not followed", _ID, _PATH,
           ("reason", Kind.STRING, "why: it leads out of the package, is in several chunks …")),
    *_list("asset_map.mismatched_ids", "packing lists and compositions that have another Id than the asset map gives "
           "them; one without an Id is in schema_errors", _ID, _PATH, ("actual", Kind.STRING, "Id of the document")),
    *_list("asset_map.wrong_chunks", "assets whose chunk in the asset map states another Length than the file has, an "
           "Offset above 0, or a volume that the package does not have; an element that is not there is not wrong",
           _ID, _PATH, ("fault", Kind.STRING, "what is wrong")),
    _fact("volume_index.file_name", Kind.STRING, "name of the volume index", null="there is none"),
    *_list("packing_lists", "packing lists that can be read", _ID, _FILE,
           ("namespace", Kind.STRING, "its namespace", "it has none"),
           ("annotation_text", Kind.STRING, "its AnnotationText", "it has none"),
           ("asset_count", Kind.INTEGER, "assets that it lists")),
    _fact("packing_list.annotation_is_title", Kind.BOOLEAN, "AnnotationText of every packing list is the title of the "
          "composition", null="the package has more than one composition, or no packing list"),
    *_list("packing_list.unmapped_assets", "assets of a packing list that the asset map does not have", _ID, _FILE),
    *_list("packing_list.unlisted_compositions", "compositions of which no packing list gives a hash", _ID, _PATH),
    *_list("packing_list.faulty_entries", "hashes and sizes of a packing list that are not written as they must be, "
           "and types that are not those of the file: XML of a composition, MXF of a track file", _ID, _FILE,
           ("fault", Kind.STRING, "what is wrong")),
    *_list("packing_list.wrong_sizes", "files that have another size than the packing list gives", _ID, _PATH,
           ("actual_bytes", Kind.INTEGER, "size of the file"), ("expected_bytes", Kind.INTEGER, "size in the list")),
    *_list("packing_list.wrong_hashes", "files that have another SHA-1 than the packing list gives, or that cannot be "
           "read to their end", _ID, _PATH, ("actual", Kind.STRING, "SHA-1 of the file, in base64",
                                             "the file cannot be read to its end"),
           ("expected", Kind.STRING, "SHA-1 in the list"), by=_HASHED),
)

_COMPOSITION = (
    _fact("composition.id", Kind.STRING, "id of the composition"),
    _fact("composition.file", Kind.STRING, "path of the composition playlist, as the asset map gives it"),
    _fact("composition.namespace", Kind.STRING, "namespace of the composition playlist", null="it has none"),
    _fact("composition.title", Kind.STRING, "ContentTitleText (DCP) or ContentTitle (IMF); empty where there is none"),
    _fact("composition.annotation_text", Kind.STRING, "AnnotationText (DCP) or Annotation (IMF)", null="it has none"),
    _fact("composition.annotation_is_title", Kind.BOOLEAN, "the annotation and the title are the same",
          null="it has no annotation"),
    *_list("composition.name_errors", "DCP: where the title is not by the Digital Cinema Naming Convention of ISDCF "
           "(9.7); one entry, of film_title, where it does not follow the convention at all; studio and facility "
           "codes are not looked up", _FIELD, ("value", Kind.STRING, "the field as it is written", "it is missing"),
           ("message", Kind.STRING, "what is wrong")),
    *_list("composition.name_disagreements", "DCP: where the title says something else than the package by the naming "
           "convention: ContentKind, 3D, frame rate, Dolby Vision, container, languages of audio labels, subtitles and "
           "captions, channels, immersive audio, resolution, standard, OV; missing where one of them cannot be "
           "compared and no other disagrees", _FIELD, ("value", Kind.STRING, "the field as it is written"),
           ("message", Kind.STRING, "what the package holds"), by=_TRACK_FILES,
           null="no field of the title can be read by the convention"),
    _fact("composition.content_kind", Kind.STRING, "ContentKind, in lower case: feature, trailer, test …; empty where "
          "there is none"),
    _fact("composition.content_kind_scope", Kind.STRING, "scope of ContentKind, as it is written", null="none is "
          "stated: it is that of ST 429-7 (DCP) or ST 2067-3 (IMF)"),
    _fact("composition.is_content_kind_registered", Kind.BOOLEAN, "ContentKind is a value of its scope, in large or "
          "small letters", null="there is none, or its scope is not one of ST 429-7, ST 429-16, ST 2067-3 or Interop"),
    _fact("composition.duration_s", Kind.NUMBER, "sum of the reels, each as long as its longest track", unit="s",
          step=1e-6),
    _fact("composition.edit_rates", Kind.STRINGS, "edit rates of its tracks, each once: 24/1"),
    _fact("composition.longest_picture_s", Kind.NUMBER, "longest use of a picture file in it; missing where one is not "
          "stated", unit="s", step=1e-6),
    _fact("composition.is_dolby_vision", Kind.BOOLEAN, "DCP: its extension metadata have Dolby's scope "
          "(EDR-Metadata), which switches a projector to Dolby Vision; missing from IMF"),
    _fact("composition.shortest_reel_s", Kind.NUMBER, "shortest track of a reel", unit="s", step=1e-6),
    *_list("composition.reels", "reels (DCP) or segments (IMF), in order",
           ("duration_s", Kind.NUMBER, "longest of its tracks"),
           ("subtitle_count", Kind.INTEGER, "tracks of open subtitles"),
           ("closed_caption_count", Kind.INTEGER, "tracks of closed captions")),
    *_list("composition.assets", "track files that it uses, in order: each use", _ID, _REEL, _KIND,
           ("path", Kind.STRING, "path of the file", "it is not in the package"),
           ("size_bytes", Kind.INTEGER, "size of the file", _UNLISTED),
           ("sha1", Kind.STRING, "SHA-1 in base64 as the composition states it, else a packing list", "none does"),
           ("start_s", Kind.NUMBER, "where it begins in the composition", "a length before it is not stated"),
           ("edit_rate", Kind.RATE, "its edit rate", "not stated"),
           ("entry_point", Kind.INTEGER, "first edit unit that is used", "not stated"),
           ("duration", Kind.INTEGER, "edit units that are used", "not stated"),
           ("intrinsic_duration", Kind.INTEGER, "edit units of the track file as the composition states them",
            "not stated"),
           ("repeat_count", Kind.INTEGER, "times that the part is used in a row")),
    *_list("composition.unresolved_assets", "assets that it names and that neither the asset map nor an original given "
           "with --with has", _ID, _REEL, _KIND),
    *_list("composition.missing_assets", "unresolved assets that have to be there: a packing list has them, the title "
           "says OV, or originals were given with --with; missing where the others alone are unresolved, because they "
           "may be in an original that was not given", _ID, _REEL, _KIND),
    _fact("composition.needs_original", Kind.BOOLEAN, "it is a version file (VF) or supplemental, and assets are "
          "unresolved that may be in its original, which was not given"),
    *_list("composition.unlisted_assets", "assets that it uses, and of which no packing list gives a hash", _ID, _REEL,
           _KIND),
    *_list("composition.wrong_hashes", "assets that have another SHA-1 than the composition states", _ID, _REEL, _KIND,
           ("actual", Kind.STRING, "SHA-1 of the file, in base64", "the file cannot be read to its end"),
           ("expected", Kind.STRING, "SHA-1 in the composition"), by=_HASHED),
    *_list("composition.assets_without_hash", "picture, sound and timed text without a Hash in it", _ID, _REEL, _KIND),
    *_list("composition.encrypted_assets_without_hash", "assets with a KeyId and without a Hash", _ID, _REEL, _KIND),
    _fact("composition.encryption", Kind.STRING, "whether its picture, sound and timed text have a KeyId: all of them, "
          "some or none", values=words.PACKAGE_SHARE),
    *_list("composition.reels_without_picture", "reels of a DCP, or segments of an IMF composition, without a picture "
           "track", _ID, _REEL),
    *_list("composition.overrun_assets", "assets of which more is used than the stated IntrinsicDuration", _ID, _REEL,
           _KIND, ("end", Kind.INTEGER, "EntryPoint and duration together"),
           ("intrinsic_duration", Kind.INTEGER, "edit units that the composition states")),
    *_list("composition.short_files", "picture and sound files that end before the part used, or before the "
           "IntrinsicDuration that the composition states", _ID, _REEL, _KIND,
           ("needed_s", Kind.NUMBER, "the later of the two"),
           ("stated_s", Kind.NUMBER, "length that the track file states"), by=_TRACK_FILES),
    *_list("composition.unreadable_files", "files of picture, sound and timed text that are there and cannot be opened "
           "or hold nothing of the kind that they are used as", _ID, _REEL, _KIND,
           ("message", Kind.STRING, "why"), by=_TRACK_FILES),
    *_list("composition.mismatched_ids", "track files that hold another UUID than the id of the asset; timed text "
           "outside MXF is not compared", _ID, _REEL, _KIND,
           ("actual", Kind.STRING, "UUID in the UMID of the file package", "it has none"), by=_TRACK_FILES),
    *_list("composition.unequal_reels", "tracks that are not as long as the first of their reel", _ID, _REEL, _KIND,
           ("duration_s", Kind.NUMBER, "its length"), ("reel_s", Kind.NUMBER, "length of the first track")),
    _fact("composition.applications", Kind.STRINGS, "IMF: values of ApplicationIdentification: app2_2013, app2_2016, "
          "app2e_2014, app2e_2016, app2e_2020, app2e_2021, app2e_2023, app5_2017, and other:… for one that is not "
          "known; missing from a DCP"),
    _fact("composition.edit_rate", Kind.RATE, "IMF: edit rate of the composition", null="it is not stated"),
    _fact("composition.picture_track_count", Kind.INTEGER, "IMF: virtual tracks of picture"),
    _fact("composition.sound_track_count", Kind.INTEGER, "IMF: virtual tracks of audio, IAB left aside"),
    _fact("composition.iab_track_count", Kind.INTEGER, "IMF: virtual tracks of immersive audio (IAB)"),
    _fact("composition.isxd_track_count", Kind.INTEGER, "IMF: virtual tracks of ISXD (ST 2067-202: Dolby Vision "
          "metadata and other XML, one document a frame)"),
    _fact("composition.s_adm_track_count", Kind.INTEGER, "IMF: virtual tracks of audio with S-ADM (ST 2067-203)"),
    _fact("composition.max_cll_cd_m2", Kind.INTEGER, "IMF: MaxCLL in ExtensionProperties (ST 2067-21)", unit="cd/m2",
          null="none is stated, or 0"),
    _fact("composition.max_fall_cd_m2", Kind.INTEGER, "IMF: MaxFALL in ExtensionProperties (ST 2067-21)", unit="cd/m2",
          null="none is stated, or 0"),
    *_list("composition.tracks", "IMF: virtual tracks of essence, in order", ("id", Kind.STRING, "TrackId"),
           ("element", Kind.STRING, "MainImageSequence, MainAudioSequence, IABSequence …"), _KIND,
           ("languages", Kind.STRINGS, "spoken languages of its labels, as they are written, each once; missing where "
            "neither the track file nor its essence descriptor is there"),
           ("soundfields", Kind.STRINGS, "tag symbols of its soundfield groups, each once: sg51, sgST, IAB; missing in "
            "the same cases"), by=_TRACK_FILES),
    _fact("composition.sound_languages", Kind.STRINGS, "IMF: spoken languages of all virtual tracks of audio, as they "
          "are written, each once; missing where one has neither track file nor essence descriptor", by=_TRACK_FILES),
    _fact("composition.locale_languages", Kind.STRINGS, "IMF: languages of the LocaleList, each once"),
    _fact("composition.stereo_track_count", Kind.INTEGER, "IMF: virtual tracks of PCM with two channels",
          by=_TRACK_FILES),
    _fact("composition.surround_track_count", Kind.INTEGER, "IMF: virtual tracks of PCM with six channels or more",
          by=_TRACK_FILES),
    *_list("composition.sign_language_videos", "sign-language video in the samples of an audio channel of a DCP (ISDCF "
           "Document 13): channel 15, or the one whose label is SLVS; each use of an audio file that carries one, or "
           "whose label says so", _ID, _REEL, _KIND,
           ("codec", Kind.STRING, "vp9 …; none: no block is in the channel; unread: no block can be opened"),
           ("width_px", Kind.INTEGER, "width; missing where no block can be opened, as what follows"),
           ("height_px", Kind.INTEGER, "height"),
           ("frame_rate", Kind.RATE, "frame rate of the first block", "it does not show"),
           ("chroma_subsampling", Kind.STRING, "4:2:0, or other: and the pixel format"),
           ("max_bit_rate_bps", Kind.INTEGER, "mean bit rate of the coded video in the block that has most"),
           ("unread_block_count", Kind.INTEGER, "blocks that cannot be opened"), by=("decode",),
           null="no audio file of a DCP carries one, and no label says so"),
    *_list("composition.timeline_differences", "differences from the timeline of the original: how a supplemental "
           "differs from the composition that it was made for, which is the one in the originals (--with) that uses "
           "files of it and was issued last (IMF), in edit rate, length, and where files are that both use; missing "
           "where no original was given, or none of its compositions uses the same files",
           ("id", Kind.STRING, "Id of the composition compared with"), _FILE, ("title", Kind.STRING, "its title"),
           ("message", Kind.STRING, "what differs"),
           null="all that it uses is in its own package, so it is not a supplemental"),
    *_list("composition.sound_inserts", "IMF: audio of this package in virtual tracks of which another part is not in "
           "it", _ID, _REEL, _KIND),
    *_list("composition.descriptor_disagreements", "IMF: where an essence descriptor of the composition (RegXML) and "
           "that of its track file differ, by the labels of items, or a resource has none; EssenceLength is left out "
           "where several files share a descriptor; missing where a file cannot be read or an item of the composition "
           "cannot be compared, and no other difference is found", _ID, _REEL, _KIND,
           ("item", Kind.STRING, "RGBADescriptor.StoredWidth, JPEG2000SubDescriptor.Rsiz, or a whole descriptor"),
           ("composition", Kind.STRING, "its value in the composition", "it is not there"),
           ("track_file", Kind.STRING, "its value in the track file", "it is not there"), by=_TRACK_FILES),
    *_list("composition.uncompared_descriptor_items", "IMF: items and sub-descriptors that no SMPTE register has, or "
           "whose values are not read", _ID, _REEL, _KIND, ("item", Kind.STRING, "name, or label"),
           ("is_in_composition", Kind.BOOLEAN, "the composition has it; else the track file alone"), by=_TRACK_FILES),
    *_list("composition.inhomogeneous_tracks", "IMF: resources whose essence differs from that of the first resource "
           "of their virtual track, in size, rate, colour, coding, bits or channels (ST 2067-2 section 6.2, ACES by "
           "ST 2067-50)", _ID, _REEL, _KIND, ("item", Kind.STRING, "item of the essence descriptor"),
           ("first", Kind.STRING, "of the first resource", "it is not there"),
           ("actual", Kind.STRING, "of this one", "it is not there"), by=_TRACK_FILES),
    *_list("composition.audio_label_errors", "IMF: labels of PCM (MCA) that are doubled, and soundfield groups without "
           "MCATitle, MCATitleVersion, MCAAudioContentKind or MCAAudioElementKind, or in another language than the "
           "first of their track file (ST 2067-2 section 5.3.6)", _ID, _REEL, _KIND,
           ("label", Kind.STRING, "tag symbol, chL or sg51; empty where there is none"),
           ("message", Kind.STRING, "what is wrong"), by=_TRACK_FILES),
    *_list("composition.reference_errors", "IMF: ids of essence descriptors, sequences, resources and content versions "
           "that are there twice in the composition, a virtual track twice in a segment, and essence descriptors that "
           "no resource uses (ST 2067-3)", _FILE, ("line", Kind.INTEGER, "line of the document", "it is not known"),
           ("message", Kind.STRING, "what is wrong")),
    *_list("composition.timecode_errors", "faults of the composition's timecode: where CompositionTimecode (IMF) does "
           "not count at the edit rate of the composition, by its rate, drop-frame, or the frame of its start address",
           _FILE, ("line", Kind.INTEGER, "line of the document", "it is not known"),
           ("message", Kind.STRING, "what is wrong"), null="the composition states no timecode"),
    *_list("composition.mixed_language_tracks", "IMF: audio in other languages than the first resource of its virtual "
           "track that states one, by the soundfield groups; missing where neither the track file nor its essence "
           "descriptor is there", _ID, _REEL, _KIND, ("first", Kind.STRING, "languages of the first resource"),
           ("actual", Kind.STRING, "languages of this one"), by=_TRACK_FILES),
    *_list("composition.picture_item_errors", "IMF: items of picture descriptors that ST 2067-21 does not permit, or "
           "permits at 0 alone, and required items that are not there; missing where neither the track file nor its "
           "essence descriptor is there", _ID, _REEL, _KIND, ("message", Kind.STRING, "what is wrong"),
           by=_TRACK_FILES),
    *_list("composition.plug_in_errors", "IMF: what is wrong with the essence descriptors and edit rates of IAB, ISXD "
           "and S-ADM, and IAB whose track file does not state level 0 (ST 2067-201 to 203)", _ID, _REEL, _KIND,
           ("message", Kind.STRING, "what is wrong"),
           by=_TRACK_FILES),
    _fact("composition.segment_edit_units", Kind.INTEGERS, "IMF: lengths of the segments in edit units of the "
          "composition, by their first track; missing where one is not stated or not a whole number"),
    *_list("composition.timeline_errors", "IMF: where virtual tracks break off or change rate or kind, picture has "
           "another edit rate than the composition, or a segment is not a whole number of edit units; missing where "
           "a length is not stated", _ID, _REEL, _KIND, ("message", Kind.STRING, "what is wrong")),
    _fact("composition.black_spans", Kind.SPANS, "runs of black frames of the composition, over its reels or segments, "
          "in the parts and repeats that it uses; missing where a picture file was not decoded, or has another frame "
          "rate than the composition", by=_BLACK),
    *span_members("package.composition.black_spans", given_by=_BLACK, layer=Layer.PACKAGE),
    *(_fact(f"composition.{edge}_black_s", Kind.NUMBER, f"black at the {edge} of the composition, 0 where there is "
            "none; missing as black_spans is", by=_BLACK, unit="s", step=1e-6) for edge in ("head", "tail")),
    *_list("composition.audio_tracks", "IMF: virtual tracks of audio, and for how long each is silent in all channels "
           "at its head and at its tail, over its segments", ("id", Kind.STRING, "TrackId"),
           ("element", Kind.STRING, "MainAudioSequence, IABSequence …"),
           ("head_silence_s", Kind.NUMBER, "silence at the head, 0 where there is none; missing where the part used "
            "was not decoded to its end, and of immersive audio"),
           ("tail_silence_s", Kind.NUMBER, "silence at the tail; missing in the same cases"), by=_SILENCE),
    _fact("composition.timed_text_count", Kind.INTEGER, "uses of timed-text tracks"),
    _fact("composition.closed_caption_count", Kind.INTEGER, "uses of closed-caption tracks"),
    _fact("composition.subtitled_reels", Kind.STRING, "whether all reels have an open subtitle track, some or none",
          values=words.PACKAGE_SHARE),
    _fact("composition.closed_caption_counts", Kind.INTEGERS, "numbers of closed-caption tracks that reels have, each "
          "once"),
    *_list("composition.timed_text_entry_faults", "timed-text tracks whose EntryPoint is not there or is not 0", _ID,
           _REEL, _KIND, ("entry_point", Kind.INTEGER, "as it is written", "it is not there, or no number")),
    *(
        entry
        for name, meaning in (
            ("id", "timed text whose ids do not fit (RDD 52 section 10.4): of SMPTE the ResourceID is the Id in the "
             "XML, and the asset has another; of Interop the SubtitleID is the id of the asset"),
            ("duration", "timed text whose ContainerDuration is not the Duration in its reel; of IMF, that ends before "
             "the part that is used"),
            ("rate", "timed text whose edit rate is not that of the composition: in its descriptor, or in XML of ST "
             "428-7"),
            ("reel", "timed text that states another reel than the one that uses it"),
            ("language", "subtitles in another language than those of the first reel, and text of ST 428-7 in another "
             "language than the composition states"),
            ("resource", "fonts and images that timed text of a DCP uses and that are not there, or are no font or "
             "PNG"),
            ("descriptor", "timed text whose descriptor does not fit it (SMPTE ST 429-5): encoding, namespace, "
             "profile"),
        )
        for entry in _list(f"composition.timed_text_{name}_faults", f"{meaning}. Missing where nothing is wrong and a "
                           "text was not read, or there is none", _ID, _REEL, _KIND,
                           ("message", Kind.STRING, "what is wrong"))
    ),
    *_list("composition.markers", "markers, in order", _REEL, ("label", Kind.STRING, "FFOC, LFOC …"),
           ("offset", Kind.INTEGER, "edit units from the start of the reel, as written", "it is no number")),
    *_list("composition.marker_errors", "markers without a label or an offset, or behind the end of the reel or "
           "resource that they are in", _REEL, ("label", Kind.STRING, "FFOC, LFOC …; empty where there is none"),
           ("offset", Kind.INTEGER, "as written", "it is no number"), ("message", Kind.STRING, "what is wrong")),
    *(_fact(f"composition.{label.lower()}_offset", Kind.INTEGER, f"offset of the first {label} marker: {meaning}",
            null="there is none") for label, meaning in (("FFOC", "first frame of composition"),
                                                         ("FFEC", "first frame of end credits"),
                                                         ("FFMC", "first frame of moving credits"))),
    _fact("composition.lfoc_before_end", Kind.INTEGER, "edit units from the last LFOC marker (last frame of "
          "composition) to the end of the last reel: 1 for the last frame as Bv2.1 counts", null="there is none"),
    _fact("composition.version_number", Kind.INTEGER, "VersionNumber of the CompositionMetadataAsset",
          null="it is not there, or no number"),
    _fact("composition.constraints_profile", Kind.STRING, "DCP Constraints Profile in its extension metadata",
          null="it is not there"),
    _fact("composition.sound_configuration", Kind.STRING, "MainSoundConfiguration: 51/L,R,C,LFE,Ls,Rs",
          null="it is not there"),
    _fact("composition.sound_configuration_fits", Kind.BOOLEAN, "MainSoundConfiguration is a name, / and labels with "
          "commas between them, as many as the sound files have channels", null="it is not there", by=_TRACK_FILES),
    _fact("composition.active_area_fits", Kind.BOOLEAN, "MainPictureActiveArea has an even width and height, neither "
          "larger than the picture", null="it is not there", by=_TRACK_FILES),
)
# fmt: on

PACKAGES = _WHOLE + _COMPOSITION
