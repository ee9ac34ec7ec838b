"""Computing figures from the lake: which periods a batch touches, those in full, up the tree.

Whatever the order in which batches arrive, the end is the same: cells are always computed whole
from what the lake holds, and written only where they differ.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.calendar import periods
from haidang.insight.indicators.actions import formulas, keeping, mapping, measures, reading
from haidang.insight.indicators.models import Indicator
from haidang.insight.indicators.rules import spans, specs, windows
from haidang.insight.indicators.rules.specs import Measure

Rhythm = tuple[str, bool]  # kind of period, whether sums run through the year


@dataclass(frozen=True)
class Request:
    """What to compute: a dataset, and the batches that came (None: everything since a moment)."""

    dataset: str
    batches: frozenset[int] | None
    since: datetime | None
    announce: bool
    now: datetime


def readers(dataset: str) -> list[Indicator]:
    """Return the indicators that are computed from a dataset."""
    return list(
        Indicator.objects.filter(method__in=["lake", "live"], spec__dataset=dataset).order_by("id")
    )


def datasets() -> list[str]:
    """Return the datasets that some indicator reads."""
    rows = Indicator.objects.filter(method__in=["lake", "live"])
    return sorted(set(rows.values_list("spec__dataset", flat=True)))


def table_datasets() -> list[str]:
    """Return those whose rows name units by code; readings come from devices."""
    return [one for one in datasets() if catalogue.contract(one).kind == "table"]


def work(
    *,
    dataset: str,
    now: datetime,
    batches: Iterable[int] | None = None,
    since: datetime | None = None,
    announce: bool = True,
) -> int:
    """Bring the figures that read a dataset up to date; return how many cells changed.

    With `batches` only the periods that their rows touch are computed (and, of running sums, the
    rest of the year). Late batches restate closed periods; that never raises an alert.
    """
    found = readers(dataset)
    if not found:
        return 0
    request = Request(
        dataset, None if batches is None else frozenset(batches), since, announce, now
    )
    changed = 0
    for rhythm, group in _by_rhythm(found).items():
        changed += _work_rhythm(request, rhythm, group)
    return changed


def _by_rhythm(found: Sequence[Indicator]) -> Mapping[Rhythm, list[tuple[Indicator, Measure]]]:
    groups: defaultdict[Rhythm, list[tuple[Indicator, Measure]]] = defaultdict(list)
    for indicator in found:
        measure = specs.measure(indicator.spec)
        groups[indicator.period, measure.cumulative].append((indicator, measure))
    return groups


def _work_rhythm(
    request: Request, rhythm: Rhythm, group: Sequence[tuple[Indicator, Measure]]
) -> int:
    contract = catalogue.contract(request.dataset)
    table = approved_table(request.dataset)
    days = _days_to_read(request, rhythm, table, contract)
    if days is not None and not days:
        return 0
    chosen = [measure for _, measure in group]
    turns = mapping.turns()
    answer = warehouse.execute(measures.leaves(table, contract, chosen, rhythm[0], days, turns))
    leaves = reading.look_up(answer, rhythm[0])
    changed = 0
    for index, (indicator, measure) in enumerate(group):
        cells = reading.cells(leaves, measure, index)
        with transaction.atomic():
            changed += keeping.keep(
                indicator, measure, cells, leaves.found, now=request.now, announce=request.announce
            )
            if request.batches is None and indicator.method == Indicator.Method.LAKE:
                since = days[0][0] if days else None
                changed += keeping.withdraw_unsaid(
                    indicator, cells, leaves.found, since=since, now=request.now
                )
    formulas.follow(
        [indicator for indicator, _ in group],
        [period.start for period in leaves.found],
        now=request.now,
        announce=request.announce,
    )
    return changed


def approved_table(dataset: str) -> Any:
    """Return the dataset without the batches that wait for approval or were rejected."""
    return warehouse.table(
        dataset, scope=access.EVERYTHING, without=ingest.pending_batches(dataset)
    )


def _days_to_read(
    request: Request, rhythm: Rhythm, table: Any, contract: catalogue.ContractSpec
) -> list[spans.Span] | None:
    """Return the spans to compute; None: everything."""
    kind, cumulative = rhythm
    if request.batches is None:
        since = request.since or _first_kept(contract, kind, request.now)
        if since is None:
            return None
        start = periods.of("year" if cumulative else kind, since).start
        return [(start, request.now + timedelta(days=3660))]
    touched = warehouse.execute(measures.touched(table, contract, sorted(request.batches), kind))
    buckets = touched["bucket"].to_pylist()
    found = set(reading.spans_of((one for one in buckets if one is not None), kind))
    return spans.merged(_widened(found, cumulative))


def _widened(
    found: Iterable[periods.Period], cumulative: bool
) -> Iterator[tuple[datetime, datetime]]:
    for period in found:
        whole = periods.of("year", period.start) if cumulative else period
        yield whole.start, max(whole.end, period.end)


def _first_kept(contract: catalogue.ContractSpec, kind: str, now: datetime) -> datetime | None:
    """Readings are many: without a wish, only the periods that are kept at hand are computed."""
    kept = windows.kept(kind)
    return now - kept if contract.kind == "readings" and kept is not None else None
