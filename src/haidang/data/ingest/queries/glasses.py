"""How a reader sees waiting rows and original files: through the glass of their dataset."""

from collections.abc import Iterable

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.ingest.queries import desk
from haidang.data.protection import api as protection
from haidang.foundation.access.api import Scope

WAY = "quarantine"


def glass(dataset: str, scope: Scope, purpose: str = "") -> protection.Glass:
    """Return how a reader sees a dataset's personal data."""
    contract = catalogue.contract(dataset)
    return protection.glass(dataset, contract.owner_unit_id, contract.sector, scope, purpose)


class Glasses:
    """The glasses of one reader, one per dataset; shows rows of several and notes who saw them."""

    def __init__(self, scope: Scope, purpose: str = "") -> None:
        self.scope, self.purpose = scope, purpose
        self._kept: dict[str, protection.Glass] = {}

    def of(self, dataset: str) -> protection.Glass:
        if dataset not in self._kept:
            self._kept[dataset] = glass(dataset, self.scope, self.purpose)
        return self._kept[dataset]

    def masked(self, dataset: str) -> frozenset[str]:
        """Return the fields of a dataset that this reader may not see, and so not change."""
        return frozenset(self.of(dataset).masked)

    def closed(self, row: QuarantinedRow) -> dict[str, str]:
        """Return what stands in the masked fields of a row, as it would be mended."""
        masked = self.of(row.run.dataset).masked
        if not masked:
            return {}
        fields = catalogue.contract(row.run.dataset).fields
        said = desk.said(row, fields)
        return {name: said.get(name, "") for name in masked}

    def shown(self, rows: Iterable[QuarantinedRow], way: str = WAY) -> list[QuarantinedRow]:
        """Return unsaved looks of the rows, as they may be shown; note what is clear."""
        listed = list(rows)
        counts: dict[str, int] = {}
        for row in listed:
            through = self.of(row.run.dataset)
            counts[row.run.dataset] = counts.get(row.run.dataset, 0) + 1
            row.raw = through.row(row.raw)
            row.mended = None if row.mended is None else through.row(row.mended)
            row.reasons = through.reasons(row.reasons)
        for dataset, count in counts.items():
            through = self.of(dataset)
            through.note(through.clear, count, way)
        return listed

    def told(self) -> protection.Glass | None:
        """Return the glass that a page speaks of: one that masks, else one that shows."""
        found = sorted(self._kept.values(), key=lambda one: (not one.masked, not one.clear))
        return found[0] if found and (found[0].masked or found[0].clear) else None
