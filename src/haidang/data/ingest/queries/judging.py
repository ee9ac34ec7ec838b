"""Quality rules as the pages show them: their failures in the last runs, who owns them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.errors import SourceNotFoundError
from haidang.data.ingest.models import QualityRule, RuleOutcome
from haidang.data.ingest.queries import listing
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org

RUNS = 24
TOP = 26  # height of the tallest bar


@dataclass(frozen=True)
class Bar:
    """The failures of a rule in one run, for a chart of small bars."""

    outcome: RuleOutcome
    x: int
    y: float
    height: float

    @property
    def share(self) -> float | None:
        """The part of the rows that failed."""
        return self.outcome.failed / self.outcome.checked if self.outcome.checked else None


@dataclass(frozen=True)
class Followed:
    """A rule with its owner and its last runs, the oldest first."""

    rule: QualityRule
    owner: str
    bars: tuple[Bar, ...]

    @property
    def last(self) -> RuleOutcome | None:
        return self.bars[-1].outcome if self.bars else None

    @property
    def width(self) -> int:
        return RUNS * 8


@dataclass(frozen=True)
class Counted:
    """A dataset, its rules in force, and the failures of the last thirty days."""

    dataset: catalogue.DatasetRef
    active: int
    failed: int


def rules_of(scope: Scope, dataset: str) -> list[Followed]:
    """Return a dataset's rules, those in force first, with what they found in the runs seen."""
    found = list(QualityRule.objects.filter(dataset=dataset).order_by("-is_active", "title", "pk"))
    return followed(scope, found)


def rule_seen(scope: Scope, dataset: str, rule: int) -> QualityRule:
    """Return a rule of a dataset that the scope may see. Raises SourceNotFoundError."""
    dataset_seen(scope, dataset)
    found = QualityRule.objects.filter(pk=rule, dataset=dataset).first()
    if found is None:
        raise SourceNotFoundError("Không tìm thấy quy tắc.")
    return found


def dataset_seen(scope: Scope, code: str) -> catalogue.DatasetRef:
    """Return a dataset that the scope may see. Raises UnknownDatasetError."""
    for one in catalogue.datasets(scope):
        if one.code == code:
            return one
    raise catalogue.UnknownDatasetError(dataset=code)


def followed(scope: Scope, rules: Iterable[QualityRule]) -> list[Followed]:
    """Return rules with their last runs within the scope, in two queries."""
    listed = list(rules)
    seen = listing.visible_runs(scope).filter(status="landed").values("pk")
    ranked = RuleOutcome.objects.filter(rule__in=listed, run__in=seen).annotate(
        place=Window(RowNumber(), partition_by=F("rule"), order_by=F("run").desc())
    )
    several: dict[int, list[RuleOutcome]] = defaultdict(list)
    for outcome in ranked.filter(place__lte=RUNS).select_related("run").order_by("rule", "run"):
        several[outcome.rule_id].append(outcome)
    owners = org.units({rule.owner_id for rule in listed if rule.owner_id})
    return [
        Followed(
            rule,
            owners[rule.owner_id].name if rule.owner_id in owners else "Đơn vị cung cấp",
            _bars(several[rule.pk]),
        )
        for rule in listed
    ]


def counted(scope: Scope, now: dt.datetime) -> list[Counted]:
    """Return the datasets seen, those with failures first."""
    datasets = [one for one in catalogue.datasets(scope) if one.kind == "table"]
    active = dict(
        QualityRule.objects.filter(is_active=True)
        .values_list("dataset")
        .annotate(count=Count("pk"))
    )
    since = now - dt.timedelta(days=30)
    seen = listing.visible_runs(scope).filter(status="landed", received_at__gte=since)
    failed: dict[str, int] = defaultdict(int)
    told = RuleOutcome.objects.filter(Q(failed__gt=0), run__in=seen.values("pk"))
    for dataset, count in told.values_list("rule__dataset", "failed"):
        failed[dataset] += count
    rows = [Counted(one, active.get(one.code, 0), failed[one.code]) for one in datasets]
    return sorted(rows, key=lambda row: (-row.failed, -row.active, row.dataset.title))


def titles_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the titles of the rules that reasons such as "rule-12" name."""
    numbers = {code.removeprefix("rule-") for code in codes if code.startswith("rule-")}
    found = QualityRule.objects.filter(pk__in=[one for one in numbers if one.isdecimal()])
    return {f"rule-{pk}": f"quy tắc “{title}”" for pk, title in found.values_list("pk", "title")}


def _bars(outcomes: list[RuleOutcome]) -> tuple[Bar, ...]:
    most = max((one.failed for one in outcomes), default=0) or 1
    return tuple(
        Bar(one, at * 8, TOP - height, height)
        for at, one in enumerate(outcomes)
        for height in [max(TOP * one.failed / most, 1.0 if not one.failed else 3.0)]
    )
