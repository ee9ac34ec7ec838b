from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "haidang.delivery.reporting"
    label = "reporting"
    verbose_name = "Báo cáo"
