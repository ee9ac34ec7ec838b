"""What the routes of indicators share: one router, pages of a list, moments with a zone."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Router

from haidang.foundation.access import api as access

router = Router(tags=["Chỉ tiêu"], auth=access.SessionOrKey("indicators.view"))
MOST = 500


def page_of(rows: list[Any], limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a list with the number of all."""
    first = max(offset, 0)
    return {"total": len(rows), "items": rows[first : first + min(max(limit, 1), MOST)]}


def aware(moment: datetime | None) -> datetime | None:
    """Return a moment as of the platform's zone where it names none."""
    if moment is None or moment.tzinfo:
        return moment
    return timezone.make_aware(moment)
