"""The desk of waiting rows: how it is narrowed, and what a selection consists of."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Min, Q, QuerySet

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest.errors import TooLargeError
from haidang.data.ingest.models import QuarantinedRow, RuleOutcome, Run, Source
from haidang.data.ingest.queries import gathered, judging, listing
from haidang.data.ingest.rules import mending
from haidang.data.ingest.rules.reasons import WORDS
from haidang.foundation.access.api import Scope
from haidang.foundation.calendar.zone import midnight
from haidang.foundation.org import api as org

VIEW, MEND = "ingest.view", "ingest.mend"
MOST = 20_000
NAMES = ("state", "run", "code", "source", "dataset", "unit", "since", "purpose")
_TOLD = 12


@dataclass(frozen=True)
class Asked:
    """How the desk is narrowed; empty means no limit. A unit narrows the rows of a dataset."""

    state: str = "open"
    run: int | None = None
    code: str = ""
    source: str = ""
    dataset: str = ""
    unit: str = ""
    since: dt.date | None = None


@dataclass(frozen=True)
class Selection:
    """Waiting rows that one thing is to be done with, and what they consist of."""

    rows: list[QuarantinedRow]

    @property
    def seal(self) -> str:
        """Return what changes as soon as the selection does."""
        return f"{len(self.rows)}:{max((row.pk for row in self.rows), default=0)}"

    @property
    def ids(self) -> list[int]:
        return [row.pk for row in self.rows]

    @property
    def datasets(self) -> list[tuple[str, int]]:
        return Counter(row.run.dataset for row in self.rows).most_common()

    @property
    def sources(self) -> list[tuple[str, int]]:
        return Counter(row.run.source.title for row in self.rows).most_common(_TOLD)

    @property
    def runs(self) -> int:
        return len({row.run_id for row in self.rows})

    @property
    def mended(self) -> int:
        return sum(row.mended is not None for row in self.rows)

    @property
    def codes(self) -> list[tuple[str, int]]:
        """Return (why, how many) by the first reason of each row."""
        found = Counter(row.first_code for row in self.rows).most_common(_TOLD)
        known = WORDS | judging.titles_of(code for code, _ in found)
        return [(known.get(code, code), count) for code, count in found]


def asked(given: Mapping[str, str]) -> Asked:
    """Read how the desk was narrowed; what cannot be read narrows nothing."""
    run = given.get("run", "")
    return Asked(
        state=given.get("state", "open"),
        run=int(run) if run.isdecimal() and len(run) < 19 else None,
        code=given.get("code", ""),
        source=given.get("source", ""),
        dataset=given.get("dataset", ""),
        unit=given.get("unit", ""),
        since=listing.day(given.get("since", "")),
    )


def find(scope: Scope, by: Asked, capability: str = VIEW) -> QuerySet[QuarantinedRow]:
    """Return the rows that the scope may see, narrowed."""
    found = listing.visible_rows(scope, capability)
    if by.state in QuarantinedRow.State.values:
        found = found.filter(state=by.state)
    if by.run is not None:
        found = found.filter(run_id=by.run)
    if by.code:
        found = found.filter(_because(by.code))
    if by.source:
        found = found.filter(source__in=_source(by.source))
    if by.dataset:
        found = found.filter(run__dataset=by.dataset)
    if by.dataset and by.unit:
        found = found.filter(_about(by.dataset, by.unit))
    if by.since:
        found = found.filter(_came_since(midnight(by.since)))
    return found


def _because(code: str) -> Q:
    """Rows of a reason; a quality rule's is looked for only in runs where the rule found some."""
    rule = code.removeprefix("rule-")
    if rule == code or not rule.isdecimal() or len(rule) > 18:
        return Q(first_code=code)
    ran = RuleOutcome.objects.filter(rule=int(rule), failed__gt=0)
    return Q(reasons__contains=[{"code": code}], run__in=ran.values("run"))


def _came_since(moment: dt.datetime) -> Q:
    """Rows of runs that came since; none of them has a lower number, by which rows are indexed."""
    came = Run.objects.filter(received_at__gte=moment)
    lowest = came.aggregate(lowest=Min("pk"))["lowest"]
    return Q(run__gte=lowest, run__received_at__gte=moment) if lowest else Q(pk=None)


def _source(code: str) -> list[int]:
    return list(Source.objects.filter(code=code).values_list("pk", flat=True))


def _about(dataset: str, unit: str) -> Q:
    known = org.codes().get(unit)
    try:
        return gathered.about(dataset, known) if known else Q(pk=None)
    except catalogue.UnknownDatasetError:
        return Q(pk=None)


def select(scope: Scope, by: Asked, rows: Iterable[int] | None = None) -> Selection:
    """Return waiting rows that the scope may mend: those given, else all as the desk is narrowed.

    Raises TooLargeError where they are too many for one go.
    """
    if rows is not None:
        found = listing.visible_rows(scope, MEND).filter(state="open", pk__in=list(rows))
    else:
        found = find(scope, by, MEND).filter(state="open")
    many = list(found.order_by("-run_id", "row_no", "pk")[: MOST + 1])
    if len(many) > MOST:
        raise TooLargeError(
            f"Hơn {MOST:,} dòng một lần là quá nhiều. Lọc theo nguồn, lượt nạp hoặc lý do rồi "
            "làm từng phần.".replace(",", ".", 1)
        )
    return Selection(many)


def waiting(scope: Scope, by: Asked) -> list[tuple[str, int]]:
    """Return (dataset, how many rows of it wait) as the desk is narrowed, the most first."""
    found = find(scope, replace(by, state="open"), MEND).order_by().values_list("run__dataset")
    return sorted(found.annotate(count=Count("pk")), key=lambda one: (-one[1], one[0]))


def said(row: QuarantinedRow, fields: Sequence[FieldSpec]) -> dict[str, str]:
    """Return a row as it would be mended: what was typed, else what came, written as here."""
    return row.mended or mending.as_written_here(row.raw, fields, row.run.styles)
