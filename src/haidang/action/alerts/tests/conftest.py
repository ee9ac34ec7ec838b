"""A world with rules, a figure that tests can set, and one observed series."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from haidang.action.alerts import actions, starter
from haidang.action.alerts.actions import signals
from haidang.action.alerts.models import Alert, Signal
from haidang.action.alerts.queries import subjects
from haidang.foundation.access import api as access
from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations import api as obligations
from haidang.insight.indicators.api import ThresholdRef
from tests.world import World, build_world

NOW = datetime(2026, 11, 23, 3, 41, tzinfo=UTC)
LEVEL = "muc-nuoc"


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    starter.install_starter(by=access.EVERYTHING, now=NOW)
    return built


@dataclass
class FakeIndicators:
    """Stands for the door of indicators: one hazard, measured in metres."""

    owner_unit_id: int
    value: float = 1.62
    asked: list[tuple[str, int]] = field(default_factory=list)
    standing: dict[int, str] = field(default_factory=dict)

    def indicators(self, scope: access.Scope) -> list[SimpleNamespace]:
        return [SimpleNamespace(code=LEVEL, sector="thuy-van")]

    def states(self, code: str, parent: int, level: str, scope: access.Scope) -> dict[int, str]:
        return self.standing

    def indicator(self, code: str, scope: access.Scope) -> SimpleNamespace:
        return SimpleNamespace(sector="thuy-van", owner_unit_id=self.owner_unit_id)

    def figure(self, code: str, unit_id: int, scope: access.Scope) -> SimpleNamespace:
        self.asked.append((code, unit_id))
        return SimpleNamespace(
            name="Mực nước", unit_name="Phường Phú Cường", sector="thuy-van", headline=self.value,
            headline_unit="m", headline_decimals=2, as_of=NOW, period_label="23/11/2026",
            hazard=True, threshold=ThresholdRef("value", watch=1.4, critical=1.6), deltas=(),
            state_since=NOW,
        )  # fmt: skip


@pytest.fixture
def indicators(world: World, monkeypatch: pytest.MonkeyPatch) -> FakeIndicators:
    fake = FakeIndicators(owner_unit_id=world.unit("74.STNMT"))
    monkeypatch.setattr(subjects, "indicators", fake)
    return fake


def told(world: World) -> dict[str, str]:
    """Return the title of the newest message of everybody who got one, by user name."""
    found = {who: notifications.messages(account)[0] for who, account in world.accounts.items()}
    return {who: messages[0].title for who, messages in found.items() if messages}


class Timers:
    """The real wake-ups, remembered on their way."""

    def __init__(self) -> None:
        self.waiting: dict[str, datetime] = {}

    def wake_up(self, *, kind: str, ref: str, due_at: datetime) -> None:
        self.waiting[ref] = due_at
        obligations.wake_up(kind=kind, ref=ref, due_at=due_at)

    def cancel_wake_up(self, *, kind: str, ref: str) -> None:
        self.waiting.pop(ref, None)
        assert obligations.cancel_wake_up(kind=kind, ref=ref)


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    kept = Timers()
    monkeypatch.setattr(signals, "obligations", kept)
    return kept


See = Callable[..., None]


@pytest.fixture
def see(world: World, indicators: FakeIndicators) -> See:
    """See the water level of Phú Cường in a state, `after` minutes; each call is a new event."""
    events = iter(range(1, 1000))

    def seen(
        state: str, *, after: int = 0, unit: str = "25747", event: int | None = None,
        may_raise: bool = True,
    ) -> None:  # fmt: skip
        actions.observe(
            actions.Observation(
                topic=Signal.Topic.STATE, subject=LEVEL, sector="thuy-van",
                unit_id=world.unit(unit), state=state, at=NOW + timedelta(minutes=after),
                event_id=event or next(events), may_raise=may_raise,
            )
        )  # fmt: skip

    return seen


@pytest.fixture
def alert(see: See) -> Alert:
    see("critical")
    return Alert.objects.get()
