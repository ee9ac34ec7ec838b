"""Trying a draft: its first rows, checked as a load would check them; nothing is written."""

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.pipelines import errors, queries
from haidang.data.pipelines.actions import running, writing
from haidang.data.pipelines.models import PipelineVersion
from haidang.data.pipelines.permissions import MANAGE
from haidang.data.pipelines.queries.showing import Shown
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access.api import Scope

ROWS = 200
# A Spark cluster takes its time before it begins.
SECONDS = {"duckdb": 25.0, "spark": 240.0}


@dataclass(frozen=True)
class Tried:
    """What a version would do now. `tests` hold for the rows looked at, `rows` at most 200.

    `seal` is that of the text that was tried.
    """

    rows: int
    is_whole: bool
    trial: "ingest.Trial | None"
    tests: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    seal: str = ""

    @property
    def is_good(self) -> bool:
        waiting = self.trial.waiting if self.trial else 0
        return all(one["passed"] for one in self.tests) and not waiting


def try_version(
    *,
    pipeline: str,
    by: Scope,
    days: running.Days = None,
    as_known_on: dt.datetime | None = None,
) -> Tried:
    """Compute the open draft, or else the version in use, and check its first rows.

    A draft that shows no fault is noted as tried. Raises NotAllowedError, PartlySeenError,
    BadQueryError, TooSlowError, PipelineError.
    """
    found = queries.seen(by, pipeline)
    by.require(MANAGE, found.owner_unit_id, found.sector)
    drafts = found.versions.filter(state__in=["draft", "tried"]).select_related("pipeline")
    version = drafts.first() or found.version
    if version is None:
        raise errors.PipelineError("Luồng chưa có phiên bản nào để chạy thử.")
    _require_seen(version, by)
    if version.has_period and days is None:
        days = running.usual_days(found, timezone.now())
    tried = _tried(version, days, as_known_on, by)
    if tried.is_good and as_known_on is None:
        is_open = version.state in {"draft", "tried"}
        if is_open and not writing.note_tried(version=version, by=by):
            raise errors.PipelineError(
                "Bản nháp vừa được người khác sửa hoặc duyệt trong lúc chạy thử. Xem lại rồi chạy "
                "thử lần nữa."
            )
    return tried


def _tried(
    version: PipelineVersion, days: running.Days, as_known_on: dt.datetime | None, by: Scope
) -> Tried:
    pipeline = version.pipeline
    with tempfile.TemporaryDirectory(prefix="haidang-pipeline-") as folder:
        inputs = running.read_inputs(version, as_known_on)
        result = running.compute(
            version, days, Path(folder), inputs, seconds=SECONDS[version.engine], most=ROWS + 1
        )
        is_whole = result.num_rows <= ROWS
        looked = result.slice(0, ROWS)
        tests = running.tested(version, days, inputs, looked)
        if not is_whole:  # counts can only be told of the whole
            tests = tests[: len(version.tests)]
        trial = None
        if looked.num_rows:
            lines = running.write_lines(looked, pipeline.output, Path(folder) / "rows.ndjson")
            trial = ingest.check_file(
                dataset=pipeline.output, supplier_unit_id=pipeline.owner_unit_id, file=lines,
                media=running.MEDIA, rows=ROWS, by=by,
            )  # fmt: skip
        facts = running.facts_of(version, inputs)
    shown = Shown(by).tests(version, tests)
    return Tried(looked.num_rows, is_whole, trial, shown, facts, version.seal)


def _require_seen(version: PipelineVersion, by: Scope) -> None:
    for one in version.inputs:
        if not warehouse.sees_all(one, by):
            raise errors.PartlySeenError
