"""Sources and devices when the map changes: a successor supplies the one and hosts the other."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from haidang.data.ingest import evaluators
from haidang.data.ingest.models import Camera, Device, Source
from haidang.foundation.core.audit import Actor
from haidang.foundation.org import api as org

_REGISTRY = "devices"


class Suppliers(org.HandOver):
    """What intake does when a set of changes applies: it reads its registry again."""

    def __init__(self) -> None:
        super().__init__(
            org.Held("Nguồn dữ liệu", Source.objects.all, "supplier", "ingest.handed_over"),
            org.Held("Thiết bị", _standing, "unit", "ingest.handed_over"),
            org.Held("Camera, chủ quản", _watching, "owner", "ingest.handed_over"),
            org.Held("Camera, nơi đặt", _watching, "unit", "ingest.handed_over"),
        )

    def apply(self, reform: org.Reform, by: Actor) -> dict[str, Any]:
        """Hand sources and devices over."""
        evaluators.changed(_REGISTRY)
        return super().apply(reform, by)

    def undo(self, reform: org.Reform, trace: Mapping[str, Any], by: Actor) -> None:
        """Hand them back."""
        evaluators.changed(_REGISTRY)
        super().undo(reform, trace, by)


def _standing() -> "QuerySet[Device]":
    return Device.objects.exclude(state=Device.State.RETIRED)


def _watching() -> "QuerySet[Camera]":
    return Camera.objects.exclude(state=Camera.State.RETIRED)
