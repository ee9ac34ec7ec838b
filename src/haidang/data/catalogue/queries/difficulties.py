"""The register of difficulties, within a scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from haidang.data.catalogue.errors import DifficultyNotFoundError
from haidang.data.catalogue.models import Difficulty, DifficultyEntry
from haidang.data.catalogue.permissions import VIEW
from haidang.foundation.core import text

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

WAITING = (Difficulty.State.OPEN, Difficulty.State.REPORTED)


@dataclass(frozen=True)
class Load:
    """How much an agency has to clear: waiting, of these late, and cleared."""

    agency_id: int
    waiting: int
    late: int
    resolved: int


@dataclass(frozen=True)
class Papers:
    """What is attached to one difficulty: contents by their SHA-256, and who raised it."""

    number: str
    unit_id: int
    sector: str
    files: frozenset[str]


def papers(number: str) -> Papers | None:
    """Return the papers of a difficulty by its number, VM-2026-0007; None for an unknown one."""
    year, _, serial = number.strip().upper().removeprefix("VM-").partition("-")
    if not (year.isdecimal() and serial.isdecimal()):
        return None
    row = Difficulty.objects.filter(year=int(year), serial=int(serial)).first()
    if row is None:
        return None
    kept = row.entries.exclude(sha256="").values_list("sha256", flat=True)
    return Papers(row.number, row.unit_id, row.sector_id or "", frozenset(kept))


def all_papers() -> frozenset[str]:
    """Return every content that is attached to a difficulty."""
    return frozenset(DifficultyEntry.objects.exclude(sha256="").values_list("sha256", flat=True))


def visible(scope: "Scope") -> QuerySet[Difficulty]:
    """Return those that a unit in the scope raised or is to clear."""
    every = Difficulty.objects.all()
    raised = scope.filter(every, VIEW, unit="unit", sector="sector")
    owed = scope.filter(every, VIEW, unit="agency", sector="sector")
    return raised | owed


def listed(
    scope: "Scope",
    *,
    search: str = "",
    state: str = "",
    kind: str = "",
    agency: int | None = None,
    late_at: datetime | None = None,
    subject: tuple[str, str] | None = None,
) -> QuerySet[Difficulty]:
    """Return the visible ones that match; `state` "waiting": not closed yet."""
    found = visible(scope)
    if search:
        number = search.upper().rpartition("-")[2]
        named = Q(title_folded__contains=text.fold(search))
        found = found.filter(named | Q(serial=int(number)) if number.isdecimal() else named)
    if state:
        found = found.filter(state__in=WAITING if state == "waiting" else [state])
    if kind:
        found = found.filter(kind=kind)
    if agency is not None:
        found = found.filter(agency=agency)
    if late_at is not None:
        found = found.filter(state__in=WAITING, due_at__lt=late_at)
    if subject is not None:
        found = found.filter(subject_kind=subject[0], subject=subject[1])
    return found


def seen(scope: "Scope", difficulty: int) -> Difficulty:
    """Return one that the reader may see. Raises DifficultyNotFoundError."""
    row = visible(scope).filter(pk=difficulty).first()
    if row is None:
        raise DifficultyNotFoundError(id=difficulty)
    return row


def locked(difficulty: int) -> Difficulty:
    """Return one, locked until the transaction ends. Raises DifficultyNotFoundError."""
    row = Difficulty.objects.select_for_update().filter(pk=difficulty).first()
    if row is None:
        raise DifficultyNotFoundError(id=difficulty)
    return row


def loads(rows: QuerySet[Difficulty], now: datetime) -> Iterable[Load]:
    """Return what each agency has to clear, the most waiting first."""
    waiting = Q(state__in=WAITING)
    counted = rows.values("agency").annotate(
        waiting=Count("pk", filter=waiting),
        late=Count("pk", filter=waiting & Q(due_at__lt=now)),
        resolved=Count("pk", filter=Q(state=Difficulty.State.RESOLVED)),
    )
    return [
        Load(row["agency"], row["waiting"], row["late"], row["resolved"])
        for row in counted.order_by("-waiting", "-late", "agency")
    ]
