"""What an alert is about, in the words of the person who will read it."""

from dataclasses import dataclass
from datetime import datetime

from haidang.action.alerts import rules
from haidang.action.alerts.models import Cause
from haidang.data.ingest import api as ingest
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import NotFoundError
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators


@dataclass(frozen=True)
class Subject:
    """A series or a source in trouble: whose it is and what is to be said."""

    code: str
    name: str
    sector: str
    unit_id: int
    owner_id: int
    cause: str
    headline: str
    explanation: str


def sector_of(indicator: str) -> str:
    """Return the sector of an indicator."""
    return indicators.indicator(indicator, access.EVERYTHING).sector


def is_known(code: str) -> bool:
    """Tell whether a code is that of an indicator or of a source."""
    for find in (indicators.indicator, _source):
        try:
            find(code, access.EVERYTHING)
        except NotFoundError:
            continue
        return True
    return False


def _source(code: str, scope: access.Scope) -> ingest.SourceRef:
    return ingest.source(code)


def of_series(indicator: str, unit_id: int, *, state: str, since: datetime) -> Subject:
    """Return an indicator of a unit; absent data belongs to the indicator's owner, who supplies it.

    Anything else belongs to the unit that is competent for the sector there.
    """
    figure = indicators.figure(indicator, unit_id, access.EVERYTHING)
    cause = Cause.DATA if state in rules.ABSENT else Cause.HAZARD
    owner = (
        indicators.indicator(indicator, access.EVERYTHING).owner_unit_id
        if cause == Cause.DATA
        else org.competent_unit(unit_id, figure.sector).id
    )
    reading = _reading(figure, unit_id)
    return Subject(
        code=indicator,
        name=figure.name,
        sector=figure.sector,
        unit_id=unit_id,
        owner_id=owner,
        cause=cause,
        headline=rules.series_headline(reading, state=state),
        explanation=rules.explain_series(reading, state=state, since=figure.state_since or since),
    )


def of_source(code: str, *, state: str, since: datetime) -> Subject:
    """Return a source whose data is late or was refused: it belongs to its supplier."""
    source = ingest.source(code)
    return Subject(
        code=code,
        name=source.title,
        sector=source.sector,
        unit_id=source.supplier_unit_id,
        owner_id=source.supplier_unit_id,
        cause=Cause.DATA,
        headline=rules.source_headline(source.title, state=state),
        explanation=rules.explain_source(
            source.title,
            state=state,
            since=source.late_since or since,
            last_success_at=source.last_success_at,
            is_life_safety=source.is_life_safety,
        ),
    )


def of_silent_device(code: str, *, since: datetime) -> Subject:
    """Return a silent device: it belongs to the supplier of its source."""
    one = ingest.device_troubles([code])[code]
    return Subject(
        code=code,
        name=one.title,
        sector=one.sector,
        unit_id=one.unit_id,
        owner_id=one.supplier_unit_id,
        cause=Cause.DATA,
        headline=rules.source_headline(one.title, state="silent"),
        explanation=rules.explain_device(
            one.title,
            one.source_title,
            state="silent",
            since=one.silent_since or since,
            is_life_safety=one.is_life_safety,
        ),
    )


def of_silent_devices(source: str) -> Subject:
    """Return a source of which many devices are silent at once."""
    owner, silent = ingest.source(source), ingest.silent_devices(source)
    return Subject(
        code=source,
        name=owner.title,
        sector=owner.sector,
        unit_id=owner.supplier_unit_id,
        owner_id=owner.supplier_unit_id,
        cause=Cause.DATA,
        headline=f"{owner.title}: {len(silent)} thiết bị im lặng",
        explanation=rules.explain_devices(owner.title, silent),
    )


def of_stopped_device(code: str, *, state: str) -> Subject:
    """Return a device that stopped measuring strangely: the competent agency asks why."""
    one = ingest.device_troubles([code])[code]
    about = f"Thiết bị “{one.title}” ({one.source_title}) {rules.state_word(state)}."
    return Subject(
        code=code,
        name=one.title,
        sector=one.sector,
        unit_id=one.unit_id,
        owner_id=_competent(one),
        cause=Cause.HAZARD,
        headline=rules.source_headline(one.title, state=state),
        explanation=" ".join([about, *one.explanations]),
    )


def _competent(one: ingest.DeviceTrouble) -> int:
    """Return who looks after the sector there; of no sector, the supplier."""
    if not one.sector:
        return one.supplier_unit_id
    return org.competent_unit(one.unit_id, one.sector).id


def _reading(figure: indicators.Figure, unit_id: int) -> rules.Reading:
    threshold = figure.threshold
    return rules.Reading(
        name=figure.name,
        unit_name=figure.unit_name,
        value=figure.headline,
        unit_of_measure=figure.headline_unit,
        decimals=figure.headline_decimals,
        as_of=figure.as_of,
        period_label=figure.period_label,
        is_hazard=figure.hazard,
        watch=threshold.watch if threshold else None,
        critical=threshold.critical if threshold else None,
        notes=tuple(delta.text for delta in figure.deltas),
        place=_place(unit_id),
        basis=threshold.basis if threshold else "value",
        watch_low=threshold.watch_low if threshold else None,
        critical_low=threshold.critical_low if threshold else None,
        legal_basis=threshold.legal_basis if threshold else "",
    )


def _place(unit_id: int) -> str:
    """Return how a headline names a place: "Thủ Dầu Một", "toàn tỉnh"."""
    unit = org.unit_by_id(unit_id)
    if unit.parent_id is None and unit.designation:
        return f"toàn {unit.designation.lower()}"
    return unit.short_name or unit.name
