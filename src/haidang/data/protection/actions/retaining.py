"""How long a dataset is kept: proposed with its preview, approved by another, looked at nightly."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.protection import errors, permissions, queries
from haidang.data.protection.actions import asking, deciding
from haidang.data.protection.models import Removal, Retention
from haidang.data.protection.rules import hashing, keeping
from haidang.data.protection.rules.targets import Limits, Target
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit, jobs
from haidang.foundation.org import api as org

State = Retention.State
_TIMES = {"datetime", "date", "year", "yearmonth"}


@dataclass(frozen=True)
class Period:
    """How long, and why: months of the rows' own time, and since a file came. None: for good."""

    rows_months: int | None
    files_months: int | None
    legal_basis: str
    document: str


@transaction.atomic
def propose(*, dataset: str, period: Period, by: Scope) -> Retention:
    """Say how long a dataset is kept; nothing goes before another person approves.

    A period at work stops until then. Raises NotAllowedError, ProtectionError.
    """
    contract = catalogue.contract(dataset)
    owner, sector = contract.owner_unit_id or org.root().id, contract.sector or ""
    by.require(permissions.REQUEST, owner, sector)
    _require_sense(period, contract)
    made, _ = Retention.objects.select_for_update().update_or_create(
        dataset=dataset,
        defaults={
            "state": State.PROPOSED, "rows_months": period.rows_months,
            "files_months": period.files_months, "legal_basis": period.legal_basis.strip(),
            "document": period.document.strip()[:100], "owner_unit_id": owner, "sector": sector,
            "proposed_at": timezone.now(), "proposed_by_id": by.account_id,
            "proposed_label": by.label, "decided_at": None, "decided_by": None,
            "decided_label": "",
        },
    )  # fmt: skip
    _record("retention_proposed", made, by)
    return made


def _require_sense(period: Period, contract: catalogue.ContractSpec) -> None:
    if not period.legal_basis.strip() or not period.document.strip():
        raise errors.ProtectionError("Cần ghi căn cứ pháp lý và số, ngày văn bản.")
    said = [one for one in (period.rows_months, period.files_months) if one is not None]
    if not said:
        raise errors.ProtectionError("Ghi thời hạn của dòng dữ liệu, của tệp gốc, hoặc cả hai.")
    if any(not 1 <= one <= keeping.LONGEST for one in said):
        raise errors.ProtectionError(f"Thời hạn từ 1 đến {keeping.LONGEST} tháng.")
    times = {one.name for one in contract.fields if one.type in _TIMES}
    if period.rows_months is not None and contract.time_field not in times:
        raise errors.ProtectionError(
            "Bộ dữ liệu chưa khai trường thời gian, nên chưa biết dòng nào hết hạn; chỉ đặt được "
            "thời hạn cho tệp gốc."
        )


@transaction.atomic
def approve(*, dataset: str, by: Scope, seal: str) -> None:
    """Put a proposed period to work; `seal` is that of the period which the approver saw.

    Raises SamePersonError, AlreadyDecidedError, ChangedPeriodError.
    """
    found = _locked(dataset)
    by.require(permissions.APPROVE, found.owner_unit_id, found.sector)
    if found.state != State.PROPOSED:
        raise errors.AlreadyDecidedError
    if by.account_id is not None and by.account_id == found.proposed_by_id:
        raise errors.SamePersonError
    if seal != found.seal:
        raise errors.ChangedPeriodError
    found.state, found.decided_at = State.ON, timezone.now()
    found.decided_by_id, found.decided_label = by.account_id, by.label
    found.save()
    _record("retention_approved", found, by)


@transaction.atomic
def stop(*, dataset: str, by: Scope, reason: str) -> None:
    """Keep everything from now on."""
    found = _locked(dataset)
    by.require(permissions.REQUEST, found.owner_unit_id, found.sector)
    if not reason.strip():
        raise errors.ProtectionError("Cần ghi lý do dừng.")
    found.state = State.OFF
    found.save(update_fields=["state"])
    _record("retention_stopped", found, by, reason)


def preview(found: Retention, now: dt.datetime) -> dict[str, Any]:
    """Return what would go tonight, store by store."""
    target = Target("", queries.key(), expired={found.dataset: _limits(found, now)})
    return asking.found_of(target)


def remove_what_is_over(now: dt.datetime) -> int:
    """Begin a removal for every dataset with something over; return how many."""
    begun = 0
    for found in Retention.objects.filter(state=State.ON).order_by("dataset"):
        removals = Removal.objects.filter(kind=Removal.Kind.EXPIRED, state="approved")
        if removals.filter(datasets__contains=[found.dataset]).exists():
            continue
        seen = preview(found, now)
        Retention.objects.filter(pk=found.pk).update(looked_at=now)
        if any(count for one in seen.values() for count in one["counts"].values()):
            begun += _begin(found.pk, seen, now)
    return begun


@transaction.atomic
def _begin(retention_id: int, seen: dict[str, Any], now: dt.datetime) -> int:
    """Write the removal down and have it carried out; 0 where the period was stopped meanwhile."""
    found = Retention.objects.select_for_update(of=("self",)).get(pk=retention_id)
    if found.state != State.ON:
        return 0
    limits = _limits(found, now)
    removal = Removal.objects.create(
        uuid=uuid.uuid4(), kind=Removal.Kind.EXPIRED, state=Removal.State.APPROVED,
        datasets=[found.dataset], owner_unit_id=found.owner_unit_id, sector=found.sector,
        reason="Hết thời hạn lưu giữ", legal_basis=found.legal_basis, document=found.document,
        shown=_shown(found, limits), key=hashing.fingerprint(queries.key()), refuses=False,
        expired={found.dataset: {"rows": _iso(limits.rows), "files": _iso(limits.files)}},
        preview=seen, asked_at=now, asked_by_id=found.proposed_by_id,
        asked_label=found.proposed_label, decided_at=now, decided_by_id=found.decided_by_id,
        decided_label=found.decided_label, decision_reason="Theo thời hạn lưu giữ đã duyệt",
    )  # fmt: skip
    changes = {"what": removal.shown, "document": removal.document}
    audit.record(
        action="protection.retention_due", on=removal, by=audit.SYSTEM, reason=removal.reason,
        changes=changes,
    )  # fmt: skip
    jobs.defer(deciding.JOB, queue="bulk", lock="protection", removal_id=removal.pk)
    return 1


def _limits(found: Retention, now: dt.datetime) -> Limits:
    rows, files = (
        keeping.over_before(months, now) if months is not None else None
        for months in (found.rows_months, found.files_months)
    )
    return Limits(rows, files)


def _shown(found: Retention, limits: Limits) -> str:
    parts = [
        f"{what} trước {limit:%d/%m/%Y}"
        for what, limit in (("dòng có thời gian", limits.rows), ("tệp gốc nhận", limits.files))
        if limit is not None
    ]
    return f"“{catalogue.contract(found.dataset).title}”: {'; '.join(parts)}"


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _locked(dataset: str) -> Retention:
    found = Retention.objects.select_for_update(of=("self",)).filter(dataset=dataset).first()
    if found is None:
        raise errors.UnknownRetentionError
    return found


def _record(action: str, found: Retention, by: Scope, reason: str = "") -> None:
    said = {"rows_months": found.rows_months, "files_months": found.files_months}
    audit.record(
        action=f"protection.{action}", on=found, by=by.actor, reason=reason or found.legal_basis,
        changes={"dataset": found.dataset, "document": found.document} | said,
    )  # fmt: skip
