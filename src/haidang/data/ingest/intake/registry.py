"""What intake knows of devices and sources, as arrays; names keep their index while it runs."""

import time
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from haidang.data.ingest import queries
from haidang.data.ingest.rules.values import DeviceRef, SourceRef

UNKNOWN = -1
_FRESH_SECONDS = 5.0
_AT_MOST_EVERY = 1.0
_METRICS_AT_MOST = 50_000


class Registry:
    """Devices, metrics and units by index. One thread loads and asks."""

    def __init__(self) -> None:
        self.devices: list[str] = []
        self.metrics: list[str] = []
        self.units: list[str] = []
        self.sources: dict[str, SourceRef] = {}
        self.refs: dict[str, DeviceRef] = {}
        self.unit_of = np.empty(0, np.int32)
        self._device_index: dict[str, int] = {}
        self._metric_index: dict[str, int] = {}
        self._unit_index: dict[str, int] = {}
        self._any_metric = np.empty(0, np.bool_)
        self._declared = np.empty(0, np.int64)
        self._loaded = 0.0

    def refresh(self, *, unknown: bool = False) -> None:
        """Load again when the last answer is old, or an unknown name asks for a newer one."""
        age = time.monotonic() - self._loaded
        if age > (_AT_MOST_EVERY if unknown else _FRESH_SECONDS):
            self.load()

    def load(self) -> None:
        """Read sources and devices from the database."""
        self.take({one.code: one for one in queries.sources()}, queries.devices())

    def take(self, sources: dict[str, SourceRef], devices: dict[str, DeviceRef]) -> None:
        """Use these sources and devices from now on."""
        self.sources, self.refs = sources, devices
        for code, device in devices.items():
            _index(self._device_index, self.devices, code)
            _index(self._unit_index, self.units, device.unit_code)
        size = len(self.devices)
        self.unit_of = np.zeros(size, np.int32)
        self._any_metric = np.zeros(size, np.bool_)
        pairs: list[int] = []
        for code, device in devices.items():
            at = self._device_index[code]
            self.unit_of[at] = self._unit_index[device.unit_code]
            self._any_metric[at] = not device.metrics
            pairs += [at << 32 | self._metric(metric) for metric in device.metrics]
        self._declared = np.unique(np.array(pairs, np.int64))
        self._loaded = time.monotonic()

    def device_indexes(self, codes: Iterable[str]) -> NDArray[np.int32]:
        """Return the index of each code; UNKNOWN where none is registered."""
        known, refs = self._device_index, self.refs
        return np.array([known[c] if c in refs else UNKNOWN for c in codes], np.int32)

    def metric_indexes(self, names: Sequence[str]) -> NDArray[np.int32]:
        """Return the index of each metric; UNKNOWN once too many names have been seen."""
        if len(self.metrics) + len(names) > _METRICS_AT_MOST:
            known = self._metric_index
            return np.array([known.get(name, UNKNOWN) for name in names], np.int32)
        return np.array([self._metric(name) for name in names], np.int32)

    def declares(self, device: NDArray[np.int32], metric: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Tell for known devices whether each may report its metric."""
        if not len(device):
            return np.empty(0, np.bool_)
        pairs = device.astype(np.int64) << 32 | metric
        at = np.searchsorted(self._declared, pairs)
        found = np.zeros(len(pairs), np.bool_)
        inside = at < len(self._declared)
        found[inside] = self._declared[at[inside]] == pairs[inside]
        return np.asarray((found | self._any_metric[device]) & (metric != UNKNOWN))

    def _metric(self, name: str) -> int:
        return _index(self._metric_index, self.metrics, name)


def _index(table: dict[str, int], names: list[str], name: str) -> int:
    found = table.get(name)
    if found is None:
        found = table[name] = len(names)
        names.append(name)
    return found
