from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    name = "haidang.foundation.obligations"
    label = "obligations"
    verbose_name = "Việc phải thực hiện"
