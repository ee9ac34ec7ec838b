"""One attempt of a connection: fetch, load piece by piece, remember how far it came.

The cursor moves in the transaction in which a piece's run becomes known. A crash before it has
the piece fetched again; a crash after it leaves a known run, whose job is found again. A piece
that comes twice bears the same key and gets the first receipt. So nothing is lost or doubled.
"""

import contextlib
import datetime as dt
import hashlib
import json
import logging
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from haidang.data.ingest.actions import connections, runs
from haidang.data.ingest.connectors import registry
from haidang.data.ingest.connectors.protocol import Fetched, Room, Settings
from haidang.data.ingest.errors import OutOfTimeError, SecretFileError, TooLargeError
from haidang.data.ingest.models import Attempt, Connection, Run
from haidang.data.ingest.rules.pulling import MOST_FAILURES, back_off, next_due
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core import audit
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.notifications import api as notifications

# A worker has few places: who has more to fetch goes on after the others.
MOST_SECONDS = 300
MOST_PIECES = 1000
_log = logging.getLogger(__name__)


@dataclass
class _Pull:
    """An attempt at work."""

    connection: Connection
    attempt: Attempt
    actor: audit.Actor
    taken: int = 0
    run_id: int = 0
    faults: list[str] = field(default_factory=list)
    stopped: HaidangError | None = None
    is_unfinished: bool = False
    is_passing: bool = False  # our own disk or database was away


def pull(*, connection: int) -> Attempt | None:
    """Fetch what is new of a connection; None when it is not due. Failures stand on the attempt."""
    begun = _begin(connection)
    if begun is None:
        return None
    try:
        with workroom(MOST_SECONDS) as room:
            _fetch(begun, room)
    except OutOfTimeError as error:
        begun.is_unfinished = begun.taken > 0
        begun.stopped = None if begun.is_unfinished else error
    except HaidangError as error:
        begun.stopped = error
        begun.is_passing = _is_passing(error)
    except Exception as error:  # noqa: BLE001 - logged here; the attempt says that it failed
        _log.exception("connection %s could not be pulled", connection)
        begun.is_passing = _is_passing(error)
        begun.stopped = HaidangError("Lỗi trong hệ thống khi lấy số liệu. Hệ thống sẽ thử lại.")
    return _end(begun)


def _is_passing(error: Exception) -> bool:
    cause = error.__cause__
    return warehouse.is_passing(error) or (cause is not None and warehouse.is_passing(cause))


@contextlib.contextmanager
def workroom(seconds: float) -> Iterator[Room]:
    """Give a connector a folder and a time; the folder is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="haidang-pull-") as folder:
        yield Room(
            folder=Path(folder),
            now=timezone.now(),
            max_bytes=settings.MAX_UPLOAD_BYTES,
            deadline=time.monotonic() + seconds,
        )


def settings_of(found: Connection) -> Settings:
    """Return the values of a connection, secrets among them."""
    return {**found.settings, **connections.secrets_of(found)}


@transaction.atomic
def _begin(connection: int) -> _Pull | None:
    found = connections.locked(connection)
    now = timezone.now()
    is_due = found.next_at is not None and found.next_at <= now
    is_open = found.is_active and found.source.is_active and found.paused_at is None
    if not (is_due and is_open):
        return None
    left = found.attempts.filter(outcome=Attempt.Outcome.RUNNING)
    left.update(
        outcome=Attempt.Outcome.INTERRUPTED,
        finished_at=now,
        error="Máy dừng giữa chừng. Lần sau lấy tiếp từ chỗ đã lấy.",
    )
    attempt = Attempt.objects.create(
        connection=found,
        started_at=now,
        started_by=found.asked_label,
        cursor_before=found.cursor,
        cursor_after=found.cursor,
    )
    label = f"Kết nối {found.title}"
    return _Pull(found, attempt, audit.Actor(None, label))


def _fetch(begun: _Pull, room: Room) -> None:
    found = begun.connection
    work = registry.work(found.kind)
    pieces = work.fetch(settings_of(found), dict(found.cursor), room)
    with contextlib.closing(pieces):  # type: ignore[type-var]  # plugins are generators
        for piece in pieces:
            _take(begun, piece)
            if begun.taken >= MOST_PIECES or time.monotonic() > room.deadline:
                begun.is_unfinished = True
                return


def _take(begun: _Pull, piece: Fetched) -> None:
    """Load one piece; what is wrong with it alone does not stop the pieces behind it."""
    found = begun.connection
    digest = _digest(piece.content)
    memory = {name: found.cursor[name] for name in ("seen", "count") if name in found.cursor}
    cursor = {**memory, **piece.cursor_after}
    if piece.refused:
        begun.faults.append(f"{piece.name}: {piece.refused}")
        if piece.settle is not None:
            piece.settle(False)
    if not piece.content or (piece.is_snapshot and digest == memory.get("seen")):
        _move(begun, cursor)
        return
    if piece.is_snapshot:
        cursor |= {"seen": digest, "count": int(memory.get("count", 0)) + 1}
    is_taken = _load(begun, piece, cursor, digest)
    begun.taken += is_taken
    if piece.is_snapshot and not is_taken:
        _forget(begun, cursor)
    if piece.settle is not None:
        piece.settle(is_taken)


def _load(begun: _Pull, piece: Fetched, cursor: dict[str, Any], digest: str) -> bool:
    """Load a piece; say whether it was taken. Raises what is not the fault of the piece alone."""
    begun.run_id = 0
    try:
        receipt = runs.load(
            source=begun.connection.source.code,
            file=piece.content,
            by=begun.actor,
            name=piece.name,
            media=piece.media,
            channel=Run.Channel.PULL,
            idempotency_key=_key(begun.connection, piece, digest),
            wait=False,
            records=piece.records,
            known=lambda run: _known(begun, run, cursor),
        )
    except (SecretFileError, TooLargeError) as error:
        _refused(begun, piece, cursor, error)
        return False
    except HaidangError as error:
        if not Run.objects.filter(pk=begun.run_id, status=Run.Status.FAILED).exists():
            raise
        begun.faults.append(f"{piece.name}: {error.message}")
        return False
    if receipt.status == Run.Status.FAILED:
        begun.faults.append(f"{piece.name}: {receipt.failure}")
    return receipt.status != Run.Status.FAILED


def _known(begun: _Pull, run: Run, cursor: dict[str, Any]) -> None:
    """Move the cursor and note the run; called in the transaction that makes the run known."""
    begun.run_id = run.pk
    _move(begun, cursor)
    begun.attempt.runs.add(run)
    size = run.file.size if run.file is not None else 0
    Attempt.objects.filter(pk=begun.attempt.pk).update(
        items=F("items") + 1, bytes=F("bytes") + size
    )


def _forget(begun: _Pull, cursor: dict[str, Any]) -> None:
    """Have a snapshot that could not be read tried again, also where it stays the same."""
    _move(begun, cursor | {"seen": ""})


def _move(begun: _Pull, cursor: dict[str, Any]) -> None:
    begun.connection.cursor = cursor
    Connection.objects.filter(pk=begun.connection.pk).update(cursor=cursor)
    Attempt.objects.filter(pk=begun.attempt.pk).update(cursor_after=cursor)


def _refused(begun: _Pull, piece: Fetched, cursor: dict[str, Any], error: HaidangError) -> None:
    """Pass over a piece of which nothing may be kept, or that its connector can set apart.

    Anything else that is too large stops the attempt: passing over it would lose rows.
    """
    if not isinstance(error, SecretFileError) and piece.settle is None:
        raise error
    _move(begun, cursor)
    begun.faults.append(f"{piece.name}: {error.message}")


@transaction.atomic
def _end(begun: _Pull) -> Attempt:
    found, now = connections.locked(begun.connection.pk), timezone.now()
    attempt = Attempt.objects.select_for_update().get(pk=begun.attempt.pk)
    attempt.finished_at, attempt.outcome = now, _outcome(begun)
    attempt.refused = len(begun.faults)
    attempt.error = _told(begun)
    attempt.save(update_fields=["finished_at", "outcome", "refused", "error"])
    if attempt.outcome == Attempt.Outcome.FAILED:
        _failed(found, attempt, begun)
    else:
        found.failures, found.last_success_at = 0, now
        found.next_at = _goes_on_at(found, begun, now)
    found.asked_by, found.asked_label = None, ""
    found.save(
        update_fields=[
            "failures", "last_success_at", "next_at", "asked_by", "asked_label", "paused_at",
            "paused_because",
        ]
    )  # fmt: skip
    return attempt


def _outcome(begun: _Pull) -> str:
    is_broken = begun.stopped is not None or bool(begun.faults)
    if not is_broken:
        return Attempt.Outcome.DONE if begun.taken else Attempt.Outcome.NOTHING
    return Attempt.Outcome.PARTLY if begun.taken else Attempt.Outcome.FAILED


def _told(begun: _Pull) -> str:
    said = [begun.stopped.message] if begun.stopped is not None else []
    more = len(begun.faults) - 20
    said += begun.faults[:20] + ([f"… và {more} phần khác."] if more > 0 else [])
    return "\n".join(said).replace("\x00", "\u2400")


def _goes_on_at(found: Connection, begun: _Pull, now: dt.datetime) -> dt.datetime | None:
    """Return when what was left is fetched: at once, after a short wait, or when it is due."""
    due = next_due(connections.schedule_of(found), now)
    soon = _soon(now)
    if begun.is_unfinished or begun.is_passing:
        return now if begun.is_unfinished else soon
    return due if due is None or begun.stopped is None else min(due, soon)


def _soon(now: dt.datetime) -> dt.datetime:
    return now + back_off(1, random.random())  # noqa: S311 - spreads, hides nothing


def _failed(found: Connection, attempt: Attempt, begun: _Pull) -> None:
    """Wait longer each time, and pause in the end; while we ourselves are away, only wait."""
    if begun.is_passing:
        found.next_at = _soon(timezone.now())
        return
    found.failures += 1
    asked = float(getattr(begun.stopped, "retry_after", 0))
    wait = back_off(found.failures, random.random(), asked)  # noqa: S311 - spreads, hides nothing
    found.next_at = None if found.cadence == "manual" else timezone.now() + wait
    if found.failures >= MOST_FAILURES and found.paused_at is None:
        _pause(found, attempt, begun.actor)


def _pause(found: Connection, attempt: Attempt, actor: audit.Actor) -> None:
    """Stop trying, and tell the nearest steward of the source."""
    found.paused_at = timezone.now()
    found.paused_because = f"Lỗi {found.failures} lần liên tiếp. {attempt.error}"[:2000]
    audit.record(action="ingest.connection_paused", on=found, by=actor, reason=found.paused_because)
    stewards = access.holders(
        connections.MANAGE, found.source.supplier_id, found.source.sector or None
    )
    nearest = [one.id for one in stewards if one.unit_id == stewards[0].unit_id]
    notifications.send(
        to=nearest,
        kind="ingest.connection_paused",
        title=f"Kết nối “{found.title}” tạm dừng",
        body=f"{found.paused_because}\nMở trang kết nối, sửa chỗ báo lỗi rồi bấm “Tiếp tục”.",
        url=f"/console/sources/connections/{found.pk}/",
        ref=f"ingest.connection:{found.pk}",
    )


def _digest(content: Path | bytes) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _key(found: Connection, piece: Fetched, digest: str) -> str:
    """Return what tells this piece from all others: by its own key, or by place and bytes."""
    said = piece.key or json.dumps(dict(found.cursor), sort_keys=True)
    mark = hashlib.sha256(f"{found.round}\n{said}\n{digest}".encode()).hexdigest()
    return f"pull:{found.pk}:{mark}"
