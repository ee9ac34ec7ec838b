"""The limits that a dataset's contract sets to its readings."""

import time
from collections.abc import Callable
from typing import Any

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.intake.checks import Limits

_KEPT_SECONDS = 60.0


def limits_of() -> Callable[[str], Limits]:
    """Return a function that knows the limits of a dataset, asked at most once a minute."""
    kept: dict[str, tuple[float, Limits]] = {}

    def limits(dataset: str) -> Limits:
        until, found = kept.get(dataset, (0.0, Limits()))
        if time.monotonic() > until:
            found = _limits(dataset)
            kept[dataset] = (time.monotonic() + _KEPT_SECONDS, found)
        return found

    return limits


def _limits(dataset: str) -> Limits:
    try:
        fields = {field.name: field for field in catalogue.contract(dataset).fields}
    except catalogue.UnknownDatasetError:
        return Limits()
    value = fields.get("value")
    if value is None:
        return Limits()
    return Limits(_number(value.minimum), _number(value.maximum))


def _number(limit: Any) -> float | None:
    return None if limit is None else float(limit)
