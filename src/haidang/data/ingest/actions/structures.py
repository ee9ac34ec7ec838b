"""Holding a run whose file differs from what was agreed, until a person consents or refuses."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.errors import StructureChangedError
from haidang.data.ingest.files import Sheet
from haidang.data.ingest.models import Run, Source, Structure
from haidang.data.ingest.rules import shape, structure
from haidang.data.ingest.rules.chunk import Chunk
from haidang.data.ingest.rules.layout import Layout
from haidang.data.ingest.rules.structure import Difference, Heading
from haidang.data.ingest.rules.values import Rejected
from haidang.foundation.access import api as access
from haidang.foundation.core import audit, events
from haidang.foundation.core.text import fold
from haidang.foundation.notifications import api as notifications

MANAGE = "ingest.manage"


def agreed(source: Source) -> list[Heading]:
    """Return the columns that a source's files were last agreed to have; none before its first."""
    newest = source.structures.order_by("-number").first()
    return [Heading(**one) for one in newest.columns] if newest is not None else []


def watch(run: Run, contract: catalogue.ContractSpec, declared: Layout) -> "Watch":
    """Return what watches over a run's structure. Mended rows come by field: nothing to watch."""
    own = [] if run.channel == Run.Channel.MEND else agreed(run.source)
    return Watch(run, contract, declared, own)


@dataclass
class Watch:
    """Looks at a file's columns before its rows are read; raises where they differ."""

    run: Run
    contract: catalogue.ContractSpec
    declared: Layout
    agreed: list[Heading]
    found: list[Heading] = field(default_factory=list)

    def knows(self, known: Callable[[str], bool]) -> Callable[[str], bool]:
        """Return what knows a heading: by the contract, the mapping, or an agreed structure."""
        own = {fold(one.heading) for one in self.agreed}
        return lambda heading: known(heading) or (bool(heading.strip()) and fold(heading) in own)

    def columns(self, sheet: Sheet, plan: shape.Plan, *, is_table: bool) -> None:
        """Compare the columns. Raises StructureChangedError; UnreadableFileError for a first file
        that lacks a needed column."""
        headings = sheet.headings
        self.found = structure.headings_of(headings, plan)
        missing = shape.lacking(plan, self.contract.fields, self.declared)
        if not self.agreed:
            shape.refuse_lacking(headings, missing)
            return
        lacking = {each.name: each.title for each in missing}
        told = structure.differences(
            self.agreed, self.found, lacking, self.declared, is_table=is_table
        )
        if told and (first := next(sheet.lines, None)) is not None:
            told = structure.with_types(told, headings, first, self.declared.missing)
        self._refuse(told)

    def types(self, chunk: Chunk, rejected: Sequence[Rejected]) -> None:
        """Compare what the first rows hold with their types. Raises StructureChangedError."""
        if self.agreed:
            missing = self.declared.missing
            self._refuse(
                structure.changed_types(self.agreed, self.contract.fields, chunk, rejected, missing)
            )

    def landed(self) -> None:
        """Agree on the columns of a first file, and on known ones that came anew."""
        if self.run.channel == Run.Channel.MEND or not self.found:
            return
        known = {fold(one.heading) for one in self.agreed}
        fresh = [one for one in self.found if fold(one.heading) not in known]
        if not self.agreed or any(one.field for one in fresh):
            actor = audit.Actor(self.run.loaded_by_id, self.run.loaded_by_label)
            reason = "Theo hợp đồng và bản khai cột" if self.agreed else "Tệp nạp đầu tiên"
            keep(self.run, [*self.agreed, *fresh], self.contract.version, actor, reason)

    def _refuse(self, found: list[Difference]) -> None:
        if found:
            raise StructureChangedError(
                differences=[one.as_json() for one in found],
                columns=[asdict(one) for one in self.found],
            )


@transaction.atomic
def keep(
    run: Run, columns: Sequence[Heading], version: int, actor: audit.Actor, reason: str
) -> Structure:
    """Keep the next agreed structure of a run's source."""
    source = Source.objects.select_for_update().get(pk=run.source_id)
    last = source.structures.aggregate(last=Max("number"))["last"] or 0
    return Structure.objects.create(
        source=source,
        number=last + 1,
        columns=[asdict(one) for one in columns],
        contract_version=version,
        run=run,
        reason=reason,
        agreed_by_id=actor.id,
        agreed_label=actor.label,
    )


def hold(run: Run, error: StructureChangedError) -> None:
    """Have a run (locked) wait for a person, and tell the nearest stewards of its source."""
    is_told = run.structure.get("differences") == error.details["differences"]
    run.status = Run.Status.WAITING
    run.structure = {**error.details, "at": timezone.now().isoformat()}
    run.progress = 0
    run.save(update_fields=["status", "structure", "progress"])
    if is_told:
        return
    audit.record(
        action="ingest.structure_changed",
        on=run,
        by=audit.Actor(run.loaded_by_id, run.loaded_by_label),
        changes={"differences": error.details["differences"]},
    )
    events.publish(
        "ingest.structure_changed",
        aggregate=f"source:{run.source.code}",
        run=run.pk,
        source=run.source.code,
        dataset=run.dataset,
    )
    stewards = access.holders(MANAGE, run.source.supplier_id, run.source.sector or None)
    notifications.send(
        to=[one.id for one in stewards if one.unit_id == stewards[0].unit_id],
        kind="ingest.structure_changed",
        title=f"Nguồn “{run.source.title}” đổi cấu trúc",
        body="Tệp mới nhận có cột khác bản đã thống nhất; chưa dòng nào được nạp. "
        "Xem khác biệt rồi đồng ý hoặc từ chối.",
        url=f"/console/sources/runs/{run.pk}/structure/",
        ref=f"ingest.run:{run.pk}",
    )
