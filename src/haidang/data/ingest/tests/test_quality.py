"""The four words of what is stored: down to the rows, in few questions, for those who may see."""

import csv
import datetime as dt
import io

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import QuarantinedRow, Run, Source
from haidang.data.ingest.queries import quality
from haidang.data.ingest.rules import quality as rules
from haidang.foundation.calendar import periods
from haidang.foundation.core.audit import SYSTEM

from .conftest import HEAD
from .test_lateness import record
from .test_loading import BAD, GOOD, load

STEWARD = "thongke.stnmt"


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+07:00")


def now_of(source: str) -> quality.Rated:
    now = timezone.now()
    return quality.rated(Source.objects.filter(code=source), periods.of("month", now), now)[0]


def values(one: quality.Rated) -> list[str]:
    return [score.shown for score in one.scores]


def arrive(source: str, at: str, number: int, **counts: int) -> Run:
    """A run as it stands in the store after landing."""
    given = {"read": 10, "accepted": 10} | counts
    run = Run.objects.create(
        pk=number,
        source=Source.objects.get(code=source),
        dataset="ca-benh",
        channel="file",
        status="landed",
        finished_at=local(at),
        **given,
    )
    Run.objects.filter(pk=number).update(received_at=local(at))
    return run


def since(source: str, at: str) -> None:
    Source.objects.filter(code=source).update(created_at=local(at))


def test_a_load_is_explained_row_by_row(source):
    load(source, BAD)
    one = now_of(source)

    assert (one.counted.read, one.counted.wrong, one.counted.unclean) == (5, 2, 1)
    assert one.counted.unapproved == 2
    assert values(one) == ["20", "không đủ căn cứ", "80", "không đủ căn cứ"]
    costs = quality.costs([one.source.pk], one.period)
    assert {(cost.kind, cost.code, cost.open) for cost in costs} == {
        ("sach", "unknown_unit", 1),
        ("dung", "not_an_integer", 1),
        ("dung", "future", 1),
    }


def test_mending_gives_the_points_back_and_discarding_does_not(source):
    load(source, BAD)
    wrong = QuarantinedRow.objects.get(first_code="not_an_integer")
    ingest.mend(row=wrong.pk, values=wrong.raw | {"so_ca": "12"}, by=SYSTEM)
    ingest.replay(rows=[wrong.pk], by=SYSTEM)
    lost = QuarantinedRow.objects.get(first_code="future")
    ingest.discard(rows=[lost.pk], reason="Nhập nhầm năm", by=SYSTEM)

    one = now_of(source)
    assert (one.counted.wrong, one.counted.unclean) == (1, 1)
    assert [
        (cost.open, cost.discarded)
        for cost in quality.costs([one.source.pk], one.period)
        if cost.code == "future"
    ] == [(0, 1)]


def test_a_missing_required_value_costs_completeness(source):
    load(source, HEAD + "25747;20/11/2026;;;;\n25741;20/11/2026;3;;;\n")
    assert now_of(source).counted.lacking == 1


def test_the_same_file_again_costs_cleanness_and_a_correction_costs_nothing(source):
    load(source, GOOD)
    load(source, GOOD)
    load(source, GOOD.replace("12;1,5%", "13;1,5%"))
    counted = now_of(source).counted

    assert (counted.read, counted.duplicate, counted.revised) == (6, 3, 1)
    assert rules.score(counted).sach.shown == "50"


def test_deliveries_in_time_late_and_missing(source):
    ingest.change_source(source=source, cycle="day", by=SYSTEM)
    since(source, "2026-11-01T18:00")
    arrive(source, "2026-11-02T09:00", 1)
    arrive(source, "2026-11-03T17:30", 2)  # late for the 3rd, in time for the 4th
    # Nothing for the 5th and the 6th; what comes on the 7th before 17:00 is the 6th's, late.
    arrive(source, "2026-11-07T08:00", 3)
    now = local("2026-11-07T20:00")

    one = quality.rated(Source.objects.all(), periods.of("month", now), now)[0]
    assert [each.state for each in one.due] == [
        "on_time", "late", "on_time", "missing", "late", "on_time",
    ]  # fmt: skip
    assert (one.counted.expected, one.counted.on_time, one.counted.late) == (6, 3, 2)
    assert one.counted.age == dt.timedelta(hours=12)
    assert [score.shown for score in one.scores][1::2] == ["83,3", "50"]

    day = periods.from_key("day", "2026-11-05")
    one = quality.rated(Source.objects.all(), day, now)[0]
    assert (one.counted.expected, one.counted.missing) == (1, 1)
    assert one.scores.song.value == 0


def test_the_first_day_of_a_month_sees_what_came_the_month_before(source):
    ingest.change_source(source=source, cycle="day", by=SYSTEM)
    since(source, "2026-10-01T08:00")
    arrive(source, "2026-10-31T18:00", 1)
    now = local("2026-11-01T18:00")

    one = quality.rated(Source.objects.all(), periods.of("month", now), now)[0]
    assert [each.state for each in one.due] == ["on_time"]


def test_a_fast_source_is_counted_hour_by_hour(sensors):
    ingest.change_source(source=sensors, cycle="hour", by=SYSTEM)
    since(sensors, "2026-11-20T00:00")
    for number, hour in ((501, "01"), (502, "02"), (503, "05")):
        record(sensors, batch=number)
        at = local(f"2026-11-20T{hour}:10")
        Run.objects.filter(pk=number).update(
            received_at=at, stream_hour=at.replace(minute=0), finished_at=at
        )
    now = local("2026-11-20T10:30")

    one = quality.rated(Source.objects.all(), periods.of("day", now), now)[0]
    assert (one.counted.expected, one.counted.on_time) == (10, 3)
    assert one.counted.age == dt.timedelta(hours=5, minutes=20)
    assert one.scores.du.shown == "30"


def test_nothing_expected_is_no_basis(source):
    ingest.change_source(source=source, cycle="month", by=SYSTEM)
    now = timezone.now()
    since(
        source, (now + dt.timedelta(hours=7) - dt.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    )
    day = periods.of("day", now).previous()
    one = quality.rated(Source.objects.all(), day, now)[0]

    assert [score.value for score in one.scores] == [None] * 4


def test_twelve_months_of_a_source(source, django_assert_num_queries):
    ingest.change_source(source=source, cycle="month", by=SYSTEM)
    since(source, "2025-06-01T00:00")
    arrive(source, "2026-03-10T10:00", 1, accepted=8, quarantined=0, duplicate=2)
    arrive(source, "2026-05-10T10:00", 2)
    now = local("2026-11-23T10:00")

    one = Source.objects.get()
    with django_assert_num_queries(11):  # today is counted anew
        months = quality.trend(one, periods.of("month", now), now)
    told = {one.period.key: values(one) for one in months}

    assert [*told][:: quality.MONTHS - 1] == ["2025-12", "2026-11"]
    assert told["2026-03"] == ["100", "100", "80", "100"]
    assert told["2026-05"][1::2] == ["100", "100"]
    assert told["2026-06"][:2] == ["không đủ căn cứ", "0"]
    assert told["2026-11"][1] == "không đủ căn cứ"


def test_a_month_is_the_same_alone_and_in_the_trend(source):
    ingest.change_source(source=source, cycle="week", by=SYSTEM)
    since(source, "2026-01-05T00:00")
    for number in range(1, 30):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number * 11)
        arrive(source, f"{day}T16:59", number, accepted=number % 10, duplicate=10 - number % 10)
    now = local("2026-11-23T10:00")

    for one in quality.trend(Source.objects.get(), periods.of("month", now), now):
        assert quality.rated(Source.objects.all(), one.period, now) == [one]


def several(count: int, world) -> None:
    """Have that many sources with a run each, beside what is there."""
    for number in range(Source.objects.count() - 1, count):
        code = f"nguon-{number}"
        ingest.create_source(
            code=code,
            title=f"Nguồn {number}",
            kind="file",
            dataset="ca-benh",
            supplier_unit_id=world.unit("74.STNMT"),
            cycle=("day", "month", "hour")[number % 3],
            sector="moi-truong",
            by=SYSTEM,
        )
        at = timezone.now() + dt.timedelta(hours=7)
        arrive(code, at.strftime("%Y-%m-%dT%H:%M"), 1000 + number)


def test_as_many_questions_for_one_source_as_for_thirty(source, world):
    client = world.client(STEWARD)
    several(1, world)
    few = [questions(client, address) for address in ADDRESSES]
    several(30, world)
    many = [questions(client, address) for address in ADDRESSES]

    assert many == few
    assert max(few) < 28


ADDRESSES = (
    "/console/sources/quality/",
    "/console/sources/quality/?by=unit",
    "/console/sources/quality/?by=dataset",
    "/console/sources/quality/?format=csv",
    "/api/v1/quality",
)


def whole(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    body = b"".join(response) if response.streaming else response.content
    return body.decode()


def questions(client, address: str) -> int:
    """Count what a page asks when all that is remembered for a second has just been asked.

    On a slow machine the second is over within the page: the least of some is what it asks.
    """
    counts = []
    for _ in range(4):
        with CaptureQueriesContext(connection) as asked:
            whole(client, address)
        counts.append(len(asked))
    return min(counts)


def test_the_page_lists_the_worst_first_and_leads_to_the_rows(source, world):
    several(3, world)
    load(source, BAD)
    client = world.client(STEWARD)
    body = whole(client, "/console/sources/quality/")

    assert body.index("Báo cáo ca bệnh") < body.index("Nguồn 2")
    assert "Đọc 5 dòng: 2 dòng sai quy tắc" in body
    page = whole(client, reverse("ingest:source", args=[source]))
    assert "Chất lượng số liệu" in page and "Diễn biến 12 tháng" in page
    link = page.split("code=unknown_unit")[0].rsplit('href="', 1)[1] + "code=unknown_unit"
    assert "99999" in whole(client, link.replace("&amp;", "&"))


def test_filters_narrow_and_nonsense_is_this_month(source, world):
    several(2, world)
    client = world.client(STEWARD)
    body = whole(client, "/console/sources/quality/?sector=moi-truong")
    assert "Nguồn 1" in body and "Báo cáo ca bệnh" not in body
    assert "Nguồn 1" not in whole(client, "/console/sources/quality/?unit=25747")
    assert "Nguồn 1" not in whole(client, "/console/sources/quality/?unit=khong-co")
    for nonsense in (
        "kind=x&period=2026-99",
        "period=9999-12",
        "period=0000-00",
        "kind=day&period=-",
    ):
        assert "Nguồn 1" in whole(client, f"/console/sources/quality/?{nonsense}")


def test_a_dataset_and_a_unit_lead_to_their_sources(source, world):
    load(source, BAD)
    client = world.client(STEWARD)
    for by, narrowed in (("dataset", "dataset=ca-benh"), ("unit", "unit=74.STNMT")):
        body = whole(client, f"/console/sources/quality/?by={by}")
        assert "Trung bình của 1/1 nguồn" in body and narrowed in body
        assert "Báo cáo ca bệnh" in whole(client, f"/console/sources/quality/?{narrowed}")


def test_the_export_runs_nothing_in_a_spreadsheet(source, world):
    ingest.change_source(source=source, title="=1+1", by=SYSTEM)
    text = whole(world.client(STEWARD), "/console/sources/quality/?format=csv")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))

    assert rows[0][:5] == ["Từng nguồn", "Ghi chú", "Kỳ", "Đúng", "Đúng: căn cứ"]
    assert rows[1][0] == "'=1+1" and rows[1][3] == "không đủ căn cứ"


def test_the_route_tells_the_same(source, world, client):
    load(source, BAD)
    key = {"authorization": f"Bearer {world.key(STEWARD)}"}
    told = client.get("/api/v1/quality?unit=74.STNMT", headers=key).json()

    assert told["total"] == 1 and set(told["meanings"]) == set(rules.WORDS)
    one = told["sources"][0]
    assert (one["source"], one["unit"]) == (source, "74.STNMT")
    assert [score["word"] for score in one["scores"]] == list(rules.WORDS)
    assert one["scores"][0]["value"] == 20 and one["scores"][1]["value"] is None


def test_a_ward_s_officer_meets_nothing_of_a_department(source, world):
    load(source, BAD)
    for address in ADDRESSES:
        body = whole(world.client("canbo.phucuong"), address)
        assert "Báo cáo ca bệnh" not in body and source not in body, address
        assert world.client("nguoila").get(address).status_code == 403


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(["day", "month", ""]))
def test_any_query_names_a_period_that_has_begun(period, unit, kind):
    now = local("2026-11-23T10:00")
    read = quality.asked({"period": period, "unit": unit, "kind": kind}, now)
    assert read.period.start <= now and read.period.kind in ("day", "month")
