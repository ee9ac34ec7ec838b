"""The fast path: what evaluators see, and what their failures may not stop."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection

from haidang.data.ingest import evaluators
from haidang.data.ingest.evaluators import Readings
from haidang.data.ingest.intake.checks import Limits, check
from haidang.data.ingest.intake.fast import Fast
from haidang.data.ingest.intake.formats import senml
from haidang.data.ingest.intake.notes import LINES, SENML, Note
from haidang.data.ingest.intake.points import Request
from haidang.data.ingest.intake.refine import Part, Refiner
from haidang.data.ingest.intake.registry import Registry
from haidang.data.ingest.journal import Checkpoint, Intent, Journal
from haidang.data.ingest.rules.values import DeviceRef, SourceRef

NOW = 1_700_000_000


def a_source(code: str) -> SourceRef:
    return SourceRef(
        id=1, code=code, title=code, kind="mqtt", dataset="quan-trac", supplier_unit_id=1,
        sector="", cycle="", is_automatic=True, is_life_safety=False, is_active=True,
        is_simulated=False, last_success_at=None, late_since=None,
    )  # fmt: skip


def a_registry() -> Registry:
    registry = Registry()
    devices = [
        DeviceRef(1, "D1", "aq", 5, "25747", "active", metrics=("pm25",)),
        DeviceRef(2, "D2", "aq", 6, "25942", "active"),
        DeviceRef(3, "OLD", "aq", 6, "25942", "retired"),
        DeviceRef(4, "X", "other", 6, "25942", "active"),
    ]
    registry.take({"aq": a_source("aq")}, {device.code: device for device in devices})
    return registry


class Watcher:
    """An evaluator that notes what it is given."""

    def __init__(self) -> None:
        self.loaded = 0
        self.seen: list[Readings] = []
        self.applied: list[Any] = []

    def load(self) -> None:
        self.loaded += 1

    def evaluate(self, readings: Readings) -> Any | None:
        self.seen.append(readings)
        return float(np.max(readings.value)) if np.max(readings.value) > 100 else None

    def apply(self, changes: Any) -> None:
        self.applied.append(changes)


class Broken(Watcher):
    def evaluate(self, readings: Readings) -> Any | None:
        raise ZeroDivisionError

    def apply(self, changes: Any) -> None:
        raise AssertionError


class Parts:
    def __init__(self) -> None:
        self.parts: list[Part] = []

    def put(self, part: Part) -> None:
        self.parts.append(part)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "j")
    yield opened
    opened.close()


def write(journal: Journal, device: str, *values: float, at: int = NOW) -> int:
    pack = [{"n": "pm25", "t": at + n, "v": value} for n, value in enumerate(values)]
    note = Note("aq", SENML, device).encode()
    journal.append(note, json.dumps(pack).encode(), NOW * 1_000_000)
    return journal.sync()


def a_fast(journal: Journal, monkeypatch: pytest.MonkeyPatch, **watchers: Watcher) -> Fast:
    monkeypatch.setattr(evaluators, "build", lambda: dict(watchers))
    return Fast(journal, Refiner(a_registry(), lambda dataset: Limits()), Parts())


@pytest.mark.django_db
def test_evaluators_see_accepted_readings_as_columns_and_changes_are_applied(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Watcher()
    fast = a_fast(journal, monkeypatch, watcher=watcher)
    write(journal, "D1", 9.0, 150.0)
    write(journal, "LA", 999.0)
    fast.wake()
    fast._turn()
    (seen,) = watcher.seen
    assert [seen.devices[d] for d in seen.device] == ["D1", "D1"]
    assert [seen.units[u] for u in seen.unit] == ["25747", "25747"]
    assert [seen.metrics[m] for m in seen.metric] == ["pm25", "pm25"]
    assert seen.time.tolist() == [NOW * 1_000_000, (NOW + 1) * 1_000_000]
    assert (watcher.loaded, watcher.applied) == (1, [150.0])
    assert fast.parsed == journal.durable


@pytest.mark.django_db
def test_a_broken_evaluator_stops_neither_the_others_nor_the_lake(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Watcher()
    fast = a_fast(journal, monkeypatch, broken=Broken(), watcher=watcher)
    write(journal, "D1", 150.0)
    fast.wake()
    fast._turn()
    assert watcher.applied == [150.0]
    assert [part.rows for part in fast._lake.parts] == [1]


@pytest.mark.django_db
def test_after_a_crash_the_range_that_was_on_its_way_comes_first_and_alone(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = write(journal, "D1", 1.0)
    write(journal, "D1", 2.0)
    Checkpoint(0, Intent(end, {"aq": 77})).write(journal.folder)
    fast = a_fast(journal, monkeypatch)
    fast.wake()
    fast._turn()
    ends = [(part.end, part.intent and part.intent.batches) for part in fast._lake.parts]
    assert ends == [(end, {"aq": 77}), (journal.durable, None)]


def test_every_reading_has_its_first_reason() -> None:
    cases = {
        "D1/pm25": "", "D1/ozone": "unknown_metric", "D2/anything": "", "LA/pm25": "unknown_device",
        "X/pm25": "foreign_device", "OLD/pm25": "retired_device",
    }  # fmt: skip
    for name, code in cases.items():
        assert _reason({"n": name, "t": NOW, "v": 1.0}) == code
    assert _reason({"n": "D1/pm25", "t": NOW + 2 * 86400, "v": 1.0}) == "future"
    assert _reason({"n": "D1/pm25", "t": NOW + 80000, "v": 1.0}) == ""
    assert _reason({"n": "D1/pm25", "t": 5e8, "v": 1.0}) == "too_old"
    assert _reason({"n": "D1/pm25", "t": 1e300, "v": 1.0}) == "future"
    assert _reason({"n": "D1/pm25", "t": NOW, "v": 501.0}) == "above_maximum"
    assert _reason({"n": "D1/pm25", "t": NOW, "v": -1.0}) == "below_minimum"


def test_readings_too_old_for_their_source_wait_for_the_fast_path_and_the_lake_alike(
    journal: Journal,
) -> None:
    registry = a_registry()
    aged = replace(a_source("aq"), max_age_days=60)
    registry.take({"aq": aged}, dict(registry.refs))
    for days in (59, 61):
        body = f"m,device=D1 pm25=1 {NOW - days * 86_400}"
        journal.append(Note("aq", LINES, "s").encode(), body.encode(), NOW * 1_000_000)
    journal.sync()
    refiner = Refiner(registry, lambda dataset: Limits())
    (checked,) = refiner.refine(journal, journal.read(0, 1 << 20)).streams["aq"]
    # What is judged at once and what goes to the lake are the same accepted readings.
    assert checked.accepted.time.tolist() == [(NOW - 59 * 86_400) * 1_000_000]
    ((_, _, ((why),)),) = checked.waiting
    assert why["code"] == "too_late"
    assert "cũ hơn 60 ngày" in why["message"] and "trang sửa nguồn" in why["message"]


def _reason(record: dict[str, Any]) -> str:
    points = senml.parse([Request("", json.dumps([record]).encode(), NOW * 1_000_000)])
    received = np.array([NOW * 1_000_000], np.int64)
    found = check(points, received, "aq", a_registry(), Limits(0.0, 500.0))
    assert found.read == len(found.accepted) + len(found.waiting) == 1
    return found.waiting[0][2][0]["code"] if found.waiting else ""


def test_a_parser_that_fails_costs_its_own_request_only(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from haidang.data.ingest.intake import formats

    real = formats.lines.parse

    def fragile(requests: list[Request]) -> Any:
        if any(b"bomb" in request.body for request in requests):
            raise MemoryError("unexpected")
        return real(requests)

    monkeypatch.setitem(formats.PARSERS, LINES, fragile)
    note = Note("aq", LINES, "s").encode()
    for body in (b"m,device=D1 pm25=1 1700000000", b"bomb", b"m,device=D2 x=2 1700000000"):
        journal.append(note, body, NOW * 1_000_000)
    journal.sync()
    refiner = Refiner(a_registry(), lambda dataset: Limits())
    (checked,) = refiner.refine(journal, journal.read(0, 1 << 20)).streams["aq"]
    assert (checked.read, len(checked.accepted)) == (3, 2)
    assert checked.accepted.value.tolist() == [1.0, 2.0]
    assert checked.waiting[0][1]["original"] == "bomb"


@pytest.mark.django_db(transaction=True)
def test_devices_are_learned_anew_on_the_connection_that_was_told_of_them(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a connection hands its notes out it takes no question: asking it waits for ever."""
    fast, listening = a_fast(journal, monkeypatch), threading.Event()

    def hear() -> None:
        fast._hear(0)
        listening.set()
        fast._hear(2.0)
        connection.close()

    hearing = threading.Thread(target=hear, daemon=True)
    hearing.start()
    assert listening.wait(30)
    evaluators.changed("devices")
    hearing.join(30)

    assert not hearing.is_alive()
    assert fast._refiner.registry.sources == {}  # as the database has it, not as it was given
