"""Where every domain's pages hang. The typed API is `haidang.project.api`."""

from django.urls import include, path
from django.views.generic import RedirectView

from haidang.project import health
from haidang.project.api import api

handler400 = "haidang.project.failures.bad_request"
handler403 = "haidang.project.failures.not_allowed"
handler404 = "haidang.project.failures.not_found"
handler500 = "haidang.project.failures.broken"

urlpatterns = [
    path("", RedirectView.as_view(url="/console/"), name="home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/", api.urls),
    path("accounts/", include("haidang.foundation.access.urls")),
    path("", include("haidang.delivery.dashboards.urls")),
    path("console/indicators/", include("haidang.insight.indicators.urls")),
    path("console/alerts/", include("haidang.action.alerts.urls")),
    path("console/tickets/", include("haidang.action.operations.urls")),
    path("console/sources/", include("haidang.data.ingest.urls")),
    path("console/pipelines/", include("haidang.data.pipelines.urls")),
    path("console/datasets/", include("haidang.data.catalogue.urls")),
    path("console/datasets/", include("haidang.data.warehouse.urls")),
    path("console/protection/", include("haidang.data.protection.urls")),
    path("console/reports/", include("haidang.delivery.reporting.urls")),
    path("console/calendar/", include("haidang.foundation.calendar.urls")),
    path("console/units/", include("haidang.foundation.org.urls")),
    path("console/inbox/", include("haidang.foundation.notifications.urls")),
    path("console/obligations/", include("haidang.foundation.obligations.urls")),
    path("console/gallery/", include("haidang.foundation.ui.urls")),
]
