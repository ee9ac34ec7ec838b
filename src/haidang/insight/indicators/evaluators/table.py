"""The memory of all devices as growing arrays: one row per live indicator and device."""

import numpy as np

from haidang.insight.indicators.evaluators.definitions import Definitions
from haidang.insight.indicators.rules.live import NEVER, Ints, Memories, Triggers
from haidang.insight.indicators.rules.states import Levels

Key = tuple[int, str]  # indicator's number, device


class DeviceTable:
    """Rows are added as devices first appear; they keep their place while the process lives."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._rows: dict[Key, int] = {}
        self.keys: list[Key] = []
        self.units: list[int] = []
        self.members: dict[tuple[int, int], list[int]] = {}  # (indicator, unit) → rows below it
        self.memories = Memories.empty(0)
        self.triggers = _triggers([])
        self._levels: list[tuple[bool, Levels | None]] = []

    def rows(self, wanted: list[tuple[Key, int]]) -> list[int]:
        """Return the rows of (indicator, device) pairs, made for the devices' units if new; a
        device that has come to another unit, as by a change of the map, takes its row along."""
        new = [(key, unit) for key, unit in wanted if key not in self._rows]
        if new:
            self._add(dict(new))
        rows = [self._rows[key] for key, _ in wanted]
        moved = [(row, unit) for row, (_, unit) in zip(rows, wanted, strict=True)
                 if self.units[row] != unit]  # fmt: skip
        if moved:
            self._move(moved)
        return rows

    def _move(self, moved: list[tuple[int, int]]) -> None:
        for row, unit in moved:
            number, _ = self.keys[row]
            for above in self._definitions.upwards(self.units[row]):
                self.members[number, above].remove(row)
            self.units[row] = unit
            self._levels[row] = (self._levels[row][0], self._definitions.levels(number, unit))
            for above in self._definitions.upwards(unit):
                self.members.setdefault((number, above), []).append(row)
        self.triggers = _triggers(self._levels)

    def _add(self, new: dict[Key, int]) -> None:
        for key, unit in new.items():
            number, _ = key
            row = self._rows[key] = len(self.keys)
            self.keys.append(key)
            self.units.append(unit)
            is_higher = self._definitions.indicators[number].row.direction == "higher"
            self._levels.append((is_higher, self._definitions.levels(number, unit)))
            for above in self._definitions.upwards(unit):
                self.members.setdefault((number, above), []).append(row)
        self.memories = _grown(self.memories, len(new))
        self.triggers = _triggers(self._levels)

    def remember(
        self, row: int, time: int, value: float, watch_since: int, critical_since: int
    ) -> None:
        """Set what was known of a row, unless something newer is."""
        if time > self.memories.time[row]:
            self.memories.time[row] = time
            self.memories.value[row] = value
            self.memories.watch_since[row] = watch_since
            self.memories.critical_since[row] = critical_since


def _grown(memories: Memories, more: int) -> Memories:
    def longer(column: Ints, fill: int) -> Ints:
        return np.concatenate([column, np.full(more, fill, dtype=np.int64)])

    return Memories(
        time=longer(memories.time, NEVER),
        value=np.concatenate([memories.value, np.full(more, np.nan)]),
        watch_since=longer(memories.watch_since, NEVER),
        critical_since=longer(memories.critical_since, NEVER),
    )


def _triggers(rows: list[tuple[bool, Levels | None]]) -> Triggers:
    def column(name: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        found = [None if levels is None else getattr(levels, name) for _, levels in rows]
        return np.array([np.nan if one is None else one for one in found], dtype=np.float64)

    minimum = np.nan_to_num(column("minimum_seconds")).astype(np.int64) * 1_000_000
    return Triggers(
        higher=np.array([is_higher for is_higher, _ in rows], dtype=bool),
        watch=column("watch"),
        critical=column("critical"),
        watch_low=column("watch_low"),
        critical_low=column("critical_low"),
        hysteresis=np.nan_to_num(column("hysteresis")),
        minimum=minimum,
    )
