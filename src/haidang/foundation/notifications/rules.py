"""When a delivery that failed is tried again."""

from datetime import timedelta

_WAITS = (1, 5, 15, 60, 240, 720)  # minutes


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed attempts; None means give up."""
    if attempts > len(_WAITS):
        return None
    return timedelta(minutes=_WAITS[attempts - 1])
