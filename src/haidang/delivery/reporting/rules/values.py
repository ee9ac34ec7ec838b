"""What crosses to other domains."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReportRef:
    """One unit's report of one period."""

    id: int
    regime: str
    title: str
    unit_id: int
    period_key: str
    period_label: str
    due_at: datetime
    state: str
