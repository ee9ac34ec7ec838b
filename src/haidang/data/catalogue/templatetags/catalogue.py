"""Words of the catalogue's pages: {% load catalogue %}."""

from django import template

register = template.Library()

_TYPES = {
    "string": "chữ",
    "integer": "số nguyên",
    "number": "số",
    "boolean": "đúng, sai",
    "date": "ngày",
    "datetime": "thời điểm",
    "year": "năm",
    "yearmonth": "tháng",
    "unit": "đơn vị hành chính",
}


@register.filter
def type_word(code: str) -> str:
    """{{ field.type|type_word }}: integer → số nguyên"""
    return _TYPES.get(code, code)
