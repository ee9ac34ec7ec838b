"""Difficulties: raised, talked over, reported to the Department, resolved; with a clock."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from haidang.data.catalogue import kinds
from haidang.data.catalogue.errors import (
    DeadlinePassedError,
    DifficultyClosedError,
    UnknownSubjectError,
)
from haidang.data.catalogue.models import Difficulty, DifficultyEntry
from haidang.data.catalogue.permissions import MANAGE, RAISE
from haidang.data.catalogue.queries import difficulties
from haidang.foundation.core import audit, events, files, numbers, text
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.core.models import StoredFile
from haidang.foundation.obligations import api as obligations

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

KIND = "catalogue.difficulty"
_END_OF_DAY = time(17, 0)


@dataclass(frozen=True)
class Attachment:
    """Minutes or a letter that proves a step."""

    name: str
    content: bytes


@transaction.atomic
def raise_difficulty(
    *,
    kind: str,
    title: str,
    unit: int,
    agency: int,
    due: date,
    by: "Scope",
    description: str = "",
    proposal: str = "",
    subject_kind: str = "",
    subject: str = "",
    sector: str | None = None,
) -> int:
    """Record what hinders a unit and have the agency owe an answer by a day; return the id.

    Raises NotAllowedError, UnknownSubjectError, DeadlinePassedError.
    """
    by.require(RAISE, unit, sector)
    if subject and kinds.find(subject_kind, subject, by) is None:
        raise UnknownSubjectError(kind=subject_kind, code=subject)
    now = timezone.now()
    year = timezone.localtime(now).year
    row = Difficulty.objects.create(
        year=year,
        serial=numbers.next_serial(Difficulty.objects.all(), year=year),
        kind=kind,
        title=text.normal(title),
        title_folded=text.fold(title),
        description=text.lines(description),
        subject_kind=subject_kind if subject else "",
        subject=subject,
        sector_id=sector,
        unit_id=unit,
        agency_id=agency,
        proposal=text.lines(proposal),
        raised_at=now,
        raised_by=by.label,
        due_at=_moment(due, now),
    )
    _owe(row, by)
    _note(row, DifficultyEntry.Kind.RAISED, by, now, "")
    return row.pk


def reply(
    *,
    difficulty: int,
    kind: str,
    text: str,
    by: "Scope",
    document: str = "",
    attachment: Attachment | None = None,
) -> None:
    """Add a reply, a meeting or a report to the Department; a report is a state of its own.

    Raises NotAllowedError, DifficultyClosedError, and what refuses the attachment.
    """
    with transaction.atomic():
        _require_party(_open(difficulty), by)
    kept = _kept(difficulty, attachment, by) if attachment else None
    with transaction.atomic():
        row = _open(difficulty)
        if kind == DifficultyEntry.Kind.REPORT:
            row.state = Difficulty.State.REPORTED
            row.save(update_fields=["state"])
        name = attachment.name if attachment else ""
        _note(row, kind, by, timezone.now(), text, document, kept, name)


def _kept(difficulty: int, attachment: Attachment, by: "Scope") -> StoredFile:
    """Keep the paper; that one was refused, with a mark of secrecy say, is recorded."""
    try:
        return files.store(attachment.content, name=attachment.name)
    except HaidangError as error:
        with transaction.atomic():
            row, said = difficulties.locked(difficulty), error.message
            audit.record(action="catalogue.attachment_refused", on=row, by=by.actor, reason=said)
        raise


@transaction.atomic
def extend(*, difficulty: int, due: date, reason: str, by: "Scope") -> None:
    """Agree on another day; who raised it or who manages the register may.

    Raises NotAllowedError, DifficultyClosedError, DeadlinePassedError.
    """
    row, now = _open(difficulty), timezone.now()
    _require_raiser(row, by)
    row.due_at = _moment(due, now)
    row.save(update_fields=["due_at"])
    obligations.move(ref=_ref(row), due_at=row.due_at, by=by.actor, reason=reason)
    said = f"{timezone.localtime(row.due_at):%d/%m/%Y}: {reason}"
    _note(row, DifficultyEntry.Kind.EXTENSION, by, now, said)


@transaction.atomic
def resolve(*, difficulty: int, outcome: str, by: "Scope") -> None:
    """Record that it hinders no more; who raised it says so, or who manages the register.

    Raises NotAllowedError, DifficultyClosedError.
    """
    row, now = _open(difficulty), timezone.now()
    _require_raiser(row, by)
    _close(row, Difficulty.State.RESOLVED, now, outcome)
    obligations.fulfil(ref=_ref(row), at=now, by=by.actor)
    _note(row, DifficultyEntry.Kind.RESOLVED, by, now, outcome)


@transaction.atomic
def withdraw(*, difficulty: int, reason: str, by: "Scope") -> None:
    """Take a difficulty back. Raises NotAllowedError, DifficultyClosedError."""
    row, now = _open(difficulty), timezone.now()
    _require_raiser(row, by)
    _close(row, Difficulty.State.WITHDRAWN, now, reason)
    obligations.cancel(ref=_ref(row), by=by.actor, reason=reason)
    _note(row, DifficultyEntry.Kind.WITHDRAWN, by, now, reason)


@transaction.atomic
def reopen(*, difficulty: int, due: date, reason: str, by: "Scope") -> None:
    """Open again what was not cleared after all. Raises NotAllowedError, DeadlinePassedError."""
    row, now = difficulties.locked(difficulty), timezone.now()
    _require_raiser(row, by)
    if row.is_closed:
        row.state, row.closed_at, row.outcome = Difficulty.State.OPEN, None, ""
        row.due_at = _moment(due, now)
        row.save(update_fields=["state", "closed_at", "outcome", "due_at"])
        _owe(row, by)
        _note(row, DifficultyEntry.Kind.REOPENED, by, now, reason)


def _open(difficulty: int) -> Difficulty:
    row = difficulties.locked(difficulty)
    if row.is_closed:
        raise DifficultyClosedError(number=row.number)
    return row


def _require_party(row: Difficulty, by: "Scope") -> None:
    if not by.allows(RAISE, row.unit_id, row.sector_id):
        by.require(RAISE, row.agency_id, row.sector_id)


def _require_raiser(row: Difficulty, by: "Scope") -> None:
    if not by.allows(MANAGE, row.unit_id, row.sector_id):
        by.require(RAISE, row.unit_id, row.sector_id)


def _close(row: Difficulty, state: str, now: datetime, outcome: str) -> None:
    row.state, row.closed_at, row.outcome = state, now, text.lines(outcome)
    row.save(update_fields=["state", "closed_at", "outcome"])


def _owe(row: Difficulty, by: "Scope") -> None:
    obligations.owe(
        kind=KIND,
        debtor_unit_id=row.agency_id,
        creditor_unit_id=row.unit_id,
        due_at=row.due_at,
        ref=_ref(row),
        title=f"Tháo gỡ vướng mắc {row.number}: {row.title}",
        url=reverse("catalogue:difficulty", args=[row.pk]),
        sector=row.sector_id,
        by=by,
    )


def _ref(row: Difficulty) -> str:
    return f"{KIND}:{row.pk}"


def _moment(due: date, now: datetime) -> datetime:
    """Return the end of an office day."""
    moment = timezone.make_aware(datetime.combine(due, _END_OF_DAY))
    if moment <= now:
        raise DeadlinePassedError(due=str(due))
    return moment


def _note(
    row: Difficulty,
    kind: str,
    by: "Scope",
    at: datetime,
    said: str,
    document: str = "",
    kept: StoredFile | None = None,
    name: str = "",
) -> None:
    row.entries.create(
        kind=kind,
        text=text.lines(said),
        document=document,
        sha256=kept.sha256 if kept else "",
        file_name=name,
        made_at=at,
        made_by=by.label,
    )
    action = f"catalogue.difficulty_{kind}"
    audit.record(action=action, on=row, by=by.actor, changes={"document": document}, reason=said)
    events.publish(action, aggregate=f"difficulty:{row.pk}", difficulty=row.pk)
