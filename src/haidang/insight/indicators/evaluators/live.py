"""The evaluator: readings to device memories, devices to units, units to the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils import timezone

from haidang.data.ingest.api import Readings
from haidang.insight.indicators.actions import live_values
from haidang.insight.indicators.actions.live_values import DeviceValue, LiveValue
from haidang.insight.indicators.evaluators.definitions import Definitions
from haidang.insight.indicators.evaluators.table import DeviceTable
from haidang.insight.indicators.models import DeviceMemory
from haidang.insight.indicators.rules import gathering, live
from haidang.insight.indicators.rules.live import NEVER, Ints

_MEASURING = 0
_STATES = ("normal", "watch", "critical")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Changes:
    """What a tick changed."""

    devices: list[DeviceValue]
    units: list[LiveValue]


class LiveEvaluator:
    """Keeps the last value of every live indicator and device; see the package."""

    def __init__(self) -> None:
        self._definitions: Definitions | None = None
        self._table: DeviceTable | None = None

    def load(self) -> None:
        """Read definitions and thresholds anew, and what the database remembers of devices."""
        definitions = Definitions()
        table = DeviceTable(definitions)
        number_of = {one.id: number for number, one in enumerate(definitions.indicators)}
        known = list(DeviceMemory.objects.filter(indicator__in=number_of))
        rows = table.rows(
            [((number_of[one.indicator_id], one.device), definitions.unit_of(one)) for one in known]
        )
        for row, one in zip(rows, known, strict=True):
            table.remember(
                row, _micros(one.time), one.value, _since(one.watch_since),
                _since(one.critical_since),
            )  # fmt: skip
        self._definitions, self._table = definitions, table

    def evaluate(self, readings: Readings) -> Changes | None:
        """Return the devices and units that these readings bring forward; None: none."""
        if self._definitions is None or self._table is None:
            self.load()
        assert self._definitions is not None
        assert self._table is not None
        is_valid = (readings.status == _MEASURING) & np.isfinite(readings.value)
        touched: list[int] = []
        for metric, name in enumerate(readings.metrics):
            for number in self._definitions.by_metric.get(name, ()):
                chosen = np.flatnonzero(is_valid & (readings.metric == metric))
                if len(chosen):
                    touched += self._apply(readings, number, chosen).tolist()
        if not touched:
            return None
        return self._changes(np.array(sorted(touched), dtype=np.int64))

    def _apply(self, readings: Readings, number: int, chosen: Ints) -> Ints:
        assert self._table is not None
        devices, places = np.unique(readings.device[chosen], return_index=True)
        units = [readings.units[unit] for unit in readings.unit[chosen[places]].tolist()]
        rows = self._rows(number, [readings.devices[one] for one in devices.tolist()], units)
        series = rows[np.searchsorted(devices, readings.device[chosen])]
        chosen, series = chosen[series >= 0], series[series >= 0]
        time, value = readings.time[chosen], readings.value[chosen]
        order = live.newer(self._table.memories, series, time)
        return live.apply(
            self._table.memories, self._table.triggers, series[order], time[order], value[order]
        )

    def _rows(self, number: int, devices: list[str], units: list[str]) -> Ints:
        """Return the rows of some devices; -1 for those of units that nobody knows."""
        assert self._definitions is not None
        assert self._table is not None
        codes = self._definitions.codes
        known = [
            ((number, device), codes[unit])
            for device, unit in zip(devices, units, strict=True)
            if unit in codes
        ]
        found = iter(self._table.rows(known))
        return np.array([next(found) if unit in codes else -1 for unit in units], dtype=np.int64)

    def _changes(self, touched: Ints) -> Changes:
        assert self._table is not None
        memories = self._table.memories
        severities = live.severities(memories, self._table.triggers, np.arange(len(memories.time)))
        places = {
            (self._table.keys[row][0], above)
            for row in touched.tolist()
            for above in self._upwards(row)
        }
        return Changes(
            devices=[self._device(row) for row in touched.tolist()],
            units=[self._unit(number, unit, severities) for number, unit in sorted(places)],
        )

    def _upwards(self, row: int) -> Iterable[int]:
        assert self._definitions is not None
        assert self._table is not None
        return self._definitions.upwards(self._table.units[row])

    def _device(self, row: int) -> DeviceValue:
        assert self._definitions is not None
        assert self._table is not None
        number, device = self._table.keys[row]
        memories = self._table.memories
        return DeviceValue(
            indicator_id=self._definitions.indicators[number].id,
            device=device,
            unit_id=self._table.units[row],
            time=_moment(memories.time[row]),
            value=float(memories.value[row]),
            watch_since=_moment_or_none(memories.watch_since[row]),
            critical_since=_moment_or_none(memories.critical_since[row]),
        )

    def _unit(self, number: int, unit: int, severities: Ints) -> LiveValue:
        assert self._definitions is not None
        assert self._table is not None
        indicator = self._definitions.indicators[number]
        rows = np.array(self._table.members[number, unit], dtype=np.int64)
        rows = rows[self._table.memories.time[rows] != NEVER]
        found = gathering.gather(
            self._table.memories, severities, rows, lowest=indicator.lowest, cycle=indicator.cycle
        )
        expected = self._definitions.expected.get((indicator.metric, unit), 0)
        devices = [self._table.keys[row][1] for row in rows.tolist()]
        return LiveValue(
            indicator=indicator.row,
            unit_id=unit,
            as_of=_moment(found.time),
            value=found.value,
            state=_STATES[found.severity],
            watch_since=_moment_or_none(found.watch_since),
            critical_since=_moment_or_none(found.critical_since),
            reported=found.reported,
            expected=max(expected, len(rows)),
            is_simulated=any(self._definitions.is_simulated(one) for one in devices),
        )

    def apply(self, changes: Changes) -> None:
        """Write the changes where they are newer and tell what changed, in one transaction."""
        live_values.write(changes.devices, changes.units, now=timezone.now())


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _since(moment: datetime | None) -> int:
    return NEVER if moment is None else _micros(moment)


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(micros))


def _moment_or_none(micros: int) -> datetime | None:
    return None if micros == NEVER else _moment(micros)
