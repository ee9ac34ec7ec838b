"""Quality rules: declared, tried on the newest rows, switched on, and run over every load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import queries
from haidang.data.ingest.actions import rule_sight
from haidang.data.ingest.actions.spooling import LINE
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.models import QualityRule, RuleOutcome, Run
from haidang.data.ingest.rules import judging, mending
from haidang.data.ingest.rules.check import ARROW
from haidang.data.ingest.rules.judging import Known, Spec
from haidang.data.ingest.rules.values import Reason, Rejected
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access.api import EVERYTHING, Scope
from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor
from haidang.foundation.core.errors import HaidangError

MANAGE = "catalogue.manage"
TRIED_ROWS = 20_000
_HISTORY_ROWS = 200_000
_NAMED_ROWS = 5_000


@dataclass(frozen=True)
class Tried:
    """What a rule would have found in the newest rows: (batch, row, sentence) of the first."""

    checked: int
    failed: int
    rows: tuple[tuple[int, int, str], ...]


@dataclass
class Verdict:
    """The rows of a load that stay, those that are blocked, and what each rule found."""

    table: pa.Table
    blocked: list[Rejected] = field(default_factory=list)
    outcomes: list[RuleOutcome] = field(default_factory=list)


@transaction.atomic
def declare_rule(
    *,
    dataset: str,
    title: str,
    kind: str,
    settings: Mapping[str, Any],
    severity: str,
    reason: str,
    by: Scope | Actor,
    owner_unit_id: int | None = None,
) -> QualityRule:
    """Declare a rule of a dataset; it judges nothing before it is switched on.

    A scope must hold "catalogue.manage" for the dataset, see the one that is compared with, and
    see every personal field that the rule asks about.
    Raises IngestError, NotAllowedError, UnknownDatasetError.
    """
    actor = _allowed(dataset, by)
    if not title.strip() or not reason.strip():
        raise IngestError("Cần ghi tên quy tắc và lý do.")
    if severity not in QualityRule.Severity.values:
        raise IngestError(f"Không có mức “{severity}”.")
    _seen(settings.get("dataset"), by)
    rule_sight.require(spec_of(dataset, kind, settings), dataset, by)
    made = QualityRule.objects.create(
        dataset=dataset,
        title=title.strip(),
        kind=kind,
        settings=dict(settings),
        severity=severity,
        owner_id=owner_unit_id,
        made_by_id=actor.id,
        made_label=actor.label,
    )
    changes = {"dataset": dataset, "kind": kind, "settings": made.settings, "severity": severity}
    audit.record(action="ingest.rule_declared", on=made, by=actor, changes=changes, reason=reason)
    return made


@transaction.atomic
def switch_rule(*, rule: int, on: bool, reason: str, by: Scope | Actor) -> QualityRule:
    """Switch a rule on or off, for a reason; it counts from the next load."""
    found = QualityRule.objects.select_for_update().filter(pk=rule).first()
    if found is None:
        raise IngestError("Không tìm thấy quy tắc.")
    actor = _allowed(found.dataset, by)
    if not reason.strip():
        raise IngestError("Cần ghi lý do bật hoặc tắt quy tắc.")
    if on:
        spec = spec_of(found.dataset, found.kind, found.settings)
        rule_sight.require(spec, found.dataset, by)
    found.is_active = on
    found.save(update_fields=["is_active"])
    action = "ingest.rule_switched_on" if on else "ingest.rule_switched_off"
    audit.record(action=action, on=found, by=actor, reason=reason)
    return found


def try_rule(*, rule: QualityRule, scope: Scope) -> Tried:
    """Run a rule over the newest rows that the scope may see; nothing is kept.

    Raises IngestError where the rule no longer fits the contract, or asks about a personal field
    that the scope sees masked.
    """
    spec = spec_of(rule.dataset, rule.kind, rule.settings)
    rule_sight.require(spec, rule.dataset, scope)
    contract = catalogue.contract(rule.dataset)
    names = rule_sight.columns(spec)
    found = _rows(
        rule.dataset,
        {name: ARROW[contract.field(name).type] for name in names}
        | {"_batch": pa.int64(), "_row": pa.int64()},
        scope=scope,
        order=("-_batch", "_row"),
        limit=TRIED_ROWS,
    )
    bad, says = judging.judge(
        spec, found, known(spec, rule.dataset, found, scope), _titles(contract)
    )
    places = [int(place) for place in np.flatnonzero(bad)]
    batch, row = found.column("_batch"), found.column("_row")
    told = tuple((batch[at].as_py(), row[at].as_py(), says(at)) for at in places[:50])
    return Tried(found.num_rows, len(places), told)


def active(dataset: str) -> list[QualityRule]:
    """Return the rules by which a load is judged."""
    return list(QualityRule.objects.filter(dataset=dataset, is_active=True).order_by("pk"))


def parting(rules: Sequence[QualityRule], contract: catalogue.ContractSpec) -> tuple[str, ...]:
    """Return the key fields by which a load's rows can be parted and judged part by part.

    All rows that a rule holds against each other have them in common. None: the rows are judged
    whole.
    """
    names = contract.key_fields
    for rule in rules:
        try:
            spec = spec_of(contract.dataset, rule.kind, rule.settings)
        except HaidangError:  # as its outcome will say
            continue
        together = judging.together(spec)
        names = names if together is None else tuple(one for one in names if one in together)
    return names


def merged(outcomes: Sequence[RuleOutcome], more: Sequence[RuleOutcome]) -> list[RuleOutcome]:
    """Return what rules found in the parts up to now and in one more."""
    if not outcomes or not more:
        return [*outcomes, *more]
    for one, new in zip(outcomes, more, strict=True):
        one.checked, one.failed = one.checked + new.checked, one.failed + new.failed
        one.rows = sorted([*one.rows, *new.rows])[:_NAMED_ROWS]
        one.fault = one.fault or new.fault
    return list(outcomes)


def judged(
    run: Run, contract: catalogue.ContractSpec, table: pa.Table, rules: Sequence[QualityRule]
) -> Verdict:
    """Judge checked rows of a run by rules; no rule, no cost.

    A rule that cannot be run blocks nothing; its outcome says why.
    """
    verdict = Verdict(table)
    if not rules or not table.num_rows:
        return verdict
    keep = np.ones(table.num_rows, dtype=bool)
    reasons: dict[int, list[Mapping[str, str]]] = {}
    lines = table.column(LINE)
    titles = _titles(contract)
    for rule in rules:
        outcome = RuleOutcome(rule=rule, run=run, severity=rule.severity, checked=0, failed=0)
        verdict.outcomes.append(outcome)
        try:
            spec = spec_of(run.dataset, rule.kind, rule.settings)
            bad, says = judging.judge(spec, table, known(spec, run.dataset, table), titles)
        except HaidangError as error:
            outcome.fault = error.message
            continue
        places = [int(place) for place in np.flatnonzero(bad)]
        outcome.checked, outcome.failed = table.num_rows, len(places)
        outcome.rows = [lines[place].as_py() for place in places[:_NAMED_ROWS]]
        if rule.severity == QualityRule.Severity.BLOCK:
            keep &= ~bad
            is_quiet = rule_sight.quotes_personal(spec)
            for place in places:
                line = lines[place].as_py()
                said = "" if is_quiet else f": {says(place)}"
                why = f"Dòng {line}: không đạt quy tắc “{rule.title}”{said}."
                reasons.setdefault(place, []).append(Reason("", f"rule-{rule.pk}", why).as_json())
    verdict.blocked = _blocked(run, table, reasons)
    verdict.table = table.filter(pa.array(keep)) if reasons else table
    return verdict


@transaction.atomic
def keep(run: Run, outcomes: Sequence[RuleOutcome]) -> None:
    """Keep what the rules found; an earlier attempt's findings are replaced."""
    RuleOutcome.objects.filter(run=run).delete()
    RuleOutcome.objects.bulk_create(outcomes)


def spec_of(dataset: str, kind: str, settings: Mapping[str, Any]) -> Spec:
    """Return the rule that settings say of a dataset as it is now. Raises IngestError."""
    other = settings.get("dataset")
    there = catalogue.contract(str(other)) if other else None
    return judging.spec_of(kind, settings, catalogue.contract(dataset), there)


def known(spec: Spec, dataset: str, rows: pa.Table, scope: Scope = EVERYTHING) -> Known:
    """Return what a rule must know of the lake about these rows; only approved batches count."""
    match spec:
        case judging.Reference():
            return Known(values=_there(spec, rows, scope))
        case judging.Total():
            return Known(totals=_totals(spec, rows, scope))
        case judging.Jump():
            return Known(history=_history(spec, dataset, rows, scope))
        case _:
            return Known()


def _there(spec: judging.Reference, rows: pa.Table, scope: Scope) -> frozenset[Any]:
    asked = _distinct(rows, spec.field)
    found: set[Any] = set()
    for first in range(0, len(asked), 2_000):
        told = _aggregate(
            spec.dataset,
            ("count", spec.to),
            (spec.to,),
            spec.to,
            asked[first : first + 2_000],
            scope,
        )
        found |= {key[0] for key in told}
    return frozenset(found)


def _totals(spec: judging.Total, rows: pa.Table, scope: Scope) -> dict[tuple[Any, ...], float]:
    asked = _distinct(rows, spec.by[0])
    return _aggregate(spec.dataset, ("sum", spec.total), spec.by, spec.by[0], asked, scope)


def _aggregate(
    dataset: str,
    measure: tuple[str, str],
    by: tuple[str, ...],
    name: str,
    asked: list[Any],
    scope: Scope,
) -> dict[tuple[Any, ...], float]:
    if not asked:
        return {}
    try:
        found = warehouse.aggregate(
            dataset,
            scope=scope,
            measures=[measure],
            group=by,
            where=[(name, "in", asked)],
            without=queries.pending_batches(dataset),
            purpose=rule_sight.PURPOSE,
        )
    except warehouse.UnknownTableError:
        return {}
    told = found.dicts()
    value = f"{measure[0]}_{measure[1]}"
    return {tuple(row[one] for one in by): row[value] for row in told if row[value] is not None}


def _history(spec: judging.Jump, dataset: str, rows: pa.Table, scope: Scope) -> pa.Table | None:
    names = [*spec.series, spec.time, spec.field]
    latest = pc.max(rows.column(spec.time)).as_py()
    if latest is None:
        return None
    where: list[Any] = [(spec.time, "<=", latest)]
    if spec.series and len(asked := _distinct(rows, spec.series[0])) <= 2_000:
        where.append((spec.series[0], "in", asked))
    try:
        return _rows(
            dataset,
            {name: rows.schema.field(name).type for name in names},
            scope=scope,
            where=where,
            order=(f"-{spec.time}",),
            limit=_HISTORY_ROWS,
            without=queries.pending_batches(dataset),
        )
    except warehouse.UnknownTableError:
        return None


def _rows(dataset: str, types: Mapping[str, pa.DataType], **asked: Any) -> pa.Table:
    found = warehouse.rows(dataset, columns=tuple(types), purpose=rule_sight.PURPOSE, **asked)
    columns = list(zip(*found.rows, strict=True)) or [()] * len(types)
    return pa.table(
        {name: pa.array(column, types[name]) for name, column in zip(types, columns, strict=True)}
    )


def _distinct(rows: pa.Table, name: str) -> list[Any]:
    return [value for value in pc.unique(rows.column(name)).to_pylist() if value is not None]


def _blocked(
    run: Run, table: pa.Table, reasons: Mapping[int, list[Mapping[str, str]]]
) -> list[Rejected]:
    places = sorted(reasons)
    rows = table.take(pa.array(places, pa.int64())).to_pylist() if places else []
    styles = styles_of(run) if places else {}
    return [
        (row.pop(LINE), mending.written(row, styles), reasons[place])
        for place, row in zip(places, rows, strict=True)
    ]


def styles_of(run: Run) -> dict[str, str]:
    """Return the decimal sign of each column of a run's file, as its check has noted it."""
    found: dict[str, str] = Run.objects.values_list("styles", flat=True).get(pk=run.pk)
    return found


def _titles(contract: catalogue.ContractSpec) -> dict[str, str]:
    return {each.name: each.title for each in contract.fields}


def _allowed(dataset: str, by: Scope | Actor) -> Actor:
    contract = catalogue.contract(dataset)
    if isinstance(by, Actor):
        return by
    by.require(MANAGE, unit_id=contract.owner_unit_id, sector=contract.sector)
    return by.actor


def _seen(dataset: Any, by: Scope | Actor) -> None:
    """Raise where a scope may not see, or not ask, the dataset that a rule compares with."""
    if not dataset or isinstance(by, Actor):
        return
    seen = {one.code: one for one in catalogue.datasets(by)}
    if str(dataset) not in seen:
        raise catalogue.UnknownDatasetError(dataset=str(dataset))
    other = seen[str(dataset)]
    by.require("warehouse.query", unit_id=other.owner_unit_id, sector=other.sector)
