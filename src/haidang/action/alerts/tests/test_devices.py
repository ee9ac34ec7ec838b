"""Silent and strangely stopped devices: who is told, once, and how it ends."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from haidang.action.alerts import jobs
from haidang.action.alerts.models import Alert
from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from tests.world import World

from .conftest import told

Watch, DeviceEvent = (apps.get_model("ingest", name) for name in ("Watch", "DeviceEvent"))


@pytest.fixture
def stations(world: World) -> World:
    """Eight effluent stations of the environment department, in one ward."""
    catalogue.define(dataset="quan-trac", title="Quan trắc", kind="readings", by=SYSTEM)
    ingest.create_source(
        code="nuoc-thai", title="Nước thải", kind="mqtt", dataset="quan-trac",
        supplier_unit_id=world.unit("74.STNMT"), sector="moi-truong", by=SYSTEM,
    )  # fmt: skip
    for number in range(1, 9):
        ingest.register_device(
            code=f"NT-{number}", source="nuoc-thai", unit_id=world.unit("25747"),
            title=f"Trạm {number}", metrics=("cod",), by=SYSTEM,
        )  # fmt: skip
    return world


def _silence(*numbers: int) -> None:
    codes = [f"NT-{number}" for number in numbers]
    Watch.objects.filter(device__code__in=codes).update(
        silent_since=timezone.now() - timedelta(hours=1)
    )


def test_a_silent_device_goes_to_its_supplier_and_ends_when_it_speaks(stations: World) -> None:
    _silence(1)
    said = {"event_id": 1, "aggregate": "source:nuoc-thai", "source": "nuoc-thai"}
    jobs.note_silent_devices(**said, devices=["NT-1", "NT-2"])
    alert = Alert.objects.get()
    assert alert.headline == "Trạm 1: im lặng"
    assert (alert.cause, alert.owner_id) == ("data", stations.unit("74.STNMT"))
    assert alert.unit_id == stations.unit("25747")
    titles = told(stations)
    assert titles["thongke.stnmt"].startswith("Số liệu cần xử lý")
    assert titles["truc1"].startswith("Ca trực không có số liệu")
    assert "chutich" not in titles
    jobs.note_silent_devices(**said, devices=["NT-1"])
    assert Alert.objects.get().count == 1, "an event counts once"
    Watch.objects.update(silent_since=None)
    jobs.look_for_returned_devices()
    assert Alert.objects.get().cleared_at is not None


def test_many_silent_devices_of_a_source_are_one_alert(stations: World) -> None:
    _silence(*range(1, 9))
    jobs.note_silent_devices(event_id=1, aggregate="", source="nuoc-thai", devices=[])
    alert = Alert.objects.get()
    assert alert.headline == "Nước thải: 8 thiết bị im lặng"
    assert "Trạm 1" in alert.explanation
    Watch.objects.filter(device__code__in=["NT-1", "NT-2"]).update(silent_since=None)
    jobs.look_for_returned_devices()
    assert Alert.objects.get().cleared_at is None
    Watch.objects.update(silent_since=None)
    jobs.look_for_returned_devices()
    assert Alert.objects.get().cleared_at is not None


def test_a_device_that_stops_after_a_rise_goes_to_the_competent_agency(stations: World) -> None:
    now = timezone.now()
    event = DeviceEvent.objects.create(
        device_id=Watch.objects.get(device__code="NT-3").device_id, metric="cod",
        kind="after_rise", status="calibrating", started_at=now, found_at=now,
        explanation="COD 310 mg/l, vượt ngưỡng nghi vấn 75.",
    )  # fmt: skip
    jobs.note_stopped_device(event_id=2, aggregate="", device="NT-3", kind="after_rise")
    alert = Alert.objects.get()
    competent = org.competent_unit(stations.unit("25747"), "moi-truong").id
    assert (alert.cause, alert.owner_id) == ("hazard", competent)
    assert alert.severity == 3
    assert "vượt ngưỡng nghi vấn 75" in alert.explanation
    event.ended_at = now
    event.save()
    jobs.look_for_returned_devices()
    assert Alert.objects.get().cleared_at is not None
