from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "haidang.foundation.core"
    label = "core"
    verbose_name = "Nền tảng"

    def ready(self) -> None:
        from haidang.foundation.core import housekeeping  # noqa: F401  declares its jobs
