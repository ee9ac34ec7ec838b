"""Answers from blocks: the same rows that the lake would give, or None where it must be asked."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haidang.data.warehouse.engine.blocks import cells, questions
from haidang.data.warehouse.engine.blocks.cells import Cells
from haidang.data.warehouse.engine.blocks.listing import ALL
from haidang.data.warehouse.engine.blocks.memory import State
from haidang.data.warehouse.engine.blocks.names import Names, Table
from haidang.data.warehouse.engine.blocks.questions import Wanted
from haidang.data.warehouse.engine.blocks.rows import Block, Ints

Rows = list[tuple[Any, ...]]
_MEASURES: dict[str, Callable[[Cells], Any]] = {
    "avg": lambda found: found.total / found.count,
    "count": lambda found: found.count,
    "first": lambda found: found.first,
    "last": lambda found: found.last,
    "max": lambda found: found.high,
    "min": lambda found: found.low,
    "sum": lambda found: found.total,
}
_WIDER = 4  # times, when the newest buckets hold too few rows


def aggregate(
    state: State,
    wanted: Wanted,
    *,
    units: frozenset[str] | None,
    measures: Sequence[tuple[str, str]],
    group: Sequence[str],
    bucket: str | None,
    order: Sequence[str],
    limit: int,
) -> tuple[list[str], Rows] | None:
    """Return the labels and rows of aggregates; moments are naive, in UTC."""
    oldest = min((block.first for block in state.blocks), default=0)
    if not questions.is_answerable(measures, group, bucket, oldest):
        return None
    if not questions.is_covered(wanted, state.since):
        return None
    labels = [*group, *(["bucket"] if bucket else []), *(_label(*one) for one in measures)]
    if any(name.lstrip("-") not in labels for name in order):
        return None
    question = _Question(state, wanted, units, tuple(group), bucket, _is_timed(measures))
    found = question.newest(limit) if bucket and [*order[:1]] == ["-bucket"] else question.all()
    if not len(found[0]) and not group and bucket is None:
        return None  # one row of nothing, which is the lake's to word
    return labels, _rows(state.names, question, found, measures, labels, order, limit)


def _label(function: str, column: str) -> str:
    return function if column == "*" else f"{function}_{column}"


def _is_timed(measures: Sequence[tuple[str, str]]) -> bool:
    return any(function in ("first", "last") for function, _ in measures)


class _Question:
    """One aggregate over all blocks."""

    def __init__(
        self,
        state: State,
        wanted: Wanted,
        units: frozenset[str] | None,
        group: tuple[str, ...],
        bucket: str | None,
        is_timed: bool,
    ) -> None:
        self._state, self._wanted, self._bucket, self._is_timed = state, wanted, bucket, is_timed
        self._group = group
        self._series = state.names.chosen(wanted.devices, wanted.metrics)
        self._units = units

    def all(self) -> tuple[Cells, Ints]:
        """Return the cells of all groups, and the number of each one's bucket."""
        return self._between(self._wanted)

    def newest(self, limit: int) -> tuple[Cells, Ints]:
        """Return at least `limit` groups of the newest buckets; all where there are fewer."""
        assert self._bucket is not None
        blocks = self._state.blocks
        last = max((block.last for block in blocks), default=0)
        first = max(self._wanted.start, min((block.first for block in blocks), default=0))
        end = min(self._wanted.end, last + 1)
        newest = int(cells.bucket_numbers(self._bucket, np.array([end - 1]))[0])
        wide = max(limit, 1)
        while True:
            start = int(cells.bucket_starts(self._bucket, np.array([newest - wide + 1]))[0])
            if start <= first:
                return self.all()
            narrow = Wanted(
                self._wanted.devices, self._wanted.metrics, start, end, self._wanted.values
            )
            found = self._between(narrow)
            if len(found[0]) >= limit:
                return found
            wide *= _WIDER

    def _between(self, wanted: Wanted) -> tuple[Cells, Ints]:
        parts = [
            cells.cells_of(
                block, self._series, wanted, self._bucket, _mask(self._state, block, self._units)
            )
            for block in self._state.blocks
            if block.last >= wanted.start and block.first < wanted.end
        ]
        parts = [one for one in parts if len(one)]
        if not parts:
            return cells.none(), np.empty(0, np.int64)
        found = cells.together(parts)
        numbers = cells.bucket_numbers(self._bucket, found.time)
        first = int(numbers.min())
        width = int(numbers.max()) - first + 1
        found, keys = cells.added_up(
            found, self._groups(found.series) * width + (numbers - first), is_timed=self._is_timed
        )
        return found, keys % width + first

    def _groups(self, series: Ints) -> Ints:
        names = self._state.names
        if not self._group:
            return np.zeros(len(series), np.int64)
        if len(self._group) == 2:
            return series
        return (names.device_of if self._group[0] == "device" else names.metric_of)[series]


def _mask(state: State, block: Block, units: frozenset[str] | None) -> NDArray[np.bool_] | None:
    """Return which unit numbers may be seen; None when every row of the block may."""
    if units is None:
        return None
    own = block.kept.get("units")
    if own is None:
        own = block.kept["units"] = np.unique(block.rows.unit)
    seen = np.array([text in units for text in list(state.names.units.texts)], np.bool_)
    return None if seen[own].all() else seen


def _rows(
    names: Names,
    question: _Question,
    found: tuple[Cells, Ints],
    measures: Sequence[tuple[str, str]],
    labels: list[str],
    order: Sequence[str],
    limit: int,
) -> Rows:
    added, numbers = found
    columns: list[Any] = []
    for name in question._group:
        table, code = _named(names, name)
        columns.append(np.array(table.texts, object)[code[added.series]])
    if question._bucket:
        columns.append(cells.bucket_starts(question._bucket, numbers))
    columns += [_MEASURES[function](added) for function, _ in measures]
    places = _order(columns, labels, order)
    if places is not None:
        columns = [column[places[:limit]] for column in columns]
    lists = [column[:limit].tolist() for column in columns]
    if question._bucket:
        lists[len(question._group)] = moments(columns[len(question._group)][:limit])
    return list(zip(*lists, strict=True))


def _named(names: Names, name: str) -> tuple[Table, Ints]:
    if name == "device":
        return names.devices, names.device_of
    return names.metrics, names.metric_of


def _order(columns: list[Any], labels: list[str], order: Sequence[str]) -> Any:
    if not order or not len(columns[0]):
        return None
    keys = []
    for name in reversed(order):
        column = columns[labels.index(name.lstrip("-"))]
        if column.dtype == object:
            column = np.unique(column.astype(str), return_inverse=True)[1]
        keys.append(-column if name.startswith("-") else column)
    return np.lexsort(keys)


def moments(times: Ints) -> list[Any]:
    """Return naive datetimes of microseconds; one for all that are equal where many are."""
    few = np.unique(times)
    if len(few) * 4 > len(times):
        return times.astype("M8[us]").tolist()  # type: ignore[no-any-return]
    made = np.array(few.astype("M8[us]").tolist(), object)
    return made[np.searchsorted(few, times)].tolist()  # type: ignore[no-any-return]


def records(
    state: State,
    wanted: Wanted,
    *,
    units: frozenset[str] | None,
    names: Sequence[str],
    order: Sequence[str],
    limit: int,
) -> Rows | None:
    """Return the rows that are wanted, or None; an answer that is cut short is the lake's,

    but for rows of one series in order of time, where it cannot matter which are left out.
    """
    if not questions.is_covered(wanted, state.since) or not set(names) <= set(questions.FIELDS):
        return None
    if [*order] not in ([], ["time"], ["-time"]):
        return None
    series = state.names.chosen(wanted.devices, wanted.metrics)
    parts = [
        _picked(block, series, wanted, _mask(state, block, units), limit)
        for block in state.blocks
        if block.last >= wanted.start and block.first < wanted.end
    ]
    if any(part is None for part in parts):
        return None
    return _listed(state.names, [part for part in parts if part], names, order, limit)


def _picked(
    block: Block, series: Ints | None, wanted: Wanted, units: Any, limit: int
) -> tuple[Block, Any, Ints] | None:
    found = block.slices(series, wanted.start, wanted.end)
    if found.count > _LONGEST:
        return None
    places, series = cells.kept_places(block, found, wanted, units)
    return block, places, series


_LONGEST = 200_000  # rows looked at for one page; beyond, the lake is asked


def _listed(
    known: Names,
    parts: list[tuple[Block, Any, Ints]],
    names: Sequence[str],
    order: Sequence[str],
    limit: int,
) -> Rows | None:
    series = np.concatenate([np.empty(0, np.int64), *(part[2] for part in parts)])
    is_cut = len(series) > limit
    if is_cut and not (order and len(np.unique(series)) == 1):
        return None
    taken = [block.rows.take(places) for block, places, _ in parts]

    def column(name: str) -> Any:
        return np.concatenate(
            [np.empty(0, np.int64), *(getattr(one, name) for one in taken)]
            if name != "value"
            else [np.empty(0), *(one.value for one in taken)]
        )

    places = np.arange(len(series))
    if order:
        places = np.argsort(column("time"), kind="stable")
        places = places[::-1] if order[0] == "-time" else places
    places = places[:limit]
    return list(zip(*(_texts(known, name, series, column, places) for name in names), strict=True))


def _texts(known: Names, name: str, series: Ints, column: Any, places: Any) -> list[Any]:
    """Return one column of an answer."""
    if name in ("device", "metric"):
        table, code = _named(known, name)
        return np.array(table.texts, object)[code[series[places]]].tolist()  # type: ignore[no-any-return]
    if name in ("status", "unit"):
        table = known.statuses if name == "status" else known.units
        texts = np.array([*table.texts, ""], object)
        return texts[column(name)[places].astype(np.int64)].tolist()  # type: ignore[no-any-return]
    if name == "time":
        return moments(column("time")[places])
    values: list[Any] = column(name.lstrip("_"))[places].tolist()
    return values


def last(
    state: State,
    wanted: Wanted,
    *,
    units: frozenset[str] | None,
) -> Rows | None:
    """Return the newest row of each series in order of device and metric, as `FIELDS` but `_row`.

    A series that was silent since `since` would be missing, so that all must be remembered.
    """
    if state.since != ALL:
        return None
    found = state.names.chosen(wanted.devices, wanted.metrics)
    parts = [(block, *_ends(block, found)) for block in state.blocks]
    series = np.concatenate([np.empty(0, np.int64), *(one for _, one, _ in parts)])
    time = np.concatenate([np.empty(0, np.int64), *(b.rows.time[at] for b, _, at in parts)])
    order = np.lexsort((time, series))
    is_last = np.append(np.diff(series[order]) != 0, True) if len(order) else order.astype(bool)
    newest = order[is_last]
    names = state.names
    device = np.array([*names.devices.texts], object)[names.device_of[series[newest]]]
    metric = np.array([*names.metrics.texts], object)[names.metric_of[series[newest]]]
    taken = [block.rows.take(at) for block, _, at in parts]
    columns = {
        name: np.concatenate([getattr(one, name) for one in taken])[newest] if taken else newest
        for name in ("time", "value", "status", "unit", "batch")
    }
    rows = zip(
        device.tolist(), metric.tolist(), moments(columns["time"]), columns["value"].tolist(),
        np.array([*names.statuses.texts, ""], object)[columns["status"]].tolist(),
        np.array([*names.units.texts, ""], object)[columns["unit"]].tolist(),
        columns["batch"].tolist(), strict=True,
    )  # fmt: skip
    seen = (row for row in rows if units is None or row[5] in units)
    return sorted(seen, key=itemgetter(0, 1))


def _ends(block: Block, series: Ints | None) -> tuple[Ints, Ints]:
    if series is None:
        return block.series, block.starts[1:] - 1
    is_chosen = np.isin(block.series, series)
    return block.series[is_chosen], block.starts[1:][is_chosen] - 1
