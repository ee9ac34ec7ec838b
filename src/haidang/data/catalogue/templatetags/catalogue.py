"""Words of the catalogue's pages: {% load catalogue %}."""

from collections.abc import Iterable

from django import template

from haidang.data.catalogue.rules import word_of

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


@register.filter
def metric_words(codes: Iterable[str]) -> str:
    """{{ device.metrics|metric_words }}: pm25, flow → bụi PM2.5, lưu lượng"""
    return ", ".join(word_of("metric", code) for code in codes)


@register.filter
def code_words(codes: Iterable[str], field: str) -> str:
    """{{ field.codes|code_words:field.name }}: fault → fault (hỏng), for who writes the code"""
    said = ((code, word_of(field, code)) for code in codes)
    return ", ".join(code if word == code else f"{code} ({word})" for code, word in said)
