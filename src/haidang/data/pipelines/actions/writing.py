"""Making a pipeline and its versions: written, tried, switched on by a second person, off."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.pipelines import errors, queries
from haidang.data.pipelines.models import Pipeline, PipelineVersion
from haidang.data.pipelines.permissions import APPROVE, MANAGE
from haidang.data.pipelines.rules import due, graph
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.org import api as org

State = PipelineVersion.State
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_TAKEN = {"new", "graph", "runs", "backfills", "export.csv"}


@dataclass(frozen=True)
class Text:
    """What a version says: the statement over its inputs, its tests and counts."""

    sql: str
    inputs: Sequence[str]
    tests: Sequence[Mapping[str, str]] = ()
    min_rows: int | None = None
    max_rows: int | None = None
    origin: str = ""
    engine: str = "duckdb"


@dataclass(frozen=True)
class Timing:
    """When a pipeline runs; `lookback` is in days."""

    cadence: str = "manual"
    minute: int = 5
    at: dt.time | None = None
    lookback: int = 3


@transaction.atomic
def create(
    *,
    code: str,
    title: str,
    output: str,
    text: Text,
    by: Scope,
    why: str,
    purpose: str = "",
    timing: Timing | None = None,
) -> PipelineVersion:
    """Make a pipeline with the draft of its first version.

    Raises NotAllowedError, PartlySeenError, CycleError, BadQueryError, PipelineError,
    UnknownDatasetError (also where the scope may not see the dataset).
    """
    if not _CODE.match(code) or code in _TAKEN:
        raise errors.PipelineError(
            f"Mã “{code}” chưa dùng được: chữ thường không dấu, chữ số, gạch nối."
        )
    if Pipeline.objects.filter(code=code).exists():
        raise errors.PipelineError(f"Mã luồng “{code}” đã có.")
    if not title.strip():
        raise errors.PipelineError("Cần ghi tên luồng xử lý.")
    contract = _visible_contract(output, by)
    owner, sector = contract.owner_unit_id or org.root().id, contract.sector or ""
    by.require(MANAGE, owner, sector)
    made = Pipeline(
        code=code, title=title.strip(), purpose=purpose.strip(), output=output,
        owner_unit_id=owner, sector=sector, created_by_id=by.account_id,
    )  # fmt: skip
    _set_timing(made, timing or Timing())
    made.save()
    audit.record(action="pipelines.created", on=made, by=by.actor, reason=why)
    return draft(pipeline=code, text=text, by=by, why=why)


@transaction.atomic
def draft(*, pipeline: str, text: Text, by: Scope, why: str) -> PipelineVersion:
    """Write the next version; an open draft is written over, with its trial forgotten."""
    found = _managed(pipeline, by)
    if not why.strip():
        raise errors.PipelineError("Cần ghi lý do hoặc căn cứ của phiên bản này.")
    said = _checked(found, text, by)
    last = found.versions.aggregate(last=Max("number"))["last"] or 0
    open_draft = found.versions.filter(state__in=[State.DRAFT, State.TRIED]).first()
    made = open_draft or PipelineVersion(pipeline=found, number=last + 1)
    made.sql, made.inputs = text.sql.strip(), list(dict.fromkeys(text.inputs))
    made.columns, made.has_period = sorted(said.columns), said.has_period
    made.tests = [{"title": one["title"], "sql": one["sql"]} for one in text.tests]
    made.min_rows, made.max_rows, made.origin = text.min_rows, text.max_rows, text.origin
    made.engine = text.engine
    made.state, made.why, made.tried_at, made.tried_label = State.DRAFT, why.strip(), None, ""
    made.written_by_id, made.written_label = by.account_id, by.label
    made.written_at = timezone.now()
    made.save()
    changes = {"version": made.number, "inputs": made.inputs, "sql": made.sql}
    changes["engine"] = made.engine
    audit.record(
        action="pipelines.drafted", on=found, by=by.actor, reason=made.why, changes=changes
    )
    return made


def _checked(pipeline: Pipeline, text: Text, by: Scope) -> warehouse.Statement:
    """Return the checked statement of a version; every input is one that the writer sees whole."""
    inputs = list(dict.fromkeys(text.inputs))
    if not inputs:
        raise errors.PipelineError("Cần chọn ít nhất một bộ dữ liệu đầu vào.")
    for one in inputs:
        contract = _visible_contract(one, by)
        warehouse.ensure_table(contract)
        if not warehouse.sees_all(one, by):
            raise errors.PartlySeenError(
                f"Bạn chỉ được xem một phần bộ dữ liệu “{contract.title}”, nên chưa dùng được làm "
                "đầu vào. Nhờ người có quyền xem toàn bộ soạn luồng này."
            )
    if way := graph.cycle(queries.edges(without=pipeline.pk), pipeline.output, inputs):
        raise errors.CycleError(
            f"Luồng xử lý tạo thành vòng: {' ← '.join(way)}. Bỏ một đầu vào trong vòng này."
        )
    names = [warehouse.input_name(one) for one in inputs]
    said = warehouse.check_select(text.sql, names)
    _require_engine(text.engine, said)
    if unused := set(names) - said.tables:
        raise errors.PipelineError(
            f"Đầu vào “{sorted(unused)[0]}” đã khai nhưng câu lệnh không dùng; bỏ khỏi danh sách."
        )
    for test in text.tests:
        if not test["title"].strip():
            raise errors.PipelineError("Mỗi phép kiểm tra cần có tên.")
        warehouse.check_select(test["sql"], [*names, warehouse.RESULT])
    return said


def _require_engine(engine: str, said: warehouse.Statement) -> None:
    if engine not in PipelineVersion.Engine.values:
        raise errors.PipelineError(f"Không có máy tính toán “{engine}”: chọn duckdb hoặc spark.")
    if engine == PipelineVersion.Engine.SPARK:
        warehouse.require_spark(said)


@transaction.atomic
def note_tried(*, version: PipelineVersion, by: Scope) -> bool:
    """Record that a draft was tried without fault, so that a second person may switch it on.

    False where the draft was written over, or decided on, while it was tried.
    """
    _locked(version.pipeline_id)
    found = PipelineVersion.objects.get(pk=version.pk)
    is_same = found.written_at == version.written_at
    if not is_same or found.state not in {State.DRAFT, State.TRIED}:
        return False
    found.state, found.tried_at, found.tried_label = State.TRIED, timezone.now(), by.label
    found.save(update_fields=["state", "tried_at", "tried_label"])
    changes = {"version": found.number}
    audit.record(action="pipelines.tried", on=found.pipeline, by=by.actor, changes=changes)
    return True


@transaction.atomic
def switch_on(*, pipeline: str, by: Scope, reason: str, seal: str) -> PipelineVersion:
    """Put the tried version to use; `seal` is that of the text which the approver saw.

    Raises SameWriterError for who wrote it, ChangedTextError, PipelineError.
    """
    found = _locked(queries.seen(by, pipeline).pk)
    by.require(APPROVE, found.owner_unit_id, found.sector)
    version = found.versions.filter(state=State.TRIED).first()
    if version is None:
        raise errors.PipelineError("Chưa có phiên bản nào đã chạy thử đạt; chạy thử trước.")
    if by.account_id is None or by.account_id == version.written_by_id:
        raise errors.SameWriterError
    if seal != version.seal:
        raise errors.ChangedTextError
    if not reason.strip():
        raise errors.PipelineError("Cần ghi lý do khi duyệt.")
    found.versions.filter(state=State.IN_USE).update(state=State.RETIRED)
    version.state, version.decided_at = State.IN_USE, timezone.now()
    version.decided_by_id, version.decided_label = by.account_id, by.label
    version.decision_reason = reason.strip()
    version.save()
    found.version, found.is_on = version, True
    _set_next(found)
    found.save()
    _ready_source(found, version, by)
    changes = {"version": version.number, "sha256": version.seal}
    audit.record(
        action="pipelines.switched_on", on=found, by=by.actor, reason=reason, changes=changes
    )
    return version


def _ready_source(pipeline: Pipeline, version: PipelineVersion, by: Scope) -> None:
    """Make the automatic source of the results: the writer proposed it, the approver approves."""
    try:
        ingest.source(pipeline.source_code)
        return
    except ingest.SourceNotFoundError:
        pass
    writer = audit.Actor(version.written_by_id, version.written_label)
    ingest.create_source(
        code=pipeline.source_code, title=f"Luồng xử lý: {pipeline.title}", kind="http",
        dataset=pipeline.output, supplier_unit_id=pipeline.owner_unit_id, sector=pipeline.sector,
        by=writer, reason=version.why,
    )  # fmt: skip
    ingest.propose_automatic(source=pipeline.source_code, by=writer)
    ingest.approve_automatic(source=pipeline.source_code, by=by.actor)


@transaction.atomic
def switch_off(*, pipeline: str, by: Scope, reason: str) -> None:
    """Stop regular runs; the version stays and can be resumed."""
    found = _managed(pipeline, by)
    if not reason.strip():
        raise errors.PipelineError("Cần ghi lý do khi dừng luồng.")
    found.is_on, found.next_at = False, None
    found.save(update_fields=["is_on", "next_at"])
    audit.record(action="pipelines.switched_off", on=found, by=by.actor, reason=reason)


@transaction.atomic
def resume(*, pipeline: str, by: Scope, reason: str = "") -> None:
    """Run regularly again with the version that two persons put to use."""
    found = _managed(pipeline, by)
    if found.version is None:
        raise errors.PipelineError("Luồng chưa có phiên bản nào được duyệt.")
    found.is_on = True
    _set_next(found)
    found.save(update_fields=["is_on", "next_at"])
    audit.record(action="pipelines.resumed", on=found, by=by.actor, reason=reason)


@transaction.atomic
def change(*, pipeline: str, title: str, purpose: str, timing: Timing, by: Scope) -> None:
    """Change what stands around the statement: the name and when it runs."""
    found = _managed(pipeline, by)
    before: dict[str, Any] = {name: str(getattr(found, name)) for name in _AROUND}
    found.title, found.purpose = title.strip() or found.title, purpose.strip()
    _set_timing(found, timing)
    _set_next(found)
    found.save()
    changes = {
        name: [old, str(getattr(found, name))]
        for name, old in before.items()
        if old != str(getattr(found, name))
    }
    if changes:
        audit.record(action="pipelines.changed", on=found, by=by.actor, changes=changes)


_AROUND = ("title", "purpose", "cadence", "minute", "at", "lookback")


def _set_timing(pipeline: Pipeline, timing: Timing) -> None:
    if timing.cadence not in Pipeline.Cadence.values:
        raise errors.PipelineError(f"Không có lịch chạy “{timing.cadence}”.")
    if not 0 <= timing.minute <= 59 or not 1 <= timing.lookback <= 400:
        raise errors.PipelineError("Phút từ 0 đến 59; số ngày tính lại từ 1 đến 400.")
    pipeline.cadence, pipeline.minute = timing.cadence, timing.minute
    pipeline.at, pipeline.lookback = timing.at, timing.lookback


def _set_next(pipeline: Pipeline) -> None:
    now = timezone.now()
    due_at = due.next_due(pipeline.cadence, pipeline.minute, pipeline.at, now)
    pipeline.next_at = due_at if pipeline.is_on else None


def _visible_contract(dataset: str, by: Scope) -> catalogue.ContractSpec:
    spec = catalogue.contract(dataset)
    if dataset not in {one.code for one in catalogue.datasets(by)}:
        raise catalogue.UnknownDatasetError(dataset=dataset)
    return spec


def _managed(code: str, by: Scope) -> Pipeline:
    found = _locked(queries.seen(by, code).pk)
    if not by.allows(MANAGE, found.owner_unit_id, found.sector):
        raise NotAllowedError(capability=MANAGE, unit_id=found.owner_unit_id, sector=found.sector)
    return found


def _locked(pipeline_id: int) -> Pipeline:
    rows = Pipeline.objects.select_for_update(of=("self",)).select_related("version")
    return rows.get(pk=pipeline_id)
