"""Telling an OpenLineage server what was loaded and computed, where one is set."""

import orjson
from django.conf import settings
from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.pipelines.models import PipelineRun
from haidang.data.pipelines.rules.openlineage import Told, run_event
from haidang.data.warehouse import api as warehouse

_STATES = {"landed": "COMPLETE", "nothing": "COMPLETE", "failed": "FAIL", "cancelled": "ABORT"}


def tell_start(run_id: int) -> None:
    """Tell that a run began. Raises ConnectorError."""
    found = _run(run_id)
    if found is not None and found.started_at is not None:
        _send(_told(found, "START"))


def tell_end(run_id: int) -> None:
    """Tell how a run ended, with the rows read and written. Raises ConnectorError."""
    found = _run(run_id)
    if found is not None and found.state in _STATES:
        _send(_told(found, _STATES[found.state]))


def tell_load(run_id: int) -> None:
    """Tell a load's start and end, unless it is a pipeline's own, which its run tells.

    Raises ConnectorError.
    """
    if PipelineRun.objects.filter(batch=run_id).exists():
        return
    receipt = ingest.receipt(run_id)
    began = ingest.lineage(receipt.dataset, run_id).received_at
    landed = warehouse.landed([run_id]).get(run_id)
    ended = (landed.landed_at if landed else None) or timezone.now()
    key, job = f"{settings.PUBLIC_URL}/load/{run_id}", f"source.{receipt.source}"
    inputs = [(f"source:{receipt.source}", receipt.read)]
    outputs = [(receipt.dataset, receipt.accepted)]
    is_good = receipt.status == "landed"
    end = "COMPLETE" if is_good else "FAIL"
    _send(Told(key, job, "START", began, inputs, [(receipt.dataset, None)]))
    _send(Told(key, job, end, ended, inputs, outputs, receipt.failure))


def _told(run: PipelineRun, state: str) -> Told:
    is_over = state != "START"
    at = run.finished_at if is_over else run.started_at
    assert at is not None
    rows = {row["dataset"]: int(row["rows"]) for row in run.inputs} if is_over else {}
    made = run.accepted if is_over else None
    return Told(
        key=f"{settings.PUBLIC_URL}/pipeline-run/{run.pk}",
        job=f"pipeline.{run.pipeline.code}",
        state=state,
        at=at,
        inputs=[(code, rows.get(code)) for code in run.version.inputs],
        outputs=[(run.pipeline.output, made)],
        failure=run.failure if state == "FAIL" else "",
    )


def _run(run_id: int) -> PipelineRun | None:
    return PipelineRun.objects.select_related("pipeline", "version").filter(pk=run_id).first()


def _send(told: Told) -> None:
    body = orjson.dumps(run_event(told, settings.PUBLIC_URL))
    ingest.send_outside(url=settings.OPENLINEAGE_URL, body=body, media="application/json")
