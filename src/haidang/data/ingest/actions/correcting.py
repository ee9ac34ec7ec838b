"""A file of waiting rows that somebody corrected: matched row by row with those that wait."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import amending as many
from haidang.data.ingest.files import corrected
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.ingest.queries import listing
from haidang.data.ingest.queries.desk import MEND
from haidang.data.ingest.rules import amending
from haidang.data.ingest.rules.amending import Amended, Sent
from haidang.foundation.access.api import Scope

Known = Mapping[int, QuarantinedRow]


def preview(
    *, content: Iterable[bytes], media: str, by: Scope, closed: many.Closed = many.nothing
) -> list[Amended]:
    """Return what each line of a corrected file would do to the row that it names.

    Raises UnreadableFileError, TooLargeError, SecretFileError.
    """
    sent = corrected.read(content, media)
    known = _known(sent, by)
    faults = {one.number: fault for one, fault in _faults(sent, known)}
    fitting = {one.whole(amending.KEY) or 0: one for one in sent if one.number not in faults}
    fields = {
        code: catalogue.contract(code).fields
        for code in {known[row].run.dataset for row in fitting}
    }
    values = {
        row: amending.values_of(one, fields[known[row].run.dataset]) for row, one in fitting.items()
    }
    judged = many.judge([known[row] for row in fitting], values, closed)
    return [_strange(one, faults[one.number]) for one in sent if one.number in faults] + [
        _numbered(one, fitting[one.row].number) for one in judged
    ]


def _known(sent: Iterable[Sent], by: Scope) -> Known:
    wanted = {row for one in sent if (row := one.whole(amending.KEY))}
    rows = listing.visible_rows(by, MEND).filter(pk__in=wanted)
    return {row.pk: row for row in rows}


def _faults(sent: Iterable[Sent], known: Known) -> Iterable[tuple[Sent, str]]:
    """Yield the lines that no waiting row can be told from, and why."""
    seen: dict[int, int] = {}
    for one in sent:
        key = one.whole(amending.KEY)
        row = known.get(key or 0)
        if fault := one.fault or _fault(one, key, row, seen):
            yield one, fault
        seen.setdefault(key or 0, one.number)


def _fault(one: Sent, key: int | None, row: QuarantinedRow | None, seen: dict[int, int]) -> str:
    if key is None:
        return f"Cột “{amending.KEY}” trống hoặc không phải số."
    if row is None:
        return f"Không có dòng chờ số {key} trong phạm vi của bạn."
    if key in seen:
        return f"Dòng chờ số {key} đã có ở dòng {seen[key]} của tệp."
    for heading, own in ((amending.RUN, row.run_id), (amending.LINE, row.row_no)):
        if heading in one.cells and one.whole(heading) != own:
            return f"“{heading}” là {one.cells[heading]}, của dòng chờ số {key} phải là {own}."
    if row.state != QuarantinedRow.State.OPEN:
        return f"Dòng này đã được xử lý ({row.get_state_display().lower()})."
    return ""


def _strange(one: Sent, fault: str) -> Amended:
    reasons = ({"field": "", "code": "strange", "message": fault},)
    row = one.whole(amending.KEY) or 0
    return Amended(row, 0, 0, "", amending.STRANGE, (), reasons, one.number)


def _numbered(one: Amended, number: int) -> Amended:
    return replace(one, number=number)
