"""Arrow IPC streams: columns `device` and `time` with either one column per metric, or `metric`
and `value`; a column `status` may stand in both. Nothing is decoded row by row.
"""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from haidang.data.ingest.evaluators import STATUSES
from haidang.data.ingest.intake.points import FARTHEST, Points, Request

MOST_ROWS = 4_000_000
_STATUS = {name: code for code, name in enumerate(STATUSES)} | {None: 0}
_BAD_STATUS = 255
_DICTIONARY = 2  # of Arrow's union of message headers
_NAMED = ("device", "time", "status", "metric", "value")


class ArrowError(Exception):
    """The body is no stream of readings; the text says what to mend."""


def checked(source: Any) -> None:
    """Read a whole stream and judge its shape. Raises ArrowError with the mend."""
    try:
        _refuse_compression(source)
        _table(source)
    except (pa.ArrowException, OSError, ValueError, struct.error, IndexError) as error:
        raise ArrowError(
            "Không đọc được luồng Arrow IPC; nội dung hỏng hoặc bị cắt cụt."
        ) from error


def parse(requests: Sequence[Request]) -> Points:
    """Return the readings of streams. Raises ArrowError when one of them cannot be read."""
    names = _Names()
    parts = [names.points(at, _table(pa.py_buffer(one.body))) for at, one in enumerate(requests)]
    device, metric, time, value, status, request, number = (
        np.concatenate(list(one)) for one in zip(*parts, strict=True)
    )
    return Points(
        list(names.devices), list(names.metrics), device, metric, time, value, status, request,
        number,
    )  # fmt: skip


def _table(source: Any) -> pa.Table:
    with pa.ipc.open_stream(source) as stream:
        _judge(stream.schema)
        batches, rows = [], 0
        for batch in stream:
            rows += batch.num_rows
            if rows * max(batch.num_columns - 2, 1) > MOST_ROWS:
                raise ArrowError(f"Mỗi lần gửi tối đa {MOST_ROWS} số đo; hãy chia nhỏ.")
            batch.validate(full=True)
            _microseconds(batch.column("time"))
            batches.append(batch)
        return pa.Table.from_batches(batches, stream.schema)


def _judge(schema: pa.Schema) -> None:
    names = schema.names
    if len(set(names)) != len(names):
        raise ArrowError("Hai cột của luồng Arrow trùng tên.")
    for name in ("device", "time"):
        if name not in names:
            raise ArrowError(f"Luồng Arrow thiếu cột “{name}”.")
    time = schema.field("time").type
    if not pa.types.is_timestamp(time) or time.tz is None:
        raise ArrowError("Cột “time” phải là thời điểm có múi giờ (timestamp with time zone).")
    for field in schema:
        if field.name in ("device", "metric", "status"):
            if not _is_text(field.type):
                raise ArrowError(f"Cột “{field.name}” phải là văn bản.")
        elif field.name != "time" and not _is_number(field.type):
            raise ArrowError(f"Cột “{field.name}” phải là số.")
    if ("metric" in names) != ("value" in names):
        raise ArrowError("Cột “metric” và cột “value” phải đi cùng nhau.")
    if "metric" in names and set(names) - set(_NAMED):
        raise ArrowError("Đã có cột “metric” và “value” thì không có cột thông số khác.")


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


class _Names:
    """The name tables of one parse."""

    def __init__(self) -> None:
        self.devices: dict[str, int] = {}
        self.metrics: dict[str, int] = {}

    def points(self, request: int, table: pa.Table) -> tuple[NDArray[Any], ...]:
        """Return device, metric, time, value, status, request and number of every reading."""
        count = table.num_rows
        device = self._coded(table.column("device"), self.devices)
        time = _microseconds(table.column("time"))
        status = _statuses(table, count)
        number = np.arange(1, count + 1, dtype=np.int32)
        if "metric" in table.column_names:
            metric = self._coded(table.column("metric"), self.metrics)
            value = _numbers(table.column("value"))
            return device, metric, time, value, status, np.full(count, request, np.int32), number
        wide = [name for name in table.column_names if name not in _NAMED]
        codes = [self.metrics.setdefault(name, len(self.metrics)) for name in wide]
        values = [_numbers(table.column(name)) for name in wide]
        value = np.stack(values, axis=1).ravel() if wide else np.empty(0)
        each = len(wide)
        columns = (
            np.repeat(device, each), np.tile(np.array(codes, np.int32), count),
            np.repeat(time, each), value, np.repeat(status, each),
            np.full(count * each, request, np.int32), np.repeat(number, each),
        )  # fmt: skip
        return _without_empty(columns, [table.column(name) for name in wide])

    def _coded(self, column: pa.ChunkedArray, known: dict[str, int]) -> NDArray[np.int32]:
        coded = column.combine_chunks()
        if not pa.types.is_dictionary(coded.type):
            coded = coded.dictionary_encode()
        texts = [text or "" for text in coded.dictionary.to_pylist()]
        table = np.array([known.setdefault(text, len(known)) for text in [*texts, ""]], np.int32)
        places = coded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
        coded_rows: NDArray[np.int32] = table[places]
        return coded_rows


def _without_empty(
    columns: tuple[NDArray[Any], ...], wide: list[pa.ChunkedArray]
) -> tuple[NDArray[Any], ...]:
    """Leave out what a device did not measure: empty cells of a metric's column."""
    if not any(one.null_count for one in wide):
        return columns
    there = np.stack([one.is_valid().to_numpy() for one in wide], axis=1).ravel()
    return tuple(column[there] for column in columns)


def _microseconds(column: Any) -> NDArray[np.int64]:
    """Return moments in µs; an empty one lies at the far end, where it waits for a person."""
    exact = pc.CastOptions(pa.timestamp("us", "UTC"), allow_time_truncate=True)
    moments: NDArray[np.int64] = (
        pc.cast(column, options=exact).cast(pa.int64()).fill_null(FARTHEST).to_numpy()
    )
    return np.clip(moments, -FARTHEST, FARTHEST)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    values: NDArray[np.float64] = column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy()
    return values


def _statuses(table: pa.Table, count: int) -> NDArray[np.uint8]:
    if "status" not in table.column_names:
        return np.zeros(count, np.uint8)
    coded = table.column("status").combine_chunks()
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    texts = [*coded.dictionary.to_pylist(), None]
    codes = np.array([_STATUS.get(text, _BAD_STATUS) for text in texts], np.uint8)
    places = coded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
    found: NDArray[np.uint8] = codes[places]
    return found


def _refuse_compression(source: Any) -> None:
    """Refuse buffers that are compressed inside the stream: they inflate without a limit."""
    for message in pa.ipc.MessageReader.open_stream(source):
        if message.type != "schema" and _is_compressed(message.metadata.to_pybytes()):
            raise ArrowError("Luồng Arrow không được nén bên trong; hãy nén gzip cả nội dung.")
    if hasattr(source, "seek"):
        source.seek(0)


def _is_compressed(data: bytes) -> bool:
    """Tell whether the flat buffer of a batch, or of a dictionary's, names a compression."""
    message = _uint(data, 0)
    batch = _table_at(data, message, 2)
    if data[message + _slot(data, message, 1)] == _DICTIONARY:
        batch = _table_at(data, batch, 1)
    return _slot(data, batch, 3) != 0


def _table_at(data: bytes, table: int, number: int) -> int:
    """Return where the table lies that a table's field points to. Raises ValueError for none."""
    offset = _slot(data, table, number)
    if not offset:
        raise ValueError("a message without its batch")
    return table + offset + _uint(data, table + offset)


def _slot(data: bytes, table: int, number: int) -> int:
    """Return where a table's field lies from the table's start; 0 when it has none."""
    layout = table - struct.unpack_from("<i", data, table)[0]
    size = struct.unpack_from("<H", data, layout)[0]
    place = 4 + 2 * number
    return int(struct.unpack_from("<H", data, layout + place)[0]) if place < size else 0


def _uint(data: bytes, place: int) -> int:
    return int(struct.unpack_from("<I", data, place)[0])
