from django.urls import URLPattern, URLResolver, path

from haidang.foundation.obligations import views

app_name = "obligations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.listed, name="list"),
    path("<int:obligation_id>/", views.detail, name="detail"),
]
