"""A clerk of one ward walks through every page and route and meets nothing of another ward.

Every kind of object of the other ward carries a mark that stands nowhere else. So that the walk
proves something, the other ward's own clerk walks too, and must meet every mark.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from haidang.action.alerts import api as alerts
from haidang.action.operations import api as operations
from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import connections
from haidang.data.ingest.rules import pulling
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import last
from haidang.delivery.reporting import api as reporting
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations import api as obligations
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from tests.repository.test_entrances import GUARDED, ROUTES, SAMPLES, SIGNED_IN
from tests.world import World, build_world

OURS, THEIRS = "25747", "25942"
_SIGN_IN = {route for route in SIGNED_IN if route.startswith("accounts/") and route != "accounts/"}
CLERKS = {OURS: "canbo.phucuong", THEIRS: "canbo.dian"}
# Everything that can be read, within the ward alone.
ROLES = ("commune_head", "auditor", "data_steward", "administrator", "centre_director")
DATASET, INDICATOR = "ca-benh", "tiem-chung"
FIELDS = (
    catalogue.FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    catalogue.FieldSpec("ngay", "Ngày", "date", required=True, key=True),
    catalogue.FieldSpec("so_ca", "Số ca", "integer", required=True),
    catalogue.FieldSpec("ghi_chu", "Ghi chú"),
)
KINDS = (
    "source", "file", "row", "waiting", "device", "ticket", "evidence", "alert", "obligation",
    "message", "report", "officer", "account", "typed", "reading",
    "connection", "camera", "viewer",
)  # fmt: skip

# Folders of addresses in which a code can only be that of one kind of object.
OWN_CODES = {"devices/": "tb", "cameras/": "cam"}


def mark(kind: str, unit: str) -> str:
    return f"zz{kind}{unit}zz"


@dataclass(frozen=True)
class Planted:
    """What one ward has: ids for every place in an address that takes one."""

    ids: frozenset[int]
    words: tuple[str, ...]
    figure: str


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    indicators.install_starter()
    operations.install_starter(by=SYSTEM, now=timezone.now())
    catalogue.define(dataset=DATASET, title="Ca bệnh", fields=FIELDS, sector="y-te", by=SYSTEM)
    catalogue.define(dataset="thu-quan-trac", title="Quan trắc", kind="readings", by=SYSTEM)
    reporting.create_regime(reporting.MONTHLY, by=access.EVERYTHING)
    _assign_reports(built)
    for unit, clerk in CLERKS.items():
        for role in ROLES:
            access.grant(account=built.accounts[clerk], role=role, unit=built.unit(unit), by=SYSTEM)
    return built


def _assign_reports(world: World) -> None:
    now = timezone.now()
    key = f"{now:%Y-%m}"
    by = world.scope("giamdoc.ioc")
    reporting.assign(regime=reporting.MONTHLY.code, period_key=key, by=by, now=now)


def plant(world: World, unit: str) -> Planted:
    """Give a ward one object of every kind, each with its mark."""
    where, clerk, now = world.unit(unit), CLERKS[unit], timezone.now()
    figure = {OURS: "61.37", THEIRS: "83.59"}[unit]
    person = access.EVERYTHING
    ids = [
        *_intake(world, unit, where),
        *_operations(world, unit, where, now),
        obligations.owe(
            kind="reporting.report", debtor_unit_id=where, creditor_unit_id=where,
            due_at=now + dt.timedelta(days=3), ref=f"thu:{unit}", title=mark("obligation", unit),
        ),
        *notifications.send(to=[world.accounts[clerk]], kind="thu", title=mark("message", unit)),
        *_report(world, unit),
        _person(world, unit, where),
        indicators.report_value(
            indicator=INDICATOR, unit_id=where, period=now, value=12, note=mark("typed", unit),
            by=world.scope(clerk),
        ),
    ]  # fmt: skip
    value = indicators.ReportedValue(INDICATOR, where, now, float(figure))
    indicators.take_over([value], approved_by=person.actor, lineage="report:1")
    return Planted(
        frozenset(ids), (unit, DATASET, "thu-quan-trac", f"nguon-{unit}", INDICATOR), figure
    )


def _intake(world: World, unit: str, where: int) -> list[int]:
    code = f"nguon-{unit}"
    ingest.create_source(
        code=code, title=mark("source", unit), kind="file", dataset=DATASET,
        supplier_unit_id=where, sector="y-te", by=SYSTEM,
    )  # fmt: skip
    ingest.register_device(
        code=f"tb-{unit}", source=code, unit_id=where, title=mark("device", unit), by=SYSTEM
    )
    ingest.register_camera(
        code=f"cam-{unit}", owner_id=where, unit_id=where, title=mark("camera", unit),
        place="Ngã tư", purpose="Giao thông", legal_basis="Quyết định 1", viewers="Trực ban",
        retention_days=30, reason="Thử", by=access.EVERYTHING,
    )  # fmt: skip
    ingest.log_camera_access(
        camera=f"cam-{unit}", kind="live", at=timezone.now(), who=mark("viewer", unit),
        purpose="Kiểm tra", by=access.EVERYTHING, now=timezone.now(),
    )  # fmt: skip
    fetched = connections.create_connection(
        source=code, kind="folder", title=mark("connection", unit), settings={"path": "/srv"},
        schedule=pulling.Schedule(), by=SYSTEM,
    )  # fmt: skip
    rows = f"{unit};2026-11-20;7;{mark('row', unit)}\n{unit};2026-11-21;x;{mark('waiting', unit)}\n"
    receipt = ingest.load(
        source=code, file=("Phường, xã;Ngày;Số ca;Ghi chú\n" + rows).encode(),
        name=f"{mark('file', unit)}.csv", by=world.scope(CLERKS[unit]),
    )  # fmt: skip
    assert (receipt.accepted, receipt.quarantined) == (1, 1)
    _reading(unit, mark("reading", unit))
    waiting = apps.get_model("ingest", "QuarantinedRow").objects.get(run=receipt.run_id)
    return [receipt.run_id, waiting.pk, fetched.id]


def _reading(unit: str, device: str) -> None:
    spec = catalogue.contract("thu-quan-trac")
    warehouse.ensure_table(spec)
    moment = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    columns: dict[str, Any] = {
        "device": [device], "metric": ["pm25"],
        "time": pa.array([moment], pa.timestamp("us", "UTC")),
        "value": [1.0], "status": ["measuring"], "unit": [unit],
    }  # fmt: skip
    batch = warehouse.Batch(warehouse.next_batch(), "thu-quan-trac", "thu", pa.table(columns))
    warehouse.commit([batch])
    last.refresh("thu-quan-trac")


def _operations(world: World, unit: str, where: int, now: dt.datetime) -> list[int]:
    version = alerts.define_rule(
        code=f"thu-{unit}", kind="state_change", name="Thử", raises={"critical"},
        clears={"normal"}, severity=4, owner_id=where, reason="Thử", by=access.EVERYTHING, now=now,
    )  # fmt: skip
    alert = apps.get_model("alerts", "Alert").objects.create(
        year=2026, serial=int(unit), version=version, dedup_key=f"state:muc-nuoc:{unit}",
        subject="muc-nuoc", subject_name="Mực nước", unit_id=where, sector_id="thuy-van",
        owner_id=where, severity=4, cause="hazard", explanation=mark("alert", unit),
        first_seen_at=now, last_seen_at=now,
    )  # fmt: skip
    ticket = operations.open_ticket(
        kind="flood", title=mark("ticket", unit), severity=3, unit_id=where, lead_unit_id=where,
        authority="de_nghi_phoi_hop", sector="thuy-van", by=access.EVERYTHING, now=now,
    )  # fmt: skip
    evidence = operations.add_evidence(
        ticket=ticket, kind="document", content=f"%PDF-1.4 {mark('evidence', unit)}".encode(),
        name="x.pdf", by=access.EVERYTHING, now=now,
    )  # fmt: skip
    return [alert.pk, ticket, evidence]


def _report(world: World, unit: str) -> list[int]:
    Assignment = apps.get_model("reporting", "Assignment")
    row = Assignment.objects.get(unit=world.unit(unit))
    row.draft = {
        "values": {}, "sources": {}, "confirmed": [], "file": "",
        "notes": {"so-ho": mark("report", unit)},
    }  # fmt: skip
    row.save()
    sent = apps.get_model("reporting", "Submission").objects.create(
        assignment=row, number=1, values={"so-ho": "1"}, notes={"so-ho": mark("report", unit)},
        submitted_at=timezone.now(), submitted_by_id=world.accounts[CLERKS[unit]],
    )  # fmt: skip
    return [row.pk, sent.pk]


def _person(world: World, unit: str, where: int) -> int:
    officer = org.create_officer(
        unit=where, name=mark("officer", unit), title=f"Chức vụ {unit}", by=SYSTEM, phone="0900"
    )
    return access.create_account(
        username=f"nguoi.{unit}", full_name=mark("account", unit), officer_id=officer.id, by=SYSTEM
    ).id


def _addresses(found: Planted) -> Iterator[str]:
    """Every address that can be read, with every id and code of the ward in its places."""
    pages = [*GUARDED, *(route for route in SIGNED_IN if route not in _SIGN_IN)]
    routes = [
        f"api/v1{path}".replace("{", "<").replace("}", ">")
        for method, path in ROUTES
        if method == "GET"
    ]
    for route in sorted({*pages, *routes}):
        parts = route.replace("<", "\0<").replace(">", ">\0").split("\0")
        choices = [
            _choices(part, found, parts[at - 1]) if part.startswith("<") else [part]
            for at, part in enumerate(parts)
        ]
        yield from ("/" + "".join(one) for one in itertools.product(*choices))


def _choices(part: str, found: Planted, before: str) -> list[str]:
    for folder, prefix in OWN_CODES.items():
        if before.endswith(folder):
            return [f"{prefix}-{found.words[0]}"]
    kind, _, name = part.strip("<>").rpartition(":")
    if kind == "int" or name == "id" or name.endswith("_id"):
        return [str(one) for one in sorted(found.ids)]
    if kind in ("", "str", "slug"):
        return [one for one in found.words if kind != "slug" or "." not in one] + (
            ["alerts", "tickets", "owing", "rankings", "map", "sentence"] if name == "kind" else []
        )
    return [SAMPLES.get(kind) or "threshold"]


def walk(client: Client, found: Planted) -> Iterator[tuple[str, str]]:
    """Yield every address that was asked, and what the answer held."""
    for address in _addresses(found):
        for query in _queries(address, found.words[0]):
            answer = client.get(f"{address}?{query}")
            assert answer.status_code < 500, (address, query)
            body = b"".join(answer) if answer.streaming else answer.content
            yield f"{address}?{query} ({answer.status_code})", body.decode("utf-8", "replace")


def _queries(address: str, unit: str) -> list[str]:
    """Ask for the other ward by name where an address can be narrowed or widened."""
    if address.endswith("/aggregates"):
        column = "device" if "quan-trac" in address else "ghi_chu"
        return [f"measures=count:*,max:{column}"]
    if any(part.isdigit() and part != unit for part in address.split("/")):
        return ["unapproved=1"]
    return ["unapproved=1", f"unit={unit}&side=all&state=any", f"unit={unit}&state=&format=csv"]


def test_a_clerk_meets_nothing_of_another_ward(world: World) -> None:
    planted = {unit: plant(world, unit) for unit in CLERKS}
    theirs = [*(mark(kind, THEIRS) for kind in KINDS)]
    numbers = [planted[THEIRS].figure, "83,6"]

    codes = [f"nguon-{THEIRS}", f"tb-{THEIRS}"]
    met: set[str] = set()
    for _, body in walk(world.client(CLERKS[THEIRS]), planted[THEIRS]):
        met |= {one for one in [*theirs, *numbers, *codes] if one in body}
    assert met == {*theirs, *numbers, *codes}, (
        "these marks are shown nowhere: the walk proves nothing"
    )

    leaks = [
        (address, one)
        for where in (planted[THEIRS], planted[OURS])
        for address, body in walk(world.client(CLERKS[OURS]), where)
        for one in [*theirs, *numbers, *codes]
        if one in body and one not in address
    ]
    assert leaks == []
