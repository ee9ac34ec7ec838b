"""Days that are kept say what counting anew says, whatever changed and whoever changed it."""

import datetime as dt
import random
import threading
import time
from collections import Counter

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from haidang.data.ingest.actions import quarantine, tallying
from haidang.data.ingest.models import QuarantinedRow, Run, Source, Tally
from haidang.data.ingest.queries import days
from haidang.data.ingest.queries.days import Day
from haidang.foundation.calendar.zone import local_date
from tests.world import build_world

NOW = timezone.now()
TODAY = local_date(NOW)
DAYS = 4
CODES = ("type", "required", "key")


def _source(code: str) -> Source:
    supplier = build_world().unit("74.STNMT") if not Source.objects.exists() else None
    supplier = supplier or Source.objects.earliest("pk").supplier_id
    return Source.objects.create(
        code=code, title=code, kind="file", dataset="d", supplier_id=supplier
    )


def _new_run(rng: random.Random) -> None:
    read, same = rng.randrange(3, 9), rng.randrange(3)
    run = Run.objects.create(
        pk=Run.objects.count() + 1, source=rng.choice(Source.objects.all()),
        dataset=rng.choice("ab"), channel=rng.choice(["file", "mend"]),
        status="landed", finished_at=NOW, approval=rng.choice(["pending", "not_needed"]),
        read=read, duplicate=same, repeated=same // 2, accepted=read - same,
    )  # fmt: skip
    at = NOW - dt.timedelta(days=rng.randrange(DAYS), minutes=rng.randrange(600))
    Run.objects.filter(pk=run.pk).update(received_at=at)
    rows = [(no, {}, [{"code": rng.choice(CODES)}]) for no in range(rng.randrange(4))]
    quarantine.keep(run=run, rows=rows)


def _change_run(rng: random.Random) -> None:
    run = rng.choice(Run.objects.all())
    match rng.randrange(3):
        case 0:
            Run.objects.filter(pk=run.pk).update(read=run.read + 2, accepted=run.accepted + 2)
        case 1:
            Run.objects.filter(pk=run.pk).update(status="failed")
        case 2:
            Run.objects.filter(pk=run.pk).update(approval="approved", decided_at=NOW)


def _decide(rng: random.Random) -> None:
    found = list(QuarantinedRow.objects.filter(state="open"))
    rows = QuarantinedRow.objects.filter(
        pk__in=[row.pk for row in rng.sample(found, len(found) // 3)]
    )
    match rng.randrange(3):
        case 0:
            rows.update(state="discarded", decided_at=NOW, decision_reason="Nhầm")
        case 1:
            rows.update(state="mended", decided_at=NOW, mended_in=rng.choice(Run.objects.all()))
        case 2:
            rows.delete()


def _keep(_rng: random.Random) -> None:
    tallying.keep(today=TODAY)


def _by_hand() -> list[Day]:
    found: dict[tuple[int, dt.date], list[Run]] = {}
    for run in Run.objects.filter(status="landed"):
        found.setdefault((run.source_id, local_date(run.received_at)), []).append(run)
    return [_day(*key, runs) for key, runs in sorted(found.items())]


def _day(source: int, day: dt.date, runs: list[Run]) -> Day:
    came = [run.received_at for run in runs if run.channel != "mend" and run.read]
    rows = [
        (run.dataset, row.first_code, row.state)
        for run in runs
        for row in run.quarantine.all()
        if row.state != "mended"
    ]
    return Day(
        source, day,
        sum(run.read for run in runs), sum(run.duplicate for run in runs),
        sum(run.repeated for run in runs), sum(run.revised for run in runs),
        sum(run.accepted for run in runs if run.approval in ("pending", "rejected")),
        min(came, default=None), max(came, default=None),
        sum(state == "open" for *_, state in rows),
        tuple((*said, count) for said, count in Counter(rows).items()),
    )  # fmt: skip


def _told(found: list[Day]) -> list[Day]:
    """Days that had a landed run, each in one writing."""
    told = [one._replace(standing=tuple(sorted(map(tuple, one.standing or ())))) for one in found]
    blank = [one for one in told if one == Day(one.source, one.day)]
    return sorted(one for one in told if one not in blank)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_kept_days_say_what_counting_anew_says(seed: int) -> None:
    rng = random.Random(seed)
    _source("mot"), _source("hai")
    _new_run(rng)
    for _ in range(40):
        rng.choices([_new_run, _change_run, _decide, _keep], weights=[5, 3, 3, 3])[0](rng)
        slow = _told(_by_hand())
        assert _told(days.days(Tally.objects.all())) == slow
        waiting = Counter[int]()
        for one in slow:
            waiting[one.source] += one.open
        assert +Counter(days.waiting(Source.objects.values_list("pk", flat=True))) == +waiting
    _keep(rng)
    assert not Tally.objects.filter(is_stale=True, day__lt=TODAY).exists()


@pytest.mark.django_db(transaction=True)
def test_a_day_is_not_kept_without_what_is_about_to_be_committed() -> None:
    _source("mot")
    _new_run(rng := random.Random(1))
    Run.objects.update(received_at=NOW - dt.timedelta(days=2), status="landed")
    keeping = threading.Thread(target=_keep_and_close, args=(rng,))
    with transaction.atomic():
        Run.objects.update(read=50, accepted=50, duplicate=0)
        keeping.start()
        _wait_for_a_waiting_lock()
    keeping.join(20)
    assert _told(days.days(Tally.objects.all())) == _told(_by_hand())
    assert Tally.objects.filter(read=50, is_stale=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_takes_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    _source("mot")
    _new_run(rng := random.Random(1))
    Run.objects.update(received_at=NOW - dt.timedelta(days=2), status="landed")
    monkeypatch.setattr(tallying, "PATIENCE", "20ms")
    keeping = threading.Thread(target=_keep_and_close, args=(rng,))
    with transaction.atomic():
        Run.objects.update(read=50, accepted=50, duplicate=0)
        keeping.start()
        keeping.join(20)
        assert not keeping.is_alive()
    assert set(Tally.objects.values_list("is_stale", flat=True)) == {True}
    _keep(rng)
    assert Tally.objects.filter(read=50, is_stale=False).exists()


def _keep_and_close(rng: random.Random) -> None:
    _keep(rng)
    connections.close_all()


def _wait_for_a_waiting_lock() -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone():
                return
        time.sleep(0.02)
    raise AssertionError("keeping did not wait for the writer")
