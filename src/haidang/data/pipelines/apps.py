from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelinesConfig(AppConfig):
    name = "haidang.data.pipelines"
    label = "pipelines"
    verbose_name = _("Luồng xử lý dữ liệu")

    def ready(self) -> None:
        from haidang.foundation.core import events

        events.subscribe("warehouse.landed", "pipelines.note_landed")
        events.subscribe("ingest.run_approved", "pipelines.note_landed")
