from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import StringConverter

from haidang.insight.indicators.views import approvals, entry, figure, lineage, listing


class KindConverter(StringConverter):
    """What may be proposed."""

    regex = "threshold|target"


register_converter(KindConverter, "proposal_kind")

app_name = "indicators"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", listing.index, name="list"),
    path("approvals/", approvals.queue, name="approvals"),
    path("approvals/values/", approvals.decide_values, name="decide_values"),
    path("approvals/proposals/<int:id>/", approvals.decide_proposal, name="decide_proposal"),
    path("<slug:code>/<str:unit>/", figure.show, name="figure"),
    path("<slug:code>/<str:unit>/lineage/", lineage.show, name="lineage"),
    path("<slug:code>/<str:unit>/revisions/", figure.revisions, name="revisions"),
    path("<slug:code>/<str:unit>/report/", entry.report, name="report"),
    path("<slug:code>/<str:unit>/propose/<proposal_kind:kind>/", entry.propose, name="propose"),
]
