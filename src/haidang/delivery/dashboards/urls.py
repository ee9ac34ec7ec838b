from django.urls import path

from haidang.delivery.dashboards.views import board, wall

app_name = "dashboards"
urlpatterns = [
    path("console/", board.show, name="board"),
    path("console/parts/figure/<slug:code>/", board.figure, name="figure"),
    path("console/parts/<slug:kind>/", board.part, name="part"),
    path("wall/", wall.show, name="wall"),
]
