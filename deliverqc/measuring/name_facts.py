"""Compares what the title of a composition says by the naming convention of ISDCF with what its package holds; reads no
file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts
from deliverqc.packages import naming
from deliverqc.packages.model import AUX, CLOSED_CAPTION, PICTURE, SOUND, SUBTITLE, Composition
from deliverqc.packages.naming import Name, read_name

if TYPE_CHECKING:
    from deliverqc.measuring.compositions import PackagedComposition

_STANDARDS = {"SMPTE": "smpte", "IOP": "interop"}
_CONTAINERS = {"F": Fraction(1998, 1080), "S": Fraction(2048, 858), "C": Fraction(2048, 1080)}
_CONTAINER_TOLERANCE = 0.01  # house choice: less than half of what flat and full container differ by
_SIZES = {"2K": (1920, 2048, 1080), "4K": (3840, 4096, 2160)}
"""Width of HD and UHD, which festivals take as 2K and 4K, and width and height of the container."""

_RATES = ("25", "30", "48", "50", "60", "96", "100", "120")
_COMMON_RATE = "24"
_CONFIGURED = ("51", "71")
_FAMILIES = (frozenset(("zh", "cmn", "yue")), frozenset(("no", "nb", "nn")), frozenset(("ms", "id", "zsm")))
"""Languages of which one tag is often written for another."""

_LONG_TAGS: Mapping[str, str] = {
    "ar": "ARSA ARSY ARAE ARYE",
    "cmn": "QMS CSCN CSHK CSMO CSMY CSSG CSTW QTM QMT CTCN CTHK CTMO CTMY CTSG CTTW",
    "de": "DEA DLI DLU DCH",
    "en": "EAU EBZ ECA ECB EHK EIN EID EIE EJM EGM ENZ EPH ENS EGZ ESW EGT EAE EGB EUS EZW",
    "es": "QSA QSB QCL QCO QCA QCU QSD QSE QSL QGU QSH LAS QSM QNI QPA QPY QPE QPR QUS QUY QVE",
    "fr": "FRBE FRCM QFC FRCR FRCI FRHT FRLU FRML FRMC FRMA FRRE FRSN FRCH FRCD",
    "it": "ITCH",
    "nl": "VLS",
    "pt": "QBP",
    "yue": "YHK",
    "zh": "ZHS ZSCN ZSHK ZSMO ZSMY ZSSG ZSTW ZHT ZTCN ZTHK ZTMO ZTMY ZTSG ZTTW",
}
"""Language codes of the registry of ISDCF with more than two letters to the language of RFC 5646. Others are left
aside."""

_LANGUAGES = {code: tag for tag, codes in _LONG_TAGS.items() for code in codes.split()}


class _UnknownError(Exception):
    """What the title says cannot be compared, because a fact of the package is not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    name: Name
    packaged: PackagedComposition
    facts: Mapping[str, Any]

    @property
    def composition(self) -> Composition:
        return self.packaged.composition

    def has(self, kind: str) -> bool:
        return any(track.kind == kind for track in self.composition.tracks)

    def fact(self, name: str) -> Any:  # noqa: ANN401
        """The value of a fact; _UnknownError where it is missing or null."""
        if self.facts.get(name) is None:
            raise _UnknownError
        return self.facts[name]


def name_facts(packaged: PackagedComposition, facts: Mapping[str, Any]) -> Facts:
    """Where title and package disagree. null: no field of the title can be read. Missing where something that the title
    says cannot be compared, and nothing else disagrees; missing from IMF."""
    if packaged.composition.is_imf:
        return {}
    seen = _Seen(name=read_name(packaged.composition.title), packaged=packaged, facts=facts)
    if not seen.name.fields:
        return {"package.composition.name_disagreements": None}
    found: list[dict[str, Any]] = []
    is_known = True
    for field, compare in _COMPARED:
        if field not in seen.name.fields:
            continue
        try:
            message = compare(seen)
        except _UnknownError:
            is_known = False
            continue
        if message is not None:
            found.append({"field": field, "value": seen.name.fields[field], "message": message})
    return {"package.composition.name_disagreements": found} if found or is_known else {}


def _content_kind(seen: _Seen) -> str | None:
    named = naming.CONTENT_KINDS[seen.name.parts(naming.CONTENT)[0]]
    kind = seen.composition.content_kind
    if kind in naming.CONTENT_KINDS.values() and kind != named:
        return f"the ContentKind is {kind}, not {named}"
    return None


def _dimension(seen: _Seen) -> str | None:
    if not seen.has(PICTURE):
        return None
    is_3d = any(track.element == "MainStereoscopicPicture" for track in seen.composition.tracks)
    is_named = "3D" in (*seen.name.parts(naming.CONTENT), *seen.name.parts(naming.STANDARD))
    if is_3d == is_named:
        return None
    return "the picture is 3D, and the name does not say so" if is_3d else "the picture is 2D"


def _frame_rate(seen: _Seen) -> str | None:
    """The rate is named where it is not 24. The first number after the content type may be the version."""
    rates = {str(track.edit_rate) for track in seen.composition.tracks if track.kind == PICTURE}
    if len(rates) != 1:
        return None
    rate, modifiers = rates.pop(), seen.name.parts(naming.CONTENT)[1:]
    if rate in modifiers:
        return None
    named = [one for one in modifiers[1:] if one in _RATES]
    if named or (rate in _RATES and rate != _COMMON_RATE):
        return f"the picture runs at {rate} frames per second" + ("" if named else ", and the name does not say so")
    return None


def _dolby_vision(seen: _Seen) -> str | None:
    is_named = "dvis" in (one.lower() for one in seen.name.parts(naming.CONTENT))
    if is_named == seen.composition.is_dolby_vision:
        return None
    return f"the composition {'does not switch' if is_named else 'switches'} the projector to Dolby Vision"


def _aspect(seen: _Seen) -> str | None:
    if not seen.has(PICTURE):
        return None
    width, height = seen.fact("picture.width_px"), seen.fact("picture.height_px")
    ratio = Fraction(width, max(height, 1))
    found = min(_CONTAINERS, key=lambda one: abs(_CONTAINERS[one] - ratio))
    is_container = abs(_CONTAINERS[found] - ratio) < _CONTAINER_TOLERANCE
    if is_container and found != seen.name.parts(naming.ASPECT)[0]:
        return f"the picture is {width}x{height}, which is {found}"
    return None


def _resolution(seen: _Seen) -> str | None:
    """The picture fits into the container, and fills its width or height or the width of HD: 1440x1080 is 2K."""
    if not seen.has(PICTURE):
        return None
    least, most, lines = _SIZES[seen.name.fields[naming.RESOLUTION]]
    width, height = seen.fact("picture.width_px"), seen.fact("picture.height_px")
    if width <= most and height <= lines and (width >= least or height == lines):
        return None
    return f"the picture is {width}x{height}"


def _audio_language(seen: _Seen) -> str | None:
    """Against the languages of the audio labels, where the track files have any."""
    code = seen.name.parts(naming.LANGUAGE)[0]
    named = _LANGUAGES.get(code, code.lower() if len(code) == 2 and code != naming.NO_LANGUAGE else None)
    languages = _spoken(seen) if named else set()
    if not named or not languages or languages & _relatives(named):
        return None
    return f"the audio is labelled {', '.join(sorted(languages))}"


def _spoken(seen: _Seen) -> set[str]:
    found: set[str] = set()
    for track in seen.composition.tracks:
        if track.kind == SOUND:
            path = seen.packaged.package.file_of(track)
            identity = None if path is None else seen.packaged.identities.get(path)
            if identity is None:
                raise _UnknownError
            found |= {language.text.split("-")[0].lower() for language in identity.languages}
    return found


def _relatives(language: str) -> frozenset[str]:
    return next((family for family in _FAMILIES if language in family), frozenset((language,)))


def _subtitles(seen: _Seen) -> str | None:
    """Small letters are burnt into the picture, and are not compared."""
    _, *rest = seen.name.parts(naming.LANGUAGE)
    captions = {one for one in rest if one in naming.CAPTIONS}
    languages = [one for one in rest if one not in naming.CAPTIONS and one.upper() != naming.NO_LANGUAGE]
    has_text = seen.has(SUBTITLE) or seen.has(CLOSED_CAPTION)
    if any(one.isupper() for one in languages) and not has_text:
        return "the composition has no subtitle track"
    if not languages and not captions and seen.has(SUBTITLE):
        return "the composition has a subtitle track"
    return None


def _captions(seen: _Seen) -> str | None:
    named = {*seen.name.parts(naming.LANGUAGE), *seen.name.parts(naming.AUDIO)}
    if "CCAP" in named and not seen.has(CLOSED_CAPTION):
        return "the composition has no closed captions"
    if "CCAP" not in named and seen.has(CLOSED_CAPTION):
        return "the composition has closed captions, and the name does not say so"
    if named & {"OCAP", "OPNCAP"} and not seen.has(SUBTITLE):
        return "the composition has no open captions"
    return None


def _channels(seen: _Seen) -> str | None:
    codes = naming.audio_codes(seen.name.fields[naming.AUDIO])
    named = [one for one in codes if one in naming.CHANNELS]
    if not seen.has(SOUND):
        return "the composition has no audio" if named else None
    if "MOS" in codes:
        return None if seen.fact("sound.is_silent") else "the audio is not silent"
    if not named:
        return None
    needed, count = max(naming.CHANNELS[one] for one in named), seen.fact("sound.channel_count")
    return f"channels of the audio: {count}, and {named[0]} needs {needed}" if count < needed else None


def _configuration(seen: _Seen) -> str | None:
    codes = set(naming.audio_codes(seen.name.fields[naming.AUDIO])) & {*_CONFIGURED}
    stated = (seen.composition.sound_configuration or "").split("/")[0]
    return f"MainSoundConfiguration is {stated}" if codes and stated in _CONFIGURED and stated not in codes else None


def _immersive(seen: _Seen) -> str | None:
    codes = naming.audio_codes(seen.name.fields[naming.AUDIO])
    is_named = any(one in naming.IMMERSIVE_DATA for one in codes)
    return "the composition has no immersive audio track" if is_named and not seen.has(AUX) else None


def _standard(seen: _Seen) -> str | None:
    named = _STANDARDS[seen.name.parts(naming.STANDARD)[0]]
    standard = seen.fact("package.standard")
    return f"the package is {standard}" if standard in _STANDARDS.values() and standard != named else None


def _package_type(seen: _Seen) -> str | None:
    """An OV needs no other package. A VF may be delivered with its OV in one package, so it is not compared."""
    package = seen.packaged.package
    holders = [package.holder_of(track.identity.key) for track in seen.composition.tracks]
    borrowed = any(holder is not None and holder is not package for holder in holders)
    is_ov = seen.name.fields[naming.PACKAGE] == "OV"
    return "the composition uses files of another package" if is_ov and borrowed else None


_COMPARED: Iterable[tuple[str, Callable[[_Seen], str | None]]] = (
    (naming.CONTENT, _content_kind),
    (naming.CONTENT, _dimension),
    (naming.CONTENT, _frame_rate),
    (naming.CONTENT, _dolby_vision),
    (naming.ASPECT, _aspect),
    (naming.LANGUAGE, _audio_language),
    (naming.LANGUAGE, _subtitles),
    (naming.LANGUAGE, _captions),
    (naming.AUDIO, _channels),
    (naming.AUDIO, _configuration),
    (naming.AUDIO, _immersive),
    (naming.RESOLUTION, _resolution),
    (naming.STANDARD, _standard),
    (naming.PACKAGE, _package_type),
)
