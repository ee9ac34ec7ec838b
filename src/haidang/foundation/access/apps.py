from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "haidang.foundation.access"
    label = "access"
    verbose_name = "Truy cập"
