from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "haidang.action.operations"
    label = "operations"
    verbose_name = "Điều hành"
