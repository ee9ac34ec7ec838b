"""InfluxDB line protocol.

`measurement,device=AQ-01,status=fault pm25=12.5,pm10=30 1700000000000000000`: with the tag
`device` a field is a metric of that device. Lines of other writers (Telegraf) name the device by
`host` (else by the measurement) and their further tags, the metric by measurement and field.

Lines without quotes and backslashes, all with a time, go column by column through Arrow; the
others one by one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from haidang.data.ingest.intake.formats import line_text
from haidang.data.ingest.intake.notes import TIME_UNITS
from haidang.data.ingest.intake.points import FARTHEST, Points, Reason, Request, Unread, shown

_STATUS = {"measuring": 0, "calibrating": 1, "fault": 2}
_BLOCK = 1 << 20
_BAD_STATUS = 255


@dataclass
class _Series:
    """Measurement and tags of a line, as device, prefix of its metrics and status."""

    device: int
    prefix: int
    status: int


@dataclass
class _Names:
    """The name tables of one parse, and the series already understood."""

    devices: dict[str, int] = field(default_factory=dict)
    prefixes: dict[str, int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)
    series: dict[str, _Series] = field(default_factory=dict)

    def of_series(self, text: str) -> _Series:
        known = self.series.get(text)
        if known is None:
            known = self.series[text] = self._understand(text)
        return known

    def _understand(self, text: str) -> _Series:
        measurement, tags = line_text.measurement_and_tags(text)
        status = tags.pop("status", "measuring")
        code = _STATUS.get(status, _BAD_STATUS)
        device = tags.pop("device", "")
        prefix = ""
        if not device:
            prefix = measurement
            device = "/".join([tags.pop("host", measurement), *tags.values()])
        return _Series(
            self.devices.setdefault(device, len(self.devices)),
            self.prefixes.setdefault(prefix, len(self.prefixes)),
            code,
        )

    def metrics(self) -> list[str]:
        """Return every prefix with every field; the index is prefix * fields + field."""
        return [
            (prefix if field == "value" else f"{prefix}.{field}") if prefix else field
            for prefix in self.prefixes
            for field in self.fields
        ]


@dataclass
class _Piece:
    """Columns of some lines; `line` counts from the first line of all requests."""

    device: NDArray[np.int32]
    prefix: NDArray[np.int32]
    field: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint8]
    line: NDArray[np.int64]


def parse(requests: Sequence[Request]) -> Points:
    """Read lines; a field is a reading, a line that breaks the protocol is left unread."""
    names = _Names()
    bodies = [_clean(request.body) for request in requests]
    counts = [body.count(b"\n") + 1 if body else 0 for body in bodies]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    found = _Found(requests, bodies, starts, names)
    for first, last in _runs(requests):
        found.read(first, last)
    return found.points()


class _Found:
    """Gathers the pieces of all requests."""

    def __init__(
        self,
        requests: Sequence[Request],
        bodies: list[bytes],
        starts: NDArray[np.int64],
        names: _Names,
    ) -> None:
        self._requests = requests
        self._bodies = bodies
        self._starts = starts
        self._names = names
        self._pieces: list[_Piece] = []
        self._unread: list[Unread] = []

    def read(self, first: int, last: int) -> None:
        """Read requests [first, last), which share a time unit; halve what Arrow refuses."""
        data = b"\n".join([body for body in self._bodies[first:last] if body])
        if not data:
            return
        step = TIME_UNITS[self._requests[first].extra]
        piece = _read_columns(data, int(self._starts[first]), step, self._names)
        if piece is not None:
            self._pieces.append(piece)
        elif last - first > 1:
            middle = (first + last) // 2
            self.read(first, middle)
            self.read(middle, last)
        else:
            self._read_one_by_one(first, step)

    def _read_one_by_one(self, index: int, step: int) -> None:
        slow = _SlowPiece(self._names, step, self._requests[index].received)
        begin = int(self._starts[index])
        for number, line in enumerate(self._bodies[index].split(b"\n")):
            try:
                slow.add(line.decode(), begin + number)
            except line_text.LineError as error:
                self._leave(index, number, line, error.reason)
            except UnicodeDecodeError:
                self._leave(
                    index, number, line, Reason("", "encoding", "Dòng không phải là UTF-8.")
                )
        self._pieces.append(slow.piece())

    def _leave(self, request: int, number: int, line: bytes, reason: Reason) -> None:
        self._unread.append(Unread(request, number + 1, shown(line), reason))

    def points(self) -> Points:
        fields = len(self._names.fields)
        columns = {
            name: np.concatenate([getattr(piece, name) for piece in self._pieces] or [_EMPTY[name]])
            for name in _EMPTY
        }
        line = columns["line"]
        request = (np.searchsorted(self._starts, line, side="right") - 1).astype(np.int32)
        number = (line - self._starts[request] + 1).astype(np.int32)
        return Points(
            devices=list(self._names.devices),
            metrics=self._names.metrics(),
            device=columns["device"],
            metric=columns["prefix"] * np.int32(fields) + columns["field"],
            time=columns["time"],
            value=columns["value"],
            status=columns["status"],
            request=request,
            number=number,
            unread=self._unread,
            text_of=lambda index: self._text(int(request[index]), int(number[index])),
        )

    def _text(self, request: int, number: int) -> str:
        return shown(self._bodies[request].split(b"\n", number)[number - 1])


_EMPTY: dict[str, NDArray[np.generic]] = {
    "device": np.empty(0, np.int32),
    "prefix": np.empty(0, np.int32),
    "field": np.empty(0, np.int32),
    "time": np.empty(0, np.int64),
    "value": np.empty(0, np.float64),
    "status": np.empty(0, np.uint8),
    "line": np.empty(0, np.int64),
}


def _clean(body: bytes) -> bytes:
    """Return the body without carriage returns, comments and empty lines."""
    body = body.replace(b"\r\n", b"\n") if b"\r" in body else body
    body = body.strip(b"\n ")
    if b"\n\n" in body or b"\n#" in body or b"\n " in body or body.startswith(b"#"):
        kept = (line.strip(b" ") for line in body.split(b"\n"))
        return b"\n".join([line for line in kept if line and not line.startswith(b"#")])
    return body


def _runs(requests: Sequence[Request]) -> Iterator[tuple[int, int]]:
    """Yield [first, last) of neighbours that share a time unit and make a block together."""
    first = size = 0
    for index, request in enumerate(requests):
        if index > first and (size > _BLOCK or request.extra != requests[first].extra):
            yield first, index
            first, size = index, 0
        size += len(request.body)
    if requests:
        yield first, len(requests)


def _read_columns(data: bytes, begin: int, step: int, names: _Names) -> _Piece | None:
    """Read plain lines column by column; None when one of them is not plain."""
    if b'"' in data or b"\\" in data:
        return None
    try:
        table = csv.read_csv(pa.BufferReader(data), _READ, _PARSE, _CONVERT)
        lines, keys, values = _split_fields(table.column("fields").combine_chunks())
        series = [names.of_series(text) for text in _words(table.column("series"))]
        found = [_field(text) for text in keys.dictionary.to_pylist()]
    except (pa.ArrowInvalid, line_text.LineError):
        return None
    which = _indices(table.column("series"))[lines]
    codes = np.array([names.fields.setdefault(name, len(names.fields)) for name in found], np.int32)
    return _Piece(
        device=np.array([one.device for one in series], np.int32)[which],
        prefix=np.array([one.prefix for one in series], np.int32)[which],
        field=codes[keys.indices.to_numpy()],
        time=_times(table.column("time").to_numpy(), step)[lines],
        value=values,
        status=np.array([one.status for one in series], np.uint8)[which],
        line=lines + begin,
    )


_READ = csv.ReadOptions(
    column_names=["series", "fields", "time"], use_threads=False, block_size=64 << 20
)
_PARSE = csv.ParseOptions(delimiter=" ", quote_char=False, ignore_empty_lines=False)
_CONVERT = csv.ConvertOptions(
    column_types={
        "series": pa.dictionary(pa.int32(), pa.string()),
        "fields": pa.string(),
        "time": pa.int64(),
    },
    null_values=[],
)


def _words(column: pa.ChunkedArray) -> list[str]:
    return list(column.unify_dictionaries().chunk(0).dictionary.to_pylist())


def _indices(column: pa.ChunkedArray) -> NDArray[np.int32]:
    chunks = column.unify_dictionaries().chunks
    return np.concatenate([chunk.indices.to_numpy() for chunk in chunks])


def _split_fields(
    fields: pa.StringArray,
) -> tuple[NDArray[np.int64], pa.DictionaryArray, NDArray[np.float64]]:
    """Cut `a=1,b=2` of every line; return line numbers, names and values of all fields."""
    pairs = pc.split_pattern(fields, ",")
    parts = pc.split_pattern(pairs.values, "=")
    if len(parts.values) != 2 * len(parts):
        raise pa.ArrowInvalid("a field is not name=value")
    counts = np.diff(pairs.offsets.to_numpy())
    both = np.arange(0, len(parts.values), 2)
    keys = parts.values.take(pa.array(both)).dictionary_encode()
    texts = pc.utf8_rtrim(parts.values.take(pa.array(both + 1)), "iu")
    values = pc.cast(texts, pa.float64()).to_numpy()
    return np.repeat(np.arange(len(counts)), counts), keys, values


def _times(times: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    if step == 0:
        return times // 1000
    limit = FARTHEST // step
    return np.clip(times, -limit, limit) * step


def _field(name: str) -> str:
    if not name:
        raise line_text.LineError("", "line", "Thiếu tên trường.")
    return line_text.plain(name)


class _SlowPiece:
    """Reads lines with quotes, escapes, truth values or without a time."""

    def __init__(self, names: _Names, step: int, received: int) -> None:
        self._names = names
        self._step = step
        self._received = received
        self._rows: list[tuple[int, int, int, int, float, int, int]] = []

    def add(self, line: str, number: int) -> None:
        """Add the readings of a line, all or none. Raises LineError."""
        series_text, fields_text, time_text = line_text.sections(line)
        series = self._names.of_series(series_text)
        moment = self._moment(time_text)
        rows = []
        for pair in line_text.split(fields_text, ",", quotes=True):
            name, found, text = line_text.partition(pair)
            if not found or not name:
                raise line_text.LineError(
                    "", "line", f"Trường “{pair[:80]}” không có dạng tên=giá trị."
                )
            if text.startswith('"'):
                raise line_text.LineError(
                    name, "type", f"Giá trị chữ của “{name}” không phải là số đo."
                )
            rows.append((name, line_text.value(name, text)))
        for name, value in rows:
            code = self._names.fields.setdefault(name, len(self._names.fields))
            self._rows.append(
                (series.device, series.prefix, code, moment, value, series.status, number)
            )

    def _moment(self, text: str) -> int:
        if not text:
            return self._received
        try:
            count = int(text) if re.fullmatch(r"-?\d{1,19}", text, re.ASCII) else None
        except ValueError:
            count = None
        if count is None:
            raise line_text.LineError("time", "time", f"Thời điểm “{text[:40]}” phải là số nguyên.")
        moment = count // 1000 if self._step == 0 else count * self._step
        return max(-FARTHEST, min(FARTHEST, moment))

    def piece(self) -> _Piece:
        columns: list[Any] = list(zip(*self._rows, strict=True)) or [()] * 7
        names = ("device", "prefix", "field", "time", "value", "status", "line")
        return _Piece(
            **{
                name: np.array(column, _EMPTY[name].dtype)
                for name, column in zip(names, columns, strict=True)
            }
        )
