"""Liveness, readiness, metrics, and the report of `haidang check`."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from haidang.data.ingest.intake import client as intake
from haidang.data.warehouse import api as warehouse

_LOW_DISK = 500 * 1024 * 1024
_NAMED = 5  # faults of the lake that the report names


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its name, whether it is well, and what was seen."""

    name: str
    well: bool
    seen: str


def findings() -> Iterator[Finding]:
    """Look at database, intake, disk and waiting work."""
    yield from _database()
    yield _intake()
    free = shutil.disk_usage(settings.DATA_DIR).free
    yield Finding("disk", free > _LOW_DISK, f"{free // 1_000_000} MB free")


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0])
            cursor.execute("SELECT count(*) FROM core_outboxevent WHERE relayed_at IS NULL")
            waiting = cursor.fetchone()[0]
    except Exception as error:  # noqa: BLE001 - whatever it is, the finding is "not well"
        yield Finding("database", False, str(error).splitlines()[0])
        return
    yield Finding("database", version >= 150000, f"PostgreSQL {version // 10000}")
    yield Finding("outbox", waiting < 10_000, f"{waiting} events wait")


def _intake() -> Finding:
    """Ask intake: readings that it parked, or cannot bring to the lake, need a person."""
    found = intake.ping()
    if found is None:
        return Finding("intake", False, "does not answer")
    if found["failure"]:
        return Finding("intake", False, f"the lake refuses: {found['failure']}")
    if found["parked"]:
        return Finding("intake", False, f"{found['parked']} files of readings are parked")
    seen = f"{found['rows']} rows since its start, {found['connections']} devices connected"
    return Finding("intake", True, seen)


def _lake() -> Finding:
    """Compare the lake with its files and its landings: too slow for readiness."""
    try:
        faults = warehouse.faults()
    except Exception as error:  # noqa: BLE001 - whatever it is, the finding is "not well"
        return Finding("lake", False, str(error).splitlines()[0])
    seen = " ".join(faults[:_NAMED]) or "every file and every accepted row is there"
    if len(faults) > _NAMED:
        seen += f" (+{len(faults) - _NAMED})"
    return Finding("lake", not faults, seen)


def alive(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when everything is well, else 503; says what, not how it is set up."""
    seen = {finding.name: finding.well for finding in findings()}
    return JsonResponse(seen, status=200 if all(seen.values()) else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus metrics of this process, to this machine only."""
    if request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1"):
        return HttpResponse(status=403)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def print_report() -> int:
    """Print every finding, the lake's faults too; return 1 if one is not well."""
    found = list(findings())
    if next(finding.well for finding in found if finding.name == "database"):
        found.append(_lake())
    for finding in found:
        sys.stdout.write(f"{'ok  ' if finding.well else 'FAIL'} {finding.name}: {finding.seen}\n")
    return 0 if all(finding.well for finding in found) else 1
