"""Who hears of a proposed threshold or plan, of its decision, and who reads both afterwards."""

import pytest
from django.utils import timezone

from haidang.foundation.notifications import api as notifications
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.errors import BadProposalError
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
PAGE = "/console/indicators/approvals/"
DEFINER, DECIDER = "quantri", "giamdoc.ioc"


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    return built


def _propose(world: World, reason: str = "Chỉ tiêu năm mới", unit: str = "74") -> int:
    return indicators.propose_threshold(
        indicator="tiem-chung", unit_id=world.unit(unit), level="", start=timezone.localdate(),
        watch=95, critical=92, reason=reason, by=world.scope(DEFINER),
    )  # fmt: skip


def _told(world: World, who: str, kind: str) -> list[notifications.MessageRef]:
    found, _ = notifications.messages(world.accounts[who], limit=50)
    return [one for one in found if one.kind == kind]


def test_those_who_may_decide_are_told_and_the_proposer_is_not(world) -> None:
    proposal = _propose(world)

    [message] = _told(world, DECIDER, "indicators.proposal_waits")
    assert "Trẻ em tiêm chủng đầy đủ" in message.title
    assert "Chỉ tiêu năm mới" in message.body
    assert message.url == f"{PAGE}#proposal-{proposal}"
    assert _told(world, DEFINER, "indicators.proposal_waits") == []
    assert _told(world, "canbo.dian", "indicators.proposal_waits") == []


@pytest.mark.parametrize(("accept", "words"), [(True, "chấp nhận"), (False, "trả lại")])
def test_the_proposer_hears_the_decision_with_its_reason(world, accept, words) -> None:
    proposal = _propose(world)
    indicators.decide_proposal(
        proposal=proposal, accept=accept, by=world.scope(DECIDER), note="Theo QĐ 12/QĐ-UBND"
    )

    [message] = _told(world, DEFINER, "indicators.proposal_decided")
    assert words in message.title
    assert "Theo QĐ 12/QĐ-UBND" in message.body


def test_a_refusal_needs_its_reason(world) -> None:
    with pytest.raises(BadProposalError):
        indicators.decide_proposal(
            proposal=_propose(world), accept=False, by=world.scope(DECIDER), note=" "
        )


def test_what_was_decided_stays_on_the_page_within_the_scope(
    world, django_assert_max_num_queries
) -> None:
    decider = world.client(DECIDER)
    for number in range(21):
        proposal = _propose(world, reason=f"Lý do {number:02}")
        answer = {"decision": "refuse", "note": f"Chưa đủ căn cứ {number:02}"}
        decider.post(f"{PAGE}proposals/{proposal}/", answer)

    with django_assert_max_num_queries(30):
        first = decider.get(PAGE).content.decode()
    second = decider.get(PAGE, {"page": 2}).content.decode()
    assert "Chưa đủ căn cứ 20" in first and "Lý do 20" in first
    assert "Chưa đủ căn cứ 00" not in first and "Chưa đủ căn cứ 00" in second
    assert "Chưa đủ căn cứ 20" in world.client(DEFINER).get(PAGE).content.decode()
    assert "Chưa đủ căn cứ" not in world.client("canbo.dian").get(PAGE).content.decode()
    assert world.client("nguoila").get(PAGE).status_code == 403
