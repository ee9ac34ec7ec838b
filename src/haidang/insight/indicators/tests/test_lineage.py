"""From a figure down to the rows, files, devices and persons it rests on."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone
from django.utils.html import escape

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.actions import computing
from haidang.insight.indicators.queries import lineage
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.localdate() - timedelta(days=1)


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    return built


def load(world: World, dataset: str, rows: list[dict[str, object]]) -> int:
    """Load a file of rows in the columns of a dataset's contract, and have it approved."""
    spec = catalogue.contract(dataset)
    source = f"nguon-{dataset}"
    if not apps.get_model("ingest", "Source").objects.filter(code=source).exists():
        ingest.create_source(
            code=source, title=f"Nguồn {dataset}", kind="file", dataset=dataset,
            supplier_unit_id=world.unit("74"), sector=spec.sector or "", by=SYSTEM,
        )  # fmt: skip
    head = ";".join(field.title for field in spec.fields)
    lines = [";".join(str(row.get(name, "")) for name in spec.names) for row in rows]
    receipt = ingest.load(
        source=source, file="\n".join([head, *lines, ""]).encode(), name=f"{dataset}.csv",
        by=access.EVERYTHING,
    )  # fmt: skip
    assert receipt.accepted == len(rows), receipt
    ingest.approve_run(run=receipt.run_id, by=world.scope("giamdoc.ioc"))
    computing.work(dataset=dataset, now=timezone.now())
    return receipt.run_id


def dossiers(unit: str, solved: int, in_time: int) -> dict[str, object]:
    return {
        "ngay": YESTERDAY, "don_vi": unit, "tiep_nhan": solved, "giai_quyet": solved,
        "dung_han": in_time, "qua_han": 3, "truc_tuyen": solved, "so_hoa": solved,
    }  # fmt: skip


def follow(world: World, code: str, unit: str = "74") -> lineage.Step:
    return lineage.lineage(code, world.unit(unit), access.EVERYTHING)


@pytest.mark.parametrize(
    "code", ["ho-so-dung-han", "ho-so-qua-han", "ho-so-truc-tuyen", "ho-so-so-hoa"]
)
def test_a_figure_of_the_lake_leads_to_the_lines_of_its_files(world, code) -> None:
    first = load(world, "ho-so", [dossiers("25747", 90, 80), dossiers("25942", 20, 20)])
    second = load(world, "ho-so", [dossiers("25741", 10, 5)])

    step = follow(world, code, "718")

    assert [(part.batch, part.rows) for part in step.parts] == [(second, 1), (first, 1)]
    assert {part.origin.file_name for part in step.parts} == {"ho-so.csv"}
    assert all(len(part.origin.sha256) == 64 for part in step.parts)
    found = [lineage.source_rows(step, part, access.EVERYTHING) for part in step.parts]
    places = [dict(zip(dict(one.columns), one.rows[0], strict=True)) for one in found]
    assert [(row["_row"], row["don_vi"]) for row in places] == [(2, "25741"), (2, "25747")]
    parts = {
        "ho-so-dung-han": 100 * sum(row["dung_han"] for row in places) / 100,
        "ho-so-qua-han": sum(row["qua_han"] for row in places),
    }
    assert step.figure.value == parts.get(code, 100)


def test_a_running_sum_leads_to_every_month_of_its_year(world) -> None:
    code, field = "giai-ngan", "giai_ngan"
    year = YESTERDAY.year
    months = [
        {"ky": f"{year}-{month:02}", "don_vi": "718", "ke_hoach": 1, field: month}
        for month in range(1, YESTERDAY.month + 1)
    ]
    run = load(world, "giai-ngan", months)

    step = follow(world, code, "718")

    assert [(part.batch, part.rows) for part in step.parts] == [(run, len(months))]
    found = lineage.source_rows(step, step.parts[0], access.EVERYTHING)
    names = [name for name, _ in found.columns]
    assert step.figure.value == sum(row[names.index(field)] for row in found.rows)


def enterprises(world: World) -> int:
    month = f"{YESTERDAY:%Y-%m}"
    rows = [{"ky": month, "don_vi": "718", "thanh_lap": 50, "giai_the": 40}]
    return load(world, "doanh-nghiep", rows)


def test_a_formula_leads_to_its_inputs_and_their_files(world) -> None:
    run = enterprises(world)

    step = follow(world, _formula(), "718")

    assert [one.definition.code for one in step.inputs] == ["dn-giai-the", "dn-thanh-lap"]
    assert [one.figure.value for one in step.inputs] == [40, 50]
    assert [[part.batch for part in one.parts] for one in step.inputs] == [[run], [run]]
    assert step.figure.value == 0.8


def _formula() -> str:
    from haidang.insight.indicators.models import Indicator

    rows = Indicator.objects.filter(method="formula")
    return next(row.code for row in rows if "dn_giai_the" in row.spec["formula"])


def test_a_typed_value_leads_to_who_typed_and_who_approved(world) -> None:
    clerk, head = world.scope("canbo.phucuong"), world.scope("chutich.phucuong")
    pending = indicators.report_value(
        indicator="tiem-chung", unit_id=world.unit("25747"), period=timezone.now(), value=95,
        by=clerk,
    )  # fmt: skip
    indicators.approve_values([pending], by=head)

    own = follow(world, "tiem-chung", "25747")
    province = follow(world, "tiem-chung")

    assert [(one.id, one.value, one.is_approved) for one in own.typed] == [(pending, 95, True)]
    assert (own.typed[0].typed_by, own.typed[0].decided_by) == (
        world.account("canbo.phucuong").full_name,
        world.account("chutich.phucuong").full_name,
    )
    assert [one.figure.unit_code for one in province.inputs] == ["25747"]
    assert province.inputs[0].typed == own.typed


@pytest.mark.parametrize("metric", ["pm25", "pm10"])
def test_a_figure_of_readings_leads_to_device_and_time(world, metric) -> None:
    import pyarrow as pa

    spec = catalogue.contract("quan-trac")
    warehouse.ensure_table(spec)
    ingest.create_source(
        code="tram", title="Trạm", kind="mqtt", dataset="quan-trac",
        supplier_unit_id=world.unit("74"), sector="moi-truong", by=SYSTEM,
    )  # fmt: skip
    moment = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    rows = [
        {"device": device, "metric": name, "time": moment + timedelta(minutes=minute),
         "value": value, "status": status, "unit": "25747"}
        for device, name, minute, value, status in (
            ("TB-1", metric, 1, 10.0, "measuring"),
            ("TB-1", metric, 2, 30.0, "measuring"),
            ("TB-1", metric, 3, 99.0, "fault"),
            ("TB-1", "khac", 4, 99.0, "measuring"),
        )
    ]  # fmt: skip
    batch = warehouse.next_batch()
    schema = pa.schema(
        [("device", pa.string()), ("metric", pa.string()), ("time", pa.timestamp("us", "UTC")),
         ("value", pa.float64()), ("status", pa.string()), ("unit", pa.string())]
    )  # fmt: skip
    warehouse.commit(
        [warehouse.Batch(batch, "quan-trac", "tram", pa.Table.from_pylist(rows, schema))]
    )
    computing.work(dataset="quan-trac", now=timezone.now())

    step = lineage.lineage(metric, world.unit("25747"), access.EVERYTHING, moment)

    assert [(part.batch, part.rows) for part in step.parts] == [(batch, 2)]
    found = lineage.source_rows(step, step.parts[0], access.EVERYTHING)
    names = [name for name, _ in found.columns]
    readings = [dict(zip(names, row, strict=True)) for row in found.rows]
    assert [(row["device"], row["value"]) for row in readings] == [("TB-1", 30), ("TB-1", 10)]
    assert step.figure.value == 20


def test_who_may_not_see_a_source_learns_only_how_many_rows(world) -> None:
    """A ward's clerk sees the figure of the ward; the province's source is not his."""
    load(world, "ho-so", [dossiers("25747", 90, 80)])
    scope = world.scope("canbo.phucuong")

    step = lineage.lineage("ho-so-dung-han", world.unit("25747"), scope)

    assert [(part.rows, part.origin) for part in step.parts] == [(1, None)]
    assert lineage.source_rows(step, step.parts[0], scope).rows == ()
    with pytest.raises(NotAllowedError):
        lineage.lineage("ho-so-dung-han", world.unit("25942"), scope)
    page = world.client("canbo.phucuong").get("/console/indicators/ho-so-dung-han/25747/lineage/")
    assert "ho-so.csv" not in page.content.decode()


def test_the_page_shows_boxes_and_the_same_as_a_table(world) -> None:
    run = load(world, "ho-so", [dossiers("25747", 90, 80)])
    client = world.client("giamdoc.ioc")

    page = client.get("/console/indicators/ho-so-dung-han/74/lineage/").content.decode()

    assert page.count(f"Lô {run}") >= 3
    assert page.count("ho-so.csv") == 2
    assert f"/runs/{run}/original/" in page
    assert (
        client.get("/console/indicators/ho-so-dung-han/74/lineage/?batch=x&page=y").status_code
        == 200
    )
    route = client.get("/api/v1/figures/ho-so-dung-han/74/lineage").json()
    assert [one["batch"] for one in route["parts"]] == [run]
    assert route["parts"][0]["file_name"] == "ho-so.csv"


def test_the_number_of_questions_does_not_grow_with_the_batches(
    world, django_assert_max_num_queries
) -> None:
    load(world, "ho-so", [dossiers("25747", 90, 80)])
    load(world, "ho-so", [dossiers("25741", 90, 80)])
    load(world, "ho-so", [dossiers("25942", 90, 80)])
    follow(world, "ho-so-dung-han")
    with django_assert_max_num_queries(24):
        assert len(follow(world, "ho-so-dung-han").parts) == 3


def test_a_value_of_a_report_leads_to_the_report(world) -> None:
    row = indicators.ReportedValue("tiem-chung", world.unit("25747"), timezone.now(), 88.0)
    indicators.take_over([row], approved_by=SYSTEM, lineage="report:17")

    found = follow(world, "tiem-chung", "25747").reference

    assert found.url == "/console/reports/versions/17/"


def test_one_click_on_a_figure_s_source_leads_to_its_rows(world) -> None:
    """The badge of every tile, page and export carries the address."""
    load(world, "ho-so", [dossiers("25747", 90, 80)])
    scope, client = world.scope("giamdoc.ioc"), world.client("giamdoc.ioc")
    figure = indicators.figure("ho-so-dung-han", world.unit("718"), scope)

    tile = client.get(figure.url).content.decode()
    page = client.get(figure.lineage_url)

    assert escape(figure.lineage_url) in tile
    shown = page.context["figure"]
    assert (shown.value, shown.period_start) == (figure.value, figure.period_start)
    assert "ho-so.csv" in page.content.decode()
    assert indicators.figure("giai-ngan", world.unit("718"), scope).lineage_url == ""


def test_the_four_words_of_an_indicator_stand_on_its_lineage_down_to_the_rows(world) -> None:
    load(world, "ho-so", [dossiers("25747", 90, 80)])
    wrong = {**dossiers("25747", 1, 1), "tiep_nhan": "nhiều"}
    head = ";".join(field.title for field in catalogue.contract("ho-so").fields)
    line = ";".join(str(wrong.get(name, "")) for name in catalogue.contract("ho-so").names)
    ingest.load(source="nguon-ho-so", file=f"{head}\n{line}\n".encode(), by=access.EVERYTHING)
    client, code = world.client("giamdoc.ioc"), "ho-so-dung-han"

    page = client.get(f"/console/indicators/{code}/25747/lineage/").content.decode()
    link = escape(f"dataset=ho-so&code=not_an_integer&state=open&since={_first()}&unit=25747")
    assert "Đúng, đủ, sạch, sống" in page and "1 dòng sai quy tắc" in page
    assert link in page and "dòng nói về" in page
    desk = client.get(f"/console/sources/quarantine/?{link.replace('&amp;', '&')}")
    assert desk.context["page"].paginator.count == 1
    other = client.get(f"/console/indicators/{code}/25942/lineage/").content.decode()
    assert "Không dòng nào trong số này nói về" in other
    nobody = link.replace("&amp;", "&").replace("25747", "25942")
    none = client.get(f"/console/sources/quarantine/?{nobody}")
    assert none.context["page"].paginator.count == 0

    listed = client.get("/console/sources/quality/?by=indicator").content.decode()
    assert f"/console/indicators/{code}/74/lineage/" in listed
    told = client.get("/api/v1/quality/by/indicator").json()
    assert {one["scores"][0]["value"] for one in told["lines"] if code in one["url"]} == {50.0}


def _first() -> str:
    return f"{timezone.localdate().replace(day=1):%Y-%m-%d}"
