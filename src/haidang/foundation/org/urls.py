from django.urls import path

from haidang.foundation.org.views import changing, reading

app_name = "org"
urlpatterns = [
    path("", reading.unit_list, name="list"),
    path("export.csv", reading.export, name="export"),
    path("legal-bases/", reading.legal_bases, name="legal_bases"),
    path("legal-bases/record/", changing.record_legal_basis, name="record_legal_basis"),
    path("<str:code>/", reading.unit_page, name="unit"),
    path("<str:code>/rename/", changing.rename, name="rename"),
    path("<str:code>/move/", changing.move, name="move"),
    path("<str:code>/dissolve/", changing.dissolve, name="dissolve"),
]
