"""The middle of a load: read, check, set aside, commit. Memory holds a chunk, never the file."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa
from django.db import transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import facts, quality_rules, quarantine, spooling, structures
from haidang.data.ingest.actions.removal import refusing
from haidang.data.ingest.actions.spooling import LINE
from haidang.data.ingest.errors import CancelledError, UnreadableFileError
from haidang.data.ingest.files import Opening, Sheet, open_sheet
from haidang.data.ingest.models import QualityRule, QuarantinedRow, RuleOutcome, Run
from haidang.data.ingest.rules import mending, repeats, shape
from haidang.data.ingest.rules.check import Checker
from haidang.data.ingest.rules.layout import Layout, layout
from haidang.data.ingest.rules.values import Rejected
from haidang.data.protection import api as protection
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core import files, jobs

OBJECTS = {"json", "ngsi", "ndjson", "xml"}
_EVERY_SECONDS = 0.5
_READ_SHARE, _COMPARED_SHARE = 70, 80  # percent of the work
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
    with _folder() as folder:
        watch = structures.watch(run, contract, declared)
        spool, quarantined = _checked(run, watch, progress, folder)
        counts = {"read": spool.num_rows + quarantined, "quarantined": quarantined, "repeated": 0}
        spool.at = progress.share(len(spool), since=_READ_SHARE, until=_COMPARED_SHARE)
        rules, outcomes = quality_rules.active(run.dataset), list[RuleOutcome]()
        for number, part in enumerate(spool.parts()):
            found = _compared(run, contract, spool, number, part, counts, rules)
            outcomes = quality_rules.merged(outcomes, found)
        quality_rules.keep(run, outcomes)
        spool.at = progress.share(len(spool), since=_COMPARED_SHARE, until=99)
        landed = _committed(run, contract, spool, counts)
        watch.landed()
        return landed


def _compared(
    run: Run,
    contract: catalogue.ContractSpec,
    spool: spooling.Spool,
    number: int,
    part: pa.Table,
    counts: dict[str, int],
    rules: Sequence[QualityRule],
) -> list[RuleOutcome]:
    """Take out of a part what repeats or contradicts itself, and what quality rules block.

    Returns what each rule found.
    """
    styles = partial(quality_rules.styles_of, run)
    whole, clashes, repeated = without_repeats(part, contract.key_fields, styles)
    verdict = quality_rules.judged(run, contract, whole, rules)
    waiting = [*clashes, *verdict.blocked]
    with transaction.atomic():
        quarantine.keep(run=run, rows=waiting)
    counts["quarantined"] += len(waiting)
    counts["repeated"] += repeated
    if verdict.table is not part:
        spool.rewrite(number, part, verdict.table)
    return verdict.outcomes


class Progress:
    """Tells how far a run is, and hears whether somebody asked it to stop."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.size = run.file.size if run.file is not None else 0
        self.percent = 0
        self.told_at = 0.0

    def seen(self, offset: int) -> None:
        """Hear how many bytes of the file were read."""
        if self.size:
            self.at(min(_READ_SHARE, offset * _READ_SHARE // self.size))

    def share(self, steps: int, *, since: int, until: int) -> Callable[[int], None]:
        """Return what hears the steps of a part of the work, each told at once."""

        def hear(step: int) -> None:
            self.told_at = 0.0
            self.at(since + step * (until - since) // steps)

        return hear

    def at(self, percent: int) -> None:
        """Tell the share of the work that is done. Raises CancelledError."""
        self.percent = max(self.percent, percent)
        self.still()

    def still(self) -> None:
        """Tell it again. Raises CancelledError."""
        if time.monotonic() - self.told_at < _EVERY_SECONDS:
            return
        self.told_at = time.monotonic()
        rows = Run.objects.filter(pk=self.run.pk)
        rows.update(progress=self.percent)
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
) -> tuple[spooling.Spool, int]:
    """Write the good rows to disk; return them and how many rows wait."""
    contract, declared = watch.contract, watch.declared
    sheet, plan = opened(watch, progress)
    checker = Checker(contract.fields, facts.known(run.source, contract, declared))
    by = quality_rules.parting(quality_rules.active(run.dataset), contract)
    spool = spooling.Spool(folder, checker.schema, by, spooling.parts_of(progress.size))
    guard = protection.row_guard(run.dataset)
    quarantined = empty = seen = refused = 0
    for lines in sheet.lines:
        chunk = shape.apply(plan, lines)
        checked = checker.check(chunk)
        if not seen:
            watch.types(chunk, checked.rejected)
        table = checked.table.append_column(LINE, checked.rows)
        table, rejected, count = refusing.part(table, checked.rejected, guard, LINE)
        spool.write(table)
        _set_aside(run, rejected)
        quarantined += len(rejected)
        refused += count
        empty += chunk.empty_cells
        seen += len(lines.rows) + len(lines.broken)
        progress.still()
    spool.finish()
    if refused:
        _blot_original(run)
    if not seen:
        raise UnreadableFileError("Tệp không có dòng số liệu nào dưới dòng tiêu đề.")
    _note(run, [*sheet.notes, *plan.notes], empty, checker.styles)
    return spool, quarantined


def _blot_original(run: Run) -> None:
    """Have the removals of the dataset carried out on the file that brought removed rows again."""
    jobs.defer(BLOT_JOB, queue="bulk", once=f"blot:{run.pk}", run_id=run.pk)


def _set_aside(run: Run, rejected: list[Rejected]) -> None:
    if rejected:
        with transaction.atomic():
            quarantine.keep(run=run, rows=rejected)


def without_repeats(
    table: pa.Table, keys: tuple[str, ...], styles: Callable[[], Mapping[str, str]] = dict
) -> tuple[pa.Table, list[Rejected], int]:
    """Part the rows that share a key inside the file; `LINE` is the column of their lines.

    `styles` tells the decimal signs of the file's columns, asked for only where rows clash.
    """
    found = repeats.find(table.drop_columns([LINE]), keys) if keys else None
    if found is None or found.keep is None:
        return table, [], 0
    lines = table.column(LINE)
    signs = styles() if found.clashing else {}
    clashes: list[Rejected] = [
        (
            lines[place].as_py(),
            _as_text(table, place, signs),
            [repeats.reason(lines[place].as_py(), lines[other].as_py(), keys).as_json()],
        )
        for place, other in sorted(found.clashing.items())
    ]
    return table.filter(pa.array(found.keep)), clashes, found.repeated


def _as_text(table: pa.Table, place: int, styles: Mapping[str, str]) -> dict[str, str]:
    row = table.slice(place, 1).drop_columns([LINE]).to_pylist()[0]
    return mending.written(row, styles)


def _committed(
    run: Run, contract: catalogue.ContractSpec, spool: spooling.Spool, counts: dict[str, int]
) -> warehouse.Landed:
    warehouse.ensure_table(contract)
    batch = warehouse.Batch(
        id=run.pk,
        dataset=run.dataset,
        source=run.source.code,
        rows=spool,
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
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="haidang-load-") as folder:
        yield Path(folder)
