"""A file whose columns are not as agreed waits for a person; nothing is loaded, nothing is lost."""

import pyarrow as pa
import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import consent
from haidang.data.ingest.models import QuarantinedRow, Run, Source, Structure
from haidang.data.ingest.rules import structure
from haidang.data.ingest.rules.layout import layout
from haidang.data.ingest.rules.structure import Heading
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry

from .conftest import HEAD

ROW = "25747;20/11/2026;{};1,5;thấp;ghi\n"
FIRST = HEAD + ROW.format(1)


def load(source: str, text: str, **more: object) -> ingest.Receipt:
    more = {"name": "tuan.csv", "by": SYSTEM} | more
    return ingest.load(source=source, file=text.encode(), **more)  # type: ignore[arg-type]


def held(receipt: ingest.Receipt) -> list[tuple[str, str, str]]:
    run = Run.objects.get(pk=receipt.run_id)
    return [(one.kind, one.heading, one.field) for one in consent.differences_of(run)]


def landed_rows() -> list[tuple[object, ...]]:
    asked = {"scope": access.EVERYTHING, "columns": ("xa", "so_ca"), "order": ("xa", "so_ca")}
    return warehouse.rows("ca-benh", **asked).rows  # type: ignore[arg-type]


@pytest.fixture
def agreed(source: str) -> str:
    assert load(source, FIRST).status == "landed"
    return source


def test_the_first_file_agrees_on_the_columns_and_the_same_again_passes(agreed: str) -> None:
    assert load(agreed, HEAD + ROW.format(2)).status == "landed"
    first = Structure.objects.get()
    assert (first.number, first.contract_version) == (1, 1)
    assert {one["field"] for one in first.columns} == {
        "xa", "ngay", "so_ca", "ty_le", "muc", "ghi_chu",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("head", "row", "told"),
    [
        (HEAD.replace("\n", ";Nguồn lây\n"), "x", [("new", "Nguồn lây", "")]),
        (HEAD.replace(";Ghi chú", ""), "", [("gone", "Ghi chú", "ghi_chu")]),
        (
            HEAD.replace("Số ca", "Tổng số ca"),
            "ghi",
            [("gone", "Số ca", "so_ca"), ("new", "Tổng số ca", "")],
        ),
    ],
)
def test_columns_that_differ_are_told_and_nothing_is_loaded(agreed, head, row, told) -> None:
    before = landed_rows()
    cells = "25741;20/11/2026;7;1,5;thấp" + (";ghi" if "Ghi chú" in head else "")
    cells += ";x" if "Nguồn" in head else ""
    receipt = load(agreed, head + cells + "\n")

    assert receipt.status == "waiting" and receipt.read == 0
    assert held(receipt) == told
    assert landed_rows() == before and not QuarantinedRow.objects.exists()
    assert Run.objects.get(pk=receipt.run_id).file is not None, "the original is kept"
    assert AuditEntry.objects.filter(action="ingest.structure_changed").count() == 1


def test_a_column_mostly_of_another_type_waits_but_a_few_bad_cells_do_not(agreed: str) -> None:
    rows = [f"25747;0{day}/11/2026;{day},5;1;thấp;\n" for day in range(1, 8)]
    receipt = load(agreed, HEAD + "".join(rows))
    assert receipt.status == "waiting" and held(receipt) == [("type", "Số ca", "so_ca")]
    rows[:4] = [f"25747;0{day}/11/2026;{day};1;thấp;\n" for day in range(1, 5)]
    receipt = load(agreed, HEAD + "".join(rows))
    assert receipt.status == "landed" and receipt.quarantined == 3


def test_a_renamed_column_becomes_a_mapping_and_the_run_goes_on(agreed: str, world) -> None:
    Source.objects.filter(code=agreed).update(
        proposed_at=timezone.now(), approved_at=timezone.now()
    )
    text = HEAD.replace("Số ca", "Tổng số ca") + ROW.format(9)
    receipt = load(agreed, text)
    told = consent.choices_of(Run.objects.get(pk=receipt.run_id))
    assert [said for _, _, said in told] == ["moved", "is:so_ca"], "what looks renamed is suggested"

    done = ingest.agree_structure(
        run=receipt.run_id, answers=["moved", "is:so_ca"], reason="Công văn 5", by=SYSTEM
    )
    assert (done.status, done.accepted, done.approval) == ("landed", 1, "pending")
    found = Source.objects.get(code=agreed)
    assert found.mapping["columns"] == {"Tổng số ca": "so_ca"} and not found.is_automatic
    assert landed_rows()[-1][1] == 9
    assert load(agreed, text.replace(";9;", ";10;")).status == "landed", "next month: one click"
    assert load(agreed, FIRST.replace(";1;", ";11;")).status == "landed", "the old form still fits"


def test_new_and_gone_columns_make_a_new_version_of_the_contract(agreed: str) -> None:
    head = "Phường, xã;Ngày;Tỷ lệ;Mức;Ghi chú;Nguồn lây\n"
    receipt = load(agreed, head + "25741;20/11/2026;1;cao;;chợ\n")
    other = load(agreed, head + "25750;20/11/2026;1;cao;;bến xe\n")
    assert held(receipt) == [("gone", "Số ca", "so_ca"), ("new", "Nguồn lây", "")]

    done = ingest.agree_structure(
        run=receipt.run_id, answers=["optional", "add"], reason="Mẫu mới", by=SYSTEM
    )
    assert (done.status, done.accepted) == ("landed", 1)
    second = catalogue.versions("ca-benh")[0]
    assert (second.version, second.reason) == (2, "Mẫu mới")
    assert [one.what for one in second.changes] == ["required", "added"]
    asked = {"scope": access.EVERYTHING, "columns": ("xa", "so_ca", "nguon_lay"), "order": ("xa",)}
    assert warehouse.rows("ca-benh", **asked).rows == [
        ("25741", None, "chợ"), ("25747", 1, None),
    ]  # fmt: skip
    assert Run.objects.get(pk=other.run_id).status == "received", "others are looked at again"


def test_a_wider_type_is_followed_by_the_lake_a_strange_one_goes_apart(agreed: str) -> None:
    rows = "".join(f"25747;0{day}/11/2026;{day},5;1;thấp;\n" for day in range(1, 7))
    receipt = load(agreed, HEAD + rows)
    ingest.agree_structure(run=receipt.run_id, answers=["widen"], reason="Có số lẻ", by=SYSTEM)
    assert catalogue.contract("ca-benh").field("so_ca").type == "number"
    assert ("25747", 1.5) in landed_rows() and ("25747", 1.0) in landed_rows()

    rows = "".join(f"25747;0{day}/10/2026;{day};0{day}/10/2026;thấp;\n" for day in range(1, 7))
    receipt = load(agreed, HEAD + rows)
    assert held(receipt) == [("type", "Tỷ lệ", "ty_le")]
    done = ingest.agree_structure(run=receipt.run_id, answers=["apart"], reason="x", by=SYSTEM)
    assert (done.status, done.accepted, done.quarantined) == ("landed", 6, 0)
    assert catalogue.contract("ca-benh").field("ty_le_date").type == "date"


def test_keeping_a_type_makes_rows_wait_and_is_not_asked_again(agreed: str) -> None:
    text = HEAD + "".join(f"25747;0{day}/11/2026;{day},5;1;thấp;\n" for day in range(1, 7))
    receipt = load(agreed, text)
    done = ingest.agree_structure(run=receipt.run_id, answers=["keep"], reason="x", by=SYSTEM)
    assert (done.status, done.quarantined) == ("landed", 6)
    assert load(agreed, text).status == "landed"


def test_skipped_and_absent_columns_are_remembered(agreed: str) -> None:
    head = "Phường, xã;Ngày;Số ca;Tỷ lệ;Mức;Cột thừa\n"
    receipt = load(agreed, head + "25741;20/11/2026;7;1;cao;x\n")
    answers = ["absent", "skip"]
    done = ingest.agree_structure(run=receipt.run_id, answers=answers, reason="x", by=SYSTEM)
    assert done.status == "landed" and catalogue.newest("ca-benh").version == 1
    assert load(agreed, head + "25741;21/11/2026;7;1;cao;x\n").status == "landed"


def test_answers_that_do_not_fit_are_refused_and_the_run_still_waits(agreed: str) -> None:
    receipt = load(agreed, HEAD.replace("Ngày", "Thời gian") + ROW.format(1))
    for answers in (["optional", "skip"], ["moved", "skip"], ["moved"], ["moved", "is:muc"]):
        with pytest.raises(ingest.IngestError):
            ingest.agree_structure(run=receipt.run_id, answers=answers, reason="x", by=SYSTEM)
    with pytest.raises(ingest.IngestError, match="lý do"):
        ingest.agree_structure(
            run=receipt.run_id, answers=["moved", "is:ngay"], reason=" ", by=SYSTEM
        )
    assert Run.objects.get(pk=receipt.run_id).status == "waiting"
    assert Structure.objects.count() == 1


def test_refusal_keeps_the_original_and_loads_nothing(agreed: str) -> None:
    receipt = load(agreed, HEAD.replace(";Ghi chú", "") + "25741;20/11/2026;7;1;cao\n")
    done = ingest.refuse_structure(run=receipt.run_id, reason="Gửi lại mẫu cũ", by=SYSTEM)
    assert done.status == "failed" and "Gửi lại mẫu cũ" in done.failure
    assert Run.objects.get(pk=receipt.run_id).file is not None
    with pytest.raises(ingest.AlreadyDecidedError):
        ingest.agree_structure(run=receipt.run_id, answers=["absent"], reason="x", by=SYSTEM)


def test_objects_may_leave_out_what_is_optional_but_not_bring_what_is_new(agreed: str) -> None:
    sent = {"media": "application/x-ndjson", "name": ""}
    row = '{"xa":"25741","ngay":"2026-11-20","so_ca":3%s}'
    assert load(agreed, row % "", **sent).status == "landed"
    assert load(agreed, row % ',"la":1', **sent).status == "waiting"


def test_the_page_tells_and_decides_within_the_scope(agreed: str, world) -> None:
    receipt = load(agreed, HEAD.replace("\n", ";Nguồn lây\n") + "25741;20/11/2026;7;1;cao;;x\n")
    address = reverse("ingest:structure", args=[receipt.run_id])
    run = reverse("ingest:run", args=[receipt.run_id])
    steward, operator = world.client("thongke.stnmt"), world.client("truc1")
    assert world.client("nguoila").get(address).status_code == 403
    assert operator.get(address).status_code == 403
    assert "Chờ đồng ý cấu trúc" in operator.get(run).content.decode()
    with pytest.raises(NotAllowedError):
        ingest.refuse_structure(run=receipt.run_id, reason="x", by=world.scope("truc1"))
    page = steward.get(address).content.decode()
    assert "Nguồn lây" in page and "Không nạp cột này" in page and "Bản 1" in page
    assert address in steward.get(run).content.decode()
    unsaid = steward.post(address, {"do": "agree", "answer-0": "skip"})
    assert unsaid.status_code == 422 and "Cần ghi lý do" in unsaid.content.decode()
    said = {"do": "agree", "answer-0": "skip", "reason": "Không dùng"}
    assert steward.post(address, said)["Location"] == run
    assert Run.objects.get(pk=receipt.run_id).status == "landed"


def test_the_routes_do_the_same(agreed: str, world) -> None:
    receipt = load(agreed, HEAD.replace("\n", ";Nguồn lây\n") + "25741;20/11/2026;7;1;cao;;x\n")
    route, steward = f"/api/v1/runs/{receipt.run_id}/structure", world.client("thongke.stnmt")
    told = steward.get(route).json()["differences"]
    assert [(one["heading"], one["choices"]) for one in told] == [("Nguồn lây", ["skip", "add"])]
    sent = {"answers": ["add"], "reason": "Mẫu mới"}
    kept = {"data": sent, "content_type": "application/json"}
    assert world.client("truc1").post(f"{route}/agree", **kept).status_code == 403
    assert steward.post(f"{route}/agree", **kept).json()["status"] in {"landed", "received"}
    numbers = [one["number"] for one in steward.get(f"/api/v1/sources/{agreed}/structures").json()]
    assert numbers == [2, 1]


names = st.lists(st.text("abcdxyz", min_size=3, max_size=6), unique=True, min_size=1, max_size=6)


@given(names, st.data())
def test_the_agreed_columns_in_any_order_never_differ(headings, data) -> None:
    agreed = [Heading(one, one) for one in headings]
    found = data.draw(st.permutations(agreed))
    assert structure.differences(agreed, found, {}, layout({}), is_table=True) == []


@given(names, names, st.booleans())
def test_differences_are_the_columns_on_one_side_only(old, new, is_table) -> None:
    """The slow and obvious: sets. Each new column is named at most once as a rename."""
    agreed = [Heading(one, one) for one in old]
    found = [Heading(one, one if one in old else "") for one in new]
    told = structure.differences(agreed, found, {}, layout({}), is_table=is_table)
    assert {one.heading for one in told if one.kind == "new"} == set(new) - set(old)
    gone = {one.heading for one in told if one.kind == "gone"}
    assert gone == (set(old) - set(new) if is_table else set())
    likes = [one.like for one in told if one.like]
    assert len(likes) == len(set(likes)) and set(likes) <= set(new) - set(old)


@pytest.mark.parametrize(
    ("cells", "type"),
    [
        (["1", "2", "-3"], "integer"),
        (["1,5", "2", "3"], "number"),
        (["20/11/2026", "1/2/2026"], "date"),
        (["có", "không"], "boolean"),
        (["1", "hai"], "string"),
    ],
)
def test_the_narrowest_type_of_a_column(cells, type) -> None:
    assert structure.type_of(pa.array(cells)) == type
