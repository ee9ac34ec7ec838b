"""Many waiting rows at once: mended in one field or by a corrected file, and loaded again."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import facts, mending, runs
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.ingest.queries.desk import said
from haidang.data.ingest.rules import amending
from haidang.data.ingest.rules.amending import Amended
from haidang.data.ingest.rules.layout import layout
from haidang.data.ingest.rules.mending import faults_of_all, layout_for
from haidang.data.ingest.rules.values import Receipt
from haidang.foundation.core import audit
from haidang.foundation.core.errors import HaidangError

AT_ONCE = 3  # replays that a page may wait for
Wanted = Mapping[int, Mapping[str, str]]
Closed = Callable[[str], Container[str]]
"""The fields of a dataset that the caller may not see, and so not change."""


@dataclass(frozen=True)
class Done:
    """What became of many rows: those mended, and the runs that loaded rows again."""

    mended: int = 0
    left: int = 0
    receipts: list[Receipt] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def nothing(dataset: str) -> Container[str]:
    """Say that all fields are open."""
    return ()


def judge(
    rows: Iterable[QuarantinedRow], values: Wanted, closed: Closed = nothing
) -> list[Amended]:
    """Return what rows (their runs and sources loaded) would become by values of some fields."""
    groups = _grouped(rows).values()
    found = [one for group in groups for one in _judged(group, values, closed)]
    return sorted(found, key=lambda one: (-one.run, one.line, one.row))


def _judged(group: Sequence[QuarantinedRow], values: Wanted, closed: Closed) -> list[Amended]:
    run = group[0].run
    contract = catalogue.contract(run.dataset)
    declared = layout_for(layout(run.source.mapping))
    hidden = closed(run.dataset)
    before = [said(row, contract.fields) for row in group]
    given = [
        {name: text for name, text in values.get(row.pk, {}).items() if name not in hidden}
        for row in group
    ]
    whole = [old | new for old, new in zip(before, given, strict=True)]
    known = facts.known(run.source, contract, declared)
    wrong = faults_of_all(whole, contract.fields, known)
    return [
        _told(row, amending.changes(old, new, contract.fields), wrong.get(at, []))
        for at, (row, old, new) in enumerate(zip(group, before, given, strict=True))
    ]


def _told(
    row: QuarantinedRow,
    changes: tuple[amending.Change, ...],
    reasons: Sequence[Mapping[str, str]],
) -> Amended:
    verdict = amending.WRONG if reasons else amending.READY
    verdict = verdict if changes else amending.SAME
    return Amended(
        row.pk, row.run_id, row.row_no, row.run.dataset, verdict, changes, tuple(reasons)
    )


@transaction.atomic
def amend(*, values: Wanted, by: By, reason: str, closed: Closed = nothing) -> list[int]:
    """Keep the mended values of many rows; return those rows.

    A row that would still be wrong, or does not change, stays as it is. Raises IngestError
    without a reason, RowNotFoundError and AlreadyDecidedError.
    """
    _explained(reason)
    rows = mending.open_rows(sorted(values))
    actors = {row.run.source_id: allowed(by, "ingest.mend", row.run.source) for row in rows}
    judged = {one.row: one for one in judge(rows, values, closed)}
    ready = [row for row in rows if judged[row.pk].verdict == amending.READY]
    for (source, dataset), group in _grouped(ready).items():
        actor = actors[source]
        entries = _mended(group, dataset, judged, actor.id)
        audit.record_all(action="ingest.row_mended", on=entries, by=actor, reason=reason.strip())
    QuarantinedRow.objects.bulk_update(ready, ["mended", "menders"], batch_size=1_000)
    return [row.pk for row in ready]


def _mended(
    rows: Iterable[QuarantinedRow], dataset: str, judged: Mapping[int, Amended], account: int | None
) -> list[tuple[QuarantinedRow, dict[str, list[str]]]]:
    """Set the mended values of rows of one dataset; return what the trail says of each."""
    fields, personal = catalogue.contract(dataset).fields, catalogue.personal_fields(dataset)
    entries = []
    for row in rows:
        given = {**said(row, fields), **judged[row.pk].values}
        entries.append((row, mending.told(row, given, personal)))
        row.mended = given
        if account is not None and account not in row.menders:
            row.menders = [*row.menders, account]
    return entries


def _grouped(rows: Iterable[QuarantinedRow]) -> dict[tuple[int, str], list[QuarantinedRow]]:
    """Return rows by their source and dataset."""
    found: defaultdict[tuple[int, str], list[QuarantinedRow]] = defaultdict(list)
    for row in rows:
        found[row.run.source_id, row.run.dataset].append(row)
    return found


def amend_and_replay(*, values: Wanted, by: By, reason: str, closed: Closed = nothing) -> Done:
    """Mend many rows and load those again that pass; the others go on waiting as they were."""
    ready = amend(values=values, by=by, reason=reason, closed=closed)
    left = len(values) - len(ready)
    if not ready:
        return Done(left=left)
    done = replay_all(rows=ready, by=by, reason=reason)
    return Done(len(ready), left, done.receipts, done.failures)


def replay_all(*, rows: Iterable[int], by: By, reason: str) -> Done:
    """Load waiting rows of several runs again, a new run for each; many are left to a job.

    What goes wrong with one does not stop the others; its rows wait as before.
    """
    _explained(reason)
    by_run: defaultdict[int, list[int]] = defaultdict(list)
    for old, row in QuarantinedRow.objects.filter(pk__in=list(rows)).values_list("run_id", "pk"):
        by_run[old].append(row)
    done = Done()
    for number, ids in enumerate(by_run.values()):
        try:
            run = mending.taken(sorted(ids), by, reason.strip())
            is_later = number >= AT_ONCE or runs.is_long(run)
            done.receipts.append(mending.later(run) if is_later else mending.at_once(run))
        except HaidangError as error:
            done.failures.append(error.message)
    return done


def _explained(reason: str) -> None:
    if not reason.strip():
        raise IngestError("Cần ghi lý do.")
