from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "haidang.insight.indicators"
    label = "indicators"
    verbose_name = "Chỉ tiêu"

    def ready(self) -> None:
        from haidang.data.catalogue import api as catalogue
        from haidang.data.ingest import api as ingest
        from haidang.foundation.core import events
        from haidang.foundation.obligations import api as obligations
        from haidang.foundation.org import api as org
        from haidang.foundation.ui import navigation
        from haidang.insight.indicators.actions.reforms import Figures
        from haidang.insight.indicators.queries import impact, quality

        events.subscribe("warehouse.landed", "indicators.note_landed")
        events.subscribe("ingest.run_approved", "indicators.note_decided")
        events.subscribe("ingest.run_rejected", "indicators.note_decided")
        events.subscribe("org.map_changed", "indicators.restate")
        org.register_participant("indicators", Figures())
        ingest.register_evaluator(
            "indicators", "haidang.insight.indicators.evaluators.LiveEvaluator"
        )
        obligations.on_wake("indicators.stale", "indicators.grow_old")
        catalogue.register_thing("indicator", "Chỉ tiêu", impact.find)
        catalogue.register_thing("threshold", "Ngưỡng")
        catalogue.tell_dependants(impact.direct)
        ingest.register_quality(ingest.QualityKind("indicator", "Chỉ tiêu", quality.things))
        navigation.register(
            label="Chỉ tiêu",
            url_name="indicators:list",
            icon="chart-line",
            capability="indicators.view",
            order=20,
        )
