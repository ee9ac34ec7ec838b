"""From a file to the lake: every row is accounted for, once."""

import errno
import io
import json
from pathlib import Path

import psycopg
import pytest
import xlsxwriter
from django.conf import settings
from django.db import connection
from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.ingest import jobs
from haidang.data.ingest.actions import processing, spooling
from haidang.data.ingest.errors import CancelledError
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry, OutboxEvent
from haidang.foundation.core.testing import run_jobs

from .conftest import HEAD

GOOD = HEAD + "25747;20/11/2026;12;1,5%;cao;\n25741;20/11/2026;3;;thấp;đã xác minh\n"
BAD = (
    GOOD
    + "99999;20/11/2026;1;;;\n"
    + "25747;21/11/2026;12a;;;\n"
    + "25741;21/11/2099;4;;;=cmd|' /C calc'!A0\n"
)


def load(source: str, content: str, **more: object) -> ingest.Receipt:
    given = {"name": "ca-benh.csv", "by": SYSTEM} | more
    return ingest.load(source=source, file=content.encode(), **given)  # type: ignore[arg-type]


def counts(receipt: ingest.Receipt) -> tuple[int, int, int, int]:
    assert receipt.reconciles
    return receipt.read, receipt.accepted, receipt.quarantined, receipt.duplicate


def events() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def test_good_rows_land_and_bad_ones_wait_with_reasons(source):
    receipt = load(source, BAD)

    assert counts(receipt) == (5, 2, 3, 0)
    assert (receipt.status, receipt.approval) == ("landed", "pending")
    waiting = QuarantinedRow.objects.order_by("row_no")
    assert [(row.row_no, [why["code"] for why in row.reasons]) for row in waiting] == [
        (4, ["unknown_unit"]),
        (5, ["not_an_integer"]),
        (6, ["future", "formula"]),
    ]
    assert {"ingest.run_finished", "ingest.rows_quarantined", "warehouse.landed"} <= set(events())


def test_the_same_file_twice_is_all_duplicates(source):
    load(source, GOOD)

    assert counts(load(source, GOOD)) == (2, 0, 0, 2)


def test_other_values_for_a_known_key_are_revisions(source):
    load(source, GOOD)
    receipt = load(source, GOOD.replace(";12;", ";13;"))

    assert counts(receipt) == (2, 1, 0, 1)
    assert receipt.revised == 1


def test_equal_rows_in_a_file_are_repeats_and_unequal_ones_wait_both(source):
    content = GOOD + "25747;20/11/2026;12;1,5%;cao;\n25741;22/11/2026;1;;;\n25741;22/11/2026;2;;;\n"
    receipt = load(source, content)

    assert counts(receipt) == (5, 2, 2, 1)
    said = [row.reasons[0]["message"] for row in QuarantinedRow.objects.order_by("row_no")]
    assert "Dòng 5: trùng khóa" in said[0] and "với dòng 6" in said[0]


def test_one_idempotency_key_gives_one_receipt(source):
    first = load(source, GOOD, idempotency_key="k1")
    second = load(source, GOOD, idempotency_key="k1")

    assert second.run_id == first.run_id
    assert Run.objects.count() == 1
    with pytest.raises(ingest.IngestError, match="nội dung khác"):
        load(source, GOOD + "25741;1/11/2026;9;;;\n", idempotency_key="k1")


def test_a_run_that_crashed_after_its_commit_gets_its_receipt_from_what_landed(source, monkeypatch):
    with monkeypatch.context() as crash:
        crash.setattr("haidang.data.ingest.actions.runs._finished", _dies)
        with pytest.raises(KeyboardInterrupt):
            load(source, BAD)
    run = Run.objects.get()
    assert run.status == "checking"

    from haidang.data.ingest.actions import runs

    assert counts(runs.process(run_id=run.pk)) == (5, 2, 3, 0)
    assert QuarantinedRow.objects.count() == 3


def test_a_run_that_crashed_before_its_commit_starts_again_without_doubling(source, monkeypatch):
    with monkeypatch.context() as crash:
        crash.setattr(warehouse, "commit", _dies)
        with pytest.raises(KeyboardInterrupt):
            load(source, BAD)

    from haidang.data.ingest.actions import runs

    assert counts(runs.process(run_id=Run.objects.get().pk)) == (5, 2, 3, 0)
    assert QuarantinedRow.objects.count() == 3


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), psycopg.OperationalError()])
def test_a_run_waits_while_disk_or_database_are_away(source, monkeypatch, failure):
    def fails(batches: object) -> None:
        raise failure

    with monkeypatch.context() as away:
        away.setattr(warehouse, "commit", fails)
        with pytest.raises(type(failure)):
            load(source, BAD, idempotency_key="k")
    assert load(source, BAD, idempotency_key="k").status == "checking"

    Run.objects.update(received_at=timezone.now() - jobs._ABANDONED)
    jobs.rescue_runs()
    run_jobs()
    assert counts(load(source, BAD, idempotency_key="k")) == (5, 2, 3, 0)
    assert QuarantinedRow.objects.count() == 3


def test_a_run_that_another_worker_is_at_is_left_to_it(source, monkeypatch):
    from haidang.data.ingest.actions import exclusive, runs

    with monkeypatch.context() as crash:
        crash.setattr(warehouse, "commit", _dies)
        with pytest.raises(KeyboardInterrupt):
            load(source, BAD)
    run = Run.objects.get()
    parameters = connection.get_connection_params()
    words = {k: parameters[k] for k in ("dbname", "user", "password", "host", "port")}
    with psycopg.connect(**{k: v for k, v in words.items() if v}) as other:
        other.execute("SELECT pg_advisory_lock(%s, hashint8(%s))", [exclusive._RUNS, run.pk])
        assert runs.process(run_id=run.pk).status == "checking"
        assert not warehouse.landed([run.pk])
        other.execute("SELECT pg_advisory_unlock_all()")
    assert counts(runs.process(run_id=run.pk)) == (5, 2, 3, 0)
    assert QuarantinedRow.objects.count() == 3


def _dies(*given: object, **more: object) -> None:
    raise KeyboardInterrupt


def test_a_file_that_cannot_be_read_leaves_its_reason_on_the_run(source):
    with pytest.raises(ingest.UnreadableFileError, match="thiếu cột “Số ca”"):
        load(source, "Phường, xã;Ngày\n25747;20/11/2026\n")

    run = Run.objects.get()
    assert (run.status, run.approval) == ("failed", "not_needed")
    assert "thiếu cột" in run.failure
    assert run.file is not None


def test_a_file_beyond_the_limit_is_refused_while_it_arrives(source, settings):
    settings.MAX_UPLOAD_BYTES = 100
    sent = iter([b"x" * 60] * 1000)

    with pytest.raises(ingest.TooLargeError, match="Chia thành nhiều tệp"):
        ingest.load(source=source, file=sent, by=SYSTEM)
    assert len(list(sent)) > 900, "refused at the second piece"
    assert not Run.objects.exists()


def test_a_long_file_becomes_a_job_and_can_be_cancelled(source, monkeypatch):
    monkeypatch.setattr("haidang.data.ingest.actions.runs.INLINE_BYTES", 10)
    receipt = load(source, GOOD, wait=False)
    assert receipt.status == "received"

    run_jobs()
    assert ingest.receipt(receipt.run_id).status == "landed"

    other = load(source, GOOD, wait=False)
    ingest.cancel(run=other.run_id, by=SYSTEM)
    run_jobs()
    assert ingest.receipt(other.run_id).status == "cancelled"


def test_a_load_that_a_crash_cut_short_is_finished_by_a_job(source, monkeypatch):
    def dies(run_id: int) -> None:
        raise SystemExit  # as kill -9: nothing of ours runs after it

    with monkeypatch.context() as cut:
        cut.setattr("haidang.data.ingest.actions.runs.process", dies)
        with pytest.raises(SystemExit):
            load(source, GOOD, idempotency_key="k")
    assert load(source, GOOD, idempotency_key="k").status == "received"

    jobs.rescue_runs()
    run_jobs()
    assert Run.objects.get().status == "received", "it may still be at work"

    Run.objects.update(received_at=timezone.now() - jobs._ABANDONED)
    jobs.rescue_runs()
    jobs.rescue_runs()
    run_jobs()
    assert counts(load(source, GOOD, idempotency_key="k")) == (2, 2, 0, 0)
    assert Run.objects.get().status == "landed"


def test_a_run_stops_when_somebody_asks_while_it_reads(source, monkeypatch):
    from haidang.data.ingest.actions import processing
    from haidang.data.ingest.errors import CancelledError

    monkeypatch.setattr(processing, "_EVERY_SECONDS", 0)
    keep = processing.quarantine.keep

    def ask(**given: object) -> None:
        keep(**given)
        run = Run.objects.get()
        if run.cancel_asked_at is None:
            ingest.cancel(run=run.pk, by=SYSTEM)

    monkeypatch.setattr(processing.quarantine, "keep", ask)
    with pytest.raises(CancelledError):
        load(source, BAD)

    assert Run.objects.get().status == "cancelled"
    assert not QuarantinedRow.objects.exists()
    assert not warehouse.landed([Run.objects.get().pk])


def test_a_workbook_loads_as_its_text_twin_does(source):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["Báo cáo tuần 47"])
        sheet.write_row(2, 0, HEAD.strip().split(";"))
        sheet.write_row(3, 0, ["Phường Phú Cường", None, 12, 1.5, "cao", None])
        sheet.write_number(3, 1, 46346, day)
    first = ingest.load(source=source, file=content.getvalue(), name="a.xlsx", by=SYSTEM)
    second = load(source, HEAD + "25747;20/11/2026;12;1,5;cao;\n")

    assert counts(first) == (1, 1, 0, 0)
    assert counts(second) == (1, 0, 0, 1)


def test_json_rows_load_through_the_same_contract(source):
    rows = [{"xa": "25747", "ngay": "2026-11-20", "so_ca": 12, "ty_le": 1.234}, {"xa": 1}]
    receipt = ingest.load(
        source=source, file=json.dumps(rows).encode(), media="application/json", by=SYSTEM
    )

    assert counts(receipt) == (2, 1, 1, 0)


def test_only_who_may_load_for_the_supplier_loads(source, world):
    load(source, GOOD, by=world.scope("thongke.stnmt"))
    for stranger in ("nguoila", "canbo.phucuong", "truc1", "chutich"):
        with pytest.raises(NotAllowedError):
            load(source, GOOD, by=world.scope(stranger))
    with pytest.raises(ingest.SourceNotFoundError):
        load("khong-co", GOOD)


def test_a_second_person_approves_what_the_first_loaded(source, world):
    mine = load(source, GOOD, by=world.scope("thongke.stnmt"))
    assert mine.run_id in ingest.pending_batches("ca-benh")

    with pytest.raises(NotAllowedError):
        ingest.approve_run(run=mine.run_id, by=world.scope("thongke.stnmt"))
    ingest.approve_run(run=mine.run_id, by=world.scope("giamdoc.stnmt"))

    assert mine.run_id not in ingest.pending_batches("ca-benh")
    known = ingest.lineage("ca-benh", mine.run_id)
    assert (known.loaded_by, known.approved_by) == ("Võ Ngọc Ánh", "Đặng Văn Khoa")
    assert "ingest.run_approved" in events()
    with pytest.raises(ingest.AlreadyDecidedError):
        ingest.approve_run(run=mine.run_id, by=world.scope("giamdoc.stnmt"))


def test_who_loaded_never_approves_even_with_the_right_to(source, world):
    run = Run.objects.get(pk=load(source, GOOD).run_id)
    run.loaded_by = world.account("giamdoc.stnmt")
    run.save()

    with pytest.raises(ingest.SamePersonError):
        ingest.approve_run(run=run.pk, by=world.scope("giamdoc.stnmt"))


def test_a_rejected_run_stays_out_of_figures_for_good(source, world):
    receipt = load(source, GOOD)
    with pytest.raises(ingest.IngestError, match="lý do"):
        ingest.reject_run(run=receipt.run_id, reason=" ", by=world.scope("giamdoc.stnmt"))
    ingest.reject_run(run=receipt.run_id, reason="Sai kỳ", by=world.scope("giamdoc.stnmt"))

    assert receipt.run_id in ingest.pending_batches("ca-benh")
    entry = AuditEntry.objects.get(action="ingest.run_rejected")
    assert entry.reason == "Sai kỳ"


def test_an_automatic_source_needs_two_persons_once(source, world):
    ingest.propose_automatic(source=source, by=world.scope("thongke.stnmt"))
    with pytest.raises(NotAllowedError):
        ingest.approve_automatic(source=source, by=world.scope("thongke.stnmt"))
    ingest.approve_automatic(source=source, by=world.scope("giamdoc.stnmt"))

    assert load(source, GOOD).approval == "not_needed"


def test_a_file_of_this_machine_finds_its_source_by_the_dataset(source, tmp_path, world):
    path = tmp_path / "ca.csv"
    path.write_text(GOOD, encoding="utf-8")
    assert counts(ingest.load_file(dataset="ca-benh", file=path, scope=SYSTEM)) == (2, 2, 0, 0)

    ingest.create_source(
        code="nguon-hai",
        title="Nguồn hai",
        kind="file",
        dataset="ca-benh",
        supplier_unit_id=world.unit("74.SYT"),
        by=SYSTEM,
    )
    with pytest.raises(ingest.IngestError, match="ca-benh-tuan, nguon-hai"):
        ingest.load_file(dataset="ca-benh", file=path, scope=SYSTEM)
    again = ingest.load_file(dataset="ca-benh", source="nguon-hai", file=path, scope=SYSTEM)
    assert counts(again) == (2, 0, 0, 2)


def _numbered(start: int, value: str) -> str:
    days = [f"{n % 28 + 1:02}/{n % 9 + 1:02}/2025" for n in range(start, start + 120)]
    return "".join(f"25747;{day};{value};;;\n" for day in days)


@pytest.mark.parametrize("part", [64, 1 << 20])
def test_a_file_in_parts_lands_as_one(source, monkeypatch, part):
    monkeypatch.setattr(spooling, "PART_BYTES", part)
    first = load(source, HEAD + _numbered(0, "1"))
    again = "25747;01/12/2025;5;;;\n" * 2 + "25747;02/12/2025;1;;;\n25747;02/12/2025;2;;;\n"
    second = load(source, HEAD + _numbered(60, "2") + again)

    assert counts(first) == (120, 120, 0, 0)
    assert counts(second) == (124, 121, 2, 1)
    assert second.revised == 60


def test_a_load_that_is_cancelled_between_its_parts_leaves_nothing(source, monkeypatch):
    monkeypatch.setattr(spooling, "PART_BYTES", 64)
    heard = processing.Progress.at

    def at(self, percent):
        if percent > 90:
            Run.objects.filter(pk=self.run.pk).update(cancel_asked_at=timezone.now())
        heard(self, percent)

    monkeypatch.setattr(processing.Progress, "at", at)
    before = set(Path(settings.LAKE_URL).rglob("*.parquet"))
    with pytest.raises(CancelledError):
        load(source, HEAD + _numbered(0, "1"))

    assert Run.objects.get().status == Run.Status.CANCELLED
    assert set(Path(settings.LAKE_URL).rglob("*.parquet")) == before
    assert not warehouse.landed([Run.objects.get().pk])
