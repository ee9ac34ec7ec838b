"""Defining datasets and changing their contracts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

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
    by: "audit.Actor | Scope",
) -> rules.ContractSpec:
    """Define a dataset, or change its contract: a change makes a new version, audited.

    Defining the same contract again changes nothing. Readings have their own fields. The unit and
    time fields are the first of their type unless named. Raises ContractError with every fault.
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
    row, is_new = _dataset(spec, description, actor)
    current = None if is_new else queries.contract(dataset)
    if current is not None and replace(current, version=0) == replace(spec, title=current.title):
        return current
    return _version(row, replace(spec, version=current.version + 1 if current else 1), actor)


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
    row: models.Dataset, spec: rules.ContractSpec, actor: audit.Actor
) -> rules.ContractSpec:
    made = models.Contract.objects.create(
        dataset=row,
        version=spec.version,
        unit_field=spec.unit_field or "",
        time_field=spec.time_field or "",
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
        changes={"version": spec.version, "fields": list(spec.names)},
    )
    events.publish(
        "catalogue.contract_made",
        aggregate=f"dataset:{row.code}",
        dataset=row.code,
        version=spec.version,
    )
    return spec
