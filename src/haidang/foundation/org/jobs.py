"""Jobs of organisation: approved sets of changes apply on their day."""

from django.utils import timezone

from haidang.foundation.core import jobs
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org.actions import applying, drafting
from haidang.foundation.org.errors import ChangeSetNotFoundError, WrongStateError


@jobs.task(name=drafting.APPLY_TASK, queue="live")
def apply_change_set(*, change_set: int) -> None:
    """The day of an approved set has come; one that was taken back or applied already is left."""
    try:
        applying.apply(change_set=change_set, by=SYSTEM, now=timezone.now())
    except (WrongStateError, ChangeSetNotFoundError):
        return
