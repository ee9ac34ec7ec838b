from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "haidang.action.alerts"
    label = "alerts"
    verbose_name = "Cảnh báo"
