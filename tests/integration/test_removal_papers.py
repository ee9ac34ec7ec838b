"""What is attached to difficulties goes with the person it names, and as a secret."""

import datetime as dt
import io
import zipfile

import pytest
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.actions import difficulties
from haidang.data.catalogue.api import FieldSpec
from haidang.data.catalogue.models import Difficulty
from haidang.data.ingest import api as ingest
from haidang.data.ingest.tests.test_secrecy import pdf
from haidang.data.protection import api as protection
from haidang.data.protection.models import Removal
from haidang.foundation.access import api as access
from haidang.foundation.core import files
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.testing import run_jobs
from tests.world import World, build_world

PEOPLE = (
    FieldSpec("so", "Số", required=True, key=True),
    FieldSpec("cccd", "Số định danh", personal_data="identity"),
)


@pytest.fixture
def people(db: None) -> World:
    world = build_world()
    owner = world.unit("74.STNMT")
    catalogue.define(dataset="ho-so", title="Hồ sơ", fields=PEOPLE, owner_unit_id=owner, by=SYSTEM)
    ingest.create_source(
        code="ho-so-xa", title="Hồ sơ", kind="file", dataset="ho-so", supplier_unit_id=owner,
        by=SYSTEM,
    )  # fmt: skip
    for who in ("thongke.stnmt", "giamdoc.stnmt"):
        for role in ("data_steward", "data_protection_officer"):
            access.grant(account=world.accounts[who], role=role, unit=world.unit("74"), by=SYSTEM)
    return world


def removed(world: World, what: protection.What) -> Removal:
    asked = protection.ask(
        what=what, reason="Đơn", legal_basis="Luật 91/2025/QH15", document="12/QĐ",
        by=world.scope("thongke.stnmt"),
    )  # fmt: skip
    return approved(world, asked.pk)


def approved(world: World, removal: int) -> Removal:
    protection.approve(removal=removal, by=world.scope("giamdoc.stnmt"))
    run_jobs()
    return Removal.objects.get(pk=removal, state="done")


def attached(world: World, *contents: bytes) -> list[str]:
    """Raise a difficulty with papers; return their contents' names, and the number last."""
    by = world.scope("canbo.phucuong")
    made = difficulties.raise_difficulty(
        kind="connection", title="x", unit=world.unit("25747"), agency=world.unit("74.STNMT"),
        due=timezone.localdate() + dt.timedelta(days=9), by=by,
    )  # fmt: skip
    for content in contents:
        paper = difficulties.Attachment("thu.txt", content)
        difficulties.reply(difficulty=made, kind="reply", text="x", attachment=paper, by=by)
    row = Difficulty.objects.get(pk=made)
    return [*row.entries.exclude(sha256="").order_by("pk").values_list("sha256", flat=True),
            row.number]  # fmt: skip


def test_papers_of_difficulties_go_with_the_person_they_name(people: World) -> None:
    rows = "Số;Số định danh\nH1;074099000111\nH2;074099000222\n"
    ingest.load(source="ho-so-xa", file=rows.encode(), name="a.csv", by=SYSTEM)
    named = "Đề nghị xem lại hồ sơ (số 074099000111), xã ghi nhầm.".encode()
    with zipfile.ZipFile(docx := io.BytesIO(), "w") as book:
        book.writestr("word/document.xml", "<w:p><w:t>Số 0740</w:t><w:t>99000111.</w:t></w:p>")
    printed = pdf("Hồ sơ số 074099000111, xã ghi nhầm.")
    *gone, other, _ = attached(people, named, docx.getvalue(), printed, b"074099000222")
    done = removed(people, protection.person("identity", "074099000111"))

    assert done.preview["originals"]["counts"] == {"tệp gốc": 4}
    assert [files.path(one).exists() for one in gone] == [False] * 3
    assert files.path(other).exists()


def test_a_secret_among_papers_goes_and_does_not_come_again(people: World) -> None:
    secret, number = attached(people, b"an ban mat gui nham")
    body = {"kind": "secret", "difficulty": number, "reason": "x", "legal_basis": "Luật 29/2018",
            "document": "12"}  # fmt: skip
    sent = {"content_type": "application/json"}
    refused = people.client("canbo.phucuong").post("/api/v1/removals", data=body, **sent)
    assert refused.status_code == 403
    asked = people.client("thongke.stnmt").post("/api/v1/removals", data=body, **sent).json()
    assert asked["preview"]["originals"]["counts"] == {"tệp gốc": 1}
    approved(people, asked["id"])

    assert not files.path(secret).exists() and Removal.objects.get().state == "done"
    with pytest.raises(files.RefusedFileError):
        attached(people, b"an ban mat gui nham")
