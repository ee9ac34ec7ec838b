"""MQTT clients that were turned away, where the data steward looks for his source."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import refusals
from haidang.data.ingest.actions.refusals import Refused
from haidang.data.ingest.intake.refusals import Refusals
from haidang.data.ingest.intake.writers import Sources, Writer
from haidang.data.ingest.models import Device, Refusal, Source
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from tests.world import World

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
ONE = Refused("tram-1", "10.0.0.5", "sai/chu/de", "topic", frozenset({"kk"}), 2, NOW, NOW)


@pytest.fixture
def stations(world: World) -> Source:
    catalogue.define(dataset="quan-trac", title="Quan trắc", kind="readings", by=SYSTEM)
    ingest.create_source(
        code="kk",
        title="Không khí",
        kind="mqtt",
        dataset="quan-trac",
        supplier_unit_id=world.unit("74.STNMT"),
        sector="moi-truong",
        by=SYSTEM,
    )
    return Source.objects.get(code="kk")


def test_the_same_refusal_is_counted_not_repeated(stations: Source) -> None:
    later = NOW + dt.timedelta(minutes=5)
    refusals.remember([ONE])
    refusals.remember([replace(ONE, count=3, last_at=later)])

    row = Refusal.objects.get()
    assert (row.source, row.count, row.first_at, row.last_at) == (stations, 5, NOW, later)


def test_a_flood_stays_within_bounds_and_the_newest_stay(stations: Source) -> None:
    flood = [
        replace(ONE, client=f"x{n}", last_at=NOW + dt.timedelta(seconds=n))
        for n in range(refusals.KEPT + 7)
    ]
    refusals.remember(flood)

    kept = set(Refusal.objects.values_list("client", flat=True))
    assert kept == {one.client for one in flood[-refusals.KEPT :]}


def test_a_client_with_the_name_of_a_device_or_source_belongs_there(
    world: World, stations: Source
) -> None:
    Device.objects.create(code="KK-1", source=stations, unit_id=world.unit("25747"))
    nobody = replace(ONE, sources=frozenset(), reason="key", topic="")
    refusals.remember([replace(nobody, client=name) for name in ("KK-1", "kk", "lạ")])

    found = dict(Refusal.objects.values_list("client", "source__code"))
    assert found == {"KK-1": "kk", "kk": "kk", "lạ": None}


def test_a_wrong_topic_concerns_the_sources_that_the_key_may_feed(
    world: World, stations: Source
) -> None:
    sources = Sources({code: ingest.source(code) for code in ("kk",)})
    gathered = Refusals(sources)
    writer = Writer(access.EVERYTHING, sources)
    gathered.add("tram", "10.0.0.5", "sai", "topic", writer)
    gathered.add("tram", "10.0.0.5", "sai", "topic", writer)
    gathered.add("kẻ lạ", "10.0.0.9", "haidang/v1/kk/a", "key", None)
    held = list(gathered._held.values())

    assert [(one.client, one.count, set(one.sources)) for one in held] == [
        ("tram", 2, {"kk"}),
        ("kẻ lạ", 1, set()),
    ]


def test_what_cannot_be_written_waits_for_the_next_time(
    stations: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered = Refusals(Sources())
    gathered.add("tram", "10.0.0.5", "", "key", None)

    def away(held: list[Refused]) -> None:
        raise OSError("no database")

    monkeypatch.setattr("haidang.data.ingest.intake.refusals._write", away)
    asyncio.run(gathered.flush())
    assert len(gathered._held) == 1


def test_the_steward_reads_why_on_the_page_of_the_source(world: World, stations: Source) -> None:
    now = timezone.now()
    refusals.remember([replace(ONE, first_at=now, last_at=now)])
    page = world.client("thongke.stnmt").get("/console/sources/kk/").content.decode()

    assert "Kết nối MQTT bị từ chối" in page
    assert "tram-1" in page
    assert "sai/chu/de" in page
    assert "Chủ đề không đúng mẫu" in page


def test_clients_of_no_known_source_are_not_shown_to_one_department(
    world: World, stations: Source
) -> None:
    now = timezone.now()
    lost = replace(ONE, sources=frozenset(), client="lac-loai", first_at=now, last_at=now)
    refusals.remember([lost])

    def page(username: str) -> str:
        return world.client(username).get("/console/sources/kk/").content.decode()

    assert "lac-loai" not in page("thongke.stnmt")
    assert "chưa rõ thuộc nguồn nào" in page("truongca")
