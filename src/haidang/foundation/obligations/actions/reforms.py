"""What is owed when the map changes: debts of a unit that ends, and to it, go to its successor."""

from django.db.models import QuerySet

from haidang.foundation.obligations.models import Obligation
from haidang.foundation.org import api as org


def debts() -> org.HandOver:
    """Return what obligations do when a set of changes applies."""
    return org.HandOver(
        org.Held("Việc phải thực hiện", _open, "debtor_unit", "obligations.handed_over"),
        org.Held("Việc được thực hiện", _open, "creditor_unit", "obligations.handed_over"),
    )


def _open() -> "QuerySet[Obligation]":
    return Obligation.objects.filter(state=Obligation.State.OPEN)
