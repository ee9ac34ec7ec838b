"""Numbers as people in Vietnam write them: 1.240 and 1.234,5."""

import re
from decimal import Decimal

_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
_MOST_DIGITS = 18


class NotANumberError(ValueError):
    """The text is no number."""


def parse(text: str) -> Decimal | None:
    """Return the number that a text means; None for an empty one. Raises NotANumberError.

    "1.240" is one thousand two hundred and forty; "12.5", which cannot be thousands, is 12,5.
    """
    bare = "".join(text.split()).replace("\u00a0", "").removesuffix("%")
    if not bare:
        return None
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _PLAIN.fullmatch(bare):
        bare = bare.replace(",", ".")
    else:
        raise NotANumberError(text)
    if sum(letter.isdigit() for letter in bare) > _MOST_DIGITS:
        raise NotANumberError(text)
    return Decimal(bare)


def write(number: Decimal | float | None) -> str:
    """Return a number as it is typed: 1.234,5."""
    if number is None:
        return ""
    whole, _, rest = f"{Decimal(str(number)).normalize():f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    if whole.startswith("-") and not grouped.startswith("-"):
        grouped = f"-{grouped}"
    return f"{grouped},{rest}" if rest else grouped
