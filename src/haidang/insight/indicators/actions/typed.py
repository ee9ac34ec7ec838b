"""Values that units type: entered by one person, approved or returned by another."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from haidang.foundation.calendar import periods
from haidang.foundation.core import audit
from haidang.foundation.notifications import api as notifications
from haidang.insight.indicators.actions import reported, telling
from haidang.insight.indicators.errors import (
    AlreadyDecidedError,
    BadValueError,
    SamePersonError,
    UnknownValueError,
)
from haidang.insight.indicators.models import Indicator, PendingValue

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

REPORT, APPROVE = "indicators.report", "indicators.approve"


@dataclass(frozen=True)
class TypedValue:
    """What a person types of a unit: the value of the period that holds the moment."""

    unit_id: int
    period: datetime
    value: float
    status: str = "preliminary"


def report_value(
    *,
    indicator: str,
    unit_id: int,
    period: datetime,
    value: float,
    by: "Scope",
    note: str = "",
    status: str = "preliminary",
) -> int:
    """Enter one value, as `report_values` does; return the id of what waits for approval."""
    typed = TypedValue(unit_id, period, value, status)
    return report_values([typed], indicator=indicator, by=by, note=note)[0]


@transaction.atomic
def report_values(
    values: Sequence[TypedValue], *, indicator: str, by: "Scope", note: str = ""
) -> list[int]:
    """Enter values of an indicator; return the ids of what waits for approval, in their order.

    All or none. Entering again before the decision replaces what waited. Those who may approve
    are told once. Raises NotAllowedError, NotReportableError, BadPeriodError, BadValueError.
    """
    row = reported.reportable(indicator)
    for unit_id in {one.unit_id for one in values}:
        by.require(REPORT, unit_id, row.sector_id)
    spans = [_checked(row, one) for one in values]
    found = _waiting(row, values, spans)
    _save(found, values, person=_person(by), note=note)
    audit.record_all(
        action="indicators.value_reported",
        on=[
            (one, {"value": one.value, "period": span.key})
            for one, span in zip(found, spans, strict=True)
        ],
        by=by.actor,
        reason=note,
    )
    _ask(row, found, by)
    return [one.pk for one in found]


def _save(
    found: Sequence[PendingValue], values: Sequence[TypedValue], *, person: int, note: str
) -> None:
    again = [one for one in found if one.pk is not None]
    new = [one for one in found if one.pk is None]
    now = timezone.now()
    for pending, one in zip(found, values, strict=True):
        pending.value, pending.status, pending.note = one.value, one.status, note
        pending.typed_by_id, pending.typed_at = person, now
    PendingValue.objects.bulk_create(new)
    PendingValue.objects.bulk_update(again, ["value", "status", "note", "typed_by", "typed_at"])


def _checked(row: Indicator, typed: TypedValue) -> periods.Period:
    reported.check(typed.value)
    return reported.span_of(row, typed.period)


def _waiting(
    row: Indicator, values: Sequence[TypedValue], spans: Sequence[periods.Period]
) -> list[PendingValue]:
    """Return what waits for each value: the one that is there, locked, else a new one."""
    places = [(one.unit_id, span.start) for one, span in zip(values, spans, strict=True)]
    if len(set(places)) < len(places):
        raise BadValueError(_("Một đơn vị có hai số liệu của cùng một kỳ."))
    open_ones = PendingValue.objects.select_for_update().filter(
        indicator=row,
        unit__in={unit for unit, _start in places},
        period_start__in={start for _unit, start in places},
        decided_at__isnull=True,
    )
    there = {(one.unit_id, one.period_start): one for one in open_ones}
    return [
        there.get(place)
        or PendingValue(
            indicator=row, unit_id=place[0], period_start=span.start, period_end=span.end
        )
        for place, span in zip(places, spans, strict=True)
    ]


def _person(by: "Scope") -> int:
    """Return the account that acts: what two persons must do, the system cannot."""
    if by.account_id is None:
        raise SamePersonError
    return by.account_id


def _ask(row: Indicator, found: Sequence[PendingValue], by: "Scope") -> None:
    """Tell the nearest units' approvers, but not the typist: each once, whatever waits for him."""
    first = by.account_id
    approvers = {
        unit_id: telling.second_persons(APPROVE, unit_id, row.sector_id, first=first)
        for unit_id in {one.unit_id for one in found}
    }
    waiting: defaultdict[int, list[PendingValue]] = defaultdict(list)
    for pending in found:
        for person in approvers[pending.unit_id]:
            waiting[person].append(pending)
    told: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for person, mine in waiting.items():
        told[tuple(one.pk for one in mine)].append(person)
    for ids, persons in told.items():
        one = next(pending for pending in found if pending.pk == ids[0])
        period = periods.of(row.period, one.period_start).label()
        what = period if len(ids) == 1 else _("%(count)s giá trị") % {"count": len(ids)}
        notifications.send(
            to=persons,
            kind="indicators.value_waits",
            title=_("Số liệu chờ duyệt: %(name)s") % {"name": row.name},
            body=_("%(who)s đã nhập số liệu %(period)s.") % {"who": by.label, "period": what},
            url=telling.PAGE,
            ref=f"indicators.pending:{one.pk}",
        )


@transaction.atomic
def approve_values(ids: Sequence[int], *, by: "Scope", note: str = "") -> int:
    """Approve what a colleague has typed, all or none; return how many cells of figures changed.

    Raises NotAllowedError, SamePersonError, AlreadyDecidedError, UnknownValueError.
    """
    return reported.keep(
        (
            reported.ReportedValue(
                indicator=row.indicator.code,
                unit_id=row.unit_id,
                period_start=row.period_start,
                value=row.value,
                status=row.status,
            ),
            f"typed:{row.pk}",
        )
        for row in _decided(ids, by, note, is_approved=True)
    )


@transaction.atomic
def return_values(ids: Sequence[int], *, by: "Scope", note: str) -> None:
    """Return what was typed, all or none, with the reason; its typists are told.

    Raises as `approve_values`, and BadValueError without a reason.
    """
    if not note.strip():
        raise BadValueError(_("Cần nêu lý do trả lại."))
    for row in _decided(ids, by, note, is_approved=False):
        notifications.send(
            to=[row.typed_by_id],
            kind="indicators.value_rejected",
            title=_("Số liệu bị trả lại: %(name)s") % {"name": row.indicator.name},
            body=note,
            url="/console/indicators/",
            ref=f"indicators.pending:{row.pk}",
        )


def _decided(
    ids: Sequence[int], by: "Scope", note: str, *, is_approved: bool
) -> list[PendingValue]:
    rows = list(
        PendingValue.objects.select_for_update(of=("self",))
        .select_related("indicator")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    if len(rows) < len(set(ids)):
        raise UnknownValueError
    person, now = _person(by), timezone.now()
    for row in rows:
        by.require(APPROVE, row.unit_id, row.indicator.sector_id)
        if row.decided_at is not None:
            raise AlreadyDecidedError
        if row.typed_by_id == person:
            raise SamePersonError
    PendingValue.objects.filter(pk__in=ids).update(
        decided_by=person, decided_at=now, is_approved=is_approved, decision_note=note
    )
    action = "indicators.value_approved" if is_approved else "indicators.value_rejected"
    audit.record_all(action=action, on=[(row, {}) for row in rows], by=by.actor, reason=note)
    return rows
