"""Which readings are accepted, and why the others wait. Vectorised; no clock, no database."""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haidang.data.ingest.evaluators import STATUSES
from haidang.data.ingest.intake.points import MICROSECOND, Points, Reason, printable
from haidang.data.ingest.intake.registry import UNKNOWN, Registry
from haidang.data.ingest.rules.values import Rejected

DAY = 86_400 * MICROSECOND
OLDEST = 946_684_800 * MICROSECOND  # 2000-01-01: an older time means a clock that was never set

REASONS = (
    Reason("", "", ""),
    Reason("device", "unknown_device", "Thiết bị “{device}” chưa được khai báo."),
    Reason("device", "foreign_device", "Thiết bị “{device}” thuộc nguồn khác."),
    Reason("device", "retired_device", "Thiết bị “{device}” đã ngừng hoạt động."),
    Reason("metric", "unknown_metric", "Thông số “{metric}” chưa được khai báo cho thiết bị."),
    Reason("time", "future", "Thời điểm {time} nằm quá một ngày trong tương lai."),
    Reason("time", "too_old", "Thời điểm {time} trước năm 2000; đồng hồ thiết bị có thể sai."),
    Reason(
        "time",
        "too_late",
        "Thời điểm {time} cũ hơn {days} ngày khi đến. Nếu là số liệu lịch sử hợp lệ, nâng tuổi số "
        "đo được nhận ở trang sửa nguồn rồi nạp lại.",
    ),
    Reason("value", "not_finite", "Giá trị không phải là một số hữu hạn."),
    Reason("value", "below_minimum", "Giá trị {value} thấp hơn giới hạn cho phép."),
    Reason("value", "above_maximum", "Giá trị {value} cao hơn giới hạn cho phép."),
    Reason(
        "status",
        "status",
        "Trạng thái phải là measuring (đang đo), calibrating (đang hiệu chuẩn) hoặc fault (hỏng).",
    ),
)
_CODES = {reason.code: index for index, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Limits:
    """The least and greatest value that the dataset's contract lets pass; the source's age."""

    minimum: float | None = None
    maximum: float | None = None
    max_age_days: int = 0  # 0: however old


@dataclass
class Columns:
    """Accepted readings of one source; indexes are the registry's."""

    device: NDArray[np.int32]
    metric: NDArray[np.int32]
    unit: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time)


@dataclass
class Checked:
    """What became of the readings of one source: read = accepted + waiting."""

    read: int
    accepted: Columns
    waiting: list[Rejected]


def check(
    points: Points,
    received: NDArray[np.int64],
    source: str,
    registry: Registry,
    limits: Limits = Limits(),
) -> Checked:
    """Judge every reading; `received` is the moment (µs) at which each request came."""
    device = registry.device_indexes(points.devices)[points.device]
    metric = registry.metric_indexes(points.metrics)[points.metric]
    reason = _reasons(points, device, metric, received, source, registry, limits)
    good = np.flatnonzero(reason == 0)
    waiting = [
        _waiting(points, int(at), REASONS[reason[at]], limits) for at in np.flatnonzero(reason)
    ]
    waiting += [
        (one.number, {"original": one.text}, [one.reason.as_json()]) for one in points.unread
    ]
    accepted = Columns(
        device[good],
        metric[good],
        registry.unit_of[device[good]],
        points.time[good],
        points.value[good],
        points.status[good],
    )
    return Checked(len(points) + len(points.unread), accepted, waiting)


def _reasons(
    points: Points,
    device: NDArray[np.int32],
    metric: NDArray[np.int32],
    received: NDArray[np.int64],
    source: str,
    registry: Registry,
    limits: Limits,
) -> NDArray[np.uint8]:
    """Return the index of the first reason of every reading; 0 where nothing is wrong."""
    reason = _device_reasons(points, source, registry)[points.device]
    known = device != UNKNOWN
    undeclared = np.zeros(len(points), np.bool_)
    undeclared[known] = ~registry.declares(device[known], metric[known])
    future = points.time > received[points.request] + DAY
    for wrong, code in (
        (undeclared, "unknown_metric"),
        (future, "future"),
        (points.time < OLDEST, "too_old"),
        (_too_late(points, received, limits.max_age_days), "too_late"),
        (~np.isfinite(points.value), "not_finite"),
        (_beyond(points.value, limits.minimum, -1), "below_minimum"),
        (_beyond(points.value, limits.maximum, 1), "above_maximum"),
        (points.status >= len(STATUSES), "status"),
    ):
        reason[wrong & (reason == 0)] = _CODES[code]
    return reason


def _device_reasons(points: Points, source: str, registry: Registry) -> NDArray[np.uint8]:
    codes = np.zeros(max(len(points.devices), 1), np.uint8)
    for index, name in enumerate(points.devices):
        found = registry.refs.get(name)
        if found is None:
            codes[index] = _CODES["unknown_device"]
        elif found.source != source:
            codes[index] = _CODES["foreign_device"]
        elif found.state == "retired":
            codes[index] = _CODES["retired_device"]
    return codes


def _too_late(points: Points, received: NDArray[np.int64], days: int) -> NDArray[np.bool_]:
    """Judge by when the request came, not by now: a repeat after a crash ends the same."""
    if not days:
        return np.zeros(len(points), np.bool_)
    return np.asarray(points.time < received[points.request] - days * DAY)


def _beyond(value: NDArray[np.float64], limit: float | None, side: int) -> NDArray[np.bool_]:
    if limit is None:
        return np.zeros(len(value), np.bool_)
    return (value - limit) * side > 0


def _waiting(points: Points, at: int, reason: Reason, limits: Limits) -> Rejected:
    status = int(points.status[at])
    value = float(points.value[at])
    row: dict[str, Any] = {
        "device": printable(points.devices[points.device[at]]),
        "metric": printable(points.metrics[points.metric[at]]),
        "time": _moment(int(points.time[at])),
        "value": value if np.isfinite(value) else str(value),
        "status": STATUSES[status] if status < len(STATUSES) else "",
    }
    said = Reason(reason.field, reason.code, reason.message.format(**row, days=limits.max_age_days))
    return int(points.number[at]), row | {"original": points.text_of(at)}, [said.as_json()]


def _moment(time: int) -> str:
    try:
        start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        return (start + datetime.timedelta(microseconds=time)).isoformat()
    except OverflowError:
        return f"{time} µs"
