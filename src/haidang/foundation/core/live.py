"""What an open page hears: small notes sent on commit to every web process (LISTEN/NOTIFY)."""

import json
from typing import Any

from django.db import connection

CHANNEL = "haidang_live"


def tell(topic: str, *, unit: int | None, sector: str | None, **ids: Any) -> None:
    """Tell open pages that something changed; they ask for it again under their own scope.

    `topic` is "figure", "alert", "ticket" …; unit and sector say who may hear. Sent on commit,
    dropped on rollback. At most 8,000 bytes: ids, never data.
    """
    note = json.dumps({"topic": topic, "unit": unit, "sector": sector, **ids})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, note])
