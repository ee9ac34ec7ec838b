from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "haidang.delivery.reporting"
    label = "reporting"
    verbose_name = _("Báo cáo")

    def ready(self) -> None:
        from haidang.data.catalogue import api as catalogue
        from haidang.delivery.reporting.actions import reforms
        from haidang.delivery.reporting.actions.assigning import KIND
        from haidang.delivery.reporting.permissions import APPROVE, FILL, VIEW
        from haidang.delivery.reporting.queries import impact, origins
        from haidang.foundation.obligations import api as obligations
        from haidang.foundation.org import api as org
        from haidang.foundation.ui import navigation
        from haidang.insight.indicators import api as indicators

        org.register_participant("reporting", reforms.reports())
        indicators.register_origin("report", origins.of_figure)
        obligations.register_kind(KIND, "Báo cáo định kỳ", answered_by=FILL, headed_by=APPROVE)
        catalogue.register_thing("report", "Dòng biểu báo cáo")
        catalogue.tell_dependants(impact.direct)
        navigation.register(
            label="Báo cáo",
            url_name="reporting:list",
            icon="file-text",
            capability=VIEW,
            order=50,
        )
