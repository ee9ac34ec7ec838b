"""Who is competent goes along when the map changes, and comes back."""

from datetime import date

import pytest
from django.utils import timezone

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.foundation.org.actions.competences import Competences
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
DAY = date(2025, 7, 1)
PLAN = org.Plan(DAY, changes=(org.Change("25741", "merge", (org.PartRow("25747"),)),))


@pytest.fixture
def world() -> World:
    return build_world()


def competent(world: World, day: date) -> str:
    return org.competent_unit(world.unit("718"), "y-te", day).code


@pytest.mark.parametrize("since", [date(2024, 1, 1), DAY])
def test_an_heir_is_competent_from_the_day_on_and_no_more_after_undoing(world, since) -> None:
    org.set_competent_unit(
        unit=world.unit("718"), sector="y-te", competent=world.unit("25741"), on=since, by=SYSTEM
    )
    found = [(one.title, one.unit, one.heir) for one in Competences().holdings(PLAN)]
    assert found == [("Y tế", "25741", "25747")]
    made = org.draft_changes(title="Sắp xếp", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)

    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    assert competent(world, DAY) == competent(world, timezone.localdate()) == "25747"
    before = competent(world, date(2025, 6, 30))
    assert before == ("25741" if since < DAY else "74.SYT")

    org.undo_changes(change_set=made, by=SYSTEM, reason="nhầm", now=timezone.now())
    assert competent(world, DAY) == competent(world, timezone.localdate()) == "25741"
    assert competent(world, date(2025, 6, 30)) == before


def test_a_later_decision_stands(world: World) -> None:
    org.set_competent_unit(
        unit=world.unit("718"), sector="y-te", competent=world.unit("25741"),
        on=date(2024, 1, 1), by=SYSTEM,
    )  # fmt: skip
    made = org.draft_changes(title="Sắp xếp", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    org.set_competent_unit(
        unit=world.unit("718"), sector="y-te", competent=world.unit("74.SYT"), on=DAY, by=SYSTEM
    )

    org.undo_changes(change_set=made, by=SYSTEM, reason="nhầm", now=timezone.now())

    assert competent(world, timezone.localdate()) == "74.SYT"
