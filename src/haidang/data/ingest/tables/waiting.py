"""Waiting rows as the file to correct, and as judged, as somebody may see them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http.response import HttpResponseBase

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.ingest.queries.desk import said
from haidang.data.ingest.queries.glasses import WAY, Glasses
from haidang.data.ingest.rules import amending
from haidang.data.ingest.rules.amending import Amended
from haidang.foundation.core import spreadsheet


def table(kind: str, chosen: Sequence[QuarantinedRow], through: Glasses) -> HttpResponseBase:
    """Return waiting rows of one dataset as the file to correct; what is masked stays so."""
    dataset = chosen[0].run.dataset
    fields = catalogue.contract(dataset).fields
    header = [amending.KEY, amending.RUN, amending.LINE, amending.WHY]
    header += amending.headings(fields).values()
    return spreadsheet.response(kind, f"dong-cho-{dataset}", header, _lines(chosen, through))


def shown(
    judged: Sequence[Amended], through: Glasses, way: str = WAY
) -> list[tuple[Amended, list[dict[str, str]]]]:
    """Return judged rows with why they would wait, as they may be shown; note what is clear."""
    for dataset in {one.dataset for one in judged if one.changes}:
        own = [one for one in judged if one.dataset == dataset and one.changes]
        seen = {change.field for one in own for change in one.changes}
        through.of(dataset).note(seen, len(own), way)
    return [(one, _reasons(one, through)) for one in judged]


def _reasons(one: Amended, through: Glasses) -> list[dict[str, str]]:
    if one.verdict == amending.STRANGE:
        return [dict(reason) for reason in one.reasons]
    return through.of(one.dataset).reasons(one.reasons)


def _lines(chosen: Sequence[QuarantinedRow], through: Glasses) -> Iterator[list[Any]]:
    fields = catalogue.contract(chosen[0].run.dataset).fields
    for row in through.shown(chosen, "export"):
        values = said(row, fields)
        why = " ".join(reason["message"] for reason in row.reasons)
        yield [row.pk, row.run_id, row.row_no, why, *(values.get(one.name, "") for one in fields)]
