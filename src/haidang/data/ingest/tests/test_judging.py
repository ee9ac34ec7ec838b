"""Quality rules of a dataset: declared, tried, switched on, run over every load, followed."""

from dataclasses import replace

import pytest
from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import QualityRule, QuarantinedRow, RuleOutcome
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import HaidangError, NotAllowedError
from haidang.foundation.core.models import AuditEntry

FIELDS = (
    FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    FieldSpec("thang", "Tháng", "yearmonth", required=True, key=True),
    FieldSpec("so_ho", "Số hộ", "integer"),
    FieldSpec("ngheo", "Hộ nghèo", "integer"),
    FieldSpec("can_ngheo", "Hộ cận nghèo", "integer"),
    FieldSpec("tong", "Tổng", "integer"),
)
HEAD = "Phường, xã;Tháng;Số hộ;Hộ nghèo;Hộ cận nghèo;Tổng\n"


@pytest.fixture
def source(world) -> str:
    for dataset in ("ho-ngheo", "dan-so"):
        catalogue.define(
            dataset=dataset, title=dataset, fields=FIELDS, sector="moi-truong",
            owner_unit_id=world.unit("74.STNMT"), by=SYSTEM,
        )  # fmt: skip
        ingest.create_source(
            code=f"nguon-{dataset}", title=dataset, kind="file", dataset=dataset,
            supplier_unit_id=world.unit("74.STNMT"), sector="moi-truong", by=SYSTEM,
        )  # fmt: skip
    return "nguon-ho-ngheo"


def load(source: str, *rows: str) -> ingest.Receipt:
    text = HEAD + "".join(f"{row}\n" for row in rows)
    receipt = ingest.load(source=source, file=text.encode(), name="thang.csv", by=SYSTEM)
    if receipt.approval == "pending":
        ingest.approve_run(run=receipt.run_id, by=access.EVERYTHING.actor)
    return receipt


def rule(kind: str, severity: str = "block", on: bool = True, **settings: object) -> QualityRule:
    made = ingest.declare_rule(
        dataset="ho-ngheo", title=f"Quy tắc {kind}", kind=kind, settings=settings,
        severity=severity, reason="Thông tư 2", by=SYSTEM,
    )  # fmt: skip
    return ingest.switch_rule(rule=made.pk, on=on, reason="thử xong", by=SYSTEM)


def test_a_blocking_rule_sends_rows_to_wait_with_its_name_and_the_values(source: str) -> None:
    made = rule("compare", left="ngheo", operator="<=", right="so_ho")
    receipt = load(source, "25747;2026-10;100;7;1;8", "25741;2026-10;10;17;1;18")

    assert (receipt.read, receipt.accepted, receipt.quarantined) == (2, 1, 1)
    row = QuarantinedRow.objects.get()
    assert row.first_code == f"rule-{made.pk}" and row.row_no == 3
    assert row.reasons[0]["message"] == (
        "Dòng 3: không đạt quy tắc “Quy tắc compare”: “Hộ nghèo” (17) phải ≤ “Số hộ” (10)."
    )
    outcome = RuleOutcome.objects.get()
    assert (outcome.checked, outcome.failed, outcome.rows) == (2, 1, [3])
    ingest.mend(row=row.pk, values=row.raw | {"ngheo": "7"}, by=SYSTEM)
    done = ingest.replay(rows=[row.pk], by=SYSTEM)
    assert (done.accepted, done.quarantined) == (1, 0), "a mended row is judged again"


def test_a_warning_rule_accepts_and_marks(source: str) -> None:
    rule("sum", "warn", parts=["ngheo", "can_ngheo"], total="tong")
    receipt = load(source, "25747;2026-10;100;7;1;8", "25741;2026-10;10;2;1;5")

    assert (receipt.accepted, receipt.quarantined) == (2, 0)
    outcome = RuleOutcome.objects.get()
    assert (outcome.failed, outcome.rows, outcome.severity) == (1, [3], "warn")


def test_a_rule_that_is_off_costs_and_judges_nothing(source: str) -> None:
    rule("compare", on=False, left="ngheo", operator="<=", right="so_ho")
    assert load(source, "25741;2026-10;10;17;1;18").quarantined == 0
    assert not RuleOutcome.objects.exists()


def test_keys_and_totals_are_held_against_another_dataset(source: str) -> None:
    load("nguon-dan-so", "25747;2026-10;100;;;", "25741;2026-10;40;;;")
    rule("reference", field="xa", dataset="dan-so", to="xa")
    rule("total", "warn", field="so_ho", by=["thang"], dataset="dan-so", total="so_ho", percent=1)
    first = load(source, "25747;2026-10;100;;;", "25741;2026-10;40;;;")
    assert (first.accepted, first.quarantined) == (2, 0)
    assert [one.failed for one in RuleOutcome.objects.order_by("rule")] == [0, 0]
    second = load(source, "25747;2026-10;90;;;", "25942;2026-10;1;;;")
    assert (second.accepted, second.quarantined) == (1, 1)
    found = RuleOutcome.objects.filter(run=second.run_id).order_by("rule")
    assert [one.failed for one in found] == [1, 2]


def test_rows_that_nobody_approved_are_no_reference(source: str) -> None:
    text = HEAD + "25747;2026-10;100;;;\n"
    ingest.load(source="nguon-dan-so", file=text.encode(), name="a.csv", by=SYSTEM)
    rule("reference", field="xa", dataset="dan-so", to="xa")
    assert load(source, "25747;2026-10;100;;;").quarantined == 1


def test_a_jump_is_held_against_the_lake_and_the_file_itself(source: str) -> None:
    rule("jump", field="so_ho", last=6, times=5, percent=20)
    months = [f"25747;2026-0{month};{100 + month % 2};;;" for month in range(1, 7)]
    assert load(source, *months).quarantined == 0, "too little is known at first"
    receipt = load(source, "25747;2026-07;102;;;", "25747;2026-08;900;;;", "25741;2026-08;900;;;")
    assert (receipt.accepted, receipt.quarantined) == (2, 1)
    assert "lệch xa trung vị" in QuarantinedRow.objects.get().reasons[0]["message"]


def test_a_rule_that_no_longer_fits_the_contract_blocks_nothing_and_says_so(source: str) -> None:
    made = rule("compare", left="ngheo", operator="<=", right="so_ho")
    QualityRule.objects.filter(pk=made.pk).update(settings={"left": "mat", "right": "so_ho"})
    assert load(source, "25741;2026-10;10;17;1;18").accepted == 1
    assert "mat" in RuleOutcome.objects.get().fault


def test_trying_shows_what_would_have_failed_and_keeps_nothing(source: str) -> None:
    receipt = load(source, "25747;2026-10;100;7;1;8", "25741;2026-10;10;17;1;18")
    made = rule("compare", on=False, left="ngheo", operator="<=", right="so_ho")
    tried = ingest.try_rule(rule=made, scope=access.EVERYTHING)
    assert (tried.checked, tried.failed) == (2, 1)
    assert tried.rows[0][:2] == (receipt.run_id, 3) and "(17) phải ≤" in tried.rows[0][2]
    assert not RuleOutcome.objects.exists()


def test_who_may_declare_and_that_it_is_audited(source: str, world) -> None:
    said = {"left": "ngheo", "operator": "<=", "right": "so_ho"}
    told = {"dataset": "ho-ngheo", "title": "T", "kind": "compare", "severity": "warn"}
    with pytest.raises(NotAllowedError):
        ingest.declare_rule(settings=said, reason="x", by=world.scope("truc1"), **told)
    with pytest.raises(HaidangError):
        ingest.declare_rule(settings=said, reason=" ", by=SYSTEM, **told)
    steward = world.scope("thongke.stnmt")
    hidden = {"field": "xa", "dataset": "khong-co", "to": "xa"}
    with pytest.raises(catalogue.UnknownDatasetError):
        ingest.declare_rule(settings=hidden, reason="x", by=steward, **told | {"kind": "reference"})
    made = ingest.declare_rule(settings=said, reason="Thông tư 2", by=steward, **told)
    assert AuditEntry.objects.get(action="ingest.rule_declared").reason == "Thông tư 2"
    assert not made.is_active


def _closed(dataset: str, **classes: str) -> None:
    """Have fields of a dataset hold personal data of a class."""
    fields = [replace(one, personal_data=classes.get(one.name, "")) for one in FIELDS]
    catalogue.revise(dataset=dataset, fields=fields, reason="x", by=SYSTEM)


def test_a_rule_is_no_oracle_for_another_dataset_s_personal_field(source: str, world) -> None:
    load("nguon-dan-so", "25747;2026-10;100;;;")
    load(source, "25747;2026-10;90;;;")
    _closed("dan-so", so_ho="health")
    world.grant("quantri", "operator", "74")
    blind, told = world.scope("quantri"), {"severity": "warn", "reason": "thử", "title": "T"}
    asked = {
        "reference": {"field": "so_ho", "dataset": "dan-so", "to": "so_ho"},
        "total": {"field": "so_ho", "by": ["thang"], "dataset": "dan-so", "total": "so_ho"},
    }
    for kind, said in asked.items():
        with pytest.raises(HaidangError, match="dữ liệu cá nhân"):
            ingest.declare_rule(dataset="ho-ngheo", kind=kind, settings=said, by=blind, **told)
        made = rule(kind, on=False, **said)
        for act in (
            lambda made=made: ingest.try_rule(rule=made, scope=blind),
            lambda made=made: ingest.switch_rule(rule=made.pk, on=True, reason="x", by=blind),
        ):
            with pytest.raises(HaidangError, match="dữ liệu cá nhân"):
                act()
        steward = world.scope("thongke.stnmt")
        ingest.declare_rule(dataset="ho-ngheo", kind=kind, settings=said, by=steward, **told)
        assert ingest.try_rule(rule=made, scope=steward).failed == 1
        ingest.switch_rule(rule=made.pk, on=True, reason="x", by=steward)
    load(source, "25747;2026-11;90;;;")
    reasons = str(QuarantinedRow.objects.get().reasons)
    assert "không đạt quy tắc" in reasons and "90" not in reasons and "100" not in reasons


@pytest.mark.parametrize("kind", ["compare", "sum", "jump", "total"])
def test_trying_a_rule_on_a_personal_number_says_that_it_is_closed(source, world, kind) -> None:
    load(source, "25747;2026-10;100;7;1;8", "25741;2026-10;10;17;1;18")
    _closed("ho-ngheo", ngheo="health", so_ho="other", tong="birth")
    said = {
        "compare": {"left": "ngheo", "operator": "<=", "right": "so_ho"},
        "sum": {"parts": ["ngheo", "can_ngheo"], "total": "tong"},
        "jump": {"field": "ngheo", "last": 6, "times": 5, "percent": 20},
        "total": {"field": "tong", "by": ["thang"], "dataset": "dan-so", "total": "so_ho"},
    }
    made = rule(kind, on=False, **said[kind])
    route = f"/api/v1/datasets/ho-ngheo/rules/{made.pk}/try"
    answer = world.client("quantri").post(route)
    assert answer.status_code == 422 and "dữ liệu cá nhân" in str(answer.json())
    page = world.client("quantri").post(
        reverse("ingest:rule", args=["ho-ngheo", made.pk]), {"do": "try"}
    )
    assert page.status_code == 422 and "dữ liệu cá nhân" in page.content.decode()
    assert world.client("thongke.stnmt").post(route).status_code == 200


def test_pages_declare_try_switch_and_show_the_trend(source: str, world) -> None:
    steward, operator = world.client("thongke.stnmt"), world.client("truc1")
    new = reverse("ingest:rule-new", args=["ho-ngheo"])
    assert operator.get(new).status_code == 403
    assert "Hộ nghèo" in steward.get(f"{new}?kind=compare").content.decode()
    load(source, "25741;2026-10;10;17;1;18")
    said = {
        "title": "Nghèo không quá số hộ", "severity": "block", "left": "ngheo", "operator": "<=",
        "right": "so_ho", "reason": "Thông tư 2",
    }  # fmt: skip
    page = steward.post(f"{new}?kind=compare", said)
    made = QualityRule.objects.get()
    address = reverse("ingest:rule", args=["ho-ngheo", made.pk])
    assert page["Location"] == address
    tried = steward.post(address, {"do": "try"}).content.decode()
    assert "1/1" in tried and "(17) phải ≤" in tried
    assert operator.post(address, {"do": "on", "reason": "x"}).status_code == 403
    assert steward.post(address, {"do": "on", "reason": "Đã thử"}).status_code == 302
    run = load(source, "25747;2026-11;10;17;1;18").run_id
    shown = operator.get(address).content.decode()
    assert f"/console/sources/runs/{run}/" in shown and f"code=rule-{made.pk}" in shown
    listed = operator.get(reverse("ingest:rules", args=["ho-ngheo"])).content.decode()
    assert "Nghèo không quá số hộ" in listed
    assert "ho-ngheo" in operator.get(reverse("ingest:rule-datasets")).content.decode()
    for path in (address, new, reverse("ingest:rules", args=["ho-ngheo"])):
        assert world.client("nguoila").get(path).status_code == 403


@pytest.mark.parametrize("kind", ["sum", "codes", "reference", "total", "jump"])
def test_every_kind_has_its_form(source: str, world, kind: str) -> None:
    new = reverse("ingest:rule-new", args=["ho-ngheo"])
    page = world.client("thongke.stnmt").get(f"{new}?kind={kind}&other=dan-so")
    assert page.status_code == 200 and 'name="severity"' in page.content.decode()


def test_the_routes_do_the_same(source: str, world) -> None:
    steward = world.client("thongke.stnmt")
    load(source, "25741;2026-10;10;17;1;18")
    body = {
        "title": "T", "kind": "compare", "severity": "warn", "reason": "x",
        "settings": {"left": "ngheo", "operator": "<=", "right": "so_ho"},
    }  # fmt: skip
    sent = {"content_type": "application/json"}
    made = steward.post("/api/v1/datasets/ho-ngheo/rules", data=body, **sent)
    assert made.status_code == 201
    route = f"/api/v1/datasets/ho-ngheo/rules/{made.json()['id']}"
    assert steward.post(f"{route}/try").json()["failed"] == 1
    switch = {"on": True, "reason": "x"}
    assert world.client("truc1").post(f"{route}/switch", data=switch, **sent).status_code == 403
    assert steward.post(f"{route}/switch", data=switch, **sent).json()["is_active"]
    load(source, "25747;2026-11;10;17;1;18")
    assert [one["failed"] for one in steward.get(f"{route}/outcomes").json()] == [1]
    assert len(steward.get("/api/v1/datasets/ho-ngheo/rules").json()) == 1
