from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestConfig(AppConfig):
    name = "haidang.data.ingest"
    label = "ingest"
    verbose_name = _("Thu nhận dữ liệu")

    def ready(self) -> None:
        from haidang.data.catalogue import api as catalogue
        from haidang.data.ingest.actions import lateness, reforms, removal, runs, watching
        from haidang.data.ingest.queries import impact, pending_batches
        from haidang.data.ingest.queries.listing import subject
        from haidang.data.warehouse import api as warehouse
        from haidang.foundation.core import files
        from haidang.foundation.obligations import api as obligations
        from haidang.foundation.org import api as org
        from haidang.foundation.ui import navigation

        org.register_participant("ingest", reforms.Suppliers())
        obligations.register_kind(lateness.DELIVERY, "Cung cấp số liệu đúng hạn")
        obligations.register_kind(lateness.RESTORE, "Khôi phục nguồn dữ liệu")
        obligations.on_wake(lateness.WAKE, lateness.WAKE)
        obligations.on_wake(watching.WAKE, watching.WAKE)
        warehouse.withhold(pending_batches)
        catalogue.register_subject("source", "Nguồn dữ liệu", subject)
        catalogue.register_thing("source", "Nguồn dữ liệu", subject)
        catalogue.register_thing("device", "Thiết bị", impact.find_device)
        catalogue.tell_dependants(impact.direct)
        removal.register()
        files.inspect(runs.refuse_secret)
        navigation.register(
            label="Nguồn dữ liệu",
            url_name="ingest:sources",
            icon="database",
            capability="ingest.view",
            order=60,
        )
