"""Says by their names which files of text belong to which master; opens nothing.

A sidecar has the name of its master, and behind it only words that say what it is for and a language tag of the IANA
registry: `film.en-US.forced.srt`, `film_fr_SDH.vtt`, `film.scc`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from deliverqc.language_tags import fault_of
from deliverqc.probing.text_files import EXTENSIONS

FORCED, CLOSED_CAPTION, CAPTION, SUBTITLE = "forced", "closed_caption", "caption", "subtitle"
ROLES = (FORCED, CLOSED_CAPTION, CAPTION, SUBTITLE)
"""The first of those that a name has is what the file is for."""

_WORDS = {
    **dict.fromkeys(("forced", "fn", "narrative", "forcednarrative", "foreign"), FORCED),
    **dict.fromkeys(("cc", "closed", "closedcaption", "closedcaptions"), CLOSED_CAPTION),
    **dict.fromkeys(("sdh", "hoh", "caption", "captions"), CAPTION),
    **dict.fromkeys(("sub", "subs", "subtitle", "subtitles"), SUBTITLE),
}
_HEARING_IMPAIRED = "hi"
"""After a language; alone it is Hindi."""

_SAY_NOTHING = EXTENSIONS | frozenset(("default", "full", "dialogue", "dialog", "text"))
_SEPARATORS = re.compile(r"[\s._\-()\[\]+]+")
_LONGEST_REST = 60
"""Characters behind the master's name: house choice, a language tag and three words have fewer."""

_CODES = """
aar:aa abk:ab afr:af aka:ak alb:sq sqi:sq amh:am ara:ar arg:an arm:hy hye:hy asm:as ava:av ave:ae aym:ay aze:az bak:ba
bam:bm baq:eu eus:eu bel:be ben:bn bis:bi bos:bs bre:br bul:bg bur:my mya:my cat:ca cha:ch che:ce chi:zh zho:zh chu:cu
chv:cv cor:kw cos:co cre:cr cze:cs ces:cs dan:da div:dv dut:nl nld:nl dzo:dz eng:en epo:eo est:et ewe:ee fao:fo fij:fj
fin:fi fre:fr fra:fr fry:fy ful:ff geo:ka kat:ka ger:de deu:de gla:gd gle:ga glg:gl glv:gv gre:el ell:el grn:gn guj:gu
hat:ht hau:ha heb:he her:hz hin:hi hmo:ho hrv:hr hun:hu ibo:ig ice:is isl:is ido:io iii:ii iku:iu ile:ie ina:ia ind:id
ipk:ik ita:it jav:jv jpn:ja kal:kl kan:kn kas:ks kau:kr kaz:kk khm:km kik:ki kin:rw kir:ky kom:kv kon:kg kor:ko kua:kj
kur:ku lao:lo lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lub:lu lug:lg mac:mk mkd:mk mah:mh mal:ml mao:mi mri:mi mar:mr
may:ms msa:ms mlg:mg mlt:mt mon:mn nau:na nav:nv nbl:nr nde:nd ndo:ng nep:ne nno:nn nob:nb nor:no nya:ny oci:oc oji:oj
ori:or orm:om oss:os pan:pa per:fa fas:fa pli:pi pol:pl por:pt pus:ps que:qu roh:rm rum:ro ron:ro run:rn rus:ru sag:sg
san:sa sin:si slo:sk slk:sk slv:sl sme:se smo:sm sna:sn snd:sd som:so sot:st spa:es srd:sc srp:sr ssw:ss sun:su swa:sw
swe:sv tah:ty tam:ta tat:tt tel:te tgk:tg tgl:tl tha:th tib:bo bod:bo tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr twi:tw
uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi vol:vo wel:cy cym:cy wln:wa wol:wo xho:xh yid:yi yor:yo zha:za zul:zu
"""
"""ISO 639-2 codes, of which the IANA registry has the shorter ISO 639-1 code (RFC 5646 section 2.2.1)."""

_NAMES = """
arabic:ar bulgarian:bg cantonese:yue catalan:ca chinese:zh croatian:hr czech:cs danish:da dutch:nl english:en
estonian:et finnish:fi french:fr german:de greek:el hebrew:he hindi:hi hungarian:hu icelandic:is indonesian:id
italian:it japanese:ja korean:ko latvian:lv lithuanian:lt malay:ms mandarin:cmn norwegian:no polish:pl portuguese:pt
romanian:ro russian:ru serbian:sr slovak:sk slovenian:sl spanish:es swedish:sv tamil:ta telugu:te thai:th turkish:tr
ukrainian:uk vietnamese:vi
"""
"""Names of languages as people write them, with their subtags in the IANA registry."""

_BY_WORD = dict(pair.split(":") for pair in (*_CODES.split(), *_NAMES.split()))


@dataclass(frozen=True, kw_only=True, slots=True)
class SidecarName:
    """What the name of a file says besides the name of its master: a role of `ROLES`, and a language tag."""

    role: str | None = None
    language: str | None = None


def read_name(name: str, masters: Iterable[str]) -> SidecarName | None:
    """What a file's `name` says as that of a sidecar of a master with one of these names; None where it is not one."""
    stem = _plain(PurePath(name).stem)
    for master in masters:
        if stem.startswith(plain := _plain(master)) and (found := _read(stem[len(plain) :])) is not None:
            return found
    return None


def names_of(master: str) -> tuple[str, ...]:
    """The names that a sidecar of a master may begin with: with its extension, and without."""
    return (master, PurePath(master).stem)


def belongs_to_another(name: str, master: str, others: Sequence[str]) -> bool:
    """Whether the sidecar `name` of `master` is rather that of one of the `others`, whose name it shares to a greater
    length: film_en.srt is that of film_en.mov."""
    own = _plain(PurePath(master).stem)
    return any(
        len(stem) > len(own) and stem.startswith(own) and read_name(name, names_of(other)) is not None
        for other in others
        if (stem := _plain(PurePath(other).stem))
    )


def has_same_stem(one: str, other: str) -> bool:
    """Whether two masters have the same name but for the extension."""
    return _plain(PurePath(one).stem) == _plain(PurePath(other).stem)


def _plain(name: str) -> str:
    """Without case, and composed: macOS writes é as two characters."""
    return unicodedata.normalize("NFC", name).casefold()


def _read(rest: str) -> SidecarName | None:
    if not rest:
        return SidecarName()
    if len(rest) > _LONGEST_REST or not _SEPARATORS.match(rest):
        return None
    roles, tag = set[str](), list[str]()
    for word in filter(None, _SEPARATORS.split(rest)):
        if word in _WORDS:
            roles.add(_WORDS[word])
        elif word == _HEARING_IMPAIRED and tag:
            roles.add(CAPTION)
        elif word not in _SAY_NOTHING:
            tag.append(word if tag else _BY_WORD.get(word, word))
    language = "-".join(tag)
    if language and (fault_of(language) is not None or len(tag[0]) == 1):
        return None
    return SidecarName(role=next((one for one in ROLES if one in roles), None), language=_written(tag) or None)


def _written(tag: Sequence[str]) -> str:
    """A language tag in the case that RFC 5646 section 2.1.1 recommends."""
    return "-".join(
        word if not at else word.upper() if len(word) == 2 else word.title() if len(word) == 4 else word
        for at, word in enumerate(tag)
    )
