from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import StringConverter

from haidang.data.catalogue.views import datasets, difficulties, impact, versions


class VerbConverter(StringConverter):
    """What may be decided about a difficulty."""

    regex = "resolve|withdraw|extend|reopen"


register_converter(VerbConverter, "difficulty_verb")

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", datasets.dataset_list, name="datasets"),
    path("difficulties/", difficulties.index, name="difficulties"),
    path("difficulties/new/", difficulties.new, name="new_difficulty"),
    path("difficulties/guide/", difficulties.guide, name="guide"),
    path("difficulties/<int:difficulty>/", difficulties.difficulty, name="difficulty"),
    path("difficulties/<int:difficulty>/reply/", difficulties.reply, name="reply"),
    path(
        "difficulties/<int:difficulty>/<difficulty_verb:verb>/", difficulties.decide, name="decide"
    ),
    path(
        "difficulties/<int:difficulty>/entries/<int:entry>/",
        difficulties.attachment,
        name="attachment",
    ),
    path("impact/<slug:kind>/<str:code>/", impact.show, name="impact"),
    path("<slug:code>/", datasets.dataset_page, name="dataset"),
    path("<slug:code>/versions/", versions.version_list, name="versions"),
    path("<slug:code>/versions/new/", versions.new_version, name="new-version"),
]
