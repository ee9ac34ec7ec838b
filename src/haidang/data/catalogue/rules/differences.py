"""What tells two versions of a contract apart, and whether the newer takes all that the older took.

A change is compatible when every row that kept the old version keeps the new one too, with the
same meaning; anything else breaks what a supplier and the readers of the figures relied on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from haidang.data.catalogue.rules.contract import ContractSpec, FieldSpec, FieldType
from haidang.foundation.core.text import fold

# Types that hold every value of another, so that what is stored can be read as the wider one.
WIDER: frozenset[tuple[FieldType, FieldType]] = frozenset(
    {
        ("integer", "number"),
        ("year", "integer"),
        ("year", "number"),
        ("unit", "string"),
        ("yearmonth", "string"),
    }
)


@dataclass(frozen=True)
class Change:
    """One difference of a field, or of the contract itself (`field` is empty).

    `what` is added, removed, key, type, required, unit_of_measure, codes, minimum, maximum,
    pattern, personal_data, title, unit_field or time_field; before and after are plain text.
    """

    field: str
    title: str
    what: str
    before: str
    after: str
    is_breaking: bool


def differences(old: ContractSpec, new: ContractSpec) -> list[Change]:
    """Return what changed from one version to another, in the order of the fields."""
    before = {field.name: field for field in old.fields}
    after = {field.name: field for field in new.fields}
    found: list[Change] = []
    for field in new.fields:
        found += _added(field) if field.name not in before else _of(before[field.name], field)
    found += [_removed(field) for name, field in before.items() if name not in after]
    for what in ("unit_field", "time_field"):
        was, now = getattr(old, what) or "", getattr(new, what) or ""
        if was != now:
            found.append(Change("", "", what, was, now, is_breaking=True))
    return found


def is_compatible(old: ContractSpec, new: ContractSpec) -> bool:
    """Tell whether every row that kept the old version keeps the new one, meaning the same."""
    return not any(change.is_breaking for change in differences(old, new))


def is_wider(old: FieldType, new: FieldType) -> bool:
    """Tell whether a type holds every value of another."""
    return old == new or (old, new) in WIDER


def _added(field: FieldSpec) -> list[Change]:
    needed = field.required or field.key
    return [Change(field.name, field.title, "added", "", field.type, is_breaking=needed)]


def _removed(field: FieldSpec) -> Change:
    return Change(field.name, field.title, "removed", field.type, "", is_breaking=True)


def _of(old: FieldSpec, new: FieldSpec) -> Iterator[Change]:
    """Yield what changed of one field."""
    for what, before, after, is_breaking in (
        ("key", _yes(old.key), _yes(new.key), True),
        ("type", old.type, new.type, not is_wider(old.type, new.type)),
        ("required", _yes(old.required), _yes(new.required), new.required and not old.key),
        ("unit_of_measure", old.unit_of_measure, new.unit_of_measure, True),
        ("codes", ", ".join(old.codes), ", ".join(new.codes), _fewer(old.codes, new.codes)),
        ("minimum", _number(old.minimum), _number(new.minimum), _raised(old.minimum, new.minimum)),
        ("maximum", _number(old.maximum), _number(new.maximum), _lowered(old.maximum, new.maximum)),
        ("pattern", old.pattern, new.pattern, bool(new.pattern)),
        ("personal_data", old.personal_data, new.personal_data, False),
        ("title", old.title, new.title, False),
    ):
        if before != after:
            yield Change(new.name, new.title, what, before, after, is_breaking)


def _fewer(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """Tell whether a code list refuses, or writes otherwise, what was taken before."""
    if not new:
        return False
    ambiguous = len({fold(code) for code in new}) < len(set(new))
    return not old or not set(old) <= set(new) or ambiguous


def _raised(old: Decimal | None, new: Decimal | None) -> bool:
    return new is not None and (old is None or new > old)


def _lowered(old: Decimal | None, new: Decimal | None) -> bool:
    return new is not None and (old is None or new < old)


def _yes(value: bool) -> str:
    return "có" if value else "không"


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
