from django.urls import URLPattern, URLResolver, path

from haidang.insight.indicators.views import figure

app_name = "indicators"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:code>/<str:unit>/", figure.show, name="figure"),
]
