"""The middle of a load: read, check, set aside, commit. Memory holds a chunk, never the file."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from django.db import transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import facts, quality_rules, quarantine, structures
from haidang.data.ingest.actions.removal import refusing
from haidang.data.ingest.errors import CancelledError, UnreadableFileError
from haidang.data.ingest.files import Opening, Sheet, open_sheet
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.ingest.rules import mending, repeats, shape
from haidang.data.ingest.rules.check import Checker
from haidang.data.ingest.rules.layout import Layout, layout
from haidang.data.ingest.rules.values import Rejected
from haidang.data.protection import api as protection
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core import files, jobs

OBJECTS = {"json", "ngsi", "ndjson", "xml"}
_EVERY_SECONDS = 0.5
LINE = "__line"
BLOT_JOB = "ingest.blot_original"
MEDIA = {
    "application/json": "json",
    "application/geo+json": "json",
    "application/ld+json": "ngsi",
    "application/x-ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": "csv",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/cap+xml": "xml",
    "application/atom+xml": "xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
_ENDINGS = {
    "json": "json",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "xlsx": "xlsx",
    "xml": "xml",
    "geojson": "json",
    "jsonld": "ngsi",
    "cap": "xml",
    "atom": "xml",
}


def bring_in(run: Run) -> warehouse.Landed:
    """Check a run's file and commit the good rows as its batch; keep the others with reasons.

    Raises UnreadableFileError, TooLargeError, LayoutError, CancelledError, and
    StructureChangedError where the file differs from what was agreed: nothing is read of it then.
    """
    QuarantinedRow.objects.filter(run=run).delete()  # of an attempt that a crash cut short
    contract = catalogue.contract(run.dataset)
    declared = layout_of(run)
    progress = Progress(run)
    with _spool() as folder:
        watch = structures.watch(run, contract, declared)
        accepted, quarantined = _checked(run, watch, progress, folder)
        whole, clashes, repeated = without_repeats(accepted, contract.key_fields)
        verdict = quality_rules.judged(run, contract, whole)
        waiting = [*clashes, *verdict.blocked]
        with transaction.atomic():
            quarantine.keep(run=run, rows=waiting)
            quality_rules.keep(run, verdict.outcomes)
        counts = {
            "read": accepted.num_rows + quarantined,
            "quarantined": quarantined + len(waiting),
            "repeated": repeated,
        }
        progress.at(100)
        landed = _committed(run, contract, verdict.table, counts)
        watch.landed()
        return landed


class Progress:
    """Tells how far a run is, and hears whether somebody asked it to stop."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.size = run.file.size if run.file is not None else 0
        self.told_at = 0.0

    def seen(self, offset: int) -> None:
        """Hear how many bytes of the file were read."""
        self.at(min(99, offset * 100 // self.size) if self.size else 0)

    def at(self, percent: int) -> None:
        if percent < 100 and time.monotonic() - self.told_at < _EVERY_SECONDS:
            return
        self.told_at = time.monotonic()
        rows = Run.objects.filter(pk=self.run.pk)
        rows.update(progress=percent)
        if rows.filter(cancel_asked_at__isnull=False).exists():
            raise CancelledError


def opened(watch: structures.Watch, progress: Progress) -> tuple[Sheet, shape.Plan]:
    """Open a run's file and plan how its columns become fields, once nothing there is new."""
    run, fields = watch.run, watch.contract.fields
    media = media_of(run.content_type, run.file_name)
    sheet = open_sheet(
        Opening(
            path=files.path(run.file_id or ""),
            media=media,
            layout=watch.declared,
            known=watch.knows(shape.known_headings(fields, watch.declared)),
            encoding=run.source.encoding,
            delimiter=run.source.delimiter,
            records=run.records,
            tell=progress.seen,
        )
    )
    plan = shape.draft(sheet.headings, fields, watch.declared)
    watch.columns(sheet, plan, is_table=media not in OBJECTS)
    return sheet, plan


def layout_of(run: Run) -> Layout:
    """Return how a run's file is laid out; typed rows come by field, as Vietnam writes."""
    declared = layout(run.source.mapping)
    is_by_field = run.channel in {Run.Channel.MEND, Run.Channel.FORM}
    return mending.layout_for(declared) if is_by_field else declared


def media_of(content_type: str, name: str) -> str:
    """Return the short name of a media type, by the header or else by the file's ending."""
    known = MEDIA.get(content_type.partition(";")[0].strip().lower(), "")
    if known or "." not in name:
        return known
    ending = name.rpartition(".")[2].lower()
    return _ENDINGS.get(ending, "")


def _checked(
    run: Run, watch: structures.Watch, progress: Progress, folder: Path
) -> tuple[pa.Table, int]:
    """Write the good rows to a file on disk and map it; return it and how many rows wait."""
    contract, declared = watch.contract, watch.declared
    sheet, plan = opened(watch, progress)
    checker = Checker(contract.fields, facts.known(run.source, contract, declared))
    schema = checker.schema.append(pa.field(LINE, pa.int64()))
    guard = protection.row_guard(run.dataset)
    quarantined = empty = seen = refused = 0
    with pa.OSFile(str(folder / "rows"), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for lines in sheet.lines:
            chunk = shape.apply(plan, lines)
            checked = checker.check(chunk)
            if not seen:
                watch.types(chunk, checked.rejected)
            table = checked.table.append_column(LINE, checked.rows)
            table, rejected, count = refusing.part(table, checked.rejected, guard, LINE)
            writer.write_table(table.cast(schema))
            _set_aside(run, rejected)
            quarantined += len(rejected)
            refused += count
            empty += chunk.empty_cells
            seen += len(lines.rows) + len(lines.broken)
            progress.at(min(99, run.progress))
    if refused:
        _blot_original(run)
    if not seen:
        raise UnreadableFileError("Tệp không có dòng số liệu nào dưới dòng tiêu đề.")
    _note(run, [*sheet.notes, *plan.notes], empty, checker.styles)
    return pa.ipc.open_file(pa.memory_map(str(folder / "rows"))).read_all(), quarantined


def _blot_original(run: Run) -> None:
    """Have the removals of the dataset carried out on the file that brought removed rows again."""
    jobs.defer(BLOT_JOB, queue="bulk", once=f"blot:{run.pk}", run_id=run.pk)


def _set_aside(run: Run, rejected: list[Rejected]) -> None:
    if rejected:
        with transaction.atomic():
            quarantine.keep(run=run, rows=rejected)


def without_repeats(table: pa.Table, keys: tuple[str, ...]) -> tuple[pa.Table, list[Rejected], int]:
    """Part the rows that share a key inside the file; `LINE` is the column of their lines."""
    found = repeats.find(table.drop_columns([LINE]), keys) if keys else None
    if found is None or found.keep is None:
        return table, [], 0
    lines = table.column(LINE)
    clashes: list[Rejected] = [
        (
            lines[place].as_py(),
            _as_text(table, place),
            [repeats.reason(lines[place].as_py(), lines[other].as_py(), keys).as_json()],
        )
        for place, other in sorted(found.clashing.items())
    ]
    return table.filter(pa.array(found.keep)), clashes, found.repeated


def _as_text(table: pa.Table, place: int) -> dict[str, str]:
    row = table.slice(place, 1).drop_columns([LINE]).to_pylist()[0]
    return {name: "" if value is None else str(value) for name, value in row.items()}


def _committed(
    run: Run, contract: catalogue.ContractSpec, table: pa.Table, counts: dict[str, int]
) -> warehouse.Landed:
    warehouse.ensure_table(contract)
    batch = warehouse.Batch(
        id=run.pk,
        dataset=run.dataset,
        source=run.source.code,
        rows=table.drop_columns([LINE]),
        row_numbers=table.column(LINE).combine_chunks(),
        counts=counts,
        received_at=run.received_at,
    )
    return warehouse.commit([batch])[0]


def _note(run: Run, notes: list[str], empty: int, styles: dict[str, str]) -> None:
    if empty:
        shown = f"{empty:,}".replace(",", ".")
        notes.append(f"{shown} ô trống (.. hoặc -) trong bảng, không tạo thành dòng.")
    Run.objects.filter(pk=run.pk).update(notes=notes, styles=styles)


@contextmanager
def _spool() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="haidang-load-") as folder:
        yield Path(folder)
