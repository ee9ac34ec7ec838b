"""Personal data is masked at every exit, and every clear look at it is noted."""

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.protection.models import Look
from haidang.data.warehouse.engine import instances
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from tests.integration.test_removal import (  # noqa: F401  fixtures
    HEAD,
    OTHER,
    PEOPLE,
    PURPOSE,
    WAITS,
    ZUNG,
    _no_ledger,
    ask,
    load,
    people,
    remove,
    world,
)
from tests.world import World


def test_every_exit_masks_and_every_clear_look_is_noted(people: World) -> None:  # noqa: F811  the fixture
    receipt = load(HEAD + ZUNG + OTHER + WAITS)
    ingest.approve_run(run=receipt.run_id, by=people.scope("giamdoc.stnmt"))
    row = QuarantinedRow.objects.get()
    exits = {
        "/console/datasets/ho-so/rows/": "rows",
        "/console/datasets/ho-so/rows/export.csv": "export",
        "/api/v1/datasets/ho-so/records": "api",
        "/console/sources/quarantine/": "quarantine",
        "/console/sources/quarantine/?format=csv": "quarantine",
        "/console/sources/quarantine/correct/rows/?dataset=ho-so&format=csv": "export",
        f"/console/sources/quarantine/{row.pk}/": "quarantine",
        f"/api/v1/runs/{receipt.run_id}/quarantine": "api",
        f"/console/sources/runs/{receipt.run_id}/original/": "original",
    }
    closed = [*exits, f"/console/sources/runs/{receipt.run_id}/",
              f"/console/datasets/ho-so/batches/{receipt.run_id}/",
              "/api/v1/datasets/ho-so/aggregates?measures=count:*",
              "/console/datasets/ho-so/", "/api/v1/runs"]  # fmt: skip

    def text(who: str, address: str) -> str:
        answer = people.client(who).get(address)
        return b"".join(answer).decode()  # type: ignore[arg-type]

    for who in ("giamdoc.ioc", "thongke.stnmt"):
        for address in closed:
            shown = text(who, address)
            assert not any(word in shown for word in ("074099000111", "sốt zz")), (who, address)
    for column in ("cccd", "benh"):
        probing = f"/api/v1/datasets/ho-so/records?{column}__contains=0&count=1"
        assert people.client("giamdoc.ioc").get(probing).status_code == 422
    # The steward sees names without a purpose: these looks are noted too.
    assert set(Look.objects.values_list("label", flat=True)) == {"Võ Ngọc Ánh"}
    Look.objects.all().delete()

    for address, way in exits.items():
        joined = "&" if "?" in address else "?"
        assert "074099000111" in text("thongke.stnmt", f"{address}{joined}{PURPOSE}"), address
        look = Look.objects.get()
        assert (look.label, look.dataset, look.way) == ("Võ Ngọc Ánh", "ho-so", way), address
        assert "cccd" in look.columns and look.rows and look.purpose == "Giải quyết đơn số 12"
        Look.objects.all().delete()


def test_the_officer_reads_filters_and_takes_away_who_looked(people: World) -> None:  # noqa: F811  the fixture
    load(HEAD + ZUNG)
    people.client("thongke.stnmt").get(f"/console/datasets/ho-so/rows/?unapproved=1&{PURPOSE}")
    officer = people.client("truongca")
    for address in ("?who=Ánh", "?format=csv&sort=-rows"):
        answer = officer.get(f"/console/protection/looks/{address}")
        shown = b"".join(answer).decode()  # type: ignore[arg-type]
        assert "Võ Ngọc Ánh" in shown and "Giải quyết đơn số 12" in shown
    told = officer.get("/api/v1/personal-data/looks?dataset=ho-so").json()
    assert [(one["who"], one["rows"]) for one in told["items"]] == [("Võ Ngọc Ánh", 1)]
    assert "Giải quyết" not in officer.get("/console/protection/looks/?who=Bảo").content.decode()
    assert people.client("truc1").get("/console/protection/looks/").status_code == 403


def test_who_mends_a_row_neither_reads_nor_loses_what_is_masked(people: World) -> None:  # noqa: F811  the fixture
    load(HEAD + f"H3;Trần Zũng;{'074099000111' * 400};99999;=sốt zz\n")
    row, steward = QuarantinedRow.objects.get(), people.client("thongke.stnmt")
    form, page = {"ma_ho": "H3", "xa": "25747"}, f"/console/sources/quarantine/{row.pk}/"
    said = steward.post(page, form | {"ten": "Trần Zũng"}).content.decode()
    assert "được che" in said and "074099000111" not in said and "sốt zz" not in said
    QuarantinedRow.objects.update(raw=row.raw | {"cccd": "074099000111", "benh": "sốt zz"})
    seen = steward.get(f"/api/v1/runs/{row.run_id}/quarantine").json()["rows"][0]["raw"]
    address, given = f"/api/v1/quarantine/{row.pk}", {"values": seen | {"xa": "25747"}}
    assert steward.patch(address, given, "application/json").json()["raw"] == given["values"]
    row.refresh_from_db()
    ingest.mend(row=row.pk, values=row.mended | {"benh": "đã khỏi"}, by=SYSTEM)
    noted = AuditEntry.objects.filter(action="ingest.row_mended").latest("pk")
    assert noted.changes == {"benh": ["•••", "•••"]} and row.mended
    assert (row.mended["cccd"], row.mended["benh"]) == ("074099000111", "sốt zz")


def test_fields_are_classed_on_a_page_and_then_masked(people: World) -> None:  # noqa: F811  the fixture
    load(HEAD + OTHER)
    steward = people.client("thongke.stnmt")
    given = {f"field-{one.name}": one.personal_data for one in PEOPLE} | {"field-xa": "address"}
    steward.post("/console/protection/fields/ho-so/", given)

    assert catalogue.personal_classes("ho-so")["xa"] == "address"
    shown = people.client("giamdoc.ioc").get("/api/v1/datasets/ho-so/records?unapproved=1").json()
    assert shown["items"][0]["xa"] == "•••"
    assert instances.is_open()
