"""From a draft to rows in the lake: two persons, tests, periods, crashes at every step."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.pipelines import api as pipelines
from haidang.data.pipelines.actions import running
from haidang.data.pipelines.models import Pipeline, PipelineRun, PipelineVersion
from haidang.data.pipelines.rules import due
from haidang.data.pipelines.tests.conftest import SECOND, SQL, WHOLE, WRITER, bring, make
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry, OutboxEvent
from tests.spark import needs_spark
from tests.world import World

YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))


def sums() -> dict[tuple[str, str], int]:
    found = warehouse.rows("tong-thang", scope=EVERYTHING, columns=["xa", "thang", "so_ca"]).rows
    return {(xa, thang): count for xa, thang, count in found}


def go(world: World, days: Any = YEAR) -> PipelineRun:
    asked = pipelines.run_now(pipeline="tong", by=world.scope(WRITER), days=days)
    return pipelines.run(asked.pk)


def test_a_run_lands_as_one_load_with_its_receipt_and_pedigree(world: World) -> None:
    bring(("25747", "2026-01-05", 3), ("25747", "2026-01-06", 4), ("25741", "2026-02-01", 200))
    make(world, tests=[{"title": "Không âm", "sql": "SELECT * FROM ket_qua WHERE so_ca < 0"}],
         min_rows=1)  # fmt: skip
    run = go(world)

    assert run.state == "landed", run.failure
    assert (run.rows_made, run.accepted, run.quarantined) == (2, 2, 0)
    assert sums() == {("25747", "2026-01"): 7, ("25741", "2026-02"): 200}
    assert run.inputs[0]["rows"] == 3 and len(run.tests) == 2
    lineage = ingest.lineage("tong-thang", run.batch)
    assert lineage.source == "luong-tong" and lineage.is_automatic
    row = warehouse.rows("tong-thang", scope=EVERYTHING, where=[("xa", "=", "25741")]).dicts()[0]
    assert (row["binh_quan"], row["cao"]) == (200.0, True)

    again = go(world)
    assert (again.state, again.accepted, again.duplicate) == ("landed", 0, 2)
    bring(("25747", "2026-01-06", 40))
    third = go(world)
    assert (third.accepted, third.revised, third.duplicate) == (1, 1, 1)
    assert sums()["25747", "2026-01"] == 43
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"pipelines.created", "pipelines.drafted", "pipelines.tried", "pipelines.switched_on",
            "pipelines.run_asked", "pipelines.run_landed"} <= done  # fmt: skip


def test_who_wrote_does_not_switch_on_and_who_sees_a_part_does_not_write(world: World) -> None:
    writer = world.scope(WRITER)
    text = pipelines.Text(sql=WHOLE, inputs=["ca-benh"])
    make_it: dict[str, Any] = {
        "code": "tong",
        "title": "Tổng",
        "output": "tong-thang",
        "text": text,
    }
    for stranger in ("canbo.phucuong", "truc1", "chutich"):
        with pytest.raises(NotAllowedError):
            pipelines.create(**make_it, by=world.scope(stranger), why="thử")
    world.grant("canbo.phucuong", "data_steward", "25747")
    world.grant(WRITER, "administrator", "74")
    pipelines.create(**make_it, by=writer, why="thử")
    with pytest.raises(pipelines.PipelineError, match="chạy thử"):
        pipelines.switch_on(pipeline="tong", by=world.scope(SECOND), reason="vội", seal="")
    bring(("25747", "2026-01-05", 3))
    assert pipelines.try_version(pipeline="tong", by=writer).is_good
    with pytest.raises(pipelines.SameWriterError):
        pipelines.switch_on(pipeline="tong", by=world.scope(WRITER), reason="tự duyệt", seal="")
    for stranger in ("canbo.phucuong", "truc1", "nguoila"):
        with pytest.raises((NotAllowedError, pipelines.UnknownPipelineError)):
            pipelines.switch_on(pipeline="tong", by=world.scope(stranger), reason="lạ", seal="")
        with pytest.raises((NotAllowedError, pipelines.UnknownPipelineError)):
            pipelines.try_version(pipeline="tong", by=world.scope(stranger))


def test_a_trial_counts_only_for_the_text_that_was_tried(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes the draft over, or approves it, while another worker tries it."""
    bring(("25747", "2026-01-05", 3))
    make(world)
    writer, compute = world.scope(WRITER), running.compute

    def draft(sql: str) -> None:
        text = pipelines.Text(sql=sql, inputs=["ca-benh"])
        pipelines.draft(pipeline="tong", text=text, by=writer, why="đổi")

    def meanwhile(*given: Any, **more: Any) -> pa.Table:
        result = compute(*given, **more)
        draft(WHOLE.replace("sum(so_ca)", "-sum(so_ca)"))
        return result

    draft(WHOLE)
    with monkeypatch.context() as other:
        other.setattr(running, "compute", meanwhile)
        with pytest.raises(pipelines.PipelineError, match="trong lúc chạy thử"):
            pipelines.try_version(pipeline="tong", by=writer)
    assert set(PipelineVersion.objects.values_list("state", flat=True)) == {"in_use", "draft"}
    with pytest.raises(pipelines.PipelineError, match="chạy thử"):
        pipelines.switch_on(pipeline="tong", by=world.scope(SECOND), reason="vội", seal="")


def test_what_does_not_fit_is_refused_before_anything_is_kept(world: World) -> None:
    writer = world.scope(WRITER)

    def draft(sql: str, inputs: tuple[str, ...] = ("ca-benh",), **more: Any) -> None:
        pipelines.create(
            code="x", title="X", output=more.pop("output", "tong-thang"), by=writer, why="thử",
            text=pipelines.Text(sql=sql, inputs=inputs, **more),
        )  # fmt: skip

    for sql in ("SELECT * FROM khac", "DROP TABLE ca_benh", "SELECT now() FROM ca_benh"):
        with pytest.raises(warehouse.BadQueryError):
            draft(sql)
    with pytest.raises(pipelines.PipelineError, match="không dùng"):
        draft("SELECT 1 AS so_ca", ("ca-benh",))
    with pytest.raises(pipelines.CycleError):
        draft("SELECT * FROM tong_thang", ("tong-thang",))
    with pytest.raises(warehouse.BadQueryError):
        draft(SQL, tests=[{"title": "a", "sql": "SELECT * FROM read_csv('a')"}])
    make(world)
    with pytest.raises(pipelines.CycleError, match="ca-benh"):
        draft("SELECT xa FROM tong_thang", ("tong-thang",), output="ca-benh")
    assert list(Pipeline.objects.values_list("code", flat=True)) == ["tong"]
    # Personal data never enters a statement.
    pipelines.draft(
        pipeline="tong", by=writer, why="thử",
        text=pipelines.Text(sql="SELECT nguoi AS xa FROM ca_benh", inputs=["ca-benh"]),
    )  # fmt: skip
    with pytest.raises(warehouse.BadQueryError, match="nguoi"):
        pipelines.try_version(pipeline="tong", by=writer)


def test_a_failed_test_writes_nothing_and_bad_rows_wait(world: World) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world, tests=[{"title": "Dưới 50", "sql": "SELECT * FROM ket_qua WHERE so_ca >= 50"}],
         max_rows=1)  # fmt: skip
    bring(("25747", "2026-01-06", 60))
    run = go(world)
    assert run.state == "failed" and "Dưới 50" in run.failure and run.batch is None
    assert sums() == {} and run.tests[0]["rows"][0]["so_ca"] == "63"

    version = PipelineVersion.objects.get(state="in_use")
    version.tests, version.max_rows = [], None
    version.save()
    bring(("25741", "2026-01-06", 5000))
    run = go(world)
    assert (run.state, run.accepted, run.quarantined) == ("landed", 1, 1)
    assert sums() == {("25747", "2026-01"): 63}
    assert go(world, (dt.date(2020, 1, 1), dt.date(2020, 2, 1))).state == "nothing"


def test_only_approved_batches_are_read(world: World) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world)
    ingest.create_source(
        code="tay", title="Nhập tay", kind="file", dataset="ca-benh",
        supplier_unit_id=world.unit("74.STNMT"), by=EVERYTHING.actor,
    )  # fmt: skip
    content = b"xa;ngay;so_ca\n25741;05/01/2026;9\n"
    loaded = ingest.load(source="tay", file=content, name="a.csv", by=world.scope(WRITER))
    assert loaded.accepted == 1 and loaded.approval == "pending"
    go(world)
    assert sums() == {("25747", "2026-01"): 3}
    ingest.approve_run(run=loaded.run_id, by=world.scope("giamdoc.stnmt"))
    go(world)
    assert sums() == {("25747", "2026-01"): 3, ("25741", "2026-01"): 9}


STEPS = ("read_inputs", "compute", "facts_of", "tested", "write_lines", "_load", "_ended")


@pytest.mark.parametrize("step", [*STEPS, "landed"])
def test_a_crash_at_any_step_leaves_nothing_or_all(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The process dies before a step (or right after the commit); the job is done again."""
    bring(("25747", "2026-01-05", 3), ("25741", "2026-01-05", 4))
    make(world)

    class Died(BaseException):
        """As kill -9: nothing of ours handles it."""

    def die(*args: object, **more: object) -> None:
        raise Died

    with monkeypatch.context() as broken:
        if step == "landed":
            whole = warehouse.commit

            def commit_and_die(batches: Any) -> None:
                whole(batches)
                raise Died

            broken.setattr(warehouse, "commit", commit_and_die)
        else:
            broken.setattr(running, step, die)
        with pytest.raises(Died):
            go(world)
    run = PipelineRun.objects.get()
    assert run.is_open
    assert sums() in ({}, {("25747", "2026-01"): 3, ("25741", "2026-01"): 4})

    done = pipelines.run(run.pk)
    assert (done.state, done.accepted, done.duplicate) == ("landed", 2, 0)
    assert sums() == {("25747", "2026-01"): 3, ("25741", "2026-01"): 4}
    assert pipelines.run(run.pk).accepted == 2  # a third time changes nothing


def test_a_backfill_by_periods_can_be_stopped(world: World) -> None:
    bring(("25747", "2026-01-05", 3), ("25747", "2026-02-05", 4), ("25747", "2026-03-05", 5))
    make(world)
    asked = pipelines.backfill(
        pipeline="tong", start=dt.date(2026, 1, 1), end=dt.date(2026, 4, 1), step="month",
        by=world.scope(WRITER), reason="Sửa cách tính",
    )  # fmt: skip
    runs = list(asked.runs.order_by("pk"))
    assert len(runs) == 3
    pipelines.run(runs[0].pk)
    pipelines.cancel_backfill(backfill=asked.pk, by=world.scope(WRITER))
    assert [pipelines.run(one.pk).state for one in runs] == ["landed", "cancelled", "cancelled"]
    assert sums() == {("25747", "2026-01"): 3}


def test_the_clock_and_what_landed_queue_one_run_each(world: World) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world)
    timing = pipelines.Timing("landed", lookback=30)
    around: dict[str, Any] = {"pipeline": "tong", "title": "Tổng", "purpose": ""}
    pipelines.change(**around, timing=timing, by=world.scope(WRITER))
    pipelines.run_landed("ca-benh")
    pipelines.run_landed("ca-benh")
    pipelines.run_landed("khac")
    waiting = PipelineRun.objects.get()
    assert waiting.cause == "landed" and (waiting.to_day - waiting.from_day).days == 30

    pipelines.change(**around, timing=pipelines.Timing("hourly"), by=world.scope(WRITER))
    due_at = Pipeline.objects.get().next_at
    assert due_at is not None
    assert pipelines.run_due(due_at - dt.timedelta(seconds=1)) == 0
    assert pipelines.run_due(due_at) == 1 and pipelines.run_due(due_at) == 0
    assert Pipeline.objects.get().next_at == due_at + dt.timedelta(hours=1)
    pipelines.switch_off(pipeline="tong", by=world.scope(WRITER), reason="Tạm nghỉ")
    assert pipelines.run_due(due_at + dt.timedelta(days=9)) == 0


def by_month(tables: Any) -> Any:
    cases, period = tables["ca-benh"], tables["ky"]
    inside = cases.cross_join(period).filter(
        lambda row: (row.ngay >= row.tu_ngay) & (row.ngay < row.den_ngay)
    )
    month = inside.mutate(thang=inside.ngay.strftime("%Y-%m"))
    return month.group_by("xa", "thang").agg(so_ca=month.so_ca.sum())


def test_an_expression_in_code_becomes_a_version(world: World) -> None:
    text = pipelines.text_of(by_month, inputs=["ca-benh"])
    assert "by_month" in text.origin
    bring(("25747", "2026-01-05", 3), ("25747", "2026-01-09", 4), ("25747", "2027-01-09", 4))
    make(world, sql=text.sql, origin=text.origin)
    assert go(world).state == "landed"
    assert sums() == {("25747", "2026-01"): 7}


@needs_spark
@override_settings(SPARK_MASTER="local[1]", SPARK_SETTINGS=["spark.sql.shuffle.partitions=1"])
def test_an_expression_runs_on_spark_and_lands_the_same_way(world: World) -> None:
    bring(("25747", "2026-01-05", 3), ("25747", "2026-01-09", 4), ("25747", "2027-01-09", 4))
    bring(("25747", "2026-01-09", 40))
    bring(("25741", "2026-01-09", 9))
    text = pipelines.text_of(by_month, inputs=["ca-benh"])
    make(world, sql=text.sql, origin=text.origin)
    PipelineVersion.objects.update(engine="spark")  # starting Spark for the trial too takes long
    assert go(world).state == "landed"
    assert sums() == {("25747", "2026-01"): 43, ("25741", "2026-01"): 9}


def test_a_function_that_spark_answers_otherwise_is_refused_when_written(world: World) -> None:
    sql = "SELECT xa, regexp_extract('2026-01', '.*') AS thang, so_ca FROM ca_benh"
    with pytest.raises(warehouse.BadQueryError, match="regexp_extract"):
        make(world, sql=sql, engine="spark")


@given(
    st.dates(dt.date(2025, 11, 20), dt.date(2026, 3, 10)),
    st.integers(1, 500),
    st.sampled_from(["day", "month", "year"]),
)
def test_periods_cover_a_range_once(start: dt.date, days: int, step: str) -> None:
    end = start + dt.timedelta(days=days)
    covered = [
        from_day + dt.timedelta(days=at)
        for from_day, to_day in due.periods(start, end, step)
        for at in range((to_day - from_day).days)
    ]
    assert covered == [start + dt.timedelta(days=at) for at in range(days)]


DAYS = st.dates(dt.date(2026, 1, 28), dt.date(2026, 3, 3))
ROWS = st.dictionaries(
    st.tuples(st.sampled_from(["25747", "25741"]), DAYS), st.integers(0, 30), min_size=1
)


@pytest.mark.django_db
@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(rows=ROWS, step=st.sampled_from(["month", "year"]))
def test_a_backfill_by_periods_is_the_whole(
    tmp_path: Path, rows: dict[tuple[str, dt.date], int], step: str
) -> None:
    """The statement over each period, against sums over a dictionary."""
    wanted: dict[tuple[str, str], int] = {}
    for (xa, day), count in rows.items():
        wanted[xa, f"{day:%Y-%m}"] = wanted.get((xa, f"{day:%Y-%m}"), 0) + count
    values = ", ".join(f"('{xa}', DATE '{day}', {count})" for (xa, day), count in rows.items())
    query = f"SELECT * FROM (VALUES {values}) t(xa, ngay, so_ca)"
    inputs: Any = [SimpleNamespace(name="ca_benh", query=query)]
    statement = warehouse.check_select(SQL, ["ca_benh"])
    found: dict[tuple[str, str], int] = {}
    for span in due.periods(dt.date(2026, 1, 1), dt.date(2026, 4, 1), step):
        to = tmp_path / "rows"
        warehouse.write_select(statement, inputs, span, to, seconds=30)
        for row in pa.ipc.open_file(pa.OSFile(str(to))).read_all().to_pylist():
            assert (row["xa"], row["thang"]) not in found
            found[row["xa"], row["thang"]] = int(row["so_ca"])
    assert found == wanted


def test_events_are_told(world: World) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world)
    go(world)
    told = set(OutboxEvent.objects.values_list("name", flat=True))
    assert {"pipelines.run_started", "pipelines.run_finished", "ingest.run_finished"} <= told
    assert catalogue.contract("tong-thang").version == 1
