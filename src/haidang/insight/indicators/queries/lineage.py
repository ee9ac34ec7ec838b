"""The lineage of a figure: definition, input figures, batches, typed values, within a scope."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from haidang.data.catalogue import api as catalogue
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator, PendingValue, Value
from haidang.insight.indicators.queries import building, dictionary, figures, lake_parts, registry
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules import formulas
from haidang.insight.indicators.rules.figures import Figure
from haidang.insight.indicators.rules.lineage import Definition, Part, SourceRows, Step, Typed

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

PER_PAGE = 10
_OF_INPUT = 3  # batches shown below a formula's input; its own page has all
_UNITS = 12  # reporting units shown below a sum


def lineage(
    code: str, unit_id: int, scope: "Scope", period: datetime | None = None, *, page: int = 1
) -> Step:
    """Return what a figure rests on, its batches by pages of ten, newest first.

    Raises UnknownIndicatorError, NotAllowedError.
    """
    indicator = dictionary.row(code)
    figure = figures.figure(code, unit_id, scope, period)
    if indicator.method == Indicator.Method.FORMULA:
        return _formula(indicator, figure, scope)
    if indicator.method == Indicator.Method.MANUAL:
        return _manual(indicator, figure, scope)
    return _lake(indicator, figure, scope, PER_PAGE, (max(page, 1) - 1) * PER_PAGE)


def source_rows(
    step: Step, part: Part, scope: "Scope", *, limit: int = 50, offset: int = 0
) -> SourceRows:
    """Return the rows of one batch of a step that `lineage` gave; see `lake_parts.rows`."""
    figure = step.figure
    if figure is None or figure.period_start is None or figure.period_end is None:
        return SourceRows((), (), 0)
    indicator = dictionary.row(step.definition.code)
    contract = catalogue.contract(step.definition.dataset)
    span = figure.period_start, figure.period_end
    return lake_parts.rows(
        indicator, contract, figure.unit_id, span, part, scope, limit=limit, offset=offset
    )


def _lake(
    indicator: Indicator, figure: Figure, scope: "Scope", limit: int, offset: int = 0
) -> Step:
    contract = catalogue.contract(indicator.spec["dataset"])
    found: list[Part] = []
    has_more = False
    if figure.period_start is not None and figure.period_end is not None:
        span = figure.period_start, figure.period_end
        found, has_more = lake_parts.parts(
            indicator, contract, figure.unit_id, span, scope, limit=limit, offset=offset
        )
    return Step(definition(indicator, contract), figure, parts=tuple(found), has_more=has_more)


def _formula(indicator: Indicator, figure: Figure, scope: "Scope") -> Step:
    known = _below(indicator)
    seen = {
        code: row
        for code, row in known.items()
        if scope.allows(VIEW, figure.unit_id, row.sector_id)
    }
    found = _figures(seen.values(), figure) | {indicator.code: figure}
    return _step(indicator, found, known, scope, frozenset())


def _below(indicator: Indicator) -> dict[str, Indicator]:
    """Return the indicators that a formula reads, and those that these read, in two queries."""
    of_formulas = {one.code: one for one in Indicator.objects.filter(method="formula")}
    codes: set[str] = set()
    waiting = [indicator]
    while waiting:
        new = formulas.codes(waiting.pop().spec["formula"]) - codes
        codes |= new
        waiting += [of_formulas[code] for code in new if code in of_formulas]
    return dictionary.rows(codes)


def _figures(rows: Iterable[Indicator], like: Figure) -> dict[str, Figure]:
    """Return the figures of some indicators for the unit and period of another."""
    if like.period_start is None:
        return {}
    listed = list(rows)
    unit, start = org.unit_by_id(like.unit_id), like.period_start
    values = Value.objects.filter(indicator__in=listed, unit=unit.id, period_start=start)
    by_id = {value.indicator_id: value for value in values}
    asked = [(row, unit.id, start) for row in listed]
    around = figures.surroundings([row.pk for row in listed], [unit.id], asked)
    return {row.code: building.figure(row, unit, by_id.get(row.pk), around) for row in listed}


def _step(
    indicator: Indicator,
    found: dict[str, Figure],
    known: dict[str, Indicator],
    scope: "Scope",
    above: frozenset[str],
) -> Step:
    figure = found.get(indicator.code)
    if figure is None:
        return Step(definition(indicator), None)
    if indicator.method == Indicator.Method.MANUAL:
        return _manual(indicator, figure, scope)
    if indicator.method != Indicator.Method.FORMULA:
        return _lake(indicator, figure, scope, _OF_INPUT)
    above |= {indicator.code}
    codes = sorted(formulas.codes(indicator.spec["formula"]) - above)
    inputs = [_step(known[code], found, known, scope, above) for code in codes if code in known]
    return Step(definition(indicator), figure, inputs=tuple(inputs))


def _manual(indicator: Indicator, figure: Figure, scope: "Scope") -> Step:
    if figure.lineage == "reported":
        return _sum_of_reports(indicator, figure, scope)
    typed = _typed(indicator, [figure.unit_id], figure.period_start)
    return Step(
        definition(indicator),
        figure,
        typed=tuple(typed.get(figure.unit_id, ())),
        reference=registry.reference(figure.lineage, scope),
    )


def _sum_of_reports(indicator: Indicator, figure: Figure, scope: "Scope") -> Step:
    """Return the reporting units below a sum, each with who typed its value."""
    how = definition(indicator)
    if figure.period_start is None:
        return Step(how, figure)
    below = Value.objects.filter(
        indicator=indicator, unit__in=org.subtree(figure.unit_id), period_start=figure.period_start
    ).exclude(lineage="reported")
    rows = list(below.order_by("unit")[: _UNITS + 1])
    units = org.units({row.unit_id for row in rows})
    typed = _typed(indicator, units, figure.period_start)
    asked = [(indicator, row.unit_id, row.period_start) for row in rows]
    around = figures.surroundings([indicator.pk], units, asked)
    inputs = [
        Step(
            how,
            building.figure(indicator, units[row.unit_id], row, around),
            typed=tuple(typed.get(row.unit_id, ())),
            reference=registry.reference(row.lineage, scope),
        )
        for row in rows[:_UNITS]
    ]
    return Step(how, figure, inputs=tuple(inputs), has_more=len(rows) > _UNITS)


def _typed(
    indicator: Indicator, unit_ids: Collection[int], start: datetime | None
) -> dict[int, list[Typed]]:
    """Return what was typed for some units in a period, the newest first."""
    found: dict[int, list[Typed]] = {}
    if start is None:
        return found
    rows = PendingValue.objects.filter(
        indicator=indicator, unit__in=list(unit_ids), period_start=start
    ).select_related("typed_by", "decided_by")
    for row in rows.order_by("-typed_at", "-pk"):
        found.setdefault(row.unit_id, []).append(
            Typed(
                id=row.pk,
                value=row.value,
                typed_by=row.typed_by.full_name,
                typed_at=row.typed_at,
                is_approved=row.is_approved,
                decided_by=row.decided_by.full_name if row.decided_by else "",
                decided_at=row.decided_at,
                note=row.note,
            )
        )
    return found


def definition(indicator: Indicator, contract: catalogue.ContractSpec | None = None) -> Definition:
    """Return how an indicator is measured."""
    return Definition(
        code=indicator.code,
        name=indicator.name,
        version=indicator.version,
        method=indicator.method,
        method_label=indicator.get_method_display(),
        expression=_expression(indicator, contract),
        dataset=contract.dataset if contract else "",
        dataset_title=contract.title if contract else "",
        contract_version=contract.version if contract else 0,
    )


_AGGREGATES = {
    "sum": "tổng", "mean": "trung bình", "max": "lớn nhất", "min": "nhỏ nhất", "last": "mới nhất",
    "count": "số dòng",
}  # fmt: skip


def _expression(indicator: Indicator, contract: catalogue.ContractSpec | None) -> str:
    spec = indicator.spec
    if indicator.method == Indicator.Method.FORMULA:
        return str(spec["formula"]).replace("_", "-")
    if contract is None:
        return ""
    if "metric" in spec:
        return f"{_AGGREGATES[spec['agg']]} của {catalogue.word_of('metric', spec['metric'])}"
    titles = {field.name: field.title for field in contract.fields}
    if spec["agg"] == "ratio":
        above, below = (titles.get(spec[one], spec[one]) for one in ("numerator", "denominator"))
        return f"{spec.get('scale', 1)} × {above} ÷ {below}"
    words = f"{_AGGREGATES[spec['agg']]} {titles.get(spec.get('field', ''), '')}".strip()
    return f"{words}, lũy kế từ đầu năm" if spec.get("cumulative") else words
