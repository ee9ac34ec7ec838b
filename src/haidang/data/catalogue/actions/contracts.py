"""Defining datasets and changing their contracts."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from haidang.data.catalogue import errors, models, queries, rules
from haidang.foundation.core import audit, events, text

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


@transaction.atomic
def define(
    *,
    dataset: str,
    title: str,
    fields: Sequence[rules.FieldSpec] = (),
    sector: str | None = None,
    owner_unit_id: int | None = None,
    kind: rules.Kind = "table",
    unit_field: str | None = None,
    time_field: str | None = None,
    description: str = "",
    valid_from: date | None = None,
    reason: str = "",
    new_version: bool = False,
    by: "audit.Actor | Scope",
) -> rules.ContractSpec:
    """Define a dataset; with `new_version` also change one that exists. Both are audited.

    A version holds from today, or from a later day. Defining the same contract again changes
    nothing. Readings have their own fields. The unit and time fields are the first of their type
    unless named. Raises ContractError with every fault, DatasetExistsError.
    """
    actor = _allowed(by, owner_unit_id, sector)
    fields = tuple(fields) or (rules.READINGS_FIELDS if kind == "readings" else ())
    if found := rules.faults(dataset, fields):
        raise errors.ContractError(" ".join(found), faults=found)
    spec = rules.ContractSpec(
        dataset=dataset,
        version=0,
        title=text.normal(title),
        fields=fields,
        sector=sector,
        owner_unit_id=owner_unit_id,
        kind=kind,
        unit_field=unit_field or rules.first_of_type(fields, "unit"),
        time_field=time_field or rules.first_of_type(fields, "datetime", "date"),
    )
    if not new_version and (known := _known(spec)):
        return known
    row, is_new = _dataset(spec, description, actor)
    if not is_new and not new_version:  # another defined it in the meantime
        raise errors.DatasetExistsError
    current = None if is_new else queries.newest(dataset)
    if current is not None and replace(current, version=0) == replace(spec, title=current.title):
        return current
    if current is not None and (found := [why for can in _followers if (why := can(spec))]):
        raise errors.ContractError(" ".join(found), faults=found)
    first_day = _first_day(row, None if is_new else valid_from)
    spec = replace(spec, version=current.version + 1 if current else 1)
    return _version(row, spec, actor, first_day, reason.strip())


@transaction.atomic
def revise(
    *,
    dataset: str,
    fields: Sequence[rules.FieldSpec],
    reason: str,
    by: "audit.Actor | Scope",
    valid_from: date | None = None,
    seen: int | None = None,
) -> rules.ContractSpec:
    """Make a new version of a dataset's contract, for a reason; all but its fields stays.

    `seen` is the newest version that the person looked at: ContractError where another came since.
    A scope must hold "catalogue.manage" for the dataset. Raises ContractError, NotAllowedError.
    """
    if not reason.strip():
        raise errors.ContractError("Cần ghi lý do của phiên bản mới.")
    row = models.Dataset.objects.select_for_update().filter(code=dataset).first()
    if row is None:
        raise errors.UnknownDatasetError(dataset=dataset)
    current = queries.newest(dataset)
    if seen is not None and seen != current.version:
        raise errors.ContractError(
            f"Phiên bản {current.version} vừa được ban hành. Tải lại trang rồi xem lại khác biệt."
        )
    if current.kind == "readings":
        raise errors.ContractError("Cấu trúc của dữ liệu quan trắc là cố định.")
    if tuple(fields) == current.fields:
        raise errors.ContractError("Chưa có gì khác với phiên bản hiện hành.")
    said = [text.fold(field.title) for field in fields]
    if twice := [field.title for field in fields if said.count(text.fold(field.title)) > 1]:
        raise errors.ContractError(f"Hai trường cùng tên “{twice[0]}”. Đặt tên khác nhau.")
    names = {field.name for field in fields}
    return define(
        dataset=dataset,
        title=current.title,
        fields=fields,
        sector=current.sector,
        owner_unit_id=current.owner_unit_id,
        unit_field=current.unit_field if current.unit_field in names else None,
        time_field=current.time_field if current.time_field in names else None,
        description=row.description,
        valid_from=valid_from,
        reason=reason,
        new_version=True,
        by=by,
    )


def _known(spec: rules.ContractSpec) -> rules.ContractSpec | None:
    """Return the dataset as it stands, None where there is none. Raises DatasetExistsError."""
    if not models.Dataset.objects.filter(code=spec.dataset).exists():
        return None
    current = queries.newest(spec.dataset)
    if replace(current, version=0) == spec:
        return current
    raise errors.DatasetExistsError(
        f"Mã bộ dữ liệu “{spec.dataset}” đã có ({current.title}, phiên bản {current.version}). "
        "Chọn mã khác, hoặc ban hành phiên bản mới của bộ dữ liệu đó.",
        dataset=spec.dataset,
    )


_followers: list[Callable[[rules.ContractSpec], str]] = []


def follow(can: Callable[[rules.ContractSpec], str]) -> None:
    """Have an upper domain say why what it stores cannot follow a contract; "" where it can."""
    _followers.append(can)


def _first_day(row: models.Dataset, asked: date | None) -> date:
    """Return the first day of a new version: never before today or before the version before."""
    today = timezone.localdate()
    newest = row.contracts.order_by("-version").first()
    earliest = max(today, newest.valid_from) if newest is not None else today
    if asked is not None and asked < earliest:
        raise errors.ContractError(f"Ngày hiệu lực phải từ {earliest:%d/%m/%Y} trở đi.")
    return asked or earliest


def _allowed(
    by: "audit.Actor | Scope", owner_unit_id: int | None, sector: str | None
) -> audit.Actor:
    if isinstance(by, audit.Actor):
        return by
    by.require("catalogue.manage", unit_id=owner_unit_id, sector=sector)
    return by.actor


def _dataset(
    spec: rules.ContractSpec, description: str, actor: audit.Actor
) -> tuple[models.Dataset, bool]:
    values = {
        "title": spec.title,
        "title_folded": text.fold(spec.title),
        "description": description,
        "kind": spec.kind,
        "sector_id": spec.sector,
        "owner_unit_id": spec.owner_unit_id,
    }
    row, is_new = models.Dataset.objects.select_for_update().get_or_create(
        code=spec.dataset, defaults=values
    )
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changes.pop("kind", None):
        raise errors.ContractError("Không đổi được loại của bộ dữ liệu đã có.")
    if changes:
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=[*changes])
    if is_new or changes:
        verb = "defined" if is_new else "described"
        audit.record(action=f"catalogue.dataset_{verb}", on=row, by=actor, changes=changes)
    return row, is_new


def _version(
    row: models.Dataset,
    spec: rules.ContractSpec,
    actor: audit.Actor,
    valid_from: date,
    reason: str,
) -> rules.ContractSpec:
    made = models.Contract.objects.create(
        dataset=row,
        version=spec.version,
        unit_field=spec.unit_field or "",
        time_field=spec.time_field or "",
        valid_from=valid_from,
        reason=reason,
        made_by=actor.label,
    )
    models.Field.objects.bulk_create(
        models.Field(contract=made, position=position, **(vars(field) | {"codes": [*field.codes]}))
        for position, field in enumerate(spec.fields)
    )
    audit.record(
        action="catalogue.contract_made",
        on=made,
        by=actor,
        changes={
            "version": spec.version,
            "fields": list(spec.names),
            "valid_from": valid_from.isoformat(),
        },
        reason=reason,
    )
    events.publish(
        "catalogue.contract_made",
        aggregate=f"dataset:{row.code}",
        dataset=row.code,
        version=spec.version,
    )
    return spec
