"""Alerts when the map changes: unclosed ones go to the successor of their unit and owner."""

from haidang.action.alerts.models import Alert
from haidang.foundation.org import api as org


def alerts() -> org.HandOver:
    """Return what alerts do when a set of changes applies."""
    return org.HandOver(
        org.Held("Cảnh báo tại đơn vị", Alert.objects.unclosed, "unit", "alerts.handed_over"),
        org.Held("Cảnh báo của đơn vị", Alert.objects.unclosed, "owner", "alerts.handed_over"),
    )
