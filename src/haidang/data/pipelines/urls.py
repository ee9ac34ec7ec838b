from django.urls import URLPattern, URLResolver, path

from haidang.data.pipelines.views import changing, listing, running

app_name = "pipelines"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", listing.pipeline_list, name="list"),
    path("graph/", listing.graph_page, name="graph"),
    path("new/", changing.new, name="new"),
    path("runs/<int:run_id>/", running.run_page, name="run"),
    path("runs/<int:run_id>/cancel/", running.cancel, name="cancel_run"),
    path("backfills/<int:backfill_id>/cancel/", running.cancel_backfill, name="cancel_backfill"),
    path("<slug:code>/", listing.pipeline_page, name="pipeline"),
    path("<slug:code>/edit/", changing.edit, name="edit"),
    path("<slug:code>/timing/", changing.timing, name="timing"),
    path("<slug:code>/try/", changing.try_page, name="try"),
    path("<slug:code>/do/", changing.act, name="do"),
    path("<slug:code>/backfill/", running.backfill, name="backfill"),
]
