"""Vietnamese letters from before Unicode: TCVN3 (phông .VnTime) and VNI (phông VNI-Times).

Their bytes, read as Latin-1, are other letters: "Bình Dương" is "B×nh D\xad¬ng" in TCVN3 and
"Bình Döông" in VNI. The same strange text stands in workbooks that were typed with such a font.
TCVN3 follows TCVN 5712:1993, VN3; VNI is the Windows encoding of VNI Software.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

Letters = Callable[[str], str]

# TCVN3: one character each; capitals with a tone exist in fonts only.
_TCVN3 = str.maketrans(
    {
        0xA1: "Ă", 0xA2: "Â", 0xA3: "Ê", 0xA4: "Ô", 0xA5: "Ơ", 0xA6: "Ư", 0xA7: "Đ",
        0xA8: "ă", 0xA9: "â", 0xAA: "ê", 0xAB: "ô", 0xAC: "ơ", 0xAD: "ư", 0xAE: "đ",
        0xB5: "à", 0xB6: "ả", 0xB7: "ã", 0xB8: "á", 0xB9: "ạ",
        0xBB: "ằ", 0xBC: "ẳ", 0xBD: "ẵ", 0xBE: "ắ", 0xC6: "ặ",
        0xC7: "ầ", 0xC8: "ẩ", 0xC9: "ẫ", 0xCA: "ấ", 0xCB: "ậ",
        0xCC: "è", 0xCE: "ẻ", 0xCF: "ẽ", 0xD0: "é", 0xD1: "ẹ",
        0xD2: "ề", 0xD3: "ể", 0xD4: "ễ", 0xD5: "ế", 0xD6: "ệ",
        0xD7: "ì", 0xD8: "ỉ", 0xDC: "ĩ", 0xDD: "í", 0xDE: "ị",
        0xDF: "ò", 0xE1: "ỏ", 0xE2: "õ", 0xE3: "ó", 0xE4: "ọ",
        0xE5: "ồ", 0xE6: "ổ", 0xE7: "ỗ", 0xE8: "ố", 0xE9: "ộ",
        0xEA: "ờ", 0xEB: "ở", 0xEC: "ỡ", 0xED: "ớ", 0xEE: "ợ",
        0xEF: "ù", 0xF1: "ủ", 0xF2: "ũ", 0xF3: "ú", 0xF4: "ụ",
        0xF5: "ừ", 0xF6: "ử", 0xF7: "ữ", 0xF8: "ứ", 0xF9: "ự",
        0xFA: "ỳ", 0xFB: "ỷ", 0xFC: "ỹ", 0xFD: "ý", 0xFE: "ỵ",
    }
)  # fmt: skip

# VNI: a letter and the sign that follows it; ơ, ư, đ and what stands on i are one character.
_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"
_TONES = {"ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ù": _ACUTE, "ï": _DOT}
_ROOFS = {"à": _GRAVE, "å": _HOOK, "ã": _TILDE, "á": _ACUTE, "ä": _DOT, "â": ""}
_BREVES = {"è": _GRAVE, "ú": _HOOK, "ü": _TILDE, "é": _ACUTE, "ë": _DOT, "ê": ""}
_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni_pairs() -> dict[str, str]:
    """Return what each VNI letter means, small and capital."""
    found = dict(_ALONE)
    for letter, meant in {**{each: each for each in "aeouy"}, "ô": "ơ", "ö": "ư"}.items():
        found |= {letter + sign: meant + tone for sign, tone in _TONES.items()}
    for letter in "aeo":
        found |= {letter + sign: letter + "\u0302" + tone for sign, tone in _ROOFS.items()}
    found |= {"a" + sign: "a\u0306" + tone for sign, tone in _BREVES.items()}
    small = {key: unicodedata.normalize("NFC", value) for key, value in found.items()}
    # A capital is followed by the capital sign as a rule, by the small one at times.
    mixed = {key[0].upper() + key[1:]: value.upper() for key, value in small.items()}
    return small | mixed | {key.upper(): value.upper() for key, value in small.items()}


_VNI = _vni_pairs()
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))


def tcvn3(text: str) -> str:
    """Return what TCVN3 text, read as Latin-1, says."""
    return text.translate(_TCVN3)


def vni(text: str) -> str:
    """Return what VNI text, read as Latin-1, says."""
    return _VNI_LETTER.sub(lambda found: _VNI[found[0]], text)


DECODERS: dict[str, Letters] = {"tcvn3": tcvn3, "vni": vni}

_INITIALS = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnprstvx]"
_NUCLEI = (
    "iêu|yêu|oai|oao|oay|oeo|uây|uôi|ươi|ươu|uya|uyê|uyu|uêu|ia|iê|iu|ua|uâ|uê|ui|uô|uơ|uy|ưa|ươ|ưi"
    "|ưu|yê|oa|oă|oe|oi|oo|ôi|ơi|ai|ao|au|ay|âu|ây|eo|êu|[aăâeêioôơuưy]"
)
_SYLLABLE = re.compile(f"(?:{_INITIALS})?(?:{_NUCLEI})(?:ch|ng|nh|[cmnpt])?")
_WORD = re.compile(r"[^\W\d_]+")
_TONE_MARKS = (_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT)


def vietnamese(text: str) -> float:
    """Return which share of the words with other than ASCII letters are Vietnamese syllables."""
    # Read as Latin-1 an old letter may be a sign or a soft hyphen, which parts no word here.
    words = [word for word in _WORD.findall(text.lower()) if not word.isascii()]
    if not words:
        return 0.0
    return sum(map(_is_syllable, words)) / len(words)


@lru_cache(maxsize=4096)
def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word)
    tones = sum(parts.count(mark) for mark in _TONE_MARKS)
    bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONE_MARKS))
    return tones <= 1 and bool(_SYLLABLE.fullmatch(bare))


def found(text: str, least: float = 0.8) -> str:
    """Return "tcvn3" or "vni" where Latin-1 text is clearly that, else ""."""
    as_read = vietnamese(text)
    scores = {name: vietnamese(letters(text)) for name, letters in DECODERS.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= least and scores[best] > as_read + 0.2 else ""
