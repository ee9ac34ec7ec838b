from django.urls import URLPattern, URLResolver, path

from haidang.data.protection.views import removals, retention

app_name = "protection"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", removals.removals, name="removals"),
    path("new/", removals.new, name="new"),
    path("<int:removal_id>/", removals.removal, name="removal"),
    path("<int:removal_id>/decide/", removals.decide, name="decide"),
    path("looks/", removals.looks, name="looks"),
    path("fields/<slug:code>/", removals.fields, name="fields"),
    path("retention/", retention.retentions, name="retentions"),
    path("retention/<slug:code>/", retention.retention, name="retention"),
    path("retention/<slug:code>/decide/", retention.decide, name="retention_decide"),
]
