from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    name = "haidang.foundation.obligations"
    label = "obligations"
    verbose_name = "Việc phải thực hiện"

    def ready(self) -> None:
        from haidang.foundation.obligations import kinds
        from haidang.foundation.obligations.actions import reforms
        from haidang.foundation.org import api as org
        from haidang.foundation.ui import navigation

        kinds.on_wake("obligations.remind", "obligations.remind")
        org.register_participant("obligations", reforms.debts())
        navigation.register(
            label="Việc phải thực hiện",
            url_name="obligations:list",
            icon="list-checks",
            capability="obligations.view",
            order=45,
        )
