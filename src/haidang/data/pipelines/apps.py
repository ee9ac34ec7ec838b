from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelinesConfig(AppConfig):
    name = "haidang.data.pipelines"
    label = "pipelines"
    verbose_name = _("Luồng xử lý dữ liệu")

    def ready(self) -> None:
        from django.conf import settings

        from haidang.data.catalogue import api as catalogue
        from haidang.data.pipelines.queries import impact
        from haidang.foundation.core import events
        from haidang.foundation.ui import navigation

        events.subscribe("warehouse.landed", "pipelines.note_landed")
        events.subscribe("ingest.run_approved", "pipelines.note_landed")
        if settings.OPENLINEAGE_URL:
            events.subscribe("pipelines.run_started", "pipelines.tell_start")
            events.subscribe("pipelines.run_finished", "pipelines.tell_end")
            events.subscribe("ingest.run_finished", "pipelines.tell_load")
            events.subscribe("ingest.run_failed", "pipelines.tell_load")
        catalogue.register_thing("pipeline", "Luồng xử lý", impact.find)
        catalogue.tell_dependants(impact.direct)
        navigation.register(
            label="Luồng xử lý",
            url_name="pipelines:list",
            icon="filter",
            capability="pipelines.view",
            order=61,
        )
