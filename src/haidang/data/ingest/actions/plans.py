"""The calendar of calibration and maintenance: declared, and withdrawn, never rewritten."""

import datetime as dt

from django.db import transaction

from haidang.data.ingest.actions.devices import MANAGE, locked, watch
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import IngestError, PlanNotFoundError
from haidang.data.ingest.models import Plan
from haidang.foundation.core import audit

_LONGEST = dt.timedelta(days=366)


@transaction.atomic
def declare(
    *,
    device: str,
    kind: str,
    starts_at: dt.datetime,
    minutes: int,
    performer: str,
    by: By,
    now: dt.datetime,
    metric: str = "",
    every_days: int | None = None,
    until: dt.date | None = None,
    document: str = "",
) -> int:
    """Declare a planned window, once or recurring; return its number.

    Raises DeviceNotFoundError, NotAllowedError, IngestError.
    """
    row = locked(device)
    actor = allowed(by, MANAGE, row.source)
    if metric and metric not in row.metrics:
        raise IngestError(f"Thiết bị không khai báo thông số “{metric}”.")
    plan = Plan(
        device=row,
        metric=metric,
        kind=kind,
        starts_at=starts_at,
        minutes=minutes,
        every_days=every_days,
        until=until,
        performer=performer.strip(),
        document=document.strip(),
        declared_at=now,
        declared_by_id=actor.id,
        declared_by_label=actor.label,
    )
    _check(plan)
    plan.save()
    said = ("kind", "minutes", "every_days")
    changes = {"plan": plan.pk, "starts_at": starts_at.isoformat()}
    changes |= {name: getattr(plan, name) for name in said}
    audit.record(action="ingest.plan_declared", on=row, by=actor, changes=changes, reason=document)
    watch(row, now)
    return plan.pk


def _check(plan: Plan) -> None:
    """Raise IngestError for a window that cannot be."""
    if plan.kind not in Plan.Kind.values:
        raise IngestError(f"Không có loại lịch “{plan.kind}”.")
    if not plan.performer:
        raise IngestError("Cần ghi đơn vị, người thực hiện.")
    length = dt.timedelta(minutes=plan.minutes)
    if not dt.timedelta(0) < length <= _LONGEST:
        raise IngestError("Thời gian thực hiện phải từ 1 phút đến 366 ngày.")
    if plan.every_days is not None and dt.timedelta(days=plan.every_days) < length:
        raise IngestError("Lịch lặp lại phải cách nhau dài hơn một lần thực hiện.")


@transaction.atomic
def withdraw(*, plan: int, by: By, now: dt.datetime, reason: str) -> None:
    """Withdraw a plan: it excuses nothing from now on. Raises PlanNotFoundError, IngestError."""
    rows = Plan.objects.select_for_update(of=("self",)).select_related("device__source")
    found = rows.filter(pk=plan).first()
    if found is None:
        raise PlanNotFoundError
    actor = allowed(by, MANAGE, found.device.source)
    if found.withdrawn_at is not None:
        return
    if not reason.strip():
        raise IngestError("Cần ghi lý do rút lịch.")
    found.withdrawn_at = now
    found.save(update_fields=["withdrawn_at"])
    audit.record(
        action="ingest.plan_withdrawn",
        on=found.device,
        by=actor,
        changes={"plan": plan},
        reason=reason,
    )
