"""Running a pipeline: ask, compute, test, load as one batch; safe to repeat after a crash.

Everything up to the load is computed aside. The load is ingest's: its run becomes known in the
transaction that writes its number on ours, and its batch lands whole or not at all.
"""

import contextlib
import datetime as dt
import decimal
import logging
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from django.conf import settings
from django.db import Error, transaction
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.pipelines import errors
from haidang.data.pipelines.models import Pipeline, PipelineRun, PipelineVersion
from haidang.data.pipelines.rules.due import ZONE
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core import audit, events, jobs
from haidang.foundation.core.errors import HaidangError

RUN_JOB = "pipelines.run"
MEDIA = "application/x-ndjson"
Days = tuple[dt.date, dt.date] | None
State = PipelineRun.State
_TEST_ROWS = 20
_NEW = 20  # batches named as new to a run
_WAITS = "Đĩa hoặc cơ sở dữ liệu tạm thời không dùng được; hệ thống tự chạy lại."
_UNDER_WAY = {"received", "checking"}
_log = logging.getLogger(__name__)


def queue(
    pipeline: Pipeline, *, cause: str, actor: audit.Actor, days: Days = None, backfill: int = 0
) -> PipelineRun:
    """Have the version in use run as a job; call inside a transaction."""
    version = pipeline.version
    assert version is not None
    if version.has_period and days is None:
        days = usual_days(pipeline, timezone.now())
    made = PipelineRun.objects.create(
        pipeline=pipeline, version=version, cause=cause, asked_id=actor.id,
        asked_label=actor.label, backfill_id=backfill or None,
        from_day=days[0] if days else None, to_day=days[1] if days else None,
    )  # fmt: skip
    defer(made)
    return made


def defer(run: PipelineRun) -> None:
    """Have a run's job run after those before it; its lock is that of its source's loads."""
    jobs.defer(
        RUN_JOB, queue="bulk", lock=f"source:{run.pipeline.source_code}",
        once=f"pipeline_run:{run.pk}", run_id=run.pk,
    )  # fmt: skip


def usual_days(pipeline: Pipeline, now: dt.datetime) -> tuple[dt.date, dt.date]:
    """Return the days that a regular run of a statement by period covers, today the last."""
    tomorrow = now.astimezone(ZONE).date() + dt.timedelta(days=1)
    return tomorrow - dt.timedelta(days=pipeline.lookback), tomorrow


def run(run_id: int) -> PipelineRun:
    """Carry a queued run out, or go on with one that a crash cut short. Never raises what is
    wrong with the statement or the data: that stands on the run.

    Where disk or database are away that is raised and the run stays open: a job finds it again.
    """
    found = _started(run_id)
    if not found.is_open:
        return found
    try:
        receipt = _loaded_before(found) or _computed_and_loaded(found)
    except errors.StoppedError as error:
        return _ended(run_id, State.CANCELLED, failure=error.message)
    except Exception as error:
        if _is_passing(error):
            _waits(run_id)
            raise
        if isinstance(error, HaidangError):
            return _ended(run_id, State.FAILED, failure=error.message)
        _log.exception("pipeline run %s broke", run_id)
        _ended(run_id, State.FAILED, failure="Lỗi trong hệ thống khi chạy; chạy lại được.")
        raise
    if receipt is not None and receipt.status in _UNDER_WAY:
        return found
    return _ended(run_id, State.LANDED if receipt else State.NOTHING, receipt=receipt)


def _is_passing(error: Exception) -> bool:
    cause = error.__cause__
    return warehouse.is_passing(error) or (cause is not None and warehouse.is_passing(cause))


def _waits(run_id: int) -> None:
    """Say on a run, where it can be written, that it goes on by itself."""
    _log.warning("pipeline run %s waits for disk or database", run_id, exc_info=True)
    with contextlib.suppress(Error), transaction.atomic():
        found = locked(run_id)
        if not found.log or found.log[-1][1] != _WAITS:
            note(found, _WAITS)
            found.save(update_fields=["log"])


@transaction.atomic
def _started(run_id: int) -> PipelineRun:
    found = locked(run_id)
    if found.state == State.QUEUED:
        found.state, found.started_at = State.RUNNING, timezone.now()
        note(found, f"Bắt đầu, phiên bản {found.version.number}.")
        found.save(update_fields=["state", "started_at", "log"])
        events.publish(
            "pipelines.run_started", aggregate=f"pipeline:{found.pipeline.code}", run=found.pk
        )
    return found


def _loaded_before(run: PipelineRun) -> ingest.Receipt | None:
    """Go on with the load that a crash cut short; None where none had begun."""
    return ingest.process_run(run_id=run.batch) if run.batch is not None else None


def _computed_and_loaded(run: PipelineRun) -> ingest.Receipt | None:
    with tempfile.TemporaryDirectory(prefix="haidang-pipeline-") as folder:
        inputs = read_inputs(run.version)
        result = compute(run.version, days_of(run), Path(folder), inputs, seen=_watch(run))
        facts = facts_of(run.version, inputs, _upto_before(run))
        _told(run, f"Tính xong: {_number(result.num_rows)} dòng.", result.num_rows, inputs=facts)
        tests = tested(run.version, days_of(run), inputs, result)
        _told(run, f"{len(tests)} phép kiểm tra.", tests=tests)
        require_passed(tests)
        if not result.num_rows:
            return None
        lines = write_lines(result, run.pipeline.output, Path(folder) / "result.ndjson")
        _watch(run)(result.num_rows)
        return _load(run, lines)


def _load(run: PipelineRun, lines: Path) -> ingest.Receipt:
    def known(loading: Any) -> None:
        PipelineRun.objects.filter(pk=run.pk).update(batch=loading.pk)

    span = f"-{run.from_day:%Y%m%d}-{run.to_day:%Y%m%d}" if run.from_day and run.to_day else ""
    receipt = ingest.load(
        source=run.pipeline.source_code,
        file=lines,
        by=audit.Actor(run.asked_id, run.asked_label),
        name=f"{run.pipeline.code}{span}-{run.pk}.ndjson",
        media=MEDIA,
        channel="system",
        idempotency_key=f"pipeline-run:{run.pk}",
        known=known,
    )
    return receipt


def read_inputs(
    version: PipelineVersion, as_known_on: dt.datetime | None = None
) -> list[warehouse.Input]:
    """Return the inputs as statements read them: newest rows that somebody approved."""
    return [
        warehouse.select_input(one, as_known_on=as_known_on, without=warehouse.withheld(one))
        for one in version.inputs
    ]


def _upto_before(run: PipelineRun) -> dict[str, int]:
    """Return up to which batch the last landed run knew each input."""
    landed = PipelineRun.objects.filter(pipeline=run.pipeline_id, state=State.LANDED)
    before = landed.filter(pk__lt=run.pk).order_by("-pk").first()
    return {row["dataset"]: row["upto"] for row in before.inputs} if before else {}


def facts_of(
    version: PipelineVersion, inputs: list[warehouse.Input], before: Mapping[str, int] | None = None
) -> list[dict[str, Any]]:
    """Return for each input how many rows it had, up to which batch, and what is new since."""
    rows = warehouse.count_inputs(inputs, settings.PIPELINE_SECONDS)
    facts = []
    for code, one in zip(version.inputs, inputs, strict=True):
        newest = warehouse.newest_batches(code, _NEW)
        since = (before or {}).get(code, 0)
        facts.append(
            {
                "dataset": code,
                "version": catalogue.contract(code).version,
                "upto": newest[0].batch if newest else 0,
                "rows": rows[one.name],
                "new": [known.batch for known in newest if known.batch > since],
            }
        )
    return facts


def compute(
    version: PipelineVersion,
    days: Days,
    folder: Path,
    inputs: list[warehouse.Input],
    *,
    seconds: float | None = None,
    most: int | None = None,
    seen: Callable[[int], None] = lambda rows: None,
) -> pa.Table:
    """Return the rows of a version's statement, mapped from a file of a folder.

    Raises BadQueryError, TooSlowError, PipelineError for columns that do not fit the output.
    """
    names = [warehouse.input_name(one) for one in version.inputs]
    statement = warehouse.check_select(version.sql, names)
    to = folder / "result.arrow"
    write = warehouse.write_select
    if version.engine == version.Engine.SPARK:
        write = warehouse.write_select_on_spark
    write(
        statement, inputs, days, to,
        seconds=seconds or settings.PIPELINE_SECONDS, most=most, seen=seen,
    )  # fmt: skip
    result = pa.ipc.open_file(pa.memory_map(str(to))).read_all()
    _require_fit(result.column_names, catalogue.contract(version.pipeline.output))
    return result


def _require_fit(columns: list[str], contract: catalogue.ContractSpec) -> None:
    if strange := [name for name in columns if name not in contract.names]:
        raise errors.PipelineError(
            f"Cột “{strange[0]}” không có trong cấu trúc của bộ dữ liệu đầu ra "
            f"({', '.join(contract.names)}). Đặt lại tên cột bằng AS."
        )
    needed = [one for one in contract.fields if one.required or one.key]
    if missing := [one for one in needed if one.name not in columns]:
        raise errors.PipelineError(
            f"Thiếu cột bắt buộc “{missing[0].name}” ({missing[0].title}) trong kết quả."
        )


def tested(
    version: PipelineVersion, days: Days, inputs: list[warehouse.Input], result: pa.Table
) -> list[dict[str, Any]]:
    """Return for each test whether it passed, and the first rows where it did not."""
    names = [*(warehouse.input_name(one) for one in version.inputs), warehouse.RESULT]
    found = []
    for test in version.tests:
        statement = warehouse.check_select(test["sql"], names)
        rows = warehouse.select_rows(
            statement, inputs, days, result=result, seconds=settings.PIPELINE_SECONDS,
            most=_TEST_ROWS,
        )  # fmt: skip
        shown = [{name: str(value) for name, value in row.items()} for row in rows]
        found.append({"title": test["title"], "passed": not rows, "rows": shown})
    return found + list(_counted(version, result.num_rows))


def _counted(version: PipelineVersion, rows: int) -> Iterator[dict[str, Any]]:
    least, most = version.min_rows, version.max_rows
    if least is not None:
        title = f"Ít nhất {_number(least)} dòng (có {_number(rows)})"
        yield {"title": title, "passed": rows >= least, "rows": []}
    if most is not None:
        title = f"Nhiều nhất {_number(most)} dòng (có {_number(rows)})"
        yield {"title": title, "passed": rows <= most, "rows": []}


def require_passed(tests: list[dict[str, Any]]) -> None:
    """Raise AssertionFailedError for the first test that did not pass."""
    for one in tests:
        if not one["passed"]:
            raise errors.AssertionFailedError(
                f"Không đạt phép kiểm tra “{one['title']}”; không có dòng nào được ghi."
            )


def write_lines(result: pa.Table, output: str, to: Path) -> Path:
    """Write a result as NDJSON with every field of the output's contract, as ingest reads it."""
    names = catalogue.contract(output).names
    absent = dict.fromkeys(names)
    with to.open("wb") as opened:
        for batch in result.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                said = {name: _plain(value) for name, value in row.items()}
                opened.write(orjson.dumps(absent | said) + b"\n")
    return to


def _plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | dict | bytes | dt.timedelta | dt.time):
        return str(value)
    return value


def _watch(run: PipelineRun) -> Callable[[int], None]:
    """Return what hears of computed rows, and raises StoppedError where somebody said stop."""
    asked = PipelineRun.objects.filter(pk=run.pk, cancel_asked_at__isnull=False)
    looked = [0.0]

    def seen(rows: int) -> None:
        if time.monotonic() - looked[0] < 0.5:
            return
        looked[0] = time.monotonic()
        if asked.exists():
            raise errors.StoppedError

    return seen


@transaction.atomic
def _told(run: PipelineRun, sentence: str, rows: int | None = None, **more: Any) -> None:
    found = locked(run.pk)
    if rows is not None:
        found.rows_made = rows
    for name, value in more.items():
        setattr(found, name, value)
    note(found, sentence)
    found.save(update_fields=["rows_made", "inputs", "tests", "log"])


def note(run: PipelineRun, sentence: str) -> None:
    """Add a sentence to a run's log; the caller saves."""
    run.log = [*run.log, [timezone.now().isoformat(timespec="seconds"), sentence]]


@transaction.atomic
def _ended(
    run_id: int, state: str, *, failure: str = "", receipt: ingest.Receipt | None = None
) -> PipelineRun:
    found = locked(run_id)
    if not found.is_open:
        return found
    if receipt is not None and receipt.status != "landed":
        state = State.FAILED
        failure = receipt.failure or f"Lượt nạp {receipt.run_id} chưa nạp được."
    found.state, found.failure, found.finished_at = state, failure, timezone.now()
    if receipt is not None and state == State.LANDED:
        found.rows_made = receipt.read
        found.accepted, found.quarantined = receipt.accepted, receipt.quarantined
        found.duplicate, found.revised = receipt.duplicate, receipt.revised
    note(found, failure or f"Kết thúc: {found.get_state_display().lower()}.")
    found.save()
    actor = audit.Actor(found.asked_id, found.asked_label)
    audit.record(
        action=f"pipelines.run_{found.state}", on=found.pipeline, by=actor, reason=failure,
        changes={"run": found.pk, "rows": found.rows_made, "accepted": found.accepted},
    )  # fmt: skip
    events.publish(
        "pipelines.run_finished",
        aggregate=f"pipeline:{found.pipeline.code}",
        run=found.pk,
        state=found.state,
    )
    return found


def days_of(run: PipelineRun) -> Days:
    """Return the days that a run covers; None for the whole."""
    return (run.from_day, run.to_day) if run.from_day and run.to_day else None


def locked(run_id: int) -> PipelineRun:
    """Return a run locked until the transaction ends. Raises UnknownRunError."""
    rows = PipelineRun.objects.select_for_update(of=("self",))
    found = rows.select_related("pipeline", "version__pipeline").filter(pk=run_id).first()
    if found is None:
        raise errors.UnknownRunError
    return found


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")
