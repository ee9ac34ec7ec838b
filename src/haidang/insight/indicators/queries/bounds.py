"""The bounds of periods in the words of a dataset's column of time."""

from datetime import datetime
from typing import Any

from django.utils import timezone


def in_words(moment: datetime, type_: str) -> Any:
    """Return a moment as a column of a type says it: a date, "2026-11", a year."""
    local = timezone.localtime(moment)
    if type_ == "datetime":
        return moment
    if type_ == "date":
        return local.date()
    if type_ == "yearmonth":
        return f"{local:%Y-%m}"
    return local.year
