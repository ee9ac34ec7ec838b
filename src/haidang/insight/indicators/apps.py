from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "haidang.insight.indicators"
    label = "indicators"
    verbose_name = "Chỉ tiêu"
