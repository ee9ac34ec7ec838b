from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "haidang.delivery.dashboards"
    label = "dashboards"
    verbose_name = "Bảng điều hành"

    def ready(self) -> None:
        from haidang.data.catalogue import api as catalogue
        from haidang.delivery.dashboards.actions import instructions
        from haidang.delivery.dashboards.queries import frame, impact
        from haidang.foundation.org import api as org

        frame.register()
        catalogue.register_thing("board", "Bảng điều hành")
        catalogue.tell_dependants(impact.direct)
        org.register_participant("dashboards", instructions())
