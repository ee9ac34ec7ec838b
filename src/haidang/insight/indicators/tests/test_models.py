"""The database defends the truth of definitions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateRange

from haidang.insight.indicators.models import Indicator, Proposal, Threshold

pytestmark = pytest.mark.django_db
Sector, Unit = apps.get_model("org.Sector"), apps.get_model("org.Unit")
Account = apps.get_model("access.Account")


@pytest.fixture
def indicator() -> Indicator:
    sector, _ = Sector.objects.get_or_create(code="thuy-van", defaults={"name": "Thủy văn"})
    unit, _ = Unit.objects.get_or_create(code="74")
    return Indicator.objects.create(
        code="thu-muc-nuoc",
        name="Mực nước thử",
        sector=sector,
        unit_of_measure="m",
        direction="lower",
        is_hazard=True,
        period="hour",
        cycle=timedelta(hours=1),
        method="live",
        owner=unit,
        reporting_level="commune",
        valid=DateRange(date(2020, 1, 1), None),
    )


def _threshold(indicator: Indicator, start: date, end: date | None, unit=None) -> Threshold:
    return Threshold.objects.create(
        indicator=indicator, unit=unit, valid=DateRange(start, end), watch=1.4, critical=1.6
    )


def test_thresholds_of_one_indicator_never_overlap(indicator: Indicator) -> None:
    _threshold(indicator, date(2020, 1, 1), date(2024, 1, 1))
    _threshold(indicator, date(2024, 1, 1), None)

    with pytest.raises(IntegrityError, match="threshold_one_at_a_time"):
        _threshold(indicator, date(2023, 6, 1), date(2025, 1, 1))


def test_a_units_own_threshold_stands_beside_the_general_one(indicator: Indicator) -> None:
    _threshold(indicator, date(2020, 1, 1), None)

    _threshold(indicator, date(2020, 1, 1), None, unit=indicator.owner)

    assert indicator.thresholds.count() == 2


def test_nobody_decides_on_his_own_proposal(indicator: Indicator) -> None:
    someone = Account.objects.create(username="mot", full_name="Một Người")
    now = datetime(2026, 11, 23, tzinfo=UTC)

    with pytest.raises(IntegrityError, match="proposal_two_persons"):
        Proposal.objects.create(
            kind="threshold",
            indicator=indicator,
            content={},
            reason="thử",
            proposed_by=someone,
            proposed_at=now,
            decided_by=someone,
            decided_at=now,
            is_accepted=True,
        )
