"""What the pages do, done by other programs: values, proposals and their decisions."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.models import PendingValue, Proposal, Target
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
API = "/api/v1"
TYPIST, APPROVER, DEFINER, DECIDER = "canbo.phucuong", "chutich.phucuong", "quantri", "giamdoc.ioc"


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    return built


def _post(world: World, who: str, path: str, **body: Any) -> Any:
    return world.client(who).post(f"{API}{path}", json.dumps(body), content_type="application/json")


def _value(**changes: Any) -> dict[str, Any]:
    day = timezone.localdate().replace(day=1) - timedelta(days=3)
    return {"unit": "25747", "period": day.isoformat(), "value": 97.5} | changes


def _threshold(**changes: Any) -> dict[str, Any]:
    return {
        "unit": "74", "start": timezone.localdate().isoformat(), "watch": 95, "critical": 92,
        "reason": "Chỉ tiêu năm mới",
    } | changes  # fmt: skip


VALUES, THRESHOLDS = "/indicators/tiem-chung/values", "/indicators/tiem-chung/thresholds"


def test_a_value_is_reported_and_approved(world) -> None:
    made = _post(world, TYPIST, VALUES, **_value())
    assert made.status_code == 201
    path = f"/indicator-values/{made.json()['id']}/decision"
    [waits] = world.client(APPROVER).get(f"{API}/indicator-values").json()["items"]
    assert (waits["value"], waits["can_decide"]) == (97.5, True)

    assert _post(world, TYPIST, path, accept=True).status_code == 403
    assert _post(world, "canbo.dian", path, accept=True).status_code == 403
    assert _post(world, APPROVER, path, accept=True).status_code == 204
    again = _post(world, APPROVER, path, accept=True)
    assert again.status_code == 422
    assert again["Content-Type"].startswith("application/problem+json")
    figure = indicators.figure("tiem-chung", world.unit("25747"), access.EVERYTHING)
    assert figure.value == 97.5


def test_a_value_is_returned_with_its_reason_alone(world) -> None:
    made = _post(world, TYPIST, VALUES, **_value()).json()["id"]
    path = f"/indicator-values/{made}/decision"
    assert _post(world, APPROVER, path, accept=False, note=" ").status_code == 422
    assert _post(world, APPROVER, path, accept=False, note="Sai đơn vị tính").status_code == 204
    assert PendingValue.objects.get().is_approved is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "NaN"}, {"value": None}, {"period": "0001-01-01"}, {"period": "2999-01-01"},
        {"status": "x"},
    ],
)  # fmt: skip
def test_nonsense_is_refused_as_a_problem(world, wrong) -> None:
    answer = _post(world, TYPIST, VALUES, **_value(**wrong))
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")


def test_nobody_reports_or_proposes_elsewhere(world) -> None:
    assert _post(world, "canbo.dian", VALUES, **_value()).status_code == 403
    assert _post(world, "nguoila", VALUES, **_value()).status_code == 403
    assert _post(world, TYPIST, THRESHOLDS, **_threshold()).status_code == 403
    assert not PendingValue.objects.exists()
    assert not Proposal.objects.exists()


def test_a_threshold_is_proposed_decided_and_listed(world) -> None:
    made = _post(world, DEFINER, THRESHOLDS, **_threshold(everywhere=True))
    assert made.status_code == 201
    path = f"/indicator-proposals/{made.json()['id']}/decision"
    waits = world.client(DECIDER).get(f"{API}/indicator-proposals").json()
    assert (waits["total"], waits["items"][0]["can_decide"]) == (1, True)

    assert _post(world, DEFINER, path, accept=True).status_code == 403
    assert _post(world, DECIDER, path, accept=False).status_code == 422
    assert _post(world, DECIDER, path, accept=False, note="Chưa đủ căn cứ").status_code == 204
    [said] = world.client(DECIDER).get(f"{API}/indicator-proposals?state=decided").json()["items"]
    assert (said["is_accepted"], said["note"]) == (False, "Chưa đủ căn cứ")
    there = world.client("canbo.dian").get(f"{API}/indicator-proposals?state=decided").json()
    assert there["total"] == 0


def test_a_plan_is_proposed_and_accepted(world) -> None:
    plan = {
        "unit": "25747", "issuer": "HĐND", "kind": "amount", "start": "2026-01-01",
        "end": "2027-01-01", "amount": "90.5", "reason": "NQ 1",
    }  # fmt: skip
    path = "/indicators/tiem-chung/targets"
    assert _post(world, DEFINER, path, **plan | {"end": "2025-01-01"}).status_code == 422
    made = _post(world, DEFINER, path, **plan).json()["id"]
    path = f"/indicator-proposals/{made}/decision"
    assert _post(world, DECIDER, path, accept=True).status_code == 204
    assert Target.objects.get(unit=world.unit("25747"), replaced_at=None).issuer == "HĐND"
