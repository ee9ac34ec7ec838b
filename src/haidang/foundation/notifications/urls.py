from django.urls import URLPattern, URLResolver, path

from haidang.foundation.notifications import views

app_name = "notifications"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read_all, name="read_all"),
    path("<int:message_id>/", views.open_message, name="open"),
]
