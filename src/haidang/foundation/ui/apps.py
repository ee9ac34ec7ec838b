from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "haidang.foundation.ui"
    label = "ui"
    verbose_name = "Giao diện"
