from datetime import date

from django.urls import path, register_converter

from haidang.foundation.calendar import views


class DayConverter:
    """A day in an address: 2026-11-23."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

app_name = "calendar"
urlpatterns = [
    path("", views.year_page, name="this_year"),
    path("<int:year>/", views.year_page, name="year"),
    path("override/", views.override, name="override"),
    path("<day:day>/remove/", views.remove_override, name="remove_override"),
]
