"""Connections: nothing lost, nothing doubled, wherever it dies; failures wait, then stop."""

import datetime as dt
import errno
import importlib
import types
from dataclasses import replace

import pytest
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import jobs
from haidang.data.ingest.actions import connections, pulling, runs, trying
from haidang.data.ingest.connectors import registry
from haidang.data.ingest.connectors.protocol import Fetched, Field, Kind, Reached
from haidang.data.ingest.errors import ConnectorError, IngestError, OutOfTimeError, SettingsError
from haidang.data.ingest.models import Attempt, Connection, QuarantinedRow, Run, Source
from haidang.data.ingest.rules.pulling import MOST_FAILURES, Schedule
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.notifications import api as notifications

from .conftest import HEAD

EVERY_HOUR = Schedule("minutes", every=60)


class Far:
    """The other side: numbered pieces; a connector reads those after its cursor."""

    def __init__(self) -> None:
        self.pieces = [f"{HEAD}25747;{day}/11/2026;{day};;;\n".encode() for day in (1, 2, 3)]
        self.settled: list[tuple[str, bool]] = []
        self.fails: Exception | None = None

    def test(self, settings, room) -> Reached:
        return Reached(f"Chào {settings['user']}/{settings['password']}.", {"host_key": "SHA256:x"})

    def fetch(self, settings, cursor, room):
        for at in range(cursor.get("at", 0), len(self.pieces)):
            name = f"tep-{at}.csv"
            yield Fetched(
                name, "text/csv", self.pieces[at], {"at": at + 1},
                settle=lambda taken, name=name: self.settled.append((name, taken)),
            )  # fmt: skip
        if self.fails:
            raise self.fails


@pytest.fixture
def far(monkeypatch) -> Far:
    kind = Kind(
        "far", "Xa", "",
        (
            Field("host", "Máy chủ", required=True, binds=True),
            Field("user", "Tài khoản", required=True),
            Field("password", "Mật khẩu", "secret"),
            Field("host_key", "Khóa", learned=True),
        ),
    )  # fmt: skip
    side = Far()
    module = types.SimpleNamespace(test=side.test, fetch=side.fetch)
    monkeypatch.setattr(registry, "kinds", lambda: {"far": kind})
    monkeypatch.setattr(registry, "work", lambda code: module)
    return side


SETTINGS = {"host": "a.vn", "user": "lan", "password": "bí mật"}


@pytest.fixture
def connection(source, far) -> int:
    made = connections.create_connection(
        source=source, kind="far", title="Máy chủ sở", settings=SETTINGS, schedule=EVERY_HOUR,
        by=SYSTEM,
    )  # fmt: skip
    make_due(made.id)
    return made.id


def make_due(pk: int) -> None:
    Connection.objects.filter(pk=pk).update(next_at=timezone.now() - dt.timedelta(seconds=1))


def pulled(pk: int) -> Attempt:
    make_due(pk)
    attempt = pulling.pull(connection=pk)
    assert attempt is not None
    return attempt


def landed() -> list[int]:
    return sorted(Run.objects.filter(status="landed").values_list("accepted", flat=True))


def test_every_piece_becomes_a_run_and_the_cursor_follows(connection, far):
    attempt = pulled(connection)

    assert (attempt.outcome, attempt.items, attempt.error) == ("done", 3, "")
    assert attempt.cursor_before == {} and attempt.cursor_after == {"at": 3}
    assert landed() == [1, 1, 1]
    assert set(attempt.runs.values_list("channel", flat=True)) == {"pull"}
    assert far.settled == [(f"tep-{at}.csv", True) for at in range(3)]
    assert pulled(connection).outcome == "nothing"
    assert Run.objects.count() == 3


def test_it_is_not_pulled_before_its_time_nor_while_paused_or_stopped(connection):
    Connection.objects.update(next_at=timezone.now() + dt.timedelta(hours=1))
    assert pulling.pull(connection=connection) is None
    make_due(connection)
    for field in ("is_active", "source__is_active"):
        Connection.objects.update(is_active=field != "is_active")
        Source.objects.update(is_active=field != "source__is_active")
        assert pulling.pull(connection=connection) is None
    Source.objects.update(is_active=True)
    connections.pause(connection=connection, by=SYSTEM, reason="bảo trì")
    assert pulling.pull(connection=connection) is None


class Dies(BaseException):
    """The machine stops."""


def _after(monkeypatch, where, name, times=1):
    """Have the machine stop right after a step was done for the first time."""
    real = getattr(where, name)
    left = [times]

    def step(*given, **more):
        result = real(*given, **more)
        left[0] -= 1
        if not left[0]:
            raise Dies
        return result

    monkeypatch.setattr(where, name, step)


POINTS = {
    "after the fetch, before anything is kept": (pulling, "_digest", 2),
    "after the run was received, its transaction open": (runs, "receive", 2),
    "after the cursor moved, its transaction open": (pulling, "_known", 2),
    "after the run is known, before it is checked": (runs, "_started", 2),
    "after the commit to the lake, before the receipt": (warehouse, "commit", 2),
    "after the receipt, before the piece is settled": (runs, "_finished", 2),
    "after the last piece, before the attempt is closed": (pulling, "_fetch", 1),
}


@pytest.mark.parametrize("point", POINTS)
def test_where_it_dies_nothing_is_lost_and_nothing_doubled(connection, far, monkeypatch, point):
    where, name, times = POINTS[point]
    with monkeypatch.context() as crash:
        _after(crash, where, name, times)
        make_due(connection)
        with pytest.raises(Dies):
            pulling.pull(connection=connection)

    again = pulled(connection)
    for run in Run.objects.exclude(status="landed"):  # what the job of rescue does
        runs.process(run_id=run.pk)

    assert again.outcome in {"done", "nothing"}
    assert landed() == [1, 1, 1]
    assert sum(Run.objects.values_list("duplicate", flat=True)) == 0
    assert Connection.objects.get().cursor == {"at": 3}
    assert Attempt.objects.filter(outcome="interrupted").count() == 1
    assert {name for name, taken in far.settled if taken} >= {"tep-2.csv"} or point.startswith(
        "after the last"
    )


def test_a_failure_keeps_what_came_before_it_and_waits_longer_each_time(connection, far):
    far.fails = ConnectorError("Máy chủ đang lỗi (500).")
    first = pulled(connection)
    assert (first.outcome, first.items) == ("partly", 3)
    found = Connection.objects.get()
    assert found.failures == 0 and found.next_at <= timezone.now() + dt.timedelta(minutes=1)

    waits = []
    for _ in range(3):
        assert pulled(connection).outcome == "failed"
        waits.append(Connection.objects.get().next_at - timezone.now())
    assert Connection.objects.get().failures == 3
    assert waits[2] > waits[0] and waits[0] <= dt.timedelta(minutes=1)

    far.fails = None
    assert pulled(connection).outcome == "nothing"
    assert Connection.objects.get().failures == 0


def test_what_our_own_disk_or_database_delayed_is_tried_again_soon(connection, far):
    """Asked by hand as well: the person was told that the system will try again."""
    Connection.objects.update(cadence="manual")
    full, wrapped = OSError(errno.ENOSPC, "No space left"), ConnectorError("Không đọc được tệp.")
    wrapped.__cause__ = full
    for outcome, fails in (("partly", full), *[("failed", wrapped)] * (MOST_FAILURES + 1)):
        far.fails = fails
        assert pulled(connection).outcome == outcome
        found = Connection.objects.get()
        waits = found.next_at - timezone.now()
        assert dt.timedelta(seconds=20) < waits <= dt.timedelta(minutes=1)
    assert (found.failures, found.paused_at) == (0, None)
    far.fails = None
    pulled(connection)
    assert Connection.objects.get().next_at is None


def test_the_other_side_s_wish_to_be_left_alone_is_heard(connection, far):
    far.pieces = []
    far.fails = ConnectorError("429", retry_after=7200)
    pulled(connection)
    assert Connection.objects.get().next_at > timezone.now() + dt.timedelta(minutes=119)


def test_after_many_failures_it_pauses_tells_the_steward_and_resumes(connection, far, world):
    far.pieces, far.fails = [], ConnectorError("Máy chủ tắt.")
    for _ in range(MOST_FAILURES):
        pulled(connection)

    stopped = Connection.objects.get()
    assert stopped.paused_at is not None and "Máy chủ tắt." in stopped.paused_because
    make_due(connection)
    assert pulling.pull(connection=connection) is None
    told, _ = notifications.messages(world.accounts["thongke.stnmt"])
    assert any("Máy chủ sở" in one.title for one in told)

    far.fails = None
    connections.resume(connection=connection, by=SYSTEM)
    assert pulling.pull(connection=connection).outcome == "nothing"


def test_a_piece_that_cannot_be_read_does_not_stop_those_behind_it(connection, far):
    far.pieces[1] = b"a;b\n1;2\n"
    attempt = pulled(connection)

    assert (attempt.outcome, attempt.items, attempt.refused) == ("partly", 3, 1)
    assert "tep-1.csv" in attempt.error and "tiêu đề" in attempt.error
    assert far.settled[1] == ("tep-1.csv", False)
    assert landed() == [1, 1]


def test_a_secret_file_is_passed_over_and_nothing_of_it_kept(connection, far):
    far.pieces[1] = "TUYỆT MẬT\n".encode() + far.pieces[1]
    attempt = pulled(connection)

    assert landed() == [1, 1]
    assert "độ mật" in attempt.error
    assert Connection.objects.get().cursor == {"at": 3}
    assert AuditEntry.objects.filter(action="ingest.secret_refused").exists()


def test_what_is_too_large_is_passed_over_only_where_it_can_be_set_apart(
    connection, far, monkeypatch, settings
):
    settings.MAX_UPLOAD_BYTES = len(far.pieces[0]) + 50
    far.pieces[1] += b";" * 100
    attempt = pulled(connection)

    assert far.settled[1] == ("tep-1.csv", False)
    assert (attempt.outcome, landed()) == ("partly", [1, 1])


def test_a_snapshot_that_stays_the_same_is_loaded_once_and_one_that_returns_again(
    connection, monkeypatch
):
    content = [HEAD + "25747;1/11/2026;1;;;\n", HEAD + "25747;1/11/2026;2;;;\n"]
    now = [0]

    def fetch(settings, cursor, room):
        yield Fetched("s.csv", "text/csv", content[now[0]].encode(), {}, is_snapshot=True)

    monkeypatch.setattr(registry.work("far"), "fetch", fetch)
    outcomes = []
    for which in (0, 0, 1, 0, 1, 1):
        now[0] = which
        outcomes.append(pulled(connection).outcome)

    assert outcomes == ["done", "nothing", "done", "done", "done", "nothing"]
    assert [run.revised for run in Run.objects.order_by("pk")] == [0, 1, 1, 1]


def test_a_snapshot_that_could_not_be_read_is_tried_again(connection, monkeypatch):
    def fetch(settings, cursor, room):
        yield Fetched("s.csv", "text/csv", b"a;b\n1;2\n", {}, is_snapshot=True)

    monkeypatch.setattr(registry.work("far"), "fetch", fetch)
    assert [pulled(connection).outcome for _ in range(2)] == ["failed", "failed"]


def test_secrets_are_sealed_and_stay_only_with_their_address(connection):
    row = Connection.objects.get()
    assert "bí mật" not in row.secrets and "password" not in row.settings
    assert "bí mật" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))

    def change(**more):
        given = {"host": "a.vn", "user": "lan", "password": ""} | more
        connections.change_connection(
            connection=connection, by=SYSTEM, reason="x", title="Máy", settings=given,
            schedule=EVERY_HOUR,
        )  # fmt: skip
        return pulling.settings_of(Connection.objects.get()).get("password", "")

    assert change(user="mai") == "bí mật"
    assert change(password="mới") == "mới"
    assert change(host="kẻ-xấu.vn") == ""


def test_what_is_filled_in_wrong_is_told_by_field(source, far):
    with pytest.raises(SettingsError) as caught:
        connections.create_connection(
            source=source, kind="far", title="x", settings={"host": "a", "khac": 1},
            schedule=EVERY_HOUR, by=SYSTEM,
        )  # fmt: skip
    assert set(caught.value.faults) == {"user", "khac"}
    for schedule in (Schedule("minutes"), Schedule("daily"), Schedule("weekly", day=1)):
        with pytest.raises(IngestError, match="Lịch lấy"):
            connections.create_connection(
                source=source, kind="far", title="x", settings=SETTINGS, schedule=schedule,
                by=SYSTEM,
            )  # fmt: skip


def test_a_trial_and_a_dry_run_keep_nothing(source, far):
    owner = Source.objects.get(code=source)
    far.pieces[0] += b"25747;x;5;;;\n"
    tested = trying.reach(source=owner, kind="far", settings=SETTINGS, by=SYSTEM)
    trial = trying.preview(source=owner, kind="far", settings=SETTINGS, by=SYSTEM)

    assert tested.learned == {"host_key": "SHA256:x"} and "lan" in tested.sentence
    assert (trial.accepted, trial.waiting) == (1, 1)
    assert "Ngày" in trial.rows[1].reasons[0]
    assert not Run.objects.exists() and not QuarantinedRow.objects.exists()
    assert far.settled == []
    far.pieces = []
    assert trying.preview(source=owner, kind="far", settings=SETTINGS, by=SYSTEM) is None


def test_a_dry_run_shows_no_personal_data_to_who_may_not_see_it(world, source, far):
    owner = Source.objects.get(code=source)
    contract = catalogue.newest(owner.dataset)
    far.pieces[0] += b"25747;ba-muoi-hai;5;;;\n;;;;;;;;qua-nhieu-o\n"
    by = world.scope("giamdoc.stnmt")
    access.grant(account=by.account_id, role="data_steward", unit=world.unit("74"), by=SYSTEM)
    by = world.scope("giamdoc.stnmt")
    before = trying.preview(source=owner, kind="far", settings=SETTINGS, by=by)
    assert "ba-muoi-hai" in str(before)
    catalogue.revise(
        dataset=owner.dataset, reason="x", by=SYSTEM,
        fields=[replace(one, personal_data="health" if one.name == "ngay" else "")
                for one in contract.fields],
    )  # fmt: skip
    trial = trying.preview(source=owner, kind="far", settings=SETTINGS, by=by)

    said = str(trial)
    assert "2026" not in said and "ba-muoi-hai" not in said and "qua-nhieu-o" not in said
    assert "25747" in said and (trial.accepted, trial.waiting) == (before.accepted, before.waiting)


def test_from_the_beginning_again_brings_duplicates_not_new_rows(connection):
    pulled(connection)
    connections.rewind(connection=connection, by=SYSTEM, reason="đối soát")
    pulled(connection)

    assert [(run.accepted, run.duplicate) for run in Run.objects.order_by("pk")] == [
        (1, 0), (1, 0), (1, 0), (0, 1), (0, 1), (0, 1),
    ]  # fmt: skip


def test_who_has_more_than_time_allows_goes_on_later(connection, far, monkeypatch):
    far.fails = OutOfTimeError()
    attempt = pulled(connection)
    assert (attempt.outcome, attempt.error) == ("done", "")
    assert Connection.objects.get().next_at <= timezone.now()
    monkeypatch.setattr(pulling, "MOST_PIECES", 1)
    connections.rewind(connection=connection, by=SYSTEM, reason="x")
    assert [pulled(connection).items for _ in range(3)] == [1, 1, 1]
    assert pulled(connection).outcome == "failed", "no piece came in all the time"


def test_old_attempts_that_brought_nothing_are_forgotten(connection):
    pulled(connection)
    pulled(connection)
    Attempt.objects.update(started_at=timezone.now() - dt.timedelta(days=91))
    jobs.forget_attempts()
    assert [one.outcome for one in Attempt.objects.all()] == ["done"]


def test_every_connector_has_its_rooms():
    for code in registry.FOLDERS:
        module = importlib.import_module(f"haidang.data.ingest.connectors.{code}.settings")
        assert module.KIND.code == code
        assert module.KIND.text and all(field.label for field in module.KIND.fields)
        work = registry.work(code)
        assert callable(work.test) and callable(work.fetch)
