from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "haidang.delivery.dashboards"
    label = "dashboards"
    verbose_name = "Bảng điều hành"

    def ready(self) -> None:
        from haidang.delivery.dashboards.actions import instructions
        from haidang.delivery.dashboards.queries import frame
        from haidang.foundation.org import api as org

        frame.register()
        org.register_participant("dashboards", instructions())
