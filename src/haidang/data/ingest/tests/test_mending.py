"""Waiting rows: mended where they stand, loaded again, or discarded for a reason."""

import pytest

from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry

from .conftest import HEAD
from .test_loading import BAD, counts, load


@pytest.fixture
def receipt(source):
    return load(source, BAD)


def row(line: int) -> QuarantinedRow:
    return QuarantinedRow.objects.get(row_no=line)


def mended(line: int, **more: str) -> dict[str, str]:
    return {name: str(value) for name, value in row(line).raw.items()} | more


def test_a_mended_row_is_loaded_again_as_a_run_linked_to_the_first(receipt, world):
    steward = world.scope("thongke.stnmt")
    ingest.mend(row=row(5).pk, values=mended(5, so_ca="12"), by=steward)

    again = ingest.replay(rows=[row(5).pk], by=steward)

    assert counts(again) == (1, 1, 0, 0)
    run = Run.objects.get(pk=again.run_id)
    assert (run.mends_id, run.approval) == (receipt.run_id, "pending")
    assert (row(5).state, row(5).mended_in_id) == ("mended", run.pk)
    assert AuditEntry.objects.get(action="ingest.row_mended").changes == {"so_ca": ["12a", "12"]}


def test_a_row_that_is_still_wrong_says_where(receipt):
    with pytest.raises(ingest.RowStillWrongError) as found:
        ingest.mend(row=row(6).pk, values=mended(6, ngay="22/11/2026", so_ca="-4"), by=SYSTEM)

    reasons = found.value.details["reasons"]
    assert [(why["field"], why["code"]) for why in reasons] == [
        ("so_ca", "too_small"),
        ("ghi_chu", "formula"),
    ]
    assert reasons[0]["message"] == "“-4” nhỏ hơn mức thấp nhất cho phép là 0."
    assert row(6).mended is None


def test_rows_may_be_loaded_again_as_they_are_once_the_world_has_changed(source, world):
    load(source, HEAD + "Phường Mới;20/11/2026;1;;;\n")
    again = ingest.replay(rows=[row(2).pk], by=SYSTEM)

    assert counts(again) == (1, 0, 1, 0)
    assert QuarantinedRow.objects.filter(state="open").get().run_id == again.run_id


def test_numbers_of_a_pointed_file_come_back_as_vietnam_writes_them(source):
    content = HEAD + "25747;20/11/2026;1;47.25;;\n99999;20/11/2026;1;1.234;;\n"
    load(source, content)
    values = mended(3, xa="25741", ty_le="1,234")
    ingest.mend(row=row(3).pk, values=values, by=SYSTEM)

    first = ingest.replay(rows=[row(3).pk], by=SYSTEM)
    same = load(source, HEAD + "25741;20/11/2026;1;1.234;;\n25747;20/11/2026;1;47.25;;\n")

    assert counts(first) == (1, 1, 0, 0)
    assert counts(same) == (2, 0, 0, 2)


def test_a_replay_as_is_keeps_the_value_of_a_pointed_number(source):
    content = HEAD + "25747;20/11/2026;1;47.25;;\n25741;21/11/2026;1;1.234;;=1\n"
    load(source, content)
    waiting = row(3)
    waiting.raw = waiting.raw | {"ghi_chu": ""}
    waiting.save()
    ingest.replay(rows=[waiting.pk], by=SYSTEM)

    same = load(source, HEAD + "25741;21/11/2026;1;1.234;;\n25747;20/11/2026;1;47.25;;\n")
    assert counts(same) == (2, 0, 0, 2)


def test_a_row_is_discarded_for_a_reason_and_stays_on_record(receipt):
    with pytest.raises(ingest.IngestError, match="lý do"):
        ingest.discard(rows=[row(4).pk], reason="  ", by=SYSTEM)
    ingest.discard(rows=[row(4).pk, row(5).pk], reason="Đơn vị không có thật", by=SYSTEM)

    assert row(4).state == "discarded"
    assert QuarantinedRow.objects.filter(state="open").count() == 1
    with pytest.raises(ingest.AlreadyDecidedError):
        ingest.replay(rows=[row(4).pk], by=SYSTEM)


def test_a_replay_that_fails_leaves_its_rows_waiting(receipt, monkeypatch):
    def dies(**given: object) -> None:
        raise OSError("đĩa đầy")

    monkeypatch.setattr("haidang.data.ingest.actions.processing.bring_in", dies, raising=True)
    with pytest.raises((OSError, TypeError)):
        ingest.replay(rows=[row(5).pk], by=SYSTEM)

    assert row(5).state == "open"
    assert Run.objects.order_by("pk").last().status == "failed"


def test_rows_of_two_runs_are_not_mixed(receipt, source):
    load(source, HEAD + "99999;1/11/2026;1;;;\n")

    with pytest.raises(ingest.IngestError, match="một lượt nạp"):
        ingest.replay(rows=QuarantinedRow.objects.values_list("pk", flat=True), by=SYSTEM)


def test_only_who_may_mend_for_the_supplier_mends(receipt, world):
    for stranger in ("nguoila", "canbo.phucuong", "truc1", "giamdoc.stnmt"):
        scope = world.scope(stranger)
        with pytest.raises(NotAllowedError):
            ingest.mend(row=row(5).pk, values=mended(5, so_ca="1"), by=scope)
        with pytest.raises(NotAllowedError):
            ingest.replay(rows=[row(5).pk], by=scope)
        with pytest.raises(NotAllowedError):
            ingest.discard(rows=[row(5).pk], reason="thử", by=scope)
    assert row(5).state == "open"


def test_what_waits_of_a_source_is_counted_until_it_is_loaded_and_approved(receipt, source, world):
    start = QuarantinedRow.objects.earliest("pk").run.received_at
    steward = world.scope("thongke.stnmt")

    def waiting():
        return ingest.waiting_rows(source, since=start)

    total = QuarantinedRow.objects.count()
    assert waiting() == ingest.Waiting(open=total, mended=0, discarded=0)

    ingest.mend(row=row(5).pk, values=mended(5, so_ca="12"), by=steward)
    again = ingest.replay(rows=[row(5).pk], by=steward)
    assert waiting() == ingest.Waiting(open=total, mended=0, discarded=0)  # nobody approved it yet

    ingest.approve_run(run=again.run_id, by=world.scope("giamdoc.stnmt"))
    assert waiting() == ingest.Waiting(open=total - 1, mended=1, discarded=0)

    left = list(QuarantinedRow.objects.filter(state="open").values_list("pk", flat=True))
    ingest.discard(rows=left, reason="Trạm hỏng", by=steward)
    assert waiting() == ingest.Waiting(open=0, mended=1, discarded=total - 1)


def test_a_blocked_row_is_mended_as_its_file_writes_numbers(source, world):
    """What a rule blocks is written back as it came: 47,25 stays 47,25 and days stay days."""
    made = ingest.declare_rule(
        dataset="ca-benh", title="Không quá", kind="compare", severity="block", reason="Thử",
        settings={"left": "ty_le", "operator": "<=", "right": "so_ca"}, by=SYSTEM,
    )  # fmt: skip
    ingest.switch_rule(rule=made.pk, on=True, reason="Thử", by=SYSTEM)
    load(source, HEAD + "25747;20/11/2026;1;47,25;;\n25741;20/11/2026;5;1,5;;\n")
    row = QuarantinedRow.objects.get()
    assert (row.raw["ty_le"], row.raw["ngay"]) == ("47,25", "20/11/2026")

    ingest.switch_rule(rule=made.pk, on=False, reason="Thử", by=SYSTEM)
    ingest.replay(rows=[row.pk], by=SYSTEM)
    same = load(source, HEAD + "25747;20/11/2026;1;47,25;;\n")
    assert (same.accepted, same.duplicate) == (0, 1)
