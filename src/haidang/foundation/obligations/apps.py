from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    name = "haidang.foundation.obligations"
    label = "obligations"
    verbose_name = "Việc phải thực hiện"

    def ready(self) -> None:
        from haidang.foundation.obligations import kinds

        kinds.on_wake("obligations.remind", "obligations.remind")
