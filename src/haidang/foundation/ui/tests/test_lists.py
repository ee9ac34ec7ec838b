"""Lists: their order, their pages within bounds, their tables."""

import dataclasses
import datetime as dt
import io
from operator import attrgetter

import pytest
from django.test import RequestFactory
from python_calamine import CalamineWorkbook

from haidang.foundation.core.models import AuditEntry
from haidang.foundation.ui import lists
from haidang.foundation.ui.lists import Listing

ENTRIES = Listing(
    file="nhat-ky",
    columns={
        "Số": attrgetter("pk"),
        "Ai": attrgetter("actor_label"),
        "Mã": attrgetter("actor_id"),
        "Lúc": attrgetter("at"),
        "Có": lambda one: one.actor_id is not None,
    },
    sorts={"who": ("actor_label",), "id": ("actor_id",)},
    default="-who",
    per_page=2,
)


def asked(**said):
    return RequestFactory().get("/", said)


@pytest.fixture
def entries(db):
    for at, label in enumerate(["=1+1", "Bình", "An", "Chi", "Dũng"]):
        AuditEntry.objects.create(
            actor_id=at or None, actor_label=label, action="thử", object_type="x", object_id="1"
        )
    return AuditEntry.objects.all()


def test_an_order_is_one_that_is_known_and_what_has_no_value_is_last(entries):
    names = [one.actor_label for one in ENTRIES.sorted(asked(sort="who"), entries)]
    assert names == sorted(names)
    for nonsense in ("", "password", "-", "actor_label"):
        turned = [one.actor_label for one in ENTRIES.sorted(asked(sort=nonsense), entries)]
        assert turned == names[::-1]
    for sort in ("id", "-id"):
        assert [one.actor_id for one in ENTRIES.sorted(asked(sort=sort), entries)][-1] is None


def test_pages_stay_within_bounds_and_say_so(entries, monkeypatch, django_assert_num_queries):
    page = ENTRIES.page(asked(page="3"), ENTRIES.sorted(asked(), entries))
    assert (page.paginator.count, len(page), page.paginator.is_cut) == (5, 1, False)
    monkeypatch.setattr(lists, "LOOKED_AT", 4)
    page = ENTRIES.page(asked(page="99"), ENTRIES.sorted(asked(), entries))
    assert (page.paginator.count, page.number, page.paginator.is_cut) == (4, 2, True)
    costly = dataclasses.replace(ENTRIES, costly=frozenset({"who"}))
    assert costly.sorted(asked(sort="id"), entries).first().actor_id == 1
    usual = [one.pk for one in ENTRIES.sorted(asked(), entries)]
    assert [one.pk for one in costly.sorted(asked(sort="who"), entries)] == usual
    with django_assert_num_queries(2):
        list(ENTRIES.page(asked(), ENTRIES.sorted(asked(), entries)))


@pytest.mark.parametrize(
    ("there", "known", "told"),
    [(3, False, (3, False)), (9, False, (4, True)), (9, True, (9, False)), (4, False, (4, False))],
)
def test_rows_elsewhere_are_counted_no_further_than_is_leafed_through(
    there, known, told, monkeypatch
):
    monkeypatch.setattr(lists, "LOOKED_AT", 4)

    class Elsewhere:
        def counted(self, most):
            return there if known else min(there, most)

        def __getitem__(self, part):
            return list(range(there))[part]

    pages = lists.Bounded(Elsewhere(), 2)
    assert (pages.count, pages.is_cut) == told
    assert list(pages.get_page(2)) == list(range(there))[2:4]


def test_a_table_is_whole_plain_and_says_where_it_was_cut(entries, monkeypatch):
    assert ENTRIES.export(asked(), entries) is None
    rows = ENTRIES.sorted(asked(sort="id"), entries)
    text = b"".join(ENTRIES.export(asked(format="csv"), rows)).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "Số,Ai,Mã,Lúc,Có" and len(lines) == 6
    assert "'=1+1" in lines[5] and lines[5].endswith("không")

    monkeypatch.setattr(lists, "EXPORTED", 3)
    monkeypatch.setattr(lists, "_AT_ONCE", 2)
    file = b"".join(ENTRIES.export(asked(format="xlsx"), rows))
    table = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in table[1:4]] == ["Bình", "An", "Chi"] and len(table) == 5
    assert table[4][0].startswith("Tệp dừng ở 3 dòng")
    assert table[1][3] == f"{dt.datetime.now():%d/%m/%Y}" + table[1][3][10:]


def test_rows_in_memory_are_sorted_and_dressed():
    words = Listing("chu", {"Chữ": str.upper}, {"size": len}, "size")
    assert words.sorted(asked(sort="-size"), ["a", "ccc", "bb"]) == ["ccc", "bb", "a"]
    text = b"".join(words.table("csv", ["a"], lambda rows: [row * 2 for row in rows]))
    assert text.decode("utf-8-sig").split() == ["Chữ", "AA"]
