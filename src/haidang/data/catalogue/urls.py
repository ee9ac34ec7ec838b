from django.urls import URLPattern, URLResolver, path

from haidang.data.catalogue import views

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dataset_list, name="datasets"),
    path("export.csv", views.export, name="export"),
    path("<slug:code>/", views.dataset_page, name="dataset"),
]
