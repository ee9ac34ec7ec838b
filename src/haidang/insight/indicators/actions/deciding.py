"""Thresholds and plans change by two persons: one proposes, another decides."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from haidang.data.ingest import api as ingest
from haidang.foundation.core import audit, jobs
from haidang.insight.indicators.actions import judging, standing, storing, telling
from haidang.insight.indicators.errors import (
    AlreadyDecidedError,
    BadProposalError,
    SamePersonError,
    UnknownProposalError,
)
from haidang.insight.indicators.models import (
    Indicator,
    Proposal,
    Series,
    Target,
    Threshold,
    Value,
)
from haidang.insight.indicators.queries import dictionary

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

DEFINE, DECIDE = "indicators.define", "indicators.decide"
EVALUATOR = "indicators"


@transaction.atomic
def propose_threshold(
    *,
    indicator: str,
    unit_id: int | None,
    level: str,
    start: date,
    watch: float,
    critical: float,
    reason: str,
    by: "Scope",
    basis: str = "value",
    watch_low: float | None = None,
    critical_low: float | None = None,
    hysteresis: float = 0,
    minimum_seconds: int = 0,
) -> int:
    """Propose a threshold from a day on, for one unit or (None) for those of a level or for all.

    Return the proposal's id. Raises NotAllowedError, BadProposalError.
    """
    row = dictionary.row(indicator)
    if basis not in Threshold.Basis.values:
        raise BadProposalError
    _check_order(row, watch, critical, watch_low, critical_low)
    content = {
        "level": level,
        "start": start.isoformat(),
        "basis": basis,
        "watch": watch,
        "critical": critical,
        "watch_low": watch_low,
        "critical_low": critical_low,
        "hysteresis": hysteresis,
        "minimum_seconds": minimum_seconds,
    }
    return _propose(Proposal.Kind.THRESHOLD, row, unit_id, content, reason, by)


def _check_order(
    row: Indicator,
    watch: float,
    critical: float,
    watch_low: float | None,
    critical_low: float | None,
) -> None:
    """Refuse levels in the wrong order: the critical one lies beyond the one to watch."""
    is_wrong = critical > watch if row.direction == "higher" else critical < watch
    if row.direction == "range" and watch_low is not None and critical_low is not None:
        is_wrong = is_wrong or critical_low > watch_low or watch_low >= watch
    if is_wrong:
        raise BadProposalError(_("Hai mức ngưỡng ngược thứ tự so với chiều của chỉ tiêu."))


@transaction.atomic
def propose_target(
    *,
    indicator: str,
    unit_id: int,
    issuer: str,
    kind: str,
    start: date,
    end: date,
    amount: str,
    reason: str,
    by: "Scope",
    rank: int = 1,
    legal_basis: str = "",
) -> int:
    """Propose what an issuer wants of a unit in [start, end); return the proposal's id.

    Raises NotAllowedError, BadProposalError.
    """
    row = dictionary.row(indicator)
    if not issuer.strip() or end <= start or kind not in Target.Kind.values:
        raise BadProposalError
    content = {
        "issuer": issuer.strip(),
        "kind": kind,
        "start": start.isoformat(),
        "end": end.isoformat(),
        "amount": str(_amount(amount)),
        "rank": rank,
        "legal_basis": legal_basis,
    }
    return _propose(Proposal.Kind.TARGET, row, unit_id, content, reason, by)


def _amount(written: str) -> Decimal:
    try:
        amount = Decimal(written)
    except InvalidOperation as error:
        raise BadProposalError from error
    if not amount.is_finite():
        raise BadProposalError
    return amount


def _propose(
    kind: str,
    row: Indicator,
    unit_id: int | None,
    content: dict[str, Any],
    reason: str,
    by: "Scope",
) -> int:
    by.require(DEFINE, unit_id or row.owner_id, row.sector_id)
    if not reason.strip():
        raise BadProposalError(_("Cần nêu lý do đề xuất."))
    proposal = Proposal.objects.create(
        kind=kind,
        indicator=row,
        unit_id=unit_id,
        content=content,
        reason=reason.strip(),
        proposed_by_id=_person(by),
        proposed_at=timezone.now(),
    )
    audit.record(
        action="indicators.change_proposed",
        on=proposal,
        by=by.actor,
        changes=content,
        reason=reason,
    )
    telling.ask_to_decide(proposal, capability=DECIDE, by=by)
    return proposal.pk


def _person(by: "Scope") -> int:
    """Return the account that acts: what two persons must do, the system cannot."""
    if by.account_id is None:
        raise SamePersonError
    return by.account_id


@transaction.atomic
def decide_proposal(*, proposal: int, accept: bool, by: "Scope", note: str = "") -> None:
    """Accept or refuse a proposal of somebody else; an accepted one holds from its day on.

    A refusal needs its reason. The proposer is told.

    Raises NotAllowedError, SamePersonError, AlreadyDecidedError, BadProposalError.
    """
    row = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("indicator")
        .filter(pk=proposal)
        .first()
    )
    if row is None:
        raise UnknownProposalError
    by.require(DECIDE, row.unit_id or row.indicator.owner_id, row.indicator.sector_id)
    if row.decided_at is not None:
        raise AlreadyDecidedError
    if row.proposed_by_id == by.account_id:
        raise SamePersonError
    if not accept and not note.strip():
        raise BadProposalError(_("Cần nêu lý do trả lại."))
    row.decided_by_id, row.decided_at = _person(by), timezone.now()
    row.is_accepted, row.note = accept, note.strip()
    row.save()
    if accept:
        _carry_out(row)
    audit.record(
        action="indicators.change_accepted" if accept else "indicators.change_refused",
        on=row,
        by=by.actor,
        changes=row.content,
        reason=note,
    )
    telling.tell_decision(row, by=by)


def _carry_out(row: Proposal) -> None:
    if row.kind == Proposal.Kind.THRESHOLD:
        _set_threshold(row)
        ingest.evaluator_changed(EVALUATOR)
    else:
        _set_target(row)
    Indicator.objects.filter(pk=row.indicator_id).update(version=row.indicator.version + 1)
    jobs.defer("indicators.judge_again", queue="bulk", indicator=row.indicator.code)


def _set_threshold(row: Proposal) -> None:
    """End the threshold in force on the day the new one begins."""
    content = dict(row.content)
    start = date.fromisoformat(content.pop("start"))
    same = Threshold.objects.select_for_update().filter(
        indicator=row.indicator, unit=row.unit_id, level=content["level"]
    )
    for old in same.filter(valid__overlap=DateRange(start, None)):
        if old.valid.lower is not None and old.valid.lower >= start:
            raise BadProposalError(_("Đã có ngưỡng bắt đầu từ ngày này hoặc sau đó."))
        old.valid = DateRange(old.valid.lower, start)
        old.save(update_fields=["valid"])
    Threshold.objects.create(
        indicator=row.indicator, unit_id=row.unit_id, valid=DateRange(start, None), **content
    )


def _set_target(row: Proposal) -> None:
    """Keep the plan that is replaced, with the moment of its end."""
    if row.unit_id is None:
        raise BadProposalError
    content = row.content
    period = DateRange(date.fromisoformat(content["start"]), date.fromisoformat(content["end"]))
    Target.objects.filter(
        indicator=row.indicator,
        unit=row.unit_id,
        period=period,
        issuer=content["issuer"],
        replaced_at__isnull=True,
    ).update(replaced_at=timezone.now())
    Target.objects.create(
        indicator=row.indicator,
        unit_id=row.unit_id,
        period=period,
        issuer=content["issuer"],
        kind=content["kind"],
        amount=Decimal(content["amount"]),
        rank=content["rank"],
        legal_basis=content["legal_basis"],
    )


@transaction.atomic
def judge_again(*, indicator: str, now: datetime) -> int:
    """Judge all kept values of an indicator anew, and where its series stand; say how many."""
    row = Indicator.objects.filter(code=indicator).first()
    if row is None:
        return 0
    values = list(Value.objects.filter(indicator=row))
    by = judging.judging(row, {value.unit_id for value in values})
    by = judging.with_last_year(by, row, values)
    changed = [value for value in values if value.state != judging.judge(row, value, by)]
    for value in changed:
        value.state = judging.judge(row, value, by)
    Value.objects.bulk_update(changed, ["state"], batch_size=1000)
    if row.method != "live":
        newest = Series.objects.filter(indicator=row).values_list(
            "unit_id", "period_start", "revision"
        )
        standing.refresh(row, [storing.Written(*one) for one in newest], now=now)
    return len(changed)
