"""The wizard: who may do what, a list read from a file, the way from draft to undone."""

from datetime import timedelta
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from haidang.foundation.org import api as org
from haidang.foundation.org.models import ChangeSet
from haidang.foundation.org.queries import changes as known
from haidang.foundation.org.rules import change_table
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
DAY = timezone.localdate() - timedelta(days=30)
LEVELS = {"province": "Tỉnh", "district": "Huyện", "commune": "Xã", "room": "Phòng"}
LINES = """Mã đơn vị;Việc;Thành mã;Phần chuyển;Căn cứ chia;Khu phố, ấp chuyển;Tên đầy đủ mới;Tên ngắn mới;Cấp;Trực thuộc mã
25747;Nhập;25747;12.500;dân số;;Phường Thủ Dầu Một;Thủ Dầu Một;;74
25741;Chia;25747;3.000,5;dân số;"KP 1; KP 2"
25741;Chia;90001;9000;;;Phường Dĩ An Mới;Dĩ An Mới;Xã;74
25942;;90001
718;Bãi bỏ;74
724;Bãi bỏ;74
"""  # noqa: E501 - a file as it is uploaded


@pytest.fixture
def world() -> World:
    return build_world()


def uploaded(client: Client, name: str = "ds.csv", content: bytes = LINES.encode()) -> object:
    file = SimpleUploadedFile(name, content)
    said = {"title": "Sắp xếp 2025", "on": DAY.isoformat(), "file": file}
    return client.post(reverse("org:prepare_changes"), said)


def draft(world: World) -> int:
    uploaded(world.client("quantri"))
    return ChangeSet.objects.get().pk


def press(world: World, who: str, page: str, made: int, **said: str) -> str:
    answer = world.client(who).post(reverse(f"org:{page}", args=[made]), said, follow=True)
    return answer.content.decode()


def test_a_list_becomes_a_plan(world: World) -> None:
    plan = known.plan_of(known.change_set(draft(world)))

    split = next(one for one in plan.changes if one.unit == "25741")
    assert [(part.target, part.size) for part in split.parts] == [
        ("25747", 3000.5),
        ("90001", 9000),
    ]
    assert {row.code: (row.name, row.level, row.parent) for row in plan.after} == {
        "25747": ("Phường Thủ Dầu Một", "commune", "74"),
        "90001": ("Phường Dĩ An Mới", "commune", "74"),
    }
    assert {one.unit: one.kind for one in plan.changes}["25942"] == "merge"


def test_a_list_written_out_says_the_same_when_it_is_read_again(world: World) -> None:
    plan = known.plan_of(known.change_set(draft(world)))

    rows = [list(change_table.HEADER), *change_table.written(plan.changes, plan.after, LEVELS)]
    read = change_table.read(rows, known.standing(DAY), LEVELS)

    assert not read.problems
    assert tuple(read.changes) == plan.changes
    assert sorted(read.after, key=lambda row: row.code) == list(plan.after)


def test_a_workbook_is_read_like_a_text(world: World) -> None:
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Danh sách kèm theo Tờ trình"])
        sheet.write_row(2, 0, ["Mã đơn vị", "Việc", "Thành mã", "Phần chuyển"])
        sheet.write_row(3, 0, [25942, "Nhập", 25741, 1250.5])

    uploaded(world.client("quantri"), "ds.xlsx", kept.getvalue())

    [change] = known.plan_of(ChangeSet.objects.get()).changes
    assert (change.unit, change.parts[0].target, change.parts[0].size) == ("25942", "25741", 1250.5)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "Xã;Tên\n1;2".encode(), "Không thấy dòng tiêu đề"),
        ("a.csv", b"\xff\xfe\x00", "Không đọc được tệp"),
        ("a.xlsx", b"not a workbook", "Không đọc được tệp"),
        ("a.csv", "Mã đơn vị;Việc;Thành mã;Phần chuyển\n25942;Gộp;25741;x".encode(), "Dòng 2"),
        ("a.csv", "Mã đơn vị;Thành mã\n11111;25741".encode(), "không có đơn vị mang mã này"),
    ],
)
def test_a_bad_list_is_refused_with_its_place(
    world: World, name: str, content: bytes, words: str
) -> None:
    answer = uploaded(world.client("quantri"), name, content)

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words in answer.content.decode()  # type: ignore[attr-defined]
    assert not ChangeSet.objects.exists()


def test_a_set_goes_from_draft_to_undone(world: World) -> None:
    made = draft(world)
    shown = world.client("giamdoc.ioc").get(reverse("org:change_set", args=[made]))
    assert "trước là Phường Phú Cường" in shown.content.decode()
    assert "Ngô Hoàng Nam: Cán bộ nhập liệu" in shown.content.decode()

    assert "Đã duyệt" in press(world, "giamdoc.ioc", "approve_changes", made)
    assert "Đã áp dụng" in press(world, "quantri", "apply_changes", made)
    assert org.unit("25747").name == "Phường Thủ Dầu Một"
    assert "Hãy ghi lý do" in press(world, "quantri", "undo_changes", made)
    assert "Đã hoàn tác" in press(world, "quantri", "undo_changes", made, reason="Nhầm ngày")
    assert org.unit("25747").name == "Phường Phú Cường"
    assert "Đã trả về bản thảo" in press(world, "quantri", "reopen_changes", made, reason="Sửa")


def test_one_change_is_added_and_dropped_by_hand(world: World) -> None:
    client = world.client("quantri")
    client.post(reverse("org:prepare_changes"), {"title": "Đổi tên", "on": DAY.isoformat()})
    made = ChangeSet.objects.get().pk

    press(world, "quantri", "add_change", made, unit="25942", kind="split", measure="places",
          parts="25741 | | KP 1, KP 2\n25747 | 3")  # fmt: skip
    [change] = known.plan_of(known.change_set(made)).changes
    assert [part.target for part in change.parts] == ["25741", "25747"]
    press(world, "quantri", "add_change", made, unit="25942", kind="rename", measure="population",
          parts="25942", name="Phường Mới", short_name="Mới")  # fmt: skip
    plan = known.plan_of(known.change_set(made))
    assert [(row.code, row.name, row.parent) for row in plan.after] == [
        ("25942", "Phường Mới", "724")
    ]
    press(world, "quantri", "drop_change", made, unit="25942")
    assert known.plan_of(known.change_set(made)).changes == ()


def test_another_day_may_be_chosen_while_it_is_a_draft(world: World) -> None:
    made = draft(world)

    press(world, "quantri", "set_change_day", made, on="2025-07-01")

    assert str(known.change_set(made).on) == "2025-07-01"
    assert "không hợp lệ" in press(world, "quantri", "set_change_day", made, on="hôm qua")


def test_problems_stand_on_the_page_and_keep_the_approval_away(world: World) -> None:
    content = "\n".join(LINES.splitlines()[:-3]).encode()
    uploaded(world.client("quantri"), content=content)
    made = ChangeSet.objects.get().pk

    shown = world.client("giamdoc.ioc").get(reverse("org:change_set", args=[made]))
    assert "phải sửa trước khi duyệt" not in shown.content.decode()
    press(world, "quantri", "add_change", made, unit="718", kind="merge", measure="population",
          parts="99999")  # fmt: skip

    shown = world.client("giamdoc.ioc").get(reverse("org:change_set", args=[made]))
    assert "phải sửa trước khi duyệt" in shown.content.decode()
    assert reverse("org:approve_changes", args=[made]) not in shown.content.decode()
    assert "Đợt sắp xếp còn chỗ chưa đúng" in press(world, "giamdoc.ioc", "approve_changes", made)


@pytest.mark.parametrize("who", ["chutich", "truc1", "canbo.phucuong", "nguoila"])
def test_a_draft_is_seen_by_those_alone_who_take_part(world: World, who: str) -> None:
    made = draft(world)

    client = world.client(who)
    assert client.get(reverse("org:change_set", args=[made])).status_code == 403
    for page in ("approve_changes", "apply_changes", "undo_changes", "discard_changes"):
        assert client.post(reverse(f"org:{page}", args=[made])).status_code == 403
    if who != "nguoila":
        assert "Sắp xếp 2025" not in client.get(reverse("org:change_sets")).content.decode()


def test_the_director_approves_but_does_not_prepare(world: World) -> None:
    made = draft(world)
    client = world.client("giamdoc.ioc")

    assert client.post(reverse("org:apply_changes", args=[made])).status_code == 403
    assert world.client("quantri").post(
        reverse("org:approve_changes", args=[made])
    ).status_code == 403  # fmt: skip


def test_the_page_of_an_ended_unit_leads_to_its_successors(world: World) -> None:
    made = draft(world)
    press(world, "giamdoc.ioc", "approve_changes", made)
    press(world, "quantri", "apply_changes", made)

    shown = world.client("chutich").get(reverse("org:unit", args=["25741"])).content.decode()

    assert "Đơn vị này không còn" in shown
    assert reverse("org:unit", args=["90001"]) in shown
