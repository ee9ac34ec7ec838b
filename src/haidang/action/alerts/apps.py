from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "haidang.action.alerts"
    label = "alerts"
    verbose_name = "Cảnh báo"

    def ready(self) -> None:
        from haidang.action.alerts.actions import reforms
        from haidang.action.alerts.queries import impact
        from haidang.data.catalogue import api as catalogue
        from haidang.foundation.core import events
        from haidang.foundation.obligations import api as obligations
        from haidang.foundation.org import api as org
        from haidang.foundation.ui import navigation

        org.register_participant("alerts", reforms.alerts())
        events.subscribe("indicators.state_changed", "alerts.note_state_change")
        events.subscribe("ingest.source_late", "alerts.note_late_source")
        events.subscribe("ingest.rows_quarantined", "alerts.note_quarantined_rows")
        events.subscribe("ingest.devices_silent", "alerts.note_silent_devices")
        events.subscribe("ingest.device_stopped", "alerts.note_stopped_device")
        obligations.on_wake("alerts.hold", "alerts.wake")
        catalogue.register_thing("rule", "Quy tắc cảnh báo")
        catalogue.tell_dependants(impact.direct)
        navigation.register(
            label="Cảnh báo",
            url_name="alerts:list",
            icon="bell",
            capability="alerts.view",
            order=30,
        )
