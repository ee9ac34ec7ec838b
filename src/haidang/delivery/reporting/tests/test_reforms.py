"""What a unit still owed when it ended is filled in by who took over its ground."""

from datetime import date

import pytest
from django.utils import timezone

from haidang.delivery.reporting import api as reporting
from haidang.delivery.reporting.tests.stage import GOOD, NOW, PERIOD, build_stage, draft_of
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.org import api as org

pytestmark = pytest.mark.django_db
PLAN = org.Plan(date(2025, 7, 1), changes=(org.Change("25741", "merge", (org.PartRow("25747"),)),))


def test_the_heir_answers_and_the_report_still_tells_of_the_old_ground() -> None:
    stage = build_stage()
    heir = stage.world.scope("canbo.phucuong")
    report = stage.report("25741")
    with pytest.raises(NotAllowedError):
        reporting.save(report=report.pk, draft=draft_of(GOOD), by=heir, now=NOW)
    made = org.draft_changes(title="Sắp xếp", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())

    reporting.submit(report=report.pk, draft=draft_of(GOOD), by=heir, now=NOW)

    report.refresh_from_db()
    assert (report.unit_id, report.holder_id) == (
        stage.world.unit("25741"),
        stage.world.unit("25747"),
    )
    page = stage.world.client("canbo.phucuong").get(f"/console/reports/{report.pk}/")
    assert "thực hiện thay đơn vị đã sắp xếp" in page.content.decode()

    org.undo_changes(change_set=made, by=SYSTEM, reason="nhầm", now=timezone.now())
    report.refresh_from_db()
    assert report.holder_id == stage.world.unit("25741")


def test_a_report_given_out_late_goes_to_the_heir_at_once() -> None:
    stage = build_stage()
    made = org.draft_changes(title="Sắp xếp", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    from haidang.delivery.reporting.actions.assigning import holders_of

    ended, standing = stage.world.unit("25741"), stage.world.unit("25942")
    assert holders_of([ended, standing]) == {ended: stage.world.unit("25747"), standing: standing}
    assert stage.report("25747").period_key == PERIOD
