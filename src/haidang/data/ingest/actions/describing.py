"""A dataset, its contract, its source and its mapping, made in one go from a sample file."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import facts, mapping, processing, sources
from haidang.data.ingest.actions.runs import refuse_secret
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import IngestError, SecretFileError
from haidang.data.ingest.files import peeking, sampling
from haidang.data.ingest.models import Source
from haidang.data.ingest.rules import matching
from haidang.data.ingest.rules.inference import Proposal, Proposed, propose
from haidang.data.ingest.rules.ngsi import MODELS
from haidang.data.ingest.rules.standards import STANDARDS
from haidang.data.ingest.rules.values import SourceRef
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit

_FIXED = (
    "sheet", "records", "unpivot", "missing", "decimal", "timezone", "format", "entity_type",
    "units", "row_number",
)  # fmt: skip


@dataclass(frozen=True)
class Described:
    """What a sample suggests, with its first rows."""

    peek: peeking.Peek
    sheet: str
    encoding: str
    rows: int
    headings: tuple[str, ...]
    proposal: Proposal

    def as_json(self) -> dict[str, Any]:
        """Return plain data that a page can carry."""
        fields = [asdict(one) | {"minimum": _text(one.minimum), "maximum": _text(one.maximum)}
                  for one in self.proposal.fields]  # fmt: skip
        said = {name: getattr(self, name) for name in ("sheet", "encoding", "rows")}
        return said | {
            "peek": self.peek.as_json(),
            "headings": list(self.headings),
            "fields": fields,
            "mapping": self.proposal.mapping,
            "notes": list(self.proposal.notes),
        }


@dataclass(frozen=True)
class Draft:
    """A dataset and its first source as a person wants them; `headings` feed fields by name."""

    dataset: str
    title: str
    fields: Sequence[catalogue.FieldSpec]
    source: str
    source_title: str
    supplier_unit_id: int
    sector: str = ""
    cycle: str = ""
    encoding: str = ""
    mapping: Mapping[str, Any] = field(default_factory=dict)


def look_at(
    *,
    content: Iterable[bytes],
    name: str,
    media: str = "",
    sheet: str = "",
    keep_wide: bool = False,
    by: By,
) -> Described:
    """Return what a sample suggests; the sample is deleted before this returns.

    Raises NotAllowedError, SecretFileError, TooLargeError, UnreadableFileError.
    """
    if isinstance(by, Scope):
        by.require("ingest.manage")
    with tempfile.TemporaryDirectory(prefix="haidang-sample-") as folder:
        path = Path(folder) / "sample"
        mapping.write(path, content)
        _refuse_secret(path, by)
        kind = processing.media_of(media, name)
        sample = sampling.read(path, name, kind, sheet)
    book = facts.unit_book(Source())
    made = propose(
        sample.headings,
        sample.columns,
        sample.plain,
        is_unit=lambda word: book.code(word) is not None,
        keep_wide=keep_wide,
    )
    declared = matching.mapping(
        made.mapping,
        sheet=sample.sheet if sheet or len(sample.peek.leaves) > 1 else "",
        records=sample.records,
    )
    proposal = Proposal(made.fields, declared, (*sample.notes, *made.notes))
    headings = tuple(sample.headings)
    return Described(sample.peek, sample.sheet, sample.encoding, sample.rows, headings, proposal)


def of_model(*, model: str, by: By) -> Described:
    """Return the dataset of a Smart Data Model or another standard; there are no rows to try.

    Raises NotAllowedError, IngestError.
    """
    if isinstance(by, Scope):
        by.require("ingest.manage")
    if model in STANDARDS:
        _title, fields, declared, note = STANDARDS[model]
        return _without_rows(model, fields, declared, note)
    if model not in MODELS:
        raise IngestError(f"Không có mô hình “{model}”. Các mô hình: {', '.join(MODELS)}.")
    found = MODELS[model]
    note = f"Thực thể kiểu {found.code} (Smart Data Models), gửi bằng NGSI-LD."
    return _without_rows(model, found.fields, found.mapping, note)


def _without_rows(
    name: str, fields: tuple[Proposed, ...], declared: dict[str, Any], note: str
) -> Described:
    headings = [one.heading for one in fields]
    peek = peeking.Peek(name, "", "", "", [peeking.Leaf("", [0], [headings], [[]], [1])])
    return Described(peek, "", "", 0, tuple(headings), Proposal(fields, declared, (note,)))


def _refuse_secret(path: Path, by: By) -> None:
    """Record that a secret came, and by whom; nothing of it is kept."""
    try:
        refuse_secret(path)
    except SecretFileError as error:
        actor = by.actor if isinstance(by, Scope) else by
        with transaction.atomic():
            audit.record(
                action="ingest.secret_refused",
                on=Source(title="Tệp mẫu của bộ dữ liệu mới"),
                by=actor,
                changes={"mark": error.mark},
            )
        raise


def mapping_of(
    headings: Sequence[str], proposed: Mapping[str, Any], fed: Mapping[str, str],
    fields: Sequence[catalogue.FieldSpec],
) -> dict[str, Any]:  # fmt: skip
    """Return the mapping under which these headings feed these fields (heading → field)."""
    chosen = [fed.get(heading.strip(), "") for heading in headings]
    parts = {name: proposed[name] for name in _FIXED if name in proposed}
    if parts.get("row_number") not in {one.name for one in fields}:
        parts.pop("row_number", None)
    columns = matching.columns(headings, chosen, fields, {})
    return matching.mapping(parts, columns=columns)


def field_of(one: Proposed) -> catalogue.FieldSpec:
    """Return a proposed field as the catalogue keeps it."""
    said = {name: value for name, value in vars(one).items() if name not in ("heading", "why")}
    return catalogue.FieldSpec(**said)


def try_out(*, draft: Draft, sample: peeking.Peek, by: By) -> mapping.Trial:
    """Check the first rows of the sample under the draft; nothing is made and nothing is kept.

    Raises NotAllowedError, LayoutError, UnreadableFileError, ContractError.
    """
    source = _unsaved(draft)
    allowed(by, "ingest.manage", source)
    return mapping.tried(source, _contract(draft), sample, draft.mapping)


@transaction.atomic
def make(*, draft: Draft, by: By, reason: str) -> SourceRef:
    """Define the dataset and agree on its first source. The supplier owns the dataset.

    Raises NotAllowedError, ContractError, LayoutError, IngestError.
    """
    if not reason.strip():
        raise IngestError("Cần ghi lý do khi tạo bộ dữ liệu.")
    if _exists(draft.dataset):
        raise IngestError(f"Mã bộ dữ liệu “{draft.dataset}” đã có. Chọn mã khác.")
    catalogue.define(
        dataset=draft.dataset,
        title=draft.title,
        fields=draft.fields,
        sector=draft.sector or None,
        owner_unit_id=draft.supplier_unit_id,
        by=by,
    )
    return sources.create_source(
        code=draft.source,
        title=draft.source_title,
        kind=Source.Kind.FILE,
        dataset=draft.dataset,
        supplier_unit_id=draft.supplier_unit_id,
        sector=draft.sector,
        cycle=draft.cycle,
        mapping=draft.mapping,
        encoding=draft.encoding,
        reason=reason,
        by=by,
    )


def _exists(dataset: str) -> bool:
    try:
        catalogue.contract(dataset)
    except catalogue.UnknownDatasetError:
        return False
    return True


def _unsaved(draft: Draft) -> Source:
    return Source(
        code=draft.source,
        dataset=draft.dataset,
        supplier_id=draft.supplier_unit_id,
        sector=draft.sector,
    )


def _contract(draft: Draft) -> catalogue.ContractSpec:
    if not any(one.key for one in draft.fields):
        raise IngestError("Chọn ít nhất một trường khóa để nhận ra dòng trùng.")
    return catalogue.ContractSpec(
        dataset=draft.dataset,
        version=0,
        title=draft.title,
        fields=tuple(draft.fields),
        sector=draft.sector or None,
        owner_unit_id=draft.supplier_unit_id,
        kind="table",
        unit_field=_first(draft.fields, "unit"),
        time_field=_first(draft.fields, "datetime", "date"),
    )


def _first(fields: Sequence[catalogue.FieldSpec], *types: str) -> str | None:
    return next((one.name for one in fields if one.type in types), None)


def _text(limit: object) -> str:
    return "" if limit is None else str(limit)
