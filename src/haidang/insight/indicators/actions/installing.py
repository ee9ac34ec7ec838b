"""Writing the starter set into the dictionary: contracts, indicators, thresholds, plans."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from haidang.data.catalogue import api as catalogue
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core import audit
from haidang.foundation.org import api as org
from haidang.insight.indicators import starter
from haidang.insight.indicators.models import Indicator, Target, Threshold
from haidang.insight.indicators.rules import formulas, specs

_VALID_FROM = date(2020, 1, 1)


@transaction.atomic
def install_starter(*, by: audit.Actor = audit.SYSTEM) -> int:
    """Define the starter datasets and indicators that are not there yet; return how many were new.

    A body that the register does not know is replaced by the root unit. Running it again changes
    nothing: what people have changed since stays.
    """
    units = org.codes()
    known = set(Indicator.objects.values_list("code", flat=True))
    there = {one.code for one in catalogue.datasets(EVERYTHING)}
    for dataset in starter.DATASETS:
        if dataset.code not in there:
            _define_dataset(dataset, units, by)
    new = [one for one in starter.INDICATORS if one.code not in known]
    for one in new:
        _define(one, units, by)
    return len(new)


def _owner(units: Mapping[str, int], code: str) -> int:
    return units.get(code) or org.root().id


def _define_dataset(data: starter.DatasetData, units: Mapping[str, int], by: audit.Actor) -> None:
    catalogue.define(
        dataset=data.code,
        title=data.title,
        fields=tuple(_field(one) for one in data.fields),
        sector=data.sector,
        owner_unit_id=_owner(units, data.owner),
        kind=data.kind,  # type: ignore[arg-type]  # a word of the starter
        unit_field=data.unit_field,
        time_field=data.time_field,
        by=by,
    )


def _field(data: starter.FieldData) -> catalogue.FieldSpec:
    return catalogue.FieldSpec(
        name=data.name,
        title=data.title,
        type=data.type,  # type: ignore[arg-type]  # a word of the starter
        unit_of_measure=data.unit_of_measure,
        required=data.key,
        key=data.key,
        codes=data.codes,
    )


def _define(data: starter.IndicatorData, units: Mapping[str, int], by: audit.Actor) -> None:
    check_spec(data.method, data.spec)
    indicator = Indicator.objects.create(
        code=data.code,
        name=data.name,
        sector_id=data.sector,
        description=data.description,
        unit_of_measure=data.unit_of_measure,
        decimals=data.decimals,
        direction=data.direction,
        is_hazard=data.hazard,
        shows_ratio=data.shows_ratio,
        period=data.period,
        cycle=data.cycle,
        method=data.method,
        spec=dict(data.spec),
        owner_id=_owner(units, data.owner),
        reporting_level=data.level,
        valid=DateRange(_VALID_FROM, None),
    )
    Threshold.objects.bulk_create(_threshold(indicator, one) for one in data.thresholds)
    Target.objects.bulk_create(
        row for one in data.targets for row in _targets(indicator, one, units)
    )
    audit.record(action="indicators.indicator_defined", on=indicator, by=by)


def check_spec(method: str, spec: Mapping[str, object]) -> None:
    """Raise BadSpecError or BadFormulaError where the method cannot work with the spec."""
    if method in {"lake", "live"}:
        specs.measure(spec)
    elif method == "formula":
        formulas.names(str(spec.get("formula", "")))


def _threshold(indicator: Indicator, data: starter.ThresholdData) -> Threshold:
    return Threshold(
        indicator=indicator,
        level=data.level,
        valid=DateRange(data.start, data.end),
        basis=data.basis,
        watch=data.watch,
        critical=data.critical,
        watch_low=data.watch_low,
        critical_low=data.critical_low,
        hysteresis=data.hysteresis,
        minimum_seconds=data.minimum_seconds,
        legal_basis=data.legal_basis,
    )


def _targets(
    indicator: Indicator, data: starter.TargetData, units: Mapping[str, int]
) -> Iterator[Target]:
    shares = {org.root().id: 1000}
    if data.shared:
        shares |= {
            units[code]: share for code, share in starter.DISTRICT_SHARES.items() if code in units
        }
    for year, amount in data.years.items():
        for unit_id, share in shares.items():
            yield Target(
                indicator=indicator,
                unit_id=unit_id,
                period=DateRange(date(year, 1, 1), date(year + 1, 1, 1)),
                issuer=data.issuer,
                rank=data.rank,
                kind=data.kind,
                amount=round(amount * share / 1000, 4),
                legal_basis=data.legal_basis,
            )
