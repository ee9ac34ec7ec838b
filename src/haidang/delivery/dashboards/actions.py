"""What changes boards: a new definition, the boards that are shipped, pinned instructions."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from haidang.delivery.dashboards.models import Board, BoardVersion, Pin
from haidang.delivery.dashboards.rules import definitions
from haidang.foundation.access import api as access
from haidang.foundation.core import audit, live
from haidang.foundation.core.audit import Actor
from haidang.foundation.org import api as org

SHIPPED = Path(__file__).parent / "starter"


@transaction.atomic
def define_board(*, definition: Mapping[str, Any], by: Actor) -> Board:
    """Put a definition in use as a new version. Raises BadBoardError, naming the place."""
    spec = definitions.read(definition)
    board, is_new = Board.objects.select_for_update().get_or_create(
        code=spec.code, defaults={"title": spec.title}
    )
    board.title = spec.title
    board.version = 1 if is_new else board.version + 1
    board.save()
    BoardVersion.objects.create(
        board=board, number=board.version, definition=dict(definition), created_by=by.label
    )
    audit.record(
        action="dashboards.board_defined", on=board, by=by, changes={"version": board.version}
    )
    return board


@transaction.atomic
def install_starter(*, by: Actor) -> list[Board]:
    """Put the shipped boards in use where they are not yet; a board in use is left alone."""
    known = set(Board.objects.values_list("code", flat=True))
    shipped = [json.loads(file.read_text("utf-8")) for file in sorted(SHIPPED.glob("*.json"))]
    return [define_board(definition=one, by=by) for one in shipped if one["code"] not in known]


@transaction.atomic
def pin(
    *, indicator: str, unit_id: int, sector: str, text: str, now: datetime, by: access.Scope
) -> Pin:
    """Pin an instruction to a figure; it takes the place of the one before.

    Raises NotAllowedError without dashboards.design over the unit and the sector.
    """
    by.require("dashboards.design", unit_id, sector)
    Pin.objects.filter(indicator=indicator, unit=unit_id, removed_at__isnull=True).update(
        removed_at=now
    )
    pinned = Pin.objects.create(
        indicator=indicator, unit_id=unit_id, text=text, pinned_by=by.label, pinned_at=now
    )
    audit.record(action="dashboards.pinned", on=pinned, by=by.actor, changes={"text": text})
    live.tell("figure", unit=unit_id, sector=sector, indicator=indicator)
    return pinned


def instructions() -> org.HandOver:
    """Return what happens to instructions on figures of a unit that ends: they follow its heir."""
    return org.HandOver(org.Held("Ý kiến chỉ đạo", _pinned, "unit", "dashboards.handed_over"))


def _pinned() -> "QuerySet[Pin]":
    return Pin.objects.filter(removed_at__isnull=True)
