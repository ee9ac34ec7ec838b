from django.urls import URLPattern, URLResolver, path

from haidang.data.warehouse import views

app_name = "warehouse"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:code>/rows/", views.rows_page, name="rows"),
    path("<slug:code>/rows/export.csv", views.export, name="export"),
    path("<slug:code>/batches/", views.batches, name="batches"),
    path("<slug:code>/batches/<int:batch>/", views.batch_page, name="batch"),
]
