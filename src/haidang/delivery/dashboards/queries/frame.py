"""What fills the frame of every page: the Centre's name, the unit's path, the map, the inbox."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from haidang.delivery.dashboards.queries import viewpoints
from haidang.delivery.dashboards.rules.definitions import LEVELS
from haidang.foundation.notifications import api as notifications
from haidang.foundation.org import api as org
from haidang.foundation.ui import chrome, navigation


def register() -> None:
    """Fill the frame; called once when the application starts."""
    navigation.register(
        label="Bảng điều hành",
        url_name="dashboards:board",
        icon="layout-dashboard",
        capability="dashboards.view",
        order=10,
    )
    navigation.register(
        label="Màn hình lớn",
        url_name="dashboards:wall",
        icon="monitor",
        capability="dashboards.wall",
        order=90,
    )
    for name, part in _PARTS.items():
        chrome.provide(name, part)


def _centre(request: HttpRequest) -> tuple[str, str] | None:
    units = org.all_units()
    centre = next((one for one in units if one.kind == "centre"), None)
    province = next((one for one in units if (one.level, one.kind) == ("province", "ubnd")), None)
    if centre is None or province is None:
        return None
    return _short(centre), viewpoints.name(province)


def _short(centre: org.UnitRef) -> str:
    return centre.short_name or centre.name


def _path(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the way to the unit that the page is about, or to the reader's own."""
    scope = getattr(request, "scope", None)
    unit = _asked(request) or (scope and scope.unit_id)
    if not unit:
        return []
    units = [one for one in org.path(unit) if one.kind == "ubnd" and one.level in LEVELS]
    return [(viewpoints.name(one), _board(scope, one)) for one in units]


def _asked(request: HttpRequest) -> int | None:
    code = request.GET.get("unit")
    return org.codes().get(code) if code else None


def _board(scope: Any, unit: org.UnitRef) -> str:
    if scope is None or not scope.allows("dashboards.view", unit.id):
        return ""
    return f"{reverse('dashboards:board')}?unit={unit.code}"


def _map(request: HttpRequest) -> str:
    """Say which map is in force: how many units of each level it has."""
    levels = Counter(unit.level for unit in org.all_units())
    communes, districts = levels["commune"], levels["district"]
    if not communes:
        return ""
    if settings.DEMO and districts:  # the demo keeps the map of 2024 until its reform is applied
        return f"Địa giới trước sắp xếp, {communes} xã, phường, thị trấn, giả định"
    parts = [f"{districts} huyện"] if districts else []
    return "Địa giới đang dùng: " + ", ".join([*parts, f"{communes} xã"])


def _inbox(request: HttpRequest) -> int:
    return notifications.unread_count(request.user.pk) if request.user.is_authenticated else 0


def _inbox_url(request: HttpRequest) -> str:
    try:
        return reverse("notifications:inbox")
    except NoReverseMatch:
        return ""


_PARTS: dict[str, chrome.Part] = {
    "centre": _centre,
    "path": _path,
    "map": _map,
    "inbox": _inbox,
    "inbox_url": _inbox_url,
}
