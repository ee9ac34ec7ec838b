"""Words of the catalogue's pages: {% load catalogue %}."""

from collections.abc import Iterable, Mapping

from django import template

from haidang.data.catalogue.rules import word_of
from haidang.foundation.org.api import UnitRef

register = template.Library()

TYPE_WORDS = {
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
    return TYPE_WORDS.get(code, code)


@register.filter
def metric_word(code: str) -> str:
    """{{ event.metric|metric_word }}: pm25 → bụi PM2.5"""
    return word_of("metric", code)


@register.filter
def metric_words(codes: Iterable[str]) -> str:
    """{{ device.metrics|metric_words }}: pm25, flow → bụi PM2.5, lưu lượng"""
    return ", ".join(word_of("metric", code) for code in codes)


@register.filter
def code_words(codes: Iterable[str], field: str) -> str:
    """{{ field.codes|code_words:field.name }}: fault → fault (hỏng), for who writes the code"""
    said = ((code, word_of(field, code)) for code in codes)
    return ", ".join(code if word == code else f"{code} ({word})" for code, word in said)


CHANGE_WORDS = {
    "added": "trường mới",
    "removed": "bỏ trường",
    "key": "khóa",
    "type": "kiểu",
    "required": "bắt buộc",
    "unit_of_measure": "đơn vị tính",
    "codes": "danh mục mã",
    "minimum": "giá trị nhỏ nhất",
    "maximum": "giá trị lớn nhất",
    "pattern": "mẫu",
    "personal_data": "dữ liệu cá nhân",
    "title": "tên",
    "unit_field": "trường đơn vị",
    "time_field": "trường thời gian",
}


@register.filter
def change_word(what: str) -> str:
    """{{ change.what|change_word }}: required → bắt buộc"""
    return CHANGE_WORDS.get(what, what)


@register.filter
def side_word(text: str, what: str) -> str:
    """{{ change.before|side_word:change.what }}: a type in words; nothing → –"""
    said = type_word(text) if what in {"type", "added", "removed"} else text
    return said or "–"


@register.filter
def at(units: Mapping[int, UnitRef], unit_id: int) -> str:
    """Return the name of a unit among those fetched for a page."""
    return units[unit_id].name
