"""What depends on a thing, told by every domain above it."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from haidang.action.alerts import api as alerts
from haidang.data.catalogue import api as catalogue
from haidang.delivery.dashboards import api as dashboards
from haidang.delivery.reporting import api as reporting
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core.audit import SYSTEM
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.models import Indicator
from tests.world import build_world


def kinds(found: catalogue.Impact) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    for one in found.found:
        told.setdefault(one.kind, set()).add(one.title)
    return told


def test_indicators_rules_boards_and_reports_are_told(db: None) -> None:

    world = build_world()
    indicators.install_starter()
    alerts.install_starter(by=EVERYTHING, now=timezone.now())
    dashboards.install_starter(by=SYSTEM)
    reporting.create_regime(reporting.MONTHLY, by=EVERYTHING)
    live = Indicator.objects.filter(method="live").first()
    assert live is not None
    dataset = live.spec["dataset"]
    told = kinds(catalogue.impact("dataset", dataset, EVERYTHING))
    assert live.name in told["indicator"] and told["threshold"]
    everything: dict[str, set[str]] = {}
    for code in Indicator.objects.values_list("code", flat=True):
        for kind, titles in kinds(catalogue.impact("indicator", code, EVERYTHING)).items():
            everything.setdefault(kind, set()).update(titles)
    assert everything["indicator"], "formulas rest on indicators"
    assert everything["report"] and everything["board"]
    page = world.client("giamdoc.ioc").get(f"/console/datasets/impact/indicator/{live.code}/")
    assert page.status_code == 200 and "Ngưỡng" in page.content.decode()
    answer = world.client("giamdoc.ioc").get(f"/api/v1/impact/dataset/{dataset}").json()
    assert live.name in {one["title"] for one in answer["items"]}
    assert world.client("nguoila").get(f"/api/v1/impact/dataset/{dataset}").status_code == 403


def test_many_indicators_cost_as_many_statements_as_one(db: None) -> None:
    build_world()
    indicators.install_starter()
    alerts.install_starter(by=EVERYTHING, now=timezone.now())
    dashboards.install_starter(by=SYSTEM)
    model = Indicator.objects.filter(method="live").first()
    assert model is not None
    before = _statements(model.spec["dataset"])
    for number in range(40):
        Indicator.objects.create(
            **{
                field.attname: getattr(model, field.attname)
                for field in Indicator._meta.concrete_fields
                if field.name not in {"id", "code", "name"}
            },
            code=f"{model.code}-{number}",
            name=f"{model.name} {number}",
        )
    after = _statements(model.spec["dataset"])
    assert after == before < 40


def _statements(dataset: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        found = catalogue.impact("dataset", dataset, EVERYTHING)
    assert found.found
    # Inside a test's transaction the register of units is looked at anew each time.
    return sum("org_registerstamp" not in query["sql"] for query in asked.captured_queries)
