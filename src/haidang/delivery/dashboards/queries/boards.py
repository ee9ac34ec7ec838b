"""Which boards there are, by their definitions in use, and what is pinned to figures."""

from collections.abc import Collection

from haidang.delivery.dashboards.errors import BoardNotFoundError
from haidang.delivery.dashboards.models import BoardVersion, Pin
from haidang.delivery.dashboards.rules import definitions
from haidang.delivery.dashboards.rules.definitions import BoardSpec

LEADER = "lanh-dao"
WALL = "man-hinh-lon"


def board(code: str) -> BoardSpec:
    """Return the definition in use of a board, in one query. Raises BoardNotFoundError."""
    found = BoardVersion.objects.filter(board__code=code).order_by("-number").first()
    if found is None:
        raise BoardNotFoundError(code=code)
    return definitions.read(found.definition)


def pins(indicators: Collection[str], unit_id: int) -> dict[str, Pin]:
    """Return the newest instruction on each of these figures of a unit, in one query."""
    found = Pin.objects.filter(
        indicator__in=indicators, unit=unit_id, removed_at__isnull=True
    ).order_by("pinned_at")
    return {pin.indicator: pin for pin in found}
