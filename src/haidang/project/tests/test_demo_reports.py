"""The demo's reports: two periods taken over, some late, one open."""

import pytest
import time_machine
from django.utils import timezone

from haidang.delivery.reporting import api as reporting
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.project.demo import province, reports


@pytest.mark.django_db
@time_machine.travel("2026-11-23 09:00+07:00", tick=False)
def test_some_units_are_late_and_the_current_period_is_open() -> None:
    province.load()

    reports.install()

    late, total = reporting.late(access.EVERYTHING, now=timezone.now())
    assert 2 <= total <= 20
    assert org.unit("25747").id in {one.unit_id for one in late}
    assert {one.period_key for one in late} == {"2026-11"}
