"""What the law removes is gone from every store, stays gone, and the tombstone tells nothing."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xlsxwriter
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions.removal import originals, waiting
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.protection import api as protection
from haidang.data.protection.actions import carrying, ledger, replaying
from haidang.data.protection.models import Erased, Removal
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import purging
from haidang.foundation.access import api as access
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core import files
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.core.testing import run_jobs
from tests.world import World, build_world

PEOPLE = (
    FieldSpec("ma_ho", "Mã hộ", required=True, key=True),
    FieldSpec("ten", "Họ tên", personal_data="name"),
    FieldSpec("cccd", "Số định danh", personal_data="identity"),
    FieldSpec("xa", "Phường, xã", "unit", required=True),
    FieldSpec("benh", "Bệnh", personal_data="health"),
)
HEAD = "Mã hộ;Họ tên;Số định danh;Phường, xã;Bệnh\n"
ZUNG = "H1;Trần Zũng;074099000111;25747;sốt zz\n"
OTHER = "H2;Lê Bình;074099000222;25741;\n"
WAITS = "H3;Trần Zũng;074099000111;99999;sốt zz\n"
SECRETS = ("074099000111", "Zũng", "sốt zz")
PURPOSE = "purpose=Giải quyết đơn số 12"


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def people(world: World) -> World:
    catalogue.define(
        dataset="ho-so", title="Hồ sơ hộ", fields=PEOPLE, owner_unit_id=world.unit("74.STNMT"),
        by=SYSTEM,
    )  # fmt: skip
    ingest.create_source(
        code="ho-so-xa", title="Hồ sơ của xã", kind="file", dataset="ho-so",
        supplier_unit_id=world.unit("74.STNMT"), by=SYSTEM,
    )  # fmt: skip
    for who, role in (
        ("thongke.stnmt", "data_steward"),
        ("giamdoc.stnmt", "data_steward"),
        ("giamdoc.stnmt", "data_protection_officer"),
        ("truongca", "auditor"),
    ):
        access.grant(account=world.accounts[who], role=role, unit=world.unit("74"), by=SYSTEM)
    return world


def load(text: str, name: str = "ho-so.csv", key: str | None = None) -> ingest.Receipt:
    return ingest.load(
        source="ho-so-xa", file=text.encode(), name=name, by=SYSTEM, idempotency_key=key
    )


def ask(world: World, what: protection.What, **more: Any) -> Removal:
    return protection.ask(
        what=what, reason="Đơn của công dân", legal_basis="Luật 91/2025/QH15", document="12/QĐ",
        by=world.scope("thongke.stnmt"), **more,
    )  # fmt: skip


def remove(world: World, what: protection.What, **more: Any) -> Removal:
    asked = ask(world, what, **more)
    protection.approve(removal=asked.pk, by=world.scope("giamdoc.stnmt"))
    run_jobs()
    asked.refresh_from_db()
    assert asked.state == Removal.State.DONE
    return asked


def places_of(word: str) -> list[str]:
    """Every place, in the data folder and in the database, that still holds a word."""
    found = []
    for path in Path(settings.DATA_DIR).rglob("*"):
        if path.is_file() and "static" not in path.parts and _holds(path, word):
            found.append(str(path.relative_to(settings.DATA_DIR)))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == MigrationRecorder.Migration._meta.db_table:
                continue
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE strpos(t::text, %s) > 0', [word]
            )
            count = cursor.fetchone()[0]
            found += [f"{table}: {count}"] if count else []
    return found


def _holds(path: Path, word: str) -> bool:
    if word.encode() in path.read_bytes():
        return True
    if path.suffix == ".parquet":
        return word in str(pq.read_table(path).to_pylist())
    return bool(
        path.read_bytes()[:4] == b"PK\x03\x04" and word in str(list(originals._of_book(path)))
    )


def test_a_person_leaves_every_store_and_the_tombstone_discloses_nothing(people: World) -> None:
    first = load(HEAD + ZUNG + OTHER + WAITS)
    load(HEAD + ZUNG.replace("sốt zz", "ho zz") + OTHER, "lan-2.csv")
    row = QuarantinedRow.objects.get()
    values = {**row.raw, "xa": "25747", "ten": "Trần Zũng sửa"}
    ingest.mend(row=row.pk, values=values, by=people.scope("thongke.stnmt"))
    assert all(places_of(word) for word in SECRETS)

    asked = ask(people, protection.person("identity", "0740 9900 0111"))
    assert "074099000111" not in str(vars(asked)) and "•••111" in asked.shown
    assert {name: sum(one["counts"].values()) for name, one in asked.preview.items()} == {
        "journals": 0, "parked": 0, "originals": 2, "waiting": 1, "lake": 4,
    }  # fmt: skip
    with pytest.raises(NotAllowedError):
        protection.approve(removal=asked.pk, by=people.scope("thongke.stnmt"))
    protection.approve(removal=asked.pk, by=people.scope("giamdoc.stnmt"))
    run_jobs()

    for word in (*SECRETS, "ho zz"):
        assert places_of(word) == []
    assert places_of("074099000222")  # another person's rows and files are as they were
    with files.open_stored(Run.objects.get(pk=first.run_id).file_id or "") as kept:
        assert kept.read().decode().splitlines()[1:3] == [
            "đã xóa theo yêu cầu của pháp luật", OTHER.strip(),
        ]  # fmt: skip
    row.refresh_from_db()
    assert (row.state, row.first_code) == ("discarded", "removed")
    entry = AuditEntry.objects.get(action="protection.removal_done")
    assert entry.changes["lake"] == {"dòng của ho-so": 2}
    assert warehouse.rows("ho-so", scope=EVERYTHING, columns=["ma_ho"]).rows == [("H2",)]
    page = people.client("thongke.stnmt").get(f"/console/sources/runs/{first.run_id}/")
    assert "đã xóa theo yêu cầu của pháp luật" in page.content.decode()


def test_the_same_person_is_refused_again_and_nothing_of_it_is_kept(people: World) -> None:
    load(HEAD + ZUNG + OTHER)
    remove(people, protection.person("identity", "074099000111"))

    again = load(HEAD + ZUNG + OTHER + WAITS, "lan-2.csv")
    run_jobs()

    assert (again.read, again.accepted, again.quarantined, again.duplicate) == (3, 0, 2, 1)
    assert {row.first_code for row in QuarantinedRow.objects.filter(run=again.run_id)} == {
        "removed"
    }
    assert all(places_of(word) == [] for word in SECRETS)


def test_where_the_policy_lets_it_the_same_may_come_again(people: World) -> None:
    load(HEAD + ZUNG + OTHER)
    remove(people, protection.person("identity", "074099000111"), refuses=False)

    assert load(HEAD + ZUNG, "lan-2.csv").accepted == 1


def test_a_secret_goes_with_its_file_its_name_and_is_refused_by_its_content(people: World) -> None:
    load(HEAD + OTHER, "truoc.csv")
    receipt = load(HEAD + ZUNG + OTHER + WAITS, "kế hoạch zz.csv")
    remove(people, protection.run("ho-so", [receipt.run_id], is_secret=True))

    for word in (*SECRETS, "kế hoạch zz"):
        assert places_of(word) == []
    assert warehouse.rows("ho-so", scope=EVERYTHING, columns=["ma_ho"]).rows == [("H2",)]
    with pytest.raises(files.RefusedFileError, match="không nhận lại"):
        load(HEAD + ZUNG + OTHER + WAITS, "tên khác.csv")
    answer = people.client("giamdoc.stnmt").get(
        f"/console/sources/runs/{receipt.run_id}/original/?{PURPOSE}"
    )
    assert answer.status_code == 404
    assert "đã xóa theo yêu cầu của pháp luật" in answer.content.decode()


def test_rows_go_by_their_keys_and_a_workbook_goes_whole(people: World) -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for at, line in enumerate((HEAD, ZUNG, OTHER)):
            sheet.write_row(at, 0, line.strip().split(";"))
    ingest.load(source="ho-so-xa", file=book.getvalue(), name="ho-so.xlsx", by=SYSTEM)
    remove(people, protection.rows("ho-so", [{"ma_ho": "h1"}]))

    assert all(places_of(word) == [] for word in SECRETS)
    assert warehouse.rows("ho-so", scope=EVERYTHING, columns=["ma_ho"]).rows == [("H2",)]


class Killed(BaseException):
    """The process dies here."""


STEPS: list[tuple[Any, str]] = [
    (originals, "_blot"),
    (carrying, "note_file"),
    (files, "remove"),
    (waiting, "_blot"),
    (waiting, "_forget_texts"),
    (purging, "purge"),
    (carrying, "_note"),
    (ledger, "write"),
    (carrying, "_finish"),
]


@pytest.mark.parametrize(("where", "name"), STEPS, ids=[name for _, name in STEPS])
def test_killed_at_any_step_it_resumes_and_ends_the_same(
    people: World, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    load(HEAD + ZUNG + OTHER + WAITS)
    asked = ask(people, protection.person("identity", "074099000111"))
    Removal.objects.filter(pk=asked.pk).update(state="approved", decided_at=asked.asked_at)
    real: Callable[..., Any] = getattr(where, name)
    calls: list[str] = []

    def dies(*given: Any, **more: Any) -> Any:
        calls.append(name)
        if len(calls) == 1:
            raise Killed
        return real(*given, **more)

    monkeypatch.setattr(where, name, dies)
    with pytest.raises(Killed):
        protection.carry_out(asked.pk)
    protection.carry_out(asked.pk)

    asked.refresh_from_db()
    assert (asked.state, len(ledger.read(ledger.folder()))) == ("done", 1)
    assert all(places_of(word) == [] for word in SECRETS)
    assert (
        sum(one.rows for one in warehouse.erased_rows([one.pk for one in Run.objects.all()])) == 1
    )


@pytest.fixture(autouse=True)
def _no_ledger() -> None:
    """Each test has a ledger of its own."""
    for path in ledger.folder().glob("*"):
        path.unlink()
    for path in (Path(settings.DATA_DIR) / "files").rglob("*"):
        if path.is_file():
            path.unlink()


def test_a_ledger_is_replayed_over_a_database_that_does_not_know_it(people: World) -> None:
    load(HEAD + ZUNG + OTHER + WAITS)
    removed = remove(people, protection.person("identity", "074099000111"))
    uuid = removed.uuid
    Removal.objects.all().delete()  # as an older backup has it
    load(HEAD + ZUNG + OTHER + WAITS, "nhu-ban-cu.csv")
    assert places_of("074099000111")

    assert replaying.replay() == 1

    assert all(places_of(word) == [] for word in SECRETS)
    again = Removal.objects.get(uuid=uuid)
    assert again.state == "done" and again.replayed_at is not None
    assert Erased.objects.filter(removal=again).exists()
    assert replaying.replay() == 0
    text = (ledger.folder() / ledger.NAME).read_text()
    assert not any(word in text for word in SECRETS) and json.loads(text)["document"] == "12/QĐ"


def test_another_key_stops_the_replay(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    load(HEAD + ZUNG)
    remove(people, protection.person("identity", "074099000111"))
    Removal.objects.all().delete()
    monkeypatch.setattr(settings, "SECRET_KEY", "khóa khác")
    with pytest.raises(protection.LostKeyError):
        replaying.replay()


def test_a_request_goes_through_the_pages_and_the_routes(people: World) -> None:
    load(HEAD + ZUNG + OTHER)
    steward, officer = people.client("thongke.stnmt"), people.client("giamdoc.stnmt")
    given = {"kind": "person", "code": "identity", "value": "074099000111", "reason": "Đơn",
             "legal_basis": "Luật 91/2025/QH15", "document": "12/QĐ", "refuses": "on"}  # fmt: skip
    assert steward.post("/console/protection/new/", given | {"reason": ""}).status_code == 422
    for kind, asks, not_this in (
        ("rows", "keys", "value"), ("run", "runs", "keys"), ("secret", "difficulty", "code"),
        ("none", "value", "runs"),
    ):  # fmt: skip
        shown = steward.get(f"/console/protection/new/?kind={kind}").content.decode()
        assert f'name="{asks}"' in shown and f'name="{not_this}"' not in shown
    empty = steward.post("/console/protection/new/", given | {"kind": "secret"})
    assert empty.status_code == 422 and "Chọn bộ dữ liệu." in empty.content.decode()
    nobody = steward.post("/console/protection/new/", given | {"value": "000000000999"})
    assert nobody.status_code == 422 and "Không tìm thấy dữ liệu" in nobody.content.decode()

    made = steward.post("/console/protection/new/", given)
    page = made["Location"]

    assert "Chờ người thứ hai" in steward.get(page).content.decode()
    assert steward.post(f"{page}decide/", {"do": "approve"}).status_code == 403
    assert "2 dòng của ho-so" not in officer.get(page).content.decode()
    assert "1 dòng của ho-so" in officer.get(page).content.decode()
    officer.post(f"{page}decide/", {"do": "approve"})
    run_jobs()
    assert "Đã xóa" in officer.get(page).content.decode()
    listed = officer.get("/api/v1/removals").json()
    assert listed["items"][0]["state"] == "done" and listed["total"] == 1
    assert "•••111" in officer.get("/console/protection/?sort=-state").content.decode()
    taken = b"".join(officer.get("/console/protection/?format=csv"))  # type: ignore[arg-type]
    assert "12/QĐ" in taken.decode() and "074099000111" not in taken.decode()
