"""Names as numbers: devices, metrics, units and statuses of one dataset. Numbers never change."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

_SHIFT = 32


class Table:
    """Texts, and "empty", in order of appearance."""

    def __init__(self) -> None:
        self.texts: list[str | None] = []
        self.number: dict[str | None, int] = {}

    def numbers(self, texts: Iterable[str | None]) -> NDArray[np.int64]:
        """Return the numbers of texts, new ones for those that are new."""
        found = []
        for text in texts:
            if (known := self.number.get(text)) is None:
                known = self.number[text] = len(self.texts)
                self.texts.append(text)
            found.append(known)
        return np.array(found, np.int64)

    def coded(self, column: "pa.ChunkedArray") -> NDArray[np.int64]:
        """Return the number of every row's text."""
        coded: Any = column.combine_chunks()
        if not hasattr(coded, "dictionary"):
            coded = coded.dictionary_encode()
        texts = coded.dictionary.to_pylist()
        indices = coded.indices
        if coded.null_count:
            indices, texts = indices.fill_null(len(texts)), [*texts, None]
        places: NDArray[np.int64] = indices.to_numpy(zero_copy_only=False)
        return np.take(self.numbers(texts), places)


class Names:
    """All names of a dataset. A series is a pair of device and metric. One thread adds to it."""

    def __init__(self) -> None:
        self.devices, self.metrics = Table(), Table()
        self.units, self.statuses = Table(), Table()
        self._series: dict[int, int] = {}
        self.device_of: NDArray[np.int64] = np.empty(0, np.int64)  # by series
        self.metric_of: NDArray[np.int64] = np.empty(0, np.int64)

    def series(self, device: NDArray[np.int64], metric: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of pairs, new ones for those that are new."""
        pairs = (device << _SHIFT | metric).tolist()
        known = self._series
        found = np.array([known.setdefault(pair, len(known)) for pair in pairs], np.int64)
        if len(known) > len(self.device_of):
            fresh = np.array(list(known)[len(self.device_of) :], np.int64)
            self.metric_of = np.append(self.metric_of, fresh & ((1 << _SHIFT) - 1))
            self.device_of = np.append(self.device_of, fresh >> _SHIFT)
        return found

    def chosen(
        self, devices: Iterable[str] | None, metrics: Iterable[str] | None
    ) -> NDArray[np.int64] | None:
        """Return the sorted series of some devices and metrics; None for every series."""
        if devices is None and metrics is None:
            return None
        if devices is not None and metrics is not None:
            return self._pairs(devices, metrics)
        table, column, texts = (
            (self.devices, self.device_of, devices)
            if devices is not None
            else (self.metrics, self.metric_of, metrics)
        )
        known = [table.number[text] for text in texts or () if text in table.number]
        return np.flatnonzero(np.isin(column, known))

    def _pairs(self, devices: Iterable[str], metrics: Iterable[str]) -> NDArray[np.int64]:
        wanted = [self.metrics.number[text] for text in metrics if text in self.metrics.number]
        pairs = (
            self.devices.number[text] << _SHIFT | metric
            for text in devices
            if text in self.devices.number
            for metric in wanted
        )
        found = {self._series[pair] for pair in pairs if pair in self._series}
        return np.array(sorted(found), np.int64)
