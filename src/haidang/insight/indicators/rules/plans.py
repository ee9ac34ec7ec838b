"""Plans: the ratio to each issuer's plan, the pace expected by a date, what thresholds look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from haidang.insight.indicators.rules import words
from haidang.insight.indicators.rules.figures import PlanRatio


@dataclass(frozen=True)
class Plan:
    """A target as plain data: what one issuer wants by the end of [start, end)."""

    issuer: str
    rank: int
    kind: str
    amount: float
    start: datetime
    end: datetime


def ratio(value: float | None, amount: float) -> float | None:
    """Return value as a percentage of a plan amount; None without a value or a plan."""
    if value is None or not amount:
        return None
    return value / amount * 100


def expected_pace(start: datetime, end: datetime, at: datetime) -> float:
    """Return the share (%) of [start, end) gone by `at`: the pace of an even plan."""
    gone = (min(max(at, start), end) - start) / (end - start)
    return gone * 100


def ratios(
    value: float | None, plans: Sequence[Plan], *, unit: str, direction: str, decimals: int
) -> tuple[PlanRatio, ...]:
    """Return one figure per issuer, the headline's first: each plan has a ratio of its own."""
    ordered = sorted(plans, key=lambda plan: (plan.rank, plan.issuer))
    return tuple(_ratio(value, plan, unit, direction, decimals) for plan in ordered)


def _ratio(value: float | None, plan: Plan, unit: str, direction: str, decimals: int) -> PlanRatio:
    of_plan = ratio(value, plan.amount) if plan.kind == "amount" else None
    if plan.kind == "level":
        word = {"higher": "từ ", "lower": "không quá "}.get(direction, "")
        space = "" if unit == "%" else " "
        label = f"Mục tiêu {plan.issuer}: {word}{words.number(plan.amount, decimals)}{space}{unit}"
    elif of_plan is None:
        label = f"Kế hoạch {plan.issuer}: {words.number(plan.amount, decimals)} {unit}"
    else:
        label = f"So kế hoạch {plan.issuer}: {words.number(of_plan, 1)}%"
    return PlanRatio(
        issuer=plan.issuer, kind=plan.kind, amount=plan.amount, ratio=of_plan, label=label
    )


def leading(plans: Sequence[Plan], kind: str) -> Plan | None:
    """Return the first-ranked plan of a kind."""
    return min(
        (plan for plan in plans if plan.kind == kind),
        key=lambda plan: (plan.rank, plan.issuer),
        default=None,
    )


def compared(
    basis: str,
    value: float | None,
    *,
    plans: Sequence[Plan],
    last_year: float | None,
    at: datetime,
) -> float | None:
    """Return what a threshold of `basis` looks at; None where it cannot be said.

    value: the value; pace: points of the plan's ratio above the expected pace; plan: difference to
    the level wanted; last_year: relative change (%) to the same period of last year.
    """
    if value is None or basis == "value":
        return value
    if basis == "last_year":
        return (value / last_year - 1) * 100 if last_year else None
    plan = leading(plans, "amount" if basis == "pace" else "level")
    if plan is None:
        return None
    if basis == "plan":
        return value - plan.amount
    of_plan = ratio(value, plan.amount)
    return None if of_plan is None else of_plan - expected_pace(plan.start, plan.end, at)
