"""Connections: set up, changed, asked, paused, resumed."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.connectors import registry, values
from haidang.data.ingest.errors import ConnectionNotFoundError, IngestError, SourceNotFoundError
from haidang.data.ingest.models import Connection, Source
from haidang.data.ingest.rules.pulling import Schedule, next_due
from haidang.foundation.core import audit, cipher, jobs

MANAGE = "ingest.manage"
PULL_JOB = "ingest.pull"
_PURPOSE = "connection"


@dataclass(frozen=True)
class ConnectionRef:
    """A connection without its secrets."""

    id: int
    source: str
    kind: str
    title: str
    settings: Mapping[str, Any]
    schedule: Schedule
    is_active: bool


@transaction.atomic
def create_connection(
    *,
    source: str,
    kind: str,
    title: str,
    settings: Mapping[str, Any],
    schedule: Schedule,
    by: By,
    reason: str = "",
) -> ConnectionRef:
    """Set up how a source's data are fetched. What arrives needs approval as the source's runs do.

    Raises SourceNotFoundError, NotAllowedError, SettingsError, IngestError.
    """
    owner = Source.objects.select_for_update().filter(code=source).first()
    if owner is None:
        raise SourceNotFoundError(f"Không tìm thấy nguồn dữ liệu “{source}”.")
    actor = allowed(by, MANAGE, owner)
    declared = registry.kind(kind)
    shown, secrets = values.parted(declared, values.cleaned(declared, settings))
    made = Connection(source=owner, kind=kind, created_by_id=actor.id)
    _fill(made, title, shown, secrets, schedule)
    made.save()
    changes = {"kind": kind, "settings": shown, "schedule": schedule.words}
    audit.record(
        action="ingest.connection_created", on=made, by=actor, changes=changes, reason=reason
    )
    return connection_ref(made)


@transaction.atomic
def change_connection(
    *,
    connection: int,
    by: By,
    reason: str,
    title: str,
    settings: Mapping[str, Any],
    schedule: Schedule,
    is_active: bool = True,
) -> ConnectionRef:
    """Change a connection; kept secrets stay unless typed anew, or the address changed.

    Raises ConnectionNotFoundError, NotAllowedError, SettingsError, IngestError.
    """
    found = locked(connection)
    actor = allowed(by, MANAGE, found.source)
    declared = registry.kind(found.kind)
    given = values.with_secrets(declared, settings, found.settings, secrets_of(found))
    shown, secrets = values.parted(declared, values.cleaned(declared, given))
    before = {"title": found.title, "settings": found.settings, "active": found.is_active}
    has_new_secrets = secrets != secrets_of(found)
    found.is_active = is_active
    _fill(found, title, shown, secrets, schedule)
    found.save()
    after = {"title": title, "settings": shown, "active": is_active}
    changes: dict[str, Any] = {
        name: [before[name], after[name]] for name in after if before[name] != after[name]
    }
    changes |= {"schedule": schedule.words, "secrets_changed": has_new_secrets}
    audit.record(
        action="ingest.connection_changed", on=found, by=actor, changes=changes, reason=reason
    )
    return connection_ref(found)


def _fill(
    row: Connection,
    title: str,
    shown: dict[str, Any],
    secrets: dict[str, str],
    schedule: Schedule,
) -> None:
    if not title.strip():
        raise IngestError("Cần ghi tên kết nối.")
    check_schedule(schedule)
    row.title, row.settings = title.strip(), shown
    row.secrets = cipher.seal(json.dumps(secrets), purpose=_PURPOSE) if secrets else ""
    for name, value in asdict(schedule).items():
        setattr(row, name, value)
    row.next_at = next_due(schedule, timezone.now())


def check_schedule(schedule: Schedule) -> None:
    """Raise IngestError for a schedule that lacks something."""
    fits = {
        "manual": True,
        "minutes": schedule.every is not None and 1 <= schedule.every <= 10_080,
        "daily": schedule.at is not None,
        "weekly": schedule.at is not None and 0 <= (schedule.day or 0) <= 6,
        "monthly": schedule.at is not None and 1 <= (schedule.day or 0) <= 28,
    }
    if not fits.get(schedule.cadence, False):
        raise IngestError(
            "Lịch lấy chưa đủ: theo phút cần số phút (1 đến 10.080); hằng ngày cần giờ; hằng tuần "
            "cần thứ và giờ; hằng tháng cần ngày (1 đến 28) và giờ."
        )


@transaction.atomic
def ask(*, connection: int, by: By) -> None:
    """Fetch now, whatever the schedule says. Raises IngestError for a stopped connection."""
    found = locked(connection)
    actor = allowed(by, "ingest.load", found.source)
    if not found.is_active or not found.source.is_active:
        raise IngestError("Kết nối hoặc nguồn này đã ngừng. Bật lại rồi lấy.")
    if found.paused_at is not None:
        raise IngestError("Kết nối đang tạm dừng vì lỗi. Bấm “Tiếp tục” rồi lấy.")
    found.next_at, found.asked_by_id, found.asked_label = timezone.now(), actor.id, actor.label
    found.save(update_fields=["next_at", "asked_by", "asked_label"])
    audit.record(action="ingest.connection_asked", on=found, by=actor)
    defer_pull(found.pk)


@transaction.atomic
def pause(*, connection: int, by: By, reason: str) -> None:
    """Stop fetching until somebody resumes. Raises IngestError without a reason."""
    if not reason.strip():
        raise IngestError("Cần ghi lý do tạm dừng.")
    found = locked(connection)
    actor = allowed(by, MANAGE, found.source)
    found.paused_at, found.paused_because = timezone.now(), reason.strip()
    found.save(update_fields=["paused_at", "paused_because"])
    audit.record(action="ingest.connection_paused", on=found, by=actor, reason=reason)


@transaction.atomic
def resume(*, connection: int, by: By) -> None:
    """Fetch again, from where it stopped, at once."""
    found = locked(connection)
    actor = allowed(by, MANAGE, found.source)
    found.paused_at, found.paused_because, found.failures = None, "", 0
    found.next_at = timezone.now()
    found.save(update_fields=["paused_at", "paused_because", "failures", "next_at"])
    audit.record(action="ingest.connection_resumed", on=found, by=actor)
    defer_pull(found.pk)


@transaction.atomic
def rewind(*, connection: int, by: By, reason: str) -> None:
    """Forget the cursor: the next pull reads from the beginning; known rows come as duplicates."""
    if not reason.strip():
        raise IngestError("Cần ghi lý do lấy lại từ đầu.")
    found = locked(connection)
    actor = allowed(by, MANAGE, found.source)
    before, found.cursor = found.cursor, {}
    found.round += 1
    found.save(update_fields=["cursor", "round"])
    audit.record(
        action="ingest.connection_rewound",
        on=found,
        by=actor,
        changes={"cursor": [before, found.cursor]},
        reason=reason,
    )


def defer_pull(connection: int, at: dt.datetime | None = None) -> None:
    """Have a connection pulled, one at a time, once however often it is asked."""
    name = f"connection:{connection}"
    jobs.defer(PULL_JOB, queue="bulk", lock=name, once=name, at=at, connection=connection)


def secrets_of(found: Connection) -> dict[str, str]:
    """Return the secrets of a connection. Raises SealBrokenError."""
    if not found.secrets:
        return {}
    opened: dict[str, str] = json.loads(cipher.unseal(found.secrets, purpose=_PURPOSE))
    return opened


def schedule_of(found: Connection) -> Schedule:
    return Schedule(found.cadence, found.every, found.at, found.day)


def connection_ref(found: Connection) -> ConnectionRef:
    return ConnectionRef(
        id=found.pk,
        source=found.source.code,
        kind=found.kind,
        title=found.title,
        settings=found.settings,
        schedule=schedule_of(found),
        is_active=found.is_active,
    )


def locked(connection: int) -> Connection:
    """Return the row of a connection, locked. Raises ConnectionNotFoundError."""
    rows = Connection.objects.select_for_update(of=("self",)).select_related("source")
    found = rows.filter(pk=connection).first()
    if found is None:
        raise ConnectionNotFoundError
    return found
