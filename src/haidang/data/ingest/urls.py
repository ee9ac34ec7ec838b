from django.urls import URLPattern, URLResolver, path

from haidang.data.ingest.views import defining, mapping, quality, quarantine, runs, sources

app_name = "ingest"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", sources.source_list, name="sources"),
    path("new/", defining.new, name="new"),
    path("devices/", sources.device_list, name="devices"),
    path("approvals/", runs.approvals, name="approvals"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:run_id>/decide/", runs.decide, name="decide"),
    path("runs/<int:run_id>/original/", runs.original, name="original"),
    path("quarantine/", quarantine.desk, name="quarantine"),
    path("quarantine/bulk/", quarantine.bulk, name="bulk"),
    path("quarantine/export.csv", quarantine.export, name="export"),
    path("quarantine/<int:row_id>/", quarantine.mend, name="mend"),
    path("quality/", quality.quality_list, name="quality"),
    path("quality/export.csv", quality.quality_export, name="quality-export"),
    path("<str:code>/", sources.source, name="source"),
    path("<str:code>/edit/", defining.edit, name="edit"),
    path("<str:code>/mapping/", mapping.mapping, name="mapping"),
    path("<str:code>/upload/", sources.upload, name="upload"),
    path("<str:code>/automatic/", sources.automatic, name="automatic"),
]
