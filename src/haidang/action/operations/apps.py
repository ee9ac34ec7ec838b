from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "haidang.action.operations"
    label = "operations"
    verbose_name = "Phiếu điều hành"

    def ready(self) -> None:
        from haidang.action.operations.actions import reforms
        from haidang.foundation.obligations import api as obligations
        from haidang.foundation.org import api as org
        from haidang.foundation.ui import navigation

        org.register_participant("operations", reforms.tickets())
        obligations.on_wake("operations.timer", "operations.wake_run")
        obligations.register_kind(
            "operations.step",
            "Bước của phiếu điều hành",
            answered_by="operations.handle",
        )
        navigation.register(
            label="Phiếu điều hành",
            url_name="operations:list",
            icon="clipboard-list",
            capability="operations.view",
            order=40,
        )
