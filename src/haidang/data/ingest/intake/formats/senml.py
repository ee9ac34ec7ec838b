"""SenML JSON (RFC 8428): packs of records with base fields.

A reading's device and metric are both in its name, cut at the last `:` or `/`; a name without
either is a metric of the device that the topic or the request names. Beyond the RFC a record may
carry `status` (measuring, calibrating, fault), and a record named `status` with a string value
gives the status of every reading of its device in the pack.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from haidang.data.ingest.intake.points import Points, Reason, Request, Unread, microseconds, shown

_VERSION = 10
_RELATIVE_BELOW = float(1 << 28)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*\Z")
_STATUS = {"measuring": 0, "calibrating": 1, "fault": 2}
_NUMBERS = (int, float)


class _RecordError(ValueError):
    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.reason = Reason(field, code, message)


@dataclass
class _Columns:
    """What the parse gathers; one list per column."""

    devices: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    device: list[int] = field(default_factory=list)
    metric: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    request: list[int] = field(default_factory=list)
    number: list[int] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def parse(requests: Sequence[Request]) -> Points:
    """Read packs; every record becomes a reading, a base for the next ones, or is left unread."""
    found = _Columns()
    for index, (request, pack) in enumerate(zip(requests, _packs(requests), strict=True)):
        if isinstance(pack, list):
            _read_pack(found, index, request, pack)
        else:
            found.unread.append(Unread(index, 1, shown(request.body), pack))
    return _points(found)


def _packs(requests: Sequence[Request]) -> list[Any]:
    """Decode every body; many small ones in one call, one by one if that fails."""
    if len(requests) > 1:
        try:
            packs = orjson.loads(b"[" + b",".join([r.body for r in requests]) + b"]")
        except orjson.JSONDecodeError:
            packs = []
        if len(packs) == len(requests) and all(type(pack) is list for pack in packs):
            return list(packs)
    return [_pack(request.body) for request in requests]


def _pack(body: bytes) -> Any:
    try:
        pack = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return Reason("", "json", f"Không đọc được JSON ở ký tự thứ {error.pos + 1}: {error.msg}.")
    if isinstance(pack, dict):
        return [pack]
    if isinstance(pack, list):
        return pack
    return Reason("", "senml", "Gói SenML phải là một mảng các bản ghi.")


def _read_pack(found: _Columns, index: int, request: Request, pack: list[Any]) -> None:
    base: dict[str, Any] = {}
    first = len(found.value)
    statuses: dict[int, int] = {}
    for number, record in enumerate(pack, 1):
        try:
            _read_record(found, index, number, request, record, base, statuses)
        except _RecordError as error:
            text = shown(orjson.dumps(record))
            found.unread.append(Unread(index, number, text, error.reason))
    if statuses:
        for at in range(first, len(found.value)):
            found.status[at] = max(found.status[at], statuses.get(found.device[at], 0))


def _read_record(
    found: _Columns,
    index: int,
    number: int,
    request: Request,
    record: Any,
    base: dict[str, Any],
    statuses: dict[int, int],
) -> None:
    if type(record) is not dict:
        raise _RecordError("", "senml", "Mỗi bản ghi SenML phải là một đối tượng JSON.")
    for key in record:
        if key[:1] == "b" or key[-1:] == "_":
            _take_base(record, base)
            break
    value = _value(record, base)
    if value is None:
        return
    device, metric = _name(found, base.get("bn", ""), record.get("n", ""), request.extra)
    if isinstance(value, str):
        _take_status(metric, value, device, found, statuses)
        return
    moment = _moment(record, base, request)
    status = _status(record["status"]) if "status" in record else 0
    found.device.append(device)
    found.metric.append(metric)
    found.seconds.append(moment)
    found.value.append(value)
    found.status.append(status)
    found.request.append(index)
    found.number.append(number)
    found.records.append(record)


def _moment(record: dict[str, Any], base: dict[str, Any], request: Request) -> float:
    """Return the time in seconds; a small one counts from when the request came."""
    moment = _number(record, "t", 0.0) + float(base.get("bt", 0.0))
    if -_RELATIVE_BELOW <= moment < _RELATIVE_BELOW:
        moment += request.received / 1e6
    return moment


def _take_base(record: dict[str, Any], base: dict[str, Any]) -> None:
    for key in ("bt", "bv", "bver", "bs"):
        if key in record:
            base[key] = _number(record, key, 0.0)
    if "bn" in record:
        base["bn"] = _text(record, "bn")
    if base.get("bver", _VERSION) > _VERSION:
        raise _RecordError("bver", "senml", f"Chỉ đọc được SenML đến phiên bản {_VERSION}.")
    for key in record:
        if key[-1:] == "_":
            message = f"Trường bắt buộc hiểu “{key}” không được hỗ trợ."
            raise _RecordError(key, "senml", message)


def _value(record: dict[str, Any], base: dict[str, Any]) -> float | str | None:
    """Return the number of a record, its text, or None when it holds bases only."""
    if "v" in record:
        return _number(record, "v", 0.0) + float(base.get("bv", 0.0))
    if "vb" in record:
        if type(record["vb"]) is not bool:
            raise _RecordError("vb", "type", "Trường “vb” phải là true hoặc false.")
        return float(record["vb"])
    if "vs" in record:
        return _text(record, "vs")
    if "vd" in record or "s" in record:
        raise _RecordError("v", "type", "Số đo phải có giá trị số trong trường “v”.")
    if "n" in record and not any(key[:1] == "b" for key in record):
        raise _RecordError("v", "required", "Bản ghi không có giá trị: thiếu trường “v”.")
    return None


def _number(record: dict[str, Any], key: str, absent: float) -> float:
    value = record.get(key, absent)
    if type(value) in _NUMBERS:
        return float(value)
    raise _RecordError(key, "type", f"Trường “{key}” phải là số.")


def _text(record: dict[str, Any], key: str) -> str:
    value = record[key]
    if type(value) is str:
        return value
    raise _RecordError(key, "type", f"Trường “{key}” phải là chuỗi.")


def _name(found: _Columns, base: str, name: Any, device: str) -> tuple[int, int]:
    """Return the indexes of device and metric of a full name."""
    if type(name) is not str:
        raise _RecordError("n", "type", "Trường “n” phải là chuỗi.")
    full = base + name
    known = found.names.get((device, full))
    if known is not None:
        return known
    if not _NAME.match(full):
        raise _RecordError(
            "n", "name", "Tên phải bắt đầu bằng chữ hoặc số và chỉ gồm A-Z a-z 0-9 - : . / _"
        )
    cut = max(full.rfind(":"), full.rfind("/"))
    whose = device or (full[:cut] if cut > 0 else "")
    metric = full[cut + 1 :]
    if not whose or not metric:
        raise _RecordError("n", "name", f"Tên “{full}” chưa nêu cả thiết bị và thông số.")
    indexes = (
        found.devices.setdefault(whose, len(found.devices)),
        found.metrics.setdefault(metric, len(found.metrics)),
    )
    found.names[device, full] = indexes
    return indexes


def _status(text: Any) -> int:
    code = _STATUS.get(text) if type(text) is str else None
    if code is None:
        message = (
            "Trạng thái thiết bị phải là measuring (đang đo), calibrating (đang hiệu chuẩn) "
            "hoặc fault (hỏng)."
        )
        raise _RecordError("status", "code", message)
    return code


def _take_status(
    metric: int, value: str, device: int, found: _Columns, statuses: dict[int, int]
) -> None:
    if found.metrics.get("status") != metric:
        raise _RecordError("vs", "type", "Giá trị chữ không phải là số đo.")
    statuses[device] = _status(value)


def _points(found: _Columns) -> Points:
    records = found.records
    return Points(
        devices=list(found.devices),
        metrics=list(found.metrics),
        device=np.array(found.device, np.int32),
        metric=np.array(found.metric, np.int32),
        time=microseconds(np.array(found.seconds, np.float64)),
        value=np.array(found.value, np.float64),
        status=np.array(found.status, np.uint8),
        request=np.array(found.request, np.int32),
        number=np.array(found.number, np.int32),
        unread=found.unread,
        text_of=lambda index: shown(orjson.dumps(records[index])),
    )
