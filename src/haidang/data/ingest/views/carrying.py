"""Rows of a register's file that travel in the page between its preview and its use."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from haidang.data.ingest.actions import processing
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.rules.registers import Judged, Line, lines_of

_SECONDS = 3600
_DAY = "day"


def carried(judged: Iterable[Judged], *, salt: str, account: int | None) -> str:
    """Return rows as signed text that only this account can send back, for an hour."""
    rows = [
        [one.number, {name: _out(value) for name, value in one.values.items()}, list(one.faults)]
        for one in lines_of(judged)
    ]
    return sealed(rows, salt=salt, account=account)


def sealed(said: Any, *, salt: str, account: int | None) -> str:
    """Return plain data as signed text that only this account can send back, for an hour."""
    return signing.dumps(said, salt=f"{salt}:{account}", compress=True)


def unsealed(text: str, *, salt: str, account: int | None) -> Any:
    """Return what was sealed. Raises IngestError when it is too old or another's."""
    try:
        return signing.loads(text, salt=f"{salt}:{account}", max_age=_SECONDS)
    except signing.BadSignature as error:
        raise IngestError("Bản xem trước đã quá hạn. Chọn lại tệp.") from error


def unpacked(text: str, *, salt: str, account: int | None) -> list[Line]:
    """Return the rows again. Raises IngestError when they are too old or another's.

    What was wrong with a row is judged anew, except what was wrong with its cells.
    """
    rows = unsealed(text, salt=salt, account=account)
    return [
        Line(number, {name: _in(value) for name, value in values.items()}, tuple(faults))
        for number, values, faults in rows
    ]


def media(sent: "UploadedFile[Any]") -> str:
    """Return the short name of a sent file's media type."""
    return processing.media_of(sent.content_type or "", sent.name or "")


def _out(value: Any) -> Any:
    return {_DAY: value.isoformat()} if isinstance(value, dt.date) else value


def _in(value: Any) -> Any:
    return dt.date.fromisoformat(value[_DAY]) if isinstance(value, dict) else value
