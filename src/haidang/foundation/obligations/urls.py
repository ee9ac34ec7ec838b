from django.urls import URLPattern, URLResolver, path

from haidang.foundation.obligations.views import owed, reminders

app_name = "obligations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", owed.listed, name="list"),
    path("reminders/", reminders.index, name="reminders"),
    path("reminders/export.csv", reminders.export, name="export_reminders"),
    path("reminders/<str:code>/", reminders.of_unit, name="unit_reminders"),
    path("<int:obligation_id>/", owed.detail, name="detail"),
]
