"""What a figure is told of the report it came with."""

from django.urls import reverse
from django.utils.translation import gettext as _

from haidang.delivery.reporting.permissions import VIEW
from haidang.foundation.access.api import Scope
from haidang.insight.indicators import api as indicators


def of_figure(version_id: int, scope: Scope) -> indicators.Reference | None:
    """Return the way to a submitted report, whose own page asks who may see it."""
    if not scope.allows(VIEW):
        return None
    url = reverse("reporting:version", args=[version_id])
    return indicators.Reference(_("Báo cáo định kỳ đã duyệt"), url)
