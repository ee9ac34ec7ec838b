"""Tickets when the map changes: open ones, and their open steps, go to the successor."""

from django.db.models import QuerySet

from haidang.action.operations.models import Activity, Ticket
from haidang.foundation.org import api as org


def tickets() -> org.HandOver:
    """Return what operations do when a set of changes applies."""
    return org.HandOver(
        org.Held("Phiếu điều hành tại đơn vị", _open, "unit", "operations.handed_over"),
        org.Held("Phiếu do đơn vị chủ trì", _open, "lead", "operations.handed_over"),
        org.Held("Bước của phiếu", _ready, "unit", "operations.handed_over"),
    )


def _open() -> QuerySet[Ticket]:
    return Ticket.objects.unfinished()


def _ready() -> "QuerySet[Activity]":
    return Activity.objects.filter(state=Activity.State.READY)
