"""Which language a tag means, however it is written: en, en-GB, eng and EN are one; knows no track.

Tags are those of RFC 5646, of QuickTime and MP4 (ISO 639-2, of which some languages have two) or of libav. Regions,
scripts and variants are left out: what is spoken has no script, and a British track serves an American one. Languages
that are written as one are taken as one: Mandarin and Cantonese as Chinese, Bokmål and Nynorsk as Norwegian.
"""

from __future__ import annotations

from functools import lru_cache

_CODES = """
aar:aa abk:ab afr:af aka:ak alb:sq amh:am ara:ar arg:an arm:hy asm:as ava:av ave:ae aym:ay aze:az bak:ba bam:bm
baq:eu bel:be ben:bn bih:bh bis:bi bod:bo bos:bs bre:br bul:bg bur:my cat:ca ces:cs cha:ch che:ce chi:zh chu:cu
chv:cv cor:kw cos:co cre:cr cym:cy cze:cs dan:da deu:de div:dv dut:nl dzo:dz ell:el eng:en epo:eo est:et eus:eu
ewe:ee fao:fo fas:fa fij:fj fin:fi fra:fr fre:fr fry:fy ful:ff geo:ka ger:de gla:gd gle:ga glg:gl glv:gv gre:el
grn:gn guj:gu hat:ht hau:ha hbs:sh heb:he her:hz hin:hi hmo:ho hrv:hr hun:hu hye:hy ibo:ig ice:is ido:io iii:ii
iku:iu ile:ie ina:ia ind:id ipk:ik isl:is ita:it jav:jv jpn:ja kal:kl kan:kn kas:ks kat:ka kau:kr kaz:kk khm:km
kik:ki kin:rw kir:ky kom:kv kon:kg kor:ko kua:kj kur:ku lao:lo lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lub:lu
lug:lg mac:mk mah:mh mal:ml mao:mi mar:mr may:ms mkd:mk mlg:mg mlt:mt mol:ro mon:mn mri:mi msa:ms mya:my nau:na
nav:nv nbl:nr nde:nd ndo:ng nep:ne nld:nl nno:nn nob:nb nor:no nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa
per:fa pli:pi pol:pl por:pt pus:ps que:qu roh:rm ron:ro rum:ro run:rn rus:ru sag:sg san:sa scc:sr scr:hr sin:si
slk:sk slo:sk slv:sl sme:se smo:sm sna:sn snd:sd som:so sot:st spa:es sqi:sq srd:sc srp:sr ssw:ss sun:su swa:sw
swe:sv tah:ty tam:ta tat:tt tel:te tgk:tg tgl:tl tha:th tib:bo tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr twi:tw
uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi vol:vo wel:cy wln:wa wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu
"""
_TWO_LETTERS = dict(code.split(":") for code in _CODES.split())
"""ISO 639-2 codes, terminology and bibliography, with those of ISO 639-1; withdrawn ones with what took their place."""

_WRITTEN_AS = {
    "cmn": "zh",
    "yue": "zh",
    "nan": "zh",
    "wuu": "zh",
    "hak": "zh",
    "cdo": "zh",
    "gan": "zh",
    "hsn": "zh",
    "nb": "no",
    "nn": "no",
    "arb": "ar",
    "arz": "ar",
    "apc": "ar",
    "ary": "ar",
    "afb": "ar",
    "ajp": "ar",
    "acm": "ar",
    "aeb": "ar",
    "fil": "tl",
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "mo": "ro",
    "jw": "jv",
    "pes": "fa",
    "prs": "fa",
    "swh": "sw",
    "zsm": "ms",
    "lvs": "lv",
    "ekk": "et",
    "khk": "mn",
    "npi": "ne",
}
"""Members of macrolanguages (ISO 639-3) and withdrawn codes of the IANA registry, with what text is tagged as."""

_UNKNOWN = frozenset(("", "und", "mis", "mul", "root", "unk", "xxx", "n/a", "none"))
NO_LANGUAGE = "zxx"
"""No linguistic content, as of music and effects (ISO 639-2)."""


@lru_cache(maxsize=1024)
def language_of(tag: str | None) -> str | None:
    """The language that a tag means, in two letters where it has them; None where it names none: not stated,
    undetermined, several or private."""
    if tag is None:
        return None
    first, *rest = tag.strip().lower().replace("_", "-").split("-")
    if first == "sgn" and rest:
        first = rest[0]
    if first in _UNKNOWN or not first.isascii() or not first.isalpha() or not 2 <= len(first) <= 3:
        return None
    if len(first) == 3 and "qaa" <= first <= "qtz":
        return None
    short = _TWO_LETTERS.get(first, first)
    return _WRITTEN_AS.get(short, short)
