"""Reads the descriptive metadata of AMWA AS-11 files: core, UK DPP and segmentation frameworks, and embedded XML
documents (SMPTE RP 2057); works on sets that were read, and opens no file."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from deliverqc.facts.model import Facts
from deliverqc.probing.wrappers.mxf_klv import Label, Metadata, MetadataSet, batch, number, signed, text, urn
from deliverqc.probing.wrappers.mxf_packages import Packages, kind_of, preface

_SEGMENT = 0x41  # DM segment
_FRAMEWORK = 0x6101
_CORE = bytes.fromhex("0d0107010b010100")
_SEGMENTATION = bytes.fromhex("0d0107010b020100")
_UK_DPP = bytes.fromhex("0d0c010101010000")


def _core(item: int) -> Label:
    return bytes.fromhex(f"060e2b34010101000d0107010b0101{item:02x}")


def _dpp(item: int) -> Label:
    return bytes.fromhex(f"060e2b34010101000d0c01010101{item:02x}00")


_PART_NUMBER, _PART_TOTAL = (bytes.fromhex(f"060e2b34010101000d0107010b0201{item}") for item in ("01", "02"))
_SPECIFICATIONS = bytes.fromhex("060e2b34010101000d01080101010000")  # AMWA: Specification_Identifiers
_UTF8_TEXT = bytes.fromhex("060e2b34010101000301022003010000")
_UTF16_TEXT = bytes.fromhex("060e2b34010101000301022004010000")
_R48 = "1a 1b 1c 2a 2b 2c 3a 3b 4a 4b 4c 5a 5b 6a 6b 7a 7b 8a 8b 8c 9a 9b 10a 11a 11b 11c"
_R123 = "2a 4a 4b 4c 8a 8b 8c 8d 8e 8f 8g 8h 8i 12a 12b 12c 12d 12e 12f 12g 12h 16a 16b 16c 16d 16e 16f"
_LAYOUTS = (*(f"EBU R 48: {name}" for name in _R48.split()), *(f"EBU R 123: {name}" for name in _R123.split()))
"""Codes of AudioTrackLayout from 0 on (AMWA AS-11 core, block 500F, types)."""
_PSE = ("yes", "no", "not_tested")
_LOUDNESS = ("none", "ebu_r_128")
_NO_SIGNING = 1

_CONDITIONAL: tuple[tuple[Callable[[Mapping[Label, bytes]], bool], dict[str, Label]], ...] = (
    (lambda dpp: text(dpp.get(_dpp(0x05))) is not None, {"OtherIdentifierType": _dpp(0x06)}),
    (lambda dpp: bool(number(dpp.get(_dpp(0x0A)))), {"3DType": _dpp(0x0B)}),
    (lambda dpp: bool(number(dpp.get(_dpp(0x19)))), {"AudioDescriptionType": _dpp(0x1A)}),
    (lambda dpp: bool(number(dpp.get(_dpp(0x1B)))),
     {"OpenCaptionsType": _dpp(0x1C), "OpenCaptionsLanguage": _dpp(0x1D)}),
    (lambda dpp: _dpp(0x1E) in dpp and number(dpp[_dpp(0x1E)]) != _NO_SIGNING, {"SignLanguage": _dpp(0x1F)}),
    (lambda dpp: bool(number(dpp.get(_dpp(0x22)))), {"ProgrammeTextLanguage": _dpp(0x23)}),
)  # fmt: skip
"""Fields of the UK DPP framework that others ask for (AMWA AS-11 UK DPP HD, block 510F, dm_extras)."""
_TEXTS = ("OtherIdentifierType", "OpenCaptionsLanguage", "ProgrammeTextLanguage")
_REQUIRED_CORE = {
    "SeriesTitle": 0x01, "ProgrammeTitle": 0x02, "EpisodeTitleNumber": 0x03, "ShimName": 0x04, "ShimVersion": 0x0A,
    "AudioTrackLayout": 0x05, "PrimaryAudioLanguage": 0x06, "ClosedCaptionsPresent": 0x07,
}  # fmt: skip
"""Fields of the core framework that are not optional (AMWA AS-11 UK DPP HD, block 500F)."""
_REQUIRED_UK_DPP = {
    "ProductionNumber": 0x01, "Synopsis": 0x02, "Originator": 0x03, "CopyrightYear": 0x04, "3D": 0x0A, "PSEPass": 0x0D,
    "SecondaryAudioLanguage": 0x11, "TertiaryAudioLanguage": 0x12, "AudioLoudnessStandard": 0x13, "LineUpStart": 0x15,
    "IdentClockStart": 0x16, "TotalNumberOfParts": 0x17, "TotalProgrammeDuration": 0x18,
    "AudioDescriptionPresent": 0x19, "OpenCaptionsPresent": 0x1B, "SigningPresent": 0x1E, "CompletionDate": 0x20,
    "ContactEmail": 0x24, "ContactTelephoneNumber": 0x25,
}  # fmt: skip
"""Fields of the UK DPP framework that are not optional (AMWA AS-11 UK DPP HD, block 510F)."""


def as11_facts(metadata: Metadata, packages: Packages) -> Facts:
    """Facts of the frameworks that the material package's tracks refer to."""
    found = list(_segments(metadata, packages))
    frameworks = {key: [one for one in found if one[3].key[8:] == key] for key in (_CORE, _UK_DPP, _SEGMENTATION)}
    facts: Facts = {
        f"wrapper.as11_{name}_track_count": len({track for track, *_ in frameworks[key]})
        for name, key in (("core", _CORE), ("uk_dpp", _UK_DPP), ("segmentation", _SEGMENTATION))
    }
    facts["wrapper.as11_segments"] = [_segment(*one) for one in frameworks[_SEGMENTATION]]
    facts["wrapper.as11_specification_identifiers"] = _specifications(metadata)
    facts["wrapper.as11_xml_documents"] = list(_documents(metadata))
    for framework in (one[3] for one in frameworks[_CORE][:1]):
        facts |= _core_facts(framework.labelled)
    for framework in (one[3] for one in frameworks[_UK_DPP][:1]):
        facts |= _uk_dpp_facts(framework.labelled)
        facts["wrapper.as11_unfilled_fields"] = [
            *(_unfilled_captions(frameworks[_CORE][0][3].labelled) if frameworks[_CORE] else ()),
            *_unfilled(framework.labelled),
        ]
        facts["wrapper.as11_missing_fields"] = [
            *(_missing(frameworks[_CORE][0][3].labelled, _REQUIRED_CORE, _core) if frameworks[_CORE] else ()),
            *_missing(framework.labelled, _REQUIRED_UK_DPP, _dpp),
        ]
    return facts


def _segments(
    metadata: Metadata, packages: Packages
) -> Iterator[tuple[int, Fraction | None, tuple[int, int], MetadataSet]]:
    """Track, its edit rate, start and length in edit units, and framework of each segment of descriptive metadata."""
    material = packages.material
    for order, track in enumerate(material.tracks if material is not None else ()):
        at = 0
        for component in track.components:
            length = max(0, signed(component.values.get(0x0202)) or 0)
            framework = metadata.sets.get(component.values.get(_FRAMEWORK, b""))
            if kind_of(component) == _SEGMENT and framework is not None:
                yield order, track.edit_rate, (at, length), framework
            at += length


def _segment(_track: int, rate: Fraction | None, span: tuple[int, int], framework: MetadataSet) -> Facts:
    start, length = span
    return {
        "part_number": number(framework.labelled.get(_PART_NUMBER)),
        "part_total": number(framework.labelled.get(_PART_TOTAL)),
        "start_s": None if rate is None else start / rate,
        "duration_s": None if rate is None else length / rate,
    }


def _specifications(metadata: Metadata) -> list[str]:
    first = preface(metadata)
    return sorted(urn(label) for label in batch(first.labelled.get(_SPECIFICATIONS) if first is not None else None))


def _core_facts(values: Mapping[Label, bytes]) -> Facts:
    layout = number(values.get(_core(0x05))) if _core(0x05) in values else len(_LAYOUTS)
    version = values.get(_core(0x0A), b"")
    facts: Facts = {
        "wrapper.as11_shim_name": text(values.get(_core(0x04))),
        "wrapper.as11_audio_track_layout": _LAYOUTS[layout] if layout < len(_LAYOUTS) else None,
    }
    if len(version) == 2:
        facts["wrapper.as11_shim_version"] = f"{version[0]}.{version[1]}"
    return facts


def _word(words: tuple[str, ...], data: bytes | None) -> str | None:
    return words[number(data)] if data and number(data) < len(words) else None


def _uk_dpp_facts(values: Mapping[Label, bytes]) -> Facts:
    ratio = values.get(_dpp(0x09), b"")
    present = values.get(_dpp(0x19))
    return {
        "wrapper.as11_picture_ratio": "{}:{}".format(*struct.unpack(">ii", ratio)) if len(ratio) == 8 else None,
        "wrapper.as11_pse_pass": _word(_PSE, values.get(_dpp(0x0D))),
        "wrapper.as11_pse_manufacturer": text(values.get(_dpp(0x0E))),
        "wrapper.as11_pse_version": text(values.get(_dpp(0x0F))),
        "wrapper.as11_loudness_standard": _word(_LOUDNESS, values.get(_dpp(0x13))),
        "wrapper.as11_audio_description_present": None if not present else bool(number(present)),
    }


def _is_filled(name: str, data: bytes | None) -> bool:
    return text(data) is not None if name in _TEXTS else bool(data)


def _unfilled(values: Mapping[Label, bytes]) -> Iterator[str]:
    for is_asked, fields in _CONDITIONAL:
        if is_asked(values):
            yield from (name for name, label in fields.items() if not _is_filled(name, values.get(label)))


def _missing(
    values: Mapping[Label, bytes], required: Mapping[str, int], label: Callable[[int], Label]
) -> Iterator[str]:
    """The required fields that the framework does not have; an empty one is there (AMWA, Python artefacts)."""
    return (name for name, item in required.items() if label(item) not in values)


def _unfilled_captions(core: Mapping[Label, bytes]) -> Iterator[str]:
    """Type and language of closed captions, where the core framework says that there are any (block 500F)."""
    if number(core.get(_core(0x07))):
        if not core.get(_core(0x08)):
            yield "ClosedCaptionsType"
        if text(core.get(_core(0x09))) is None:
            yield "ClosedCaptionsLanguage"


def _documents(metadata: Metadata) -> Iterator[Facts]:
    """Each XML document in the header metadata; one in a stream partition is not read (SMPTE ST 410)."""
    for one in metadata.sets.values():
        data = one.labelled.get(_UTF8_TEXT) or one.labelled.get(_UTF16_TEXT)
        if data:
            yield document_facts(data, is_utf8=_UTF8_TEXT in one.labelled)


def document_facts(data: bytes, *, is_utf8: bool) -> Facts:
    """Root element and namespace of one document; both None where it is not well formed."""
    from lxml import etree  # 30 ms, and few files hold a document

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    source = data.rstrip(b"\0") if is_utf8 else data.decode("utf-16-be", "replace").rstrip("\0").encode()
    try:
        root = etree.QName(etree.fromstring(source, parser))
    except (etree.XMLSyntaxError, ValueError):
        return {"is_well_formed": False, "root": None, "namespace": None}
    return {"is_well_formed": True, "root": root.localname, "namespace": root.namespace}
