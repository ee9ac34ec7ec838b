from django.urls import URLPattern, URLResolver, path

from haidang.data.protection import views

app_name = "protection"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.removals, name="removals"),
    path("new/", views.new, name="new"),
    path("<int:removal_id>/", views.removal, name="removal"),
    path("<int:removal_id>/decide/", views.decide, name="decide"),
    path("looks/", views.looks, name="looks"),
    path("looks/export.csv", views.looks_export, name="looks_export"),
    path("fields/<slug:code>/", views.fields, name="fields"),
]
