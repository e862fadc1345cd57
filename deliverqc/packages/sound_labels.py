"""Holds the labels and plug-ins that essence descriptors of IMF sound and data tracks state to SMPTE ST 2067-2, ST
2067-201, ST 2067-202 and ST 2067-203, as far as Netflix Photon grades a fault NON_FATAL or higher; reads no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from deliverqc.packages.model import Described, Track
from deliverqc.probing.wrappers.mxf_immersive import LEVELS

_PCM, _S_ADM, _IAB = "WAVEPCMDescriptor", "MGASoundEssenceDescriptor", "IABEssenceDescriptor"
_CHANNEL, _GROUP, _IAB_GROUP = (
    "AudioChannelLabelSubDescriptor",
    "SoundfieldGroupLabelSubDescriptor",
    "IABSoundfieldLabelSubDescriptor",
)
_S_ADM_GROUP = "MGASoundfieldGroupLabelSubDescriptor"
_GROUPS = (_GROUP, _IAB_GROUP, _S_ADM_GROUP)
_SYMBOL, _DICTIONARY, _LINK = "MCATagSymbol", "MCALabelDictionaryID", "MCALinkID"
_PLACE, _OF, _LANGUAGE = "MCAChannelID", "SoundfieldGroupLinkID", "RFC5646SpokenLanguage"
_OF_GROUP = ("MCATitle", "MCATitleVersion", "MCAAudioContentKind", "MCAAudioElementKind")
"""ST 2067-2:2016 section 5.3.6.5."""

_OF_S_ADM_GROUP = (_SYMBOL, "MCATagName", _DICTIONARY, "MCAContent", "MCAUseClass", "ADMAudioProgrammeID")
"""ST 2067-203:2022 section 5."""

_OF_IAB = {
    "ContainerFormat": "urn:smpte:ul:060e2b34.04010100.0d010301.021d0101",
    "SoundCompression": "urn:smpte:ul:060e2b34.04010100.0e090604.00000000",
    "QuantizationBits": "24",
}
_OF_IAB_LABEL = {
    "MCALabelDictionaryID": "urn:smpte:ul:060e2b34.04010100.03020221.00000000",
    "MCATagSymbol": "IAB",
    "MCATagName": "IAB",
}
"""Items of the descriptor and of its one label, and their values (ST 2067-201 sections 5.9 and 5.10)."""

_NOT_IN_IAB = (
    "AudioChannelLabelSubDescriptor",
    "SoundfieldGroupLabelSubDescriptor",
    "GroupOfSoundfieldGroupsLabelSubDescriptor",
)
_FORMULATION, _MULTICHANNEL = "ElectrospatialFormulation", "15"
_PAIR = ("MCAContent", "MCAUseClass")
"""Either both or none (ST 377-4:2021)."""

_IAB_SEQUENCE = "IABSequence"
PLUG_INS = {
    _IAB_SEQUENCE: "IABEssenceDescriptor",
    "ISXDSequence": "ISXDDataEssenceDescriptor",
    "MGASADMSignalSequence": _S_ADM,
}
"""Sequences of plug-ins, and the essence descriptor that their resources have."""

PLUG_INS_OF_SOUND = ("IABSequence", "MGASADMSignalSequence")

_BITS = "24"


def languages(one: Described) -> Iterator[str]:
    """Spoken languages of the labels, as they are written."""
    yield from (sub.values[_LANGUAGE] for sub in one.subs if sub.values.get(_LANGUAGE))


def group_languages(one: Described) -> tuple[str, ...]:
    """Spoken languages of the soundfield groups in lower case, each once, in order of the alphabet."""
    stated = (sub.values.get(_LANGUAGE) for sub in one.subs if sub.name in _GROUPS)
    return tuple(sorted({tag.lower() for tag in stated if tag}))


def soundfields(one: Described) -> Iterator[str]:
    """Tag symbols of the soundfield groups: sg51, sgST, IAB."""
    yield from (sub.values.get(_SYMBOL, "") for sub in one.subs if sub.name in _GROUPS)


def label_errors(one: Described) -> Iterator[tuple[str, str]]:
    """Label and what is wrong with it, of PCM: a channel or a speaker that is there twice, and a soundfield group
    without what says which mix it is."""
    if one.name != _PCM:
        return
    channels = [sub for sub in one.subs if sub.name == _CHANNEL]
    yield from _twice(channels)
    yield from _of_other_languages(one)
    for group in (sub for sub in one.subs if sub.name == _GROUP):
        missing = [name for name in _OF_GROUP if not group.values.get(name)]
        if missing:
            yield _symbol(group), f"has no {', '.join(missing)}"


def _of_other_languages(one: Described) -> Iterator[tuple[str, str]]:
    """Soundfield groups of a track file whose language is not that of the first that states one. The language of a
    channel's label says nothing (ST 2067-2 section 5.3.6.5)."""
    stated = [sub for sub in one.subs if sub.name == _GROUP and sub.values.get(_LANGUAGE)]
    for sub in stated:
        first, own = stated[0].values[_LANGUAGE], sub.values[_LANGUAGE]
        if own.lower() != first.lower():
            yield _symbol(sub), f"is in {own}, and the group {_symbol(stated[0]) or 'before it'} in {first}"


def _twice(channels: list[Described]) -> Iterator[tuple[str, str]]:
    places: set[str] = set()
    speakers: set[tuple[str | None, str | None]] = set()
    for sub in channels:
        place = sub.values.get(_PLACE)
        speaker = (sub.values.get(_OF), sub.values.get(_DICTIONARY) or sub.values.get(_SYMBOL))
        if place is not None and place in places:
            yield _symbol(sub), f"is a second label of channel {place}"
        elif speaker in speakers:
            yield _symbol(sub), "labels a second channel of its soundfield group"
        places |= {place} if place is not None else set()
        speakers.add(speaker)


def _symbol(sub: Described) -> str:
    return sub.values.get(_SYMBOL, "")


def plug_in_errors(track: Track, one: Described, edit_rate: Fraction | None) -> Iterator[str]:
    """What is wrong with a resource of immersive audio, ISXD or S-ADM: none of other tracks. `edit_rate`: of the
    composition, with which metadata for each frame goes."""
    required = PLUG_INS.get(track.element)
    if required is None:
        return
    if one.name != required:
        yield f"is described by {one.name}; {track.element} requires {required}"
        return
    if edit_rate is not None and track.edit_rate is not None and (track.edit_rate / edit_rate).denominator != 1:
        yield f"has {track.edit_rate} edit units a second, which {edit_rate} frames a second do not divide"
    elif one.name != _S_ADM and edit_rate is not None and track.edit_rate not in (None, edit_rate):
        yield f"has {track.edit_rate} edit units a second, and the picture {edit_rate} frames"
    if one.name == _S_ADM:
        yield from _s_adm_errors(one)
    if one.name == _IAB:
        yield from _iab_errors(one)


def level_errors(track: Track, conforms_to: Sequence[bytes]) -> Iterator[str]:
    """What the preface of a file of immersive audio lacks (ST 2067-201 section 5.2); nothing of other tracks."""
    if track.element == _IAB_SEQUENCE and not any(one in LEVELS for one in conforms_to):
        yield "does not state level 0 of ST 2067-201 in ConformsToSpecifications"


def _iab_errors(one: Described) -> Iterator[str]:
    yield from _unlike(one, _OF_IAB)
    if "Codec" in one.values:
        yield "names a codec, which ST 2067-201 does not permit"
    if one.values.get(_FORMULATION, _MULTICHANNEL) != _MULTICHANNEL:
        yield f"has the {_FORMULATION} {one.values[_FORMULATION]}; ST 2067-201 permits {_MULTICHANNEL} (multichannel)"
    for name in dict.fromkeys(sub.name for sub in one.subs if sub.name in _NOT_IN_IAB):
        yield f"has {name}; ST 2067-201 permits one {_IAB_GROUP} alone"
    labels = [sub for sub in one.subs if sub.name == _IAB_GROUP]
    if len(labels) != 1:
        yield f"has {len(labels) or 'no'} {_IAB_GROUP}; ST 2067-201 requires one"
    for label in labels:
        yield from _unlike(label, _OF_IAB_LABEL)
        stated = [name for name in _PAIR if label.values.get(name)]
        if len(stated) == 1:
            (missing,) = set(_PAIR) - set(stated)
            yield f"has {stated[0]} without {missing}; ST 377-4 requires both or none"


def _unlike(one: Described, required: Mapping[str, str]) -> Iterator[str]:
    for name, value in required.items():
        if name not in one.unread and one.values.get(name) != value:
            yield f"has {one.values.get(name) or 'nothing'} as {name}; ST 2067-201 requires {value}"


def _s_adm_errors(one: Described) -> Iterator[str]:
    if one.values.get("QuantizationBits") != _BITS:
        yield f"has {one.values.get('QuantizationBits', 'no')} bits; ST 2067-203 requires {_BITS}"
    for name in (
        "ContainerConstraintsSubDescriptor",
        "MGAAudioMetadataSubDescriptor",
        "SADMAudioMetadataSubDescriptor",
    ):
        if all(sub.name != name for sub in one.subs):
            yield f"has no {name}"
    groups = [sub for sub in one.subs if sub.name == _S_ADM_GROUP]
    if not groups:
        yield f"has no {_S_ADM_GROUP}"
    for order, group in enumerate(groups):
        missing = [name for name in _OF_S_ADM_GROUP if not group.values.get(name)]
        if missing:
            yield f"has no {', '.join(missing)} in its soundfield group {order + 1}"
    links = {sub.values.get("MGALinkID") for sub in one.subs if sub.name == "MGAAudioMetadataSubDescriptor"}
    for sub in one.subs:
        link = sub.values.get("SADMMetadataSectionLinkID")
        if link is not None and link not in links:
            yield "names a metadata section of S-ADM that it does not describe"
