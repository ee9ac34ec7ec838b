from collections.abc import Iterable
from datetime import timedelta

from django import template

from haidang.action.alerts import rules

register = template.Library()


@register.filter
def state_words(states: Iterable[str]) -> str:
    """{{ row.raises|state_words }} → nguy hiểm, chậm gửi số liệu"""
    return ", ".join(rules.state_word(state) for state in states)


@register.filter
def lasting(span: timedelta) -> str:
    """{{ row.hold|lasting }} → 10 phút"""
    return rules.lasting(span)
