"""The register of difficulties: raised with a clock, talked over, reported, resolved."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.actions import difficulties
from haidang.data.catalogue.errors import DifficultyClosedError, UnknownSubjectError
from haidang.data.catalogue.models import Difficulty
from haidang.data.catalogue.queries import difficulties as known
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry, StoredFile
from haidang.foundation.obligations import api as obligations
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
LIST = "/console/datasets/difficulties/"
ROUTE = "/api/v1/difficulties"


@pytest.fixture
def world() -> World:
    return build_world()


def raised(world: World, who: str = "canbo.phucuong", **more: object) -> int:
    given = {
        "kind": "connection",
        "title": "Không gửi được tệp dân cư",
        "unit": world.unit("25747"),
        "agency": world.unit("74.STNMT"),
        "due": timezone.localdate() + timedelta(days=10),
        "by": world.scope(who),
    }
    return difficulties.raise_difficulty(**(given | more))


def owed(world: World) -> list[str]:
    rows, _ = obligations.due(access.EVERYTHING, now=timezone.now())
    return [row.title for row in rows]


def test_the_agency_owes_an_answer_until_it_is_resolved(world: World) -> None:
    first = raised(world)
    row = Difficulty.objects.get(pk=first)
    assert owed(world) == [f"Tháo gỡ vướng mắc {row.number}: Không gửi được tệp dân cư"]
    assert row.number == f"VM-{timezone.localdate().year}-0001"

    difficulties.reply(
        difficulty=first, kind="meeting", text="Đã họp", document="12/BB",
        by=world.scope("thongke.stnmt"),
    )  # fmt: skip
    difficulties.resolve(difficulty=first, outcome="Gửi được rồi", by=world.scope("canbo.phucuong"))

    assert owed(world) == []
    row.refresh_from_db()
    assert [entry.kind for entry in row.entries.order_by("pk")] == ["raised", "meeting", "resolved"]
    with pytest.raises(DifficultyClosedError):
        difficulties.reply(difficulty=first, kind="reply", text="nữa", by=world.scope("quantri"))


def test_a_paper_with_a_mark_of_secrecy_is_refused_and_nothing_of_it_kept(world: World) -> None:
    one, client = raised(world), world.client("canbo.phucuong")
    kept = set((settings.DATA_DIR / "files").rglob("*"))
    paper = SimpleUploadedFile("thu.txt", "TỐI MẬT\nSố 12/BC".encode())
    page = client.post(
        f"{LIST}{one}/reply/", {"kind": "reply", "text": "x", "file": paper}, follow=True
    )

    assert "“Tối mật”" in page.content.decode()
    assert set((settings.DATA_DIR / "files").rglob("*")) == kept
    assert not StoredFile.objects.exists()
    assert [entry.kind for entry in Difficulty.objects.get().entries.all()] == ["raised"]
    entry = AuditEntry.objects.get(action="catalogue.attachment_refused")
    assert "Tối mật" in entry.reason and entry.actor_id == world.accounts["canbo.phucuong"]


def test_it_may_be_reported_extended_reopened_and_withdrawn(world: World) -> None:
    one, by = raised(world), world.scope("canbo.phucuong")
    later = timezone.localdate() + timedelta(days=30)

    difficulties.reply(difficulty=one, kind="report", text="Xin ý kiến Giám đốc Sở", by=by)
    assert Difficulty.objects.get(pk=one).state == "reported"
    difficulties.extend(difficulty=one, due=later, reason="chờ máy chủ", by=by)
    rows, _ = obligations.due(access.EVERYTHING, now=timezone.now())
    assert timezone.localdate(rows[0].due_at) == later
    difficulties.resolve(difficulty=one, outcome="xong", by=by)
    difficulties.reopen(difficulty=one, due=later, reason="lại lỗi", by=by)
    assert len(owed(world)) == 1
    difficulties.withdraw(difficulty=one, reason="không cần nữa", by=by)
    assert owed(world) == []


def test_who_may_not(world: World) -> None:
    one = raised(world, sector="y-te")
    with pytest.raises(NotAllowedError):
        raised(world, who="canbo.dian")
    with pytest.raises(NotAllowedError):
        difficulties.reply(difficulty=one, kind="reply", text="a", by=world.scope("canbo.dian"))
    with pytest.raises(NotAllowedError):  # the agency does not say that it is cleared
        difficulties.resolve(difficulty=one, outcome="a", by=world.scope("thongke.stnmt"))
    assert world.client("nguoila").get(LIST).status_code == 403
    assert world.client("canbo.dian").get(f"{LIST}{one}/").status_code == 404
    assert world.client("canbo.dian").get(f"{ROUTE}/{one}").status_code == 404
    assert known.visible(world.scope("canbo.dian")).count() == 0
    assert known.visible(world.scope("thongke.stnmt")).count() == 1
    assert known.visible(world.scope("giamdoc.ioc")).count() == 1


def test_it_is_about_a_dataset_that_the_raiser_may_see(world: World) -> None:
    fields = [catalogue.FieldSpec("a", "A", "integer", key=True)]
    catalogue.define(
        dataset="dan-cu", title="Dân cư", fields=fields, owner_unit_id=world.unit("74"), by=SYSTEM
    )
    with pytest.raises(UnknownSubjectError):
        raised(world, subject_kind="dataset", subject="no-such")
    with pytest.raises(UnknownSubjectError):
        raised(world, subject_kind="nothing", subject="dan-cu")

    one = raised(
        world, who="giamdoc.ioc", unit=world.unit("74.IOC"), subject_kind="dataset",
        subject="dan-cu",
    )  # fmt: skip
    page = world.client("giamdoc.ioc").get(f"{LIST}{one}/").content.decode()
    assert 'href="/console/datasets/dan-cu/"' in page


def test_the_way_through_the_pages(world: World) -> None:
    clerk, agency = world.client("canbo.phucuong"), world.client("thongke.stnmt")
    due = timezone.localdate() + timedelta(days=5)
    said = {
        "kind": "quality", "title": "Thiếu cột", "unit": "25747", "agency": "74.STNMT",
        "due": due.isoformat(), "proposal": "Thêm cột",
    }  # fmt: skip
    page = clerk.post(f"{LIST}new/", said, follow=True).content.decode()
    assert "Thêm cột" in page
    one = Difficulty.objects.get().pk

    paper = SimpleUploadedFile("bien-ban.pdf", b"minutes")
    answer = {"kind": "meeting", "text": "Đã họp", "document": "5/BB", "file": paper}
    page = agency.post(f"{LIST}{one}/reply/", answer, follow=True).content.decode()
    assert "bien-ban.pdf" in page
    entry = Difficulty.objects.get().entries.last()
    handed = clerk.get(f"{LIST}{one}/entries/{entry.pk}/")
    assert b"".join(handed.streaming_content) == b"minutes"

    assert clerk.post(f"{LIST}{one}/resolve/", {"said": "đã đủ cột"}).status_code == 302
    assert Difficulty.objects.get().outcome == "đã đủ cột"
    assert (
        "thieu cot" and "Thiếu cột" in clerk.get(f"{LIST}?q=thieu+cot&state=any").content.decode()
    )
    export = b"".join(clerk.get(f"{LIST}?format=csv&state=any").streaming_content).decode()
    assert "đã đủ cột" in export
    assert clerk.get(f"{LIST}guide/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"due": "2020-01-01"}, "Thời hạn phải sau hôm nay"),
        ({"subject": "khong-co"}, "Không có nguồn hoặc bộ dữ liệu"),
        ({"unit": "25942"}, "lựa chọn"),
        ({"title": ""}, ""),
    ],
)
def test_what_is_wrong_is_said(world: World, wrong: dict[str, str], sentence: str) -> None:
    due = timezone.localdate() + timedelta(days=5)
    said = {
        "kind": "quality", "title": "Thiếu cột", "unit": "25747", "agency": "74.STNMT",
        "due": due.isoformat(),
    }  # fmt: skip
    answer = world.client("canbo.phucuong").post(f"{LIST}new/", said | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Difficulty.objects.exists()


def test_other_programs_raise_and_resolve(world: World) -> None:
    client = world.client("canbo.phucuong")
    due = timezone.localdate() + timedelta(days=5)
    said = {
        "kind": "support", "title": "Xin khóa API", "unit": "25747", "agency": "74.IOC",
        "due": due.isoformat(),
    }  # fmt: skip
    made = client.post(ROUTE, said, content_type="application/json")
    assert made.status_code == 201, made.content
    one = made.json()["id"]
    body = {"kind": "reply", "text": "đã cấp"}
    director = world.client("giamdoc.ioc")
    added = director.post(f"{ROUTE}/{one}/entries", body, content_type="application/json")
    assert [entry["kind"] for entry in added.json()["entries"]] == ["raised", "reply"]
    end = client.post(f"{ROUTE}/{one}/resolve", {"said": "ok"}, content_type="application/json")
    assert end.json()["state"] == "resolved"
    assert client.get(ROUTE).json()["total"] == 0
    assert client.get(f"{ROUTE}?state=any").json()["total"] == 1
    again = client.post(f"{ROUTE}/{one}/resolve", {"said": "x"}, content_type="application/json")
    assert again.status_code in (400, 409, 422)


def test_a_list_costs_the_same_for_any_number(world: World, django_assert_max_num_queries) -> None:
    client = world.client("giamdoc.ioc")
    for _ in range(12):
        raised(world)
    client.get(LIST)
    with django_assert_max_num_queries(16):
        client.get(LIST)
