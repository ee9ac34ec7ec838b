"""What a person who fills a form finds in it: draft, values known to the system, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from haidang.delivery.reporting.models import Assignment
from haidang.delivery.reporting.queries import reports
from haidang.delivery.reporting.rules import checks
from haidang.delivery.reporting.rules.checks import Finding, ItemSpec, Values
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import NotAllowedError, NotFoundError
from haidang.insight.indicators import api as indicators

TYPED, FILE, PREFILLED = "typed", "file", "prefilled"


@dataclass(frozen=True)
class Draft:
    """What is filled in so far: values by line, where each came from, notes, what is confirmed."""

    values: Values
    sources: Mapping[str, str]
    notes: Mapping[str, str]
    confirmed: frozenset[str]
    file: str = ""

    @property
    def explained(self) -> frozenset[str]:
        """The lines that a person vouches for."""
        return self.confirmed | {code for code, note in self.notes.items() if note.strip()}

    def as_json(self) -> dict[str, Any]:
        """Return what the database keeps."""
        return {
            "values": as_text(self.values),
            "sources": dict(self.sources),
            "notes": {code: note for code, note in self.notes.items() if note.strip()},
            "confirmed": sorted(self.confirmed),
            "file": self.file,
        }


def as_text(values: Values) -> dict[str, str | None]:
    """Return numbers as text, which JSON keeps to the last digit."""
    return {code: None if value is None else str(value) for code, value in values.items()}


def draft(row: Assignment, scope: access.Scope) -> Draft:
    """Return the draft of a report; one not yet begun starts with what the warehouse knows."""
    kept = row.draft
    if not kept:
        known = prefilled(row, scope)
        return Draft(known, dict.fromkeys(known, PREFILLED), {}, frozenset())
    values = {
        code: None if said is None else Decimal(said) for code, said in kept["values"].items()
    }
    return Draft(values, kept["sources"], kept["notes"], frozenset(kept["confirmed"]), kept["file"])


def prefilled(row: Assignment, scope: access.Scope) -> dict[str, Decimal | None]:
    """Return the values that indicators have for this unit and period."""
    asked = [item for item in row.form.spec().items if item.prefill]
    found = ((item.code, _known(item, row, scope)) for item in asked)
    return {code: value for code, value in found if value is not None}


def findings(row: Assignment, said: Draft) -> list[Finding]:
    """Return all that is to be said about a draft."""
    return checks.findings(
        row.form.spec(), said.values, before=reports.before(row), explained=said.explained
    )


def _known(item: ItemSpec, row: Assignment, scope: access.Scope) -> Decimal | None:
    try:
        points = indicators.series(
            item.prefill, row.unit_id, scope, row.period_start, row.period_end
        )
    except (NotFoundError, NotAllowedError):
        return None
    values = [point.value for point in points if point.value is not None]
    if not values:
        return None
    total = {"sum": sum(values), "last": values[-1], "mean": sum(values) / len(values)}
    return round(Decimal(str(total[item.prefill_how])), item.decimals)
