"""The desk narrows waiting rows by what their runs know, as one would by hand."""

import datetime as dt
import itertools
from collections.abc import Iterator

import pytest
from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import quarantine
from haidang.data.ingest.models import QualityRule, QuarantinedRow, RuleOutcome, Run, Source
from haidang.data.ingest.queries import desk
from haidang.data.ingest.queries.desk import Asked
from haidang.foundation.access.api import EVERYTHING, Scope
from haidang.foundation.calendar.zone import local_date, midnight
from haidang.foundation.core.audit import SYSTEM
from tests.world import World

STATES = ("", "open", "discarded")


@pytest.fixture
def rule(source: str) -> str:
    return f"rule-{QualityRule.objects.create(dataset='ca-benh', title='Tổng', kind='sum').pk}"


@pytest.fixture
def rows(world: World, source: str, rule: str) -> None:
    """Rows of two sources, of runs of three days of which some did not land."""
    ingest.create_source(
        code="ca-benh-phuong", title="Phường", kind="file", dataset="ca-benh",
        supplier_unit_id=world.unit("25747"), by=SYSTEM,
    )  # fmt: skip
    numbers = itertools.count(1)
    for code in (source, "ca-benh-phuong"):
        for status, ago in itertools.product(("landed", "checking"), range(3)):
            _run(next(numbers), code, status, ago, rule)


def _run(number: int, source: str, status: str, ago: int, rule: str) -> None:
    when = timezone.now() - dt.timedelta(days=ago)
    run = Run.objects.create(
        pk=number, source=Source.objects.get(code=source), dataset="ca-benh", channel="file",
        status=status, finished_at=when if status == "landed" else None,
    )  # fmt: skip
    Run.objects.filter(pk=number).update(received_at=when)
    reasons = [[{"code": code} for code in codes] for codes in (["type"], ["key", rule], [rule])]
    quarantine.keep(run=run, rows=[(at, {"so_ca": "x"}, why) for at, why in enumerate(reasons)])
    RuleOutcome.objects.create(
        rule_id=int(rule.removeprefix("rule-")), run=run, severity="block", checked=3, failed=2
    )
    QuarantinedRow.objects.filter(run=run, row_no=0).update(
        state="discarded", decided_at=when, decision_reason="Nhầm"
    )


def _by_hand(scope: Scope, by: Asked) -> Iterator[int]:
    for row in QuarantinedRow.objects.select_related("run__source"):
        run, source = row.run, row.run.source
        if (
            run.status == "landed"
            and scope.allows("ingest.view", source.supplier_id, source.sector)
            and by.state in ("", row.state)
            and (not by.code or by.code in [why["code"] for why in row.reasons])
            and by.source in ("", source.code)
            and (by.since is None or run.received_at >= midnight(by.since))
        ):
            yield row.pk


@pytest.mark.django_db
def test_rows_are_narrowed_by_what_their_runs_know(
    world: World, rows: None, source: str, rule: str
) -> None:
    days = [None, *(local_date(timezone.now()) - dt.timedelta(days=ago) for ago in (-2, 0, 1, 9))]
    told = 0
    for scope in (EVERYTHING, world.scope("canbo.phucuong")):
        for state, code, of, since in itertools.product(
            STATES, ("", "type", rule, "rule-x"), ("", source, "ca-benh-phuong"), days
        ):
            by = Asked(state=state, code=code, source=of, since=since)
            found = set(desk.find(scope, by).values_list("pk", flat=True))
            assert found == set(_by_hand(scope, by)), by
            told += len(found)
    assert told
