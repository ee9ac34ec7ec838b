"""Carrying a removal out: store by store, each step repeatable, then the tombstone."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.data.protection import queries
from haidang.data.protection.actions import ledger, participants
from haidang.data.protection.models import Erased, Removal
from haidang.data.protection.rules import hashing
from haidang.data.protection.rules.targets import Found
from haidang.foundation.core import audit


def carry_out(removal_id: int) -> None:
    """Remove from every store what an approved removal names. Killed anywhere, a repeat ends it.

    Raises LostKeyError, and what a store raises: the job is tried again.
    """
    removal = Removal.objects.get(pk=removal_id)
    if removal.state != Removal.State.APPROVED:
        return
    try:
        _erase(removal)
    except Exception as error:
        Removal.objects.filter(pk=removal.pk).update(failure=str(error)[:500])
        raise
    ledger.write(removal)
    _finish(removal)


def repeat(removal: Removal) -> None:
    """Carry a removal out over a restored backup; its counts are those of the first time."""
    target = queries.target(removal)
    for _, participant in participants.registered():
        participant.erase(target, partial(note_file, removal.pk))


def refuses_files(removal: Removal) -> bool:
    """Tell whether the files of a removal may not come again: those of whole runs."""
    return removal.refuses and removal.kind in {Removal.Kind.SECRET, Removal.Kind.RUN}


@transaction.atomic
def note_file(removal_id: int, sha256: str) -> None:
    """Write down that a stored content goes, before it goes."""
    row = Removal.objects.select_for_update().get(pk=removal_id)
    hashed = hashing.of_text(queries.key(), "file", sha256)
    if hashed not in row.files:
        row.files = sorted([*row.files, hashed])
        row.save(update_fields=["files"])
    Erased.objects.get_or_create(
        removal=row, kind="file", hash=hashed, defaults={"refuses": refuses_files(row)}
    )


def _erase(removal: Removal) -> None:
    for name, participant in participants.registered():
        found = participant.erase(queries.target(removal), partial(note_file, removal.pk))
        _note(removal, name, participant.title, found)
    removal.refresh_from_db()


@transaction.atomic
def _note(removal: Removal, name: str, title: str, found: Found) -> None:
    """Add what a step took away; a step that a crash cut short is counted by its repeat too."""
    row = Removal.objects.select_for_update().get(pk=removal.pk)
    before: dict[str, Any] = row.progress.get(name, {"counts": {}})["counts"]
    words = {*before, *found.counts}
    counts = {word: before.get(word, 0) + found.counts.get(word, 0) for word in sorted(words)}
    row.progress[name] = {"title": title, "counts": counts, "remarks": list(found.remarks)}
    row.failure = ""
    row.save(update_fields=["progress", "failure"])


@transaction.atomic
def _finish(removal: Removal) -> None:
    removal.state, removal.done_at = Removal.State.DONE, timezone.now()
    removal.save(update_fields=["state", "done_at"])
    audit.record(
        action="protection.removal_done",
        on=removal,
        by=audit.Actor(removal.decided_by_id, removal.decided_label),
        reason=removal.reason,
        changes={name: one["counts"] for name, one in removal.progress.items()},
    )
