"""What the fast path must know of live indicators, read once and kept as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import DeviceMemory, Indicator
from haidang.insight.indicators.queries import books
from haidang.insight.indicators.rules.states import Levels


@dataclass(frozen=True)
class LiveIndicator:
    """One live indicator as plain data; its number is its place in `Definitions.indicators`."""

    id: int
    code: str
    sector: str
    metric: str
    period: str
    lowest: bool  # the lowest value is the worst
    cycle: int  # microseconds until a device counts as silent
    decimals: int
    row: Indicator


class Definitions:
    """Live indicators, their thresholds of today, the tree and the devices of today."""

    def __init__(self) -> None:
        rows = list(Indicator.objects.filter(method="live").order_by("id"))
        self.today: date = timezone.localdate()
        self.indicators = [_plain(row) for row in rows]
        self._thresholds = books.ThresholdBook(row.pk for row in rows)
        self.codes: Mapping[str, int] = org.codes()
        self._devices = ingest.devices()
        self._paths: dict[int, list[int]] = {}
        self.simulated = {one.code for one in ingest.sources() if one.is_simulated}

    @cached_property
    def by_metric(self) -> dict[str, list[int]]:
        """Return the numbers of the indicators that read each metric."""
        found: dict[str, list[int]] = {}
        for number, one in enumerate(self.indicators):
            found.setdefault(one.metric, []).append(number)
        return found

    def levels(self, number: int, unit_id: int) -> Levels | None:
        """Return the threshold of an indicator at a unit today."""
        row = self.indicators[number].row
        level = org.unit_by_id(unit_id).level
        found = self._thresholds.at(row.pk, unit_id, level, self.today)
        return books.levels(found, row) if found is not None else None

    def unit_of(self, known: DeviceMemory) -> int:
        """Return the unit a remembered device reports for now; the map may have changed since."""
        found = self._devices.get(known.device)
        return known.unit_id if found is None else found.unit_id

    def upwards(self, unit_id: int) -> list[int]:
        """Return a unit and all above it."""
        if unit_id not in self._paths:
            self._paths[unit_id] = [unit.id for unit in org.path(unit_id)]
        return self._paths[unit_id]

    @cached_property
    def expected(self) -> Mapping[tuple[str, int], int]:
        """Return how many registered devices of each metric a unit has below it."""
        counts: dict[tuple[str, int], int] = {}
        for device in self._devices.values():
            for metric in device.metrics:
                for unit_id in self.upwards(device.unit_id):
                    counts[metric, unit_id] = counts.get((metric, unit_id), 0) + 1
        return counts

    def is_simulated(self, device: str) -> bool:
        """Say whether a device belongs to the demo."""
        found = self._devices.get(device)
        return found is not None and found.source in self.simulated


def _plain(row: Indicator) -> LiveIndicator:
    return LiveIndicator(
        id=row.pk,
        code=row.code,
        sector=row.sector_id,
        metric=str(row.spec["metric"]),
        period=row.period,
        lowest=row.spec.get("rollup") == "min",
        cycle=int(row.cycle.total_seconds() * 1_000_000),
        decimals=row.decimals,
        row=row,
    )
