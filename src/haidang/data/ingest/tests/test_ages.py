"""How old a reading may be when it comes: agreed per source, said with its mend, then taken."""

import datetime as dt

import pytest
from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.models import QuarantinedRow, Source
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from tests.world import World

HEAD = "Time;SDS_P1;SDS_P2;Temp;Humidity\n"


def _file(days: int) -> bytes:
    moment = timezone.now() - dt.timedelta(days=days)
    return f"{HEAD}{moment:%Y-%m-%d %H:%M:%S};1;2;3;4\n".encode()


def test_devices_that_send_are_limited_and_files_are_not(world: World, sensors: str) -> None:
    sent = ingest.create_source(
        code="tram", title="Trạm", kind="mqtt", dataset="quan-trac",
        supplier_unit_id=world.unit("74.STNMT"), by=SYSTEM,
    )  # fmt: skip
    assert (sent.max_age_days, ingest.source(sensors).max_age_days) == (60, 0)
    assert ingest.load(source=sensors, file=_file(900), name="a.csv", by=SYSTEM).quarantined == 0


def test_a_reading_that_waits_for_its_age_is_taken_once_the_source_agrees(sensors: str) -> None:
    ingest.change_source(source=sensors, max_age_days=60, reason="Theo quy chế", by=SYSTEM)
    assert "max_age_days" in AuditEntry.objects.latest("id").changes
    receipt = ingest.load(source=sensors, file=_file(61), name="a.csv", by=SYSTEM)
    assert (receipt.accepted, receipt.quarantined) == (0, 4)
    row = QuarantinedRow.objects.first()
    assert row is not None and row.first_code == "too_late"
    assert "nâng tuổi số đo được nhận ở trang sửa nguồn" in row.reasons[0]["message"]

    ingest.change_source(source=sensors, max_age_days=0, reason="Nạp lịch sử", by=SYSTEM)
    ids = QuarantinedRow.objects.values_list("pk", flat=True)
    assert ingest.replay(rows=ids, by=SYSTEM).accepted == 4


def test_the_form_and_the_route_set_it(sensors: str, world: World) -> None:
    client = world.client("thongke.stnmt")
    page = client.get(f"/console/sources/{sensors}/edit/")
    assert "Nhận số đo cũ đến (ngày)" in page.content.decode()
    answer = client.patch(
        f"/api/v1/sources/{sensors}", {"max_age_days": 30, "reason": "Theo quy chế"},
        content_type="application/json",
    )  # fmt: skip
    assert (answer.status_code, answer.json()["max_age_days"]) == (200, 30)
    assert "nhận đến 30 ngày" in client.get(f"/console/sources/{sensors}/").content.decode()
    with pytest.raises(IngestError, match="từ 0 đến"):
        ingest.change_source(source=sensors, max_age_days=-1, reason="x", by=SYSTEM)
    assert Source.objects.get(code=sensors).max_age_days == 30
