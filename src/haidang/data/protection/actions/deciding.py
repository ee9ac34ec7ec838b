"""The second person: approves, and the removal begins; or declines it."""

from django.db import transaction
from django.utils import timezone

from haidang.data.protection import errors, permissions
from haidang.data.protection.models import Erased, Removal
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit, jobs

JOB = "protection.carry_out"


@transaction.atomic
def approve(*, removal: int, by: Scope, reason: str = "") -> None:
    """Approve and begin. From now on the same is refused. Raises SamePersonError."""
    found = _locked(removal, by)
    _decide(found, by, reason, Removal.State.APPROVED)
    forbid(found)
    jobs.defer(JOB, queue="bulk", lock="protection", removal_id=found.pk)


@transaction.atomic
def reject(*, removal: int, by: Scope, reason: str) -> None:
    """Decline with a reason; what was entered is forgotten."""
    if not reason.strip():
        raise errors.ProtectionError("Cần ghi lý do không duyệt.")
    found = _locked(removal, by)
    _decide(found, by, reason, Removal.State.REJECTED)
    Removal.objects.filter(pk=found.pk).update(hashes=[], groups={})


def forbid(removal: Removal) -> None:
    """Write down what may not come again."""
    Erased.objects.bulk_create(
        [
            Erased(removal=removal, kind="value", hash=one, refuses=removal.refuses)
            for one in removal.hashes
        ],
        ignore_conflicts=True,
    )


def _locked(removal: int, by: Scope) -> Removal:
    found = Removal.objects.select_for_update(of=("self",)).filter(pk=removal).first()
    if found is None:
        raise errors.UnknownRemovalError
    by.require(permissions.APPROVE, found.owner_unit_id, found.sector)
    if found.state != Removal.State.ASKED:
        raise errors.AlreadyDecidedError
    if by.account_id is not None and by.account_id == found.asked_by_id:
        raise errors.SamePersonError
    return found


def _decide(found: Removal, by: Scope, reason: str, state: str) -> None:
    found.state, found.decided_at = state, timezone.now()
    found.decided_by_id, found.decided_label = by.account_id, by.label
    found.decision_reason = reason.strip()
    found.save()
    audit.record(
        action=f"protection.removal_{state}", on=found, by=by.actor, reason=reason,
        changes={"what": found.shown, "document": found.document},
    )  # fmt: skip
