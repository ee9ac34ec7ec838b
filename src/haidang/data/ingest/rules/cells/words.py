"""Words: plain text in one normal form, yes and no."""

import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.cells.column import Column, fault, mask_of, only

_YES = ["true", "1", "có", "co", "x", "đúng", "dung", "yes", "1.0"]
_NO = ["false", "0", "không", "khong", "sai", "no", "0.0"]

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_FORMULA = r"^[=@]|^[+\-].*[(|!]"

_HAS_CONTROL = "có ký tự điều khiển không đọc được. Gõ lại nội dung của ô."
_IS_FORMULA = "“{value}” là công thức, không phải nội dung. Thay bằng kết quả của công thức."
_NOT_YES_NO = "“{value}” không phải có hoặc không. Viết “có” hoặc “không”."


def strings(text: pa.Array) -> Column:
    """Read text; control characters and spreadsheet formulas are faults, whatever they say."""
    control = mask_of(pc.match_substring_regex(text, pattern=_CONTROL))
    formula = mask_of(pc.match_substring_regex(text, pattern=_FORMULA)) & ~control
    values = pc.utf8_normalize(only(text, ~(control | formula)), form="NFC")
    return Column(
        values,
        fault("control_character", _HAS_CONTROL, control) + fault("formula", _IS_FORMULA, formula),
    )


def booleans(text: pa.Array) -> Column:
    """Read có/không, true/false, 1/0, x."""
    lower = pc.utf8_normalize(pc.utf8_lower(text), form="NFC")
    yes = mask_of(pc.is_in(lower, value_set=pa.array(_YES)))
    no = mask_of(pc.is_in(lower, value_set=pa.array(_NO)))
    values = pa.array(yes, mask=~(yes | no))
    wrong = mask_of(pc.is_valid(text)) & ~(yes | no)
    return Column(values, fault("not_a_boolean", _NOT_YES_NO, wrong))
