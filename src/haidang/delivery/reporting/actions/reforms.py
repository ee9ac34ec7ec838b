"""Reports when the map changes: who takes over a unit's ground answers for what it still owes."""

from django.db.models import QuerySet

from haidang.delivery.reporting.models import Assignment, Regime
from haidang.delivery.reporting.rules import steps
from haidang.foundation.org import api as org


def reports() -> org.HandOver:
    """Return what reporting does when a set of changes applies.

    The report goes on telling of the old unit's ground; another unit fills it in and sends it.
    """
    return org.HandOver(
        org.Held("Báo cáo chưa xong", _open, "holder", "reporting.handed_over"),
        org.Held("Chế độ báo cáo", _received, "receiver", "reporting.handed_over"),
    )


def _open() -> "QuerySet[Assignment]":
    return Assignment.objects.exclude(state=steps.RECEIVED).select_related("form__regime", "unit")


def _received() -> "QuerySet[Regime]":
    return Regime.objects.filter(is_active=True)
