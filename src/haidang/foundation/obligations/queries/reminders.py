"""Reminders counted per unit and year, each with its proof."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from haidang.foundation.access import api as access
from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations import rules
from haidang.foundation.obligations.models import Reminder, ReminderCopy
from haidang.foundation.obligations.permissions import VIEW
from haidang.foundation.org import api as org

PIECE = 200


@dataclass(frozen=True)
class ReminderProof:
    """One reminder: what it was, when it went out, to whom, and when each read it."""

    id: int
    obligation_id: int
    title: str
    due_at: dt.datetime
    stage: str
    year: int
    number: int | None
    sent_at: dt.datetime
    copies: tuple[notifications.Proof, ...]


def reminder_counts(year: int) -> dict[int, int]:
    """Return for each unit how often it was reminded after a deadline in a year."""
    counted = Reminder.objects.filter(year=year, number__isnull=False)
    return dict(counted.values_list("unit").annotate(last=Max("number")))


@dataclass(frozen=True)
class Tally:
    """How often a unit was reminded after a deadline in a year, within what a reader may see.

    `obligations` is for how many things, `unread` how many of the reminders nobody has opened.
    """

    unit: org.UnitRef
    count: int
    obligations: int
    unread: int
    last_sent_at: dt.datetime
    mark: rules.Mark | None


def tallies(scope: access.Scope, year: int) -> list[Tally]:
    """Return the reminded units of a year, the most reminded first."""
    marks = rules.marks(settings.REMINDER_MARKS)
    opened = ReminderCopy.objects.filter(reminder=OuterRef("pk"), message__read_at__isnull=False)
    rows = (
        _counted(scope, year)
        .annotate(is_opened=Exists(opened))
        .values("unit")
        .annotate(
            count=Count("pk"),
            obligations=Count("obligation", distinct=True),
            unread=Count("pk", filter=Q(is_opened=False)),
            last=Max("sent_at"),
        )
        .order_by("-count", "-last")
    )
    refs = org.units(row["unit"] for row in rows)
    return [
        Tally(
            unit=refs[row["unit"]],
            count=row["count"],
            obligations=row["obligations"],
            unread=row["unread"],
            last_sent_at=row["last"],
            mark=rules.reached(row["count"], marks),
        )
        for row in rows
    ]


def of_unit(scope: access.Scope, unit_id: int, year: int) -> list[ReminderProof]:
    """Return a unit's counted reminders of a year with their proof, the newest first."""
    return _proofs(_counted(scope, year).filter(unit=unit_id).order_by("-sent_at", "-pk"))


def of_year(scope: access.Scope, year: int) -> Iterator[tuple[org.UnitRef, ReminderProof]]:
    """Return every counted reminder of a year with its unit, the first first, in pieces."""
    found = _counted(scope, year).order_by("sent_at", "pk")
    for start in range(0, found.count(), PIECE):
        rows = found[start : start + PIECE]
        refs = org.units(row.unit_id for row in rows)
        for row, proof in zip(rows, _proofs(rows), strict=True):
            yield refs[row.unit_id], proof


def years(scope: access.Scope) -> list[int]:
    """Return the years in which anybody was reminded, the newest first."""
    found = _visible(scope).order_by("-year").values_list("year", flat=True)
    return list(found.distinct())


def _counted(scope: access.Scope, year: int) -> QuerySet[Reminder]:
    return _visible(scope).filter(year=year, number__isnull=False)


def _visible(scope: access.Scope) -> QuerySet[Reminder]:
    return scope.filter(Reminder.objects.all(), VIEW, unit="unit", sector="obligation__sector")


def reminders(obligation_id: int) -> list[ReminderProof]:
    """Return every reminder of an obligation with its proof, the first first."""
    return _proofs(Reminder.objects.filter(obligation=obligation_id).order_by("sent_at", "pk"))


def _proofs(found: QuerySet[Reminder]) -> list[ReminderProof]:
    rows = list(found.select_related("obligation").prefetch_related("copies"))
    known = notifications.proofs(copy.message_id for row in rows for copy in row.copies.all())
    return [_proof(row, known) for row in rows]


def _proof(row: Reminder, known: dict[int, notifications.Proof]) -> ReminderProof:
    return ReminderProof(
        id=row.pk,
        obligation_id=row.obligation_id,
        title=str(row.obligation),
        due_at=row.obligation.due_at,
        stage=row.get_stage_display(),
        year=row.year,
        number=row.number,
        sent_at=row.sent_at,
        copies=tuple(known[copy.message_id] for copy in row.copies.all()),
    )
