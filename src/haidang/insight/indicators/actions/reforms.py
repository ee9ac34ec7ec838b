"""What indicators do when the map changes: the sums for the preview, and what hangs on it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.warehouse import api as warehouse
from haidang.foundation.calendar import periods
from haidang.foundation.core.audit import Actor
from haidang.foundation.org import api as org
from haidang.insight.indicators.actions.computing import table_datasets
from haidang.insight.indicators.actions.mapping import PARTICIPANT
from haidang.insight.indicators.models import Indicator, PendingValue, Target, Threshold, Value
from haidang.insight.indicators.queries import books, conversion
from haidang.insight.indicators.queries.conversion import Held
from haidang.insight.indicators.rules import additive


class Figures(org.Participant):
    """The figures' part in a change of the map."""

    def totals(self, plan: "org.Plan") -> list["org.Total"]:
        """Return the newest sums of the additive indicators, before and after, digit by digit."""
        walk = org.walk_of(plan)
        return [
            _total(indicator, start, rows, walk) for indicator, start, rows in _newest_sums(plan)
        ]

    def holdings(self, plan: "org.Plan") -> list["org.Holding"]:
        """Return the levels and plans made for one ended unit alone: they end with it, for a sum
        or an average of two units' plans would be nobody's decision."""
        return [
            org.Holding(what, str(row.indicator), row.unit.code, "")
            for what, rows in _own_levels(plan)
            for row in rows.select_related("indicator", "unit").order_by("pk")
        ]

    def apply(self, reform: "org.Reform", by: Actor) -> dict[str, Any]:
        """Draw a batch number: what has a smaller one was told by the map before."""
        ingest.evaluator_changed(PARTICIPANT)
        return {"batch": warehouse.next_batch()}

    def undo(self, reform: "org.Reform", trace: Mapping[str, Any], by: Actor) -> None:
        """Have the fast path read the tree again; figures follow by the event of the set."""
        ingest.evaluator_changed(PARTICIPANT)

    def blockers(self, reform: "org.Reform", trace: Mapping[str, Any]) -> list[str]:
        """Return what was loaded or reported since, by the codes of the new map."""
        since = warehouse.batches_after(int(trace.get("batch", 0)), table_datasets())
        return [*map(_loaded, since), *_typed_since(reform)]


def _loaded(one: "warehouse.Since") -> str:
    first, last = (timezone.localtime(at) for at in (one.first, one.last))
    when = f"{first:%H:%M %d/%m/%Y}"
    if first != last:
        when += f" – {last:%H:%M %d/%m/%Y}"
    return (
        f"Nguồn “{one.source}”: {one.batches} lần nạp, {one.rows} dòng của bộ dữ liệu "
        f"“{one.dataset}” theo địa giới mới ({when})."
    )


def _own_levels(plan: "org.Plan") -> Iterable[tuple[str, Any]]:
    ended = {"unit__code__in": plan.ended}
    yield "Ngưỡng riêng, cần đặt lại", Threshold.objects.filter(valid__contains=plan.on, **ended)
    targets = Target.objects.filter(period__endswith__gt=plan.on, replaced_at=None, **ended)
    yield "Kế hoạch, mục tiêu riêng, cần giao lại", targets


def _newest_sums(plan: "org.Plan") -> Iterable[tuple[Indicator, Any, list[Value]]]:
    """Yield the additive indicators whose reporting units the plan changes, with their newest
    values; of all reporting units, of the last period that began before the day."""
    changed = {change.unit for change in plan.changes}
    standing = {ref.id: ref for ref in org.all_units(kind="ubnd", on=plan.on)}
    levels = {ref.level for ref in standing.values() if ref.code in changed}
    indicators = {
        one.pk: one
        for one in Indicator.objects.filter(reporting_level__in=levels).order_by(
            "sector__order", "sort_key"
        )
        if conversion.manner(one) == additive.SUM
    }
    said = Value.objects.filter(indicator__in=indicators, unit__in=standing, value__isnull=False)
    before = said.filter(period_start__lt=books.midnight(plan.on))
    newest = before.values_list("indicator").annotate(last=Max("period_start"))
    wanted = [Q(indicator=pk, period_start=last) for pk, last in newest]
    rows = said.filter(reduce(or_, wanted)) if wanted else ()
    found: dict[int, list[Value]] = {}
    for row in rows:
        if standing[row.unit_id].level == indicators[row.indicator_id].reporting_level:
            found.setdefault(row.indicator_id, []).append(row)
    for pk, indicator in indicators.items():
        if pk in found:
            yield indicator, found[pk][0].period_start, found[pk]


def _total(
    indicator: Indicator, start: Any, rows: list[Value], walk: "org.Crosswalk"
) -> "org.Total":
    values = {row.unit_id: Held(row.value or 0) for row in rows}
    after = conversion.convert(indicator, values, walk, {})
    return org.Total(
        name=indicator.name,
        unit_of_measure=indicator.unit_of_measure,
        period=periods.of(indicator.period, start).label(),
        before=_digits(one.value for one in values.values()),
        after=_digits(one.value for one in after.values()),
        estimated=sum(one.status == "estimate" for one in after.values()),
    )


def _digits(values: Iterable[float]) -> str:
    """Return a sum with every digit that it has: 1.234.567,25."""
    total = sum((Decimal(str(value)) for value in values), Decimal())
    written = f"{total.normalize():,f}"
    return written.replace(",", "\0").replace(".", ",").replace("\0", ".")


def _typed_since(reform: "org.Reform") -> list[str]:
    """Name the values that were typed since the set applied, for units that it touched."""
    applied = next((one.applied_at for one in org.map_changes() if one.id == reform.id), None)
    if applied is None:
        return []
    touched = {*reform.heirs, *reform.heirs.values(), *reform.born}
    since = books.midnight(reform.on)
    waiting = PendingValue.objects.filter(
        unit__in=touched, typed_at__gt=applied, period_end__gt=since
    ).exclude(is_approved=False)
    taken_over = Value.objects.filter(
        indicator__method="manual",
        unit__in=touched,
        computed_at__gt=applied,
        period_end__gt=since,
        source_type="manual",
        value__isnull=False,
    ).exclude(lineage__startswith="map:")
    leaves = taken_over.exclude(lineage="reported").exclude(lineage__startswith="typed:")
    found: defaultdict[Indicator, set[str]] = defaultdict(set)
    for rows in (waiting, leaves):
        for row in rows.select_related("indicator", "unit").order_by("indicator__sort_key", "pk"):
            period = periods.of(row.indicator.period, row.period_start).label()
            found[row.indicator].add(f"{org.unit_by_id(row.unit_id).name}, {period}")
    return [
        f"Chỉ tiêu “{one.name}”: {len(said)} giá trị đã nhập ({'; '.join(sorted(said))})."
        for one, said in found.items()
    ]
