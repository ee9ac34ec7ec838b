"""Sources: agreed, changed, made automatic by two persons; devices registered under them."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import queries
from haidang.data.ingest.actions import lateness
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import (
    AlreadyDecidedError,
    IngestError,
    SamePersonError,
    SourceNotFoundError,
)
from haidang.data.ingest.files import delimited, encodings
from haidang.data.ingest.models import Source
from haidang.data.ingest.rules import cycles
from haidang.data.ingest.rules.layout import layout
from haidang.data.ingest.rules.values import SourceRef
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit

_CHANGEABLE = {
    "title",
    "cycle",
    "deadline",
    "max_age_days",
    "mapping",
    "encoding",
    "delimiter",
    "is_life_safety",
    "is_active",
    "is_simulated",
}
USUAL_AGE = 60
"""Days; what devices send by themselves and is older waits until a person has looked."""
OLDEST_AGE = 20_000

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]*")
# Addresses of pages beside those of the sources: no source may hide behind them.
_TAKEN = {
    "new", "describe", "devices", "cameras", "approvals", "runs", "quarantine", "quality",
    "rules", "connections",
}  # fmt: skip


class Terms(TypedDict, total=False):
    """What else may be agreed about a source; the model says what holds where it is left out."""

    cycle: str
    deadline: dt.time
    encoding: str
    delimiter: str
    is_life_safety: bool
    is_simulated: bool
    is_active: bool


@transaction.atomic
def create_source(
    *,
    code: str,
    title: str,
    kind: str,
    dataset: str,
    supplier_unit_id: int,
    by: By,
    sector: str = "",
    mapping: Mapping[str, Any] | None = None,
    max_age_days: int | None = None,
    reason: str = "",
    **terms: Unpack[Terms],
) -> SourceRef:
    """Agree on a source of a defined dataset; its runs need approval until it is automatic.

    Readings older than `max_age_days` wait; 0: however old; None: the usual of its kind.

    A scope must hold "ingest.manage" at the supplier, in the source's sector and the dataset's.
    Raises UnknownDatasetError (also where the scope may not see the dataset), NotAllowedError,
    LayoutError, IngestError.
    """
    kept_in = _sector_of(dataset, by)
    source = Source(
        code=code,
        title=title,
        kind=kind,
        dataset=dataset,
        supplier_id=supplier_unit_id,
        sector=sector or kept_in,
        mapping=dict(mapping or {}),
        **terms,
    )
    source.max_age_days = _age(source, max_age_days)
    actor = allowed(by, "ingest.manage", source)
    if kept_in and isinstance(by, Scope):
        by.require("ingest.manage", supplier_unit_id, kept_in)
    _check(source)
    _check_code(code)
    source.save()
    changes = {"code": code, "dataset": dataset, "kind": kind, "supplier": supplier_unit_id}
    audit.record(
        action="ingest.source_created", on=source, by=actor, changes=changes, reason=reason
    )
    lateness.expect(source=source, now=timezone.now())
    return queries.source_ref(source)


def _check_code(code: str) -> None:
    if not _CODE.fullmatch(code) or code in _TAKEN:
        raise IngestError(
            f"Mã nguồn “{code}” chưa dùng được: viết chữ thường không dấu, số, gạch nối; "
            f"không dùng {', '.join(sorted(_TAKEN))}."
        )
    if Source.objects.filter(code=code).exists():
        raise IngestError(f"Mã nguồn “{code}” đã có.")


@transaction.atomic
def change_source(*, source: str, by: By, reason: str = "", **changes: Any) -> SourceRef:
    """Change what was agreed about a source; what stays the same is not recorded as changed.

    Another layout takes back "automatic".

    Raises SourceNotFoundError, LayoutError, IngestError.
    """
    if unknown := set(changes) - _CHANGEABLE:
        raise IngestError(f"Không đổi được: {', '.join(sorted(unknown))}.")
    found = _locked(source)
    actor = allowed(by, "ingest.manage", found)
    if changes.get("mapping", found.mapping) != found.mapping:
        found.proposed_at = found.proposed_by = found.approved_at = found.approved_by = None
    before = {name: getattr(found, name) for name in changes}
    if "max_age_days" in changes:
        changes["max_age_days"] = _age(found, changes["max_age_days"])
    for name, value in changes.items():
        setattr(found, name, value)
    _check(found)
    found.save()
    new = {
        name: [str(before[name]), str(value)]
        for name, value in changes.items()
        if value != before[name]
    }
    if new:
        audit.record(action="ingest.source_changed", on=found, by=actor, changes=new, reason=reason)
    lateness.expect(source=found, now=timezone.now())
    return queries.source_ref(found)


@transaction.atomic
def propose_automatic(*, source: str, by: By) -> None:
    """Propose that a source's runs need no approval of their own; another person approves."""
    found = _locked(source)
    actor = allowed(by, "ingest.manage", found)
    if found.approved_at is not None:
        raise AlreadyDecidedError("Nguồn này đã được duyệt là nguồn tự động.")
    found.proposed_at, found.proposed_by_id = timezone.now(), actor.id
    found.save(update_fields=["proposed_at", "proposed_by"])
    audit.record(action="ingest.automatic_proposed", on=found, by=actor)


@transaction.atomic
def approve_automatic(*, source: str, by: By) -> None:
    """Approve a proposed source as automatic. Raises SamePersonError for the proposer."""
    found = _locked(source)
    actor = allowed(by, "ingest.approve", found)
    if found.proposed_at is None:
        raise IngestError("Chưa có ai đề nghị duyệt nguồn này là nguồn tự động.")
    if found.approved_at is not None:
        raise AlreadyDecidedError("Nguồn này đã được duyệt là nguồn tự động.")
    if actor.id is not None and actor.id == found.proposed_by_id:
        raise SamePersonError
    found.approved_at, found.approved_by_id = timezone.now(), actor.id
    found.save(update_fields=["approved_at", "approved_by"])
    audit.record(action="ingest.automatic_approved", on=found, by=actor)


@transaction.atomic
def withdraw_automatic(*, source: str, by: By, reason: str) -> None:
    """Have the runs of a source approved one by one again."""
    found = _locked(source)
    actor = allowed(by, "ingest.approve", found)
    found.proposed_at = found.proposed_by = found.approved_at = found.approved_by = None
    found.save(update_fields=["proposed_at", "proposed_by", "approved_at", "approved_by"])
    audit.record(action="ingest.automatic_withdrawn", on=found, by=actor, reason=reason)


def _locked(code: str) -> Source:
    found = Source.objects.select_for_update().filter(code=code).first()
    if found is None:
        raise SourceNotFoundError(f"Không tìm thấy nguồn dữ liệu “{code}”.")
    return found


def _age(source: Source, said: int | None) -> int:
    """Return how many days old a reading may be; without a wish, what devices send is limited."""
    if said is not None:
        return said
    by_itself = source.kind in (Source.Kind.HTTP, Source.Kind.MQTT)
    is_readings = catalogue.contract(source.dataset).kind == "readings"
    return USUAL_AGE if by_itself and is_readings else 0


def _sector_of(dataset: str, by: By) -> str:
    """Return the sector that a dataset is kept in. Raises UnknownDatasetError."""
    spec = catalogue.contract(dataset)
    if isinstance(by, Scope) and dataset not in {one.code for one in catalogue.datasets(by)}:
        raise catalogue.UnknownDatasetError(dataset=dataset)
    return spec.sector or ""


def _check(source: Source) -> None:
    layout(source.mapping)
    if not source.title.strip():
        raise IngestError("Cần ghi tên nguồn.")
    if source.kind not in Source.Kind.values:
        raise IngestError(f"Không có đường vào “{source.kind}”.")
    if not 0 <= source.max_age_days <= OLDEST_AGE:
        raise IngestError(f"Tuổi số đo nhận vào phải từ 0 đến {OLDEST_AGE} ngày.")
    if source.encoding not in encodings.NAMES:
        raise IngestError(f"Không có bảng mã “{source.encoding}”.")
    if source.delimiter and source.delimiter not in delimited.NAMES:
        raise IngestError(f"Không dùng được dấu phân cách “{source.delimiter}”.")
    if source.cycle not in cycles.WORDS:
        raise IngestError(f"Không có chu kỳ “{source.cycle}”.")
