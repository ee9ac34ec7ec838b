"""After a restore: what was removed since the backup is removed again, before anything serves."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.data.protection.actions import carrying, deciding, ledger
from haidang.data.protection.models import Erased, Removal
from haidang.foundation.core import audit
from haidang.foundation.org import api as org

_MARK = "replay"  # a file beside the ledger: a backup was restored and not looked through yet


def replay() -> int:
    """Repeat every removal of the ledger that this database has not carried out; return how many.

    Raises LostKeyError: then nothing may serve.
    """
    entries = ledger.read(ledger.folder())
    done = set(Removal.objects.filter(state="done").values_list("uuid", flat=True))
    waiting = [one for one in entries if one["uuid"] not in set(map(str, done))]
    for entry in waiting:
        removal = _known(entry)
        carrying.repeat(removal)
        _mark_done(removal)
    (ledger.folder() / _MARK).unlink(missing_ok=True)
    return len(waiting)


def _known(entry: dict[str, Any]) -> Removal:
    """Return the removal of an entry, written into this database if it does not know it."""
    given = {name: value for name, value in entry.items() if name != "uuid"}
    for name in ("asked_at", "decided_at"):
        given[name] = datetime.fromisoformat(given[name])
    removal, _ = Removal.objects.update_or_create(
        uuid=entry["uuid"],
        defaults={**given, "state": Removal.State.APPROVED},
        create_defaults={
            **given,
            "state": Removal.State.APPROVED,
            "owner_unit_id": org.root().id,
        },
    )
    deciding.forbid(removal)
    refuses = carrying.refuses_files(removal)
    Erased.objects.bulk_create(
        [Erased(removal=removal, kind="file", hash=one, refuses=refuses) for one in removal.files],
        ignore_conflicts=True,
    )
    return removal


def _mark_done(removal: Removal) -> None:
    with transaction.atomic():
        now = timezone.now()
        Removal.objects.filter(pk=removal.pk).update(
            state=Removal.State.DONE, done_at=now, replayed_at=now
        )
        audit.record(action="protection.removal_replayed", on=removal, by=audit.SYSTEM)
