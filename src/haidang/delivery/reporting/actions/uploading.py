"""A filled-in workbook becomes the draft of its report; the file itself is kept."""

from datetime import datetime

from django.db import transaction

from haidang.delivery.reporting.actions import sending
from haidang.delivery.reporting.errors import WrongWorkbookError
from haidang.delivery.reporting.files import reading, workbook
from haidang.delivery.reporting.permissions import FILL
from haidang.delivery.reporting.queries import filling, reports
from haidang.delivery.reporting.queries.filling import Draft
from haidang.foundation.access import api as access
from haidang.foundation.core import files


@transaction.atomic
def take_workbook(
    *, report: int, content: bytes, name: str, by: access.Scope, now: datetime
) -> dict[str, str]:
    """Fill the draft from a workbook; return the texts of lines that are no numbers.

    Raises WrongWorkbookError for anything but this report's workbook.
    """
    row = reports.report(report, by, FILL)
    if len(content) > reading.MOST_BYTES:
        raise WrongWorkbookError
    filled = reading.read(content, report_id=row.pk, form=row.form.spec())
    kept = files.store(content, name=name, media_type=workbook.MEDIA_TYPE)
    before = filling.draft(row, by)
    values = {**before.values, **filled.values}
    from_file = {
        code: filling.FILE
        for code, value in filled.values.items()
        if value is not None and value != before.values.get(code)
    }
    draft = Draft(
        values=values,
        sources={**before.sources, **from_file},
        notes={**before.notes, **filled.notes},
        confirmed=before.confirmed - set(from_file),
        file=kept.sha256,
    )
    sending.save(report=report, draft=draft, by=by, now=now)
    return filled.wrong
