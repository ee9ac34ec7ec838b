"""Pages and routes: what they show, what they cost, and who may not enter."""

from datetime import timedelta

import pytest
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.models import PendingValue, Proposal, Target, Threshold
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
LIST = "/console/indicators/"
PAGE = "/console/indicators/tiem-chung/25747/"
PROVINCE = "/console/indicators/tiem-chung/74/"


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    moment = timezone.now().replace(day=1) - timedelta(days=3)
    rows = [
        indicators.ReportedValue("tiem-chung", built.unit(unit), moment, value)
        for unit, value in [("25747", 96), ("25741", 80), ("25942", 91)]
    ]
    indicators.take_over(rows, approved_by=SYSTEM, lineage="report:1")
    return built


@pytest.mark.parametrize(
    "path",
    [
        LIST,
        PAGE,
        f"{PAGE}lineage/",
        f"{PAGE}report/",
        f"{PAGE}propose/threshold/",
        f"{LIST}approvals/",
        "/api/v1/indicators",
        "/api/v1/indicators/tiem-chung/figure?unit=25747",
        "/api/v1/indicators/tiem-chung/series?unit=25747",
    ],
)
def test_strangers_and_clerks_of_elsewhere_do_not_enter(world, client, path) -> None:
    assert client.get(path).status_code in (302, 401)
    assert world.client("nguoila").get(path).status_code == 403
    if "25747" in path:
        assert world.client("canbo.dian").get(path).status_code == 403


def test_a_commune_officer_sees_his_commune_alone(world) -> None:
    client = world.client("canbo.phucuong")

    assert client.get(PAGE).status_code == 200
    assert client.get(PROVINCE).status_code == 403
    assert client.get(LIST).context["unit"].code == "25747"


def test_a_department_sees_its_sector_alone(world) -> None:
    body = world.client("thongke.stnmt").get("/api/v1/indicators").json()

    assert {one["sector"] for one in body["items"]} == {"moi-truong"} or body["total"] > 0
    figure = world.client("thongke.stnmt").get("/api/v1/indicators/tiem-chung/figure?unit=74")
    assert figure.status_code == 403


def test_the_list_is_searched_without_accents_and_filtered(world) -> None:
    client = world.client("chutich")

    found = client.get(LIST, {"q": "tiem chung"}).context["page"].object_list
    assert [line.figure.indicator for line in found] == ["tiem-chung"]
    assert client.get(LIST, {"sector": "y-te", "state": "critical"}).status_code == 200
    assert client.get(LIST, {"sort": "-name", "page": 2}).status_code == 200


def test_the_list_is_exported_with_its_figures(world) -> None:
    answer = world.client("chutich").get(LIST, {"unit": "25747", "q": "tiêm", "format": "csv"})

    text = b"".join(answer.streaming_content).decode()
    assert "tiem-chung" in text
    assert "96.0" in text


def test_the_page_of_a_figure_shows_course_ranking_and_lineage(world) -> None:
    client = world.client("chutich")

    page = client.get(PROVINCE)
    text = page.content.decode()
    assert "Trẻ em tiêm chủng đầy đủ" in text
    assert "ước tính" in text
    ranked = client.get("/console/indicators/tiem-chung/718/").context["ranking"]
    assert [(one.place, one.figure.value) for one in ranked] == [(1, 96), (2, 80)]
    assert client.get(f"{PROVINCE}lineage/").status_code == 200
    assert client.get(f"{PROVINCE}revisions/").status_code == 200
    assert client.get(PROVINCE, {"format": "csv"}).status_code == 200


def test_twelve_figures_cost_as_many_queries_as_two(world, django_assert_max_num_queries) -> None:
    codes = [one.code for one in indicators.indicators(access.EVERYTHING)]
    pairs = [(code, world.unit("74")) for code in codes[:12]]
    indicators.figures(pairs[:1], access.EVERYTHING)

    with django_assert_max_num_queries(8):
        assert len(indicators.figures(pairs, access.EVERYTHING)) == 12


def test_a_value_is_entered_and_approved_on_the_pages(world) -> None:
    typist, approver = world.client("canbo.phucuong"), world.client("chutich.phucuong")
    today = timezone.localdate().isoformat()

    bad = typist.post(f"{PAGE}report/", {"period": today, "value": "xx", "status": "official"})
    assert bad.status_code == 422
    sent = typist.post(f"{PAGE}report/", {"period": today, "value": "97,5", "status": "official"})
    assert sent.status_code == 302
    pending = PendingValue.objects.get()
    chosen = {"id": [pending.pk], "decision": "accept"}
    assert typist.post(f"{LIST}approvals/values/", chosen).status_code == 403
    assert f'name="id" value="{pending.pk}"' in approver.get(f"{LIST}approvals/").content.decode()
    assert 'name="id"' not in typist.get(f"{LIST}approvals/").content.decode()
    approver.post(f"{LIST}approvals/values/", {"decision": "accept"})
    pending.refresh_from_db()
    assert pending.decided_at is None, "nothing was chosen"
    approver.post(f"{LIST}approvals/values/", chosen)

    figure = approver.get("/api/v1/indicators/tiem-chung/figure?unit=25747").json()
    assert (figure["value"], figure["status"], figure["source_type"]) == (
        97.5,
        "official",
        "manual",
    )


def _definer(world: World) -> str:
    for name in world.accounts:
        if world.scope(name).allows("indicators.define", world.unit("74"), "y-te"):
            return name
    raise AssertionError("nobody may define")


def test_a_threshold_changes_by_two_persons_from_its_day_on(world) -> None:
    deciders = [
        name
        for name in world.accounts
        if world.scope(name).allows("indicators.decide", world.unit("74"), "y-te")
    ]
    proposer = _definer(world)
    start = timezone.localdate()
    given = {
        "start": start.isoformat(), "everywhere": "on", "basis": "value",
        "watch": "95", "critical": "92",
        "hysteresis": "0", "minimum_seconds": "0", "reason": "Chỉ tiêu năm mới",
    }  # fmt: skip

    sent = world.client(proposer).post(f"{PROVINCE}propose/threshold/", given)
    assert sent.status_code == 302
    proposal = Proposal.objects.get()
    own = world.client(proposer).post(
        f"{LIST}approvals/proposals/{proposal.pk}/", {"decision": "accept"}
    )
    assert own.status_code == 403
    decider = next(name for name in deciders if name != proposer)
    assert proposal.content["watch"] == 95
    world.client(decider).post(f"{LIST}approvals/proposals/{proposal.pk}/", {"decision": "accept"})

    assert Proposal.objects.get().is_accepted
    newest = Threshold.objects.filter(indicator__code="tiem-chung").order_by("-pk").first()
    assert (newest.level, newest.critical, newest.valid.lower) == ("province", 92, start)


def _decided(world: World, path: str, given: dict[str, str]) -> str:
    """Propose and accept on the pages, by two persons; return the page of what waited."""

    def holder(capability: str, other: str = "") -> str:
        return next(
            name
            for name in world.accounts
            if name != other and world.scope(name).allows(capability, world.unit("25747"), "y-te")
        )

    proposer = holder("indicators.define")
    decider = holder("indicators.decide", proposer)
    sent = world.client(proposer).post(path, given)
    assert sent.status_code == 302, sent.content.decode()
    page = world.client(decider).get(f"{LIST}approvals/").content.decode()
    proposal = Proposal.objects.get(decided_at__isnull=True)
    answer = {"decision": "accept"}
    world.client(decider).post(f"{LIST}approvals/proposals/{proposal.pk}/", answer)
    proposal.refresh_from_db()
    assert proposal.is_accepted
    return page


def test_a_proposal_starts_from_the_threshold_in_force(world) -> None:
    form = world.client(_definer(world)).get(
        f"{LIST}giai-ngan/74/propose/threshold/"
    ).context["form"]  # fmt: skip
    assert (form["basis"].value(), form["hysteresis"].value()) == ("pace", 0.5)
    assert (form["watch"].value(), form["critical"].value()) == (-5, -10)
    assert "watch_low" not in form.fields


def test_each_issuer_s_plan_has_its_own_ratio_and_changes_by_two_persons(world) -> None:
    year = (timezone.localdate().replace(day=1) - timedelta(days=3)).year
    plan = {
        "kind": "amount", "start": f"{year}-01-01", "end": f"{year + 1}-01-01",
        "reason": "Quyết định mới", "legal_basis": "NQ 1/NQ-HĐND",
    }  # fmt: skip
    for issuer, amount, rank in (("TTg", "128", "1"), ("HĐND", "90,5", "2"), ("HĐND", "120", "2")):
        said = {"issuer": issuer, "amount": amount, "rank": rank}
        page = _decided(world, f"{PAGE}propose/target/", plan | said)
        for word in (issuer, amount, f"01/01/{year}", "NQ 1/NQ-HĐND"):
            assert word in page

    figure = indicators.figure("tiem-chung", world.unit("25747"), access.EVERYTHING)
    ratios = {one.issuer: one.ratio for one in figure.targets}
    assert (ratios["TTg"], ratios["HĐND"], figure.value) == (75, 80, 96)
    assert figure.expected_pace is not None
    replaced = Target.objects.filter(issuer="HĐND", replaced_at__isnull=False, amount="90.5")
    assert replaced.count() == 1


def test_the_series_and_the_figure_are_served_as_json(world) -> None:
    client = world.client("chutich")

    points = client.get("/api/v1/indicators/tiem-chung/series?unit=25747").json()["points"]
    assert [point["value"] for point in points] == [96]
    missing = client.get("/api/v1/indicators/khong-co/figure")
    assert missing.status_code == 404
    assert missing["Content-Type"].startswith("application/problem+json")


def test_many_values_are_entered_and_decided_over_the_api(world) -> None:
    typist, approver = world.client("canbo.phucuong"), world.client("chutich.phucuong")
    months = ["2025-01-15", "2025-02-15"]
    values = [{"unit": "25747", "period": month, "value": 95} for month in months]
    address = "/api/v1/indicators/tiem-chung/values/batch"

    twice = {"values": [values[0], values[0]]}
    assert typist.post(address, twice, content_type="application/json").status_code == 422
    made = typist.post(address, {"values": values}, content_type="application/json")
    assert made.status_code == 201
    decision = {"ids": made.json()["ids"], "accept": True}
    decide = "/api/v1/indicator-values/decisions"
    assert typist.post(decide, decision, content_type="application/json").status_code == 403
    assert approver.post(decide, decision, content_type="application/json").status_code == 204

    address = "/api/v1/indicators/tiem-chung/series?unit=25747&start=2025-01-01&end=2025-03-01"
    points = approver.get(address).json()["points"]
    assert [one["value"] for one in points] == [95, 95]
