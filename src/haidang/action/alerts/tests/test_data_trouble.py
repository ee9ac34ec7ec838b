"""Missing and refused data: to the supplier, and the duty shift sees that it is blind."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from haidang.action.alerts import jobs, queries
from haidang.action.alerts.models import Alert
from haidang.action.alerts.queries import subjects
from tests.world import World

from .conftest import NOW, FakeIndicators, told


class FakeIngest:
    """Stands for the door of ingest: one life-safety source of the environment department."""

    def __init__(self, world: World) -> None:
        self.late_since = NOW - timedelta(hours=1)
        self.supplier_unit_id = world.unit("74.STNMT")

    def source(self, code: str) -> SimpleNamespace:
        return SimpleNamespace(
            code=code, title="Trạm thủy văn", sector="thuy-van",
            supplier_unit_id=self.supplier_unit_id, is_life_safety=True,
            late_since=self.late_since, last_success_at=NOW - timedelta(hours=2),
        )  # fmt: skip


@pytest.fixture
def ingest(world: World, monkeypatch: pytest.MonkeyPatch) -> FakeIngest:
    fake = FakeIngest(world)
    monkeypatch.setattr(subjects, "ingest", fake)
    monkeypatch.setattr(jobs, "ingest", fake)
    return fake


def test_a_late_source_goes_to_its_supplier_and_blinds_the_shift(
    world: World, ingest: FakeIngest
) -> None:
    jobs.note_late_source(event_id=1, aggregate="source:tv", source="tv")
    alert = Alert.objects.get()
    assert (alert.cause, alert.owner_id) == ("data", world.unit("74.STNMT"))
    assert "an toàn tính mạng" in alert.explanation
    titles = told(world)
    assert titles["thongke.stnmt"].startswith("Số liệu cần xử lý")
    assert titles["truc1"].startswith("Ca trực không có số liệu")
    assert not {"chutich", "giamdoc.stnmt", "giamdoc.ioc"} & titles.keys()
    blind, total = queries.blind_spots(world.scope("truc1"))
    assert (total, blind[0].is_blind) == (1, True)
    of_another = "y-te" if blind[0].sector != "y-te" else "moi-truong"
    assert queries.blind_count(world.scope("truc1"), of_another) == 0
    assert queries.blind_count(world.scope("truc1"), blind[0].sector) == 1


def test_the_blind_mark_goes_when_the_source_returns(world: World, ingest: FakeIngest) -> None:
    jobs.note_late_source(event_id=1, aggregate="source:tv", source="tv")
    jobs.look_for_returned_sources()
    assert queries.blind_spots(world.scope("truc1"))[1] == 1
    ingest.late_since = None
    jobs.look_for_returned_sources()
    jobs.look_for_returned_sources()
    assert queries.blind_spots(world.scope("truc1"))[1] == 0
    assert Alert.objects.get().state == "open"


def test_refused_rows_raise_one_alert_however_many_batches(
    world: World, ingest: FakeIngest
) -> None:
    for event in range(1, 6):
        jobs.note_quarantined_rows(event_id=event, aggregate="source:tv", source="tv", run=event)
    assert Alert.objects.get().count == 1


def test_a_stale_series_belongs_to_who_supplies_it(
    world: World, indicators: FakeIndicators, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.note_state_change(
        event_id=1, aggregate="series:muc-nuoc:1", indicator="muc-nuoc",
        unit=world.unit("25747"), old="normal", new="stale", cause="absence", value_id=1,
    )  # fmt: skip
    alert = Alert.objects.get()
    assert (alert.cause, alert.owner_id) == ("data", world.unit("74.STNMT"))
    assert "1,62" not in alert.explanation


def test_a_restated_change_never_raises(world: World, indicators: FakeIndicators) -> None:
    jobs.note_state_change(
        event_id=1, aggregate="series:muc-nuoc:1", indicator="muc-nuoc",
        unit=world.unit("25747"), old="normal", new="critical", cause="restated", value_id=1,
    )  # fmt: skip
    assert not Alert.objects.exists()
