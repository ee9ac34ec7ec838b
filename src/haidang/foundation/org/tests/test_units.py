from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry, OutboxEvent
from haidang.foundation.org import api as org
from haidang.foundation.org.models import UnitVersion

pytestmark = pytest.mark.django_db
START = date(2020, 1, 1)


@pytest.fixture
def province() -> dict[str, int]:
    org.import_units(
        [
            org.UnitRow("74", "Tỉnh Bình Dương", "Bình Dương", "province", "ubnd"),
            org.UnitRow(
                "718", "Thành phố Thủ Dầu Một", "Thủ Dầu Một", "district", "ubnd", "74",
                aliases=("TDM",),
            ),
            org.UnitRow("724", "Thành phố Dĩ An", "Dĩ An", "district", "ubnd", "74"),
            org.UnitRow(
                "25747", "Phường Phú Cường", "Phú Cường", "commune", "ubnd", "718",
                place=org.Place(10.98, 106.65),
            ),
        ],
        on=START,
        by=SYSTEM,
    )  # fmt: skip
    return org.codes()


def test_a_unit_is_found_by_code_and_by_alias(province: dict[str, int]) -> None:
    assert org.unit("718") == org.unit("TDM")
    assert org.unit("718").name == "Thành phố Thủ Dầu Một"
    with pytest.raises(org.UnitNotFoundError):
        org.unit("nowhere")


def test_the_tree_has_one_root_and_paths_start_there(province: dict[str, int]) -> None:
    assert org.root().code == "74"
    assert [ref.code for ref in org.path(province["25747"])] == ["74", "718", "25747"]
    assert org.subtree(province["718"]) == {province["718"], province["25747"]}
    assert [ref.code for ref in org.children(province["74"])] == ["724", "718"]


def test_search_ignores_accents_and_ranks_exact_ones_first(province: dict[str, int]) -> None:
    assert [ref.code for ref in org.search("thu dau mot")] == ["718"]
    assert [ref.code for ref in org.search("di an")] == ["724"]


def test_a_renamed_unit_keeps_its_old_name_in_the_past(province: dict[str, int]) -> None:
    org.rename(
        unit=province["724"], name="Quận Dĩ An", short_name="Dĩ An", on=date(2025, 1, 1), by=SYSTEM
    )

    assert org.unit("724", on=date(2024, 12, 31)).name == "Thành phố Dĩ An"
    assert org.unit("724", on=date(2025, 1, 1)).name == "Quận Dĩ An"


def test_a_new_name_that_sorts_first_leaves_the_history_in_order(province: dict[str, int]) -> None:
    org.rename(
        unit=province["718"], name="Thành phố An", short_name="An", on=date(2025, 1, 1), by=SYSTEM
    )

    spans = org.history(province["718"])
    assert [span.start for span in spans] == [START, date(2025, 1, 1)]
    for day, first in ((date(2024, 1, 1), "724"), (date(2025, 1, 1), "718")):
        assert org.all_units("district", on=day)[0].code == first


def test_a_moved_unit_stands_under_its_new_parent(province: dict[str, int]) -> None:
    org.move(unit=province["25747"], parent=province["724"], on=date(2025, 1, 1), by=SYSTEM)

    assert org.children(province["724"], on=date(2024, 1, 1)) == []
    assert [ref.code for ref in org.path(province["25747"])] == ["74", "724", "25747"]


def test_no_unit_may_stand_under_its_own_child(province: dict[str, int]) -> None:
    with pytest.raises(org.CircularTreeError):
        org.move(unit=province["718"], parent=province["25747"], on=date(2025, 1, 1), by=SYSTEM)


def test_a_unit_with_children_is_not_dissolved(province: dict[str, int]) -> None:
    with pytest.raises(org.UnitHasChildrenError):
        org.dissolve(unit=province["718"], on=date(2025, 1, 1), by=SYSTEM)


def test_a_dissolved_unit_is_gone_from_lists_but_keeps_its_label(province: dict[str, int]) -> None:
    org.dissolve(unit=province["25747"], on=date(2025, 1, 1), by=SYSTEM)

    assert org.all_units("commune") == []
    assert org.unit("25747").name == "Phường Phú Cường"
    with pytest.raises(org.UnitNotFoundError):
        org.unit("25747", on=date(2025, 1, 1))


def test_the_database_itself_refuses_two_versions_on_one_day(province: dict[str, int]) -> None:
    row = UnitVersion.objects.get(unit=province["718"])
    row.pk, row.valid = None, DateRange(date(2024, 1, 1), date(2024, 2, 1))

    with pytest.raises(IntegrityError, match="unit_has_one_version_a_day"), transaction.atomic():
        row.save()


def test_every_change_is_audited_and_published(province: dict[str, int]) -> None:
    org.rename(
        unit=province["724"], name="Quận Dĩ An", short_name="Dĩ An", on=date(2025, 1, 1),
        by=SYSTEM, reason="Nghị quyết",
    )  # fmt: skip

    entry = AuditEntry.objects.get(action="org.unit_renamed")
    assert (entry.object_id, entry.reason) == (str(province["724"]), "Nghị quyết")
    assert OutboxEvent.objects.filter(name="org.unit_renamed").count() == 1


def test_the_nearest_competent_unit_on_the_way_up_answers(province: dict[str, int]) -> None:
    org.set_competent_unit(
        unit=province["74"], sector="moi-truong", competent=province["724"], on=START, by=SYSTEM
    )

    assert org.competent_unit(province["25747"], "moi-truong").code == "724"
    assert org.competent_unit(province["25747"], "y-te").code == "25747"


def test_a_thousand_questions_inside_a_transaction_cost_no_more_than_their_stamps(
    province: dict[str, int], django_assert_max_num_queries: object
) -> None:
    org.root()
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        org.units(province.values())
        org.all_units("commune")


def test_a_rolled_back_change_is_not_remembered(province: dict[str, int]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        org.rename(unit=province["724"], name="Khác", short_name="Khác", on=START, by=SYSTEM)
        assert org.unit("724").name == "Khác"
        raise RuntimeError

    assert org.unit("724").name == "Thành phố Dĩ An"
