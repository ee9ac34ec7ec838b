from collections.abc import Iterable
from datetime import timedelta

from django import template

from haidang.action.alerts import rules

register = template.Library()


@register.filter
def level_words(states: Iterable[str]) -> str:
    """{{ row.raises|level_words }} → nguy hiểm hoặc chậm nhiều; chậm gửi số liệu"""
    return "; ".join(rules.level_word(state) for state in states)


@register.filter
def lasting(span: timedelta) -> str:
    """{{ row.hold|lasting }} → 10 phút"""
    return rules.lasting(span)
