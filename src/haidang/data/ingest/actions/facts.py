"""What the check of rows must know: units with their days and names, devices, the time."""

import datetime as dt
from collections import Counter

from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import queries
from haidang.data.ingest.models import Device, Source
from haidang.data.ingest.rules.check import Facts
from haidang.data.ingest.rules.layout import Layout
from haidang.data.ingest.rules.units import UnitBook
from haidang.foundation.core.text import fold
from haidang.foundation.org import api as org


def known(
    source: Source,
    contract: catalogue.ContractSpec,
    declared: Layout,
    now: dt.datetime | None = None,
) -> Facts:
    """Return what rows of this source are checked against."""
    is_readings = contract.kind == "readings"
    return Facts(
        now=now or timezone.now(),
        units=unit_book(source),
        zone=declared.timezone,
        missing=declared.missing,
        decimal=declared.decimal,
        future=declared.future,
        max_age_days=source.max_age_days,
        time_field=contract.time_field,
        unit_field=contract.unit_field,
        devices=_devices(source) if is_readings else None,
    )


def unit_book(source: Source) -> UnitBook:
    """Return all units by code, alias and unambiguous name.

    A commune or district speaks of itself and what is under it; a department of the whole province.
    """
    ids = org.codes()
    refs = org.units(set(ids.values()))
    own = {unit.id: unit.code for unit in refs.values()}
    codes = {said: own[unit_id] for said, unit_id in ids.items() if unit_id in own}
    supplier = refs.get(source.supplier_id)
    speaks_of = None
    if supplier is not None and supplier.kind == "ubnd":
        below = org.subtree(supplier.id)
        speaks_of = frozenset(own[unit_id] for unit_id in below if unit_id in own)
    return UnitBook(
        codes=_names(list(refs.values())) | codes,
        spans={own[unit_id]: _spans(unit_id) for unit_id in own},
        allowed=speaks_of,
    )


def _names(refs: list[org.UnitRef]) -> dict[str, str]:
    """Names that only one unit bears; "Dĩ An" may be a city and its ward."""
    said = [(fold(name), unit.code) for unit in refs for name in {unit.name, unit.short_name}]
    bearers = Counter(name for name, _ in set(said))
    return {name: code for name, code in said if bearers[name] == 1}


def _spans(unit_id: int) -> list[tuple[dt.date, dt.date | None]]:
    return [(span.start, span.end) for span in org.history(unit_id)]


def _devices(source: Source) -> dict[str, str]:
    found = queries.devices().values()
    return {
        each.code: each.unit_code
        for each in found
        if each.source == source.code and each.state != Device.State.RETIRED
    }
