"""Vietnamese text: one normal form, search without accents, dictionary order."""

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: index for index, letter in enumerate(_LETTERS)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SHAPES = {"\u0302", "\u0306", "\u031b"}  # circumflex, breve, horn: letters of their own


def normal(text: str) -> str:
    """Return `text` in NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def lines(text: str) -> str:
    """Return what a person wrote over several lines, each line as `normal` has it."""
    return "\n".join(normal(line) for line in text.strip().splitlines())


def fold(text: str) -> str:
    """Return `text` in lower case without accents: "Thủ Dầu Một" → "thu dau mot"."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def sort_key(text: str) -> str:
    """Return a key whose byte order is the dictionary's: letters first, then tones."""
    letters: list[str] = []
    tones: list[str] = []
    for letter in unicodedata.normalize("NFC", text.lower()):
        base, tone = _letter_and_tone(letter)
        rank = _RANK.get(base)
        letters.append(chr(0x100 + rank) if rank is not None else base)
        tones.append(str(tone))
    return "".join(letters) + "\x01" + "".join(tones)


def _letter_and_tone(letter: str) -> tuple[str, int]:
    tone = 0
    kept = ""
    for part in unicodedata.normalize("NFD", letter):
        if part in _TONES:
            tone = _TONES[part]
        elif not unicodedata.combining(part) or part in _SHAPES:
            kept += part
    return unicodedata.normalize("NFC", kept), tone
