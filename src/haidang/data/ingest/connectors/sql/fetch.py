"""Reading rows of another database, a few at a time, into pieces of NDJSON."""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.connectors.sql import adapters
from haidang.data.ingest.connectors.sql.select import statement
from haidang.data.ingest.errors import ConnectorError, TooLargeError

_ROWS_IN_PIECE = 50_000


def test(settings: Settings, room: Room) -> Reached:
    """Sign in, run the statement and look at its first row."""
    sql = statement(settings, is_after=False)
    with adapters.reading(settings, sql, None, room) as (columns, rows):
        _key_of(settings, columns)
        first = next(rows, None)
    found = "chưa có dòng nào" if first is None else "đọc được dòng đầu"
    return Reached(f"Đăng nhập được, {found}. Các cột: {', '.join(columns[:30])}.", {})


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield all rows as one snapshot; or, by a growing key, those from the last value on.

    The last value is read again each time, so that rows that share it are not missed; what is
    known already arrives as duplicates.
    """
    is_whole = settings["increment"] == "none"
    after = None if is_whole else _from(settings, cursor)
    sql = statement(settings, is_after=after is not None)
    with adapters.reading(settings, sql, after, room) as (columns, rows):
        place = _key_of(settings, columns)
        while some := _written(columns, rows, room, most=None if is_whole else _ROWS_IN_PIECE):
            path, last = some
            yield Fetched(
                name=f"{settings['table'] or 'truy-van'}.ndjson",
                media="application/x-ndjson",
                content=path,
                cursor_after={} if place is None else {"after": _mark(last[place])},
                is_snapshot=True,
            )


def _from(settings: Settings, cursor: Cursor) -> Any:
    """Return the value to read from, or None at first."""
    said = cursor.get("after")
    if said is None:
        return None
    if settings["increment"] == "number":
        number = Decimal(str(said)) - settings["overlap"]
        return int(number) if number == number.to_integral_value() else number
    try:
        moment = dt.datetime.fromisoformat(str(said))
    except ValueError as error:
        raise ConnectorError("Cột tăng dần không phải cột thời gian. Sửa phần khai.") from error
    return moment - dt.timedelta(minutes=settings["overlap"])


def _mark(value: Any) -> str:
    """Return the key of a row as the cursor keeps it."""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _key_of(settings: Settings, columns: list[str]) -> int | None:
    """Return where the key stands among the columns. Raises ConnectorError."""
    if settings["increment"] == "none":
        return None
    folded = [name.lower() for name in columns]
    if settings["key"].lower() not in folded:
        there = ", ".join(columns[:30])
        raise ConnectorError(
            f"Kết quả không có cột tăng dần “{settings['key']}”. Các cột: {there}."
        )
    return folded.index(settings["key"].lower())


def _written(
    columns: list[str], rows: Iterator[Sequence[Any]], room: Room, *, most: int | None
) -> tuple[Path, Sequence[Any]] | None:
    """Write rows to a file; return it and the last of them, None where none is left."""
    path, size = room.folder / "rows.ndjson", 0
    last: Sequence[Any] | None = None
    with path.open("wb") as opened:
        for number, last in enumerate(itertools.islice(rows, most)):
            line = orjson.dumps(
                {name: plain(value) for name, value in zip(columns, last, strict=True)},
                option=orjson.OPT_APPEND_NEWLINE,
            )
            size += opened.write(line)
            if size > room.max_bytes:
                raise TooLargeError(
                    f"Kết quả lớn hơn {room.max_bytes >> 20} MB. Chọn “chỉ lấy phần mới”, hoặc lấy "
                    "ít cột hơn."
                )
            if not number % 1000:
                room.seconds  # noqa: B018 - raises when the time is over
    return None if last is None else (path, last)


def plain(value: Any) -> Any:
    """Return a value as JSON can say it; decimals as numbers with all their digits."""
    match value:
        case None | bool() | int() | str():
            return value if not isinstance(value, int) or abs(value) < 2**63 else str(value)
        case float():
            return value if value == value and abs(value) != float("inf") else None
        case Decimal():
            return orjson.Fragment(f"{value:f}") if value.is_finite() else None
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return bytes(value).decode("utf-8", "replace")
        case list() | dict():
            return value
    return str(value)
