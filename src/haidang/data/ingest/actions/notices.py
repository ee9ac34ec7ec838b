"""Notifications of NGSI-LD brokers that came by a stream: each is a run, read by a job."""

import hashlib

import orjson
from django.db import transaction

from haidang.data.ingest.actions import runs
from haidang.data.ingest.models import Run
from haidang.foundation.core import jobs
from haidang.foundation.core.audit import SYSTEM

MEDIA = "application/ld+json"
NAME = "thong-bao.jsonld"


def keep(*, source: str, body: bytes) -> int:
    """Make a run of a notification whose sender was checked, and have it loaded; return its id.

    Repeated it is the first. Raises SecretFileError (recorded), SourceNotFoundError, IngestError.
    """
    with runs.refusals_recorded(source, SYSTEM), transaction.atomic():
        run, is_new = runs.receive(
            source=source,
            content=body,
            name=NAME,
            media=MEDIA,
            channel=Run.Channel.API,
            key=key(body),
            by=SYSTEM,
        )
        if is_new:
            jobs.defer(runs.LOAD_JOB, queue="bulk", lock=f"source:{source}", run_id=run.pk)
    return run.pk


def key(body: bytes) -> str:
    """A broker repeats what it got no answer for: equal notifications are one."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict) and isinstance(said.get("body"), dict):
        said = said["body"]
    name = said.get("id") if isinstance(said, dict) else None
    return f"ngsi:{str(name)[:100]}:{hashlib.sha256(body).hexdigest()}"
