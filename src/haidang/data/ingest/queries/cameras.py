"""Cameras for people: filtered to the scope by their owner and sector."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from haidang.data.ingest.errors import CameraNotFoundError
from haidang.data.ingest.models import Camera, CameraAccess
from haidang.data.ingest.permissions import CAMERAS
from haidang.foundation.access.api import Scope
from haidang.foundation.core.text import fold
from haidang.foundation.org import api as org

NOTICES = {"without": "Chưa có thông báo", "with": "Đã có thông báo"}


@dataclass(frozen=True)
class Filters:
    """How the list is narrowed; empty means no limit."""

    words: str = ""
    owner: str = ""
    unit: str = ""
    state: str = ""
    notice: str = ""


def visible(scope: Scope, capability: str = CAMERAS) -> QuerySet[Camera]:
    """Return the cameras whose owner and sector the scope covers."""
    rows = Camera.objects.select_related("owner", "unit")
    return scope.filter(rows, capability, unit="owner", sector="sector")


def seen(scope: Scope, code: str) -> Camera:
    """Return one camera. Raises CameraNotFoundError also for what the scope may not see."""
    found = visible(scope).filter(code=code).first()
    if found is None:
        raise CameraNotFoundError
    return found


def find(scope: Scope, asked: Filters) -> QuerySet[Camera]:
    """Return the visible cameras that match, with how often and when they were looked at."""
    own = CameraAccess.objects.filter(camera=OuterRef("pk"))
    many = own.order_by().values("camera").annotate(count=Count("pk")).values("count")
    found = visible(scope).annotate(
        accesses_count=Coalesce(Subquery(many), 0),
        last_access=Subquery(own.order_by("-at").values("at")[:1]),
    )
    for name in ("owner", "unit"):
        if code := getattr(asked, name):
            where = org.codes().get(code)
            found = found.filter(**{f"{name}__in": org.subtree(where) if where else []})
    if asked.state in Camera.State.values:
        found = found.filter(state=asked.state)
    if asked.notice in NOTICES:
        found = found.filter(notice_since__isnull=asked.notice == "without")
    for word in fold(asked.words).split():
        found = found.filter(folded__contains=word)
    return found


def accesses(scope: Scope, *, kind: str = "") -> QuerySet[CameraAccess]:
    """Return who looked at visible cameras."""
    rows = CameraAccess.objects.select_related("camera")
    rows = scope.filter(rows, CAMERAS, unit="camera__owner", sector="camera__sector")
    if kind in CameraAccess.Kind.values:
        rows = rows.filter(kind=kind)
    return rows


def row_of(camera: Camera) -> Mapping[str, Any]:
    """Return a camera as its register's file has it."""
    names = (
        "code", "title", "sector", "place", "latitude", "longitude", "purpose", "legal_basis",
        "notice_place", "notice_since", "retention_days", "viewers", "state",
    )  # fmt: skip
    return {
        **{name: getattr(camera, name) for name in names},
        "owner": camera.owner.code,
        "unit": camera.unit.code,
    }
