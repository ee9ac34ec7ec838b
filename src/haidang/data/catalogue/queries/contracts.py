"""Reading the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from haidang.data.catalogue import errors, kinds, models, rules
from haidang.data.catalogue.queries import impact
from haidang.foundation.core import text

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


@dataclass(frozen=True)
class DatasetRef:
    """A dataset as lists show it."""

    code: str
    title: str
    description: str
    kind: rules.Kind
    sector: str | None
    owner_unit_id: int | None
    version: int


def contract(
    dataset: str, version: int | None = None, *, on: date | None = None
) -> rules.ContractSpec:
    """Return a dataset's contract: a version of it, or the one in force today or on a day.

    Raises UnknownDatasetError.
    """
    found = models.Contract.objects.filter(dataset__code=dataset)
    if version is not None:
        return _only(dataset, found.filter(version=version))
    return _only(dataset, found.filter(valid_from__lte=on or timezone.localdate()))


def newest(dataset: str) -> rules.ContractSpec:
    """Return the newest version of a contract, in force or to come. Raises UnknownDatasetError."""
    return _only(dataset, models.Contract.objects.filter(dataset__code=dataset))


def _only(dataset: str, found: models.ContractQuerySet) -> rules.ContractSpec:
    rows = found.select_related("dataset").prefetch_related("fields").order_by("-version")
    if (row := rows.first()) is None:
        raise errors.UnknownDatasetError(dataset=dataset)
    return spec_of(row)


def datasets(scope: "Scope", *, sector: str | None = None, search: str = "") -> list[DatasetRef]:
    """Return the datasets whose sector and owner the scope may see, by title."""
    return [ref_of(row) for row in visible(scope, sector=sector, search=search)]


def visible(
    scope: "Scope", *, sector: str | None = None, search: str = ""
) -> models.DatasetQuerySet:
    """Return the datasets that the scope may see, with their newest contracts."""
    found = models.Dataset.objects.all()
    sectors = scope.sectors("catalogue.view")
    if sectors is not None:
        found = found.filter(sector__in=sectors)
    if sector:
        found = found.filter(sector=sector)
    if search:
        found = found.filter(title_folded__contains=text.fold(search))
    return found.with_contract(timezone.localdate()).order_by("title", "code")


def visible_one(scope: "Scope", code: str) -> DatasetRef:
    """Return one dataset. Raises UnknownDatasetError also where the scope may not see it."""
    row = visible(scope).filter(code=code).first()
    if row is None:
        raise errors.UnknownDatasetError(dataset=code)
    return ref_of(row)


def subject(code: str, scope: "Scope") -> kinds.Subject | None:
    """Return a dataset as what a difficulty is about; None outside the scope."""
    row = visible(scope).filter(code=code).first()
    if row is None:
        return None
    url = reverse("catalogue:dataset", args=[code])
    return kinds.Subject(row.title, url, row.owner_unit_id or 0, row.sector_id)


def field_subject(code: str, scope: "Scope") -> kinds.Subject | None:
    """Return a field ("quan-trac.value") as a thing; None outside the scope."""
    dataset, _, name = code.partition(".")
    found = subject(dataset, scope)
    if found is None or name not in contract(dataset).names:
        return None
    title = f"{contract(dataset).field(name).title} ({found.title})"
    return kinds.Subject(title, found.url, found.agency_id, found.sector)


def dataset_dependants(
    wanted: Iterable[str], scope: "Scope", note: str = ""
) -> dict[str, impact.Dependant]:
    """Return datasets as what rests on something else; nameless outside the scope."""
    asked = set(wanted)
    rows = visible(scope).filter(code__in=asked) if asked else ()
    titles = {row.code: row.title for row in rows}
    return {
        code: impact.Dependant(
            "dataset", code, titles[code], note, reverse("catalogue:dataset", args=[code])
        )
        if code in titles
        else impact.Dependant("dataset", code)
        for code in sorted(asked)
    }


def personal_fields(dataset: str) -> frozenset[str]:
    """Return the names of the fields that hold, or ever held, personal data."""
    found = models.Field.objects.filter(contract__dataset__code=dataset).exclude(personal_data="")
    return frozenset(found.values_list("name", flat=True))


def personal_classes(dataset: str) -> dict[str, str]:
    """Return the class of each field that holds personal data; the newest version says which."""
    return all_personal_classes(dataset).get(dataset, {})


def all_personal_classes(dataset: str = "") -> dict[str, dict[str, str]]:
    """Return the classes of personal fields of every dataset, or of one."""
    found = models.Field.objects.exclude(personal_data="")
    if dataset:
        found = found.filter(contract__dataset__code=dataset)
    rows = found.order_by("contract__version")
    classes: dict[str, dict[str, str]] = {}
    for code, name, said in rows.values_list("contract__dataset__code", "name", "personal_data"):
        classes.setdefault(code, {})[name] = said
    return classes


@dataclass(frozen=True)
class VersionRef:
    """One version of a contract: since when it holds, who made it, when and why.

    `changes` tells it from the version before; the first version has none.
    """

    version: int
    valid_from: date
    made_at: datetime
    made_by: str
    reason: str
    is_in_force: bool
    changes: tuple[rules.Change, ...] = ()

    @property
    def is_breaking(self) -> bool:
        return any(change.is_breaking for change in self.changes)


def versions(dataset: str) -> list[VersionRef]:
    """Return the versions of a dataset's contract, newest first, in three queries."""
    found = models.Contract.objects.filter(dataset__code=dataset).select_related("dataset")
    rows = list(found.prefetch_related("fields").order_by("version"))
    today = timezone.localdate()
    held = max((row.version for row in rows if row.valid_from <= today), default=0)
    specs = [spec_of(row) for row in rows]
    told = [
        VersionRef(
            row.version,
            row.valid_from,
            row.made_at,
            row.made_by,
            row.reason,
            row.version == held,
            tuple(rules.differences(specs[at - 1], specs[at])) if at else (),
        )
        for at, row in enumerate(rows)
    ]
    return told[::-1]


def ref_of(row: models.Dataset) -> DatasetRef:
    newest: list[models.Contract] = row.newest  # type: ignore[attr-defined]  # prefetched
    return DatasetRef(
        code=row.code,
        title=row.title,
        description=row.description,
        kind=_kind(row.kind),
        sector=row.sector_id,
        owner_unit_id=row.owner_unit_id,
        version=newest[0].version if newest else 0,
    )


def spec_of(row: models.Contract) -> rules.ContractSpec:
    """Return the frozen contract of a row fetched with its dataset and fields."""
    return rules.ContractSpec(
        dataset=row.dataset.code,
        version=row.version,
        title=row.dataset.title,
        fields=tuple(
            _field(field) for field in sorted(row.fields.all(), key=lambda field: field.position)
        ),
        sector=row.dataset.sector_id,
        owner_unit_id=row.dataset.owner_unit_id,
        kind=_kind(row.dataset.kind),
        unit_field=row.unit_field or None,
        time_field=row.time_field or None,
    )


def _kind(text: str) -> rules.Kind:
    return "readings" if text == "readings" else "table"


def _field(row: models.Field) -> rules.FieldSpec:
    return rules.FieldSpec(
        name=row.name,
        title=row.title,
        type=row.type,  # type: ignore[arg-type]  # the choices are the types
        unit_of_measure=row.unit_of_measure,
        required=row.required,
        key=row.key,
        codes=tuple(row.codes),
        minimum=row.minimum,
        maximum=row.maximum,
        pattern=row.pattern,
        personal_data=row.personal_data,
    )
