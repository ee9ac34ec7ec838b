"""Look over what stands already: after the rules of a Centre are put in force, or after a pause."""

from collections.abc import Iterable
from datetime import datetime

from haidang.action.alerts.actions.signals import Observation, observe
from haidang.action.alerts.models import Signal
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators

_CALM = {"normal", "no_data"}


def look_over(*, now: datetime, levels: Iterable[str] = ()) -> None:
    """Observe the present state of every series at these levels, as if it had just changed;
    without levels, of the province and what comes right below it.

    What is calm and was never observed has nothing to clear: it is passed over.
    """
    root = org.root().id
    wanted = tuple(levels) or ("province", org.level_below("province") or "commune")
    observed = set(Signal.objects.values_list("key", flat=True))
    for one in indicators.indicators(access.EVERYTHING):
        for level in wanted:
            for unit_id, state in indicators.states(
                one.code, root, level, access.EVERYTHING
            ).items():
                seen = _observation(one, unit_id, state, now)
                if state not in _CALM or seen.key in observed:
                    observe(seen)


def _observation(
    one: indicators.IndicatorRef, unit_id: int, state: str, now: datetime
) -> Observation:
    return Observation(
        topic=Signal.Topic.STATE,
        subject=one.code,
        sector=one.sector,
        unit_id=unit_id,
        state=state,
        at=now,
        event_id=None,
    )
