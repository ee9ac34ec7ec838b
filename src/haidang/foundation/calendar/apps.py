from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "haidang.foundation.calendar"
    label = "calendar"
    verbose_name = "Lịch"
