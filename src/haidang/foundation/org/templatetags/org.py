"""Filters of the templates of this domain."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def lookup(values: Mapping[Any, Any], key: Any) -> Any:
    """{{ parents|lookup:unit.parent_id }}: the value of a key, or nothing."""
    return values.get(key)
