"""Bring evidence: a picture, a document, a figure back to normal, or why there is none."""

from datetime import datetime

from django.db import transaction

from haidang.action.operations import queries
from haidang.action.operations.actions import telling
from haidang.action.operations.errors import (
    ActivityNotFoundError,
    EvidenceFileError,
    MoveNotPossibleError,
    ReasonNeededError,
    TicketNotFoundError,
)
from haidang.action.operations.models import Activity, Evidence, Ticket
from haidang.action.operations.rules import pictures, states
from haidang.action.operations.rules.evidence import EvidenceKind
from haidang.foundation.access import api as access
from haidang.foundation.core import files
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import StoredFile

MAX_FILE_BYTES = 20 * 1024 * 1024
_MEDIA = {
    EvidenceKind.PHOTO: {pictures.JPEG, pictures.PNG},
    EvidenceKind.DOCUMENT: {pictures.PDF},
}


@transaction.atomic
def add_evidence(
    *,
    ticket: int,
    kind: str,
    by: access.Scope,
    now: datetime,
    content: bytes | None = None,
    name: str = "",
    note: str = "",
    activity: int | None = None,
) -> int:
    """Keep a piece of evidence; return its id. Pages never serve a picture's metadata.

    Raises TicketNotFoundError, NotAllowedError, EvidenceFileError, ReasonNeededError.
    """
    row = queries.visible(by).filter(pk=ticket).first()
    if row is None:
        raise TicketNotFoundError
    if not queries.can_work(by, row):
        raise NotAllowedError
    if row.state in states.ENDED:
        raise MoveNotPossibleError
    original, shown, media_type = _stored(EvidenceKind(kind), content, name, note)
    kept = Evidence.objects.create(
        ticket=row,
        activity=_step_of(row, activity),
        kind=kind,
        original=original,
        shown=shown,
        name=name[:200],
        media_type=media_type,
        note=note.strip(),
        at=now,
        by=by.label,
    )
    text = f"{kept.get_kind_display()}: {kept.note or kept.name}"
    telling.note(row, verb="evidence", by=by.actor, at=now, text=text)
    return kept.pk


def _stored(
    kind: EvidenceKind, content: bytes | None, name: str, note: str
) -> tuple[StoredFile | None, StoredFile | None, str]:
    """Keep the bytes as they came, and the copy that pages may serve."""
    if kind not in _MEDIA:
        if not note.strip():
            raise ReasonNeededError
        return None, None, ""
    if not content or len(content) > MAX_FILE_BYTES:
        raise EvidenceFileError
    media_type = pictures.media_type(content)
    if media_type not in _MEDIA[kind]:
        raise EvidenceFileError
    original = files.store(content, name=name, media_type=media_type)
    if kind is EvidenceKind.DOCUMENT:
        return original, original, media_type
    try:
        clean = pictures.without_metadata(content)
    except pictures.BrokenPictureError as error:
        raise EvidenceFileError from error
    return original, files.store(clean, name=name, media_type=media_type), media_type


def _step_of(row: Ticket, activity: int | None) -> Activity | None:
    if activity is None:
        return None
    step = Activity.objects.filter(pk=activity, run__ticket=row).first()
    if step is None:
        raise ActivityNotFoundError
    return step
