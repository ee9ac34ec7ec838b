"""Numbers: 1.234,5 as Vietnam writes it, 1234.5 as machines do; a column keeps to one way.

"1.234" alone can be either. It is never guessed: the column's other cells decide, or the
source's mapping does, or the row waits for a person.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.cells.column import Column, fault, mask_of, matches, only

COMMA, POINT, UNKNOWN = ",", ".", ""

_POINT = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?|[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_COMMA = r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?"
_EITHER = r"[+-]?[1-9]\d{0,2}[.,]\d{3}"
_SURELY_COMMA = (
    r"[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|0+,\d+|\d{4,},\d+"
    r"|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,})"
)
_SURELY_POINT = (
    r"[+-]?(?:\d*\.(?:\d{1,2}|\d{4,})|0*\.\d+|\d{4,}\.\d+"
    r"|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|[\d.]+[eE][+-]?\d{1,3})"
)

_NOT_A_NUMBER = "“{value}” không phải số. Sửa thành số, ví dụ 1.234,5."
_EITHER_WAY = (
    "“{value}” đọc được hai cách (có hoặc không có phần thập phân). "
    "Viết rõ, ví dụ 1234 hoặc 1,234; hoặc khai dấu thập phân của nguồn."
)
_NOT_WHOLE = "“{value}” không phải số nguyên. Sửa thành số, ví dụ 12."
_TOO_BIG = "“{value}” vượt quá độ lớn cho phép của số."


def style_of(text: pa.Array) -> str:
    """Return which sign parts the decimals in this column: ",", "." or "" when none tells."""
    comma = pc.sum(matches(text, _SURELY_COMMA)).as_py() or 0
    point = pc.sum(matches(text, _SURELY_POINT)).as_py() or 0
    if comma == point:
        return COMMA if comma else UNKNOWN
    return COMMA if comma > point else POINT


def numbers(text: pa.Array, plain: pa.Array | None, style: str) -> Column:
    """Read decimal numbers. `plain` marks cells that a program wrote (Excel, JSON)."""
    text = _without_spaces(text)
    cleaned, either = _machine_form(text, plain, style)
    values = pc.cast(cleaned, pa.float64())
    infinite = mask_of(pc.invert(pc.is_finite(values)))
    wrong = mask_of(pc.is_valid(text)) & mask_of(pc.is_null(cleaned)) & ~either
    return Column(
        only(values, ~infinite),
        fault("not_a_number", _NOT_A_NUMBER, wrong)
        + fault("ambiguous_number", _EITHER_WAY, either)
        + fault("too_big", _TOO_BIG, infinite),
    )


def integers(text: pa.Array, plain: pa.Array | None, style: str) -> Column:
    """Read whole numbers; a lone group of three digits can only be thousands here."""
    text = pc.replace_substring_regex(_without_spaces(text), r"[.,]0{1,2}$", "")
    grouped = matches(text, r"[+-]?\d{1,3}(?:\.\d{3})+|[+-]?\d{1,3}(?:,\d{3})+")
    if plain is not None:
        grouped = pc.and_kleene(grouped, pc.invert(plain))
    bare = pc.if_else(
        pc.fill_null(grouped, False), pc.replace_substring_regex(text, r"[.,]", ""), text
    )
    cleaned, _ = _machine_form(bare, plain, style or COMMA)
    whole = pc.replace_substring_regex(cleaned, r"\.0*$", "")
    values = pc.cast(only(whole, matches(whole, r"-?\d{1,18}")), pa.int64())
    wrong = mask_of(pc.is_valid(text)) & mask_of(pc.is_null(values))
    return Column(values, fault("not_an_integer", _NOT_WHOLE, wrong))


def _without_spaces(text: pa.Array) -> pa.Array:
    """Groups parted by spaces, narrow ones too: "1 234,5"."""
    return pc.replace_substring_regex(text, r"(\d)[ \x{00A0}\x{202F}](\d)", r"\1\2")


def _machine_form(
    text: pa.Array, plain: pa.Array | None, style: str
) -> tuple[pa.Array, np.ndarray]:
    """Return cells that Arrow can cast (null where none can), and which are ambiguous."""
    as_comma = pc.replace_substring(
        pc.replace_substring(only(text, matches(text, _COMMA)), ".", ""), ",", "."
    )
    as_point = pc.replace_substring(only(text, matches(text, _POINT)), ",", "")
    either = np.zeros(len(text), dtype=bool)
    if style == COMMA:
        chosen = as_comma
    elif style == POINT:
        chosen = as_point
    else:
        either = mask_of(matches(text, _EITHER))
        chosen = only(pc.coalesce(as_point, as_comma), ~either)
    if plain is not None:
        by_machine = only(text, matches(text, r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"))
        chosen = pc.if_else(plain, by_machine, chosen)
        either &= ~mask_of(plain)
    return pc.replace_substring_regex(chosen, r"^\+", ""), either
