from django.urls import URLPattern, URLResolver, path

from haidang.data.catalogue.views import datasets, versions

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", datasets.dataset_list, name="datasets"),
    path("export.csv", datasets.export, name="export"),
    path("<slug:code>/", datasets.dataset_page, name="dataset"),
    path("<slug:code>/versions/", versions.version_list, name="versions"),
    path("<slug:code>/versions/new/", versions.new_version, name="new-version"),
]
