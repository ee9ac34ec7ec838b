from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "haidang.foundation.core"
    label = "core"
    verbose_name = "Nền tảng"
