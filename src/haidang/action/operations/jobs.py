from typing import Any

from django.utils import timezone

from haidang.action.operations import actions
from haidang.foundation.core import jobs


@jobs.task(name="operations.wake_run", queue="live")
def wake_run(*, ref: str, **_ids: Any) -> None:
    """A timer of a procedure is due."""
    actions.wake_run(run_id=int(ref), now=timezone.now())
