"""Missing and refused data: to the supplier, and the duty shift sees that it is blind."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from haidang.action.alerts import actions, jobs, queries
from haidang.action.alerts.actions import settling
from haidang.action.alerts.models import Alert, AlertEvent
from haidang.action.alerts.queries import subjects
from haidang.data.ingest.api import Waiting
from tests.world import World

from .conftest import NOW, FakeIndicators, told


class FakeIngest:
    """Stands for the door of ingest: one life-safety source of the environment department."""

    def __init__(self, world: World) -> None:
        self.late_since = NOW - timedelta(hours=1)
        self.supplier_unit_id = world.unit("74.STNMT")
        self.waiting = Waiting(open=2, mended=0, discarded=0)

    def waiting_rows(self, code: str, *, since: datetime) -> Waiting:
        return self.waiting

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
    monkeypatch.setattr(settling, "ingest", fake)
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


def test_an_alert_of_refused_rows_ends_once_none_of_them_waits(
    world: World, ingest: FakeIngest
) -> None:
    jobs.note_quarantined_rows(event_id=1, aggregate="source:tv", source="tv", run=1)
    jobs.look_for_settled_rows()
    assert queries.blind_spots(world.scope("truc1"))[1] == 1

    ingest.waiting = Waiting(open=0, mended=2, discarded=1)
    jobs.look_for_settled_rows()
    jobs.look_for_settled_rows()

    alert = Alert.objects.get()
    assert queries.blind_spots(world.scope("truc1"))[1] == 0
    assert (alert.state, alert.outcome, alert.closed_by) == ("closed", "data_fault", "Hệ thống")
    assert alert.cleared_at == alert.closed_at
    assert alert.note == (
        "Nguồn không còn dòng nào chờ xử lý: 2 dòng đã nạp lại, 1 dòng đã loại bỏ."
    )
    kinds = AlertEvent.objects.filter(alert=alert).order_by("id").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["cleared", "closed"]


def test_rows_refused_after_an_end_raise_again(world: World, ingest: FakeIngest) -> None:
    jobs.note_quarantined_rows(event_id=1, aggregate="source:tv", source="tv", run=1)
    ingest.waiting = Waiting(open=0, mended=0, discarded=2)
    jobs.look_for_settled_rows()
    jobs.note_quarantined_rows(event_id=2, aggregate="source:tv", source="tv", run=2)
    assert list(Alert.objects.order_by("id").values_list("state", flat=True)) == ["closed", "open"]


def test_a_person_s_outcome_stays_and_later_rows_raise_again(
    world: World, ingest: FakeIngest
) -> None:
    jobs.note_quarantined_rows(event_id=1, aggregate="source:tv", source="tv", run=1)
    actions.close(
        alert=Alert.objects.get().pk, outcome="false", note="Đã xem.",
        by=world.scope("truc1"), now=NOW,
    )  # fmt: skip
    ingest.waiting = Waiting(open=0, mended=0, discarded=2)
    jobs.look_for_settled_rows()
    assert Alert.objects.get().outcome == "false"
    jobs.note_quarantined_rows(event_id=2, aggregate="source:tv", source="tv", run=2)
    assert Alert.objects.filter(state="open").count() == 1


def test_refused_rows_of_a_silent_source_do_not_end_its_silence(
    world: World, ingest: FakeIngest
) -> None:
    jobs.note_late_source(event_id=1, aggregate="source:tv", source="tv")
    ingest.waiting = Waiting(open=0, mended=0, discarded=0)
    jobs.look_for_settled_rows()
    assert Alert.objects.get().state == "open"


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
