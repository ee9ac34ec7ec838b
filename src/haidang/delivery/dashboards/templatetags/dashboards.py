"""Small helps of the boards' templates: {% load dashboards %}."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from haidang.foundation.ui import states

register = template.Library()

_ALERTS = {4: "critical", 3: "critical", 2: "watch", 1: "info"}


@register.filter
def unlocal(value: float) -> str:
    """Write a coordinate for SVG: a point, not a comma."""
    return f"{value:g}"


@register.simple_tag
def state_word(code: str, hazard: bool = True) -> str:
    """→ nguy hiểm"""
    return states.state(code).word(hazard=hazard)


@register.simple_tag
def share(value: float | None, most: float) -> str:
    """Return the length of a bar, 0 to 100."""
    return f"{min(abs(value or 0) / most * 100, 100):.1f}"


@register.simple_tag
def alert_state(alert: Any) -> str:
    """Return the colour of an alert: grey when the duty shift is blind, else by its severity."""
    return "stale" if alert.is_blind else _ALERTS.get(alert.severity, "critical")


@register.simple_tag
def contact(listed: Any, unit_id: int) -> Any:
    """Return the head of a unit, to be called."""
    return listed.contacts.get(unit_id)


@register.simple_tag
def url_or_nothing(name: str) -> str:
    """Return an address of another domain, or nothing where it has no such page yet."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.filter
def short_unit(name: str) -> str:
    """Write a unit's name shorter: "TP Dĩ An", "Bàu Bàng"."""
    if name.startswith("Thành phố "):
        return f"TP {name.removeprefix('Thành phố ')}"
    name = name.removeprefix("Huyện ").removeprefix("Ủy ban nhân dân ")
    return name[:1].upper() + name[1:]
