"""Small words of the indicators' pages: {% load indicators %}."""

from typing import Any

from django import template

from haidang.insight.indicators.rules import words

register = template.Library()


@register.filter
def span(dates: Any) -> str:
    """{{ target.period|span }} → năm 2026"""
    return words.span(dates.lower, dates.upper)


@register.filter
def level_word(level: str) -> str:
    """commune → cấp xã"""
    return words.LEVELS.get(level, level)
