"""The heart-beat of every timer, and the reminders that hang on it."""

from django.utils import timezone

from haidang.foundation.core import jobs
from haidang.foundation.obligations.actions import obligations, reminders, wake_ups


@jobs.periodic(name="obligations.fire_wake_ups", cron="* * * * * */5", queue="live", alone=False)
def fire_wake_ups() -> None:
    """Fire what is due, every five seconds; a run of a dead worker holds up no other."""
    while wake_ups.fire_due(now=timezone.now()):
        pass


@jobs.task(name=obligations.REMIND, queue="live")
def remind(*, ref: str, due_at: str) -> None:
    """Remind the debtor of one obligation, if it still owes."""
    reminders.remind(obligation_id=int(ref), now=timezone.now())
