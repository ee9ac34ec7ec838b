"""Mail goes out here, in the live worker."""

from django.utils import timezone

from haidang.foundation.core import jobs
from haidang.foundation.notifications import actions


@jobs.task(name=actions.DELIVER, queue="live")
def deliver_mail(*, delivery_id: int) -> None:
    """Try one mail once; the action plans the next try."""
    actions.deliver_mail(delivery_id=delivery_id, now=timezone.now())
